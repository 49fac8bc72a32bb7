//! The studio, driven by the accessible names of its controls as a user drives it.

mod all_singers;
mod anchors;
mod arrangement;
#[cfg(unix)]
mod attached;
mod crash;
mod dialogs;
mod editing;
mod files;
mod find;
mod folders;
mod hidden;
mod japanese;
mod keyboard;
mod killed_window;
mod languages;
mod markers;
mod microphone;
mod mixing;
mod muting;
mod phonemes;
mod pictures;
mod room;
mod safety;
mod second_singer;
mod singers;
mod takes;
mod templates;
mod undo;

use std::path::{Path, PathBuf};
use ziyin_message::Message;

use egui_kittest::Harness;
use egui_kittest::kittest::Queryable;
use ziyin_score::{Note, NoteId, Notes, Project, Track, TrackId};
use ziyin_session::settings::Settings;
use ziyin_studio::{Start, Studio, theme};

/// A studio in a window that is nowhere.
pub struct Desk {
    pub harness: Harness<'static, Option<Studio>>,
}

/// A studio that was started before, with no voice: what is edited needs none.
pub fn start(home: &Path, song: Option<PathBuf>) -> Start {
    if !home.join("settings.json").exists() {
        let settings = Settings { toured: true, language: "en".into(), ..Settings::default() };
        settings.save(home).unwrap();
    }
    let voice: ziyin_session::engine::VoiceLoader =
        Box::new(|| Err(Message::foreign("this test needs no voice")));
    Start {
        home: home.into(),
        song,
        demo: ziyin_studio::demo_song(),
        voice: Some(voice),
        attach: None,
        midi: None,
        microphone: None,
    }
}

impl Desk {
    /// Opens a studio in a window of 1280 by 800 points.
    pub fn open(start: Start) -> Self {
        let mut start = Some(start);
        let harness = Harness::builder()
            .with_size([1280.0, 800.0])
            .with_max_steps(60)
            .with_context_setup(theme::install)
            .build_ui_state(
                move |ui, studio: &mut Option<Studio>| {
                    let ctx = ui.ctx().clone();
                    let studio = studio.get_or_insert_with(|| Studio::new(&ctx, start.take().unwrap()));
                    // The whole window, where the harness leaves a margin.
                    let mut window = ui.new_child(egui::UiBuilder::new().max_rect(ctx.content_rect()));
                    window.set_clip_rect(ctx.content_rect());
                    studio.show(&mut window);
                },
                None,
            );
        let mut desk = Self { harness };
        desk.settle();
        desk
    }

    pub fn studio(&self) -> &Studio {
        self.harness.state().as_ref().unwrap()
    }

    /// Lets the window answer what was done: a dialog finds its place in some frames.
    pub fn settle(&mut self) {
        // What is read or saved is so on threads of their own, one of which may follow another.
        let began = std::time::Instant::now();
        let mut calm = 0;
        while calm < 2 {
            assert!(began.elapsed().as_secs() < 60, "a file is neither read nor saved");
            self.harness.run_steps(10);
            calm = if self.studio().is_busy() { 0 } else { calm + 1 };
            std::thread::sleep(std::time::Duration::from_millis(2));
        }
    }

    /// Lets the studio go on as behind another window, where it has no frames; gives what it asks the window
    /// for. `events` happen to the window meanwhile.
    pub fn go_on_unseen(&mut self, events: Vec<egui::ViewportEvent>) -> Vec<egui::ViewportCommand> {
        let mut input = egui::RawInput::default();
        input.viewports.insert(
            egui::ViewportId::ROOT,
            egui::ViewportInfo { events, occluded: Some(true), ..Default::default() },
        );
        let ctx = self.harness.ctx.clone();
        let mut output = ctx.run_logic(&input, |ctx| {
            self.harness.state_mut().as_mut().unwrap().go_on_unseen(ctx);
        });
        output.viewport_commands.remove(&egui::ViewportId::ROOT).unwrap_or_default()
    }

    /// Clicks the control of that name.
    pub fn click(&mut self, name: &str) {
        self.harness.get_by_label(name).click();
        self.settle();
    }

    pub fn press(&mut self, modifiers: egui::Modifiers, key: egui::Key) {
        self.harness.key_press_modifiers(modifiers, key);
        self.settle();
    }

    /// Types into what has the keyboard.
    pub fn text(&mut self, text: &str) {
        self.harness.event(egui::Event::Text(text.into()));
        self.settle();
    }

    /// Types into the number of that name, and takes it.
    pub fn type_number(&mut self, name: &str, text: &str) {
        self.harness.get_by_role_and_label(egui::Role::SpinButton, name).click();
        self.settle();
        self.press(CTRL, egui::Key::A);
        self.text(text);
        self.press(NONE, egui::Key::Enter);
    }

    /// Waits until something is so that is done beside the window.
    #[track_caller]
    pub fn wait(&mut self, what: &str, mut so: impl FnMut(&Self) -> bool) {
        let began = std::time::Instant::now();
        while !so(self) {
            assert!(began.elapsed().as_secs() < 120, "waited in vain until {what}");
            self.settle();
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
    }

    /// Whether something of that name is in the window.
    pub fn shows(&self, name: &str) -> bool {
        self.harness.query_all_by_label_contains(name).next().is_some()
    }

    /// Fills the path of the file dialog and confirms it.
    pub fn choose(&mut self, path: &Path) {
        self.harness.get_by_label("Path").focus();
        self.settle();
        self.press(egui::Modifiers::COMMAND, egui::Key::A);
        self.text(&path.display().to_string());
        self.press(egui::Modifiers::NONE, egui::Key::Enter);
    }
}

/// Three tracks, each with a character in the second bar.
pub fn three_tracks() -> Project {
    let track = |(id, name, lyric): (u64, &str, &str)| Track {
        notes: Notes::new(vec![Note::new(NoteId(1), 3840, 960, 60, lyric)]),
        ..Track::new(TrackId(id), name)
    };
    let tracks = [(1, "lead", "好"), (2, "alto", "花"), (3, "bass", "香")];
    Project { tracks: tracks.map(track).into(), ..Project::default() }
}

pub const CTRL: egui::Modifiers = egui::Modifiers::COMMAND;
pub const NONE: egui::Modifiers = egui::Modifiers::NONE;
