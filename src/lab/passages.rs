use burn::tensor::{Device, Int, Tensor, TensorData};

use super::tacotron2::{Passages, RIVAL_BINS, RIVAL_WIDTH, SYMBOL_NUMBERS};
use ziyin_corpus::AnalysedToken;
use ziyin_lyrics::{Phoneme, Syllable};
use ziyin_model::generator::ENVELOPE_SCALE;
use ziyin_signal::{AP_BANDS, BINS, Frames, HOP, SAMPLE_RATE, mel_places};
use ziyin_training::Example;

/// Seconds from one frame of the rival to the next.
pub const RIVAL_STEP: f64 = 4.0 * HOP as f64 / SAMPLE_RATE as f64;

/// One sound of a passage, as the rival is told it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Symbol {
    pub phoneme: Phoneme,
    /// MIDI pitch.
    pub pitch: f32,
    /// 0 for what only stands beside the passage.
    pub seconds: f32,
}

/// Characters in a row, and how they were sung.
#[derive(Clone, Debug, Default)]
pub struct SungPassage {
    pub symbols: Vec<Symbol>,
    pub singer: usize,
    /// `[frames × RIVAL_WIDTH]`; none where nobody sang it.
    pub frames: Vec<f32>,
}

impl SungPassage {
    /// Seconds that the symbols last.
    pub fn seconds(&self) -> f64 {
        self.symbols.iter().map(|symbol| f64::from(symbol.seconds)).sum()
    }

    /// One after the other, as in a song: each keeps its own edges.
    pub fn joined(parts: &[&Self]) -> Self {
        let mut all = Self { singer: parts.first().map_or(0, |part| part.singer), ..Self::default() };
        for part in parts {
            all.symbols.extend(&part.symbols);
            all.frames.extend(&part.frames);
        }
        all
    }
}

/// The sounds of a character, with their seconds.
pub fn symbols(syllable: &Syllable, pitch: f32, consonant: f32, nucleus: f32, coda: f32) -> Vec<Symbol> {
    let glide = if syllable.glide == Phoneme::None { 0.0 } else { (0.3 * nucleus).min(0.08) };
    [
        (syllable.initial, consonant),
        (syllable.glide, glide),
        (syllable.nucleus, nucleus - glide),
        (syllable.coda, coda),
    ]
    .into_iter()
    .filter(|(phoneme, _)| *phoneme != Phoneme::None)
    .map(|(phoneme, seconds)| Symbol { phoneme, pitch, seconds: seconds.max(0.0) })
    .collect()
}

/// The passages of tokens: those that follow each other in a recording are sung in one.
pub fn passages(examples: &[Example], mean: &[f32]) -> Vec<SungPassage> {
    let file = |token: &AnalysedToken| token.name.rsplit_once('#').map_or(0, |(file, _)| file.len());
    let follows = |a: &AnalysedToken, b: &AnalysedToken| {
        a.name[..file(a)] == b.name[..file(b)] && b.previous == a.syllable.closing()
    };
    let mut groups: Vec<Vec<Example>> = Vec::new();
    for &example in examples {
        match groups.last_mut() {
            Some(group) if group.last().is_some_and(|last| follows(last.token, example.token)) => {
                group.push(example)
            }
            _ => groups.push(vec![example]),
        }
    }
    groups.iter().map(|group| passage(group, mean)).collect()
}

/// One passage of tokens that were sung in a row.
pub fn passage(tokens: &[Example], mean: &[f32]) -> SungPassage {
    let mut score = SungPassage { singer: tokens[0].singer, ..SungPassage::default() };
    let pitch = |token: &AnalysedToken| token.pitch.iter().sum::<f32>() / token.pitch.len().max(1) as f32;
    let beside = |sounds: [Phoneme; 2], token: &AnalysedToken, last: bool| {
        let sound = if last && sounds[1] != Phoneme::None { sounds[1] } else { sounds[0] };
        Symbol { phoneme: sound, pitch: pitch(token), seconds: 0.0 }
    };
    let (first, last) = (tokens[0].token, tokens[tokens.len() - 1].token);
    score.symbols.push(beside(first.previous, first, true));
    for example in tokens {
        let (token, l) = (example.token, example.token.landmarks);
        // A sound before the vowel that has no letter is the edge of silence.
        let before = if token.syllable.initial == Phoneme::None { 0.0 } else { l.vowel };
        score.symbols.extend(symbols(
            &token.syllable,
            pitch(token),
            before as f32,
            (l.nucleus_end - before) as f32,
            (l.end - l.nucleus_end) as f32,
        ));
        score.frames.extend(even_frames(&token.frames(), &token.times, 0.0, l.end, mean));
    }
    score.symbols.push(beside(last.next, last, false));
    score
}

