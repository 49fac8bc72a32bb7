//! Cloning as a user does it: a tiny voice is trained, and a singer is cloned for it.

use std::f32::consts::TAU;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use serde_json::Value;

use crate::cases;
use crate::program::{said, ziyin};
use crate::takes::{noise, write};

fn bank() -> PathBuf {
    cases::folder("voicebank/kumi")
}

/// A voice of a narrow generator, trained for a moment. Its folder stays for all tests.
fn voice() -> &'static Path {
    static FOLDER: OnceLock<tempfile::TempDir> = OnceLock::new();
    let folder = FOLDER.get_or_init(|| {
        let folder = tempfile::tempdir().unwrap();
        let bank = bank();
        let trained = ziyin(
            folder.path(),
            &[
                "train",
                "--corpus",
                bank.to_str().unwrap(),
                "--name",
                "Tiny",
                "--singer",
                "Kumi: Cubialpha",
                "--out",
                "models/tiny",
                "--run",
                "run",
                "--cache",
                "frames",
                "--epochs",
                "12",
                "--channels",
                "32",
                "--batch",
                "16",
            ],
        );
        assert_eq!(trained.status.code(), Some(0), "{}", said(&trained));
        folder
    });
    folder.path()
}

#[test]
#[cfg_attr(not(world_cases), ignore = "needs the files that ZIYIN_CASES names")]
fn training_with_the_encoder_learns() {
    let folder = voice();
    let progress: Value =
        serde_json::from_slice(&std::fs::read(folder.join("run/progress.json")).unwrap()).unwrap();
    let curves = progress["curves"].as_array().unwrap();
    let loss = curves.iter().find(|curve| curve[0] == "envelope").unwrap()[1].as_array().unwrap();
    let mean = |part: &[Value]| part.iter().map(|x| x.as_f64().unwrap()).sum::<f64>() / part.len() as f64;
    assert!(mean(&loss[9..]) < 0.9 * mean(&loss[..3]), "{loss:?}");
    assert!(folder.join("models/tiny/singer-encoder.safetensors").is_file());
}

#[test]
#[cfg_attr(not(world_cases), ignore = "needs the files that ZIYIN_CASES names")]
fn a_singer_is_cloned_installed_and_sings() {
    let (folder, bank) = (voice(), bank());
    let home = tempfile::tempdir().unwrap();
    let models = folder.join("models");
    let tiny = models.join("tiny");
    let clone = |more: &[&str]| {
        let (bank, tiny) = (bank.join("A3"), tiny.clone());
        let given = ["clone", bank.to_str().unwrap(), "--name", "Nina", "--voice", tiny.to_str().unwrap()];
        ziyin(home.path(), &[&given, more].concat())
    };
    // Nobody is cloned unasked.
    let refused = clone(&[]);
    assert_eq!(refused.status.code(), Some(2));
    assert!(said(&refused).contains("consent"), "{}", said(&refused));
    assert!(!home.path().join("singers").exists());

    let cloned = clone(&["--consent", "I am Nina, and I agree.", "--refine"]);
    assert_eq!(cloned.status.code(), Some(0), "{}", said(&cloned));
    let file = home.path().join("singers/Nina.singer");
    let singer: Value = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
    assert_eq!(singer["consent"]["text"], "I am Nina, and I agree.");
    assert_eq!(singer["like"], "Kumi");
    // The recordings are sung on A3.
    let range: Vec<u64> = singer["range"].as_array().unwrap().iter().map(|x| x.as_u64().unwrap()).collect();
    assert!(range[0] < 57 && range[1] > 57 && range[1] - range[0] < 24, "{range:?}");
    assert_eq!(clone(&["--consent", "yes"]).status.code(), Some(1), "overwritten unasked");

    let listed = ziyin(home.path(), &["singers", "--models", models.to_str().unwrap(), "--json"]);
    let listed: Value = serde_json::from_slice(&listed.stdout).unwrap();
    assert_eq!(listed[1]["name"], "Nina");

    let song = concat!(env!("CARGO_MANIFEST_DIR"), "/assets/molihua.mid");
    let mut sung = Vec::new();
    for singer in ["Kumi", "Nina", file.to_str().unwrap()] {
        let out = home.path().join(format!("out{}", sung.len()));
        let given = ["sing", song, "--singer", singer, "--models", models.to_str().unwrap(), "--out"];
        let done =
            ziyin(home.path(), &[&given[..], &[out.to_str().unwrap(), "--device", "cpu", "--json"]].concat());
        assert_eq!(done.status.code(), Some(0), "{}", said(&done));
        let report: Value = serde_json::from_slice(&done.stdout).unwrap();
        sung.push(std::fs::read(report["files"][0]["path"].as_str().unwrap()).unwrap());
    }
    assert!(sung[0] != sung[1], "the clone sings as the singer that it is like");
    assert!(sung[1] == sung[2], "by name and by file");

    // For other weights the singer means nothing.
    let mut other = singer.clone();
    other["generator"] = "0".into();
    std::fs::write(home.path().join("other.singer"), other.to_string()).unwrap();
    let given = ["sing", song, "--singer", "other.singer", "--models", models.to_str().unwrap()];
    let refused = ziyin(home.path(), &given);
    assert_eq!(refused.status.code(), Some(1));
    assert!(said(&refused).contains("other weights"), "{}", said(&refused));
}

