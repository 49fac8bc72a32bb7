//! What each action does.

use std::path::PathBuf;
use std::time::Duration;

use egui::Context;
use rust_i18n::t;
use ziyin_message::ToMessage;

use super::command_palette::CommandPalette;
use super::studio::Studio;
use crate::action::Action;
use crate::dialog::chooser::Purpose;
use crate::dialog::clone_singer::CloneDialog;
use crate::dialog::export::ExportDialog;
use crate::dialog::find_lyrics::{self, FindDialog};
use crate::dialog::marker::MarkerDialog;
use crate::dialog::preferences::PreferencesDialog;
use crate::dialog::select_notes::SelectDialog;
use crate::dialog::shortcuts::ShortcutsDialog;
use crate::dialog::song_change::{Asked, ChangeDialog};
use crate::dialog::takes::TakesDialog;
use crate::dialog::time::TimeDialog;
use crate::dialog::{Dialog, Leave, Step};
use crate::folder_row::new_name;
use crate::lanes::{Lane, Tool, reset};
use crate::request::{Request, Requests};
use ziyin_score::{
    Command, EditError, HarmonyKind, Note, NoteId, TICKS_PER_QUARTER, Tempo, Tick, TrackCommand, TrackField,
    Vibrato,
};
use ziyin_session::backing;
use ziyin_session::editor::{ChangeKind, SongChange, TimeChange, Typed, USUAL_VIBRATO};
use ziyin_session::log;
use ziyin_session::settings::Theme;

impl Studio {
    /// Does what an action asks for. `text` is what the system's clipboard holds, for a
    /// paste.
    pub(super) fn perform(&mut self, ctx: &Context, action: Action, text: Option<String>) {
        match action {
            Action::New => self.leave(ctx, Leave::New),
            Action::Templates => self.open_templates(),
            Action::Open => self.choose(Purpose::OpenSong),
            Action::Save => self.save(),
            Action::SaveAs => self.choose(Purpose::SaveSong),
            Action::ExportAudio => {
                let dialog = ExportDialog::new(
                    self.session.editor.project(),
                    &self.session.settings,
                    self.view.looped,
                );
                self.dialog = Some(Dialog::Export(Box::new(dialog)));
            }
            Action::ExportSong => self.choose(Purpose::ExportSong),
            Action::Preferences => {
                self.session.engine.look_for_devices();
                self.session.keyboard.ask_names();
                self.dialog = Some(Dialog::Preferences(PreferencesDialog));
            }
            Action::Quit => self.leave(ctx, Leave::Quit),
            Action::Palette => self.palette = Some(CommandPalette::default()),
            Action::Shortcuts => self.dialog = Some(Dialog::Shortcuts(ShortcutsDialog::default())),
            Action::About => self.dialog = Some(Dialog::About),
            Action::Tour => self.begin_tour(),
            Action::OpenLog => self.open_log(),
            _ => self.perform_edit(ctx, action, text),
        }
    }

    /// Opens the folder of the log.
    fn open_log(&mut self) {
        match log::folder() {
            Some(folder) => self.open_folder(folder.to_path_buf()),
            None => self.tell(t!("notice.no-log")),
        }
    }

    /// Opens a folder as the desktop opens folders; what that says may take a while.
    pub(super) fn open_folder(&mut self, folder: PathBuf) {
        self.tell(folder.display().to_string());
        let open = move || {
            if let Err(error) = open::that(&folder) {
                tracing::warn!("{} cannot be opened: {error}", folder.display());
            }
        };
        // The line at the bottom says where it is in any case.
        let _ = std::thread::Builder::new().name("open folder".into()).spawn(open);
    }

