//! A recording becomes a song, as a user has it done.

use crate::program::{said, sung_lead, ziyin};
use crate::takes::{noise, write};
use ziyin_score::{Note, Project};

/// Notes of `sung` that were heard with their key, their onset within 50 ms.
fn right(sung: &Project, heard: &Project, lyric: bool) -> usize {
    let lead = heard.backings[0].offset_us as f64 * 1e-6;
    let is_it = |note: &Note, other: &Note| {
        let off = sung.tempo.seconds(note.onset) - (heard.tempo.seconds(other.onset) - lead);
        off.abs() < 0.05 && note.pitch == other.pitch && (!lyric || note.lyric == other.lyric)
    };
    let notes = &heard.tracks[0].notes;
    sung.tracks[0].notes.iter().filter(|note| notes.iter().any(|other| is_it(note, other))).count()
}

#[test]
fn a_song_that_was_sung_is_heard_again() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    let (song, stem) = sung_lead(here);
    let lyrics: Vec<&str> = song.tracks[0].notes.iter().map(|note| note.lyric.as_str()).collect();
    std::fs::write(here.join("lyrics.txt"), lyrics.join(" ").replace('-', "")).unwrap();
    std::fs::copy(&stem, here.join("take.wav")).unwrap();
    let heard =
        ziyin(here, &["listen", "take.wav", "--lyrics", "lyrics.txt", "-o", "heard.ziyin", "--save", "bank"]);
    assert!(heard.status.success(), "{}", said(&heard));
    let found = Project::load(&here.join("heard.ziyin")).unwrap();
    assert_eq!(found.backings[0].path, "take.wav", "the recording goes with the song");
    let count = song.tracks[0].notes.len();
    let (keys, lyrics) = (right(&song, &found, false), right(&song, &found, true));
    assert!(keys * 10 >= count * 8, "{keys} of {count} notes");
    assert!(lyrics * 10 >= count * 7, "{lyrics} of {count} notes with their lyrics");
    // What was saved is a corpus.
    let bank = ziyin_corpus::open_corpus(&here.join("bank"), here).unwrap();
    let characters = bank.tokens();
    assert!(bank.left_out().is_empty(), "{:?}", bank.left_out());
    // A note that holds has no character of its own.
    let said = song.tracks[0].notes.iter().filter(|note| !note.is_hold()).count();
    assert!(characters.len() * 10 >= said * 9, "{} of {said}", characters.len());
}

#[test]
fn what_holds_no_song_is_told_in_one_sentence() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    write(&here.join("silence.wav"), 44_100, (0..88_200).map(|_| 0.0));
    write(&here.join("noise.wav"), 44_100, (0..132_300).map(|i| 0.3 * noise(i)));
    write(&here.join("click.wav"), 8_000, (0..800).map(|i| 0.5 * (i as f32 * 0.2).sin()));
    std::fs::write(here.join("text.wav"), "no sound at all").unwrap();
    for name in ["silence.wav", "noise.wav", "click.wav", "text.wav", "missing.wav"] {
        let failed = ziyin(here, &["listen", name, "-o", "song.ziyin"]);
        let told = said(&failed);
        assert_eq!((failed.status.code(), told.lines().count()), (Some(1), 1), "{name}: {told}");
        assert!(told.contains(name) && failed.stdout.is_empty(), "{told}");
        assert!(!here.join("song.ziyin").exists());
    }
    for wrong in [&["listen", "noise.wav"][..], &["listen", "noise.wav", "-o", "a", "--grid", "1/7"]] {
        assert_eq!(ziyin(here, wrong).status.code(), Some(2), "{wrong:?}");
    }
    std::fs::write(here.join("song.ziyin"), "precious").unwrap();
    let refused = ziyin(here, &["listen", "noise.wav", "-o", "song.ziyin"]);
    assert!(refused.status.code() == Some(1) && said(&refused).contains("--force"));
}
