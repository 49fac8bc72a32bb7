//! Characters that are known to be sung in recordings, each where it lies and with its frames.

use std::ops::Range;

use super::alignment::{SpokenPart, align_parts};
use super::ear::{Ear, Sounds};
use super::follow::{Astray, follow};
use super::likeness::open_voice;
use super::notes::Interval;
use super::recording::VoiceRecording;
use ziyin_corpus::{AnalysedToken, Token, analyse_recording};
use ziyin_lyrics::Syllable;
use ziyin_message::{Message, ToMessage, message};
use ziyin_model::{VoiceError, VoiceModel};
use ziyin_signal::SAMPLE_RATE;

/// What can be learned from recordings whose words are known.
#[derive(Clone, Debug, Default)]
pub struct Lesson {
    /// The characters that were found.
    pub(super) takes: Vec<AnalysedToken>,
    /// How many the text holds.
    pub(super) given: usize,
}

/// A recording with what is sung in it.
#[derive(Clone, Debug)]
pub struct Worded<'a> {
    pub recording: &'a VoiceRecording,
    pub syllables: &'a [Syllable],
}

/// Why words could not be laid along a recording.
#[derive(Debug, thiserror::Error)]
#[error("{}", self.to_message())]
pub enum LessonError {
    Astray(Astray),
    /// A long recording is followed by the network that hears words, which is not installed.
    Deaf,
    #[error(transparent)]
    Voice(#[from] VoiceError),
}

impl ToMessage for LessonError {
    fn to_message(&self) -> Message {
        match self {
            Self::Astray(Astray::TooShort) => message!("hearing.too-much"),
            Self::Astray(Astray::TooLong) => message!("hearing.too-long"),
            Self::Deaf => message!("hearing.cannot-follow", seconds = LONGEST_PART),
            Self::Voice(inner) => inner.to_message(),
        }
    }
}

/// Seconds of a part from which on it ends with the next pause, and after which it ends in any case.
const PART: f64 = 4.0;
const LONGEST_PART: f64 = 14.0;
/// Seconds of silence between two characters that are a pause.
const PAUSE: f64 = 0.15;
/// Seconds beside a part that belong to it.
const BESIDE: f64 = 0.3;
/// The part of the work that is done when the recordings were heard.
const HEARD: f32 = 0.2;

/// A stretch of a recording and the characters in it.
struct Part {
    recording: usize,
    samples: Range<usize>,
    characters: Range<usize>,
}

impl Lesson {
    /// Finds the characters of recordings: the recogniser follows them and so cuts the recordings into parts,
    /// and each part is laid along what the voice makes of it as one of `singers`. `progress` hears which part
    /// is done, 0 to 1, and gives `false` to stop; `None` if it did.
    ///
    /// # Errors
    /// All of [`LessonError`].
    pub fn find(
        voice: &VoiceModel,
        singers: &[usize],
        ear: Option<&Ear>,
        recordings: &[Worded],
        progress: &mut dyn FnMut(f32) -> bool,
    ) -> Result<Option<Self>, LessonError> {
        let given = recordings.iter().map(|worded| worded.syllables.len()).sum();
        let mut parts = Vec::new();
        for (recording, worded) in recordings.iter().enumerate() {
            if worded.syllables.is_empty() {
                continue;
            }
            let samples = &worded.recording.samples;
            let seconds = samples.len() as f64 / f64::from(SAMPLE_RATE);
            let Some(ear) = ear else {
                if seconds > LONGEST_PART {
                    return Err(LessonError::Deaf);
                }
                let characters = 0..worded.syllables.len();
                parts.push(Part { recording, samples: 0..samples.len(), characters });
                continue;
            };
            let share = |part: f32| HEARD * (recording as f32 + part) / recordings.len() as f32;
            let heard = ear.hear(samples, &mut |part| progress(share(part)))?;
            let Some(heard) = heard else { return Ok(None) };
            parts.extend(cut(&heard, worded, recording).map_err(LessonError::Astray)?);
        }
        let spoken: Vec<SpokenPart> = parts
            .iter()
            .map(|part| {
                let Worded { recording, syllables } = &recordings[part.recording];
                SpokenPart {
                    samples: &recording.samples[part.samples.clone()],
                    rate: recording.rate,
                    syllables: &syllables[part.characters.clone()],
                }
            })
            .collect();
        let mut on = |part: f32| progress(HEARD + (1.0 - HEARD) * part);
        let found = align_parts(voice, singers, &spoken, &mut on)
            .map_err(|why| VoiceError::Device(Message::foreign(why)))?;
        let Some(found) = found else { return Ok(None) };
        let mut takes = Vec::new();
        for (number, worded) in recordings.iter().enumerate() {
            let mut tokens: Vec<Token> = Vec::new();
            for (part, found) in parts.iter().zip(&found).filter(|(part, _)| part.recording == number) {
                let since = part.samples.start as f64 / f64::from(SAMPLE_RATE);
                tokens.extend(found.iter().flatten().map(|token| moved(token, since)));
            }
            if tokens.is_empty() {
                continue;
            }
            let Ok(recording) = open_voice(worded.recording) else { continue };
            takes.extend(analyse_recording(&recording, worded.recording.rate, &tokens).into_iter().flatten());
        }
        Ok(Some(Self { takes, given }))
    }

