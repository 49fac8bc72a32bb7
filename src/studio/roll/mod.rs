//! The piano roll: ruler, keyboard, notes, the pitch curve over them.

mod drag;
mod grid;
mod lasso;
mod marks;
mod menu;
mod note;
mod palette;
mod pointer;
mod ruler;
mod sung;
pub mod vibrato;

use std::collections::HashMap;
use std::ops::Range;

use egui::{Color32, CursorIcon, Rect, Role, Sense, Stroke, Ui, WidgetInfo, pos2, vec2};
use rust_i18n::t;

pub use marks::{ChangeRequest, change_text};
pub use note::manner_name;
pub use palette::{Palette, ink_on, track_colour};
pub use pointer::way_of_pointer;
pub use ruler::HEIGHT as RULER;

use self::drag::Drag;
use self::ruler::Ruler;
use super::action::Action;
use super::editor::Editor;
use super::view::{KEYBOARD, View};
use super::window::scroll_bar::{self, Extent};
use ziyin_lyrics::Reading;
use ziyin_score::{NoteId, Tick, TrackId};

/// How far the sound of a note is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoteState {
    Waiting,
    Singing,
    Done,
}

/// Paints the spectrogram of what is sung into the lanes.
pub type PaintSpectrogram<'a> = dyn Fn(&Ui, Rect, &View) + 'a;

/// What the roll draws but does not own.
pub struct RollContext<'a> {
    /// Where the play head is, in ticks.
    pub play_head: f64,
    pub playing: bool,
    pub states: &'a HashMap<(TrackId, NoteId), NoteState>,
    /// How each note of the active track is read, in the order of its notes.
    pub readings: &'a [Reading],
    /// The curve that is sung: runs of tick and key.
    pub pitch: &'a [Vec<(f64, f32)>],
    /// The same as it is written, which is what a drawn curve is laid upon.
    pub written: &'a [Vec<(f64, f32)>],
    /// The rendered voice: tick, loudest sample around it (0 to 1).
    pub waveform: &'a [(f64, f32)],
    /// Paints the spectrogram of what is sung behind the notes.
    pub spectrogram: Option<&'a PaintSpectrogram<'a>>,
    /// The backing audio, as [`RollContext::waveform`].
    pub backing: &'a [(f64, f32)],
}

/// What the user asked for that is not an edit of the song.
#[derive(Default)]
pub struct RollResponse {
    /// Play from here.
    pub seek: Option<Tick>,
    /// From now on this key is to be sounded, or none.
    pub sound: Option<Option<u8>>,
    /// Type the lyric of this note.
    pub type_lyric: Option<NoteId>,
    /// Why an edit was not possible.
    pub error: Option<String>,
    /// What a right click on the notes asks for.
    pub menu: Option<Action>,
    /// What is asked for on the ruler.
    pub change: Option<ChangeRequest>,
}

/// What the roll remembers from one frame to the next.
#[derive(Default)]
pub struct Roll {
    ruler: Ruler,
    drag: Option<Drag>,
    /// The key that is held on the keyboard.
    held_key: Option<u8>,
    /// The note that the pointer holds.
    held_note: Option<NoteId>,
    /// The key that was sounded last.
    sounding: Option<u8>,
    /// Length of the last note that was drawn or resized: new ones take it.
    last_length: Option<Tick>,
}

