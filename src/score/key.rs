use serde::{Deserialize, Serialize};

use super::{Harmony, HarmonyKind, Note, Scale, Tick};

/// The key of a song.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Key {
    /// Pitch class of the first degree: 0 is C, 11 is B.
    pub tonic: u8,
    pub scale: Scale,
}

impl Harmony {
    /// It counted in another key, if it is counted in one.
    pub fn in_key(self, Key { tonic, scale }: Key) -> Self {
        match self.kind {
            HarmonyKind::Interval { degrees, .. } => {
                Self { kind: HarmonyKind::Interval { degrees, tonic, scale }, ..self }
            }
            _ => self,
        }
    }
}

/// How much each degree in semitones above the tonic sounds in melodies of known key, in
/// parts of a thousand; Albrecht and Shanahan, "The Use of Large Corpora to Train a New
/// Type of Key-Finding Algorithm", Music Perception 31 (2013).
const MAJOR: [f64; 12] = [238.0, 6.0, 111.0, 6.0, 137.0, 94.0, 16.0, 214.0, 9.0, 80.0, 8.0, 81.0];
const MINOR: [f64; 12] = [220.0, 6.0, 104.0, 123.0, 19.0, 103.0, 12.0, 214.0, 62.0, 22.0, 61.0, 52.0];

/// The tones of each scale; of the minor with both of its sevenths.
const IN_MAJOR: [usize; 7] = [0, 2, 4, 5, 7, 9, 11];
const IN_MINOR: [usize; 8] = [0, 2, 3, 5, 7, 8, 10, 11];

/// How much it speaks for a key that a melody ends on its tonic. With this, and what lies outside the scale
/// counted against it, of 1,500 folk tunes of known key (Essen, Nottingham, Ryan's Mammoth Collection)
/// 86 % are told, and the signature of 77 % by their first twelve notes alone.
const ENDS: f64 = 0.06;

/// The steps of the five-tone scale 宫商角徵羽 above its first.
const FIVE_TONES: [usize; 5] = [0, 2, 4, 7, 9];

impl Key {
    /// Whether a MIDI key lies on its scale, which of a minor has both sevenths.
    pub fn holds(self, pitch: u8) -> bool {
        let step = (usize::from(pitch) + 12 - usize::from(self.tonic % 12)) % 12;
        match self.scale {
            Scale::Major => IN_MAJOR.contains(&step),
            Scale::Minor => IN_MINOR.contains(&step),
        }
    }

    /// So many degrees from a MIDI key along the scale, or `None` if that lies outside 0 to 127. One beside the
    /// scale keeps its distance from the degree below.
    pub fn step(self, pitch: u8, degrees: i8) -> Option<u8> {
        HarmonyKind::Interval { degrees, tonic: self.tonic, scale: self.scale }.pitch(pitch)
    }

    /// The key that the notes of a melody seem to be in, told from how long each tone sounds and from
    /// the last note; `None` without notes.
    ///
    /// A song of the five tones alone is in the key of its 宫, or in the minor of its 羽,
    /// whichever of the five it dwells and ends on: 茉莉花 ends on its fifth degree and
    /// dwells there, and is not for that in the key of that degree.
    pub fn of_notes<'a>(notes: impl Iterator<Item = &'a Note>) -> Option<Key> {
        let mut sounding = [0.0; 12];
        let mut last: Option<(Tick, u8)> = None;
        for note in notes {
            sounding[usize::from(note.pitch % 12)] += note.length as f64;
            if last.is_none_or(|(end, _)| note.end() >= end) {
                last = Some((note.end(), note.pitch % 12));
            }
        }
        let (_, last) = last?;
        let keys = (0..12).flat_map(|tonic| [Scale::Major, Scale::Minor].map(|scale| Key { tonic, scale }));
        let five = five_tones(&sounding);
        let best = keys
            .filter(|key| five.is_none_or(|first| key.is_of_five_tones(first)))
            .map(|key| {
                let ends = if key.tonic == last { ENDS } else { 0.0 };
                (key, key.likeness(&sounding) + ends - key.outside(&sounding))
            })
            .max_by(|a, b| a.1.total_cmp(&b.1));
        best.map(|(key, _)| key)
    }

    /// Whether it is the major of a five-tone scale's first degree, or the minor of its last.
    fn is_of_five_tones(self, first: u8) -> bool {
        match self.scale {
            Scale::Major => self.tonic == first,
            Scale::Minor => self.tonic == (first + 9) % 12,
        }
    }

    /// The correlation of what sounds with what sounds in songs of that key, -1 to 1.
    fn likeness(self, sounding: &[f64; 12]) -> f64 {
        let profile = match self.scale {
            Scale::Major => &MAJOR,
            Scale::Minor => &MINOR,
        };
        let expected = |class: usize| profile[(class + 12 - usize::from(self.tonic)) % 12];
        let (mean, usual) = (sounding.iter().sum::<f64>() / 12.0, profile.iter().sum::<f64>() / 12.0);
        let (mut both, mut one, mut other) = (0.0, 0.0, 0.0);
        for (class, &length) in sounding.iter().enumerate() {
            let (a, b) = (length - mean, expected(class) - usual);
            both += a * b;
            one += a * a;
            other += b * b;
        }
        if one == 0.0 { 0.0 } else { both / (one * other).sqrt() }
    }

    /// The share of what sounds that is no tone of the scale.
    fn outside(self, sounding: &[f64; 12]) -> f64 {
        let scale: &[usize] = match self.scale {
            Scale::Major => &IN_MAJOR,
            Scale::Minor => &IN_MINOR,
        };
        let inside: f64 = scale.iter().map(|step| sounding[(usize::from(self.tonic) + step) % 12]).sum();
        1.0 - inside / sounding.iter().sum::<f64>().max(1.0)
    }

    pub(super) fn is_valid(self) -> bool {
        self.tonic < 12
    }
}

