use ziyin_message::{Message, ToMessage, message};
use ziyin_signal::{BIN_HZ, BINS, CEPSTRA, Frames, MelCepstrum, cepstral_distance};

/// Why a recording holds no voice to clone.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("{}", self.to_message())]
pub enum NoVoice {
    Silent,
    TooShort { seconds: f64 },
    Unpitched { percent: f64 },
    Tone,
    Still,
}

impl ToMessage for NoVoice {
    fn to_message(&self) -> Message {
        match self {
            Self::Silent => message!("no-voice.silent"),
            Self::TooShort { seconds } => message!(
                "no-voice.too-short",
                seconds = format!("{seconds:.1}"),
                needed = format!("{NEEDED:.1}")
            ),
            Self::Unpitched { percent } => message!("no-voice.unpitched", percent = format!("{percent:.0}")),
            Self::Tone => message!("no-voice.tone"),
            Self::Still => message!("no-voice.still"),
        }
    }
}

/// Seconds of voice that are needed.
const NEEDED: f64 = 1.0;
/// Share of what sounds that has to be voiced.
const VOICED_SHARE: f64 = 0.3;
/// Share of the power above the fundamental that the richest tenth of the frames has to have.
const RICH: f32 = 0.01;
/// Mean distance in dB of the voiced frames from their mean: a held vowel of a person has 1.5
/// and more, a synthetic tone less than half of one.
const MOVES: f32 = 0.9;
/// How far below the loudest bin an envelope is looked at (natural logarithm: 50 dB).
const DEEP: f32 = 5.75;

/// Whether frames hold a voice: `step` is the seconds that each stands for, `pitch` its Hz.
pub(super) fn check_voice(frames: &Frames, pitch: &[f32], step: f64) -> Result<(), NoVoice> {
    let voiced: Vec<usize> = (0..frames.len()).filter(|&i| frames.voicing[i] > 0.5).collect();
    let share = voiced.len() as f64 / frames.len().max(1) as f64;
    if share < VOICED_SHARE && frames.len() as f64 * step > NEEDED {
        return Err(NoVoice::Unpitched { percent: 100.0 * share });
    }
    let seconds = voiced.len() as f64 * step;
    if seconds < NEEDED {
        return Err(NoVoice::TooShort { seconds });
    }
    let mut above: Vec<f32> = voiced
        .iter()
        .map(|&i| {
            let power = |bins: &[f32]| bins.iter().map(|e| (2.0 * e).exp()).sum::<f32>();
            let envelope = frames.envelope_at(i);
            let second = ((1.6 * pitch[i] / BIN_HZ) as usize).min(BINS - 1);
            power(&envelope[second..]) / power(envelope).max(1e-20)
        })
        .collect();
    above.sort_by(f32::total_cmp);
    if above[above.len() * 9 / 10] < RICH {
        return Err(NoVoice::Tone);
    }
    let cepstrum = MelCepstrum::default();
    // Far below the loudest bins lies what the format left, which flickers without a voice.
    let audible = |envelope: &[f32]| -> Vec<f32> {
        let floor = envelope.iter().copied().fold(f32::MIN, f32::max) - DEEP;
        envelope.iter().map(|e| e.max(floor)).collect()
    };
    let cepstra: Vec<[f32; CEPSTRA]> =
        voiced.iter().map(|&i| cepstrum.of(&audible(frames.envelope_at(i)))).collect();
    let mut mean = [0.0; CEPSTRA];
    for one in &cepstra {
        mean.iter_mut().zip(one).for_each(|(m, c)| *m += c / cepstra.len() as f32);
    }
    let moves = cepstra.iter().map(|one| cepstral_distance(one, &mean)).sum::<f32>() / cepstra.len() as f32;
    if moves < MOVES { Err(NoVoice::Still) } else { Ok(()) }
}
