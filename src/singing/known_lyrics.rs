//! The lyrics of a track as they were read last: what is shown of them is what is sung.

use super::melody::{SungNote, melody};
use ziyin_lyrics::{Language, LyricInput, REST, Reading, TrackLanguage, begins_passage, read_passage};
use ziyin_score::{MeterMap, Note, TempoMap, Track};

/// Lyrics of a track with their readings.
#[derive(Default)]
pub struct KnownLyrics {
    /// What all of the lyrics said of the language of each.
    track: Option<TrackLanguage>,
    lyrics: Vec<Lyric>,
    readings: Vec<Reading>,
}

/// All that a reading depends on.
struct Lyric {
    text: String,
    pronunciation: Option<String>,
    after_rest: bool,
    language: Option<Language>,
}

impl Lyric {
    fn is(&self, input: &LyricInput) -> bool {
        self.text == input.lyric
            && self.pronunciation.as_deref().unwrap_or("") == input.pronunciation
            && self.after_rest == input.after_rest
            && self.language == input.language
    }
}

impl From<&LyricInput<'_>> for Lyric {
    fn from(input: &LyricInput) -> Self {
        let pronunciation = (!input.pronunciation.is_empty()).then(|| input.pronunciation.into());
        Self {
            text: input.lyric.into(),
            pronunciation,
            after_rest: input.after_rest,
            language: input.language,
        }
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
        let is_chosen = |track: TrackLanguage| (!track.is_guessed).then_some(track.language);
        let is_same = self.track.is_some_and(|track| is_chosen(track) == language);
        if is_same && before == inputs.len() && before == self.lyrics.len() {
            return &self.readings;
        }
        let after = self.lyrics.iter().rev().zip(inputs.iter().rev()).take(shorter - before).take_while(is);
        let after = after.count();
        // Words and sounds are read from the notes around them, as far as the passage goes.
        let first = inputs[..before].iter().rposition(begins_passage).unwrap_or(0);
        let behind = inputs.len() - after;
        let last = inputs[behind..].iter().position(begins_passage).map_or(inputs.len(), |i| behind + i);
        let track = TrackLanguage::of(&inputs, language);
        let (first, last) = if self.track == Some(track) { (first, last) } else { (0, inputs.len()) };
        let known = first..self.lyrics.len() - (inputs.len() - last);
        let passage = &inputs[first..last];
        self.readings.splice(known.clone(), read_passage(passage, track));
        self.lyrics.splice(known, passage.iter().map(Lyric::from));
        self.track = Some(track);
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
            let after_rest = sung.onset - before > REST;
            before = sung.end;
            LyricInput {
                lyric: note.map_or("", |note| &note.lyric),
                pronunciation: note.and_then(|note| note.pronunciation.as_deref()).unwrap_or(""),
                after_rest,
                language: note.and_then(|note| note.language),
            }
        })
        .collect()
}
