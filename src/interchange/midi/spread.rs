//! Several characters on one note: musicians type a line on its first note and expect it
//! to run over the notes that follow.

use super::{super::Report, voices::VoiceNote};
use ziyin_message::{Message, message};

/// The shortest part that a note is divided into: a 64th.
const SHORTEST_PART: i64 = 60;

/// The most parts that a note is divided into: more is no lyric of a note.
const MOST_PARTS: i64 = 32;

/// Notes this close to the one before (a sixteenth) still hold its vowel.
const HOLD_GAP: i64 = 240;

/// Spreads lyrics of several characters over the following notes that have none, and what
/// is left over the note itself. Notes still without lyric hold the vowel before them.
pub fn spread(notes: Vec<VoiceNote>, track: usize, report: &mut Report) -> Vec<VoiceNote> {
    let mut spread = Vec::with_capacity(notes.len());
    let mut notes = notes.into_iter().peekable();
    let (mut run_on, mut held) = (Counted::default(), Counted::default());
    while let Some(note) = notes.next() {
        let Some(lyric) = &note.lyric else {
            spread.push(note);
            continue;
        };
        let mut units = units(lyric);
        let mut free = vec![note];
        while free.len() < units.characters.len() && notes.peek().is_some_and(|next| next.lyric.is_none()) {
            free.extend(notes.next());
        }
        if free.len() > 1 {
            run_on.count(&free[0]);
        }
        let alone = free.len() - 1;
        let rest = units.characters.split_off(alone);
        for (mut note, character) in free.iter().cloned().zip(units.characters) {
            note.lyric = Some(character);
            spread.push(note);
        }
        let last = free.swap_remove(alone);
        let parts = rest.len() as i64;
        if (2..=MOST_PARTS).contains(&parts)
            && units.divides
            && last.end - last.onset >= parts * SHORTEST_PART
        {
            let text = message!("warning.divided", parts, text = rest.concat());
            report.warn(track, last.onset, text);
            spread.extend(divide(&last, rest));
        } else {
            let lyric = if alone == 0 { last.lyric } else { Some(rest.concat()) };
            spread.push(VoiceNote { lyric, ..last });
        }
    }
    let mut end_before = None;
    for note in &mut spread {
        if note.lyric.is_none() && end_before.is_some_and(|end| note.onset - end <= HOLD_GAP) {
            held.count(note);
            note.lyric = Some("-".into());
        }
        // A note after a rest begins anew; nothing can be held over to it, nor from it.
        end_before = note.lyric.as_ref().map(|_| note.end);
    }
    run_on.warn(track, |count| message!("warning.spread", count), report);
    held.warn(track, |count| message!("warning.held", count), report);
    spread
}

fn divide(note: &VoiceNote, characters: Vec<String>) -> impl Iterator<Item = VoiceNote> {
    let (onset, length, pitch) = (note.onset, note.end - note.onset, note.pitch);
    let parts = characters.len() as i64;
    characters.into_iter().zip(0..).map(move |(character, part)| VoiceNote {
        onset: onset + length * part / parts,
        end: onset + length * (part + 1) / parts,
        pitch,
        lyric: Some(character),
    })
}

#[derive(Default)]
struct Counted {
    times: usize,
    first: i64,
}

impl Counted {
    fn count(&mut self, note: &VoiceNote) {
        if self.times == 0 {
            self.first = note.onset;
        }
        self.times += 1;
    }

    fn warn(&self, track: usize, what: impl Fn(usize) -> Message, report: &mut Report) {
        if self.times > 0 {
            report.warn(track, self.first, what(self.times));
        }
    }
}

/// A lyric in the parts that can stand on a note each.
struct Units {
    characters: Vec<String>,
    /// Whether a single note may be divided among them. Hanzi and hangul are a syllable
    /// each; several kana on one note are often meant to be sung on it.
    divides: bool,
}

