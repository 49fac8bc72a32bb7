//! A voice whose consonants, vowels or both are recorded tokens instead of what the network
//! makes: what is misheard of each says what each part costs.

use std::collections::HashMap;
use ziyin_message::Message;

use ziyin_corpus::{AnalysedToken, Manner};
use ziyin_lyrics::{Phoneme, Syllable};
use ziyin_model::VoiceModel;
use ziyin_signal::{AP_BANDS, BINS, Frames};
use ziyin_singing::{Block, Character, Landmarks, Timing, TimingInput, Voice, VoiceFailure};

/// Seconds on each side of a cut in a nucleus in which one piece becomes the next.
pub const CUT_FADE: f64 = 0.01;
/// Seconds that a piece of a coda lasts.
const CODA_PIECE: f64 = 0.025;
/// What of a coda before silence is heard before it dies away.
const DYING: f64 = 0.8;
/// Seconds after the vowel's onset between which a consonant of one source becomes the vowel
/// of the other.
const VOWEL_FADE: [f32; 2] = [0.01, 0.04];

/// The tokens of one singer, by their sounds.
pub struct RecordedTokens<'a> {
    by_sounds: HashMap<[Phoneme; 6], Vec<&'a AnalysedToken>>,
}

impl<'a> RecordedTokens<'a> {
    /// Those that are sung in the plain manner.
    pub fn new(tokens: impl Iterator<Item = &'a AnalysedToken>) -> Self {
        let mut by_sounds: HashMap<_, Vec<_>> = HashMap::new();
        for token in tokens.filter(|token| token.manner == Manner::Plain) {
            by_sounds.entry(token.syllable.slots()).or_default().push(token);
        }
        Self { by_sounds }
    }

    /// The token that is likest: of the nearest pitch (MIDI), beside silence or sound as
    /// asked, then between the same neighbours. `None` if nobody recorded these sounds.
    pub fn nearest(
        &self,
        syllable: &Syllable,
        previous: [Phoneme; 2],
        next: [Phoneme; 2],
        pitch: f32,
    ) -> Option<&'a AnalysedToken> {
        let far = |token: &AnalysedToken| {
            let beside = |own: [Phoneme; 2], asked: [Phoneme; 2]| match own == asked {
                true => 0.0,
                false if (own[0] == Phoneme::Rest) == (asked[0] == Phoneme::Rest) => 0.4,
                false => 2.0,
            };
            let neighbours = beside(token.previous, previous) + 0.5 * beside(token.next, next);
            (f32::from(token.key) - pitch).abs() + neighbours
        };
        let all = self.by_sounds.get(&syllable.slots())?;
        all.iter().copied().min_by(|a, b| far(a).total_cmp(&far(b)))
    }

    /// The same for a character of a plan.
    pub fn of(&self, c: &Character) -> Option<&'a AnalysedToken> {
        self.nearest(&c.syllable, c.previous, c.next, c.pitch.iter().sum::<f32>() / c.pitch.len() as f32)
    }
}

/// From when on a part of a recording sounds, and how much later it was recorded than it is
/// sung, in seconds; both from the onset.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Piece {
    pub from: f64,
    pub shift: f64,
}

/// Which parts of a token a character is made of. The consonant is as it was, without its
/// beginning where there is no time for it; of the nucleus the middle is left out, or said
/// again and again; a coda is gone through evenly, in short pieces.
pub fn pieces(token: &AnalysedToken, sung: &Character, at: &Landmarks) -> Vec<Piece> {
    let recorded = token.landmarks;
    let [vowel, nucleus_end, end] = [at.vowel, at.nucleus_end, at.end].map(f64::from);
    let (held, length) = (recorded.nucleus_end - recorded.vowel, nucleus_end - vowel);
    let mut pieces = vec![Piece { from: f64::NEG_INFINITY, shift: recorded.vowel - vowel }];
    let last = recorded.nucleus_end - nucleus_end;
    if length <= held {
        pieces.push(Piece { from: vowel + 0.5 * length, shift: last });
    } else {
        let (head, tail) = (vowel + 0.75 * held, nucleus_end - 0.25 * held);
        let from = recorded.vowel + 0.35 * held;
        pieces.extend(cut(head, tail, 0.4 * held).map(|at| Piece { from: at, shift: from - at }));
        pieces.push(Piece { from: tail, shift: last });
    }
    // The end of a token before silence dies away.
    let is_rest = |next: [Phoneme; 2]| next[0] == Phoneme::Rest;
    let whole = if is_rest(token.next) && !is_rest(sung.next) { DYING } else { 1.0 };
    let (coda, sung_coda) = (whole * (recorded.end - recorded.nucleus_end), end - nucleus_end);
    if coda > sung_coda && sung_coda > 0.0 {
        let faster = coda / sung_coda - 1.0;
        let moved = |at: f64| Piece { from: at, shift: last + faster * (at - nucleus_end) };
        pieces.extend(cut(nucleus_end, end, CODA_PIECE).skip(1).map(moved));
    }
    pieces
}

