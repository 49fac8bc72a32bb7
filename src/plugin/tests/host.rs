//! A host of our own: what the plug-in gives it is what `ziyin sing` gives, wherever its transport goes.

mod daw;

use std::sync::LazyLock;
use std::time::{Duration, Instant};

use daw::{Daw, Played};
use ziyin_model::device::DeviceChoice;
use ziyin_model::installed::models_folder;
use ziyin_score::{
    Curve, CurvePoint, Harmony, HarmonyKind, MeterMap, Note, NoteId, Notes, Project, TICKS_PER_QUARTER,
    Tempo, TempoChange, TempoMap, TimeSignature, TimeSignatureChange, Track, TrackId,
};
use ziyin_session::engine::{LoadedVoice, SungVoice};
use ziyin_singing::mix::SampleFormat;
use ziyin_singing::{RenderOptions, render};

#[global_allocator]
static ALLOCATOR: assert_no_alloc::AllocDisabler = assert_no_alloc::AllocDisabler;

/// Two tracks, the first with a harmony, of three seconds.
fn song() -> Project {
    let beat = TICKS_PER_QUARTER;
    let track = |id: u64, key: u8, lyrics: [&str; 4]| {
        let notes = lyrics.iter().enumerate().map(|(i, lyric)| {
            let start = (i as i64 + 1) * beat;
            Note::new(NoteId(100 * id + i as u64), start, beat, key + i as u8, *lyric)
        });
        Track { notes: Notes::new(notes.collect()), gain_db: -6.0, ..Track::new(TrackId(id), "voice") }
    };
    let mut lead = track(1, 62, ["茉", "莉", "花", "香"]);
    lead.harmonies = vec![Harmony::new(HarmonyKind::OctaveDown)];
    lead.pan = -0.4;
    Project { tracks: vec![lead, track(2, 57, ["ma", "li", "hua", "a"])], ..Project::default() }
}

fn saved(song: &Project) -> Vec<u8> {
    let mut text = Vec::new();
    song.write_json(&mut text).unwrap();
    text
}

/// What `ziyin sing` makes of the song: the mix and the stems, left and right.
struct Sung {
    mix: Played,
    stems: Vec<Played>,
}

static SUNG: LazyLock<Sung> = LazyLock::new(|| sung(&song()));

fn sung(song: &Project) -> Sung {
    let folder = tempfile::tempdir().unwrap();
    let loader = LoadedVoice::from_models(models_folder(None).unwrap(), DeviceChoice::Auto);
    let SungVoice { voice, vocoder } = loader().unwrap().sung;
    let options =
        RenderOptions { format: SampleFormat::F32, ..RenderOptions::new(folder.path().into(), vocoder) };
    let rendered = render(song, &*voice, &options, &mut |_| true).unwrap();
    assert_eq!(rendered.turned_down_db, 0.0);
    let mut files: Vec<Played> = (rendered.files.iter())
        .map(|file| {
            let samples = hound::WavReader::open(&file.path).unwrap().into_samples::<f32>();
            let samples: Vec<f32> = samples.map(Result::unwrap).collect();
            [0, 1].map(|side| samples[side..].iter().step_by(2).copied().collect())
        })
        .collect();
    let mix = files.pop().unwrap();
    assert!(mix[0].len() > 2 * 44_100 && loudest(&mix) > 0.05);
    Sung { mix, stems: files }
}

fn loudest(played: &Played) -> f32 {
    played.iter().flatten().fold(0.0, |most, sample| most.max(sample.abs()))
}

/// The largest step between two samples.
fn steepest(side: &[f32]) -> f32 {
    side.windows(2).fold(0.0, |most, pair| most.max((pair[1] - pair[0]).abs()))
}

/// A host in which the whole song is sung.
fn rehearsed() -> Daw {
    let mut daw = Daw::new();
    daw.load(&saved(&song())).unwrap();
    wait_until(&mut daw, |daw| daw.status() == (1.0, "sung".into()));
    daw
}

