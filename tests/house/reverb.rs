//! The room that voices are sent into: heard as it is exported, and nowhere where nobody is sent into it.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;

use ziyin_playback::{Clip, Clips, Lane, Order, RATE, Timeline};
use ziyin_score::{Backing, Project, ROOMS_S};
use ziyin_session::engine::Engine;
use ziyin_signal::{ROOM_SECONDS, Room, chance};
use ziyin_singing::backing::BackingTrack;
use ziyin_singing::mix::SampleFormat;
use ziyin_singing::render::Progress;
use ziyin_singing::stream::VocoderDevice;
use ziyin_singing::{RenderOptions, Rendered, render};

use super::null_sink::{hum, nowhere, wait};
use super::playback::Desk;
use super::singing::{Hum, verse};

fn in_room(part: f32, seconds: f32) -> Project {
    let mut song = verse();
    (song.tracks[0].room, song.room_s) = (part, seconds);
    song
}

fn exported(song: &Project, folder: &Path, format: SampleFormat, wet_stems: bool) -> Rendered {
    let options =
        RenderOptions { format, wet_stems, ..RenderOptions::new(folder.to_path_buf(), VocoderDevice::Cpu) };
    render(song, &Hum::default(), &options, &mut |_: Progress| true).unwrap()
}

fn floats(path: &Path) -> Vec<f32> {
    hound::WavReader::open(path).unwrap().samples::<f32>().map(Result::unwrap).collect()
}

fn steps(path: &Path) -> Vec<i64> {
    let mut reader = hound::WavReader::open(path).unwrap();
    reader.samples::<i32>().map(|sample| i64::from(sample.unwrap())).collect()
}

fn sung(song: &Project) -> Arc<Timeline> {
    let mut engine = Engine::start(hum(), nowhere(), Arc::new(|| ()));
    engine.follow(song, 1, None);
    wait(&mut engine, "the song is sung", |engine| engine.is_idle());
    engine.mix()
}

fn level(frames: impl IntoIterator<Item = f32>) -> f32 {
    let (sum, count) =
        frames.into_iter().fold((0.0f64, 0), |(sum, count), x| (sum + f64::from(x * x), count + 1));
    (sum / f64::from(count.max(1))).sqrt() as f32
}

#[test]
fn a_song_whose_amounts_are_all_0_has_the_samples_that_it_had() {
    let folder = tempfile::tempdir().unwrap();
    let (dry, large) = (folder.path().join("dry"), folder.path().join("large"));
    for (song, out, wet) in [(verse(), &dry, false), (in_room(0.0, 4.0), &large, true)] {
        exported(&song, out, SampleFormat::F32, wet);
    }
    let names = |folder: &Path| -> Vec<_> {
        let mut names: Vec<_> =
            std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().file_name()).collect();
        names.sort();
        names
    };
    assert_eq!(names(&dry), names(&large));
    for name in names(&dry) {
        let (one, other) =
            (std::fs::read(dry.join(&name)).unwrap(), std::fs::read(large.join(&name)).unwrap());
        assert!(one == other, "{name:?}");
    }
    let (one, other) = (sung(&verse()), sung(&in_room(0.0, 4.0)));
    let bits = |mix: &Timeline| -> Vec<[u32; 2]> {
        mix.read(0, 6 * 44_100).iter().map(|frame| frame.map(f32::to_bits)).collect()
    };
    assert!(bits(&one) == bits(&other) && one.tail() == 0);
}

