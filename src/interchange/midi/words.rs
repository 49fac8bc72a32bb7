//! Puts lyrics on notes. They stand in the notes' own track or in another, at the notes'
//! ticks or a little off them.

use std::collections::HashSet;
use ziyin_message::message;

use super::{
    super::{Report, verse_number::without_number, word_parts::mark_parts},
    events::{RawTrack, Text, TextKind},
    spread::is_hanzi,
    voices::{Voice, VoiceNote, is_rock_band_voice},
};
use ziyin_score::Tick;

/// A lyric this far from a note (a sixteenth) still means it.
const TOLERANCE: Tick = 240;

/// A word this far from the beginning of a note (a 32nd) still meets it.
const MEETS: Tick = 120;

/// Tracks of nothing but lyrics that are looked at.
const MAX_FOREIGN: usize = 64;

/// How much better a voice of the lyrics' own track fits than an equal one of another.
const OWN_TRACK: f64 = 1.3;

/// Words that are compared with the notes of a voice.
const ENOUGH: usize = 1000;

/// What tracks that sing are called.
const VOICE_NAMES: [&str; 13] = [
    "vocal",
    "voice",
    "melod",
    "lead",
    "sing",
    "song",
    "歌",
    "唱",
    "旋律",
    "メロ",
    "ボーカル",
    "멜로디",
    "보컬",
];

/// A piece of text at its place.
#[derive(Clone, Debug, PartialEq)]
pub struct Word {
    pub tick: Tick,
    pub text: String,
}

/// What the texts of a file say.
#[derive(Debug, Default)]
pub struct Words {
    /// Lyrics by track, in the order of the tracks.
    pub tracks: Vec<Vec<Word>>,
    /// The title in a karaoke header.
    pub title: Option<String>,
}

/// Collects the lyrics of all tracks: lyric events, or in karaoke files text events.
pub fn collect(
    tracks: &[RawTrack],
    names: &[String],
    decode: impl Fn(&[u8]) -> String,
    report: &mut Report,
) -> Words {
    let texts = |kind| tracks.iter().flat_map(|track| &track.texts).filter(move |text| text.kind == kind);
    let lyrics = texts(TextKind::Lyric).filter(|text| !strip(&decode(text.bytes)).is_empty()).count();
    let has_header = texts(TextKind::Text).any(|text| matches!(text.bytes, [b'@', b'K' | b'L' | b'T', ..]));
    let has_breaks = tracks.iter().any(|track| breaks(track) > 1);
    // A remark that was written as a lyric makes no lyrics.
    let is_karaoke = (has_header || has_breaks) && 4 * lyrics < texts(TextKind::Text).count();

    let mut words = Words::default();
    for (track, name) in tracks.iter().zip(names) {
        let has_lyrics = track.texts.iter().any(|text| text.kind == TextKind::Lyric);
        // Those of a track that holds nothing else may stand at the notes of another.
        let meets = |other: &RawTrack| texts_meet_notes(track, other, &decode);
        let texts_are_words = !has_lyrics
            && !is_karaoke
            && match track.notes.is_empty() {
                false => meets(track),
                true => {
                    track.texts.iter().any(|text| text.kind == TextKind::Text)
                        && lyrics == 0
                        && tracks.iter().any(meets)
                }
            };
        let kind = if is_karaoke || texts_are_words { TextKind::Text } else { TextKind::Lyric };
        let of_rock_band = is_rock_band_voice(name);
        // Remarks in tracks beside the words are no lyrics.
        let is_remarks = is_karaoke && has_breaks && breaks(track) == 0;
        let (mut lyrics, mut reading, mut further) = (Vec::<Word>::new(), false, 0);
        // Of each whether a word begins with it, and whether one ends.
        let mut edges: Vec<[bool; 2]> = Vec::new();
        for text in track.texts.iter().filter(|text| text.kind == kind) {
            let decoded = decode(text.bytes);
            if is_karaoke && decoded.starts_with('@') {
                words.title =
                    words.title.or_else(|| decoded.strip_prefix("@T").map(|title| title.trim().into()));
                continue;
            }
            let mut text = Word { tick: text.tick, text: sung_text(&decoded, &mut reading) };
            if of_rock_band {
                text.text = of_rock_band_word(&text.text);
            }
            if text.text.is_empty() || is_remarks {
                continue;
            }
            // Some write each word twice, others all verses.
            match lyrics.last() {
                Some(last) if last.tick == text.tick => further += usize::from(last.text != text.text),
                _ => {
                    lyrics.push(text);
                    edges.push(edges_of_words(&decoded));
                }
            }
        }
        if further > 0 {
            let number = words.tracks.len() + 1;
            report.warn(number, None, message!("warning.further-lyrics", count = further));
        }
        let next = edges.iter().skip(1).map(|[begins, _]| *begins).chain([true]);
        let goes_on: Vec<bool> = edges.iter().zip(next).map(|([_, ends], begins)| !ends && !begins).collect();
        mark_parts(lyrics.iter_mut().map(|word| &mut word.text), &goes_on);
        words.tracks.push(lyrics);
    }
    words
}