    fn perform_edit(&mut self, ctx: &Context, action: Action, text: Option<String>) {
        let result = match action {
            Action::Undo => self.session.editor.undo().map(drop),
            Action::Redo => self.session.editor.redo().map(drop),
            Action::Cut => {
                self.copy_out(ctx);
                self.session.editor.cut()
            }
            Action::Copy => {
                self.session.editor.copy();
                self.copy_out(ctx);
                Ok(())
            }
            Action::Paste => return self.paste(text),
            Action::PasteNotes => self.session.editor.paste_notes_alone(self.paste_place()),
            Action::Duplicate => self.session.editor.duplicate(),
            Action::Erase if self.values.held_anchor().is_some() => self.remove_held_anchor(),
            Action::Erase => self.session.editor.erase(),
            Action::SelectAll if self.arrangement.has_keyboard(ctx) => {
                self.session.editor.select_everything();
                Ok(())
            }
            Action::SelectAll => {
                self.session.editor.select_all();
                Ok(())
            }
            Action::SelectPhrase => {
                self.session.editor.select_phrase();
                Ok(())
            }
            Action::SelectNext | Action::SelectPrevious => {
                self.session.editor.select_neighbour(action == Action::SelectNext);
                return self.show_selection();
            }
            Action::InsertNote => self.insert_note(None),
            Action::TypeLyric => {
                if let Some(note) = self.session.editor.selected_notes().first().map(|note| note.id) {
                    self.lane.type_into(&mut self.session.editor, note);
                }
                Ok(())
            }
            Action::Split => {
                let at = self.session.engine.position_ticks() as Tick;
                self.session.editor.split(Some(at))
            }
            Action::Merge => self.session.editor.merge(),
            Action::Quantise => {
                let (snap, meter) = (self.view.snap, self.project().meter.clone());
                let shortest = self.grid();
                self.session.editor.quantise(shortest, |tick| snap.nearest(&meter, tick as f64))
            }
            Action::MuteNotes => self.session.editor.mute_notes(),
            Action::SemitoneUp => self.session.editor.transpose(1),
            Action::SemitoneDown => self.session.editor.transpose(-1),
            Action::OctaveUp => self.session.editor.transpose(12),
            Action::OctaveDown => self.session.editor.transpose(-12),
            Action::DegreeUp => self.session.editor.transpose_in_key(1),
            Action::DegreeDown => self.session.editor.transpose_in_key(-1),
            Action::NudgeLeft => self.session.editor.nudge(-self.grid()),
            Action::NudgeRight => self.session.editor.nudge(self.grid()),
            Action::Shorter => self.session.editor.resize_selected(0, -self.grid()),
            Action::Longer => self.session.editor.resize_selected(0, self.grid()),
            Action::Vibrato => self.session.editor.set_vibrato(Some(USUAL_VIBRATO)),
            Action::NoVibrato => {
                self.session.editor.set_vibrato(Some(Vibrato { depth_cents: 0.0, ..USUAL_VIBRATO }))
            }
            Action::UsualVibrato => self.session.editor.set_vibrato(None),
            Action::ResetPhonemes => self.session.editor.reset_phonemes(),
            Action::AddBreaths => self.session.editor.add_breaths().map(|count| match count {
                0 => self.tell(t!("notice.no-room-to-breathe")),
                _ => self.tell(t!("notice.breaths", count = count)),
            }),
            Action::NextTake => self.session.editor.change_take(1),
            Action::PreviousTake => self.session.editor.change_take(-1),
            Action::Manner(manner) => self.session.editor.set_manner(manner),
            Action::SmoothCurve => {
                let range = self.active_range();
                let (from, to) = range.unwrap_or((0, self.session.editor.project().end()));
                match self.view.lane {
                    Lane::Curve(kind) => self.session.editor.smooth_curve(kind, from, to),
                    Lane::Levels => self.session.editor.smooth_levels(from, to),
                }
            }
            Action::CopyCurve => {
                let looped = self.view.looped;
                if let (Lane::Curve(kind), Some((from, to))) =
                    (self.view.lane, self.active_range().or(looped))
                {
                    self.session.editor.copy_curve(kind, from, to);
                }
                Ok(())
            }
            Action::PasteCurve => {
                // A curve for another kind goes where the first one is.
                let at = self.active_range().map_or_else(|| self.paste_place(), |(from, _)| from);
                match self.view.lane {
                    Lane::Curve(kind) => self.session.editor.paste_curve(kind, at),
                    Lane::Levels => Ok(()),
                }
            }
            Action::SetAnchor => self.set_anchor(),
            Action::NextAnchor | Action::PreviousAnchor => {
                return self.go_to_anchor(action == Action::NextAnchor);
            }
            Action::ResetCurve => reset(&mut self.session.editor, self.view.lane),
            _ => return self.perform_track(ctx, action),
        };
        self.done(result);
        if matches!(
            action,
            Action::SemitoneUp
                | Action::SemitoneDown
                | Action::OctaveUp
                | Action::OctaveDown
                | Action::DegreeUp
                | Action::DegreeDown
        ) {
            self.show_selection();
        }
        // One take is told from another by hearing them.
        if matches!(action, Action::NextTake | Action::PreviousTake) && !self.session.engine.follows_host() {
            self.perform_song(Action::PlaySelection);
        }
    }

