use ziyin_lyrics::{Language, LyricInput, Reading, SungSyllable, read_lyrics, to_hiragana};
use ziyin_message::{Message, message};

/// How lyrics are written for singers of other programs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LyricForm {
    /// As they stand in the song.
    #[default]
    AsWritten,
    /// Mandarin in pinyin without tones, ü as `v`.
    Pinyin,
    /// Japanese in hiragana.
    Kana,
    /// Japanese in Hepburn romaji.
    Romaji,
}

impl LyricForm {
    pub const ALL: [LyricForm; 4] = [Self::AsWritten, Self::Pinyin, Self::Kana, Self::Romaji];

    /// The word that names it on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::AsWritten => "as-written",
            Self::Pinyin => "pinyin",
            Self::Kana => "kana",
            Self::Romaji => "romaji",
        }
    }

    /// Lyrics that this form cannot write.
    pub(super) fn unwritten(self) -> Message {
        let form = match self {
            Self::AsWritten | Self::Pinyin => message!("form.pinyin"),
            Self::Kana => message!("form.kana"),
            Self::Romaji => message!("form.romaji"),
        };
        message!("left-out.lyrics", form)
    }

    /// The lyrics of a line in this form, one for each note, with how many this form cannot write.
    /// Those stay as they are; so do rests, breaths, and what nobody can read.
    pub(super) fn write(self, notes: &[LyricInput], language: Option<Language>) -> (Vec<String>, usize) {
        if self == Self::AsWritten {
            return (notes.iter().map(|note| note.lyric.to_string()).collect(), 0);
        }
        let mut unwritten = 0;
        let write = |(note, reading): (&LyricInput, Reading)| match reading {
            Reading::Hold => "-".into(),
            Reading::Sung(syllables) => self.word(note, &syllables).unwrap_or_else(|| {
                unwritten += 1;
                note.lyric.to_string()
            }),
            Reading::Unknown { .. } => {
                unwritten += 1;
                note.lyric.to_string()
            }
            Reading::Breath | Reading::Rest => note.lyric.to_string(),
        };
        let written = notes.iter().zip(read_lyrics(notes, language)).map(write).collect();
        (written, unwritten)
    }

    fn word(self, note: &LyricInput, syllables: &[SungSyllable]) -> Option<String> {
        if self == Self::Kana
            && let Some(kana) = to_hiragana(note.lyric).filter(|_| !note.lyric.is_ascii())
            && note.pronunciation.is_empty()
            // Particles are written as they sound: who sings them there reads no words.
            && !matches!(note.lyric, "は" | "へ")
        {
            return Some(kana);
        }
        let write = |sung: &SungSyllable| {
            // Korean is read as hangul, whatever language's sounds it is sung in.
            let language = sung.syllable.language;
            let letters = sung.pinyin.trim_end_matches(|c: char| c.is_ascii_digit());
            match self {
                _ if !letters.is_ascii() => None,
                Self::Pinyin if language == Language::Mandarin => Some(letters.to_string()),
                Self::Kana if language == Language::Japanese => to_hiragana(letters),
                Self::Romaji if language == Language::Japanese => {
                    // っ is the silence before the next consonant.
                    Some(letters.strip_suffix('q').unwrap_or(letters).to_string())
                }
                _ => None,
            }
        };
        let between = if self == Self::Kana { "" } else { " " };
        let words: Vec<String> = syllables.iter().map(write).collect::<Option<_>>()?;
        Some(words.join(between))
    }
}
