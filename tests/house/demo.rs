//! The demo song: 茉莉花, the traditional song of Jiangsu, written out here.
//!
//! After a change run the tests once with `ZIYIN_WRITE_ASSETS=1`.

use std::path::Path;

use ziyin_interchange::*;
use ziyin_lyrics::Language;
use ziyin_score::*;

/// A character to a group, each with the degrees that it is sung on and their lengths in
/// eighths: `'` is an octave up, `,` an octave down; degree 0 rests.
const VERSE: &str = "
    好 3 2 一 3 1 朵 5 1 美 6 1 丽 1' 1 的 1' 1 6 1  茉 5 2 莉 5 1 6 1 花 5 3 0 1
    好 3 2 一 3 1 朵 5 1 美 6 1 丽 1' 1 的 1' 1 6 1  茉 5 2 莉 5 1 6 1 花 5 3 0 1
    芬 5 2 芳 5 2 美 5 2 丽 3 1 5 1  满 6 2 枝 6 2 桠 5 3 0 1
    又 3 2 香 2 1 3 1 又 5 2 白 3 1 2 1  人 1 2 人 1 1 2 1 夸 1 3 0 1
    让 3 1 2 1 我 1 1 3 1 来 2 3 将 3 1  你 5 2 摘 6 1 1' 1 下 5 3 0 1
    送 2 2 给 3 1 5 1 别 2 1 3 1 人 1 1 6, 1  家 5, 3 0 1
    茉 6, 2 莉 1 2  花 2 3 呀 3 1 茉 1 1 2 1 莉 1 1 6, 1  花 5, 6 0 2";

/// D4 is the first degree: the song then runs from A3 to D5.
const TONIC: i32 = 62;

fn pitch(degree: &str) -> Option<u8> {
    let octave = match degree.chars().last() {
        Some('\'') => 12,
        Some(',') => -12,
        _ => 0,
    };
    let step = match degree.chars().next() {
        Some('1') => 0,
        Some('2') => 2,
        Some('3') => 4,
        Some('5') => 7,
        Some('6') => 9,
        _ => return None,
    };
    u8::try_from(TONIC + octave + step).ok()
}

fn demo() -> Project {
    let mut track = Track::new(TrackId(1), "lead");
    track.language = Some(Language::Mandarin);
    track.harmonies = vec![
        Harmony { gain_db: -9.0, pan: 0.3, ..Harmony::new(HarmonyKind::OctaveUp) },
        Harmony { gain_db: -7.0, pan: -0.3, ..Harmony::new(HarmonyKind::OctaveDown) },
    ];
    // A bar of rest: the first consonant begins before its note.
    let bar = 4 * TICKS_PER_QUARTER;
    let (mut notes, mut onset, mut lyric) = (Vec::new(), bar, "");
    let mut words = VERSE.split_whitespace();
    while let Some(word) = words.next() {
        if !word.starts_with(|c: char| c.is_ascii_digit()) {
            lyric = word;
            continue;
        }
        let length = words.next().unwrap().parse::<Tick>().unwrap() * TICKS_PER_QUARTER / 2;
        if let Some(pitch) = pitch(word) {
            let id = NoteId(notes.len() as u64 + 1);
            notes.push(Note::new(id, onset, length, pitch, std::mem::replace(&mut lyric, "-")));
        }
        onset += length;
    }
    assert_eq!(onset, 15 * bar, "a bar of rest and fourteen bars");
    track.notes = Notes::new(notes);
    Project {
        title: "茉莉花".into(),
        tempo: TempoMap::constant(Tempo::from_bpm(84.0).unwrap()),
        meter: MeterMap::default(),
        tracks: vec![track],
        ..Default::default()
    }
}

/// The song without its harmonies, which would be tracks of their own.
fn melody_as_midi(song: &Project) -> Vec<u8> {
    let mut song = song.clone();
    song.tracks.iter_mut().for_each(|track| track.harmonies.clear());
    export_song(&song, SongKind::Midi, ExportOptions::default()).unwrap().bytes
}

#[test]
fn the_demo_song_is_what_is_written_here() {
    let assets = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets");
    let (song, midi) = (assets.join("molihua.ziyin"), assets.join("molihua.mid"));
    let demo = demo();
    let mut text = Vec::new();
    demo.write_json(&mut text).unwrap();
    if std::env::var_os("ZIYIN_WRITE_ASSETS").is_some() {
        std::fs::create_dir_all(&assets).unwrap();
        std::fs::write(&song, &text).unwrap();
        std::fs::write(&midi, melody_as_midi(&demo)).unwrap();
    }
    let on_disk = std::fs::read(&song).unwrap();
    assert!(on_disk == text, "run once with ZIYIN_WRITE_ASSETS=1");
    let opened = open_song(&song, &ImportOptions::default(), &Budget::default()).unwrap();
    assert_eq!(opened.project, demo);
    assert_eq!(std::fs::read(&midi).unwrap(), melody_as_midi(&demo));
}

#[test]
fn the_demo_song_comes_back_from_midi() {
    let imported =
        import_midi(&melody_as_midi(&demo()), &ImportOptions::default(), &Budget::default()).unwrap();
    assert_eq!(imported.report, Report { encoding: Some("UTF-8"), ..Report::default() });
    let (back, demo) = (imported.project, demo());
    assert_eq!(back.tracks[0].notes, demo.tracks[0].notes);
    assert_eq!((back.title, back.tempo, back.meter), (demo.title, demo.tempo, demo.meter));
    let sung: String = back.tracks[0].notes.iter().map(|note| note.lyric.replace('-', "")).collect();
    let text = "好一朵美丽的茉莉花好一朵美丽的茉莉花芬芳美丽满枝桠又香又白人人夸让我来将你摘下送给别人家茉莉花呀茉莉花";
    assert_eq!(sung, text);
}
