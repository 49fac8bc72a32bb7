//! The open song and its file: new, open, save, and what happens to unsaved work.

use std::path::{Path, PathBuf};
use std::time::Instant;
use ziyin_message::ToMessage;

use egui::Context;
use rust_i18n::t;

use super::reading_song::{Read, ReadingSong};
use super::studio::{Studio, come_to_front};
use crate::dialog::chooser::{Chooser, Purpose};
use crate::dialog::file_question::{self, FileQuestion, What};
use crate::dialog::hear::HearDialog;
use crate::dialog::import::ImportDialog;
use crate::dialog::{Dialog, Incoming, Leave};
use crate::names::title_of;
use ziyin_interchange::audio::is_named_as_audio;
use ziyin_interchange::{ExportOptions, LyricForm, OpenError, SongKind, export_song};
use ziyin_model::cloned_singer::SINGER_EXTENSION;
use ziyin_score::{Project, Track, TrackId};
use ziyin_session::backing;
use ziyin_session::singer_files::PACKED_SINGERS;
use ziyin_session::song_file::SongFile;
use ziyin_session::{News, write_whole};

/// Sentences about an export that a notice holds.
const TOLD: usize = 3;

impl Studio {
    /// Begins an empty song with one track.
    pub(super) fn new_song(&mut self) {
        let track = Track::new(TrackId(1), t!("track.name", number = 1));
        self.take(Project { tracks: vec![track], ..Project::default() }, None);
    }

    /// Makes this project the open song.
    pub(super) fn take(&mut self, project: Project, file: Option<SongFile>) {
        self.session.take(project, file);
        self.show_whole();
    }

    /// Shows the open song from its start, with the loop that it has.
    pub(super) fn show_whole(&mut self) {
        self.view.last_loop = None;
        self.set_loop(self.project().looped);
        self.arrangement.show_whole();
        self.view.show_song(&self.session.editor.notes(), self.lanes.x.max(600.0), self.lanes.y.max(420.0));
    }

    /// Begins to read a file of any kind; see [`Studio::take_read`].
    pub(super) fn open(&mut self, ctx: &Context, path: &Path) {
        self.reading = Some(ReadingSong::begin(ctx, path, false));
    }

    /// Begins to read the file of the open song again, which gives up what was done since.
    fn reload(&mut self, ctx: &Context) {
        if let Some(path) = self.path().map(Path::to_path_buf) {
            self.reading = Some(ReadingSong::begin(ctx, &path, true));
        }
    }

    /// Opens what was read, with the import dialog where it is another program's. Work on the open
    /// song is asked about only now: what cannot be read takes nothing's place.
    pub(super) fn take_read(&mut self, ctx: &Context) {
        let Some(reading) = self.reading.take() else { return };
        let path = reading.path().to_path_buf();
        match reading.show(ctx) {
            Read::Reading => self.reading = Some(reading),
            Read::Cancelled => {}
            Read::Done(read) => match (read.song, read.before) {
                (Err(error), Some(before)) => {
                    let (why, before) = (error.in_full().said(), Box::new(before));
                    tracing::warn!("{} cannot be read, the version before can: {error}", path.display());
                    let what = What::Damaged { file: read.file, why, before };
                    self.dialog = Some(Dialog::File(FileQuestion { path, what }));
                }
                (Err(error), None) => self.cannot_open(&path, &error),
                (Ok(song), _) if is_own(&path) => {
                    // Nobody writes into the demo song that came with Ziyin, or into a template.
                    let file =
                        Some(read.file).filter(|_| !self.is_demo(&path) && !self.session.is_template(&path));
                    let incoming = Incoming { project: song.project, file, saved: true, imported: None };
                    let leave = Leave::Take(Box::new(incoming));
                    if reading.reloads { self.go(ctx, leave) } else { self.leave(ctx, leave) }
                }
                (Ok(song), _) => {
                    self.dialog = Some(Dialog::Import(Box::new(ImportDialog::new(path, song))));
                }
            },
        }
    }