/// Frames as the rival sings them, from those of a block: every [`RIVAL_STEP`] the nearest.
pub fn even_frames(frames: &Frames, times: &[f32], from: f64, to: f64, mean: &[f32]) -> Vec<f32> {
    let places = mel_places(RIVAL_BINS, 0.5);
    let count = ((to - from) / RIVAL_STEP).round().max(1.0) as usize;
    let mut out = Vec::with_capacity(count * RIVAL_WIDTH);
    for i in 0..count {
        let at = (from + (i as f64 + 0.5) * RIVAL_STEP) as f32;
        let after = times.partition_point(|&t| t < at).min(times.len() - 1);
        let before = after.saturating_sub(1);
        let nearest = if at - times[before] < times[after] - at { before } else { after };
        let envelope = frames.envelope_at(nearest);
        out.extend(places.iter().map(|&bin| (envelope[bin] - mean[bin]) / ENVELOPE_SCALE as f32));
        out.extend(frames.aperiodicity_at(nearest));
        out.push(frames.voicing[nearest]);
    }
    out
}

/// What the rival sang as frames of the house, one every `RIVAL_STEP`.
pub fn full_frames(sung: &[f32], mean: &[f32]) -> Frames {
    let places = mel_places(RIVAL_BINS, 0.5);
    let mut frames = Frames::default();
    for row in sung.chunks_exact(RIVAL_WIDTH) {
        let (bands, source) = row.split_at(RIVAL_BINS);
        let mut band = 0;
        for (bin, mean) in mean.iter().enumerate().take(BINS) {
            while band + 2 < RIVAL_BINS && places[band + 1] <= bin {
                band += 1;
            }
            let span = (places[band + 1] - places[band]).max(1) as f32;
            let share = ((bin as f32 - places[band] as f32) / span).clamp(0.0, 1.0);
            let value = bands[band] + (bands[band + 1] - bands[band]) * share;
            frames.envelope.push(value * ENVELOPE_SCALE as f32 + mean);
        }
        frames.aperiodicity.extend(source[..AP_BANDS].iter().map(|a| a.clamp(0.0, 1.0)));
        frames.voicing.push(source[AP_BANDS].clamp(0.0, 1.0));
    }
    frames
}

/// Passages side by side, as tensors.
pub struct Laid {
    pub told: Passages,
    /// `[batch, frames, RIVAL_WIDTH]`, a whole number of steps.
    pub frames: Tensor<3>,
    /// `[batch, frames, 1]`: 1 where there is a frame to learn from.
    pub known: Tensor<3>,
    /// `[batch, steps]`: 1 from the step on with which the passage ends.
    pub ends: Tensor<2>,
    /// `[batch, steps, symbols]`: how far each symbol is from sounding at a step, 0 to 1.
    pub away: Tensor<3>,
    pub steps: usize,
    /// Steps of the primer, if all of the batch have one.
    pub primer: usize,
}

/// How far attention may stray before it is fully charged for it, in seconds.
const STRAY: f64 = 0.12;

