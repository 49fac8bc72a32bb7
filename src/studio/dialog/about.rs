//! What Ziyin is, and whom to thank for its voices.

use egui::Context;
use rust_i18n::t;

use super::frame::frame;
use ziyin_session::singers::Singer;

/// Shows the page; gives whether it was closed.
pub fn show(ctx: &Context, singers: &[Singer]) -> bool {
    let (closed, escaped) = frame(ctx, "about", "Ziyin 字音".into(), 480.0, |ui| {
        ui.label(t!("about.version", version = env!("CARGO_PKG_VERSION")));
        ui.label(t!("about.what"));
        ui.add_space(8.0);
        ui.strong(t!("about.singers"));
        for singer in singers {
            ui.label(&singer.name);
            ui.weak(&singer.credits);
            for word in singer.credits.split([' ', ',', ';']).filter(|word| word.starts_with("https://")) {
                ui.hyperlink(word);
            }
            ui.weak(t!("about.range", low = singer.lowest(), high = singer.highest()));
            ui.add_space(4.0);
        }
        ui.strong(t!("about.licences"));
        ui.weak(t!("about.licence"));
        ui.add_space(8.0);
        ui.button(t!("dialog.close")).clicked()
    });
    closed || escaped
}
