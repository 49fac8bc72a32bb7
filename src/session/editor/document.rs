//! The open song, with what is selected and copied of it.

use std::collections::{BTreeMap, BTreeSet};

use super::carry::{self, Base};
use super::copied::Clipboard;
use super::late::Late;
use ziyin_score::{
    Command, CurveCommand, CurveKind, CurvePoint, EditError, Harmony, HarmonyCommand, HarmonyKind, History,
    Note, NoteCommand, NoteId, Notes, Project, Tick, Track, TrackCommand, TrackId,
};

/// A step that the next of its kind makes larger, as long as nothing else was done or selected.
#[derive(Clone, Debug)]
pub(super) struct Repeated {
    kind: &'static str,
    /// In semitones, or in ticks.
    amount: i64,
    notes: Vec<(TrackId, BTreeSet<NoteId>)>,
    /// The revision that it led to.
    revision: u64,
}

/// Notes that were played one after the other in a pass, which are one step.
#[derive(Clone, Debug)]
pub(super) struct Recorded {
    pub pass: u64,
    pub track: TrackId,
    pub places: Vec<(Tick, Tick, u8)>,
    /// The revision that they led to.
    pub revision: u64,
}

/// A command, and that the intervals which go along with the key are in the one that it leads to.
fn with_keys(project: &Project, command: Command) -> Command {
    let goes_along =
        |harmony: &Harmony| !harmony.pinned && matches!(harmony.kind, HarmonyKind::Interval { .. });
    if !project.tracks.iter().flat_map(|track| &track.harmonies).any(goes_along) {
        return command;
    }
    let mut after = project.clone();
    // What is not possible says so when it is performed.
    if command.clone().apply(&mut after).is_err() {
        return command;
    }
    let strayed = after.strayed_harmonies();
    if strayed.is_empty() {
        return command;
    }
    let change = |(track, index, harmony)| Command::Harmony(HarmonyCommand::Change { track, index, harmony });
    Command::All(std::iter::once(command).chain(strayed.into_iter().map(change)).collect())
}

/// An open song.
pub struct Editor {
    project: Project,
    history: History,
    track: Option<TrackId>,
    /// The track that was edited until it was removed or hidden: undo leads back to it.
    removed: Option<TrackId>,
    pub(super) selection: BTreeSet<NoteId>,
    /// What is selected in other tracks than the active one.
    pub(super) beside: BTreeMap<TrackId, BTreeSet<NoteId>>,
    pub(super) clipboard: Clipboard,
    /// The tracks with selected notes, and the active one, as they were when the open group began.
    pub(super) bases: Vec<Base>,
    /// Counts every change of the project.
    revision: u64,
    /// What was done last by keys that are pressed again and again.
    pub(super) repeated: Option<Repeated>,
    /// What was recorded last.
    pub(super) recorded: Option<Recorded>,
    /// The project as it is on the disk; none where nothing there holds it.
    saved: Option<Project>,
    /// Whether the project is another than that.
    dirty: bool,
}

impl Editor {
    /// Opens a project that is on the disk as it is.
    pub fn new(project: Project) -> Self {
        let track = project.tracks.first().map(|track| track.id);
        Self {
            saved: Some(project.clone()),
            project,
            history: History::default(),
            track,
            removed: None,
            selection: BTreeSet::new(),
            beside: BTreeMap::new(),
            clipboard: Clipboard::default(),
            bases: Vec::new(),
            revision: 0,
            repeated: None,
            recorded: None,
            dirty: false,
        }
    }

    /// Opens another project that is on the disk as it is. The clipboard stays, and the
    /// revision goes on, so that nobody takes the one song for the other.
    pub fn open(&mut self, project: Project) {
        let clipboard = std::mem::take(&mut self.clipboard);
        let revision = self.revision + 1;
        *self = Self { clipboard, revision, ..Self::new(project) };
    }

    pub fn project(&self) -> &Project {
        &self.project
    }

    pub fn history(&self) -> &History {
        &self.history
    }

    /// A number that grows with every change of the project.
    pub fn revision(&self) -> u64 {
        self.revision
    }

    /// Whether something would be lost if the window closed now.
    pub fn is_dirty(&self) -> bool {
        self.dirty
    }

    /// Says what is on the disk: the project as it was a moment ago, if it was edited since.
    pub fn mark_saved(&mut self, saved: Project) {
        self.dirty = saved != self.project;
        self.saved = Some(saved);
    }