impl Laid {
    /// Lays out `scores` for steps of `reduction` frames. `primers`, one for each, are heard
    /// before, and stand in place of the singer; they are cut to the same length.
    pub fn new(
        scores: &[&SungPassage],
        primers: Option<&[&SungPassage]>,
        reduction: usize,
        device: &Device,
    ) -> Self {
        let count = scores.len();
        let step_seconds = RIVAL_STEP * reduction as f64;
        let primed = primers.map_or(0, |primers| {
            let shortest = primers.iter().map(|p| p.frames.len() / RIVAL_WIDTH).min().unwrap_or(0);
            shortest / reduction
        });
        let joined: Vec<SungPassage> = (0..count)
            .map(|i| match primers {
                Some(primers) => {
                    // Its last steps, so that what is heard runs into what is to be sung.
                    let cut = primers[i].frames.len() - primed * reduction * RIVAL_WIDTH;
                    let gone = (cut / RIVAL_WIDTH) as f64 * RIVAL_STEP;
                    let primer = SungPassage {
                        symbols: later(&primers[i].symbols, gone),
                        singer: primers[i].singer,
                        frames: primers[i].frames[cut..].to_vec(),
                    };
                    SungPassage::joined(&[&primer, scores[i]])
                }
                None => scores[i].clone(),
            })
            .collect();
        let frames_of = |score: &SungPassage| score.frames.len() / RIVAL_WIDTH;
        let steps = joined.iter().map(|s| frames_of(s).div_ceil(reduction)).max().unwrap_or(1).max(1);
        let width = joined.iter().map(|s| s.symbols.len()).max().unwrap_or(1);
        let all = steps * reduction;
        let mut symbols = vec![0i32; count * width];
        let mut numbers = vec![0.0f32; count * width * SYMBOL_NUMBERS];
        let mut known_symbols = vec![0.0f32; count * width];
        let mut frames = vec![0.0f32; count * all * RIVAL_WIDTH];
        let mut known = vec![0.0f32; count * all];
        let mut ends = vec![0.0f32; count * steps];
        let mut away = vec![0.0f32; count * steps * width];
        for (i, score) in joined.iter().enumerate() {
            let mut at = 0.0f64;
            for (k, symbol) in score.symbols.iter().enumerate() {
                symbols[i * width + k] = symbol.phoneme.id() as i32;
                known_symbols[i * width + k] = 1.0;
                numbers[(i * width + k) * SYMBOL_NUMBERS..][..SYMBOL_NUMBERS].copy_from_slice(&[
                    (symbol.pitch - 66.0) / 12.0,
                    (symbol.seconds + 0.01).ln() / 2.0 + 1.0,
                    if symbol.seconds > 0.0 { 0.0 } else { 1.0 },
                ]);
                let until = at + f64::from(symbol.seconds);
                for step in 0..steps {
                    let now = (step as f64 + 0.5) * step_seconds;
                    let off = (at - now).max(now - until).max(0.0) / STRAY;
                    away[(i * steps + step) * width + k] = (1.0 - (-0.5 * off * off).exp()) as f32;
                }
                at = until;
            }
            let own = frames_of(score);
            frames[i * all * RIVAL_WIDTH..][..own * RIVAL_WIDTH].copy_from_slice(&score.frames);
            known[i * all + primed * reduction..i * all + own].fill(1.0);
            let end = own.div_ceil(reduction).saturating_sub(1);
            ends[i * steps + end..(i + 1) * steps].fill(1.0);
        }
        let two = |v: Vec<f32>, w: usize| Tensor::<2>::from_data(TensorData::new(v, [count, w]), device);
        let three = |v: Vec<f32>, t: usize, w: usize| {
            Tensor::<3>::from_data(TensorData::new(v, [count, t, w]), device)
        };
        let singers: Vec<i32> = scores.iter().map(|score| score.singer as i32).collect();
        let singers = Tensor::<2, Int>::from_data(TensorData::new(singers, [count, 1]), device);
        Self {
            told: Passages {
                symbols: Tensor::from_data(TensorData::new(symbols, [count, width]), device),
                numbers: three(numbers, width, SYMBOL_NUMBERS),
                known: two(known_symbols, width),
                singers: primers.is_none().then_some(singers),
            },
            frames: three(frames, all, RIVAL_WIDTH),
            known: three(known, all, 1),
            ends: two(ends, steps),
            away: three(away, steps, width),
            steps,
            primer: primed,
        }
    }
}

/// The symbols that are left once `gone` seconds have sounded.
pub fn later(symbols: &[Symbol], gone: f64) -> Vec<Symbol> {
    let mut left = gone as f32;
    let mut out = Vec::new();
    for symbol in symbols {
        let heard = left.min(symbol.seconds);
        left -= heard;
        if symbol.seconds == 0.0 && left <= 0.0 || symbol.seconds - heard > 1e-3 {
            out.push(Symbol { seconds: symbol.seconds - heard, ..*symbol });
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_sounded_is_no_longer_told() {
        let of = |phoneme, seconds| Symbol { phoneme, pitch: 60.0, seconds };
        let all = [of(Phoneme::Rest, 0.0), of(Phoneme::M, 0.1), of(Phoneme::A, 0.4), of(Phoneme::Rest, 0.0)];
        assert_eq!(later(&all, 0.0), all);
        let left = later(&all, 0.3);
        assert_eq!(left.iter().map(|s| s.phoneme).collect::<Vec<_>>(), [Phoneme::A, Phoneme::Rest]);
        assert!((left[0].seconds - 0.2).abs() < 1e-6);
    }

    #[test]
    fn frames_keep_their_shape_at_the_resolution_of_the_rival() {
        let mean = vec![-5.0; BINS];
        let mut frames = Frames::default();
        let times: Vec<f32> = (0..100).map(|i| i as f32 * 0.0029).collect();
        for _ in &times {
            frames.envelope.extend((0..BINS).map(|bin| -6.0 + 2.0 * (bin as f32 / 120.0).sin()));
            frames.aperiodicity.extend([0.25; AP_BANDS]);
            frames.voicing.push(1.0);
        }
        let back = full_frames(&even_frames(&frames, &times, 0.0, 0.2, &mean), &mean);
        assert_eq!(back.len(), 17);
        let off = back.envelope_at(8).iter().zip(frames.envelope_at(8)).map(|(a, b)| (a - b).abs());
        // Below the lowest and above the highest band it is flat.
        assert!(off.skip(10).take(BINS - 70).fold(0.0, f32::max) < 0.15);
        assert_eq!(back.voicing[8], 1.0);
    }
}
