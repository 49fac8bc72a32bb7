//! The vibrato of the selected note, shaped by five handles: where it sets in, how far it swings, how
//! fast, and how long it takes to grow and to die away.

use egui::{CursorIcon, Rect, Shape, Stroke, Ui, pos2, vec2};
use rust_i18n::t;

use super::geometry::note_rect;
use super::handle::{Knob, alone};
use crate::lanes::view::View;
use crate::widgets::Palette;
use ziyin_score::{EditError, Note, Vibrato};
use ziyin_session::editor::{Editor, USUAL_VIBRATO};

/// A note narrower than this on screen, in points, has no room for handles.
const NARROWEST: f32 = 56.0;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Handle {
    Onset,
    Depth,
    Rate,
    FadeIn,
    FadeOut,
}

/// A note on the screen: how wide it is in points, and how long in seconds.
#[derive(Clone, Copy)]
struct Shown {
    width: f32,
    seconds: f32,
}

impl Shown {
    /// Points in a millisecond.
    fn scale(self) -> f32 {
        self.width / (1000.0 * self.seconds)
    }
}

impl Handle {
    const ALL: [Handle; 5] = [Self::Onset, Self::Depth, Self::Rate, Self::FadeIn, Self::FadeOut];
    /// The longest fade that a handle reaches, in ms.
    const LONGEST_FADE: f32 = 5000.0;

    fn name(self) -> String {
        let key = match self {
            Handle::Onset => "vibrato.onset",
            Handle::Depth => "vibrato.depth",
            Handle::Rate => "vibrato.rate",
            Handle::FadeIn => "vibrato.fade-in",
            Handle::FadeOut => "vibrato.fade-out",
        };
        t!(key).into_owned()
    }

    /// Its place under a note.
    fn place(self, under: Rect, vibrato: Vibrato, shown: Shown) -> egui::Pos2 {
        let onset = under.left() + vibrato.onset * under.width();
        match self {
            Handle::Onset => pos2(onset, under.center().y),
            Handle::Depth => pos2(under.right(), under.top()),
            Handle::Rate => pos2((onset + under.right()) / 2.0, under.bottom()),
            Handle::FadeIn => {
                pos2((onset + vibrato.fade_in_ms * shown.scale()).min(under.right()), under.top())
            }
            Handle::FadeOut => {
                pos2((under.right() - vibrato.fade_out_ms * shown.scale()).max(onset), under.bottom())
            }
        }
    }

    /// The vibrato after a move by so many points.
    fn moved(self, vibrato: Vibrato, by: egui::Vec2, shown: Shown) -> Vibrato {
        let fade = |ms: f32, points: f32| (ms + points / shown.scale()).clamp(0.0, Self::LONGEST_FADE);
        let Vibrato { fade_in_ms, fade_out_ms, .. } = vibrato;
        match self {
            Handle::Onset => {
                Vibrato { onset: (vibrato.onset + by.x / shown.width).clamp(0.0, 0.95), ..vibrato }
            }
            Handle::Depth => {
                Vibrato { depth_cents: (vibrato.depth_cents - 1.5 * by.y).clamp(0.0, 200.0), ..vibrato }
            }
            Handle::Rate => Vibrato { period_ms: (vibrato.period_ms - by.x).clamp(80.0, 500.0), ..vibrato },
            Handle::FadeIn => Vibrato { fade_in_ms: fade(fade_in_ms, by.x), ..vibrato },
            Handle::FadeOut => Vibrato { fade_out_ms: fade(fade_out_ms, -by.x), ..vibrato },
        }
    }

    fn value(self, vibrato: Vibrato) -> String {
        match self {
            Handle::Onset => format!("{:.0}%", 100.0 * vibrato.onset),
            Handle::Depth => format!("{:.0} ct", vibrato.depth_cents),
            Handle::Rate => format!("{:.1} Hz", 1000.0 / vibrato.period_ms),
            Handle::FadeIn => format!("{:.0} ms", vibrato.fade_in_ms),
            Handle::FadeOut => format!("{:.0} ms", vibrato.fade_out_ms),
        }
    }

