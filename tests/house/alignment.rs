//! A speech corpus with transcripts alone: where each character lies is found by singing it.

use std::path::{Path, PathBuf};
use std::process::Command;

use burn::tensor::Device;
use ziyin_corpus::{Content, find_all_landmarks, open_corpus};
use ziyin_listening::alignment::{Spoken, align};
use ziyin_model::VoiceModel;

use super::singing::song;

const SENTENCES: [&[(&str, &str)]; 4] = [
    &[
        ("今", "jin1"),
        ("天", "tian1"),
        ("我", "wo3"),
        ("们", "men5"),
        ("去", "qu4"),
        ("公", "gong1"),
        ("园", "yuan2"),
    ],
    &[("他", "ta1"), ("说", "shuo1"), ("明", "ming2"), ("年", "nian2"), ("再", "zai4"), ("来", "lai2")],
    &[("请", "qing3"), ("把", "ba3"), ("窗", "chuang1"), ("户", "hu4"), ("打", "da3"), ("开", "kai1")],
    &[("这", "zhe4"), ("本", "ben3"), ("书", "shu1"), ("很", "hen3"), ("有", "you3"), ("趣", "qu4")],
];

/// Seconds from one beat to the next at the tempo that a song has.
const QUARTER: f64 = 0.5;

/// A corpus laid out as AISHELL-3, sung by the voice that ships at 48 kHz: each vowel stands
/// on its beat, so that the truth is known. Gives the beats of each sentence.
fn sung_corpus(folder: &Path) -> Vec<Vec<f64>> {
    let mut content = String::new();
    let mut beats = Vec::new();
    for (i, sentence) in SENTENCES.iter().enumerate() {
        let name = format!("SSB0005000{i}");
        // Syllables of uneven lengths, as in speech, some of them with a gap after.
        let (mut at, mut notes, mut of_sentence) = (1.0, Vec::new(), Vec::new());
        for (k, (hanzi, _)) in sentence.iter().enumerate() {
            let length = [0.6, 0.45, 0.8, 0.5][(k + i) % 4];
            notes.push((at, length, 57 + (k * 5 % 7) as u8, *hanzi));
            of_sentence.push(at * QUARTER);
            at += length + if k == 3 { 0.5 } else { 0.0 };
        }
        let path = folder.join(format!("{name}.ziyin"));
        song(&notes).save(&path).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_ziyin"));
        command.args(["sing", &path.to_string_lossy(), "--rate", "48000", "--device", "cpu", "--out"]);
        let done = command.arg(folder.join(&name)).output().unwrap();
        assert!(done.status.success(), "{done:?}");
        let wavs = folder.join("corpus/train/wav/SSB0005");
        std::fs::create_dir_all(&wavs).unwrap();
        std::fs::rename(folder.join(&name).join("lead.wav"), wavs.join(format!("{name}.wav"))).unwrap();
        let words: Vec<String> = sentence.iter().map(|(hanzi, pinyin)| format!("{hanzi} {pinyin}")).collect();
        content += &format!("{name}.wav\t{}\n", words.join(" "));
        beats.push(of_sentence);
    }
    std::fs::write(folder.join("corpus/train/content.txt"), content).unwrap();
    beats
}

#[test]
fn a_voice_learns_from_recordings_whose_text_alone_is_known() {
    let root = tempfile::tempdir().unwrap();
    let beats = sung_corpus(root.path());
    let folder = root.path().join("corpus");

    let corpus = open_corpus(&folder, root.path()).unwrap();
    let spoken: Vec<Spoken> = corpus
        .clips()
        .into_iter()
        .filter_map(|clip| match clip.content {
            Content::Text { syllables, .. } => Some(Spoken { audio: clip.audio, syllables }),
            _ => None,
        })
        .collect();
    let models = Path::new(env!("CARGO_MANIFEST_DIR")).join("models");
    let voice: Option<PathBuf> = std::fs::read_dir(models)
        .unwrap()
        .flatten()
        .map(|e| e.path())
        .find(|p| p.join("voice.json").is_file());
    let voice = voice.unwrap();
    let voice = VoiceModel::load(&voice, &Device::flex()).unwrap();
    let found = align(&voice, &spoken, &|| ()).unwrap();
    let (mut off, mut refused, mut all) = (Vec::new(), 0, 0);
    for ((clip, found), beats) in spoken.iter().zip(found).zip(&beats) {
        all += beats.len();
        let (tokens, beats): (Vec<_>, Vec<f64>) =
            found.into_iter().zip(beats).filter_map(|(token, beat)| Some((token.ok()?, *beat))).unzip();
        refused += clip.syllables.len() - tokens.len();
        let (_, settled) = find_all_landmarks(&clip.audio, &tokens).unwrap();
        for (settled, beat) in settled.into_iter().zip(beats) {
            match settled {
                Ok(place) => off.push((place.vowel - beat).abs()),
                Err(_) => refused += 1,
            }
        }
    }
    off.sort_by(f64::total_cmp);
    println!("{refused} of {all} refused, off by {off:?}");
    assert!(refused * 4 < all, "{refused} of {all} refused");
    assert!(off[off.len() / 2] < 0.02 && off[off.len() * 9 / 10] < 0.06, "{off:?}");

    let mut command = Command::new(env!("CARGO_BIN_EXE_ziyin"));
    command.args(["train", "--corpus", "corpus", "--name", "tiny", "--run", "run", "--out", "voice"]);
    command.args([
        "--cache",
        "frames",
        "--device",
        "cpu",
        "--channels",
        "8",
        "--batch",
        "8",
        "--epochs",
        "1",
    ]);
    let done = command.current_dir(root.path()).output().unwrap();
    let said = String::from_utf8_lossy(&done.stderr);
    assert!(done.status.success(), "{said}");
    assert!(said.contains("SSB0005: 4 recordings aligned by"), "{said}");
    assert!(root.path().join("voice/generator.safetensors").is_file());
}
