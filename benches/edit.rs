//! How soon an edit is heard: from the edit of one note of a song that is sung to the
//! samples of its new sound, with the voice that ships, on the CPU. An edit here is one
//! that the song has not seen before, so that nothing comes from a cache but what the edit
//! leaves alone.
//!
//! `cargo bench --profile dev --bench edit`, on a machine with nothing else to do; the
//! median is the figure. What comes after it is the time of one frame of the studio, and
//! the buffer of the sound card.

use std::cell::RefCell;
use std::collections::HashSet;
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};

use burn::tensor::Device;
use divan::Bencher;
use ziyin_model::VoiceModel;
use ziyin_score::*;
use ziyin_singing::live::{LiveEvent, LiveSinger, VoiceOutline};
use ziyin_singing::score_voices::VoiceKey;
use ziyin_singing::stream::VocoderDevice;

fn main() {
    divan::main();
}

/// A singer who has sung a song.
struct Stage {
    singer: LiveSinger,
    events: Receiver<LiveEvent>,
    project: Project,
    ready: HashSet<u64>,
    edits: usize,
    song: u64,
    idle: bool,
}

fn demo_song() -> Project {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    Project::load(&root.join("assets/molihua.ziyin")).expect("the demo song ships")
}

/// The lead of the demo song over and over, so many notes.
fn long_song(notes: usize) -> Project {
    let mut project = demo_song();
    project.tracks[0].harmonies.clear();
    let track = &project.tracks[0];
    let verse = track.end() + 2 * TICKS_PER_QUARTER;
    let all = (1..).zip(track.notes.iter().cycle().take(notes)).map(|(id, note)| {
        let verses = (id - 1) / track.notes.len() as u64;
        Note { id: NoteId(id), onset: note.onset + verses as Tick * verse, ..note.clone() }
    });
    project.tracks[0].notes = all.collect();
    project
}

/// The sung notes of the demo song over and over without a rest, so many: one phrase.
fn one_phrase(notes: usize) -> Project {
    let mut project = long_song(notes);
    let mut onset = TICKS_PER_QUARTER;
    let chained = project.tracks[0].notes.iter().map(|note| {
        let note = Note { onset, ..note.clone() };
        onset = note.end();
        note
    });
    project.tracks[0].notes = chained.collect();
    project
}

/// Thirty tracks with a hundred notes each, those of one a bar later than those of another.
fn thirty_tracks() -> Project {
    let mut project = long_song(100);
    let lead = project.tracks.remove(0);
    let track = |number: u64| {
        let later = |note: &Note| Note { onset: note.onset + 3840 * (number % 4) as i64, ..note.clone() };
        let notes = lead.notes.iter().map(later).collect();
        Track { id: TrackId(number), notes, ..lead.clone() }
    };
    project.tracks = (1..=30).map(track).collect();
    project
}

/// What an edit waits for.
#[derive(Clone, Copy, PartialEq)]
enum Until {
    /// The plan is made.
    Planned,
    /// The note that was edited sounds anew, in the voice that it is written for.
    Heard,
    /// All voices have followed.
    Idle,
}

impl Stage {
    fn new(project: Project, until: Until) -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let voice = VoiceModel::load(&root.join("models/ziyin"), &Device::flex()).expect("the voice ships");
        let (tell, events) = channel();
        let told = move |event| drop(tell.send(event));
        let singer = LiveSinger::start(Arc::new(voice), VocoderDevice::Cpu, told).expect("a thread");
        let mut stage =
            Self { singer, events, project, ready: HashSet::new(), edits: 0, song: 0, idle: true };
        stage.sing(None, until);
        stage
    }

    /// The demo song, with so many of its three voices.
    fn demo(voices: usize) -> Self {
        let mut project = demo_song();
        project.tracks[0].harmonies.truncate(voices - 1);
        Self::new(project, Until::Idle)
    }

    /// A long song that is not yet sung.
    fn long(notes: usize) -> Self {
        Self::new(long_song(notes), Until::Planned)
    }

    fn sing(&mut self, note: Option<NoteId>, until: Until) {
        self.song += 1;
        self.singer.sing(self.song, self.project.clone());
        self.idle = false;
        let mut awaited: Option<HashSet<u64>> = None;
        while let Ok(event) = self.events.recv() {
            self.take(&event);
            match (&event, &mut awaited) {
                (LiveEvent::Planned { song, voices, .. }, _) if *song == self.song => {
                    awaited = Some(self.awaited(voices, note));
                }
                (LiveEvent::Piece { key, .. }, Some(awaited)) => drop(awaited.remove(key)),
                _ => {}
            }
            let done = match until {
                Until::Planned => awaited.is_some(),
                Until::Heard => awaited.as_ref().is_some_and(HashSet::is_empty),
                Until::Idle => self.idle && awaited.is_some(),
            };
            if done {
                return;
            }
        }
    }

    /// The pieces of the lead in which a note sounds and that are not ready.
    fn awaited(&self, voices: &[VoiceOutline], note: Option<NoteId>) -> HashSet<u64> {
        let lead = VoiceKey { track: self.project.tracks[0].id, harmony: None };
        let pieces = voices.iter().filter(|voice| voice.key == lead).flat_map(|voice| &voice.pieces);
        let with = pieces.filter(|piece| note.is_some_and(|note| piece.notes.contains(&note)));
        with.map(|piece| piece.key).filter(|key| !self.ready.contains(key)).collect()
    }

    /// Waits until nothing is left to do.
    fn settle(&mut self) {
        while !self.idle {
            match self.events.recv() {
                Ok(event) => self.take(&event),
                Err(_) => return,
            }
        }
    }

    fn take(&mut self, event: &LiveEvent) {
        match event {
            LiveEvent::Piece { key, .. } => drop(self.ready.insert(*key)),
            LiveEvent::Idle => self.idle = true,
            LiveEvent::Failed(why) => panic!("{why}"),
            _ => {}
        }
    }

    /// Makes the next edit, and waits for what comes of it.
    fn edit(&mut self, until: Until) {
        let track = &self.project.tracks[0];
        let sung: Vec<&Note> = track.notes.iter().filter(|note| !note.is_hold()).collect();
        let note = sung[self.edits * 7 % sung.len()].id;
        let semitones = 1 + (self.edits / sung.len()) as i16 % 4;
        let step = NoteCommand::Move { track: track.id, notes: vec![note], ticks: 0, semitones };
        Command::Note(step).apply(&mut self.project).expect("the note is there");
        self.edits += 1;
        self.sing(Some(note), until);
    }
}

