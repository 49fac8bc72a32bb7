//! Where characters lie that are known to be sung, in their order.

use super::ear::Sounds;
use super::notes::Interval;
use ziyin_lyrics::{Phoneme, Syllable};

/// Why lyrics could not be laid along a recording.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Astray {
    /// There is more in the lyrics than the recording has time for.
    TooShort,
    /// Together they are more than can be searched.
    TooLong,
}

/// Most steps by states that are searched.
const LARGEST: usize = 600_000_000;
/// What it costs to be silent between two characters.
const PAUSE: f32 = 1.0;

/// What a nasal that is a whole character may sound like.
const NASALS: [Phoneme; 5] = [Phoneme::Nn, Phoneme::M, Phoneme::N, Phoneme::Nj, Phoneme::Ng];

/// One state of the search: a sound of a character, or silence before it.
struct State {
    character: usize,
    /// Which of the sounds of its character.
    part: usize,
    /// The sounds that it may be heard as.
    sounds: Vec<Option<usize>>,
    kind: Kind,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Silence,
    /// The first sound of a character.
    First,
    /// Another.
    Later,
}

impl State {
    fn likely(&self, heard: &Sounds, step: usize) -> f32 {
        self.sounds.iter().map(|sound| heard.likely(step, *sound)).fold(f32::NEG_INFINITY, f32::max)
    }
}

/// The sounds that a sound of a syllable may be heard as: a nasal that is a whole character as any, since ん is
/// not always heard as what comes after it would have it.
fn heard_as(heard: &Sounds, syllable: &Syllable, sound: Phoneme) -> Vec<Option<usize>> {
    let is_whole = syllable.phonemes().count() == 1;
    match sound {
        sound if is_whole && NASALS.contains(&sound) => {
            NASALS.into_iter().map(|nasal| heard.number(nasal)).collect()
        }
        sound => vec![heard.number(sound)],
    }
}

/// Syllables that were laid along what was heard.
#[derive(Clone, Debug, Default)]
pub struct Followed {
    /// For each where it lies, in seconds, and the mean of how likely (as a natural logarithm) what is heard
    /// there is its.
    pub places: Vec<(Interval, f32)>,
    /// How likely they are all together, as a natural logarithm: of two texts the one that is worth more fits
    /// better to the same recording.
    pub worth: f32,
}

/// Lays syllables along what was heard.
///
/// # Errors
/// If there is not enough time for them, or too much to search.
pub fn follow(heard: &Sounds, syllables: &[Syllable]) -> Result<Followed, Astray> {
    let silence = || vec![heard.number(Phoneme::Rest)];
    let mut states: Vec<State> = Vec::new();
    for (character, syllable) in syllables.iter().enumerate() {
        states.push(State { character, part: 0, sounds: silence(), kind: Kind::Silence });
        for (i, sound) in syllable.phonemes().enumerate() {
            let kind = if i == 0 { Kind::First } else { Kind::Later };
            states.push(State { character, part: i, sounds: heard_as(heard, syllable, sound), kind });
        }
    }
    states.push(State { character: syllables.len(), part: 0, sounds: silence(), kind: Kind::Silence });
    let (count, steps) = (states.len(), heard.len());
    if syllables.is_empty() {
        return Ok(Followed::default());
    }
    if count.saturating_mul(steps) > LARGEST {
        return Err(Astray::TooLong);
    }
    let mut worth = vec![f32::NEG_INFINITY; count];
    worth[0] = states[0].likely(heard, 0);
    worth[1] = states[1].likely(heard, 0);
    let mut back = vec![0u8; count * steps];
    let mut next = worth.clone();
    for step in 1..steps {
        let (enters, goes_on) = (heard.enters(step), heard.goes_on(step));
        for (s, state) in states.iter().enumerate() {
            let mut best = (f32::NEG_INFINITY, 0u8);
            let mut way = |from: usize, more: f32| {
                if s >= from && worth[s - from] + more > best.0 {
                    best = (worth[s - from] + more, from as u8);
                }
            };
            match state.kind {
                Kind::Silence => {
                    way(0, 0.0);
                    way(1, -PAUSE);
                }
                Kind::First => {
                    way(0, goes_on);
                    way(1, enters);
                    way(2, enters);
                }
                Kind::Later => {
                    way(0, goes_on);
                    way(1, goes_on);
                }
            }
            next[s] = best.0 + state.likely(heard, step);
            back[step * count + s] = best.1;
        }
        std::mem::swap(&mut worth, &mut next);
    }
    let mut s = if worth[count - 1] >= worth[count - 2] { count - 1 } else { count - 2 };
    if !worth[s].is_finite() {
        return Err(Astray::TooShort);
    }
    let likely = worth[s];
    let mut at = vec![0usize; steps];
    for step in (0..steps).rev() {
        at[step] = s;
        s -= usize::from(back[step * count + s]);
    }
    Ok(Followed { places: intervals(heard, syllables, &states, &at), worth: likely })
}

fn intervals(heard: &Sounds, syllables: &[Syllable], states: &[State], at: &[usize]) -> Vec<(Interval, f32)> {
    let mut found = Vec::with_capacity(syllables.len());
    let mut step = 0;
    for (character, syllable) in syllables.iter().enumerate() {
        let is_of_it = |step: usize| {
            let state = &states[at[step]];
            state.character == character && state.kind != Kind::Silence
        };
        let part = |step: usize| states[at[step]].part;
        while step < at.len() && !is_of_it(step) {
            step += 1;
        }
        let first = step;
        while step < at.len() && is_of_it(step) {
            step += 1;
        }
        let has_consonant = syllable.initial != Phoneme::None;
        let vowel = (first..step)
            .find(|&step| !has_consonant || states[at[step]].kind == Kind::Later)
            .unwrap_or(step.saturating_sub(1));
        let likely = (first..step).map(|step| states[at[step]].likely(heard, step)).sum::<f32>();
        let last = syllable.phonemes().count();
        let is_last = |step: &usize| states[at[*step]].character == character && part(*step) + 1 == last;
        let coda = if syllable.coda == Phoneme::None { None } else { (vowel..step).find(is_last) };
        let interval = Interval {
            start: Sounds::moment(first),
            vowel: Sounds::moment(vowel),
            coda: Sounds::moment(coda.unwrap_or(step)),
            end: Sounds::moment(step),
        };
        found.push((interval, likely / (step - first).max(1) as f32));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use ziyin_lyrics::kana_to_syllables;

    #[test]
    fn a_nasal_that_is_a_whole_character_is_found_as_whichever_it_is_heard() {
        use Phoneme::{A, K, M, Rest};
        let sounds = [Rest, M, K, A, Rest];
        let steps: Vec<&[Phoneme]> =
            sounds.iter().flat_map(|sound| vec![std::slice::from_ref(sound); 10]).collect();
        // Where the first character begins is not heard.
        let begins = (0..50).map(|step| if step == 20 { 1.0 } else { 0.0 }).collect();
        let found = follow(&Sounds::clear(&steps, begins), &kana_to_syllables("んか").unwrap()).unwrap();
        let places: Vec<Interval> = found.places.into_iter().map(|(place, _)| place).collect();
        assert_eq!((places[0].start, places[0].end), (Sounds::moment(10), Sounds::moment(20)));
        assert_eq!((places[1].start, places[1].vowel), (Sounds::moment(20), Sounds::moment(30)));
    }
}
