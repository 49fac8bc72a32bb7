//! How the studio looks: its fonts, its two themes.

use std::sync::Arc;

use egui::epaint::Shadow;
use egui::{
    Color32, Context, CornerRadius, FontData, FontDefinitions, FontFamily, FontId, Margin, Stroke, Style,
    TextStyle, Theme, Visuals, vec2,
};

/// Noto Sans CJK SC, cut to the characters that lyrics need; see `assets/fonts/README.md`.
const CJK: &[u8] = include_bytes!("../../../assets/fonts/NotoSansCJKsc-Ziyin.otf");

/// The colour of what is chosen: jade.
pub fn accent(dark: bool) -> Color32 {
    if dark { Color32::from_rgb(0x3E, 0xB8, 0x9C) } else { Color32::from_rgb(0x0B, 0x8A, 0x70) }
}

/// Gives the context the studio's fonts and both themes.
pub fn install(ctx: &Context) {
    let mut fonts = FontDefinitions::default();
    fonts.font_data.insert("cjk".into(), Arc::new(FontData::from_static(CJK)));
    for family in [FontFamily::Proportional, FontFamily::Monospace] {
        // First for running text, so that Latin and Chinese are of one weight; behind the
        // figures of the transport, which must not dance.
        let all = fonts.families.entry(family.clone()).or_default();
        let at = if family == FontFamily::Proportional { 0 } else { all.len().min(1) };
        all.insert(at, "cjk".into());
    }
    ctx.set_fonts(fonts);
    ctx.set_style_of(Theme::Dark, style(true));
    ctx.set_style_of(Theme::Light, style(false));
}

fn style(dark: bool) -> Style {
    let mut style = Style { visuals: visuals(dark), ..Style::default() };
    let text = |size| FontId::proportional(size);
    style.text_styles = [
        (TextStyle::Small, text(11.0)),
        (TextStyle::Body, text(13.0)),
        (TextStyle::Button, text(13.0)),
        (TextStyle::Heading, text(18.0)),
        (TextStyle::Monospace, FontId::monospace(13.0)),
    ]
    .into();
    style.spacing.item_spacing = vec2(6.0, 5.0);
    style.spacing.button_padding = vec2(8.0, 2.0);
    style.spacing.interact_size.y = 24.0;
    style.spacing.menu_margin = Margin::same(6);
    style.spacing.window_margin = Margin::same(14);
    style.spacing.combo_width = 96.0;
    style.interaction.selectable_labels = false;
    style
}

fn visuals(dark: bool) -> Visuals {
    let mut v = if dark { Visuals::dark() } else { Visuals::light() };
    let rgb = Color32::from_rgb;
    let accent = accent(dark);
    let (panel, raised, hovered, pressed, line, text, deep) = if dark {
        (
            rgb(30, 32, 38),
            rgb(45, 48, 57),
            rgb(58, 62, 73),
            rgb(68, 73, 86),
            rgb(52, 56, 66),
            rgb(214, 218, 226),
            rgb(20, 22, 26),
        )
    } else {
        (
            rgb(243, 244, 247),
            rgb(228, 231, 237),
            rgb(215, 220, 228),
            rgb(200, 206, 216),
            rgb(208, 212, 221),
            rgb(36, 41, 52),
            rgb(255, 255, 255),
        )
    };
    v.panel_fill = panel;
    // Fields are white by day: they must stand out.
    v.window_fill = if dark { rgb(36, 39, 46) } else { panel };
    v.window_stroke = Stroke::new(1.0, line);
    v.window_corner_radius = CornerRadius::same(8);
    v.menu_corner_radius = CornerRadius::same(6);
    v.window_shadow = Shadow {
        offset: [0, 8],
        blur: 28,
        spread: 0,
        color: Color32::from_black_alpha(if dark { 130 } else { 50 }),
    };
    v.popup_shadow = Shadow {
        offset: [0, 4],
        blur: 14,
        spread: 0,
        color: Color32::from_black_alpha(if dark { 110 } else { 40 }),
    };
    v.extreme_bg_color = deep;
    v.faint_bg_color = raised;
    v.selection.bg_fill = accent.gamma_multiply(if dark { 0.55 } else { 0.35 });
    v.selection.stroke = Stroke::new(1.0, if dark { Color32::WHITE } else { rgb(8, 60, 48) });
    v.hyperlink_color = accent;
    v.warn_fg_color = if dark { rgb(0xFF, 0xB4, 0x54) } else { rgb(0xA8, 0x55, 0x00) };
    v.error_fg_color = if dark { rgb(0xFF, 0x7B, 0x72) } else { rgb(0xC6, 0x28, 0x28) };
    v.slider_trailing_fill = true;
    let round = CornerRadius::same(5);
    for (widget, fill, ink) in [
        (&mut v.widgets.noninteractive, panel, text),
        (&mut v.widgets.inactive, raised, text),
        (&mut v.widgets.hovered, hovered, text),
        (&mut v.widgets.active, pressed, text),
        (&mut v.widgets.open, hovered, text),
    ] {
        widget.bg_fill = fill;
        widget.weak_bg_fill = fill;
        widget.bg_stroke = Stroke::NONE;
        widget.fg_stroke = Stroke::new(1.0, ink);
        widget.corner_radius = round;
        widget.expansion = 0.0;
    }
    // Boxes to tick and rails of sliders have no text that would show where they are.
    v.widgets.inactive.bg_fill = if dark { rgb(72, 77, 90) } else { rgb(192, 198, 208) };
    v.widgets.hovered.bg_fill = if dark { rgb(86, 92, 107) } else { rgb(178, 185, 197) };
    v.widgets.noninteractive.bg_stroke = Stroke::new(1.0, line);
    v.widgets.hovered.bg_stroke = Stroke::new(1.0, line);
    v
}
