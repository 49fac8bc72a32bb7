//! A song that is being read: told once it takes longer than a moment, and can be cancelled.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use egui::{Context, ProgressBar};
use rust_i18n::t;

use crate::dialog::framed;
use ziyin_interchange::ImportOptions;
use ziyin_session::importing::{self, Importing};

/// What is read sooner is not worth a word.
const MOMENT: Duration = Duration::from_millis(300);

/// A song on its way in.
pub struct ReadingSong {
    importing: Importing,
    begun: Instant,
    /// Whether it takes the place of the open song with no question.
    pub reloads: bool,
}

/// How it stands after a frame.
pub enum Read {
    Reading,
    Cancelled,
    Done(Box<importing::Read>),
}

impl ReadingSong {
    pub fn begin(ctx: &Context, path: &Path, reloads: bool) -> Self {
        let wake = ctx.clone();
        let wake = Arc::new(move || wake.request_repaint());
        let importing = Importing::begin(path, &ImportOptions::default(), wake);
        Self { importing, begun: Instant::now(), reloads }
    }

    pub fn path(&self) -> &Path {
        self.importing.path()
    }

    /// Shows how far it is.
    pub fn show(&self, ctx: &Context) -> Read {
        if let Some(outcome) = self.importing.outcome() {
            return Read::Done(Box::new(outcome));
        }
        let left = MOMENT.saturating_sub(self.begun.elapsed());
        if left > Duration::ZERO {
            ctx.request_repaint_after(left);
            return Read::Reading;
        }
        ctx.request_repaint_after(Duration::from_millis(100));
        let name = self.path().file_name().unwrap_or_default().to_string_lossy();
        let title = t!("reading.title", file = name).into_owned();
        let (cancelled, escaped) = framed(ctx, "reading", title, 360.0, |ui| {
            ui.add(ProgressBar::new(self.importing.progress()).show_percentage());
            ui.add_space(8.0);
            ui.button(t!("dialog.cancel")).clicked()
        });
        if cancelled || escaped { Read::Cancelled } else { Read::Reading }
    }
}
