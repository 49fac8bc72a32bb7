//! Folders whose name or suffix tells another pitch than they were sung at.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use rayon::prelude::*;

use super::Token;
use super::analysed::read_wav;
use ziyin_signal::{median_pitch, midi_pitch};

/// Recordings that are heard of a folder whose first contradicts its label.
const HEARD: usize = 9;
/// Semitones within which recordings of one pitch lie.
const NEAR: f32 = 1.0;

/// A folder that is sung at another pitch than it says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Relabelled {
    pub folder: PathBuf,
    /// MIDI pitches.
    pub said: u8,
    pub heard: u8,
}

/// Listens whether folders are sung at the pitch that they are labelled with. Where most
/// recordings agree on another, their tokens get that one. A single recording that agrees
/// with the label is enough to trust it.
pub fn settle_folder_pitches(tokens: &mut [Token]) -> Vec<Relabelled> {
    let mut folders: BTreeMap<PathBuf, (u8, Vec<PathBuf>)> = BTreeMap::new();
    for token in tokens.iter() {
        if let (Some(said), Some(folder)) = (token.folder_pitch, token.wav.parent()) {
            let (_, files) = folders.entry(folder.to_path_buf()).or_insert_with(|| (said, Vec::new()));
            if files.last() != Some(&token.wav) {
                files.push(token.wav.clone());
            }
        }
    }
    let relabelled: Vec<Relabelled> = folders
        .into_par_iter()
        .filter_map(|(folder, (said, files))| {
            let first = sung_at(&files[files.len() / 2])?;
            if (first - f32::from(said)).abs() <= NEAR {
                return None;
            }
            let chosen = (0..HEARD.min(files.len())).map(|i| i * files.len() / HEARD.min(files.len()));
            let mut pitches: Vec<f32> = chosen.filter_map(|i| sung_at(&files[i])).collect();
            pitches.sort_by(f32::total_cmp);
            let middle = *pitches.get(pitches.len() / 2)?;
            let agree = pitches.iter().filter(|pitch| (**pitch - middle).abs() <= NEAR).count();
            let heard = middle.round().clamp(0.0, 127.0) as u8;
            (agree * 2 > pitches.len() && (middle - f32::from(said)).abs() > NEAR).then_some(Relabelled {
                folder,
                said,
                heard,
            })
        })
        .collect();
    for token in tokens {
        let of_folder = |folder: &&Relabelled| token.wav.parent() == Some(folder.folder.as_path());
        if let Some(folder) = relabelled.iter().find(of_folder) {
            token.folder_pitch = Some(folder.heard);
        }
    }
    relabelled
}

/// The median MIDI pitch of a recording, if it can be read and has one.
fn sung_at(wav: &Path) -> Option<f32> {
    let (samples, _) = read_wav(wav).ok()?;
    median_pitch(&samples, 70.0, 1100.0).map(midi_pitch)
}
