use std::fmt;

use anyhow::{Result, anyhow};
use burn::tensor::Device;

use super::passages::{Laid, RIVAL_STEP, SungPassage, Symbol, even_frames, full_frames, passage, symbols};
use super::tacotron2::{Alpha, RIVAL_BINS, RIVAL_WIDTH, Rival};
use ziyin_lyrics::{Language, LyricInput, Phoneme, Reading, Syllable, read_lyrics};
use ziyin_model::{CharacterInput, VoiceModel};
use ziyin_signal::{AP_BANDS, BINS, CEPSTRA, Frames, MelCepstrum, cepstral_distance, under_hiss};
use ziyin_training::{Example, Tally, character_of};

/// What the rival sang without being led, and what its attention was at.
#[derive(Clone, Debug, Default)]
pub struct FreeRun {
    /// `[frames × RIVAL_WIDTH]`.
    pub frames: Vec<f32>,
    /// For each step, the weight of each symbol.
    pub attention: Vec<Vec<f32>>,
    /// Whether it ended by itself.
    pub ended: bool,
    /// Symbols of the primer, which come first in the attention.
    pub primer: usize,
}

/// Passages sung by the rival alone. Each may take half as long again as it is told, and a
/// second more.
///
/// # Errors
/// If the device fails.
pub fn sing(
    rival: &Rival,
    scores: &[&SungPassage],
    primers: Option<&[&SungPassage]>,
    device: &Device,
) -> Result<Vec<FreeRun>> {
    let reduction = rival.config.reduction;
    let bare: Vec<SungPassage> =
        scores.iter().map(|s| SungPassage { frames: Vec::new(), ..(*s).clone() }).collect();
    let bare: Vec<&SungPassage> = bare.iter().collect();
    let laid = Laid::new(&bare, primers, reduction, device);
    let longest = scores.iter().map(|s| s.seconds()).fold(0.0, f64::max);
    let most = laid.primer + ((longest * 1.5 + 1.0) / (RIVAL_STEP * reduction as f64)) as usize;
    let heard = (laid.primer > 0).then(|| laid.frames.clone().narrow(1, 0, laid.primer * reduction));
    let sung = rival.network.forward(&laid.told, heard.as_ref(), Alpha::TEACHER, laid.primer, most, true);
    let [_, steps, width] = sung.attention.dims();
    let failed = |e| anyhow!("the device gave up: {e:?}");
    let frames = sung.refined.into_data().try_into_vec::<f32>().map_err(failed)?;
    let attention = sung.attention.into_data().try_into_vec::<f32>().map_err(failed)?;
    let stops = sung.stop.into_data().try_into_vec::<f32>().map_err(failed)?;
    let per_step = reduction * RIVAL_WIDTH;
    let one = |i: usize| {
        let stop = (laid.primer..steps).find(|&step| stops[i * steps + step] > 0.0);
        let end = stop.map_or(steps, |step| step + 1);
        let rows = attention[i * steps * width..][..steps * width].chunks(width);
        let told = laid_symbols(primers.map(|p| p[i]), laid.primer * reduction, scores[i]);
        FreeRun {
            frames: frames[i * steps * per_step..][laid.primer * per_step..end * per_step].to_vec(),
            attention: rows.take(end).skip(laid.primer).map(|row| row[..told.1].to_vec()).collect(),
            ended: stop.is_some(),
            primer: told.0,
        }
    };
    Ok((0..scores.len()).map(one).collect())
}

/// Symbols of the primer, and of primer and passage.
fn laid_symbols(primer: Option<&SungPassage>, primer_frames: usize, score: &SungPassage) -> (usize, usize) {
    let before = primer.map_or(0, |primer| {
        let gone = primer.frames.len() / RIVAL_WIDTH - primer_frames;
        super::passages::later(&primer.symbols, gone as f64 * RIVAL_STEP).len()
    });
    (before, before + score.symbols.len())
}

/// The rival and the convolutional generator on the same characters.
#[derive(Clone, Debug, Default)]
pub struct Match {
    tokens: usize,
    /// Recorded frames at the rival's resolution: it can do no better.
    ceiling: Tally,
    generator: Tally,
    /// Each step hears the true frame.
    led: Tally,
    /// Mean distance along the best alignment in time, dB.
    generator_aligned: f64,
    rival_aligned: f64,
    /// Share of the passages in which the rival ended by itself.
    ended: f64,
    /// Mean of how much longer or shorter than told it sang, in percent.
    length_error: f64,
    pub trials: Vec<Trial>,
}