fn wait_until(daw: &mut Daw, mut is_so: impl FnMut(&mut Daw) -> bool) {
    let since = Instant::now();
    while !is_so(daw) {
        assert!(since.elapsed() < Duration::from_secs(300), "{:?}", daw.status());
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// The parameter of a track, by its place: 0 gain, 1 pan, 2 mute, 3 solo.
fn of_track(place: u32, control: u32) -> u32 {
    100 + 10 * place + control
}

#[test]
fn an_offline_render_has_the_samples_of_the_program() {
    let mut daw = Daw::new();
    daw.load(&saved(&song())).unwrap();
    daw.set_offline(true);
    // At once: nothing is sung yet, so that it has to wait.
    daw.activate(44_100.0, 4096);
    let outputs = daw.play(0, SUNG.mix[0].len(), &[4096, 16, 1000]);
    assert!(outputs[0] == SUNG.mix, "the mix differs");
    assert_eq!(SUNG.stems.len(), 3);
    for (i, stem) in SUNG.stems.iter().enumerate() {
        assert!(outputs[1 + i] == *stem, "stem {i} differs");
    }
    assert_eq!(loudest(&outputs[4]), 0.0);
}

#[test]
fn whatever_the_host_does_what_is_sung_stays_where_it_is() {
    let mut daw = rehearsed();
    let all = SUNG.mix[0].len();
    for most in [16, 64, 441, 4096] {
        daw.activate(44_100.0, most);
        let outputs = daw.play(0, all, &[most as usize]);
        assert!(outputs[0] == SUNG.mix, "with buffers of {most}");
        // From the midst, beyond the fade.
        let outputs = daw.play(50_001, 20_000, &[most as usize]);
        assert!(outputs[0][0][1024..] == SUNG.mix[0][51_025..70_001], "with buffers of {most}");
        daw.deactivate();
    }
    // A thousand times somewhere else, and stopping in between.
    daw.activate(44_100.0, 1024);
    let mut seed = 1u64;
    let mut random = |below: u64| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) % below
    };
    let mut heard = [Vec::new(), Vec::new()];
    for _ in 0..1000 {
        let frame = random(all as u64) as i64 - 4000;
        let frames = 16 + random(1009) as usize;
        let outputs = if random(5) == 0 { daw.stand(frames) } else { daw.play(frame, frames, &[frames]) };
        heard.iter_mut().zip(&outputs[0]).for_each(|(heard, made)| heard.extend(made));
    }
    // No step is higher than what is sung has itself, but for what several of it add up to.
    let (step, own) = (steepest(&heard[0]), steepest(&SUNG.mix[0]));
    assert!(step < 2.0 * own, "a step of {step}; the song has {own}");
}

#[test]
fn a_loop_and_a_stop_do_not_click() {
    let mut daw = rehearsed();
    daw.activate(44_100.0, 512);
    // A loop that ends in the midst of a vowel.
    let own = steepest(&SUNG.mix[0]);
    let mut heard = Vec::new();
    for _ in 0..4 {
        heard.extend(daw.play(40_000, 20_480, &[512])[0][0].iter());
    }
    let end = daw.stand(4096);
    heard.extend(&end[0][0]);
    assert!(steepest(&heard) < 1.5 * own, "{} {own}", steepest(&heard));
    assert_eq!(loudest(&[end[0][0][1024..].to_vec(), Vec::new()]), 0.0);
}

#[test]
fn other_rates_are_the_same_sound() {
    let mut daw = rehearsed();
    for rate in [48_000.0, 96_000.0, 22_050.0] {
        daw.activate(rate, 512);
        let frames = (SUNG.mix[0].len() as f64 / 44_100.0 * rate) as usize;
        let one = daw.play(0, frames, &[512]);
        daw.stand(4096);
        let other = daw.play(0, frames, &[16, 333, 512]);
        assert!(one[0] == other[0], "at {rate} it hangs on the size of the buffers");
        // The loudness of each tenth of a second is what it was.
        let rms = |side: &[f32]| (side.iter().map(|x| x * x).sum::<f32>() / side.len() as f32).sqrt();
        let (tenth, ours) = ((rate / 10.0) as usize, 4410);
        for (i, (made, sung)) in one[0][0].chunks_exact(tenth).zip(SUNG.mix[0].chunks_exact(ours)).enumerate()
        {
            let (made, sung) = (rms(made), rms(sung));
            assert!((made - sung).abs() < 0.005 + 0.1 * sung, "{rate}, tenth {i}: {made} for {sung}");
        }
        daw.deactivate();
    }
}

