//! The studio's engine while a song is played and edited.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use ziyin_message::Message;

use assert_no_alloc::assert_no_alloc;
use rtrb::RingBuffer;
use ziyin_playback::{self as playback, Order, State, Timeline};
use ziyin_score::{
    Command, Harmony, HarmonyCommand, HarmonyKind, NoteCommand, NoteId, Project, TrackCommand, TrackField,
    TrackId,
};
use ziyin_session::engine::{Engine, NoteState, SoundStatus, VoiceStatus};

use super::null_sink::{hum, nowhere, wait};
use super::singing::{song, verse};

const LEAD: TrackId = TrackId(1);

fn sung(engine: &mut Engine) {
    wait(engine, "the song is sung", |engine| engine.is_idle());
}

fn start(project: &Project) -> (Engine, Arc<AtomicUsize>) {
    let woken = Arc::new(AtomicUsize::new(0));
    let count = woken.clone();
    let wake = Arc::new(move || {
        count.fetch_add(1, Ordering::Relaxed);
    });
    let mut engine = Engine::start(hum(), nowhere(), wake);
    engine.follow(project, 1, None);
    sung(&mut engine);
    (engine, woken)
}

/// Where a sound is much rougher, in 6 ms, than anywhere around: what ears hear as a click.
/// The measure is the energy of the second difference.
fn clicks(sound: &[f32]) -> Vec<usize> {
    let rough = |part: &[f32]| {
        let sum: f32 = part.windows(3).map(|w| (w[2] - 2.0 * w[1] + w[0]).powi(2)).sum();
        (sum / part.len() as f32).sqrt()
    };
    let rough: Vec<f32> = sound.chunks_exact(256).map(rough).collect();
    let most = |part: &[f32]| part.iter().fold(0.0f32, |most, &x| most.max(x));
    (10..rough.len() - 10)
        .filter(|&i| rough[i] > 2.0 * most(&rough[i - 10..i - 1]).max(most(&rough[i + 2..i + 11])) + 1e-4)
        .collect()
}

#[test]
fn an_edit_of_the_note_that_is_heard_does_not_click() {
    let mut project = song(&[(1.0, 2.0, 57, "啊"), (3.0, 4.0, 60, "啊"), (7.0, 2.0, 57, "啊")]);
    let (mut engine, _) = start(&project);
    let (mut orders, inbox) = RingBuffer::new(256);
    let (out, _retired) = RingBuffer::new(256);
    let mut transport = playback::Engine::new(44_100, inbox, out, Arc::new(State::default()));
    let mut playing: Arc<Timeline> = engine.mix();
    assert!(orders.push(Order::Timeline(playing.clone())).is_ok());
    assert!(orders.push(Order::Seek { frame: 80_000, ticket: 1 }).is_ok());
    assert!(orders.push(Order::Play { count_in: 0, beat: 0 }).is_ok());
    let mut sound: Vec<f32> = Vec::new();
    let mut mixes = 0;
    let mut play = |engine: &mut Engine, buffers: usize, sound: &mut Vec<f32>, mixes: &mut usize| {
        for _ in 0..buffers {
            engine.tick();
            if !Arc::ptr_eq(&playing, &engine.mix()) {
                playing = engine.mix();
                assert!(orders.push(Order::Timeline(playing.clone())).is_ok());
                *mixes += 1;
            }
            let mut buffer = [0.0; 2 * 256];
            assert_no_alloc(|| transport.process(&mut buffer, 2));
            sound.extend(buffer.chunks(2).map(|frame| frame[0]));
        }
    };
    play(&mut engine, 20, &mut sound, &mut mixes);
    // The long note goes up by a third, twice, and changes its vowel, while it sounds.
    let edits = [
        NoteCommand::Move { track: LEAD, notes: vec![NoteId(2)], ticks: 0, semitones: 4 },
        NoteCommand::Sing { track: LEAD, lyrics: vec![(NoteId(2), "衣".into())] },
        NoteCommand::Move { track: LEAD, notes: vec![NoteId(2)], ticks: 0, semitones: -7 },
    ];
    for (edit, revision) in edits.into_iter().zip(2..) {
        Command::Note(edit).apply(&mut project).unwrap();
        let before = mixes;
        engine.follow(&project, revision, None);
        // Until it is sung, the old note goes on.
        play(&mut engine, 4, &mut sound, &mut mixes);
        sung(&mut engine);
        play(&mut engine, 60, &mut sound, &mut mixes);
        assert!(mixes > before);
    }
    let first = sound.iter().position(|x| x.abs() > 0.01).unwrap();
    let sound = &sound[first + 4410..];
    assert!(sound.chunks(1000).all(|part| part.iter().any(|x| x.abs() > 0.01)), "it falls silent");
    assert_eq!(clicks(sound), [0; 0]);
    // The judge does hear a click: the same sound with a leap in it.
    let mut leap = sound.to_vec();
    let at = sound.len() / 2;
    let at = (at..at + 400).max_by(|&a, &b| sound[a].total_cmp(&sound[b])).unwrap();
    leap[at..].iter_mut().for_each(|x| *x *= 0.5);
    assert_eq!(clicks(&leap), [at / 256]);
}

