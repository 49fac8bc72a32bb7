//! The vocoder on the CPU, as a stream.

use super::course::{PhaseStep, sung_pitch};
use super::harmonics::{self, Partials};
use super::noise::{self, NOISE_FFT, NoiseShaper};
use super::settings::{VocoderError, VocoderSettings, check_shape};
use super::spectrum::{MinimumPhase, Spectrum, tidy_envelope, tidy_share};
use ziyin_signal::{AP_BANDS, BINS, Frames, HOP};

/// Sings frames as they come. Frame `i` stands at sample `i · HOP`; `n` frames make
/// `n · HOP` samples, the last frame being held to the end of its hop.
///
/// A sample is complete once the second frame after it is known, so [`CpuVocoder::push`]
/// gives back two hops less than it was given, and [`CpuVocoder::finish`] the rest.
pub struct CpuVocoder {
    settings: VocoderSettings,
    minimum_phase: MinimumPhase,
    shaper: NoiseShaper,
    /// The frame that came last, and its harmonics as far as they were needed.
    last: Option<(Spectrum, Partials)>,
    /// A frame that is no longer needed, for its buffers.
    spare: Option<(Spectrum, Partials)>,
    /// Phase in turns at the last frame.
    phase: f64,
    /// Index in the song of the last frame's sample.
    sample: u64,
    /// Raw noise and harmonics of the hop before the last frame, if there is one.
    hop: Option<([f32; HOP], [f32; HOP])>,
    /// Shaped noise from the beginning of that hop on, as far as it is summed.
    ring: [f32; NOISE_FFT],
}

impl CpuVocoder {
    /// A vocoder that has sung nothing yet.
    pub fn new(settings: VocoderSettings) -> Self {
        Self {
            settings,
            minimum_phase: MinimumPhase::default(),
            shaper: NoiseShaper::default(),
            last: None,
            spare: None,
            phase: settings.phase,
            sample: settings.first_frame.wrapping_mul(HOP as u64),
            hop: None,
            ring: [0.0; NOISE_FFT],
        }
    }

    /// Sings `frames` at `pitch` (Hz for each frame, 0 for none) and appends to `out` the
    /// samples that are complete.
    ///
    /// # Errors
    ///
    /// [`VocoderError::Shape`] if the arrays do not have the same number of frames;
    /// nothing is sung then.
    pub fn push(&mut self, frames: &Frames, pitch: &[f32], out: &mut Vec<f32>) -> Result<(), VocoderError> {
        check_shape(frames, pitch)?;
        out.reserve(frames.len() * HOP);
        for (i, &pitch) in pitch.iter().enumerate() {
            let (mut spectrum, partials) = self.spare.take().unwrap_or_else(empty_frame);
            spectrum.pitch = sung_pitch(pitch);
            // A voice without a pitch can only be noise.
            spectrum.voicing = if spectrum.pitch > 0.0 { tidy_share(frames.voicing[i], 0.0) } else { 0.0 };
            for (to, &from) in spectrum.aperiodicity.iter_mut().zip(frames.aperiodicity_at(i)) {
                *to = tidy_share(from, 1.0);
            }
            spectrum.silent = !tidy_envelope(frames.envelope_at(i), &mut spectrum.log_amplitude);
            if !spectrum.silent {
                self.minimum_phase.phase(&spectrum.log_amplitude, &mut spectrum.phase);
            }
            self.advance(spectrum, partials, out);
        }
        Ok(())
    }

    /// Appends to `out` the samples that were held back. The vocoder then begins anew.
    pub fn finish(&mut self, out: &mut Vec<f32>) {
        if let Some((last, _)) = &self.last {
            let held = last.clone();
            self.advance(held.clone(), Partials::default(), out);
            self.advance(held, Partials::default(), out);
        }
        self.last = None;
        self.hop = None;
        self.phase = self.settings.phase;
        self.sample = self.settings.first_frame.wrapping_mul(HOP as u64);
        self.ring.fill(0.0);
    }

    /// Takes in the next frame, and gives out the hop before the last one.
    fn advance(&mut self, spectrum: Spectrum, mut partials: Partials, out: &mut Vec<f32>) {
        partials.0.clear();
        let Some((before, mut before_partials)) = self.last.take() else {
            self.last = Some((spectrum, partials));
            return;
        };
        let step = PhaseStep::new(self.phase, before.pitch, spectrum.pitch);
        before_partials.extend(&before, step.harmonics());
        partials.extend(&spectrum, step.harmonics());
        let turns = step.turns();
        let mut voiced = [0.0; HOP];
        harmonics::sum(&step, &turns, &before_partials, &partials, &mut voiced);

        let mut raw = [0.0; HOP];
        for (n, x) in raw.iter_mut().enumerate() {
            let voicing = before.voicing + (spectrum.voicing - before.voicing) * (n as f32 / HOP as f32);
            let gain = noise::breath_gain(turns.cos[n], self.settings.breath_pulse * voicing);
            *x = gain * noise::white(self.settings.seed, (self.sample as u32).wrapping_add(n as u32));
        }

        let earlier = self.hop.take();
        let silence = [0.0; HOP];
        let raw_before = earlier.as_ref().map_or(&silence, |(raw, _)| raw);
        if let Some(block) = self.shaper.shape(&before, raw_before, &raw) {
            for (sum, x) in self.ring.iter_mut().zip(block) {
                *sum += x;
            }
        }
        if let Some((_, voiced)) = &earlier {
            out.extend(self.ring.iter().zip(voiced).map(|(noise, voiced)| noise + voiced));
        }
        self.ring.copy_within(HOP.., 0);
        self.ring[NOISE_FFT - HOP..].fill(0.0);

        self.hop = Some((raw, voiced));
        self.phase = step.end_phase();
        self.sample = self.sample.wrapping_add(HOP as u64);
        self.last = Some((spectrum, partials));
        self.spare = Some((before, before_partials));
    }
}

/// A frame with buffers of the right length.
fn empty_frame() -> (Spectrum, Partials) {
    let spectrum = Spectrum {
        log_amplitude: vec![0.0; BINS],
        phase: vec![0.0; BINS],
        aperiodicity: [0.0; AP_BANDS],
        voicing: 0.0,
        pitch: 0.0,
        silent: true,
    };
    (spectrum, Partials::default())
}
