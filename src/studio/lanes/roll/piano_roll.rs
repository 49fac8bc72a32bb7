//! The roll as one value, and a frame of it.

use egui::{CursorIcon, Rect, Role, Sense, Ui, WidgetInfo};
use rust_i18n::t;

use super::anchors::PitchAnchors;
use super::pointer::Pointer;
use super::ruler::{self, Ruler};
use super::{grid, note, sung, transition, vibrato};
use crate::lanes::context::{LaneContext, paint_play_head};
use crate::lanes::view::{KEYBOARD, View};
use crate::request::{Request, Requests};
use crate::widgets::Palette;
use crate::widgets::scroll_bar::{self, Extent};
use ziyin_score::{Key, TrackId};
use ziyin_session::editor::Editor;
use ziyin_signal::note_name;

/// The revision of a song, and the track that is edited.
type Song = (u64, Option<TrackId>);

/// What the roll remembers from one frame to the next.
#[derive(Default)]
pub struct Roll {
    ruler: Ruler,
    pointer: Pointer,
    anchors: PitchAnchors,
    /// The key that is held on the keyboard.
    held_key: Option<u8>,
    /// The key that was sounded last.
    sounding: Option<u8>,
    /// What the key of the active track was told of last, and that key.
    scale: (Option<Song>, Option<Key>),
}

impl Roll {
    /// Shows ruler, keyboard and notes in all the room that is left.
    pub fn show(
        &mut self,
        ui: &mut Ui,
        editor: &mut Editor,
        view: &mut View,
        context: &LaneContext,
        asked: &mut Requests,
    ) {
        let whole = ui.available_rect_before_wrap();
        ui.allocate_rect(whole, Sense::hover());
        let palette = Palette::of(ui.visuals());
        let (ruler, below) = whole.split_top_bottom_at_y(whole.top() + ruler::HEIGHT);
        let (_, ruler) = ruler.split_left_right_at_x(ruler.left() + KEYBOARD);
        let (below, bar) = below.split_left_right_at_x(below.right() - scroll_bar::THICK);
        let ruler = ruler.with_max_x(bar.left());
        let (keyboard, lanes) = below.split_left_right_at_x(below.left() + KEYBOARD);
        scroll_keys(ui, bar, editor, view);
        view.keep_keys(lanes.height());
        navigate(ui, view, lanes.union(ruler));

        self.ruler.show(ui, ruler, editor, view, context, asked);
        let painter = ui.painter_at(lanes);
        let scale = if view.show_scale { self.scale(editor) } else { None };
        grid::paint_keys(&painter, lanes, view, &palette, (context.range, scale));
        grid::paint_bars(&painter, lanes, view, &editor.project().meter, &palette, |_, _| {});
        if let Some(paint) = context.spectrogram.filter(|_| view.show_spectrogram) {
            paint(ui, lanes, view);
        }
        let faint = palette.weak_text.gamma_multiply(0.35);
        sung::paint_waveform(&painter, lanes, view, context.backing, faint);
        sung::paint_waveform(&painter, lanes, view, context.waveform, palette.accent.gamma_multiply(0.45));
        self.pointer.show(ui, lanes, editor, view, context, asked);
        note::paint_ghosts(&painter, lanes, editor, view);
        let words = note::show(ui, lanes, editor, view, context, &palette);
        sung::paint_pitch(&painter, lanes, view, context, &palette);
        words.paint();
        asked.done(vibrato::show(ui, lanes, editor, view, &palette));
        asked.done(transition::show(ui, lanes, editor, view, &palette));
        sung::paint_drawn_pitch(&painter, lanes, editor, view, context, &palette);
        asked.done(self.anchors.show(ui, lanes, editor, view, context, &palette));
        if let Some(area) = self.pointer.area() {
            area.paint(&painter, view, lanes, palette.accent);
        }
        paint_play_head(&painter, lanes, view, context, &palette);
        self.keyboard(ui, keyboard, view, context.range, &palette);
        // A note sounds while it is held, with the pitch that it is dragged to.
        let held = self
            .pointer
            .held_note()
            .filter(|_| !context.playing)
            .and_then(|id| editor.notes().get(id).cloned());
        let sounding = self.held_key.or(held.map(|note| note.pitch));
        if sounding != self.sounding {
            self.sounding = sounding;
            asked.ask(Request::Sound(sounding));
        }
    }