#[test]
fn the_mix_changes_at_once_and_nothing_is_sung_again() {
    let mut project = verse();
    let (mut engine, _) = start(&project);
    let loud = |engine: &Engine| {
        let frames = engine.mix().read(0, 44_100 * 6);
        frames
            .iter()
            .fold([0.0f32; 2], |peak, frame| [peak[0].max(frame[0].abs()), peak[1].max(frame[1].abs())])
    };
    let mut before = loud(&engine);
    let generation = engine.generation();
    let set = |field| Command::Track(TrackCommand::Set { track: LEAD, field });
    let harmony = |harmony| Command::Harmony(HarmonyCommand::Change { track: LEAD, index: 0, harmony });
    let muted = Harmony { mute: true, ..Harmony::new(HarmonyKind::OctaveUp) };
    type Judge = fn([f32; 2], [f32; 2]) -> bool;
    let steps: Vec<(Command, Judge)> = vec![
        (set(TrackField::Gain(6.0)), |before, after| after[0] > 1.1 * before[0]),
        (set(TrackField::Pan(-1.0)), |before, after| after[0] > before[0] && after[1] < before[1]),
        // By how much depends on how the two happen to meet at the peak.
        (harmony(muted), |before, after| after[1] < 0.97 * before[1]),
        (set(TrackField::Mute(true)), |_, after| after == [0.0; 2]),
        (set(TrackField::Mute(false)), |_, after| after[0] > 0.0),
    ];
    for (i, (step, so)) in steps.into_iter().enumerate() {
        step.apply(&mut project).unwrap();
        engine.follow(&project, 2 + i as u64, None);
        engine.tick();
        let after = loud(&engine);
        assert!(engine.is_idle() && so(before, after), "step {i}: from {before:?} to {after:?}");
        before = after;
    }
    assert_eq!(engine.generation(), generation);
}

#[test]
fn the_studio_sees_what_is_sung() {
    let project = verse();
    let (mut engine, woken) = start(&project);
    assert!(
        matches!(engine.voice_status(), VoiceStatus::Ready { device, .. } if device.to_string() == "CPU")
    );
    wait(&mut engine, "there is no device", |engine| *engine.sound_status() != SoundStatus::Opening);
    assert!(matches!(engine.sound_status(), SoundStatus::Absent(why) if why.to_string().contains("nowhere")));
    assert_eq!(engine.progress().part(), 1.0);
    let sung: HashSet<NoteId> = project.tracks[0].notes.iter().map(|note| note.id).collect();
    let done = engine.note_states().iter().filter(|(_, state)| **state == NoteState::Done);
    // A held note is a part of the one before it.
    assert!(done.count() >= sung.len() - 1);
    let (harmony, none) = (engine.harmony_state(LEAD, 1), engine.harmony_state(LEAD, 2));
    assert!(harmony.of > 2.0 && harmony.done == harmony.of && none.of == 0.0);

    let tick = |seconds: f64| project.tempo.tick_between(seconds);
    let lines = engine.pitch(LEAD, tick(0.0)..tick(7.0), 500);
    assert_eq!(lines.len(), 2, "two phrases");
    let at = |seconds: f64| {
        let line = lines.iter().flatten().rev().find(|(at, _)| *at <= tick(seconds)).unwrap();
        line.1
    };
    assert!((at(0.9) - 64.0).abs() < 0.5 && (at(5.5) - 64.0).abs() < 0.6, "{} {}", at(0.9), at(5.5));
    let wave = engine.waveform(LEAD, tick(0.0)..tick(7.0), 500);
    assert!(wave.len() < 700 && wave.windows(2).all(|w| w[0].0 <= w[1].0));
    let mut samples = vec![0.0; 44_100];
    engine.samples(LEAD, 2 * 44_100, &mut samples);
    let loudest = samples.iter().fold(0.0f32, |most, x| most.max(x.abs()));
    let drawn =
        wave.iter().filter(|(at, _)| (tick(2.0)..tick(3.0)).contains(at)).fold(0.0f32, |m, p| m.max(p.1));
    assert!(loudest > 0.01 && (loudest - drawn).abs() < 0.2 * loudest, "{loudest} {drawn}");

    // Nothing to do: nobody is woken, no frame asks for the next.
    let before = woken.load(Ordering::Relaxed);
    for _ in 0..30 {
        assert!(!engine.tick());
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    assert_eq!(woken.load(Ordering::Relaxed), before);
}

#[test]
fn the_voice_that_sings_goes_on_until_another_is_there() {
    let mut project = verse();
    let (mut engine, _) = start(&project);
    let (gate, go) = std::sync::mpsc::channel();
    engine.load_voice(Box::new(move || {
        go.recv().unwrap();
        Err(Message::foreign("this one does not load"))
    }));
    let raise = NoteCommand::Move { track: LEAD, notes: vec![NoteId(1)], ticks: 0, semitones: 1 };
    let raise = Command::Note(raise);
    for revision in [2, 3] {
        // While it loads, and after it came to nothing.
        raise.clone().apply(&mut project).unwrap();
        let generation = engine.generation();
        engine.follow(&project, revision, None);
        sung(&mut engine);
        assert!(engine.generation() > generation, "the edit was sung");
        assert!(matches!(engine.voice_status(), VoiceStatus::Ready { .. }) && engine.voice().is_some());
        let _ = gate.send(());
        let failed = |engine: &mut Engine| matches!(engine.next_voice(), Some(VoiceStatus::Failed(_)));
        wait(&mut engine, "the other voice does not come", failed);
    }
    engine.load_voice(hum());
    wait(&mut engine, "the other voice sings", |engine| engine.next_voice().is_none());
    sung(&mut engine);
}
