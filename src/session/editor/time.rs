//! Time that is put into a song or taken out of it: all tracks, tempo, meter and backing audio go along.

use super::carry::{self, BLEND};
use super::document::Editor;
use super::notes::SHORTEST;
use ziyin_score::{
    Backing, BackingCommand, Command, Curve, CurveKind, CurvePiece, EditError, MAX_TICK, Marker, Note,
    NoteCommand, NoteId, Overlay, Project, SongCommand, TempoMap, Tick, Track,
};

/// What becomes of a stretch of the song.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TimeChange {
    /// It becomes free: what is there comes after it.
    Insert,
    /// It goes with all that is in it: what comes after it is there.
    Delete,
}

impl TimeChange {
    /// The name of its step in the history.
    pub fn step(self) -> &'static str {
        match self {
            TimeChange::Insert => "insert-time",
            TimeChange::Delete => "delete-time",
        }
    }
}

impl Editor {
    /// Puts `length` ticks of time into the song at `from`, or takes those from there on out of it.
    /// A note that sounds at `from` goes on as it is, or is cut there. Gives the recordings that have begun
    /// by then: they keep their time, since there is no cutting them.
    ///
    /// # Errors
    /// If something would lie beyond the end of what a song can hold.
    pub fn change_time(
        &mut self,
        change: TimeChange,
        from: Tick,
        length: Tick,
    ) -> Result<Vec<Backing>, EditError> {
        let project = self.project();
        if length < 1 {
            return Ok(Vec::new());
        }
        let mut commands = Vec::new();
        for track in &project.tracks {
            commands.extend(match change {
                TimeChange::Insert => insert_into(track, from, length),
                TimeChange::Delete => delete_from(track, from, from + length),
            });
        }
        commands.extend(maps(project, change, from, length));
        let mut staying = Vec::new();
        for (index, backing) in project.backings.iter().enumerate() {
            match moved(backing, &project.tempo, change, from, length) {
                Some(backing) => {
                    commands.push(Command::Backing(BackingCommand::Change { index, backing }));
                }
                None => staying.push(backing.clone()),
            }
        }
        self.perform(change.step(), Command::All(commands))?;
        Ok(staying)
    }
}

fn insert_into(track: &Track, from: Tick, length: Tick) -> Vec<Command> {
    let later: Vec<NoteId> =
        track.notes.iter().filter(|note| note.onset >= from).map(|note| note.id).collect();
    // What a note does that sounds on stays with it.
    let sounding = track.notes.iter().filter(|note| note.onset < from && note.end() > from);
    let cut = sounding.map(Note::end).max().unwrap_or(from);
    let mut curves = track.curves.clone();
    for kind in CurveKind::ALL {
        let curve = curves.get_mut(kind);
        if curve.is_empty() {
            continue;
        }
        let before = if cut > 0 { curve.at((cut - 1) as f64) } else { 0.0 };
        let beside = (before, curve.at(cut as f64));
        let end = last_of(curve).max(cut) + 1;
        let mut overlay = Overlay::default();
        overlay.lay(cut, &CurvePiece::rest(length, beside, BLEND));
        overlay.lay(cut + length, &curve.piece(cut, end));
        *curve = curve.with(&overlay);
    }
    let mut commands = carry::redrawn(track.id, &track.curves, &curves);
    if !later.is_empty() {
        let moved = NoteCommand::Move { track: track.id, notes: later, ticks: length, semitones: 0 };
        commands.push(Command::Note(moved));
    }
    commands
}

fn delete_from(track: &Track, from: Tick, to: Tick) -> Vec<Command> {
    let (mut gone, mut later, mut cut) = (Vec::new(), Vec::new(), Vec::new());
    for note in track.notes.iter().filter(|note| note.end() > from) {
        if note.onset >= to {
            later.push(note.id);
            continue;
        }
        // What is left of it, before and behind what goes.
        let (before, behind) = ((from - note.onset).max(0), (note.end() - to).max(0));
        let onset = note.onset.min(from);
        match before + behind {
            left if left == note.length => {}
            left if left < SHORTEST => gone.push(note.id),
            length => cut.push(Note { onset, length, ..note.clone() }),
        }
    }
    let mut curves = track.curves.clone();
    for kind in CurveKind::ALL {
        let curve = curves.get_mut(kind);
        if curve.is_empty() {
            continue;
        }
        let last = last_of(curve);
        let mut overlay = Overlay::default();
        // What is moved here holds its last value, as the curve did.
        overlay.lay(from, &curve.piece(to, (last + 1).max(to + 1) + (to - from)));
        *curve = curve.with(&overlay);
    }
    let track_id = track.id;
    let mut commands = carry::redrawn(track_id, &track.curves, &curves);
    let mut push = |command| commands.push(Command::Note(command));
    if !gone.is_empty() {
        push(NoteCommand::Remove { track: track_id, notes: gone });
    }
    if !cut.is_empty() {
        push(NoteCommand::Change { track: track_id, notes: cut });
    }
    if !later.is_empty() {
        push(NoteCommand::Move { track: track_id, notes: later, ticks: from - to, semitones: 0 });
    }
    commands
}

