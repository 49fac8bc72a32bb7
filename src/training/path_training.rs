//! How a recogniser learns from lyrics alone, without being told when anything is sung: CTC on phrases,
//! with the recipe as a thing to try.

use std::collections::HashMap;

use anyhow::{Result, bail, ensure};
use burn::module::Module;
use burn::tensor::Device;
use rayon::prelude::*;

use super::ctc::all_ways;
use super::draw::Draw;
use super::labelled::{LabelledRecording, UNKNOWN};
use super::recogniser_gradient::Layout;
use super::recogniser_training::{PIECE, by_weights, log_softmax, optimizer, weights};
use ziyin_lyrics::{Phoneme, Syllable, all_pinyin, pinyin_to_syllable};
use ziyin_model::recogniser::{RecogniserConfig, SOUNDS, STACKED, level, levelled};
use ziyin_signal::{MEL_BANDS, MEL_HOP, SAMPLE_RATE};

/// What the labels of a line are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PathUnits {
    /// The sounds of the inventory.
    Sounds,
    /// The 26 letters of pinyin without tones.
    Letters,
    /// The syllables of Mandarin as wholes.
    Syllables,
}

/// How a recogniser learns from lines.
#[derive(Clone, Copy, Debug)]
pub struct PathRecipe {
    pub units: PathUnits,
    /// Width of the network.
    pub channels: usize,
    /// Phrases in a step.
    pub batch: usize,
    pub rate: f64,
    /// Epochs at most; it ends one after it has come no further for some.
    pub most_epochs: usize,
    /// Epochs in which a line begins and ends with nobody singing, as every phrase does.
    pub ends: usize,
    /// What it costs to be sure of the blank, but in the fifth of the steps that are surest.
    pub blank_cost: f64,
    pub seed: u64,
}

/// How far it is after an epoch.
#[derive(Clone, Debug)]
pub struct PathEpoch {
    /// Loss of CTC to a step of the network, in phrases that are kept back.
    pub loss: f32,
    /// Of each phrase that is kept back the labels that are meant and those that are heard; nobody is none.
    pub lines: Vec<(Vec<usize>, Vec<usize>)>,
}

/// The label that stands for nobody.
const NOBODY: usize = 0;
/// Seconds of silence at which phrases part, and those of it that are heard on either side.
const REST: f64 = 0.2;
const BESIDE: f64 = 0.1;
/// Seconds in which something may be sung that the corpus does not say.
const GAP: f64 = 0.12;
/// Epochs in which it has to come further, and by what part. A recogniser stands for long where it hears blanks
/// alone.
const PATIENCE: usize = 8;
const FURTHER: f32 = 0.995;
/// Share of the steps that may be as sure of the blank as they like.
const SURE: f32 = 0.2;

/// Writes syllables as labels.
struct Labels {
    units: PathUnits,
    count: usize,
    /// How a syllable of Mandarin is written, and its place among all, by its sounds.
    pinyin: HashMap<Vec<Phoneme>, (String, usize)>,
}

impl Labels {
    fn new(units: PathUnits) -> Self {
        let mut pinyin = HashMap::new();
        for written in all_pinyin() {
            if let Some(syllable) = pinyin_to_syllable(&written, 0) {
                let place = pinyin.len() + 1;
                pinyin.entry(syllable.phonemes().collect()).or_insert((written, place));
            }
        }
        let count = match units {
            PathUnits::Sounds => SOUNDS.len(),
            PathUnits::Letters => 27,
            PathUnits::Syllables => pinyin.len() + 1,
        };
        Self { units, count, pinyin }
    }

    /// The labels of a syllable; `None` if it cannot be written so.
    fn of(&self, syllable: &Syllable) -> Option<Vec<usize>> {
        let sounds: Vec<Phoneme> = syllable.phonemes().collect();
        if self.units == PathUnits::Sounds {
            return sounds.iter().map(|sound| SOUNDS.iter().position(|known| known == sound)).collect();
        }
        let (written, place) = self.pinyin.get(&sounds)?;
        if self.units == PathUnits::Syllables {
            return Some(vec![*place]);
        }
        let letter = |c: char| match c {
            'a'..='z' => Some(c as usize - 'a' as usize + 1),
            _ => None,
        };
        written.chars().map(letter).collect()
    }
}

