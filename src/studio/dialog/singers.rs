//! Everybody who can sing: who they are, how they sound, and what can be done with those who did not come
//! with Ziyin.

use std::path::PathBuf;

use egui::{Align, Button, ComboBox, Context, Label, Layout, RichText, ScrollArea, TextEdit, Ui, vec2};
use rust_i18n::t;

use super::frame::{frame, take_keyboard};
use super::mixture::{self, MixtureForm};
use crate::names::language_name;
use crate::widgets::left_in;
use ziyin_lyrics::Language;
use ziyin_model::Share;
use ziyin_session::engine::AuditionStage;
use ziyin_session::singer_files::DeletedSinger;
use ziyin_session::singers::{OwnSinger, Singer};

/// Width of the list, in points.
const LIST: f32 = 270.0;
/// Height of list and details, in points, where the window has the room.
const HEIGHT: f32 = 400.0;
/// Points of the window that title, buttons and edges take of it.
const AROUND: f32 = 182.0;

/// The dialog.
#[derive(Default)]
pub struct SingersDialog {
    /// Who is looked at, by name; the first if nobody of that name is there.
    chosen: Option<String>,
    /// The file of somebody who was deleted, if they are looked at.
    gone: Option<PathBuf>,
    /// The language that they are heard in.
    language: Option<Language>,
    /// The new name that is typed for the one who is looked at.
    renamed: Option<String>,
    /// Whether the field of the name has yet to take the keyboard.
    fresh: bool,
    mixture: Option<MixtureForm>,
    /// What went wrong last.
    error: Option<String>,
}

/// What the dialog is about.
pub struct House<'a> {
    pub singers: &'a [Singer],
    pub deleted: &'a [DeletedSinger],
    /// Whether the voice that is loaded has somebody of that name.
    pub is_loaded: &'a dyn Fn(&str) -> bool,
    /// Whose line is heard or awaited.
    pub auditioned: Option<(&'a str, &'a AuditionStage)>,
    /// The tracks of the song that somebody of that name sings.
    pub tracks: &'a dyn Fn(&str) -> Vec<String>,
}

/// What the dialog asks for.
#[derive(Clone, Debug, PartialEq)]
pub enum Asked {
    Nothing,
    Close,
    Hear { name: String, language: Language, range: [u8; 2] },
    Stop,
    Install,
    Clone,
    Show(PathBuf),
    Mix { name: String, shares: Vec<Share> },
    Rename { file: PathBuf, name: String },
    Delete(PathBuf),
    BringBack(PathBuf),
}

impl SingersDialog {
    /// Looks at somebody.
    pub fn choose(&mut self, name: &str) {
        *self = Self { chosen: Some(name.into()), ..Self::default() };
    }

    /// Says what went wrong; what was filled in stays.
    pub fn complain(&mut self, why: String) {
        self.error = Some(why);
    }

    /// Shows the dialog.
    pub fn show(&mut self, ctx: &Context, house: &House) -> Asked {
        let title = t!("action.singers").trim_end_matches('…').to_string();
        let (asked, escaped) = frame(ctx, "singers", title, 820.0, |ui| {
            let height = HEIGHT.min(ctx.content_rect().height() - AROUND).max(140.0);
            let mut asked = Asked::Nothing;
            let (size, layout) = (vec2(ui.available_width(), height), Layout::left_to_right(Align::Min));
            ui.allocate_ui_with_layout(size, layout, |ui| {
                // What stands between the two is no higher than they are.
                ui.set_max_height(height);
                ui.allocate_ui(vec2(LIST, height), |ui| self.list(ui, height, house));
                ui.separator();
                // In a low window each side scrolls by itself, and the buttons stay where they are.
                ui.vertical(|ui| {
                    let details = ScrollArea::vertical().id_salt("details").max_height(height);
                    asked = details.auto_shrink([false, false]).show(ui, |ui| self.details(ui, house)).inner;
                });
            });
            let error = self.error.as_deref().unwrap_or(" ");
            ui.add(Label::new(RichText::new(error).color(ui.visuals().error_fg_color)).truncate());
            match self.bottom(ui, house) {
                Asked::Nothing => asked,
                other => other,
            }
        });
        if asked != Asked::Nothing || !escaped {
            return asked;
        }
        // What was begun is given up first.
        let began = self.mixture.take().is_some() | self.renamed.take().is_some();
        if began { Asked::Nothing } else { Asked::Close }
    }