#[test]
fn what_a_host_does_to_tracks_is_heard_from_its_frame_on_and_gone_when_it_is_taken_back() {
    let mut daw = rehearsed();
    daw.activate(44_100.0, 512);
    let (from, frames, settled) = (50_000, 20_000, 4096);
    let part = |played: &Played, side: usize| played[side][from + settled..from + frames].to_vec();
    let heard = |daw: &mut Daw, sets: &[(u32, f64)]| {
        daw.stand(4096);
        sets.iter().for_each(|&(id, value)| daw.set(id, value, 0));
        let played = daw.play(from as i64, frames, &[512]);
        let settle = |played: Played| played.map(|side| side[settled..].to_vec());
        played.into_iter().map(settle).collect::<Vec<Played>>()
    };
    let lead = [0, 1].map(|side| part(&SUNG.stems[0], side));
    let second = [0, 1].map(|side| part(&SUNG.stems[2], side));
    let silent = |played: &Played| loudest(played) == 0.0;
    let close = |played: &[f32], sung: &[f32], factor: f32| {
        played.iter().zip(sung).all(|(a, b)| (a - factor * b).abs() < 1e-6)
    };
    // Half as loud.
    let outputs = heard(&mut daw, &[(of_track(0, 0), -6.0206)]);
    assert!((0..2).all(|side| close(&outputs[1][side], &lead[side], 0.5)));
    assert!(outputs[3] == second);
    // All to the right: the second track stands in the middle.
    let outputs = heard(&mut daw, &[(of_track(0, 0), 0.0), (of_track(1, 1), 1.0)]);
    assert!(loudest(&[outputs[3][0].clone(), Vec::new()]) < 1e-6);
    assert!(close(&outputs[3][1], &second[1], 2f32.sqrt()) && outputs[1] == lead);
    // Muted with its harmony, and alone.
    let outputs = heard(&mut daw, &[(of_track(1, 1), 0.0), (of_track(0, 2), 1.0)]);
    assert!(silent(&outputs[1]) && silent(&outputs[2]) && outputs[3] == second);
    let outputs = heard(&mut daw, &[(of_track(0, 2), 0.0), (of_track(0, 3), 1.0)]);
    assert!(outputs[1] == lead && silent(&outputs[3]));
    // Bypassed.
    let outputs = heard(&mut daw, &[(of_track(0, 3), 0.0), (3, 1.0)]);
    assert!(outputs.iter().all(silent));
    let outputs = heard(&mut daw, &[(3, 0.0)]);
    assert!(outputs[0] == [0, 1].map(|side| part(&SUNG.mix, side)));
    // At a frame within a buffer, and never at once.
    daw.stand(4096);
    daw.play(49_488, 512, &[512]);
    daw.play(50_000, 2048, &[512]);
    daw.set(of_track(0, 2), 1.0, 300);
    let played = daw.play(52_048, 512, &[512]).swap_remove(1);
    let sung = &SUNG.stems[0][0][52_048..52_560];
    assert!(played[0][..300] == sung[..300] && played[0][300..] != sung[300..]);
    assert!(steepest(&played[0]) < 1.5 * steepest(&SUNG.stems[0][0]));
}

