use burn::tensor::{Device, Int, Tensor, TensorData};
use half::f16;

use super::voice_change::VoiceChange;
use ziyin_corpus::{AnalysedToken, QUIETEST};
use ziyin_model::character::{CONSTANTS, IDENTITIES, TRACKS, constants, identities, tracks};
use ziyin_model::take_encoder::{STRETCHES, TAKE_BINS};
use ziyin_signal::{
    AP_BANDS, AP_CENTRES_HZ, BIN_HZ, BINS, CEPSTRA, cosines_of_places, mel_places, under_hiss,
};

/// A token with what tells it apart from others of other corpora.
#[derive(Clone, Copy)]
pub struct Example<'a> {
    pub token: &'a AnalysedToken,
    pub singer: usize,
    pub condition: usize,
    /// How often an epoch shows it: 2 twice, 0.5 every other time.
    pub weight: f32,
}

/// What the generator is told of tokens side by side, padded to one length.
pub struct GeneratorInput {
    /// `[batch, IDENTITIES]`.
    pub identities: Tensor<2, Int>,
    /// `[batch, CONSTANTS]`.
    pub constants: Tensor<2>,
    /// `[batch, time, TRACKS]`.
    pub tracks: Tensor<3>,
}

/// What the take encoder sees of the same tokens, as they were recorded: a code that knew
/// of a changed voice would tell what is the singer's to tell.
pub struct Takes {
    /// `[batch, time, TAKE_BINS]`, the corpus' mean taken off; 0 where nothing was heard.
    pub envelope: Tensor<3>,
    /// `[batch, time, AP_BANDS + 1]`: aperiodicity, voicing.
    pub source: Tensor<3>,
    /// `[batch, time, TRACKS]`.
    pub tracks: Tensor<3>,
    /// `[batch, STRETCHES, time]`.
    pub stretches: Tensor<3>,
}

/// What the generator should have made; what is padded has the weight 0.
pub struct Target {
    /// The bins that are looked at, `[bins]`.
    pub bins: Tensor<1, Int>,
    /// `[batch, time, bins]`.
    pub envelope: Tensor<3>,
    /// How much each bin of each frame counts, `[batch, time, bins]`.
    pub weight: Tensor<3>,
    /// `[batch, time, AP_BANDS + 1]`: aperiodicity, voicing.
    pub source: Tensor<3>,
    /// `[batch, time, AP_BANDS + 1]`: aperiodicity counts where there is voice.
    pub source_weight: Tensor<3>,
    pub cepstrum: Option<CepstralTarget>,
}

/// What the mel-cepstra should have been, as far as the recording's hiss lets them be known.
pub struct CepstralTarget {
    /// Power of the hiss, `[batch, 1, bins]`.
    pub hiss: Tensor<3>,
    /// The wanted envelope with the hiss upon it, `[batch, time, bins]`.
    pub envelope: Tensor<3>,
    /// From log amplitude on the bins to coefficients, `[bins, CEPSTRA]`.
    pub cosines: Tensor<2>,
    /// How much each frame counts, `[batch, time]`.
    pub weight: Tensor<2>,
}

/// How the loss looks at a block.
#[derive(Clone, Copy, Debug)]
pub struct Emphasis {
    /// Factor from 20 ms before the burst to 60 ms after the vowel's onset.
    pub consonant: f32,
    /// Whether loud parts weigh more.
    pub bright: bool,
    /// Whether the distance of the mel-cepstra counts too; the bins have to stand evenly on
    /// the mel scale.
    pub cepstrum: bool,
}

/// 50 dB below the level that every nucleus is brought to.
pub(super) fn is_silent<'a>(envelope: impl IntoIterator<Item = &'a f16>) -> bool {
    let power = envelope.into_iter().map(|e| (2.0 * e.to_f32()).exp()).sum::<f32>() / BINS as f32;
    power < 1e-2 * 1e-5
}

