//! What is sung in a string of a voicebank.

use ziyin_corpus::{Token, TokenPlace};
use ziyin_lyrics::{Phoneme, Syllable};

/// A string with the beats that its corpus names only as what comes before others, as it does
/// with ん: the transcript tells them. They are said to lie outside, and so not compared.
pub(super) fn with_codas(string: &[Token]) -> Vec<Token> {
    let mut whole: Vec<Token> = Vec::with_capacity(string.len());
    for token in string {
        if let Some(before) = whole.last() {
            let closing = before.syllable.closing();
            if token.previous != closing && token.previous[0] != Phoneme::Rest {
                let (nucleus, none) = (token.previous[0], Phoneme::None);
                let syllable = Syllable { initial: none, glide: none, nucleus, coda: none, ..token.syllable };
                let place = TokenPlace { vowel: Some(0.0), ..TokenPlace::default() };
                whole.push(Token { syllable, place, ..token.clone() });
            }
        }
        whole.push(token.clone());
    }
    whole
}