#[test]
fn a_host_that_turns_every_knob_at_random_makes_no_click() {
    let mut daw = rehearsed();
    daw.activate(44_100.0, 512);
    let mut seed = 7u64;
    let mut random = |below: u64| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) % below
    };
    let mut heard = Vec::new();
    for buffer in 0..SUNG.mix[0].len() / 512 {
        for _ in 0..random(3) {
            let (place, control) = (random(3) as u32, random(4) as u32);
            let value = match control {
                0 => -60.0 + random(61) as f64,
                1 => random(201) as f64 / 100.0 - 1.0,
                _ => random(2) as f64,
            };
            daw.set(of_track(place, control), value, random(512) as u32);
        }
        heard.extend(&daw.play(512 * buffer as i64, 512, &[512])[0][0]);
    }
    // All to one side is louder by the root of two.
    let own = steepest(&SUNG.mix[0]);
    assert!(loudest(&[heard.clone(), Vec::new()]) > 0.01);
    assert!(steepest(&heard) < 2.0 * own, "a step of {}; the song has {own}", steepest(&heard));
}

/// The song with the formant of its first track turned to other semitones at frames; the curve comes to each
/// within 16 ms.
fn turned(changes: &[(i64, f32)]) -> Project {
    let mut points = vec![CurvePoint { tick: 0, value: 0.0 }];
    for &(frame, value) in changes {
        let tick = (frame as f64 / 44_100.0 * 1920.0).round() as i64;
        let before = points.last().map_or(0.0, |point| point.value);
        points.push(CurvePoint { tick: tick + 10, value: before });
        points.push(CurvePoint { tick: tick + 30, value });
    }
    let mut song = song();
    song.tracks[0].curves.formant = Curve::new(points).unwrap();
    song
}

#[test]
fn what_shapes_a_voice_is_automated_and_an_offline_render_misses_nothing_of_it() {
    let changes = [(40_960, 4.0), (61_440, -3.0)];
    let expected = sung(&turned(&changes));
    let mut daw = Daw::new();
    daw.load(&saved(&song())).unwrap();
    daw.set_offline(true);
    daw.activate(44_100.0, 512);
    let all = expected.mix[0].len();
    let bounce = |daw: &mut Daw| {
        let mut made = [Vec::new(), Vec::new()];
        for frame in (0..all).step_by(512) {
            if frame == 0 {
                daw.set(of_track(0, 4), 0.0, 0);
            }
            if let Some(&(_, value)) = changes.iter().find(|(at, _)| *at == frame as i64) {
                daw.set(of_track(0, 4), value.into(), 0);
            }
            let played = daw.play(frame as i64, 512.min(all - frame), &[512]).swap_remove(0);
            made.iter_mut().zip(played).for_each(|(made, played)| made.extend(played));
        }
        daw.stand(4096);
        made
    };
    // The first time nothing is known of what comes.
    assert!(bounce(&mut daw) == expected.mix, "the first bounce differs");
    assert!(bounce(&mut daw) == expected.mix, "the second bounce differs");
    // It is kept: another host has it in its place without having been there.
    let state = daw.save();
    let mut other = Daw::new();
    other.load(&state).unwrap();
    assert_eq!(other.save(), state);
    other.set_offline(true);
    other.activate(44_100.0, 512);
    other.set(of_track(0, 4), 4.0, 0);
    other.stand(512);
    let from = 50_001;
    let played = other.play(from, 8_000, &[512]).swap_remove(0);
    assert!(played[0][1024..] == expected.mix[0][from as usize + 1024..][..8_000 - 1024]);
    // Without automation it is one value throughout.
    let mut plain = Daw::new();
    plain.load(&saved(&song())).unwrap();
    plain.activate(44_100.0, 512);
    plain.set(of_track(0, 4), 4.0, 0);
    plain.stand(512);
    plain.set_offline(true);
    let mut constant = song();
    let point = CurvePoint { tick: 0, value: 4.0 };
    constant.tracks[0].curves.formant = Curve::new(vec![point]).unwrap();
    let constant = sung(&constant);
    assert!(plain.play(0, all, &[512])[0] == constant.mix, "a value throughout differs");
}

