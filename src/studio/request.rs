//! What views ask of the shell, beside what they edit themselves.

use std::path::PathBuf;
use ziyin_message::ToMessage;

use super::action::Action;
use ziyin_score::{NoteId, Tick, TrackId};
use ziyin_session::editor::ChangeKind;

/// What the user asked for on a view that is no edit of the song.
#[derive(Clone, Debug, PartialEq)]
pub enum Request {
    Do(Action),
    /// Open this song.
    Open(PathBuf),
    /// Choose the file of the recording of that place in the song, which is not where it was.
    FindBacking(usize),
    /// Bring this track, or a note of it, into sight and select it.
    Show(TrackId, Option<NoteId>),
    /// Bring the selected notes into sight.
    ShowSelected,
    /// Choose the file of a singer who is to be installed.
    InstallSinger,
    /// Show a folder as the desktop shows folders.
    OpenFolder(PathBuf),
    /// Play from here.
    Seek(Tick),
    /// From now on this key is to be sounded, or none.
    Sound(Option<u8>),
    /// Type the lyric of this note.
    TypeLyric(NoteId),
    /// Change the song from this tick on, or what it changes there.
    EditChange(ChangeKind, Tick),
    RemoveChange(ChangeKind, Tick),
    /// Name the marker at this tick, or a new one there.
    EditMarker(Tick),
    RemoveMarker(Tick),
    /// Play what stands between the marker at this tick and the next over and over.
    LoopSection(Tick),
    /// Select the notes of all tracks that begin there.
    SelectSection(Tick),
    /// Tell this to the user, in the language of the studio.
    Tell(String),
    /// Tell why an edit was not possible.
    Complain(String),
}

/// What was asked for in a frame, in its order.
#[derive(Default)]
pub struct Requests(Vec<Request>);

impl Requests {
    pub fn ask(&mut self, request: Request) {
        self.0.push(request);
    }

    /// Asks for an action.
    pub fn act(&mut self, action: Action) {
        self.ask(Request::Do(action));
    }

    /// Tells why an edit was not possible, if it was not.
    pub fn done<E: ToMessage>(&mut self, result: Result<(), E>) {
        if let Err(error) = result {
            self.ask(Request::Complain(error.in_full().said()));
        }
    }
}

impl IntoIterator for Requests {
    type Item = Request;
    type IntoIter = std::vec::IntoIter<Request>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}
