use egui::{Color32, Visuals};

use crate::score::Colour;

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
}

impl Palette {
    pub fn of(visuals: &Visuals) -> Self {
        let dark = visuals.dark_mode;
        let grey = Color32::from_gray;
        Self {
            white_key: if dark { grey(38) } else { grey(250) },
            black_key: if dark { grey(31) } else { grey(240) },
            bar: if dark { grey(84) } else { grey(176) },
            beat: if dark { grey(56) } else { grey(214) },
            grid: if dark { grey(45) } else { grey(230) },
            text: visuals.strong_text_color(),
            weak_text: visuals.weak_text_color(),
            play_head: Color32::from_rgb(0xFF, 0x5C, 0x5C),
            warning: if dark {
                Color32::from_rgb(0xFF, 0xB4, 0x54)
            } else {
                Color32::from_rgb(0xB8, 0x5C, 0x00)
            },
            accent: visuals.selection.bg_fill,
            ivory: if dark { grey(214) } else { grey(255) },
            ebony: if dark { grey(52) } else { grey(70) },
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