/// One lyric that is known to be hard for attention.
#[derive(Clone, Debug)]
pub struct Trial {
    pub name: String,
    pub score: SungPassage,
    pub rival: FreeRun,
    /// Of the convolutional generator, on the same steps in time.
    pub generator: Vec<f32>,
    characters: usize,
}

/// Sings held-out tokens and the trials with both. `primers` are passages of each singer,
/// for a rival that takes one.
///
/// # Errors
/// If a device fails.
pub fn match_rival(
    rival: &Rival,
    voice: &VoiceModel,
    held_out: &[Example],
    primers: &[SungPassage],
    device: &Device,
) -> Result<Match> {
    let cepstrum = MelCepstrum::default();
    let mut found = Match { tokens: held_out.len(), ..Match::default() };
    let primer_for = |score: &SungPassage| {
        primers.iter().find(|p| p.singer == score.singer).or(primers.first()).filter(|_| rival.primer)
    };
    let scores: Vec<SungPassage> =
        held_out.iter().map(|example| passage(std::slice::from_ref(example), &rival.mean)).collect();
    let blocks = voice.generate(&held_out.iter().map(character_of).collect::<Vec<_>>())?;
    let mut order: Vec<usize> = (0..scores.len()).collect();
    order.sort_by_key(|&i| scores[i].frames.len());
    for part in order.chunks(24) {
        let members: Vec<&SungPassage> = part.iter().map(|&i| &scores[i]).collect();
        let heard: Option<Vec<&SungPassage>> = members.iter().map(|score| primer_for(score)).collect();
        let laid = Laid::new(&members, heard.as_deref(), rival.config.reduction, device);
        let led = rival.network.forward(
            &laid.told,
            Some(&laid.frames),
            Alpha::TEACHER,
            laid.primer,
            laid.steps,
            false,
        );
        let [_, all, _] = led.refined.dims();
        let led = led.refined.into_data().try_into_vec::<f32>().map_err(|e| anyhow!("{e:?}"))?;
        let sung = sing(rival, &members, heard.as_deref(), device)?;
        for (k, &i) in part.iter().enumerate() {
            let token = held_out[i].token;
            let own = scores[i].frames.len();
            let from = (k * all + laid.primer * rival.config.reduction) * RIVAL_WIDTH;
            let on_token = |even: &[f32]| on_times(&full_frames(even, &rival.mean), &token.times);
            found.ceiling.add(&cepstrum, token, &on_token(&scores[i].frames));
            found.led.add(&cepstrum, token, &on_token(&led[from..from + own]));
            found.generator.add(&cepstrum, token, &blocks[i].frames);
            let hiss = token.hiss_power();
            let cepstra = |even: &[f32]| -> Vec<[f32; CEPSTRA]> {
                let frames = full_frames(even, &rival.mean);
                (0..frames.len()).map(|i| cepstrum.of(&under_hiss(frames.envelope_at(i), &hiss))).collect()
            };
            let recorded = cepstra(&scores[i].frames);
            let generated =
                even_frames(&blocks[i].frames, &blocks[i].times, 0.0, token.landmarks.end, &rival.mean);
            found.generator_aligned += aligned(&recorded, &cepstra(&generated)) / held_out.len() as f64;
            found.rival_aligned += aligned(&recorded, &cepstra(&sung[k].frames)) / held_out.len() as f64;
            found.ended += if sung[k].ended { 100.0 } else { 0.0 } / held_out.len() as f64;
            let ratio = sung[k].frames.len() as f64 / own as f64;
            found.length_error += 100.0 * (ratio - 1.0).abs() / held_out.len() as f64;
        }
    }
    for (name, lyric, count, seconds) in [
        ("哈 six times, 0.4 s each", "哈", 6, 0.4),
        ("哈 twelve times, 0.4 s each", "哈", 12, 0.4),
        ("妈 six times, 0.4 s each", "妈", 6, 0.4),
        ("妈 of 1 s", "妈", 1, 1.0),
        ("妈 of 3 s", "妈", 1, 3.0),
        ("妈 of 6 s", "妈", 1, 6.0),
    ] {
        let (score, inputs) = lyric_of(lyric, count, seconds)?;
        let heard: Option<Vec<&SungPassage>> = primer_for(&score).map(|primer| vec![primer]);
        let Some(sung) = sing(rival, &[&score], heard.as_deref(), device)?.pop() else { continue };
        let mut generated = Vec::new();
        for (block, input) in voice.generate(&inputs)?.iter().zip(&inputs) {
            generated.extend(even_frames(
                &block.frames,
                &block.times,
                0.0,
                f64::from(input.end),
                &rival.mean,
            ));
        }
        let name = name.to_string();
        found.trials.push(Trial { name, score, rival: sung, generator: generated, characters: count });
    }
    Ok(found)
}

