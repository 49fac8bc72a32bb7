//! Sounds of a word to the syllables that its notes sing.

use super::arpabet::Phone;
use crate::{Language, Phoneme, Syllable};

/// Two consonants that begin an English word: of each that comes second those that come first.
const PAIRS: [(&str, &str); 10] = [
    ("L", "P B K G F S"),
    ("R", "P B T D K G F TH SH"),
    ("W", "T D K G S TH HH"),
    ("Y", "P B M F V K G HH"),
    ("P", "S"),
    ("T", "S"),
    ("K", "S"),
    ("M", "S"),
    ("N", "S"),
    ("F", "S"),
];
/// What may stand behind an *s* and its plosive.
const TRIPLES: [(&str, &str); 3] = [("P", "L R Y"), ("T", "R Y"), ("K", "L R W Y")];

fn is_among(list: &str, name: &str) -> bool {
    list.split(' ').any(|listed| listed == name)
}

/// Whether these consonants begin an English word.
fn is_onset(consonants: &[Phone]) -> bool {
    let names: Vec<&str> = consonants.iter().map(|phone| phone.name()).collect();
    match names[..] {
        [] => true,
        [one] => one != "NG",
        [first, second] => PAIRS.iter().any(|(last, before)| *last == second && is_among(before, first)),
        ["S", plosive, last] => TRIPLES.iter().any(|(with, after)| *with == plosive && is_among(after, last)),
        _ => false,
    }
}

/// The sounds of a word, cut before as many consonants of each vowel as can begin a word. Sounds
/// without a vowel get one that is hardly heard.
pub(super) fn cut(sounds: &[Phone]) -> Vec<Vec<Phone>> {
    let vowels: Vec<usize> = (0..sounds.len()).filter(|&at| sounds[at].is_vowel()).collect();
    let mut cuts = vec![0];
    for pair in vowels.windows(2) {
        let between = pair[0] + 1..pair[1];
        cuts.push(between.clone().find(|&at| is_onset(&sounds[at..pair[1]])).unwrap_or(between.end));
    }
    cuts.push(sounds.len());
    let mut all: Vec<Vec<Phone>> = cuts.windows(2).map(|cut| sounds[cut[0]..cut[1]].to_vec()).collect();
    if let ([alone], true) = (&mut all[..], vowels.is_empty())
        && let Some(schwa) = Phone::read("AH0")
    {
        alone.insert(alone.len().saturating_sub(1), schwa);
    }
    all
}

/// One syllable in the slots of the inventory. Its consonants are few enough, or some are left out
/// that are hardly heard between the others.
pub(super) fn syllable(sounds: &[Phone]) -> Syllable {
    let hum = Syllable::hum(Language::English);
    let Some(at) = sounds.iter().position(|phone| phone.is_vowel()) else { return hum };
    let (nucleus, after) = sounds[at].rhyme().unwrap_or((Phoneme::Schwa, Phoneme::None));
    let (initial, glide) = onset(&sounds[..at]);
    let mut closing: Vec<Phoneme> = sounds[at + 1..].iter().map(|phone| phone.after_vowel()).collect();
    closing.retain(|&phoneme| phoneme != Phoneme::None);
    let mut coda = after;
    if coda == Phoneme::None && closing.first().is_some_and(|&first| closes_vowel(first)) {
        coda = closing.remove(0);
    }
    let tone = match sounds[at].stress {
        Some(0) => 5,
        Some(stress) => stress,
        None => 0,
    };
    Syllable { initial, glide, nucleus, coda, tone, tail: shortened(coda, closing), ..hum }
}

/// What sounds on with the vowel, in the slot where Mandarin has its glides and nasals.
fn closes_vowel(phoneme: Phoneme) -> bool {
    use Phoneme::*;
    matches!(phoneme, M | N | Ng | L | Er)
}

/// The consonants before a vowel as an initial and a glide; an *s* and its plosive are one.
fn onset(consonants: &[Phone]) -> (Phoneme, Phoneme) {
    use Phoneme::*;
    let (initial, rest) = match consonants {
        [] => return (None, None),
        [one] if matches!(one.name(), "W" | "Y") => return (None, one.before_vowel()),
        [s, plosive, rest @ ..] if s.name() == "S" && matches!(plosive.name(), "P" | "T" | "K") => {
            let cluster = match plosive.name() {
                "P" => Sp_,
                "T" => St_,
                _ => Sk_,
            };
            (cluster, rest)
        }
        [first, rest @ ..] => (first.before_vowel(), rest),
    };
    (initial, rest.last().map_or(None, |last| last.before_vowel()))
}

