//! The arrangement as one value, and a frame of it.

use std::ops::Range;

use egui::{
    Color32, Context, CursorIcon, Event, EventFilter, Id, Key, Modifiers, PointerButton, Rect, Response,
    Role, Sense, Stroke, StrokeKind, Ui, WidgetInfo,
};
use rust_i18n::t;

use super::colouring::Colouring;
use super::drag::{Chosen, Drag};
use super::phrases::{Phrase, Phrases, Row};
use super::recording::Moved;
use super::rows::{HEIGHT, Rows};
use super::{block, header, recording};
use crate::action::Action;
use crate::edits::Edits;
use crate::lanes::context::{LaneContext, paint_play_head, way_of_pointer};
use crate::lanes::roll::{HEIGHT as RULER, Ruler, action_menu, paint_bars};
use crate::lanes::view::View;
use crate::request::{Request, Requests};
use crate::track_drop;
use crate::widgets::Palette;
use crate::widgets::scroll_bar::{self, Extent, THICK};
use ziyin_session::editor::{Editor, Row as Listed};
use ziyin_session::engine::Engine;

/// Height of the arrangement at least, in points: ruler, bar and two rows.
pub const LOWEST: f32 = RULER + THICK + 2.0 * HEIGHT;

/// What a right click offers, in groups.
const MENU: [&[Action]; 3] = [
    &[Action::PlaySelection, Action::LoopSelection, Action::ZoomSelection],
    &[Action::Cut, Action::Copy, Action::Paste, Action::Duplicate, Action::Erase, Action::MuteNotes],
    &[Action::Mute, Action::Solo],
];

/// What the arrangement remembers from one frame to the next.
pub struct Arrangement {
    /// Its part of the song, which is not that of the roll.
    view: View,
    ruler: Ruler,
    phrases: Phrases,
    colouring: Colouring,
    drag: Option<Drag>,
    /// Points of the rows that are above the lanes.
    scrolled: f32,
    /// Whether the whole song is to be brought into sight.
    fits: bool,
    /// The lanes, as the keyboard knows them.
    ground: Option<Id>,
}

impl Default for Arrangement {
    fn default() -> Self {
        Self {
            view: View::default(),
            ruler: Ruler::named("arrangement.ruler"),
            phrases: Phrases::default(),
            colouring: Colouring::default(),
            drag: None,
            scrolled: 0.0,
            fits: true,
            ground: None,
        }
    }
}

impl Arrangement {
    /// Brings the whole song into sight in the next frame.
    pub fn show_whole(&mut self) {
        self.fits = true;
    }

    /// Ends a drag: it is about to be out of sight.
    pub fn let_go(&mut self, editor: &mut Editor) {
        if self.drag.take().is_some() {
            editor.end();
        }
    }

    /// Whether the keyboard is for the blocks.
    pub fn has_keyboard(&self, ctx: &Context) -> bool {
        self.ground.is_some() && ctx.memory(|memory| memory.focused()) == self.ground
    }

