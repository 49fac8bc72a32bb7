//! Which language the lyrics of a track are in, note by note.

use super::Language;
use super::alias::{Alias, read_alias};
use super::kana::is_kana;
use super::kanji::{is_kanji, is_known};
use super::polyphones::is_hanzi;
use super::script::{TONED, is_toned, track_language};

/// What stands on one note.
#[derive(Clone, Copy, Debug, Default)]
pub struct LyricInput<'a> {
    /// The text in the lyric lane.
    pub lyric: &'a str,
    /// What the user wants sung instead of the usual reading: pinyin, kana, romaji, hangul,
    /// English words or their sounds in ARPABET (`HH AE1 P IY0`); empty for none.
    pub pronunciation: &'a str,
    /// Whether a rest stands before the note: no word goes across it.
    pub after_rest: bool,
    /// The language that was chosen for the note, whatever its track is in.
    pub language: Option<Language>,
}

/// Seconds without a note that are a rest, across which no word goes ([`LyricInput::after_rest`]).
pub const REST: f64 = 0.4;

/// What all lyrics of a track say of the language of each of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TrackLanguage {
    /// The language of Latin letters, and of hanzi where it was chosen.
    pub language: Language,
    /// Whether nobody chose it.
    pub is_guessed: bool,
    /// That of lines of hanzi which might be in two languages, where it is guessed and there are kana.
    /// Without them nothing asks for what hanzi Japanese is written with, which takes a moment to unpack.
    hanzi: Option<Language>,
    /// Whether its Japanese is written with kanji: then kana are read as words too, particles among them.
    pub(super) has_kanji: bool,
}

impl TrackLanguage {
    /// The language of a track that has these lyrics, and the one that was chosen for it.
    pub fn of(notes: &[LyricInput], chosen: Option<Language>) -> Self {
        let language = chosen.unwrap_or_else(|| guess_language(notes));
        let mut track = Self { language, is_guessed: chosen.is_none(), hanzi: None, has_kanji: false };
        if track.is_guessed && notes.iter().any(|note| note.lyric.chars().any(is_spoken_kana)) {
            track.hanzi = Some(language_of_hanzi(lines(notes).map(Script::of_notes)));
        }
        let own = notes.iter().zip(track.of_notes(notes));
        track.has_kanji = own
            .filter(|(note, own)| *own == Language::Japanese || note.lyric.chars().any(is_spoken_kana))
            .any(
                |(note, _)| matches!(read_alias(note.lyric), Alias::Text(text) if text.chars().any(is_kanji)),
            );
        track
    }

    /// The language that hanzi and Latin letters of each note are in: the one that was chosen for it or
    /// for the track, else what the script of the line says, from rest to rest. Hanzi among kana are
    /// kanji, and so are those of lines of hanzi in a track of such lines; a line of kana that is pasted
    /// into a Mandarin song makes no kanji of its others.
    pub fn of_notes(self, notes: &[LyricInput]) -> Vec<Language> {
        let mut languages = Vec::with_capacity(notes.len());
        for line in lines(notes) {
            let guessed = self.hanzi.map(|hanzi| Script::of_notes(line).language().unwrap_or(hanzi));
            let hanzi = guessed.unwrap_or(self.language);
            // Of a line in two languages what Japanese has not at all is Mandarin.
            let has_foreign = guessed == Some(Language::Japanese);
            languages.extend(line.iter().map(|note| {
                let has = |is: fn(char) -> bool| note.lyric.chars().any(is);
                note.language.unwrap_or_else(|| match has(is_kanji) {
                    false => self.language,
                    true if has_foreign && has(is_foreign) => Language::Mandarin,
                    true => hanzi,
                })
            }));
        }
        languages
    }
}

/// The language that [`super::read_lyrics`] tells from the lyrics of a track; notes that have one of
/// their own say nothing of it.
pub fn guess_language(notes: &[LyricInput]) -> Language {
    track_language(notes.iter().filter(|note| note.language.is_none()).map(|note| note.lyric))
}