/// At most two consonants behind a coda. Where there are more, a plosive goes that stands between
/// others (*strengths*, *asked*), then what is in the middle.
fn shortened(coda: Phoneme, mut closing: Vec<Phoneme>) -> [Phoneme; 2] {
    use Phoneme::*;
    let is_plosive = |p: &Phoneme| matches!(p, P | T | K | B | D | G);
    while closing.len() > 2 {
        let nasal = matches!(coda, M | N | Ng);
        let first = usize::from(!nasal);
        let inner = first..closing.len() - 1;
        let place = inner.clone().find(|&at| is_plosive(&closing[at])).unwrap_or(closing.len() / 2);
        closing.remove(place);
    }
    [0, 1].map(|at| closing.get(at).copied().unwrap_or(None))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::english::arpabet::read_sounds;

    #[track_caller]
    fn cuts(sounds: &str, syllables: &str) {
        let written =
            |syllable: &Vec<Phone>| syllable.iter().map(Phone::to_string).collect::<Vec<_>>().join(" ");
        let all: Vec<String> = cut(&read_sounds(sounds).unwrap()).iter().map(written).collect();
        assert_eq!(all.join(" | "), syllables);
    }

    #[test]
    fn as_many_consonants_as_can_begin_a_word_go_to_the_vowel_after_them() {
        cuts("HH AE1 P IY0", "HH AE1 | P IY0");
        cuts("F AY1 ER0", "F AY1 | ER0");
        cuts("EH1 K S T R AH0", "EH1 K | S T R AH0");
        cuts("R IH1 DH AH0 M", "R IH1 | DH AH0 M");
        cuts("S IH1 NG IH0 NG", "S IH1 NG | IH0 NG");
        cuts("AE1 TH L IY2 T", "AE1 TH | L IY2 T");
        cuts("S T R EH1 NG K TH S", "S T R EH1 NG K TH S");
        cuts("SH", "AH0 SH");
        cuts("P S T", "P S AH0 T");
    }

    #[track_caller]
    fn sung(sounds: &str, ipa: &str, tone: u8) {
        let syllable = syllable(&read_sounds(sounds).unwrap());
        let slots: Vec<&str> = syllable.phonemes().map(Phoneme::ipa).collect();
        assert_eq!((slots.join(" ").as_str(), syllable.tone), (ipa, tone), "{sounds}");
    }

    #[test]
    fn every_cluster_is_sung() {
        sung("S T R IY1 T", "st ɹ i t", 1);
        sung("P L EY1", "pʰ l e j", 1);
        sung("S N OW2", "s n o w", 2);
        sung("W IY0", "w i", 5);
        sung("Y UW1", "j u", 1);
        sung("K W IY1 N", "kʰ w i n", 1);
        sung("W ER1 L D", "w ɚ l d", 1);
        sung("T AY1 M", "tʰ a j m", 1);
        sung("HH AE1 N D Z", "h æ n d z", 1);
        sung("F AY1 N D Z", "f a j n z", 1);
        sung("K AA1 R", "kʰ ɑ ɚ", 1);
        sung("DH AH0", "ð ə", 5);
        sung("L AH1 V", "l ʌ v", 1);
    }

    #[test]
    fn what_is_hardly_heard_between_consonants_is_left_out() {
        sung("S T R EH1 NG K TH S", "st ɹ ɛ ŋ θ s", 1);
        sung("AE1 S K T", "æ s t", 1);
        sung("T EH1 K S T S", "tʰ ɛ k s", 1);
        sung("G L IH1 M P S T", "ɡ l ɪ m s t", 1);
        sung("S IH1 K S TH S", "s ɪ k s", 1);
    }

    #[test]
    fn neighbours_are_told_of_what_they_meet() {
        let of = |sounds| syllable(&read_sounds(sounds).unwrap());
        let hands = of("HH AE1 N D Z");
        assert_eq!((hands.opening(), hands.closing()), ([Phoneme::H, Phoneme::Ae], [Phoneme::D, Phoneme::Z]));
        assert_eq!(of("HH AE1 N D").closing(), [Phoneme::N, Phoneme::D]);
        assert_eq!(of("K AE1 T").closing(), [Phoneme::Ae, Phoneme::T]);
        assert_eq!(of("K AE1 N").closing(), [Phoneme::Ae, Phoneme::N]);
        assert!(hands.ends_in_noise() && !of("T AY1 M").ends_in_noise() && of("SH IY1").is_open());
    }
}
