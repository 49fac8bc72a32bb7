//! Hanzi to pinyin, with the reading of a polyphone chosen from the words around it.

use std::collections::HashMap;
use std::sync::OnceLock;

use jieba_rs::{Jieba, TokenizeMode};
use pinyin::{ToPinyin, ToPinyinMulti};

use super::{sandhi, spelling::Spelling};

/// The list of words that decide how a character is read.
const READINGS: &str = include_str!("readings.txt");

/// One word in which a character has a certain reading.
struct Word {
    letters: Vec<char>,
    /// Where the character stands in the word.
    at: usize,
    reading: &'static str,
}

#[derive(Default)]
struct Entry {
    /// The reading where no word says otherwise.
    usual: Option<&'static str>,
    /// Longest first.
    words: Vec<Word>,
}

fn entries() -> &'static HashMap<char, Entry> {
    static ENTRIES: OnceLock<HashMap<char, Entry>> = OnceLock::new();
    ENTRIES.get_or_init(|| {
        let mut entries: HashMap<char, Entry> = HashMap::new();
        for line in READINGS.lines().filter(|line| !line.starts_with('#')) {
            let mut fields = line.split_whitespace();
            let (Some(c), Some(reading)) = (fields.next().and_then(|f| f.chars().next()), fields.next())
            else {
                continue;
            };
            let entry = entries.entry(c).or_default();
            for field in fields {
                if field == "*" {
                    entry.usual = Some(reading);
                    continue;
                }
                // `妈妈|2`: the reading is that of the second place only.
                let (word, only) = field.split_once('|').unwrap_or((field, ""));
                let only = only.parse::<usize>().ok();
                let letters: Vec<char> = word.chars().collect();
                let places =
                    (0..letters.len()).filter(|&i| letters[i] == c && only.is_none_or(|o| o == i + 1));
                entry.words.extend(places.map(|at| Word { letters: letters.clone(), at, reading }));
            }
        }
        for entry in entries.values_mut() {
            entry.words.sort_by_key(|word| std::cmp::Reverse(word.letters.len()));
        }
        entries
    })
}

fn jieba() -> &'static Jieba {
    // The dictionary takes a moment to load, and songs in pinyin never need it.
    static JIEBA: OnceLock<Jieba> = OnceLock::new();
    JIEBA.get_or_init(Jieba::new)
}

/// Traditional forms of characters that the list of words is about, or that its words
/// hold, each followed by the simplified form.
const TRADITIONAL: &str = "長长樂乐調调給给還还降降彈弹沒没會会稱称覺觉傳传勁劲惡恶噁恶籲吁尋寻剎刹參参校校殼壳廈厦樸朴闢辟粘粘綠绿紮扎輾辗纖纤賈贾嚇吓強强攢攒親亲顫颤單单龜龟脈脉為为爲为隻只種种數数難难興兴轉转處处處处幹干乾乾間间將将教教捲卷盡尽載载與与應应當当別别場场衝冲擔担擋挡發发髮发號号劃划濟济結结纍累籠笼論论寧宁鋪铺喪丧鮮鲜暈晕佔占漲涨摺折掙挣髒脏臟脏觀观過过業业銀银職职來来時时東东風风個个這这們们裡里裏里麼么媽妈爺爷奶奶寶宝謝谢歡欢陽阳誰谁頭头夢梦從从對对動动見见萬万無无與与見见學学開开記记說说認认識识讓让愛爱氣气雙双兩两幾几錢钱書书條条嗎吗臉脸淚泪遠远門门飛飞鐵铁鐘钟園园車车陸陆圖图國国圍围復复慶庆疊叠現现陽阳組组斷断結结淒凄懂懂護护離离魚鱼聲声響响應应圓圆緊紧捨舍夠够";

fn simplified(c: char) -> char {
    static PAIRS: OnceLock<HashMap<char, char>> = OnceLock::new();
    let pairs = PAIRS.get_or_init(|| {
        let mut chars = TRADITIONAL.chars();
        std::iter::from_fn(|| Some((chars.next()?, chars.next()?))).collect()
    });
    *pairs.get(&c).unwrap_or(&c)
}

/// Whether the character is a hanzi that has a reading.
pub(super) fn is_hanzi(c: char) -> bool {
    c == '〇' || c.to_pinyin().is_some() || entries().contains_key(&c)
}

