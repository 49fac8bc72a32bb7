//! What can be done with notes. Each is one named step.

use std::collections::BTreeSet;

use super::document::Editor;
use ziyin_lyrics::Language;
use ziyin_score::{
    Command, EditError, Key, Manner, Note, NoteCommand, NoteId, Scale, TICKS_PER_QUARTER, Tick, Track,
    TrackId, Transition, Vibrato,
};
use ziyin_singing::draft::PHRASE_GAP;

/// The shortest note that editing leaves, in ticks: 1/32 of a triplet quarter.
pub const SHORTEST: Tick = 30;
/// What a note without a vibrato of its own begins with: one as most singers have it.
pub const USUAL_VIBRATO: Vibrato = Vibrato::new(50.0, 180.0, 0.35);

impl Editor {
    /// Draws a note that sings `lyric`.
    #[cfg(test)]
    pub(crate) fn insert(
        &mut self,
        onset: Tick,
        length: Tick,
        pitch: u8,
        lyric: &str,
    ) -> Result<NoteId, EditError> {
        if self.active().is_none() {
            self.add_track("Track 1")?;
        }
        let track = self.active().unwrap();
        let (id, track) = (track.notes.next_id(), track.id);
        let note = Note::new(id, onset, length, pitch, lyric);
        self.perform("draw-note", Command::Note(NoteCommand::Insert { track, notes: vec![note] }))?;
        self.select([id]);
        Ok(id)
    }

    /// Moves the selected notes with their curves; those that would leave the song stay, all of them.
    ///
    /// # Errors
    /// If one of them would lie outside the song.
    pub fn move_selected(&mut self, step: &str, ticks: Tick, semitones: i16) -> Result<(), EditError> {
        if ticks == 0 && semitones == 0 {
            return Ok(());
        }
        self.perform_with_curves(step, |track, notes| NoteCommand::Move {
            track: track.id,
            notes,
            ticks,
            semitones,
        })
    }

    /// # Errors
    /// If a pitch would leave 0 to 127.
    pub fn transpose(&mut self, semitones: i16) -> Result<(), EditError> {
        self.repeat_move(
            "transpose",
            i64::from(semitones),
            |all| format!("transpose:{all:+}"),
            |all| (0, all),
        )
    }

    /// Moves the selected notes by so many degrees of the key of their track.
    ///
    /// # Errors
    /// If a pitch would leave 0 to 127.
    pub fn transpose_in_key(&mut self, degrees: i8) -> Result<(), EditError> {
        let (set, lead) = (self.project().key, self.project().sounding_key());
        let name = |all: i64| format!("transpose-in-key:{all:+}");
        self.repeat("transpose-in-key", i64::from(degrees), name, |before, notes, all| {
            // Told from the notes as they were before: however often the key is pressed, it is the same.
            let key = set.or_else(|| Key::of_notes(before.notes.iter())).or(lead);
            let key = key.unwrap_or(Key { tonic: 0, scale: Scale::Major });
            let degrees = all.clamp(i8::MIN.into(), i8::MAX.into()) as i8;
            changed(before, &notes, |note| {
                // A key that there is not is refused as such.
                let pitch = key.step(note.pitch, degrees).unwrap_or(u8::MAX);
                Note { pitch, ..note }
            })
        })
    }

    /// Moves the selected notes in time, by so many ticks.
    ///
    /// # Errors
    /// If one of them would lie outside the song.
    pub fn nudge(&mut self, ticks: Tick) -> Result<(), EditError> {
        self.repeat_move("nudge", ticks, |all| format!("nudge:{}", quarters(all)), |all| (all, 0))
    }

    /// Sings the selected notes in a take that many further on than the one that each has, or back; the
    /// first is the last to go back to.
    ///
    /// # Errors
    /// Never, as long as the selection is of the active track.
    pub fn change_take(&mut self, by: i64) -> Result<(), EditError> {
        let name = |all: i64| format!("change-take:{all:+}");
        self.repeat("change-take", by, name, |before, notes, all| {
            let chosen: BTreeSet<NoteId> = notes.into_iter().collect();
            let sung = before.notes.iter().filter(|note| chosen.contains(&note.id));
            let anew = sung.map(|note| {
                let take = i64::from(note.take).saturating_add(all).clamp(0, u32::MAX.into());
                Note { take: take as u32, ..note.clone() }
            });
            NoteCommand::Change { track: before.id, notes: anew.collect() }
        })
    }

