//! Formant, breathiness and tension as the host wants them, laid upon the curves of the song. They shape
//! frames that are sung before they are heard, so that what a host automates is learnt as it goes by: the
//! first time it is heard a moment late, and in its place from then on. An offline render waits for it.

use serde::{Deserialize, Serialize};

use super::strips::{RANGES, STRIPS, Shape};
use super::turning::{Shapes, Turned, Way};
use ziyin_playback::RATE;
use ziyin_score::{Curve, CurveKind, CurvePoint, MAX_TICK, Project, TICKS_PER_QUARTER, TempoMap, Tick};

/// What of a track can be turned, in the order of [`Shape`].
pub const KINDS: [CurveKind; 3] = [CurveKind::Formant, CurveKind::Breathiness, CurveKind::Tension];
/// What nobody hears of each: by less nothing is turned.
const TOLERANCES: Shape = [0.02, 0.005, 0.005];
/// By so many ticks a change may lie beside where it was learnt: hosts tell of it at the start of a buffer.
const JITTER: Tick = TICKS_PER_QUARTER / 16;
/// Ticks before a change is heard, so that nothing of it sounds in what was heard already, and ticks that it
/// takes: 5 and 10 ms at 120 quarters a minute.
const LATE: Tick = TICKS_PER_QUARTER / 96;
const WAY: Tick = TICKS_PER_QUARTER / 48;
/// Changes that are learnt of one curve, at most.
const MOST: usize = 1 << 14;

/// How one thing is turned over the song: a value at first, and others from ticks on.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Steps {
    #[serde(default)]
    first: f32,
    #[serde(default)]
    changes: Vec<(Tick, f32)>,
}

impl Steps {
    fn at(&self, tick: Tick) -> f32 {
        let next = self.changes.partition_point(|&(at, _)| at <= tick);
        next.checked_sub(1).map_or(self.first, |last| self.changes[last].1)
    }

    /// Whether it has, or a moment before or after has, about that value.
    fn has_near(&self, tick: Tick, value: f32, tolerance: f32) -> bool {
        let [from, to] = [tick - JITTER, tick + JITTER + 1];
        let [from, to] = [from, to].map(|edge| self.changes.partition_point(|&(at, _)| at < edge));
        let about = self.changes[from..to].iter().map(|&(_, value)| value);
        let values = about.chain([self.at(tick - JITTER), self.at(tick)]);
        let (least, most) = values.fold((f32::INFINITY, f32::NEG_INFINITY), |(a, b), v| (a.min(v), b.max(v)));
        (least - tolerance..=most + tolerance).contains(&value)
    }

    /// Takes in that it has a value at a tick; if that is another than it was, what was learnt of what comes
    /// then is not so any more.
    fn see(&mut self, tick: Tick, value: f32, tolerance: f32) -> bool {
        if self.has_near(tick, value, tolerance) {
            return false;
        }
        self.forget_from(tick);
        let has_room = self.changes.len() < MOST;
        if has_room {
            self.changes.push((tick, value));
        }
        has_room
    }

    /// Takes in that it was turned from the one value to the other only at the end of a stretch.
    fn see_between(&mut self, from: Tick, to: Tick, values: [f32; 2], tolerance: f32) -> bool {
        let [least, most] = [values[0].min(values[1]) - tolerance, values[0].max(values[1]) + tolerance];
        let stray = |&&(at, value): &&(Tick, f32)| {
            (from + JITTER..to - JITTER).contains(&at) && !(least..=most).contains(&value)
        };
        match self.changes.iter().find(stray).map(|&(at, _)| at) {
            Some(at) => {
                self.forget_from(at);
                true
            }
            None => false,
        }
    }

    fn forget_from(&mut self, tick: Tick) {
        self.changes.truncate(self.changes.partition_point(|&(at, _)| at < tick));
    }

    /// Takes in a value where the host stands: of what does not change in the song it is the value
    /// throughout.
    fn stand(&mut self, value: f32, tolerance: f32) -> bool {
        let other = self.changes.is_empty() && (self.first - value).abs() > tolerance;
        if other {
            self.first = value;
        }
        other
    }

    fn is_at_rest(&self) -> bool {
        self.first == 0.0 && self.changes.is_empty()
    }

    /// Whether numbers are such as it has itself.
    fn is_valid(&self, [least, most]: [f32; 2]) -> bool {
        let within = |value: f32| (least..=most).contains(&value);
        let ordered = self.changes.windows(2).all(|pair| pair[0].0 < pair[1].0);
        let placed = self.changes.iter().all(|&(at, value)| (0..=MAX_TICK).contains(&at) && within(value));
        self.changes.len() <= MOST && ordered && placed && within(self.first)
    }

