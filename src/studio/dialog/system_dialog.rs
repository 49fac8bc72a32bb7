//! The system's own dialogs for files.

use std::path::PathBuf;
use std::sync::mpsc::{Receiver, TryRecvError, channel};

use egui::Context;
use ziyin_session::file_dialogs;

/// How a dialog of the system ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    Chosen(PathBuf),
    Cancelled,
    /// The desktop has none that a program could ask for.
    None,
}

/// A dialog of the system that is open.
pub struct SystemDialog(Receiver<Answer>);

type Pending = std::pin::Pin<Box<dyn Future<Output = Option<rfd::FileHandle>> + Send>>;

impl SystemDialog {
    /// Waits for a dialog on another thread: some systems want it made on this one.
    pub fn open(dialog: Pending, ctx: Context) -> Self {
        file_dialogs::listen();
        let (answer, asked) = channel();
        std::thread::spawn(move || {
            let path = pollster::block_on(dialog).map(|file| file.path().to_path_buf());
            let ended = match path {
                Some(path) => Answer::Chosen(path),
                None if file_dialogs::take_fault() => Answer::None,
                None => Answer::Cancelled,
            };
            // Ours may have been closed meanwhile.
            let _ = answer.send(ended);
            ctx.request_repaint();
        });
        Self(asked)
    }

    /// How it ended, once it has.
    pub fn answer(&self) -> Option<Answer> {
        match self.0.try_recv() {
            Ok(answer) => Some(answer),
            Err(TryRecvError::Empty) => None,
            Err(TryRecvError::Disconnected) => Some(Answer::Cancelled),
        }
    }
}