    /// Sings all selected notes in one take, counted from 0.
    ///
    /// # Errors
    /// Never, as long as the selection is of the active track.
    pub fn set_take(&mut self, take: u32) -> Result<(), EditError> {
        self.change_selected("change-take", |note| Note { take, ..note })
    }

    /// Moves the selected notes once more; `by` gives ticks and semitones of an amount.
    fn repeat_move(
        &mut self,
        kind: &'static str,
        amount: i64,
        name: impl Fn(i64) -> String,
        by: impl Fn(i64) -> (Tick, i64),
    ) -> Result<(), EditError> {
        self.repeat(kind, amount, name, |track, notes, all| {
            let (ticks, semitones) = by(all);
            // More than a pitch can move it cannot move either.
            let semitones = semitones.clamp(-128, 128) as i16;
            NoteCommand::Move { track: track.id, notes, ticks, semitones }
        })
    }

    /// Puts all selected notes on one key.
    ///
    /// # Errors
    /// If it is no MIDI key.
    pub fn set_pitch(&mut self, pitch: u8) -> Result<(), EditError> {
        self.change_selected("set-pitch", |note| Note { pitch, ..note })
    }

    /// Makes all selected notes so many ticks long, and none shorter than [`SHORTEST`]. Their curves are
    /// stretched with them.
    ///
    /// # Errors
    /// If a note would lie outside the song.
    pub fn set_length(&mut self, ticks: Tick) -> Result<(), EditError> {
        let length = ticks.max(SHORTEST);
        self.change_places("resize-notes", |note| Note { length, ..note })
    }

    /// Removes the selected notes with their curves.
    ///
    /// # Errors
    /// Never, as long as the selection is of the active track.
    pub fn erase(&mut self) -> Result<(), EditError> {
        self.remove_selected("erase-notes")
    }

    pub(super) fn remove_selected(&mut self, step: &str) -> Result<(), EditError> {
        self.perform_with_curves(step, |track, notes| NoteCommand::Remove { track: track.id, notes })
    }

    /// Moves both edges of the selected notes: the onset by `start` and the end by `end`
    /// ticks. No note becomes shorter than [`SHORTEST`]. Their curves are stretched with them.
    ///
    /// # Errors
    /// If a note would lie outside the song.
    pub fn resize_selected(&mut self, start: Tick, end: Tick) -> Result<(), EditError> {
        self.change_places("resize-notes", |mut note| {
            let stop = note.end() + end;
            note.onset = (note.onset + start).clamp(0, (stop - SHORTEST).max(0));
            note.length = (stop - note.onset).max(SHORTEST);
            note
        })
    }

    /// Splits each selected note at `at` where it lies inside, else in its middle. The
    /// lyric stays with the first part; the second holds its vowel.
    ///
    /// # Errors
    /// Never: both parts lie inside the note.
    pub fn split(&mut self, at: Option<Tick>) -> Result<(), EditError> {
        let Some(track) = self.active() else { return Ok(()) };
        let (id, mut next) = (track.id, track.notes.next_id().0);
        let (mut first, mut second) = (Vec::new(), Vec::new());
        for note in self.selected_notes() {
            let middle = note.onset + note.length / 2;
            let at = at.filter(|&at| at > note.onset && at < note.end()).unwrap_or(middle);
            if at <= note.onset {
                continue;
            }
            second.push(Note {
                id: NoteId(next),
                onset: at,
                length: note.end() - at,
                lyric: "-".into(),
                pronunciation: None,
                transition: None,
                articulations: Vec::new(),
                ..note.clone()
            });
            next += 1;
            first.push(Note { length: at - note.onset, ..note });
        }
        if first.is_empty() {
            return Ok(());
        }
        self.perform(
            "split-notes",
            Command::All(vec![
                Command::Note(NoteCommand::Change { track: id, notes: first }),
                Command::Note(NoteCommand::Insert { track: id, notes: second }),
            ]),
        )
    }

    /// Makes one note of the selected ones: the pitch of the first, their lyrics after
    /// one another without the holds.
    ///
    /// # Errors
    /// Never: the whole lies where its parts lay.
    pub fn merge(&mut self) -> Result<(), EditError> {
        let Some(track) = self.active_track() else { return Ok(()) };
        let notes = self.selected_notes();
        let [first, rest @ ..] = &notes[..] else { return Ok(()) };
        if rest.is_empty() {
            return Ok(());
        }
        let end = notes.iter().map(Note::end).max().unwrap_or(first.end());
        let lyric = one_lyric(notes.iter().filter(|note| !note.is_hold()).map(|note| note.lyric.as_str()));
        let whole = Note { length: end - first.onset, lyric, ..first.clone() };
        let (kept, gone) = (first.id, rest.iter().map(|note| note.id).collect());
        self.perform(
            "merge-notes",
            Command::All(vec![
                Command::Note(NoteCommand::Remove { track, notes: gone }),
                Command::Note(NoteCommand::Change { track, notes: vec![whole] }),
            ]),
        )?;
        self.select([kept]);
        Ok(())
    }

