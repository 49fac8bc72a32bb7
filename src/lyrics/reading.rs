//! The lyrics of a track, note by note, turned into what is sung.

use super::alias::{Alias, read_alias};
use super::english;
use super::hangul::{self, Block};
use super::kana::{self, Mora, is_kana};
use super::kanji::{self, OnNote, Said, is_japanese, is_kanji, said_on_notes};
use super::lines::{LyricInput, TrackLanguage};
use super::polyphones::{is_hanzi, readings};
use super::script::language_of;
use super::spelling::{Spelling, cut_letters};
use super::transfer::in_recorded_sounds;
use super::unreadable::Unreadable;
use super::verse::pieces;
use super::{Language, Phoneme, SungSyllable, erhua::rhotic};

/// What a note sings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reading {
    /// One syllable, or several that share the note; never none.
    Sung(Vec<SungSyllable>),
    /// The vowel of the note before goes on.
    Hold,
    Breath,
    Rest,
    /// Nobody could read it: it is marked on its note and hummed.
    Unknown {
        text: String,
        reason: Unreadable,
    },
}

/// Reads the lyrics of a whole track in the order of its notes, so that each polyphone is
/// chosen from its phrase, and sounds meet across notes as they do in speech. Gives one
/// reading per note.
///
/// With `None` the language of each lyric is told from its script, and that of hanzi and
/// Latin letters from the track. Kana and hangul are read as what they are in any case.
///
/// Hanzi, pinyin (with tone digits, tone marks or none), kana, romaji, UTAU aliases such
/// as `a か`, hangul, and all of them mixed, or words of English; `-`, `ー` and `—` hold; `+` sings the next
/// syllable of the word that an earlier note wrote out; `br` is a breath; `R` or nothing is
/// a rest. 儿 behind another hanzi on the same note colours its vowel, as *-r* does in
/// pinyin.
pub fn read_lyrics(notes: &[LyricInput], language: impl Into<Option<Language>>) -> Vec<Reading> {
    read_passage(notes, TrackLanguage::of(notes, language.into()))
}

/// Whether what stands before a note says nothing of how it is read, and it nothing of how
/// that is read. Passages from one such note to another can be read apart, see
/// [`read_passage`].
pub fn begins_passage(note: &LyricInput) -> bool {
    // What holds, or goes on with a word, is none of these.
    let is_word = |c: char| c.is_alphanumeric() && !matches!(c, 'ー' | '々');
    note.after_rest && !note.lyric.is_empty() && note.lyric.chars().all(is_word)
}

/// Reads a passage of a track as [`read_lyrics`] reads it within the whole.
pub fn read_passage(notes: &[LyricInput], track: TrackLanguage) -> Vec<Reading> {
    let languages = track.of_notes(notes);
    let own = notes.iter().zip(&languages);
    let mut written: Vec<Written> =
        own.map(|(note, &own)| Written::of(note, own, track.is_guessed && note.language.is_none())).collect();
    if track.has_kanji {
        read_kanji(notes, &languages, &mut written);
    }
    if languages.contains(&Language::English) {
        join_parts_of_words(notes, &mut written);
    }
    let chosen = choose_readings(notes, &written);
    let mut all: Vec<Reading> = Vec::with_capacity(notes.len());
    // Where the last word was written, for the `+` that follow it.
    let mut word_at: Option<usize> = None;
    for (i, written) in written.into_iter().enumerate() {
        let reading = match written {
            Written::Fixed(Reading::Hold) => Reading::Hold,
            Written::Fixed(reading) => {
                word_at = None;
                reading
            }
            Written::NextOfWord => match word_at.and_then(|at| take_next(&mut all, at)) {
                Some(rest) => {
                    word_at = Some(i);
                    Reading::Sung(rest)
                }
                None => Reading::Hold,
            },
            Written::Word(parts) => {
                word_at = Some(i);
                sing(notes[i].lyric, parts, &chosen[i])
            }
        };
        all.push(reading);
    }
    settle_beats(&mut all, notes);
    for sung in all.iter_mut().filter_map(sung_mut).flatten() {
        sung.syllable = in_recorded_sounds(sung.syllable);
    }
    all
}

