//! How the notes of the active track are read, worked out once for each change: as the singer
//! reads them.

use super::editor::Editor;
use ziyin_lyrics::{Language, Reading, track_language};
use ziyin_score::{Notes, TempoMap, TrackId};
use ziyin_singing::known_lyrics::KnownLyrics;

/// All that the readings of a track depend on.
#[derive(Clone, PartialEq)]
struct Read {
    track: TrackId,
    notes: Notes,
    language: Option<Language>,
    tempo: TempoMap,
}

/// The readings of a track, in the order of its notes.
#[derive(Default)]
pub struct Readings {
    of: Option<Read>,
    known: KnownLyrics,
    all: Vec<Reading>,
    guessed: Option<Language>,
}

impl Readings {
    /// The readings of the active track as it is now.
    pub fn of(&mut self, editor: &Editor) -> &[Reading] {
        if editor.active().is_none() {
            return &[];
        }
        self.follow(editor);
        &self.all
    }

    /// The language that the lyrics of the active track seem to be in.
    pub fn guessed(&mut self, editor: &Editor) -> Option<Language> {
        self.follow(editor);
        self.guessed
    }

    fn follow(&mut self, editor: &Editor) {
        let Some(track) = editor.active() else { return };
        let tempo = &editor.project().tempo;
        // Notes that are shared are the same: comparing them costs nothing.
        let same = self.of.as_ref().is_some_and(|read| {
            (read.track, read.language) == (track.id, track.language)
                && read.notes.as_ptr() == track.notes.as_ptr()
                && read.notes.len() == track.notes.len()
                && read.tempo == *tempo
        });
        if !same {
            self.all = self.known.read_track(track, tempo, &editor.project().meter);
            self.guessed = Some(track_language(track.notes.iter().map(|note| note.lyric.as_str())));
            self.of = Some(Read {
                track: track.id,
                notes: track.notes.clone(),
                language: track.language,
                tempo: tempo.clone(),
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ziyin_score::Project;

    /// What is shown over notes of a beat each with a gap of so many ticks between them.
    fn shown(lyrics: &[&str], gap: i64) -> Vec<String> {
        let mut editor = Editor::new(Project::default());
        for (i, lyric) in (0..).zip(lyrics) {
            editor.insert(i * 960, 960 - gap, 60, lyric).unwrap();
        }
        let mut readings = Readings::default();
        let shown = readings.of(&editor).iter().map(|reading| match reading {
            Reading::Sung(sung) => sung.iter().map(|sung| sung.pinyin.as_str()).collect(),
            other => format!("{other:?}"),
        });
        shown.collect()
    }

    #[test]
    fn a_gap_that_nobody_hears_parts_no_word() {
        assert_eq!(shown(&["银", "行"], 0)[1], "hang2");
        assert_eq!(shown(&["银", "行"], 10), shown(&["银", "行"], 0));
        for lyrics in [&["さ", "ん", "ぽ"][..], &["국", "물"][..]] {
            assert_eq!(shown(lyrics, 10), shown(lyrics, 0));
        }
        // A rest that is heard does.
        assert_eq!(shown(&["银", "行"], 900)[1], "xing2");
    }

    #[test]
    fn the_readings_follow_the_tempo_and_notes_that_are_silenced_have_none() {
        let mut editor = Editor::new(Project::default());
        editor.insert(0, 960, 60, "银").unwrap();
        editor.insert(1440, 960, 60, "行").unwrap();
        let mut readings = Readings::default();
        let first = readings.of(&editor).to_vec();
        let slow = ziyin_score::Tempo::from_bpm(30.0).unwrap();
        editor.set_change(None, 0, crate::editor::SongChange::Tempo(slow)).unwrap();
        assert_ne!(readings.of(&editor), first, "the gap is a rest now");
        editor.insert(1440, 960, 64, "好").unwrap();
        assert_eq!(readings.of(&editor)[1], Reading::Rest);
    }
}
