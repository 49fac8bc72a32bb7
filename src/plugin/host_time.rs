//! The tempo and the bars of the host's song, as far as they were seen.
//!
//! A host tells where it is in beats and in seconds, and the tempo there. What lies between two such moments
//! is worked out: where one change of tempo explains both it is put where it must have been, else the way
//! between them has the tempo that it takes. The beats that were seen lie where the host has them.

use super::sighting::{Bar, Sighting, TOLERANCE};
use ziyin_score::{
    MAX_TICK, MeterMap, Project, TICKS_PER_QUARTER, Tempo, TempoChange, TempoMap, Tick, TimeSignatureChange,
};

/// Changes of tempo, and of bars, that are kept. A host that has more keeps those that were seen first.
const MOST_CHANGES: usize = 4096;
/// Where hosts have their changes if nothing else is known: on a sixteenth.
const USUAL_GRID: f64 = TICKS_PER_QUARTER as f64 / 4.0;

/// How a song counts its time.
#[derive(Clone, Debug, PartialEq)]
pub struct Time {
    pub tempo: TempoMap,
    pub meter: MeterMap,
}

impl Time {
    pub fn of(song: &Project) -> Self {
        Self { tempo: song.tempo.clone(), meter: song.meter.clone() }
    }
}

/// A moment whose place in seconds is known, and the tempo from there on.
#[derive(Clone, Copy, Debug)]
struct Anchor {
    tick: f64,
    seconds: f64,
    tempo: Tempo,
}

/// What was seen of a host.
#[derive(Default)]
pub struct HostTime {
    /// In order.
    anchors: Vec<Anchor>,
    tempo: Option<TempoMap>,
    bars: Vec<TimeSignatureChange>,
    meter: Option<MeterMap>,
}

impl HostTime {
    /// What was seen of it when the song was given the host's time.
    pub fn of(song: &Project) -> Self {
        let anchor = |change: &TempoChange| Anchor {
            tick: change.tick as f64,
            seconds: song.tempo.seconds(change.tick),
            tempo: change.tempo,
        };
        Self {
            anchors: song.tempo.changes().iter().map(anchor).collect(),
            tempo: Some(song.tempo.clone()),
            bars: song.meter.changes().to_vec(),
            meter: Some(song.meter.clone()),
        }
    }

    /// The host's time; its bars are those of `own` where the host tells of none. Nothing was seen: `None`.
    pub fn time(&self, own: &MeterMap) -> Option<Time> {
        let meter = self.meter.as_ref().unwrap_or(own).clone();
        Some(Time { tempo: self.tempo.clone()?, meter })
    }

    /// Takes in what was seen; gives whether anything is other than it was known.
    pub fn see(&mut self, seen: Sighting) -> bool {
        let tempo = self.see_tempo(&seen);
        let bar = seen.bar.is_some_and(|bar| self.see_bar(bar));
        tempo || bar
    }

    fn see_tempo(&mut self, seen: &Sighting) -> bool {
        let tick = seen.quarters * TICKS_PER_QUARTER as f64;
        let Some(tempo) = Tempo::from_bpm(seen.tempo).filter(|_| tick <= MAX_TICK as f64) else {
            return false;
        };
        if let Some(known) = &self.tempo {
            let expected = known.seconds_between(tick);
            // A change that was worked out may lie a little behind where it is seen.
            let soon = (tick + TOLERANCE / seconds_per_tick(known.tempo_at(tick as Tick))).ceil() as Tick;
            let alike = [tick as Tick, soon].iter().any(|&tick| known.tempo_at(tick) == tempo);
            if alike && (expected - seen.seconds).abs() <= 2.0 * TOLERANCE {
                return false;
            }
        }
        // What was seen behind it may no longer hold, and is seen anew.
        self.anchors.retain(|anchor| anchor.tick < tick);
        if self.anchors.len() >= MOST_CHANGES {
            return false;
        }
        self.anchors.push(Anchor { tick, seconds: seen.seconds, tempo });
        let map = TempoMap::new(changes(&self.anchors)).ok();
        let changed = map.is_some() && map != self.tempo;
        self.tempo = map.or(self.tempo.take());
        changed
    }

    fn see_bar(&mut self, bar: Bar) -> bool {
        let tick = (bar.start * TICKS_PER_QUARTER as f64).round() as Tick;
        if tick > MAX_TICK {
            return false;
        }
        if let Some(known) = &self.meter {
            let before = known.changes().iter().rev().find(|change| change.tick <= tick);
            let begins = before.is_some_and(|before| {
                before.signature == bar.signature && (tick - before.tick) % bar.signature.bar() == 0
            });
            if begins {
                return false;
            }
        }
        self.bars.retain(|change| change.tick < tick);
        if self.bars.is_empty() && tick > 0 {
            self.bars.push(TimeSignatureChange { tick: 0, signature: bar.signature });
        }
        let fits = self.bars.last().is_some_and(|last| {
            last.signature == bar.signature && (tick - last.tick) % bar.signature.bar() == 0
        });
        if !fits && self.bars.len() < MOST_CHANGES {
            self.bars.push(TimeSignatureChange { tick, signature: bar.signature });
        }
        let map = MeterMap::new(self.bars.clone()).ok();
        let changed = map.is_some() && map != self.meter;
        self.meter = map.or(self.meter.take());
        changed
    }
}

