//! Singing while the song is edited.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use ziyin_score::{
    Articulation, Command, Curve, CurveCommand, CurveKind, CurvePoint, Harmony, HarmonyKind, Note,
    NoteCommand, NoteId, Project, TrackId, Transition,
};
use ziyin_singing::Voice;
use ziyin_singing::cache::BlockCache;
use ziyin_singing::live::{LiveEvent, LiveSinger, VoiceOutline};
use ziyin_singing::score_voices::{VoiceKey, Which, score_voices};
use ziyin_singing::stream::{VocoderDevice, provide};

use super::singing::{Hum, song, verse};

/// A singer and what it told.
pub struct Listener {
    singer: LiveSinger,
    events: Receiver<LiveEvent>,
    pieces: HashMap<u64, Arc<[f32]>>,
    /// The pieces in the order in which they were sung.
    sung: Vec<u64>,
    song: u64,
    /// The outlines of the last song.
    voices: Vec<VoiceOutline>,
}

impl Listener {
    pub fn new(voice: Arc<dyn Voice + Send + Sync>) -> Self {
        Self::on(VocoderDevice::Cpu, voice)
    }

    fn on(device: VocoderDevice, voice: Arc<dyn Voice + Send + Sync>) -> Self {
        let (tell, events) = channel();
        let singer = LiveSinger::start(voice, device, move |event| drop(tell.send(event))).unwrap();
        Self { singer, events, pieces: HashMap::new(), sung: Vec::new(), song: 0, voices: Vec::new() }
    }

    /// Sings a song to its end; gives the samples of each voice.
    pub fn sing(&mut self, project: &Project) -> HashMap<VoiceKey, Vec<f32>> {
        self.song += 1;
        self.singer.sing(self.song, project.clone());
        let mut voices: Vec<VoiceOutline> = Vec::new();
        loop {
            match self.events.recv_timeout(Duration::from_secs(60)).expect("the singer went silent") {
                LiveEvent::Planned { song, voices: planned, .. } if song == self.song => voices = planned,
                LiveEvent::Piece { key, samples } => {
                    self.pieces.insert(key, samples);
                    self.sung.push(key);
                }
                LiveEvent::Failed(why) => panic!("{why}"),
                LiveEvent::Idle if !voices.is_empty() => break,
                _ => {}
            }
        }
        self.voices = voices.clone();
        voices
            .iter()
            .map(|voice| {
                let mut all = Vec::new();
                for piece in &voice.pieces {
                    let samples = &self.pieces[&piece.key];
                    let start = piece.samples.start as usize;
                    assert_eq!(samples.len() as u64, piece.samples.end - piece.samples.start);
                    all.resize(all.len().max(piece.samples.end as usize), 0.0);
                    all[start..].iter_mut().zip(&samples[..]).for_each(|(sum, sample)| *sum += sample);
                }
                (voice.key, all)
            })
            .collect()
    }
}

pub const LEAD: VoiceKey = VoiceKey { track: TrackId(1), harmony: None };
const HARMONY: VoiceKey = VoiceKey { harmony: Some(0), ..LEAD };

/// A phrase of twelve syllables, half of them with voiceless consonants.
fn long_phrase() -> Project {
    let words = ["ni", "ta", "ma", "sha", "lan", "pao", "yi", "chu", "wen", "kan", "ren", "si"];
    let notes: Vec<_> =
        (0..).zip(words).map(|(i, word)| (1.0 + f64::from(i), 1.0, 60 + (i % 5) as u8, word)).collect();
    song(&notes)
}

/// The sixth syllable of the long phrase in a way of its own.
fn articulate(own: Articulation) -> Command {
    let note = long_phrase().tracks[0].notes[5].clone().with_articulation(0, own);
    Command::Note(NoteCommand::Change { track: TrackId(1), notes: vec![note] })
}

/// A note of the long phrase in a take of its own.
fn in_take(note: usize, take: u32) -> Command {
    let note = Note { take, ..long_phrase().tracks[0].notes[note].clone() };
    Command::Note(NoteCommand::Change { track: TrackId(1), notes: vec![note] })
}

/// A note of the long phrase that is come to in a way of its own.
fn transition(note: usize) -> Command {
    let own = Transition { begin_ms: -90.0, end_ms: 60.0, shape: 0.5, overshoot: 2.0 };
    let note = Note { transition: Some(own), ..long_phrase().tracks[0].notes[note].clone() };
    Command::Note(NoteCommand::Change { track: TrackId(1), notes: vec![note] })
}

fn own() -> Articulation {
    Articulation {
        onset_ms: Some(-180.0),
        vowel_ms: Some(15.0),
        strengths_db: [6.0, 0.0, -3.0, 0.0],
        ..Articulation::default()
    }
}

