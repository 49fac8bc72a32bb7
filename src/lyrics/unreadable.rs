//! Why a lyric is not sung as it is written.

use ziyin_message::{Message, ToMessage, message};

/// Why a lyric could not be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.to_message())]
pub enum Unreadable {
    NotPinyin,
    NotRomaji,
    Kanji,
    NotHangul,
    NotEnglish,
    Number,
    LooseLetter,
    UnknownCharacter,
    NoLetters,
}

impl ToMessage for Unreadable {
    fn to_message(&self) -> Message {
        match self {
            Self::NotPinyin => message!("unreadable.not-pinyin"),
            Self::NotRomaji => message!("unreadable.not-romaji"),
            Self::Kanji => message!("unreadable.kanji"),
            Self::NotHangul => message!("unreadable.not-hangul"),
            Self::NotEnglish => message!("unreadable.not-english"),
            Self::Number => message!("unreadable.number"),
            Self::LooseLetter => message!("unreadable.loose-letter"),
            Self::UnknownCharacter => message!("unreadable.unknown-character"),
            Self::NoLetters => message!("unreadable.no-letters"),
        }
    }
}
