//! Everything that can be done in the studio: menus, shortcuts and the command palette
//! are made from this one table.

use egui::{Key, Modifiers};
use rust_i18n::t;

use ziyin_score::Manner;

/// Something that the user can ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Action {
    New,
    /// Songs to begin with, and the open one as such.
    Templates,
    Open,
    Save,
    SaveAs,
    ExportAudio,
    ExportSong,
    Preferences,
    Quit,
    Undo,
    Redo,
    Cut,
    Copy,
    Paste,
    /// Notes without their curves.
    PasteNotes,
    Duplicate,
    Erase,
    SelectAll,
    SelectPhrase,
    SelectNext,
    SelectPrevious,
    SelectNotes,
    FindLyrics,
    InsertTime,
    DeleteTime,
    /// A note at the play head, which goes on behind it.
    InsertNote,
    /// The play head goes on by the grid.
    StepOn,
    TypeLyric,
    Split,
    Merge,
    Quantise,
    /// The selected notes are not sung, or sung again.
    MuteNotes,
    SemitoneUp,
    SemitoneDown,
    OctaveUp,
    OctaveDown,
    /// By degrees of the key.
    DegreeUp,
    DegreeDown,
    NudgeLeft,
    NudgeRight,
    Shorter,
    Longer,
    Vibrato,
    NoVibrato,
    UsualVibrato,
    /// The manner of the selected notes; `None` leaves it to the singer.
    Manner(Option<Manner>),
    SmoothCurve,
    ResetCurve,
    /// An anchor of the curve that is shown, at the play head.
    SetAnchor,
    NextAnchor,
    PreviousAnchor,
    CopyCurve,
    PasteCurve,
    ResetPhonemes,
    AddBreaths,
    NextTake,
    PreviousTake,
    /// The takes of the selected notes, to hear one after the other.
    Takes,
    PlayPause,
    PlaySelection,
    Stop,
    /// What is played on the MIDI keyboard becomes notes, or no longer.
    Record,
    /// Keys of the MIDI keyboard become notes at the play head while nothing plays, or no longer.
    StepInput,
    ToStart,
    Loop,
    LoopSelection,
    Metronome,
    CountIn,
    Follow,
    SetTempo,
    TapTempo,
    SetMeter,
    AddMarker,
    NextMarker,
    PreviousMarker,
    AddTrack,
    RemoveTrack,
    DuplicateTrack,
    TrackUp,
    TrackDown,
    /// Lists and lanes leave the track out, or no longer.
    HideTrack,
    ShowAllTracks,
    /// The track lies in a folder of its own, to which others may come.
    NewFolder,
    AddBacking,
    /// The song plays, and what the microphone hears is laid behind it, or no longer.
    RecordAudio,
    Hear,
    CloneSinger,
    Singers,
    NextTrack,
    PreviousTrack,
    Mute,
    Solo,
    HarmonyAbove,
    HarmonyBelow,
    ToolSelect,
    ToolDraw,
    ToolErase,
    ToolPitch,
    ToolLasso,
    ZoomIn,
    ZoomOut,
    ZoomSong,
    ZoomSelection,
    ShowTracks,
    ShowCurves,
    ShowPhonemes,
    Spectrogram,
    Ghosts,
    /// The keys of the scale are lighter, rather than the white ones.
    ShowScale,
    Arrangement,
    Mixer,
    NotePanel,
    History,
    Theme,
    Palette,
    Tour,
    OpenLog,
    Shortcuts,
    About,
}

/// A menu of the bar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Menu {
    File,
    Edit,
    Notes,
    Transport,
    Tracks,
    View,
    Help,
}

impl Menu {
    pub const ALL: [Menu; 7] =
        [Menu::File, Menu::Edit, Menu::Notes, Menu::Transport, Menu::Tracks, Menu::View, Menu::Help];

    /// Its title.
    pub fn title(self) -> String {
        let key = match self {
            Menu::File => "menu.file",
            Menu::Edit => "menu.edit",
            Menu::Notes => "menu.notes",
            Menu::Transport => "menu.transport",
            Menu::Tracks => "menu.tracks",
            Menu::View => "menu.view",
            Menu::Help => "menu.help",
        };
        t!(key).into_owned()
    }
}

const NONE: Modifiers = Modifiers::NONE;
const CTRL: Modifiers = Modifiers::COMMAND;
const CTRL_SHIFT: Modifiers =
    Modifiers { alt: false, ctrl: false, shift: true, mac_cmd: false, command: true };
const SHIFT: Modifiers = Modifiers::SHIFT;
const ALT: Modifiers = Modifiers::ALT;

