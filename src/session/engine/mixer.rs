//! The voices and backing tracks of a song as a mix that can be played.

use super::backing::Backings;
use super::sung::Sung;
use ziyin_playback::{BeatRun, Beats, Lane, RATE, Timeline};
use ziyin_score::{Project, TICKS_PER_QUARTER, Track};
use ziyin_singing::backing::gains as backing_gains;
use ziyin_singing::mix::{amplitude, pan_gains};
use ziyin_singing::score_voices::VoiceKey;

/// Names a lane of the mix.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LaneKey {
    Voice(VoiceKey),
    /// A backing track, by its place in the song.
    Backing(usize),
}

/// Bars that the metronome clicks on after the end of the song.
const BARS_AFTER: i64 = 32;

#[derive(Default)]
pub(super) struct Mixer {
    /// The lanes of the last mix, in order.
    pub lanes: Vec<LaneKey>,
    pub metronome: bool,
    /// Every beat of the song.
    pub beats: Beats,
    /// Whether the last mix is no longer what should be heard.
    pub changed: bool,
}

impl Mixer {
    pub fn timeline(&mut self, project: &Project, sung: &mut Sung, backings: &Backings) -> Timeline {
        self.lanes.clear();
        let mut lanes = Vec::new();
        let alone = project.has_solo();
        for (key, clips) in sung.clips() {
            self.lanes.push(LaneKey::Voice(key));
            let room = project.track(key.track).map_or(0.0, |track| track.room);
            lanes.push(Lane { clips, gains: gains(project, key, alone), room });
        }
        for (i, (backing, clips)) in backings.clips(project).enumerate() {
            let gains = match backing.is_heard(alone) {
                true => backing_gains(backing, project.mix_gain_db),
                false => [0.0; 2],
            };
            self.lanes.push(LaneKey::Backing(i));
            lanes.push(Lane { clips, gains, room: backing.room });
        }
        let beats = if self.metronome { self.beats.clone() } else { Beats::default() };
        Timeline { lanes, beats, room_s: project.room_s }
    }
}

/// Whether mute and solo leave a voice to be heard; `alone` if anything that is played has its solo on.
pub(super) fn is_heard(project: &Project, key: VoiceKey, alone: bool) -> bool {
    project.track(key.track).is_some_and(|track| {
        let muted = key.harmony.is_some_and(|i| track.harmonies.get(i).is_none_or(|harmony| harmony.mute));
        !muted && track.is_heard(alone)
    })
}

/// The gain of a voice in dB, with that of the mix, and where it stands, whether it is heard or not.
pub fn level(project: &Project, key: VoiceKey) -> Option<(f32, f32)> {
    let of_track = |track: &Track| match key.harmony {
        None => Some((track.level_db(), track.pan)),
        Some(i) => track.harmonies.get(i).map(|harmony| (track.level_db() + harmony.gain_db, harmony.pan)),
    };
    let (gain_db, pan) = project.track(key.track).and_then(of_track)?;
    Some((gain_db + project.mix_gain_db, pan))
}

/// What left and right get of a voice; nothing where mute or solo silence it. `alone` if anything that is played
/// has its solo on.
pub fn gains(project: &Project, key: VoiceKey, alone: bool) -> [f32; 2] {
    match level(project, key).filter(|_| is_heard(project, key, alone)) {
        Some((gain_db, pan)) => pan_gains(pan).map(|gain| gain * amplitude(gain_db)),
        None => [0.0; 2],
    }
}

/// Every beat from the start of a song to some bars after its end.
pub(super) fn beats(project: &Project) -> Beats {
    let (meters, tempos) = (project.meter.changes(), project.tempo.changes());
    let mut runs = Vec::new();
    let mut tempo = 0;
    for (i, change) in meters.iter().enumerate() {
        let (beat, bar) = (change.signature.beat(), change.signature.bar());
        // A pickup is the end of a bar.
        let missing =
            if i == 0 && project.meter.pickup() > 0 { (bar - project.meter.pickup()) / beat } else { 0 };
        let last = meters.get(i + 1).map_or(project.end() + BARS_AFTER * bar, |next| next.tick);
        let mut tick = change.tick;
        while tick < last {
            while tempos.get(tempo + 1).is_some_and(|next| next.tick <= tick) {
                tempo += 1;
            }
            // As far as this tempo holds, which is beyond the beat itself.
            let end = tempos.get(tempo + 1).map_or(last, |next| next.tick.min(last));
            let count = (end - tick + beat - 1) / beat;
            let seconds = beat as f64 * 60.0 / tempos[tempo].tempo.bpm() / TICKS_PER_QUARTER as f64;
            runs.push(BeatRun {
                frame: project.tempo.seconds(tick) * f64::from(RATE),
                distance: seconds * f64::from(RATE),
                count: count as u64,
                place: (missing + (tick - change.tick) / beat) as u64 % u64::from(change.signature.beats),
                bar: change.signature.beats.into(),
            });
            tick += count * beat;
        }
    }
    runs.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use ziyin_score::{
        MAX_TICK, MeterMap, Note, NoteId, Notes, Tempo, TempoChange, TempoMap, TimeSignature,
        TimeSignatureChange, TrackId,
    };

    #[test]
    fn the_metronome_of_an_endless_song_is_there_at_once_and_keeps_time() {
        let mut track = Track::new(TrackId(1), "a");
        track.notes = Notes::new(vec![Note::new(NoteId(1), MAX_TICK - 10, 10, 60, "a")]);
        let tempo = |tick, bpm| TempoChange { tick, tempo: Tempo::from_bpm(bpm).unwrap() };
        let three = TimeSignature { beats: 3, unit: 8 };
        let meter = |tick, signature| TimeSignatureChange { tick, signature };
        let project = Project {
            tempo: TempoMap::new(vec![tempo(0, 120.0), tempo(1500, 60.0)]).unwrap(),
            meter: MeterMap::new(vec![meter(0, TimeSignature::COMMON), meter(3840, three)]).unwrap(),
            tracks: vec![track],
            ..Project::default()
        };
        let beats = beats(&project);
        let mut at = 0;
        for (tick, accent) in
            [(0, true), (960, false), (1920, false), (2880, false), (3840, true), (4320, false)]
        {
            let frame = (project.tempo.seconds(tick) * f64::from(RATE)).round() as u64;
            assert_eq!(beats.between(at, u64::MAX), Some(ziyin_playback::Beat { frame, accent }), "{tick}");
            at = frame + 1;
        }
        // The first beat that is heavy is that of bar 1.
        let pickup = Project {
            meter: MeterMap::new(vec![meter(0, three), meter(480, three)]).unwrap(),
            ..project.clone()
        };
        let pickup = super::beats(&pickup);
        let (first, next) = (pickup.between(0, u64::MAX).unwrap(), pickup.between(1, u64::MAX).unwrap());
        assert_eq!((first.frame, first.accent, next.accent), (0, false, true));
        let late = (project.tempo.seconds(MAX_TICK) * f64::from(RATE)) as u64;
        let beat = beats.between(late, u64::MAX).unwrap();
        let tick = project.tempo.tick(beat.frame as f64 / f64::from(RATE));
        assert_eq!((tick - 3840) % 480, 0);
    }
}
