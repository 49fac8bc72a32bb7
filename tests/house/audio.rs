//! Backing audio: files of every kind that is read, and how they are played.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use ziyin_interchange::Budget;
use ziyin_interchange::audio::{AudioError, read_audio};
use ziyin_playback::RATE;
use ziyin_score::{Backing, BackingCommand, Command, Project};
use ziyin_singing::backing::BackingTrack;
use ziyin_studio::engine::{BackingStatus, Engine};

/// A second of two sines at 48 kHz: 440 Hz at 0.49 on the left, 660 Hz at 0.24 on the right.
fn tone(extension: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/house/audio/tone").with_extension(extension)
}

fn write_wav(path: &Path) {
    let spec = hound::WavSpec {
        channels: 2,
        sample_rate: 48_000,
        bits_per_sample: 24,
        sample_format: hound::SampleFormat::Int,
    };
    let mut wav = hound::WavWriter::create(path, spec).unwrap();
    for i in 0..48_000 {
        let sine = |hz: f64| (std::f64::consts::TAU * hz * f64::from(i) / 48_000.0).sin();
        for sample in [0.488 * sine(440.0), 0.244 * sine(660.0)] {
            wav.write_sample((sample * 8_388_607.0) as i32).unwrap();
        }
    }
    wav.finalize().unwrap();
}

fn write_opus(path: &Path) {
    use opus_pure::{Application, MAX_PACKET_BYTES, OggOpusWriter, OpusEncoder, OpusHead};

    let mut encoder = OpusEncoder::new(48_000, 2, Application::Audio).unwrap();
    encoder.bitrate_bps = 128_000;
    let head = OpusHead::for_encoder(&encoder, 48_000);
    let mut opus = OggOpusWriter::new(std::fs::File::create(path).unwrap(), head).unwrap();
    let sine = |hz: f64, i: usize| (std::f64::consts::TAU * hz * i as f64 / 48_000.0).sin();
    let frame = |i: usize| [(0.476 * sine(440.0, i)) as f32, (0.238 * sine(660.0, i)) as f32];
    // A frame more than a second: the encoder keeps the last of it.
    let tone: Vec<f32> = (0..48_960).flat_map(frame).collect();
    let mut packet = vec![0; MAX_PACKET_BYTES];
    for block in tone.chunks_exact(960 * 2) {
        let length = encoder.encode(block, 960, &mut packet).unwrap();
        opus.write_packet(&packet[..length]).unwrap();
    }
    opus.finish().unwrap();
}

/// How much of a sine is in some samples, as its amplitude.
fn amplitude(samples: &[f32], hz: f64, rate: f64) -> f64 {
    let (mut re, mut im) = (0.0, 0.0);
    for (i, &sample) in samples.iter().enumerate() {
        let turn = std::f64::consts::TAU * hz * i as f64 / rate;
        re += f64::from(sample) * turn.cos();
        im += f64::from(sample) * turn.sin();
    }
    2.0 * re.hypot(im) / samples.len() as f64
}

#[test]
fn every_kind_of_file_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let wav = folder.path().join("tone.wav");
    write_wav(&wav);
    // What is in a file counts, not its name.
    let misnamed = folder.path().join("tone.mp3");
    std::fs::copy(tone("flac"), &misnamed).unwrap();
    let opus = folder.path().join("tone.opus");
    write_opus(&opus);
    for path in [wav, opus, tone("flac"), tone("mp3"), tone("ogg"), misnamed] {
        let audio = read_audio(&path, &Budget::default()).unwrap();
        assert_eq!((audio.rate, audio.damaged), (48_000, 0), "{path:?}");
        let [left, right] = &audio.sides;
        assert!((48_000..50_400).contains(&left.len()), "{path:?}: {} frames", left.len());
        let middle = 12_000..36_000;
        let (a, e) =
            (amplitude(&left[middle.clone()], 440.0, 48_000.0), amplitude(&right[middle], 660.0, 48_000.0));
        // The MP3 was made a little quieter, as its encoder does.
        assert!((a - 0.476).abs() < 0.02 && (e - 0.238).abs() < 0.012, "{path:?}: {a} {e}");
    }
}