/// The keys of a shortcut, if there is one.
pub type Keystroke = Option<(Modifiers, Key)>;

/// Every action: its menu, its key in the language files, its shortcut.
pub const ACTIONS: &[(Action, Menu, &str, Keystroke)] = &[
    (Action::New, Menu::File, "action.new", Some((CTRL, Key::N))),
    (Action::Templates, Menu::File, "action.templates", Some((CTRL_SHIFT, Key::N))),
    (Action::Open, Menu::File, "action.open", Some((CTRL, Key::O))),
    (Action::Save, Menu::File, "action.save", Some((CTRL, Key::S))),
    (Action::SaveAs, Menu::File, "action.save-as", Some((CTRL_SHIFT, Key::S))),
    (Action::ExportAudio, Menu::File, "action.export-audio", Some((CTRL, Key::E))),
    (Action::ExportSong, Menu::File, "action.export-song", None),
    (Action::Preferences, Menu::File, "action.preferences", Some((CTRL, Key::Comma))),
    (Action::Quit, Menu::File, "action.quit", Some((CTRL, Key::Q))),
    (Action::Undo, Menu::Edit, "action.undo", Some((CTRL, Key::Z))),
    (Action::Redo, Menu::Edit, "action.redo", Some((CTRL_SHIFT, Key::Z))),
    (Action::Cut, Menu::Edit, "action.cut", Some((CTRL, Key::X))),
    (Action::Copy, Menu::Edit, "action.copy", Some((CTRL, Key::C))),
    (Action::Paste, Menu::Edit, "action.paste", Some((CTRL, Key::V))),
    (Action::PasteNotes, Menu::Edit, "action.paste-notes", Some((CTRL_SHIFT, Key::V))),
    (Action::Duplicate, Menu::Edit, "action.duplicate", Some((CTRL, Key::D))),
    (Action::Erase, Menu::Edit, "action.erase", Some((NONE, Key::Delete))),
    (Action::SelectAll, Menu::Edit, "action.select-all", Some((CTRL, Key::A))),
    (Action::SelectPhrase, Menu::Edit, "action.select-phrase", Some((CTRL_SHIFT, Key::A))),
    (Action::SelectNext, Menu::Edit, "action.select-next", Some((NONE, Key::ArrowRight))),
    (Action::SelectPrevious, Menu::Edit, "action.select-previous", Some((NONE, Key::ArrowLeft))),
    (Action::SelectNotes, Menu::Edit, "action.select-notes", Some((CTRL_SHIFT, Key::F))),
    (Action::FindLyrics, Menu::Edit, "action.find-lyrics", Some((CTRL, Key::F))),
    (Action::InsertTime, Menu::Edit, "action.insert-time", Some((CTRL_SHIFT, Key::I))),
    (Action::DeleteTime, Menu::Edit, "action.delete-time", Some((CTRL_SHIFT, Key::Delete))),
    (Action::InsertNote, Menu::Notes, "action.insert-note", Some((NONE, Key::Insert))),
    (Action::TypeLyric, Menu::Notes, "action.type-lyric", Some((NONE, Key::Enter))),
    (Action::Split, Menu::Notes, "action.split", Some((CTRL, Key::B))),
    (Action::Merge, Menu::Notes, "action.merge", Some((CTRL, Key::M))),
    (Action::Quantise, Menu::Notes, "action.quantise", Some((NONE, Key::Q))),
    (Action::MuteNotes, Menu::Notes, "action.mute-notes", Some((SHIFT, Key::M))),
    (Action::SemitoneUp, Menu::Notes, "action.semitone-up", Some((NONE, Key::ArrowUp))),
    (Action::SemitoneDown, Menu::Notes, "action.semitone-down", Some((NONE, Key::ArrowDown))),
    (Action::OctaveUp, Menu::Notes, "action.octave-up", Some((SHIFT, Key::ArrowUp))),
    (Action::OctaveDown, Menu::Notes, "action.octave-down", Some((SHIFT, Key::ArrowDown))),
    (Action::DegreeUp, Menu::Notes, "action.degree-up", Some((CTRL, Key::ArrowUp))),
    (Action::DegreeDown, Menu::Notes, "action.degree-down", Some((CTRL, Key::ArrowDown))),
    (Action::NudgeLeft, Menu::Notes, "action.nudge-left", Some((ALT, Key::ArrowLeft))),
    (Action::NudgeRight, Menu::Notes, "action.nudge-right", Some((ALT, Key::ArrowRight))),
    (Action::Shorter, Menu::Notes, "action.shorter", Some((SHIFT, Key::ArrowLeft))),
    (Action::Longer, Menu::Notes, "action.longer", Some((SHIFT, Key::ArrowRight))),
    (Action::Vibrato, Menu::Notes, "action.vibrato", None),
    (Action::NoVibrato, Menu::Notes, "action.no-vibrato", None),
    (Action::UsualVibrato, Menu::Notes, "action.usual-vibrato", None),
    (Action::Manner(Some(Manner::Soft)), Menu::Notes, "action.manner-soft", None),
    (Action::Manner(Some(Manner::Normal)), Menu::Notes, "action.manner-normal", None),
    (Action::Manner(Some(Manner::Strong)), Menu::Notes, "action.manner-strong", None),
    (Action::Manner(Some(Manner::Whisper)), Menu::Notes, "action.manner-whisper", None),
    (Action::Manner(Some(Manner::Falsetto)), Menu::Notes, "action.manner-falsetto", None),
    (Action::Manner(Some(Manner::Growl)), Menu::Notes, "action.manner-growl", None),
    (Action::Manner(None), Menu::Notes, "action.manner-usual", None),
    (Action::SmoothCurve, Menu::Notes, "action.smooth-curve", None),
    (Action::ResetCurve, Menu::Notes, "action.reset-curve", None),
    (Action::SetAnchor, Menu::Notes, "action.set-anchor", Some((NONE, Key::V))),
    (Action::NextAnchor, Menu::Notes, "action.next-anchor", Some((ALT, Key::CloseBracket))),
    (Action::PreviousAnchor, Menu::Notes, "action.previous-anchor", Some((ALT, Key::OpenBracket))),
    (Action::CopyCurve, Menu::Notes, "action.copy-curve", Some((CTRL_SHIFT, Key::C))),
    (Action::PasteCurve, Menu::Notes, "action.paste-curve", Some((CTRL_SHIFT, Key::X))),
    (Action::ResetPhonemes, Menu::Notes, "action.reset-phonemes", None),
    (Action::AddBreaths, Menu::Notes, "action.add-breaths", None),
    (Action::NextTake, Menu::Notes, "action.next-take", Some((NONE, Key::Period))),
    (Action::PreviousTake, Menu::Notes, "action.previous-take", Some((NONE, Key::Comma))),
    (Action::Takes, Menu::Notes, "action.takes", Some((CTRL, Key::Period))),
    (Action::PlayPause, Menu::Transport, "action.play-pause", Some((NONE, Key::Space))),
    (Action::PlaySelection, Menu::Transport, "action.play-selection", Some((NONE, Key::P))),
    (Action::Stop, Menu::Transport, "action.stop", Some((SHIFT, Key::Space))),
    (Action::Record, Menu::Transport, "action.record", Some((NONE, Key::R))),
    (Action::StepInput, Menu::Transport, "action.step-input", Some((NONE, Key::I))),
    (Action::ToStart, Menu::Transport, "action.to-start", Some((NONE, Key::Home))),
    (Action::StepOn, Menu::Transport, "action.step-on", Some((ALT, Key::Insert))),
    (Action::Loop, Menu::Transport, "action.loop", Some((NONE, Key::L))),
    (Action::LoopSelection, Menu::Transport, "action.loop-selection", Some((CTRL, Key::L))),
    (Action::Metronome, Menu::Transport, "action.metronome", Some((NONE, Key::K))),
    (Action::CountIn, Menu::Transport, "action.count-in", Some((SHIFT, Key::K))),
    (Action::Follow, Menu::Transport, "action.follow", Some((NONE, Key::F))),
    (Action::SetTempo, Menu::Transport, "action.set-tempo", Some((CTRL_SHIFT, Key::B))),
    (Action::TapTempo, Menu::Transport, "action.tap-tempo", Some((NONE, Key::T))),
    (Action::SetMeter, Menu::Transport, "action.set-meter", None),
    (Action::AddMarker, Menu::Transport, "action.add-marker", Some((CTRL, Key::K))),
    (Action::NextMarker, Menu::Transport, "action.next-marker", Some((NONE, Key::CloseBracket))),
    (Action::PreviousMarker, Menu::Transport, "action.previous-marker", Some((NONE, Key::OpenBracket))),
    (Action::AddTrack, Menu::Tracks, "action.add-track", Some((CTRL, Key::T))),
    (Action::RemoveTrack, Menu::Tracks, "action.remove-track", None),
    (Action::DuplicateTrack, Menu::Tracks, "action.duplicate-track", None),
    (Action::TrackUp, Menu::Tracks, "action.track-up", Some((ALT, Key::PageUp))),
    (Action::TrackDown, Menu::Tracks, "action.track-down", Some((ALT, Key::PageDown))),
    (Action::HideTrack, Menu::Tracks, "action.hide-track", Some((SHIFT, Key::H))),
    (Action::ShowAllTracks, Menu::Tracks, "action.show-all-tracks", Some((CTRL_SHIFT, Key::H))),
    (Action::NewFolder, Menu::Tracks, "action.new-folder", None),
    (Action::AddBacking, Menu::Tracks, "action.add-backing", None),
    (Action::RecordAudio, Menu::Tracks, "action.record-audio", Some((SHIFT, Key::R))),
    (Action::Hear, Menu::Tracks, "action.hear", None),
    (Action::CloneSinger, Menu::Tracks, "action.clone-singer", None),
    (Action::Singers, Menu::Tracks, "action.singers", None),
    (Action::NextTrack, Menu::Tracks, "action.next-track", Some((NONE, Key::PageDown))),
    (Action::PreviousTrack, Menu::Tracks, "action.previous-track", Some((NONE, Key::PageUp))),
    (Action::Mute, Menu::Tracks, "action.mute", Some((NONE, Key::M))),
    (Action::Solo, Menu::Tracks, "action.solo", Some((NONE, Key::S))),
    (Action::HarmonyAbove, Menu::Tracks, "action.harmony-above", None),
    (Action::HarmonyBelow, Menu::Tracks, "action.harmony-below", None),
    (Action::ToolSelect, Menu::View, "tool.select", Some((NONE, Key::Num1))),
    (Action::ToolDraw, Menu::View, "tool.draw", Some((NONE, Key::Num2))),
    (Action::ToolErase, Menu::View, "tool.erase", Some((NONE, Key::Num3))),
    (Action::ToolPitch, Menu::View, "tool.pitch", Some((NONE, Key::Num4))),
    (Action::ToolLasso, Menu::View, "tool.lasso", Some((NONE, Key::Num5))),
    (Action::ZoomIn, Menu::View, "action.zoom-in", Some((CTRL, Key::Plus))),
    (Action::ZoomOut, Menu::View, "action.zoom-out", Some((CTRL, Key::Minus))),
    (Action::ZoomSong, Menu::View, "action.zoom-song", Some((CTRL, Key::Num0))),
    (Action::ZoomSelection, Menu::View, "action.zoom-selection", Some((NONE, Key::Z))),
    (Action::ShowTracks, Menu::View, "action.show-tracks", Some((CTRL_SHIFT, Key::T))),
    (Action::ShowCurves, Menu::View, "action.show-curves", Some((CTRL, Key::U))),
    (Action::ShowPhonemes, Menu::View, "action.show-phonemes", Some((NONE, Key::H))),
    (Action::Spectrogram, Menu::View, "action.spectrogram", Some((NONE, Key::G))),
    (Action::Ghosts, Menu::View, "action.ghosts", None),
    (Action::ShowScale, Menu::View, "action.show-scale", None),
    (Action::Arrangement, Menu::View, "action.arrangement", Some((NONE, Key::A))),
    (Action::Mixer, Menu::View, "action.mixer", Some((CTRL_SHIFT, Key::M))),
    (Action::NotePanel, Menu::View, "action.note-panel", Some((NONE, Key::N))),
    (Action::History, Menu::View, "action.history", Some((CTRL, Key::H))),
    (Action::Theme, Menu::View, "action.theme", None),
    (Action::Palette, Menu::View, "action.palette", Some((CTRL_SHIFT, Key::P))),
    (Action::Tour, Menu::Help, "action.tour", None),
    (Action::OpenLog, Menu::Help, "action.open-log", None),
    (Action::Shortcuts, Menu::Help, "action.shortcuts", Some((NONE, Key::F1))),
    (Action::About, Menu::Help, "action.about", None),
];

impl Action {
    /// Its name in the language of the studio.
    pub fn title(self) -> String {
        let row = ACTIONS.iter().find(|(action, ..)| *action == self);
        row.map(|(_, _, key, _)| t!(*key).into_owned()).unwrap_or_default()
    }

    /// What files know it by.
    pub fn key(self) -> &'static str {
        ACTIONS.iter().find(|(action, ..)| *action == self).map_or("", |(_, _, key, _)| key)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn no_shortcut_is_given_twice_and_every_action_has_a_name() {
        let mut taken = HashSet::new();
        for (action, _, key, keys) in ACTIONS {
            if let Some((m, k)) = keys {
                assert!(taken.insert((m.shift, m.command, m.alt, *k)), "{action:?}");
            }
            for language in ["en", "zh-CN"] {
                let name = t!(*key, locale = language);
                assert!(!name.is_empty() && !name.contains(key), "{key} in {language}");
            }
        }
    }
}
