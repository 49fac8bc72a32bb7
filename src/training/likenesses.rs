use std::ops::Range;

use burn::tensor::{Device, Int, Tensor, TensorData};

use super::batch::Example;
use super::draw::Draw;
use super::lending::Loan;
use super::voice_change::VoiceChange;
use ziyin_model::generator::Generator;
use ziyin_model::heard::{HEARD, HEARD_BINS, HEARD_STEP, Heard};
use ziyin_model::singer_encoder::SingerEncoder;
use ziyin_signal::{AP_BANDS, BINS, mel_places};

/// Share of the examples whose singer the encoder tells; the others have their row of the
/// table.
const HEARD_SHARE: f32 = 0.5;
/// Share of these that are changed into another voice.
const CHANGED_SHARE: f32 = 0.7;
/// Examples that share what the encoder hears, and the change.
const TOGETHER: usize = 4;
/// Seconds of what the encoder hears, drawn evenly in their logarithm.
const SECONDS: [f32; 2] = [0.5, 10.0];

/// Which examples there are of each singer.
pub(super) struct Repertoire {
    of_singer: Vec<Vec<usize>>,
}

impl Repertoire {
    pub(super) fn new(examples: &[Example]) -> Self {
        let singers = examples.iter().map(|e| e.singer + 1).max().unwrap_or(0);
        let mut of_singer = vec![Vec::new(); singers];
        for (i, example) in examples.iter().enumerate() {
            of_singer[example.singer].push(i);
        }
        Self { of_singer }
    }
}

/// Who sings each example of a step: a row of the generator's table, or what the encoder
/// makes of other tokens of the same singer, so that it cannot copy what it is to tell.
pub(super) struct Likenesses {
    /// The change of each example's voice.
    pub changes: Vec<VoiceChange>,
    /// For each example its place among the batch's table rows and, after these, the groups.
    places: Vec<i32>,
    groups: Vec<Group>,
}

/// Some examples of one singer with one change, and what the encoder hears of them.
#[derive(Clone)]
struct Group {
    singer: usize,
    /// How much it counts in how far the encoder is from the table: where the singer is
    /// heard as it is, its share among all such groups of the step.
    homesick: f32,
    heard: Vec<f32>,
}

impl Likenesses {
    /// Everybody from the table; what is lent in the voice of who borrows it.
    pub(super) fn known(loans: &[Option<Loan>]) -> Self {
        let change = |loan: &Option<Loan>| loan.map_or(VoiceChange::NONE, |loan| loan.change);
        Self {
            changes: loans.iter().map(change).collect(),
            places: (0..loans.len() as i32).collect(),
            groups: Vec::new(),
        }
    }

    /// Draws for each of `members` (places in `examples`) who tells its singer; what is lent has
    /// its borrower from the table. `mean` is the corpus' mean envelope (`BINS`).
    pub(super) fn drawn(
        members: &[usize],
        loans: &[Option<Loan>],
        examples: &[Example],
        repertoire: &Repertoire,
        mean: &[f32],
        draw: &mut Draw,
    ) -> Self {
        let mut drawn = Self::known(loans);
        let mut told: Vec<(usize, u64, usize)> = Vec::new();
        for (i, &member) in members.iter().enumerate() {
            if loans[i].is_none() && draw.unit() < HEARD_SHARE {
                told.push((examples[member].singer, draw.bits(), i));
            }
        }
        told.sort_unstable();
        for of_singer in told.chunk_by(|a, b| a.0 == b.0) {
            for together in of_singer.chunks(TOGETHER) {
                let change =
                    if draw.unit() < CHANGED_SHARE { VoiceChange::drawn(draw) } else { VoiceChange::NONE };
                let avoided: Vec<usize> = together.iter().map(|&(.., i)| members[i]).collect();
                let singer = together[0].0;
                let heard =
                    hear_others(&repertoire.of_singer[singer], &avoided, examples, change, mean, draw);
                for &(.., i) in together {
                    drawn.changes[i] = change;
                    drawn.places[i] = (members.len() + drawn.groups.len()) as i32;
                }
                let homesick = if change == VoiceChange::NONE { 1.0 } else { 0.0 };
                drawn.groups.push(Group { singer, homesick, heard });
            }
        }
        let plain: f32 = drawn.groups.iter().map(|group| group.homesick).sum();
        drawn.groups.iter_mut().for_each(|group| group.homesick /= plain.max(1.0));
        drawn
    }

    /// Those of some examples of the step. A group that falls to several parts is heard in
    /// each, and counts in that which holds its first example.
    pub(super) fn part(&self, range: Range<usize>) -> Self {
        let all = self.places.len();
        let mut part = Self {
            changes: self.changes[range.clone()].to_vec(),
            places: Vec::with_capacity(range.len()),
            groups: Vec::new(),
        };
        let mut here = vec![None; self.groups.len()];
        for (i, &place) in self.places[range.clone()].iter().enumerate() {
            let Some(group) = (place as usize).checked_sub(all) else {
                part.places.push(i as i32);
                continue;
            };
            let known = *here[group].get_or_insert_with(|| {
                let mut group_here = self.groups[group].clone();
                if self.places[..range.start].contains(&place) {
                    group_here.homesick = 0.0;
                }
                part.groups.push(group_here);
                part.groups.len() - 1
            });
            part.places.push((range.len() + known) as i32);
        }
        part
    }

