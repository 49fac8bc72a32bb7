//! Recorded audio that a song of another program plays along with.

use std::path::{Path, absolute};
use ziyin_message::message;

use super::Report;
use ziyin_score::{Backing, GAINS_DB, TempoMap, Tick};

/// Recordings that are kept; real songs have a handful.
const MOST: usize = 64;
/// Microseconds in a day, the furthest that a recording is moved.
const DAY_US: f64 = 86_400e6;

/// A recording as a file has it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Recording {
    /// Where the audio lies, from the folder of the song if it is relative.
    pub path: String,
    /// Where it is heard from, in ticks of the song.
    pub tick: Tick,
    /// Milliseconds at its beginning that are not heard.
    pub skipped_ms: f64,
    pub gain_db: f64,
    pub pan: f64,
    pub mute: bool,
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
        // Windows parts folders with another sign.
        let other = folder.map(|folder| folder.join(recording.path.replace('\\', "/")));
        let there = std::iter::once(path).chain(other).find(|path| path.is_file());
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
