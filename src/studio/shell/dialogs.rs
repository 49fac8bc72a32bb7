//! Which dialog is open, and what follows from its answer.

use egui::Context;
use rust_i18n::t;

use super::studio::Studio;
use crate::action::Action;
use crate::dialog::chooser::{Chooser, Purpose};
use crate::dialog::clone_singer::{self, CloneDialog};
use crate::dialog::export::{Asked, ExportDialog};
use crate::dialog::hear::{self, HearDialog};
use crate::dialog::import::{ImportDialog, Taken};
use crate::dialog::missing_singers::{self, Instead, MissingSingers};
use crate::dialog::preferences::{Machine, PreferencesDialog};
use crate::dialog::shortcuts::{self, ShortcutsDialog};
use crate::dialog::{Dialog, Incoming, Leave, Step, about, recovered, unsaved};
use crate::names::title_of;
use ziyin_score::{BackingCommand, Command, Track, TrackCommand};
use ziyin_session::backing;
use ziyin_session::engine::VoiceStatus;
use ziyin_session::hearing::HeardSong;
use ziyin_session::recovery::Lost;
use ziyin_session::rendering::{Order, Rendering};

impl Studio {
    /// Shows the dialog that is open, if one is.
    pub(super) fn dialogs(&mut self, ctx: &Context) {
        let Some(dialog) = self.dialog.take() else { return };
        match dialog {
            Dialog::Choose(chooser) => self.show_chooser(ctx, *chooser),
            Dialog::Unsaved(leave) => self.show_unsaved(ctx, leave),
            Dialog::File(question) => self.show_file_question(ctx, question),
            Dialog::Singers(missing) => self.show_missing_singers(ctx, missing),
            Dialog::AllSingers(dialog) => self.show_singers(ctx, dialog),
            Dialog::Import(import) => self.show_import(ctx, import),
            Dialog::Export(export) => self.show_export(ctx, export),
            Dialog::Preferences(preferences) => self.show_preferences(ctx, preferences),
            Dialog::Recovered(lost) => self.show_recovered(ctx, lost),
            Dialog::Clone(clone) => self.show_clone(ctx, clone),
            Dialog::Hear(hear) => self.show_hear(ctx, hear),
            Dialog::Change(change) => self.show_change(ctx, change),
            Dialog::Marker(marker) => self.show_marker(ctx, marker),
            Dialog::Time(time) => self.show_time(ctx, time),
            Dialog::Find(find) => self.show_find(ctx, find),
            Dialog::Select(select) => self.show_select(ctx, select),
            Dialog::Takes(takes) => self.show_takes(ctx, takes),
            Dialog::Templates(dialog) => self.show_templates(ctx, dialog),
            Dialog::Shortcuts(dialog) => self.show_shortcuts(ctx, dialog),
            Dialog::About => {
                if !about::show(ctx, &self.session.singers) {
                    self.dialog = Some(Dialog::About);
                }
            }
        }
    }

    fn show_chooser(&mut self, ctx: &Context, mut chooser: Chooser) {
        let (step, path) = chooser.show(ctx);
        let purpose = chooser.purpose;
        match (step, purpose) {
            (Step::Open, _) => self.dialog = Some(Dialog::Choose(Box::new(chooser))),
            (Step::Cancelled, _) => self.after_save = None,
            (Step::Confirmed, Purpose::OpenSong) => self.open(ctx, &path),
            (Step::Confirmed, Purpose::SaveSong) => {
                self.session.save_to(&path);
            }
            (Step::Confirmed, Purpose::AddBacking) => {
                let done = backing::add(&mut self.session.editor, &path);
                self.done(done);
            }
            (Step::Confirmed, Purpose::FindBacking(index)) => {
                let done = backing::find(&mut self.session.editor, index, &path);
                self.done(done);
            }
            (Step::Confirmed, Purpose::Singer) => {
                self.session.install_singer(path);
                self.back_to_singers();
            }
            (Step::Confirmed, Purpose::Hear) => {
                self.dialog = Some(Dialog::Hear(Box::new(HearDialog::new(path))));
            }
            (Step::Confirmed, Purpose::Recording) => {
                if let Some(mut clone) = self.waiting_clone.take() {
                    clone.add(path);
                    self.dialog = Some(Dialog::Clone(clone));
                }
            }
            (Step::Confirmed, Purpose::ExportSong) => self.export_song_to(&path, chooser.lyrics),
            (Step::Confirmed, Purpose::ExportFolder) => {
                match self.waiting_export.take() {
                    // It becomes the usual one once something was written into it.
                    Some(mut export) => {
                        export.set_folder(path);
                        self.dialog = Some(Dialog::Export(export));
                    }
                    // Who asks for it otherwise are the preferences.
                    None => {
                        self.session.settings.exports = Some(path);
                        self.keep_settings();
                        self.perform(ctx, Action::Preferences, None);
                    }
                }
            }
        }
        if (step, purpose) == (Step::Cancelled, Purpose::ExportFolder) {
            match self.waiting_export.take() {
                Some(export) => self.dialog = Some(Dialog::Export(export)),
                None => self.perform(ctx, Action::Preferences, None),
            }
        }
        if (step, purpose) == (Step::Cancelled, Purpose::Singer) {
            self.back_to_singers();
        }
        if step == Step::Cancelled
            && let Some(clone) = self.waiting_clone.take()
        {
            self.dialog = Some(Dialog::Clone(clone));
        }
    }

