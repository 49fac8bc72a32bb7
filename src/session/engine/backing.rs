//! Backing audio: decoded in the background, kept at the rate of the house.

use std::collections::{HashMap, VecDeque};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;
use ziyin_message::{Message, ToMessage};

use super::recording_tempo::tempo_of;
use super::sung::BIN;
use crate::recording::read_recording;
use ziyin_interchange::Budget;
use ziyin_playback::{Clip, Clips, RATE};
use ziyin_score::{Backing, Project};
use ziyin_singing::backing::{Place, file_of, place};

/// How it stands with a backing track.
#[derive(Clone, Debug, PartialEq)]
pub enum BackingStatus {
    Decoding,
    /// It can be heard, and lasts so many seconds.
    Ready {
        seconds: f64,
    },
    /// It cannot be heard, for this reason.
    Failed(Message),
}

/// What the decoder gives.
pub(super) struct Decoded {
    path: PathBuf,
    /// When the file was changed last; `None` where that cannot be told.
    changed: Option<SystemTime>,
    /// Audio, or why there is none; `None` if the file has not changed.
    recording: Option<Result<Recording, Message>>,
}

/// Audio at 44.1 kHz.
#[derive(Clone)]
struct Recording {
    /// Left and right by turns.
    samples: Arc<[f32]>,
    /// The loudest sample of each [`BIN`] frames.
    peaks: Arc<[f32]>,
    /// In beats a minute, where it has one that is told.
    tempo: Option<f64>,
}

impl Recording {
    fn frames(&self) -> u64 {
        (self.samples.len() / 2) as u64
    }
}

#[derive(Default)]
pub(super) struct Backings {
    /// The file of each backing track of the song.
    sources: Vec<PathBuf>,
    /// What was decoded of each file.
    decoded: HashMap<PathBuf, Decoding>,
    decoders: Decoders,
}

/// A file on its way.
#[derive(Default)]
struct Decoding {
    /// `None` until it is decoded for the first time.
    result: Option<Result<Recording, Message>>,
    /// When the file had been changed last, as it was decoded.
    changed: Option<SystemTime>,
    /// Whether a decoder was asked to look at it.
    asked: bool,
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

/// To decode a file, unless it is as it was when it was decoded.
struct Job {
    path: PathBuf,
    /// When that one had been changed; `None` if it was not decoded.
    known: Option<Option<SystemTime>>,
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
        while let Some(Job { path, known, budget, told }) = self.next() {
            let changed = std::fs::metadata(&path).and_then(|metadata| metadata.modified()).ok();
            let recording = (known != Some(changed)).then(|| read(&path, &budget));
            told(Decoded { path, changed, recording });
        }
    }
}

impl Backings {
    /// Takes in the backing tracks of a song, and has the files decoded that are new or have changed.
    pub fn follow(
        &mut self,
        project: &Project,
        folder: Option<&Path>,
        told: impl Fn(Decoded) + Clone + Send + 'static,
    ) {
        self.sources = project.backings.iter().map(|backing| file_of(backing, folder)).collect();
        for path in &self.sources {
            let decoding = self.decoded.entry(path.clone()).or_default();
            if std::mem::replace(&mut decoding.asked, true) {
                continue;
            }
            let known = decoding.result.is_some().then_some(decoding.changed);
            let (path, budget) = (path.clone(), decoding.budget.clone());
            let job = Job { path, known, budget, told: Box::new(told.clone()) };
            if let Err(error) = self.decoders.decode(job) {
                (decoding.result, decoding.asked) = (Some(Err(error.to_message())), false);
            }
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

    /// Takes in what a decoder gave; gives whether something sounds otherwise now.
    pub fn take(&mut self, decoded: Decoded) -> bool {
        let Some(entry) = self.decoded.get_mut(&decoded.path) else { return false };
        entry.asked = false;
        let Some(recording) = decoded.recording else { return false };
        (entry.result, entry.changed) = (Some(recording), decoded.changed);
        entry.budget = Budget::default();
        true
    }

    fn recording(&self, index: usize) -> Option<&Result<Recording, Message>> {
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

    /// The tempo of a backing track in beats a minute, where it has one that is told.
    pub fn tempo(&self, index: usize) -> Option<f64> {
        self.recording(index).and_then(|recording| recording.as_ref().ok()?.tempo)
    }

    /// Each backing track with its clip, if it is ready.
    pub fn clips<'a>(&'a self, project: &'a Project) -> impl Iterator<Item = (&'a Backing, Arc<Clips>)> + 'a {
        project.backings.iter().enumerate().map(|(i, backing)| {
            let clip = match self.recording(i) {
                Some(Ok(recording)) => {
                    let Place { start, skip, cut, fades } = place(backing);
                    Some(Clip { start, skip, cut, fades, samples: recording.samples.clone(), stereo: true })
                }
                _ => None,
            };
            (backing, Arc::new(Clips::new(clip.into_iter().collect())))
        })
    }

    /// From which tick on a backing track is heard, and up to which, once it is decoded.
    pub fn span(&self, index: usize, project: &Project) -> Option<Range<f64>> {
        let (Some(Ok(recording)), Some(backing)) = (self.recording(index), project.backings.get(index))
        else {
            return None;
        };
        let Place { start, skip, cut, .. } = place(backing);
        let frames = recording.frames().saturating_sub(cut[1]).saturating_sub(skip);
        let tick = |frame: u64| project.tempo.tick_between(frame as f64 / f64::from(RATE));
        (frames > 0).then(|| tick(start)..tick(start + frames))
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
        let Place { start, skip, cut, .. } = place(backing);
        let offset = start as f64 - skip as f64;
        let bin = |tick: f64| {
            let frame = project.tempo.seconds_between(tick.max(0.0)) * f64::from(RATE) - offset;
            (frame.max(0.0) / BIN as f64) as usize
        };
        // What is cut off is not seen.
        let bins = |frames: u64| (frames / BIN as u64) as usize;
        let last = bins(recording.frames().saturating_sub(cut[1])).min(recording.peaks.len());
        let from = bin(ticks.start).max(bins(cut[0]));
        let to = (bin(ticks.end) + 1).min(last).max(from);
        let many = to.saturating_sub(from).div_ceil(points.max(1)).max(1);
        // On an even grid, so that the waveform does not swim as the view scrolls.
        let from = (from / many * many).max(bins(cut[0]));
        let Some(shown) = recording.peaks.get(from..to) else { return Vec::new() };
        let point = |(i, peaks): (usize, &[f32])| {
            let frame = ((from + i * many) * BIN) as f64 + offset;
            let loudest = peaks.iter().fold(0.0f32, |most, &peak| most.max(peak));
            (project.tempo.tick_between(frame / f64::from(RATE)), loudest)
        };
        shown.chunks(many).enumerate().map(point).collect()
    }
}

/// Decodes a file and brings it to the rate of the house.
fn read(path: &Path, budget: &Budget) -> Result<Recording, Message> {
    let samples = read_recording(path, budget)?.samples;
    let peaks =
        samples.chunks(2 * BIN).map(|bin| bin.iter().fold(0.0f32, |most, x| most.max(x.abs()))).collect();
    let tempo = tempo_of(&samples);
    Ok(Recording { samples, peaks, tempo })
}
