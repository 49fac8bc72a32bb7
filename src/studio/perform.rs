//! What each action does.

use egui::Context;
use rust_i18n::t;

use super::action::Action;
use super::app::Studio;
use super::dialog::chooser::Purpose;
use super::dialog::export::ExportDialog;
use super::dialog::preferences::PreferencesDialog;
use super::dialog::{Dialog, Leave};
use super::settings::Theme;
use super::value_lane;
use super::view::{Lane, Tool};
use super::window::palette::CommandPalette;
use ziyin_score::{Command, HarmonyKind, Scale, Tick, TrackCommand, TrackField, Vibrato};

/// A vibrato as most singers have it, to begin with.
const VIBRATO: Vibrato = super::roll::vibrato::USUAL;

impl Studio {
    /// Does what an action asks for. `text` is what the system's clipboard holds, for a
    /// paste.
    pub(super) fn perform(&mut self, ctx: &Context, action: Action, text: Option<String>) {
        match action {
            Action::New => self.leave(ctx, Leave::New),
            Action::Open => self.choose(Purpose::OpenSong),
            Action::Save => self.save(),
            Action::SaveAs => self.choose(Purpose::SaveSong),
            Action::ExportAudio => {
                let dialog = ExportDialog::new(self.editor.project(), &self.settings, self.view.looped);
                self.dialog = Some(Dialog::Export(Box::new(dialog)));
            }
            Action::ExportMidi => self.choose(Purpose::ExportMidi),
            Action::Preferences => {
                self.dialog = Some(Dialog::Preferences(PreferencesDialog::new(self.engine.devices())));
            }
            Action::Quit => self.leave(ctx, Leave::Quit),
            Action::Palette => self.palette = Some(CommandPalette::default()),
            Action::Shortcuts => self.dialog = Some(Dialog::Shortcuts),
            Action::About => self.dialog = Some(Dialog::About),
            Action::Tour => self.begin_tour(),
            _ => self.perform_edit(ctx, action, text),
        }
    }

    fn perform_edit(&mut self, ctx: &Context, action: Action, text: Option<String>) {
        let result = match action {
            Action::Undo => self.editor.undo().map(drop),
            Action::Redo => self.editor.redo().map(drop),
            Action::Cut => {
                self.copy_out(ctx);
                self.editor.cut()
            }
            Action::Copy => {
                self.editor.copy();
                self.copy_out(ctx);
                Ok(())
            }
            Action::Paste => return self.paste(text),
            Action::Duplicate => self.editor.duplicate(),
            Action::Erase => self.editor.erase(),
            Action::SelectAll => {
                self.editor.select_all();
                Ok(())
            }
            Action::SelectPhrase => {
                self.editor.select_phrase();
                Ok(())
            }
            Action::SelectNext | Action::SelectPrevious => {
                self.editor.select_neighbour(action == Action::SelectNext);
                return self.show_selection();
            }
            Action::TypeLyric => {
                if let Some(note) = self.editor.selected_notes().first().map(|note| note.id) {
                    self.lane.type_into(&mut self.editor, note);
                }
                Ok(())
            }
            Action::Split => {
                let at = self.engine.position_ticks() as Tick;
                self.editor.split(Some(at))
            }
            Action::Merge => self.editor.merge(),
            Action::Quantise => self.editor.quantise(self.view.snap.ticks()),
            Action::SemitoneUp => self.editor.transpose(1),
            Action::SemitoneDown => self.editor.transpose(-1),
            Action::OctaveUp => self.editor.transpose(12),
            Action::OctaveDown => self.editor.transpose(-12),
            Action::NudgeLeft => self.editor.move_selected("nudge", -self.view.snap.ticks(), 0),
            Action::NudgeRight => self.editor.move_selected("nudge", self.view.snap.ticks(), 0),
            Action::Shorter => self.editor.resize_selected(0, -self.view.snap.ticks()),
            Action::Longer => self.editor.resize_selected(0, self.view.snap.ticks()),
            Action::Vibrato => self.editor.set_vibrato(Some(VIBRATO)),
            Action::NoVibrato => self.editor.set_vibrato(Some(Vibrato { depth_cents: 0.0, ..VIBRATO })),
            Action::UsualVibrato => self.editor.set_vibrato(None),
            Action::Manner(manner) => self.editor.set_manner(manner),
            Action::SmoothCurve => {
                let (from, to) = self.selected_range().unwrap_or((0, self.editor.project().end()));
                match self.view.lane {
                    Lane::Curve(kind) => self.editor.smooth_curve(kind, from, to),
                    Lane::Levels => self.editor.smooth_levels(from, to),
                }
            }
            Action::ResetCurve => value_lane::reset(&mut self.editor, self.view.lane),
            _ => return self.perform_track(ctx, action),
        };
        self.done(result);
        if matches!(action, Action::SemitoneUp | Action::SemitoneDown | Action::OctaveUp | Action::OctaveDown)
        {
            self.show_selection();
        }
    }