/// The readings of a run of hanzi that are sung one after the other, each from the words
/// around it. `None` for a character without a reading.
pub(super) fn readings(run: &[char]) -> Vec<Option<Spelling>> {
    let run: Vec<char> = run.iter().map(|&c| simplified(c)).collect();
    let entries = entries();
    let matches = |i: usize, word: &Word| i >= word.at && run[i - word.at..].starts_with(&word.letters);
    // Segmentation costs time, so it is only done where it can decide something.
    let in_doubt = (0..run.len()).any(|i| {
        run[i] == '地' || entries.get(&run[i]).is_some_and(|e| e.words.iter().any(|w| matches(i, w)))
    });
    let tokens = if in_doubt { Tokens::of(&run) } else { Tokens::default() };
    let mut all: Vec<Option<Spelling>> = (0..run.len())
        .map(|i| {
            let Some(entry) = entries.get(&run[i]) else { return usual_reading(run[i]) };
            let word = entry
                .words
                .iter()
                .find(|word| matches(i, word) && tokens.agree(i - word.at, i - word.at + word.letters.len()));
            let reading = match word {
                Some(word) => Some(word.reading),
                None if run[i] == '地' && !tokens.after_manner(i) => Some("di4"),
                None => entry.usual,
            };
            reading.and_then(Spelling::read).or_else(|| usual_reading(run[i]))
        })
        .collect();
    sandhi::settle(&run, &mut all);
    all
}

fn usual_reading(c: char) -> Option<Spelling> {
    if c == '〇' {
        return Spelling::read("ling2");
    }
    from_table(c.to_pinyin()?)
}

fn from_table(pinyin: pinyin::Pinyin) -> Option<Spelling> {
    let mut spelling = Spelling::read(pinyin.with_tone())?;
    if spelling.tone == 0 {
        // The table writes the neutral tone without a mark.
        spelling.tone = 5;
    }
    Some(spelling)
}

/// Every reading of a hanzi in pinyin with tone digits, the usual one first; empty for
/// what is no hanzi. This is what a menu of readings offers.
pub fn alternatives(hanzi: char) -> Vec<String> {
    let simple = simplified(hanzi);
    let mut all = Vec::new();
    let mut add = |spelling: Option<Spelling>| {
        if let Some(written) = spelling.map(|s| s.written())
            && !all.contains(&written)
        {
            all.push(written);
        }
    };
    if let Some(entry) = entries().get(&simple) {
        add(entry.usual.and_then(Spelling::read));
        add(usual_reading(simple));
        entry.words.iter().for_each(|word| add(Spelling::read(word.reading)));
    }
    add(usual_reading(hanzi));
    for pinyin in hanzi.to_pinyin_multi().into_iter().flatten() {
        add(from_table(pinyin));
    }
    all
}

/// A run of hanzi cut into words.
#[derive(Default)]
struct Tokens {
    /// `[start, end)` of the word that each character belongs to, and the word's class.
    of: Vec<(usize, usize)>,
    manner: Vec<bool>,
}

impl Tokens {
    fn of(run: &[char]) -> Self {
        let text: String = run.iter().collect();
        let mut tokens = Tokens::default();
        let jieba = jieba();
        for token in jieba.tokenize(&text, TokenizeMode::Default, false) {
            for _ in token.start..token.end {
                tokens.of.push((token.start, token.end));
                tokens.manner.push(is_manner(jieba, token.word));
            }
        }
        tokens
    }

    /// Whether a word from `start` to `end` respects the cuts: it is made of whole words
    /// or lies inside one.
    fn agree(&self, start: usize, end: usize) -> bool {
        let (Some(&first), Some(&last)) = (self.of.get(start), self.of.get(end - 1)) else { return true };
        first == last || (first.0 == start && last.1 == end)
    }

    /// Whether the character stands alone behind a word that says how something is done:
    /// there 地 is *de*, the ending of adverbs.
    fn after_manner(&self, i: usize) -> bool {
        i > 0 && self.of.get(i) == Some(&(i, i + 1)) && self.manner[i - 1]
    }
}