    /// Makes another song of this one in a step of that name: it was edited elsewhere. Gives whether that can
    /// be done now; it cannot while a step is being made.
    ///
    /// # Errors
    /// Never, of a valid song.
    pub fn become_song(&mut self, name: &str, song: &Project) -> Result<bool, EditError> {
        if self.history.is_open() {
            return Ok(false);
        }
        self.perform(name, Command::between(&self.project, song)).map(|()| true)
    }

    /// Says that nothing on the disk holds the project: it was recovered, or imported.
    pub fn mark_unsaved(&mut self) {
        self.revision += 1;
        self.saved = None;
        self.dirty = true;
    }

    /// Applies a command as a step of that name, or as part of the open group; what changes
    /// nothing is no step.
    ///
    /// # Errors
    /// If the edit is not possible; nothing has changed then.
    pub fn perform(&mut self, name: &str, command: Command) -> Result<(), EditError> {
        let command = with_keys(&self.project, command);
        if self.history.perform(&mut self.project, name, command)? {
            self.changed();
        }
        Ok(())
    }

    /// Edits the selected notes of each track by the command that `command` gives for them; their curves go
    /// along. What belongs to notes that are removed goes too.
    ///
    /// # Errors
    /// If the edit is not possible; nothing has changed then.
    pub(super) fn perform_with_curves(
        &mut self,
        name: &str,
        command: impl Fn(&Track, Vec<NoteId>) -> NoteCommand,
    ) -> Result<(), EditError> {
        let mut commands = Vec::new();
        let selected = self.selected();
        for (id, notes) in selected {
            let Some(track) = self.project.track(id) else { continue };
            // Outside a group each edit stands by itself.
            let mut alone = Base::new(track);
            let base = self.bases.iter_mut().find(|base| base.track == id).unwrap_or(&mut alone);
            base.touch(notes.iter().copied());
            commands.push(carried(base, &self.project, command(track, notes.into_iter().collect()))?);
        }
        self.perform(name, Command::All(commands))
    }

    /// Does to the selected notes what a key does each time that it is pressed: `command` makes it of a
    /// track before and an amount, and `name` tells it. Their curves go along. Pressed again it is the same
    /// step with more of it.
    ///
    /// # Errors
    /// As [`Editor::perform`].
    pub(super) fn repeat(
        &mut self,
        kind: &'static str,
        amount: i64,
        name: impl Fn(i64) -> String,
        command: impl Fn(&Track, Vec<NoteId>, i64) -> NoteCommand,
    ) -> Result<(), EditError> {
        let selected = self.selected();
        if selected.is_empty() {
            return Ok(());
        }
        let before = self
            .repeated
            .take()
            .filter(|last| (last.kind, last.revision) == (kind, self.revision) && last.notes == selected);
        let whole = before.as_ref().map_or(0, |last| last.amount) + amount;
        let revision = self.revision;
        let made = |project: &Project| -> Result<Command, EditError> {
            let mut commands = Vec::new();
            for (id, notes) in &selected {
                let track = project.track(*id).ok_or(EditError::NoTrack(*id))?;
                let mut alone = Base::new(track);
                alone.touch(notes.iter().copied());
                let notes = notes.iter().copied().collect();
                commands.push(carried(&alone, project, command(track, notes, whole))?);
            }
            Ok(with_keys(project, Command::All(commands)))
        };
        if before.is_some() {
            if self.history.perform_instead(&mut self.project, &name(whole), made)? {
                self.changed();
            }
        } else {
            let once = made(&self.project)?;
            self.perform(&name(whole), once)?;
        }
        // At where it began there is no step to be made larger.
        if self.revision != revision && whole != 0 {
            let revision = self.revision;
            self.repeated = Some(Repeated { kind, amount: whole, notes: selected, revision });
        }
        Ok(())
    }

    /// Applies the command that does all that the last step did, and more of it, in the place of that step.
    /// `made` makes it of the project before.
    ///
    /// # Errors
    /// As [`Editor::perform`].
    pub(super) fn perform_instead(
        &mut self,
        name: &str,
        made: impl Fn(&Project) -> Result<Command, EditError>,
    ) -> Result<(), EditError> {
        let made = |project: &Project| Ok(with_keys(project, made(project)?));
        if self.history.perform_instead(&mut self.project, name, made)? {
            self.changed();
        }
        Ok(())
    }