#[test]
fn what_cannot_be_read_says_why() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, bytes: &[u8]| {
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        path
    };
    let whole = std::fs::read(tone("flac")).unwrap();
    assert!(matches!(
        read_audio(&folder.path().join("none.wav"), &Budget::default()),
        Err(AudioError::Io(_))
    ));
    assert!(read_audio(folder.path(), &Budget::default()).is_err());
    for (name, bytes) in
        [("text.mp3", &b"this is no audio"[..]), ("empty.wav", &[]), ("head.flac", &whole[..60])]
    {
        let error = read_audio(&file(name, bytes), &Budget::default()).unwrap_err();
        assert!(!error.to_string().is_empty(), "{name}: {error}");
    }
    // One that is whole, and more than the decoder takes.
    let error = read_audio(&tone("flac").with_file_name("deep.flac"), &Budget::default()).unwrap_err();
    assert!(matches!(&error, AudioError::Unsupported(why) if why.contains("32 bits")), "{error}");
    // A file that was cut off is good up to there.
    let half = read_audio(&file("half.flac", &whole[..whole.len() / 2]), &Budget::default()).unwrap();
    assert!(half.sides[0].len() > 10_000 && half.damaged > 0);
}

#[test]
fn a_backing_track_is_played_in_time() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::copy(tone("flac"), folder.path().join("tone.flac")).unwrap();
    let mut engine =
        Engine::start(Box::new(|| Err("no voice".into())), super::null_sink::nowhere(), Arc::new(|| ()));
    let mut project = Project::default();
    let backing = Backing { gain_db: -6.0, offset_us: 250_000, ..Backing::new("tone.flac") };
    let mut change = |engine: &mut Engine, revision: u64, command: BackingCommand| {
        Command::Backing(command).apply(&mut project).unwrap();
        engine.follow(&project, revision, Some(folder.path()));
        for _ in 0..6000 {
            engine.tick();
            if engine.backing_status(0) != BackingStatus::Decoding {
                break;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        (engine.mix(), project.clone())
    };
    let (mix, project) =
        change(&mut engine, 1, BackingCommand::Insert { index: 0, backing: backing.clone() });
    assert_eq!(engine.backing_status(0), BackingStatus::Ready { seconds: 1.0 });
    assert_eq!(mix.end(), u64::from(RATE) * 5 / 4);
    let heard = mix.read(0, 2 * RATE as usize);
    let side = |side: usize, from: usize, to: usize| {
        heard[from..to].iter().map(|frame| frame[side]).collect::<Vec<f32>>()
    };
    assert!(side(0, 0, 10_900).iter().all(|&sample| sample == 0.0));
    let left = amplitude(&side(0, 22_050, 44_100), 440.0, f64::from(RATE));
    let right = amplitude(&side(1, 22_050, 44_100), 660.0, f64::from(RATE));
    assert!((left - 0.2445).abs() < 0.004 && (right - 0.1222).abs() < 0.004, "{left} {right}");
    // The sine begins where the file does: its first quarter turn is up.
    assert!(heard[11_025 + 25][0] > 0.2);

    let tempo = &project.tempo;
    let wave = engine.backing_waveform(0, 0.0..tempo.tick_between(2.0), 100);
    let at = |seconds: f64| {
        wave.iter().rev().find(|(tick, _)| *tick <= tempo.tick_between(seconds)).map_or(0.0, |point| point.1)
    };
    assert!(at(0.2) < 0.01 && (at(0.7) - 0.49).abs() < 0.02 && wave.len() <= 110, "{wave:?}");

    // An offset below 0 takes the beginning away; a mute is heard at once.
    let early = Backing { offset_us: -750_000, ..backing.clone() };
    let (mix, _) = change(&mut engine, 2, BackingCommand::Change { index: 0, backing: early });
    assert_eq!(mix.end(), u64::from(RATE) / 4);
    // On the way to the left the right side fades and the left one stays as loud.
    let placed = Backing { pan: -0.5, ..backing.clone() };
    let (mix, _) = change(&mut engine, 3, BackingCommand::Change { index: 0, backing: placed.clone() });
    let weighed = mix.read(0, 2 * RATE as usize);
    let gains = BackingTrack::new(&placed, Arc::default()).gains;
    // A quarter of a right angle from the side, and √2 of it.
    assert!((gains[1] / gains[0] - 0.541_196).abs() < 1e-5, "{gains:?}");
    for (whole, weighed) in heard.iter().zip(&weighed) {
        assert_eq!(whole[0], weighed[0]);
        assert!((whole[1] * gains[1] / gains[0] - weighed[1]).abs() < 1e-6);
    }
    let muted = Backing { mute: true, ..backing };
    let (mix, _) = change(&mut engine, 4, BackingCommand::Change { index: 0, backing: muted });
    assert!(mix.read(20_000, 1000).iter().all(|frame| *frame == [0.0; 2]));
    let (_, _) =
        change(&mut engine, 5, BackingCommand::Change { index: 0, backing: Backing::new("gone.ogg") });
    let BackingStatus::Failed(why) = engine.backing_status(0) else { panic!("a file that is not there") };
    assert!(why.contains("gone.ogg"), "{why}");
}