    fn looked_at<'a>(&self, house: &House<'a>) -> Option<&'a Singer> {
        let named = |name: &String| house.singers.iter().find(|singer| singer.name == *name);
        self.chosen.as_ref().and_then(named).or(house.singers.first())
    }

    fn list(&mut self, ui: &mut Ui, height: f32, house: &House) {
        ui.vertical(|ui| {
            ui.set_width(LIST);
            ScrollArea::vertical().max_height(height).auto_shrink([false, false]).show(ui, |ui| {
                let (own, shipped): (Vec<&Singer>, Vec<&Singer>) =
                    house.singers.iter().partition(|singer| singer.own.is_some());
                self.group(ui, &t!("singers.own"), &own, house);
                self.deleted(ui, house);
                self.group(ui, &t!("singers.shipped"), &shipped, house);
            });
        });
    }

    fn group(&mut self, ui: &mut Ui, title: &str, singers: &[&Singer], house: &House) {
        if singers.is_empty() {
            return;
        }
        ui.weak(title);
        for singer in singers {
            self.row(ui, singer, house);
        }
        ui.add_space(6.0);
    }

    fn deleted(&mut self, ui: &mut Ui, house: &House) {
        if house.deleted.is_empty() {
            return;
        }
        ui.weak(t!("singers.deleted"));
        for deleted in house.deleted {
            let looked_at = self.gone.as_ref() == Some(&deleted.file);
            let name = t!("singers.gone", name = deleted.name.as_str());
            if ui.selectable_label(looked_at, RichText::new(name).weak()).clicked() {
                self.choose("");
                self.gone = Some(deleted.file.clone());
            }
        }
        ui.add_space(6.0);
    }

    fn row(&mut self, ui: &mut Ui, singer: &Singer, house: &House) {
        let shown = self.looked_at(house).is_some_and(|shown| shown.name == singer.name);
        let looked_at = self.gone.is_none() && shown;
        ui.horizontal(|ui| {
            let name = RichText::new(&singer.name);
            let name = if singer.can_sing() { name } else { name.color(ui.visuals().warn_fg_color) };
            if ui.selectable_label(looked_at, name).clicked() {
                self.choose(&singer.name);
            }
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                ui.weak(RichText::new(range(singer)).small());
            });
        });
    }

    fn details(&mut self, ui: &mut Ui, house: &House) -> Asked {
        if let Some(form) = &mut self.mixture {
            return match form.show(ui, house.singers) {
                mixture::Asked::Nothing => Asked::Nothing,
                mixture::Asked::Cancel => {
                    self.mixture = None;
                    Asked::Nothing
                }
                mixture::Asked::Mix { name, shares } => {
                    self.error = None;
                    Asked::Mix { name, shares }
                }
            };
        }
        if let Some(gone) = house.deleted.iter().find(|gone| Some(&gone.file) == self.gone.as_ref()) {
            ui.heading(&gone.name);
            ui.label(t!("singers.was-deleted"));
            ui.add_space(8.0);
            let back = ui.button(t!("singers.bring-back")).clicked();
            return if back { Asked::BringBack(gone.file.clone()) } else { Asked::Nothing };
        }
        let Some(singer) = self.looked_at(house) else {
            ui.weak(t!("singers.none"));
            return Asked::Nothing;
        };
        let renamed = self.name(ui, singer);
        facts(ui, singer, house);
        ui.add_space(10.0);
        let heard = self.hear(ui, singer, house);
        ui.add_space(10.0);
        let changed = singer.own.as_ref().map_or(Asked::Nothing, |own| self.own(ui, singer, own));
        [renamed, heard, changed].into_iter().find(|asked| *asked != Asked::Nothing).unwrap_or(Asked::Nothing)
    }

    /// The name of who is looked at, or the field in which it is changed.
    fn name(&mut self, ui: &mut Ui, singer: &Singer) -> Asked {
        let (Some(name), Some(own)) = (&mut self.renamed, &singer.own) else {
            ui.heading(&singer.name);
            return Asked::Nothing;
        };
        let mut asked = Asked::Nothing;
        ui.horizontal(|ui| {
            let id = ui.scope_id().with("new name");
            take_keyboard(ui, &mut self.fresh, id);
            let field = TextEdit::singleline(name).desired_width(200.0).id(id);
            let response = ui.name_inputs(t!("singers.new-name"), |ui| ui.add(field));
            let enter = response.lost_focus() && ui.input(|i| i.key_pressed(egui::Key::Enter));
            let ready = !name.trim().is_empty() && name.trim() != singer.name;
            let clicked = ui.add_enabled(ready, Button::new(t!("singers.take-name"))).clicked();
            if ready && (enter || clicked) {
                asked = Asked::Rename { file: own.file.clone(), name: name.trim().into() };
            }
        });
        asked
    }

    /// Has who is looked at heard, or ends it.
    fn hear(&mut self, ui: &mut Ui, singer: &Singer, house: &House) -> Asked {
        let mut asked = Asked::Nothing;
        let usual = singer.languages.first().copied().unwrap_or(Language::Mandarin);
        let mut language = self.language.unwrap_or(usual);
        ui.horizontal(|ui| {
            let stage = house.auditioned.filter(|(name, _)| *name == singer.name).map(|(_, stage)| stage);
            match stage {
                Some(AuditionStage::Singing | AuditionStage::Sounding(_)) => {
                    if ui.button(t!("singers.stop")).clicked() {
                        asked = Asked::Stop;
                    }
                }
                _ => {
                    let ready = singer.can_sing() && (house.is_loaded)(&singer.name);
                    if ui.add_enabled(ready, Button::new(t!("singers.hear"))).clicked() {
                        let (name, range) = (singer.name.clone(), singer.range);
                        asked = Asked::Hear { name, language, range };
                    }
                }
            }
            ui.name_inputs(t!("singers.hear-in"), |ui| {
                ComboBox::from_id_salt("line").selected_text(language_name(language)).show_ui(ui, |ui| {
                    for choice in Language::ALL {
                        ui.selectable_value(&mut language, choice, language_name(choice));
                    }
                });
            });
            match stage {
                Some(AuditionStage::Singing) => {
                    ui.spinner();
                }
                Some(AuditionStage::Failed(why)) => {
                    ui.label(RichText::new(why.said()).color(ui.visuals().warn_fg_color));
                }
                _ => {}
            }
        });
        self.language = Some(language).filter(|&language| language != usual);
        asked
    }

    /// What can be done with somebody who did not come with Ziyin.
    fn own(&mut self, ui: &mut Ui, singer: &Singer, own: &OwnSinger) -> Asked {
        let mut asked = Asked::Nothing;
        ui.horizontal(|ui| {
            if ui.button(t!("singers.rename")).clicked() {
                (self.renamed, self.fresh, self.error) = (Some(singer.name.clone()), true, None);
            }
            let delete = ui.button(t!("singers.delete")).on_hover_text(t!("singers.delete-why"));
            if delete.clicked() {
                (asked, self.error, self.renamed) = (Asked::Delete(own.file.clone()), None, None);
            }
            if ui.button(t!("singers.show-folder")).clicked() {
                asked = Asked::Show(own.file.clone());
            }
        });
        asked
    }

    fn bottom(&mut self, ui: &mut Ui, house: &House) -> Asked {
        let mut asked = Asked::Nothing;
        ui.horizontal(|ui| {
            if ui.button(t!("singers.install")).on_hover_text(t!("singers.install-why")).clicked() {
                asked = Asked::Install;
            }
            if ui.button(t!("action.clone-singer")).clicked() {
                asked = Asked::Clone;
            }
            if ui.button(t!("singers.mix")).clicked() {
                let first = self.looked_at(house).filter(|singer| singer.can_sing());
                self.mixture = Some(MixtureForm::new(first.map(|singer| singer.name.as_str())));
            }
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                if ui.button(t!("dialog.close")).clicked() {
                    asked = Asked::Close;
                }
            });
        });
        asked
    }
}

