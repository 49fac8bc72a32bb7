//! The tour at the first start: a few cards beside what they speak of, on the demo song.

use egui::{Align2, Area, Context, Frame, Id, Key, Modifiers, Order, RichText, vec2};
use rust_i18n::t;

use crate::widgets::theme;

/// Which card is shown.
pub struct Tour {
    card: usize,
}

/// The cards, each with the place in the window where it stands.
const CARDS: [(&str, Align2, [f32; 2]); 6] = [
    ("tour.welcome", Align2::CENTER_CENTER, [0.0, 0.0]),
    ("tour.play", Align2::LEFT_TOP, [16.0, 84.0]),
    ("tour.notes", Align2::CENTER_CENTER, [60.0, -60.0]),
    ("tour.lyrics", Align2::CENTER_BOTTOM, [0.0, -260.0]),
    ("tour.harmony", Align2::LEFT_CENTER, [250.0, 0.0]),
    ("tour.more", Align2::CENTER_TOP, [0.0, 84.0]),
];

impl Tour {
    /// Begins; the first card speaks of the demo song, which may not be there.
    pub fn begin(demo: bool) -> Self {
        Self { card: usize::from(!demo) }
    }

    /// Shows a card; gives whether the tour is over.
    pub fn show(&mut self, ctx: &Context) -> bool {
        let tour = &*self;
        let (key, place, offset) = CARDS[tour.card];
        let last = tour.card + 1 == CARDS.len();
        let (mut next, mut back, mut end) = (false, false, false);
        Area::new(Id::unique(("tour", tour.card)))
            .order(Order::Foreground)
            .anchor(place, vec2(offset[0], offset[1]))
            .show(ctx, |ui| {
                let accent = theme::accent(ui.visuals().dark_mode);
                Frame::popup(ui.style()).inner_margin(16).stroke((1.5, accent)).show(ui, |ui| {
                    ui.set_width(330.0);
                    ui.label(RichText::new(t!(format!("{key}.title"))).heading().strong());
                    ui.add_space(4.0);
                    ui.label(t!(format!("{key}.text")));
                    ui.add_space(10.0);
                    ui.horizontal(|ui| {
                        ui.weak(format!("{} / {}", tour.card + 1, CARDS.len()));
                        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                            let label = if last { t!("tour.begin") } else { t!("tour.next") };
                            next = ui.button(RichText::new(label).strong()).clicked();
                            back = tour.card > 0 && ui.button(t!("tour.back")).clicked();
                            end = !last && ui.button(t!("tour.skip")).clicked();
                        });
                    });
                });
            });
        end |= ctx.input_mut(|i| i.consume_key(Modifiers::NONE, Key::Escape));
        if next && !last {
            self.card += 1;
        } else if back {
            self.card -= 1;
        }
        end || next && last
    }
}
