//! Whole strings of syllables, generated and joined as in a song, beside their recordings.

use std::collections::HashSet;

use anyhow::Result;

use ziyin_cli::answer;
use ziyin_cli::corpora::{Corpora, RecordedString};
use ziyin_corpus::{Landmarks, find_all_landmarks, place_name};
use ziyin_model::{CharacterInput, VoiceModel};
use ziyin_score::NoteId;
use ziyin_signal::{EnvelopeAnalyser, Frames, HOP, MelCepstrum, SAMPLE_RATE, midi_pitch, under_hiss};
use ziyin_singing::join::join;
use ziyin_singing::plan::Phrase;
use ziyin_singing::{Block, Character};

/// Seconds before and after the beginning of a character that count as its join.
const JOIN: f64 = 0.05;
/// Most strings of a singer that are sung.
const MOST: usize = 60;

/// Distances over strings, in frames and dB.
#[derive(Default)]
struct Distances {
    strings: usize,
    characters: usize,
    unheard: usize,
    all: (f64, usize),
    joins: (f64, usize),
    wrong_voicing: usize,
}

/// Prints how far the strings of a singer that hold a token kept back are from what was
/// recorded, with the recorded pitch and timing.
pub fn evaluate(
    voice: &VoiceModel,
    corpora: &Corpora,
    singer: usize,
    known_singer: usize,
    conditions: &[usize],
) -> Result<()> {
    let kept_back = corpora.split.random.iter().chain(&corpora.split.between);
    let kept_back: HashSet<&str> = kept_back
        .filter(|&&i| corpora.singer_of[i] == singer)
        .map(|&i| corpora.tokens[i].name.as_str())
        .collect();
    let of_singer = corpora.strings.iter().filter(|string| string.singer == singer);
    let chosen: Vec<(&RecordedString, Vec<bool>)> = of_singer
        .map(|string| (string, (0..string.tokens.len()).map(|i| is_unheard(string, i, &kept_back)).collect()))
        .filter(|(string, unheard): &(_, Vec<bool>)| string.tokens.len() > 1 && unheard.contains(&true))
        .collect();
    let mut seen = Distances::default();
    for (string, unheard) in chosen.iter().step_by(chosen.len().div_ceil(MOST).max(1)) {
        seen.add(voice, string, unheard, known_singer, conditions[string.condition])?;
    }
    let mean = |(sum, count): (f64, usize)| sum / count.max(1) as f64;
    answer!(
        "{}: {} strings of {} characters, {} of them kept back",
        corpora.singers[singer].name,
        seen.strings,
        seen.characters,
        seen.unheard
    )?;
    answer!(
        "MCD {:.2} dB, within {:.0} ms of a join {:.2} dB, voicing wrong in {:.2} % of the frames",
        mean(seen.all),
        JOIN * 1000.0,
        mean(seen.joins),
        100.0 * seen.wrong_voicing as f64 / seen.all.1.max(1) as f64
    )?;
    Ok(())
}

/// Whether a token of a string was kept back; its name tells the pitch where the folder
/// does not.
fn is_unheard(string: &RecordedString, index: usize, kept_back: &HashSet<&str>) -> bool {
    let token = &string.tokens[index];
    let place = place_name(&token.wav, index);
    match token.folder_pitch {
        Some(key) => kept_back.contains(format!("{key}/{place}").as_str()),
        None => kept_back.iter().any(|name| name.ends_with(&format!("/{place}"))),
    }
}

