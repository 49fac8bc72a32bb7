//! The small songs of `tests/songs`, one of every kind: read as they are, and damaged in every way.

use std::path::{Path, PathBuf};

use proptest::prelude::*;
use proptest::sample::Index;
use ziyin_interchange::*;
use ziyin_score::*;

use crate::cases;

/// The small songs with their names, in order.
fn small_songs() -> Vec<(PathBuf, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/songs");
    let mut songs: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.file_stem().is_some_and(|stem| stem.to_string_lossy().starts_with("small")))
        .map(|path| (path.clone(), std::fs::read(path).unwrap()))
        .collect();
    songs.sort();
    songs
}

fn import(bytes: &[u8], path: &Path) -> Result<Imported, OpenError> {
    import_song(bytes, path, &ImportOptions::default(), &Budget::default())
}

#[test]
fn every_kind_brings_the_same_melody() {
    let songs = small_songs();
    for kind in SongKind::ALL {
        let read =
            |(path, bytes): &(PathBuf, Vec<u8>)| SongKind::recognise(bytes, path).unwrap() == Some(kind);
        assert!(songs.iter().any(read), "there is no small {} song", kind.name());
    }
    for (path, bytes) in &songs {
        let imported = import(bytes, path).unwrap();
        let project = &imported.project;
        let name = path.display();
        assert_eq!(project.check(), Ok(()));
        let lead = &project.tracks[0];
        let notes: Vec<_> =
            lead.notes.iter().map(|n| (n.onset, n.length, n.pitch, n.lyric.as_str())).collect();
        let melody =
            [(0, 960, 60, "ど"), (960, 960, 62, "れ"), (1920, 960, 64, "み"), (3840, 1920, 67, "そ")];
        assert_eq!(notes, melody, "{name}: {:?}", imported.report.warnings);
        let tempos: Vec<_> =
            project.tempo.changes().iter().map(|c| (c.tick, c.tempo.bpm().round())).collect();
        assert_eq!(tempos, [(0, 90.0), (3840, 120.0)], "{name}");
        let has_meter = path.extension().is_some_and(|extension| extension != "ust");
        assert_eq!(project.meter.at(0).beats, if has_meter { 3 } else { 4 }, "{name}");
        let is_melody_alone =
            path.extension().is_some_and(|extension| extension == "ust" || extension == "kar");
        assert_eq!(project.tracks.len(), if is_melody_alone { 1 } else { 2 }, "{name}");
        assert_eq!(project.title.to_lowercase().split('-').next(), Some("small"), "{name}");
    }
}

#[test]
fn a_song_that_is_not_wanted_any_longer_is_not_read() {
    for (path, bytes) in small_songs() {
        let budget = Budget::default();
        import_song(&bytes, &path, &ImportOptions::default(), &budget).unwrap();
        assert_eq!(budget.progress(), 1.0, "{}", path.display());
        let budget = Budget::default();
        budget.cancel();
        let error = open_song(&path, &ImportOptions::default(), &budget).unwrap_err();
        assert!(matches!(error, OpenError::Budget(BudgetError::Cancelled)), "{}: {error}", path.display());
    }
}

/// Numbers that files should not hold, as texts have them.
const NUMBERS: [&str; 14] = [
    "1e300",
    "-1e300",
    "1e999",
    "NaN",
    "inf",
    "-1",
    "0",
    "0.0",
    "9223372036854775807",
    "-9223372036854775808",
    "18446744073709551615",
    "4294967296",
    "1e-300",
    "",
];

#[derive(Clone, Debug)]
enum Damage {
    /// A byte becomes another.
    Byte(Index, u8),
    Flip(Index, u8),
    Insert(Index, Vec<u8>),
    Remove(Index, usize),
    /// A piece of the file stands again elsewhere.
    Splice(Index, Index, usize),
    /// One of the numbers in the text becomes another.
    Number(Index, usize),
    /// Four bytes become the largest or smallest number.
    Word(Index, u32),
    Cut(Index),
}

fn damage() -> impl Strategy<Value = Damage> {
    let at = any::<Index>;
    prop_oneof![
        2 => (at(), any::<u8>()).prop_map(|(at, byte)| Damage::Byte(at, byte)),
        2 => (at(), 0u8..8).prop_map(|(at, bit)| Damage::Flip(at, bit)),
        1 => (at(), prop::collection::vec(any::<u8>(), 1..8)).prop_map(|(at, bytes)| Damage::Insert(at, bytes)),
        1 => (at(), 1usize..40).prop_map(|(at, count)| Damage::Remove(at, count)),
        2 => (at(), at(), 1usize..400).prop_map(|(from, to, count)| Damage::Splice(from, to, count)),
        4 => (at(), 0..NUMBERS.len()).prop_map(|(at, number)| Damage::Number(at, number)),
        1 => (at(), prop::sample::select(vec![0, 1, 0x7FFF_FFFF, 0x8000_0000, u32::MAX]))
            .prop_map(|(at, word)| Damage::Word(at, word)),
        1 => at().prop_map(Damage::Cut),
    ]
}

fn is_digit(byte: u8) -> bool {
    byte.is_ascii_digit()
}

