//! A line that shows a singer: the beginning of a folk song in a language of theirs, where they are at home.

use super::render::RenderError;
use super::stream::VocoderDevice;
use super::voice::Voice;
use super::vowel::sing_alone;
use ziyin_lyrics::Language;
use ziyin_score::{Note, NoteId, Notes, Project, TICKS_PER_QUARTER, Tick, Track, TrackId};

/// Key, length in eighths, lyric.
type Sung = (u8, i64, &'static str);

/// *Mo li hua*, as it is sung in Jiangsu.
const MANDARIN: [Sung; 11] = [
    (64, 2, "好"),
    (64, 1, "一"),
    (67, 1, "-"),
    (69, 1, "朵"),
    (72, 1, "美"),
    (72, 1, "丽"),
    (69, 1, "的"),
    (67, 2, "茉"),
    (67, 1, "莉"),
    (69, 1, "-"),
    (67, 4, "花"),
];
/// *Sakura sakura*.
const JAPANESE: [Sung; 14] = [
    (69, 2, "さ"),
    (69, 2, "く"),
    (71, 4, "ら"),
    (69, 2, "さ"),
    (69, 2, "く"),
    (71, 4, "ら"),
    (69, 2, "や"),
    (71, 2, "よ"),
    (72, 2, "い"),
    (71, 2, "の"),
    (69, 2, "そ"),
    (71, 1, "ら"),
    (69, 1, "-"),
    (65, 4, "は"),
];
/// *Arirang*.
const KOREAN: [Sung; 14] = [
    (62, 3, "아"),
    (64, 1, "리"),
    (62, 1, "랑"),
    (64, 1, "-"),
    (67, 3, "아"),
    (69, 1, "리"),
    (67, 1, "랑"),
    (69, 1, "-"),
    (71, 2, "아"),
    (69, 1, "라"),
    (71, 1, "-"),
    (69, 1, "리"),
    (67, 1, "-"),
    (64, 4, "요"),
];
/// *Twinkle, twinkle, little star*.
const ENGLISH: [Sung; 7] = [
    (60, 2, "twinkle"),
    (60, 2, "+"),
    (67, 2, "twinkle"),
    (67, 2, "+"),
    (69, 2, "little"),
    (69, 2, "+"),
    (67, 4, "star"),
];

/// Where it begins, so that there is time for what comes before.
const ONSET: Tick = TICKS_PER_QUARTER / 2;

fn line(language: Language) -> &'static [Sung] {
    match language {
        Language::Mandarin => &MANDARIN,
        Language::Japanese => &JAPANESE,
        Language::Korean => &KOREAN,
        Language::English => &ENGLISH,
    }
}

/// A song of that line alone, by a singer whose comfortable keys lie within `range`.
fn song(singer: &str, language: Language, range: [u8; 2]) -> Project {
    let line = line(language);
    let keys = || line.iter().map(|&(key, ..)| i32::from(key));
    let middle = |low: i32, high: i32| (low + high) / 2;
    let own = middle(keys().min().unwrap_or(60), keys().max().unwrap_or(60));
    let by = middle(range[0].into(), range[1].into()) - own;
    let mut onset = ONSET;
    let notes = (1..).zip(line).map(|(id, &(key, eighths, lyric))| {
        let length = eighths * TICKS_PER_QUARTER / 2;
        onset += length;
        let key = (i32::from(key) + by).clamp(0, 127) as u8;
        Note::new(NoteId(id), onset - length, length, key, lyric)
    });
    let mut track = Track::new(TrackId(1), singer);
    (track.singer, track.language) = (Some(singer.into()), Some(language));
    track.notes = Notes::new(notes.collect());
    Project { tracks: vec![track], ..Project::default() }
}

/// Sings it; gives its samples at 44.1 kHz.
///
/// # Errors
/// If there is no such singer, or the voice or the vocoder fails.
pub fn sing_line(
    voice: &dyn Voice,
    vocoder: &VocoderDevice,
    singer: &str,
    language: Language,
    range: [u8; 2],
) -> Result<Vec<f32>, RenderError> {
    sing_alone(&song(singer, language, range), voice, vocoder).map(|(_, samples)| samples)
}

#[cfg(test)]
mod tests {
    use super::*;
    use ziyin_lyrics::{LyricInput, Reading, read_lyrics};

    #[test]
    fn each_line_can_be_read_and_lies_around_the_middle_of_the_range() {
        for language in Language::ALL {
            let song = song("Nina", language, [40, 60]);
            let notes = &song.tracks[0].notes;
            let lyrics: Vec<LyricInput> =
                notes.iter().map(|note| LyricInput { lyric: &note.lyric, ..Default::default() }).collect();
            for reading in read_lyrics(&lyrics, language) {
                assert!(!matches!(reading, Reading::Unknown { .. } | Reading::Rest), "{reading:?}");
            }
            let (low, high) =
                notes.iter().fold((127, 0), |(low, high), note| (note.pitch.min(low), note.pitch.max(high)));
            assert!((49..=51).contains(&((low + high) / 2)) && high - low <= 12, "{low} to {high}");
        }
    }
}