#[test]
fn a_host_that_turns_what_shapes_a_voice_while_it_plays_hears_it_and_no_click() {
    let mut daw = rehearsed();
    daw.activate(44_100.0, 512);
    let mut heard = Vec::new();
    let mut shapes = [4u32, 5, 6].into_iter().cycle();
    for buffer in 0..SUNG.mix[0].len() / 512 {
        if buffer % 8 == 0 {
            let value = if buffer % 16 == 0 { 1.0 } else { -1.0 };
            daw.set(of_track(0, shapes.next().unwrap()), value, 0);
        }
        heard.extend(&daw.play(512 * buffer as i64, 512, &[512])[0][0]);
        std::thread::sleep(Duration::from_millis(2));
    }
    let own = steepest(&SUNG.mix[0]);
    assert!(steepest(&heard) < 2.0 * own, "a step of {}; the song has {own}", steepest(&heard));
    wait_until(&mut daw, |daw| daw.status().1 == "sung");
    daw.stand(4096);
    let again = daw.play(0, SUNG.mix[0].len(), &[512]).swap_remove(1);
    assert!(again != SUNG.stems[0] && loudest(&again) > 0.01);
}

#[test]
fn what_is_turned_is_kept_and_named_after_the_tracks() {
    let mut daw = Daw::new();
    daw.load(&saved(&song())).unwrap();
    let names = daw.names();
    assert_eq!((names.len(), names[6].as_str(), names[14 + 6].as_str()), (119, "1 voice: gain", "3: gain"));
    daw.activate(44_100.0, 64);
    daw.set(of_track(1, 0), -12.5, 0);
    daw.set(of_track(15, 3), 1.0, 0);
    daw.set(4, 1.0, 0);
    daw.stand(64);
    let state = daw.save();
    assert!(state.starts_with(b"{\"ziyin-plugin\""));
    let mut other = Daw::new();
    other.load(&state).unwrap();
    assert_eq!(other.save(), state);
    assert_eq!(other.parameter(of_track(1, 0)), (-12.5, "-12.5 dB".into()));
    assert_eq!(other.parameter(of_track(15, 3)), (1.0, "on".into()));
    assert_eq!(other.parameter(4), (1.0, "of the host".into()));
    // A song of an older plug-in has nothing of it.
    other.load(&saved(&song())).unwrap();
    assert_eq!(other.save(), saved(&song()));
}

#[test]
fn a_song_that_goes_by_the_host_is_sung_in_its_tempo_and_gets_its_own_back() {
    let change = |tick, bpm| TempoChange { tick, tempo: Tempo::from_bpm(bpm).unwrap() };
    let tempo = TempoMap::new(vec![change(0, 100.0), change(2 * TICKS_PER_QUARTER, 140.0)]).unwrap();
    let three = TimeSignature { beats: 3, unit: 4 };
    let meter = MeterMap::new(vec![TimeSignatureChange { tick: 0, signature: three }]).unwrap();
    let timed = Project { tempo: tempo.clone(), meter: meter.clone(), ..song() };
    let expected = sung(&timed);
    let mut daw = Daw::new();
    daw.load(&saved(&song())).unwrap();
    daw.time = Some((tempo, meter));
    daw.set_offline(true);
    daw.activate(44_100.0, 512);
    daw.set(4, 1.0, 0);
    let all = expected.mix[0].len();
    // What comes is known only once it was seen.
    daw.play(0, all, &[512]);
    daw.stand(4096);
    assert!(daw.play(0, all, &[512, 64])[0] == expected.mix, "the mix differs");
    let state = String::from_utf8(daw.save()).unwrap();
    let (_, text) = state.split_once('\n').unwrap();
    assert_eq!(Project::from_json(text.as_bytes()).unwrap(), timed);
    // Saved, loaded, and back to its own.
    let mut other = Daw::new();
    other.load(state.as_bytes()).unwrap();
    other.set_offline(true);
    other.activate(44_100.0, 512);
    // What was learnt of the host is not forgotten where it comes only later.
    other.play(0, 512, &[512]);
    assert!(other.save() == state.as_bytes(), "the tempo is another after loading");
    other.stand(4096);
    assert!(other.play(0, all, &[512])[0] == expected.mix, "the mix differs after loading");
    other.set(4, 0.0, 0);
    other.stand(512);
    wait_until(&mut other, |other| other.save() == saved(&song()));
    assert!(other.play(0, SUNG.mix[0].len(), &[512])[0] == SUNG.mix);
}