    /// Brings onsets and ends of the selected notes to the nearest line of a grid. A note of which nothing
    /// would be left becomes `shortest` ticks long.
    ///
    /// # Errors
    /// Never: a note moves towards the song, not out of it.
    pub fn quantise(&mut self, shortest: Tick, nearest: impl Fn(Tick) -> Tick) -> Result<(), EditError> {
        self.change_places("quantise", |note| {
            let onset = nearest(note.onset).max(0);
            let length = nearest(note.end()) - onset;
            Note { onset, length: if length > 0 { length } else { shortest.max(1) }, ..note }
        })
    }

    /// Gives the selected notes another onset and length, and stretches their curves with them.
    fn change_places(&mut self, step: &str, change: impl Fn(Note) -> Note) -> Result<(), EditError> {
        self.perform_with_curves(step, |track, selected| changed(track, &selected, &change))
    }

    /// Makes something else of each selected note, and leaves the curves as they are.
    ///
    /// # Errors
    /// If a value is out of range.
    pub fn change_selected(&mut self, step: &str, change: impl Fn(Note) -> Note) -> Result<(), EditError> {
        let selected = self.selected();
        let of_track = |(id, notes): &(TrackId, BTreeSet<NoteId>)| {
            let notes: Vec<NoteId> = notes.iter().copied().collect();
            Some(Command::Note(changed(self.project().track(*id)?, &notes, &change)))
        };
        let commands = selected.iter().filter_map(of_track).collect();
        self.perform(step, Command::All(commands))
    }

    /// Gives the selected notes a vibrato; `None` leaves it to the singer.
    ///
    /// # Errors
    /// If a value is out of range.
    pub fn set_vibrato(&mut self, vibrato: Option<Vibrato>) -> Result<(), EditError> {
        self.change_selected("change-vibrato", |note| Note { vibrato, ..note })
    }

    /// Gives the selected notes a way from the note before; `None` leaves it to the singer.
    ///
    /// # Errors
    /// If a value is out of range.
    pub fn set_transition(&mut self, transition: Option<Transition>) -> Result<(), EditError> {
        self.change_selected("change-transition", |note| Note { transition, ..note })
    }

    /// The key of the note before a note of the active track from which the pitch comes to it: they are
    /// sung in one breath, at two keys.
    pub fn leads_into(&self, note: &Note) -> Option<u8> {
        let notes = self.notes();
        let mut sung = notes.iter().filter(|note| !note.muted);
        let before = sung.by_ref().take_while(|other| other.id != note.id).last()?;
        if note.muted {
            return None;
        }
        let tempo = &self.project().tempo;
        let gap = tempo.seconds(note.onset) - tempo.seconds(before.end());
        (gap < PHRASE_GAP && before.pitch != note.pitch).then_some(before.pitch)
    }

    /// Gives the selected notes a manner; `None` leaves it to the singer.
    ///
    /// # Errors
    /// None that a selection can cause.
    pub fn set_manner(&mut self, manner: Option<Manner>) -> Result<(), EditError> {
        self.change_selected("change-manner", |note| Note { manner, ..note })
    }

    /// Lets the selected notes stand there without being sung; if none of them is, they are sung again.
    ///
    /// # Errors
    /// None that a selection can cause.
    pub fn mute_notes(&mut self) -> Result<(), EditError> {
        let muted = !self.are_muted();
        let step = if muted { "mute-notes" } else { "sing-notes" };
        self.change_selected(step, |note| Note { muted, ..note })
    }

    /// Whether there are selected notes, and all of them are muted.
    pub fn are_muted(&self) -> bool {
        let notes = self.all_selected_notes();
        !notes.is_empty() && notes.iter().all(|note| note.muted)
    }

    /// Gives the selected notes a language; `None` leaves it to the track and the lyrics. A reading that
    /// was chosen in another language goes, and so do the sounds that were set of it.
    ///
    /// # Errors
    /// None that a selection can cause.
    pub fn set_language(&mut self, language: Option<Language>) -> Result<(), EditError> {
        self.change_selected("choose-language", |note| match note.language == language {
            true => note,
            false => Note { language, pronunciation: None, articulations: Vec::new(), ..note },
        })
    }