    /// The key that the active track is in, told anew only where the song has changed.
    fn scale(&mut self, editor: &Editor) -> Option<Key> {
        let told_of = Some((editor.revision(), editor.active_track()));
        if self.scale.0 != told_of {
            let project = editor.project();
            self.scale = (told_of, editor.active().map(|track| project.harmony_key(track)));
        }
        self.scale.1
    }

    fn keyboard(&mut self, ui: &Ui, rect: Rect, view: &View, range: Option<[u8; 2]>, palette: &Palette) {
        let keys = ui.interact(rect, ui.scope_id().with("keyboard"), Sense::click_and_drag());
        keys.widget_info(|| WidgetInfo::labeled(Role::Canvas, true, t!("roll.keyboard")));
        let pointed = keys.interact_pointer_pos().filter(|_| keys.is_pointer_button_down_on());
        self.held_key = pointed.map(|at| (view.key(at.y - rect.top()).ceil()).clamp(0.0, 127.0) as u8);
        grid::paint_keyboard(&ui.painter_at(rect), rect, view, palette, self.held_key);
        if let (Some([low, high]), None) = (range, self.held_key) {
            keys.on_hover_text(t!("roll.range", low = note_name(low), high = note_name(high)));
        }
    }
}

/// The bar beside the roll: all keys, and where the notes of the active track are.
fn scroll_keys(ui: &Ui, bar: Rect, editor: &Editor, view: &mut View) {
    const HIGHEST: f64 = 128.0;
    let keys = f64::from(bar.height() / view.key_height);
    // The highest key is at the top.
    let from_top = HIGHEST - f64::from(view.top());
    let pitches = || editor.active().into_iter().flat_map(|track| track.notes.iter().map(|note| note.pitch));
    let filled = match (pitches().max(), pitches().min()) {
        (Some(high), Some(low)) => HIGHEST - f64::from(high)..HIGHEST + 1.0 - f64::from(low),
        _ => 0.0..0.0,
    };
    let extent = Extent { whole: 0.0..HIGHEST, shown: from_top..from_top + keys, filled };
    if let Some(to) = scroll_bar::show(ui, bar, &t!("roll.scroll-keys"), extent) {
        view.scroll(0.0, (from_top - to) as f32, bar.height());
    }
}

/// Wheel, pinch and keys, and a drag with the middle button: scroll and zoom.
fn navigate(ui: &Ui, view: &mut View, area: Rect) {
    let Some(at) = ui.input(|i| i.pointer.hover_pos()).filter(|&at| area.contains(at)) else { return };
    // What lies over the roll scrolls itself.
    if ui.ctx().layer_id_at(at).is_some_and(|layer| layer != ui.layer_id()) {
        return;
    }
    let (scroll, zoom, modifiers) = ui.input(|i| (i.smooth_scroll_delta, i.zoom_delta(), i.modifiers));
    let x = at.x - area.left();
    let (pans, by) = ui.input(|i| (i.pointer.middle_down(), i.pointer.delta()));
    if pans && by != egui::Vec2::ZERO {
        view.scroll(-f64::from(by.x) / view.scale, by.y / view.key_height, area.height() - ruler::HEIGHT);
        ui.ctx().set_cursor_icon(CursorIcon::Grabbing);
    }
    if zoom != 1.0 {
        if modifiers.shift {
            view.zoom_keys(zoom, at.y - area.top() - ruler::HEIGHT, area.height() - ruler::HEIGHT);
        } else {
            view.zoom(f64::from(zoom), x);
        }
    } else if scroll != egui::Vec2::ZERO {
        let ticks = -f64::from(scroll.x) / view.scale;
        view.scroll(ticks, scroll.y / view.key_height, area.height() - ruler::HEIGHT);
    }
}
