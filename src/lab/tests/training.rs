//! `ziyin-lab train` as a user calls it, on one device and another.

use std::path::Path;
use std::process::Command;

/// A second of a sawtooth between two stretches of hiss.
fn hum(path: &Path, hz: f32) {
    let spec = hound::WavSpec {
        channels: 1,
        sample_rate: 44_100,
        bits_per_sample: 16,
        sample_format: hound::SampleFormat::Int,
    };
    let mut writer = hound::WavWriter::create(path, spec).unwrap();
    let mut noise = 1u32;
    for i in 0..66_150 {
        let seconds = i as f32 / 44_100.0;
        noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let hiss = (noise >> 16) as f32 / 65_536.0 - 0.5;
        let voice = if (0.3..1.2).contains(&seconds) { (seconds * hz).fract() - 0.5 } else { 0.0 };
        writer.write_sample((voice * 12_000.0 + hiss * 4.0) as i16).unwrap();
    }
    writer.finalize().unwrap();
}

/// A curve of a run, one value for each epoch.
fn curve(run: &Path, name: &str) -> Vec<f64> {
    let progress = std::fs::read(run.join("progress.json")).unwrap();
    let progress: serde_json::Value = serde_json::from_slice(&progress).unwrap();
    let curves = progress["curves"].as_array().unwrap();
    let curve = curves.iter().find(|curve| curve[0] == name).unwrap();
    curve[1].as_array().unwrap().iter().map(|value| value.as_f64().unwrap()).collect()
}

/// The loss of a tiny run, and what the command said.
fn trained(folder: &Path, run: &str, options: &[&str]) -> (Vec<f64>, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ziyin-lab"));
    command.current_dir(folder).args([
        "train",
        "--corpus",
        "Tan",
        "--name",
        "tiny",
        "--run",
        run,
        "--out",
        &format!("{run}-voice"),
    ]);
    command.args(["--channels", "8", "--batch", "3"]).args(options);
    if !options.contains(&"--epochs") {
        command.args(["--epochs", "2"]);
    }
    let done = command.output().unwrap();
    let said = String::from_utf8_lossy(&done.stderr).into_owned();
    assert!(done.status.success(), "{said}");
    assert!(folder.join(format!("{run}-voice/generator.safetensors")).is_file());
    (curve(&folder.join(run), "loss"), said)
}

fn hums(folder: &Path) {
    std::fs::create_dir(folder.join("Tan")).unwrap();
    for (i, name) in ["a1", "a4", "e1", "wu3", "yi1", "wo4"].iter().enumerate() {
        hum(&folder.join(format!("Tan/{name}.wav")), 180.0 + 20.0 * i as f32);
    }
}

#[test]
fn a_run_begins_from_a_voice_as_it_was_saved() {
    let root = tempfile::tempdir().unwrap();
    let folder = root.path();
    hums(folder);
    let few = ["--device", "cpu"];
    let (first, _) = trained(folder, "first", &few);
    let voice = folder.join("first-voice");
    assert!(voice.join("take-encoder.safetensors").is_file() && first[1] < first[0]);
    let go_on = [&few[..], &["--begin-from", "first-voice", "--seed", "2"]].concat();
    let (second, _) = trained(folder, "second", &go_on);
    // Six takes, and half of them heard in changed voices: only the beginning is certain.
    assert!(second[0] < 0.5 * (first[0] + first[1]), "{first:?} {second:?}");
}

#[test]
fn the_same_is_learned_on_the_cpu_in_parts_and_on_a_gpu() {
    let root = tempfile::tempdir().unwrap();
    let folder = root.path();
    hums(folder);
    let (whole, said) = trained(folder, "whole", &["--critic", "--device", "cpu"]);
    assert!(said.contains("training on CPU\n"), "{said}");
    let (parts, said) = trained(folder, "parts", &["--critic", "--device", "cpu", "--devices", "2"]);
    assert!(said.contains("training on CPU, 2 parts"), "{said}");
    assert!(whole[1] < whole[0]);
    let critics = ["whole", "parts"].map(|run| curve(&folder.join(run), "opponent"));
    for (one, other) in whole.iter().zip(&parts).chain(critics[0].iter().zip(&critics[1])) {
        assert!((one - other).abs() < 1e-4 * one, "{whole:?} {parts:?} {critics:?}");
    }
    // Each kernel more is built anew on a GPU in software, for seconds each: the generator and
    // the take encoder are enough, and one epoch, whose second step has learned from the first.
    let few = |device| {
        ["--without", "singer-encoder", "--without", "cepstrum", "--epochs", "1", "--device", device]
    };
    let (cpu, _) = trained(folder, "cpu", &few("cpu"));
    let (gpu, said) = trained(folder, "gpu", &few("gpu"));
    assert!(said.contains("GPU"), "{said}");
    for (one, other) in cpu.iter().zip(&gpu) {
        assert!((one - other).abs() < 2e-3 * one, "{cpu:?} {gpu:?}");
    }
}