    /// It as the corners of a curve, in order.
    fn corners(&self) -> Vec<(Tick, f32)> {
        let mut corners = vec![(0, self.first)];
        let mut before = self.first;
        for (place, &(tick, value)) in self.changes.iter().enumerate() {
            let (from, mut to) = (tick + LATE, tick + LATE + WAY);
            if let Some(&(next, _)) = self.changes.get(place + 1) {
                to = to.min((next + LATE).max(from + 1));
            }
            corners.extend([(from, before), (to, value)]);
            before = value;
        }
        corners.retain(|&(tick, _)| tick <= MAX_TICK);
        // One change may begin where the one before has ended.
        corners.dedup_by_key(|&mut (tick, _)| tick);
        corners
    }

    /// A curve with this on top.
    fn upon(&self, curve: &Curve, kind: CurveKind) -> Curve {
        if self.is_at_rest() {
            return curve.clone();
        }
        let turned: Vec<CurvePoint> =
            self.corners().into_iter().map(|(tick, value)| CurvePoint { tick, value }).collect();
        Curve::new(turned).map_or_else(|_| curve.clone(), |turned| curve.plus(&turned, kind))
    }
}

/// What is known of all that the host turns, by the places of the tracks.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Shaping {
    steps: [[Steps; 3]; STRIPS],
    /// Where what was seen last was, and how it was turned there.
    last: Option<(Tick, Shapes)>,
}

/// What is known of one of them, to be kept.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Kept {
    track: usize,
    kind: CurveKind,
    steps: Steps,
}

impl Shaping {
    /// Takes in what was seen; gives whether anything is another than was known.
    pub fn see(&mut self, turned: &Turned, tempo: &TempoMap) -> bool {
        let tick = tempo.tick(turned.sample as f64 / f64::from(RATE)).clamp(0, MAX_TICK);
        let last = self.last.filter(|_| turned.way == Way::Played);
        self.last = (turned.way != Way::Stands).then_some((tick, turned.shapes));
        let mut other = false;
        for (place, (steps, shape)) in self.steps.iter_mut().zip(turned.shapes).enumerate() {
            for (kind, (steps, (value, tolerance))) in
                steps.iter_mut().zip(shape.into_iter().zip(TOLERANCES)).enumerate()
            {
                if turned.way == Way::Stands {
                    other |= steps.stand(value, tolerance);
                    continue;
                }
                if let Some((from, before)) = last {
                    let values = [before[place][kind], value];
                    other |= steps.see_between(from, tick, values, tolerance);
                }
                other |= steps.see(tick, value, tolerance);
            }
        }
        other
    }

    /// Whether something changes in the course of the song.
    pub fn has_changes(&self) -> bool {
        self.steps.iter().flatten().any(|steps| !steps.changes.is_empty())
    }

    /// The song as it is to be sung.
    pub fn shaped(&self, song: &Project) -> Project {
        let mut song = song.clone();
        for (track, steps) in song.tracks.iter_mut().zip(&self.steps) {
            for (steps, kind) in steps.iter().zip(KINDS) {
                let curve = track.curves.get_mut(kind);
                *curve = steps.upon(curve, kind);
            }
        }
        song
    }

    /// What the host is to keep of it.
    pub fn kept(&self) -> Vec<Kept> {
        let all = self.steps.iter().enumerate().flat_map(|(track, steps)| {
            steps.iter().zip(KINDS).map(move |(steps, kind)| (track, kind, steps))
        });
        let known = all.filter(|(_, _, steps)| !steps.is_at_rest());
        known.map(|(track, kind, steps)| Kept { track, kind, steps: steps.clone() }).collect()
    }