fn seconds_per_tick(tempo: Tempo) -> f64 {
    f64::from(tempo.micros()) / 1e6 / TICKS_PER_QUARTER as f64
}

/// The changes of tempo that bring each anchor to its place.
fn changes(anchors: &[Anchor]) -> Vec<TempoChange> {
    let Some(first) = anchors.first() else { return Vec::new() };
    let mut changes = vec![TempoChange { tick: 0, tempo: first.tempo }];
    // The last change, and where it lies in seconds.
    let mut moment = 0.0;
    // Ticks up to which everything is as it was seen.
    let mut settled = 0.0;
    for anchor in anchors {
        let Some(last) = changes.last().copied() else { continue };
        let (pace, next) = (seconds_per_tick(last.tempo), seconds_per_tick(anchor.tempo));
        let at_settled = moment + (settled - last.tick as f64) * pace;
        let (length, lasts) = (anchor.tick - settled, anchor.seconds - at_settled);
        let on_time = (lasts - length * pace).abs() <= TOLERANCE;
        // Where the one change lies that explains both.
        let from_settled = (lasts - length * next) / (pace - next);
        if anchor.tempo != last.tempo && (0.0..=length).contains(&from_settled) {
            let tick = on_grid(settled + from_settled, (next - pace).abs());
            set(&mut changes, &mut moment, tick.clamp(settled, anchor.tick), anchor.tempo);
        } else if on_time {
            let tick = on_grid(anchor.tick, (next - pace).abs());
            set(&mut changes, &mut moment, tick.clamp(settled, anchor.tick), anchor.tempo);
        } else {
            let between = (lasts / length * 1e6 * TICKS_PER_QUARTER as f64).round();
            let between = (0.0..=f64::from(u32::MAX)).contains(&between).then_some(between as u32);
            if let Some(between) = between.and_then(Tempo::from_micros) {
                set(&mut changes, &mut moment, settled, between);
            }
            set(&mut changes, &mut moment, anchor.tick, anchor.tempo);
        }
        settled = anchor.tick;
    }
    changes
}

/// A tick on the usual grid if it is near: no more than the tolerance away in seconds, where a tick lasts so
/// much longer or shorter on one side than on the other.
fn on_grid(tick: f64, difference: f64) -> f64 {
    let near = (tick / USUAL_GRID).round() * USUAL_GRID;
    if (near - tick).abs() * difference <= TOLERANCE / 2.0 && (near - tick).abs() < USUAL_GRID / 4.0 {
        near
    } else {
        tick
    }
}