/// Whether a word begins with a text, and whether one ends, as blanks and marks of new lines say.
fn edges_of_words(text: &str) -> [bool; 2] {
    let parts = |c: char| c.is_whitespace() || c.is_control() || "/\\<>^%".contains(c);
    [text.starts_with(parts), text.ends_with(parts)]
}

/// Texts of a track, short enough for syllables, that stand at notes of its own.
pub fn texts_at_notes(track: &RawTrack) -> usize {
    let onsets: HashSet<Tick> = track.notes.iter().map(|note| note.onset).collect();
    // Remarks are longer, and of several words.
    let is_syllable = |bytes: &[u8]| (1..=12).contains(&bytes.len()) && !bytes.contains(&b' ');
    let texts = track.texts.iter().filter(|text| text.kind == TextKind::Text && is_syllable(text.bytes));
    texts.map(|text| text.tick).collect::<HashSet<_>>().intersection(&onsets).count()
}

/// Whether the texts of a track are syllables although nothing says so: each at a note of a voice, and no
/// chord symbols.
fn texts_meet_notes(track: &RawTrack, voice: &RawTrack, decode: impl Fn(&[u8]) -> String) -> bool {
    let onsets: HashSet<Tick> = voice.notes.iter().map(|note| note.onset).collect();
    let texts: Vec<&Text> = track.texts.iter().filter(|text| text.kind == TextKind::Text).collect();
    let ticks: HashSet<Tick> = texts.iter().map(|text| text.tick).collect();
    let met = ticks.intersection(&onsets).count();
    if met < 3 || 10 * met < 9 * ticks.len() || 2 * met < onsets.len() {
        return false;
    }
    let is_chord = |text: &str| {
        text.starts_with(|c| ('A'..='G').contains(&c))
            && text[1..].chars().all(|c| c.is_ascii_digit() || "#b♭♯majdinsugMA+-°/()ABCDEFG".contains(c))
    };
    let decoded: Vec<String> = texts.iter().map(|text| sung_text(&decode(text.bytes), &mut false)).collect();
    let chords = decoded.iter().filter(|text| is_chord(text)).count();
    2 * chords < decoded.len() && decoded.iter().all(|text| text.chars().count() <= 24)
}

/// A word of Rock Band: `+` slides on, signs behind a word say how it is scored.
fn of_rock_band_word(word: &str) -> String {
    match word.trim_end_matches(['#', '^', '*', '%', '$', '§']) {
        "+" => "-".into(),
        word => word.replace('=', "-"),
    }
}

/// What is sung of a text: without the marks that karaoke machines want (`/` and `\\` for a new
/// line and page, `^` for a space) and the number of a verse, and of `夢[ゆめ]` the reading. A
/// `reading` may go on over several texts.
fn sung_text(text: &str, reading: &mut bool) -> String {
    let marks = |c| match c {
        '^' | '%' => ' ',
        '［' => '[',
        '］' => ']',
        c => c,
    };
    let mut text: String = strip(text).chars().map(marks).collect();
    // Half-width kana with them.
    let is_kana = |text: &str| {
        text.chars().all(|c| matches!(c, '\u{3041}'..='\u{30ff}' | '\u{ff66}'..='\u{ff9f}' | ' '))
    };
    if std::mem::take(reading) {
        match text.split_once(']') {
            Some((end, after)) if is_kana(end) => text = format!("{end}{after}"),
            None => *reading = is_kana(&text),
            Some(_) => {}
        }
    }
    while let Some((before, rest)) = text.split_once('[') {
        let kept = before.trim_end_matches(is_hanzi);
        let (kana, after) = rest.split_once(']').unwrap_or((rest, ""));
        if kept.len() == before.len() || kana.is_empty() || !is_kana(kana) {
            break;
        }
        *reading = !rest.contains(']');
        text = format!("{kept}{kana}{after}");
    }
    without_number(strip(&text)).into()
}