fn apply(bytes: &mut Vec<u8>, damage: &Damage) {
    if bytes.is_empty() {
        return;
    }
    let length = bytes.len();
    match damage {
        Damage::Byte(at, byte) => bytes[at.index(length)] = *byte,
        Damage::Flip(at, bit) => bytes[at.index(length)] ^= 1 << bit,
        Damage::Insert(at, new) => {
            let at = at.index(length);
            bytes.splice(at..at, new.iter().copied());
        }
        Damage::Remove(at, count) => {
            let at = at.index(length);
            bytes.drain(at..(at + count).min(length));
        }
        Damage::Splice(from, to, count) => {
            let (from, to) = (from.index(length), to.index(length));
            let piece = bytes[from..(from + count).min(length)].to_vec();
            bytes.splice(to..to, piece);
        }
        Damage::Number(at, number) => {
            let begins = |&i: &usize| is_digit(bytes[i]) && (i == 0 || !is_digit(bytes[i - 1]));
            let starts: Vec<usize> = (0..length).filter(begins).collect();
            if let Some(&start) = starts.get(at.index(starts.len().max(1))) {
                let digits = bytes[start..].iter().take_while(|&&byte| is_digit(byte)).count();
                bytes.splice(start..start + digits, NUMBERS[*number].bytes());
            }
        }
        Damage::Word(at, word) => {
            let at = at.index(length);
            let end = (at + 4).min(length);
            bytes[at..end].copy_from_slice(&word.to_le_bytes()[..end - at]);
        }
        Damage::Cut(at) => bytes.truncate(at.index(length)),
    }
}

/// Archives are damaged inside: from without nearly every change is one that unpacking finds.
fn packed_again(bytes: &[u8], damages: &[Damage]) -> Vec<u8> {
    use std::io::{Cursor, Read, Write};
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
    let mut out = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for index in 0..archive.len() {
        let mut file = archive.by_index(index).unwrap();
        let mut content = Vec::new();
        file.read_to_end(&mut content).unwrap();
        if index + 1 == archive_len(bytes) {
            damages.iter().for_each(|damage| apply(&mut content, damage));
        }
        out.start_file(file.name().unwrap().to_string(), zip::write::SimpleFileOptions::default()).unwrap();
        out.write_all(&content).unwrap();
    }
    out.finish().unwrap().into_inner()
}

fn archive_len(bytes: &[u8]) -> usize {
    zip::ZipArchive::new(std::io::Cursor::new(bytes)).unwrap().len()
}

fn survives(path: &Path, bytes: &[u8], split_voices: bool) -> Result<(), TestCaseError> {
    let options = ImportOptions { split_voices, ..ImportOptions::default() };
    match import_song(bytes, path, &options, &Budget::default()) {
        Ok(imported) => {
            prop_assert_eq!(imported.project.check(), Ok(()));
            let mut saved = Vec::new();
            imported.project.write_json(&mut saved).unwrap();
            prop_assert_eq!(Project::from_json(&saved).unwrap(), imported.project);
        }
        Err(error) => prop_assert_eq!(error.to_string().lines().count(), 1),
    }
    Ok(())
}

/// So many damaged files of each kind; `PROPTEST_CASES` asks for more.
fn fuzz(kind: SongKind) {
    let of_kind = |(path, bytes): &(PathBuf, Vec<u8>)| matches!(SongKind::recognise(bytes, path), Ok(Some(found)) if found == kind);
    let mut seeds: Vec<_> = small_songs().into_iter().filter(of_kind).collect();
    assert!(!seeds.is_empty(), "there is no small {} song", kind.name());
    for folder in ["songs/projects", "songs/midi-edge"] {
        let files = cases::more(folder).into_iter().filter(|(_, bytes)| bytes.len() < 1 << 16);
        seeds.extend(files.filter(of_kind));
    }
    let config = ProptestConfig { failure_persistence: None, ..ProptestConfig::default() };
    let damages = prop::collection::vec(damage(), 1..6);
    let mut runner = proptest::test_runner::TestRunner::new(config);
    let damaged = (prop::sample::select(seeds), damages, any::<bool>(), any::<bool>());
    let result = runner.run(&damaged, |((path, mut bytes), damages, split, inside)| {
        if inside && archive_opens(&bytes) {
            bytes = packed_again(&bytes, &damages);
        } else {
            damages.iter().for_each(|damage| apply(&mut bytes, damage));
        }
        survives(&path, &bytes, split)
    });
    if let Err(error) = result {
        panic!("{error}");
    }
}

fn archive_opens(bytes: &[u8]) -> bool {
    bytes.starts_with(b"PK") && zip::ZipArchive::new(std::io::Cursor::new(bytes)).is_ok()
}

/// A test of its own for each kind, so that they run side by side.
macro_rules! fuzz {
    ($($name:ident: $kind:ident,)*) => {
        $(#[test]
        fn $name() {
            fuzz(SongKind::$kind);
        })*

        #[test]
        fn every_kind_is_fuzzed() {
            let fuzzed = [$(SongKind::$kind),*];
            assert!(SongKind::ALL.iter().all(|kind| fuzzed.contains(kind)));
        }
    };
}

fuzz! {
    damaged_ziyin_songs_do_no_harm: Ziyin,
    damaged_midi_does_no_harm: Midi,
    damaged_ust_does_no_harm: Ust,
    damaged_ustx_does_no_harm: Ustx,
    damaged_svp_does_no_harm: Svp,
    damaged_vsqx_does_no_harm: Vsqx,
    damaged_vpr_does_no_harm: Vpr,
    damaged_vsq_does_no_harm: Vsq,
    damaged_musicxml_does_no_harm: MusicXml,
    damaged_mxl_does_no_harm: Mxl,
    damaged_ccs_does_no_harm: Ccs,
    damaged_tssln_does_no_harm: Tssln,
    damaged_deepvocal_does_no_harm: DeepVocal,
    damaged_voicevox_songs_do_no_harm: VoiceVox,
}