/// Frames of the longest of some examples: what the others are padded to.
pub fn longest(examples: &[Example]) -> usize {
    examples.iter().map(|e| e.token.times.len()).max().unwrap_or(1)
}

fn landmarks(token: &AnalysedToken) -> [f32; 4] {
    let l = token.landmarks;
    [l.burst as f32, l.vowel as f32, l.nucleus_end as f32, l.end as f32]
}

/// `values` as `[batch, time, width]`.
fn three(values: Vec<f32>, batch: usize, width: usize, device: &Device) -> Tensor<3> {
    let time = values.len() / (batch * width).max(1);
    Tensor::from_data(TensorData::new(values, [batch, time, width]), device)
}

impl GeneratorInput {
    /// Lays out what is told of `examples`, the voice of each changed, padded to `longest` frames.
    pub(super) fn new(
        examples: &[Example],
        changes: &[VoiceChange],
        longest: usize,
        device: &Device,
    ) -> Self {
        let count = examples.len();
        let (mut ids, mut consts) = (Vec::new(), Vec::new());
        let mut all_tracks = vec![0.0f32; count * longest * TRACKS];
        let rows = all_tracks.chunks_mut(longest * TRACKS);
        for ((example, change), row) in examples.iter().zip(changes).zip(rows) {
            let token = example.token;
            let pitch: Vec<f32> = token.pitch.iter().map(|pitch| pitch + change.transposed).collect();
            let (previous, next) = (token.previous, token.next);
            ids.extend(identities(&token.syllable, previous, next, example.singer, example.condition));
            consts.extend(constants(token.levels, landmarks(token), &pitch));
            let told = tracks(&token.times, &pitch, landmarks(token));
            row[..told.len()].copy_from_slice(&told);
        }
        Self {
            identities: Tensor::from_data(TensorData::new(ids, [count, IDENTITIES]), device),
            constants: Tensor::from_data(TensorData::new(consts, [count, CONSTANTS]), device),
            tracks: three(all_tracks, count, TRACKS, device),
        }
    }
}

impl Takes {
    /// Lays out the recordings of `examples`, padded to `longest` frames; `mean` is the
    /// corpus' mean envelope (`BINS`).
    pub fn new(examples: &[Example], longest: usize, mean: &[f32], device: &Device) -> Self {
        let count = examples.len();
        let places = mel_places(TAKE_BINS, 0.5);
        let mut envelope = vec![0.0f32; count * longest * TAKE_BINS];
        let mut source = vec![0.0f32; count * longest * (AP_BANDS + 1)];
        let mut all_tracks = vec![0.0f32; count * longest * TRACKS];
        let mut stretches = vec![0.0f32; count * STRETCHES * longest];
        for (i, example) in examples.iter().enumerate() {
            let token = example.token;
            for t in 0..token.times.len() {
                let frame = &token.envelope[t * BINS..(t + 1) * BINS];
                let row = &mut envelope[(i * longest + t) * TAKE_BINS..][..TAKE_BINS];
                let heard = row.iter_mut().zip(&places).filter(|&(_, &bin)| token.hears(bin));
                heard.for_each(|(r, &bin)| *r = frame[bin].to_f32() - mean[bin]);
                let row = &mut source[(i * longest + t) * (AP_BANDS + 1)..][..AP_BANDS + 1];
                let bands = &token.aperiodicity[t * AP_BANDS..(t + 1) * AP_BANDS];
                row.iter_mut().zip(bands).for_each(|(r, a)| *r = a.to_f32());
                row[AP_BANDS] = token.voicing[t].to_f32();
            }
            let told = tracks(&token.times, &token.pitch, landmarks(token));
            all_tracks[i * longest * TRACKS..][..told.len()].copy_from_slice(&told);
            let [burst, vowel, nucleus_end, _] = landmarks(token);
            let spans = [
                (burst - 0.006, burst + 0.012),
                (burst, vowel),
                (vowel - 0.010, vowel + 0.015),
                (vowel + 0.010, (vowel + 0.06).min(nucleus_end)),
            ];
            for (k, (from, to)) in spans.into_iter().enumerate() {
                let row = &mut stretches[(i * STRETCHES + k) * longest..][..token.times.len()];
                let within = |t: &f32| (from..to).contains(t);
                let weight = 1.0 / token.times.iter().filter(|t| within(t)).count().max(1) as f32;
                row.iter_mut().zip(&token.times).filter(|(_, t)| within(t)).for_each(|(r, _)| *r = weight);
            }
        }
        Self {
            envelope: three(envelope, count, TAKE_BINS, device),
            source: three(source, count, AP_BANDS + 1, device),
            tracks: three(all_tracks, count, TRACKS, device),
            stretches: Tensor::from_data(TensorData::new(stretches, [count, STRETCHES, longest]), device),
        }
    }
}