/// Where equal pieces of at most `length` seconds begin.
fn cut(from: f64, to: f64, length: f64) -> impl Iterator<Item = f64> {
    let count = ((to - from) / length).ceil().max(1.0);
    (0..count as usize).map(move |i| from + (to - from) * i as f64 / count)
}

/// Where a part of a character comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Source {
    Recorded,
    Network,
}

/// Sings with tokens, with a network, or with both. Consonants and codas are as long as they
/// were recorded, whoever sings them.
pub struct RecordedVoice<'a> {
    pub network: &'a VoiceModel,
    pub tokens: &'a RecordedTokens<'a>,
    pub consonants: Source,
    pub vowels: Source,
}

impl Voice for RecordedVoice<'_> {
    fn fingerprint(&self) -> u64 {
        let source = |source| u64::from(source == Source::Recorded);
        self.network.fingerprint ^ (2 * source(self.consonants) + source(self.vowels) + 4)
    }

    fn singer(&self, name: &str) -> Option<usize> {
        Voice::singer(self.network, name)
    }

    fn timings(&self, inputs: &[TimingInput]) -> Result<Vec<Timing>, VoiceFailure> {
        let mut timings = Voice::timings(self.network, inputs)?;
        for (timing, c) in timings.iter_mut().zip(inputs) {
            let Some(token) = self.tokens.nearest(&c.syllable, c.previous, c.next, c.pitch) else { continue };
            let l = token.landmarks;
            *timing = Timing {
                closure: (l.burst - l.onset) as f32,
                consonant: (l.vowel - l.burst) as f32,
                coda: (l.end - l.nucleus_end) as f32,
            };
        }
        Ok(timings)
    }

    fn generate(&self, characters: &[&Character]) -> Result<Vec<Block>, VoiceFailure> {
        let all_recorded = self.consonants == Source::Recorded && self.vowels == Source::Recorded;
        let of_network = |c: &&&Character| !all_recorded || self.tokens.of(c).is_none();
        let asked: Vec<&Character> = characters.iter().filter(of_network).copied().collect();
        let mut made = Voice::generate(self.network, &asked)?.into_iter();
        let mut blocks = Vec::with_capacity(characters.len());
        for c in characters {
            let network = if of_network(&c) { made.next() } else { None };
            let recorded = self.tokens.of(c).map(|token| laid_out(token, c));
            blocks.push(match (network, recorded) {
                (Some(network), Some(recorded)) => self.both(c, network, &recorded),
                (Some(only), None) | (None, Some(only)) => only,
                (None, None) => return Err(VoiceFailure(Message::foreign("a character has no sound"))),
            });
        }
        Ok(blocks)
    }
}

impl RecordedVoice<'_> {
    /// A block whose parts come from where they shall; both stand at the same times.
    fn both(&self, c: &Character, network: Block, recorded: &Block) -> Block {
        let share = |source| f32::from(u8::from(source == Source::Recorded));
        let (before, after) = (share(self.consonants), share(self.vowels));
        let mut block = network;
        for (i, time) in block.times.iter().enumerate() {
            let [from, to] = VOWEL_FADE.map(|since| c.block.vowel + since);
            let place = ((time - from) / (to - from)).clamp(0.0, 1.0);
            let share = before + (after - before) * place;
            add(&mut block.frames, &recorded.frames, [i, i], share);
        }
        block
    }
}

/// The frames of a token at the times of a character's block.
fn laid_out(token: &AnalysedToken, c: &Character) -> Block {
    let frames = token.frames();
    let pieces = pieces(token, c, &c.block);
    let times = c.times();
    let mut laid = Frames::default();
    for &time in &times {
        let time = f64::from(time);
        let next = pieces.partition_point(|piece| piece.from <= time + CUT_FADE);
        append(&mut laid, token, &frames, time + pieces[next - 1].shift);
        if next >= 2 && time < pieces[next - 1].from + CUT_FADE {
            // The piece before still sounds.
            let mut before = Frames::default();
            append(&mut before, token, &frames, time + pieces[next - 2].shift);
            let into = (time - pieces[next - 1].from + CUT_FADE) / (2.0 * CUT_FADE);
            let last = laid.len() - 1;
            add(&mut laid, &before, [last, 0], 1.0 - into as f32);
        }
    }
    Block { times, frames: laid }
}

/// Appends the frame of a token at a time from its onset.
fn append(out: &mut Frames, token: &AnalysedToken, frames: &Frames, time: f64) {
    let last = frames.len() - 1;
    let after = token.times.partition_point(|&at| f64::from(at) <= time).min(last);
    let before = after.saturating_sub(1);
    let span = token.times[after] - token.times[before];
    let part = if span > 0.0 { ((time as f32 - token.times[before]) / span).clamp(0.0, 1.0) } else { 0.0 };
    out.envelope.extend_from_slice(frames.envelope_at(before));
    out.aperiodicity.extend_from_slice(frames.aperiodicity_at(before));
    out.voicing.push(frames.voicing[before]);
    let end = out.len() - 1;
    add(out, frames, [end, after], part);
}

