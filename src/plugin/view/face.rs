//! What the view shows of an instance, and how.

use std::sync::Arc;

use egui::{
    Button, CentralPanel, Color32, Context, FontData, FontDefinitions, FontFamily, Frame, Label, Margin,
    ProgressBar, RichText, ScrollArea, Ui, Visuals,
};

use crate::keys::recorded;
use crate::shared::Shared;
use crate::status::Status;
use rust_i18n::t;
use ziyin_playback::RATE;
use ziyin_score::Project;
use ziyin_session::editor::first_in_one;

/// The studio's font for Chinese, which has Latin as well; see `assets/fonts/README.md`.
const FONT: &[u8] = include_bytes!("../../../assets/fonts/NotoSansCJKsc-Ziyin.otf");
/// Notes whose words are shown after that which is sung.
const AHEAD: usize = 12;
/// Tracks that are shown.
const TRACKS: usize = 64;

/// What is shown.
#[derive(Clone, Debug, PartialEq)]
pub struct Face {
    pub title: String,
    pub status: String,
    /// How much is sung, from 0 to 1, while not all of it is.
    pub done: Option<f32>,
    /// Whether the song goes by the host's tempo.
    pub follows: bool,
    /// Whether notes are recorded whenever the host plays.
    pub records: bool,
    pub tracks: Vec<Voice>,
    /// The words that wait for the notes that the host records.
    pub words: String,
    /// What is told of a file that was read or written.
    pub notice: Option<String>,
    /// How far a file is read, from 0 to 1.
    pub reading: Option<f32>,
    /// Whether the song before can be had again.
    pub undo: bool,
}

/// A track as it is shown.
#[derive(Clone, Debug, PartialEq)]
pub struct Voice {
    name: String,
    singer: Option<String>,
    silent: bool,
    /// The words at the play head, and those that come.
    now: String,
    next: String,
}

/// What the user asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wish {
    Studio,
    Import,
    Cancel,
    Undo,
    Save,
    /// Whether notes are recorded whenever the host plays.
    Record(bool),
    /// The text of the clipboard as the words that wait.
    PasteWords,
    ForgetWords,
}

impl Face {
    /// What there is to be shown of an instance, in a language; of files nothing.
    pub fn of(shared: &Shared, language: &str) -> Self {
        let song = shared.song();
        let seconds = shared.whereabouts().0 as f64 / f64::from(RATE);
        let tick = song.tempo.tick(seconds);
        let alone = song.has_solo_track();
        let tracks = song.tracks.iter().take(TRACKS).map(|track| {
            let from = track.notes.partition_point(|note| note.end() <= tick);
            let mut rest = track.notes[from..].iter().take(AHEAD + 1).peekable();
            let now =
                rest.next_if(|note| note.onset <= tick).map(|note| word(&note.lyric)).unwrap_or_default();
            let next: Vec<String> = rest.take(AHEAD).map(|note| word(&note.lyric)).collect();
            Voice {
                name: track.name.clone(),
                singer: Some(track.named_singers().collect::<Vec<_>>().join(" + "))
                    .filter(|names| !names.is_empty()),
                silent: !track.is_heard(alone),
                now,
                next: next.join(" "),
            }
        });
        let recorded = recorded(&song, shared.recorded_track());
        let words = recorded.map(|track| first_in_one(&track.words)).unwrap_or_default();
        let done = match shared.status() {
            Status::Singing { done, .. } => Some(done).filter(|&done| done < 1.0),
            Status::Preparing => Some(0.0),
            Status::Empty | Status::Failed(_) => None,
        };
        Self {
            tracks: tracks.collect(),
            words,
            status: shared.in_words(language),
            done,
            follows: shared.follows_tempo(),
            records: shared.records_what_plays(),
            title: title(&song),
            notice: None,
            reading: None,
            undo: false,
        }
    }

