//! What VOCALOID sings on a note: it does not read the words of a file again, so that a file has
//! its phonemes beside them, in the X-SAMPA of its manual.

use crate::export::lines::LineNote;
use ziyin_lyrics::{Language, LyricInput, Phoneme, Reading, SungSyllable, Syllable, read_lyrics};
use ziyin_score::Tick;

/// The phonemes of notes as they are read, of a held vowel, of a breath and of silence likewise. What nobody
/// can read and the syllables of Korean are sung as `a`, until they are typed again there.
pub fn phonemes_of(notes: &[LineNote], language: Language) -> Vec<String> {
    let mut end_before: Option<Tick> = None;
    let inputs: Vec<LyricInput> = (notes.iter())
        .map(|note| {
            let after_rest = end_before.is_none_or(|end| note.onset > end);
            end_before = Some(note.end);
            let pronunciation = note.pronunciation.as_deref().unwrap_or_default();
            LyricInput { lyric: &note.lyric, pronunciation, after_rest, language: note.language }
        })
        .collect();
    let sound = |sung: &SungSyllable, language: Language| match language {
        Language::Mandarin => mandarin(sung.syllable),
        Language::Japanese => japanese(&sung.syllable),
        Language::English => english(&sung.pinyin),
        Language::Korean => String::new(),
    };
    let sung = |(note, reading): (&LineNote, Reading)| match reading {
        _ if note.is_hold() => "-".into(),
        Reading::Sung(syllables) => {
            let sounds: Vec<String> =
                syllables.iter().map(|sung| sound(sung, note.language.unwrap_or(language))).collect();
            let all = sounds.iter().all(|sound| !sound.is_empty());
            if all { sounds.join(" ") } else { "a".into() }
        }
        Reading::Hold => "-".into(),
        Reading::Breath => "Asp".into(),
        Reading::Rest => "Sil".into(),
        Reading::Unknown { .. } => "a".into(),
    };
    notes.iter().zip(read_lyrics(&inputs, language)).map(sung).collect()
}

/// A syllable of English, in the ARPABET that it was read as. A plosive before the vowel has its breath,
/// and an *r* behind some vowels makes one sound with them.
fn english(sounds: &str) -> String {
    let sounds: Vec<&str> = sounds.split(' ').collect();
    let vowel = sounds.iter().position(|sound| sound.ends_with(|c: char| c.is_ascii_digit()));
    let Some(vowel) = vowel else { return String::new() };
    let with_r = sounds.get(vowel + 1) == Some(&"R");
    let mut written = Vec::with_capacity(sounds.len());
    for (at, sound) in sounds.iter().enumerate() {
        let before = at < vowel;
        written.push(match *sound {
            "B" if before => "bh",
            "D" if before => "dh",
            "G" if before => "gh",
            "P" if at == 0 => "ph",
            "T" if at == 0 => "th",
            "K" if at == 0 => "kh",
            "L" if before => "l0",
            "R" if at == vowel + 1 && with_r_sound(sounds[vowel]).is_some() => continue,
            "CH" => "tS",
            "JH" => "dZ",
            "TH" => "T",
            "DH" => "D",
            "SH" => "S",
            "ZH" => "Z",
            "NG" => "N",
            "HH" => "h",
            "Y" => "j",
            "DX" => "d",
            "B" => "b",
            "D" => "d",
            "F" => "f",
            "G" => "g",
            "K" => "k",
            "L" => "l",
            "M" => "m",
            "N" => "n",
            "P" => "p",
            "R" => "r",
            "S" => "s",
            "T" => "t",
            "V" => "v",
            "W" => "w",
            "Z" => "z",
            _ if with_r && at == vowel => with_r_sound(sound).unwrap_or_else(|| vowel_sound(sound)),
            _ => vowel_sound(sound),
        });
    }
    written.join(" ")
}

