//! What other programs give: the text of the clipboard, and files that are dropped on the view. The latter
//! goes by version 5 of the protocol XDND (<https://www.freedesktop.org/wiki/Specifications/XDND/>).

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;
use std::path::PathBuf;
use std::sync::Arc;

use percent_encoding::percent_decode;
use x11rb::connection::Connection;
use x11rb::errors::{ConnectionError, ReplyError};
use x11rb::protocol::Event;
use x11rb::protocol::xproto::{
    Atom, AtomEnum, ClientMessageEvent, ConnectionExt, EventMask, PropMode, SelectionNotifyEvent, Timestamp,
    Window,
};
use x11rb::rust_connection::RustConnection;
use x11rb::wrapper::ConnectionExt as _;
use x11rb::{CURRENT_TIME, NONE};

/// The version of the protocol that is spoken.
const VERSION: u32 = 5;
/// Bytes that are taken of what is given, at most; a multiple of four.
const MOST_BYTES: u32 = 1 << 20;
/// Kinds that a source offers, at most.
const KINDS: u32 = 1024;

x11rb::atom_manager! {
    Atoms: AtomsCookie {
        CLIPBOARD,
        UTF8_STRING,
        INCR,
        ZIYIN_GIVEN,
        FILES: b"text/uri-list",
        XdndAware,
        XdndEnter,
        XdndPosition,
        XdndStatus,
        XdndLeave,
        XdndDrop,
        XdndFinished,
        XdndSelection,
        XdndTypeList,
        XdndActionCopy,
    }
}

/// What was given.
#[derive(Debug, PartialEq)]
pub enum Gift {
    /// The text of the clipboard; none where it has none, or more than anybody sings.
    Text(Option<String>),
    /// The files that were dropped.
    Files(Vec<PathBuf>),
}

/// A window that takes what is given to it.
pub struct Given {
    connection: Arc<RustConnection>,
    window: Window,
    atoms: Atoms,
    /// The window of the program that drags something over this one, if there are files among it.
    source: Option<Window>,
}

impl Given {
    /// From now on files can be dropped on the window.
    ///
    /// # Errors
    /// If the server has gone.
    pub fn begin(connection: Arc<RustConnection>, window: Window) -> Result<Self, ReplyError> {
        let atoms = Atoms::new(&connection)?.reply()?;
        connection.change_property32(
            PropMode::REPLACE,
            window,
            atoms.XdndAware,
            AtomEnum::ATOM,
            &[VERSION],
        )?;
        Ok(Self { connection, window, atoms, source: None })
    }

    /// Asks for the text of the clipboard.
    ///
    /// # Errors
    /// If the server has gone.
    pub fn ask_for_text(&self) -> Result<(), ConnectionError> {
        self.ask(self.atoms.CLIPBOARD, self.atoms.UTF8_STRING, CURRENT_TIME)
    }

    fn ask(&self, selection: Atom, kind: Atom, time: Timestamp) -> Result<(), ConnectionError> {
        let place = self.atoms.ZIYIN_GIVEN;
        self.connection.convert_selection(self.window, selection, kind, place, time)?;
        self.connection.flush()
    }

    /// Takes in what comes from the server; gives what was given.
    ///
    /// # Errors
    /// If the server has gone.
    pub fn take(&mut self, event: &Event) -> Result<Option<Gift>, ConnectionError> {
        match event {
            Event::ClientMessage(message) if message.format == 32 => self.hear(message).map(|()| None),
            Event::SelectionNotify(told) => self.fetch(told),
            _ => Ok(None),
        }
    }

    /// What the program says that drags.
    fn hear(&mut self, message: &ClientMessageEvent) -> Result<(), ConnectionError> {
        let said = message.data.as_data32();
        let (kind, from) = (message.type_, said[0]);
        if kind == self.atoms.XdndEnter {
            let many = said[1] & 1 != 0;
            let offers = if many { self.offers_of(from) } else { said[2..].contains(&self.atoms.FILES) };
            self.source = offers.then_some(from);
        } else if kind == self.atoms.XdndPosition {
            let takes = self.source == Some(from);
            let action = if takes { self.atoms.XdndActionCopy } else { NONE };
            self.say(from, self.atoms.XdndStatus, [self.window, takes.into(), 0, 0, action])?;
        } else if kind == self.atoms.XdndLeave {
            self.source = None;
        } else if kind == self.atoms.XdndDrop {
            if self.source == Some(from) {
                self.ask(self.atoms.XdndSelection, self.atoms.FILES, said[2])?;
            } else {
                self.say(from, self.atoms.XdndFinished, [self.window, 0, NONE, 0, 0])?;
            }
        }
        Ok(())
    }