    fn cursor(self) -> CursorIcon {
        match self {
            Handle::Depth => CursorIcon::ResizeVertical,
            _ => CursorIcon::ResizeHorizontal,
        }
    }
}

/// Shows the handles under the one note that is selected, and takes their drags.
pub(super) fn show(
    ui: &Ui,
    lanes: Rect,
    editor: &mut Editor,
    view: &View,
    palette: &Palette,
) -> Result<(), EditError> {
    let Some(note) = alone(editor, view) else { return Ok(()) };
    let rect = note_rect(&note, view, lanes);
    if rect.width() < NARROWEST || !lanes.shrink(8.0).intersects(rect) {
        return Ok(());
    }
    let vibrato = note.vibrato.unwrap_or(USUAL_VIBRATO);
    let under = Rect::from_min_size(pos2(rect.left(), rect.bottom() + 5.0), vec2(rect.width(), 18.0));
    let tempo = &editor.project().tempo;
    let seconds = (tempo.seconds(note.end()) - tempo.seconds(note.onset)).max(1e-3) as f32;
    let shown = Shown { width: rect.width(), seconds };
    paint(ui, lanes, under, (vibrato, shown), note.vibrato.is_some(), palette);
    for handle in Handle::ALL {
        let at = handle.place(under, vibrato, shown);
        let (name, value, cursor) = (handle.name(), handle.value(vibrato), handle.cursor());
        let moved = |by| Note { vibrato: Some(handle.moved(vibrato, by, shown)), ..note.clone() };
        let knob = Knob { at, size: 13.0, name, value, cursor };
        knob.show(ui, lanes, palette, editor, "change-vibrato", moved)?;
    }
    Ok(())
}

/// The swing as it would be sung on a note of so many seconds; faint where the singer chooses it.
fn paint(
    ui: &Ui,
    lanes: Rect,
    under: Rect,
    (vibrato, shown): (Vibrato, Shown),
    own: bool,
    palette: &Palette,
) {
    let painter = ui.painter_at(lanes);
    let colour = if own { palette.accent } else { palette.weak_text.gamma_multiply(0.7) };
    let onset = under.left() + vibrato.onset * under.width();
    let swing = (vibrato.depth_cents / 200.0).clamp(0.02, 1.0) * under.height() / 2.0;
    // As many swings as are sung, or as can be told apart from far away.
    let wave = (under.width() * vibrato.period_ms / 1000.0 / shown.seconds).max(3.0);
    let middle = under.center().y;
    let mut line = vec![pos2(under.left(), middle), pos2(onset, middle)];
    let steps = ((under.right() - onset) / 1.5) as usize;
    let [fade_in, fade_out] =
        [vibrato.fade_in_ms, vibrato.fade_out_ms].map(|ms| (ms * shown.scale()).max(0.1));
    line.extend((0..=steps).map(|i| {
        let x = onset + i as f32 * 1.5;
        let swing =
            swing * ((x - onset) / fade_in).min(1.0) * ((under.right() - x) / fade_out).clamp(0.0, 1.0);
        pos2(x, middle - swing * ((x - onset) / wave * std::f32::consts::TAU).sin())
    }));
    painter.add(Shape::line(line, Stroke::new(1.5, colour)));
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHOWN: Shown = Shown { width: 100.0, seconds: 1.0 };

    #[test]
    fn handles_stay_within_what_can_be_sung() {
        let far = vec2(9999.0, 9999.0);
        let near = Handle::ALL.iter().fold(USUAL_VIBRATO, |v, handle| handle.moved(v, far, SHOWN));
        assert_eq!((near.onset, near.depth_cents, near.period_ms), (0.95, 0.0, 80.0));
        assert_eq!((near.fade_in_ms, near.fade_out_ms), (5000.0, 0.0));
        let other = Handle::ALL.iter().fold(USUAL_VIBRATO, |v, handle| handle.moved(v, -far, SHOWN));
        assert_eq!((other.onset, other.depth_cents, other.period_ms), (0.0, 200.0, 500.0));
    }
}