    /// Tells of singers who are not there once it is known who is, for each song once.
    pub(super) fn look_for_singers(&mut self) {
        let known = matches!(self.session.engine.voice_status(), VoiceStatus::Ready { .. });
        if !known || self.dialog.is_some() || self.singers_of == Some(self.session.song()) {
            return;
        }
        self.singers_of = Some(self.session.song());
        let engine = &self.session.engine;
        let missing = |track: &Track| engine.missing_singers(track).map(String::from).collect();
        let missing = MissingSingers::of(self.session.editor.project(), missing);
        self.dialog = missing.map(Dialog::Singers);
    }

    fn show_missing_singers(&mut self, ctx: &Context, mut missing: MissingSingers) {
        match missing.show(ctx, &self.session.singers) {
            missing_singers::Asked::Nothing => self.dialog = Some(Dialog::Singers(missing)),
            missing_singers::Asked::Close => {}
            missing_singers::Asked::Install => self.choose(Purpose::Singer),
            missing_singers::Asked::Choose(chosen) => {
                let project = self.session.editor.project();
                let replacing = |instead: &Instead| {
                    let track = project.track(instead.track)?;
                    Some(TrackCommand::replacing_singer(track, &instead.of, &instead.name))
                };
                let all = chosen.iter().filter_map(replacing).flatten().map(Command::Track).collect();
                let all = Command::All(all);
                let done = self.session.editor.perform("choose-singer", all);
                self.done(done);
            }
        }
    }

    fn show_clone(&mut self, ctx: &Context, mut clone: Box<CloneDialog>) {
        match clone.show(ctx) {
            clone_singer::Asked::Nothing => self.dialog = Some(Dialog::Clone(clone)),
            // What was filled in is there when the dialog is opened again.
            clone_singer::Asked::Close => {
                self.put_off_clone = Some(clone);
                self.back_to_singers();
            }
            clone_singer::Asked::Choose => {
                self.waiting_clone = Some(clone);
                self.choose(Purpose::Recording);
            }
            clone_singer::Asked::Begin => {
                clone.begin(ctx);
                self.dialog = Some(Dialog::Clone(clone));
            }
            clone_singer::Asked::Made => {
                self.session.load_voices();
                self.back_to_singers();
            }
        }
    }

    fn show_hear(&mut self, ctx: &Context, mut hear: Box<HearDialog>) {
        match hear.show(ctx) {
            hear::Asked::Nothing => self.dialog = Some(Dialog::Hear(hear)),
            hear::Asked::Close => {}
            hear::Asked::Behind(path) => {
                let done = backing::add(&mut self.session.editor, &path);
                self.done(done);
            }
            hear::Asked::Take(song) => self.take_heard(*song),
        }
    }

    /// Takes a song that was heard: its track and the recording behind it, as one step.
    fn take_heard(&mut self, heard: HeardSong) {
        let song = self.session.editor.project();
        let is_empty = song.tracks.iter().all(|track| track.notes.is_empty()) && song.backings.is_empty();
        if is_empty && self.path().is_none() && !self.session.editor.is_dirty() {
            // A song that has nothing yet takes the tempo, too.
            self.take(heard.project, None);
            self.session.editor.mark_unsaved();
            return;
        }
        let Some((mut track, backing)) = heard.in_song(song) else { return };
        track.id = song.next_track_id();
        let all = Command::All(vec![
            Command::Track(TrackCommand::Insert { index: song.tracks.len(), track: Box::new(track) }),
            Command::Backing(BackingCommand::Insert { index: song.backings.len(), backing }),
        ]);
        let done = self.session.editor.perform("take-recording", all);
        self.done(done);
    }

    fn show_unsaved(&mut self, ctx: &Context, leave: Leave) {
        let title = title_of(self.project(), self.path());
        match unsaved::show(ctx, &title) {
            None => self.dialog = Some(Dialog::Unsaved(leave)),
            Some(unsaved::Answer::Stay) => {}
            Some(unsaved::Answer::Discard) => self.go(ctx, leave),
            Some(unsaved::Answer::Save) => {
                self.save();
                self.after_save = Some(leave);
            }
        }
    }

