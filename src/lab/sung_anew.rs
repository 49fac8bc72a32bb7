use anyhow::Result;

use super::spread::Spread;
use ziyin_corpus::AnalysedToken;
use ziyin_model::{CharacterInput, VoiceModel};
use ziyin_signal::{
    AP_BANDS, BINS, EnvelopeAnalyser, Focus, Frames, HOP, MelCepstrum, SAMPLE_RATE, aperiodicity_between,
    pitch_hz,
};
use ziyin_singing::vocoder::{Vocoder, VocoderSettings};
use ziyin_training::{Example, character_of};

/// How much what a voice sings of `held_out` varies as it is heard, and how much recorded frames do that are
/// sung so; both beside the recordings.
///
/// # Errors
/// If the device gives up, or the vocoder refuses frames.
pub fn spreads_as_heard(voice: &VoiceModel, held_out: &[Example]) -> Result<[Spread; 2]> {
    let (cepstrum, mut analyser) = (MelCepstrum::default(), EnvelopeAnalyser::default());
    let inputs: Vec<CharacterInput> = held_out.iter().map(character_of).collect();
    let blocks = voice.generate(&inputs)?;
    let mut spreads = [Spread::default(), Spread::default()];
    for (take, (example, block)) in (0..).zip(held_out.iter().zip(&blocks)) {
        let recorded = example.token.frames();
        for (spread, frames) in spreads.iter_mut().zip([&block.frames, &recorded]) {
            let heard = sung_anew(&mut analyser, example.token, frames, take)?;
            spread.add(&cepstrum, example.token, &recorded, &heard);
        }
    }
    Ok(spreads)
}

/// What a listener measures of frames: they are sung by the vocoder on the pitch of a token and analysed as
/// recordings are, on the token's times. A recorded envelope holds how an estimate of noise flickers, and one
/// that a network makes does not, until it is sung.
///
/// `take` draws the noise.
///
/// # Errors
/// If the vocoder refuses the frames.
fn sung_anew(
    analyser: &mut EnvelopeAnalyser,
    token: &AnalysedToken,
    frames: &Frames,
    take: u32,
) -> Result<Frames> {
    let times = &token.times;
    let step = HOP as f32 / SAMPLE_RATE as f32;
    let (Some(&first), Some(&last)) = (times.first(), times.last()) else { return Ok(frames.clone()) };
    let mut even = Frames::default();
    let mut pitch = Vec::new();
    for hop in 0..=((last - first) / step) as usize {
        let at = first + hop as f32 * step;
        let after = times.partition_point(|&t| t < at).clamp(1, times.len() - 1);
        let before = after - 1;
        let share = ((at - times[before]) / (times[after] - times[before]).max(1e-6)).clamp(0.0, 1.0);
        let between = |a: &[f32], b: &[f32]| -> Vec<f32> {
            a.iter().zip(b).map(|(a, b)| a + share * (b - a)).collect()
        };
        even.envelope.extend(between(frames.envelope_at(before), frames.envelope_at(after)));
        even.aperiodicity.extend(between(frames.aperiodicity_at(before), frames.aperiodicity_at(after)));
        even.voicing.extend(between(&frames.voicing[before..after], &frames.voicing[after..=after]));
        pitch.push(pitch_hz(token.pitch[before] + share * (token.pitch[after] - token.pitch[before])));
    }
    let mut samples = Vec::new();
    let mut vocoder = Vocoder::cpu(VocoderSettings { seed: take, ..VocoderSettings::default() });
    vocoder.push(&even, &pitch, &mut samples)?;
    vocoder.finish(&mut samples)?;
    let mut heard = frames.clone();
    for (i, &at) in times.iter().enumerate() {
        let (at, hz) = (f64::from(at - first), pitch_hz(token.pitch[i]));
        let voiced = frames.voicing[i] > 0.5;
        let focus = if voiced { Focus::voiced(hz) } else { Focus::UNVOICED };
        let envelope = &mut heard.envelope[i * BINS..(i + 1) * BINS];
        analyser.envelope_at(&samples, at, focus, &[], envelope);
        if voiced {
            let bands = &frames.aperiodicity[i * AP_BANDS..(i + 1) * AP_BANDS];
            analyser.fit_harmonics(&samples, at, hz, &[], |hz| aperiodicity_between(bands, hz), envelope);
        }
    }
    Ok(heard)
}
