//! What the system and the library of JSON say, as messages.

use std::io::{self, ErrorKind};

use serde_json::error::Category;

use super::{Message, ToMessage, message};

/// Input/output error, which has no kind.
const EIO: i32 = 5;
/// No such device, which has none either.
const ENODEV: i32 = 19;
/// Too many open files, by one program and by all.
const TOO_MANY: [i32; 2] = [24, 23];

impl ToMessage for io::Error {
    fn to_message(&self) -> Message {
        if let Some(message) = self.get_ref().and_then(|inner| inner.downcast_ref::<Message>()) {
            return message.clone();
        }
        match self.kind() {
            ErrorKind::NotFound => message!("io.not-found"),
            ErrorKind::PermissionDenied => message!("io.permission-denied"),
            ErrorKind::AlreadyExists => message!("io.already-exists"),
            ErrorKind::NotADirectory => message!("io.no-folder"),
            ErrorKind::IsADirectory => message!("io.is-a-folder"),
            ErrorKind::StorageFull => message!("io.storage-full"),
            ErrorKind::ReadOnlyFilesystem => message!("io.read-only"),
            ErrorKind::InvalidFilename => message!("io.bad-name"),
            ErrorKind::QuotaExceeded => message!("io.quota"),
            ErrorKind::ResourceBusy => message!("io.busy"),
            ErrorKind::UnexpectedEof => message!("io.too-short"),
            _ if self.raw_os_error() == Some(EIO) => message!("io.broken"),
            _ if self.raw_os_error() == Some(ENODEV) => message!("io.no-device"),
            _ if self.raw_os_error().is_some_and(|code| TOO_MANY.contains(&code)) => message!("io.too-many"),
            _ => Message::foreign(self),
        }
    }
}

impl ToMessage for serde_json::Error {
    fn to_message(&self) -> Message {
        let (line, column) = (self.line(), self.column());
        match self.classify() {
            Category::Eof => message!("json.breaks-off", line, column),
            Category::Syntax => message!("json.unreadable", line, column),
            Category::Io | Category::Data => Message::foreign(self),
        }
    }
}
