//! Takes of the selected notes, one below the other: each is heard by itself, and one is chosen.

use std::collections::BTreeSet;

use egui::{Align, Context, Key, Layout, Modifiers, RichText, ScrollArea, Ui};
use rust_i18n::t;

use super::frame::frame;
use crate::widgets::icon::{self, Icon};
use ziyin_score::{NoteId, Notes, TrackId};
use ziyin_session::engine::TakeStage;

/// Takes that are shown at first.
const FIRST: u32 = 4;
/// Height of the list at most, in points.
const HEIGHT: f32 = 260.0;
/// Keys that play a take.
const KEYS: [Key; 9] =
    [Key::Num1, Key::Num2, Key::Num3, Key::Num4, Key::Num5, Key::Num6, Key::Num7, Key::Num8, Key::Num9];

/// The dialog.
pub struct TakesDialog {
    track: TrackId,
    notes: BTreeSet<NoteId>,
    /// Takes that are shown.
    count: u32,
    /// The one that was heard last, which Enter chooses.
    heard: Option<u32>,
}

/// What the dialog asks for; takes are counted from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    Nothing,
    Close,
    Hear(u32),
    Stop,
    Choose(u32),
}

impl TakesDialog {
    /// Looks at notes of a track.
    pub fn new(track: TrackId, notes: BTreeSet<NoteId>, all: &Notes) -> Self {
        let mut dialog = Self { track, notes, count: FIRST, heard: None };
        // One that is sung is among those that are shown, unless it is far away.
        let last = dialog.sung(all).into_iter().max().unwrap_or(0);
        dialog.count = FIRST.max(last.saturating_add(1).min(KEYS.len() as u32));
        dialog
    }

    pub fn track(&self) -> TrackId {
        self.track
    }

    pub fn notes(&self) -> &BTreeSet<NoteId> {
        &self.notes
    }

    /// How many takes are to be sung.
    pub fn count(&self) -> u32 {
        self.count
    }

    /// The takes that the notes are sung in.
    fn sung(&self, all: &Notes) -> BTreeSet<u32> {
        all.iter().filter(|note| self.notes.contains(&note.id)).map(|note| note.take).collect()
    }

    /// Shows the dialog; `all` are the notes of the track.
    pub fn show(&mut self, ctx: &Context, all: &Notes, stage: &dyn Fn(u32) -> TakeStage) -> Asked {
        let title = t!("action.takes").trim_end_matches('…').to_string();
        let sung = self.sung(all);
        let (asked, escaped) = frame(ctx, "takes", title, 420.0, |ui| {
            ui.weak(t!("takes.why", count = self.notes.len()));
            ui.add_space(6.0);
            let mut asked = Asked::Nothing;
            ScrollArea::vertical().max_height(HEIGHT).auto_shrink([false, true]).show(ui, |ui| {
                for take in 0..self.count {
                    let row = ui.push_id(take, |ui| row(ui, take, &stage(take), &sung)).inner;
                    if row != Asked::Nothing {
                        asked = row;
                    }
                }
            });
            if let Some(far) = sung.last().filter(|take| **take >= self.count) {
                ui.weak(t!("takes.far", number = u64::from(*far) + 1));
            }
            ui.add_space(6.0);
            ui.horizontal(|ui| {
                if ui.button(t!("takes.more")).clicked() {
                    self.count += 1;
                    asked = Asked::Hear(self.count - 1);
                }
                ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                    if ui.button(t!("dialog.close")).clicked() {
                        asked = Asked::Close;
                    }
                });
            });
            if asked == Asked::Nothing { self.keys(ui) } else { asked }
        });
        if let Asked::Hear(take) | Asked::Choose(take) = asked {
            self.heard = Some(take);
        }
        if escaped { Asked::Close } else { asked }
    }

    /// A digit plays its take, Enter chooses the one that was heard last.
    fn keys(&self, ui: &Ui) -> Asked {
        let pressed = |key| ui.input_mut(|input| input.consume_key(Modifiers::NONE, key));
        let take = (0..self.count).zip(KEYS).find(|&(_, key)| pressed(key)).map(|(take, _)| take);
        if let Some(take) = take {
            return Asked::Hear(take);
        }
        // A control that has the keyboard takes Enter for itself.
        let free = ui.memory(|memory| memory.focused().is_none());
        match self.heard {
            Some(take) if free && pressed(Key::Enter) => Asked::Choose(take),
            _ => Asked::Nothing,
        }
    }
}

/// A take: it is heard by the button, and chosen by its name.
fn row(ui: &mut Ui, take: u32, stage: &TakeStage, sung: &BTreeSet<u32>) -> Asked {
    let number = u64::from(take) + 1;
    let mut asked = Asked::Nothing;
    ui.horizontal(|ui| {
        let sounds = *stage == TakeStage::Sounding;
        let (sign, name) = if sounds {
            (Icon::Stop, t!("takes.stop", number = number))
        } else {
            (Icon::Play, t!("takes.hear", number = number))
        };
        if icon::small(ui, sign, &name).clicked() {
            asked = if sounds { Asked::Stop } else { Asked::Hear(take) };
        }
        let chosen = sung.len() == 1 && sung.contains(&take);
        let label = ui.selectable_label(chosen, t!("takes.take", number = number));
        if label.on_hover_text(t!("takes.choose")).clicked() && !chosen {
            asked = Asked::Choose(take);
        }
        match stage {
            TakeStage::Awaited => {
                ui.weak(t!("takes.awaited"));
            }
            TakeStage::Failed(why) => {
                ui.label(RichText::new(why.said()).color(ui.visuals().warn_fg_color));
            }
            TakeStage::Sung | TakeStage::Sounding if chosen => {
                ui.weak(t!("takes.chosen"));
            }
            TakeStage::Sung | TakeStage::Sounding if sung.contains(&take) => {
                ui.weak(t!("takes.of-some"));
            }
            TakeStage::Sung | TakeStage::Sounding => {}
        }
    });
    asked
}
