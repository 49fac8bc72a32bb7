//! What lies at a path, looked up on a thread of its own: a folder on a network may take its time.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, channel};

use egui::Context;

/// What was asked: a path as it was typed, the file that it would be, and the extensions that count.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Question {
    pub typed: PathBuf,
    pub chosen: PathBuf,
    pub extensions: Vec<&'static str>,
}

/// What lies there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Seen {
    /// The folder of the path: itself, or what it lies in.
    pub folder: PathBuf,
    /// Folders, then files of the right kind, each in the order of their names; and which are folders.
    pub entries: Vec<(PathBuf, bool)>,
    /// Whether there is a file, and a folder that it could lie in.
    pub is_file: bool,
    pub has_folder: bool,
}

/// Looks at one path after the other.
#[derive(Default)]
pub struct Look {
    answered: Question,
    seen: Seen,
    asked: Option<(Question, Receiver<Seen>)>,
}

impl Look {
    /// What lies at a path as far as it is known, and whether it is what was asked for. `ctx` is woken
    /// when there is more.
    pub fn at(&mut self, ctx: &Context, question: Question) -> (&Seen, bool) {
        if let Some((asked, answer)) = self.asked.take() {
            match answer.try_recv() {
                Ok(seen) => (self.answered, self.seen) = (asked, seen),
                Err(std::sync::mpsc::TryRecvError::Empty) => self.asked = Some((asked, answer)),
                // A look that broke down has seen nothing.
                Err(_) => (self.answered, self.seen) = (asked, Seen::default()),
            }
        }
        let known = self.answered == question;
        if !known && self.asked.is_none() {
            let (tell, answer) = channel();
            let (about, wake) = (question.clone(), ctx.clone());
            let look = move || {
                let _ = tell.send(see(&about));
                wake.request_repaint();
            };
            let _ = std::thread::Builder::new().name("look".into()).spawn(look);
            self.asked = Some((question, answer));
        }
        (&self.seen, known)
    }

    /// Whether something is being looked at.
    pub fn is_looking(&self) -> bool {
        self.asked.is_some()
    }
}

fn see(question: &Question) -> Seen {
    let typed = &question.typed;
    let folder = if typed.is_dir() {
        typed.clone()
    } else {
        typed.parent().map(Path::to_path_buf).unwrap_or_default()
    };
    Seen {
        entries: list(&folder, &question.extensions),
        is_file: question.chosen.is_file(),
        has_folder: question.chosen.parent().is_some_and(Path::is_dir),
        folder,
    }
}

fn list(folder: &Path, extensions: &[&str]) -> Vec<(PathBuf, bool)> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let wanted = |path: PathBuf| {
        let extension = path.extension().map(|e| e.to_string_lossy().to_lowercase()).unwrap_or_default();
        let hidden = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'));
        let is_folder = path.is_dir();
        (!hidden && (is_folder || extensions.contains(&extension.as_str()))).then_some((path, is_folder))
    };
    let mut paths: Vec<(PathBuf, bool)> =
        entries.flatten().filter_map(|entry| wanted(entry.path())).collect();
    paths.sort_by(|(a, a_folder), (b, b_folder)| (!a_folder, a).cmp(&(!b_folder, b)));
    paths
}