    /// Whether there are files among what a program offers that has more than three kinds of it.
    fn offers_of(&self, source: Window) -> bool {
        let list = self.atoms.XdndTypeList;
        let asked = self.connection.get_property(false, source, list, AtomEnum::ATOM, 0, KINDS);
        let kinds = asked.ok().and_then(|asked| asked.reply().ok());
        kinds.is_some_and(|kinds| {
            kinds.value32().is_some_and(|mut kinds| kinds.any(|kind| kind == self.atoms.FILES))
        })
    }

    /// Takes what was asked for from where it was laid.
    fn fetch(&mut self, told: &SelectionNotifyEvent) -> Result<Option<Gift>, ConnectionError> {
        let bytes = if told.property == self.atoms.ZIYIN_GIVEN { self.laid()? } else { None };
        if told.selection == self.atoms.CLIPBOARD {
            return Ok(Some(Gift::Text(bytes.map(|bytes| String::from_utf8_lossy(&bytes).into_owned()))));
        }
        let Some(source) = self.source.take().filter(|_| told.selection == self.atoms.XdndSelection) else {
            return Ok(None);
        };
        let files = files(&bytes.unwrap_or_default());
        let took = u32::from(!files.is_empty());
        let action = if files.is_empty() { NONE } else { self.atoms.XdndActionCopy };
        self.say(source, self.atoms.XdndFinished, [self.window, took, action, 0, 0])?;
        Ok(Some(Gift::Files(files)).filter(|_| took > 0))
    }

    /// What was laid at the window; none if it is too much.
    fn laid(&self) -> Result<Option<Vec<u8>>, ConnectionError> {
        let (place, any) = (self.atoms.ZIYIN_GIVEN, AtomEnum::ANY);
        let asked = self.connection.get_property(true, self.window, place, any, 0, MOST_BYTES / 4)?;
        // What can be known of it no longer is no gift.
        let Ok(laid) = asked.reply() else { return Ok(None) };
        // What does not fit into the server comes bit by bit: no verse is so long.
        let whole = laid.type_ != self.atoms.INCR && laid.bytes_after == 0 && laid.format == 8;
        if laid.bytes_after > 0 {
            self.connection.delete_property(self.window, place)?;
        }
        Ok(whole.then_some(laid.value))
    }

    fn say(&self, to: Window, kind: Atom, data: [u32; 5]) -> Result<(), ConnectionError> {
        let message = ClientMessageEvent::new(32, to, kind, data);
        self.connection.send_event(false, to, EventMask::NO_EVENT, message)?;
        self.connection.flush()
    }
}

/// The paths of a list of addresses, one a line, as RFC 2483 has it. What is no file of this machine is left
/// out.
fn files(list: &[u8]) -> Vec<PathBuf> {
    let lines = list.split(|&byte| byte == b'\n').map(<[u8]>::trim_ascii);
    let path = |line: &[u8]| {
        let address = line.strip_prefix(b"file://")?;
        // Between the slashes may stand the name of the machine.
        let path = &address[address.iter().position(|&byte| byte == b'/')?..];
        Some(PathBuf::from(OsString::from_vec(percent_decode(path).collect())))
    };
    lines.filter_map(path).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_become_paths() {
        let list = b"# a comment\r\nfile:///songs/a%20song.mid\r\nhttp://elsewhere/b.mid\r\n\
            file://here/%E6%AD%8C.ziyin\r\nfile:/no\r\nfile:///50%\r\n";
        let paths = ["/songs/a song.mid", "/歌.ziyin", "/50%"].map(PathBuf::from);
        assert_eq!(files(list), paths);
        assert!(files(b"").is_empty() && files(&[0xff; 40]).is_empty());
        assert_eq!(files(b"file:///%+1%2"), [PathBuf::from("/%+1%2")]);
    }
}
