//! The tracks of the song: who sings, how loud, and what sings along.

use std::borrow::Cow;

use egui::{
    Button, Color32, ComboBox, Frame, Margin, RichText, ScrollArea, Sense, Stroke, TextEdit, Ui, vec2,
};
use rust_i18n::t;

use super::mix_controls::{MixChange, gain_and_pan, gain_of_folder};
use super::{backing_card, harmonies};
use crate::action::Action;
use crate::edits::Edits;
use crate::folder_row::{folder_card, folder_menu};
use crate::lanes::Ghosts;
use crate::names::language_name;
use crate::request::Request;
use crate::track_drop;
use crate::widgets::icon::{self, Icon};
use crate::widgets::{
    differ, in_sight, left_in, letter, mute_and_solo, row, show_meter, slider_in, steady, theme, track_colour,
};
use ziyin_lyrics::Language;
use ziyin_score::{Colour, Command, Track, TrackCommand, TrackField, TrackId};
use ziyin_session::editor::{Folder, Row};
use ziyin_session::engine::{Engine, LaneKey};
use ziyin_session::singers::Singer;
use ziyin_singing::score_voices::VoiceKey;

/// Colours to choose from beside those that new tracks take.
const MORE_COLOURS: [Colour; 6] = [
    Colour([0x3E, 0xB8, 0x9C]),
    Colour([0xE8, 0x5D, 0x75]),
    Colour([0x6C, 0x7A, 0xE0]),
    Colour([0xC9, 0xA2, 0x27]),
    Colour([0x7F, 0x9C, 0x3F]),
    Colour([0x9A, 0xA0, 0xAB]),
];

/// The panel, with what it shows and does not own.
pub struct TrackPanel<'a> {
    pub edits: Edits<'a>,
    /// Levels, and how far harmonies and recordings are.
    pub engine: &'a Engine,
    pub singers: &'a [Singer],
    /// Which tracks shine through.
    pub ghosts: &'a mut Ghosts,
    /// The language that the lyrics of the active track seem to be in.
    pub guessed: Option<Language>,
}

