//! What can be done at this moment, and what is on.

use super::action::Action;
use super::lanes::{Lane, Tool, View};
use super::names::step_name;
use ziyin_session::editor::Editor;
use ziyin_session::settings::Settings;

/// All that decides whether an action is possible.
pub struct ActionState<'a> {
    pub editor: &'a Editor,
    pub view: &'a View,
    pub settings: &'a Settings,
    /// Whether there is a demo song.
    pub demo: bool,
    /// Whether what is played on the MIDI keyboard becomes notes.
    pub recording: bool,
    /// Whether what the microphone hears is recorded.
    pub recording_audio: bool,
}

impl ActionState<'_> {
    /// The name of an action; undo and redo say of what.
    pub fn title(&self, action: Action) -> String {
        let history = self.editor.history();
        let step = match action {
            Action::Undo => history.undo_name(),
            Action::Redo => history.redo_name(),
            _ => None,
        };
        match step {
            Some(step) => format!("{}: {}", action.title(), step_name(step)),
            None => action.title(),
        }
    }

    /// Whether an action does something at this moment.
    pub fn is_possible(&self, action: Action) -> bool {
        let selected = self.editor.selected_count();
        match action {
            Action::Undo => self.editor.history().undo_name().is_some(),
            Action::Redo => self.editor.history().redo_name().is_some(),
            Action::Merge => self.editor.selection().len() > 1,
            Action::Takes => !self.editor.selection().is_empty(),
            Action::Cut
            | Action::Copy
            | Action::Duplicate
            | Action::Erase
            | Action::SelectPhrase
            | Action::TypeLyric
            | Action::Split
            | Action::Quantise
            | Action::MuteNotes
            | Action::SemitoneUp
            | Action::SemitoneDown
            | Action::OctaveUp
            | Action::OctaveDown
            | Action::DegreeUp
            | Action::DegreeDown
            | Action::NudgeLeft
            | Action::NudgeRight
            | Action::Shorter
            | Action::Longer
            | Action::Vibrato
            | Action::NoVibrato
            | Action::UsualVibrato
            | Action::Manner(_)
            | Action::ResetPhonemes
            | Action::NextTake
            | Action::PreviousTake
            | Action::PlaySelection
            | Action::ZoomSelection
            | Action::LoopSelection => selected > 0,
            Action::PasteNotes => self.editor.has_copied(),
            Action::CopyCurve => self.shows_curve() && (selected > 0 || self.view.looped.is_some()),
            Action::PasteCurve => self.shows_curve() && self.editor.has_copied_curve(),
            Action::SetAnchor | Action::NextAnchor | Action::PreviousAnchor => {
                self.shows_curve() && self.editor.active().is_some()
            }
            Action::TrackUp => self.editor.place_of_track().is_some_and(|place| place > 0),
            Action::TrackDown => {
                let last = self.editor.project().tracks.len().wrapping_sub(1);
                self.editor.place_of_track().is_some_and(|place| place < last)
            }
            Action::HideTrack => {
                self.editor.active().is_some_and(|track| track.hidden || self.editor.can_hide(track.id))
            }
            Action::ShowAllTracks => self.editor.project().tracks.iter().any(|track| track.hidden),
            Action::RemoveTrack
            | Action::DuplicateTrack
            | Action::NewFolder
            | Action::Mute
            | Action::Solo
            | Action::HarmonyAbove
            | Action::HarmonyBelow => self.editor.active().is_some(),
            Action::SelectNotes | Action::AddBreaths => {
                self.editor.active().is_some_and(|track| !track.notes.is_empty())
            }
            Action::NextMarker | Action::PreviousMarker => !self.editor.project().markers.is_empty(),
            Action::Tour => self.demo,
            _ => true,
        }
    }

    fn shows_curve(&self) -> bool {
        matches!(self.view.lane, Lane::Curve(_))
    }

    /// Whether what an action switches is on.
    pub fn is_on(&self, action: Action) -> bool {
        match action {
            Action::Loop => self.view.looped.is_some(),
            Action::Record => self.recording,
            Action::StepInput => self.view.step_input,
            Action::Metronome => self.settings.metronome,
            Action::CountIn => self.settings.count_in,
            Action::Follow => self.view.follow,
            Action::ToolSelect => self.view.tool == Tool::Select,
            Action::ToolDraw => self.view.tool == Tool::Draw,
            Action::ToolErase => self.view.tool == Tool::Erase,
            Action::ToolPitch => self.view.tool == Tool::Pitch,
            Action::ToolLasso => self.view.tool == Tool::Lasso,
            Action::ShowTracks => self.settings.show_tracks,
            Action::ShowCurves => self.view.shows_curves(),
            Action::ShowPhonemes => self.view.show_phonemes,
            Action::Spectrogram => self.view.show_spectrogram,
            Action::RecordAudio => self.recording_audio,
            Action::ShowScale => self.view.show_scale,
            Action::Ghosts => !self.view.ghosts.none,
            Action::Arrangement => self.settings.show_arrangement,
            Action::Mixer => self.settings.show_mixer,
            Action::NotePanel => self.settings.show_note,
            Action::History => self.settings.show_history,
            Action::HideTrack => self.editor.active().is_some_and(|track| track.hidden),
            Action::MuteNotes => self.editor.are_muted(),
            Action::Mute => self.editor.active().is_some_and(|track| track.mute),
            Action::Solo => self.editor.active().is_some_and(|track| track.solo),
            _ => false,
        }
    }
}
