//! Singers that an opened song names and that are not there: their tracks are silent until somebody else
//! sings them, or they are installed.

use egui::{ComboBox, Context, RichText};
use rust_i18n::t;

use super::frame::frame;
use ziyin_score::{Project, Track, TrackId};
use ziyin_session::singers::Singer;

/// The dialog.
pub struct MissingSingers {
    rows: Vec<Row>,
}

/// A singer who is not there.
struct Row {
    name: String,
    tracks: Vec<(TrackId, String)>,
    /// Who is to sing instead.
    instead: Option<String>,
}

/// Who is to sing a track instead of somebody.
#[derive(Clone, Debug, PartialEq)]
pub struct Instead {
    pub track: TrackId,
    pub of: String,
    pub name: String,
}

/// What the dialog asks for.
#[derive(Clone, Debug, PartialEq)]
pub enum Asked {
    Nothing,
    /// The tracks get singers in the place of those who are missing.
    Choose(Vec<Instead>),
    /// A file of a singer is to be chosen.
    Install,
    Close,
}

impl MissingSingers {
    /// For the tracks of a song whose singers are missing, if there are any.
    pub fn of(project: &Project, missing: impl Fn(&Track) -> Vec<String>) -> Option<Self> {
        let mut rows: Vec<Row> = Vec::new();
        for track in &project.tracks {
            for name in missing(track) {
                let of_track = (track.id, track.name.clone());
                match rows.iter_mut().find(|row| row.name == name) {
                    Some(row) if row.tracks.contains(&of_track) => {}
                    Some(row) => row.tracks.push(of_track),
                    None => rows.push(Row { name, tracks: vec![of_track], instead: None }),
                }
            }
        }
        (!rows.is_empty()).then_some(Self { rows })
    }

    /// Shows the dialog with those who can sing.
    pub fn show(&mut self, ctx: &Context, singers: &[Singer]) -> Asked {
        let title = t!("missing.title").into_owned();
        let (asked, escaped) = frame(ctx, "missing-singers", title, 480.0, |ui| {
            ui.label(t!("missing.text"));
            ui.add_space(6.0);
            for row in &mut self.rows {
                ui.group(|ui| {
                    ui.set_width(ui.available_width());
                    ui.label(RichText::new(&row.name).strong().color(ui.visuals().warn_fg_color));
                    let tracks: Vec<&str> = row.tracks.iter().map(|(_, name)| name.as_str()).collect();
                    ui.weak(t!("missing.tracks", tracks = tracks.join(", ")));
                    let label = t!("missing.instead", name = row.name.as_str());
                    let nobody = t!("missing.nobody").into_owned();
                    ui.name_inputs(label.as_ref(), |ui| {
                        ComboBox::from_id_salt(&row.name)
                            .width(260.0)
                            .selected_text(row.instead.as_ref().unwrap_or(&nobody))
                            .show_ui(ui, |ui| {
                                ui.selectable_value(&mut row.instead, None, &nobody);
                                for singer in singers.iter().filter(|singer| singer.can_sing()) {
                                    let name = Some(singer.name.clone());
                                    ui.selectable_value(&mut row.instead, name, &singer.name);
                                }
                            });
                    });
                });
            }
            ui.add_space(8.0);
            let mut asked = Asked::Nothing;
            ui.horizontal(|ui| {
                if ui.button(t!("missing.install")).clicked() {
                    asked = Asked::Install;
                }
                ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                    if ui.button(RichText::new(t!("missing.done")).strong()).clicked() {
                        asked = self.chosen();
                    }
                });
            });
            asked
        });
        if escaped { Asked::Close } else { asked }
    }

    fn chosen(&self) -> Asked {
        let chosen = |row: &Row| {
            let instead = row.instead.clone()?;
            let of_track = |(track, _): &(TrackId, String)| Instead {
                track: *track,
                of: row.name.clone(),
                name: instead.clone(),
            };
            Some(row.tracks.iter().map(of_track).collect::<Vec<_>>())
        };
        let all: Vec<Instead> = self.rows.iter().filter_map(chosen).flatten().collect();
        if all.is_empty() { Asked::Close } else { Asked::Choose(all) }
    }
}
