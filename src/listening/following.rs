//! How likely one syllable follows another.

use std::collections::HashMap;

use super::lexicon::{Heard, lexicon};
use ziyin_lyrics::Language;

/// See `scripts/following`, which writes it: the syllables, then for each a line, the first for the
/// beginning of a phrase. A letter says how unlikely each syllable comes next.
const TABLE: &str = include_str!("following.txt");
/// Nepers from one letter to the next, and the first of them, which is certain.
const STEP: f32 = 0.15;
const CERTAIN: u8 = b'!';
/// What is not in the table.
const UNHEARD_OF: f32 = 14.0;

/// The power of how likely something follows with which it is drawn.
const RARE: f32 = 0.7;

/// How unlikely (nepers) something is for which a letter stands.
pub(super) fn unlikely(letter: u8) -> f32 {
    STEP * f32::from(letter.saturating_sub(CERTAIN))
}

/// How likely syllables of a lexicon follow each other.
pub(super) struct Following {
    /// `[(syllables + 1) × syllables]`: natural logarithms; the last row is for the beginning of a phrase.
    likely: Vec<f32>,
    count: usize,
}

impl Following {
    /// As far as it is known of a language.
    pub fn of(language: Language, syllables: &[Heard]) -> Self {
        match language {
            Language::Mandarin => Self::in_words(syllables),
            _ => Self::any(syllables.len()),
        }
    }

    /// As the words of Mandarin have them.
    fn in_words(syllables: &[Heard]) -> Self {
        let count = syllables.len();
        let mut lines = TABLE.lines();
        let known: HashMap<&str, usize> =
            lines.next().unwrap_or_default().split(' ').enumerate().map(|(i, said)| (said, i)).collect();
        let rows: Vec<&[u8]> = lines.map(str::as_bytes).collect();
        let places: Vec<Option<usize>> =
            syllables.iter().map(|one| known.get(one.written.as_str()).copied()).collect();
        let mut likely = Vec::with_capacity((count + 1) * count);
        // After a syllable that no word has, what may come is what begins a phrase.
        for row in places.iter().map(|place| place.map_or(0, |place| place + 1)).chain([0]) {
            let row = rows.get(row).copied().unwrap_or_default();
            let letter = |place: &Option<usize>| place.and_then(|place| row.get(place));
            likely.extend(
                places.iter().map(|place| letter(place).map_or(-UNHEARD_OF, |letter| -unlikely(*letter))),
            );
        }
        Self { likely, count }
    }

    /// All as likely.
    fn any(count: usize) -> Self {
        Self { likely: vec![-(count.max(1) as f32).ln(); (count + 1) * count], count }
    }

    /// How likely each syllable follows one (natural logarithm); `None` is the beginning of a phrase.
    pub fn after(&self, syllable: Option<usize>) -> &[f32] {
        let row = syllable.unwrap_or(self.count);
        &self.likely[row * self.count..(row + 1) * self.count]
    }
}

/// Lyrics by chance: syllables of a language, each as likely as it is after the one before. `draw` gives numbers
/// from 0 to 1. None of a language that cannot be guessed.
pub fn lyrics_by_chance(language: Language, count: usize, draw: &mut dyn FnMut() -> f32) -> Vec<String> {
    let syllables = lexicon(language);
    if syllables.is_empty() {
        return Vec::new();
    }
    let following = Following::of(language, &syllables);
    let mut lyrics = Vec::with_capacity(count);
    let mut before = None;
    for _ in 0..count {
        let likely = following.after(before);
        // Rare syllables come oftener than they are used: they are to be learned too.
        let weight = |likely: &f32| (RARE * likely).exp();
        let mut left = draw() * likely.iter().map(weight).sum::<f32>();
        let next = likely.iter().position(|likely| {
            left -= weight(likely);
            left < 0.0
        });
        let next = next.unwrap_or(syllables.len() - 1);
        lyrics.push(syllables[next].written.clone());
        before = Some(next);
    }
    lyrics
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_follows_is_what_words_have() {
        let syllables = lexicon(Language::Mandarin);
        let following = Following::in_words(&syllables);
        let number = |said: &str| syllables.iter().position(|one| one.written == said).unwrap();
        let after = |before: Option<&str>, said: &str| following.after(before.map(number))[number(said)];
        assert!(after(Some("peng"), "you") > after(Some("peng"), "yue") + 1.0, "朋友");
        assert!(after(Some("nv"), "hai") > after(Some("nv"), "kuai"), "女孩");
        assert!(after(None, "de") > after(None, "nve") + 2.0);
        for row in (0..syllables.len()).map(Some).chain([None]) {
            let sum = following.after(row).iter().map(|likely| likely.exp()).sum::<f32>();
            assert!((0.85..1.15).contains(&sum), "{row:?}: {sum}");
        }
        assert!((Following::any(4).after(Some(3))[0] + 4f32.ln()).abs() < 1e-6);
    }

    #[test]
    fn lyrics_by_chance_are_of_their_language() {
        let mut number = 0u32;
        let mut draw = || {
            number += 1;
            (number as f32 * 0.618_034).fract()
        };
        let lyrics = lyrics_by_chance(Language::Mandarin, 400, &mut draw);
        let known = lexicon(Language::Mandarin);
        assert!(
            lyrics.len() == 400 && lyrics.iter().all(|lyric| known.iter().any(|one| one.written == *lyric))
        );
        let different: std::collections::HashSet<&String> = lyrics.iter().collect();
        assert!(different.len() > 100, "{}", different.len());
        assert!(lyrics_by_chance(Language::Japanese, 9, &mut draw).iter().all(|lyric| !lyric.is_ascii()));
        assert!(lyrics_by_chance(Language::English, 9, &mut draw).is_empty());
    }
}