    /// How many characters were found, and how many the text holds.
    pub fn found(&self) -> [usize; 2] {
        [self.takes.len(), self.given]
    }
}

/// A token of a part that begins so many seconds after its recording.
fn moved(token: &Token, since: f64) -> Token {
    let mut token = token.clone();
    let place = &mut token.place;
    for at in [&mut place.start, &mut place.vowel, &mut place.nucleus_end, &mut place.end] {
        *at = at.map(|at| at + since);
    }
    token
}

/// Cuts a recording into parts that are short enough to be searched through, where nobody sings if it can
/// be.
fn cut(heard: &Sounds, worded: &Worded, recording: usize) -> Result<Vec<Part>, Astray> {
    let places: Vec<Interval> =
        follow(heard, worded.syllables)?.places.into_iter().map(|(interval, _)| interval).collect();
    let length = worded.recording.samples.len();
    let sample = |seconds: f64| ((seconds * f64::from(SAMPLE_RATE)).max(0.0) as usize).min(length);
    let part = |characters: Range<usize>| {
        let (first, last) = (places[characters.start], places[characters.end - 1]);
        let before = match characters.start.checked_sub(1).map(|before| places[before].end) {
            Some(end) => (first.start - end) / 2.0,
            None => BESIDE,
        };
        let after = match places.get(characters.end) {
            Some(next) => (next.start - last.end) / 2.0,
            None => BESIDE,
        };
        let from = first.start - before.clamp(0.0, BESIDE);
        let to = last.end + after.clamp(0.0, BESIDE);
        Part { recording, samples: sample(from)..sample(to), characters }
    };
    Ok(spans(&places).into_iter().map(part).filter(|part| !part.samples.is_empty()).collect())
}

/// The characters of each part.
fn spans(places: &[Interval]) -> Vec<Range<usize>> {
    let gap = |i: usize| places[i + 1].start - places[i].end;
    let mut spans = Vec::new();
    let mut first = 0;
    let mut i = 0;
    while i + 1 < places.len() {
        let length = places[i].end - places[first].start;
        let pause = length > PART && gap(i) > PAUSE;
        let long = places[i + 1].end - places[first].start > LONGEST_PART;
        if pause {
            spans.push(first..i + 1);
            first = i + 1;
        } else if long {
            // Where it is quiet the longest; behind the middle, so that parts do not grow short.
            let middle = (first + i) / 2;
            let widest = (middle..=i).max_by(|&a, &b| gap(a).total_cmp(&gap(b))).unwrap_or(i);
            spans.push(first..widest + 1);
            first = widest + 1;
            i = i.max(first);
            continue;
        }
        i += 1;
    }
    if first < places.len() {
        spans.push(first..places.len());
    }
    spans
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_end_in_pauses_or_where_it_is_quiet_longest_and_hold_every_character_once() {
        // A character each half a second; a pause after the tenth, and a breath after the thirtieth.
        let mut at = 0.0;
        let places: Vec<Interval> = (0..70)
            .map(|i| {
                at += match i {
                    10 => 0.4,
                    30 => 0.1,
                    _ => 0.02,
                };
                let place = Interval { start: at, vowel: at + 0.1, coda: at + 0.48, end: at + 0.48 };
                at = place.end;
                place
            })
            .collect();
        let spans = spans(&places);
        assert_eq!(spans.iter().flat_map(Clone::clone).collect::<Vec<_>>(), (0..70).collect::<Vec<_>>());
        assert_eq!(spans[0], 0..10);
        let seconds = |span: &Range<usize>| places[span.end - 1].end - places[span.start].start;
        assert!(spans.iter().all(|span| seconds(span) <= LONGEST_PART), "{spans:?}");
        assert!(spans.iter().any(|span| span.end == 30), "{spans:?}");
    }
}
