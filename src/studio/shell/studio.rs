//! The studio: what is open, what is shown, and what happens in a frame.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use ziyin_message::ToMessage;

use egui::{Context, Ui};
use rust_i18n::t;

use super::command_palette::CommandPalette;
use super::quick_stroke::QuickStroke;
use super::reading_song::ReadingSong;
use super::tapping::Tapping;
use super::tour::Tour;
use crate::action_state::ActionState;
use crate::dialog::clone_singer::CloneDialog;
use crate::dialog::export::ExportDialog;
use crate::dialog::singers::SingersDialog;
use crate::dialog::{Dialog, Leave};
use crate::lanes::{Arrangement, LyricLane, PhonemeLane, Roll, Spectrogram, ValueLane, View};
use crate::names::title_of;
use crate::panels::Notice;
use crate::shortcut::{self, Keys, Shortcuts};
use crate::widgets::theme;
use ziyin_model::installed::beside_program;
use ziyin_model::user_folders::data_folder;
use ziyin_score::{History, Project};
use ziyin_session::attachment::Attachment;
use ziyin_session::engine::{VoiceLoader, VoiceStatus, Wake};
use ziyin_session::midi_keyboard::FindMidi;
use ziyin_session::settings::Theme;
use ziyin_session::{Microphone, Session};
use ziyin_session::{crash, log};

/// How a studio begins.
pub struct Start {
    /// The folder of settings and rescued songs.
    pub home: PathBuf,
    /// The song to open.
    pub song: Option<PathBuf>,
    /// The song that the tour is about.
    pub demo: Option<PathBuf>,
    /// Loads the voice; `None` for the one that ships, as the settings want it.
    pub voice: Option<VoiceLoader>,
    /// Begins the conversation with the plug-in whose song is edited, if there is one.
    pub attach: Option<Attach>,
    /// Finds MIDI keyboards; `None` for those of the system.
    pub midi: Option<FindMidi>,
    /// Listens to a microphone; `None` for that of the system.
    pub microphone: Option<Microphone>,
}

/// How often is looked after what moves while nobody sees the window.
const UNSEEN: Duration = Duration::from_millis(100);

/// Begins the conversation with a plug-in.
pub type Attach = Box<dyn FnOnce(Wake) -> std::io::Result<Attachment>>;

impl Start {
    /// As a user starts it.
    pub fn of_user(song: Option<PathBuf>) -> Self {
        // Where the system says nothing of users.
        let home = data_folder().unwrap_or_else(|| std::env::temp_dir().join("ziyin"));
        Self { home, song, demo: demo_song(), voice: None, attach: None, midi: None, microphone: None }
    }
}

/// The demo song beside the program or the sources.
pub fn demo_song() -> Option<PathBuf> {
    beside_program("assets/molihua.ziyin").into_iter().find(|path| path.is_file())
}

/// The application.
pub struct Studio {
    pub(super) session: Session,
    pub(super) view: View,
    pub(super) arrangement: Arrangement,
    pub(super) roll: Roll,
    pub(super) lane: LyricLane,
    pub(super) phonemes: PhonemeLane,
    pub(super) values: ValueLane,
    /// Paints what is sung, where the window can.
    pub(super) spectrogram: Option<Spectrogram>,
    pub(super) demo: Option<PathBuf>,
    pub(super) dialog: Option<Dialog>,
    pub(super) palette: Option<CommandPalette>,
    pub(super) tour: Option<Tour>,
    pub(super) notice: Option<Notice>,
    /// Width and height of the lanes of the roll in the last frame, in points.
    pub(super) lanes: egui::Vec2,
    /// What was pasted last by this studio, to tell notes from other text.
    pub(super) copied: String,
    /// A song that is being read, until it is open or looked at.
    pub(super) reading: Option<ReadingSong>,
    /// The song whose singers were looked for last.
    pub(super) singers_of: Option<u64>,
    /// What is done once the song is saved.
    pub(super) after_save: Option<Leave>,
    /// What is done once what was recorded lies behind the song.
    pub(super) after_take: Option<Leave>,
    /// The export dialog, while its folder is chosen.
    pub(super) waiting_export: Option<Box<ExportDialog>>,
    /// The dialog of a new singer, while a recording is chosen.
    pub(super) waiting_clone: Option<Box<CloneDialog>>,
    /// The dialog of all singers, while what was asked for on it is done.
    pub(super) waiting_singers: Option<Box<SingersDialog>>,
    /// The dialog of a new singer that was closed before there was one.
    pub(super) put_off_clone: Option<Box<CloneDialog>>,
    /// The tempo that is being tapped.
    pub(super) tapping: Tapping,
    /// Whether a loop was marked that is not kept with the song yet.
    pub(super) loop_moved: bool,
    /// Whether the window may close with no further question.
    pub(super) closing: bool,
    /// Strokes of the pointer that are quicker than a frame.
    quick: QuickStroke,
    /// Whether it was seen to that the window fits on the screen.
    fitted: bool,
    /// The title that the window has.
    title: String,
}