/// The language of lines of hanzi among others. It takes twice as much in kanji and kana to make them
/// Japanese.
pub(super) fn language_of_hanzi(lines: impl Iterator<Item = Script>) -> Language {
    let (mut japanese, mut other) = (0, 0);
    for line in lines.filter(|line| line.hanzi > 0) {
        match line.language() {
            Some(Language::Japanese) => japanese += line.kana + line.hanzi,
            _ => other += line.hanzi,
        }
    }
    if japanese > 2 * other { Language::Japanese } else { Language::Mandarin }
}

/// Notes from rest to rest.
fn lines<'a, 'n>(notes: &'a [LyricInput<'n>]) -> impl Iterator<Item = &'a [LyricInput<'n>]> {
    notes.chunk_by(|_, next| !next.after_rest)
}

fn is_spoken_kana(c: char) -> bool {
    is_kana(c) && c != 'ー'
}

/// Whether a hanzi is none of those that Japanese is written with.
fn is_foreign(c: char) -> bool {
    is_hanzi(c) && !is_known(c)
}

/// What a line is written with.
#[derive(Default)]
pub(super) struct Script {
    kana: usize,
    hanzi: usize,
    /// Hanzi that Japanese has not.
    foreign: usize,
}

impl Script {
    fn of_notes(line: &[LyricInput]) -> Self {
        Self::of(line.iter().filter(|note| note.language.is_none()).map(|note| note.lyric))
    }

    /// What words are written with.
    pub(super) fn of<'a>(words: impl Iterator<Item = &'a str>) -> Self {
        let mut script = Self::default();
        for word in words {
            for c in word.chars() {
                script.kana += usize::from(is_spoken_kana(c));
                script.hanzi += usize::from(is_kanji(c));
                script.foreign += usize::from(is_kanji(c) && is_foreign(c));
            }
            // Nothing else is written with tones.
            script.hanzi += if is_toned(word) { TONED } else { 0 };
        }
        script
    }

    /// The language of its hanzi, `None` where it has none or they might be in either. Among hanzi that
    /// Japanese has not a kana or two are ornament, as in 我の爱.
    pub(super) fn language(&self) -> Option<Language> {
        let Self { kana, hanzi, foreign } = *self;
        match (hanzi, foreign) {
            (0, _) => None,
            (_, 0) if kana == 0 => None,
            (_, 0) => Some(if kana * 4 > hanzi { Language::Japanese } else { Language::Mandarin }),
            _ => Some(if kana > hanzi { Language::Japanese } else { Language::Mandarin }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The language of the first note of each line.
    fn languages(lines: &[&str], chosen: Option<Language>) -> String {
        let letters: Vec<Vec<String>> =
            lines.iter().map(|line| line.chars().map(String::from).collect()).collect();
        let notes: Vec<LyricInput> = (letters.iter())
            .flat_map(|line| line.iter().enumerate())
            .map(|(at, lyric)| LyricInput { lyric, after_rest: at == 0, ..Default::default() })
            .collect();
        let own = notes.iter().zip(TrackLanguage::of(&notes, chosen).of_notes(&notes));
        own.filter(|(note, _)| note.after_rest).map(|(_, own)| &own.name()[..1]).collect()
    }

    #[test]
    fn each_line_says_by_its_script_which_language_it_is_in() {
        assert_eq!(languages(&["好一朵美丽的茉莉花", "さくら"], None), "mj");
        assert_eq!(languages(&["好", "さくら"], None), "mj");
        assert_eq!(languages(&["桜の花が咲く", "永遠", "さくら"], None), "jjj");
        assert_eq!(languages(&["桜の花が咲く", "我爱你", "永远爱你", "永遠"], None), "jmmm");
        assert_eq!(languages(&["我の爱", "我爱你们"], None), "mm");
        assert_eq!(languages(&["花", "永遠"], None), "mm");
        assert_eq!(languages(&["花が", "我爱你们"], Some(Language::Mandarin)), "mm");
        assert_eq!(languages(&["花", "永遠"], Some(Language::Japanese)), "jj");
    }
}
