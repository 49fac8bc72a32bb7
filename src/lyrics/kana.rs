//! Japanese: kana and romaji to moras, and moras to syllables.

use super::{Language, Phoneme, Syllable};
use Phoneme::{
    A, B, C, Ch, D, Dj, E, G, H, I, J, K, M, N, Ng, Nn, None, O, P, Phi, Q, R, S, T, Tc, Ts, Ux, W, Z,
};

/// One beat of Japanese.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mora {
    /// A consonant (or none), a glide (or none) and a vowel.
    Open(Phoneme, Phoneme, Phoneme),
    /// ん
    Nasal,
    /// っ
    Stop,
    /// ー: the vowel goes on.
    Long,
}

/// The rows of the kana table: the consonant of each row, and its five kana.
const ROWS: [(Phoneme, &str); 15] = [
    (None, "あいうえお"),
    (K, "かきくけこ"),
    (G, "がぎぐげご"),
    (S, "さしすせそ"),
    (Z, "ざじずぜぞ"),
    (T, "たちつてと"),
    (D, "だぢづでど"),
    (N, "なにぬねの"),
    (H, "はひふへほ"),
    (B, "ばびぶべぼ"),
    (P, "ぱぴぷぺぽ"),
    (M, "まみむめも"),
    (R, "らりるれろ"),
    // Today ゐ, ゑ and を are vowels alone.
    (None, "　ゐ　ゑを"),
    (B, "　　ゔ　　"),
];

const VOWELS: [Phoneme; 5] = [A, I, Ux, E, O];

/// Consonants that are not what their row says.
const EXCEPTIONS: [(char, Phoneme); 8] =
    [('し', C), ('じ', Dj), ('ち', Tc), ('つ', Ts), ('ぢ', Dj), ('づ', Z), ('ひ', Ch), ('ふ', Phi)];

fn whole_kana(c: char) -> Option<(Phoneme, Phoneme, Phoneme)> {
    let glide = match c {
        'や' | 'ゆ' | 'よ' => J,
        'わ' => W,
        _ => {
            let (consonant, place) = ROWS
                .iter()
                .find_map(|(consonant, row)| Some((*consonant, row.chars().position(|k| k == c)?)))?;
            let consonant = EXCEPTIONS.iter().find(|(kana, _)| *kana == c).map_or(consonant, |(_, p)| *p);
            return Some((consonant, None, VOWELS[place]));
        }
    };
    let vowel = match c {
        'や' | 'わ' => A,
        'ゆ' => Ux,
        _ => O,
    };
    Some((None, glide, vowel))
}

/// The vowel of a small kana, and whether it brings a glide.
fn small_kana(c: char) -> Option<(bool, Phoneme)> {
    Some(match c {
        'ゃ' => (true, A),
        'ゅ' => (true, Ux),
        'ょ' => (true, O),
        'ぁ' => (false, A),
        'ぃ' => (false, I),
        'ぅ' => (false, Ux),
        'ぇ' => (false, E),
        'ぉ' => (false, O),
        _ => return Option::None,
    })
}

/// The consonants in which the glide of ゃ, ゅ, ょ is heard already.
fn is_palatal(consonant: Phoneme) -> bool {
    matches!(consonant, C | Tc | Dj | Ch)
}

/// A kana with the small one behind it. `None` where the two do not melt into one beat.
fn melted(kana: char, small: char) -> Option<Mora> {
    if kana == 'く' || kana == 'ぐ' {
        // くゎ is as good as くぁ.
        let small = if small == 'ゎ' { 'ぁ' } else { small };
        let (glides, vowel) = small_kana(small)?;
        let consonant = if kana == 'く' { K } else { G };
        return (!glides && vowel != Ux).then_some(Mora::Open(consonant, W, vowel));
    }
    let (consonant, glide, vowel) = whole_kana(kana)?;
    let (glides, small) = small_kana(small)?;
    let palatal = if is_palatal(consonant) { None } else { J };
    Some(match (vowel, glides) {
        // きゃ, しゃ, and てゅ, ふゅ of words from elsewhere.
        (I, true) => Mora::Open(consonant, palatal, small),
        (E | Ux, true) if glide == None => Mora::Open(consonant, J, small),
        // しぇ, ちぇ, きぇ, いぇ
        (I, false) if small == E => Mora::Open(consonant, palatal, E),
        // うぃ, うぇ, うぉ
        (Ux, false) if kana == 'う' && small != Ux => Mora::Open(None, W, small),
        // ふぁ, つぁ, すぃ, ゔぁ
        (Ux, false) if small != Ux && consonant != None => Mora::Open(consonant, None, small),
        // てぃ, でぃ, とぅ, どぅ
        (E, false) if small == I && matches!(consonant, T | D) => Mora::Open(consonant, None, I),
        (O, false) if small == Ux && matches!(consonant, T | D) => Mora::Open(consonant, None, Ux),
        _ => return Option::None,
    })
}

