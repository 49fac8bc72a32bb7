//! What is known to be sung, as syllables.

use ziyin_lyrics::{LyricInput, Reading, Syllable, read_lyrics, split_into_syllables};

/// A text as syllables, line by line: hanzi, pinyin, kana, romaji, hangul or English.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Words {
    /// The syllables of each line that holds any.
    pub lines: Vec<Vec<Syllable>>,
    /// How many lyrics could not be read and are left out.
    pub unread: usize,
}

impl Words {
    /// Reads a text; its language is told from all of it.
    pub fn read(text: &str) -> Self {
        let mut lyrics: Vec<(usize, bool, String)> = Vec::new();
        for (number, line) in text.lines().enumerate() {
            let parts = split_into_syllables(line, None);
            lyrics.extend(parts.into_iter().enumerate().map(|(i, lyric)| (number, i == 0, lyric)));
        }
        let inputs: Vec<LyricInput> = lyrics
            .iter()
            .map(|(_, after_rest, lyric)| LyricInput {
                lyric,
                after_rest: *after_rest,
                ..LyricInput::default()
            })
            .collect();
        let mut words = Self::default();
        let mut last = None;
        for ((line, ..), reading) in lyrics.iter().zip(read_lyrics(&inputs, None)) {
            match reading {
                Reading::Sung(sung) => {
                    if last != Some(*line) {
                        words.lines.push(Vec::new());
                        last = Some(*line);
                    }
                    if let Some(syllables) = words.lines.last_mut() {
                        syllables.extend(sung.into_iter().map(|one| one.syllable));
                    }
                }
                Reading::Unknown { .. } => words.unread += 1,
                Reading::Hold | Reading::Breath | Reading::Rest => {}
            }
        }
        words
    }

    /// What each of `count` recordings sings: of one recording all of it, of several a line each. `None` if
    /// there are more lines or fewer than recordings.
    pub fn of_recordings(&self, count: usize) -> Option<Vec<Vec<Syllable>>> {
        match count {
            1 => Some(vec![self.lines.concat()]),
            _ => (self.lines.len() == count).then(|| self.lines.clone()),
        }
    }

    /// The number of syllables.
    pub fn len(&self) -> usize {
        self.lines.iter().map(Vec::len).sum()
    }

    /// Whether nothing is sung.
    pub fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ziyin_lyrics::Language;

    #[test]
    fn texts_of_any_script_become_syllables_by_their_lines() {
        let words = Words::read("好一朵,\n\n mo4 li4 hua1\n？\nあかい");
        assert_eq!(words.lines.iter().map(Vec::len).collect::<Vec<_>>(), [3, 3, 3]);
        assert_eq!((words.len(), words.unread), (9, 0));
        assert_eq!(words.lines[2][0].language, Language::Japanese);
        assert_eq!(words.of_recordings(1).unwrap()[0].len(), 9);
        assert_eq!(words.of_recordings(3).unwrap(), words.lines);
        assert!(words.of_recordings(2).is_none());
        let english = Words::read("Happy birthday to you");
        assert_eq!(english.lines.iter().map(Vec::len).collect::<Vec<_>>(), [6]);
        assert!(Words::read(" …\n").is_empty());
    }
}
