//! The voices and backing tracks of a song as a mix that can be played.

use std::sync::Arc;

use super::LaneKey;
use super::backing::Backings;
use super::sung::Sung;
use ziyin_playback::{Beat, Lane, RATE, Timeline};
use ziyin_score::{Project, Track};
use ziyin_singing::backing::gains as backing_gains;
use ziyin_singing::mix::{amplitude, pan_gains};
use ziyin_singing::score_voices::VoiceKey;

/// Bars that the metronome clicks on after the end of the song.
const BARS_AFTER: i64 = 32;

#[derive(Default)]
pub(super) struct Mixer {
    /// The lanes of the last mix, in order.
    pub lanes: Vec<LaneKey>,
    pub metronome: bool,
    /// Every beat of the song.
    pub beats: Arc<[Beat]>,
    /// Whether the last mix is no longer what should be heard.
    pub changed: bool,
}

impl Mixer {
    pub fn timeline(&mut self, project: &Project, sung: &mut Sung, backings: &Backings) -> Timeline {
        self.lanes.clear();
        let mut lanes = Vec::new();
        for (key, clips) in sung.clips() {
            self.lanes.push(LaneKey::Voice(key));
            lanes.push(Lane { clips, gains: gains(project, key) });
        }
        let alone = project.tracks.iter().any(|track| track.solo);
        for (i, (backing, clips)) in backings.clips(project).enumerate() {
            let gains = if backing.mute || alone { [0.0; 2] } else { backing_gains(backing) };
            self.lanes.push(LaneKey::Backing(i));
            lanes.push(Lane { clips, gains });
        }
        let beats = if self.metronome { self.beats.clone() } else { Arc::default() };
        Timeline { lanes, beats }
    }
}

/// Whether mute and solo leave a voice to be heard.
pub(super) fn is_heard(project: &Project, key: VoiceKey) -> bool {
    let solo = project.tracks.iter().any(|track| track.solo);
    project.track(key.track).is_some_and(|track| {
        let muted = key.harmony.is_some_and(|i| track.harmonies.get(i).is_none_or(|harmony| harmony.mute));
        !track.mute && !muted && (track.solo || !solo)
    })
}

/// What left and right get of a voice.
fn gains(project: &Project, key: VoiceKey) -> [f32; 2] {
    let level = |track: &Track| match key.harmony {
        None => Some((track.gain_db, track.pan)),
        Some(i) => track.harmonies.get(i).map(|harmony| (track.gain_db + harmony.gain_db, harmony.pan)),
    };
    match project.track(key.track).filter(|_| is_heard(project, key)).and_then(level) {
        Some((gain_db, pan)) => pan_gains(pan).map(|gain| gain * amplitude(gain_db)),
        None => [0.0; 2],
    }
}

/// Every beat from the start of a song to some bars after its end.
pub(super) fn beats(project: &Project) -> Arc<[Beat]> {
    let changes = project.meter.changes();
    let mut beats = Vec::new();
    for (i, change) in changes.iter().enumerate() {
        let (beat, bar) = (change.signature.beat(), change.signature.bar());
        let last = changes.get(i + 1).map_or(project.end() + BARS_AFTER * bar, |next| next.tick);
        let mut tick = change.tick;
        while tick < last {
            let frame = (project.tempo.seconds(tick) * f64::from(RATE)).round() as u64;
            beats.push(Beat { frame, accent: (tick - change.tick) % bar == 0 });
            tick += beat;
        }
    }
    beats.into()
}
