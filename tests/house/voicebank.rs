//! A real voicebank, from its `oto.ini` to frames.

use std::path::Path;

use ziyin_corpus::{Corpus, Voicebank, analyse_tokens};
use ziyin_lyrics::{Language, Phoneme};
use ziyin_signal::BINS;

use crate::cases::folder;

#[test]
#[cfg_attr(not(world_cases), ignore = "needs the files that ZIYIN_CASES names")]
fn a_voicebank_is_read_with_its_pitches_and_places() {
    let bank = folder("voicebank/kumi");
    let bank = Voicebank::open(&bank).unwrap();
    let folders: Vec<_> = bank.folders.iter().map(|f| (f.suffix.as_str(), f.pitch, f.skipped)).collect();
    assert_eq!(folders, [("_A3", Some(57), 0), ("_A4", Some(69), 0)]);
    let tokens = bank.tokens();
    assert_eq!(tokens.len(), 48, "two tokens of each of twelve syllables at two pitches");
    let first = tokens.iter().find(|t| t.wav.ends_with("A3/_ma_ma.wav")).unwrap();
    assert_eq!((first.previous[0], first.next), (Phoneme::Rest, [Phoneme::M, Phoneme::A]));
    assert!((first.place.vowel.unwrap() - (0.781_519 + 0.168_619)).abs() < 1e-6);
}

#[test]
#[cfg_attr(not(world_cases), ignore = "needs the files that ZIYIN_CASES names")]
fn analysis_finds_landmarks_and_goes_on_from_its_cache() {
    let bank = folder("voicebank/kumi");
    let bank = Voicebank::open(&bank).unwrap();
    let cache = tempfile::tempdir().unwrap();
    let (tokens, census) = analyse_tokens(bank.tokens(), cache.path(), &|_, _| {}).unwrap();
    assert_eq!(tokens.len(), census.kept);
    assert!(tokens.len() >= 42, "{census:?}");
    for token in &tokens {
        let l = token.landmarks;
        assert!(
            l.onset <= l.burst && l.burst <= l.vowel && l.vowel < l.nucleus_end && l.nucleus_end <= l.end
        );
        assert!(token.pitch.iter().all(|p| (p - f32::from(token.key)).abs() < 5.5), "{}", token.name);
        let frames = token.frames();
        assert_eq!(frames.envelope.len(), token.times.len() * BINS);
        // The vowel is voiced, and the breath of a `t` is not.
        let at = |seconds: f64| token.times.partition_point(|&t| f64::from(t) < seconds);
        assert_eq!(frames.voicing[at((l.vowel + l.nucleus_end) / 2.0)], 1.0, "{}", token.name);
        if token.syllable.initial == Phoneme::Th {
            assert_eq!(frames.voicing[at((l.burst + l.vowel) / 2.0)], 0.0, "{}", token.name);
        }
    }
    // A damaged file is analysed again, the others are read.
    let damaged = cache.path().join("A3._ba_ba.frames");
    std::fs::write(&damaged, b"{\"version\":1").unwrap();
    let (again, _) = analyse_tokens(bank.tokens(), cache.path(), &|_, _| {}).unwrap();
    let names =
        |tokens: &[ziyin_corpus::AnalysedToken]| tokens.iter().map(|t| t.name.clone()).collect::<Vec<_>>();
    assert_eq!(names(&again), names(&tokens));
    assert!(again.iter().zip(&tokens).all(|(a, b)| a.envelope == b.envelope));
}

#[test]
fn a_folder_without_oto_is_refused_in_a_sentence() {
    let empty = tempfile::tempdir().unwrap();
    let error = Voicebank::open(empty.path()).unwrap_err().to_string();
    assert!(error.contains("no oto.ini"), "{error}");
    assert!(Voicebank::open(Path::new("/nowhere/at/all")).is_err());
}

/// The voicebanks that voices are trained on, which are large and stay outside:
/// `ZIYIN_RECORDINGS` names their folder.
fn recordings(name: &str) -> Option<std::path::PathBuf> {
    let folder = Path::new(&std::env::var_os("ZIYIN_RECORDINGS")?).join(name);
    folder.is_dir().then_some(folder)
}

#[test]
#[cfg_attr(not(world_recordings), ignore = "needs the voicebanks that ZIYIN_RECORDINGS names")]
fn japanese_voicebanks_are_understood() {
    for (name, folders, least) in [
        ("kgs233+UTAU-Yuki", 1, 0.99),
        ("oxygen-dioxide+dorodoro-ja-vcv", 1, 0.99),
        ("oxygen-dioxide+scottpoid-ja", 5, 0.9),
        ("oxygen-dioxide+hitsuboku-kumi-ja-act4", 10, 0.97),
    ] {
        let Some(folder) = recordings(name) else { continue };
        let bank = Voicebank::open(&folder).unwrap();
        println!("{}: {:?}", bank.name, bank.language);
        assert_eq!((bank.language, bank.folders.len()), (Language::Japanese, folders), "{name}");
        for folder in &bank.folders {
            let (all, understood) = (folder.entries.len(), folder.understood(bank.language));
            let path = folder.path.file_name().unwrap().to_string_lossy();
            println!("  {path} {:?} {:?}: {understood} of {all} entries", folder.pitch, folder.manner);
            // A folder of effects holds vowels that are fried and growled.
            assert!(understood as f64 >= least * all as f64 || path == "Other", "{path}");
            assert_eq!(folder.skipped, 0, "{path}");
        }
        let tokens = bank.tokens();
        println!("  {} tokens; left out {:?}", tokens.len(), bank.left_out());
        assert!(tokens.len() > 900 && tokens.iter().all(|t| t.wav.is_file()), "{name}");
    }
}

#[test]
#[cfg_attr(not(world_recordings), ignore = "needs the voicebanks that ZIYIN_RECORDINGS names")]
fn most_tokens_of_japanese_strings_are_found_in_their_sound() {
    for name in [
        "kgs233+UTAU-Yuki",
        "oxygen-dioxide+dorodoro-ja-vcv",
        "oxygen-dioxide+hitsuboku-kumi-ja-act4/_Core_A4",
    ] {
        let Some(folder) = recordings(name) else { continue };
        let mut bank = Voicebank::open(&folder).unwrap();
        for folder in &mut bank.folders {
            let mut files: Vec<String> = folder.entries.iter().map(|e| e.file.clone()).collect();
            files.dedup();
            let few: Vec<String> = files.into_iter().step_by(12).collect();
            folder.entries.retain(|entry| few.contains(&entry.file));
        }
        let cache = tempfile::tempdir().unwrap();
        let (tokens, census) = analyse_tokens(bank.tokens(), cache.path(), &|_, _| {}).unwrap();
        println!("{name}: {census:?}");
        let all = tokens.len() + census.rejected.values().sum::<usize>();
        assert!(tokens.len() * 10 >= all * 7, "{census:?}");
    }
}