    fn perform_track(&mut self, ctx: &Context, action: Action) {
        let result = match action {
            Action::AddTrack => {
                let number = self.session.editor.project().tracks.len() + 1;
                self.session.editor.add_track(&t!("track.name", number = number))
            }
            Action::RemoveTrack => match self.session.editor.active_track() {
                Some(track) => self
                    .session
                    .editor
                    .perform("remove-track", Command::Track(TrackCommand::Remove { track })),
                None => Ok(()),
            },
            Action::DuplicateTrack => self.session.editor.duplicate_track(),
            Action::TrackUp => self.session.editor.move_track(-1),
            Action::TrackDown => self.session.editor.move_track(1),
            Action::HideTrack => match self.session.editor.active().map(|track| (track.id, !track.hidden)) {
                Some((track, hidden)) => self.session.editor.set_hidden(track, hidden),
                None => Ok(()),
            },
            Action::ShowAllTracks => self.session.editor.show_all_tracks(),
            Action::NewFolder => match self.session.editor.active_track() {
                Some(track) => {
                    let name = new_name(&self.session.editor);
                    self.session.editor.put_in_folder(track, Some(&name))
                }
                None => Ok(()),
            },
            Action::RecordAudio => {
                self.record_audio();
                Ok(())
            }
            Action::AddBacking => {
                self.choose(Purpose::AddBacking);
                Ok(())
            }
            Action::NextTrack => {
                self.go_to_track(1);
                Ok(())
            }
            Action::PreviousTrack => {
                self.go_to_track(-1);
                Ok(())
            }
            Action::Mute | Action::Solo => match self.session.editor.active() {
                Some(track) => {
                    let (name, field) = match action {
                        Action::Mute => ("mute-track", TrackField::Mute(!track.mute)),
                        _ => ("solo-track", TrackField::Solo(!track.solo)),
                    };
                    let track = track.id;
                    self.session.editor.perform(name, Command::Track(TrackCommand::Set { track, field }))
                }
                None => Ok(()),
            },
            Action::HarmonyAbove => self.add_harmony(HarmonyKind::OctaveUp),
            Action::HarmonyBelow => self.add_harmony(HarmonyKind::OctaveDown),
            _ => return self.perform_view(ctx, action),
        };
        self.done(result);
    }