/// Texts that begin a new line or page, as karaoke files write it.
fn breaks(track: &RawTrack) -> usize {
    let begins_line = |text: &&Text| text.kind == TextKind::Text && matches!(text.bytes, [b'/' | b'\\', ..]);
    track.texts.iter().filter(begins_line).count()
}

/// Without the marks for a new line (`/`), page (`\`) and paragraph that karaoke machines want.
fn strip(text: &str) -> &str {
    text.trim_matches(|c: char| c.is_whitespace() || c.is_control() || "/\\<>".contains(c))
}

/// Puts the lyrics of each track on that voice whose notes fit them best, which is one of
/// the same track unless another fits far better. With `stay` it is always of the same track.
pub fn place(words: &[Vec<Word>], voices: &mut [Voice], stay: bool, report: &mut Report) {
    let mut foreign = 0;
    let mut seen: Vec<&[Word]> = Vec::new();
    for (index, words) in words.iter().enumerate().filter(|(_, words)| !words.is_empty()) {
        let number = index + 1;
        // The same words once more would go to another voice.
        if !stay && seen.contains(&words.as_slice()) {
            continue;
        }
        if seen.len() < MAX_FOREIGN {
            seen.push(words);
        }
        let own = voices.iter().any(|voice| voice.track == number);
        foreign += usize::from(!own);
        if foreign > MAX_FOREIGN {
            report.warn(number, None, message!("warning.lyrics-without-notes", count = words.len()));
            continue;
        }
        let fits = voices.iter().enumerate().filter(|(_, voice)| !voice.sung).map(|(index, voice)| {
            let own = match voice.track == number {
                true => OWN_TRACK,
                false if stay => 0.0,
                false => 1.0,
            };
            (own * fit(words, voice), index)
        });
        // Of voices that fit equally well the first.
        let best = fits.fold(
            (0.0, None),
            |best: (f64, Option<usize>), (fit, voice)| {
                if fit > best.0 { (fit, Some(voice)) } else { best }
            },
        );
        match best.1 {
            Some(voice) => put(words, number, &mut voices[voice], report),
            None => report.warn(number, words[0].tick, message!("warning.lyrics-unfit", count = words.len())),
        }
    }
}

/// How well lyrics fit a voice: the share of words and notes that find each other. A voice
/// that is called one wins over an instrument that doubles it.
fn fit(words: &[Word], voice: &Voice) -> f64 {
    // The first verses tell enough, and a hostile file cannot make this long.
    let (words, end) = match words.get(ENOUGH) {
        Some(next) => (&words[..ENOUGH], next.tick),
        None => (words, Tick::MAX),
    };
    let notes = &voice.notes[..voice.notes.partition_point(|note| note.onset < end)];
    // What is played before the first word and after the last tells nothing.
    let span = (words.first().map_or(0, |word| word.tick) - TOLERANCE)
        ..=(words.last().map_or(0, |word| word.tick) + TOLERANCE);
    let among = notes.iter().filter(|note| span.contains(&note.onset)).count();
    let met = words.iter().filter(|word| is_met(notes, word.tick)).count();
    let near = words.iter().filter(|word| is_near(notes, word.tick)).count();
    let name = voice.name.to_lowercase();
    let called = VOICE_NAMES.iter().any(|word| name.contains(word));
    let share = met as f64 / words.len().max(1) as f64;
    // Of voices that all begin a note at each word the one that has few others.
    let alike = met as f64 / (words.len() + among.saturating_sub(met)).max(1) as f64;
    let near = near as f64 / words.len().max(1) as f64;
    (share * share * (0.5 + 0.5 * alike) + 0.01 * near) * if called { 1.25 } else { 1.0 }
}

/// Whether a note begins where a word stands, or a little off.
fn is_met(notes: &[VoiceNote], tick: Tick) -> bool {
    let after = notes.partition_point(|note| note.onset < tick - MEETS);
    notes.get(after).is_some_and(|note| note.onset <= tick + MEETS)
}

/// Whether a word stands at a note: near its onset, or while it sounds.
fn is_near(notes: &[VoiceNote], tick: Tick) -> bool {
    let after = notes.partition_point(|note| note.onset < tick);
    let next = notes.get(after).is_some_and(|note| note.onset - tick <= TOLERANCE);
    let before = after.checked_sub(1).map(|before| &notes[before]);
    next || before.is_some_and(|note| tick - note.onset <= TOLERANCE || tick < note.end)
}