    /// Asks about the file of a song, and does what is answered.
    pub(super) fn show_file_question(&mut self, ctx: &Context, question: FileQuestion) {
        use file_question::Answer;

        let Some(answer) = question.show(ctx) else {
            self.dialog = Some(Dialog::File(question));
            return;
        };
        match (answer, question.what) {
            (Answer::Copy, _) => self.session.part_from_file(),
            (Answer::Overwrite, What::Changed { after }) => {
                self.session.save_over();
                self.after_save = after;
            }
            (Answer::SaveAs, What::Changed { after }) => {
                self.choose(Purpose::SaveSong);
                self.after_save = after;
            }
            (Answer::Reload, _) => self.reload(ctx),
            (Answer::Before, What::Damaged { file, before, .. }) => {
                let incoming = Incoming { project: *before, file: Some(file), saved: false, imported: None };
                self.leave(ctx, Leave::Take(Box::new(incoming)));
            }
            _ => {}
        }
    }

    /// Whether a path leads to the demo song.
    pub(super) fn is_demo(&self, path: &Path) -> bool {
        let same = |demo: &PathBuf| std::fs::canonicalize(demo).ok() == std::fs::canonicalize(path).ok();
        self.demo.as_ref().is_some_and(same)
    }

    fn cannot_open(&mut self, path: &Path, error: &OpenError) {
        self.complain(t!(
            "notice.cannot-open",
            file = path.display().to_string(),
            why = error.in_full().said()
        ));
    }

    /// Saves the song in its file, or asks for one.
    pub(super) fn save(&mut self) {
        match self.path().map(Path::to_path_buf) {
            Some(path) if !self.session.is_read_only() => self.session.save_to(&path),
            _ => self.choose(Purpose::SaveSong),
        }
    }

    /// Takes in what became of what was to be written.
    pub(super) fn take_news(&mut self, ctx: &Context) {
        for news in self.session.news() {
            match news {
                News::Saved(path) => {
                    self.tell(t!("notice.saved", file = path.display().to_string()));
                    // What was edited meanwhile is asked for.
                    if let Some(leave) = self.after_save.take_if(|_| !self.session.is_saving()) {
                        self.leave(ctx, leave);
                    }
                }
                News::NotSaved { path, why } => {
                    self.after_save = None;
                    let (file, why) = (path.display().to_string(), why.said());
                    self.complain(t!("notice.cannot-save", file = file, why = why));
                }
                News::Changed(path) => {
                    let what = What::Changed { after: self.after_save.take() };
                    self.dialog = Some(Dialog::File(FileQuestion { path, what }));
                }
                News::Elsewhere(path) => {
                    self.dialog = Some(Dialog::File(FileQuestion { path, what: What::Elsewhere }));
                }
                News::Singers(changed) => self.take_singer_change(changed),
                News::Recorded(Ok(path)) => {
                    self.tell(t!("notice.recorded", file = path.display().to_string()));
                    if let Some(leave) = self.after_take.take_if(|_| !self.session.is_keeping_take()) {
                        self.leave(ctx, leave);
                    }
                }
                News::Recorded(Err(why)) => {
                    // What was sung is not there: nobody leaves without a word of it.
                    self.after_take = None;
                    self.complain(t!("notice.not-recorded", why = why.said()));
                }
                News::NotRescued(why) => self.complain(t!("notice.rescue", error = why.said())),
                News::SettingsNotKept(why) => self.complain(t!("notice.settings", error = why.said())),
                News::Attached => {
                    self.show_whole();
                    self.tell(t!("notice.attached"));
                }
                News::Shown => come_to_front(ctx),
                News::Detached => self.complain(t!("notice.detached")),
                News::SettingsNewer => self.complain(t!("notice.settings-newer")),
            }
        }
        // The song of a plug-in is not to give way to what another studio left behind.
        if self.dialog.is_none() && !self.session.is_attached() {
            let lost = self.session.lost();
            self.dialog = (!lost.is_empty()).then_some(Dialog::Recovered(lost));
        }
    }