    /// Shows ruler, tracks and blocks in all the room that is left. `view` is that of the roll, which has
    /// `shown` in sight.
    pub fn show(
        &mut self,
        ui: &mut Ui,
        editor: &mut Editor,
        (view, shown): (&mut View, Range<f64>),
        (context, engine): (&LaneContext, &Engine),
        asked: &mut Requests,
    ) {
        let whole = ui.available_rect_before_wrap();
        ui.allocate_rect(whole, Sense::hover());
        let (top, below) = whole.split_top_bottom_at_y(whole.top() + RULER);
        let (below, bottom) = below.split_top_bottom_at_y(below.bottom() - THICK);
        let (corner, ruler) = top.split_left_right_at_x(top.left() + header::WIDTH);
        let (heads, lanes) = below.split_left_right_at_x(below.left() + header::WIDTH);
        let (lanes, bar) = lanes.split_left_right_at_x(lanes.right() - THICK);
        let ruler = ruler.with_max_x(bar.left());

        self.phrases.follow(editor);
        self.view.go_along(view);
        self.place_view(ui, editor, context, view.follow, lanes);
        self.scroll(ui, editor, (lanes, bar, bottom));
        self.fits = header::corner(ui, corner, &mut self.colouring);
        self.ruler.show(ui, ruler, editor, &mut self.view, context, asked);
        (view.looped, view.last_loop) = (self.view.looped, self.view.last_loop);

        let palette = Palette::of(ui.visuals());
        let rows = Rows { lanes, scrolled: self.scrolled };
        let painter = ui.painter_at(lanes);
        painter.rect_filled(lanes, 0.0, palette.black_key);
        let seen = Rect::from_x_y_ranges(
            lanes.left() + self.view.x(shown.start)..=lanes.left() + self.view.x(shown.end),
            lanes.y_range(),
        );
        painter.rect_filled(seen, 0.0, palette.white_key);
        paint_bars(&painter, lanes, &self.view, &editor.project().meter, &palette, |_, _| {});
        let ground = self.pointer(ui, rows, editor, engine, asked);
        self.keys(ui, &ground, editor, rows, asked);
        // What was dragged lies elsewhere by now.
        self.phrases.follow(editor);
        self.rows(ui, (heads, rows), editor, engine, &palette, asked);
        if let Some(area) = self.drag.as_ref().and_then(|drag| drag.area(rows, &self.view)) {
            painter.rect_filled(area, 0.0, palette.accent.gamma_multiply(0.15));
            painter.rect_stroke(area, 0.0, Stroke::new(1.0, palette.accent), StrokeKind::Inside);
        }
        if ground.has_focus() {
            painter.rect_stroke(lanes, 0.0, Stroke::new(1.0, palette.accent), StrokeKind::Inside);
        }
        paint_play_head(&painter, lanes, &self.view, context, &palette);
    }

    /// Heads and blocks of the rows in sight.
    fn rows(
        &self,
        ui: &mut Ui,
        (heads, rows): (Rect, Rows),
        editor: &mut Editor,
        engine: &Engine,
        palette: &Palette,
        asked: &mut Requests,
    ) {
        // Copies share their notes, and the heads may edit.
        let (listed, all) = (editor.rows(), editor.project().tracks.clone());
        let alone = editor.project().has_solo();
        let count = listed.len() + editor.project().backings.len();
        for place in rows.shown(count) {
            let across = rows.rect(place);
            let line = Stroke::new(1.0, palette.beat);
            ui.painter_at(rows.lanes).hline(across.x_range(), across.bottom(), line);
            let head = across.with_min_x(heads.left()).with_max_x(heads.right());
            let painter = ui.painter_at(heads);
            let (Some(row), Some(listed)) = (self.phrases.rows().get(place), listed.get(place)) else {
                let Some(index) = place.checked_sub(listed.len()) else { continue };
                painter.hline(head.x_range(), head.bottom(), line);
                header::show_recording(ui, (head, heads), index, editor, asked);
                recording::show(ui, engine, editor, (rows, place, index), &self.view, palette);
                continue;
            };
            let track = match listed {
                Listed::Track(track) => track,
                Listed::Folder(folder) => {
                    painter.hline(head.x_range(), head.bottom(), line);
                    header::show_folder(ui, (head, heads), folder, editor, asked);
                    track_drop::receive(ui, (head, heads), listed, &mut Edits { editor, asked });
                    block::show_spans(ui, (rows, place, row), &self.view, palette);
                    continue;
                }
            };
            if editor.active_track() == Some(track.id) {
                painter.rect_filled(head, 0.0, ui.visuals().widgets.inactive.weak_bg_fill);
            }
            painter.hline(head.x_range(), head.bottom(), line);
            let colour = self.colouring.of(track, &all);
            // What lies in a folder stands a little to the right.
            let head = if track.folder.is_some() { head.with_min_x(head.left() + 8.0) } else { head };
            let stripe = head.shrink2(egui::vec2(0.0, 3.0)).with_min_x(head.left() + 4.0);
            painter.rect_filled(stripe.with_max_x(stripe.left() + 3.0), 1.5, colour);
            header::show(ui, (head, heads), track, editor, self.colouring, asked);
            track_drop::receive(ui, (head, heads), listed, &mut Edits { editor, asked });
            let colour = if track.is_heard(alone) { colour } else { faint(colour, palette) };
            let name = header::name_of(track);
            block::show(ui, (rows, place, row), editor, &self.view, (colour, &name), palette);
        }
    }

