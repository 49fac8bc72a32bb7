//! How well a recogniser hears what is sung in recordings that it never learned from, measured on corpora
//! that say where each character lies, or at least what is said.

use std::path::PathBuf;

use anyhow::{Context, Result};
use clap::Args;
use indicatif::ProgressBar;
use rayon::prelude::*;

use super::edits::edits;
use super::strings::whole;
use ziyin_cli::answer;
use ziyin_corpus::{Clip, Content, Manner, Token, open_corpus, read_wav};
use ziyin_listening::{Course, Ear, HeardNote, Interval, follow, guess, notes_of_characters};
use ziyin_lyrics::{Phoneme, Syllable};

/// Measure how well the recogniser hears recordings that it never learned from
#[derive(Args, Debug)]
pub struct Arguments {
    /// The folder of the recogniser.
    #[arg(default_value = "models/listening")]
    recogniser: PathBuf,
    /// Folder of a corpus that says where each character lies, or at least what is said; may be given any
    /// number of times.
    #[arg(long, required = true, value_name = "FOLDER")]
    corpus: Vec<PathBuf>,
    /// Only recordings of these singers; may be given any number of times.
    #[arg(long, value_name = "NAME")]
    singer: Vec<String>,
    /// Most recordings of each corpus that are listened to, evenly from all of it.
    #[arg(long, default_value_t = 200)]
    most: usize,
}

/// Off by more than this, in seconds, is wrong.
const WRONG: f64 = 0.05;
/// People set a vowel this many seconds after voicing begins, where a voiceless consonant is before it.
const HAND_LAG: f64 = 0.018;
/// A character whose vowel is found further off, in seconds, is lost.
const LOST: f64 = 0.25;

/// What was heard of some recordings.
#[derive(Clone, Debug, Default)]
struct Tally {
    characters: usize,
    /// Characters that were guessed wrongly, left out or put in.
    misheard: usize,
    /// Seconds from where vowels begin, of characters that were known.
    vowels: Vec<f64>,
    lost: usize,
    /// Notes whose key and onset are known, and those that were right: with characters known, and guessed.
    notes: usize,
    right: [usize; 2],
}

impl Tally {
    fn join(mut self, other: Self) -> Self {
        self.characters += other.characters;
        self.misheard += other.misheard;
        self.vowels.extend(other.vowels);
        self.lost += other.lost;
        self.notes += other.notes;
        self.right = [self.right[0] + other.right[0], self.right[1] + other.right[1]];
        self
    }
}

/// Prints, for each corpus, which characters are heard wrongly and how far off they are found.
///
/// # Errors
/// If the recogniser or a corpus cannot be read.
pub fn run(args: &Arguments) -> Result<()> {
    let ear = Ear::open(&args.recogniser)?;
    answer!(
        "{:36} {:>10} {:>9} {:>10} {:>9} {:>7} {:>12} {:>14}",
        "",
        "characters",
        "misheard",
        "median ms",
        "≤ 50 ms",
        "lost",
        "notes right",
        "notes, guessed"
    )?;
    for folder in &args.corpus {
        let corpus = open_corpus(folder, &std::env::temp_dir().join("ziyin-unpacked"))
            .with_context(|| format!("cannot open {}", folder.display()))?;
        let singers = corpus.singers();
        let meant = |clip: &Clip| args.singer.is_empty() || args.singer.contains(&singers[clip.singer]);
        let clips: Vec<Clip> =
            corpus.clips().into_iter().filter(|clip| meant(clip) && said_in(clip).is_some()).collect();
        let step = clips.len().div_ceil(args.most.max(1)).max(1);
        let clips: Vec<&Clip> = clips.iter().step_by(step).collect();
        let bar = ProgressBar::new(clips.len() as u64);
        let tallies: Vec<Tally> = clips
            .par_iter()
            .map(|clip| {
                bar.inc(1);
                said_in(clip).map_or(Ok(Tally::default()), |said| measured(&ear, clip, &said))
            })
            .collect::<Result<_>>()?;
        bar.finish_and_clear();
        let all = tallies.into_iter().fold(Tally::default(), Tally::join);
        let share = |part: usize, of: usize| 100.0 * part as f64 / of.max(1) as f64;
        let mut vowels = all.vowels.clone();
        vowels.sort_by(f64::total_cmp);
        let near = vowels.iter().filter(|off| **off <= WRONG).count();
        let notes = |right: usize| match all.notes {
            0 => "–".to_string(),
            count => format!("{:.1} %", share(right, count)),
        };
        let timed = |text: String| if vowels.is_empty() { "–".to_string() } else { text };
        answer!(
            "{:36} {:10} {:7.1} % {:>10} {:>9} {:>7} {:>12} {:>14}",
            format!("{}, {} recordings", corpus.name(), clips.len()),
            all.characters,
            share(all.misheard, all.characters),
            timed(format!("{:.0}", 1000.0 * vowels.get(vowels.len() / 2).copied().unwrap_or(0.0))),
            timed(format!("{:.1} %", share(near, vowels.len()))),
            timed(format!("{:.1} %", share(all.lost, vowels.len()))),
            notes(all.right[0]),
            notes(all.right[1]),
        )?;
    }
    Ok(())
}