/// What is sung between two rests, with a little of both.
struct Phrase {
    /// `[steps · STACKED × MEL_BANDS]`.
    mel: Vec<f32>,
    line: Vec<usize>,
}

/// The phrases of a recording that are known whole, fit into a piece, and can be written.
fn phrases(recording: &LabelledRecording, labels: &Labels) -> Vec<Phrase> {
    let frames_of = |seconds: f64| (seconds * f64::from(SAMPLE_RATE) / MEL_HOP as f64) as usize;
    let (rest, beside, gap) = (frames_of(REST), frames_of(BESIDE), frames_of(GAP));
    let mut mel: Vec<f32> = recording.mel.iter().map(|power| power.to_f32()).collect();
    let loud = level(&mel);
    levelled(&mut mel, loud);
    let sounds = &recording.sounds;
    let mut found = Vec::new();
    let mut from = 0;
    while let Some(first) = (from..sounds.len()).find(|&frame| sounds[frame] != 0) {
        let silent =
            |frame: &usize| sounds[*frame..(*frame + rest).min(sounds.len())].iter().all(|s| *s == 0);
        let end = (first..sounds.len()).find(silent).unwrap_or(sounds.len());
        from = end;
        let (start, stop) = (first.saturating_sub(beside), (end + beside).min(sounds.len()));
        let steps = (stop - start) / STACKED;
        let unsaid = |part: &[u8]| part.iter().all(|sound| *sound == UNKNOWN);
        if steps > PIECE || sounds[first..end].windows(gap).any(unsaid) {
            continue;
        }
        // A beginning is a place between frames.
        let near = first as f32 - 1.0..end as f32;
        let inside = recording.begins.iter().zip(&recording.characters).filter(|(at, _)| near.contains(*at));
        let line: Option<Vec<Vec<usize>>> = inside.map(|(_, syllable)| labels.of(syllable)).collect();
        let line = line.unwrap_or_default().concat();
        if !line.is_empty() && line.len() < steps {
            let mel = mel[start * MEL_BANDS..(start + steps * STACKED) * MEL_BANDS].to_vec();
            found.push(Phrase { mel, line });
        }
    }
    found
}

/// Trains a recogniser by a recipe, from nothing. `each_epoch` hears how far it is.
///
/// # Errors
/// If there is nothing to learn from, or the loss is no longer a number.
pub fn train_by_path(
    recipe: &PathRecipe,
    examples: &[LabelledRecording],
    kept_back: &[LabelledRecording],
    each_epoch: &mut dyn FnMut(usize, PathEpoch),
) -> Result<()> {
    let labels = Labels::new(recipe.units);
    let of_all = |all: &[LabelledRecording]| -> Vec<Phrase> {
        all.par_iter().flat_map_iter(|recording| phrases(recording, &labels)).collect()
    };
    let (learned, kept_back) = (of_all(examples), of_all(kept_back));
    ensure!(!learned.is_empty() && !kept_back.is_empty(), "there are no phrases whose characters are known");
    let device = Device::flex().autodiff();
    device.seed(recipe.seed);
    // The network is the recogniser's; what its outputs stand for is told by the units.
    let config = RecogniserConfig { sounds: vec![Phoneme::Rest; labels.count], channels: recipe.channels };
    let mut model = config.init(&device);
    let layout = Layout::new(&config);
    let mut optimizer = optimizer();
    let (mut best, mut since) = (f32::INFINITY, 0);
    let mut draw = Draw::new(recipe.seed);
    for epoch in 0..recipe.most_epochs {
        let mut order: Vec<(u64, &Phrase)> = learned.iter().map(|phrase| (draw.bits(), phrase)).collect();
        order.sort_unstable_by_key(|(key, _)| *key);
        for members in order.chunks(recipe.batch.max(1)) {
            let members: Vec<&Phrase> = members.iter().map(|(_, phrase)| *phrase).collect();
            let gradient = path_gradient(&layout, &weights(&model)?, recipe, epoch, &members);
            if !gradient.iter().all(|slope| slope.is_finite()) {
                bail!("the loss is no longer a number in epoch {}", epoch + 1);
            }
            let gradients = by_weights(&model, &gradient);
            model = optimizer.step(recipe.rate, model, gradients);
        }
        let heard = heard_in(&layout, &weights(&model.valid())?, &kept_back, labels.count);
        let loss = heard.loss;
        each_epoch(epoch, heard);
        // One epoch more once it has come no further.
        if since >= PATIENCE {
            break;
        }
        if loss < best * FURTHER {
            (best, since) = (loss, 0);
        } else {
            since += 1;
        }
    }
    Ok(())
}

