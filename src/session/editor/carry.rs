//! Curves that go along with their notes.
//!
//! To a note belongs what its curves do from its onset to its end, and on each side as far as they are
//! drawn in the rest there: up to a sixteenth, and no more than half of the way to the next note. Where
//! notes move together, so does what is drawn in the rests between them. What is left behind is at rest.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use ziyin_score::{
    Command, Curve, CurveCommand, CurveKind, CurvePiece, Curves, Note, NoteId, Notes, Overlay,
    TICKS_PER_QUARTER, Tick, Track, TrackId,
};

/// How far beyond its notes a curve belongs to them at most.
const REACH: Tick = TICKS_PER_QUARTER / 4;
/// How long a curve takes at most to come to rest beside what was left behind: as a stroke of a pen
/// does at usual tempi.
pub(super) const BLEND: Tick = TICKS_PER_QUARTER / 6;

/// From a tick up to another, which is left out.
type Span = (Tick, Tick);

/// A track as it was before its notes began to move. A drag is many small moves: where it leads over
/// other notes, their curves are there again once it has gone on.
pub(super) struct Base {
    pub track: TrackId,
    notes: Notes,
    curves: Curves,
    /// The notes that have been edited since.
    touched: BTreeSet<NoteId>,
    /// Of notes that are copies, what they were copied from.
    copies: BTreeMap<NoteId, NoteId>,
}

impl Base {
    pub fn new(track: &Track) -> Self {
        let (notes, curves) = (track.notes.clone(), track.curves.clone());
        Self { track: track.id, notes, curves, touched: BTreeSet::new(), copies: BTreeMap::new() }
    }

    /// Says that notes are being edited.
    pub fn touch(&mut self, notes: impl IntoIterator<Item = NoteId>) {
        self.touched.extend(notes);
    }

    /// Says that notes have been added that are copies of others.
    pub fn copied(&mut self, copies: impl IntoIterator<Item = (NoteId, NoteId)>) {
        self.copies.extend(copies);
    }

    /// The curves of the track once its notes are these.
    pub fn carried_to(&self, notes: &Notes) -> Curves {
        let copied: BTreeSet<NoteId> = self.copies.values().copied().collect();
        let by_id = |notes: &Notes| -> HashMap<NoteId, Span> {
            let wanted = |note: &&Note| self.touched.contains(&note.id) || copied.contains(&note.id);
            notes.iter().filter(wanted).map(|note| (note.id, span(note))).collect()
        };
        let (before, after) = (by_id(&self.notes), by_id(notes));
        let mut ways: Vec<(Span, Option<Span>)> = Vec::new();
        let mut gone: BTreeSet<NoteId> = BTreeSet::new();
        let mut leaves = true;
        for id in &self.touched {
            let copied = self.copies.get(id);
            let Some(&from) = before.get(copied.unwrap_or(id)) else { continue };
            let to = after.get(id).copied();
            if to == Some(from) || to.is_none() && copied.is_some() {
                continue;
            }
            leaves &= copied.is_none();
            gone.insert(*copied.unwrap_or(id));
            ways.push((from, to));
        }
        ways.sort_unstable();
        let standing = Neighbours::of(self.notes.iter().filter(|note| !gone.contains(&note.id)));
        let (here, there) = (Neighbours::of(self.notes.iter()), Neighbours::of(notes.iter()));
        let mut curves = self.curves.clone();
        for kind in CurveKind::ALL {
            let curve = curves.get_mut(kind);
            if curve.is_empty() || ways.is_empty() {
                continue;
            }
            let groups = groups(curve, &standing, &ways);
            let mut overlay = Overlay::default();
            if leaves {
                leave(curve, &here, &groups, &mut overlay);
            }
            let carried = groups.iter().filter_map(|group| Carried::of(curve, &here, group));
            carried.for_each(|carried| carried.lay(&mut overlay, &there, 0));
            *curve = curve.with(&overlay);
        }
        curves
    }
}

