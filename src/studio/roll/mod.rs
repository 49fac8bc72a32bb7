//! The piano roll: ruler, keyboard, notes, the pitch curve over them.

mod drag;
mod grid;
mod lasso;
mod marks;
mod note;
mod palette;
mod ruler;
pub mod vibrato;

use std::collections::HashMap;

use egui::{Color32, CursorIcon, Pos2, Rect, Role, Sense, Shape, Stroke, Ui, WidgetInfo, pos2, vec2};
use rust_i18n::t;

pub use marks::{ChangeRequest, change_text};
pub use note::manner_name;
pub use palette::{Palette, ink_on, track_colour};
pub use ruler::HEIGHT as RULER;

use self::drag::Drag;
use self::ruler::Ruler;
use super::action::Action;
use super::editor::Editor;
use super::view::{KEYBOARD, Tool, View};
use super::window::scroll_bar::{self, Extent};
use crate::lyrics::Reading;
use crate::score::{CurveKind, Manner, NoteId, Tick, TrackId};

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

/// What a right click on the notes offers, in groups.
const NOTE_MENU: [&[Action]; 5] = [
    &[Action::TypeLyric, Action::PlaySelection, Action::NotePanel],
    &[Action::Cut, Action::Copy, Action::Duplicate, Action::Erase],
    &[Action::Split, Action::Merge, Action::Quantise, Action::SelectPhrase],
    &[Action::OctaveUp, Action::OctaveDown],
    &[Action::Vibrato, Action::NoVibrato, Action::UsualVibrato],
];
/// The manners that it offers, in a menu of their own.
const MANNER_MENU: [Option<Manner>; 5] =
    [Some(Manner::Soft), Some(Manner::Normal), Some(Manner::Strong), Some(Manner::Whisper), None];