/// Puts what the words say in the place of kanji, and of kana that are said otherwise than they are
/// written. A track that has no kanji has its kana as they sound: songs are often written so.
fn read_kanji(notes: &[LyricInput], languages: &[Language], written: &mut [Written]) {
    let text = |at: usize| {
        let lyric = notes[at].lyric;
        let is_own = languages[at] == Language::Japanese || lyric.chars().any(is_kana);
        let text = match read_alias(lyric) {
            Alias::Text(text) => text,
            // What stands for a breath among kana is a word among kanji: 息.
            Alias::Breath if lyric.chars().any(is_kanji) => lyric,
            _ => return None,
        };
        (is_own && is_japanese(text)).then_some(text)
    };
    let on_note = |at: usize, written: &Written| match (written, text(at)) {
        (Written::Fixed(Reading::Hold) | Written::NextOfWord, _) => OnNote::Nothing,
        (_, Some(text)) => OnNote::Text(text),
        _ => OnNote::Other,
    };
    let ends = |at: usize, written: &Written| {
        let is_still = matches!(written, Written::Fixed(Reading::Rest | Reading::Breath));
        notes[at].after_rest || is_still && text(at).is_none()
    };
    let mut from = 0;
    while from < notes.len() {
        let next = (from + 1..notes.len()).find(|&at| ends(at, &written[at]));
        let to = next.unwrap_or(notes.len());
        let phrase: Vec<OnNote> = (from..to).map(|at| on_note(at, &written[at])).collect();
        for (at, said) in (from..to).zip(said_on_notes(&phrase)) {
            if !notes[at].pronunciation.trim().is_empty() || text(at).is_none() {
                continue;
            }
            written[at] = match said {
                Said::AsWritten => continue,
                Said::Unknown if notes[at].lyric.contains(|c| kanji::digit(c).is_some()) => {
                    Written::unknown(notes[at].lyric.trim(), Unreadable::Number)
                }
                Said::Unknown => Written::unknown(notes[at].lyric.trim(), Unreadable::Kanji),
                Said::As(said) => match kanji::moras(&said) {
                    Some(moras) if moras == [Mora::Long] => Written::Fixed(Reading::Hold),
                    Some(moras) => Written::Word(moras.into_iter().map(LyricPart::Mora).collect()),
                    None => Written::unknown(notes[at].lyric.trim(), Unreadable::Kanji),
                },
            };
        }
        from = to;
    }
}

fn sung_mut(reading: &mut Reading) -> Option<&mut Vec<SungSyllable>> {
    if let Reading::Sung(syllables) = reading { Some(syllables) } else { None }
}

/// All but the first syllable of the word on note `at`, which keeps the first.
fn take_next(all: &mut [Reading], at: usize) -> Option<Vec<SungSyllable>> {
    match &mut all[at] {
        Reading::Sung(syllables) if syllables.len() > 1 => Some(syllables.split_off(1)),
        _ => None,
    }
}

/// Reads the parts of an English word that stand on notes of their own, `hap-` and `py`, as the word:
/// the first note has it, the others go on with it.
fn join_parts_of_words(notes: &[LyricInput], written: &mut [Written]) {
    let part = |at: usize| {
        let lyric = notes[at].lyric.trim();
        let is_part = lyric.starts_with(char::is_alphabetic) && matches!(written[at], Written::Word(_));
        (is_part && notes[at].pronunciation.trim().is_empty()).then_some(lyric)
    };
    let mut words: Vec<(String, Vec<usize>)> = Vec::new();
    let mut open = false;
    for at in 0..notes.len() {
        open &= !notes[at].after_rest;
        match (part(at), &written[at]) {
            (Some(lyric), _) => {
                match words.last_mut().filter(|_| open) {
                    Some((word, places)) => {
                        word.push_str(lyric.trim_end_matches('-'));
                        places.push(at);
                    }
                    None => words.push((lyric.trim_end_matches('-').into(), vec![at])),
                }
                open = lyric.ends_with('-');
            }
            (None, Written::Fixed(Reading::Hold)) => {}
            (None, _) => open = false,
        }
    }
    for (word, places) in words.into_iter().filter(|(_, places)| places.len() > 1) {
        let Ok(syllables) = english::words(&word) else { continue };
        for &at in &places {
            written[at] = Written::NextOfWord;
        }
        written[places[0]] = Written::Word(english_parts(syllables));
    }
}

/// What is written on a note, before hanzi and hangul are read.
enum Written {
    Fixed(Reading),
    NextOfWord,
    Word(Vec<LyricPart>),
}

enum LyricPart {
    Typed(Spelling),
    Hanzi,
    /// 儿 that only colours the vowel before it.
    Er,
    Mora(Mora),
    Hangul(Block),
    English(SungSyllable),
    Unreadable(Unreadable),
}

