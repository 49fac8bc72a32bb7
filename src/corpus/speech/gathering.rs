use std::collections::BTreeMap;
use std::path::PathBuf;

use rayon::prelude::*;

use super::SpeechCorpus;
use crate::{Clip, Content};
use ziyin_lyrics::{Language, LyricInput, Reading, Syllable, read_lyrics};

/// Recordings and their transcripts on the way to a corpus.
#[derive(Default)]
pub struct Gathering {
    found: Vec<Found>,
    left_out: BTreeMap<String, usize>,
}

struct Found {
    audio: PathBuf,
    singer: String,
    text: Option<Transcript>,
}

/// What is said in a recording.
#[derive(Clone, Debug, PartialEq)]
pub struct Transcript {
    /// As people read it.
    pub text: String,
    /// As it is said, in hanzi or in pinyin; `None` if the text does not tell.
    pub said: Option<String>,
}

impl Transcript {
    /// Hanzi, with or without gaps between words. Letters and digits among them are read
    /// by everybody in their own way (A股, 110).
    pub fn hanzi(text: &str) -> Self {
        let text: String = text.split_whitespace().collect();
        let is_open = text.contains(|c: char| c.is_ascii_alphanumeric());
        Self { said: (!is_open).then(|| text.clone()), text }
    }
}

impl Gathering {
    /// Counts something that does not become a clip.
    pub fn leave_out(&mut self, reason: &str, times: usize) {
        if times > 0 {
            *self.left_out.entry(reason.into()).or_default() += times;
        }
    }

    /// A recording with its transcript; without one it is counted.
    pub fn add(&mut self, audio: PathBuf, singer: &str, transcript: Option<Transcript>) {
        match transcript {
            Some(transcript) if !transcript.text.is_empty() => {
                self.found.push(Found { audio, singer: singer.into(), text: Some(transcript) });
            }
            _ => self.leave_out("recordings without a transcript", 1),
        }
    }

    /// A recording of which only the voice is known.
    pub fn add_voice(&mut self, audio: PathBuf, singer: &str) {
        self.found.push(Found { audio, singer: singer.into(), text: None });
    }

    /// Reads all transcripts; those that hold what is no syllable are counted.
    pub fn finish(mut self, name: &str) -> SpeechCorpus {
        self.found.sort_by(|a, b| (&a.singer, &a.audio).cmp(&(&b.singer, &b.audio)));
        let read: Vec<Option<(Found, Content)>> = self
            .found
            .into_par_iter()
            .map(|mut found| {
                let content = match found.text.take() {
                    None => Content::Voice,
                    Some(transcript) => {
                        Content::Text { syllables: syllables(&transcript.said?)?, text: transcript.text }
                    }
                };
                Some((found, content))
            })
            .collect();
        let unread = read.iter().filter(|clip| clip.is_none()).count();
        let mut corpus = SpeechCorpus {
            name: name.into(),
            singers: Vec::new(),
            clips: Vec::with_capacity(read.len()),
            left_out: self.left_out,
        };
        if unread > 0 {
            let reason = "transcripts with letters or signs that are no syllable".to_string();
            *corpus.left_out.entry(reason).or_default() += unread;
        }
        for (found, content) in read.into_iter().flatten() {
            if corpus.singers.last() != Some(&found.singer) {
                corpus.singers.push(found.singer);
            }
            corpus.clips.push(Clip {
                audio: found.audio,
                singer: corpus.singers.len() - 1,
                language: Language::Mandarin,
                content,
            });
        }
        corpus
    }
}

/// The syllables of a sentence in hanzi or pinyin; `None` if any of it cannot be read.
pub fn syllables(said: &str) -> Option<Vec<Syllable>> {
    // A sentence is read as a singer reads a note with many characters.
    let note = LyricInput { lyric: said, ..LyricInput::default() };
    match read_lyrics(&[note], Language::Mandarin).pop() {
        Some(Reading::Sung(sung)) => Some(sung.into_iter().map(|sung| sung.syllable).collect()),
        _ => None,
    }
}