/// The gradient of the loss of some phrases by all weights.
fn path_gradient(
    layout: &Layout,
    weights: &[f32],
    recipe: &PathRecipe,
    epoch: usize,
    phrases: &[&Phrase],
) -> Vec<f32> {
    let steps: usize = phrases.iter().map(|phrase| phrase.mel.len() / (STACKED * MEL_BANDS)).sum();
    let share = 1.0 / steps.max(1) as f32;
    let of_one = |phrase: &&Phrase| {
        let heard = layout.forward(weights, phrase.mel.clone());
        let labels = heard.path.len() / heard.begins.len().max(1);
        let blank = labels - 1;
        let path = log_softmax(&heard.path, labels);
        let line = if epoch < recipe.ends { with_ends(&phrase.line) } else { phrase.line.clone() };
        let mut by_path = vec![0.0f32; path.len()];
        if let Some(ways) = all_ways(&path, labels, &line, blank) {
            by_path = ways.slopes(&path, share);
        }
        if recipe.blank_cost > 0.0 {
            push_blank_down(&mut by_path, &path, labels, share * recipe.blank_cost as f32);
        }
        let (by_sounds, by_begins) = (vec![0.0; heard.sounds.len()], vec![0.0; heard.begins.len()]);
        let mut gradient = vec![0.0f32; layout.count];
        layout.backward(weights, &heard, [&by_sounds, &by_path, &by_begins], &mut gradient);
        gradient
    };
    let all: Vec<Vec<f32>> = phrases.par_iter().map(of_one).collect();
    let both = |mut one: Vec<f32>, other: Vec<f32>| {
        one.iter_mut().zip(&other).for_each(|(sum, more)| *sum += more);
        one
    };
    all.into_iter().reduce(both).unwrap_or_default()
}

fn with_ends(line: &[usize]) -> Vec<usize> {
    [&[NOBODY], line, &[NOBODY]].concat()
}

/// Adds the gradient of a loss on the blank (after arXiv 1904.10619): `cost` times how likely it is, summed over
/// the steps but for those that are surest of it. CTC itself stays as it is.
fn push_blank_down(by_path: &mut [f32], path: &[f32], labels: usize, cost: f32) {
    let blank = labels - 1;
    let mut order: Vec<(usize, f32)> =
        path.chunks(labels).enumerate().map(|(step, row)| (step, row[blank].exp())).collect();
    order.sort_by(|a, b| b.1.total_cmp(&a.1));
    let sure = (order.len() as f32 * SURE) as usize;
    for &(step, likely) in order.iter().skip(sure) {
        let place = step * labels..(step + 1) * labels;
        for (label, (by, row)) in by_path[place.clone()].iter_mut().zip(&path[place]).enumerate() {
            *by += cost * likely * (f32::from(u8::from(label == blank)) - row.exp());
        }
    }
}

/// What is heard in phrases, the likeliest label in each step.
fn heard_in(layout: &Layout, weights: &[f32], phrases: &[Phrase], count: usize) -> PathEpoch {
    let labels = count + 1;
    let all: Vec<(f64, usize, Vec<usize>)> = phrases
        .par_iter()
        .map(|phrase| {
            let heard = layout.forward(weights, phrase.mel.clone());
            let path = log_softmax(&heard.path, labels);
            let loss = all_ways(&path, labels, &phrase.line, count).map_or(0.0, |ways| ways.loss);
            let likeliest =
                |row: &[f32]| (0..labels).max_by(|&a, &b| row[a].total_cmp(&row[b])).unwrap_or(count);
            let mut line: Vec<usize> = path.chunks(labels).map(likeliest).collect();
            line.dedup();
            line.retain(|&label| label != count && label != NOBODY);
            (loss, heard.begins.len(), line)
        })
        .collect();
    let steps: usize = all.iter().map(|(_, steps, _)| steps).sum();
    let loss = all.iter().map(|(loss, ..)| loss).sum::<f64>() / steps.max(1) as f64;
    let lines = phrases.iter().zip(all).map(|(phrase, (_, _, heard))| (phrase.line.clone(), heard)).collect();
    PathEpoch { loss: loss as f32, lines }
}