impl Written {
    /// `track` is the language of the track, which `guessed` says nobody set.
    fn of(note: &LyricInput, track: Language, guessed: bool) -> Self {
        let lyric = note.lyric.trim();
        match lyric {
            "" | "R" | "r" if note.pronunciation.trim().is_empty() => return Written::Fixed(Reading::Rest),
            "br" | "Br" | "BR" => return Written::Fixed(Reading::Breath),
            "-" | "ー" | "—" | "――" | "——" | "–" | "~" | "～" => {
                return Written::Fixed(Reading::Hold);
            }
            "+" | "+~" | "+*" => return Written::NextOfWord,
            _ => {}
        }
        let pronunciation = note.pronunciation.trim();
        if !pronunciation.is_empty() {
            let sounds = || english::phones(pronunciation).map(english_parts);
            let (parts, reason) = match language_of(pronunciation, track, guessed) {
                Language::English => {
                    let words = || english::words(pronunciation).ok().map(english_parts);
                    (sounds().or_else(words), Unreadable::NotEnglish)
                }
                Language::Japanese => (japanese(pronunciation), Unreadable::NotRomaji),
                Language::Korean => (korean(pronunciation), Unreadable::NotHangul),
                Language::Mandarin => {
                    let typed =
                        typed(pronunciation).map(|all| all.into_iter().map(LyricPart::Typed).collect());
                    (typed, Unreadable::NotPinyin)
                }
            };
            let parts = parts.or_else(sounds);
            return parts.map_or_else(|| Written::unknown(pronunciation, reason), Written::Word);
        }
        let language = language_of(lyric, track, guessed);
        if language == Language::English {
            return match english::words(lyric) {
                Ok(syllables) => Written::Word(english_parts(syllables)),
                Err(reason) => Written::unknown(lyric, reason),
            };
        }
        let text = match read_alias(lyric) {
            Alias::Rest => return Written::Fixed(Reading::Rest),
            Alias::Breath => return Written::Fixed(Reading::Breath),
            // `a k` in pinyin would be nonsense, but is not for us to judge.
            Alias::Hold if language == Language::Japanese => return Written::Fixed(Reading::Hold),
            Alias::Text(text) if language == Language::Japanese => text,
            _ => lyric,
        };
        let parts = match language {
            Language::Japanese => japanese(text).unwrap_or_else(|| parts_of(text, language)),
            Language::Korean => korean(text).unwrap_or_else(|| parts_of(text, language)),
            Language::Mandarin | Language::English => parts_of(text, language),
        };
        match parts
            .iter()
            .find_map(|part| if let LyricPart::Unreadable(reason) = part { Some(*reason) } else { None })
        {
            Some(reason) => Written::unknown(lyric, reason),
            None if parts.is_empty() => Written::unknown(lyric, Unreadable::NoLetters),
            // A lengthening alone holds.
            None if parts.iter().all(|part| matches!(part, LyricPart::Mora(Mora::Long))) => {
                Written::Fixed(Reading::Hold)
            }
            None => Written::Word(parts),
        }
    }

    fn unknown(text: &str, reason: Unreadable) -> Self {
        Written::Fixed(Reading::Unknown { text: text.into(), reason })
    }
}

fn english_parts(syllables: Vec<SungSyllable>) -> Vec<LyricPart> {
    syllables.into_iter().map(LyricPart::English).collect()
}

/// Typed pinyin of one or more syllables.
fn typed(text: &str) -> Option<Vec<Spelling>> {
    text.split_whitespace()
        .map(cut_letters)
        .collect::<Option<Vec<_>>>()?
        .concat()
        .iter()
        .map(|syllable| Spelling::read(syllable))
        .collect()
}

/// A text of nothing but kana and romaji.
fn japanese(text: &str) -> Option<Vec<LyricPart>> {
    let moras = kana::moras(text)?;
    (!moras.is_empty()).then(|| moras.into_iter().map(LyricPart::Mora).collect())
}

/// A text of nothing but hangul.
fn korean(text: &str) -> Option<Vec<LyricPart>> {
    let mut parts = Vec::new();
    let mut begins_word = false;
    for c in text.chars() {
        match Block::of(c) {
            Some(block) => {
                parts.push(LyricPart::Hangul(Block { begins_word, ..block }));
                begins_word = false;
            }
            None if c.is_alphanumeric() => return None,
            None => begins_word = !parts.is_empty(),
        }
    }
    (!parts.is_empty()).then_some(parts)
}

/// Words in which 儿 is a syllable of its own, even where they share a note.
const CHILD_WORDS: [&str; 13] =
    ["女儿", "婴儿", "孤儿", "幼儿", "少儿", "胎儿", "健儿", "男儿", "孩儿", "宠儿", "儿", "小儿", "生儿"];

/// The parts of a text in any scripts; `language` is that of its hanzi and Latin letters.
fn parts_of(lyric: &str, language: Language) -> Vec<LyricPart> {
    let pieces = pieces(lyric);
    let hanzi: String = pieces.iter().flat_map(|piece| piece.chars()).filter(|&c| is_hanzi(c)).collect();
    let is_child = CHILD_WORDS.contains(&hanzi.as_str());
    let mut parts: Vec<LyricPart> = Vec::new();
    for piece in &pieces {
        let first = piece.chars().next().unwrap_or(' ');
        parts.push(match first {
            // A hold inside one note says nothing more than the note itself.
            '-' | '+' => continue,
            c if is_kana(c) => match kana::moras(piece) {
                Some(moras) => {
                    parts.extend(moras.into_iter().map(LyricPart::Mora));
                    continue;
                }
                None => LyricPart::Unreadable(Unreadable::UnknownCharacter),
            },
            '\u{1100}'..='\u{11ff}' | '\u{3130}'..='\u{318f}' => {
                LyricPart::Unreadable(Unreadable::LooseLetter)
            }
            c if Block::of(c).is_some() => {
                parts.extend(korean(piece).into_iter().flatten());
                continue;
            }
            // Words are read later, and put in its place.
            c if language == Language::Japanese && (is_kanji(c) || kanji::digit(c).is_some()) => {
                LyricPart::Unreadable(Unreadable::Kanji)
            }
            '儿' | '兒' if !is_child && matches!(parts.last(), Some(LyricPart::Hanzi)) => LyricPart::Er,
            _ if is_hanzi(first) || digit_name(first).is_some() && language == Language::Mandarin => {
                LyricPart::Hanzi
            }
            _ if !first.is_alphabetic() => LyricPart::Unreadable(Unreadable::NoLetters),
            _ if first > '\u{2e80}' => LyricPart::Unreadable(Unreadable::UnknownCharacter),
            _ => match (language, Spelling::read(piece)) {
                // English has been read as a whole.
                (Language::Mandarin | Language::English, Some(spelling)) => LyricPart::Typed(spelling),
                (Language::Mandarin | Language::English, None) => {
                    LyricPart::Unreadable(Unreadable::NotPinyin)
                }
                (Language::Korean, _) => LyricPart::Unreadable(Unreadable::NotHangul),
                (Language::Japanese, _) => match kana::moras(piece) {
                    Some(moras) => {
                        parts.extend(moras.into_iter().map(LyricPart::Mora));
                        continue;
                    }
                    None => LyricPart::Unreadable(Unreadable::NotRomaji),
                },
            },
        });
    }
    parts
}