fn vowel_sound(sound: &str) -> &'static str {
    match (sound.trim_end_matches(|c: char| c.is_ascii_digit()), sound.ends_with('0')) {
        ("AH", true) => "@",
        ("AA", _) => "Q",
        ("AE", _) => "{",
        ("AO", _) => "O:",
        ("AW", _) => "aU",
        ("AY", _) => "aI",
        ("EH", _) => "e",
        ("ER", _) => "@r",
        ("EY", _) => "eI",
        ("IH", _) => "I",
        ("IY", _) => "i:",
        ("OW", _) => "@U",
        ("OY", _) => "OI",
        ("UH", _) => "U",
        ("UW", _) => "u:",
        _ => "V",
    }
}

/// A vowel with the *r* behind it, if they are one sound.
fn with_r_sound(vowel: &str) -> Option<&'static str> {
    match vowel.trim_end_matches(|c: char| c.is_ascii_digit()) {
        "AA" => Some("Q@"),
        "AO" => Some("O@"),
        "EH" => Some("e@"),
        "IH" | "IY" => Some("I@"),
        "UH" => Some("U@"),
        _ => None,
    }
}

/// A consonant of Mandarin.
fn initial(phoneme: Phoneme) -> &'static str {
    use Phoneme::*;
    match phoneme {
        P => "p",
        Ph => "p_h",
        M => "m",
        F => "f",
        T => "t",
        Th => "t_h",
        N => "n",
        L => "l",
        K => "k",
        Kh => "k_h",
        X => "x",
        Tc => "ts\\",
        Tch => "ts\\_h",
        C => "s\\",
        Ts_ => "ts`",
        Tsh_ => "ts`_h",
        S_ => "s`",
        Z_ => "z`",
        Ts => "ts",
        Tsh => "ts_h",
        S => "s",
        _ => "",
    }
}

fn mandarin(syllable: Syllable) -> String {
    use Phoneme::*;
    let Syllable { glide, nucleus, coda, .. } = syllable;
    let last = match (glide, nucleus, coda) {
        (None, A, None) => "a",
        (None, A, J) => "aI",
        (None, A, W) => "AU",
        (None, A, N) => "a_n",
        (None, A, Ng) => "AN",
        (None, O, None) => "o",
        (None, E_, None) => "7",
        (None, E | Eh, J) => "ei",
        (None, E | Eh, None) => "E_r",
        (None, O | Schwa | E_, W) => "@U",
        (None, Schwa, N) => "@_n",
        (None, Schwa, Ng) => "@N",
        (None, Er, _) | (None, _, Er) => "@`",
        (None, Iz, None) => "i\\",
        (None, Ir, None) => "i`",
        (None, I, None) => "i",
        (None, I, N) => "i_n",
        (None, I, Ng) => "iN",
        (J, A, None) => "ia",
        (J, A, W) => "iAU",
        (J, A | E | Eh, N) => "iE_n",
        (J, A, Ng) => "iAN",
        (J, E | Eh, None) => "iE_r",
        (J, O | Schwa | E_, W) => "i@U",
        (J, U_ | U | O, Ng) => "iUN",
        (None, U, None) => "u",
        (W, A, None) => "ua",
        (W, A, J) => "uaI",
        (W, A, N) => "ua_n",
        (W, A, Ng) => "uAN",
        (W, O, None) => "uo",
        (W, E | Eh, J) => "uei",
        (W, Schwa, N) => "u@_n",
        (W, Schwa, Ng) => "u@N",
        (None | W, U_ | U | O, Ng) => "UN",
        (None, Y, None) => "y",
        (None, Y, N) => "y_n",
        (Y_, A | E | Eh, N) => "y{_n",
        (Y_, E | Eh, None) => "yE_r",
        _ => return String::new(),
    };
    format!("{} {last}", initial(syllable.initial)).trim().into()
}

