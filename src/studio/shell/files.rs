//! The open song and its file: new, open, save, and what happens to unsaved work.

use std::path::{Path, PathBuf};
use std::time::Instant;
use ziyin_message::ToMessage;

use egui::Context;
use rust_i18n::t;

use super::reading_song::{Read, ReadingSong};
use super::studio::Studio;
use crate::dialog::chooser::{Chooser, Purpose};
use crate::dialog::import::ImportDialog;
use crate::dialog::{Dialog, Leave};
use crate::names::title_of;
use ziyin_interchange::audio::is_named_as_audio;
use ziyin_interchange::{ExportOptions, LyricForm, OpenError, SongKind, export_song};
use ziyin_score::{Project, Track, TrackId};
use ziyin_session::backing;
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
    pub(super) fn take(&mut self, project: Project, path: Option<PathBuf>) {
        self.session.take(project, path);
        self.show_whole();
    }

    /// Shows the open song from its start, nothing of it in a loop.
    pub(super) fn show_whole(&mut self) {
        self.set_loop(None);
        self.view.last_loop = None;
        self.view.show_song(&self.session.editor.notes(), self.lanes.x.max(600.0), self.lanes.y.max(420.0));
    }

    /// Begins to read a file of any kind; see [`Studio::take_read`].
    pub(super) fn open(&mut self, ctx: &Context, path: &Path) {
        self.reading = Some(ReadingSong::begin(ctx, path));
    }

    /// Opens what was read, with the import dialog where it is another program's.
    pub(super) fn take_read(&mut self, ctx: &Context) {
        let Some(reading) = self.reading.take() else { return };
        let path = reading.path().to_path_buf();
        match reading.show(ctx) {
            Read::Reading => self.reading = Some(reading),
            Read::Cancelled => {}
            Read::Done(Err(error)) => self.cannot_open(&path, &error),
            // Nobody writes into the demo song that came with Ziyin.
            Read::Done(Ok(read)) if self.is_demo(&path) => self.take(read.project, None),
            Read::Done(Ok(read)) if is_own(&path) => {
                tracing::info!("opened {}", path.display());
                self.take(read.project, Some(path.clone()));
                self.session.remember(&path);
            }
            Read::Done(Ok(read)) => {
                self.dialog = Some(Dialog::Import(Box::new(ImportDialog::new(path, *read))))
            }
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
            Some(path) => self.session.save_to(&path),
            None => self.choose(Purpose::SaveSong),
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
                News::NotRescued(why) => self.complain(t!("notice.rescue", error = why.said())),
                News::SettingsNotKept(why) => self.complain(t!("notice.settings", error = why.said())),
                News::SettingsNewer => self.complain(t!("notice.settings-newer")),
            }
        }
        if self.dialog.is_none() {
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
            Ok(report) if report.warnings.is_empty() => self.tell(t!("notice.exported", file = file)),
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
            }
            Err(why) => self.complain(t!("notice.cannot-save", file = file, why = why.said())),
        }
    }

    /// Asks for a file.
    pub(super) fn choose(&mut self, purpose: Purpose) {
        let songs = self.session.settings.songs.clone().or_else(std::env::home_dir).unwrap_or_default();
        let name = title_of(self.project(), self.path()).replace(['/', '\\'], "-");
        let start = match purpose {
            Purpose::SaveSong => {
                self.path().map(Path::to_path_buf).unwrap_or_else(|| songs.join(format!("{name}.ziyin")))
            }
            Purpose::ExportSong => songs.join(format!("{name}.mid")),
            Purpose::ExportFolder => self.session.settings.exports.clone().unwrap_or(songs),
            Purpose::OpenSong | Purpose::AddBacking | Purpose::Recording => songs,
        };
        self.dialog =
            Some(Dialog::Choose(Box::new(Chooser::new(purpose, &start, &self.session.settings.recent))));
    }

    /// Does what ends the work on this song, after a question if it is not saved.
    pub(super) fn leave(&mut self, ctx: &Context, leave: Leave) {
        if self.session.is_saving() {
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
            // The open song stays, as unsaved as it was, until another takes its place: the file
            // may be no song, and what an import dialog shows may not be wanted.
            Leave::Open(path) => self.open(ctx, &path),
            Leave::Quit => {
                self.session.give_up();
                self.closing = true;
                ctx.send_viewport_cmd(egui::ViewportCommand::Close);
            }
        }
    }

    /// Files that were dropped on the window: a song is opened, a recording is laid behind
    /// the song, or taken to clone a singer from while that is asked for.
    pub(super) fn take_dropped(&mut self, ctx: &Context) {
        let dropped = ctx.input_mut(|i| std::mem::take(&mut i.raw.dropped_files));
        for path in dropped.into_iter().map(|file| file.path().to_path_buf()) {
            let is_audio = is_named_as_audio(&path);
            match &mut self.dialog {
                Some(Dialog::Clone(clone)) if is_audio => clone.add(path),
                Some(_) => {}
                None if is_audio => {
                    let done = backing::add(&mut self.session.editor, &path);
                    self.done(done);
                }
                None => self.leave(ctx, Leave::Open(path)),
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