    fn perform_view(&mut self, ctx: &Context, action: Action) {
        let width = self.lanes.x;
        match action {
            Action::PlayPause | Action::Stop | Action::ToStart if self.session.engine.follows_host() => {
                self.tell(t!("notice.daw-plays"));
            }
            Action::PlayPause => self.session.engine.toggle(),
            Action::Record | Action::StepInput => self.perform_keyboard(action),
            Action::Stop => self.session.engine.stop(),
            Action::ToStart => {
                self.session.engine.seek(0.0);
                self.view.left = 0.0;
            }
            Action::StepOn => {
                let (snap, meter) = (self.view.snap, &self.session.editor.project().meter);
                let next = snap.next(meter, self.paste_place());
                self.go_on_to(next);
            }
            Action::Loop => {
                let bar = self.session.editor.project().meter.at(0).bar();
                let all = (0, self.session.editor.project().end().max(bar));
                self.set_loop(match self.view.looped {
                    Some(_) => None,
                    None => self.view.last_loop.or(self.session.editor.selected_range()).or(Some(all)),
                });
            }
            Action::LoopSelection => self.set_loop(self.session.editor.selected_range()),
            Action::Metronome => {
                self.session.settings.metronome ^= true;
                self.apply_settings(ctx);
            }
            Action::CountIn => {
                self.session.settings.count_in ^= true;
                self.apply_settings(ctx);
            }
            Action::TapTempo => self.tap(ctx),
            Action::Follow => self.view.follow ^= true,
            Action::ToolSelect => self.view.tool = Tool::Select,
            Action::ToolDraw => self.view.tool = Tool::Draw,
            Action::ToolErase => self.view.tool = Tool::Erase,
            Action::ToolPitch => self.view.tool = Tool::Pitch,
            Action::ToolLasso => self.view.tool = Tool::Lasso,
            Action::ZoomIn => self.view.zoom_smoothly(1.4, width),
            Action::ZoomOut => self.view.zoom_smoothly(1.0 / 1.4, width),
            Action::ZoomSong => self.view.show_range(0, self.session.editor.project().end(), width),
            Action::ShowCurves => self.view.toggle_curves(),
            Action::ShowPhonemes => self.view.show_phonemes ^= true,
            Action::Spectrogram => self.view.show_spectrogram ^= true,
            Action::Ghosts => self.view.ghosts.none ^= true,
            Action::ShowScale => self.view.show_scale ^= true,
            Action::ShowTracks => {
                self.session.settings.show_tracks ^= true;
                self.keep_settings();
            }
            Action::Arrangement => {
                self.arrangement.let_go(&mut self.session.editor);
                self.session.settings.show_arrangement ^= true;
                self.keep_settings();
            }
            Action::Mixer => {
                self.session.settings.show_mixer ^= true;
                self.keep_settings();
            }
            Action::History => {
                self.session.settings.show_history ^= true;
                self.keep_settings();
            }
            Action::Theme => {
                self.session.settings.theme =
                    if ctx.theme() == egui::Theme::Dark { Theme::Light } else { Theme::Dark };
                self.apply_settings(ctx);
            }
            _ => self.perform_song(action),
        }
    }

    /// The copied lyrics go to the system's clipboard too.
    fn copy_out(&mut self, ctx: &Context) {
        let notes = self.session.editor.all_selected_notes();
        if !notes.is_empty() {
            self.copied = notes.iter().map(|note| note.lyric.as_str()).collect::<Vec<_>>().join(" ");
            // An empty clipboard would give no paste at all.
            if self.copied.is_empty() {
                self.copied = "R".into();
            }
            ctx.copy_text(self.copied.clone());
        }
    }

    /// Pastes notes at the play head; a text that comes from elsewhere is a verse, which is
    /// spread over the selected notes. For a single one it is as if it was typed there.
    fn paste(&mut self, text: Option<String>) {
        let verse = text.filter(|text| *text != self.copied && !text.trim().is_empty());
        let selected: Vec<NoteId> = self.session.editor.selection().iter().copied().collect();
        match (verse, selected.as_slice()) {
            (Some(verse), [single]) => match self.session.editor.type_lyric(*single, &verse) {
                Ok(Typed { shared: 1, .. }) => {}
                Ok(typed) => self.tell(t!("lane.shared", count = typed.shared)),
                Err(error) => self.complain(error.in_full().said()),
            },
            (Some(verse), [_, _, ..]) => match self.session.editor.spread_lyrics(&verse) {
                Ok(0) => {}
                Ok(left) => self.tell(t!("lane.left", count = left)),
                Err(error) => self.complain(error.in_full().said()),
            },
            (Some(verse), []) if !self.session.editor.has_copied() => {
                match self.session.editor.let_words_wait(&verse) {
                    Ok(0) => self.tell(t!("notice.select-notes")),
                    Ok(count) => self.tell(t!("notice.words-to-come", count = count)),
                    Err(error) => self.complain(error.in_full().said()),
                }
            }
            _ => {
                let at = self.paste_place();
                let pasted = self.session.editor.paste(at);
                self.done(pasted);
            }
        }
    }

