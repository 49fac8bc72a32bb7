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

/// How far off, in seconds, vowels are found, of `--json` of `ziyin align`: for each recording the median.
fn off(told: &serde_json::Value, truth: &[Vec<f64>]) -> Vec<f64> {
    let characters = told["characters"].as_array().unwrap();
    let of_one = |(number, truth): (usize, &Vec<f64>)| {
        assert_eq!(characters.len(), truth.len());
        let vowel =
            |one: &serde_json::Value| one["places"][number]["vowel"].as_f64().unwrap_or(f64::INFINITY);
        let mut off: Vec<f64> =
            characters.iter().zip(truth).map(|(one, truth)| (vowel(one) - truth).abs()).collect();
        off.sort_by(f64::total_cmp);
        off[off.len() / 2]
    };
    truth.iter().enumerate().map(of_one).collect()
}

#[test]
fn one_song_is_found_in_recordings_of_two_singers() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    let mut truth = Vec::new();
    let mut lyrics = String::new();
    // Another singer, another key, another tempo.
    for (name, singer, bpm, up) in [("one", "Yuki", 90.0, 3), ("two", "Boran", 120.0, -7)] {
        let text = "我 爱 北 京 天 安 门 上 太 阳 升";
        lyrics = text.into();
        let mut notes: Vec<Note> = Vec::new();
        for (i, lyric) in text.split(' ').enumerate() {
            let id = ziyin_score::NoteId(i as u64 + 1);
            let pitch = (60 + up + [0, 2, 4, 5][i % 4]) as u8;
            notes.push(Note::new(id, 960 * (1 + i as i64), 960, pitch, lyric));
        }
        let mut track = ziyin_score::Track::new(ziyin_score::TrackId(1), "lead");
        track.notes = ziyin_score::Notes::new(notes);
        track.singer = Some(singer.into());
        let tempo = ziyin_score::TempoMap::constant(ziyin_score::Tempo::from_bpm(bpm).unwrap());
        let song = Project { tracks: vec![track], tempo, ..Project::default() };
        truth.push(song.tracks[0].notes.iter().map(|note| song.tempo.seconds(note.onset)).collect());
        song.save(&here.join(format!("{name}.ziyin"))).unwrap();
        let sung = ziyin(here, &["sing", &format!("{name}.ziyin"), "--out", name]);
        assert!(sung.status.success(), "{}", said(&sung));
        let stem = std::fs::read_dir(here.join(name))
            .unwrap()
            .flatten()
            .find(|file| file.file_name().to_string_lossy().contains("lead"));
        std::fs::copy(stem.unwrap().path(), here.join(format!("{name}.wav"))).unwrap();
    }
    std::fs::write(here.join("lyrics.txt"), lyrics).unwrap();
    let both = ["align", "one.wav", "two.wav", "--json"];
    let given = ziyin(here, &[&both[..], &["--lyrics", "lyrics.txt", "--save", "bank"]].concat());
    assert!(given.status.success(), "{}", said(&given));
    let told: serde_json::Value = serde_json::from_slice(&given.stdout).unwrap();
    let off = off(&told, &truth);
    assert!(off.iter().all(|off| *off < 0.04), "{off:?}");
    // What was saved is a corpus of two singers.
    let bank = ziyin_corpus::open_corpus(&here.join("bank"), here).unwrap();
    assert_eq!(bank.singers(), ["one", "two"]);
    assert!(bank.left_out().is_empty() && bank.tokens().len() >= 20, "{:?}", bank.left_out());
    let again = ziyin(here, &["align", "one.wav", "two.wav", "--save", "bank"]);
    assert!(again.status.code() == Some(1) && said(&again).contains("--force"));

    // Without lyrics they are the same in both, however they are read.
    let guessed = ziyin(here, &both);
    assert!(guessed.status.success(), "{}", said(&guessed));
    let told: serde_json::Value = serde_json::from_slice(&guessed.stdout).unwrap();
    let characters = told["characters"].as_array().unwrap();
    assert!(characters.len() >= 6, "{told}");
    assert!(characters.iter().all(|one| one["places"].as_array().unwrap().len() == 2));
    // The second goes through the song in three quarters of the time.
    let vowel = |i: usize, of: usize| characters[i]["places"][of]["vowel"].as_f64().unwrap();
    let last = characters.len() - 1;
    let ratio = (vowel(last, 1) - vowel(0, 1)) / (vowel(last, 0) - vowel(0, 0));
    assert!((0.6..0.9).contains(&ratio), "{ratio}");

    // In hanzi as far as there are words.
    let heard =
        ziyin(here, &["listen", "two.wav", "--language", "mandarin", "--hanzi", "--json", "-o", "h.ziyin"]);
    assert!(heard.status.success(), "{}", said(&heard));
    let told: serde_json::Value = serde_json::from_slice(&heard.stdout).unwrap();
    let characters = told["characters"].as_array().unwrap();
    let hanzi = characters.iter().filter(|one| !one["lyric"].as_str().unwrap().is_ascii()).count();
    assert!(hanzi * 10 >= characters.len() * 8, "{told}");
    assert!(characters.iter().all(|one| one["said"].as_str().unwrap().is_ascii()), "{told}");

    assert_eq!(ziyin(here, &["align", "one.wav"]).status.code(), Some(2));
    write(&here.join("noise.wav"), 44_100, (0..132_300).map(|i| 0.3 * noise(i)));
    let failed = ziyin(here, &["align", "one.wav", "noise.wav"]);
    assert!(failed.status.code() == Some(1) && said(&failed).contains("noise.wav"), "{}", said(&failed));
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