impl Distances {
    /// Sings a string and adds how far it is off. One whose tokens are not all found in
    /// their recording is passed over.
    fn add(
        &mut self,
        voice: &VoiceModel,
        string: &RecordedString,
        unheard: &[bool],
        singer: usize,
        condition: usize,
    ) -> Result<()> {
        let Some((recording, found)) = find_all_landmarks(&string.tokens[0].wav, &string.tokens) else {
            return Ok(());
        };
        let Ok(landmarks) = found.into_iter().collect::<Result<Vec<Landmarks>, _>>() else { return Ok(()) };
        let mut characters: Vec<Character> = Vec::new();
        for (i, (token, l)) in string.tokens.iter().zip(&landmarks).enumerate() {
            // Each ends where the next begins, as in a song.
            let end = landmarks.get(i + 1).map_or(l.end, |next| next.onset);
            if end <= l.vowel {
                return Ok(());
            }
            let since = Landmarks { end, nucleus_end: l.nucleus_end.min(end), ..*l }.since(l.onset);
            let sung = ziyin_singing::Landmarks {
                burst: since.burst as f32,
                vowel: since.vowel as f32,
                nucleus_end: since.nucleus_end as f32,
                end: since.end as f32,
            };
            let mut character = Character {
                levels: Default::default(),
                manner: None,
                take: None,
                strengths: [0.0; 4],
                note: NoteId(i as u64),
                syllable: token.syllable,
                previous: token.previous,
                next: token.next,
                singer,
                onset: l.onset,
                sung,
                block: sung.of_block(),
                pitch: Vec::new(),
            };
            let midi = |t: f32| midi_pitch(recording.pitch_at(l.onset + f64::from(t)));
            character.pitch = character.times().into_iter().map(midi).collect();
            characters.push(character);
        }
        let inputs: Vec<CharacterInput> = characters
            .iter()
            .map(|c| CharacterInput {
                syllable: c.syllable,
                previous: c.previous,
                next: c.next,
                singer,
                condition,
                levels: None,
                take: None,
                burst: c.block.burst,
                vowel: c.block.vowel,
                nucleus_end: c.block.nucleus_end,
                end: c.block.end,
                pitch: c.pitch.clone(),
            })
            .collect();
        let blocks: Vec<Block> = voice
            .generate(&inputs)?
            .into_iter()
            .map(|block| Block { times: block.times, frames: block.frames })
            .collect();
        let (first, last) = (landmarks[0].onset, landmarks[landmarks.len() - 1].end);
        let phrase = Phrase { characters: characters.into(), ..Phrase::default() };
        let frame = |seconds: f64| (seconds * f64::from(SAMPLE_RATE) / HOP as f64).ceil() as u64;
        let mut made = Frames::default();
        join(&phrase, frame(first)..frame(last), |i| blocks.get(i), &mut made);
        let times: Vec<f64> =
            (frame(first)..frame(last)).map(|i| i as f64 * HOP as f64 / f64::from(SAMPLE_RATE)).collect();
        let recorded = recording.frames_at(&mut EnvelopeAnalyser::default(), &times);
        let cepstrum = MelCepstrum::default();
        let loudest = level(&recorded, 0..recorded.len());
        // What is sung is brought to the recording's level.
        let gain = loudest - level(&made, 0..made.len());
        for (i, &t) in times.iter().enumerate() {
            // What is 50 dB below the loudest is silence between sounds.
            if level(&recorded, i..i + 1) < loudest - 5.0 * std::f32::consts::LN_10 / 2.0 {
                continue;
            }
            // The hiss is as loud as it was.
            let louder: Vec<f32> = made.envelope_at(i).iter().map(|e| e + gain).collect();
            let distance = f64::from(cepstrum.distortion(
                &under_hiss(recorded.envelope_at(i), &recording.hiss),
                &under_hiss(&louder, &recording.hiss),
            ));
            let add = |(sum, count): &mut (f64, usize)| {
                *sum += distance;
                *count += 1;
            };
            add(&mut self.all);
            if landmarks[1..].iter().any(|l| (t - l.onset).abs() < JOIN) {
                add(&mut self.joins);
            }
            if (recorded.voicing[i] > 0.5) != (made.voicing[i] > 0.5) {
                self.wrong_voicing += 1;
            }
        }
        self.strings += 1;
        self.characters += string.tokens.len();
        self.unheard += unheard.iter().filter(|&&unheard| unheard).count();
        Ok(())
    }
}

/// The loudest of some frames, in nepers.
fn level(frames: &Frames, range: std::ops::Range<usize>) -> f32 {
    let power = |i: usize| frames.envelope_at(i).iter().map(|e| (2.0 * e).exp()).sum::<f32>();
    0.5 * range.map(power).fold(1e-20, f32::max).ln()
}