    /// The tick at which what is pasted begins.
    fn paste_place(&self) -> Tick {
        // A play head that was brought to a line lies on it to the tick.
        self.view.snap.floor(&self.project().meter, self.session.engine.position_ticks().round())
    }

    /// Ticks of the grid where the selected notes begin.
    fn grid(&self) -> Tick {
        let from = self.session.editor.selected_range().map_or(0, |(from, _)| from);
        self.view.snap.ticks(&self.project().meter, from as f64)
    }

    /// Writes a note from the play head up to the next line of the grid, at that key or else as high as the one
    /// before it, and goes on behind it.
    pub(super) fn insert_note(&mut self, key: Option<u8>) -> Result<(), EditError> {
        let at = self.paste_place();
        let end = self.view.snap.next(&self.project().meter, at);
        let before = |note: &&Note| note.onset < at;
        let pitch = self.session.editor.notes().iter().rev().find(before).map(|note| note.pitch);
        // The first one is where the roll is looked at.
        let middle = self.view.key(self.lanes.y / 2.0).clamp(36.0, 84.0) as u8;
        self.session.editor.draw(at, end - at, key.or(pitch).unwrap_or(middle))?;
        self.show_selection();
        self.go_on_to(end);
        Ok(())
    }

    /// Brings the play head to a tick, unless something plays.
    fn go_on_to(&mut self, tick: Tick) {
        if self.session.engine.is_playing() || self.session.engine.follows_host() {
            return;
        }
        let seconds = self.project().tempo.seconds(tick);
        self.session.engine.seek(seconds);
        self.view.keep_in_sight(tick as f64, self.lanes.x);
    }

    /// Takes in a tap with the beat, and says what it comes to.
    fn tap(&mut self, ctx: &Context) {
        // Taps of before are over first.
        self.take_tapped(ctx);
        self.tapping.strike(ctx.input(|i| i.time));
        match self.tapping.bpm().map(|bpm| self.in_quarters(bpm)) {
            Some(bpm) => self.tell(t!("notice.tapped", bpm = format!("{bpm:.1}"))),
            None => self.tell(t!("notice.tap-on")),
        }
    }

    /// Sets the tempo at the play head once the taps are over, where it was set last.
    pub(super) fn take_tapped(&mut self, ctx: &Context) {
        let ended = self.tapping.ended(ctx.input(|i| i.time));
        if self.tapping.goes_on() {
            // A frame in between takes the place of one that was asked for earlier.
            ctx.request_repaint_after(Duration::from_millis(100));
        }
        let Some(bpm) = ended else { return };
        let Some(tempo) = Tempo::from_bpm((10.0 * self.in_quarters(bpm)).round() / 10.0) else { return };
        let head = self.session.engine.position_ticks().max(0.0) as Tick;
        let changes = self.project().tempo.changes();
        let tick = changes.iter().rev().find(|change| change.tick <= head).map_or(0, |change| change.tick);
        let done = self.session.editor.set_change(Some(tick), tick, SongChange::Tempo(tempo));
        self.done(done);
    }