/// Hiragana for katakana; all else stays.
pub(super) fn hiragana(c: char) -> char {
    match c {
        'ァ'..='ヴ' => char::from_u32(c as u32 - 0x60).unwrap_or(c),
        _ => c,
    }
}

/// Whether the character is one of the kana, full or half width, or belongs to them.
pub(super) fn is_kana(c: char) -> bool {
    matches!(c, '\u{3041}'..='\u{3096}' | '\u{30a1}'..='\u{30fa}' | 'ー' | '\u{ff66}'..='\u{ff9f}')
}

/// Half-width katakana from U+FF66 on, in full.
const HALF_WIDTH: &str = "ヲァィゥェォャュョッーアイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨラリルレロワン";

/// The same text in hiragana, half-width katakana and their marks included.
pub(super) fn in_hiragana(text: &str) -> String {
    let mut all = String::with_capacity(text.len());
    for c in text.chars() {
        let mark = match c {
            'ﾞ' | '\u{3099}' | '゛' => 1,
            'ﾟ' | '\u{309a}' | '゜' => 2,
            _ => 0,
        };
        let full = match c {
            '\u{ff66}'..='\u{ff9d}' => HALF_WIDTH.chars().nth(c as usize - 0xff66).unwrap_or(c),
            _ => c,
        };
        match (mark, all.pop()) {
            (0, before) => {
                all.extend(before);
                all.push(hiragana(full));
            }
            // In Unicode か が and は ば ぱ follow each other.
            (_, Some('う')) => all.push('ゔ'),
            (mark, Some(kana)) => {
                let voiced = char::from_u32(kana as u32 + mark).filter(|&v| whole_kana(v).is_some());
                all.push(voiced.unwrap_or(kana));
            }
            (_, Option::None) => {}
        }
    }
    all
}

/// The beats of a text in kana or romaji, each as it is on its own: ん is [`Phoneme::Nn`],
/// っ is [`Phoneme::Q`], and ー is left out. `None` if the text holds anything else.
pub fn kana_to_syllables(text: &str) -> Option<Vec<Syllable>> {
    Some(moras(text)?.into_iter().filter_map(syllable).collect())
}

/// The moras of a text in kana and romaji. `None` if it holds anything else.
pub(super) fn moras(text: &str) -> Option<Vec<Mora>> {
    let chars: Vec<char> = in_hiragana(text).chars().collect();
    let mut all = Vec::new();
    let mut i = 0;
    while i < chars.len() {
        let c = chars[i];
        if is_romaji(c) {
            let end = chars[i..].iter().position(|&c| !is_romaji(c)).map_or(chars.len(), |more| i + more);
            all.extend(romaji(&chars[i..end])?);
            i = end;
            continue;
        }
        i += 1;
        match c {
            'ん' => all.push(Mora::Nasal),
            'っ' => all.push(Mora::Stop),
            'ー' | '～' | '〜' | '-' => all.push(Mora::Long),
            // か and ヵ, け and ヶ are one.
            'ゕ' => all.push(Mora::Open(K, None, A)),
            'ゖ' => all.push(Mora::Open(K, None, E)),
            'ゎ' => all.push(Mora::Open(None, W, A)),
            ' ' | '　' | '、' | '。' | '・' | '！' | '？' | '「' | '」' | '…' | '\'' | ',' | '.' | '!'
            | '?' => {}
            _ => {
                if let Some(mora) = chars.get(i).and_then(|&small| melted(c, small)) {
                    all.push(mora);
                    i += 1;
                } else if let Some((consonant, glide, vowel)) = whole_kana(c) {
                    all.push(Mora::Open(consonant, glide, vowel));
                } else {
                    // A small vowel on its own, or behind the same vowel: ねぇ.
                    let (_, small) = small_kana(c)?;
                    match all.last() {
                        Some(Mora::Open(_, _, vowel)) if *vowel == small => all.push(Mora::Long),
                        _ => all.push(Mora::Open(None, None, small)),
                    }
                }
            }
        }
    }
    Some(all)
}

