//! Text to syllables to phonemes. One phoneme inventory serves every language, so that
//! a singer recorded in one can sing another.

mod alias;
mod english;
mod erhua;
mod hangul;
mod kana;
mod kanji;
mod lines;
mod packed;
mod phoneme;
mod pinyin;
mod polyphones;
mod reading;
mod sandhi;
mod script;
mod spelling;
mod syllable;
mod transfer;
mod unreadable;
mod verse;

pub use english::english_readings;
pub use kana::{kana_to_syllables, moraic_nasal_before, to_hiragana};
pub use kanji::{furigana, kanji_readings, written_reading};
pub use lines::{LyricInput, REST, TrackLanguage, guess_language};
pub use phoneme::Phoneme;
pub use pinyin::{all_pinyin, pinyin_to_syllable};
pub use polyphones::alternatives;
pub use reading::{Reading, begins_passage, read_lyrics, read_passage};
pub use script::track_language;
pub use syllable::{Language, SungSyllable, Syllable};
pub use unreadable::Unreadable;
pub use verse::split_into_syllables;
