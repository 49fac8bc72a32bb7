//! Dictionaries that are packed into the program, a word on a line.

use std::io::Read;

use flate2::read::GzDecoder;

/// All of a packed file. It is part of the program, and tests read it: there is nobody to tell.
pub(super) fn unpacked(packed: &[u8]) -> Vec<u8> {
    let mut all = Vec::new();
    let _ = GzDecoder::new(packed).read_to_end(&mut all);
    all
}

/// A text and where each of its lines begins.
pub(super) struct Lines {
    pub text: String,
    pub starts: Vec<u32>,
}

impl Lines {
    pub fn unpacked(packed: &[u8]) -> Self {
        let text = String::from_utf8(unpacked(packed)).unwrap_or_default();
        let ends = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(at, _)| at as u32 + 1);
        let mut starts: Vec<u32> = std::iter::once(0).chain(ends).collect();
        starts.pop();
        Self { text, starts }
    }
}
