//! Backing audio: decoded in the background, kept at the rate of the house.

use std::collections::{HashMap, VecDeque};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use super::sung::BIN;
use crate::recording::read_recording;
use ziyin_interchange::Budget;
use ziyin_playback::{Clip, Clips, RATE};
use ziyin_score::{Backing, Project};
use ziyin_singing::backing::{file_of, place};

/// How it stands with a backing track.
#[derive(Clone, Debug, PartialEq)]
pub enum BackingStatus {
    Decoding,
    /// It can be heard, and lasts so many seconds.
    Ready {
        seconds: f64,
    },
    /// It cannot be heard, for this reason.
    Failed(String),
}

/// A file as it was when it was decoded.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Source {
    path: PathBuf,
    changed: Option<SystemTime>,
}

/// What the decoder gives: audio, or why there is none.
pub(super) struct Decoded {
    source: Source,
    recording: Result<Recording, String>,
}

/// Audio at 44.1 kHz.
#[derive(Clone)]
struct Recording {
    /// Left and right by turns.
    samples: Arc<[f32]>,
    /// The loudest sample of each [`BIN`] frames.
    peaks: Arc<[f32]>,
}

impl Recording {
    fn frames(&self) -> u64 {
        (self.samples.len() / 2) as u64
    }
}

#[derive(Default)]
pub(super) struct Backings {
    /// The file of each backing track of the song.
    sources: Vec<Source>,
    /// What was decoded of each file.
    decoded: HashMap<Source, Decoding>,
    decoders: Decoders,
}

/// A file on its way.
struct Decoding {
    /// `None` while it is being decoded.
    result: Option<Result<Recording, String>>,
    budget: Budget,
}

/// Files that are decoded at once: a long one takes gigabytes for a moment.
const DECODERS: usize = 2;

/// Files that wait to be decoded, and the threads that do it while there are any.
#[derive(Clone, Default)]
struct Decoders(Arc<Mutex<Queue>>);

#[derive(Default)]
struct Queue {
    waiting: VecDeque<Job>,
    running: usize,
}

struct Job {
    source: Source,
    budget: Budget,
    told: Box<dyn FnOnce(Decoded) + Send>,
}

impl Decoders {
    /// # Errors
    /// If no thread can be started for it.
    fn decode(&self, job: Job) -> std::io::Result<()> {
        let mut queue = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if queue.running < DECODERS {
            let decoders = self.clone();
            std::thread::Builder::new().name("audio decoder".into()).spawn(move || decoders.work())?;
            queue.running += 1;
        }
        queue.waiting.push_back(job);
        Ok(())
    }

    fn next(&self) -> Option<Job> {
        let mut queue = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let job = queue.waiting.pop_front();
        queue.running -= usize::from(job.is_none());
        job
    }

    fn work(&self) {
        while let Some(Job { source, budget, told }) = self.next() {
            let recording = read(&source.path, &budget);
            told(Decoded { source, recording });
        }
    }
}

impl Backings {
    /// Takes in the backing tracks of a song, and decodes the files that are new.
    pub fn follow(
        &mut self,
        project: &Project,
        folder: Option<&Path>,
        told: impl Fn(Decoded) + Clone + Send + 'static,
    ) {
        self.sources = project.backings.iter().map(|backing| source(backing, folder)).collect();
        for source in &self.sources {
            if self.decoded.contains_key(source) {
                continue;
            }
            let (file, told) = (source.clone(), told.clone());
            let budget = Budget::default();
            let job = Job { source: file, budget: budget.clone(), told: Box::new(told) };
            let failure = self.decoders.decode(job).err().map(|error| Err(error.to_string()));
            self.decoded.insert(source.clone(), Decoding { result: failure, budget });
        }
        let sources = &self.sources;
        // What an undo may bring back is kept while it is little.
        if self.decoded.len() > sources.len() + 2 {
            self.decoded.retain(|source, decoding| {
                let wanted = sources.contains(source);
                if !wanted {
                    decoding.budget.cancel();
                }
                wanted
            });
        }
    }

    pub fn take(&mut self, decoded: Decoded) {
        if let Some(entry) = self.decoded.get_mut(&decoded.source) {
            entry.result = Some(decoded.recording);
        }
    }

    fn recording(&self, index: usize) -> Option<&Result<Recording, String>> {
        self.sources.get(index).and_then(|source| self.decoded.get(source)?.result.as_ref())
    }

    pub fn status(&self, index: usize) -> BackingStatus {
        match self.recording(index) {
            None => BackingStatus::Decoding,
            Some(Ok(recording)) => {
                BackingStatus::Ready { seconds: recording.frames() as f64 / f64::from(RATE) }
            }
            Some(Err(why)) => BackingStatus::Failed(why.clone()),
        }
    }

    /// Each backing track with its clip, if it is ready.
    pub fn clips<'a>(&'a self, project: &'a Project) -> impl Iterator<Item = (&'a Backing, Arc<Clips>)> + 'a {
        project.backings.iter().enumerate().map(|(i, backing)| {
            let clip = match self.recording(i) {
                Some(Ok(recording)) => {
                    let (start, skip) = place(backing);
                    Some(Clip { start, skip, samples: recording.samples.clone(), stereo: true })
                }
                _ => None,
            };
            (backing, Arc::new(Clips::new(clip.into_iter().collect())))
        })
    }

    /// A backing track between two ticks: tick, and the loudest sample from there on.
    pub fn waveform(
        &self,
        index: usize,
        project: &Project,
        ticks: Range<f64>,
        points: usize,
    ) -> Vec<(f64, f32)> {
        let (Some(Ok(recording)), Some(backing)) = (self.recording(index), project.backings.get(index))
        else {
            return Vec::new();
        };
        let (start, skip) = place(backing);
        let offset = start as f64 - skip as f64;
        let bin = |tick: f64| {
            let frame = project.tempo.seconds_between(tick.max(0.0)) * f64::from(RATE) - offset;
            (frame.max(0.0) / BIN as f64) as usize
        };
        let (from, to) = (bin(ticks.start), (bin(ticks.end) + 1).min(recording.peaks.len()));
        let many = to.saturating_sub(from).div_ceil(points.max(1)).max(1);
        // On an even grid, so that the waveform does not swim as the view scrolls.
        let from = from / many * many;
        let Some(shown) = recording.peaks.get(from..to) else { return Vec::new() };
        let point = |(i, peaks): (usize, &[f32])| {
            let frame = ((from + i * many) * BIN) as f64 + offset;
            let loudest = peaks.iter().fold(0.0f32, |most, &peak| most.max(peak));
            (project.tempo.tick_between(frame / f64::from(RATE)), loudest)
        };
        shown.chunks(many).enumerate().map(point).collect()
    }
}

fn source(backing: &Backing, folder: Option<&Path>) -> Source {
    let path = file_of(backing, folder);
    let changed = std::fs::metadata(&path).and_then(|metadata| metadata.modified()).ok();
    Source { path, changed }
}

/// Decodes a file and brings it to the rate of the house.
fn read(path: &Path, budget: &Budget) -> Result<Recording, String> {
    let samples = read_recording(path, budget)?.samples;
    let peaks =
        samples.chunks(2 * BIN).map(|bin| bin.iter().fold(0.0f32, |most, x| most.max(x.abs()))).collect();
    Ok(Recording { samples, peaks })
}