#[test]
fn an_edit_leaves_all_other_samples_as_they_were() {
    let edits: Vec<(&str, Command)> = vec![
        (
            "pitch",
            Command::Note(NoteCommand::Move {
                track: TrackId(1),
                notes: vec![NoteId(6)],
                ticks: 0,
                semitones: 3,
            }),
        ),
        (
            "time",
            Command::Note(NoteCommand::Move {
                track: TrackId(1),
                notes: vec![NoteId(12)],
                ticks: 240,
                semitones: 0,
            }),
        ),
        (
            "lyric",
            Command::Note(NoteCommand::Sing { track: TrackId(1), lyrics: vec![(NoteId(6), "li".into())] }),
        ),
        (
            "curve",
            Command::Curve(CurveCommand::Draw {
                track: TrackId(1),
                kind: CurveKind::Pitch,
                from: 5800,
                to: 6700,
                points: vec![
                    CurvePoint { tick: 5800, value: 0.0 },
                    CurvePoint { tick: 6000, value: 90.0 },
                    CurvePoint { tick: 6600, value: 0.0 },
                ],
            }),
        ),
        ("boundaries and strengths", articulate(own())),
        ("take", in_take(5, 3)),
        ("transition", transition(5)),
    ];
    for (name, edit) in edits {
        let mut listener = Listener::new(Arc::new(Hum::default()));
        let mut project = long_phrase();
        project.tracks[0].harmonies = vec![Harmony { delay: 0.25, ..Harmony::new(HarmonyKind::OctaveDown) }];
        let before = listener.sing(&project);
        let undo = edit.apply(&mut project).unwrap();
        let after = listener.sing(&project);
        for voice in [LEAD, HARMONY] {
            let (before, after) = (&before[&voice], &after[&voice]);
            let changed: Vec<usize> =
                (0..before.len().max(after.len())).filter(|&i| before.get(i) != after.get(i)).collect();
            assert!(!changed.is_empty(), "{name} changes nothing");
            let (first, last) = (changed[0], changed[changed.len() - 1]);
            // All but the syllables around the edit, cut at voiceless consonants: at most five. A leap is
            // felt in the notes on both sides, and a note that it moves is tuned as a whole.
            assert!(last - first < 5 * 22_050 + 8_000, "{name}: {first} to {last}");
            assert!(first > 44_100, "{name}: {first}");
        }
        undo.apply(&mut project).unwrap();
        assert!(listener.sing(&project) == before, "{name}: undone it sounds otherwise");
    }
}

#[test]
fn a_take_is_kept_through_edits_elsewhere_and_is_the_same_whenever_it_is_chosen() {
    let mut listener = Listener::new(Arc::new(Hum::default()));
    let mut project = long_phrase();
    let mut take = |project: &mut Project, take| {
        in_take(5, take).apply(project).unwrap();
        listener.sing(project).remove(&LEAD).unwrap()
    };
    let takes = [0, 1, 2, 3].map(|number| take(&mut project, number));
    for (a, b) in [(0, 1), (0, 2), (1, 2), (2, 3)] {
        assert!(takes[a] != takes[b], "takes {a} and {b} are one");
    }
    assert!(take(&mut project, 2) == takes[2]);
    // Another song that has it sings it so, too; and an edit of the last note is not heard in it.
    let mut listener = Listener::new(Arc::new(Hum::default()));
    let again = listener.sing(&project).remove(&LEAD).unwrap();
    assert!(again == takes[2]);
    let edit = NoteCommand::Sing { track: TrackId(1), lyrics: vec![(NoteId(12), "li".into())] };
    Command::Note(edit).apply(&mut project).unwrap();
    let edited = listener.sing(&project).remove(&LEAD).unwrap();
    assert!(edited != again && edited[..8 * 22_050] == again[..8 * 22_050]);
}

#[test]
fn what_is_heard_live_is_what_is_written() {
    let (voice, mut project) = (Arc::new(Hum::default()), verse());
    let track = &mut project.tracks[0];
    track.harmonies[0].delay = -0.11;
    let points = [(0, -6.0), (2000, 3.0), (5000, -3.0)].map(|(tick, value)| CurvePoint { tick, value });
    track.curves.loudness = Curve::new(points.to_vec()).unwrap();
    let notes = track.notes.iter().map(|note| note.clone().with_articulation(0, own()));
    track.notes = (0..).zip(notes).map(|(take, note)| Note { take, ..note }).collect();
    let live = Listener::new(voice.clone()).sing(&project);
    assert_eq!(live.len(), 3);
    let (voices, _) = score_voices(&project, &*voice, Which::Heard).unwrap();
    for mut planned in voices {
        let mut out = vec![0.0; planned.stream.len() as usize];
        provide(std::slice::from_mut(&mut planned.stream), out.len(), &*voice, &mut BlockCache::default())
            .unwrap();
        planned.stream.sing(&mut out).unwrap();
        assert!(out == live[&planned.key], "{:?}", planned.key);
    }
}