    fn show_import(&mut self, ctx: &Context, mut import: Box<ImportDialog>) {
        match import.show(ctx) {
            (Step::Open, _) | (Step::Confirmed, None) => self.dialog = Some(Dialog::Import(import)),
            (Step::Cancelled, _) => {}
            (Step::Confirmed, Some(Taken::Song(project))) => {
                // No file of ours holds it yet.
                let imported = Some(import.path().to_path_buf());
                let incoming = Incoming { project, file: None, saved: false, imported };
                self.leave(ctx, Leave::Take(Box::new(incoming)));
            }
            (Step::Confirmed, Some(Taken::Tracks(project))) => {
                let mut next = self.session.editor.project().next_track_id();
                let first = self.session.editor.project().tracks.len();
                let folders = self.session.editor.folders();
                let inserts = project.tracks.into_iter().enumerate().map(|(i, mut track)| {
                    track.id = next;
                    // A folder of the song that has the same name stays as loud as it is.
                    let into = folders.iter().find(|folder| track.folder.as_ref() == Some(&folder.name));
                    track.folder_gain_db = into.map_or(track.folder_gain_db, |folder| folder.gain_db);
                    next.0 += 1;
                    Command::Track(TrackCommand::Insert { index: first + i, track: Box::new(track) })
                });
                let all = Command::All(inserts.collect());
                let done = self.session.editor.perform("import-tracks", all);
                self.done(done);
            }
        }
    }

    fn show_export(&mut self, ctx: &Context, mut export: Box<ExportDialog>) {
        let unready = match self.session.engine.voice_status() {
            VoiceStatus::Ready { .. } => None,
            VoiceStatus::Loading => Some(t!("status.loading").into_owned()),
            VoiceStatus::Failed(why) => Some(why.said()),
        };
        let asked = export.show(ctx, unready.as_deref().map_or(Ok(()), Err));
        if let Some(folder) = export.newly_written() {
            self.session.settings.exports = Some(folder);
            self.keep_settings();
        }
        match asked {
            Asked::OpenFolder(folder) => {
                self.open_folder(folder);
                self.dialog = Some(Dialog::Export(export));
            }
            Asked::Nothing => self.dialog = Some(Dialog::Export(export)),
            Asked::Close => {}
            Asked::ChooseFolder => {
                self.waiting_export = Some(export);
                self.choose(Purpose::ExportFolder);
            }
            Asked::Render => {
                if let Some(voice) = self.session.engine.voice().cloned() {
                    let named = self.path().is_some() || !self.project().title.is_empty();
                    let title = if named { title_of(self.project(), self.path()) } else { String::new() };
                    let order = Order { title, ..export.order() };
                    let wake = ctx.clone();
                    let project = self.session.editor.project();
                    let folder = self.session.folder();
                    let wake = move || wake.request_repaint();
                    export.begin(Rendering::begin(project, voice, order, folder, wake));
                }
                self.dialog = Some(Dialog::Export(export));
            }
        }
    }

    fn show_preferences(&mut self, ctx: &Context, mut preferences: PreferencesDialog) {
        let voice = match self.session.engine.voice_status() {
            VoiceStatus::Ready { device, .. } => match self.session.engine.next_voice() {
                Some(VoiceStatus::Loading) => t!("status.loading").into_owned(),
                Some(VoiceStatus::Failed(why)) => why.said(),
                _ => t!("preferences.runs-on", device = device.said()).into_owned(),
            },
            VoiceStatus::Loading => t!("status.loading").into_owned(),
            VoiceStatus::Failed(why) => why.said(),
        };
        let keyboard = &self.session.keyboard;
        let machine = Machine {
            devices: self.session.engine.devices(),
            keyboards: keyboard.names(),
            keyboard_is_there: keyboard.is_there(),
            voice: &voice,
        };
        let changes = preferences.show(ctx, &mut self.session.settings, &machine);
        if changes.keyboard {
            self.session.choose_keyboard(self.session.settings.keyboard.clone());
        }
        if changes.device {
            self.session.engine.choose_device(self.session.settings.device.clone());
        }
        if changes.gpu {
            self.session.load_voices();
        }
        if changes.device || changes.gpu || changes.looks {
            self.apply_settings(ctx);
        }
        if changes.choose_exports {
            self.choose(Purpose::ExportFolder);
        } else if !changes.closed {
            self.dialog = Some(Dialog::Preferences(preferences));
        }
    }

    fn show_shortcuts(&mut self, ctx: &Context, mut dialog: ShortcutsDialog) {
        match dialog.show(ctx) {
            shortcuts::Asked::Close => return,
            shortcuts::Asked::Nothing => {}
            shortcuts::Asked::Change(own) => {
                self.session.settings.shortcuts = own.to_settings();
                self.apply_settings(ctx);
            }
        }
        self.dialog = Some(Dialog::Shortcuts(dialog));
    }

    fn show_recovered(&mut self, ctx: &Context, mut lost: Vec<Lost>) {
        match recovered::show(ctx, &lost) {
            None => self.dialog = Some(Dialog::Recovered(lost)),
            Some(recovered::Answer::Later) => {}
            Some(recovered::Answer::Discard(i)) => {
                lost.remove(i).forget();
                if !lost.is_empty() {
                    self.dialog = Some(Dialog::Recovered(lost));
                }
            }
            Some(recovered::Answer::Restore(i)) => {
                let song = lost.remove(i);
                self.tour = None;
                self.session.recover(song);
                self.show_whole();
            }
        }
    }
}
