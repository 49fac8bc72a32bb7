//! A song sung by a voice, by the recordings that it learned from, and by both, so that it
//! can be heard what the vocoder costs and what the network.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::recorded_voice::{CUT_FADE, RecordedTokens, RecordedVoice, Source, pieces};
use ziyin_cli::corpora::Corpora;
use ziyin_cli::tell;
use ziyin_corpus::{AnalysedToken, find_all_landmarks, place_name};
use ziyin_interchange::{Budget, ImportOptions, open_song};
use ziyin_model::VoiceModel;
use ziyin_signal::{SAMPLE_RATE, rms_around};
use ziyin_singing::knots::smooth;
use ziyin_singing::mix::SampleFormat;
use ziyin_singing::plan::{Phrase, Plan};
use ziyin_singing::score_voices::{Which, score_voices};
use ziyin_singing::stems::{Container, StemWriter};
use ziyin_singing::stream::VocoderDevice;
use ziyin_singing::{RenderOptions, render};

/// RMS that every nucleus is brought to, that of the tokens which the networks learn from.
const LEVEL: f32 = 0.1;
/// Seconds on each side of an onset in which one recording fades into the next.
const FADE: f64 = 0.016;
/// Hz that a piece of recording is at least matched over, to meet the one before in phase.
const LOWEST: f64 = 100.0;

/// Sings a song with every combination of recorded and generated consonants and vowels, and
/// splices it from the recordings themselves; each has a folder in `out`. All have the
/// landmarks of the recordings.
pub fn evaluate(voice: &VoiceModel, corpora: &Corpora, singer: usize, song: &Path, out: &Path) -> Result<()> {
    let opened = open_song(song, &ImportOptions::default(), &Budget::default())
        .with_context(|| format!("{} cannot be opened", song.display()))?;
    let name = &corpora.singers[singer].name;
    let mut project = opened.project;
    project.tracks.iter_mut().for_each(|track| track.singer = Some(name.clone()));
    let of_singer = corpora.tokens.iter().zip(&corpora.singer_of).filter(|(_, of)| **of == singer);
    let tokens = RecordedTokens::new(of_singer.map(|(token, _)| token));
    let with = |consonants, vowels| RecordedVoice { network: voice, tokens: &tokens, consonants, vowels };
    for (folder, consonants, vowels) in [
        ("frames", Source::Recorded, Source::Recorded),
        ("network", Source::Network, Source::Network),
        ("network-vowels", Source::Recorded, Source::Network),
        ("network-consonants", Source::Network, Source::Recorded),
    ] {
        let options =
            RenderOptions { force: true, ..RenderOptions::new(out.join(folder), VocoderDevice::Cpu) };
        render(&project, &with(consonants, vowels), &options, &mut |_| true)?;
    }
    let (voices, _) = score_voices(&project, &with(Source::Recorded, Source::Recorded), Which::Heard)?;
    let folder = out.join("recordings");
    fs::create_dir_all(&folder).with_context(|| format!("cannot create {}", folder.display()))?;
    let mut splicer = Splicer::new(corpora, singer);
    let mut unrecorded = 0;
    for sung in &voices {
        let samples = splicer.splice(sung.stream.plan(), &tokens, &mut unrecorded);
        let path = folder.join(format!("{}.wav", sung.file));
        let mut wav = StemWriter::create(&path, SAMPLE_RATE, SampleFormat::F32, Container::Wav)?;
        for sample in samples {
            wav.write([f64::from(sample); 2])?;
        }
        wav.publish()?;
    }
    if unrecorded > 0 {
        tell!("{unrecorded} characters are in no recording: silent there, the network's elsewhere");
    }
    tell!("what was sung is in {}", out.display());
    Ok(())
}

/// The sound of a token: its recording, and where its onset lies in it, in seconds.
#[derive(Clone)]
struct Sound {
    samples: std::rc::Rc<Vec<f32>>,
    onset: f64,
    gain: f32,
}

/// Splices songs from recordings.
struct Splicer<'a> {
    corpora: &'a Corpora,
    /// String and place in it of each token, by pitch of its folder and name.
    places: HashMap<(Option<u8>, String), (usize, usize)>,
    /// The sounds of each recording that was opened.
    opened: HashMap<PathBuf, Vec<Option<Sound>>>,
}

impl<'a> Splicer<'a> {
    fn new(corpora: &'a Corpora, singer: usize) -> Self {
        let mut places = HashMap::new();
        for (s, string) in corpora.strings.iter().enumerate().filter(|(_, s)| s.singer == singer) {
            for (i, token) in string.tokens.iter().enumerate() {
                places.insert((token.folder_pitch, place_name(&token.wav, i)), (s, i));
            }
        }
        Self { corpora, places, opened: HashMap::new() }
    }

