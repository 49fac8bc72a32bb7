//! One vowel at one pitch, for a key of a keyboard.

use std::sync::Arc;

use super::cache::BlockCache;
use super::plan::Plan;
use super::render::RenderError;
use super::score_voices::{Unsung, Which, score_voices};
use super::stream::{VocoderDevice, provide};
use super::voice::Voice;
use ziyin_lyrics::Language;
use ziyin_score::{Note, NoteId, Notes, Project, TICKS_PER_QUARTER, Track, TrackId};
use ziyin_signal::SAMPLE_RATE;

/// Where the note stands, in ticks, so that there is time for what comes before it.
const ONSET: i64 = TICKS_PER_QUARTER;
/// How long it is: three seconds.
const LENGTH: i64 = 6 * TICKS_PER_QUARTER;
/// Samples before the vowel that are kept, to swell in.
const BEFORE: usize = SAMPLE_RATE as usize / 50;

/// Sings *a* at a MIDI key; gives its samples at 44.1 kHz, which begin as it begins.
///
/// # Errors
/// If there is no such singer, or the voice or the vocoder fails.
pub fn sing_vowel(
    voice: &dyn Voice,
    vocoder: &VocoderDevice,
    singer: Option<&str>,
    key: u8,
) -> Result<Vec<f32>, RenderError> {
    let mut track = Track::new(TrackId(1), "key");
    track.singer = singer.map(String::from);
    track.language = Some(Language::Mandarin);
    track.notes = Notes::new(vec![Note::new(NoteId(1), ONSET, LENGTH, key.min(127), "a")]);
    let project = Project { tracks: vec![track], ..Project::default() };
    let onset = project.tempo.seconds(ONSET);
    let (_, mut samples) = sing_alone(&project, voice, vocoder)?;
    let first = ((onset * f64::from(SAMPLE_RATE)) as usize).saturating_sub(BEFORE);
    samples.drain(..first.min(samples.len()));
    Ok(samples)
}

/// Sings the last voice of a short song; gives its plan, and its samples from the beginning of the song at
/// 44.1 kHz.
///
/// # Errors
/// As [`sing_vowel`].
pub fn sing_alone(
    project: &Project,
    voice: &dyn Voice,
    vocoder: &VocoderDevice,
) -> Result<(Arc<Plan>, Vec<f32>), RenderError> {
    let (mut voices, _) = score_voices(project, voice, Which::Heard)?;
    let Some(sung) = voices.pop() else { return Err(RenderError::Unsung(Unsung::NothingToSing)) };
    let mut streams = vec![sung.stream];
    streams[0].move_to(vocoder.clone());
    let mut samples = vec![0.0; streams[0].len() as usize];
    provide(&mut streams, samples.len(), voice, &mut BlockCache::default())?;
    streams[0].sing(&mut samples)?;
    Ok((streams[0].plan().clone(), samples))
}