#[test]
fn the_mix_has_the_room_and_its_tail_and_stems_are_dry_unless_asked() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let plain = exported(&verse(), &at("plain"), SampleFormat::S24, false);
    let (song, tail) = (in_room(0.5, 1.0), Room::tail(1.0) as f64 / 44_100.0);
    let dry = exported(&song, &at("dry"), SampleFormat::S24, false);
    let kinds: Vec<&str> = dry.files.iter().map(|file| file.kind.as_str()).collect();
    assert_eq!(kinds, ["lead", "octave-up", "octave-down", "room", "mix"]);
    assert!((dry.seconds - plain.seconds - tail).abs() < 1e-3, "{} {}", dry.seconds, plain.seconds);
    let all: Vec<Vec<i64>> = dry.files.iter().map(|file| steps(&file.path)).collect();
    for (i, &mix) in all[4].iter().enumerate() {
        assert_eq!((0..4).map(|file| all[file][i]).sum::<i64>(), mix, "sample {i}");
    }
    for (stem, plain) in all.iter().zip(&plain.files).take(3) {
        let plain = steps(&plain.path);
        assert!(stem[..plain.len()] == plain && stem[plain.len()..].iter().all(|&sample| sample == 0));
    }
    // It sounds on, ever softer, and has died away at the end.
    let after = &all[3][2 * (plain.seconds * 44_100.0) as usize..];
    let part = |from: f64| {
        let from = 2 * (from * 44_100.0) as usize;
        level(after[from..from + 4410].iter().map(|&sample| sample as f32 / 8_388_608.0))
    };
    assert!(
        part(0.1) > 10.0 * part(0.6) && part(0.6) > part(1.2) && part(1.4) < 1e-4,
        "{} {}",
        part(0.1),
        part(1.4)
    );

    let wet = exported(&song, &at("wet"), SampleFormat::S24, true);
    let kinds: Vec<&str> = wet.files.iter().map(|file| file.kind.as_str()).collect();
    assert_eq!(kinds, ["lead", "octave-up", "octave-down", "mix"]);
    let wet: Vec<Vec<i64>> = wet.files.iter().map(|file| steps(&file.path)).collect();
    assert!(wet[3] == all[4], "the mix is the same whatever stems are asked for");
    for (i, &mix) in wet[3].iter().enumerate() {
        let sum = (0..3).map(|file| wet[file][i]).sum::<i64>();
        assert!((sum - mix).abs() < 40, "sample {i}: {sum} {mix}");
    }
    assert!(wet[0] != all[0]);
}

#[test]
fn what_is_played_is_what_is_exported() {
    let folder = tempfile::tempdir().unwrap();
    let song = in_room(0.4, 0.8);
    exported(&song, folder.path(), SampleFormat::F32, false);
    let exported = floats(&folder.path().join("mix.wav"));
    let mix = sung(&song);
    let played = mix.read(0, exported.len() / 2);
    assert!(mix.end() + mix.tail() >= played.len() as u64);
    for (i, frame) in played.iter().enumerate() {
        for side in 0..2 {
            // Sums of the same in another order.
            let difference = (frame[side] - exported[2 * i + side]).abs();
            assert!(difference < 2e-6, "frame {i}: {} {}", frame[side], exported[2 * i + side]);
        }
    }
    // From the middle it is what it is on the way from the beginning, but for what is too soft to be heard.
    let (from, count) = (3 * 44_100, 44_100);
    let part = mix.read(from as u64, count);
    assert!((0..count).all(|i| (part[i][0] - played[from + i][0]).abs() < 1e-4));
    // All that is sent comes back as loud as it is by itself.
    let (room, lead) = (folder.path().join("room.wav"), folder.path().join("lead.wav"));
    let (up, down) = ("lead – Octave above.wav", "lead – Octave below.wav");
    let voices: f32 = [lead, folder.path().join(up), folder.path().join(down)]
        .iter()
        .map(|path| level(floats(path)).powi(2))
        .sum();
    let db = 20.0 * (level(floats(&room)) / (0.4 * voices.sqrt())).log10();
    assert!(db.abs() < 2.5, "{db} dB off");
}

#[test]
fn a_recording_is_sent_into_the_room_and_heard_as_it_is_exported() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let noise = |i: u64| 0.2 * chance(5, i) as f32;
    let recording: Vec<f32> = (0..2 * 44_100).map(noise).collect();
    let backing = Backing { room: 0.5, gain_db: -6.0, pan: 0.3, offset_us: 500_000, ..Backing::new("a.wav") };
    let export = |song: &Project, room: f32, out: &Path, wet_stems: bool| {
        let backing = Backing { room, ..backing.clone() };
        let options = RenderOptions {
            format: SampleFormat::F32,
            wet_stems,
            backings: vec![BackingTrack::new(&backing, recording.clone().into(), 0.0)],
            ..RenderOptions::new(out.to_path_buf(), VocoderDevice::Cpu)
        };
        render(song, &Hum::default(), &options, &mut |_: Progress| true).unwrap()
    };
    let kinds = |rendered: &Rendered| rendered.files.iter().map(|file| file.kind.clone()).collect::<Vec<_>>();
    let song = in_room(0.2, 0.6);
    let dry = export(&song, 0.5, &at("dry"), false);
    assert_eq!(kinds(&dry), ["lead", "octave-up", "octave-down", "backing", "room", "mix"]);
    let wet = export(&song, 0.5, &at("wet"), true);
    assert_eq!(kinds(&wet), ["lead", "octave-up", "octave-down", "backing", "mix"]);
    let name = |rendered: &Rendered, place: usize| floats(&rendered.files[place].path);
    assert!(name(&wet, 4) == name(&dry, 5), "the mix is the same whatever stems are asked for");
    assert!(name(&wet, 3) != name(&dry, 3), "the recording has its room");
    // What is played is the same.
    let mut mix = Timeline { ..(*sung(&song)).clone() };
    let Backing { room, .. } = backing;
    let clip = Clip {
        start: 22_050,
        skip: 0,
        cut: [0; 2],
        fades: [0; 2],
        samples: recording.clone().into(),
        stereo: true,
    };
    let gains = ziyin_singing::backing::gains(&backing, 0.0);
    mix.lanes.push(Lane { clips: Arc::new(Clips::new(vec![clip])), gains, room });
    let exported = name(&dry, 5);
    for (i, frame) in mix.read(0, exported.len() / 2).iter().enumerate() {
        for side in 0..2 {
            let difference = (frame[side] - exported[2 * i + side]).abs();
            assert!(difference < 2e-6, "frame {i}: {} {}", frame[side], exported[2 * i + side]);
        }
    }
    // At 0 nothing is as it was not before: no room where nobody else is sent into it.
    let none = export(&verse(), 0.0, &at("none"), false);
    assert_eq!(kinds(&none), ["lead", "octave-up", "octave-down", "backing", "mix"]);
}

