use super::{
    AP_BANDS, BINS, EnvelopeAnalyser, FFT_SIZE, Focus, Frames, Periodicity, PitchTrack, SAMPLE_RATE,
    aperiodicity_between, track_pitch,
};

/// A recording opened for analysis: cleaned, its hiss and its pitch known.
pub struct Recording {
    /// Samples at [`SAMPLE_RATE`], mean removed.
    pub samples: Vec<f32>,
    /// Power per bin of what is there when nobody sings, `BINS` values.
    pub hiss: Vec<f32>,
    pub pitch: PitchTrack,
    pub periodicity: Periodicity,
}

/// Above this the vocal folds are taken to swing.
const VOICED: f32 = 0.6;

impl Recording {
    /// Opens samples at [`SAMPLE_RATE`] whose voice lies between `low` and `high` Hz.
    pub fn open(mut samples: Vec<f32>, low: f32, high: f32) -> Self {
        remove_mean(&mut samples);
        let hiss = hiss_of(&samples);
        Self::over_hiss(samples, hiss, low, high)
    }

    /// The same for a recording without a pause, in which the quietest part is no hiss.
    pub fn open_without_pause(mut samples: Vec<f32>, low: f32, high: f32) -> Self {
        remove_mean(&mut samples);
        Self::over_hiss(samples, vec![1e-12; BINS], low, high)
    }

    fn over_hiss(samples: Vec<f32>, hiss: Vec<f32>, low: f32, high: f32) -> Self {
        let pitch = track_pitch(&samples, low, high, 256);
        let periodicity = Periodicity::new(&samples, &hiss);
        Self { samples, hiss, pitch, periodicity }
    }

    /// Length in seconds.
    pub fn seconds(&self) -> f64 {
        self.samples.len() as f64 / f64::from(SAMPLE_RATE)
    }

    /// The pitch at an instant in Hz, bridged over unvoiced places.
    pub fn pitch_at(&self, seconds: f64) -> f32 {
        self.pitch.bridged_at(seconds).unwrap_or(220.0)
    }

    /// Whether the vocal folds swing at an instant.
    pub fn is_voiced(&self, seconds: f64) -> bool {
        let hz = self.pitch_at(seconds);
        self.periodicity.voicing_at(seconds, hz) > VOICED
            && self.periodicity.low_level_at(seconds, 0.006) > 4.0 * self.hiss_level()
    }

    /// RMS of the hiss.
    pub fn hiss_level(&self) -> f32 {
        (self.hiss.iter().sum::<f32>() / BINS as f32).sqrt()
    }

    /// One frame at each of `times` (seconds).
    pub fn frames_at(&self, analyser: &mut EnvelopeAnalyser, times: &[f64]) -> Frames {
        self.frames_unvoiced_in(0.0..0.0, analyser, times)
    }

    /// The same where it is known that nothing is voiced within `breath` (seconds): noise
    /// can look periodic for the length of a window.
    pub fn frames_unvoiced_in(
        &self,
        breath: std::ops::Range<f64>,
        analyser: &mut EnvelopeAnalyser,
        times: &[f64],
    ) -> Frames {
        let mut frames = Frames {
            envelope: vec![0.0; times.len() * BINS],
            aperiodicity: vec![1.0; times.len() * AP_BANDS],
            voicing: vec![0.0; times.len()],
        };
        for (i, &at) in times.iter().enumerate() {
            let hz = self.pitch_at(at);
            let voiced = !breath.contains(&at) && self.is_voiced(at);
            let focus = if voiced { Focus::voiced(hz) } else { Focus::UNVOICED };
            let envelope = &mut frames.envelope[i * BINS..(i + 1) * BINS];
            analyser.envelope_at(&self.samples, at, focus, &self.hiss, envelope);
            if voiced {
                frames.voicing[i] = 1.0;
                let bands = &mut frames.aperiodicity[i * AP_BANDS..(i + 1) * AP_BANDS];
                self.periodicity.aperiodicity_at(at, hz, bands);
                let noise = |hz| aperiodicity_between(bands, hz);
                analyser.fit_harmonics(&self.samples, at, hz, &self.hiss, noise, envelope);
            }
        }
        frames
    }
}

/// Takes the mean out: 8-bit recordings carry a large one.
pub fn remove_mean(samples: &mut [f32]) {
    let mean = samples.iter().map(|&x| f64::from(x)).sum::<f64>() / samples.len().max(1) as f64;
    samples.iter_mut().for_each(|x| *x -= mean as f32);
}

/// Power per bin of a recording where it is quietest: the mean over its quietest tenth,
/// smoothed over frequency.
fn hiss_of(samples: &[f32]) -> Vec<f32> {
    let window = FFT_SIZE as f32 / SAMPLE_RATE as f32;
    let hop = FFT_SIZE / 2;
    let mut places: Vec<(f32, f64)> = samples
        .chunks_exact(hop)
        .enumerate()
        .map(|(i, part)| {
            let power = part.iter().map(|x| x * x).sum::<f32>() / hop as f32;
            (power, (i as f64 + 0.5) * hop as f64 / f64::from(SAMPLE_RATE))
        })
        // Digital silence says nothing of the hiss under the voice.
        .filter(|&(power, _)| power > 1e-10)
        .collect();
    places.sort_by(|a, b| a.0.total_cmp(&b.0));
    places.truncate((places.len() / 10).max(1));
    let mut analyser = EnvelopeAnalyser::default();
    let mut hiss = vec![0.0; BINS];
    for &(_, at) in &places {
        for (h, p) in hiss.iter_mut().zip(analyser.power_at(samples, at, window)) {
            *h += p / places.len() as f32;
        }
    }
    let reach = 8;
    (0..BINS)
        .map(|i| {
            let around = &hiss[i.saturating_sub(reach)..(i + reach + 1).min(BINS)];
            around.iter().sum::<f32>() / around.len() as f32
        })
        .collect()
}
