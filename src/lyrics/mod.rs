//! Text to syllables to phonemes. One phoneme inventory serves every language, so that
//! a singer recorded in one can sing another.

mod phoneme;
mod pinyin;
mod syllable;

pub use phoneme::Phoneme;
pub use pinyin::{all_pinyin, pinyin_to_syllable};
pub use syllable::{Language, Syllable};
