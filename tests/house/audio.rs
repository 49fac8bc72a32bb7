//! Backing audio: files of every kind that is read, and how they are played.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use ziyin_message::Message;

use ziyin_interchange::Budget;
use ziyin_interchange::audio::{AudioError, read_audio};
use ziyin_playback::RATE;
use ziyin_score::{Backing, BackingCommand, Command, Project};
use ziyin_session::engine::{BackingStatus, Engine};
use ziyin_session::recording::read_recording;
use ziyin_singing::backing::{BackingTrack, heard_backings};

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
    assert!(matches!(&error, AudioError::Unsupported(why) if why.to_string().contains("32 bits")), "{error}");
    // A file that was cut off is good up to there.
    let half = read_audio(&file("half.flac", &whole[..whole.len() / 2]), &Budget::default()).unwrap();
    assert!(half.sides[0].len() > 10_000 && half.damaged > 0);
}

#[test]
fn a_backing_track_is_played_in_time() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::copy(tone("flac"), folder.path().join("tone.flac")).unwrap();
    let mut engine = Engine::start(
        Box::new(|| Err(Message::foreign("no voice"))),
        super::null_sink::nowhere(),
        Arc::new(|| ()),
    );
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
    let gains = BackingTrack::new(&placed, Arc::default(), 0.0).gains;
    // A quarter of a right angle from the side, and √2 of it.
    assert!((gains[1] / gains[0] - 0.541_196).abs() < 1e-5, "{gains:?}");
    for (whole, weighed) in heard.iter().zip(&weighed) {
        assert_eq!(whole[0], weighed[0]);
        assert!((whole[1] * gains[1] / gains[0] - weighed[1]).abs() < 1e-6);
    }
    // What is cut, faded and turned down is played to the last bit as it is written.
    let cut = Backing { trim_us: [100_000, 200_000], fade_us: [50_000, 300_000], ..placed };
    let (mix, project) = change(&mut engine, 4, BackingCommand::Change { index: 0, backing: cut });
    assert_eq!(mix.end(), u64::from(RATE) * 21 / 20);
    let (written, failed) = heard_backings(&project, Some(folder.path()), |path| {
        Ok(read_recording(path, &Budget::default())?.samples)
    });
    assert!(failed.is_empty());
    let [left, right] = written[0].read(0, 2 * RATE as usize);
    let played = mix.read(0, 2 * RATE as usize);
    for (frame, (left, right)) in played.iter().zip(left.iter().zip(&right)) {
        assert_eq!(*frame, [left * written[0].gains[0], right * written[0].gains[1]]);
    }
    let wave = engine.backing_waveform(0, 0.0..tempo.tick_between(2.0), 100);
    let seen =
        |seconds: f64| wave.iter().any(|(tick, _)| (tempo.seconds_between(*tick) - seconds).abs() < 0.03);
    assert!(seen(0.4) && seen(1.0) && !seen(0.3) && !seen(1.1), "{wave:?}");
    let alone = Backing { solo: true, ..backing.clone() };
    let (mix, project) = change(&mut engine, 5, BackingCommand::Change { index: 0, backing: alone });
    assert!(project.has_solo() && mix.read(20_000, 1000).iter().any(|frame| *frame != [0.0; 2]));
    let muted = Backing { mute: true, ..backing };
    let (mix, _) = change(&mut engine, 6, BackingCommand::Change { index: 0, backing: muted });
    assert!(mix.read(20_000, 1000).iter().all(|frame| *frame == [0.0; 2]));
    let (_, _) =
        change(&mut engine, 7, BackingCommand::Change { index: 0, backing: Backing::new("gone.ogg") });
    let BackingStatus::Failed(why) = engine.backing_status(0) else { panic!("a file that is not there") };
    assert!(why.to_string().contains("gone.ogg"), "{why}");
}

/// A WAV of one chunk of format, others, and the sound, with what its sizes say.
fn wav(channels: u16, bits: u16, frame: u16, before: &[u8], sizes: [u32; 2], sound: &[u8]) -> Vec<u8> {
    let mut bytes = b"RIFF".to_vec();
    bytes.extend(sizes[0].to_le_bytes());
    bytes.extend(b"WAVEfmt \x10\0\0\0\x01\0");
    bytes.extend(channels.to_le_bytes());
    bytes.extend(8000u32.to_le_bytes());
    bytes.extend((8000 * u32::from(frame)).to_le_bytes());
    bytes.extend(frame.to_le_bytes());
    bytes.extend(bits.to_le_bytes());
    bytes.extend(before);
    bytes.extend(b"data");
    bytes.extend(sizes[1].to_le_bytes());
    bytes.extend(sound);
    bytes
}

