//! The rival beside the generator: figures, pictures of its attention, and what both sing.

use std::path::Path;

use anyhow::{Context, Result};

use super::attention::draw_attention;
use super::passages::{full_frames, passages};
use super::rival_evaluation::match_rival;
use super::tacotron2::Rival;
use ziyin_cli::{answer, tell};
use ziyin_model::VoiceModel;
use ziyin_signal::{Frames, HOP, SAMPLE_RATE, pitch_hz};
use ziyin_singing::mix::SampleFormat;
use ziyin_singing::stems::{Container, StemWriter};
use ziyin_singing::vocoder::{Vocoder, VocoderSettings};
use ziyin_training::Example;

/// MIDI pitch of the trials.
const PITCH: f32 = 57.0;

/// Prints how both do on `held_out`, and writes what they sang and where attention was into
/// `listen`, if that is given.
pub fn evaluate(
    rival: &Path,
    voice: &VoiceModel,
    held_out: &[Example],
    training: &[Example],
    listen: Option<&Path>,
) -> Result<()> {
    let device = burn::tensor::Device::flex();
    let rival = Rival::load(rival, &device)?;
    let primers = passages(&training[..training.len().min(40)], &rival.mean);
    let found = match_rival(&rival, voice, held_out, &primers, &device)?;
    answer!("{found}")?;
    let Some(folder) = listen else { return Ok(()) };
    std::fs::create_dir_all(folder).with_context(|| format!("cannot create {}", folder.display()))?;
    for (i, trial) in found.trials.iter().enumerate() {
        draw_attention(&folder.join(format!("{}-attention.png", i + 1)), &trial.rival.attention)?;
        for (name, even) in [("tacotron2", &trial.rival.frames), ("generator", &trial.generator)] {
            let frames = closely(&full_frames(even, &rival.mean));
            let hz = pitch_hz(PITCH);
            let mut samples = Vec::new();
            let mut vocoder = Vocoder::cpu(VocoderSettings::default());
            vocoder.push(&frames, &vec![hz; frames.len()], &mut samples)?;
            vocoder.finish(&mut samples)?;
            let path = folder.join(format!("{}-{name}.wav", i + 1));
            let mut wav = StemWriter::create(&path, SAMPLE_RATE, SampleFormat::F32, Container::Wav)?;
            for sample in samples {
                wav.write([f64::from(sample); 2])?;
            }
            wav.publish()?;
        }
    }
    tell!("what both sang is in {}", folder.display());
    Ok(())
}

/// Frames of the rival on the vocoder's grid.
fn closely(even: &Frames) -> Frames {
    let mut frames = Frames::default();
    let finer = 512 / HOP;
    for i in 0..even.len() {
        let next = (i + 1).min(even.len() - 1);
        for k in 0..finer {
            let share = k as f32 / finer as f32;
            let between = |a: &[f32], b: &[f32]| -> Vec<f32> {
                a.iter().zip(b).map(|(a, b)| a + (b - a) * share).collect()
            };
            frames.envelope.extend(between(even.envelope_at(i), even.envelope_at(next)));
            frames.aperiodicity.extend(between(even.aperiodicity_at(i), even.aperiodicity_at(next)));
            frames.voicing.push(even.voicing[i]);
        }
    }
    frames
}