/// A character many times in a row at A3, as the rival is told it and as the generator is.
fn lyric_of(lyric: &str, count: usize, seconds: f32) -> Result<(SungPassage, Vec<CharacterInput>)> {
    const PITCH: f32 = 57.0;
    let note = LyricInput { lyric, ..LyricInput::default() };
    let Some(Reading::Sung(read)) = read_lyrics(&[note], Language::Mandarin).pop() else {
        return Err(anyhow!("{lyric} cannot be read"));
    };
    let syllable: Syllable = read[0].syllable.with_tone(0);
    let consonant = 0.09f32;
    let edge = Symbol { phoneme: Phoneme::Rest, pitch: PITCH, seconds: 0.0 };
    let mut score = SungPassage { symbols: vec![edge], ..SungPassage::default() };
    let mut inputs = Vec::new();
    for i in 0..count {
        score.symbols.extend(symbols(&syllable, PITCH, consonant, seconds - consonant, 0.0));
        let rest = [Phoneme::Rest; 2];
        let mut input = CharacterInput {
            syllable,
            previous: if i == 0 { rest } else { syllable.closing() },
            next: if i + 1 == count { rest } else { [syllable.initial, syllable.nucleus] },
            singer: 0,
            condition: 0,
            levels: None,
            take: None,
            burst: 0.0,
            vowel: consonant,
            nucleus_end: seconds,
            end: seconds,
            pitch: Vec::new(),
        };
        input.pitch = vec![PITCH; input.times().len()];
        inputs.push(input);
    }
    score.symbols.push(edge);
    Ok((score, inputs))
}

/// Even frames at the times of a token.
fn on_times(even: &Frames, times: &[f32]) -> Frames {
    let mut frames = Frames::default();
    for &t in times {
        let i = ((f64::from(t) / RIVAL_STEP).max(0.0) as usize).min(even.len().saturating_sub(1));
        frames.envelope.extend_from_slice(even.envelope_at(i));
        frames.aperiodicity.extend_from_slice(even.aperiodicity_at(i));
        frames.voicing.push(even.voicing[i]);
    }
    debug_assert_eq!(frames.envelope.len(), times.len() * BINS);
    frames
}

/// Mean distance in dB along the path that lays two passages best upon each other (dynamic
/// time warping).
fn aligned(a: &[[f32; CEPSTRA]], b: &[[f32; CEPSTRA]]) -> f64 {
    // Cost so far, and steps so far: the mean is over the path.
    let mut row = vec![(f64::INFINITY, 0usize); b.len() + 1];
    row[0] = (0.0, 0);
    for x in a {
        let mut next = vec![(f64::INFINITY, 0usize); b.len() + 1];
        for (j, y) in b.iter().enumerate() {
            let best = [row[j], row[j + 1], next[j]].into_iter().min_by(|p, q| p.0.total_cmp(&q.0));
            let (cost, steps) = best.unwrap_or((0.0, 0));
            next[j + 1] = (cost + f64::from(cepstral_distance(x, y)), steps + 1);
        }
        row = next;
    }
    let (cost, steps) = row[b.len()];
    cost / steps.max(1) as f64
}

/// Stretches of at least 50 ms in which there is voice, parted by at least 25 ms without.
fn voiced_stretches(frames: &[f32]) -> usize {
    let voiced: Vec<bool> =
        frames.chunks_exact(RIVAL_WIDTH).map(|row| row[RIVAL_BINS + AP_BANDS] > 0.5).collect();
    let runs: Vec<(bool, usize)> = voiced.chunk_by(|a, b| a == b).map(|run| (run[0], run.len())).collect();
    let at_least = |seconds: f64| (seconds / RIVAL_STEP).round() as usize;
    let (mut count, mut gap) = (0, usize::MAX);
    for (voice, length) in runs {
        if !voice {
            gap = length;
        } else if length >= at_least(0.05) && gap >= at_least(0.025) {
            count += 1;
            gap = 0;
        }
    }
    count
}

