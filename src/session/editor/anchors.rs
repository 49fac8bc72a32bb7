//! Anchors of a curve: it goes from one to the next in a bow that is level at both, or on another way of that
//! kind, and beside the first and the last it comes to rest as it does beside a stroke of a pen.
//!
//! An anchor is nothing beside the curve: where the curve has two points at neighbouring ticks and at one value,
//! there is one, and the way to the next is told from the points between them. So they go wherever their curve
//! goes, and are gone where something else is drawn.

use super::carry::BLEND;
use super::document::Editor;
use super::stroke::Stroke;
use ziyin_score::{
    Command, Curve, CurveCommand, CurveKind, CurvePiece, CurvePoint, EditError, MAX_TICK, Overlay,
    TICKS_PER_QUARTER, TempoMap, Tick,
};

/// Ticks between the two points of an anchor: one as it is set, a few more where it was stretched.
const WIDEST: Tick = 4;
/// Straight parts of a bow.
const PARTS: Tick = 8;
/// Anchors that lie further from each other are not joined.
const FARTHEST: Tick = 4 * TICKS_PER_QUARTER;
/// By which part of its rise a bow may be off: ticks are whole.
const TOLERANCE: f32 = 0.06;

/// The anchors of a curve, in order.
pub fn anchors(curve: &Curve) -> Vec<CurvePoint> {
    let pairs = curve.windows(2).enumerate();
    let is_pair =
        |pair: &[CurvePoint]| pair[0].value == pair[1].value && pair[1].tick - pair[0].tick <= WIDEST;
    let mut anchors = Vec::new();
    let mut free_from = 0;
    for (place, pair) in pairs {
        if place >= free_from && is_pair(pair) {
            anchors.push(pair[0]);
            free_from = place + 2;
        }
    }
    anchors
}

/// How a curve goes from an anchor to the next.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Way {
    /// Level at both.
    #[default]
    Bow,
    Straight,
    /// Steep at first, and level at the second.
    Early,
    /// Level at the first, and steep at last.
    Late,
}

impl Way {
    pub const ALL: [Way; 4] = [Self::Bow, Self::Straight, Self::Early, Self::Late];

    /// How far it has come, from 0 to 1, at a part of its length.
    fn at(self, part: f32) -> f32 {
        match self {
            Self::Bow => part * part * (3.0 - 2.0 * part),
            Self::Straight => part,
            Self::Early => 1.0 - (1.0 - part) * (1.0 - part),
            Self::Late => part * part,
        }
    }

    /// The one behind it, and behind the last the first.
    pub fn next(self) -> Self {
        let place = Self::ALL.iter().position(|way| *way == self).unwrap_or(0);
        Self::ALL[(place + 1) % Self::ALL.len()]
    }
}

/// An anchor with the way to the next, if it is joined to that.
#[derive(Clone, Copy, Debug)]
struct Anchor {
    point: CurvePoint,
    way: Way,
}

/// The way from one anchor to the next, if the curve goes on one.
fn way(curve: &Curve, from: CurvePoint, to: CurvePoint) -> Option<Way> {
    let (length, rise) = ((to.tick - from.tick) as f32, to.value - from.value);
    let inside = curve.partition_point(|point| point.tick <= from.tick + WIDEST);
    let after = curve.partition_point(|point| point.tick < to.tick).max(inside);
    // Where nothing lies between them nobody drew a way.
    if after == inside && length > (2 * PARTS) as f32 {
        return None;
    }
    let between = &curve[inside..after];
    let is_on = |way: &Way| {
        between.iter().all(|point| {
            let part = (point.tick - from.tick) as f32 / length;
            (point.value - from.value - rise * way.at(part)).abs() <= TOLERANCE * rise.abs() + 1e-4
        })
    };
    Way::ALL.into_iter().find(is_on)
}