    /// Opens a group: what happens up to [`Editor::end`] is one step.
    pub fn begin(&mut self, name: &str) {
        self.history.begin(name);
        let project = &self.project;
        let tracks = self.track.into_iter().chain(self.beside.keys().copied());
        self.bases = tracks.filter_map(|id| project.track(id)).map(Base::new).collect();
    }

    pub fn end(&mut self) {
        self.history.end();
        self.bases.clear();
    }

    /// Takes back what was done since [`Editor::begin`].
    ///
    /// # Errors
    /// Never, as long as all edits go through the editor.
    pub fn cancel(&mut self) -> Result<(), EditError> {
        self.bases.clear();
        if self.history.cancel(&mut self.project)? {
            self.changed();
        }
        Ok(())
    }

    /// # Errors
    /// Never, as long as all edits go through the editor.
    pub fn undo(&mut self) -> Result<Option<String>, EditError> {
        self.bases.clear();
        let done = self.history.undo(&mut self.project)?;
        if done.is_some() {
            self.changed();
        }
        Ok(done)
    }

    /// # Errors
    /// Never, as long as all edits go through the editor.
    pub fn redo(&mut self) -> Result<Option<String>, EditError> {
        self.bases.clear();
        let done = self.history.redo(&mut self.project)?;
        if done.is_some() {
            self.changed();
        }
        Ok(done)
    }

    fn changed(&mut self) {
        self.revision += 1;
        // Undone back to what was saved, it is saved.
        self.dirty = self.saved.as_ref() != Some(&self.project);
        if let Some(back) =
            self.removed.filter(|&id| self.project.track(id).is_some_and(|track| !track.hidden))
        {
            self.set_active_track(back);
        }
        if self.active().is_none() {
            self.removed = self.track;
            self.track = self.project.tracks.first().map(|track| track.id);
            self.selection.clear();
            self.beside.clear();
        }
        // Undo may have taken away what was selected.
        let project = &self.project;
        let keep = |track: TrackId, selected: &mut BTreeSet<NoteId>| {
            let notes = project.track(track).map(|track| &track.notes);
            let there: BTreeSet<NoteId> =
                notes.into_iter().flat_map(|notes| notes.iter()).map(|n| n.id).collect();
            selected.retain(|id| there.contains(id));
        };
        if let Some(track) = self.track {
            keep(track, &mut self.selection);
        }
        self.beside.retain(|&track, selected| {
            keep(track, selected);
            !selected.is_empty()
        });
    }

    /// The track whose notes are edited.
    pub fn active(&self) -> Option<&Track> {
        self.track.and_then(|id| self.project.track(id))
    }

    pub fn active_track(&self) -> Option<TrackId> {
        self.track
    }

    pub fn set_active_track(&mut self, id: TrackId) {
        if self.track != Some(id) && self.project.track(id).is_some() {
            self.track = Some(id);
            self.removed = None;
            self.select([]);
        }
    }

    /// Goes on with another track in the place of one that is hidden.
    pub(super) fn leave(&mut self, hidden: TrackId, next: TrackId) {
        self.beside.remove(&hidden);
        if self.track == Some(hidden) {
            self.set_active_track(next);
            self.removed = Some(hidden);
        }
    }

    /// The selected notes of the active track.
    pub fn selection(&self) -> &BTreeSet<NoteId> {
        &self.selection
    }

    /// Selects notes of the active track, and none of others.
    pub fn select(&mut self, notes: impl IntoIterator<Item = NoteId>) {
        self.selection = notes.into_iter().collect();
        self.beside.clear();
    }

    /// Selects notes in several tracks, and makes one of these the active one.
    pub fn select_in(&mut self, active: TrackId, mut notes: BTreeMap<TrackId, BTreeSet<NoteId>>) {
        self.set_active_track(active);
        self.selection = notes.remove(&active).unwrap_or_default();
        notes.retain(|_, notes| !notes.is_empty());
        self.beside = notes;
    }

    /// The tracks with selected notes, in their order in the song.
    pub fn selected(&self) -> Vec<(TrackId, BTreeSet<NoteId>)> {
        let of = |track: TrackId| {
            let own = (Some(track) == self.track).then_some(&self.selection);
            own.or(self.beside.get(&track)).filter(|notes| !notes.is_empty())
        };
        self.project.tracks.iter().filter_map(|track| Some((track.id, of(track.id)?.clone()))).collect()
    }