#[cfg(test)]
mod tests {
    use half::f16;

    use super::*;

    /// Syllables as tones of their own, with silence around them.
    fn recording(seed: u64) -> LabelledRecording {
        let mut draw = Draw::new(seed);
        let known: Vec<Syllable> =
            ["ma", "ni", "hao"].iter().map(|said| pinyin_to_syllable(said, 0).unwrap()).collect();
        let (mut mel, mut sounds, mut begins, mut characters) =
            (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        let mut lasts = |band: Option<usize>, sound: u8, count: usize, sounds: &mut Vec<u8>| {
            for _ in 0..count {
                let power = |at: usize| if band.is_some_and(|band| at / 20 == band) { -2.0 } else { -12.0 };
                mel.extend((0..MEL_BANDS).map(|at| f16::from_f32(power(at))));
                sounds.push(sound);
            }
        };
        lasts(None, 0, 30, &mut sounds);
        for _ in 0..2 {
            for _ in 0..3 {
                let one = draw.place(3);
                begins.push(sounds.len() as f32);
                characters.push(known[one]);
                lasts(Some(one), 5 + one as u8, 24, &mut sounds);
            }
            lasts(None, 0, 30, &mut sounds);
        }
        LabelledRecording { mel, sounds, begins, characters }
    }

    #[test]
    fn phrases_part_at_rests_and_are_written_in_every_unit() {
        let recording = recording(4);
        for units in [PathUnits::Sounds, PathUnits::Letters, PathUnits::Syllables] {
            let labels = Labels::new(units);
            let found = phrases(&recording, &labels);
            assert_eq!(found.len(), 2);
            let whole: Vec<usize> = found.iter().flat_map(|phrase| phrase.line.clone()).collect();
            let said: Vec<usize> =
                recording.characters.iter().flat_map(|said| labels.of(said).unwrap()).collect();
            assert_eq!(whole, said);
            assert!(whole.iter().all(|&label| label > NOBODY && label < labels.count));
        }
        let letters = Labels::new(PathUnits::Letters).of(&pinyin_to_syllable("lv", 0).unwrap());
        assert_eq!(letters, Some(vec![12, 22]));
    }

    #[test]
    fn the_blank_is_pushed_down_but_where_it_is_surest() {
        let mut draw = Draw::new(3);
        let before: Vec<f32> = (0..50).map(|_| 2.0 * draw.normal()).collect();
        let cost = |before: &[f32]| {
            let mut all: Vec<f32> = log_softmax(before, 5).chunks(5).map(|row| row[4].exp()).collect();
            all.sort_by(|a, b| b.total_cmp(a));
            all[2..].iter().map(|likely| f64::from(*likely)).sum::<f64>()
        };
        let mut slopes = vec![0.0; 50];
        push_blank_down(&mut slopes, &log_softmax(&before, 5), 5, 1.0);
        for place in 0..50 {
            let moved = |by: f32| {
                let mut before = before.clone();
                before[place] += by;
                cost(&before)
            };
            let slope = (moved(1e-2) - moved(-1e-2)) / 2e-2;
            assert!(
                (slope - f64::from(slopes[place])).abs() < 1e-3,
                "{place}: {slope}, not {}",
                slopes[place]
            );
        }
    }

    #[test]
    fn what_is_said_is_learned_without_being_told_when() {
        let examples: Vec<LabelledRecording> = (1..20).map(recording).collect();
        let recipe = PathRecipe {
            units: PathUnits::Syllables,
            channels: 16,
            batch: 2,
            rate: 1e-2,
            most_epochs: 60,
            ends: 2,
            blank_cost: 0.1,
            seed: 1,
        };
        let mut right = Vec::new();
        train_by_path(&recipe, &examples, &[recording(80), recording(81)], &mut |_, found| {
            right.push(found.lines.iter().filter(|(said, heard)| said == heard).count());
        })
        .unwrap();
        assert!(right.iter().any(|&right| right >= 3), "{right:?}");
    }
}