/// The places of all anchors that are joined to one, in order.
fn chain(curve: &Curve, all: &[CurvePoint], place: usize) -> std::ops::Range<usize> {
    let (mut first, mut last) = (place, place);
    while first > 0 && way(curve, all[first - 1], all[first]).is_some() {
        first -= 1;
    }
    while last + 1 < all.len() && way(curve, all[last], all[last + 1]).is_some() {
        last += 1;
    }
    first..last + 1
}

/// Anchors that are joined, with the ways between them.
fn joined(curve: &Curve, chain: &[CurvePoint]) -> Vec<Anchor> {
    let of = |(place, &point): (usize, &CurvePoint)| {
        let next = chain.get(place + 1).and_then(|next| way(curve, point, *next));
        Anchor { point, way: next.unwrap_or_default() }
    };
    chain.iter().enumerate().map(of).collect()
}

/// How long the curve takes to come to rest beside a tick, at most.
fn beside(tick: Tick, tempo: &TempoMap) -> Tick {
    (tempo.tick(tempo.seconds(tick) + Stroke::BLEND) - tick).max(1)
}

/// A curve without the anchors of a chain and what lies between them.
fn without(curve: &Curve, chain: &[Anchor], tempo: &TempoMap) -> Curve {
    let (Some(first), Some(last)) = (chain.first(), chain.last()) else { return curve.clone() };
    let (first, last) = (first.point, last.point);
    let from = (first.tick - beside(first.tick, tempo)).max(0);
    let to = (last.tick + WIDEST + beside(last.tick, tempo) + 1).min(MAX_TICK);
    let ends = (if from > 0 { curve.at((from - 1) as f64) } else { 0.0 }, curve.at(to as f64));
    let mut overlay = Overlay::default();
    overlay.lay(from, &CurvePiece::rest(to - from, ends, BLEND));
    curve.with(&overlay)
}

/// The anchors of a chain with the ways between them.
fn drawn(chain: &[Anchor]) -> Vec<CurvePoint> {
    let mut points: Vec<CurvePoint> = Vec::new();
    for (place, Anchor { point, way }) in chain.iter().enumerate() {
        points.extend([*point, CurvePoint { tick: point.tick + 1, ..*point }]);
        let Some(next) = chain.get(place + 1).map(|next| next.point) else { continue };
        let (from, length) = (point.tick + 1, next.tick - point.tick - 1);
        for part in 1..PARTS {
            let tick = from + length * part / PARTS;
            if points.last().is_some_and(|last| last.tick < tick) && tick < next.tick {
                let on = way.at((tick - point.tick) as f32 / (next.tick - point.tick) as f32);
                points.push(CurvePoint { tick, value: point.value + on * (next.value - point.value) });
            }
        }
    }
    points
}

/// A curve with an anchor at `to`, in the place of the one at the tick `old`, if one is named; without it where
/// there is no `to`.
fn moved(
    curve: &Curve,
    kind: CurveKind,
    (old, to): (Option<Tick>, Option<CurvePoint>),
    tempo: &TempoMap,
) -> Curve {
    let mut curve = curve.clone();
    let mut chain_now: Vec<Anchor> = Vec::new();
    let mut own_way = None;
    let all = anchors(&curve);
    if let Some(place) = old.and_then(|old| all.iter().position(|anchor| anchor.tick == old)) {
        let own = chain(&curve, &all, place);
        chain_now = joined(&curve, &all[own.clone()]);
        curve = without(&curve, &chain_now, tempo);
        let gone = chain_now.remove(place - own.start);
        own_way = Some(gone.way);
    }
    if let Some(to) = to {
        let all = anchors(&curve);
        // What it comes to lie in, or between, if nothing else is drawn there.
        let next = all.partition_point(|anchor| anchor.tick < to.tick);
        let near = [next.checked_sub(1), Some(next)];
        for place in near.into_iter().flatten() {
            let Some(anchor) = all.get(place).copied() else { continue };
            let is_own = chain_now.iter().any(|own| own.point.tick == anchor.tick);
            if is_own || !reaches(&curve, anchor, to, tempo) {
                continue;
            }
            let own = chain(&curve, &all, place);
            chain_now.extend(joined(&curve, &all[own]));
        }
        chain_now.sort_by_key(|anchor| anchor.point.tick);
        chain_now.dedup_by_key(|anchor| anchor.point.tick);
        curve = without(&curve, &chain_now, tempo);
        // A new one parts the way that it lies on.
        let before = chain_now.iter().rev().find(|anchor| anchor.point.tick < to.tick);
        let way = own_way.or(before.map(|before| before.way)).unwrap_or_default();
        chain_now.retain(|anchor| (anchor.point.tick - to.tick).abs() > WIDEST);
        chain_now.push(Anchor { point: to, way });
        chain_now.sort_by_key(|anchor| anchor.point.tick);
    }
    laid(&curve, kind, &chain_now, tempo)
}