/// Digits are sung as the numbers that they are.
fn digit_name(c: char) -> Option<char> {
    let digit = c.to_digit(10)?;
    "零一二三四五六七八九".chars().nth(digit as usize)
}

/// What the phrase makes of the characters on one note, in their order on it.
#[derive(Clone, Default)]
struct Chosen {
    hanzi: Vec<Option<Spelling>>,
    hangul: Vec<SungSyllable>,
}

/// The readings of hanzi, chosen from the words around them, and the sounds of hangul,
/// which meet those around them.
fn choose_readings(notes: &[LyricInput], written: &[Written]) -> Vec<Chosen> {
    let mut chosen = vec![Chosen::default(); notes.len()];
    let mut hanzi: Vec<(usize, char)> = Vec::new();
    let mut hangul: Vec<(usize, Block)> = Vec::new();
    let mut finish = |hanzi: &mut Vec<(usize, char)>, hangul: &mut Vec<(usize, Block)>| {
        let chars: Vec<char> = hanzi.iter().map(|&(_, c)| c).collect();
        for ((note, _), reading) in hanzi.drain(..).zip(readings(&chars)) {
            chosen[note].hanzi.push(reading);
        }
        let said = hangul::pronounced(&hangul.iter().map(|&(_, block)| block).collect::<Vec<_>>());
        for (((note, _), block), syllable) in hangul.drain(..).zip(&said).zip(hangul::syllables(&said)) {
            chosen[note].hangul.push(SungSyllable { syllable, pinyin: block.written().into() });
        }
    };
    for (i, (note, written)) in notes.iter().zip(written).enumerate() {
        if note.after_rest
            || matches!(written, Written::Fixed(Reading::Rest | Reading::Breath | Reading::Unknown { .. }))
        {
            finish(&mut hanzi, &mut hangul);
        }
        let Written::Word(parts) = written else { continue };
        // The hanzi under a pronunciation still belong to the phrase; kanji are read.
        let is_japanese = parts.iter().any(|part| matches!(part, LyricPart::Mora(_)));
        let of_note = note.lyric.chars().map(|c| digit_name(c).filter(|_| !has_typed(parts)).unwrap_or(c));
        hanzi.extend(of_note.filter(|&c| is_hanzi(c) && !is_japanese).map(|c| (i, c)));
        hangul.extend(
            parts.iter().filter_map(|part| {
                if let LyricPart::Hangul(block) = part { Some((i, *block)) } else { None }
            }),
        );
    }
    finish(&mut hanzi, &mut hangul);
    chosen
}

/// Whether pinyin stands on the note, so that its digits are tones.
fn has_typed(parts: &[LyricPart]) -> bool {
    parts.iter().any(|part| matches!(part, LyricPart::Typed(_)))
}

fn sing(lyric: &str, parts: Vec<LyricPart>, chosen: &Chosen) -> Reading {
    let (mut hanzi, mut hangul) = (chosen.hanzi.iter(), chosen.hangul.iter());
    let mut syllables: Vec<SungSyllable> = Vec::new();
    let unknown = |reason| Reading::Unknown { text: lyric.trim().into(), reason };
    for part in parts {
        let spelling = match part {
            LyricPart::Typed(spelling) => Some(spelling),
            LyricPart::Hanzi => hanzi.next().cloned().flatten(),
            LyricPart::Er => {
                hanzi.next();
                if let Some(last) = syllables.last_mut() {
                    last.syllable = rhotic(last.syllable);
                    let digit = last.pinyin.find(|c: char| c.is_ascii_digit()).unwrap_or(last.pinyin.len());
                    last.pinyin.insert(digit, 'r');
                }
                continue;
            }
            LyricPart::Mora(mora) => {
                // ー adds nothing to the note that it shares.
                let syllable = kana::syllable(mora);
                syllables.extend(
                    syllable.map(|syllable| SungSyllable { syllable, pinyin: kana::in_romaji(&syllable) }),
                );
                continue;
            }
            LyricPart::Hangul(_) => {
                syllables.extend(hangul.next().cloned());
                continue;
            }
            LyricPart::English(sung) => {
                syllables.push(sung);
                continue;
            }
            LyricPart::Unreadable(reason) => return unknown(reason),
        };
        let Some((spelling, syllable)) = spelling.and_then(|s| s.syllable().map(|syllable| (s, syllable)))
        else {
            return unknown(Unreadable::UnknownCharacter);
        };
        syllables.push(SungSyllable { syllable, pinyin: spelling.written() });
    }
    if syllables.is_empty() { Reading::Hold } else { Reading::Sung(syllables) }
}

