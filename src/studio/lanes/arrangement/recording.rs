//! The rows of backing audio, below those of the tracks.

use egui::{Align2, FontId, Pos2, Rect, Role, Sense, Stroke, StrokeKind, Ui, WidgetInfo, pos2, vec2};
use rust_i18n::t;

use super::rows::Rows;
use crate::lanes::view::View;
use crate::widgets::{Palette, blend};
use ziyin_score::{Backing, BackingCommand, Command, Tick};
use ziyin_session::backing::name_of;
use ziyin_session::editor::Editor;
use ziyin_session::engine::Engine;

/// The place of the block of a recording in a row, once it is known how long it is.
fn rect(engine: &Engine, index: usize, (rows, row): (Rows, usize), view: &View) -> Option<Rect> {
    let span = engine.backing_span(index)?;
    Some(rows.block(row, (span.start as Tick, span.end as Tick), view))
}

/// The recording under a point, counted from the first; `first` is the row of that one.
pub(super) fn at(
    engine: &Engine,
    editor: &Editor,
    (rows, first): (Rows, usize),
    at: Pos2,
    view: &View,
) -> Option<usize> {
    let row = usize::try_from(rows.at(at.y)).ok()?;
    let index = row.checked_sub(first).filter(|&index| index < editor.project().backings.len())?;
    rect(engine, index, (rows, row), view).filter(|rect| rect.contains(at)).map(|_| index)
}

/// The block of a recording with its wave.
pub(super) fn show(
    ui: &Ui,
    engine: &Engine,
    editor: &Editor,
    (rows, row, index): (Rows, usize, usize),
    view: &View,
    palette: &Palette,
) {
    let Some(backing) = editor.project().backings.get(index) else { return };
    let Some(rect) = rect(engine, index, (rows, row), view) else { return };
    let seen = rect.intersect(rows.lanes);
    if !seen.is_positive() {
        return;
    }
    let ink = match backing.is_heard(editor.project().has_solo()) {
        true => palette.weak_text,
        false => blend(palette.weak_text, palette.black_key, 0.65),
    };
    let painter = ui.painter_at(rows.lanes);
    painter.rect_filled(rect, 3.0, blend(ink, palette.black_key, 0.7));
    painter.rect_stroke(rect, 3.0, Stroke::new(1.0, ink), StrokeKind::Inside);
    let wave =
        engine.backing_waveform(index, view.left..view.tick(rows.lanes.width()), rows.lanes.width() as usize);
    let (middle, half) = (rect.center().y, rect.height() / 2.0 - 2.0);
    for (tick, peak) in wave {
        let reach = (peak * half).clamp(0.5, half);
        let x = rows.lanes.left() + view.x(tick);
        painter.vline(x, middle - reach..=middle + reach, Stroke::new(1.0, ink.gamma_multiply(0.7)));
    }
    let name = name_of(backing);
    let inside = painter.with_clip_rect(seen.shrink2(vec2(3.0, 0.0)));
    let at = pos2(seen.left() + 4.0, rect.top() + 1.0);
    inside.text(at, Align2::LEFT_TOP, &name, FontId::proportional(11.0), palette.text);
    let block = ui.interact(seen, ui.scope_id().with(("recording", index)), Sense::hover());
    block.widget_info(|| {
        let span = engine.backing_span(index).unwrap_or_default();
        let bar = |tick: f64| editor.project().meter.bar_beat(tick.max(0.0) as Tick).bar;
        let (from, to) = (bar(span.start), bar(span.end - 1.0));
        let said = t!("arrangement.backing", name = name.as_str(), from = from, to = to);
        WidgetInfo::labeled(Role::Button, true, said)
    });
}

/// A drag of a recording.
pub(super) struct Moved {
    index: usize,
    /// Where it was taken, in seconds of the song, and where the recording stood then.
    from: f64,
    before: Backing,
}

impl Moved {
    pub fn begin(editor: &mut Editor, index: usize, tick: f64) -> Option<Self> {
        let before = editor.project().backings.get(index)?.clone();
        let from = editor.project().tempo.seconds_between(tick.max(0.0));
        editor.begin("move-backing");
        Some(Self { index, from, before })
    }

    /// Lets what is heard of it begin with the nearest bar, or where it is dragged to if it is `fine`.
    pub fn go_on(&self, editor: &mut Editor, tick: f64, fine: bool) {
        let project = editor.project();
        let Self { index, before, .. } = self;
        let by = project.tempo.seconds_between(tick.max(0.0)) - self.from;
        let cut = before.trim_us[0];
        let start = (before.offset_us + cut) as f64 / 1e6 + by;
        // Before the song there are no bars.
        let start = match start {
            _ if fine || start < 0.0 => start,
            _ => project.tempo.seconds(project.meter.nearest_bar(project.tempo.tick(start))),
        };
        let offset_us = ((start * 1e6).round() as i64).saturating_sub(cut);
        let offset_us = offset_us.clamp(-Backing::FARTHEST_US, Backing::FARTHEST_US);
        if project.backings.get(*index).is_some_and(|backing| backing.offset_us != offset_us) {
            let backing = Backing { offset_us, ..before.clone() };
            let change = Command::Backing(BackingCommand::Change { index: *index, backing });
            // A place that is not possible is not taken, the rest of the drag is.
            let _ = editor.perform(&format!("move-backing:{:.3} s", offset_us as f64 / 1e6), change);
        }
    }
}