/// A curve with a chain in it.
fn laid(curve: &Curve, kind: CurveKind, chain: &[Anchor], tempo: &TempoMap) -> Curve {
    if chain.is_empty() { curve.clone() } else { Stroke::through(curve, kind, drawn(chain)).laid(tempo) }
}

/// Whether an anchor is joined to a new one beside it: they are near, and between them nothing is drawn, but for
/// the way on which the one comes to rest, or the bow that the new one lies in.
fn reaches(curve: &Curve, anchor: CurvePoint, to: CurvePoint, tempo: &TempoMap) -> bool {
    if (anchor.tick - to.tick).abs() > FARTHEST {
        return false;
    }
    let (from, until) = (anchor.tick.min(to.tick), anchor.tick.max(to.tick));
    let rests = |from: Tick, until: Tick| from >= until || curve.is_at_rest(from, until);
    let all = anchors(curve);
    let place = all.iter().position(|one| one.tick == anchor.tick);
    let other = place
        .and_then(|place| if anchor.tick < to.tick { place.checked_add(1) } else { place.checked_sub(1) });
    let lies_in = other.and_then(|other| all.get(other)).is_some_and(|other| {
        let (left, right) = if anchor.tick < other.tick { (anchor, *other) } else { (*other, anchor) };
        way(curve, left, right).is_some()
    });
    let end = beside(anchor.tick, tempo) + WIDEST;
    lies_in || if anchor.tick < to.tick { rests(from + end, until) } else { rests(from + 1, until - end) }
}

impl Editor {
    /// Sets an anchor of a curve of the active track: in the place of the one at the tick `old`, or a new one.
    /// `before` is the curve that it was when the drag of it began; what the step that is open did before is done
    /// anew.
    ///
    /// # Errors
    /// If it lies outside the song, or its value outside of what the curve may have.
    pub fn set_anchor(
        &mut self,
        kind: CurveKind,
        before: &Curve,
        old: Option<Tick>,
        to: CurvePoint,
    ) -> Result<(), EditError> {
        self.cancel()?;
        self.begin("set-anchor");
        let to = CurvePoint { tick: to.tick.clamp(0, MAX_TICK - 1), ..to };
        self.change_anchor("set-anchor", kind, before, (old, Some(to)))
    }

    /// Takes an anchor of a curve of the active track away.
    ///
    /// # Errors
    /// Never: what is left is a valid curve.
    pub fn remove_anchor(&mut self, kind: CurveKind, tick: Tick) -> Result<(), EditError> {
        let Some(before) = self.active().map(|track| track.curves.get(kind).clone()) else { return Ok(()) };
        self.change_anchor("remove-anchor", kind, &before, (Some(tick), None))
    }

    /// The way from an anchor of a curve of the active track to the next; none where it leads to none.
    pub fn anchor_way(&self, kind: CurveKind, tick: Tick) -> Option<Way> {
        let curve = self.active()?.curves.get(kind);
        let all = anchors(curve);
        let place = all.iter().position(|anchor| anchor.tick == tick)?;
        way(curve, all[place], *all.get(place + 1)?)
    }