    /// A tempo in quarters a minute, of one in beats of the time signature at the play head.
    fn in_quarters(&self, bpm: f64) -> f64 {
        let head = self.session.engine.position_ticks().max(0.0) as Tick;
        bpm * self.project().meter.at(head).beat() as f64 / TICKS_PER_QUARTER as f64
    }

    /// Where the selected notes of the active track begin and end.
    fn active_range(&self) -> Option<(Tick, Tick)> {
        let notes = self.session.editor.selected_notes();
        let end = notes.iter().map(|note| note.end()).max()?;
        Some((notes.first()?.onset, end))
    }

    /// Brings the first selected note into sight and sounds nothing.
    fn show_selection(&mut self) {
        if let Some(note) = self.session.editor.selected_notes().first() {
            self.view.keep_in_sight(note.onset as f64, self.lanes.x);
            self.view.keep_key_in_sight(f32::from(note.pitch), self.lanes.y);
        }
    }

    /// Marks what is played in a loop.
    pub(super) fn set_loop(&mut self, looped: Option<(Tick, Tick)>) {
        self.view.looped = looped;
        self.loop_moved = true;
        self.view.last_loop = looped.or(self.view.last_loop);
        self.play_loop();
    }

    /// Gives the engine the loop as the tempo has it.
    pub(super) fn play_loop(&mut self) {
        let looped = self.view.looped;
        let tempo = &self.session.editor.project().tempo;
        self.session.engine.set_loop(looped.map(|(from, to)| tempo.seconds(from)..tempo.seconds(to)));
    }

    /// Keeps the loop with the song once it is marked, and takes the one that an undo brings back.
    pub(super) fn keep_loop(&mut self, ctx: &Context) {
        let kept = self.session.editor.project().looped;
        if self.loop_moved {
            // A drag on the ruler is one step.
            if ctx.input(|i| i.pointer.any_down()) {
                return;
            }
            self.loop_moved = false;
            let done = self.session.editor.set_loop(self.view.looped);
            self.done(done);
        } else if self.view.looped != kept {
            self.set_loop(kept);
            self.loop_moved = false;
        }
    }

    fn go_to_track(&mut self, by: isize) {
        let tracks = self.session.editor.seen_tracks();
        let at =
            tracks.iter().position(|track| Some(track.id) == self.session.editor.active_track()).unwrap_or(0);
        let next = tracks.get(at.saturating_add_signed(by)).map(|track| track.id);
        if let Some(id) = next {
            self.session.editor.set_active_track(id);
        }
    }

    fn add_harmony(&mut self, kind: HarmonyKind) -> Result<(), EditError> {
        match self.session.editor.active_track() {
            Some(track) => self.session.editor.add_harmony(track, kind),
            None => Ok(()),
        }
    }