/// Edits the demo song, one voice or three, again and again; `until` ends the clock. What is
/// left to do after that is done before the next edit.
fn bench(bencher: Bencher, voices: usize, until: Until) {
    let stage = RefCell::new(Stage::demo(voices));
    bencher
        .with_inputs(|| stage.borrow_mut().settle())
        .bench_local_values(|()| stage.borrow_mut().edit(until));
}

/// Until it is known what must be sung.
#[divan::bench(args = [1, 3], sample_count = 100, sample_size = 1)]
fn planned(bencher: Bencher, voices: usize) {
    bench(bencher, voices, Until::Planned);
}

/// Until the note sounds anew in its own voice.
#[divan::bench(args = [1, 3], sample_count = 100, sample_size = 1)]
fn heard(bencher: Bencher, voices: usize) {
    bench(bencher, voices, Until::Heard);
}

/// Until all voices have followed.
#[divan::bench(args = [1, 3], sample_count = 100, sample_size = 1)]
fn all_sung(bencher: Bencher, voices: usize) {
    bench(bencher, voices, Until::Idle);
}

/// The same in a song of many notes, while the rest of it is being sung.
#[divan::bench(args = [1_000, 10_000], sample_count = 30, sample_size = 1)]
fn heard_in_a_long_song(bencher: Bencher, notes: usize) {
    let mut stage = Stage::long(notes);
    bencher.bench_local(|| stage.edit(Until::Heard));
}

/// The same in thirty tracks with 3,000 notes, while the rest of them is being sung.
#[divan::bench(sample_count = 30, sample_size = 1)]
fn heard_in_thirty_tracks(bencher: Bencher) {
    let mut stage = Stage::new(thirty_tracks(), Until::Planned);
    bencher.bench_local(|| stage.edit(Until::Heard));
}

/// All of thirty tracks, from nothing: as much quicker than they sound as they are played without a gap.
#[divan::bench(sample_count = 1, sample_size = 1)]
fn thirty_tracks_from_nothing(bencher: Bencher) {
    let project = thirty_tracks();
    let seconds = project.tempo.seconds(project.end());
    bencher.bench_local(|| Stage::new(project.clone(), Until::Idle));
    println!("{seconds:.0} s of song");
}

/// Until it is known what must be sung in a song of many notes.
#[divan::bench(args = [1_000, 10_000], sample_count = 30, sample_size = 1)]
fn planned_in_a_long_song(bencher: Bencher, notes: usize) {
    let mut stage = Stage::long(notes);
    bencher.bench_local(|| stage.edit(Until::Planned));
}

/// From the edit of a note of one phrase of so many notes, none of them a rest, to its new
/// sound.
#[divan::bench(args = [200, 2_000], sample_count = 30, sample_size = 1)]
fn heard_in_one_phrase(bencher: Bencher, notes: usize) {
    let mut stage = Stage::new(one_phrase(notes), Until::Planned);
    bencher.bench_local(|| stage.edit(Until::Heard));
}

/// The same until it is known what must be sung.
#[divan::bench(args = [200, 2_000], sample_count = 30, sample_size = 1)]
fn planned_in_one_phrase(bencher: Bencher, notes: usize) {
    let mut stage = Stage::new(one_phrase(notes), Until::Planned);
    bencher.bench_local(|| stage.edit(Until::Planned));
}

/// A frame of the studio in which the plan of an edit arrives, and with it the first new
/// sound: what it costs besides painting.
#[divan::bench(args = [1_000, 10_000], sample_count = 15, sample_size = 1)]
fn frame_after_an_edit(bencher: Bencher, notes: usize) {
    use std::time::Duration;
    use ziyin_model::device::DeviceChoice;
    use ziyin_session::engine::{Engine, LoadedVoice};

    let mut project = long_song(notes);
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("models");
    let nowhere = ziyin_playback::DeviceChoice { name: Some("none".into()), buffer: None };
    let loader = LoadedVoice::from_models(folder, DeviceChoice::Cpu);
    let engine = RefCell::new(Engine::start(loader, nowhere, Arc::new(|| ())));
    let mut revision = 0;
    bencher
        .with_inputs(|| {
            let track = &project.tracks[0];
            let (track, note) = (track.id, track.notes[revision * 7].id);
            let step = NoteCommand::Move { track, notes: vec![note], ticks: 0, semitones: 1 };
            Command::Note(step).apply(&mut project).expect("the note is there");
            revision += 1;
            engine.borrow_mut().tick();
            engine.borrow_mut().follow(&project, revision as u64, None);
            std::thread::sleep(Duration::from_millis(700));
        })
        .bench_local_values(|()| engine.borrow_mut().tick());
}