/// Sets the tempo from a tick on, behind all that is set.
fn set(changes: &mut Vec<TempoChange>, moment: &mut f64, tick: f64, tempo: Tempo) {
    let tick = tick.round() as Tick;
    match changes.last_mut() {
        Some(last) if last.tick >= tick => last.tempo = tempo,
        Some(last) if last.tempo == tempo => {}
        Some(last) => {
            *moment += (tick - last.tick) as f64 * seconds_per_tick(last.tempo);
            changes.push(TempoChange { tick, tempo });
        }
        None => changes.push(TempoChange { tick: 0, tempo }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ziyin_score::TimeSignature;

    /// A song of a host: changes at beats to tempos, seen in buffers of so many seconds.
    fn seen(host: &mut HostTime, map: &TempoMap, from: f64, to: f64, buffer: f64) {
        let mut seconds = from;
        while seconds < to {
            let tick = map.tick_between(seconds);
            let tempo = map.tempo_at(tick.floor() as Tick).bpm();
            host.see(Sighting::new(tick / 960.0, seconds, tempo, None).unwrap());
            seconds += buffer;
        }
    }

    fn map(changes: &[(Tick, f64)]) -> TempoMap {
        let change = |&(tick, bpm)| TempoChange { tick, tempo: Tempo::from_bpm(bpm).unwrap() };
        TempoMap::new(changes.iter().map(change).collect()).unwrap()
    }

    fn known(host: &HostTime) -> TempoMap {
        host.time(&MeterMap::default()).unwrap().tempo
    }

    #[test]
    fn changes_of_tempo_are_found_where_they_are() {
        let song = map(&[(0, 120.0), (3840, 90.0), (7680, 133.0), (9600, 60.0)]);
        for buffer in [0.0007, 0.0116, 0.093] {
            let mut host = HostTime::default();
            seen(&mut host, &song, 0.0, 8.0, buffer);
            assert_eq!(known(&host), song, "in buffers of {buffer} s");
        }
        // One that was leapt over as well.
        let mut host = HostTime::default();
        let song = map(&[(0, 120.0), (3840, 90.0)]);
        seen(&mut host, &song, 0.0, 0.5, 0.01);
        seen(&mut host, &song, 6.0, 6.5, 0.01);
        assert_eq!(known(&host), song);
    }

    #[test]
    fn a_host_that_is_seen_in_its_midst_has_its_beats_where_it_has_them() {
        let song = map(&[(0, 70.0), (1920, 140.0), (3840, 80.0), (5760, 120.0)]);
        let mut host = HostTime::default();
        seen(&mut host, &song, 6.0, 7.0, 0.01);
        for tick in [song.tick(6.0), song.tick(6.5), song.tick(20.0)] {
            let apart = known(&host).seconds(tick) - song.seconds(tick);
            assert!(apart.abs() < 3.0 * TOLERANCE, "{apart} s at {tick}");
        }
        // Once all was seen all is right.
        seen(&mut host, &song, 0.0, 9.0, 0.01);
        for tick in (0..9600).step_by(480) {
            let apart = known(&host).seconds(tick) - song.seconds(tick);
            assert!(apart.abs() < 3.0 * TOLERANCE, "{apart} s at {tick}");
        }
    }

    #[test]
    fn a_tempo_that_is_changed_in_the_host_is_another_from_there_on() {
        let mut host = HostTime::default();
        seen(&mut host, &map(&[(0, 120.0), (3840, 90.0)]), 0.0, 6.0, 0.01);
        let changed = map(&[(0, 120.0), (1920, 60.0)]);
        seen(&mut host, &changed, 0.0, 6.0, 0.01);
        assert_eq!(known(&host), changed);
    }

    #[test]
    fn a_slope_of_tempo_is_followed_and_bounded() {
        let mut host = HostTime::default();
        let (mut seconds, mut quarters) = (0.0, 0.0);
        for i in 0..400 {
            let tempo = 60.0 + i as f64 / 10.0;
            host.see(Sighting::new(quarters, seconds, tempo, None).unwrap());
            let apart = known(&host).seconds_between(quarters * 960.0) - seconds;
            assert!(apart.abs() < 3.0 * TOLERANCE, "{apart} s after {i} buffers");
            seconds += 0.01;
            quarters += 0.01 * tempo / 60.0;
        }
        let last = *host.anchors.last().unwrap();
        let further = |i: usize| Anchor { tick: last.tick + i as f64 / 100.0, ..last };
        host.anchors.extend((1..=MOST_CHANGES - host.anchors.len()).map(further));
        let before = known(&host);
        assert!(!host.see(Sighting::new(quarters + 1.0, seconds, 200.0, None).unwrap()));
        assert_eq!((host.anchors.len(), known(&host)), (MOST_CHANGES, before));
    }

    #[test]
    fn bars_are_those_of_the_host() {
        let mut host = HostTime::default();
        let bar = |start: f64, beats, unit| Bar { start, signature: TimeSignature { beats, unit } };
        let mut see =
            |bar: Bar| host.see(Sighting::new(bar.start, bar.start / 2.0, 120.0, Some(bar)).unwrap());
        assert!(see(bar(0.0, 4, 4)));
        assert!(!see(bar(4.0, 4, 4)) && see(bar(8.0, 3, 4)) && !see(bar(11.0, 3, 4)));
        // A bar that is cut short.
        assert!(see(bar(12.0, 6, 8)));
        let own = MeterMap::default();
        let changes = [(0, 4, 4), (8, 3, 4), (12, 6, 8)].map(|(quarter, beats, unit)| TimeSignatureChange {
            tick: 960 * quarter,
            signature: TimeSignature { beats, unit },
        });
        assert_eq!(host.time(&own).unwrap().meter.changes(), changes);
    }

    #[test]
    fn what_no_song_can_have_is_not_seen() {
        assert_eq!(Sighting::new(-1.0, 0.0, 120.0, None), None);
        assert_eq!(Sighting::new(1.0, f64::NAN, 120.0, None), None);
        assert_eq!(Sighting::new(1.0, 1.0, 0.0, None), None);
        let mut host = HostTime::default();
        assert!(!host.see(Sighting::new(1.0, 1.0, 1e9, None).unwrap()));
        assert!(!host.see(Sighting::new(1e12, 1.0, 120.0, None).unwrap()));
        assert_eq!(host.time(&MeterMap::default()), None);
    }
}