#[test]
fn keys_that_are_recorded_become_notes_and_others_do_not() {
    let song = Project { tracks: vec![Track::new(TrackId(1), "voice")], ..Project::default() };
    let mut daw = Daw::new();
    daw.load(&saved(&song)).unwrap();
    daw.activate(48_000.0, 512);
    let notes = |daw: &mut Daw| -> Vec<(i64, i64, u8, String)> {
        let song = Project::from_json(&daw.save()).unwrap();
        let notes = song.tracks[0].notes.iter();
        notes.map(|note| (note.onset, note.length, note.pitch, note.lyric.clone())).collect()
    };
    // A beat is 24,000 frames.
    daw.key(50, true, 10);
    daw.play(0, 512, &[512]);
    daw.recording = true;
    daw.key(60, true, 0);
    daw.play(24_000, 24_000, &[512]);
    daw.midi([0x80, 60, 0], 0);
    daw.midi([0x90, 64, 100], 0);
    daw.play(48_000, 12_000, &[512]);
    daw.midi([0x90, 64, 0], 0);
    daw.play(60_000, 512, &[512]);
    let expected = [(960, 960, 60, "la".to_string()), (1920, 480, 64, "la".to_string())];
    wait_until(&mut daw, |daw| notes(daw) == expected);
    // What is held when the host stops ends there; what comes while it stands is not recorded.
    daw.key(65, true, 0);
    daw.play(96_000, 24_000, &[512]);
    daw.stand(512);
    daw.key(70, true, 0);
    daw.stand(512);
    wait_until(&mut daw, |daw| notes(daw).len() == 3);
    let (onset, length, pitch, _) = notes(&mut daw).pop().unwrap();
    assert!((onset, pitch) == (3840, 65) && (900..=990).contains(&length), "{length}");
}

#[test]
fn keys_are_recorded_in_a_host_that_does_not_tell_when_the_user_says_so() {
    let song = Project { tracks: vec![Track::new(TrackId(1), "voice")], ..Project::default() };
    let mut daw = Daw::new();
    daw.load(&saved(&song)).unwrap();
    daw.activate(48_000.0, 512);
    daw.set(7, 1.0, 0);
    daw.key(67, true, 0);
    daw.play(24_000, 24_000, &[512]);
    // It fades out first.
    daw.stand(2_048);
    let notes = |daw: &mut Daw| Project::from_json(&daw.save()).unwrap().tracks[0].notes.to_vec();
    wait_until(&mut daw, |daw| notes(daw).len() == 1);
    assert_eq!(notes(&mut daw)[0].pitch, 67);
    // A project that is opened anew does not take what it plays for something new.
    let state = daw.save();
    daw.load(&state).unwrap();
    assert_eq!(daw.parameter(7).0, 0.0);
}

#[test]
fn recorded_notes_take_the_words_that_wait_and_the_state_keeps_the_others() {
    let words = ["好", "一", "朵"].map(String::from).to_vec();
    let second = Track { words, ..Track::new(TrackId(2), "second") };
    let song = Project { tracks: vec![Track::new(TrackId(1), "first"), second], ..Project::default() };
    let mut daw = Daw::new();
    daw.load(&saved(&song)).unwrap();
    daw.activate(48_000.0, 512);
    daw.set(6, 1.0, 0);
    daw.recording = true;
    for beat in 0..2 {
        daw.key(60, true, 0);
        daw.play(24_000 * beat, 12_000, &[512]);
        daw.key(60, false, 0);
        daw.play(24_000 * beat + 12_000, 512, &[512]);
    }
    let kept = |daw: &mut Daw| {
        let state = String::from_utf8(daw.save()).unwrap();
        Project::from_json(state.split_once('\n').unwrap().1.as_bytes()).unwrap().tracks.swap_remove(1)
    };
    wait_until(&mut daw, |daw| kept(daw).notes.len() == 2);
    let track = kept(&mut daw);
    let lyrics: Vec<&str> = track.notes.iter().map(|note| note.lyric.as_str()).collect();
    assert_eq!((lyrics, track.words), (vec!["好", "一"], vec!["朵".to_string()]));
}

