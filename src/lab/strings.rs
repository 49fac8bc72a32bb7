//! What is sung in a string of a voicebank.

use ziyin_corpus::{Token, TokenPlace};
use ziyin_lyrics::{Phoneme, Syllable, kana_to_syllables, moraic_nasal_before};

/// A string with all that is sung in it. A bank names every pair of sounds but once, so that beats of many
/// strings have no place of their own; the name of the recording tells them, or else, as with ん, what comes
/// before others. They are said to lie outside, and so not compared.
pub(super) fn whole(string: &[Token]) -> Vec<Token> {
    by_name(string).unwrap_or_else(|| with_codas(string))
}

/// A string by the name of its recording, if that is kana in which all of its tokens are found.
fn by_name(string: &[Token]) -> Option<Vec<Token>> {
    let first = string.first()?;
    let name = first.wav.file_stem()?.to_str()?;
    // Banks write in katakana what is sung otherwise.
    if !name.chars().all(|c| ('ぁ'..='ん').contains(&c) || c == 'ヴ') {
        return None;
    }
    let mut beats = kana_to_syllables(name)?;
    for i in 0..beats.len() {
        let next = beats.get(i + 1).map_or(Phoneme::Rest, |next| next.opening()[0]);
        if beats[i].nucleus == Phoneme::Nn {
            beats[i].nucleus = moraic_nasal_before(next);
        }
    }
    let mut tokens = string.iter().peekable();
    let mut whole = Vec::with_capacity(beats.len());
    for (i, &syllable) in beats.iter().enumerate() {
        let before = i.checked_sub(1).map_or([Phoneme::Rest; 2], |before| beats[before].closing());
        let is_it = |token: &&Token| {
            let same = |one: Phoneme, other: Phoneme| one == other || (is_nasal(one) && is_nasal(other));
            let sounds: Vec<Phoneme> = token.syllable.phonemes().collect();
            sounds.len() == syllable.phonemes().count()
                && sounds.iter().zip(syllable.phonemes()).all(|(&one, other)| same(one, other))
                && same(token.previous[0], before[0])
        };
        whole.push(match tokens.next_if(is_it) {
            Some(token) => Token { syllable, ..token.clone() },
            None => outside(first, syllable),
        });
    }
    tokens.next().is_none().then_some(whole)
}

fn is_nasal(sound: Phoneme) -> bool {
    matches!(sound, Phoneme::Nn | Phoneme::M | Phoneme::N | Phoneme::Ng)
}

/// A beat of the string of a token whose place is not known.
fn outside(token: &Token, syllable: Syllable) -> Token {
    let place = TokenPlace { vowel: Some(0.0), ..TokenPlace::default() };
    Token { syllable, place, ..token.clone() }
}

/// A string with the beats that are only named as what comes before others.
fn with_codas(string: &[Token]) -> Vec<Token> {
    let mut whole: Vec<Token> = Vec::with_capacity(string.len());
    for token in string {
        if let Some(before) = whole.last() {
            let closing = before.syllable.closing();
            if token.previous != closing && token.previous[0] != Phoneme::Rest {
                let (nucleus, none) = (token.previous[0], Phoneme::None);
                let syllable = Syllable { initial: none, glide: none, nucleus, coda: none, ..token.syllable };
                whole.push(outside(token, syllable));
            }
        }
        whole.push(token.clone());
    }
    whole
}

#[cfg(test)]
mod tests {
    use ziyin_corpus::Manner;

    use super::*;

    fn token(name: &str, kana: &str, previous: Phoneme, vowel: f64) -> Token {
        Token {
            wav: name.into(),
            folder_pitch: None,
            syllable: kana_to_syllables(kana).unwrap()[0],
            previous: [previous, Phoneme::None],
            next: [Phoneme::Rest; 2],
            place: TokenPlace { vowel: Some(vowel), ..TokenPlace::default() },
            manner: Manner::Plain,
        }
    }

    #[test]
    fn beats_that_a_bank_does_not_name_are_told_by_the_name_of_the_recording() {
        let name = "bank/かかきかんく.wav";
        let (a, i) = (Phoneme::A, Phoneme::I);
        let string =
            [token(name, "か", Phoneme::Rest, 0.5), token(name, "き", a, 1.5), token(name, "か", i, 2.0)];
        let known: Vec<Option<f64>> = whole(&string).iter().map(|token| token.place.vowel).collect();
        let outside = Some(0.0);
        assert_eq!(known, [Some(0.5), outside, Some(1.5), Some(2.0), outside, outside]);
        assert_eq!(whole(&string)[4].syllable.nucleus, Phoneme::Ng);
        // A name that does not hold them tells nothing.
        let other = string.map(|token| Token { wav: "bank/さし.wav".into(), ..token });
        assert_eq!(whole(&other).len(), 3);
    }
}
