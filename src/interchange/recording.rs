//! Recorded audio that a song of another program plays along with.

use std::path::{Path, PathBuf, absolute};

use unicode_normalization::UnicodeNormalization;
use ziyin_message::message;

use super::Report;
use ziyin_score::{Backing, GAINS_DB, TempoMap, Tick};

/// Recordings that are kept; real songs have a handful.
const MOST: usize = 64;
/// Names in a folder that are looked at for one that is written another way.
const MOST_NAMES: usize = 10_000;
/// Microseconds in a day, the furthest that a recording is moved.
const DAY_US: f64 = 86_400e6;

/// A recording as a file has it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Recording {
    /// Where the audio lies, from the folder of the song if it is relative.
    pub path: String,
    /// Where it is heard from, in ticks of the song.
    pub tick: Tick,
    /// Milliseconds at its beginning that are not heard; below 0, of silence before it.
    pub skipped_ms: f64,
    pub gain_db: f64,
    pub pan: f64,
    pub mute: bool,
}

/// The file, however its name and those of its folders are written on this disk: songs come from
/// systems where capitals do not count, and where が is か with a mark.
fn found_file(path: &Path) -> Option<PathBuf> {
    if path.is_file() {
        return Some(path.into());
    }
    let mut found = PathBuf::new();
    for step in path.components() {
        let next = found.join(step);
        if next.exists() {
            found = next;
            continue;
        }
        let wanted = composed(&step.as_os_str().to_string_lossy());
        let names = std::fs::read_dir(&found).ok()?.take(MOST_NAMES).flatten().map(|entry| entry.file_name());
        let mut folded = None;
        let exact = names.into_iter().find(|name| {
            let name_here = composed(&name.to_string_lossy());
            if name_here.to_lowercase() == wanted.to_lowercase() {
                folded.get_or_insert_with(|| name.clone());
            }
            name_here == wanted
        });
        found.push(exact.or(folded)?);
    }
    found.is_file().then_some(found)
}

fn composed(name: &str) -> String {
    name.nfc().collect()
}

/// The recordings whose files are there, as backing audio. `folder` is that of the song.
pub fn backings(
    recordings: &[Recording],
    folder: Option<&Path>,
    tempo: &TempoMap,
    report: &mut Report,
) -> Vec<Backing> {
    let (mut found, mut missing) = (Vec::new(), 0);
    for recording in recordings.iter().take(MOST) {
        let written = Path::new(&recording.path);
        let path = folder.map_or_else(|| written.to_path_buf(), |folder| folder.join(written));
        // Windows parts folders with another sign; and what lay elsewhere there may lie beside the song here.
        let parted = recording.path.replace('\\', "/");
        let beside = parted.rsplit('/').next().filter(|name| !name.is_empty());
        let names = std::iter::once(parted.as_str()).chain(beside);
        let others = folder.into_iter().flat_map(|folder| names.clone().map(|name| folder.join(name)));
        let there = std::iter::once(path).chain(others).find_map(|path| found_file(&path));
        let Some(path) = there.and_then(|path| absolute(path).ok()) else {
            missing += 1;
            continue;
        };
        let offset = 1e6 * tempo.seconds(recording.tick) - 1e3 * recording.skipped_ms;
        let number = |value: f64, low: f32, high: f32| {
            if value.is_finite() { (value as f32).clamp(low, high) } else { 0.0 }
        };
        found.push(Backing {
            gain_db: number(recording.gain_db, *GAINS_DB.start(), *GAINS_DB.end()),
            pan: number(recording.pan, -1.0, 1.0),
            offset_us: offset.clamp(-DAY_US, DAY_US) as i64,
            mute: recording.mute,
            ..Backing::new(path.to_string_lossy())
        });
    }
    missing += recordings.len().saturating_sub(MOST);
    if missing > 0 {
        report.warn(None, None, message!("warning.audio-gone", count = missing));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn audio_is_found_however_its_name_is_written_on_this_disk() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("Audio")).unwrap();
        // が as か with a mark.
        for name in ["Audio/か\u{3099}.WAV", "Audio/b.wav", "Audio/B.wav"] {
            std::fs::write(folder.path().join(name), "").unwrap();
        }
        std::fs::write(folder.path().join("beside.wav"), "").unwrap();
        let names = [
            "audio\\が.wav",
            "AUDIO/B.wav",
            "audio/b.WAV",
            "audio/c.wav",
            "C:\\Songs\\Beside.wav",
            "/nowhere/beside.wav",
        ];
        let recordings = names.map(|path| Recording { path: path.into(), ..Recording::default() });
        let mut report = Report::default();
        let found = backings(&recordings, Some(folder.path()), &TempoMap::default(), &mut report);
        let ends: Vec<&str> = found
            .iter()
            .filter_map(|backing| backing.path.rsplit_once("Audio/").map(|(_, name)| name))
            .collect();
        assert_eq!((ends[0], ends[1], ends.len()), ("か\u{3099}.WAV", "B.wav", 3));
        assert!(found[3..].iter().all(|backing| backing.path.ends_with("/beside.wav")) && found.len() == 5);
        assert_eq!(report.warnings.len(), 1);
    }
}
