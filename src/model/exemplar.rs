//! Takes that a voice learned from, and what they tell of how a character is to be sung.

use serde::{Deserialize, Serialize};

use super::character::{CODE, Second};
use ziyin_lyrics::{Phoneme, Syllable};
use ziyin_signal::chance;

/// How one take differed from the mean of its kind, learned in training. No sound is
/// stored: the code steers the network to the consonant that it learned from that take.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Exemplar {
    pub syllable: Syllable,
    pub previous: [Phoneme; 2],
    pub next: [Phoneme; 2],
    pub singer: usize,
    /// MIDI pitch of the take.
    pub key: u8,
    pub levels: [f32; 3],
    pub code: Vec<f32>,
}

/// What is to be sung, as far as takes can be like it.
#[derive(Clone, Copy, Debug)]
pub struct Sought {
    pub syllable: Syllable,
    /// What stands before it, see [`Syllable::closing`].
    pub previous: [Phoneme; 2],
    /// What stands behind it, see [`Syllable::opening`].
    pub next: [Phoneme; 2],
    /// Index into the singers that the voice was trained on.
    pub singer: usize,
    /// MIDI pitch.
    pub pitch: f32,
    /// What weighs the takes by chance, so that they are drawn anew; `None` for each as it is.
    pub take: Option<u64>,
}

/// What exemplars tell the generator.
#[derive(Clone, Debug, PartialEq)]
pub struct Articulation {
    pub levels: [f32; 3],
    pub code: [f32; CODE],
}

impl Articulation {
    /// What lies between how one singer articulates and how the second does.
    pub(super) fn between(&self, second: &Self, mixed: Second) -> Self {
        let mut between = self.clone();
        let parts = between.levels.iter_mut().chain(&mut between.code);
        for (part, other) in parts.zip(second.levels.iter().chain(&second.code)) {
            *part = mixed.between(*part, *other);
        }
        between
    }
}

/// How far a take may be, in semitones of pitch, until it counts a third of the nearest.
const REACH: f32 = 6.0;

/// How unevenly chance weighs takes: by 1 as if as many had been drawn from them with replacement (Rubin, *The
/// Bayesian bootstrap*, Annals of Statistics 9, 1981), by more as if it had been fewer.
const LUCK: f64 = 2.0;

/// How much chance weighs the take of that number, always above 0.
fn luck(take: u64, number: u64) -> f32 {
    let even = 0.5 + 0.5 * chance(take, number);
    (-even.clamp(1e-6, 1.0 - 1e-6).ln()).powf(LUCK) as f32
}

/// What another vowel counts for, in semitones of pitch.
const OTHER_NUCLEUS: f32 = 2.0;

/// How what is to be sung was sung: the mean over all takes of the same sounds, those at
/// a near pitch between like neighbours first. One take alone has accidents that are
/// heard as other sounds.
///
/// A syllable that nobody sang takes the level of its beginning from those that begin so, and that of its
/// end from those that end so: English has more syllables than anybody records, and a consonant that is
/// told to be as loud as a vowel is heard as another. Its code is the mean of all: that of other syllables
/// was no help in English (docs/notebook.md).
pub fn articulation(exemplars: &[Exemplar], sought: &Sought) -> Option<Articulation> {
    let syllable = &sought.syllable;
    let mean_of = |alike: &dyn Fn(&Syllable) -> bool| mean(exemplars, alike, sought);
    if let Some(same) = mean_of(&|other| other.slots() == syllable.slots()) {
        return Some(same);
    }
    let ending = |syllable: &Syllable| (syllable.coda, syllable.tail);
    let begins = mean_of(&|other| other.initial == syllable.initial && other.glide == syllable.glide)
        .or_else(|| mean_of(&|other| other.initial == syllable.initial));
    let ends = mean_of(&|other| ending(other) == ending(syllable))
        .or_else(|| mean_of(&|other| other.coda == syllable.coda));
    let (first, last) = (begins.as_ref().or(ends.as_ref())?, ends.as_ref().or(begins.as_ref())?);
    let levels = [first.levels[0], (first.levels[1] + last.levels[1]) / 2.0, last.levels[2]];
    Some(Articulation { levels, code: [0.0; CODE] })
}

/// The mean over the takes whose syllable is `alike`, nearer ones first.
fn mean(exemplars: &[Exemplar], alike: &dyn Fn(&Syllable) -> bool, sought: &Sought) -> Option<Articulation> {
    let luck = |number| sought.take.map_or(1.0, |take| luck(take, number));
    let near: Vec<(&Exemplar, f32, f32)> = (0..)
        .zip(exemplars)
        .filter(|(_, e)| alike(&e.syllable))
        .map(|(number, e)| (e, e.distance(sought), luck(number)))
        .collect();
    let nearest = near.iter().map(|(_, far, _)| *far).reduce(f32::min)?;
    let mut mean = Articulation { levels: [0.0; 3], code: [0.0; CODE] };
    let mut sum = 0.0;
    for (exemplar, far, luck) in near {
        let weight = luck * ((nearest - far) / REACH).exp();
        sum += weight;
        mean.levels.iter_mut().zip(exemplar.levels).for_each(|(m, l)| *m += weight * l);
        mean.code.iter_mut().zip(&exemplar.code).for_each(|(m, c)| *m += weight * c);
    }
    mean.levels.iter_mut().chain(&mut mean.code).for_each(|m| *m /= sum);
    Some(mean)
}