impl Target {
    /// Puts on a device what was laid out.
    pub(super) fn new(rows: TargetRows, device: &Device) -> Self {
        let (count, bins) = (rows.count, rows.bins.len());
        let cepstrum = rows.cepstrum.map(|rows| {
            let time = rows.weight.len() / count.max(1);
            CepstralTarget {
                hiss: three(rows.hiss, count, bins, device),
                envelope: three(rows.envelope, count, bins, device),
                cosines: Tensor::from_data(TensorData::new(rows.cosines, [bins, CEPSTRA]), device),
                weight: Tensor::from_data(TensorData::new(rows.weight, [count, time]), device),
            }
        });
        Self {
            cepstrum,
            bins: Tensor::from_data(TensorData::new(rows.bins, [bins]), device),
            envelope: three(rows.envelope, count, bins, device),
            weight: three(rows.weight, count, bins, device),
            source: three(rows.source, count, AP_BANDS + 1, device),
            source_weight: three(rows.source_weight, count, AP_BANDS + 1, device),
        }
    }
}

/// What [`Target`] holds, not yet on a device.
pub(super) struct TargetRows {
    count: usize,
    bins: Vec<i32>,
    envelope: Vec<f32>,
    weight: Vec<f32>,
    source: Vec<f32>,
    source_weight: Vec<f32>,
    cepstrum: Option<CepstrumRows>,
}

/// What [`CepstralTarget`] holds.
struct CepstrumRows {
    hiss: Vec<f32>,
    envelope: Vec<f32>,
    cosines: Vec<f32>,
    weight: Vec<f32>,
}