/// The note nearest to a tick among those without a lyric.
fn nearest_free(notes: &[VoiceNote], tick: Tick, tolerance: Tick) -> Option<usize> {
    let first = notes.partition_point(|note| note.onset < tick - tolerance);
    let near = notes[first..].iter().take_while(|note| note.onset <= tick + tolerance).enumerate();
    near.filter(|(_, note)| note.lyric.is_none())
        .min_by_key(|(_, note)| (note.onset - tick).abs())
        .map(|(index, _)| first + index)
}

fn put(words: &[Word], track: usize, voice: &mut Voice, report: &mut Report) {
    voice.sung = true;
    // First the words that stand exactly on a note, so that none that is off takes their place.
    let mut placed = vec![false; words.len()];
    let (mut off, mut first_off) = (0, 0);
    for tolerance in [0, TOLERANCE] {
        for (word, placed) in words.iter().zip(&mut placed).filter(|(_, placed)| !**placed) {
            if let Some(at) = nearest_free(&voice.notes, word.tick, tolerance) {
                voice.notes[at].lyric = Some(word.text.clone());
                *placed = true;
                if tolerance > 0 {
                    first_off = if off == 0 { word.tick } else { first_off };
                    off += 1;
                }
            }
        }
    }
    // Then those within a note, which share it with the word that it has already.
    for (word, placed) in words.iter().zip(&mut placed).filter(|(_, placed)| !**placed) {
        let before = voice.notes.partition_point(|note| note.onset <= word.tick);
        let inside = before.checked_sub(1).filter(|&at| word.tick < voice.notes[at].end);
        if let Some(at) = inside {
            voice.notes[at].lyric.get_or_insert_default().push_str(&word.text);
            *placed = true;
        }
    }
    if off > 0 {
        report.warn(track, first_off, message!("warning.lyrics-beside", count = off));
    }
    let lost: Vec<&Word> =
        words.iter().zip(&placed).filter(|(_, placed)| !**placed).map(|(word, _)| word).collect();
    if let Some(first) = lost.first() {
        let start: String = first.text.chars().take(20).collect();
        let text = message!("warning.lyrics-lost", count = lost.len(), start);
        report.warn(track, first.tick, text);
    }
}

#[cfg(test)]
mod tests {
    use super::super::events::RawNote;
    use super::*;

    fn voice(count: i64) -> RawTrack<'static> {
        let note = |i| RawNote { channel: 0, pitch: 60, onset: 480 * i, end: 480 * i + 400 };
        RawTrack { notes: (0..count).map(note).collect(), ..RawTrack::default() }
    }

    fn texts<'a>(texts: &[&'a str], every: i64) -> RawTrack<'a> {
        let text = |(text, i): (&&'a str, i64)| Text {
            tick: every * i,
            kind: TextKind::Text,
            bytes: text.as_bytes(),
        };
        RawTrack { texts: texts.iter().zip(0..).map(text).collect(), ..RawTrack::default() }
    }

    fn words(tracks: &[RawTrack]) -> Vec<Vec<String>> {
        let decode = |text: &[u8]| String::from_utf8_lossy(text).into_owned();
        let words = collect(tracks, &vec![String::new(); tracks.len()], decode, &mut Report::default());
        words.tracks.into_iter().map(|track| track.into_iter().map(|word| word.text).collect()).collect()
    }

    #[test]
    fn texts_of_a_track_of_their_own_are_words_where_they_meet_the_notes_of_another() {
        let lyrics = ["山", "水", "花", "鸟"];
        assert_eq!(words(&[voice(4), texts(&lyrics, 480)]), [vec![], lyrics.map(String::from).to_vec()]);
        let none: [Vec<String>; 2] = [vec![], vec![]];
        assert_eq!(
            words(&[voice(16), texts(&["Verse", "Chorus", "Verse", "End"], 1920)]),
            none,
            "marks of parts"
        );
        assert_eq!(words(&[voice(4), texts(&["Am", "F", "C", "G"], 480)]), none, "chords");
        assert_eq!(words(&[voice(4), texts(&lyrics, 500)]), none, "beside the notes");
    }

    #[test]
    fn readings_in_brackets_may_be_half_width() {
        for (text, sung) in [("夢[ゆめ]", "ゆめ"), ("夢[ﾕﾒ]", "ﾕﾒ"), ("君[きみ ]", "きみ"), ("a[b]", "a[b]")]
        {
            assert_eq!(sung_text(text, &mut false), sung);
        }
    }
}
