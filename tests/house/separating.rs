//! Vocals come out of a mix, as a user has it done.

use std::path::Path;

use crate::program::{said, sung_lead, ziyin};
use crate::takes::{noise, write};
use ziyin_interchange::Budget;
use ziyin_interchange::audio::read_audio;
use ziyin_score::Project;

/// Sample `i` at 44.1 kHz of a band: chords that are struck every half second, to either side, and a
/// hat between them.
fn band(i: usize, side: usize) -> f32 {
    let at = i as f32 / 44_100.0;
    let beat = at / 0.5;
    let root = [110.0, 87.3, 98.0, 130.8][(beat / 4.0) as usize % 4];
    let string = |ratio: f32, partial: f32| {
        let turn = std::f32::consts::TAU * (root * ratio * partial * at).fract();
        turn.sin() / partial * (-(2.0 + partial) * beat.fract()).exp()
    };
    let chord: f32 =
        [1.0, 1.26, 1.5, 2.0].iter().map(|ratio| (1..8).map(|p| string(*ratio, p as f32)).sum::<f32>()).sum();
    let hat = noise(i) * (-60.0 * (beat + 0.5).fract()).exp();
    chord * [0.08, 0.05][side] + hat * [0.03, 0.06][side]
}

/// The signal to distortion ratio that does not hear scale (Le Roux and others, 2019), in dB.
fn si_sdr(found: &[f32], truth: &[f32]) -> f64 {
    let dot = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(a, b)| f64::from(*a) * f64::from(*b)).sum::<f64>();
    let scale = dot(found, truth) / dot(truth, truth);
    let off: f64 =
        found.iter().zip(truth).map(|(a, b)| (f64::from(*a) - scale * f64::from(*b)).powi(2)).sum();
    10.0 * (scale * scale * dot(truth, truth) / off).log10()
}

fn read(path: &Path) -> (u32, [Vec<f32>; 2]) {
    let audio = read_audio(path, &Budget::default()).unwrap();
    (audio.rate, audio.sides)
}

#[test]
fn a_singer_is_taken_out_of_a_mix_and_heard() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    let (song, stem) = sung_lead(here);
    let (rate, voice) = read(&stem);
    let spec = hound::WavSpec {
        channels: 2,
        sample_rate: rate,
        bits_per_sample: 32,
        sample_format: hound::SampleFormat::Float,
    };
    let mut mix = hound::WavWriter::create(here.join("mix.wav"), spec).unwrap();
    for (i, (left, right)) in voice[0].iter().zip(&voice[1]).enumerate() {
        mix.write_sample(left + band(i, 0)).unwrap();
        mix.write_sample(right + band(i, 1)).unwrap();
    }
    mix.finalize().unwrap();
    let done = ziyin(here, &["separate", "mix.wav", "--out", "parts"]);
    assert!(done.status.success(), "{}", said(&done));
    let (_, mix) = read(&here.join("mix.wav"));
    let (_, vocals) = read(&here.join("parts/mix-vocals.wav"));
    let (_, others) = read(&here.join("parts/mix-accompaniment.wav"));
    for side in 0..2 {
        let whole = vocals[side].iter().zip(&others[side]).map(|(a, b)| a + b);
        assert!(whole.zip(&mix[side]).all(|(a, b)| (a - b).abs() < 1e-5), "together they are the mix");
        let (before, after) = (si_sdr(&mix[side], &voice[side]), si_sdr(&vocals[side], &voice[side]));
        println!("{before:.1} dB in the mix, {after:.1} dB separated");
        assert!(after > before + 8.0, "{before} dB in the mix, {after} dB separated");
    }
    let again = ziyin(here, &["separate", "mix.wav", "--out", "parts"]);
    assert!(again.status.code() == Some(1) && said(&again).contains("--force"), "{}", said(&again));

    let arguments =
        ["listen", "mix.wav", "--mix", "-o", "heard.ziyin", "--accompaniment", "rest.wav", "--tempo", "100"];
    let heard = ziyin(here, &arguments);
    assert!(heard.status.success(), "{}", said(&heard));
    let found = Project::load(&here.join("heard.ziyin")).unwrap();
    assert_eq!(found.backings[0].path, "rest.wav");
    assert_eq!(read(&here.join("rest.wav")), read(&here.join("parts/mix-accompaniment.wav")));
    let lead = found.backings[0].offset_us as f64 * 1e-6;
    let notes = &found.tracks[0].notes;
    let right = |note: &&ziyin_score::Note| {
        let at = song.tempo.seconds(note.onset);
        let near = |onset| (found.tempo.seconds(onset) - lead - at).abs() < 0.1;
        notes.iter().any(|other| other.pitch == note.pitch && near(other.onset))
    };
    let (count, of) = (song.tracks[0].notes.iter().filter(right).count(), song.tracks[0].notes.len());
    assert!(count * 10 >= of * 8, "{count} of {of} notes");
}

#[test]
fn what_cannot_be_separated_is_told_in_one_sentence() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    write(&here.join("silence.wav"), 44_100, (0..88_200).map(|_| 0.0));
    write(&here.join("empty.wav"), 44_100, std::iter::empty());
    std::fs::write(here.join("text.wav"), "no sound at all").unwrap();
    for name in ["silence.wav", "empty.wav", "text.wav", "missing.wav"] {
        let failed = ziyin(here, &["separate", name, "--out", "parts"]);
        let told = said(&failed);
        assert_eq!((failed.status.code(), told.lines().count()), (Some(1), 1), "{name}: {told}");
        assert!(told.contains(name) && failed.stdout.is_empty() && !here.join("parts").exists(), "{told}");
    }
    // A band without a singer holds no song.
    write(&here.join("band.wav"), 44_100, (0..220_500).map(|i| band(i, 0)));
    let failed =
        ziyin(here, &["listen", "band.wav", "--mix", "-o", "song.ziyin", "--accompaniment", "rest.wav"]);
    let told = said(&failed);
    assert!(failed.status.code() == Some(1) && told.lines().count() == 1, "{told}");
    assert!(told.contains("band.wav") && !here.join("song.ziyin").exists(), "{told}");
    assert!(!here.join("rest.wav").exists(), "nothing is left behind");
}