impl TrackPanel<'_> {
    pub fn show(&mut self, ui: &mut Ui) {
        ui.add_space(4.0);
        ui.horizontal(|ui| {
            ui.strong(t!("tracks.title"));
            ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                if icon::small(ui, Icon::Wave, &Action::AddBacking.title()).clicked() {
                    self.edits.asked.act(Action::AddBacking);
                }
                if icon::small(ui, Icon::Plus, &Action::AddTrack.title()).clicked() {
                    self.edits.asked.act(Action::AddTrack);
                }
            });
        });
        ScrollArea::vertical().auto_shrink([false, false]).show(ui, |ui| {
            // A clone shares its notes: this costs nothing, and the rows may edit.
            for row in self.edits.editor.rows() {
                match row {
                    Row::Folder(folder) => {
                        let first = folder.tracks.first().map(|track| track.0);
                        ui.push_id(("folder", first), |ui| self.folder_card(ui, &folder));
                    }
                    Row::Track(track) => {
                        ui.push_id(track.id.0, |ui| self.track_card(ui, &track));
                    }
                }
            }
            self.hidden_tracks(ui);
            for index in 0..self.edits.editor.project().backings.len() {
                ui.push_id(("backing", index), |ui| {
                    backing_card::show(ui, &mut self.edits, self.engine, index)
                });
            }
        });
    }

    /// Says how many tracks are hidden, and shows them again.
    fn hidden_tracks(&mut self, ui: &mut Ui) {
        let count = self.edits.editor.unseen_count();
        if count == 0 {
            return;
        }
        ui.horizontal(|ui| {
            ui.add_space(10.0);
            ui.weak(t!("tracks.hidden", count = count)).on_hover_text(t!("tracks.hidden-why"));
            if ui.small_button(Action::ShowAllTracks.title()).clicked() {
                self.edits.asked.act(Action::ShowAllTracks);
            }
        });
    }

    fn folder_card(&mut self, ui: &mut Ui, folder: &Folder) {
        let shown = ui.vertical(|ui| {
            folder_card(ui, &mut self.edits, folder);
            ui.horizontal(|ui| {
                ui.add_space(16.0);
                gain_of_folder(ui, &mut self.edits, folder);
            });
        });
        let place = (shown.response.rect, ui.clip_rect());
        track_drop::receive(ui, place, &Row::Folder(folder.clone()), &mut self.edits);
    }

    fn track_card(&mut self, ui: &mut Ui, track: &Track) {
        let active = self.edits.editor.active_track() == Some(track.id);
        let visuals = ui.visuals();
        let raised = if visuals.dark_mode { visuals.window_fill } else { visuals.extreme_bg_color };
        let fill = if active { raised } else { Color32::TRANSPARENT };
        let inside = if track.folder.is_some() { 10 } else { 0 };
        let frame = Frame::new().fill(fill).corner_radius(6.0).inner_margin(Margin {
            left: 10 + inside,
            right: 6,
            top: 5,
            bottom: 6,
        });
        let shown = frame.show(ui, |ui| {
            ui.set_width(ui.available_width());
            ui.spacing_mut().item_spacing = vec2(5.0, 4.0);
            self.track_head(ui, track, active);
            self.track_missing(ui, track);
            steady(ui, "values", |ui| {
                self.track_mix(ui, track);
                if active {
                    self.track_singer(ui, track);
                    self.track_second(ui, track);
                    self.track_language(ui, track);
                    self.track_inflection(ui, track);
                    self.track_expression(ui, track);
                    self.track_room(ui, track);
                    harmonies::Harmonies { edits: &mut self.edits, engine: self.engine, track }.show(ui);
                }
            });
        });
        let card = shown.response.rect;
        let stripe = egui::Rect::from_min_max(
            card.min + vec2(2.0 + f32::from(inside), 4.0),
            egui::pos2(card.left() + 5.0 + f32::from(inside), card.bottom() - 4.0),
        );
        ui.painter().rect_filled(stripe, 1.5, track_colour(track.colour));
        track_drop::receive(ui, (card, ui.clip_rect()), &Row::Track(track.clone()), &mut self.edits);
        ui.add_space(2.0);
    }

    fn track_head(&mut self, ui: &mut Ui, track: &Track, active: bool) {
        ui.horizontal(|ui| {
            self.colour_button(ui, track);
            let width = (ui.available_width() - if active { 68.0 } else { 97.0 }).max(40.0);
            if active {
                let mut name = track.name.clone();
                let field = TextEdit::singleline(&mut name)
                    .frame(Frame::NONE)
                    .desired_width(width)
                    .margin(vec2(2.0, 2.0));
                let label = t!("tracks.name");
                let response = ui.name_inputs(label.as_ref(), |ui| ui.add(field));
                if response.gained_focus() {
                    self.edits.editor.begin("rename-track");
                }
                if response.changed() {
                    self.set_track(track.id, "rename-track", TrackField::Name(name));
                }
                if response.lost_focus() {
                    self.edits.editor.end();
                }
            } else {
                let name = if track.name.is_empty() {
                    t!("tracks.unnamed").into_owned()
                } else {
                    track.name.clone()
                };
                let sense = Sense::click_and_drag();
                let label = egui::Label::new(RichText::new(&name)).truncate().sense(sense);
                let response = left_in(ui, vec2(width, 24.0), label).on_hover_text(&name);
                response.widget_info(|| {
                    egui::WidgetInfo::selected(
                        egui::Role::Button,
                        true,
                        false,
                        t!("tracks.go", name = name.as_str()),
                    )
                });
                track_drop::hold(&response, track.id);
                if response.clicked() {
                    self.edits.editor.set_active_track(track.id);
                }
                response.context_menu(|ui| {
                    folder_menu(ui, track, self.edits.editor, self.edits.asked);
                    if ui.button(Action::HideTrack.title()).clicked() {
                        let done = self.edits.editor.set_hidden(track.id, true);
                        self.edits.done(done);
                        ui.close();
                    }
                });
                let shines = self.ghosts.shows(track.id);
                let accent = theme::accent(ui.visuals().dark_mode);
                if letter(ui, "G", &t!("tracks.ghost", name = name.as_str()), shines, accent) {
                    self.ghosts.toggle(track.id);
                }
            }
            let (mute, solo) = mute_and_solo(ui, &track.name, (track.mute, track.solo));
            if mute {
                self.set_track(track.id, "mute-track", TrackField::Mute(!track.mute));
            }
            if solo {
                self.set_track(track.id, "solo-track", TrackField::Solo(!track.solo));
            }
        });
    }

    fn colour_button(&mut self, ui: &mut Ui, track: &Track) {
        let label = t!("tracks.colour");
        let (rect, response) = ui.allocate_exact_size(vec2(14.0, 14.0), Sense::click_and_drag());
        track_drop::hold(&response, track.id);
        response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Button, true, label.as_ref()));
        ui.painter().circle_filled(rect.center(), 6.0, track_colour(track.colour));
        let response = response.on_hover_text(label.as_ref());
        egui::Popup::menu(&response).show(|ui| {
            ui.set_max_width(170.0);
            ui.horizontal_wrapped(|ui| {
                for (number, colour) in (1..).zip(Colour::PALETTE.into_iter().chain(MORE_COLOURS)) {
                    let swatch = Button::new("").fill(track_colour(colour)).min_size(vec2(22.0, 22.0));
                    let swatch = if colour == track.colour {
                        swatch.stroke(Stroke::new(2.0, ui.visuals().strong_text_color()))
                    } else {
                        swatch
                    };
                    let swatch = ui.add(swatch);
                    let name = t!("tracks.swatch", number = number);
                    swatch.widget_info(|| {
                        egui::WidgetInfo::selected(egui::Role::Button, true, colour == track.colour, &*name)
                    });
                    if swatch.clicked() {
                        self.set_track(track.id, "colour-track", TrackField::Colour(colour));
                        ui.close();
                    }
                }
            });
        });
    }

    /// Says that the singer of a track is not there, and leads to one.
    fn track_missing(&mut self, ui: &mut Ui, track: &Track) {
        let Some(name) = self.engine.missing_singers(track).next() else { return };
        let text = RichText::new(t!("tracks.no-singer", name = name)).color(ui.visuals().warn_fg_color);
        ui.menu_button(text, |ui| {
            in_sight(ui, 60.0, |ui| {
                for singer in self.singers.iter().filter(|singer| singer.can_sing()) {
                    if ui.button(&singer.name).clicked() {
                        let chosen = TrackCommand::replacing_singer(track, name, &singer.name);
                        let chosen = chosen.into_iter().map(Command::Track).collect();
                        self.edits.perform("choose-singer", Command::All(chosen));
                        ui.close();
                    }
                }
                ui.separator();
                if ui.button(t!("missing.install")).clicked() {
                    self.edits.asked.ask(Request::InstallSinger);
                    ui.close();
                }
            });
        })
        .response
        .on_hover_text(t!("tracks.no-singer-why"));
    }

    fn track_mix(&mut self, ui: &mut Ui, track: &Track) {
        let name = track.name.as_str();
        gain_and_pan(ui, &mut self.edits, name, (track.gain_db, track.pan), |change| match change {
            MixChange::Gain(gain) => set(track.id, TrackField::Gain(gain)),
            MixChange::Pan(pan) => set(track.id, TrackField::Pan(pan)),
        });
        let lane = LaneKey::Voice(VoiceKey { track: track.id, harmony: None });
        let level = self.engine.lane_meter(lane);
        show_meter(ui, &t!("tracks.meter", name = name), &[level], vec2(ui.available_width(), 4.0));
    }

    fn track_singer(&mut self, ui: &mut Ui, track: &Track) {
        let usual = self.singers.first().map(|singer| singer.name.clone()).unwrap_or_default();
        let now = track.singer.clone().unwrap_or_else(|| usual.clone());
        let mut chosen = None;
        row(ui, &t!("tracks.singer"), &t!("tracks.singer-why"), |ui| {
            ComboBox::from_id_salt("singer")
                .width(ui.available_width())
                .height(440.0)
                .truncate()
                .selected_text(&now)
                .show_ui(ui, |ui| {
                    for singer in self.singers.iter().filter(|singer| singer.can_sing()) {
                        let label = ui.selectable_label(singer.name == now, &singer.name);
                        if label.on_hover_text(&singer.credits).clicked() {
                            chosen = Some(singer.name.clone());
                        }
                    }
                    ui.separator();
                    if ui.button(Action::Singers.title()).clicked() {
                        self.edits.asked.act(Action::Singers);
                        ui.close();
                    }
                });
        });
        if let Some(name) = chosen.filter(|name| *name != now) {
            let singer = (name != usual).then_some(name);
            self.set_track(track.id, "choose-singer", TrackField::Singer(singer));
        }
    }

    /// Who is mixed in along the curve of mixture.
    fn track_second(&mut self, ui: &mut Ui, track: &Track) {
        let mut chosen = track.second.clone();
        let nobody = t!("tracks.nobody").into_owned();
        row(ui, &t!("tracks.second"), &t!("tracks.second-why"), |ui| {
            ComboBox::from_id_salt("second")
                .width(ui.available_width())
                .height(440.0)
                .truncate()
                .selected_text(track.second.as_ref().unwrap_or(&nobody))
                .show_ui(ui, |ui| {
                    ui.selectable_value(&mut chosen, None, &nobody);
                    for singer in self.singers.iter().filter(|singer| singer.can_sing()) {
                        let name = Some(singer.name.clone());
                        ui.selectable_value(&mut chosen, name, &singer.name).on_hover_text(&singer.credits);
                    }
                });
        });
        if chosen != track.second {
            self.set_track(track.id, "choose-second", TrackField::Second(chosen));
        }
    }

    /// The language that the lyrics are read in; told from them unless one is chosen.
    fn track_language(&mut self, ui: &mut Ui, track: &Track) {
        let guessed = self.guessed.map(language_name).unwrap_or_default();
        let name = |language: Option<Language>| match language {
            Some(language) => language_name(language),
            None => t!("language.auto", language = guessed.as_str()).into_owned(),
        };
        let mut chosen = track.language;
        row(ui, &t!("tracks.language"), &t!("tracks.language-why"), |ui| {
            ComboBox::from_id_salt("language")
                .width(ui.available_width())
                .truncate()
                .selected_text(name(track.language))
                .show_ui(ui, |ui| {
                    for language in std::iter::once(None).chain(Language::ALL.map(Some)) {
                        ui.selectable_value(&mut chosen, language, name(language));
                    }
                });
        });
        if chosen != track.language {
            self.set_track(track.id, "choose-language", TrackField::Language(chosen));
        }
    }

    /// How far the pitch leans with the tones of what is sung.
    fn track_inflection(&mut self, ui: &mut Ui, track: &Track) {
        let names = (t!("tracks.tones"), t!("tracks.tones-why"));
        self.track_part(ui, track.id, names, (track.inflection, 2.0), "change-tones", TrackField::Inflection);
    }

    /// How much the singer does by themselves.
    fn track_expression(&mut self, ui: &mut Ui, track: &Track) {
        let names = (t!("tracks.expression"), t!("tracks.expression-why"));
        let part = (track.expression, 2.0);
        self.track_part(ui, track.id, names, part, "change-expression", TrackField::Expression);
    }

    /// How much goes into the room.
    fn track_room(&mut self, ui: &mut Ui, track: &Track) {
        let names = (t!("tracks.room"), t!("tracks.room-why"));
        self.track_part(ui, track.id, names, (track.room, 1.0), "change-room", TrackField::Room);
    }

    /// A slider over a part up to the most that there is, shown in percent.
    fn track_part(
        &mut self,
        ui: &mut Ui,
        track: TrackId,
        (name, why): (Cow<str>, Cow<str>),
        (part, most): (f32, f32),
        step: &'static str,
        field: fn(f32) -> TrackField,
    ) {
        let mut percent = part * 100.0;
        row(ui, &name, &why, |ui| {
            ui.spacing_mut().slider_width = (ui.available_width() - 60.0).max(30.0);
            // As wide as those of the other rows, whatever they say.
            ui.spacing_mut().interact_size.x = 50.0;
            let slider = slider_in(&mut percent, 0.0..=100.0 * most, "%").fixed_decimals(0);
            let response = ui.add(slider).on_hover_text(why.as_ref());
            let changed = differ(percent, part * 100.0, 0).then(|| set(track, field(percent / 100.0)));
            self.edits.edit_by(&response, step, format_args!("{percent:.0}%"), changed);
        });
    }

    fn set_track(&mut self, track: TrackId, step: &str, field: TrackField) {
        self.edits.perform(step, set(track, field));
    }
}

/// Sets what a track says of itself.
pub(super) fn set(track: TrackId, field: TrackField) -> Command {
    Command::Track(TrackCommand::Set { track, field })
}