/// Letters that romaji is written with.
pub(super) fn is_romaji(c: char) -> bool {
    c.is_ascii_alphabetic() || "āīūēōâîûêôĀĪŪĒŌ".contains(c)
}

/// Consonants of romaji: their letters, sound and glide; longer ones first.
const CONSONANTS: [(&str, Phoneme, Phoneme); 42] = [
    ("tch", Tc, None),
    ("tsy", Ts, J),
    ("sh", C, None),
    ("ch", Tc, None),
    ("ts", Ts, None),
    ("th", T, None),
    ("dh", D, None),
    ("ky", K, J),
    ("gy", G, J),
    ("ny", N, J),
    ("hy", Ch, None),
    ("by", B, J),
    ("py", P, J),
    ("my", M, J),
    ("ry", R, J),
    ("sy", C, None),
    ("zy", Dj, None),
    ("jy", Dj, None),
    ("ty", Tc, None),
    ("cy", Tc, None),
    ("dy", D, J),
    ("fy", Phi, J),
    ("vy", B, J),
    ("kw", K, W),
    ("gw", G, W),
    ("k", K, None),
    ("g", G, None),
    ("s", S, None),
    ("z", Z, None),
    ("t", T, None),
    ("d", D, None),
    ("n", N, None),
    ("h", H, None),
    ("f", Phi, None),
    ("b", B, None),
    ("p", P, None),
    ("v", B, None),
    ("m", M, None),
    ("r", R, None),
    ("j", Dj, None),
    ("y", None, J),
    ("w", None, W),
];

/// What kunrei romaji spells by its row and the tongue does otherwise.
const BY_ROW: [(&str, Phoneme); 8] =
    [("si", C), ("ti", Tc), ("tu", Ts), ("zi", Dj), ("di", Dj), ("du", Z), ("hi", Ch), ("hu", Phi)];

fn romaji(letters: &[char]) -> Option<Vec<Mora>> {
    let word: String = letters.iter().collect::<String>().to_lowercase();
    let mut rest = word.as_str();
    let mut all = Vec::new();
    while let Some(first) = rest.chars().next() {
        let second = rest[first.len_utf8()..].chars().next();
        // A doubled consonant, and n or m before a consonant or at the end.
        let doubled = second == Some(first) && "kgsztdhfbpmrjc".contains(first) || rest.starts_with("tch");
        let closes = match first {
            'n' => second.is_none_or(|next| plain_vowel(next).is_none() && next != 'y'),
            'm' => second.is_some_and(|next| "bpm".contains(next)),
            _ => false,
        };
        if closes {
            all.push(Mora::Nasal);
            // A final nn is one ん typed twice.
            rest = if rest == "nn" { "" } else { &rest[1..] };
            continue;
        }
        if doubled && first != 'm' {
            all.push(Mora::Stop);
            rest = &rest[1..];
            continue;
        }
        let (spelt, consonant, glide) = CONSONANTS
            .into_iter()
            .find(|(letters, ..)| rest.starts_with(letters))
            .unwrap_or(("", None, None));
        let after = &rest[spelt.len()..];
        let letter = after.chars().next()?;
        let (vowel, is_long) = plain_vowel(letter)?;
        let by_row = BY_ROW.iter().find(|(row, _)| {
            row.starts_with(spelt)
                && !spelt.is_empty()
                && row.len() == spelt.len() + 1
                && row.ends_with(name(vowel))
        });
        let consonant = by_row.map_or(consonant, |(_, sound)| *sound);
        // Nobody says yi or wu.
        if (glide, vowel) == (J, I) && spelt == "y" || (glide, vowel) == (W, Ux) && spelt == "w" {
            return Option::None;
        }
        let glide = if spelt == "w" && vowel == O { None } else { glide };
        all.push(Mora::Open(consonant, glide, vowel));
        if is_long {
            all.push(Mora::Long);
        }
        rest = &after[letter.len_utf8()..];
    }
    Some(all)
}

/// The vowel of a letter, and whether a sign lengthens it.
fn plain_vowel(c: char) -> Option<(Phoneme, bool)> {
    Some(match c {
        'a' => (A, false),
        'i' => (I, false),
        'u' => (Ux, false),
        'e' => (E, false),
        'o' => (O, false),
        'ā' | 'â' => (A, true),
        'ī' | 'î' => (I, true),
        'ū' | 'û' => (Ux, true),
        'ē' | 'ê' => (E, true),
        'ō' | 'ô' => (O, true),
        _ => return Option::None,
    })
}

