//! The open song and its file: new, open, save, and what happens to unsaved work.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Instant;

use egui::Context;
use rust_i18n::t;

use super::app::Studio;
use super::dialog::chooser::{Chooser, Purpose};
use super::dialog::import::ImportDialog;
use super::dialog::{Dialog, Leave};
use super::words::{said, said_in_full};
use ziyin_interchange::audio::is_named_as_audio;
use ziyin_interchange::{ExportError, export_midi};
use ziyin_score::{Project, Track, TrackId};

/// What a song is called: its title, else its file, else that it has no name.
pub fn title_of(project: &Project, path: Option<&Path>) -> String {
    let stem = path.and_then(Path::file_stem).map(|stem| stem.to_string_lossy().into_owned());
    match stem {
        Some(stem) if project.title.is_empty() => stem,
        None if project.title.is_empty() => t!("song.untitled").into_owned(),
        _ => project.title.clone(),
    }
}

/// Writes a file that is there whole or not at all.
fn write_whole(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let mut file = atomic_write_file::AtomicWriteFile::open(path)?;
    file.write_all(bytes)?;
    file.commit()
}

impl Studio {
    /// Begins an empty song with one track.
    pub(super) fn new_song(&mut self) {
        let track = Track::new(TrackId(1), t!("track.name", number = 1));
        self.take(Project { tracks: vec![track], ..Project::default() }, None);
    }

    /// Makes this project the open song.
    pub(super) fn take(&mut self, project: Project, path: Option<PathBuf>) {
        let width = self.lanes.x.max(600.0);
        self.engine.stop();
        self.recovery.forget(self.editor.revision());
        self.editor.open(project);
        self.path = path;
        self.set_loop(None);
        self.view.last_loop = None;
        self.view.left = 0.0;
        let notes = self.editor.notes();
        if !notes.is_empty() {
            let end = notes.iter().map(|note| note.end()).max().unwrap_or(0);
            // As much as can be read without squinting.
            self.view.scale = (f64::from(width) / end as f64 / 1.05).clamp(0.04, 0.14);
            // The keys of what is in sight first.
            let page = f64::from(width) / self.view.scale;
            let first = notes.partition_point(|note| (note.onset as f64) < page).max(1);
            let keys = || notes[..first].iter().map(|note| note.pitch);
            let (low, high) = (keys().min().unwrap_or(60), keys().max().unwrap_or(72));
            let middle = f32::from(low) / 2.0 + f32::from(high) / 2.0;
            self.view.centre_key(middle, self.lanes.y.max(420.0));
        }
        self.engine.seek(0.0);
    }

    /// Opens a file of any kind, with the import dialog where it is another program's.
    pub(super) fn open(&mut self, path: &Path) {
        let extension = path.extension().map(|e| e.to_string_lossy().to_lowercase()).unwrap_or_default();
        if extension != "ziyin" {
            match ImportDialog::open(path) {
                Ok(dialog) => self.dialog = Some(Dialog::Import(Box::new(dialog))),
                Err(error) => self.cannot_open(path, &error),
            }
            return;
        }
        match Project::load(path) {
            // Nobody writes into the demo song that came with Ziyin.
            Ok(project) if self.is_demo(path) => self.take(project, None),
            Ok(project) => {
                self.take(project, Some(path.to_path_buf()));
                self.remember(path);
            }
            Err(error) => self.cannot_open(path, &error.into()),
        }
    }

    /// Whether a path leads to the demo song.
    pub(super) fn is_demo(&self, path: &Path) -> bool {
        let same = |demo: &PathBuf| std::fs::canonicalize(demo).ok() == std::fs::canonicalize(path).ok();
        self.demo.as_ref().is_some_and(same)
    }

    fn cannot_open(&mut self, path: &Path, error: &anyhow::Error) {
        self.complain(t!("notice.cannot-open", file = path.display().to_string(), why = said_in_full(error)));
    }

    fn remember(&mut self, path: &Path) {
        let path = std::path::absolute(path).unwrap_or_else(|_| path.to_path_buf());
        self.settings.songs = path.parent().map(Path::to_path_buf);
        self.settings.remember(&path);
        self.keep_settings();
    }

    /// Saves the song in its file, or asks for one.
    pub(super) fn save(&mut self) {
        match self.path.clone() {
            Some(path) => _ = self.save_to(&path),
            None => self.choose(Purpose::SaveSong),
        }
    }

    /// Saves the song in a file, which is its own from now on; gives whether that was
    /// possible.
    pub(super) fn save_to(&mut self, path: &Path) -> bool {
        match self.editor.project().save(path) {
            Ok(()) => {
                self.path = Some(path.to_path_buf());
                self.editor.mark_saved();
                self.recovery.forget(self.editor.revision());
                self.remember(path);
                self.tell(t!("notice.saved", file = path.display().to_string()));
                true
            }
            Err(error) => {
                let (file, why) = (path.display().to_string(), said(error));
                self.complain(t!("notice.cannot-save", file = file, why = why));
                false
            }
        }
    }

    /// Writes the notes as a MIDI file.
    pub(super) fn export_midi_to(&mut self, path: &Path) {
        let written = export_midi(self.editor.project())
            .map_err(|error: ExportError| said(error))
            .and_then(|bytes| write_whole(path, &bytes).map_err(said));
        match written {
            Ok(()) => self.tell(t!("notice.exported", file = path.display().to_string())),
            Err(why) => {
                self.complain(t!("notice.cannot-save", file = path.display().to_string(), why = why));
            }
        }
    }

    /// Asks for a file.
    pub(super) fn choose(&mut self, purpose: Purpose) {
        let songs = self.settings.songs.clone().or_else(std::env::home_dir).unwrap_or_default();
        let name = title_of(self.editor.project(), self.path.as_deref()).replace(['/', '\\'], "-");
        let start = match purpose {
            Purpose::SaveSong => self.path.clone().unwrap_or_else(|| songs.join(format!("{name}.ziyin"))),
            Purpose::ExportMidi => songs.join(format!("{name}.mid")),
            Purpose::ExportFolder => self.settings.exports.clone().unwrap_or(songs),
            Purpose::OpenSong | Purpose::AddBacking | Purpose::Recording => songs,
        };
        self.dialog = Some(Dialog::Choose(Chooser::new(purpose, &start, &self.settings.recent)));
    }

    /// Does what ends the work on this song, after a question if it is not saved.
    pub(super) fn leave(&mut self, ctx: &Context, leave: Leave) {
        if self.editor.is_dirty() {
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
            Leave::Open(path) => self.open(&path),
            Leave::Quit => {
                self.recovery.forget(self.editor.revision());
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
                None if is_audio => self.add_backing(&path),
                None => self.leave(ctx, Leave::Open(path)),
            }
        }
    }

    /// Keeps a copy of unsaved work where the next start finds it.
    pub(super) fn rescue(&mut self, ctx: &Context) {
        if !self.editor.is_dirty() {
            return;
        }
        let revision = self.editor.revision();
        let Some(due) = self.recovery.due(revision) else { return };
        let now = Instant::now();
        if due > now {
            // Nothing else may wake the window until then.
            ctx.request_repaint_after(due - now);
        } else if let Err(error) = self.recovery.rescue(self.editor.project(), self.path.as_deref(), revision)
        {
            self.complain(t!("notice.rescue", error = said(error)));
        }
    }
}
