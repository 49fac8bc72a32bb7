//! Whether the system has dialogs for files. The library of them gives the same for a dialog that was
//! cancelled and for one that never opened; it tells the two apart in its log alone. It first asks the portal
//! of the desktop, then a program: only what goes wrong with the program is the end.

use std::sync::{Mutex, Once, PoisonError};

use ::log::{Level, LevelFilter, Log, Metadata, Record};

struct Faults(Mutex<bool>);

static FAULTS: Faults = Faults(Mutex::new(false));

/// Begins to listen, before a dialog is asked for.
pub fn listen() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        // Where the log is another's already, a dialog that does not open looks cancelled.
        if ::log::set_logger(&FAULTS).is_ok() {
            ::log::set_max_level(LevelFilter::Error);
        }
    });
    take_fault();
}

/// Whether a dialog could not be opened since this was last asked.
pub fn take_fault() -> bool {
    std::mem::take(&mut *FAULTS.0.lock().unwrap_or_else(PoisonError::into_inner))
}

impl Log for Faults {
    fn enabled(&self, metadata: &Metadata) -> bool {
        metadata.level() <= Level::Error
    }

    fn log(&self, record: &Record) {
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