    /// Selects the note before or after the selected ones, or the first one.
    pub fn select_neighbour(&mut self, forward: bool) {
        let notes = self.notes();
        let selected = |note: &Note| self.selection.contains(&note.id);
        let at = match forward {
            true => notes.iter().rposition(selected).map_or(0, |i| i + 1),
            false => notes.iter().position(selected).map_or(notes.len(), |i| i).wrapping_sub(1),
        };
        if let Some(note) = notes[..].get(at) {
            self.select([note.id]);
        }
    }
}

/// What makes something else of notes of a track, which are given by their ids in order.
fn changed(track: &Track, notes: &[NoteId], change: impl Fn(Note) -> Note) -> NoteCommand {
    let chosen = track.notes.iter().filter(|note| notes.binary_search(&note.id).is_ok());
    NoteCommand::Change { track: track.id, notes: chosen.map(|note| change(note.clone())).collect() }
}

/// An amount of time as musicians see it: `+0.5 ♩`.
fn quarters(ticks: Tick) -> String {
    let quarters = (1000.0 * ticks as f64 / TICKS_PER_QUARTER as f64).round() / 1000.0;
    format!("{quarters:+} ♩")
}

/// Lyrics after one another. Between letters goes a space: *xi an* is not *xian*.
pub(super) fn one_lyric<'a>(lyrics: impl Iterator<Item = &'a str>) -> String {
    let mut whole = String::new();
    lyrics.for_each(|lyric| append_lyric(&mut whole, lyric));
    whole
}

/// Puts a lyric behind others, in the same way.
pub(super) fn append_lyric(whole: &mut String, lyric: &str) {
    let joins = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() && !is_wide(c));
    if joins(whole.chars().last()) && joins(lyric.chars().next()) {
        whole.push(' ');
    }
    whole.push_str(lyric);
}

/// Whether a character is a syllable by itself: hanzi, kana, hangul.
fn is_wide(c: char) -> bool {
    c >= '\u{2e80}'
}

#[cfg(test)]
mod tests {
    use super::*;
    use ziyin_score::Project;

    const Q: Tick = TICKS_PER_QUARTER;

    fn editor() -> Editor {
        let mut editor = Editor::new(Project::default());
        for (i, lyric) in ["我", "爱", "你"].into_iter().enumerate() {
            editor.insert(i as Tick * Q, Q, 60 + i as u8, lyric).unwrap();
        }
        editor
    }