    fn perform_track(&mut self, ctx: &Context, action: Action) {
        let result = match action {
            Action::AddTrack => {
                let number = self.editor.project().tracks.len() + 1;
                self.editor.add_track(&t!("track.name", number = number))
            }
            Action::RemoveTrack => match self.editor.active_track() {
                Some(track) => {
                    self.editor.perform("remove-track", Command::Track(TrackCommand::Remove { track }))
                }
                None => Ok(()),
            },
            Action::DuplicateTrack => self.editor.duplicate_track(),
            Action::TrackUp => self.editor.move_track(-1),
            Action::TrackDown => self.editor.move_track(1),
            Action::AddBacking => {
                self.choose(Purpose::AddBacking);
                Ok(())
            }
            Action::NextTrack => {
                self.go_to_track(1);
                Ok(())
            }
            Action::PreviousTrack => {
                self.go_to_track(-1);
                Ok(())
            }
            Action::Mute | Action::Solo => match self.editor.active() {
                Some(track) => {
                    let (name, field) = match action {
                        Action::Mute => ("mute-track", TrackField::Mute(!track.mute)),
                        _ => ("solo-track", TrackField::Solo(!track.solo)),
                    };
                    let track = track.id;
                    self.editor.perform(name, Command::Track(TrackCommand::Set { track, field }))
                }
                None => Ok(()),
            },
            Action::HarmonyAbove => self.add_harmony(HarmonyKind::OctaveUp),
            Action::HarmonyBelow => self.add_harmony(HarmonyKind::OctaveDown),
            _ => return self.perform_view(ctx, action),
        };
        self.done(result);
    }

    fn perform_view(&mut self, ctx: &Context, action: Action) {
        let width = self.lanes.x;
        match action {
            Action::PlayPause => self.engine.toggle(),
            Action::Stop => self.engine.stop(),
            Action::ToStart => {
                self.engine.seek(0.0);
                self.view.left = 0.0;
            }
            Action::Loop => {
                let bar = self.editor.project().meter.at(0).bar();
                let all = (0, self.editor.project().end().max(bar));
                self.set_loop(match self.view.looped {
                    Some(_) => None,
                    None => self.view.last_loop.or(self.selected_range()).or(Some(all)),
                });
            }
            Action::LoopSelection => self.set_loop(self.selected_range()),
            Action::Metronome => {
                self.settings.metronome ^= true;
                self.apply_settings(ctx);
            }
            Action::CountIn => {
                self.settings.count_in ^= true;
                self.apply_settings(ctx);
            }
            Action::Follow => self.view.follow ^= true,
            Action::ToolSelect => self.view.tool = Tool::Select,
            Action::ToolDraw => self.view.tool = Tool::Draw,
            Action::ToolErase => self.view.tool = Tool::Erase,
            Action::ToolPitch => self.view.tool = Tool::Pitch,
            Action::ToolLasso => self.view.tool = Tool::Lasso,
            Action::ZoomIn => self.view.zoom_smoothly(1.4, width),
            Action::ZoomOut => self.view.zoom_smoothly(1.0 / 1.4, width),
            Action::ZoomSong => self.view.show_range(0, self.editor.project().end(), width),
            Action::ShowCurves => self.view.show_curves ^= true,
            Action::Spectrogram => self.view.show_spectrogram ^= true,
            Action::ShowTracks => {
                self.settings.show_tracks ^= true;
                self.keep_settings();
            }
            Action::Mixer => {
                self.settings.show_mixer ^= true;
                self.keep_settings();
            }
            Action::History => {
                self.settings.show_history ^= true;
                self.keep_settings();
            }
            Action::Theme => {
                self.settings.theme =
                    if ctx.theme() == egui::Theme::Dark { Theme::Light } else { Theme::Dark };
                self.apply_settings(ctx);
            }
            _ => self.perform_song(action),
        }
    }