#[test]
#[cfg_attr(not(world_cases), ignore = "needs the files that ZIYIN_CASES names")]
fn a_singer_is_cloned_by_the_words_of_the_recordings() {
    let (folder, bank) = (voice(), bank().join("A3"));
    let home = tempfile::tempdir().unwrap();
    let tiny = folder.join("models/tiny");
    // `_ba_ba.wav` holds *ba* twice; a folder is read in the order of its names.
    let mut names: Vec<String> = std::fs::read_dir(&bank)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter_map(|name| Some(name.strip_suffix(".wav")?.replace('_', " ")))
        .collect();
    names.sort();
    std::fs::write(home.path().join("words.txt"), names.join("\n")).unwrap();
    let clone = |text: &str| {
        let given = ["clone", bank.to_str().unwrap(), "--name", "Nina", "--consent", "yes", "-o", "n.singer"];
        ziyin(home.path(), &[&given[..], &["--voice", tiny.to_str().unwrap(), "--text", text]].concat())
    };
    for (text, reason) in [
        ("ba ba", "it has 1"),
        ("?!", "nothing to sing"),
        (&names[1..].join("\n"), &*format!("it has {}", names.len() - 1)),
    ] {
        let refused = clone(text);
        assert_eq!(refused.status.code(), Some(1), "{text}");
        assert!(said(&refused).contains(reason), "{text}: {}", said(&refused));
        assert!(!home.path().join("n.singer").exists());
    }
    let cloned = clone("words.txt");
    assert_eq!(cloned.status.code(), Some(0), "{}", said(&cloned));
    let told = said(&cloned);
    let found = told.lines().find_map(|line| line.split_once(" of 24 characters were found")?.0.parse().ok());
    assert!(found.is_some_and(|found: usize| found >= 18), "{told}");
    assert!(told.contains("refined:") || told.contains("is not taken"), "{told}");
    let singer: Value =
        serde_json::from_slice(&std::fs::read(home.path().join("n.singer")).unwrap()).unwrap();
    if told.contains("refined:") {
        let layers = singer["adapter"]["layers"].as_array().unwrap();
        // Six layers of 32 channels, each with a scale and a shift.
        assert_eq!(layers.len(), 6 * 2 * 32);
    }
}