#[test]
fn a_state_that_is_no_song_is_refused_and_the_song_stays() {
    let mut daw = Daw::new();
    let state = saved(&song());
    daw.load(&state).unwrap();
    let text = String::from_utf8(state.clone()).unwrap();
    let newer = text.replacen("\"ziyin\": ", "\"ziyin\": 1000", 1);
    assert_ne!(newer, text);
    for (damaged, why) in [
        (&state[..state.len() / 2], "no Ziyin song"),
        (newer.as_bytes(), "newer"),
        (b"".as_slice(), "no Ziyin song"),
        (&[0xff; 4096], "no Ziyin song"),
    ] {
        assert!(daw.load(damaged).is_err());
        let (_, status) = daw.status();
        assert!(status.starts_with("refused: ") && status.contains(why), "{status}");
        assert_eq!(daw.save(), state);
    }
    daw.load(&state).unwrap();
    assert!(!daw.status().1.contains("refused"));
}

#[test]
fn a_singer_who_is_not_there_is_told_and_the_others_sing() {
    let mut song = song();
    song.tracks[0].singer = Some("Nobody".into());
    let mut daw = Daw::new();
    daw.load(&saved(&song)).unwrap();
    daw.set_offline(true);
    daw.activate(44_100.0, 1024);
    let outputs = daw.play(0, 66_150, &[1024]);
    assert_eq!(loudest(&outputs[1]), 0.0);
    assert!(loudest(&outputs[3]) > 0.01 && daw.status().1.contains("Nobody"), "{:?}", daw.status());
}

/// The song with both tracks in a room of 0.8 s.
fn song_in_room() -> Project {
    let mut song = song();
    (song.tracks[0].room, song.tracks[1].room, song.room_s) = (0.5, 0.2, 0.8);
    song
}

#[test]
fn the_mix_has_the_room_of_the_song_and_the_outputs_are_dry() {
    let room = sung(&song_in_room());
    assert_eq!(room.stems.len(), 4, "three voices, and what comes back");
    let frames = room.mix[0].len();
    assert!(frames > SUNG.mix[0].len() + 30_000, "it dies away");
    let mut daw = Daw::new();
    daw.load(&saved(&song_in_room())).unwrap();
    daw.set_offline(true);
    daw.activate(44_100.0, 4096);
    let offline = daw.play(0, frames, &[4096, 16, 1000]);
    assert!(offline[0] == room.mix, "the mix is that of the program");
    for (i, stem) in SUNG.stems.iter().enumerate() {
        let dry = SUNG.mix[0].len();
        let is_dry = (0..2).all(|side| offline[1 + i][side][..dry] == stem[side][..]);
        assert!(is_dry, "output {i} is not dry");
    }
    // As it plays, in other buffers, after what it played before has died away.
    daw.set_offline(false);
    let rest = daw.stand(100_000);
    assert_eq!(loudest(&[rest[0][0][60_000..].to_vec(), rest[0][1][60_000..].to_vec()]), 0.0);
    let live = daw.play(0, frames, &[77, 512]);
    assert!(live == offline, "live it is another");
}