/// What makes the curves of a track others.
pub(super) fn redrawn(track: TrackId, before: &Curves, after: &Curves) -> Vec<Command> {
    let change = |kind| CurveCommand::between(track, kind, before.get(kind), after.get(kind));
    CurveKind::ALL.into_iter().filter_map(change).map(Command::Curve).collect()
}

/// The curves of notes on the clipboard, which may be laid into any track.
#[derive(Clone, Default)]
pub(super) struct CopiedCurves(Vec<(CurveKind, Vec<Carried>)>);

impl CopiedCurves {
    /// Those of some notes of a track, counted from the tick `first`.
    pub fn of(track: &Track, notes: &BTreeSet<NoteId>, first: Tick) -> Self {
        let (chosen, others): (Vec<&Note>, Vec<&Note>) =
            track.notes.iter().partition(|note| notes.contains(&note.id));
        let (standing, here) = (Neighbours::of(others.into_iter()), Neighbours::of(track.notes.iter()));
        let moved = |(from, to): Span| (from - first, to - first);
        let ways: Vec<_> = chosen.iter().map(|note| (span(note), Some(moved(span(note))))).collect();
        let of_kind = |kind| {
            let curve = track.curves.get(kind);
            let groups = groups(curve, &standing, &ways);
            let carried = groups.iter().filter_map(|group| Carried::of(curve, &here, group));
            (kind, carried.collect())
        };
        Self(CurveKind::ALL.into_iter().map(of_kind).collect())
    }

    /// The curves of a track once these are laid into it, counted from the tick `first`.
    pub fn laid(&self, track: &Track, first: Tick) -> Curves {
        let mut curves = track.curves.clone();
        let there = Neighbours::of(track.notes.iter());
        for (kind, carried) in &self.0 {
            let mut overlay = Overlay::default();
            carried.iter().for_each(|carried| carried.lay(&mut overlay, &there, first));
            let curve = curves.get_mut(*kind);
            *curve = curve.with(&overlay);
        }
        curves
    }
}

/// Notes that move together, as one stretch: where it is and where it goes, if it is not removed.
struct Group {
    from: Span,
    to: Option<Span>,
}

impl Group {
    /// By how much it is moved, where its length stays.
    fn shift(&self) -> Option<Tick> {
        let to = self.to?;
        let shift = to.0 - self.from.0;
        (to.1 - self.from.1 == shift).then_some(shift)
    }
}

/// The stretches of notes, given in order. Those that stay as they are to one another are one where they
/// touch, and where the curve is drawn in the rest between them.
fn groups(curve: &Curve, standing: &Neighbours, ways: &[(Span, Option<Span>)]) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    for &(from, to) in ways {
        let group = Group { from, to };
        if let Some(last) = groups.last_mut()
            && last.shift() == group.shift()
            && last.to.is_some() == to.is_some()
            && (to.is_none() || last.shift().is_some())
            && (from.0 <= last.from.1
                || standing.are_absent(last.from.1, from.0) && !curve.is_at_rest(last.from.1, from.0))
        {
            last.from.1 = last.from.1.max(from.1);
            if let (Some(all), Some(to)) = (&mut last.to, to) {
                all.1 = all.1.max(to.1);
            }
        } else {
            groups.push(group);
        }
    }
    groups
}

/// Brings to rest what groups leave.
fn leave(curve: &Curve, here: &Neighbours, groups: &[Group], overlay: &mut Overlay) {
    let mut left: Vec<Span> = Vec::new();
    for Group { from, .. } in groups {
        let (lead, tail) = reach(curve, here, *from);
        let (start, end) = (from.0 - lead, from.1 + tail);
        match left.last_mut() {
            Some(last) if start <= last.1 => last.1 = last.1.max(end),
            _ => left.push((start, end)),
        }
    }
    for (start, end) in left {
        let before = if start > 0 { curve.at((start - 1) as f64) } else { 0.0 };
        let beside = (before, curve.at(end as f64));
        overlay.lay(start, &CurvePiece::rest(end - start, beside, BLEND));
    }
}

/// What a curve does for a group of notes, on its way.
#[derive(Clone)]
struct Carried {
    /// Where the notes go.
    to: Span,
    /// Ticks of the piece before they begin and after they end.
    lead: Tick,
    tail: Tick,
    piece: CurvePiece,
}