impl Exemplar {
    /// How far the take is from what is to be sung, in semitones of pitch.
    fn distance(&self, sought: &Sought) -> f32 {
        let &Sought { ref syllable, previous, next, singer, pitch, .. } = sought;
        let rest = |p: [Phoneme; 2]| p[0] == Phoneme::Rest;
        let mut far = (f32::from(self.key) - pitch).abs();
        // How somebody else articulates it beats knowing nothing: the timbre is not in the code.
        if self.singer != singer {
            far += 100.0;
        }
        // Languages share letters for sounds that they articulate apart: the t of Japanese stands
        // between the d and the t of Mandarin.
        if self.syllable.language != syllable.language {
            far += 200.0;
        }
        // A consonant after silence is another one than after a vowel; that the vowel
        // before was another matters less, and what comes after matters least.
        far += if rest(self.previous) != rest(previous) {
            8.0
        } else if self.previous != previous {
            1.0
        } else {
            0.0
        };
        far += if rest(self.next) != rest(next) {
            2.0
        } else if self.next[0] != next[0] {
            0.5
        } else {
            0.0
        };
        if self.syllable.nucleus != syllable.nucleus {
            far += OTHER_NUCLEUS;
        }
        far
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ziyin_lyrics::Language;

    fn syllable(initial: Phoneme, nucleus: Phoneme, end: Phoneme) -> Syllable {
        let tail = [end, Phoneme::None];
        Syllable {
            language: Language::English,
            initial,
            glide: Phoneme::None,
            nucleus,
            coda: Phoneme::None,
            tone: 0,
            tail,
        }
    }

    fn take(syllable: Syllable, levels: [f32; 3], code: f32) -> Exemplar {
        let rest = [Phoneme::Rest; 2];
        Exemplar { syllable, previous: rest, next: rest, singer: 0, key: 60, levels, code: vec![code; CODE] }
    }

    fn sought(syllable: Syllable) -> Sought {
        let rest = [Phoneme::Rest; 2];
        Sought { syllable, previous: rest, next: rest, singer: 0, pitch: 60.0, take: Option::None }
    }

    #[test]
    fn what_nobody_sang_begins_and_ends_like_what_somebody_did() {
        use Phoneme::{A, I, K, L, None, S};
        let takes = [
            take(syllable(S, I, None), [-12.0, 0.0, -1.0], 1.0),
            take(syllable(L, A, K), [-2.0, 0.0, -9.0], 2.0),
            take(syllable(L, I, None), [-2.0, 0.0, -1.0], 2.0),
        ];
        let of = |syllable| articulation(&takes, &sought(syllable));
        let sick = of(syllable(S, A, K)).unwrap();
        assert_eq!((sick.levels, sick.code), ([-12.0, 0.0, -9.0], [0.0; CODE]));
        // What somebody sang is sung so.
        let lack = of(syllable(L, A, K)).unwrap();
        assert_eq!((lack.levels, lack.code), ([-2.0, 0.0, -9.0], [2.0; CODE]));
        // Of an unknown beginning nothing is known but the end.
        let mac = of(syllable(Phoneme::M, A, K)).unwrap();
        assert_eq!((mac.levels, mac.code), ([-2.0, 0.0, -9.0], [0.0; CODE]));
        assert_eq!(articulation(&[], &sought(syllable(S, A, K))), Option::None);
    }

    #[test]
    fn a_take_is_drawn_anew_and_the_same_each_time() {
        use Phoneme::{I, None, S};
        let takes: Vec<Exemplar> =
            (0..8).map(|i| take(syllable(S, I, None), [-12.0, 0.0, -1.0], i as f32)).collect();
        let of =
            |take| articulation(&takes, &Sought { take, ..sought(syllable(S, I, None)) }).unwrap().code[0];
        let mean = of(Option::None);
        assert!((mean - 3.5).abs() < 1e-5, "{mean}");
        let drawn: Vec<f32> = (1..100).map(|take| of(Some(take))).collect();
        assert!(drawn.iter().all(|code| (0.0..=7.0).contains(code) && *code != mean));
        assert_eq!(drawn[6], of(Some(7)));
        let spread = (drawn.iter().map(|code| (code - mean).powi(2)).sum::<f32>() / 99.0).sqrt();
        assert!((0.7..2.3).contains(&spread), "{spread}");
    }

    #[test]
    fn the_same_vowel_counts_more_than_another() {
        use Phoneme::{A, I, K, None, S};
        let takes = [
            take(syllable(S, I, None), [-12.0, 0.0, -1.0], 1.0),
            take(syllable(S, A, None), [-6.0, 0.0, -1.0], 1.0),
        ];
        let sack = articulation(&takes, &sought(syllable(S, A, K))).unwrap();
        assert!(sack.levels[0] > -9.0 && sack.levels[0] < -6.0, "{:?}", sack.levels);
    }
}
