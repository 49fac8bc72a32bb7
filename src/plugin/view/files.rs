//! Songs in and out of files, as the view is asked for them.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, TryRecvError, channel};

use super::Ends;
use super::face::Face;
use rust_i18n::t;
use ziyin_message::ToMessage;
use ziyin_score::Project;
use ziyin_session::importing::Importing;

/// Warnings that are told of a song that was read.
const TOLD: usize = 3;

/// What goes on with files. Dropping it stops the reading of one.
pub struct Files {
    ends: Ends,
    /// Where dialogs begin.
    folder: Option<PathBuf>,
    language: String,
    dialog: Option<Receiver<Answer>>,
    importing: Option<Importing>,
    notice: Option<String>,
    /// The song before that which was read last.
    before: Option<Project>,
}

/// How a dialog ended.
enum Answer {
    Read(PathBuf),
    Told(String),
}

impl Files {
    pub fn new(ends: Ends, folder: Option<PathBuf>, language: String) -> Self {
        Self { ends, folder, language, dialog: None, importing: None, notice: None, before: None }
    }

    /// Puts what there is to be told on a face.
    pub fn tell(&self, face: &mut Face) {
        face.notice = self.notice.clone();
        face.reading = self.importing.as_ref().map(Importing::progress);
        face.undo = self.before.is_some();
    }

    /// Lets the user choose a song that is to be read.
    pub fn import(&mut self) {
        let (folder, language) = (self.folder.clone(), self.language.clone());
        self.ask(move || match dialog(folder).pick_file() {
            Some(path) => Answer::Read(path),
            None => Answer::Told(t!("view.nothing-chosen", locale = &language).into()),
        });
    }

    /// Lets the user choose a file, and writes the song as it is now.
    pub fn save(&mut self) {
        let (folder, language, song) = (self.folder.clone(), self.language.clone(), self.ends.shared.song());
        self.ask(move || {
            let title: String =
                song.title.chars().filter(|c| !c.is_control() && *c != '/').take(60).collect();
            let name = if title.trim().is_empty() { "song".into() } else { title };
            let chosen = dialog(folder).set_file_name(format!("{name}.ziyin")).save_file();
            let Some(path) = chosen else {
                return Answer::Told(t!("view.nothing-chosen", locale = &language).into());
            };
            let path = if path.extension().is_some() { path } else { path.with_extension("ziyin") };
            let name = path.display();
            Answer::Told(match song.save(&path) {
                Ok(()) => t!("view.saved", locale = &language, name = name).into(),
                Err(error) => {
                    let why = error.to_message().say(&language);
                    t!("view.failed", locale = &language, name = name, why = why).into()
                }
            })
        });
    }

    /// Begins to read a song.
    pub fn read(&mut self, path: &Path) {
        self.notice = None;
        // The view looks by itself whether it is read.
        self.importing = Some(Importing::begin(path, &Default::default(), Arc::new(|| ())));
    }

    /// Reads a song that was dropped.
    pub fn take_dropped(&mut self, path: &Path) {
        if self.dialog.is_none() && self.importing.is_none() {
            self.read(path);
        }
    }

    /// Tells something in the place of what was told.
    pub fn say(&mut self, notice: String) {
        self.notice = Some(notice);
    }

    /// Stops the reading of a file.
    pub fn cancel(&mut self) {
        self.importing = None;
    }

    /// Takes back the song that was read last.
    pub fn undo(&mut self) {
        if let Some(song) = self.before.take() {
            self.notice = None;
            (self.ends.take)(song);
        }
    }

    /// Takes in what has come of dialogs and files.
    pub fn look(&mut self) {
        match self.dialog.as_ref().map(Receiver::try_recv) {
            None | Some(Err(TryRecvError::Empty)) => {}
            Some(Err(TryRecvError::Disconnected)) => self.dialog = None,
            Some(Ok(answer)) => {
                self.dialog = None;
                match answer {
                    Answer::Read(path) => self.read(&path),
                    Answer::Told(notice) => self.notice = Some(notice),
                }
            }
        }
        let Some((read, path)) =
            self.importing.as_ref().and_then(|read| Some((read.outcome()?, read.path().to_path_buf())))
        else {
            return;
        };
        self.importing = None;
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        match read.song {
            Ok(imported) => {
                let warnings = imported.report.warnings.iter().take(TOLD);
                let what: Vec<String> =
                    warnings.map(|warning| warning.to_message().say(&self.language)).collect();
                let (language, what) = (&self.language, what.join("; "));
                self.notice = Some(if what.is_empty() {
                    t!("view.imported", locale = language, name = name).into()
                } else {
                    t!("view.imported-with", locale = language, name = name, what = what).into()
                });
                self.before = Some(self.ends.shared.song());
                (self.ends.take)(imported.project);
            }
            Err(why) => {
                let (language, why) = (&self.language, why.in_full().say(&self.language));
                self.notice = Some(t!("view.failed", locale = language, name = name, why = why).into());
            }
        }
    }

    /// Asks on a thread of its own, one at a time.
    fn ask(&mut self, ask: impl FnOnce() -> Answer + Send + 'static) {
        if self.dialog.is_some() || self.importing.is_some() {
            return;
        }
        let (tell, told) = channel();
        let asked = std::thread::Builder::new().name("dialog".into()).spawn(move || {
            // The view may have been closed meanwhile.
            let _ = tell.send(ask());
        });
        match asked {
            Ok(_) => self.dialog = Some(told),
            Err(error) => self.notice = Some(error.to_message().say(&self.language)),
        }
    }
}

fn dialog(folder: Option<PathBuf>) -> rfd::FileDialog {
    let dialog = rfd::FileDialog::new();
    match folder {
        Some(folder) => dialog.set_directory(folder),
        None => dialog,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;
    use std::time::{Duration, Instant};

    use super::*;
    use crate::shared::Shared;

    fn wait(files: &mut Files) {
        let began = Instant::now();
        while files.importing.is_some() {
            assert!(began.elapsed() < Duration::from_secs(30), "nothing came");
            std::thread::sleep(Duration::from_millis(2));
            files.look();
        }
    }

    #[test]
    fn a_song_that_is_read_takes_the_place_of_the_other_and_gives_it_back() {
        let shared = Arc::new(Shared::default());
        shared.take_song(Project { title: "mine".into(), ..Project::default() });
        let taken = Arc::new(Mutex::new(Vec::new()));
        let take = {
            let (shared, taken) = (shared.clone(), taken.clone());
            move |song: Project| {
                taken.lock().unwrap().push(song.title.clone());
                shared.take_song(song);
            }
        };
        let ends = Ends { shared: shared.clone(), take: Arc::new(take), let_words_wait: Arc::new(|_| ()) };
        let mut files = Files::new(ends, None, "en".into());
        let folder = tempfile::tempdir().unwrap();
        let good = folder.path().join("good.ziyin");
        Project { title: "read".into(), ..Project::default() }.save(&good).unwrap();
        files.read(&good);
        wait(&mut files);
        assert_eq!(shared.song().title, "read");
        assert_eq!(files.notice.clone().unwrap(), "imported: good.ziyin");
        // One that cannot be read leaves it, and says why.
        let bad = folder.path().join("bad.mid");
        std::fs::write(&bad, b"no song").unwrap();
        files.read(&bad);
        wait(&mut files);
        assert!(files.notice.clone().unwrap().contains("bad.mid"));
        assert_eq!(shared.song().title, "read");
        files.undo();
        assert_eq!((shared.song().title.as_str(), files.before.is_none()), ("mine", true));
        assert_eq!(*taken.lock().unwrap(), ["read", "mine"]);
    }
}
