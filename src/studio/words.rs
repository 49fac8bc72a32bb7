//! What the other rooms say, in the language of the studio.
//!
//! Errors and warnings are English sentences where they arise, for the command line and
//! for the log. `locales/sentences.zh-CN.txt` pairs each of them with its translation;
//! what varies stands in braces and is translated in its turn. A test walks the sources
//! and fails on a sentence that has no translation. What a library has to say has none: it
//! stands in brackets behind the sentence that it explains.

use std::borrow::Cow;
use std::collections::HashSet;
use std::fmt::Display;
use std::sync::LazyLock;

const CHINESE: &str = "zh-CN";

/// An English sentence with places for what varies, and its translation.
struct Sentence {
    english: Vec<Piece>,
    translation: Vec<Piece>,
}

#[derive(Debug, PartialEq)]
enum Piece {
    Text(String),
    Place(String),
}

/// The sentences, those with the most text first: they say the most about a match.
static SENTENCES: LazyLock<Vec<Sentence>> = LazyLock::new(|| {
    let mut all = read(include_str!("../../locales/sentences.zh-CN.txt"));
    all.sort_by_key(|sentence| std::cmp::Reverse(sentence.weight()));
    all
});

fn read(list: &str) -> Vec<Sentence> {
    let pairs = list.split("\n\n").filter_map(|pair| pair.trim().split_once('\n'));
    pairs
        .map(|(english, translation)| Sentence { english: pieces(english), translation: pieces(translation) })
        .collect()
}

fn pieces(text: &str) -> Vec<Piece> {
    let mut all = Vec::new();
    let mut rest = text;
    while let Some((before, (name, after))) =
        rest.split_once('{').and_then(|(before, rest)| Some((before, rest.split_once('}')?)))
    {
        all.extend((!before.is_empty()).then(|| Piece::Text(before.into())));
        all.push(Piece::Place(name.into()));
        rest = after;
    }
    all.extend((!rest.is_empty()).then(|| Piece::Text(rest.into())));
    all
}

impl Sentence {
    /// Letters that are not in places.
    fn weight(&self) -> usize {
        let text = |piece: &Piece| if let Piece::Text(text) = piece { text.len() } else { 0 };
        self.english.iter().map(text).sum()
    }

    /// What stands in the places, if this is the sentence.
    fn matches<'a>(&'a self, text: &'a str) -> Option<Vec<(&'a str, &'a str)>> {
        let mut found = Vec::new();
        let mut rest = text;
        let mut place: Option<&str> = None;
        for (i, piece) in self.english.iter().enumerate() {
            let Piece::Text(literal) = piece else {
                if let Piece::Place(name) = piece {
                    place = Some(name);
                }
                continue;
            };
            let last = i + 1 == self.english.len();
            let at = match place {
                None => rest.starts_with(literal.as_str()).then_some(0),
                // The last words of a sentence are the last of the text.
                Some(_) if last => rest.ends_with(literal.as_str()).then(|| rest.len() - literal.len()),
                Some(_) => rest.find(literal.as_str()),
            }?;
            if let Some(name) = place.take() {
                found.push((name, &rest[..at]));
            }
            rest = &rest[at + literal.len()..];
        }
        match place {
            Some(name) => found.push((name, rest)),
            None if !rest.is_empty() => return None,
            None => {}
        }
        found.iter().all(|(_, value)| !value.is_empty()).then_some(found)
    }

    fn say<'a>(&self, found: &[(&str, &'a str)], foreign: &mut HashSet<&'a str>) -> String {
        let mut said = String::new();
        for piece in &self.translation {
            match piece {
                Piece::Text(text) => said.push_str(text),
                Piece::Place(place) => {
                    let value = found.iter().find(|(name, _)| name == place).map_or("", |(_, value)| *value);
                    match translate_within(value, foreign) {
                        Cow::Borrowed(foreign) if said.ends_with('：') && is_sentence(foreign) => {
                            said.pop();
                            said.push_str(&format!("（{foreign}）"));
                        }
                        value => said.push_str(&value),
                    }
                }
            }
        }
        said
    }
}

/// A sentence of another room in the language of the studio.
pub fn said(sentence: impl Display) -> String {
    let english = sentence.to_string();
    if *rust_i18n::locale() == *CHINESE { in_chinese(&english) } else { english }
}

/// What went wrong, with what lies behind it, in the language of the studio.
pub fn said_in_full(error: &anyhow::Error) -> String {
    said(format!("{error:#}"))
}

/// The Chinese of a sentence of another room; the sentence itself where there is none.
pub fn in_chinese(english: &str) -> String {
    translate(english).into_owned()
}

fn translate(text: &str) -> Cow<'_, str> {
    translate_within(text, &mut HashSet::new())
}

/// A sentence longer than this, in bytes, is somebody's text and none of ours.
const LONGEST: usize = 2000;

