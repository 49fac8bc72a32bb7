//! How well a voice finds characters in recordings of which it is told the text alone,
//! measured on corpora that say where they lie.

use anyhow::Result;
use indicatif::ProgressBar;
use rayon::prelude::*;

use super::strings::whole;
use ziyin_cli::answer;
use ziyin_cli::corpora::{CorpusArgs, open_strings};
use ziyin_corpus::{Landmarks, Token, find_all_landmarks};
use ziyin_listening::alignment::{Misfit, Spoken, align};
use ziyin_lyrics::Phoneme;
use ziyin_model::VoiceModel;

/// Most recordings of a singer that are aligned.
const MOST: usize = 200;
/// Off by more than this, in seconds, is wrong.
const WRONG: f64 = 0.05;

/// What became of the characters of one singer.
#[derive(Default)]
struct Tally {
    characters: usize,
    misfits: usize,
    unsettled: usize,
    /// Seconds from where the vowel begins, before it was settled in the sound and after.
    before: Vec<f64>,
    after: Vec<f64>,
    onsets: Vec<f64>,
}

/// Prints, for each corpus, how far aligned vowels are from where the corpus has them.
pub fn evaluate(voice: &VoiceModel, args: &CorpusArgs) -> Result<()> {
    answer!(
        "{:44} {:>6} {:>9} {:>10} {:>12} {:>9} {:>9}",
        "",
        "all",
        "refused",
        "median ms",
        "90 % within",
        "> 50 ms",
        "onset ms"
    )?;
    for (name, strings) in open_strings(args)? {
        let chosen = strings.iter().step_by(strings.len().div_ceil(MOST).max(1));
        let strings: Vec<Vec<Token>> = chosen.map(|string| whole(string)).collect();
        let hidden: Vec<Spoken> = strings
            .iter()
            .map(|tokens| Spoken {
                audio: tokens[0].wav.clone(),
                syllables: tokens.iter().map(|token| token.syllable).collect(),
            })
            .collect();
        let bar = ProgressBar::new(hidden.len() as u64);
        let found = align(voice, &hidden, &|| bar.inc(1))?;
        bar.finish_and_clear();
        let tallies: Vec<Tally> =
            strings.par_iter().zip(&found).map(|(tokens, found)| compared(tokens, found)).collect();
        let mut all = Tally::default();
        for tally in tallies {
            all.characters += tally.characters;
            all.misfits += tally.misfits;
            all.unsettled += tally.unsettled;
            all.before.extend(tally.before);
            all.after.extend(tally.after);
            all.onsets.extend(tally.onsets);
        }
        let title = format!("{name}, {} recordings", strings.len());
        let share = |part: usize| 100.0 * part as f64 / all.characters.max(1) as f64;
        let row = |what: String, refused: usize, off: &[f64], onsets: &[f64]| {
            let wrong = off.iter().filter(|off| **off > WRONG).count();
            answer!(
                "{what:44} {:6} {:7.1} % {:10.0} {:12.0} {:7.1} % {:9.0}",
                all.characters,
                share(refused),
                1000.0 * quantile(off, 0.5),
                1000.0 * quantile(off, 0.9),
                100.0 * wrong as f64 / off.len().max(1) as f64,
                1000.0 * quantile(onsets, 0.5),
            )
        };
        row(format!("{title}: aligned"), all.misfits, &all.before, &[])?;
        row("    settled in the sound".into(), all.misfits + all.unsettled, &all.after, &all.onsets)?;
    }
    Ok(())
}

/// Characters whose landmarks are known are compared; the others tell nothing.
fn compared(tokens: &[Token], found: &[Result<Token, Misfit>]) -> Tally {
    let mut tally = Tally::default();
    let Some((_, known)) = find_all_landmarks(&tokens[0].wav, tokens) else { return tally };
    let places: Vec<(usize, Landmarks)> =
        known.into_iter().enumerate().filter_map(|(i, known)| Some((i, known.ok()?))).collect();
    let aligned: Vec<Token> = found.iter().flatten().cloned().collect();
    let mut settled = match find_all_landmarks(&tokens[0].wav, &aligned) {
        Some((_, settled)) => settled.into_iter(),
        None => Vec::new().into_iter(),
    };
    let settled: Vec<Option<Landmarks>> = found
        .iter()
        .map(|found| found.as_ref().ok().and_then(|_| settled.next()).and_then(Result::ok))
        .collect();
    for (i, known) in places {
        tally.characters += 1;
        let Ok(aligned) = &found[i] else {
            tally.misfits += 1;
            continue;
        };
        // As the corpus would say it: where people set it.
        if let (Some(labelled), Some(vowel)) = (tokens[i].place.vowel, aligned.place.vowel) {
            tally.before.push((vowel - labelled).abs());
        }
        match settled[i] {
            None => tally.unsettled += 1,
            Some(place) => {
                tally.after.push((place.vowel - known.vowel).abs());
                if tokens[i].syllable.initial != Phoneme::None {
                    tally.onsets.push((place.onset - known.onset).abs());
                }
            }
        }
    }
    tally
}

fn quantile(values: &[f64], share: f64) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted.get((share * sorted.len() as f64) as usize).copied().unwrap_or(0.0)
}