fn name(vowel: Phoneme) -> &'static str {
    match vowel {
        A => "a",
        I => "i",
        Ux => "u",
        E => "e",
        _ => "o",
    }
}

/// The syllable of a mora on its own; `None` for one that only lengthens.
pub(super) fn syllable(mora: Mora) -> Option<Syllable> {
    let (initial, glide, nucleus) = match mora {
        Mora::Open(initial, glide, nucleus) => (initial, glide, nucleus),
        Mora::Nasal => (None, None, Nn),
        Mora::Stop => (None, None, Q),
        Mora::Long => return Option::None,
    };
    Some(Syllable {
        language: Language::Japanese,
        initial,
        glide,
        nucleus,
        coda: None,
        tone: 0,
        tail: Syllable::NO_TAIL,
    })
}

/// How a Japanese syllable is written in Hepburn romaji.
pub(super) fn in_romaji(syllable: &Syllable) -> String {
    let (glides, nucleus) = (syllable.glide == J, syllable.nucleus);
    let initial = match syllable.initial {
        K => "k",
        G => "g",
        S => "s",
        C => "sh",
        Z => "z",
        Dj => "j",
        T => "t",
        Tc => "ch",
        Ts => "ts",
        D => "d",
        N => "n",
        H => "h",
        Ch if nucleus == I => "h",
        Ch => "hy",
        Phi => "f",
        B => "b",
        P => "p",
        M => "m",
        R => "r",
        _ => "",
    };
    let glide = match syllable.glide {
        _ if glides => "y",
        W => "w",
        _ => "",
    };
    match nucleus {
        Nn | M | N | Ng => "n".into(),
        Q => "q".into(),
        _ => {
            let coda = if syllable.coda == None { "" } else { "n" };
            format!("{initial}{glide}{}{coda}", name(nucleus))
        }
    }
}

/// The hiragana of romaji, as readings have it too: `kyon` is きょん. A
/// text in kana is brought to hiragana. `None` if the text holds anything else.
pub fn to_hiragana(text: &str) -> Option<String> {
    if !text.is_empty() && text.chars().all(is_kana) {
        return Some(in_hiragana(text));
    }
    let (open, stop) = text.strip_suffix('q').map_or((text, ""), |open| (open, "っ"));
    let mut kana: String = moras(open)?.into_iter().map(kana_of).collect::<Option<_>>()?;
    kana.push_str(stop);
    (!kana.is_empty()).then_some(kana)
}

/// How a mora is written: as one kana where there is one, else with a small one behind it.
fn kana_of(mora: Mora) -> Option<String> {
    match mora {
        Mora::Nasal => return Some("ん".into()),
        Mora::Stop => return Some("っ".into()),
        Mora::Long => return Some("ー".into()),
        // That of は and へ, as they are sung, not as を is.
        Mora::Open(None, W, A) => return Some("わ".into()),
        Mora::Open(..) => {}
    }
    let whole = || ROWS.iter().flat_map(|(_, row)| row.chars()).chain("やゆよ".chars());
    let alone = whole().find(|&kana| {
        whole_kana(kana).is_some_and(|(consonant, glide, vowel)| Mora::Open(consonant, glide, vowel) == mora)
    });
    if let Some(kana) = alone {
        return Some(kana.into());
    }
    let mut pairs = whole().flat_map(|kana| "ゃゅょぁぃぅぇぉ".chars().map(move |small| (kana, small)));
    pairs
        .find(|&(kana, small)| melted(kana, small) == Some(mora))
        .map(|(kana, small)| format!("{kana}{small}"))
}