impl Studio {
    /// A studio in a window of this context.
    pub fn new(ctx: &Context, start: Start) -> Self {
        theme::install(ctx);
        let repaint = ctx.clone();
        let wake: Wake = Arc::new(move || repaint.request_repaint());
        let mut session = Session::begin(start.home, start.voice, start.midi, wake.clone());
        if let Some(microphone) = start.microphone {
            session.listen_by(microphone);
        }
        let attached = start.attach.map(|attach| attach(wake));
        let refused = match attached {
            Some(Ok(attachment)) => {
                session.attach(attachment);
                None
            }
            Some(Err(error)) => Some(error.to_message()),
            None => None,
        };
        ctx.options_mut(|options| {
            options.zoom_with_keyboard = false;
            // A size that is set later would be taken from a frame that there was not yet.
            options.zoom_factor = session.settings.zoom();
        });
        let mut studio = Self {
            session,
            view: View::default(),
            arrangement: Arrangement::default(),
            roll: Roll::default(),
            lane: LyricLane::default(),
            phonemes: PhonemeLane::default(),
            values: ValueLane::default(),
            spectrogram: None,
            demo: start.demo,
            dialog: None,
            palette: None,
            tour: None,
            notice: None,
            lanes: egui::Vec2::ZERO,
            copied: String::new(),
            reading: None,
            singers_of: None,
            after_save: None,
            after_take: None,
            waiting_export: None,
            waiting_clone: None,
            waiting_singers: None,
            put_off_clone: None,
            tapping: Tapping::default(),
            loop_moved: false,
            closing: false,
            quick: QuickStroke::default(),
            fitted: false,
            title: String::new(),
        };
        studio.new_song();
        studio.apply_settings(ctx);
        match start.song {
            _ if studio.session.is_attached() => {}
            Some(path) if !studio.is_demo(&path) => studio.open(ctx, &path),
            None if studio.session.settings.toured => {}
            demo => {
                if let Some(path) = &demo {
                    studio.open(ctx, path);
                }
                if !studio.session.settings.toured {
                    studio.begin_tour();
                }
            }
        }
        if let Some(why) = refused {
            studio.complain(t!("notice.no-plug-in", why = why.said()));
        }
        if crash::report(studio.session.home()).is_some() {
            let folder = log::folder().unwrap_or(studio.session.home()).display().to_string();
            studio.complain(t!("notice.crashed", folder = folder));
        }
        studio
    }

    /// Says what the window is drawn with, for what only a shader can paint.
    pub fn draw_with(&mut self, render: &egui_wgpu::RenderState) {
        self.spectrogram = Spectrogram::new(&render.device, render.target_format);
    }

    /// The open song.
    pub fn project(&self) -> &Project {
        self.session.editor.project()
    }

    /// What was done to the song, step by step.
    pub fn steps(&self) -> &History {
        self.session.editor.history()
    }

    /// The file of the open song, if it has one.
    pub fn path(&self) -> Option<&Path> {
        self.session.path()
    }

    /// How it stands with the voice.
    pub fn voice_status(&self) -> &VoiceStatus {
        self.session.engine.voice_status()
    }

    /// Whether a song is being read or saved, or something is looked for on the disk.
    pub fn is_busy(&self) -> bool {
        let looks = matches!(&self.dialog, Some(Dialog::Choose(chooser)) if chooser.is_looking());
        self.reading.is_some() || self.session.is_saving() || self.session.is_searching() || looks
    }

    /// One frame.
    pub fn show(&mut self, ui: &mut Ui) {
        let ctx = ui.ctx().clone();
        let revision = self.session.editor.revision();
        self.take_dropped(&ctx);
        self.take_keys(&ctx);
        if self.session.engine.tick() {
            ctx.request_repaint();
        }
        self.take_news(&ctx);
        self.take_read(&ctx);
        self.take_tapped(&ctx);
        self.take_played();
        self.listen_in(&ctx);
        self.look_for_singers();
        self.window(ui);
        self.dialogs(&ctx);
        self.show_palette(&ctx);
        self.show_tour(&ctx);
        // What was edited in this frame is sung from this frame on.
        if revision != self.session.editor.revision() && self.view.looped.is_some() {
            // The loop keeps its bars when the tempo changes.
            self.play_loop();
        }
        self.keep_loop(&ctx);
        self.session.follow();
        self.rescue(&ctx);
        self.tell_title(&ctx);
        self.answer_close(&ctx);
    }

    /// What goes on while nobody sees the window, which then has no frames: nothing that was edited is lost,
    /// and whoever asks for the window is heard.
    pub fn go_on_unseen(&mut self, ctx: &Context) {
        if self.session.engine.tick() {
            // Nothing that is painted moves: it is enough that the end of the song is noticed.
            ctx.request_repaint_after(UNSEEN);
        }
        self.take_news(ctx);
        self.session.follow();
        self.rescue(ctx);
        self.tell_title(ctx);
        self.answer_close(ctx);
    }

    /// Does what the pressed shortcuts ask for, in their order. What follows one that opened
    /// something is typed there.
    fn take_keys(&mut self, ctx: &Context) {
        while let Some(keys) = self.keys(ctx)
            && let Some((action, text)) = shortcut::next(ctx, keys)
        {
            self.perform(ctx, action, text);
        }
    }

