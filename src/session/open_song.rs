//! What is open: a song with its file, and everything that works on it.

use std::io;
use std::path::{Path, PathBuf};
use std::time::Instant;

use super::editor::Editor;
use super::engine::{Engine, VoiceLoader, Wake};
use super::readings::Readings;
use super::recovery::{Lost, Recovery};
use super::settings::Settings;
use super::singers::{self, Singer};
use ziyin_score::Project;

/// An open song. Whoever shows it edits through [`Session::editor`], and calls
/// [`Session::follow`] after each round of edits.
pub struct Session {
    pub editor: Editor,
    pub engine: Engine,
    pub readings: Readings,
    pub settings: Settings,
    pub singers: Vec<Singer>,
    /// The folder of settings and rescued songs.
    home: PathBuf,
    /// The file of the song; none for a new one.
    path: Option<PathBuf>,
    recovery: Recovery,
}

impl Session {
    /// Begins with an empty song and the settings in a folder. `loader` loads the voice; `None` for
    /// everybody who is installed.
    pub fn begin(home: PathBuf, loader: Option<VoiceLoader>, wake: Wake) -> Self {
        let settings = Settings::load(&home);
        let recovery = Recovery::begin(&home.join("rescue"));
        let loader = loader.unwrap_or_else(|| singers::installed_voices(settings.gpu));
        let engine = Engine::start(loader, settings.device.clone(), wake);
        Self {
            editor: Editor::new(Project::default()),
            engine,
            readings: Readings::default(),
            settings,
            singers: Singer::all(),
            home,
            path: None,
            recovery,
        }
    }

    /// The file of the song, if it has one.
    pub fn path(&self) -> Option<&Path> {
        self.path.as_deref()
    }

    /// Where the song lies, if it has a file.
    pub fn folder(&self) -> Option<&Path> {
        self.path().and_then(Path::parent)
    }

    /// The folder of what the user recorded.
    pub fn takes(&self) -> PathBuf {
        self.home.join("takes")
    }

    /// Makes a project the open song, as it is on the disk.
    pub fn take(&mut self, project: Project, path: Option<PathBuf>) {
        self.engine.stop();
        self.recovery.forget(self.editor.revision());
        self.editor.open(project);
        self.path = path;
        self.engine.seek(0.0);
    }

    /// Saves the song in a file, which is its own from now on.
    ///
    /// # Errors
    /// If the file system refuses; the song is then as unsaved as it was.
    pub fn save_to(&mut self, path: &Path) -> io::Result<()> {
        self.editor.project().save(path)?;
        self.path = Some(path.to_path_buf());
        self.editor.mark_saved();
        self.recovery.forget(self.editor.revision());
        Ok(())
    }

    /// Puts the song at the head of the recent ones, and its folder where dialogs begin.
    pub fn remember(&mut self, path: &Path) -> io::Result<()> {
        let path = std::path::absolute(path).unwrap_or_else(|_| path.to_path_buf());
        self.settings.songs = path.parent().map(Path::to_path_buf);
        self.settings.remember(&path);
        self.keep_settings()
    }

    /// Keeps the preferences.
    ///
    /// # Errors
    /// If their folder cannot be written to.
    pub fn keep_settings(&self) -> io::Result<()> {
        self.settings.save(&self.home)
    }

    /// Gives what was edited to the singer and the sound card.
    pub fn follow(&mut self) {
        let folder = self.path.as_deref().and_then(Path::parent);
        self.engine.follow(self.editor.project(), self.editor.revision(), folder);
    }

    /// Loads the voices anew, as the settings want them.
    pub fn load_voices(&mut self) {
        self.singers = Singer::all();
        self.engine.load_voice(singers::installed_voices(self.settings.gpu));
    }

    /// Songs that other studios left behind.
    pub fn lost(&self) -> Vec<Lost> {
        self.recovery.lost()
    }

    /// Takes over a song that was left behind.
    ///
    /// # Errors
    /// If it cannot be guarded from now on; what was left behind then stays.
    pub fn recover(&mut self, lost: &Lost) -> io::Result<()> {
        self.take(lost.project.clone(), lost.path.clone());
        self.editor.mark_unsaved();
        // It is ours to guard from now on, before the old copy goes.
        self.recovery.rescue(self.editor.project(), self.path.as_deref(), self.editor.revision())?;
        lost.forget();
        Ok(())
    }

    /// The unsaved work is not wanted.
    pub fn give_up(&mut self) {
        self.recovery.forget(self.editor.revision());
    }

    /// Keeps a copy of unsaved work where the next start finds it; gives when that is due next.
    ///
    /// # Errors
    /// If the folder cannot be written to.
    pub fn rescue(&mut self) -> io::Result<Option<Instant>> {
        if !self.editor.is_dirty() {
            return Ok(None);
        }
        let revision = self.editor.revision();
        let Some(due) = self.recovery.due(revision) else { return Ok(None) };
        if due > Instant::now() {
            return Ok(Some(due));
        }
        self.recovery.rescue(self.editor.project(), self.path.as_deref(), revision)?;
        Ok(None)
    }
}
