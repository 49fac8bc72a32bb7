//! The lyrics of a track as they were read last: what is shown of them is what is sung.

use super::draft::PHRASE_GAP;
use super::melody::{SungNote, melody};
use ziyin_lyrics::{Language, LyricInput, Reading, begins_passage, guess_language, read_passage};
use ziyin_score::{MeterMap, Note, TempoMap, Track};

/// Lyrics of a track with their readings.
#[derive(Default)]
pub struct KnownLyrics {
    language: Option<Language>,
    /// The language of the track, where it is told from the lyrics.
    track: Option<Language>,
    lyrics: Vec<Lyric>,
    readings: Vec<Reading>,
}

/// All that a reading depends on.
struct Lyric {
    text: String,
    pronunciation: Option<String>,
    after_rest: bool,
}

impl Lyric {
    fn is(&self, input: &LyricInput) -> bool {
        self.text == input.lyric
            && self.pronunciation.as_deref().unwrap_or("") == input.pronunciation
            && self.after_rest == input.after_rest
    }
}

impl From<&LyricInput<'_>> for Lyric {
    fn from(input: &LyricInput) -> Self {
        let pronunciation = (!input.pronunciation.is_empty()).then(|| input.pronunciation.into());
        Self { text: input.lyric.into(), pronunciation, after_rest: input.after_rest }
    }
}

impl KnownLyrics {
    /// The reading of each note of a track as it is sung. A note that another silences is a rest.
    pub fn read_track(&mut self, track: &Track, tempo: &TempoMap, meter: &MeterMap) -> Vec<Reading> {
        let melody = melody(track, tempo, meter);
        let mut sung = melody.iter().zip(self.read(&track.notes, &melody, track.language)).peekable();
        let reading = |note: &Note| {
            let (_, reading) = sung.next_if(|(sung, _)| sung.id == note.id)?;
            Some(reading.clone())
        };
        track.notes.iter().map(reading).map(|reading| reading.unwrap_or(Reading::Rest)).collect()
    }

    /// The reading of each note of a melody, which are some of the notes of a track, in
    /// their order.
    pub fn read(&mut self, notes: &[Note], melody: &[SungNote], language: Option<Language>) -> &[Reading] {
        let inputs = inputs(notes, melody);
        let shorter = self.lyrics.len().min(inputs.len());
        let is = |(known, input): &(&Lyric, &LyricInput)| known.is(input);
        let before = self.lyrics.iter().zip(&inputs).take_while(is).count();
        if self.language == language && before == inputs.len() && before == self.lyrics.len() {
            return &self.readings;
        }
        let after = self.lyrics.iter().rev().zip(inputs.iter().rev()).take(shorter - before).take_while(is);
        let after = after.count();
        // Words and sounds are read from the notes around them, as far as the passage goes.
        let first = inputs[..before].iter().rposition(begins_passage).unwrap_or(0);
        let behind = inputs.len() - after;
        let last = inputs[behind..].iter().position(begins_passage).map_or(inputs.len(), |i| behind + i);
        let track = language.unwrap_or_else(|| guess_language(&inputs));
        let (first, last) = if (self.language, self.track) == (language, Some(track)) {
            (first, last)
        } else {
            (0, inputs.len())
        };
        let known = first..self.lyrics.len() - (inputs.len() - last);
        let passage = &inputs[first..last];
        self.readings.splice(known.clone(), read_passage(passage, track, language.is_none()));
        self.lyrics.splice(known, passage.iter().map(Lyric::from));
        (self.language, self.track) = (language, Some(track));
        &self.readings
    }
}

fn inputs<'a>(notes: &'a [Note], melody: &[SungNote]) -> Vec<LyricInput<'a>> {
    let mut written = notes.iter();
    let mut before = f64::NEG_INFINITY;
    melody
        .iter()
        .map(|sung| {
            let note = written.find(|note| note.id == sung.id);
            let after_rest = sung.onset - before > 4.0 * PHRASE_GAP;
            before = sung.end;
            LyricInput {
                lyric: note.map_or("", |note| &note.lyric),
                pronunciation: note.and_then(|note| note.pronunciation.as_deref()).unwrap_or(""),
                after_rest,
            }
        })
        .collect()
}