    fn sound(&mut self, token: &AnalysedToken) -> Option<Sound> {
        let (_, place) = token.name.split_once('/')?;
        let at = |key| self.places.get(&(key, place.to_string()));
        let &(string, i) = at(Some(token.key)).or_else(|| at(None))?;
        let tokens = &self.corpora.strings[string].tokens;
        let sounds = self.opened.entry(tokens[i].wav.clone()).or_insert_with(|| {
            let Some((recording, found)) = find_all_landmarks(&tokens[i].wav, tokens) else {
                return Vec::new();
            };
            let level = |from: f64, to: f64| rms_around(&recording.samples, (from + to) / 2.0, to - from);
            let all: Vec<_> = found
                .into_iter()
                .map(|l| l.ok().map(|l| (l.onset, LEVEL / level(l.vowel, l.nucleus_end).max(1e-5))))
                .collect();
            let samples = std::rc::Rc::new(recording.samples);
            let sound = |(onset, gain)| Sound { samples: samples.clone(), onset, gain };
            all.into_iter().map(|found| found.map(sound)).collect()
        });
        sounds.get(i).cloned().flatten()
    }

    /// A plan as samples; what nobody recorded is silent, and is counted.
    fn splice(&mut self, plan: &Plan, tokens: &RecordedTokens, unrecorded: &mut usize) -> Vec<f32> {
        let mut out = vec![0.0; sample(plan.end() + 0.5)];
        for phrase in &plan.phrases {
            self.splice_phrase(phrase, tokens, &mut out, unrecorded);
        }
        out
    }

    fn splice_phrase(
        &mut self,
        phrase: &Phrase,
        tokens: &RecordedTokens,
        out: &mut [f32],
        unrecorded: &mut usize,
    ) {
        for (i, c) in phrase.characters.iter().enumerate() {
            let found = tokens.of(c).and_then(|token| Some((token, self.sound(token)?)));
            let Some((token, sound)) = found else {
                *unrecorded += 1;
                continue;
            };
            let end = phrase.characters.get(i + 1).map_or(c.end(), |next| next.onset);
            let mut spliced = pieces(token, c, &c.sung);
            // Each piece is moved by less than a period, to meet the one before in phase.
            for p in 1..spliced.len() {
                let at = |shift: f64| sample((sound.onset + spliced[p].from + shift).max(0.0));
                let period = f64::from(SAMPLE_RATE) / (440.0 * ((f64::from(token.key) - 69.0) / 12.0).exp2());
                let before = at(spliced[p - 1].shift);
                let by = in_phase(&sound.samples, before, at(spliced[p].shift), period);
                spliced[p].shift += by / f64::from(SAMPLE_RATE);
            }
            for (p, piece) in spliced.iter().enumerate() {
                let (from, rise) = match p {
                    0 => (c.onset, FADE),
                    _ => (c.onset + piece.from, CUT_FADE),
                };
                let (to, fall) = match spliced.get(p + 1) {
                    Some(next) => (c.onset + next.from, CUT_FADE),
                    None => (end, FADE),
                };
                let shift = ((sound.onset + piece.shift - c.onset) * f64::from(SAMPLE_RATE)).round() as i64;
                for at in sample(from - rise)..sample(to + fall).min(out.len()) {
                    let t = at as f64 / f64::from(SAMPLE_RATE);
                    let weight = smooth((t - from + rise) / (2.0 * rise)) as f32
                        * smooth((to + fall - t) / (2.0 * fall)) as f32;
                    let source = usize::try_from(at as i64 + shift).ok().and_then(|at| sound.samples.get(at));
                    out[at] += sound.gain * weight * source.copied().unwrap_or(0.0);
                }
            }
        }
    }
}

/// By how many samples a piece of sound has to begin later, at most half a `period` either
/// way, to go on as the sound at `before` does.
fn in_phase(samples: &[f32], before: usize, piece: usize, period: f64) -> f64 {
    let reach = (0.5 * period) as i64;
    let length = (2.0 * f64::from(SAMPLE_RATE) / LOWEST) as usize;
    let Some(shown) = samples.get(before..before + length) else { return 0.0 };
    let likeness = |by: i64| {
        let from = usize::try_from(piece as i64 + by).ok()?;
        let other = samples.get(from..from + length)?;
        let product: f32 = shown.iter().zip(other).map(|(a, b)| a * b).sum();
        let power: f32 = other.iter().map(|b| b * b).sum();
        Some(product / power.sqrt().max(1e-6))
    };
    let all = (-reach..=reach).filter_map(|by| Some((by, likeness(by)?)));
    all.max_by(|a, b| a.1.total_cmp(&b.1)).map_or(0.0, |(by, _)| by as f64)
}

fn sample(seconds: f64) -> usize {
    (seconds.max(0.0) * f64::from(SAMPLE_RATE)) as usize
}
