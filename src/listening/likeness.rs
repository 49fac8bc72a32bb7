use burn::tensor::{Device, Tensor, TensorData};
use rayon::prelude::*;
use ziyin_message::message;

use super::recording::VoiceRecording;
use super::voice_check::{NoVoice, check_voice};
use ziyin_model::heard::{HEARD, HEARD_BINS, HEARD_STEP, Heard};
use ziyin_model::singer_encoder::SingerEncoder;
use ziyin_model::{VoiceError, to_vec};
use ziyin_signal::{
    BIN_HZ, BINS, EnvelopeAnalyser, Frames, Recording, VOICE_HZ, median_pitch, mel_places, midi_pitch,
    near_voice,
};

/// What a voice is like, from everything that was heard of it.
#[derive(Clone, Debug, Default)]
pub struct Likeness {
    /// Frames every [`HEARD_STEP`] seconds of what sounds.
    pub frames: Frames,
    /// MIDI pitch of each frame.
    pub pitch: Vec<f32>,
    /// The bins below this one are known: the least of what any of the recordings reaches.
    pub reach: usize,
}

/// Most seconds that the encoder hears at once: it was trained with no more.
const AT_ONCE: f32 = 10.0;
/// dB from the quietest to the loud parts below which there is no pause to hear the hiss in.
const WITHOUT_PAUSE: f32 = 12.0;

/// How far below the loudest bin of a recording its loudest moment may lie in a bin (natural logarithm:
/// 75 dB) that still holds something.
const DEEPEST: f32 = 8.6;

/// A recording that was left out, by its place among those given, and why.
pub type LeftOut = (usize, NoVoice);

/// Analyses recordings, and makes sure that a voice is in them. What holds none is left out
/// and given back. `progress` hears how many are done.
///
/// # Errors
/// If there is a voice in none of them, with the reason of the first.
pub fn listen(
    recordings: &[VoiceRecording],
    progress: &(dyn Fn() + Sync),
) -> Result<(Likeness, Vec<LeftOut>), NoVoice> {
    let heard: Vec<Result<(Frames, Vec<f32>), NoVoice>> = recordings
        .par_iter()
        .map(|given| {
            let heard = hear(given);
            progress();
            heard
        })
        .collect();
    let mut likeness = Likeness { reach: BINS, ..Likeness::default() };
    let mut left_out = Vec::new();
    for ((place, heard), given) in heard.into_iter().enumerate().zip(recordings) {
        match heard {
            Ok((frames, pitch)) => {
                likeness.reach = likeness.reach.min(reach(&frames, given.rate));
                likeness.frames.envelope.extend(frames.envelope);
                likeness.frames.aperiodicity.extend(frames.aperiodicity);
                likeness.frames.voicing.extend(frames.voicing);
                likeness.pitch.extend(pitch);
            }
            Err(reason) => left_out.push((place, reason)),
        }
    }
    match left_out.first() {
        Some((_, reason)) if likeness.pitch.is_empty() => Err(reason.clone()),
        None if likeness.pitch.is_empty() => Err(NoVoice::Silent),
        _ => Ok((likeness, left_out)),
    }
}

/// Opens a recording for analysis.
///
/// # Errors
/// If nothing in it has a pitch.
pub(super) fn open_voice(given: &VoiceRecording) -> Result<Recording, NoVoice> {
    let Some(middle) = median_pitch(&given.samples, VOICE_HZ[0], VOICE_HZ[1]) else {
        return Err(NoVoice::Unpitched { percent: 0.0 });
    };
    let (low, high) = near_voice(middle);
    let samples = given.samples.clone();
    Ok(if given.condition.above_hiss < WITHOUT_PAUSE {
        Recording::open_without_pause(samples, low, high)
    } else {
        Recording::open(samples, low, high)
    })
}

fn hear(given: &VoiceRecording) -> Result<(Frames, Vec<f32>), NoVoice> {
    let recording = open_voice(given)?;
    let step = f64::from(HEARD_STEP);
    let times: Vec<f64> = given
        .sounding
        .iter()
        .flat_map(|&[from, to]| (0..((to - from) / step) as usize).map(move |i| from + i as f64 * step))
        .collect();
    let frames = recording.frames_at(&mut EnvelopeAnalyser::default(), &times);
    let hz: Vec<f32> = times.iter().map(|&at| recording.pitch_at(at)).collect();
    check_voice(&frames, &hz, step)?;
    Ok((frames, hz.into_iter().map(midi_pitch).collect()))
}