fn last_of(curve: &Curve) -> Tick {
    curve.last().map_or(0, |point| point.tick)
}

/// Tempo and meter, where they change.
fn maps(project: &Project, change: TimeChange, from: Tick, length: Tick) -> Vec<Command> {
    let tempos = project.tempo.changes();
    let tempos: Vec<_> = moved_ticks(tempos.iter().map(|tempo| tempo.tick), change, from, length)
        .map(|(i, tick)| ziyin_score::TempoChange { tick, ..tempos[i] })
        .collect();
    let meters = project.meter.changes();
    let meters: Vec<_> = moved_ticks(meters.iter().map(|meter| meter.tick), change, from, length)
        .map(|(i, tick)| ziyin_score::TimeSignatureChange { tick, ..meters[i] })
        .collect();
    let mut commands = Vec::new();
    if tempos != project.tempo.changes() {
        commands.push(Command::Song(SongCommand::Tempos(tempos)));
    }
    if meters != project.meter.changes() {
        commands.push(Command::Song(SongCommand::Meters(meters)));
    }
    let markers = project.markers.iter().filter_map(|marker| {
        let tick = match change {
            TimeChange::Insert if marker.tick >= from => marker.tick + length,
            TimeChange::Delete if marker.tick >= from + length => marker.tick - length,
            TimeChange::Delete if marker.tick >= from => return None,
            _ => marker.tick,
        };
        Some(Marker { tick, ..marker.clone() })
    });
    let markers: Vec<Marker> = markers.collect();
    if markers != project.markers {
        commands.push(Command::Song(SongCommand::Markers(markers)));
    }
    let looped = project.looped.and_then(|(begin, end)| {
        let place = |tick: Tick| match change {
            TimeChange::Delete => tick - (tick - from).clamp(0, length),
            TimeChange::Insert => tick + length,
        };
        // What is put in where it begins comes before it, and where it ends behind it.
        let (begin, end) = match change {
            TimeChange::Insert if begin < from => (begin, if end <= from { end } else { place(end) }),
            _ => (place(begin), place(end)),
        };
        let end = end.min(MAX_TICK);
        (begin < end).then_some((begin, end))
    });
    if looped != project.looped {
        commands.push(Command::Song(SongCommand::Loop(looped)));
    }
    commands
}

/// Where changes come to, given in order from tick 0 on, each with its place among them.
fn moved_ticks(
    ticks: impl Iterator<Item = Tick> + Clone,
    change: TimeChange,
    from: Tick,
    length: Tick,
) -> impl Iterator<Item = (usize, Tick)> {
    let to = from + length;
    // Behind what goes the song goes on as it did there.
    let last_gone = ticks.clone().take_while(|&tick| tick <= to).count() - 1;
    ticks.enumerate().filter_map(move |(i, tick)| match change {
        // The start of the song keeps what it begins with.
        TimeChange::Insert if tick < from || tick == 0 => Some((i, tick)),
        TimeChange::Insert => Some((i, tick + length)),
        TimeChange::Delete if tick < from => Some((i, tick)),
        TimeChange::Delete if tick <= to => (i == last_gone).then_some((i, from)),
        TimeChange::Delete => Some((i, tick - length)),
    })
}

/// A recording in its new place; `None` for one that began before `from`, which keeps its time.
fn moved(
    backing: &Backing,
    tempo: &TempoMap,
    change: TimeChange,
    from: Tick,
    length: Tick,
) -> Option<Backing> {
    let micros = |tick: Tick| (tempo.seconds(tick) * 1e6).round() as i64;
    if backing.offset_us < micros(from) && from > 0 {
        return None;
    }
    let by = match change {
        // The time that is put in runs at the tempo before it.
        TimeChange::Insert => {
            let tempo = tempo.tempo_at((from - 1).max(0));
            length * i64::from(tempo.micros()) / ziyin_score::TICKS_PER_QUARTER
        }
        TimeChange::Delete => micros(from) - micros((from + length).min(MAX_TICK)),
    };
    Some(Backing { offset_us: backing.offset_us.saturating_add(by), ..backing.clone() })
}