/// A Japanese syllable; before *i* and *y* a consonant is soft, which the sign `'` says.
fn japanese(syllable: &Syllable) -> String {
    use Phoneme::*;
    let vowel = match syllable.nucleus {
        A => "a",
        I => "i",
        Ux => "M",
        E => "e",
        O => "o",
        // What ん is alone, or before the next sound.
        Nn | M | N | Ng => return "N\\".into(),
        _ => return String::new(),
    };
    let soft = syllable.nucleus == I || syllable.glide == J;
    let consonant = match syllable.initial {
        K if soft => "k'",
        K => "k",
        G if soft => "g'",
        G => "g",
        S => "s",
        C => "S",
        Z => "dz",
        Dj => "dZ",
        T if soft => "t'",
        T => "t",
        Tc => "tS",
        Ts => "ts",
        D if soft => "d'",
        D => "d",
        N if soft => "J",
        N => "n",
        H => "h",
        Ch => "C",
        Phi if soft => "p\\'",
        Phi => "p\\",
        B if soft => "b'",
        B => "b",
        P if soft => "p'",
        P => "p",
        M if soft => "m'",
        M => "m",
        R if soft => "4'",
        R => "4",
        None if syllable.glide == J => "j",
        None if syllable.glide == W => "w",
        _ => "",
    };
    // っ is silence, and ん behind a vowel is what it is alone.
    let coda = if matches!(syllable.coda, None | Q) { "" } else { "N\\" };
    format!("{consonant} {vowel} {coda}").trim().into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use ziyin_lyrics::all_pinyin;

    fn note(onset: Tick, lyric: &str) -> LineNote {
        LineNote {
            onset,
            end: onset + 1,
            key: 60,
            lyric: lyric.into(),
            pronunciation: None,
            language: None,
            vibrato: None,
            articulation: Default::default(),
        }
    }

    fn phonemes(lyric: &str, language: Language) -> String {
        phonemes_of(&[note(0, lyric)], language).remove(0)
    }

    #[test]
    fn syllables_are_sung_as_the_manual_writes_them() {
        let cases = [
            ("zhuang", "ts` uAN"),
            ("xiong", "s\\ iUN"),
            ("er", "@`"),
            ("lv4", "l y"),
            ("yuan", "y{_n"),
            ("you", "i@U"),
            ("shi", "s` i`"),
            ("zi", "ts i\\"),
            ("dong1", "t UN"),
            ("jie", "ts\\ iE_r"),
        ];
        for (pinyin, sung) in cases {
            assert_eq!(phonemes(pinyin, Language::Mandarin), sung, "{pinyin}");
        }
        for (kana, sung) in [
            ("きょ", "k' o"),
            ("つ", "ts M"),
            ("ん", "N\\"),
            ("し", "S i"),
            ("わ", "w a"),
            ("らん", "4 a N\\"),
        ] {
            assert_eq!(phonemes(kana, Language::Japanese), sung, "{kana}");
        }
        let hanzi = ["银", "行", "-"].map(|lyric| note(0, lyric));
        let hanzi: Vec<LineNote> =
            (0..).zip(hanzi).map(|(onset, note)| LineNote { onset, end: onset + 1, ..note }).collect();
        assert_eq!(phonemes_of(&hanzi, Language::Mandarin), ["i_n", "x AN", "-"]);
        let alone: Vec<LineNote> = (0..).zip(["さ", "ん", "ま"]).map(|(at, lyric)| note(at, lyric)).collect();
        assert_eq!(phonemes_of(&alone, Language::Japanese), ["s a", "N\\", "m a"]);
        let said = LineNote { pronunciation: Some("chong2".into()), ..note(0, "重") };
        assert_eq!(phonemes_of(&[said], Language::Mandarin), ["ts`_h UN"]);
        assert_eq!([phonemes("", Language::Korean), phonemes("국", Language::Korean)], ["Sil", "a"]);
    }

    #[test]
    fn english_is_written_by_words_over_their_notes() {
        let lyrics = ["happy", "+", "-", "street", "playing", "cars", "br", ""];
        let notes: Vec<LineNote> = (0..).zip(lyrics).map(|(at, lyric)| note(at, lyric)).collect();
        assert_eq!(
            phonemes_of(&notes, Language::English),
            ["h {", "ph i:", "-", "s t r i: t", "ph l0 eI I N", "kh Q@ z", "Asp", "Sil"]
        );
    }

    #[test]
    fn every_syllable_of_mandarin_has_its_phonemes() {
        // Interjections that VOCALOID has no sound for.
        let unsung = |pinyin: &&String| phonemes(pinyin, Language::Mandarin) == "a" && *pinyin != "a";
        let none: Vec<String> = all_pinyin().iter().filter(unsung).cloned().collect();
        assert_eq!(none, ["hm", "m", "yai", "yo"]);
    }
}