    /// Whether a note is selected, be its track active or not.
    pub fn is_selected(&self, track: TrackId, note: NoteId) -> bool {
        let beside = || self.beside.get(&track).is_some_and(|notes| notes.contains(&note));
        if Some(track) == self.track { self.selection.contains(&note) } else { beside() }
    }

    /// How many notes are selected in all tracks.
    pub fn selected_count(&self) -> usize {
        self.selection.len() + self.beside.values().map(BTreeSet::len).sum::<usize>()
    }

    /// Where the first of the selected notes of all tracks begins, and when all have ended.
    pub fn selected_range(&self) -> Option<(Tick, Tick)> {
        let spans = self.selected().into_iter().filter_map(|(id, selected)| {
            let notes = &self.project.track(id)?.notes;
            let chosen = || notes.iter().filter(|note| selected.contains(&note.id));
            Some((chosen().map(|note| note.onset).min()?, chosen().map(Note::end).max()?))
        });
        spans.reduce(|one, other| (one.0.min(other.0), one.1.max(other.1)))
    }

    /// Selects a note beside those that are, or no longer.
    pub fn toggle(&mut self, note: NoteId) {
        if !self.selection.remove(&note) {
            self.selection.insert(note);
        }
    }

    pub fn select_all(&mut self) {
        self.select(self.notes().iter().map(|note| note.id));
    }

    /// Selects the notes of all tracks that are not hidden.
    pub fn select_everything(&mut self) {
        let of = |track: &Track| (track.id, track.notes.iter().map(|note| note.id).collect());
        let notes = self.seen_tracks().iter().map(of).collect();
        if let Some(active) = self.track {
            self.select_in(active, notes);
        }
    }

    /// Selects the phrase around each selected note: all notes up to the next rest.
    pub fn select_phrase(&mut self) {
        let notes = self.notes();
        let phrases = notes.phrases().into_iter().map(|phrase| &notes[phrase]);
        let chosen = phrases.filter(|phrase| phrase.iter().any(|note| self.selection.contains(&note.id)));
        self.selection = chosen.flatten().map(|note| note.id).collect();
    }

    /// The notes of the active track.
    pub fn notes(&self) -> Notes {
        self.active().map(|track| track.notes.clone()).unwrap_or_default()
    }

    /// Copies of the selected notes of all tracks, in order.
    pub fn all_selected_notes(&self) -> Vec<Note> {
        let of_track = |(id, selected): (TrackId, BTreeSet<NoteId>)| {
            let notes = self.project.track(id).map(|track| track.notes.clone()).unwrap_or_default();
            notes.iter().filter(|note| selected.contains(&note.id)).cloned().collect::<Vec<_>>()
        };
        let mut notes: Vec<Note> = self.selected().into_iter().flat_map(of_track).collect();
        notes.sort_by_key(|note| note.onset);
        notes
    }

    /// Copies of the selected notes of the active track, in order.
    pub fn selected_notes(&self) -> Vec<Note> {
        self.notes().iter().filter(|note| self.selection.contains(&note.id)).cloned().collect()
    }

    /// Replaces the points of a curve of the active track in `[from, to)`.
    ///
    /// # Errors
    /// If the points do not lie there in order.
    pub fn draw_curve(
        &mut self,
        kind: CurveKind,
        from: Tick,
        to: Tick,
        points: Vec<CurvePoint>,
    ) -> Result<(), EditError> {
        let Some(track) = self.track else { return Ok(()) };
        self.perform("draw-curve", Command::Curve(CurveCommand::Draw { track, kind, from, to, points }))
    }

