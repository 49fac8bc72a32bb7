//! A singer mixed of others, as the studio makes them, sung by each way that there is.

use std::path::Path;
use std::sync::Arc;

use burn::tensor::Device;
use ziyin_model::installed::{read_singer, singer_file};
use ziyin_model::{Share, VoiceModel};
use ziyin_score::{Note, NoteId, Notes, Project, Track, TrackId};
use ziyin_session::singer_files::{SingerChange, SingerFolder};
use ziyin_session::singers::Singer;
use ziyin_singing::choir::Choir;
use ziyin_singing::mix::pan_gains;

use crate::live::{LEAD, Listener};
use crate::program::{said, ziyin};

fn models() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("models")
}

fn shares(all: &[(&str, f32)]) -> Vec<Share> {
    all.iter().map(|&(name, weight)| Share { name: name.into(), weight }).collect()
}

fn song(singer: &str) -> Project {
    let mut track = Track::new(TrackId(1), "lead");
    track.singer = Some(singer.into());
    let notes = (1..).zip(["你", "好", "吗"]);
    let notes = notes.map(|(i, lyric)| Note::new(NoteId(i), 960 * i as i64, 960, 56 + 2 * i as u8, lyric));
    track.notes = Notes::new(notes.collect());
    Project { tracks: vec![track], ..Project::default() }
}

fn heard(choir: &Arc<Choir>, singer: &str) -> Vec<f32> {
    Listener::new(choir.clone()).sing(&song(singer)).remove(&LEAD).unwrap()
}

#[test]
fn a_mixture_is_sung_by_the_command_line_as_it_is_in_the_studio() {
    let home = tempfile::tempdir().unwrap();
    let folder = SingerFolder::of(home.path());
    let mixed = folder.mix("Lin", &shares(&[("Qinglan", 60.0), ("haruka", 20.0), ("Boran", 20.0)]));
    assert_eq!(mixed, Ok(SingerChange::Mixed("Lin".into())));
    assert!(folder.mix("lin", &shares(&[("Qinglan", 1.0), ("Haruka", 1.0)])).is_err(), "the name is taken");
    assert!(folder.mix("Mei", &shares(&[("Qinglan", 1.0), ("Nobody", 1.0)])).is_err());
    // A mixture can be mixed in its turn.
    folder.mix("Mei", &shares(&[("Lin", 1.0), ("Yuki", 3.0)])).unwrap();

    let all = Singer::all(&folder.singers);
    let lin = all.iter().find(|singer| singer.name == "Lin").unwrap();
    assert!(lin.can_sing() && all[0].name == "Qinglan");
    // 0.6 of 51 to 65, 0.2 of 52 to 65, 0.2 of 39 to 53.
    assert_eq!((lin.range, lin.languages.len()), ([49, 63], 2));
    assert_eq!(lin.own.as_ref().unwrap().mixed.iter().map(|share| share.weight).sum::<f32>(), 1.0);
    assert!(lin.credits.contains("Kokoro"));
    let listed = ziyin(home.path(), &["singers"]);
    assert!(String::from_utf8_lossy(&listed.stdout).contains("Lin"));

    song("Lin").save(&home.path().join("song.ziyin")).unwrap();
    let arguments = ["sing", "song.ziyin", "--out", "out", "--format", "f32", "--device", "cpu"];
    let sung = ziyin(home.path(), &arguments);
    assert!(sung.status.success(), "{}", said(&sung));
    let wav = hound::WavReader::open(home.path().join("out/lead.wav")).unwrap();
    // A voice in the middle is on both sides alike.
    let written: Vec<f32> = wav.into_samples::<f32>().step_by(2).map(Result::unwrap).collect();

    let mut choir = Choir::open(&models(), &Device::flex()).unwrap();
    for name in ["Lin", "Mei"] {
        choir.add(read_singer(&singer_file(&folder.singers, name)).unwrap()).unwrap();
    }
    let choir = Arc::new(choir);
    let live = heard(&choir, "Lin");
    assert!(live.iter().any(|sample| sample.abs() > 0.01));
    let length = live.len().min(written.len());
    let [side, _] = pan_gains(0.0);
    let apart = (0..length).find(|&i| written[i] != side * live[i]);
    assert!(apart.is_none(), "the file is not what is heard from sample {apart:?} on");
    let rest = written[length..].iter().chain(&live[length..]);
    assert!(rest.into_iter().all(|&sample| sample == 0.0));
    for other in ["Qinglan", "Haruka", "Boran", "Mei"] {
        assert!(heard(&choir, other) != live, "a mixture sings as {other}");
    }
}

#[test]
fn all_of_somebody_is_that_singer() {
    let home = tempfile::tempdir().unwrap();
    let folder = SingerFolder::of(home.path());
    // So little of the other changes no number.
    folder.mix("Qing", &shares(&[("Qinglan", 1.0), ("Haruka", 1e-20)])).unwrap();
    let singer = read_singer(&singer_file(&folder.singers, "Qing")).unwrap();
    let voice = VoiceModel::load(&models().join("ziyin"), &Device::flex()).unwrap();
    let of = |name: &str| voice.config.singers.iter().position(|singer| singer.name == name).unwrap();
    assert_eq!(singer.vector, voice.trained_singers().unwrap()[of("Qinglan")]);
    let mut choir = Choir::open(&models(), &Device::flex()).unwrap();
    choir.add(singer).unwrap();
    let choir = Arc::new(choir);
    assert!(heard(&choir, "Qing") == heard(&choir, "Qinglan"));
}