    /// Lays it out, and gives what was asked for.
    pub fn show(&self, ui: &mut Ui, language: &str) -> Option<Wish> {
        let say = |key: &'static str| t!(key, locale = language);
        let mut wish = None;
        let margin = Margin::same(14);
        let frame = Frame::new().fill(ui.visuals().panel_fill).inner_margin(margin);
        CentralPanel::default().frame(frame).show(ui, |ui| {
            let title =
                if self.title.is_empty() { say("view.untitled").into_owned() } else { self.title.clone() };
            ui.add(Label::new(RichText::new(title).size(20.0).strong()).truncate());
            ui.add(Label::new(RichText::new(&self.status).weak()).truncate()).on_hover_text(&self.status);
            ui.add(ProgressBar::new(self.done.unwrap_or(1.0)).desired_height(4.0).fill(accent(ui.visuals())));
            ui.add_space(6.0);
            ui.horizontal(|ui| {
                let strong = RichText::new(say("view.studio")).color(Color32::WHITE);
                let studio = Button::new(strong).fill(accent(ui.visuals()).gamma_multiply(0.8));
                for (button, asked) in [
                    (studio, Wish::Studio),
                    (Button::new(say("view.import")), Wish::Import),
                    (Button::new(say("view.save")), Wish::Save),
                ] {
                    if ui.add_enabled(self.reading.is_none() || asked == Wish::Studio, button).clicked() {
                        wish = Some(asked);
                    }
                }
                let tempo = if self.follows { "view.host-tempo" } else { "view.own-tempo" };
                ui.add(Label::new(RichText::new(say(tempo)).weak()).truncate());
            });
            self.waiting(ui, language, &mut wish);
            self.told(ui, language, &mut wish);
            ui.add_space(2.0);
            ui.separator();
            if self.tracks.is_empty() {
                ui.add_space(8.0);
                ui.label(say("view.empty"));
            }
            ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
                for voice in &self.tracks {
                    voice.show(ui);
                    ui.add_space(4.0);
                }
            });
        });
        wish
    }

    /// What is recorded, and the words that wait for it. The keys belong to the host, so that they are pasted.
    fn waiting(&self, ui: &mut Ui, language: &str, wish: &mut Option<Wish>) {
        let say = |key: &'static str| t!(key, locale = language);
        ui.horizontal(|ui| {
            let record = Button::selectable(self.records, say("view.record")).frame_when_inactive(true);
            if ui.add(record).on_hover_text(say("view.record-why")).clicked() {
                *wish = Some(Wish::Record(!self.records));
            }
            if ui.button(say("view.paste-words")).on_hover_text(say("view.paste-words-why")).clicked() {
                *wish = Some(Wish::PasteWords);
            }
            if self.words.is_empty() {
                ui.add(Label::new(RichText::new(say("view.no-words")).weak()).truncate());
                return;
            }
            if ui.button(say("view.forget-words")).clicked() {
                *wish = Some(Wish::ForgetWords);
            }
            let words = Label::new(&self.words).truncate();
            ui.add(words).on_hover_text(&self.words);
        });
    }

    /// What is told of files.
    fn told(&self, ui: &mut Ui, language: &str, wish: &mut Option<Wish>) {
        if self.notice.is_none() && self.reading.is_none() {
            return;
        }
        ui.horizontal(|ui| {
            if let Some(part) = self.reading {
                ui.add(ProgressBar::new(part).desired_width(200.0));
                if ui.button(t!("view.cancel", locale = language)).clicked() {
                    *wish = Some(Wish::Cancel);
                }
            }
            if self.undo && ui.button(t!("view.undo", locale = language)).clicked() {
                *wish = Some(Wish::Undo);
            }
            if let Some(notice) = &self.notice {
                ui.add(Label::new(notice).truncate()).on_hover_text(notice);
            }
        });
    }
}

impl Voice {
    fn show(&self, ui: &mut Ui) {
        ui.horizontal(|ui| {
            let name = RichText::new(&self.name).strong();
            ui.label(if self.silent { name.strikethrough().weak() } else { name });
            if let Some(singer) = &self.singer {
                ui.add(Label::new(RichText::new(singer).weak()).truncate());
            }
        });
        ui.horizontal(|ui| {
            if !self.now.is_empty() {
                ui.label(RichText::new(&self.now).size(16.0).color(accent(ui.visuals())));
            }
            ui.add(Label::new(RichText::new(&self.next).size(16.0)).truncate());
        });
    }
}

/// A word as it is shown: one that is held on is a dash.
fn word(lyric: &str) -> String {
    if lyric == "-" { "–".into() } else { lyric.trim().chars().take(24).collect() }
}

fn title(song: &Project) -> String {
    song.title.trim().chars().take(200).collect()
}

/// The colour of what is chosen: jade, as in the studio.
fn accent(visuals: &Visuals) -> Color32 {
    if visuals.dark_mode { Color32::from_rgb(0x3E, 0xB8, 0x9C) } else { Color32::from_rgb(0x0B, 0x8A, 0x70) }
}

/// A context with the font and the look of the view.
pub fn context(dark: bool) -> Context {
    let ctx = Context::default();
    let mut fonts = FontDefinitions::empty();
    fonts.font_data.insert("cjk".into(), Arc::new(FontData::from_static(FONT)));
    for family in [FontFamily::Proportional, FontFamily::Monospace] {
        fonts.families.insert(family, vec!["cjk".into()]);
    }
    ctx.set_fonts(fonts);
    ctx.set_theme(if dark { egui::Theme::Dark } else { egui::Theme::Light });
    ctx.all_styles_mut(|style| {
        let dark = style.visuals.dark_mode;
        style.visuals = if dark { Visuals::dark() } else { Visuals::light() };
        style.visuals.selection.bg_fill = accent(&style.visuals).gamma_multiply(0.8);
        style.visuals.selection.stroke.color = Color32::WHITE;
        // Nothing moves but what is sung.
        style.animation_time = 0.0;
        style.interaction.selectable_labels = false;
        style.spacing.button_padding = egui::vec2(10.0, 4.0);
    });
    ctx
}