/// The bin up to which a recording of `rate` Hz holds anything: a codec or a cheap microphone may let less
/// through than its rate could hold.
fn reach(frames: &Frames, rate: u32) -> usize {
    // The slope of a filter before the very end is not heard either.
    let by_rate = ((0.48 * rate as f32 / BIN_HZ) as usize).min(BINS);
    let mut loudest = vec![f32::MIN; BINS];
    for i in 0..frames.len() {
        loudest.iter_mut().zip(frames.envelope_at(i)).for_each(|(most, e)| *most = most.max(*e));
    }
    let top = loudest.iter().copied().fold(f32::MIN, f32::max);
    let heard = loudest[..by_rate].iter().rposition(|&e| e > top - DEEPEST);
    heard.map_or(by_rate, |last| last + 1)
}

impl Likeness {
    /// Seconds of it that are voiced.
    pub fn seconds(&self) -> f32 {
        self.frames.voicing.iter().filter(|&&voicing| voicing > 0.5).count() as f32 * HEARD_STEP
    }

    /// Lowest and highest MIDI pitch that was sung, the outermost fiftieth left out; at least
    /// an octave, since a short recording says little of how far a voice reaches.
    pub fn range(&self) -> [u8; 2] {
        let mut sung: Vec<f32> = self
            .pitch
            .iter()
            .zip(&self.frames.voicing)
            .filter(|(_, voicing)| **voicing > 0.5)
            .map(|(pitch, _)| *pitch)
            .collect();
        sung.sort_by(f32::total_cmp);
        let at = |share: f32| sung.get((share * sung.len() as f32) as usize).copied().unwrap_or(60.0);
        let (low, high) = (at(0.02), at(0.98));
        let missing = (12.0 - (high - low)).max(0.0) / 2.0;
        [low - missing, high + missing].map(|pitch| pitch.round().clamp(0.0, 127.0) as u8)
    }

    /// The vector that tells the generator who sings; `mean` is the mean envelope of its
    /// corpus (`BINS`).
    ///
    /// # Errors
    /// If the device gives up.
    pub fn vector(
        &self,
        encoder: &SingerEncoder,
        mean: &[f32],
        device: &Device,
    ) -> Result<Vec<f32>, VoiceError> {
        let bins = mel_places(HEARD_BINS, 0.5);
        let mut heard = Heard::default();
        for i in 0..self.frames.len() {
            let envelope = self.frames.envelope_at(i);
            heard.push(
                bins.iter().map(|&bin| envelope[bin] - mean.get(bin).copied().unwrap_or(0.0)),
                self.frames.aperiodicity_at(i).iter().copied(),
                self.frames.voicing[i],
                self.pitch[i],
            );
        }
        let rows = heard.levelled();
        let parts = (rows.len() as f32 / HEARD as f32 * HEARD_STEP / AT_ONCE).ceil().max(1.0) as usize;
        let length = (rows.len() / HEARD).div_ceil(parts).max(1) * HEARD;
        let mut sum: Option<Tensor<2>> = None;
        for part in rows.chunks(length) {
            let time = part.len() / HEARD;
            let part = Tensor::<3>::from_data(TensorData::new(part.to_vec(), [1, time, HEARD]), device);
            let vector = encoder.forward(part, Tensor::ones([1, time, 1], device)) * time as f64;
            sum = Some(match sum {
                Some(sum) => sum + vector,
                None => vector,
            });
        }
        let sum = sum.ok_or_else(|| VoiceError::Device(message!("voice.nothing-heard")))?;
        let mean = sum / (rows.len() / HEARD) as f64;
        to_vec(mean.into_data())
    }

    /// The mean envelope of its voiced frames, `BINS`.
    pub(super) fn mean_of_voice(&self) -> Vec<f32> {
        let mut mean = vec![0.0f32; BINS];
        let mut count = 0.0;
        for (envelope, ..) in self.voiced() {
            mean.iter_mut().zip(envelope).for_each(|(sum, e)| *sum += e);
            count += 1.0;
        }
        mean.iter_mut().for_each(|sum| *sum /= f32::max(count, 1.0));
        mean
    }

    /// Envelope of frame `i` (`BINS`) and its MIDI pitch, for each voiced frame.
    pub(super) fn voiced(&self) -> impl Iterator<Item = (&[f32], &[f32], f32)> {
        (0..self.frames.len()).filter(|&i| self.frames.voicing[i] > 0.5).map(|i| {
            debug_assert_eq!(self.frames.envelope_at(i).len(), BINS);
            (self.frames.envelope_at(i), self.frames.aperiodicity_at(i), self.pitch[i])
        })
    }
}
