use ziyin_corpus::AnalysedToken;

/// What is learned from, and what is kept back to test with.
#[derive(Clone, Debug, Default)]
pub struct Split {
    pub training: Vec<usize>,
    /// One token in twenty, at random.
    pub random: Vec<usize>,
    /// Every D4 token of forty syllables: a pitch between those that were heard.
    pub between: Vec<usize>,
}

/// MIDI pitch of the folder that is kept back for some syllables.
const BETWEEN_KEY: u8 = 62;
const BETWEEN_SYLLABLES: usize = 40;

/// Splits tokens; the same tokens always fall the same way, whatever else is there.
pub fn split_tokens(tokens: &[AnalysedToken]) -> Split {
    let mut syllables: Vec<String> = tokens
        .iter()
        .filter(|t| t.key == BETWEEN_KEY && t.syllable.initial != ziyin_lyrics::Phoneme::None)
        .map(sounds)
        .collect();
    syllables.sort();
    syllables.dedup();
    syllables.sort_by_key(|s| hash(s));
    syllables.truncate(BETWEEN_SYLLABLES);
    let mut split = Split::default();
    for (i, token) in tokens.iter().enumerate() {
        if token.key == BETWEEN_KEY && syllables.contains(&sounds(token)) {
            split.between.push(i);
        } else if hash(&token.name).is_multiple_of(20) {
            split.random.push(i);
        } else {
            split.training.push(i);
        }
    }
    split
}

/// The phonemes of a token's syllable in IPA.
pub fn sounds(token: &AnalysedToken) -> String {
    token.syllable.phonemes().map(|p| p.ipa()).collect()
}

fn hash(text: &str) -> u64 {
    let mixed =
        text.bytes().fold(0xcbf2_9ce4_8422_2325u64, |h, b| (h ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3));
    mixed ^ (mixed >> 29)
}