/// What ん becomes before a sound: the lips close for *p*, *b*, *m*, the tongue rises where
/// the next sound will be, and before vowels and at the end it stays at the back.
pub fn moraic_nasal_before(next: Phoneme) -> Phoneme {
    use Phoneme::{Dz, Kh, L, Nj, Ph, Tch, Th, Ts_, Tsh, Tsh_};
    match next {
        P | B | M | Ph => M,
        T | D | N | Ts | Dz | Z | Tc | Dj | Nj | R | Th | Tch | Tsh | Ts_ | Tsh_ | L => N,
        K | G | Ng | Kh => Ng,
        _ => Nn,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn sounds(text: &str, expected: &str) {
        let ipa: Vec<String> = moras(text)
            .unwrap_or_else(|| panic!("{text} is not read"))
            .into_iter()
            .map(|mora| syllable(mora).map_or("ː".into(), |s| s.phonemes().map(Phoneme::ipa).collect()))
            .collect();
        assert_eq!(ipa.join("."), expected, "{text}");
    }

    #[test]
    fn romaji_becomes_kana_that_sound_the_same() {
        for (romaji, kana) in
            [("kyon", "きょん"), ("fa", "ふぁ"), ("kaq", "かっ"), ("wa", "わ"), ("shi", "し")]
        {
            assert_eq!(to_hiragana(romaji).as_deref(), Some(kana));
        }
        assert_eq!(to_hiragana("トーキョー").as_deref(), Some("とーきょー"));
        assert_eq!([to_hiragana(""), to_hiragana("花"), to_hiragana("xiang")], [const { Option::None }; 3]);
        let whole = ROWS.iter().flat_map(|(_, row)| row.chars()).chain("やゆよわ".chars());
        let pairs =
            whole.clone().flat_map(|kana| "ゃゅょぁぃぅぇぉ".chars().map(move |small| vec![kana, small]));
        for text in whole.map(|kana| vec![kana]).chain(pairs) {
            let text: String = text.into_iter().filter(|&c| c != '　').collect();
            let Some([mora]) = moras(&text).as_deref().and_then(|all| <[Mora; 1]>::try_from(all).ok()) else {
                continue;
            };
            let written = kana_of(mora).unwrap();
            assert_eq!(moras(&written), Some(vec![mora]), "{text} is written {written}");
            let romaji = in_romaji(&syllable(mora).unwrap());
            assert_eq!(moras(&to_hiragana(&romaji).unwrap()), moras(&romaji), "{text} in romaji is {romaji}");
        }
    }

    #[test]
    fn kana_are_read_as_they_sound() {
        sounds("さくら", "sa.kɯ.ɾa");
        sounds("ちつしふひじずぢづ", "tɕi.tsɯ.ɕi.ɸɯ.çi.dʑi.zɯ.dʑi.zɯ");
        sounds("きゃしゃちょひゅりょみゅ", "kja.ɕa.tɕo.çɯ.ɾjo.mjɯ");
        sounds("ふぁてぃとぅうぉしぇつぁいぇでゅくゎヴぇ", "ɸa.ti.tɯ.wo.ɕe.tsa.je.djɯ.kwa.be");
        sounds("ガッコー", "ɡa.ʔ.ko.ː");
        sounds("ねぇ、ああ", "ne.ː.a.a");
        sounds("ﾄﾞﾚﾐﾌｧｿﾗｼﾄﾞ", "do.ɾe.mi.ɸa.so.ɾa.ɕi.do");
        sounds("を・わ", "o.wa");
        assert_eq!(moras("漢字"), Option::None);
    }

    #[test]
    fn romaji_is_read_in_hepburn_and_kunrei() {
        for (romaji, kana) in [
            ("sakura", "さくら"),
            ("konnichiwa", "こんにちわ"),
            ("shinbun", "しんぶん"),
            ("shimbun", "しんぶん"),
            ("kekkon", "けっこん"),
            ("matcha", "まっちゃ"),
            ("zasshi", "ざっし"),
            ("tyatto", "ちゃっと"),
            ("situzi", "しつじ"),
            ("Tōkyō", "とーきょー"),
            ("kin'en", "きんえん"),
            ("hyaku", "ひゃく"),
            ("fa", "ふぁ"),
            ("wo", "を"),
            ("nn", "ん"),
        ] {
            assert_eq!(moras(romaji), moras(kana), "{romaji}");
        }
        for word in ["love", "strength", "ni3", "x", "wu"] {
            assert_eq!(moras(word), Option::None, "{word}");
        }
    }

    #[test]
    fn every_kana_comes_back_from_its_romaji() {
        for kana in ROWS.iter().flat_map(|(_, row)| row.chars()).filter(|&c| c != '　' && c != 'ゔ') {
            let mora = moras(&kana.to_string()).unwrap();
            let romaji = in_romaji(&syllable(mora[0]).unwrap());
            assert_eq!(moras(&romaji).unwrap(), mora, "{kana} {romaji}");
        }
    }
}