    /// Lets a curve of the active track go on another way from an anchor to the next.
    ///
    /// # Errors
    /// Never: a way lies between its anchors.
    pub fn set_anchor_way(&mut self, kind: CurveKind, tick: Tick, way: Way) -> Result<(), EditError> {
        let Some(track) = self.active() else { return Ok(()) };
        let before = track.curves.get(kind).clone();
        let all = anchors(&before);
        let Some(place) = all.iter().position(|anchor| anchor.tick == tick) else { return Ok(()) };
        let own = chain(&before, &all, place);
        let mut chain = joined(&before, &all[own.clone()]);
        let tempo = &self.project().tempo;
        let curve = without(&before, &chain, tempo);
        chain[place - own.start].way = way;
        let after = laid(&curve, kind, &chain, tempo);
        match CurveCommand::between(track.id, kind, &before, &after) {
            Some(command) => self.perform("shape-anchor", Command::Curve(command)),
            None => Ok(()),
        }
    }

    fn change_anchor(
        &mut self,
        step: &str,
        kind: CurveKind,
        before: &Curve,
        change: (Option<Tick>, Option<CurvePoint>),
    ) -> Result<(), EditError> {
        let Some(track) = self.active_track() else { return Ok(()) };
        let after = moved(before, kind, change, &self.project().tempo);
        match CurveCommand::between(track, kind, before, &after) {
            Some(command) => self.perform(step, Command::Curve(command)),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::stroke::PenStroke;
    use super::*;
    use ziyin_score::Project;

    const KIND: CurveKind = CurveKind::Pitch;

    fn editor() -> Editor {
        let mut editor = Editor::new(Project::default());
        editor.add_track("voice").unwrap();
        editor
    }

    fn curve(editor: &Editor) -> Curve {
        editor.active().unwrap().curves.get(KIND).clone()
    }

    fn set(editor: &mut Editor, old: Option<Tick>, tick: Tick, value: f32) {
        let before = curve(editor);
        editor.set_anchor(KIND, &before, old, CurvePoint { tick, value }).unwrap();
        editor.end();
    }

    fn places(editor: &Editor) -> Vec<(Tick, f32)> {
        anchors(&curve(editor)).iter().map(|anchor| (anchor.tick, anchor.value)).collect()
    }

    #[test]
    fn a_curve_goes_from_anchor_to_anchor_in_bows_and_rests_beside_them() {
        let mut editor = editor();
        set(&mut editor, None, 960, 50.0);
        assert_eq!(places(&editor), [(960, 50.0)]);
        let at = |editor: &Editor, tick: Tick| curve(editor).at(tick as f64);
        // 80 ms are 154 ticks.
        assert_eq!([at(&editor, 800), at(&editor, 960), at(&editor, 1120)], [0.0, 50.0, 0.0]);
        set(&mut editor, None, 1920, -50.0);
        assert_eq!(places(&editor), [(960, 50.0), (1920, -50.0)]);
        assert!(at(&editor, 1440).abs() < 1.0 && at(&editor, 1080) > 45.0 && at(&editor, 1800) < -45.0);
        assert_eq!([at(&editor, 700), at(&editor, 2100)], [0.0, 0.0]);
        // One between them parts the bow.
        set(&mut editor, None, 1440, 100.0);
        assert_eq!(places(&editor), [(960, 50.0), (1440, 100.0), (1920, -50.0)]);
        assert!((at(&editor, 1200) - 75.0).abs() < 1.0);
        // One that is moved takes both of its bows along.
        set(&mut editor, Some(1440), 1600, 0.0);
        assert_eq!(places(&editor), [(960, 50.0), (1600, 0.0), (1920, -50.0)]);
        assert!((at(&editor, 1280) - 25.0).abs() < 1.0, "{}", at(&editor, 1280));
        editor.remove_anchor(KIND, 1600).unwrap();
        assert_eq!(places(&editor), [(960, 50.0), (1920, -50.0)]);
        editor.remove_anchor(KIND, 960).unwrap();
        editor.remove_anchor(KIND, 1920).unwrap();
        assert!(curve(&editor).iter().all(|point| point.value == 0.0));
        for _ in 0..7 {
            assert!(editor.undo().unwrap().is_some());
        }
        assert!(curve(&editor).is_empty() && editor.history().undo_names().count() == 1);
    }

    #[test]
    fn the_way_to_the_next_is_chosen_and_kept_while_anchors_move_come_and_go() {
        let mut editor = editor();
        set(&mut editor, None, 960, 0.0);
        assert_eq!(places(&editor), [(960, 0.0)], "one at rest is there, too");
        set(&mut editor, None, 1920, 80.0);
        set(&mut editor, None, 2880, -40.0);
        let ways = |editor: &Editor| [960, 1920, 2880].map(|tick| editor.anchor_way(KIND, tick));
        assert_eq!(ways(&editor), [Some(Way::Bow), Some(Way::Bow), None]);
        let before = curve(&editor);
        for (way, half) in [(Way::Straight, 40.0), (Way::Early, 60.0), (Way::Late, 20.0)] {
            editor.set_anchor_way(KIND, 960, way).unwrap();
            assert_eq!(ways(&editor), [Some(way), Some(Way::Bow), None]);
            assert!((curve(&editor).at(1440.0) - half).abs() < 1.0, "{way:?}: {}", curve(&editor).at(1440.0));
        }
        editor.set_anchor_way(KIND, 1920, Way::Straight).unwrap();
        set(&mut editor, Some(1920), 2000, 90.0);
        let moved = [960, 2000, 2880].map(|tick| editor.anchor_way(KIND, tick));
        assert_eq!(moved, [Some(Way::Late), Some(Way::Straight), None]);
        // One between two parts their way, and one that is taken away leaves it to what was before it.
        set(&mut editor, None, 2400, 50.0);
        let parted = [960, 2000, 2400, 2880].map(|tick| editor.anchor_way(KIND, tick));
        assert_eq!(parted, [Some(Way::Late), Some(Way::Straight), Some(Way::Straight), None]);
        editor.remove_anchor(KIND, 2000).unwrap();
        let left = [960, 2400, 2880].map(|tick| editor.anchor_way(KIND, tick));
        assert_eq!(left, [Some(Way::Late), Some(Way::Straight), None]);
        for _ in 0..7 {
            editor.undo().unwrap();
        }
        assert_eq!(curve(&editor), before);
    }

    #[test]
    fn one_far_away_or_behind_something_drawn_stands_alone() {
        let mut editor = editor();
        set(&mut editor, None, 960, 50.0);
        set(&mut editor, None, 960 + FARTHEST + 1, 50.0);
        let at = |editor: &Editor, tick: Tick| curve(editor).at(tick as f64);
        assert_eq!(at(&editor, 2880), 0.0);
        let mut pen = Stroke::begin(&editor, KIND).unwrap();
        pen.line(CurvePoint { tick: 1500, value: 30.0 }, CurvePoint { tick: 1800, value: 30.0 });
        editor.begin("draw-curve");
        pen.apply(&mut editor, "draw-curve").unwrap();
        editor.end();
        set(&mut editor, None, 2400, -20.0);
        assert_eq!([at(&editor, 1200), at(&editor, 1600)], [0.0, 30.0]);
        assert_eq!(places(&editor), [(960, 50.0), (2400, -20.0), (960 + FARTHEST + 1, 50.0)]);
    }

    #[test]
    fn anchors_go_along_with_notes_that_are_moved_and_stretched() {
        let mut editor = editor();
        let note = editor.insert(960, 960, 60, "la").unwrap();
        set(&mut editor, None, 1200, 50.0);
        set(&mut editor, None, 1680, 20.0);
        editor.select([note]);
        editor.move_selected("move-notes", 1920, 0).unwrap();
        assert_eq!(places(&editor), [(3120, 50.0), (3600, 20.0)]);
        editor.resize_selected(0, 960).unwrap();
        let stretched = places(&editor);
        assert_eq!(stretched.len(), 2, "{stretched:?}");
        assert_eq!(
            way(&curve(&editor), anchors(&curve(&editor))[0], anchors(&curve(&editor))[1]),
            Some(Way::Bow)
        );
    }
}
