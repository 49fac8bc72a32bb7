//! Everybody who ships in one song, each sung by the voice that holds them.

use std::fs;
use std::path::{Path, PathBuf};

use burn::tensor::Device;
use ziyin_model::character::SINGER;
use ziyin_model::installed::singers;
use ziyin_model::{ClonedSinger, Consent, SingerCard, VoiceModel, generator_print};
use ziyin_score::{Note, NoteId, Notes, Project, Track, TrackId};
use ziyin_singing::choir::Choir;
use ziyin_singing::score_voices::{Which, score_voices};
use ziyin_singing::{Block, Character, Voice};

fn models() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("models")
}

fn load(voice: &str) -> VoiceModel {
    VoiceModel::load(&models().join(voice), &Device::flex()).unwrap()
}

/// A track of somebody with one syllable on each quarter after the first.
fn track(id: u64, singer: &str, lyrics: &str) -> Track {
    let mut track = Track::new(TrackId(id), singer);
    track.singer = Some(singer.into());
    let notes = lyrics.chars().zip(1..);
    track.notes = Notes::new(
        notes
            .map(|(lyric, i)| Note::new(NoteId(i as u64), i * 960, 960, 62, lyric.to_string()))
            .collect::<Vec<_>>(),
    );
    track
}

/// What a voice sings of a track, character by character.
fn sung(voice: &dyn Voice, track: &Track) -> Vec<Block> {
    let project = Project { tracks: vec![track.clone()], ..Project::default() };
    let (voices, _) = score_voices(&project, voice, Which::Heard).unwrap();
    let plan = voices[0].stream.plan().clone();
    let characters: Vec<&Character> =
        plan.phrases.iter().flat_map(|phrase| phrase.characters.iter()).filter(|c| !c.is_breath()).collect();
    voice.generate(&characters).unwrap()
}

#[track_caller]
fn alike(one: &[Block], other: &[Block]) {
    assert_eq!(one.len(), other.len());
    for (a, b) in one.iter().zip(other) {
        assert!(a.times == b.times && a.frames.envelope == b.frames.envelope);
    }
}

#[test]
fn a_singer_is_sung_by_the_voice_that_holds_them_and_knows_the_language() {
    let choir = Choir::open(&models(), &Device::flex()).unwrap();
    let all = load("ziyin");
    let listed: Vec<String> = singers(&models()).unwrap().into_iter().map(|singer| singer.name).collect();
    assert!(choir.names().take(4).eq(["Hitsuboku Kumi", "Yuki", "dorodoro", "scottpoid"]));
    assert!(choir.names().all(|name| listed.iter().any(|listed| listed == name)));

    let mandarin = track(1, "Hitsuboku Kumi", "你好");
    alike(&sung(&choir, &mandarin), &sung(&all, &mandarin));
    let japanese = track(2, "hitsuboku kumi", "さくら");
    alike(&sung(&choir, &japanese), &sung(&all, &japanese));
    let yuki = track(3, "Yuki", "你好");
    alike(&sung(&choir, &yuki), &sung(&all, &yuki));

    // Together they are as each alone.
    let project = Project { tracks: vec![mandarin.clone(), japanese, yuki], ..Project::default() };
    let (voices, warnings) = score_voices(&project, &choir, Which::Heard).unwrap();
    assert!(warnings.is_empty(), "{warnings:?}");
    let plans: Vec<_> = voices.iter().map(|voice| voice.stream.plan().clone()).collect();
    let characters: Vec<&Character> =
        plans.iter().flat_map(|plan| &plan.phrases).flat_map(|phrase| phrase.characters.iter()).collect();
    alike(&choir.generate(&characters).unwrap()[..2], &sung(&all, &mandarin));
}

#[test]
fn a_language_is_sung_by_the_voice_that_was_taught_it() {
    let installed = tempfile::tempdir().unwrap();
    // Two voices of the same weights: one was taught Mandarin and sings it sharper, one the others.
    for (voice, languages, sharpness) in
        [("mandarin", vec!["mandarin"], 1.5), ("others", vec!["japanese", "korean"], 0.3)]
    {
        let folder = installed.path().join(voice);
        fs::create_dir(&folder).unwrap();
        for file in fs::read_dir(models().join("ziyin")).unwrap().flatten() {
            fs::copy(file.path(), folder.join(file.file_name())).unwrap();
        }
        let mut config = load("ziyin").config;
        config.name = voice.into();
        for singer in &mut config.singers {
            singer.languages = languages.iter().map(|language| language.to_string()).collect();
            singer.sharpness = sharpness;
        }
        fs::write(folder.join("voice.json"), serde_json::to_string(&config).unwrap()).unwrap();
    }
    let choir = Choir::open(installed.path(), &Device::flex()).unwrap();
    let of = |voice: &str| VoiceModel::load(&installed.path().join(voice), &Device::flex()).unwrap();
    let (mandarin, japanese) = (track(1, "Hitsuboku Kumi", "你好"), track(2, "Hitsuboku Kumi", "さくら"));
    alike(&sung(&choir, &mandarin), &sung(&of("mandarin"), &mandarin));
    alike(&sung(&choir, &japanese), &sung(&of("others"), &japanese));
    assert!(sung(&of("mandarin"), &mandarin)[0].frames != sung(&of("others"), &mandarin)[0].frames);
}

#[test]
fn a_track_whose_singer_is_not_there_is_told_and_the_others_sing_on() {
    let choir = Choir::open(&models(), &Device::flex()).unwrap();
    let tracks = vec![track(1, "Nobody", "你好"), track(2, "Yuki", "你好")];
    let project = Project { tracks, ..Project::default() };
    assert!(score_voices(&project, &choir, Which::Heard).is_err());
    let (voices, warnings) = score_voices(&project, &choir, Which::All).unwrap();
    assert_eq!(voices.len(), 1);
    let told = warnings[0].to_string();
    assert!(told.contains("Nobody is not sung") && told.contains("choose another"), "{told}");
}

#[test]
fn a_cloned_singer_is_sung_by_the_voice_that_they_were_cloned_for() {
    let clone = |voice: &str, generator: String, name: &str| {
        let consent = Consent::today("the test agrees".into());
        let card = SingerCard { name: name.into(), credits: "a test".into(), consent };
        let mut singer = ClonedSinger::new(card, vec![0.3; SINGER]);
        (singer.voice, singer.generator, singer.like) = (voice.into(), generator, "Yuki".into());
        singer
    };
    let print = generator_print(&models().join("ziyin")).unwrap();
    let voice = load("ziyin").config.name;
    let mut choir = Choir::open(&models(), &Device::flex()).unwrap();
    choir.add(clone(&voice, print.clone(), "Mei")).unwrap();
    let mut alone = load("ziyin");
    alone.add_singer(clone(&voice, print.clone(), "Mei")).unwrap();
    let mei = track(1, "Mei", "你好");
    alike(&sung(&choir, &mei), &sung(&alone, &mei));

    assert!(choir.add(clone(&voice, print.clone(), "Yuki")).is_err());
    assert!(choir.add(clone("no such voice", print, "Lin")).is_err());
    choir.add(clone(&voice, "of other weights".into(), "Lin")).unwrap();
    let error = choir.load(Some("Lin")).unwrap_err().to_string();
    assert!(error.contains("clone the recordings again"), "{error}");
}