    /// Writes the song for another program, the one that the ending names.
    pub(super) fn export_song_to(&mut self, path: &Path, lyrics: LyricForm) {
        let kind = SongKind::of(path).unwrap_or(SongKind::Midi);
        let exported = export_song(self.session.editor.project(), kind, ExportOptions { lyrics });
        let written = exported.map_err(|error| error.to_message()).and_then(|exported| {
            write_whole(path, &exported.bytes).map_err(|error| error.to_message())?;
            Ok(exported.report)
        });
        let file = path.display().to_string();
        match written {
            Ok(report) if report.warnings.is_empty() => {
                self.tell(t!("notice.exported", file = file));
                self.show_folder_of(path);
            }
            Ok(report) => {
                // The rest is in the log: a notice is read at a glance.
                report.warnings.iter().for_each(|warning| tracing::info!("{file}: {warning}"));
                let first: Vec<String> =
                    report.warnings.iter().take(TOLD).map(|warning| warning.to_message().said()).collect();
                let further = report.warnings.len() - first.len() + report.further;
                let mut what = first.join("; ");
                if further > 0 {
                    what = format!("{what}; {}", t!("notice.further", count = further));
                }
                self.tell(t!("notice.exported-without", file = file, what = what));
                self.show_folder_of(path);
            }
            Err(why) => self.complain(t!("notice.cannot-save", file = file, why = why.said())),
        }
    }

    /// Lets what was told lead to where a file lies.
    fn show_folder_of(&mut self, path: &Path) {
        if let Some(notice) = &mut self.notice {
            notice.folder = path.parent().map(Path::to_path_buf);
        }
    }

    /// Asks for a file.
    pub(super) fn choose(&mut self, purpose: Purpose) {
        let songs = self.session.settings.songs.clone().or_else(std::env::home_dir).unwrap_or_default();
        let name = title_of(self.project(), self.path()).replace(['/', '\\'], "-");
        let start = match purpose {
            Purpose::SaveSong => match self.path() {
                Some(path) if self.session.is_read_only() => {
                    path.with_file_name(t!("file.copy-of", name = name).into_owned() + ".ziyin")
                }
                Some(path) => path.to_path_buf(),
                None => songs.join(format!("{name}.ziyin")),
            },
            Purpose::ExportSong => songs.join(format!("{name}.mid")),
            Purpose::ExportFolder => self.session.settings.exports.clone().unwrap_or(songs),
            Purpose::OpenSong
            | Purpose::AddBacking
            | Purpose::FindBacking(_)
            | Purpose::Recording
            | Purpose::Hear
            | Purpose::Singer => songs,
        };
        self.dialog =
            Some(Dialog::Choose(Box::new(Chooser::new(purpose, &start, &self.session.settings.recent))));
    }

    /// Does what ends the work on this song, after a question if it is not saved.
    pub(super) fn leave(&mut self, ctx: &Context, leave: Leave) {
        if self.session.recorded_level().is_some() {
            // What is being sung is not lost: it is laid behind the song first, and then asked about.
            self.session.end_audio();
        }
        if self.session.is_keeping_take() {
            self.after_take = Some(leave);
        } else if self.session.is_saving() {
            self.after_save = Some(leave);
        } else if self.session.editor.is_dirty() {
            self.dialog = Some(Dialog::Unsaved(leave));
        } else {
            self.go(ctx, leave);
        }
    }

    /// Does what ends the work on this song.
    pub(super) fn go(&mut self, ctx: &Context, leave: Leave) {
        match leave {
            Leave::New => self.new_song(),
            Leave::Take(incoming) => {
                let Incoming { project, file, saved, imported } = *incoming;
                let path = file.as_ref().map(|file| file.path.clone());
                self.take(project, file);
                if !saved {
                    self.session.editor.mark_unsaved();
                }
                if let Some(path) = path {
                    tracing::info!("opened {}", path.display());
                    self.session.remember(&path);
                }
                if let Some(path) = imported {
                    self.session.settings.songs = path.parent().map(Into::into);
                    self.tell(t!("notice.imported", file = path.display().to_string()));
                }
            }
            Leave::Quit => {
                self.session.give_up();
                self.closing = true;
                ctx.send_viewport_cmd(egui::ViewportCommand::Close);
            }
        }
    }