#[test]
fn every_room_of_a_song_can_be_sounded() {
    assert_eq!(ROOMS_S, ROOM_SECONDS);
}

/// A slow tone of so many seconds in a room.
fn tone(seconds: u32, part: f32, room_s: f32) -> Arc<Timeline> {
    let turn = |i: u32| std::f32::consts::TAU * 110.0 * i as f32 / RATE as f32;
    let samples: Vec<f32> = (0..seconds * RATE).map(|i| 0.3 * turn(i).sin()).collect();
    let clips = Arc::new(Clips::new(vec![Clip::mono(0, samples.into())]));
    let lane = Lane { clips, gains: [1.0, 0.5], room: part };
    Arc::new(Timeline { lanes: vec![lane], room_s, ..Default::default() })
}

fn largest_leap(sound: &[f32]) -> f32 {
    sound.windows(2).fold(0.0, |most, pair| most.max((pair[1] - pair[0]).abs()))
}

#[test]
fn a_room_that_is_turned_while_it_plays_neither_clicks_nor_allocates() {
    let mut desk = Desk::new(RATE);
    desk.order(Order::Timeline(tone(20, 0.5, 1.0)));
    desk.order(Order::Play { count_in: 0, beat: 0 });
    let held = desk.play(2 * RATE as usize);
    let steady = largest_leap(&held[RATE as usize..]);
    let mut turned = Vec::new();
    // As a drag goes: a step in each frame of the studio, to and fro.
    for step in 0..120 {
        let room_s = 0.3 + 3.7 * (0.5 + 0.5 * (step as f32 * 0.9).sin());
        desk.order(Order::Timeline(tone(20, 0.5, room_s)));
        turned.extend(desk.play(735));
        while desk.retired.pop().is_ok() {}
    }
    for part in [0.0, 1.0, 0.3, 0.0] {
        desk.order(Order::Timeline(tone(20, part, 1.0)));
        turned.extend(desk.play(20_000));
        while desk.retired.pop().is_ok() {}
    }
    // A fade of 12 ms between two amounts is a little steeper than the tone itself.
    assert!(largest_leap(&turned) < 1.6 * steady, "{} where it has {steady}", largest_leap(&turned));
}

#[test]
fn the_room_sounds_on_behind_the_last_note_and_after_a_pause_and_then_rests() {
    let mut desk = Desk::new(RATE);
    desk.order(Order::Timeline(tone(1, 0.5, 0.5)));
    desk.order(Order::Play { count_in: 0, beat: 0 });
    // Buffers as a device asks for them.
    desk.play(90 * 512);
    let tail = desk.play(65 * 512);
    assert!(tail.len() as u64 > Room::tail(0.5));
    assert!(level(tail[..2_000].iter().copied()) > 0.01 && level(tail[30_000..].iter().copied()) < 1e-4);
    assert!(desk.play(8 * 512).iter().all(|&x| x == 0.0));

    desk.order(Order::Seek { frame: 0, ticket: 1 });
    desk.play(43 * 512);
    desk.order(Order::Pause);
    desk.play(1_024);
    let after = desk.play(1_024);
    assert!(level(after) > 0.01 && !desk.state.silent.load(Relaxed));
    desk.play(172 * 512);
    assert!(desk.state.silent.load(Relaxed), "the device can rest");
}