    /// Zoom and place: the whole song at first, then where it was led to, and along with the play head.
    fn place_view(&mut self, ui: &Ui, editor: &Editor, context: &LaneContext, follow: bool, lanes: Rect) {
        if self.fits && lanes.width() > 1.0 {
            let project = editor.project();
            self.view.show_range(0, project.end() + project.meter.at(0).bar(), lanes.width());
            self.view.arrive();
            self.scrolled = 0.0;
        }
        if context.playing && follow {
            self.view.keep_in_sight(context.play_head, lanes.width());
        }
        if self.view.animate(ui.input(|i| i.stable_dt)) {
            ui.ctx().request_repaint();
        }
    }

    /// Wheel, pinch, a drag with the middle button, and the bars.
    fn scroll(&mut self, ui: &Ui, editor: &Editor, (lanes, bar, bottom): (Rect, Rect, Rect)) {
        let count = self.phrases.rows().len() + editor.project().backings.len();
        let all = count as f32 * HEIGHT;
        let area = lanes.with_min_x(lanes.left() - header::WIDTH);
        let hovered = ui.input(|i| i.pointer.hover_pos()).filter(|&at| area.contains(at));
        // What lies over the blocks scrolls itself.
        let free = |at: egui::Pos2| ui.ctx().layer_id_at(at).is_none_or(|layer| layer == ui.layer_id());
        if let Some(at) = hovered.filter(|&at| free(at)) {
            let (wheel, zoom) = ui.input(|i| (i.smooth_scroll_delta, i.zoom_delta()));
            let (pans, by) = ui.input(|i| (i.pointer.middle_down(), i.pointer.delta()));
            let by = if pans { by } else { egui::Vec2::ZERO };
            if zoom != 1.0 {
                self.view.zoom(f64::from(zoom), (at.x - lanes.left()).max(0.0));
            } else if (wheel + by).x != 0.0 {
                self.view.scroll(-f64::from((wheel + by).x) / self.view.scale, 0.0, lanes.height());
            }
            if pans && by != egui::Vec2::ZERO {
                ui.ctx().set_cursor_icon(CursorIcon::Grabbing);
            }
            if zoom == 1.0 {
                self.scrolled -= (wheel + by).y;
            }
        }
        self.scrolled = self.scrolled.clamp(0.0, (all - lanes.height()).max(0.0));
        let extent = Extent {
            whole: 0.0..f64::from(all.max(lanes.height())),
            shown: f64::from(self.scrolled)..f64::from(self.scrolled + lanes.height()),
            filled: 0.0..f64::from(all),
        };
        if let Some(to) = scroll_bar::show(ui, bar, &t!("arrangement.scroll-tracks"), extent) {
            self.scrolled = to as f32;
        }
        let along = Rect::from_x_y_ranges(lanes.x_range(), bottom.y_range());
        let end = editor.project().end();
        let shown = self.view.left..self.view.tick(lanes.width());
        let room = 4 * editor.project().meter.at(end).bar();
        let whole = 0.0..((end + room) as f64).max(shown.end);
        let extent = Extent { whole, shown, filled: 0.0..end as f64 };
        if let Some(left) = scroll_bar::show(ui, along, &t!("arrangement.scroll-time"), extent) {
            self.view.scroll(left - self.view.left, 0.0, lanes.height());
        }
    }