#[test]
fn a_header_does_not_stop_the_sound() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.wav");
    let read = |bytes: &[u8]| {
        std::fs::write(&path, bytes).unwrap();
        read_audio(&path, &Budget::default()).unwrap()
    };
    let samples: Vec<i16> = (0..800).map(|i| (i % 80 - 40) * 300).collect();
    let sound: Vec<u8> = samples.iter().flat_map(|sample| sample.to_le_bytes()).collect();
    let right = read(&wav(1, 16, 2, b"", [36 + 1600, 1600], &sound));
    assert_eq!(right.sides[0].len(), 800);
    let odd = b"note\x05\0\0\0hello";
    let padded = b"note\x05\0\0\0hello\0";
    for (before, sizes) in [
        (&b""[..], [0, 0]),
        (b"", [u32::MAX, u32::MAX]),
        (b"", [1600, 1600]),
        (b"", [36 + 1600, 3200]),
        (b"", [36 + 1600, 10]),
        (odd, [49 + 1600, 1600]),
        (padded, [50 + 1600, 1600]),
        (b"junk\xff\xff\xff\x7f", [0, 1600]),
    ] {
        assert!(read(&wav(1, 16, 2, before, sizes, &sound)) == right, "{before:?} {sizes:?}");
    }
    // What stands behind the sound is not heard.
    let behind = [wav(1, 16, 2, b"", [0, 1600], &sound), b"LIST\x04\0\0\0abcd".to_vec()].concat();
    assert!(read(&behind) == right);
    // 24 bits in four bytes, at their lower end and at their upper.
    for (shift, finest) in [(8, 1), (16, 0)] {
        let wide = samples.iter().flat_map(|&x| ((i32::from(x) << shift) + finest).to_le_bytes());
        let audio = read(&wav(1, 24, 4, b"", [36 + 3200, 3200], &wide.collect::<Vec<u8>>()));
        let mut pairs = audio.sides[0].iter().zip(&right.sides[0]);
        assert!(audio.sides[0].len() == 800 && pairs.all(|(a, b)| (a - b).abs() < 1e-5), "{shift}");
    }
}

#[test]
fn more_than_two_channels_are_mixed_down() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.wav");
    // Of six channels one sounds after the other: left, right, centre, subwoofer, behind.
    let frames = (0..6usize).flat_map(|sounds| (0..6).map(move |i| if i == sounds { 10_000i16 } else { 0 }));
    let sound: Vec<u8> = frames.flat_map(i16::to_le_bytes).collect();
    std::fs::write(&path, wav(6, 16, 12, b"", [36 + 72, 72], &sound)).unwrap();
    let audio = read_audio(&path, &Budget::default()).unwrap();
    let full = 10_000.0 / 32_768.0;
    let softer = full * std::f32::consts::FRAC_1_SQRT_2;
    for (side, expected) in
        audio.sides.iter().zip([[full, 0.0, softer, 0.0, softer, 0.0], [0.0, full, softer, 0.0, 0.0, softer]])
    {
        assert!(side.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-3), "{side:?}");
    }
}

#[test]
fn what_stands_beside_the_sound_of_a_flac_does_not_stop_it() {
    let whole = std::fs::read(tone("flac")).unwrap();
    let expected = read_audio(&tone("flac"), &Budget::default()).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.flac");
    // A cue sheet and a picture that are none, between the description of the stream and the rest.
    let block = |kind: u8, size: u32| {
        let mut block = vec![kind];
        block.extend(&size.to_be_bytes()[1..]);
        block.extend(vec![0xAA; size as usize]);
        block
    };
    for beside in [block(5, 480), block(6, 3_000_000)] {
        let mut bytes = whole.clone();
        assert_eq!((&bytes[..4], bytes[4] & 0x7F), (&b"fLaC"[..], 0));
        bytes[4] = 0;
        let is_last = whole[4] & 0x80 != 0;
        let mut beside = beside;
        beside[0] |= if is_last { 0x80 } else { 0 };
        bytes.splice(42..42, beside);
        std::fs::write(&path, [&b"ID3\x04\0\0\0\0\0\x05hello"[..], &bytes].concat()).unwrap();
        assert!(read_audio(&path, &Budget::default()).unwrap() == expected);
    }
}
