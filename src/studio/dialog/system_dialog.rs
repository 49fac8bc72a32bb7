//! The system's own dialogs for files, and what keeps them from opening.

use std::path::PathBuf;
use std::sync::mpsc::{Receiver, TryRecvError, channel};
use std::sync::{Mutex, Once, PoisonError};

use egui::Context;

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
        FAULTS.listen();
        let (answer, asked) = channel();
        std::thread::spawn(move || {
            let path = pollster::block_on(dialog).map(|file| file.path().to_path_buf());
            let ended = match path {
                Some(path) => Answer::Chosen(path),
                None if FAULTS.take() => Answer::None,
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

/// The library of dialogs gives the same for a dialog that was cancelled and for one that
/// never opened; it tells the two apart in its log alone. It first asks the portal of the
/// desktop, then a program: only what goes wrong with the program is the end.
struct Faults(Mutex<bool>);

static FAULTS: Faults = Faults(Mutex::new(false));

impl Faults {
    fn listen(&'static self) {
        static ONCE: Once = Once::new();
        ONCE.call_once(|| {
            // Where the log is another's already, a dialog that does not open looks cancelled.
            if log::set_logger(self).is_ok() {
                log::set_max_level(log::LevelFilter::Error);
            }
        });
        self.take();
    }

    /// Whether a dialog could not be opened since this was last asked.
    fn take(&self) -> bool {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl log::Log for Faults {
    fn enabled(&self, metadata: &log::Metadata) -> bool {
        metadata.level() <= log::Level::Error
    }

    fn log(&self, record: &log::Record) {
        if !self.enabled(record.metadata()) {
            return;
        }
        tracing::warn!("{}: {}", record.target(), record.args());
        if record.target().starts_with("rfd::") && record.args().to_string().contains("zenity") {
            *self.0.lock().unwrap_or_else(PoisonError::into_inner) = true;
        }
    }

    fn flush(&self) {}
}