/// What is said in a clip.
struct Said {
    syllables: Vec<Syllable>,
    /// The same with their places, where they are known.
    tokens: Vec<Token>,
}

/// What is said in a clip, if that is known and it is sung or spoken aloud.
fn said_in(clip: &Clip) -> Option<Said> {
    match &clip.content {
        Content::Tokens(tokens) => {
            let whispered = tokens.iter().any(|token| token.manner == Manner::Whisper);
            let tokens = whole(tokens);
            let syllables = tokens.iter().map(|token| token.syllable).collect();
            (!tokens.is_empty() && !whispered).then_some(Said { syllables, tokens })
        }
        Content::Text { syllables, .. } => {
            (!syllables.is_empty()).then(|| Said { syllables: syllables.clone(), tokens: Vec::new() })
        }
        Content::Voice => None,
    }
}

fn measured(ear: &Ear, clip: &Clip, Said { syllables: said, tokens }: &Said) -> Result<Tally> {
    let (samples, _) = read_wav(&clip.audio)?;
    let Some(heard) = ear.hear(&samples, &mut |_| true)? else { return Ok(Tally::default()) };
    let mut tally = Tally { characters: said.len(), ..Tally::default() };
    let (_, guesses) = guess(&heard, Some(clip.language));
    let guessed: Vec<Syllable> = guesses.iter().map(|guess| guess.syllable).collect();
    tally.misheard = distance(said, &guessed);
    if tokens.is_empty() {
        return Ok(tally);
    }
    let places: Vec<Interval> = match follow(&heard, said) {
        Ok(found) => found.places.into_iter().map(|(place, _)| place).collect(),
        Err(_) => return Ok(tally),
    };
    let known: Vec<Option<f64>> = tokens.iter().map(vowel).collect();
    for (place, vowel) in places.iter().zip(&known) {
        if let Some(vowel) = vowel {
            let off = (place.vowel - vowel).abs();
            tally.vowels.push(off);
            tally.lost += usize::from(off > LOST);
        }
    }
    if tokens.iter().all(|token| token.folder_pitch.is_some()) {
        let Some(mut course) = Course::follow(&samples, &mut |_| true) else { return Ok(tally) };
        course.keep_where(|seconds| heard.sings_at(seconds));
        let guessed: Vec<Interval> = guesses.iter().map(|guess| guess.place).collect();
        for (k, places) in [places, guessed].into_iter().enumerate() {
            let notes = notes_of_characters(&course, &places);
            let right = |(token, vowel): (&Token, &Option<f64>)| {
                let (Some(key), Some(vowel)) = (token.folder_pitch, vowel) else { return false };
                let is_it = |note: &HeardNote| (note.onset - vowel).abs() <= WRONG && note.key == key;
                notes.iter().any(is_it)
            };
            tally.right[k] += tokens.iter().zip(&known).filter(|one| right(*one)).count();
        }
        tally.notes += known.iter().flatten().count();
    }
    Ok(tally)
}

/// Where the vowel of a token begins to sound, where that is said.
fn vowel(token: &Token) -> Option<f64> {
    let late = if token.syllable.initial.is_voiceless() { HAND_LAG } else { 0.0 };
    token.place.vowel.filter(|vowel| *vowel > 0.0).map(|vowel| vowel - late)
}

/// Characters that have to be changed, left out or put in to make one line of another. Tones do not count,
/// nor how ん sounds.
fn distance(said: &[Syllable], heard: &[Syllable]) -> usize {
    let sounds = |one: &Syllable| -> Vec<Phoneme> {
        let all: Vec<Phoneme> = one.phonemes().collect();
        match all[..] {
            [Phoneme::M | Phoneme::N | Phoneme::Ng | Phoneme::Nn] => vec![Phoneme::Nn],
            _ => all,
        }
    };
    let said: Vec<Vec<Phoneme>> = said.iter().map(sounds).collect();
    let heard: Vec<Vec<Phoneme>> = heard.iter().map(sounds).collect();
    edits(&said, &heard)
}

#[cfg(test)]
mod tests {
    use ziyin_lyrics::{kana_to_syllables, pinyin_to_syllable};

    use super::*;

    #[test]
    fn what_is_changed_left_out_or_put_in_is_counted() {
        let line = |text: &str| -> Vec<Syllable> {
            text.split(' ').filter_map(|said| pinyin_to_syllable(said, 0)).collect()
        };
        assert_eq!(distance(&line("ni hao ma"), &line("ni hao ma")), 0);
        assert_eq!(distance(&line("ni hao ma"), &line("ni gao ma")), 1);
        assert_eq!(distance(&line("ni hao ma"), &line("hao ma a")), 2);
        assert_eq!(distance(&line("ni hao"), &[]), 2);
        let n = kana_to_syllables("ん").unwrap();
        let m = vec![Syllable { nucleus: Phoneme::M, ..n[0] }];
        assert_eq!(distance(&n, &m), 0);
    }
}