/// What a right click beside the notes offers.
const GROUND_MENU: [&[Action]; 2] =
    [&[Action::Paste, Action::SelectAll], &[Action::ZoomSong, Action::ShowCurves, Action::Spectrogram]];

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
        paint_waveform(&painter, lanes, view, context.backing, faint);
        paint_waveform(&painter, lanes, view, context.waveform, palette.accent.gamma_multiply(0.45));
        self.pointer(ui, lanes, editor, view, context, &mut response);
        note::paint_ghosts(&painter, lanes, editor, view);
        note::show(ui, lanes, editor, view, context, &palette);
        paint_pitch(&painter, lanes, view, context, &palette);
        if let Err(error) = vibrato::show(ui, lanes, editor, view, &palette) {
            response.error = Some(error.to_string());
        }
        self.paint_drawn_pitch(&painter, lanes, editor, view, context, &palette);
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

    /// What the pointer does on the lanes.
    fn pointer(
        &mut self,
        ui: &Ui,
        lanes: Rect,
        editor: &mut Editor,
        view: &mut View,
        context: &RollContext,
        response: &mut RollResponse,
    ) {
        let ground = ui.interact(lanes, ui.scope_id().with("lanes"), Sense::click_and_drag());
        ground.widget_info(|| WidgetInfo::labeled(Role::Canvas, true, t!("roll.lanes")));
        let under = |at: Pos2| note::at(editor, view, lanes, at);
        let hovered = ground.hover_pos().and_then(under);
        if !ground.is_pointer_button_down_on() {
            self.held_note = None;
        } else if ui.input(|i| i.pointer.primary_pressed()) && matches!(view.tool, Tool::Select | Tool::Draw)
        {
            self.held_note = hovered.map(|(id, _)| id);
        }
        if self.drag.is_none() {
            let icon = match (view.tool, hovered) {
                (Tool::Select, Some((_, drag::Part::Middle))) => CursorIcon::Grab,
                (Tool::Select | Tool::Draw, Some(_)) => CursorIcon::ResizeHorizontal,
                (Tool::Draw | Tool::Pitch, None) | (Tool::Lasso, _) => CursorIcon::Crosshair,
                (Tool::Erase, _) => CursorIcon::NotAllowed,
                _ => CursorIcon::Default,
            };
            if ground.hovered() {
                ui.ctx().set_cursor_icon(icon);
            }
        }
        let told = |error: Result<(), crate::score::EditError>| error.err().map(|e| e.to_string());
        let modifiers = ui.input(|i| i.modifiers);
        if ground.double_clicked() && view.tool == Tool::Select {
            match hovered {
                Some((id, _)) => response.type_lyric = Some(id),
                None => {
                    let at = ground.interact_pointer_pos();
                    response.error = at.and_then(|at| told(self.draw_note(editor, view, lanes, at)));
                }
            }
        } else if ground.clicked() {
            match (view.tool, hovered) {
                (Tool::Erase, Some((id, _))) => {
                    editor.select([id]);
                    response.error = told(editor.erase());
                }
                (Tool::Draw, None) => {
                    let at = ground.interact_pointer_pos();
                    response.error = at.and_then(|at| told(self.draw_note(editor, view, lanes, at)));
                }
                (_, Some((id, _))) if modifiers.shift || modifiers.command => editor.toggle(id),
                (_, Some((id, _))) => editor.select([id]),
                (_, None) => editor.select([]),
            }
        }
        if ground.secondary_clicked()
            && let Some((id, _)) = hovered
            && !editor.selection().contains(&id)
        {
            editor.select([id]);
        }
        if ground.secondary_clicked() && hovered.is_none() {
            editor.select([]);
        }
        ground.context_menu(|ui| {
            let selected = editor.selection().len();
            let chosen = if selected == 0 {
                menu(ui, &GROUND_MENU, 0)
            } else {
                let chosen = menu(ui, &NOTE_MENU, selected);
                chosen.or(manner_menu(ui, editor))
            };
            if chosen.is_some() {
                response.menu = chosen;
                ui.close();
            }
        });
        // With no drag to give up, Escape gives up the selection.
        let free = |ctx: &egui::Context| {
            !ctx.any_popup_open() && ctx.memory(|m| m.focused().is_none() && m.top_modal_layer().is_none())
        };
        if self.drag.is_none() && ui.input(|i| i.key_pressed(egui::Key::Escape)) && free(ui.ctx()) {
            editor.select([]);
        }
        if ground.drag_started_by(egui::PointerButton::Primary)
            && let Some(at) = ui.input(|i| i.pointer.press_origin())
        {
            self.drag = self.begin_drag(editor, view, lanes, at, modifiers, context);
            // What the pointer was put down on counts too.
            if let Some(drag @ (Drag::Pitch { .. } | Drag::Erase)) = &mut self.drag {
                response.error = told(drag.go_on(editor, view, lanes, at, modifiers.alt));
            }
        }
        if let Some(drag) = &mut self.drag {
            if ui.input(|i| i.key_pressed(egui::Key::Escape)) {
                response.error = told(editor.cancel());
                self.drag = None;
            } else if ground.dragged()
                && let Some(at) = ground.interact_pointer_pos()
            {
                scroll_at_edges(ui, lanes, view, at);
                let done = way_of_pointer(ui, at)
                    .into_iter()
                    .try_for_each(|at| drag.go_on(editor, view, lanes, at, modifiers.alt));
                response.error = told(done);
            }
        }
        if ground.drag_stopped()
            && let Some(drag) = self.drag.take()
        {
            editor.end();
            if drag.shapes_length() {
                self.last_length = editor.selected_notes().first().map(|note| note.length);
            }
        }
    }

    fn draw_note(
        &self,
        editor: &mut Editor,
        view: &View,
        lanes: Rect,
        at: Pos2,
    ) -> Result<(), crate::score::EditError> {
        let onset = view.snap.floor(view.tick(at.x - lanes.left()).max(0.0));
        let pitch = view.key(at.y - lanes.top()).ceil().clamp(0.0, 127.0) as u8;
        let length = self.last_length.unwrap_or(crate::score::TICKS_PER_QUARTER / 2).max(view.snap.ticks());
        editor.insert(onset, length, pitch, "").map(drop)
    }

    /// The deviation that the user drew, as a line over the sung pitch, with a hint where
    /// there is no sung pitch yet.
    fn paint_drawn_pitch(
        &self,
        painter: &egui::Painter,
        lanes: Rect,
        editor: &Editor,
        view: &View,
        context: &RollContext,
        palette: &Palette,
    ) {
        if view.tool != Tool::Pitch {
            return;
        }
        let Some(track) = editor.active() else { return };
        for point in track.curves.get(CurveKind::Pitch).iter() {
            let x = view.x(point.tick as f64);
            if !(0.0..=lanes.width()).contains(&x) {
                continue;
            }
            let base = drag::sung_key(editor, context.pitch, point.tick as f64);
            let y = view.y(base) + view.key_height / 2.0;
            painter.circle_filled(pos2(lanes.left() + x, lanes.top() + y), 2.5, palette.warning);
        }
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

/// Every place that the pointer went through since the last frame, up to where it is now:
/// a quick stroke keeps its course on a slow machine.
pub fn way_of_pointer(ui: &Ui, now: Pos2) -> Vec<Pos2> {
    let mut way: Vec<Pos2> = ui.input(|input| {
        let moved = |event: &egui::Event| match event {
            egui::Event::PointerMoved(at) => Some(*at),
            _ => None,
        };
        input.events.iter().filter_map(moved).collect()
    });
    if way.last() != Some(&now) {
        way.push(now);
    }
    way
}

/// The groups of a menu with their shortcuts; gives what was chosen.
fn menu(ui: &mut Ui, groups: &[&[Action]], selected: usize) -> Option<Action> {
    let mut chosen = None;
    ui.set_min_width(190.0);
    for (i, group) in groups.iter().enumerate() {
        if i > 0 {
            ui.separator();
        }
        for &action in *group {
            let mut item = egui::Button::new(action.title());
            if let Some(keys) = action.shortcut() {
                item = item.shortcut_text(ui.ctx().format_shortcut(&keys));
            }
            let possible = action != Action::Merge || selected > 1;
            if ui.add_enabled(possible, item).clicked() {
                chosen = Some(action);
            }
        }
    }
    chosen
}

/// The manners to choose from; that of the first selected note is marked.
fn manner_menu(ui: &mut Ui, editor: &Editor) -> Option<Action> {
    let now = editor.notes().iter().find(|note| editor.selection().contains(&note.id))?.manner;
    let mut chosen = None;
    ui.separator();
    ui.menu_button(t!("notes.manner"), |ui| {
        for manner in MANNER_MENU {
            if ui.selectable_label(manner == now, manner_name(manner)).clicked() {
                chosen = Some(Action::Manner(manner));
            }
        }
    });
    chosen
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

/// A drag that reaches the edge takes the view along.
fn scroll_at_edges(ui: &Ui, lanes: Rect, view: &mut View, at: Pos2) {
    let beyond = (at.x - lanes.right() + 16.0).max(0.0) + (at.x - lanes.left() - 16.0).min(0.0);
    if beyond != 0.0 {
        view.scroll(f64::from(beyond) * 0.3 / view.scale, 0.0, lanes.height());
        ui.ctx().request_repaint();
    }
}

fn paint_waveform(
    painter: &egui::Painter,
    lanes: Rect,
    view: &View,
    waveform: &[(f64, f32)],
    colour: Color32,
) {
    let height = 48.0f32.min(lanes.height() * 0.2);
    let middle = lanes.bottom() - height / 2.0 - 4.0;
    let from = waveform.partition_point(|&(tick, _)| tick < view.left);
    let mut last = f32::NEG_INFINITY;
    let mut loudest = 0.0f32;
    for &(tick, peak) in &waveform[from..] {
        let x = view.x(tick);
        if x > lanes.width() {
            break;
        }
        loudest = loudest.max(peak);
        if x - last >= 1.0 {
            let half = (loudest * height / 2.0).max(0.5);
            painter.vline(lanes.left() + x, middle - half..=middle + half, Stroke::new(1.0, colour));
            (last, loudest) = (x, 0.0);
        }
    }
}

/// The sung pitch runs through the middle of the notes' rows.
fn paint_pitch(painter: &egui::Painter, lanes: Rect, view: &View, context: &RollContext, palette: &Palette) {
    if view.key_height < 8.0 || view.scale < 0.01 {
        return;
    }
    let right = view.tick(lanes.width());
    for run in context.pitch {
        let (Some(first), Some(last)) = (run.first(), run.last()) else { continue };
        if last.0 < view.left || first.0 > right {
            continue;
        }
        let from = run.partition_point(|&(tick, _)| tick < view.left).saturating_sub(1);
        let to = (run.partition_point(|&(tick, _)| tick <= right) + 1).min(run.len());
        let place = |&(tick, key): &(f64, f32)| {
            pos2(lanes.left() + view.x(tick), lanes.top() + view.y(key) + view.key_height / 2.0)
        };
        let mut points: Vec<Pos2> = Vec::with_capacity(to - from);
        for point in run[from..to].iter().map(place) {
            // Finer than the screen is work for nothing.
            if points.last().is_none_or(|last| (point.x - last.x).abs() >= 1.0) {
                points.push(point);
            }
        }
        painter.add(Shape::line(points, Stroke::new(1.5, palette.text.gamma_multiply(0.6))));
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
fn note_rect(note: &crate::score::Note, view: &View, lanes: Rect) -> Rect {
    let left = lanes.left() + view.x(note.onset as f64);
    let width = (note.length as f64 * view.scale) as f32;
    let top = lanes.top() + view.y(f32::from(note.pitch));
    Rect::from_min_size(pos2(left, top), vec2(width.max(2.0), view.key_height))
}

/// A colour between two.
fn blend(a: Color32, b: Color32, part: f32) -> Color32 {
    let mix = |x: u8, y: u8| (f32::from(x) * (1.0 - part) + f32::from(y) * part) as u8;
    Color32::from_rgb(mix(a.r(), b.r()), mix(a.g(), b.g()), mix(a.b(), b.b()))
}