    /// Files that were dropped on the window: a song is opened, a recording is listened to or laid behind
    /// the song, as several at once are, or taken to clone a singer from while that is asked for.
    pub(super) fn take_dropped(&mut self, ctx: &Context) {
        let dropped = ctx.input_mut(|i| std::mem::take(&mut i.raw.dropped_files));
        let alone = dropped.len() == 1;
        for path in dropped.into_iter().map(|file| file.path().to_path_buf()) {
            let is_audio = is_named_as_audio(&path);
            let ends = |wanted: &str| path.extension().is_some_and(|end| end.eq_ignore_ascii_case(wanted));
            if ends(SINGER_EXTENSION) || ends(PACKED_SINGERS) {
                self.session.install_singer(path);
                continue;
            }
            match &mut self.dialog {
                Some(Dialog::Clone(clone)) if is_audio => clone.add(path),
                Some(_) => {}
                None if is_audio && alone => {
                    self.dialog = Some(Dialog::Hear(Box::new(HearDialog::new(path))))
                }
                None if is_audio => {
                    let done = backing::add(&mut self.session.editor, &path);
                    self.done(done);
                }
                None => self.open(ctx, &path),
            }
        }
    }

    /// Keeps a copy of unsaved work where the next start finds it.
    pub(super) fn rescue(&mut self, ctx: &Context) {
        if let Some(due) = self.session.rescue() {
            // Nothing else may wake the window until then.
            ctx.request_repaint_after(due.saturating_duration_since(Instant::now()));
        }
    }
}

/// Whether a file is named as a song of Ziyin's own.
fn is_own(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("ziyin"))
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::rc::Rc;
    use std::time::Duration;

    use super::*;
    use crate::Start;
    use ziyin_message::Message;
    use ziyin_playback::Recorder;
    use ziyin_session::attachment::Place;

    #[test]
    fn who_leaves_while_the_microphone_records_is_asked_about_the_take_at_once() {
        let home = tempfile::tempdir().unwrap();
        let ctx = Context::default();
        let heard = Rc::new(Cell::new(0));
        let ear = heard.clone();
        let recorder = move || {
            let (ear, mut taken) = (ear.clone(), 0);
            let sample = move || {
                (taken < ear.get()).then(|| {
                    taken += 1;
                    0.5
                })
            };
            Ok(Recorder::of(sample, 48_000))
        };
        let start = Start {
            home: home.path().into(),
            song: None,
            demo: None,
            voice: Some(Box::new(|| Err(Message::foreign("no voice")))),
            attach: None,
            midi: None,
            microphone: Some(Box::new(recorder)),
        };
        let mut studio = Studio::new(&ctx, start);
        // As if a device played.
        let at = |studio: &mut Studio, seconds: f64, samples: i32| {
            heard.set(samples);
            studio.session.engine.follow_host(Some(Place { seconds, playing: true }));
            studio.session.listen_in();
        };
        at(&mut studio, 1.0, 0);
        studio.session.record_audio().unwrap();
        at(&mut studio, 1.1, 4800);
        at(&mut studio, 1.3, 14_400);
        studio.leave(&ctx, Leave::Quit);
        assert!(studio.session.is_keeping_take() && studio.dialog.is_none());
        while studio.dialog.is_none() {
            studio.take_news(&ctx);
            std::thread::sleep(Duration::from_millis(2));
        }
        assert!(matches!(studio.dialog, Some(Dialog::Unsaved(Leave::Quit))));
        assert_eq!(studio.project().backings.len(), 1, "the take lies behind the song");
    }
}