#[test]
#[cfg_attr(not(world_cases), ignore = "needs the files that ZIYIN_CASES names")]
fn a_voice_without_an_encoder_is_cloned_for_by_refinement_alone() {
    let (folder, bank) = (voice(), bank());
    let home = tempfile::tempdir().unwrap();
    let deaf = home.path().join("deaf");
    std::fs::create_dir(&deaf).unwrap();
    for file in ["generator.safetensors", "duration.safetensors", "exemplars.json"] {
        std::fs::copy(folder.join("models/tiny").join(file), deaf.join(file)).unwrap();
    }
    let mut card: Value =
        serde_json::from_slice(&std::fs::read(folder.join("models/tiny/voice.json")).unwrap()).unwrap();
    card["singer_encoder"] = Value::Null;
    std::fs::write(deaf.join("voice.json"), card.to_string()).unwrap();
    let clone = |more: &[&str]| {
        let bank = bank.join("A3");
        let given = ["clone", bank.to_str().unwrap(), "--name", "Nina", "--consent", "yes", "-o", "n.singer"];
        ziyin(home.path(), &[&given[..], &["--voice", "deaf"], more].concat())
    };
    let refused = clone(&[]);
    assert_eq!(refused.status.code(), Some(1));
    assert!(said(&refused).contains("--refine"), "{}", said(&refused));
    let cloned = clone(&["--refine"]);
    assert_eq!(cloned.status.code(), Some(0), "{}", said(&cloned));
    let singer: Value =
        serde_json::from_slice(&std::fs::read(home.path().join("n.singer")).unwrap()).unwrap();
    assert!(singer["adapter"].is_object());
}

#[test]
#[cfg_attr(not(world_cases), ignore = "needs the files that ZIYIN_CASES names")]
fn what_holds_no_voice_is_refused_with_the_reason() {
    let folder = voice();
    let home = tempfile::tempdir().unwrap();
    let tiny = folder.join("models/tiny");
    let rate = 32_000;
    let time = |i: usize| i as f32 / rate as f32;
    let saw =
        |hz: f32, i: usize| (1..20).map(|k| (TAU * hz * k as f32 * time(i)).sin() / k as f32).sum::<f32>();
    // A hit every quarter of a second: a low swoop and a burst of noise.
    let drum = |i: usize| {
        let since = time(i) % 0.25;
        let low = (TAU * (55.0 * since + 4.0 * (1.0 - (-30.0 * since).exp()))).sin() * (-18.0 * since).exp();
        0.5 * low + 0.3 * noise(i) * (-25.0 * since).exp()
    };
    type Sound<'a> = Box<dyn Fn(usize) -> f32 + 'a>;
    let sounds: [(&str, usize, Sound, &str); 6] = [
        ("silence", 4 * rate as usize, Box::new(|_| 0.0), "silent"),
        ("noise", 4 * rate as usize, Box::new(|i| 0.3 * noise(i)), "noise"),
        ("drums", 4 * rate as usize, Box::new(drum), "noise"),
        ("tone", 4 * rate as usize, Box::new(|i| 0.4 * (TAU * 330.0 * time(i)).sin()), "tone"),
        ("organ", 4 * rate as usize, Box::new(|i| 0.2 * saw(220.0, i)), "never moves"),
        ("short", rate as usize / 5, Box::new(|i| 0.2 * saw(220.0, i)), "s of voice"),
    ];
    for (name, count, sound, reason) in sounds {
        let wav = home.path().join(format!("{name}.wav"));
        write(&wav, rate, (0..count).map(sound));
        let given = ["clone", wav.to_str().unwrap(), "--name", "X", "--consent", "y", "-o", "x.singer"];
        let refused = ziyin(home.path(), &[&given[..], &["--voice", tiny.to_str().unwrap()]].concat());
        assert_eq!(refused.status.code(), Some(1), "{name}");
        assert!(said(&refused).contains(reason), "{name}: {}", said(&refused));
        assert!(!home.path().join("x.singer").exists());
    }
    std::fs::write(home.path().join("no.wav"), "no audio at all").unwrap();
    let given = ["clone", "no.wav", "--name", "X", "--consent", "y", "-o", "x.singer", "--voice"];
    let refused = ziyin(home.path(), &[&given[..], &[tiny.to_str().unwrap()]].concat());
    assert_eq!(refused.status.code(), Some(1));
    assert!(said(&refused).contains("no audio"), "{}", said(&refused));
}
