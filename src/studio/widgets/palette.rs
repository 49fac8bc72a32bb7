//! The colours of what is drawn.

use egui::{Color32, Visuals};

use super::theme;
use ziyin_score::Colour;

/// The colours of the lanes, from the theme and the colour of the track.
#[derive(Clone, Copy)]
pub struct Palette {
    pub white_key: Color32,
    pub black_key: Color32,
    pub bar: Color32,
    pub beat: Color32,
    pub grid: Color32,
    pub text: Color32,
    pub weak_text: Color32,
    pub play_head: Color32,
    pub warning: Color32,
    pub accent: Color32,
    pub ivory: Color32,
    pub ebony: Color32,
    /// Over keys where a singer is not at home.
    pub beyond: Color32,
}

impl Palette {
    pub fn of(visuals: &Visuals) -> Self {
        let rgb = Color32::from_rgb;
        let dark = visuals.dark_mode;
        let pick = |in_dark: Color32, in_light: Color32| if dark { in_dark } else { in_light };
        Self {
            white_key: pick(rgb(38, 41, 48), rgb(252, 252, 253)),
            black_key: pick(rgb(32, 35, 41), rgb(241, 243, 246)),
            bar: pick(rgb(86, 92, 106), rgb(172, 178, 190)),
            beat: pick(rgb(57, 61, 71), rgb(214, 218, 226)),
            grid: pick(rgb(45, 49, 57), rgb(230, 233, 239)),
            text: visuals.strong_text_color(),
            weak_text: pick(rgb(148, 155, 170), rgb(105, 112, 126)),
            play_head: pick(rgb(0xFF, 0x6B, 0x5E), rgb(0xE0, 0x3E, 0x36)),
            warning: visuals.warn_fg_color,
            accent: theme::accent(dark),
            ivory: pick(rgb(222, 224, 229), rgb(255, 255, 255)),
            ebony: pick(rgb(48, 51, 60), rgb(66, 70, 80)),
            beyond: pick(Color32::from_black_alpha(64), Color32::from_black_alpha(14)),
        }
    }
}

/// The colour of a track as egui takes it.
pub fn track_colour(colour: Colour) -> Color32 {
    let [r, g, b] = colour.0;
    Color32::from_rgb(r, g, b)
}

/// Black or white, whichever can be read on `ground`.
pub fn ink_on(ground: Color32) -> Color32 {
    let [r, g, b, _] = ground.to_array().map(f32::from);
    if 0.299 * r + 0.587 * g + 0.114 * b > 128.0 { Color32::from_gray(20) } else { Color32::from_gray(245) }
}

/// A colour between two.
pub fn blend(a: Color32, b: Color32, part: f32) -> Color32 {
    let mix = |x: u8, y: u8| (f32::from(x) * (1.0 - part) + f32::from(y) * part) as u8;
    Color32::from_rgb(mix(a.r(), b.r()), mix(a.g(), b.g()), mix(a.b(), b.b()))
}