#[test]
fn the_nearest_to_the_play_head_is_sung_first() {
    let line: Vec<_> = (0..20).map(|i| (f64::from(i) * 4.0, 1.0, 60, "ta")).collect();
    let mut listener = Listener::new(Arc::new(Hum::default()));
    listener.singer.aim(20.0);
    let project = song(&line);
    listener.sing(&project);
    let (voices, _) = score_voices(&project, &Hum::default(), Which::All).unwrap();
    let keys = voices[0].stream.keys();
    let place = |key: u64| keys.iter().position(|&k| k == key).unwrap();
    let order: Vec<usize> = listener.sung.iter().map(|&key| place(key)).collect();
    assert_eq!(order[..3], [10, 11, 12], "{order:?}");
    assert_eq!(order[19], 0, "{order:?}");
}

#[test]
fn only_what_changed_is_generated() {
    let voice = Arc::new(Hum::default());
    let mut listener = Listener::new(voice.clone());
    let mut project = long_phrase();
    listener.sing(&project);
    let before = voice.generated.load(Ordering::Relaxed);
    let edit = NoteCommand::Sing { track: TrackId(1), lyrics: vec![(NoteId(6), "li".into())] };
    Command::Note(edit).apply(&mut project).unwrap();
    listener.sing(&project);
    // The note itself, and the two that have it as a neighbour.
    assert!(voice.generated.load(Ordering::Relaxed) - before <= 3);
}

#[test]
fn a_voice_that_fails_says_so_and_the_singer_lives() {
    let (tell, events) = channel();
    let voice = Arc::new(Hum { fails: true, ..Default::default() });
    let singer = LiveSinger::start(voice, VocoderDevice::Cpu, move |event| drop(tell.send(event))).unwrap();
    for song in 1..3 {
        singer.sing(song, verse());
        let failed = events.iter().find_map(|event| match event {
            LiveEvent::Failed(why) => Some(why),
            _ => None,
        });
        assert_eq!(failed.unwrap().to_string(), "the voice cannot sing: out of breath");
    }
}

/// The promise of [`an_edit_leaves_all_other_samples_as_they_were`] with the voice that
/// ships, in a phrase without a single voiceless consonant, and in one of English with tails.
#[test]
fn the_shipped_voice_keeps_the_promise_too() {
    keeps_the_promise("models/ziyin", ["ni", "men", "lai", "le", "wo", "ai", "you", "mei", "li", "ma"]);
    let english = ["the", "world", "never", "+", "moves", "along", "+", "your", "hands", "now"];
    keeps_the_promise("models/ziyin-english", english);
}

fn keeps_the_promise(voice: &str, words: [&str; 10]) {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(voice);
    let voice = ziyin_model::VoiceModel::load(&folder, &burn::tensor::Device::flex()).unwrap();
    let voice: Arc<dyn Voice + Send + Sync> = Arc::new(voice);
    let notes: Vec<_> =
        (0..).zip(words).map(|(i, word)| (1.0 + f64::from(i), 1.0, 62 + (i % 4) as u8, word)).collect();
    let mut project = song(&notes);
    let mut listener = Listener::new(voice.clone());
    let before = listener.sing(&project).remove(&LEAD).unwrap();
    let (voices, _) = score_voices(&project, &*voice, Which::Heard).unwrap();
    let mut streams: Vec<_> = voices.into_iter().map(|voice| voice.stream).collect();
    let mut written = vec![0.0; before.len()];
    provide(&mut streams, written.len(), &*voice, &mut BlockCache::default()).unwrap();
    streams[0].sing(&mut written).unwrap();
    let apart = written.iter().zip(&before).fold(0.0f32, |most, (a, b)| most.max((a - b).abs()));
    println!("written and live are {apart} apart");

    let (track, notes) = (TrackId(1), vec![NoteId(6)]);
    let anew = vec![Note { take: 7, ..project.tracks[0].notes[5].clone() }];
    for edit in [
        NoteCommand::Move { track, notes, ticks: 0, semitones: 2 },
        NoteCommand::Change { track, notes: anew },
    ] {
        let undo = Command::Note(edit).apply(&mut project).unwrap();
        let after = listener.sing(&project).remove(&LEAD).unwrap();
        let changed: Vec<usize> = (0..before.len()).filter(|&i| before[i] != after[i]).collect();
        let (first, last) = (changed[0], changed[changed.len() - 1]);
        let note = 22_050 * 6;
        println!("changed from {} to {} around the note", first as i64 - note, last as i64 - note);
        // The note and its neighbours, which are told of its pitch and tuned with the leaps to it.
        let (earliest, latest) = (note - 22_050 - 8_000, note + 2 * 22_050 + 8_000);
        assert!(first as i64 > earliest && (last as i64) < latest, "{first} to {last}");
        undo.apply(&mut project).unwrap();
        assert!(listener.sing(&project).remove(&LEAD).unwrap() == before, "undone it sounds otherwise");
    }
    assert!(apart == 0.0, "what is written is {apart} away from what is heard");
}