    /// What the pointer does on the lanes.
    fn pointer(
        &mut self,
        ui: &Ui,
        rows: Rows,
        editor: &mut Editor,
        engine: &Engine,
        asked: &mut Requests,
    ) -> Response {
        let ground = ui.interact(rows.lanes, ui.scope_id().with("ground"), Sense::click_and_drag());
        self.ground = Some(ground.id);
        let all = self.phrases.rows();
        ground.widget_info(|| {
            let mut info = WidgetInfo::labeled(Role::Canvas, true, t!("arrangement.lanes"));
            // Who cannot see the blocks hears which one the keyboard is at.
            info.current_text_value = self.first_selected(editor).map(|(place, phrase)| {
                let track = all.get(place).and_then(|row| editor.project().track(row.track?));
                let track = track.map(header::name_of);
                block::spoken(editor, phrase, &track.unwrap_or_default())
            });
            info
        });
        let modifiers = modifiers_of_press(ui);
        let under = |at| rows.phrase_at(at, all, &self.view);
        let recording =
            |editor: &Editor, at| recording::at(engine, editor, (rows, all.len()), at, &self.view);
        let pointed = ground.interact_pointer_pos();
        if ground.clicked() || ground.drag_started() {
            ground.request_focus();
        }
        let hovered = ground.hover_pos().filter(|&at| under(at).is_some() || recording(editor, at).is_some());
        if hovered.is_some() && self.drag.is_none() {
            ui.ctx().set_cursor_icon(CursorIcon::Grab);
        }
        if ground.double_clicked() && pointed.and_then(under).is_some() {
            asked.act(Action::ZoomSelection);
        } else if ground.clicked()
            && let Some(at) = pointed
        {
            match under(at) {
                Some((place, phrase)) if modifiers.shift || modifiers.command => {
                    toggle(editor, &all[place], phrase);
                }
                Some((place, phrase)) => choose(editor, &all[place], phrase),
                None => go_to_row(editor, all, rows.at(at.y)),
            }
            asked.ask(Request::ShowSelected);
        }
        if ground.secondary_clicked()
            && let Some((place, phrase)) = pointed.and_then(under)
            && !block::is_selected(editor, &all[place], phrase)
        {
            choose(editor, &all[place], phrase);
        }
        ground.context_menu(|ui| {
            if let Some(action) = action_menu(ui, &MENU, editor.selected_count()) {
                asked.act(action);
                ui.close();
            }
        });
        if ground.drag_started_by(PointerButton::Primary)
            && let Some(from) = ui.input(|i| i.pointer.press_origin())
        {
            let tick = self.view.tick(from.x - rows.lanes.left());
            self.drag = match recording(editor, from) {
                Some(index) => Moved::begin(editor, index, tick).map(Drag::Recording),
                None => Drag::begin(editor, (rows, &self.view), all, from, modifiers),
            };
        }
        if let Some(drag) = &mut self.drag {
            if ui.input(|i| i.key_pressed(Key::Escape)) {
                asked.done(editor.cancel());
                self.drag = None;
            } else if ground.dragged()
                && let Some(at) = pointed
            {
                // The last place counts: what lies between would only be moved there and on.
                if let Some(at) = way_of_pointer(ui, at).pop() {
                    drag.go_on(editor, (rows, &self.view), all, at, modifiers.alt);
                }
            }
        }
        if ground.drag_stopped()
            && let Some(drag) = self.drag.take()
        {
            if drag.came_back() {
                asked.done(editor.cancel());
            }
            editor.end();
            asked.ask(Request::ShowSelected);
        }
        ground
    }

    /// The first block that is selected in the active track, and the place of its row.
    fn first_selected(&self, editor: &Editor) -> Option<(usize, &Phrase)> {
        let rows = self.phrases.rows();
        let place = rows.iter().position(|row| row.track.is_some() && row.track == editor.active_track())?;
        let row = &rows[place];
        let first = row.notes.iter().position(|note| editor.selection().contains(&note.id))?;
        Some((place, row.phrases.iter().find(|phrase| phrase.notes.contains(&first))?))
    }