    /// Does what an action asks for that concerns the song as a whole.
    pub(super) fn perform_song(&mut self, action: Action) {
        match action {
            Action::SetTempo => self.edit_change(ChangeKind::Tempo, self.bar_at_play_head()),
            Action::SetMeter => self.edit_change(ChangeKind::Meter, self.bar_at_play_head()),
            Action::AddMarker => {
                let at = self.view.snap.nearest(&self.project().meter, self.session.engine.position_ticks());
                self.dialog = Some(Dialog::Marker(MarkerDialog::new(self.project(), at)));
            }
            Action::NextMarker | Action::PreviousMarker => {
                // A play head that has just gone to a marker lies on it to the tick.
                let here = self.session.engine.position_ticks().round() as Tick;
                let found = self.session.editor.next_marker(here, action == Action::NextMarker);
                if let Some(tick) = found.map(|marker| marker.tick) {
                    let seconds = self.project().tempo.seconds(tick);
                    self.session.engine.seek(seconds);
                    self.view.keep_in_sight(tick as f64, self.lanes.x);
                }
            }
            Action::FindLyrics => self.dialog = Some(Dialog::Find(FindDialog::new())),
            Action::SelectNotes => {
                self.dialog = self.session.editor.active().and_then(SelectDialog::new).map(Dialog::Select);
            }
            Action::Takes => {
                let editor = &mut self.session.editor;
                let chosen = editor.selection().clone();
                if let (Some(track), false) = (editor.active_track(), chosen.is_empty()) {
                    // What is chosen is for the notes that are heard.
                    editor.select(chosen.iter().copied());
                    self.dialog = Some(Dialog::Takes(TakesDialog::new(track, chosen, &editor.notes())));
                }
            }
            Action::InsertTime | Action::DeleteTime => {
                let change =
                    if action == Action::InsertTime { TimeChange::Insert } else { TimeChange::Delete };
                // What is marked, else what is selected, else the bar of the play head.
                let marked = self.view.looped.or(self.session.editor.selected_range());
                let bar = self.bar_at_play_head();
                let project = self.session.editor.project();
                let span = marked.unwrap_or((bar, bar + project.meter.at(bar).bar()));
                self.dialog = Some(Dialog::Time(TimeDialog::new(&project.meter, change, span)));
            }
            Action::ZoomSelection => {
                if let Some((from, to)) = self.session.editor.selected_range() {
                    self.view.show_range(from, to, self.lanes.x);
                    self.show_selected_keys();
                }
            }
            Action::PlaySelection => {
                if let Some((from, _)) = self.session.editor.selected_range() {
                    self.session.engine.seek(self.session.editor.project().tempo.seconds(from));
                    if !self.session.engine.is_playing() {
                        self.session.engine.toggle();
                    }
                }
            }
            Action::Hear => self.choose(Purpose::Hear),
            Action::CloneSinger => {
                let takes = self.session.takes();
                let new = || Box::new(CloneDialog::new(takes));
                self.dialog = Some(Dialog::Clone(self.put_off_clone.take().unwrap_or_else(new)));
            }
            Action::Singers => self.open_singers(),
            Action::NotePanel => {
                self.session.settings.show_note ^= true;
                self.keep_settings();
            }
            // Every other action is done elsewhere.
            _ => {}
        }
    }

    /// Brings the middle of the selected notes to the middle of the roll.
    fn show_selected_keys(&mut self) {
        let keys = self.session.editor.selected_notes().into_iter().map(|note| note.pitch);
        if let (Some(low), Some(high)) = (keys.clone().min(), keys.max()) {
            self.view.centre_key((f32::from(low) + f32::from(high)) / 2.0, self.lanes.y);
        }
    }

    /// Where the bar of the play head begins.
    fn bar_at_play_head(&self) -> Tick {
        let meter = &self.session.editor.project().meter;
        meter.bar_start(meter.bar_beat(self.session.engine.position_ticks().max(0.0) as Tick).bar)
    }

    fn edit_change(&mut self, kind: ChangeKind, tick: Tick) {
        self.dialog = Some(Dialog::Change(ChangeDialog::new(self.session.editor.project(), kind, tick)));
    }

    /// Does what the views ask for.
    pub(super) fn answer(&mut self, ctx: &Context, asked: Requests) {
        for request in asked {
            match request {
                Request::Do(action) => self.perform(ctx, action, None),
                Request::Open(path) => self.open(ctx, &path),
                Request::FindBacking(index) => self.choose(Purpose::FindBacking(index)),
                Request::Show(track, note) => {
                    self.session.editor.set_active_track(track);
                    if note.is_some() {
                        self.session.editor.select(note);
                        self.show_selection();
                    }
                }
                Request::ShowSelected => self.show_selection(),
                Request::InstallSinger => self.choose(Purpose::Singer),
                Request::OpenFolder(folder) => self.open_folder(folder),
                Request::Seek(tick) => {
                    let seconds = self.project().tempo.seconds(tick);
                    self.session.engine.seek(seconds);
                }
                Request::Sound(key) => {
                    let singer = self.session.editor.active().and_then(|track| track.singer.as_deref());
                    self.session.engine.sound_key(key, singer);
                }
                Request::TypeLyric(note) => self.lane.type_into(&mut self.session.editor, note),
                Request::EditChange(kind, tick) => self.edit_change(kind, tick),
                Request::RemoveChange(kind, tick) => {
                    let done = self.session.editor.remove_change(kind, tick);
                    self.done(done);
                }
                Request::EditMarker(tick) => {
                    self.dialog = Some(Dialog::Marker(MarkerDialog::new(self.project(), tick)));
                }
                Request::RemoveMarker(tick) => {
                    let done = self.session.editor.remove_marker(tick);
                    self.done(done);
                }
                Request::LoopSection(tick) => {
                    let section = self.session.editor.section(tick);
                    self.set_loop(Some(section));
                }
                Request::SelectSection(tick) => {
                    self.session.editor.select_section(tick);
                    self.show_selection();
                }
                Request::Tell(text) => self.tell(text),
                Request::Complain(text) => self.complain(text),
            }
        }
    }