impl TargetRows {
    /// Lays out what is wanted of `examples`, padded to `longest` frames, on some bins, the
    /// voice of each changed.
    pub(super) fn new(
        examples: &[Example],
        longest: usize,
        changes: &[VoiceChange],
        bins: &[usize],
        emphasis: Emphasis,
    ) -> Self {
        let count = examples.len();
        let mut envelope = vec![0.0f32; count * longest * bins.len()];
        let mut weight = envelope.clone();
        let mut source = vec![0.0f32; count * longest * (AP_BANDS + 1)];
        let mut source_weight = source.clone();
        let mut cepstrum = emphasis.cepstrum.then(|| CepstrumRows {
            hiss: vec![0.0; count * bins.len()],
            envelope: envelope.clone(),
            cosines: cosines_of_places(bins),
            weight: vec![0.0; count * longest],
        });
        for (i, (example, change)) in examples.iter().zip(changes).enumerate() {
            let token = example.token;
            let (from_bins, gain) = (change.sources(bins), change.gain(token));
            let [burst, vowel, _, end] = landmarks(token);
            let of_hiss = i * bins.len()..(i + 1) * bins.len();
            if let Some(rows) = &mut cepstrum {
                for (power, from_bin) in rows.hiss[of_hiss.clone()].iter_mut().zip(&from_bins) {
                    *power = (2.0 * (from_bin.of(|bin| token.hiss[bin].to_f32()) + gain)).exp();
                }
            }
            for (t, at) in token.times.iter().enumerate() {
                let near = (burst - 0.02..vowel + 0.06).contains(at);
                let frame = if near { emphasis.consonant } else { 1.0 };
                let recorded = &token.envelope[t * BINS..(t + 1) * BINS];
                let from = (i * longest + t) * bins.len();
                for (k, from_bin) in from_bins.iter().enumerate() {
                    let e = (from_bin.of(|bin| recorded[bin].to_f32()) + gain).max(QUIETEST);
                    envelope[from + k] = e;
                    let bright = if emphasis.bright { ((e + 9.0) / 6.5).clamp(0.15, 1.0) } else { 1.0 };
                    weight[from + k] = if from_bin.heard_in(token) { frame * bright } else { 0.0 };
                }
                if let Some(rows) = &mut cepstrum {
                    let wanted = &envelope[from..from + bins.len()];
                    let hissing = under_hiss(wanted, &rows.hiss[of_hiss.clone()]);
                    rows.envelope[from..from + bins.len()].copy_from_slice(&hissing);
                    let sounds = (0.0..=end).contains(at) && !is_silent(recorded);
                    rows.weight[i * longest + t] = if sounds { frame } else { 0.0 };
                }
                let row = &mut source[(i * longest + t) * (AP_BANDS + 1)..][..AP_BANDS + 1];
                let bands = &token.aperiodicity[t * AP_BANDS..(t + 1) * AP_BANDS];
                row.iter_mut().zip(bands).for_each(|(r, a)| *r = change.aperiodicity(a.to_f32()));
                row[AP_BANDS] = token.voicing[t].to_f32();
                let row = &mut source_weight[(i * longest + t) * (AP_BANDS + 1)..][..AP_BANDS + 1];
                for (weight, hz) in row[..AP_BANDS].iter_mut().zip(AP_CENTRES_HZ) {
                    let heard = token.hears((hz / BIN_HZ) as usize);
                    *weight = if heard { frame * token.voicing[t].to_f32() } else { 0.0 };
                }
                row[AP_BANDS] = 4.0 * frame;
            }
        }
        let bins = bins.iter().map(|&bin| bin as i32).collect();
        Self { count, bins, envelope, weight, source, source_weight, cepstrum }
    }

    /// How much all of it counts: envelope, source, cepstrum.
    pub(super) fn weights(&self) -> [f64; 3] {
        let cepstrum = self.cepstrum.as_ref().map_or(&[][..], |rows| &rows.weight);
        [&self.weight, &self.source_weight, cepstrum].map(|all| all.iter().map(|&w| f64::from(w)).sum())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::draw::Draw;
    use crate::generator_step::tests::token;

    #[test]
    fn what_a_recording_does_not_reach_is_not_wanted() {
        let mut token = token(&mut Draw::new(7));
        let reach = (11_500.0 / BIN_HZ) as usize;
        token.hiss[reach..].fill(f16::from_f32(4.0));
        token.voicing.fill(f16::ONE);
        let examples = [Example { token: &token, singer: 0, condition: 0, weight: 1.0 }];
        let bins: Vec<usize> = (0..BINS).step_by(16).collect();
        let emphasis = Emphasis { consonant: 1.0, bright: false, cepstrum: true };
        let rows = TargetRows::new(&examples, token.times.len(), &[VoiceChange::NONE], &bins, emphasis);
        for weights in rows.weight.chunks(bins.len()) {
            assert!(weights.iter().zip(&bins).all(|(&weight, &bin)| (weight > 0.0) == (bin < reach)));
        }
        for weights in rows.source_weight.chunks(AP_BANDS + 1) {
            assert_eq!([3, 4, 5, 6].map(|band| weights[band] > 0.0), [true, false, false, true]);
        }
        let wanted = rows.cepstrum.unwrap().envelope;
        let unheard = wanted.chunks(bins.len()).flat_map(|row| row.iter().zip(&bins));
        assert!(unheard.filter(|&(_, &bin)| bin >= reach).all(|(&e, _)| (e - 4.0).abs() < 1e-3));
    }
}
