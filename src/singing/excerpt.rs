//! A few notes of a track sung by themselves, as they are in the song.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use rayon::prelude::*;

use super::cache::BlockCache;
use super::render::RenderError;
use super::score_voices::{Planner, ScoreVoice, Unsung, Which};
use super::stream::{VocoderDevice, VoiceStream, provide_places};
use super::vocoder::VocoderError;
use super::voice::Voice;
use ziyin_score::{NoteId, Project};
use ziyin_signal::SAMPLE_RATE;

/// Samples that are sung at most: a minute.
const LONGEST: u64 = 60 * SAMPLE_RATE as u64;
/// Bytes of samples that are kept.
const KEPT: usize = 64 << 20;

/// Sings notes again and again, and anew only what of them has changed.
pub struct ExcerptSinger {
    voice: Arc<dyn Voice + Send + Sync>,
    device: VocoderDevice,
    planner: Planner,
    blocks: BlockCache,
    /// By their keys.
    runs: HashMap<u64, Arc<[f32]>>,
}

impl ExcerptSinger {
    pub fn new(voice: Arc<dyn Voice + Send + Sync>, device: VocoderDevice) -> Self {
        Self {
            voice,
            device,
            planner: Planner::default(),
            blocks: BlockCache::default(),
            runs: HashMap::new(),
        }
    }

    /// Sings these notes of the lead of a song's only track; gives the sample of the song that their sound
    /// begins at, and at most a minute of it at 44.1 kHz.
    ///
    /// # Errors
    /// If there is no such singer, nothing to sing, or the voice or the vocoder fails.
    pub fn sing(
        &mut self,
        project: &Project,
        notes: &BTreeSet<NoteId>,
    ) -> Result<(u64, Vec<f32>), RenderError> {
        let (voices, _) = self.planner.plan(project, &*self.voice, Which::Heard)?;
        let Some(ScoreVoice { mut stream, .. }) = voices.into_iter().next() else {
            return Err(RenderError::Unsung(Unsung::NothingToSing));
        };
        stream.move_to(self.device.clone());
        let is_theirs = |own: &Arc<[NoteId]>| own.iter().any(|note| notes.contains(note));
        let theirs = (0..stream.runs().len()).filter(|&run| is_theirs(&stream.notes()[run]));
        let mut theirs: Vec<usize> = theirs.collect();
        let Some(start) = theirs.first().map(|&run| stream.runs()[run].samples().start) else {
            return Err(RenderError::Unsung(Unsung::NothingToSing));
        };
        theirs.retain(|&run| stream.runs()[run].samples().end <= start + LONGEST);
        self.sing_runs(&mut stream, &theirs)?;
        let end = theirs.iter().map(|&run| stream.runs()[run].samples().end).max().unwrap_or(start);
        let mut samples = vec![0.0; (end - start) as usize];
        for &run in &theirs {
            let from = (stream.runs()[run].samples().start - start) as usize;
            let sung = self.runs.get(&stream.keys()[run]).into_iter().flat_map(|run| run.iter());
            samples[from..].iter_mut().zip(sung).for_each(|(sum, sample)| *sum += sample);
        }
        Ok((start, samples))
    }

    /// Sings those of some runs that are not known.
    fn sing_runs(&mut self, stream: &mut VoiceStream, runs: &[usize]) -> Result<(), RenderError> {
        if self.runs.values().map(|run| size_of_val::<[f32]>(run)).sum::<usize>() > KEPT {
            self.runs.clear();
        }
        let unknown = runs.iter().copied().filter(|&run| !self.runs.contains_key(&stream.keys()[run]));
        let unknown: Vec<usize> = unknown.collect();
        let needed = unknown.iter().flat_map(|&run| stream.needed_by(run));
        let mut needed: Vec<_> = needed.map(|place| (0, place)).collect();
        needed.sort_unstable();
        needed.dedup();
        provide_places(&mut [&mut *stream], &needed, &*self.voice, &mut self.blocks)?;
        let stream = &*stream;
        let sung: Vec<Vec<f32>> =
            unknown.par_iter().map(|&run| stream.sing_run(run)).collect::<Result<_, VocoderError>>()?;
        self.runs
            .extend(unknown.into_iter().map(|run| stream.keys()[run]).zip(sung.into_iter().map(Arc::from)));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Block, Character, Timing, TimingInput, VoiceFailure, sing_alone};
    use ziyin_score::{Note, Notes, Track, TrackId};
    use ziyin_signal::{AP_BANDS, BINS, Frames};

    /// A voice that hums whatever it is given.
    struct Hum;

    impl Voice for Hum {
        fn fingerprint(&self) -> u64 {
            1
        }

        fn singer(&self, _: &str) -> Option<usize> {
            None
        }

        fn timings(&self, inputs: &[TimingInput]) -> Result<Vec<Timing>, VoiceFailure> {
            Ok(vec![Timing { closure: 0.0, consonant: 0.06, coda: 0.05 }; inputs.len()])
        }

        fn generate(&self, characters: &[&Character]) -> Result<Vec<Block>, VoiceFailure> {
            let hum = |character: &&Character| {
                let times = character.times();
                let mut frames = Frames::default();
                for _ in &times {
                    frames.envelope.extend((0..BINS).map(|bin| -1.0 - bin as f32 / 60.0));
                    frames.aperiodicity.extend([0.05; AP_BANDS]);
                    frames.voicing.push(1.0);
                }
                Block { times, frames }
            };
            Ok(characters.iter().map(hum).collect())
        }
    }

    #[test]
    fn an_excerpt_has_the_samples_of_the_song() {
        let mut track = Track::new(TrackId(1), "lead");
        let note = |id: u64, onset| Note::new(NoteId(id), onset, 960, 60 + id as u8, "la");
        track.notes = Notes::new(vec![note(1, 960), note(2, 1920), note(3, 7680), note(4, 8640)]);
        let mut project = Project { tracks: vec![track], ..Project::default() };
        let mut singer = ExcerptSinger::new(Arc::new(Hum), VocoderDevice::Cpu);
        for take in [0, 3, 0] {
            let mut notes = project.tracks[0].notes.to_vec();
            notes[2..].iter_mut().for_each(|note| note.take = take);
            project.tracks[0].notes = Notes::new(notes);
            let (_, whole) = sing_alone(&project, &Hum, &VocoderDevice::Cpu).unwrap();
            let (start, all) = singer.sing(&project, &(1..5).map(NoteId).collect()).unwrap();
            assert!(all[..] == whole[start as usize..], "take {take}");
            // A rest stands between the two phrases.
            let (start, second) = singer.sing(&project, &[NoteId(3), NoteId(4)].into()).unwrap();
            assert!(start > 0 && second[..] == whole[start as usize..], "take {take}");
            let (start, first) = singer.sing(&project, &[NoteId(1), NoteId(2)].into()).unwrap();
            assert!(first[..] == whole[start as usize..start as usize + first.len()], "take {take}");
        }
        assert!(singer.sing(&project, &[NoteId(9)].into()).is_err());
    }
}