/// Translates a text. `foreign` holds the parts of it that are known to have no translation, so that
/// each is looked up once, however the text can be parted.
fn translate_within<'a>(text: &'a str, foreign: &mut HashSet<&'a str>) -> Cow<'a, str> {
    // Names and numbers are what they are.
    if text.len() > LONGEST || !text.contains(|c: char| c.is_ascii_lowercase()) || foreign.contains(text) {
        return text.into();
    }
    if let Some((sentence, found)) = SENTENCES.iter().find_map(|s| Some((s, s.matches(text)?))) {
        return sentence.say(&found, foreign).into();
    }
    // What lies behind an error follows it; a list is translated item by item.
    for (between, joined) in [(": ", "："), (", ", "、")] {
        if let Some((first, rest)) = text.split_once(between) {
            let both = (translate_within(first, foreign), translate_within(rest, foreign));
            if let (": ", Cow::Owned(first), Cow::Borrowed(foreign)) = (between, &both.0, &both.1)
                && is_sentence(foreign)
            {
                return format!("{first}（{foreign}）").into();
            }
            if matches!((&both.0, &both.1), (Cow::Owned(_), _) | (_, Cow::Owned(_))) {
                return format!("{}{joined}{}", both.0, both.1).into();
            }
        }
    }
    // `grace notes (3)`
    if let Some((what, count)) = text.rsplit_once(" (")
        && let Cow::Owned(what) = translate_within(what, foreign)
    {
        return format!("{what}（{}）", count.trim_end_matches(')')).into();
    }
    foreign.insert(text);
    text.into()
}

/// Whether a text that is not translated is more than a name: words in lower case.
fn is_sentence(text: &str) -> bool {
    let is_word =
        |word: &&str| word.len() > 1 && word.chars().all(|c| c.is_ascii_lowercase() || ".,;'".contains(c));
    text.split(' ').filter(is_word).count() > 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_library_says_stands_in_brackets() {
        let say = |text: &str| translate(text).into_owned();
        assert_eq!(
            say("/tmp/a.wav: the audio is damaged: wav: expected data chunk before the end"),
            "/tmp/a.wav：音频已损坏（wav: expected data chunk before the end）"
        );
        assert_eq!(
            say("the sound device cannot be opened: some plugin gave up"),
            "无法打开声音设备（some plugin gave up）"
        );
        assert_eq!(
            say("this is no Ziyin song: key must be a string"),
            "这不是字音的歌曲（key must be a string）"
        );
        // Names are what they are.
        assert_eq!(say("note 7: not carried over: my own words"), "note 7：未能保留（my own words）");
        assert_eq!(say("no GPU can be used: Broken Driver"), "没有可用的 GPU：Broken Driver");
    }

    #[test]
    fn a_sentence_of_many_commas_and_colons_comes_to_an_end() {
        let began = std::time::Instant::now();
        for between in [", ", ": ", " (", ": a, b ("] {
            let name = ["verse"; 150].join(between);
            assert_eq!(translate(&format!("{name}!")), format!("{name}!"));
            let said = translate(&format!("note 7: not carried over: {name}")).into_owned();
            assert!(said.contains("未能保留"), "{said}");
        }
        assert!(began.elapsed() < std::time::Duration::from_secs(5), "{:?}", began.elapsed());
    }

    #[test]
    fn what_varies_keeps_its_place_in_the_translation() {
        let say = |text: &str| translate(text).into_owned();
        assert_eq!(say("the file cannot be read"), "无法读取该文件");
        assert_eq!(say("note 7 has pitch 200, outside 0 to 127"), "音符 7 的音高 200 不在 0 到 127 之间");
        assert_eq!(
            say("/tmp/a.ogg: the audio is damaged: it ends too soon"),
            "/tmp/a.ogg：音频已损坏：过早结束"
        );
        assert_eq!(
            say("the file cannot be read: No such file or directory (os error 2)"),
            "无法读取该文件：没有这个文件或文件夹"
        );
        assert_eq!(
            say("track 2: not carried over: grace notes (3), typed phonemes (1)"),
            "音轨 2：未能保留：装饰音（3）、手动输入的音素（1）"
        );
        assert_eq!(say("一首歌 (demo)"), "一首歌 (demo)");
    }

    #[test]
    fn places_are_the_same_on_both_sides() {
        let mut seen = std::collections::HashSet::new();
        for sentence in SENTENCES.iter() {
            let places = |side: &[Piece]| {
                let mut all: Vec<String> = side
                    .iter()
                    .filter_map(
                        |piece| if let Piece::Place(name) = piece { Some(name.clone()) } else { None },
                    )
                    .collect();
                all.sort();
                all
            };
            let (english, translation) = (places(&sentence.english), places(&sentence.translation));
            assert!(translation.iter().all(|place| english.contains(place)), "{:?}", sentence.english);
            assert!(seen.insert(format!("{:?}", sentence.english)), "twice: {:?}", sentence.english);
        }
        assert!(SENTENCES.len() > 100);
    }
}