/// A host that bounces to the end of the song asks how long it sounds on, and renders as much more: so the room
/// of the last note is in it, to the end.
#[test]
fn a_host_is_told_how_long_the_room_sounds_on_and_has_all_of_it_in_a_bounce() {
    let room = sung(&song_in_room());
    let (dry, whole) = (SUNG.mix[0].len(), room.mix[0].len());
    let mut daw = Daw::new();
    daw.set_offline(true);
    daw.activate(44_100.0, 4096);
    assert_eq!(daw.tail(), (0, 0), "without a song nothing sounds on");
    daw.load(&saved(&song_in_room())).unwrap();
    let played = daw.play(0, dry, &[4096]);
    let (tail, told) = daw.tail();
    assert_eq!(told, 1, "once for all of it");
    assert!(dry + tail >= whole, "{dry} + {tail} < {whole}");
    // The host goes on, or it stands while the plug-in sounds on.
    for stands in [false, true] {
        let mut bounced = played[0].clone();
        if stands {
            daw.play(0, dry, &[4096]);
        }
        let rest = if stands { daw.stand(tail) } else { daw.play(dry as i64, tail, &[1000, 4096]) };
        bounced.iter_mut().zip(&rest[0]).for_each(|(all, rest)| all.extend(rest));
        for (bounced, mix) in bounced.iter().zip(&room.mix) {
            assert!(bounced[..whole] == mix[..], "the last of the room is missing, standing: {stands}");
        }
        // What comes behind it is 60 dB below what the room was.
        let after = daw.stand(22_050);
        assert!(loudest(&after[0]) < 1e-3 * loudest(&played[0]), "{}", loudest(&after[0]));
    }
    daw.load(&saved(&song())).unwrap();
    daw.play(0, 4096, &[4096]);
    assert_eq!(daw.tail(), (0, 2), "a dry song does not sound on");
}

#[test]
fn a_leap_lets_the_room_sound_on_and_neither_clicks_nor_outlives_a_bypass() {
    let mut daw = Daw::new();
    daw.load(&saved(&song_in_room())).unwrap();
    wait_until(&mut daw, |daw| daw.status() == (1.0, "sung".into()));
    daw.activate(44_100.0, 512);
    let steepest_of = |played: &Played| steepest(&played[0]).max(steepest(&played[1]));
    let whole = daw.play(0, 3 * 44_100, &[512]);
    let allowed = 1.2 * steepest_of(&whole[0]);
    // Loops and seeks, one upon the other.
    let mut heard: Played = [whole[0][0][44_100..].to_vec(), whole[0][1][44_100..].to_vec()];
    for frame in [50_000, 90_000, 30_000, 31_000, 120_000, 60_000] {
        let made = daw.play(frame, 3_000, &[300, 512]);
        heard.iter_mut().zip(&made[0]).for_each(|(all, made)| all.extend(made));
    }
    let stopped = daw.stand(22_050);
    heard.iter_mut().zip(&stopped[0]).for_each(|(all, made)| all.extend(made));
    assert!(steepest_of(&heard) < allowed, "{} {allowed}", steepest_of(&heard));
    let after = [stopped[0][0][2_000..6_000].to_vec(), stopped[0][1][2_000..6_000].to_vec()];
    assert!(loudest(&after) > 1e-3, "the room sounds on");
    // A reset ends it at once, a bypass in a moment.
    daw.play(50_000, 20_000, &[512]);
    daw.set(3, 1.0, 0);
    let bypassed = daw.play(70_000, 4_000, &[512]);
    assert!(loudest(&[bypassed[0][0][1_000..].to_vec(), bypassed[0][1][1_000..].to_vec()]) == 0.0);
    assert!(steepest_of(&bypassed[0]) < allowed);
    daw.set(3, 0.0, 0);
    daw.deactivate();
    // At another rate it is as loud and as long.
    daw.activate(48_000.0, 512);
    let other = daw.play(0, 3 * 48_000, &[512]);
    let power = |side: &[f32]| side.iter().map(|x| f64::from(x * x)).sum::<f64>() / side.len() as f64;
    let db = 10.0 * (power(&other[0][0]) / power(&whole[0][0])).log10();
    assert!(db.abs() < 1.0, "{db} dB");
}