/// Mixes the second frame of `places`, one of `from`, into the first.
fn add(frames: &mut Frames, from: &Frames, [to, i]: [usize; 2], share: f32) {
    let mix = |to: &mut f32, from: f32| *to += (from - *to) * share;
    let envelope = frames.envelope[to * BINS..(to + 1) * BINS].iter_mut();
    envelope.zip(from.envelope_at(i)).for_each(|(to, from)| mix(to, *from));
    let bands = frames.aperiodicity[to * AP_BANDS..(to + 1) * AP_BANDS].iter_mut();
    bands.zip(from.aperiodicity_at(i)).for_each(|(to, from)| mix(to, *from));
    mix(&mut frames.voicing[to], from.voicing[i]);
}

#[cfg(test)]
mod tests {
    use super::*;
    use half::f16;
    use ziyin_lyrics::pinyin_to_syllable;
    use ziyin_score::{Levels, NoteId};
    use ziyin_signal::block_grid;

    const REST: [Phoneme; 2] = [Phoneme::Rest; 2];

    /// A token whose envelope says the time of each frame.
    fn token(pinyin: &str, key: u8, landmarks: [f64; 4]) -> AnalysedToken {
        let [burst, vowel, nucleus_end, end] = landmarks;
        let times = block_grid(vowel as f32, end as f32);
        AnalysedToken {
            name: format!("{key}/{pinyin}#0"),
            syllable: pinyin_to_syllable(pinyin, 1).unwrap(),
            previous: REST,
            next: REST,
            key,
            manner: Manner::Plain,
            landmarks: ziyin_corpus::Landmarks { onset: 0.0, burst, vowel, nucleus_end, end },
            levels: [0.0; 3],
            pitch: vec![f32::from(key); times.len()],
            envelope: times.iter().flat_map(|&t| [f16::from_f32(t); BINS]).collect(),
            aperiodicity: vec![f16::ZERO; times.len() * AP_BANDS],
            voicing: vec![f16::ONE; times.len()],
            hiss: vec![f16::ZERO; BINS],
            times,
        }
    }

    fn character(pinyin: &str, sung: Landmarks, pitch: f32) -> Character {
        let mut character = Character {
            note: NoteId(0),
            syllable: pinyin_to_syllable(pinyin, 1).unwrap(),
            previous: REST,
            next: REST,
            singer: 0,
            levels: Levels::default(),
            manner: None,
            take: None,
            strengths: [0.0; 4],
            onset: 1.0,
            sung,
            block: sung,
            pitch: Vec::new(),
        };
        character.pitch = vec![pitch; character.times().len()];
        character
    }

    /// When the frame that sounds at `t` was recorded.
    fn recorded_at(block: &Block, t: f32) -> f32 {
        let i = block.times.partition_point(|&at| at < t).min(block.times.len() - 1);
        block.frames.envelope_at(i)[0] + t - block.times[i]
    }

    #[test]
    fn consonants_keep_their_speed_and_codas_are_gone_through_whole() {
        let token = token("tan", 57, [0.05, 0.15, 0.55, 0.85]);
        // A vowel of less than half the length, after a consonant with less time.
        let short = Landmarks { burst: 0.03, vowel: 0.1, nucleus_end: 0.28, end: 0.4 };
        let block = laid_out(&token, &character("tan", short, 57.0));
        let near = |t: f32, expected: f32, within: f32| {
            let found = recorded_at(&block, t);
            assert!((found - expected).abs() < within, "at {t} s: {found}, not {expected}");
        };
        near(0.02, 0.07, 0.002);
        near(0.1, 0.15, 0.002);
        near(0.14, 0.19, 0.002);
        near(0.25, 0.52, 0.002);
        near(0.34, 0.7, 0.04);
        near(0.39, 0.83, 0.04);
        // A longer one says its middle again and goes by nothing that is not its nucleus.
        let long = Landmarks { burst: 0.05, vowel: 0.15, nucleus_end: 0.9, end: 1.0 };
        let block = laid_out(&token, &character("tan", long, 57.0));
        for t in [0.2, 0.4, 0.5, 0.6, 0.7, 0.85] {
            let found = recorded_at(&block, t);
            assert!((0.15..0.56).contains(&found), "at {t} s: {found}");
        }
        assert!((recorded_at(&block, 0.88) - 0.53).abs() < 0.01);
    }

    #[test]
    fn the_nearest_token_has_the_sounds_and_then_the_pitch() {
        let tokens = [("ta", 57), ("ta", 69), ("ti", 62)].map(|(p, key)| token(p, key, [0.0, 0.1, 0.4, 0.4]));
        let known = RecordedTokens::new(tokens.iter());
        let nearest = |pinyin: &str, pitch| {
            let syllable = pinyin_to_syllable(pinyin, 4).unwrap();
            known.nearest(&syllable, REST, [Phoneme::M, Phoneme::A], pitch).map(|token| token.name.as_str())
        };
        assert_eq!(nearest("ta", 62.0), Some("57/ta#0"));
        assert_eq!(nearest("ta", 65.0), Some("69/ta#0"));
        assert_eq!(nearest("da", 57.0), None);
    }
}