fn units(lyric: &str) -> Units {
    let whole = |text: &str| Units { characters: vec![text.into()], divides: false };
    let written = |test: fn(char) -> bool| lyric.chars().any(test);
    let foreign = |c: char| c.is_alphanumeric() && !is_hanzi(c) && !is_kana(c) && !is_hangul(c);
    if written(is_kana) && written(is_hanzi) {
        // Nobody knows here how many moras a kanji has.
        return whole(lyric);
    }
    if lyric.chars().any(foreign) {
        let words: Vec<String> = lyric.split_whitespace().map(String::from).collect();
        return if words.len() > 1 { Units { characters: words, divides: false } } else { whole(lyric) };
    }
    let mut characters: Vec<String> = Vec::new();
    for c in lyric.chars().filter(|c| !c.is_whitespace()) {
        let begins = is_hanzi(c)
            || is_hangul(c)
            || (is_kana(c) && !is_small_kana(c))
            || matches!(c, '-' | 'ー' | '－');
        match characters.last_mut() {
            // Punctuation stays with the character that it follows, or begins the first.
            Some(last) if !begins || last.chars().all(is_opening) => last.push(c),
            _ => characters.push(c.into()),
        }
    }
    if characters.is_empty() { whole(lyric) } else { Units { characters, divides: !written(is_kana) } }
}

pub fn is_hanzi(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{4DBF}' | '\u{4E00}'..='\u{9FFF}' | '\u{F900}'..='\u{FAFF}' | '\u{20000}'..='\u{323AF}' | '々' | '〇')
}

fn is_kana(c: char) -> bool {
    matches!(c, '\u{3041}'..='\u{3096}' | '\u{30A1}'..='\u{30FA}' | '\u{FF66}'..='\u{FF6F}' | '\u{FF71}'..='\u{FF9D}')
}

/// Kana that belong to the mora before: glides, and the stop っ.
fn is_small_kana(c: char) -> bool {
    "ぁぃぅぇぉっゃゅょゎァィゥェォッャュョヮｧｨｩｪｫｬｭｮｯ".contains(c)
}

fn is_hangul(c: char) -> bool {
    matches!(c, '\u{AC00}'..='\u{D7A3}')
}

fn is_opening(c: char) -> bool {
    "「『（《〈【“‘([{".contains(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn notes(lyrics: &[&str]) -> Vec<VoiceNote> {
        let lyric = |text: &&str| if text.is_empty() { None } else { Some(text.to_string()) };
        let note = |(i, text): (i64, _)| VoiceNote {
            onset: i * 960,
            end: i * 960 + 960,
            pitch: 60,
            lyric: lyric(text),
        };
        (0i64..).zip(lyrics).map(note).collect()
    }

    fn sung(lyrics: &[&str]) -> Vec<String> {
        let spread = spread(notes(lyrics), 1, &mut Report::default());
        spread.into_iter().map(|note| note.lyric.unwrap_or_default()).collect()
    }

    #[test]
    fn characters_run_over_the_notes_that_follow() {
        assert_eq!(sung(&["好一朵", "", "", "花"]), ["好", "一", "朵", "花"]);
        assert_eq!(sung(&["好一", "", "", "花"]), ["好", "一", "-", "花"]);
        assert_eq!(sung(&["好一朵美", "", "花"]), ["好", "一", "朵", "美", "花"]);
        assert_eq!(sung(&["「好，一」", ""]), ["「好，", "一」"]);
        assert_eq!(sung(&["사랑", ""]), ["사", "랑"]);
        assert_eq!(sung(&["ふぁきっと", "", ""]), ["ふぁ", "きっ", "と"]);
        assert_eq!(sung(&["mo li hua", "", ""]), ["mo", "li", "hua"]);
        assert_eq!(sung(&["花-", "", "香"]), ["花", "-", "香"]);
    }

    #[test]
    fn a_note_alone_is_divided_among_its_characters() {
        let divided = spread(notes(&["茉莉花"]), 1, &mut Report::default());
        let parts: Vec<_> =
            divided.iter().map(|n| (n.onset, n.end, n.lyric.as_deref().unwrap_or(""))).collect();
        assert_eq!(parts, [(0, 320, "茉"), (320, 640, "莉"), (640, 960, "花")]);
        assert_eq!(sung(&["かん"]), ["かん"], "kana may share a note");
        assert_eq!(sung(&["食べる", ""]), ["食べる", "-"]);
    }

    #[test]
    fn what_follows_a_rest_is_not_held() {
        let mut notes = notes(&["好", "", ""]);
        notes[2].onset += 5000;
        notes[2].end += 5000;
        let spread = spread(notes, 1, &mut Report::default());
        assert_eq!(
            spread.iter().map(|n| n.lyric.as_deref()).collect::<Vec<_>>(),
            [Some("好"), Some("-"), None]
        );
    }
}