impl Carried {
    /// `None` for notes that go nowhere.
    fn of(curve: &Curve, here: &Neighbours, group: &Group) -> Option<Self> {
        let to = group.to?;
        let (lead, tail) = reach(curve, here, group.from);
        let (from, end) = group.from;
        let piece = if group.shift().is_some() {
            curve.piece(from - lead, end + tail)
        } else {
            let notes = curve.piece(from, end).stretched(to.1 - to.0);
            curve.piece(from - lead, from).then(&notes).then(&curve.piece(end, end + tail))
        };
        Some(Self { to, lead, tail, piece })
    }

    /// Lays the piece, `later` ticks later than it goes, where it leaves other notes what is theirs.
    fn lay(&self, overlay: &mut Overlay, there: &Neighbours, later: Tick) {
        let to = (self.to.0 + later, self.to.1 + later);
        let (before, after) = there.room(to);
        let (lead, tail) = (self.lead.min(before), self.tail.min(after));
        let from = self.lead - lead;
        overlay.lay(to.0 - lead, &self.piece.part(from, from + lead + (to.1 - to.0) + tail));
    }
}

/// How far a curve belongs to notes before they begin and after they end.
fn reach(curve: &Curve, here: &Neighbours, (from, to): Span) -> (Tick, Tick) {
    let (before, after) = here.room((from, to));
    let first = curve.partition_point(|point| point.tick < from);
    let last = curve.partition_point(|point| point.tick < to);
    let at = |tick: Tick| curve.at(tick as f64);
    // The tick at which the curve has come to rest belongs to what it comes to rest from.
    let lead = match (at(from - 1), at(from)) {
        (0.0, inside) => Tick::from(inside != 0.0),
        _ => {
            let rest = curve[..first].iter().rev().find(|point| point.value == 0.0);
            rest.map_or(REACH, |point| from - point.tick)
        }
    };
    let tail = match (at(to - 1), at(to)) {
        (inside, 0.0) => Tick::from(inside != 0.0),
        _ => {
            let rest = curve[last..].iter().find(|point| point.value == 0.0);
            rest.map_or(REACH, |point| point.tick + 1 - to)
        }
    };
    (lead.min(before), tail.min(after))
}

/// Notes, and the rests between them.
struct Neighbours {
    /// Onsets in order, each with the latest end of the notes up to there.
    notes: Vec<Span>,
}

impl Neighbours {
    /// The notes must be in order.
    fn of<'a>(notes: impl Iterator<Item = &'a Note>) -> Self {
        let mut latest = 0;
        let notes = notes.map(|note| {
            latest = note.end().max(latest);
            (note.onset, latest)
        });
        Self { notes: notes.collect() }
    }

    /// How far the rests before and after a span belong to the notes in it.
    fn room(&self, (from, to): Span) -> (Tick, Tick) {
        let half = |gap: Tick| (gap.max(0) / 2).min(REACH);
        let before = self.last_end(from).map_or(REACH.min(from), |end| half(from - end));
        let next = self.notes.get(self.begun(to)).map(|&(onset, _)| onset);
        let sounds_on = self.last_end(to).is_some_and(|end| end > to);
        let after = if sounds_on { 0 } else { next.map_or(REACH, |onset| half(onset - to)) };
        (before.max(0), after)
    }

    /// Whether none sounds between two ticks.
    fn are_absent(&self, from: Tick, to: Tick) -> bool {
        self.last_end(to).is_none_or(|end| end <= from)
    }

    /// When the notes that have begun before a tick have ended.
    fn last_end(&self, tick: Tick) -> Option<Tick> {
        self.begun(tick).checked_sub(1).map(|last| self.notes[last].1)
    }

    /// How many notes have begun before a tick.
    fn begun(&self, tick: Tick) -> usize {
        self.notes.partition_point(|&(onset, _)| onset < tick)
    }
}

fn span(note: &Note) -> Span {
    (note.onset, note.end())
}