impl Roll {
    /// Shows ruler, keyboard and notes in all the room that is left.
    pub fn show(
        &mut self,
        ui: &mut Ui,
        editor: &mut Editor,
        view: &mut View,
        context: &RollContext,
    ) -> RollResponse {
        let mut response = RollResponse::default();
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

        self.ruler.show(ui, ruler, editor, view, context, &mut response);
        let painter = ui.painter_at(lanes);
        grid::paint_keys(&painter, lanes, view, &palette);
        grid::paint_bars(&painter, lanes, view, &editor.project().meter, &palette, |_, _| {});
        if let Some(paint) = context.spectrogram.filter(|_| view.show_spectrogram) {
            paint(ui, lanes, view);
        }
        let faint = palette.weak_text.gamma_multiply(0.35);
        sung::paint_waveform(&painter, lanes, view, context.backing, faint);
        sung::paint_waveform(&painter, lanes, view, context.waveform, palette.accent.gamma_multiply(0.45));
        self.pointer(ui, lanes, editor, view, context, &mut response);
        note::paint_ghosts(&painter, lanes, editor, view);
        note::show(ui, lanes, editor, view, context, &palette);
        sung::paint_pitch(&painter, lanes, view, context, &palette);
        if let Err(error) = vibrato::show(ui, lanes, editor, view, &palette) {
            response.error = Some(error.to_string());
        }
        sung::paint_drawn_pitch(&painter, lanes, editor, view, context, &palette);
        if let Some(area) = self.drag.as_ref().and_then(Drag::area) {
            area.paint(&painter, view, lanes, palette.accent);
        }
        paint_play_head(&painter, lanes, view, context, &palette);
        self.keyboard(ui, keyboard, view, &palette);
        // A note sounds while it is held, with the pitch that it is dragged to.
        let held = self.held_note.filter(|_| !context.playing).and_then(|id| editor.notes().get(id).cloned());
        let sounding = self.held_key.or(held.map(|note| note.pitch));
        if sounding != self.sounding {
            self.sounding = sounding;
            response.sound = Some(sounding);
        }
        response
    }

    fn keyboard(&mut self, ui: &Ui, rect: Rect, view: &View, palette: &Palette) {
        let keys = ui.interact(rect, ui.scope_id().with("keyboard"), Sense::click_and_drag());
        keys.widget_info(|| WidgetInfo::labeled(Role::Canvas, true, t!("roll.keyboard")));
        let pointed = keys.interact_pointer_pos().filter(|_| keys.is_pointer_button_down_on());
        self.held_key = pointed.map(|at| (view.key(at.y - rect.top()).ceil()).clamp(0.0, 127.0) as u8);
        grid::paint_keyboard(&ui.painter_at(rect), rect, view, palette, self.held_key);
    }
}

/// The bar beside the roll: all keys, and where the notes of the active track are.
fn scroll_keys(ui: &Ui, bar: Rect, editor: &Editor, view: &mut View) {
    const HIGHEST: f64 = 128.0;
    let keys = f64::from(bar.height() / view.key_height);
    // The highest key is at the top.
    let from_top = HIGHEST - f64::from(view.top);
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

/// The line of the play head through a lane.
pub fn paint_play_head(
    painter: &egui::Painter,
    lane: Rect,
    view: &View,
    context: &RollContext,
    palette: &Palette,
) {
    let x = view.x(context.play_head);
    if (-1.0..=lane.width() + 1.0).contains(&x) {
        painter.vline(lane.left() + x, lane.y_range(), Stroke::new(1.5, palette.play_head));
    }
}

/// The place of a note on the lanes.
fn note_rect(note: &ziyin_score::Note, view: &View, lanes: Rect) -> Rect {
    rect_at_pitch(note.onset..note.end(), note.pitch, view, lanes)
}

/// Where a note of these ticks would lie at a pitch.
fn rect_at_pitch(ticks: Range<Tick>, pitch: u8, view: &View, lanes: Rect) -> Rect {
    let left = lanes.left() + view.x(ticks.start as f64);
    let width = ((ticks.end - ticks.start) as f64 * view.scale) as f32;
    let top = lanes.top() + view.y(f32::from(pitch));
    Rect::from_min_size(pos2(left, top), vec2(width.max(2.0), view.key_height))
}

/// A colour between two.
fn blend(a: Color32, b: Color32, part: f32) -> Color32 {
    let mix = |x: u8, y: u8| (f32::from(x) * (1.0 - part) + f32::from(y) * part) as u8;
    Color32::from_rgb(mix(a.r(), b.r()), mix(a.g(), b.g()), mix(a.b(), b.b()))
}