    /// What the keyboard does while it is for the blocks: arrows go from block to block and from track to
    /// track, Enter brings the block to the roll.
    fn keys(&mut self, ui: &Ui, ground: &Response, editor: &mut Editor, rows: Rows, asked: &mut Requests) {
        if !ground.has_focus() {
            return;
        }
        let arrows = EventFilter { horizontal_arrows: true, vertical_arrows: true, ..Default::default() };
        ui.memory_mut(|memory| memory.set_focus_lock_filter(ground.id, arrows));
        let pressed = |key| ui.input_mut(|input| input.consume_key(Modifiers::NONE, key));
        if pressed(Key::Enter) && !editor.selection().is_empty() {
            asked.act(Action::ZoomSelection);
        }
        let ways = [
            (Key::ArrowLeft, (-1, 0)),
            (Key::ArrowRight, (1, 0)),
            (Key::ArrowUp, (0, -1)),
            (Key::ArrowDown, (0, 1)),
        ];
        for (key, (along, down)) in ways {
            if !pressed(key) {
                continue;
            }
            let all = self.phrases.rows();
            let here = self.first_selected(editor);
            let place = here.map(|(place, _)| place).or_else(|| {
                all.iter().position(|row| row.track.is_some() && row.track == editor.active_track())
            });
            let Some(place) = place else { return };
            // Folders have nothing to go to.
            let on = |at: usize| at.checked_add_signed(down).filter(|&next| next < all.len());
            let mut next = on(place);
            while next.is_some_and(|next| all[next].track.is_none()) && down != 0 {
                next = next.and_then(on);
            }
            let Some(next) = next else { continue };
            let phrases = &all[next].phrases;
            let found = match here {
                None => phrases.first(),
                Some((_, phrase)) if down != 0 => nearest(phrases, phrase),
                Some((_, phrase)) => {
                    let at = phrases.iter().position(|other| other.from == phrase.from);
                    at.and_then(|at| phrases.get(at.checked_add_signed(along)?))
                }
            };
            match found {
                Some(phrase) => {
                    choose(editor, &all[next], phrase);
                    self.view.keep_in_sight(phrase.from as f64, rows.lanes.width());
                }
                None if down != 0 => go_to_row(editor, all, next as i64),
                None => {}
            }
            let top = next as f32 * HEIGHT;
            self.scrolled = self.scrolled.max(top + HEIGHT - rows.lanes.height()).min(top);
            asked.ask(Request::ShowSelected);
            ui.ctx().request_repaint();
        }
    }
}

/// What is held with the button that goes down or comes up in this frame: a slow one sees the keys let go of
/// already.
fn modifiers_of_press(ui: &Ui) -> Modifiers {
    let of = |event: &Event| match event {
        Event::PointerButton { modifiers, .. } => Some(*modifiers),
        _ => None,
    };
    ui.input(|input| input.events.iter().find_map(of).unwrap_or(input.modifiers))
}

/// The phrase that lies nearest to another.
fn nearest<'a>(phrases: &'a [Phrase], to: &Phrase) -> Option<&'a Phrase> {
    // Of those that sound together the first.
    let distance = |phrase: &Phrase| (phrase.from - to.to).max(to.from - phrase.to).max(0);
    phrases.iter().min_by_key(|phrase| distance(phrase))
}

/// Selects a phrase alone, and opens its track.
fn choose(editor: &mut Editor, row: &Row, phrase: &Phrase) {
    if let Some(track) = row.track {
        editor.select_in(track, [(track, row.ids_of(phrase))].into());
    }
}

/// Selects a phrase beside those that are, or no longer.
fn toggle(editor: &mut Editor, row: &Row, phrase: &Phrase) {
    let Some(track) = row.track else { return };
    let was = block::is_selected(editor, row, phrase);
    let mut chosen: Chosen = editor.selected().into_iter().collect();
    let own = chosen.entry(track).or_default();
    for id in row.ids_of(phrase) {
        if was {
            own.remove(&id)
        } else {
            own.insert(id)
        };
    }
    chosen.retain(|_, notes| !notes.is_empty());
    // The roll shows a track of which something is selected.
    let here = Some(track).filter(|track| chosen.contains_key(track));
    let active = here.or(editor.active_track().filter(|track| chosen.contains_key(track)));
    if let Some(active) = active.or(chosen.keys().next().copied()).or(editor.active_track()) {
        editor.select_in(active, chosen);
    }
}

/// Selects nothing, and opens the track of a row, if there is one.
fn go_to_row(editor: &mut Editor, all: &[Row], place: i64) {
    let row = usize::try_from(place).ok().and_then(|place| all.get(place));
    if let Some(track) = row.and_then(|row| row.track) {
        editor.set_active_track(track);
    }
    editor.select([]);
}

/// The colour of what is not heard.
fn faint(colour: Color32, palette: &Palette) -> Color32 {
    crate::widgets::blend(colour, palette.black_key, 0.65)
}