#[cfg(test)]
mod tests {
    use super::super::SIZE;
    use super::super::canvas::Canvas;
    use super::*;
    use egui::{Event, Modifiers, PointerButton, Pos2, RawInput, Rect};
    use ziyin_score::{Note, NoteId, Notes, Track, TrackId};

    fn shared() -> Shared {
        let shared = Shared::default();
        let note = |i: i64, lyric: &str| Note::new(NoteId(i as u64), 960 * i, 960, 60, lyric);
        let mut lead = Track::new(TrackId(1), "lead");
        lead.notes = Notes::new(vec![note(0, "好"), note(1, "一"), note(2, "-"), note(4, "朵")]);
        let mut other = Track::new(TrackId(2), "other");
        other.mute = true;
        shared.take_song(Project {
            title: "茉莉花".into(), tracks: vec![lead, other], ..Project::default()
        });
        shared
    }

    #[test]
    fn the_words_at_the_play_head_are_shown_and_those_that_come() {
        let shared = shared();
        // At 120 quarters a minute.
        let words = |sample: u64| {
            shared.tell_place(sample, true);
            let voice = Face::of(&shared, "en").tracks.swap_remove(0);
            (voice.now, voice.next)
        };
        let said = |now: &str, next: &str| (now.to_string(), next.to_string());
        assert_eq!(words(0), said("好", "一 – 朵"));
        assert_eq!(words(22_050 + 10), said("一", "– 朵"));
        assert_eq!(words(3 * 22_050 + 10), said("", "朵"));
        assert_eq!(words(9 * 22_050), said("", ""));
        let face = Face::of(&shared, "en");
        assert_eq!((face.title.as_str(), face.tracks[1].silent), ("茉莉花", true));
    }

    /// Runs a frame of the face, and gives what is asked for; paints it where there is a canvas.
    fn frame(ctx: &Context, canvas: Option<&mut Canvas>, face: &Face, events: Vec<Event>) -> Option<Wish> {
        let screen_rect = Some(Rect::from_min_size(Pos2::ZERO, SIZE.into()));
        let mut wish = None;
        let output = ctx.run_ui(RawInput { screen_rect, events, ..RawInput::default() }, |ui| {
            wish = face.show(ui, "en").or(wish);
        });
        if let Some(canvas) = canvas {
            let primitives = ctx.tessellate(output.shapes, output.pixels_per_point);
            canvas.paint(&primitives, output.textures_delta, output.pixels_per_point);
        }
        wish
    }

    #[test]
    fn each_button_asks_for_what_it_says_and_the_song_is_to_be_seen() {
        let face = Face {
            undo: true,
            notice: Some("read".into()),
            words: "好一朵".into(),
            ..Face::of(&shared(), "en")
        };
        let ctx = context(true);
        let mut canvas = Canvas::new(SIZE.map(|side| side as usize));
        // The first frame measures.
        let mut painted = |face: &Face| {
            frame(&ctx, Some(&mut canvas), face, Vec::new());
            frame(&ctx, Some(&mut canvas), face, Vec::new());
            canvas.pixels().to_vec()
        };
        let first = painted(&face);
        // What stands in the place of the title is drawn in its characters.
        let row = |pixels: &[Color32]| pixels[480 * 14..480 * 40].to_vec();
        let other = Face { title: "another".into(), ..face.clone() };
        assert_ne!(row(&first), row(&painted(&other)));
        assert!(first == painted(&face));
        // Wherever there is something to press it is found.
        let mut asked = Vec::new();
        for y in (0..180).step_by(8) {
            for x in (0..480).step_by(12) {
                let pos = Pos2::new(x as f32, y as f32);
                let button = |pressed| Event::PointerButton {
                    pos,
                    button: PointerButton::Primary,
                    pressed,
                    modifiers: Modifiers::NONE,
                };
                frame(&ctx, None, &face, vec![Event::PointerMoved(pos)]);
                frame(&ctx, None, &face, vec![button(true)]);
                asked.extend(frame(&ctx, None, &face, vec![button(false)]));
            }
        }
        let record = Wish::Record(true);
        for wish in
            [Wish::Studio, Wish::Import, Wish::Save, Wish::Undo, record, Wish::PasteWords, Wish::ForgetWords]
        {
            assert!(asked.contains(&wish), "{wish:?}");
        }
    }
}