/// Puts ん and っ, beats without a vowel, where they belong once words are spread over
/// their notes: behind the vowel that they share a note with. Alone on a note ん is hummed
/// and っ is silence. ん takes the place of the sound after it, on this note or the next.
fn settle_beats(all: &mut [Reading], notes: &[LyricInput]) {
    let opening = |reading: &Reading| match reading {
        Reading::Sung(syllables) => Some(syllables[0].syllable.first()),
        Reading::Hold => None,
        _ => Some(Phoneme::Rest),
    };
    for i in 0..all.len() {
        let after = (i + 1..all.len())
            .find_map(|next| if notes[next].after_rest { Some(Phoneme::Rest) } else { opening(&all[next]) })
            .unwrap_or(Phoneme::Rest);
        let Reading::Sung(beats) = &mut all[i] else { continue };
        let mut settled: Vec<SungSyllable> = Vec::with_capacity(beats.len());
        for at in 0..beats.len() {
            let mut beat = beats[at].clone();
            let next = beats.get(at + 1).map_or(after, |next| next.syllable.first());
            let coda = match beat.syllable.nucleus {
                Phoneme::Nn => kana::moraic_nasal_before(next),
                Phoneme::Q => Phoneme::Q,
                _ => {
                    settled.push(beat);
                    continue;
                }
            };
            match settled.last_mut().filter(|last| last.syllable.coda == Phoneme::None) {
                Some(last) => {
                    last.syllable.coda = coda;
                    last.pinyin.push_str(&beat.pinyin);
                }
                None if coda == Phoneme::Q => {}
                None => {
                    beat.syllable.nucleus = coda;
                    settled.push(beat);
                }
            }
        }
        all[i] = if settled.is_empty() { Reading::Rest } else { Reading::Sung(settled) };
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::{Phoneme, guess_language};
    use super::*;

    fn read(lyrics: &[&str]) -> Vec<String> {
        let notes: Vec<LyricInput> =
            lyrics.iter().map(|lyric| LyricInput { lyric, ..Default::default() }).collect();
        read_lyrics(&notes, Language::Mandarin).into_iter().map(shown).collect()
    }

    fn shown(reading: Reading) -> String {
        match reading {
            Reading::Sung(all) => all.into_iter().map(|s| s.pinyin).collect::<Vec<_>>().join(" "),
            Reading::Unknown { reason, .. } => format!("{reason:?}"),
            other => format!("{other:?}"),
        }
    }

    #[test]
    fn a_polyphone_is_read_from_the_notes_around_it() {
        assert_eq!(read(&["银", "行"]), ["yin2", "hang2"]);
        assert_eq!(read(&["银", "-", "行"]), ["yin2", "Hold", "hang2"]);
        assert_eq!(read(&["我", "行", "走"]), ["wo3", "xing2", "zou3"]);
    }

    #[test]
    fn a_rest_ends_the_phrase() {
        let note = |lyric, after_rest| LyricInput { lyric, after_rest, ..Default::default() };
        let read = |after_rest| {
            let all = read_lyrics(&[note("银", false), note("行", after_rest)], Language::Mandarin);
            shown(all[1].clone())
        };
        assert_eq!(read(false), "hang2");
        assert_eq!(read(true), "xing2");
    }

    #[test]
    fn marks_are_understood() {
        assert_eq!(
            read(&["啊", "-", "ー", "—", "br", "R", ""]),
            ["a5", "Hold", "Hold", "Hold", "Breath", "Rest", "Rest"]
        );
    }

    #[test]
    fn a_word_is_spread_over_the_notes_that_follow_it() {
        assert_eq!(read(&["茉莉花", "+", "+", "+"]), ["mo4", "li4", "hua1", "Hold"]);
        assert_eq!(read(&["茉莉花", "+"]), ["mo4", "li4 hua1"]);
        assert_eq!(read(&["zhongguo", "-", "+"]), ["zhong", "Hold", "guo"]);
    }

    #[test]
    fn erhua_colours_the_vowel() {
        assert_eq!(read(&["花儿", "huar", "女儿"]), ["huar1", "huar", "nv3 er2"]);
        assert_eq!(read(&["花", "儿"]), ["hua1", "er2"]);
        let Reading::Sung(all) =
            &read_lyrics(&[LyricInput { lyric: "花儿", ..Default::default() }], Language::Mandarin)[0]
        else {
            panic!("not sung");
        };
        assert_eq!(all[0].syllable.coda, Phoneme::Er);
    }

    #[test]
    fn a_pronunciation_overrides_the_lyric() {
        let notes = [LyricInput { lyric: "行", pronunciation: "hang2", ..Default::default() }];
        assert_eq!(shown(read_lyrics(&notes, Language::Mandarin).remove(0)), "hang2");
        let notes = [LyricInput { lyric: "行", pronunciation: "what", ..Default::default() }];
        assert_eq!(shown(read_lyrics(&notes, Language::Mandarin).remove(0)), "NotPinyin");
    }

    #[test]
    fn what_cannot_be_read_is_kept_with_its_reason() {
        assert_eq!(
            read(&["love", "ㅋㅋ", "?!", "𠮷x"]),
            ["NotPinyin", "LooseLetter", "NoLetters", "UnknownCharacter"]
        );
        assert_eq!(read(&["好，", "3"]), ["hao3", "san1"]);
    }

    fn read_in(language: impl Into<Option<Language>>, lyrics: &[&str]) -> Vec<String> {
        let notes: Vec<LyricInput> =
            lyrics.iter().map(|lyric| LyricInput { lyric, ..Default::default() }).collect();
        read_lyrics(&notes, language).into_iter().map(shown).collect()
    }

    #[test]
    fn kana_and_hangul_are_read_whatever_the_track_says() {
        for language in [Some(Language::Mandarin), Some(Language::Korean), None] {
            assert_eq!(read_in(language, &["か", "カー", "きょう", "한국"]), ["ka", "ka", "kyo u", "한 국"]);
        }
        assert_eq!(read_in(None, &["好", "さ", "달", "ni3"]), ["hao3", "sa", "달", "ni3"]);
    }

    #[test]
    fn letters_and_hanzi_are_read_in_the_language_of_the_track() {
        assert_eq!(read_in(None, &["sa", "ku", "ra"]), ["sa", "ku", "ra"]);
        assert_eq!(read_in(None, &["ka", "ko", "tsu"]), ["ka", "ko", "tsu"]);
        assert_eq!(read_in(None, &["ni3", "hao3", "shi"]), ["ni3", "hao3", "shi"]);
        assert_eq!(read_in(None, &["か", "ra", "a ka", "桜"]), ["ka", "ra", "ka", "sa ku ra"]);
        assert_eq!(read_in(Language::Japanese, &["love", "花"]), ["NotRomaji", "ha na"]);
        assert_eq!(read_in(Language::Japanese, &["们", "12"]), ["Kanji", "Number"]);
        assert_eq!(read_in(Language::Korean, &["baby", "달"]), ["NotHangul", "달"]);
        assert_eq!(
            Unreadable::Kanji.to_string(),
            "Japanese has no such kanji: write it in kana, or choose another language"
        );
    }

    #[test]
    fn aliases_of_voicebanks_are_read_as_their_text() {
        assert_eq!(
            read_in(None, &["- ど", "o れ_D#4", "e い", "い sh", "し", "i ん", "n R", "息"]),
            ["do", "re", "i", "Hold", "shi", "n", "Rest", "Breath"]
        );
        // In Mandarin a letter before a space is a syllable.
        assert_eq!(read_in(None, &["a ya", "好"]), ["a ya", "hao3"]);
    }

    /// The sounds of what each note sings.
    fn sounds(lyrics: &[&str]) -> Vec<String> {
        let notes: Vec<LyricInput> =
            lyrics.iter().map(|lyric| LyricInput { lyric, ..Default::default() }).collect();
        let ipa = |reading| match reading {
            Reading::Sung(all) => all
                .iter()
                .map(|s| s.syllable.phonemes().map(Phoneme::ipa).collect::<String>())
                .collect::<Vec<_>>()
                .join("."),
            other => shown(other),
        };
        read_lyrics(&notes, None).into_iter().map(ipa).collect()
    }

    #[test]
    fn n_takes_the_place_of_the_sound_after_it() {
        assert_eq!(sounds(&["さ", "ん", "ぽ"]), ["sa", "m", "po"]);
        assert_eq!(sounds(&["さん", "ぽ"]), ["sam", "po"]);
        assert_eq!(sounds(&["さん", "-", "た"]), ["san", "Hold", "ta"]);
        assert_eq!(sounds(&["か", "ん", "こ", "く"]), ["ka", "ŋ", "ko", "kɯ"]);
        assert_eq!(sounds(&["ほ", "ん", "を"]), ["ho", "ɴ", "o"]);
        assert_eq!(sounds(&["ほん"]), ["hoŋ"]);
        assert_eq!(sounds(&["さん", "+", "ぽ"]), ["sa", "m", "po"], "a word of two beats over two notes");
    }

    #[test]
    fn a_doubled_consonant_is_a_beat_of_silence() {
        assert_eq!(sounds(&["き", "っ", "て"]), ["ki", "Rest", "te"]);
        assert_eq!(sounds(&["きっ", "て"]), ["ki", "te"]);
        assert_eq!(sounds(&["sakura", "+", "+"]), ["sa", "kɯ", "ɾa"]);
    }

    #[test]
    fn hangul_meets_hangul_across_notes() {
        assert_eq!(read(&["국", "물"]), ["궁", "물"]);
        assert_eq!(read(&["꽃", "-", "이"]), ["꼬", "Hold", "치"]);
        assert_eq!(read(&["꽃", "R", "이"]), ["꼳", "Rest", "이"]);
        assert_eq!(read(&["사랑", "+", "해"]), ["사", "랑", "해"]);
        // The unreleased k is silence.
        assert_eq!(sounds(&["한", "국"]), ["han", "ɡu"]);
    }

    #[test]
    fn english_is_read_by_words() {
        let english = |lyrics: &[&str]| read_in(Language::English, lyrics);
        assert_eq!(english(&["happy", "+", "-"]), ["HH AE1", "P IY0", "Hold"]);
        assert_eq!(english(&["hap-py"]), ["HH AE1 P IY0"]);
        assert_eq!(english(&["hap-", "-", "py"]), ["HH AE1", "Hold", "P IY0"]);
        assert_eq!(english(&["won-", "der-", "ful", "day"]), ["W AH1 N", "D ER0", "F AH0 L", "D EY1"]);
        assert_eq!(english(&["fire-", "+"]), ["F AY1", "ER0"]);
        assert_eq!(
            english(&["don't", "stop,", "I'm", "here"]),
            ["D OW1 N T", "S T AA1 P", "AY1 M", "HH IY1 R"]
        );
        assert_eq!(
            english(&["99", "love7", "?!", "br", "R", "breath"]),
            ["Number", "Number", "NoLetters", "Breath", "Rest", "B R EH1 TH"]
        );
        assert_eq!(english(&["花", "か", "한"]), ["hua1", "ka", "한"]);
        let rest = LyricInput { lyric: "py", after_rest: true, ..LyricInput::default() };
        let parted = [LyricInput { lyric: "hap-", ..LyricInput::default() }, rest];
        let read: Vec<String> = read_lyrics(&parted, Language::English).into_iter().map(shown).collect();
        assert_eq!(read, ["HH AE1 P", "P IY1"], "no word goes across a rest");
    }

    #[test]
    fn kana_that_are_pasted_leave_the_hanzi_of_other_lines_what_they_are() {
        let rest = |lyric| LyricInput { lyric, after_rest: true, ..Default::default() };
        let note = |lyric| LyricInput { lyric, ..Default::default() };
        let line =
            [rest("好"), note("一"), note("朵"), rest("さ"), note("く"), note("ら"), rest("花"), note("が")];
        let read = read_lyrics(&line, None);
        let pinyin = |reading: &Reading| match reading {
            Reading::Sung(sung) => sung[0].pinyin.clone(),
            other => format!("{other:?}"),
        };
        assert_eq!(read[..3].iter().map(pinyin).collect::<Vec<_>>(), ["hao3", "yi4", "duo3"]);
        assert!(read[3..6].iter().all(|reading| matches!(reading, Reading::Sung(_))));
        // Among kana it is a kanji, and in a track that is said to be Japanese each of them is.
        assert_eq!(pinyin(&read[6]), "ha");
        let said = read_lyrics(&line, Language::Japanese);
        assert_eq!(said[1..2].iter().map(pinyin).collect::<Vec<_>>(), ["i"]);
    }

    #[test]
    fn kanji_are_read_by_their_words() {
        let japanese = |lyrics: &[&str]| read_in(None, lyrics);
        assert_eq!(
            japanese(&["今日", "+", "は", "時", "計", "+", "が", "止", "ま", "る"]),
            ["kyo", "Hold", "wa", "to", "ke", "i", "ga", "to", "ma", "ru"]
        );
        // A word that stands on a note for each character, and one that was laid on too few.
        assert_eq!(japanese(&["明", "日", "へ"]), ["a", "shi ta", "e"]);
        assert_eq!(japanese(&["学校", "を"]), ["gaq ko", "o"]);
        assert_eq!(japanese(&["学", "+", "校", "+", "を"]), ["ga", "Rest", "ko", "Hold", "o"]);
        assert_eq!(
            japanese(&["空", "の", "息", "+", "を", "-", "吸", "う"]),
            ["so ra", "no", "i", "ki", "o", "Hold", "su", "u"]
        );
        assert_eq!(japanese(&["love", "は", "花"]), ["L AH1 V", "wa", "ha na"]);
        // Where nothing is written in kanji, kana are what they are, and 息 is a breath.
        assert_eq!(japanese(&["き", "み", "は", "息"]), ["ki", "mi", "ha", "Breath"]);
        assert_eq!(japanese(&["か強", "は"]), ["ka", "ha"]);
    }

    #[test]
    fn a_note_is_read_in_the_language_that_was_chosen_for_it() {
        let note = |lyric, language| LyricInput { lyric, language, ..Default::default() };
        let (japanese, english) = (Some(Language::Japanese), Some(Language::English));
        let read = |notes: &[LyricInput], track: Option<Language>| {
            read_lyrics(notes, track).into_iter().map(shown).collect::<Vec<_>>()
        };
        let notes = [note("花", None), note("花", japanese), note("は", japanese), note("me", english)];
        assert_eq!(read(&notes, Some(Language::Mandarin)), ["hua1", "ha na", "wa", "M IY1"]);
        assert_eq!(read(&[note("好", None), note("花", japanese)], None), ["hao3", "ha na"]);
        let line = [note("花", Some(Language::Mandarin)), note("が", None), note("空", None)];
        assert_eq!(read(&line, None), ["hua1", "ga", "so ra"]);
        assert_eq!(read(&[note("hap-", english), note("py", english)], None), ["HH AE1", "P IY0"]);
    }

    #[test]
    fn another_reading_of_a_kanji_leaves_the_words_around_it_what_they_are() {
        let note = |lyric, pronunciation| LyricInput { lyric, pronunciation, ..Default::default() };
        let notes = [note("今日", "こんにち"), note("+", ""), note("は", ""), note("晴", ""), note("れ", "")];
        let read: Vec<String> = read_lyrics(&notes, None).into_iter().map(shown).collect();
        assert_eq!(read, ["ko", "n ni chi", "wa", "ha", "re"]);
    }

    #[test]
    fn what_is_plainly_english_is_taken_for_it() {
        let guess = |lyrics: &[&str]| {
            let notes: Vec<LyricInput> =
                lyrics.iter().map(|lyric| LyricInput { lyric, ..Default::default() }).collect();
            guess_language(&notes)
        };
        assert_eq!(guess(&["he", "loves", "me", "too"]), Language::English);
        assert_eq!(guess(&["twinkle", "+", "little", "+", "star"]), Language::English);
        assert_eq!(guess(&["ni", "hao", "women", "he", "pao"]), Language::Mandarin);
        assert_eq!(guess(&["sa", "ku", "ra", "ga"]), Language::Japanese);
        assert_eq!(guess(&["我", "love", "你"]), Language::Mandarin);
        assert_eq!(guess(&["I", "love", "you", "我", "爱"]), Language::Mandarin);
        // Where nobody chose a language, a word stands for itself.
        assert_eq!(read_in(None, &["我", "love", "你"]), ["wo3", "L AH1 V", "ni3"]);
    }

    #[test]
    fn a_pronunciation_may_be_in_any_script() {
        let note = |lyric, pronunciation| LyricInput { lyric, pronunciation, ..Default::default() };
        let notes = [note("桜", "さくら"), note("行", "xing2"), note("값", "갑"), note("明日", "asu")];
        let sounds = [note("read", "R IY1 D"), note("lead", "led")];
        assert_eq!(
            read_lyrics(&sounds, Language::English).into_iter().map(super::tests::shown).collect::<Vec<_>>(),
            ["R IY1 D", "L EH1 D"]
        );
        assert_eq!(super::tests::shown(read_lyrics(&sounds, Language::Mandarin).remove(0)), "R IY1 D");
        let shown: Vec<String> =
            read_lyrics(&notes[..3], Language::Mandarin).into_iter().map(shown).collect();
        assert_eq!(shown, ["sa ku ra", "xing2", "갑"]);
        assert_eq!(super::tests::shown(read_lyrics(&notes[3..], Language::Japanese).remove(0)), "a su");
    }

    proptest! {
        #[test]
        fn no_lyric_panics_and_none_is_dropped(lyrics in prop::collection::vec("\\PC{0,6}|[a-zü1-5':儿行花长\\-+]{0,8}|[かんっゃーカガ゛꽃이닭ㅋ aR_]{0,6}", 0..12), overrides in prop::collection::vec("\\PC{0,4}|[a-z1-5]{0,5}", 12)) {
            let notes: Vec<LyricInput> = lyrics.iter().zip(&overrides)
                .map(|(lyric, pronunciation)| LyricInput { lyric, pronunciation, after_rest: lyric.len() == 3, ..Default::default() })
                .collect();
            for language in [None, Some(Language::Japanese), Some(Language::Korean), Some(Language::English)] {
                let all = read_lyrics(&notes, language);
                prop_assert_eq!(all.len(), notes.len());
                prop_assert!(all.iter().all(|r| !matches!(r, Reading::Sung(s) if s.is_empty())));
            }
            let all = read_lyrics(&notes, Language::Mandarin);
            prop_assert_eq!(all.len(), notes.len());
            prop_assert!(all.iter().all(|r| !matches!(r, Reading::Sung(s) if s.is_empty())));
            let _ = crate::split_into_syllables(&lyrics.concat(), None);
            let _ = crate::split_into_syllables(&lyrics.concat(), Language::Japanese);
        }
    }
}