    /// The copied lyrics go to the system's clipboard too.
    fn copy_out(&mut self, ctx: &Context) {
        let notes = self.editor.selected_notes();
        if !notes.is_empty() {
            self.copied = notes.iter().map(|note| note.lyric.as_str()).collect::<Vec<_>>().join(" ");
            // An empty clipboard would give no paste at all.
            if self.copied.is_empty() {
                self.copied = "R".into();
            }
            ctx.copy_text(self.copied.clone());
        }
    }

    /// Pastes notes at the play head; a text that comes from elsewhere is a verse, which is
    /// spread over the selected notes.
    fn paste(&mut self, text: Option<String>) {
        let verse = text.filter(|text| *text != self.copied && !text.trim().is_empty());
        let first = self.editor.selected_notes().first().map(|note| note.id);
        match (verse, first) {
            (Some(verse), Some(first)) => match self.editor.spread_lyrics(first, &verse) {
                Ok(0) => {}
                Ok(left) => self.tell(t!("lane.left", count = left)),
                Err(error) => self.complain(error.to_string()),
            },
            (Some(_), None) if self.editor.clipboard().is_empty() => self.tell(t!("notice.select-notes")),
            _ => {
                let at = self.view.snap.floor(self.engine.position_ticks());
                let pasted = self.editor.paste(at);
                self.done(pasted);
            }
        }
    }

    /// Where the selected notes begin and end.
    pub(super) fn selected_range(&self) -> Option<(Tick, Tick)> {
        let notes = self.editor.selected_notes();
        let end = notes.iter().map(|note| note.end()).max()?;
        Some((notes.first()?.onset, end))
    }

    /// Brings the first selected note into sight and sounds nothing.
    fn show_selection(&mut self) {
        if let Some(note) = self.editor.selected_notes().first() {
            self.view.keep_in_sight(note.onset as f64, self.lanes.x);
            self.view.keep_key_in_sight(f32::from(note.pitch), self.lanes.y);
        }
    }

    /// Marks what is played in a loop.
    pub(super) fn set_loop(&mut self, looped: Option<(Tick, Tick)>) {
        self.view.looped = looped;
        self.view.last_loop = looped.or(self.view.last_loop);
        let tempo = &self.editor.project().tempo;
        self.engine.set_loop(looped.map(|(from, to)| tempo.seconds(from)..tempo.seconds(to)));
    }

    fn go_to_track(&mut self, by: isize) {
        let tracks = &self.editor.project().tracks;
        let at = tracks.iter().position(|track| Some(track.id) == self.editor.active_track()).unwrap_or(0);
        let next = tracks.get(at.saturating_add_signed(by)).map(|track| track.id);
        if let Some(id) = next {
            self.editor.set_active_track(id);
        }
    }

    fn add_harmony(&mut self, kind: HarmonyKind) -> Result<(), ziyin_score::EditError> {
        match self.editor.active_track() {
            Some(track) => self.editor.add_harmony(track, kind),
            None => Ok(()),
        }
    }
}

/// The harmonies that can be added to a track in a key.
pub fn harmony_kinds(tonic: u8, scale: Scale) -> [HarmonyKind; 10] {
    let interval = |degrees| HarmonyKind::Interval { degrees, tonic, scale };
    [
        HarmonyKind::OctaveUp,
        HarmonyKind::OctaveDown,
        interval(2),
        interval(-2),
        interval(3),
        interval(-3),
        interval(4),
        interval(-4),
        interval(5),
        interval(-5),
    ]
}