/// Whether a word says how something is done: an adverb, an adjective of two characters
/// or more, or a doubled word as 慢慢.
fn is_manner(jieba: &Jieba, word: &str) -> bool {
    let chars: Vec<char> = word.chars().collect();
    if chars.len() < 2 {
        return false;
    }
    chars[chars.len() - 1] == chars[chars.len() - 2]
        || chars[0] == chars[1]
        || jieba
            .tag(word, false)
            .first()
            .is_some_and(|tag| matches!(tag.tag, "a" | "ad" | "an" | "d" | "z" | "i" | "l" | "o"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> String {
        let run: Vec<char> = text.chars().collect();
        let all: Vec<String> =
            readings(&run).into_iter().map(|s| s.map_or("?".into(), |s| s.written())).collect();
        all.join(" ")
    }

    #[track_caller]
    fn toneless(text: &str, expected: &str) {
        let found: String = read(text).chars().filter(|c| !c.is_ascii_digit()).collect();
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn the_word_chooses_the_reading() {
        toneless("我去银行", "wo qu yin hang");
        toneless("一个人行走", "yi ge ren xing zou");
        toneless("音乐让我快乐", "yin yue rang wo kuai le");
        toneless("重庆很重要", "chong qing hen zhong yao");
        toneless("他在长城下长大", "ta zai chang cheng xia zhang da");
        toneless("慢慢地走在大地上", "man man de zou zai da di shang");
        toneless("在那遥远的地方", "zai na yao yuan de di fang");
        toneless("我觉得该睡觉了", "wo jue de gai shui jiao le");
        toneless("得到了你", "de dao le ni");
        toneless("忘不了你", "wang bu liao ni");
        toneless("看着你睡着了", "kan zhe ni shui zhao le");
        toneless("还要还给你", "hai yao huan gei ni");
        toneless("都在首都", "dou zai shou du");
        toneless("似的好似", "shi de hao si");
        toneless("花儿为什么这样红", "hua er wei shen me zhe yang hong");
        toneless("好一朵美丽的茉莉花", "hao yi duo mei li de mo li hua");
        toneless("芬芳美丽满枝桠", "fen fang mei li man zhi ya");
        toneless("又香又白人人夸", "you xiang you bai ren ren kua");
        toneless("我得走了", "wo dei zou le");
        toneless("天和地", "tian he di");
    }

    #[test]
    fn traditional_characters_are_read_like_simplified_ones() {
        toneless("我長大了", "wo zhang da le");
        toneless("音樂與快樂", "yin yue yu kuai le");
        toneless("看著妳", "kan zhe ni");
        toneless("還給我", "huan gei wo");
    }

    #[test]
    fn yi_and_bu_have_the_tone_that_the_next_syllable_gives_them() {
        for (text, expected) in [
            ("不是", "bu2 shi4"),
            ("不来", "bu4 lai2"),
            ("不一样", "bu4 yi2 yang4"),
            ("一天", "yi4 tian1"),
            ("一起", "yi4 qi3"),
            ("一定", "yi2 ding4"),
            ("第一次", "di4 yi1 ci4"),
            ("十一月", "shi2 yi1 yue4"),
            ("是不是", "shi4 bu5 shi4"),
            ("看一看", "kan4 yi5 kan4"),
            ("一天一天", "yi4 tian1 yi4 tian1"),
            ("不", "bu4"),
            ("一", "yi1"),
        ] {
            assert_eq!(read(text), expected, "{text}");
        }
        assert!(read("一个").starts_with("yi2 "));
    }

    #[test]
    fn words_end_in_the_neutral_tone() {
        assert_eq!(read("妈妈"), "ma1 ma5");
        assert_eq!(read("月亮"), "yue4 liang5");
        assert_eq!(read("孩子们"), "hai2 zi5 men5");
        assert_eq!(read("女子"), "nv3 zi3");
    }

    #[test]
    fn every_line_of_the_list_is_sound() {
        for line in READINGS.lines().filter(|line| !line.starts_with('#') && !line.is_empty()) {
            let mut fields = line.split_whitespace();
            let c = fields.next().unwrap();
            assert_eq!(c.chars().count(), 1, "{line}");
            assert!(Spelling::read(fields.next().unwrap()).is_some(), "{line}");
            for word in fields {
                assert!(word == "*" || word.contains(c), "{line}: {word}");
            }
        }
    }

    #[test]
    fn the_table_covers_every_syllable_of_the_dictionary() {
        let missing: Vec<&str> = ('\u{4e00}'..='\u{9fff}')
            .filter_map(|c| c.to_pinyin())
            .filter(|&p| from_table(p).is_none())
            .map(|p| p.plain())
            .collect();
        assert!(missing.is_empty(), "{missing:?}");
    }

    #[test]
    fn a_menu_offers_the_usual_reading_first() {
        assert_eq!(alternatives('行')[..2], ["xing2", "hang2"]);
        assert_eq!(alternatives('长')[..2], ["chang2", "zhang3"]);
        assert_eq!(alternatives('樂')[..2], ["le4", "yue4"]);
        assert_eq!(alternatives('花'), ["hua1"]);
        assert!(alternatives('x').is_empty());
    }
}