    /// Whether some groups count as what draws the encoder to the table, and others not.
    #[cfg(test)]
    pub(super) fn some_are_homesick(&self) -> bool {
        let homesick = self.groups.iter().filter(|group| group.homesick > 0.0).count();
        (1..self.groups.len()).contains(&homesick)
    }

    /// The vector of each example, `[batch, SINGER]`, and how far the encoder is from the
    /// table where it heard a singer as it is: these add up over the parts of a step.
    pub(super) fn vectors(
        &self,
        rows: &[usize],
        generator: &Generator,
        encoder: Option<&SingerEncoder>,
        device: &Device,
    ) -> (Tensor<2>, Option<Tensor<1>>) {
        let ints = |rows: Vec<i32>| {
            let count = rows.len();
            Tensor::<1, Int>::from_data(TensorData::new(rows, [count]), device)
        };
        let known = generator.known_singers(ints(rows.iter().map(|&row| row as i32).collect()));
        let (Some(encoder), false) = (encoder, self.groups.is_empty()) else { return (known, None) };
        let heard: Vec<&[f32]> = self.groups.iter().map(|group| group.heard.as_slice()).collect();
        let (heard, mask) = side_by_side(&heard, device);
        let encoded = encoder.forward(heard, mask); // [groups, SINGER]
        let homesick: Vec<f32> = self.groups.iter().map(|group| group.homesick).collect();
        let away = homesick.iter().any(|&h| h > 0.0).then(|| {
            let rows = self.groups.iter().map(|group| group.singer as i32).collect();
            let table = generator.known_singers(ints(rows)).detach();
            let shown = TensorData::new(homesick.clone(), [homesick.len(), 1]);
            let off = (encoded.clone() - table).powi_scalar(2) * Tensor::<2>::from_data(shown, device);
            off.mean_dim(1).sum()
        });
        (Tensor::cat(vec![known, encoded], 0).select(0, ints(self.places.clone())), away)
    }
}

/// What was heard of several recordings (each `[frames × HEARD]`) padded to the longest:
/// `[count, time, HEARD]`, and the mask `[count, time, 1]`.
fn side_by_side(heard: &[&[f32]], device: &Device) -> (Tensor<3>, Tensor<3>) {
    let time = heard.iter().map(|rows| rows.len() / HEARD).max().unwrap_or(0).max(1);
    let mut all = vec![0.0f32; heard.len() * time * HEARD];
    let mut mask = vec![0.0f32; heard.len() * time];
    for (i, rows) in heard.iter().enumerate() {
        all[i * time * HEARD..][..rows.len()].copy_from_slice(rows);
        mask[i * time..][..rows.len() / HEARD].fill(1.0);
    }
    let all = Tensor::from_data(TensorData::new(all, [heard.len(), time, HEARD]), device);
    (all, Tensor::from_data(TensorData::new(mask, [heard.len(), time, 1]), device))
}

/// Tokens of one singer at random, one after the other, without those that are avoided.
fn hear_others(
    tokens: &[usize],
    avoided: &[usize],
    examples: &[Example],
    change: VoiceChange,
    mean: &[f32],
    draw: &mut Draw,
) -> Vec<f32> {
    let bins = mel_places(HEARD_BINS, 0.5);
    let sources = change.sources(&bins);
    let wanted = draw.between(SECONDS[0].ln(), SECONDS[1].ln()).exp();
    let mut heard = Heard::default();
    // A singer with hardly another token is heard from these after all.
    for tries in 0..400 {
        if heard.len() as f32 * HEARD_STEP >= wanted {
            break;
        }
        let chosen = tokens[draw.place(tokens.len())];
        if avoided.contains(&chosen) && tries < 100 {
            continue;
        }
        let token = examples[chosen].token;
        let gain = change.gain(token);
        let mut next = f32::MIN;
        for (t, &at) in token.times.iter().enumerate() {
            if at < next {
                continue;
            }
            // Times add up in single precision.
            next = at + HEARD_STEP - 1e-4;
            let frame = &token.envelope[t * BINS..(t + 1) * BINS];
            let recorded = |bin: usize| frame[bin].to_f32();
            heard.push(
                sources.iter().zip(&bins).map(|(s, &bin)| s.of(recorded) + gain - mean[bin]),
                token.aperiodicity[t * AP_BANDS..(t + 1) * AP_BANDS]
                    .iter()
                    .map(|a| change.aperiodicity(a.to_f32())),
                token.voicing[t].to_f32(),
                token.pitch[t] + change.transposed,
            );
        }
    }
    let mut rows = heard.levelled();
    rows.truncate(((wanted / HEARD_STEP) as usize).max(8) * HEARD);
    rows
}