/// The first degree of the five-tone scale that holds all that sounds, if only one does.
fn five_tones(sounding: &[f64; 12]) -> Option<u8> {
    let whole: f64 = sounding.iter().sum();
    let inside = |first: &u8| {
        let inside: f64 = FIVE_TONES.iter().map(|step| sounding[(usize::from(*first) + step) % 12]).sum();
        inside >= 0.98 * whole
    };
    let mut scales = (0..12).filter(inside);
    let first = scales.next()?;
    scales.next().is_none().then_some(first)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::NoteId;

    fn key(tones: &[(u8, Tick)]) -> Option<Key> {
        let mut onset = 0;
        let notes: Vec<Note> = tones
            .iter()
            .map(|&(pitch, length)| {
                onset += length;
                Note::new(NoteId(onset as u64), onset - length, length, pitch, "")
            })
            .collect();
        Key::of_notes(notes.iter())
    }

    fn even(pitches: &[u8]) -> Option<Key> {
        key(&pitches.iter().map(|&pitch| (pitch, 480)).collect::<Vec<_>>())
    }

    const fn major(tonic: u8) -> Option<Key> {
        Some(Key { tonic, scale: Scale::Major })
    }

    const fn minor(tonic: u8) -> Option<Key> {
        Some(Key { tonic, scale: Scale::Minor })
    }

    #[test]
    fn scales_and_songs_are_in_the_key_that_a_musician_names() {
        assert_eq!(even(&[]), None);
        assert_eq!(even(&[60, 62, 64, 65, 67, 69, 71, 72]), major(0));
        assert_eq!(even(&[62, 64, 66, 67, 69, 71, 73, 74]), major(2));
        assert_eq!(even(&[69, 71, 72, 74, 76, 77, 79, 81, 76, 72, 69]), minor(9));
        // Round the fifth degree and back, with the fourth that is natural in C alone.
        assert_eq!(even(&[67, 69, 71, 72, 74, 76, 77, 67]), major(0));
        assert_eq!(even(&[69, 71, 72, 74, 76, 77, 80, 81]), minor(9));
        // Twinkle, twinkle; Happy birthday, which begins on the fifth degree.
        assert_eq!(even(&[60, 60, 67, 67, 69, 69, 67, 67, 65, 65, 64, 64, 62, 62, 60, 60]), major(0));
        let birthday = [
            60, 60, 62, 60, 65, 64, 60, 60, 62, 60, 67, 65, 60, 60, 72, 69, 65, 64, 62, 70, 70, 69, 65, 67,
            65,
        ];
        assert_eq!(even(&birthday), major(5));
    }

    #[test]
    fn a_song_of_five_tones_is_in_the_key_of_its_first() {
        // 茉莉花: it dwells on the fifth degree and ends there (徵调式).
        let jasmine = [
            (66, 2),
            (64, 1),
            (66, 1),
            (69, 1),
            (71, 1),
            (74, 1),
            (74, 1),
            (71, 1),
            (69, 2),
            (71, 1),
            (69, 3),
            (69, 6),
            (62, 2),
            (64, 2),
            (66, 1),
            (62, 2),
            (59, 1),
            (57, 6),
        ];
        assert_eq!(key(&jasmine), major(2));
        // A song that dwells and ends on the last of the five is in the minor (羽调式).
        assert_eq!(even(&[69, 72, 74, 76, 79, 76, 74, 72, 69, 69, 76, 79, 81, 69]), minor(9));
    }
}