impl Trial {
    /// Symbols that attention was at no step most at, and steps at which it went back.
    pub fn strayed(&self) -> (usize, usize) {
        let most = |row: &Vec<f32>| {
            row.iter().enumerate().max_by(|a, b| a.1.total_cmp(b.1)).map_or(0, |(place, _)| place)
        };
        let places: Vec<usize> = self.rival.attention.iter().map(most).collect();
        let sounding = self.score.symbols.iter().enumerate().filter(|(_, s)| s.seconds > 0.0);
        let missed = sounding.filter(|(i, _)| !places.contains(&(i + self.rival.primer))).count();
        (missed, places.windows(2).filter(|pair| pair[1] < pair[0]).count())
    }
}

impl fmt::Display for Match {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{} tokens\n{:34} {:>8} {:>12} {:>12} {:>10}",
            self.tokens, "", "MCD dB", "consonants", "voicing %", "aligned dB"
        )?;
        let row = |f: &mut fmt::Formatter<'_>, name: &str, tally: &Tally, aligned: Option<f64>| {
            let (all, consonants, voicing) =
                (tally.distortion(), tally.in_consonants(), tally.voicing_error());
            let aligned = aligned.map_or(String::new(), |a| format!("{a:10.2}"));
            writeln!(f, "{name:34} {all:8.2} {consonants:12.2} {voicing:12.2} {aligned}")
        };
        row(f, "convolutional generator", &self.generator, Some(self.generator_aligned))?;
        row(f, "Tacotron 2, led by true frames", &self.led, None)?;
        writeln!(
            f,
            "{:34} {:>8} {:>12} {:>12} {:10.2}",
            "Tacotron 2, alone", "", "", "", self.rival_aligned
        )?;
        row(f, "recording at its resolution", &self.ceiling, None)?;
        writeln!(
            f,
            "Tacotron 2 ended by itself in {:.0} %, its length {:.0} % off in the mean",
            self.ended, self.length_error
        )?;
        for trial in &self.trials {
            let (missed, back) = trial.strayed();
            let seconds = |frames: &[f32]| (frames.len() / RIVAL_WIDTH) as f64 * RIVAL_STEP;
            writeln!(
                f,
                "{}: asked {:.1} s in {} characters; generator {:.1} s in {} voiced stretches; Tacotron 2 {:.1} s in {}, {} of {} symbols passed over, {back} steps back{}",
                trial.name,
                trial.score.seconds(),
                trial.characters,
                seconds(&trial.generator),
                voiced_stretches(&trial.generator),
                seconds(&trial.rival.frames),
                voiced_stretches(&trial.rival.frames),
                missed,
                trial.score.symbols.iter().filter(|s| s.seconds > 0.0).count(),
                if trial.rival.ended { "" } else { ", did not end" },
            )?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slower_passage_is_no_other_passage() {
        let at = |i: usize| [i as f32; CEPSTRA];
        let quick: Vec<_> = (0..8).map(at).collect();
        let slow: Vec<_> = (0..16).map(|i| at(i / 2)).collect();
        assert_eq!(aligned(&quick, &slow), 0.0);
        assert!(aligned(&quick, &slow[4..]) > 1.0);
    }

    #[test]
    fn voiced_stretches_are_parted_by_silence_that_is_long_enough() {
        let frames = |voiced: &[(f32, usize)]| -> Vec<f32> {
            let row = |voicing: f32| {
                let mut row = vec![0.0; RIVAL_WIDTH];
                row[RIVAL_BINS + AP_BANDS] = voicing;
                row
            };
            voiced.iter().flat_map(|&(voicing, count)| vec![row(voicing); count].concat()).collect()
        };
        assert_eq!(voiced_stretches(&frames(&[(1.0, 9), (0.0, 4), (1.0, 9), (0.0, 1), (1.0, 9)])), 2);
        assert_eq!(voiced_stretches(&frames(&[(0.0, 9), (1.0, 2), (0.0, 9)])), 0);
    }
}