    /// What the keyboard is for; nothing of the studio's own under a dialog or the palette.
    fn keys(&self, ctx: &Context) -> Option<Keys> {
        if self.dialog.is_some() || self.palette.is_some() {
            None
        } else if self.lane.is_typing() || ctx.text_edit_focused() {
            Some(Keys::Text)
        } else if ctx.memory(|memory| memory.focused().is_some()) || ctx.any_popup_open() {
            Some(Keys::Control)
        } else {
            Some(Keys::All)
        }
    }

    /// What can be done at this moment.
    pub(super) fn state(&self) -> ActionState<'_> {
        let (editor, settings) = (&self.session.editor, &self.session.settings);
        let recording = self.session.is_recording();
        let recording_audio = self.session.recorded_level().is_some();
        let demo = self.demo.is_some();
        ActionState { editor, view: &self.view, settings, demo, recording, recording_audio }
    }

    /// Tells the user something in the status line.
    pub(super) fn tell(&mut self, text: impl Into<String>) {
        self.notice = Some(Notice::new(text.into(), false));
    }

    /// Tells the user what went wrong.
    pub(super) fn complain(&mut self, text: impl Into<String>) {
        let text = text.into();
        tracing::warn!("{text}");
        self.notice = Some(Notice::new(text, true));
    }

    /// Tells why an edit was not possible, if it was not.
    pub(super) fn done<E: ToMessage>(&mut self, result: Result<(), E>) {
        if let Err(error) = result {
            self.complain(error.in_full().said());
        }
    }

    /// Puts the preferences into effect and keeps them.
    pub(super) fn apply_settings(&mut self, ctx: &Context) {
        rust_i18n::set_locale(&self.session.settings.language);
        Shortcuts::of_settings(&self.session.settings.shortcuts).hold_in(ctx);
        ctx.set_theme(match self.session.settings.theme {
            Theme::Dark => egui::ThemePreference::Dark,
            Theme::Light => egui::ThemePreference::Light,
            Theme::System => egui::ThemePreference::System,
        });
        ctx.set_zoom_factor(self.session.settings.zoom());
        self.session.engine.set_metronome(self.session.settings.metronome);
        self.session.engine.set_count_in(self.session.settings.count_in);
        self.keep_settings();
    }

    pub(super) fn keep_settings(&mut self) {
        self.session.keep_settings();
    }

    /// The name of the window: the song, and whether it is saved.
    fn tell_title(&mut self, ctx: &Context) {
        let name = title_of(self.project(), self.path());
        let mark = if self.session.editor.is_dirty() { "• " } else { "" };
        let name = match self.session.is_read_only() {
            true => t!("song.read-only", name = name).into_owned(),
            false => name,
        };
        let place = if self.session.is_attached() { t!("title.attached") } else { "Ziyin".into() };
        let title = format!("{mark}{name} – {place}");
        if title != self.title {
            self.title.clone_from(&title);
            ctx.send_viewport_cmd(egui::ViewportCommand::Title(title));
        }
    }

    /// A window that would be as large as the screen fills it instead: its frame would push
    /// the status line out of sight.
    fn fit_screen(&mut self, ctx: &Context) {
        let sizes = ctx.input(|i| Some((i.viewport().monitor_size?, i.viewport().inner_rect?.size())));
        let Some((screen, inner)) = sizes.filter(|_| !self.fitted) else { return };
        self.fitted = true;
        if inner.x > screen.x - 8.0 || inner.y > screen.y - 48.0 {
            ctx.send_viewport_cmd(egui::ViewportCommand::Maximized(true));
        }
    }

    /// A window that is closed with unsaved work asks first.
    fn answer_close(&mut self, ctx: &Context) {
        let session = &self.session;
        let recorded = session.recorded_level().is_some() || session.is_keeping_take();
        let unsaved = session.is_saving() || session.editor.is_dirty() || recorded;
        if ctx.input(|i| i.viewport().close_requested()) && !self.closing && unsaved {
            ctx.send_viewport_cmd(egui::ViewportCommand::CancelClose);
            self.leave(ctx, Leave::Quit);
            if self.dialog.is_some() {
                come_to_front(ctx);
            }
        }
    }
}

/// Shows the window before all others, wherever it is.
pub(super) fn come_to_front(ctx: &Context) {
    ctx.send_viewport_cmd(egui::ViewportCommand::Minimized(false));
    ctx.send_viewport_cmd(egui::ViewportCommand::Focus);
}

impl eframe::App for Studio {
    fn raw_input_hook(&mut self, ctx: &Context, input: &mut egui::RawInput) {
        if self.quick.part(&mut input.events) {
            ctx.request_repaint();
        }
    }

    fn logic(&mut self, ctx: &Context, _frame: &mut eframe::Frame) {
        if ctx.input(|i| i.viewport().visible()) == Some(false) {
            self.go_on_unseen(ctx);
        }
    }

    fn ui(&mut self, ui: &mut Ui, _frame: &mut eframe::Frame) {
        self.fit_screen(ui.ctx());
        self.show(ui);
    }
}
