//! Songs in and out of files, as the view is asked for them.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, TryRecvError, channel};

use super::Ends;
use super::face::Face;
use rust_i18n::t;
use ziyin_message::ToMessage;
use ziyin_score::Project;
use ziyin_session::file_dialogs;
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
    /// A song that is to be read.
    Read(PathBuf),
    /// What there is to be told of what was done.
    Told(String),
    Cancelled,
    /// The desktop has none that a program could ask for.
    None,
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
        let dialog = self.dialog("view.import-title");
        self.ask(move || dialog.pick_file(), Answer::Read);
    }

    /// Lets the user choose a file, and writes the song as it is now.
    pub fn save(&mut self) {
        let (song, language) = (self.ends.shared.song(), self.language.clone());
        let title: String = song.title.chars().filter(|c| !c.is_control() && *c != '/').take(60).collect();
        let name = if title.trim().is_empty() { "song".into() } else { title };
        let dialog = self.dialog("view.save-title").set_file_name(format!("{name}.ziyin"));
        self.ask(move || dialog.save_file(), move |path| Answer::Told(write(&song, &path, &language)));
    }

    fn dialog(&self, title: &'static str) -> rfd::FileDialog {
        let title: String = t!(title, locale = &self.language).into();
        let dialog = rfd::FileDialog::new().set_title(title);
        match &self.folder {
            Some(folder) => dialog.set_directory(folder),
            None => dialog,
        }
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
                self.take_answer(answer);
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

    fn take_answer(&mut self, answer: Answer) {
        match answer {
            Answer::Read(path) => self.read(&path),
            Answer::Told(notice) => self.notice = Some(notice),
            Answer::Cancelled => {
                self.notice = Some(t!("view.nothing-chosen", locale = &self.language).into());
            }
            Answer::None => {
                // There files are chosen in the window.
                self.ends.shared.ask_for_studio();
                self.notice = Some(t!("view.no-dialog", locale = &self.language).into());
            }
        }
    }

    /// Asks on a thread of its own, one at a time, and does there what comes of it: the view may be closed
    /// meanwhile.
    fn ask(
        &mut self,
        ask: impl FnOnce() -> Option<PathBuf> + Send + 'static,
        chosen: impl FnOnce(PathBuf) -> Answer + Send + 'static,
    ) {
        if self.dialog.is_some() || self.importing.is_some() {
            return;
        }
        file_dialogs::listen();
        let (tell, told) = channel();
        let asked = std::thread::Builder::new().name("dialog".into()).spawn(move || {
            let answer = match ask() {
                Some(path) => chosen(path),
                None if file_dialogs::take_fault() => Answer::None,
                None => Answer::Cancelled,
            };
            let _ = tell.send(answer);
        });
        match asked {
            Ok(_) => self.dialog = Some(told),
            Err(error) => self.notice = Some(error.to_message().say(&self.language)),
        }
    }
}

/// Writes a song, and gives what there is to be told of that. A file without an ending gets ours.
fn write(song: &Project, path: &Path, language: &str) -> String {
    let path = if path.extension().is_some() { path.to_path_buf() } else { path.with_extension("ziyin") };
    let name = path.display();
    match song.save(&path) {
        Ok(()) => t!("view.saved", locale = language, name = name).into(),
        Err(error) => {
            let why = error.to_message().say(language);
            t!("view.failed", locale = language, name = name, why = why).into()
        }
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
        files.take_answer(Answer::Cancelled);
        assert!(!shared.take_asked_for_studio());
        // Where the desktop has no dialogs the studio has.
        files.take_answer(Answer::None);
        assert!(shared.take_asked_for_studio());
        files.ask(|| Some("unsaved".into()), |path| Answer::Told(path.display().to_string()));
        while files.dialog.is_some() {
            files.look();
        }
        assert_eq!(files.notice.as_deref(), Some("unsaved"));
        files.undo();
        assert_eq!((shared.song().title.as_str(), files.before.is_none()), ("mine", true));
        assert_eq!(*taken.lock().unwrap(), ["read", "mine"]);
    }

    #[test]
    fn a_song_is_written_with_an_ending_or_it_is_told_why_not() {
        let folder = tempfile::tempdir().unwrap();
        let song = Project { title: "mine".into(), ..Project::default() };
        let told = write(&song, &folder.path().join("saved"), "en");
        assert!(told.starts_with("saved: ") && told.ends_with("saved.ziyin"), "{told}");
        assert_eq!(Project::load(&folder.path().join("saved.ziyin")).unwrap(), song);
        let told = write(&song, &folder.path().join("nowhere/saved.ziyin"), "en");
        assert!(told.contains("nowhere") && !told.starts_with("saved"), "{told}");
    }
}