    fn lyrics(editor: &Editor) -> String {
        editor.notes().iter().map(|note| note.lyric.as_str()).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn split_and_merge_are_each_one_step() {
        let mut editor = editor();
        let before = editor.project().clone();
        editor.select_all();
        editor.split(None).unwrap();
        assert_eq!(lyrics(&editor), "我 - 爱 - 你 -");
        editor.select_all();
        editor.merge().unwrap();
        assert_eq!(lyrics(&editor), "我爱你");
        assert_eq!(editor.notes()[0].length, 3 * Q);
        editor.undo().unwrap();
        editor.undo().unwrap();
        assert_eq!(editor.project(), &before);
    }

    #[test]
    fn merged_letters_stay_apart() {
        let merged = |lyrics: &[&str]| {
            let mut editor = Editor::new(Project::default());
            for (i, lyric) in lyrics.iter().enumerate() {
                editor.insert(i as Tick * Q, Q, 60, lyric).unwrap();
            }
            editor.select_all();
            editor.merge().unwrap();
            editor.notes()[0].lyric.clone()
        };
        assert_eq!(merged(&["xi1", "an", "-"]), "xi1 an");
        assert_eq!(merged(&["我", "love", "你"]), "我love你");
    }

    #[test]
    fn copies_go_where_they_are_pasted_and_are_selected() {
        let mut editor = editor();
        editor.select_all();
        editor.copy();
        editor.add_track("second").unwrap();
        editor.paste(8 * Q).unwrap();
        assert_eq!(editor.notes()[0].onset, 8 * Q);
        assert_eq!(editor.selection().len(), 3);
        editor.duplicate().unwrap();
        assert_eq!(editor.notes()[3].onset, 11 * Q);
        editor.cut().unwrap();
        assert_eq!(editor.notes().len(), 3);
    }

    #[test]
    fn a_drag_is_one_step_and_can_be_given_up() {
        let mut editor = editor();
        let before = editor.project().clone();
        editor.select_all();
        editor.begin("move-notes");
        for _ in 0..5 {
            editor.move_selected("move-notes", 10, 1).unwrap();
        }
        editor.end();
        assert_eq!(editor.notes()[0].onset, 50);
        editor.undo().unwrap();
        assert_eq!(editor.project(), &before);
        editor.begin("move-notes");
        editor.move_selected("move-notes", 10, 1).unwrap();
        editor.cancel().unwrap();
        assert_eq!(editor.project(), &before);
        assert!(editor.move_selected("move-notes", -1, 0).is_err());
        assert_eq!(editor.project(), &before);
    }

    #[test]
    fn keys_that_are_pressed_again_make_one_step_that_says_how_much_it_did() {
        let mut editor = editor();
        let before = editor.project().clone();
        let made = editor.history().undo_names().count();
        let steps = |editor: &Editor| -> Vec<String> {
            editor.history().undo_names().skip(made).map(String::from).collect()
        };
        editor.select_all();
        for _ in 0..3 {
            editor.transpose(1).unwrap();
        }
        editor.transpose(12).unwrap();
        editor.nudge(480).unwrap();
        editor.nudge(480).unwrap();
        assert_eq!(steps(&editor), ["transpose:+15", "nudge:+1 ♩"]);
        // Beyond what there is it stays, and what was done stays one step.
        assert!(editor.nudge(-5 * Q).is_err());
        assert_eq!((editor.notes()[0].onset, steps(&editor).len()), (Q, 2));
        let first = editor.notes()[0].id;
        editor.select([first]);
        editor.nudge(-480).unwrap();
        assert_eq!(steps(&editor).len(), 3, "other notes are another step");
        for _ in 0..3 {
            editor.undo().unwrap();
        }
        assert_eq!(editor.project(), &before);
        // Back where it began nothing was done.
        editor.select_all();
        editor.transpose(1).unwrap();
        editor.transpose(-1).unwrap();
        assert_eq!(steps(&editor), Vec::<String>::new());
        assert_eq!(editor.project(), &before);
        editor.transpose(2).unwrap();
        editor.undo().unwrap();
        editor.transpose(2).unwrap();
        assert_eq!(steps(&editor), ["transpose:+2"], "what was undone is not made larger");
    }

    #[test]
    fn takes_go_on_and_back_to_the_first_for_each_note_in_one_step() {
        let mut editor = editor();
        let before = editor.project().clone();
        let made = editor.history().undo_names().count();
        let takes = |editor: &Editor| -> Vec<u32> { editor.notes().iter().map(|note| note.take).collect() };
        let first = editor.notes()[0].id;
        editor.select([first]);
        editor.change_take(1).unwrap();
        editor.select_all();
        editor.change_take(1).unwrap();
        editor.change_take(1).unwrap();
        assert!(takes(&editor)[0] == 3 && takes(&editor)[1..].iter().all(|&take| take == 2));
        assert_eq!(
            editor.history().undo_names().skip(made).collect::<Vec<_>>(),
            ["change-take:+1", "change-take:+2"]
        );
        for _ in 0..5 {
            editor.change_take(-1).unwrap();
        }
        assert!(takes(&editor).iter().all(|&take| take == 0), "{:?}", takes(&editor));
        editor.set_take(4).unwrap();
        assert!(takes(&editor).iter().all(|&take| take == 4));
        while editor.history().undo_names().count() > made {
            editor.undo().unwrap();
        }
        assert_eq!(editor.project(), &before);
    }

    #[test]
    fn a_verse_is_spread_and_what_is_left_is_told() {
        let mut editor = editor();
        editor.select_all();
        assert_eq!(editor.spread_lyrics("好一朵美丽").unwrap(), 2);
        assert_eq!(lyrics(&editor), "好 一 朵");
        let notes = editor.notes();
        editor.select([notes[0].id, notes[2].id]);
        editor.spread_lyrics("ta de").unwrap();
        assert_eq!(lyrics(&editor), "ta 一 de");
    }

    #[test]
    fn quantise_never_leaves_a_note_of_no_length() {
        let mut editor = Editor::new(Project::default());
        editor.insert(100, 40, 60, "").unwrap();
        editor.quantise(240, |tick| (tick + 120) / 240 * 240).unwrap();
        assert_eq!((editor.notes()[0].onset, editor.notes()[0].length), (0, 240));
        editor.resize_selected(0, -1000).unwrap();
        assert_eq!(editor.notes()[0].length, SHORTEST);
    }

    #[test]
    fn a_phrase_ends_at_a_rest() {
        let mut editor = editor();
        editor.insert(5 * Q, Q, 60, "").unwrap();
        let notes = editor.notes();
        editor.select([notes[1].id]);
        editor.select_phrase();
        assert_eq!(editor.selection().len(), 3);
    }
}
