use burn::tensor::{Device, Int, Tensor, TensorData};

use crate::corpus::AnalysedToken;
use crate::model::character::{CONSTANTS, IDENTITIES, TRACKS, constants, identities, tracks};
use crate::signal::{AP_BANDS, BINS};

/// A token with what tells it apart from others of other corpora.
#[derive(Clone, Copy)]
pub struct Example<'a> {
    pub token: &'a AnalysedToken,
    pub singer: usize,
    pub condition: usize,
    /// Row of the table of codes, for tokens that are learned from.
    pub row: usize,
}

/// Tokens side by side, padded to the longest; what is padded has the weight 0.
pub struct Batch {
    pub identities: Tensor<2, Int>,
    pub constants: Tensor<2>,
    pub tracks: Tensor<3>,
    /// Rows of the table of codes, `[batch]`.
    pub rows: Tensor<1, Int>,
    /// `[batch, time, BINS]`.
    pub envelope: Tensor<3>,
    /// How much each bin of each frame counts, `[batch, time, BINS]`.
    pub weight: Tensor<3>,
    /// `[batch, time, AP_BANDS + 1]`: aperiodicity, voicing.
    pub source: Tensor<3>,
    /// `[batch, time, AP_BANDS + 1]`: aperiodicity counts where there is voice.
    pub source_weight: Tensor<3>,
}

/// How the loss looks at a block.
#[derive(Clone, Copy, Debug)]
pub struct Emphasis {
    /// Factor from 20 ms before the burst to 60 ms after the vowel's onset.
    pub consonant: f32,
    /// Whether loud parts weigh more.
    pub bright: bool,
}

impl Batch {
    /// Lays examples side by side. `mel` is the weight of each bin, `BINS` values.
    pub fn new(examples: &[Example], mel: &[f32], emphasis: Emphasis, device: &Device) -> Self {
        let count = examples.len();
        let longest = examples.iter().map(|e| e.token.times.len()).max().unwrap_or(1);
        let (mut ids, mut consts, mut rows) = (Vec::new(), Vec::new(), Vec::new());
        let mut all_tracks = vec![0.0f32; count * longest * TRACKS];
        let mut envelope = vec![0.0f32; count * longest * BINS];
        let mut weight = vec![0.0f32; count * longest * BINS];
        let mut source = vec![0.0f32; count * longest * (AP_BANDS + 1)];
        let mut source_weight = source.clone();
        for (i, example) in examples.iter().enumerate() {
            let token = example.token;
            let l = token.landmarks;
            let landmarks = [l.burst as f32, l.vowel as f32, l.nucleus_end as f32, l.end as f32];
            ids.extend(identities(
                &token.syllable,
                token.previous,
                token.next,
                example.singer,
                example.condition,
            ));
            consts.extend(constants(token.levels, landmarks, &token.pitch));
            rows.push(example.row as i32);
            let told = tracks(&token.times, &token.pitch, landmarks);
            all_tracks[i * longest * TRACKS..][..told.len()].copy_from_slice(&told);
            for (t, &at) in token.times.iter().enumerate() {
                let near = (l.burst as f32 - 0.02..l.vowel as f32 + 0.06).contains(&at);
                let frame = if near { emphasis.consonant } else { 1.0 };
                let from = (i * longest + t) * BINS;
                let true_envelope = &token.envelope[t * BINS..(t + 1) * BINS];
                for (k, e) in true_envelope.iter().enumerate() {
                    let e = e.to_f32();
                    envelope[from + k] = e;
                    let bright = if emphasis.bright { ((e + 9.0) / 6.5).clamp(0.15, 1.0) } else { 1.0 };
                    weight[from + k] = frame * bright * mel[k];
                }
                let from = (i * longest + t) * (AP_BANDS + 1);
                let voicing = token.voicing[t].to_f32();
                for band in 0..AP_BANDS {
                    source[from + band] = token.aperiodicity[t * AP_BANDS + band].to_f32();
                    source_weight[from + band] = frame * voicing;
                }
                source[from + AP_BANDS] = voicing;
                source_weight[from + AP_BANDS] = 4.0 * frame;
            }
        }
        let three = |v: Vec<f32>, width: usize| {
            Tensor::<3>::from_data(TensorData::new(v, [count, longest, width]), device)
        };
        Self {
            identities: Tensor::from_data(TensorData::new(ids, [count, IDENTITIES]), device),
            constants: Tensor::from_data(TensorData::new(consts, [count, CONSTANTS]), device),
            rows: Tensor::from_data(TensorData::new(rows, [count]), device),
            tracks: three(all_tracks, TRACKS),
            envelope: three(envelope, BINS),
            weight: three(weight, BINS),
            source: three(source, AP_BANDS + 1),
            source_weight: three(source_weight, AP_BANDS + 1),
        }
    }
}