    /// Makes a track of that name out of a harmony, with the notes that it sings. It is heard
    /// where the harmony was.
    ///
    /// # Errors
    /// If there is no such harmony.
    pub fn unlink_harmony(&mut self, track: TrackId, index: usize, name: &str) -> Result<(), EditError> {
        let lead = self.project.track(track).ok_or(EditError::NoTrack(track))?;
        let harmony = *lead.harmonies.get(index).ok_or(EditError::NoHarmony { track, index })?;
        let late = Late::new(&self.project.tempo, harmony.delay);
        let place = self.project.tracks.iter().position(|t| t.id == track).unwrap_or(0) + 1;
        let mut own = Track::new(self.project.next_track_id(), name);
        own.singer.clone_from(&lead.singer);
        own.second.clone_from(&lead.second);
        own.language = lead.language;
        own.inflection = lead.inflection;
        own.expression = lead.expression;
        own.gain_db = lead.gain_db + harmony.gain_db;
        own.pan = harmony.pan;
        own.room = lead.room;
        own.folder.clone_from(&lead.folder);
        own.folded = lead.folded;
        own.folder_gain_db = lead.folder_gain_db;
        own.mute = lead.mute || harmony.mute;
        own.solo = lead.solo;
        own.curves = late.curves(&lead.curves);
        let sung =
            |note: &Note| Some(late.note(Note { pitch: harmony.kind.pitch(note.pitch)?, ..note.clone() }));
        own.notes = lead.notes.iter().filter_map(sung).collect();
        self.perform(
            "unlink-harmony",
            Command::All(vec![
                Command::Harmony(HarmonyCommand::Remove { track, index }),
                Command::Track(TrackCommand::Insert { index: place, track: Box::new(own) }),
            ]),
        )
    }

    /// Adds a harmony of that kind behind those that the track has.
    ///
    /// # Errors
    /// If there is no such track.
    pub fn add_harmony(&mut self, track: TrackId, kind: HarmonyKind) -> Result<(), EditError> {
        let index = self.project.track(track).ok_or(EditError::NoTrack(track))?.harmonies.len();
        let harmony = Harmony::new(kind);
        self.perform("add-harmony", Command::Harmony(HarmonyCommand::Insert { track, index, harmony }))
    }

    /// Lays a copy of the active track below it and goes to it.
    ///
    /// # Errors
    /// Never: there is always room.
    pub fn duplicate_track(&mut self) -> Result<(), EditError> {
        let (Some(track), Some(place)) = (self.active(), self.place_of_track()) else { return Ok(()) };
        let id = self.project.next_track_id();
        let Track { colour, .. } = Track::new(id, "");
        let track = Box::new(Track { id, colour, ..track.clone() });
        self.perform("duplicate-track", Command::Track(TrackCommand::Insert { index: place + 1, track }))?;
        self.set_active_track(id);
        Ok(())
    }

    /// Moves the active track up or down among the others; at an end it stays. It goes past a folder as a whole,
    /// and one that lies in a folder stays in it.
    ///
    /// # Errors
    /// Never: the track is there.
    pub fn move_track(&mut self, by: isize) -> Result<(), EditError> {
        let (Some(track), Some(place)) = (self.track, self.place_of_track()) else { return Ok(()) };
        let tracks = &self.project.tracks;
        let own = tracks[place].folder.as_ref();
        let mut next = place.checked_add_signed(by).filter(|&index| index < tracks.len());
        let beside = next.and_then(|index| tracks[index].folder.as_ref());
        if beside != own && own.is_some() {
            return Ok(());
        }
        while let Some(further) = next.and_then(|index| index.checked_add_signed(by)) {
            if beside == own || tracks.get(further).is_none_or(|track| track.folder.as_ref() != beside) {
                break;
            }
            next = Some(further);
        }
        match next {
            Some(index) => self.perform("move-track", Command::Track(TrackCommand::Reorder { track, index })),
            None => Ok(()),
        }
    }

    /// The place of the active track among the others.
    pub fn place_of_track(&self) -> Option<usize> {
        self.project.tracks.iter().position(|track| Some(track.id) == self.track)
    }

    /// Adds an empty track below the others and goes to it.
    ///
    /// # Errors
    /// Never: there is always room.
    pub fn add_track(&mut self, name: &str) -> Result<(), EditError> {
        let id = self.project.next_track_id();
        let index = self.project.tracks.len();
        let track = Box::new(Track::new(id, name));
        self.perform("add-track", Command::Track(TrackCommand::Insert { index, track }))?;
        self.set_active_track(id);
        Ok(())
    }
}

/// A command for notes of a track, with what lets the curves go along that `base` says they had.
fn carried(base: &Base, project: &Project, command: NoteCommand) -> Result<Command, EditError> {
    let command = Command::Note(command);
    let mut after = project.clone();
    command.clone().apply(&mut after)?;
    let mut commands = vec![command];
    if let (Some(track), Some(after)) = (project.track(base.track), after.track(base.track)) {
        commands.extend(carry::redrawn(base.track, &track.curves, &base.carried_to(&after.notes)));
    }
    Ok(Command::All(commands))
}
