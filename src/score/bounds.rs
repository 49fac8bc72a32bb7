//! How far the numbers of a score may go. A file can hold any number; one of these beyond its
//! bounds is brought to them as the song is read, which nobody hears: a gain of 1000 dB would
//! reach the sound card as no number at all.

use std::collections::HashSet;
use std::ops::RangeInclusive;

use super::{
    Articulation, Curve, CurveKind, CurvePoint, GAINS_DB, NoteId, Notes, Project, ROOMS_S, Track, TrackId,
    Transition, Vibrato,
};

/// The highest id that is read as it is: so many more can follow that none ever runs out.
const HIGHEST_ID: u64 = 1 << 48;

impl CurveKind {
    /// The values that a curve may have, in its unit.
    pub fn bounds(self) -> RangeInclusive<f32> {
        match self {
            Self::Pitch => -12_800.0..=12_800.0,
            Self::Loudness => GAINS_DB,
            Self::Breathiness | Self::Tension => -1.0..=1.0,
            Self::Formant => -24.0..=24.0,
            Self::Mixture => 0.0..=1.0,
        }
    }

    /// The lowest and the highest value that is usual: what a lane shows of the curve.
    pub fn usual(self) -> (f32, f32) {
        match self {
            Self::Pitch => (-200.0, 200.0),
            Self::Loudness => (-24.0, 12.0),
            Self::Breathiness | Self::Tension => (-1.0, 1.0),
            Self::Formant => (-6.0, 6.0),
            Self::Mixture => (0.0, 1.0),
        }
    }

    /// The value that means as much in another curve: usual values stay such, and rest stays rest.
    pub fn converted(self, value: f32, to: Self) -> f32 {
        if self == to {
            return value;
        }
        let (from, usual) = (self.usual(), to.usual());
        let part = if value < 0.0 { value / from.0 } else { value / from.1 };
        bounded(part * if value < 0.0 { usual.0 } else { usual.1 }, to.bounds())
    }
}

impl Vibrato {
    /// How far a pitch may swing to each side, in cents; below 0 it swings downwards first.
    const DEPTHS: RangeInclusive<f32> = -2400.0..=2400.0;
    /// How long one swing may last, in milliseconds.
    const PERIODS: RangeInclusive<f32> = 10.0..=60_000.0;
    /// How long it may take to grow and to die away, in milliseconds.
    const FADES: RangeInclusive<f32> = 0.0..=10_000.0;

    pub(super) fn is_valid(&self) -> bool {
        Self::DEPTHS.contains(&self.depth_cents)
            && Self::PERIODS.contains(&self.period_ms)
            && (0.0..=1.0).contains(&self.onset)
            && Self::FADES.contains(&self.fade_in_ms)
            && Self::FADES.contains(&self.fade_out_ms)
    }

    fn bounded(self) -> Self {
        Self {
            depth_cents: bounded(self.depth_cents, Self::DEPTHS),
            period_ms: bounded(self.period_ms, Self::PERIODS),
            onset: bounded(self.onset, 0.0..=1.0),
            fade_in_ms: bounded(self.fade_in_ms, Self::FADES),
            fade_out_ms: bounded(self.fade_out_ms, Self::FADES),
        }
    }
}

/// The nearest number within bounds; one that is none stays, and the check finds it.
fn bounded(value: f32, bounds: RangeInclusive<f32>) -> f32 {
    value.clamp(*bounds.start(), *bounds.end())
}

/// Brings everything in a song that was just read within its bounds.
pub(super) fn bring_within(project: &mut Project) {
    project.mix_gain_db = bounded(project.mix_gain_db, GAINS_DB);
    project.room_s = bounded(project.room_s, ROOMS_S);
    for backing in &mut project.backings {
        backing.gain_db = bounded(backing.gain_db, GAINS_DB);
        backing.room = bounded(backing.room, 0.0..=1.0);
    }
    for track in &mut project.tracks {
        bring_track_within(track);
    }
    if project.tracks.iter().any(|track| track.id.0 > HIGHEST_ID) {
        let ids: HashSet<TrackId> = project.tracks.iter().map(|track| track.id).collect();
        // Two of one id are left for the check to find.
        if ids.len() == project.tracks.len() {
            project.tracks.iter_mut().zip(1..).for_each(|(track, id)| track.id = TrackId(id));
        }
    }
}

fn bring_track_within(track: &mut Track) {
    track.gain_db = bounded(track.gain_db, GAINS_DB);
    track.folder_gain_db = bounded(track.folder_gain_db, GAINS_DB);
    track.room = bounded(track.room, 0.0..=1.0);
    for harmony in &mut track.harmonies {
        harmony.gain_db = bounded(harmony.gain_db, GAINS_DB);
    }
    for kind in CurveKind::ALL {
        let (curve, bounds) = (track.curves.get_mut(kind), kind.bounds());
        if curve.iter().all(|point| bounds.contains(&point.value)) {
            continue;
        }
        let within = |&CurvePoint { tick, value }: &CurvePoint| CurvePoint {
            tick,
            value: bounded(value, bounds.clone()),
        };
        if let Ok(within) = Curve::new(curve.iter().map(within).collect()) {
            *curve = within;
        }
    }
    let is_off = track.notes.iter().any(|note| {
        note.vibrato.is_some_and(|own| !own.is_valid())
            || note.transition.is_some_and(|own| !own.is_valid())
            || !note.timbre.is_valid()
            || !note.articulations.iter().all(Articulation::is_valid)
    });
    let id_is_far = track.notes.iter().any(|note| note.id.0 > HIGHEST_ID);
    if !is_off && !id_is_far {
        return;
    }
    let ids: HashSet<NoteId> = track.notes.iter().map(|note| note.id).collect();
    let renumbers = id_is_far && ids.len() == track.notes.len();
    let notes = track.notes.iter().zip(1..).map(|(note, number)| {
        let mut note = note.clone();
        note.vibrato = note.vibrato.map(Vibrato::bounded);
        note.transition = note.transition.map(Transition::bounded);
        note.timbre = note.timbre.bounded();
        note.articulations.iter_mut().for_each(|own| *own = own.bounded());
        if renumbers {
            note.id = NoteId(number);
        }
        note
    });
    track.notes = Notes::new(notes.collect());
}
