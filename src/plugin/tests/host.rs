//! A host of our own: what the plug-in gives it is what `ziyin sing` gives, wherever its transport goes.

mod daw;

use std::sync::LazyLock;
use std::time::{Duration, Instant};

use daw::{Daw, Played};
use ziyin_model::device::DeviceChoice;
use ziyin_model::installed::models_folder;
use ziyin_score::{Harmony, HarmonyKind, Note, NoteId, Notes, Project, TICKS_PER_QUARTER, Track, TrackId};
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

static SUNG: LazyLock<Sung> = LazyLock::new(|| {
    let folder = tempfile::tempdir().unwrap();
    let loader = LoadedVoice::from_models(models_folder(None).unwrap(), DeviceChoice::Auto);
    let SungVoice { voice, vocoder } = loader().unwrap().sung;
    let options =
        RenderOptions { format: SampleFormat::F32, ..RenderOptions::new(folder.path().into(), vocoder) };
    let rendered = render(&song(), &*voice, &options, &mut |_| true).unwrap();
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
});

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
    let since = Instant::now();
    while daw.status() != (1.0, "sung".into()) {
        assert!(since.elapsed() < Duration::from_secs(300), "{:?}", daw.status());
        std::thread::sleep(Duration::from_millis(50));
    }
    daw
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