fn range(singer: &Singer) -> String {
    format!("{}–{}", singer.lowest(), singer.highest())
}

/// What is known of a singer, a row each.
fn facts(ui: &mut Ui, singer: &Singer, house: &House) {
    let mut fact = |key: &str, text: String| {
        ui.horizontal_top(|ui| {
            left_in(ui, vec2(92.0, 20.0), Label::new(RichText::new(t!(key)).weak()).truncate());
            // Long credits keep to their column.
            ui.add(Label::new(text).wrap());
        });
    };
    let languages: Vec<String> = singer.languages.iter().map(|&language| language_name(language)).collect();
    fact("singers.languages", languages.join(", "));
    fact("singers.range", range(singer));
    let condition = match &singer.own {
        Some(OwnSinger { obstacle: Some(why), .. }) => why.said(),
        _ if (house.is_loaded)(&singer.name) => t!("singers.ready").into_owned(),
        _ => t!("singers.not-loaded").into_owned(),
    };
    fact("singers.condition", condition);
    if let Some(own) = &singer.own {
        fact("singers.origin", origin(own));
    }
    if !singer.credits.trim().is_empty() {
        fact("singers.credits", singer.credits.clone());
    }
    let tracks = (house.tracks)(&singer.name);
    if !tracks.is_empty() {
        fact("singers.sings", tracks.join(", "));
    }
    if let Some(own) = &singer.own {
        fact("singers.file", own.file.display().to_string());
    }
}

/// Where a singer comes from.
fn origin(own: &OwnSinger) -> String {
    let date = own.date.as_str();
    if own.mixed.is_empty() {
        let (seconds, like) = (format!("{:.0}", own.seconds), own.like.as_str());
        return t!("singers.cloned", seconds = seconds, like = like, date = date).into_owned();
    }
    let share = |share: &Share| format!("{} {:.0}%", share.name, 100.0 * share.weight);
    let shares: Vec<String> = own.mixed.iter().map(share).collect();
    t!("singers.mixed", shares = shares.join(", "), date = date).into_owned()
}