/// Where runs meet, in voiced sounds and in voiceless ones, the shipped voice is no rougher
/// than around it, and its pitch is the one that was planned.
#[test]
fn nothing_is_heard_where_runs_meet() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("models/ziyin");
    let voice = ziyin_model::VoiceModel::load(&folder, &burn::tensor::Device::flex()).unwrap();
    let mut listener = Listener::new(Arc::new(voice));
    let words = ["ni", "men", "lai", "le", "wo", "ai", "sha", "you", "hua", "mei", "si", "li", "fan", "ma"];
    let notes: Vec<_> = (0..)
        .zip(words)
        .map(|(i, word)| (1.0 + 0.75 * f64::from(i), 0.75, [62, 62, 65, 60][i as usize % 4], word))
        .collect();
    let sound = listener.sing(&song(&notes)).remove(&LEAD).unwrap();
    let outline = &listener.voices[0];
    let rough = |from: usize| {
        let part = &sound[from..from + 256];
        (part.windows(3).map(|w| (w[2] - 2.0 * w[1] + w[0]).powi(2)).sum::<f32>() / 254.0).sqrt()
    };
    let most = |from: usize| (0..6).map(|i| rough(from + 128 * i)).fold(0.0, f32::max);
    for piece in &outline.pieces[1..] {
        let meet = piece.samples.start as usize;
        let (here, around) = (rough(meet), most(meet - 1280).max(most(meet + 384)));
        assert!(here < 1.5 * around + 1e-4, "at {} s: {here} in {around}", meet as f64 / 44_100.0);
    }
    let pitch = ziyin_signal::track_pitch(&sound, 150.0, 500.0, 128);
    let mut cents = Vec::new();
    for phrase in &outline.plan.phrases {
        for character in phrase.characters.iter() {
            let (from, to) = (character.vowel_at() + 0.03, character.end() - 0.03);
            for i in 0..((to - from) / 0.005) as usize {
                let at = from + 0.005 * i as f64;
                if let Some(hertz) = pitch.bridged_at(at) {
                    cents.push(
                        1200.0 * (f64::from(hertz) / 440.0).log2() - 100.0 * (phrase.pitch.at(at) - 69.0),
                    );
                }
            }
        }
    }
    cents.sort_by(|a, b| a.abs().total_cmp(&b.abs()));
    let part = |part: f64| cents[(part * cents.len() as f64) as usize].abs();
    println!("cents from the plan: half below {:.1}, nine tenths below {:.1}", part(0.5), part(0.9));
    assert!(part(0.5) < 3.0 && part(0.9) < 30.0, "{} {}", part(0.5), part(0.9));
}

#[test]
fn a_gpu_sings_the_runs_as_the_cpu_does() {
    use ziyin_model::device::{Compute, DeviceChoice};
    use ziyin_singing::vocoder::VocoderShaders;
    let Ok(Compute { gpu: Some(gpu), description, .. }) = Compute::choose(DeviceChoice::Gpu) else {
        return println!("skipped: there is no graphics adapter");
    };
    println!("sung on {description}");
    let device = VocoderDevice::Gpu(VocoderShaders::new(&gpu.device, &gpu.queue).unwrap());
    let project = song(&[(1.0, 0.5, 62, "na"), (1.5, 0.5, 64, "ta"), (2.0, 0.7, 60, "li")]);
    let by_gpu = Listener::on(device, Arc::new(Hum::default())).sing(&project).remove(&LEAD).unwrap();
    let by_cpu = Listener::new(Arc::new(Hum::default())).sing(&project).remove(&LEAD).unwrap();
    let power = |samples: &mut dyn Iterator<Item = f32>| samples.map(|x| f64::from(x).powi(2)).sum::<f64>();
    let apart = power(&mut by_gpu.iter().zip(&by_cpu).map(|(a, b)| a - b));
    let apart = 10.0 * (apart / power(&mut by_cpu.iter().copied())).log10();
    assert!(by_gpu.len() == by_cpu.len() && apart < -60.0, "{apart} dB apart");
}