    /// What was kept; nothing if it is not such as is kept.
    pub fn of(kept: Vec<Kept>) -> Option<Self> {
        let mut shaping = Self::default();
        for Kept { track, kind, steps } in kept {
            let place = KINDS.iter().position(|&known| known == kind)?;
            if !steps.is_valid(RANGES[place]) {
                return None;
            }
            *shaping.steps.get_mut(track)?.get_mut(place)? = steps;
        }
        Some(shaping)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ziyin_score::{Track, TrackId};

    /// Samples of a tick at 120 quarters a minute.
    fn samples(tick: Tick) -> u64 {
        (tick as f64 / 1920.0 * f64::from(RATE)).ceil() as u64
    }

    fn turned(tick: Tick, formant: f32, way: Way) -> Turned {
        let mut shapes = Shapes::default();
        shapes[1][0] = formant;
        Turned { sample: samples(tick), shapes, way }
    }

    /// Whether each of these told something new.
    fn see(shaping: &mut Shaping, all: &[(Tick, f32, Way)]) -> Vec<bool> {
        let tempo = TempoMap::default();
        all.iter().map(|&(tick, value, way)| shaping.see(&turned(tick, value, way), &tempo)).collect()
    }

    fn formant(shaping: &Shaping) -> &[(Tick, f32)] {
        &shaping.steps[1][0].changes
    }

    #[test]
    fn what_was_learnt_is_known_the_second_time_whatever_the_buffers() {
        let mut shaping = Shaping::default();
        let ramp = |phase: Tick| -> Vec<(Tick, f32, Way)> {
            let way = |i: Tick| if i == 0 { Way::Leapt } else { Way::Played };
            let value = |tick: Tick| (tick.clamp(960, 1920) - 960) as f32 / 960.0 * 6.0;
            (0..100).map(|i| (i, phase + 22 * i)).map(|(i, tick)| (tick, value(tick), way(i))).collect()
        };
        assert!(see(&mut shaping, &ramp(0)).contains(&true));
        let learnt = shaping.clone();
        for phase in [0, 7, 15] {
            assert!(!see(&mut shaping, &ramp(phase)).contains(&true), "{phase}");
        }
        assert_eq!(learnt.steps, shaping.steps);
        // The curve is never ahead of the host, and comes to where it is.
        let curve = shaping.steps[1][0].upon(&Curve::default(), CurveKind::Formant);
        assert_eq!((curve.at(960.0), curve.at(1000.0) < 0.25, curve.at(3000.0)), (0.0, true, 6.0));
    }

    #[test]
    fn what_is_turned_otherwise_is_learnt_anew_from_there() {
        let mut shaping = Shaping::default();
        use Way::{Leapt, Played, Stands};
        // Where the host stands it is the value throughout, as long as nothing changes in the song.
        assert_eq!(see(&mut shaping, &[(500, 2.0, Stands), (0, 2.0, Leapt)]), [true, false]);
        assert_eq!(see(&mut shaping, &[(960, 3.0, Played), (1920, 4.0, Played)]), [true, true]);
        assert_eq!(see(&mut shaping, &[(500, 9.0, Stands)]), [false]);
        assert_eq!(formant(&shaping), [(960, 3.0), (1920, 4.0)]);
        // A change that does not come any more.
        assert_eq!(see(&mut shaping, &[(0, 2.0, Leapt), (1500, 2.0, Played)]), [false, true]);
        assert_eq!(formant(&shaping), []);
        // Nothing is known of what was leapt over.
        see(&mut shaping, &[(0, 2.0, Leapt), (960, 5.0, Played)]);
        assert_eq!(see(&mut shaping, &[(0, 2.0, Leapt), (1500, 5.0, Leapt)]), [false, false]);
        assert_eq!(formant(&shaping), [(960, 5.0)]);
        assert_eq!(see(&mut shaping, &[(200, 7.0, Leapt)]), [true]);
        assert_eq!(formant(&shaping), [(200, 7.0)]);
    }

    #[test]
    fn it_lies_upon_what_is_drawn_and_is_kept() {
        let mut shaping = Shaping::default();
        see(&mut shaping, &[(0, 0.0, Way::Leapt), (960, 12.0, Way::Played), (9600, -1.0, Way::Played)]);
        let drawn = Curve::new(vec![CurvePoint { tick: 480, value: 20.0 }]).unwrap();
        let mut song = Project {
            tracks: (1..4).map(|id| Track::new(TrackId(id), "voice")).collect(),
            ..Project::default()
        };
        song.tracks[1].curves.formant = drawn;
        let shaped = shaping.shaped(&song);
        let curve = &shaped.tracks[1].curves.formant;
        let at = |tick: Tick| curve.at(tick as f64);
        assert_eq!([at(0), at(960 + LATE), at(5000), at(20_000)], [20.0, 20.0, 24.0, 19.0]);
        assert!(shaped.check().is_ok() && shaped.tracks[0] == song.tracks[0]);
        let text = serde_json::to_string(&shaping.kept()).unwrap();
        let read = Shaping::of(serde_json::from_str(&text).unwrap()).unwrap();
        assert_eq!(read.steps, shaping.steps);
        for wrong in [
            r#"[{"track":16,"kind":"formant","steps":{}}]"#,
            r#"[{"track":0,"kind":"pitch","steps":{}}]"#,
            r#"[{"track":0,"kind":"tension","steps":{"first":1.5}}]"#,
            r#"[{"track":0,"kind":"tension","steps":{"changes":[[9,0.1],[9,0.2]]}}]"#,
            r#"[{"track":0,"kind":"tension","steps":{"changes":[[-9,0.1]]}}]"#,
        ] {
            assert!(Shaping::of(serde_json::from_str(wrong).unwrap()).is_none(), "{wrong}");
        }
    }

    #[test]
    fn no_host_fills_the_memory_with_it() {
        let mut shaping = Shaping::default();
        let tempo = TempoMap::default();
        shaping.see(&turned(0, 0.0, Way::Leapt), &tempo);
        for i in 1..(MOST as Tick + 100) {
            shaping.see(&turned(JITTER * 3 * i, (i % 2) as f32, Way::Played), &tempo);
        }
        assert_eq!(formant(&shaping).len(), MOST);
        let curve = shaping.steps[1][0].upon(&Curve::default(), CurveKind::Formant);
        assert!(curve.len() > MOST);
    }
}