    pub(super) fn show_time(&mut self, ctx: &Context, mut time: TimeDialog) {
        match time.show(ctx, &self.session.editor.project().meter) {
            (Step::Open, _) => self.dialog = Some(Dialog::Time(time)),
            (Step::Cancelled, _) => {}
            (Step::Confirmed, (from, length)) => {
                match self.session.editor.change_time(time.change(), from, length) {
                    Ok(staying) if staying.is_empty() => {}
                    Ok(staying) => {
                        let names: Vec<String> = staying.iter().map(backing::name_of).collect();
                        self.tell(t!("notice.backing-stays", files = names.join(", ")));
                    }
                    Err(error) => self.complain(error.in_full().said()),
                }
            }
        }
    }

    pub(super) fn show_find(&mut self, ctx: &Context, mut find: FindDialog) {
        match find.show(ctx, &self.session.editor) {
            find_lyrics::Asked::Nothing => self.dialog = Some(Dialog::Find(find)),
            find_lyrics::Asked::Close => {}
            find_lyrics::Asked::Select(track, notes) => {
                self.session.editor.set_active_track(track);
                self.session.editor.select(notes);
                self.show_selection();
            }
            find_lyrics::Asked::Replace { search, by, everywhere } => {
                match self.session.editor.replace_lyrics(&search, &by, everywhere) {
                    Ok(changed) => self.tell(t!("find.replaced", count = changed)),
                    Err(error) => self.complain(error.in_full().said()),
                }
            }
        }
    }

    pub(super) fn show_select(&mut self, ctx: &Context, mut select: SelectDialog) {
        let editor = &self.session.editor;
        match select.show(ctx, editor, self.session.readings.of(editor)) {
            (Step::Open, _) => self.dialog = Some(Dialog::Select(select)),
            (Step::Cancelled, _) => {}
            (Step::Confirmed, notes) => {
                self.session.editor.select(notes);
                self.show_selection();
            }
        }
    }

    pub(super) fn show_marker(&mut self, ctx: &Context, mut dialog: MarkerDialog) {
        match dialog.show(ctx) {
            (Step::Open, ..) => self.dialog = Some(Dialog::Marker(dialog)),
            (Step::Cancelled, ..) => {}
            (Step::Confirmed, old, marker) => {
                let done = self.session.editor.set_marker(old, marker);
                self.done(done);
            }
        }
    }

    pub(super) fn show_change(&mut self, ctx: &Context, mut change: ChangeDialog) {
        let done = match change.show(ctx, &self.session.editor.project().meter) {
            Asked::Nothing => {
                self.dialog = Some(Dialog::Change(change));
                return;
            }
            Asked::Close => return,
            Asked::Begin { signature, pickup } => self.session.editor.set_first_bar(signature, pickup),
            Asked::Set { old, tick, change } => self.session.editor.set_change(old, tick, change),
            Asked::Remove { tick } => self.session.editor.remove_change(change.kind(), tick),
        };
        self.done(done);
    }
}
