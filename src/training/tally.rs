//! How far a voice is from tokens that it never heard.

use anyhow::Result;

use super::Example;
use super::batch::is_silent;
use ziyin_corpus::AnalysedToken;
use ziyin_model::{CharacterInput, VoiceModel};
use ziyin_signal::{BINS, Frames, MelCepstrum, under_hiss};

/// Distances over some tokens, each weighted by the time that a frame stands for.
#[derive(Clone, Copy, Debug, Default)]
pub struct Tally {
    seconds: f64,
    distortion: f64,
    consonant_seconds: f64,
    consonant_distortion: f64,
    all_seconds: f64,
    wrong_voicing: f64,
}

impl Tally {
    /// Mel-cepstral distortion in dB over what sounds.
    pub fn distortion(&self) -> f64 {
        self.distortion / self.seconds.max(1e-9)
    }

    /// The same from the onset to the vowel.
    pub fn in_consonants(&self) -> f64 {
        self.consonant_distortion / self.consonant_seconds.max(1e-9)
    }

    /// Share of the time in which voicing is wrong, in percent.
    pub fn voicing_error(&self) -> f64 {
        100.0 * self.wrong_voicing / self.all_seconds.max(1e-9)
    }

    /// Adds a token as `made` against what was recorded; both on the token's times, and
    /// both with the recording's hiss upon them: below it nothing is known.
    pub fn add(&mut self, cepstrum: &MelCepstrum, token: &AnalysedToken, made: &Frames) {
        let l = token.landmarks;
        let recorded = token.frames();
        let hiss = token.hiss_power();
        let hissing = |envelope: &[f32]| under_hiss(envelope, &hiss);
        for i in 0..token.times.len() {
            let at = f64::from(token.times[i]);
            if at < 0.0 || at > l.end {
                continue;
            }
            let step = f64::from(token.times.get(i + 1).map_or(0.0, |next| next - token.times[i]));
            self.all_seconds += step;
            if (recorded.voicing[i] > 0.5) != (made.voicing[i] > 0.5) {
                self.wrong_voicing += step;
            }
            // What nobody hears has no spectrum to be wrong.
            if is_silent(&token.envelope[i * BINS..(i + 1) * BINS]) {
                continue;
            }
            let distortion = f64::from(
                cepstrum.distortion(&hissing(recorded.envelope_at(i)), &hissing(made.envelope_at(i))),
            );
            self.seconds += step;
            self.distortion += step * distortion;
            if at < l.vowel {
                self.consonant_seconds += step;
                self.consonant_distortion += step * distortion;
            }
        }
    }
}

/// How a voice does on `held_out`, unsharpened: with the codes of its exemplars, and without any.
///
/// # Errors
/// If a device fails.
pub fn measure(voice: &VoiceModel, held_out: &[Example]) -> Result<[Tally; 2]> {
    let cepstrum = MelCepstrum::default();
    let inputs: Vec<CharacterInput> = held_out.iter().map(character_of).collect();
    let voice = voice.unsharpened();
    let blocks = [voice.generate(&inputs)?, voice.without_exemplars().generate(&inputs)?];
    Ok(blocks.map(|blocks| {
        let mut tally = Tally::default();
        for (example, block) in held_out.iter().zip(&blocks) {
            tally.add(&cepstrum, example.token, &block.frames);
        }
        tally
    }))
}

/// The token as the generator is asked to sing it.
pub fn character_of(example: &Example) -> CharacterInput {
    let token = example.token;
    let l = token.landmarks;
    CharacterInput {
        syllable: token.syllable,
        previous: token.previous,
        next: token.next,
        singer: example.singer,
        condition: example.condition,
        levels: Some(token.levels),
        take: None,
        burst: l.burst as f32,
        vowel: l.vowel as f32,
        nucleus_end: l.nucleus_end as f32,
        end: l.end as f32,
        pitch: token.pitch.clone(),
    }
}
