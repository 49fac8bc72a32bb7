use ziyin_message::{Message, ToMessage, message};
use ziyin_signal::{SAMPLE_RATE, at_rate};

use super::voice_check::NoVoice;

/// A recording that may hold a voice.
#[derive(Clone, Debug)]
pub struct VoiceRecording {
    /// Samples at [`SAMPLE_RATE`], one channel.
    pub samples: Vec<f32>,
    /// Hz that it was recorded at: above half of that nothing is known of it.
    pub rate: u32,
    /// Where something sounds, in seconds from and to.
    pub sounding: Vec<[f64; 2]>,
    pub condition: Condition,
}

/// In which condition a recording is.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Condition {
    pub seconds: f64,
    /// Seconds of silence that are left out.
    pub silence: f64,
    /// dB from the quietest parts to the loud ones: from the hiss to the voice, where there are
    /// pauses.
    pub above_hiss: f32,
    /// Places where the peaks are cut off.
    pub clipped: usize,
    /// Packets that are damaged.
    pub damaged: usize,
}

/// Why a recording is not listened to.
#[derive(Debug, thiserror::Error)]
#[error("{}", self.to_message())]
pub enum ListeningError {
    Rate(#[from] std::io::Error),
    #[error(transparent)]
    NoVoice(#[from] NoVoice),
}

impl ToMessage for ListeningError {
    fn to_message(&self) -> Message {
        match self {
            Self::Rate(_) => message!("listening.rate"),
            Self::NoVoice(inner) => inner.to_message(),
        }
    }

    fn cause(&self) -> Option<Message> {
        match self {
            Self::Rate(why) => Some(why.to_message()),
            Self::NoVoice(_) => None,
        }
    }
}

/// What nowhere reaches this is silent: -60 dB.
const QUIETEST: f32 = 1e-3;
/// Most seconds of one recording that are listened to: a singer is known long before.
const MOST_SECONDS: usize = 180;
/// Windows in which loudness is measured.
const WINDOW: usize = SAMPLE_RATE as usize / 100;
/// dB below the loud parts from which on it is silent.
const SILENT_DB: f32 = 40.0;
/// Silence longer than this is left out, but for so much of it on either side.
const LONGEST_PAUSE: f64 = 0.3;
const MARGIN: f64 = 0.08;

/// Takes a recording of any rate, left and right, and finds where it sounds. Of its packets
/// so many were `damaged`.
///
/// # Errors
/// If its rate cannot be converted, or it is silent.
pub fn take_recording(
    rate: u32,
    [left, right]: &[Vec<f32>; 2],
    damaged: usize,
) -> Result<VoiceRecording, ListeningError> {
    let mono = one_side(left, right);
    let clipped = clipped(&mono);
    let mut samples = at_rate(mono, rate, SAMPLE_RATE)?;
    samples.truncate(MOST_SECONDS * SAMPLE_RATE as usize);
    let mut recording = hear_where_it_sounds(samples)?;
    recording.rate = rate;
    recording.condition.clipped = clipped;
    recording.condition.damaged = damaged;
    Ok(recording)
}

/// All of a recording of any rate, left and right, as samples of one channel at [`SAMPLE_RATE`].
///
/// # Errors
/// If its rate cannot be converted, or it is silent.
pub fn whole_recording(rate: u32, [left, right]: [Vec<f32>; 2]) -> Result<Vec<f32>, ListeningError> {
    let mono = one_side(&left, &right);
    drop((left, right));
    let samples = at_rate(mono, rate, SAMPLE_RATE)?;
    let loudest = samples.iter().fold(0.0f32, |loudest, x| loudest.max(x.abs()));
    if loudest < QUIETEST { Err(NoVoice::Silent.into()) } else { Ok(samples) }
}

/// Both sides together; where they cancel each other out, as of a microphone that is wired
/// wrongly, the louder of the two.
fn one_side(left: &[f32], right: &[f32]) -> Vec<f32> {
    let power = |side: &[f32]| side.iter().map(|&x| f64::from(x) * f64::from(x)).sum::<f64>();
    let mono: Vec<f32> = left.iter().zip(right).map(|(l, r)| (l + r) / 2.0).collect();
    let (l, r) = (power(left), power(right));
    // 20 dB softer than two sides that have nothing in common would be.
    if power(&mono) >= 0.01 * (l + r) / 4.0 {
        mono
    } else if l >= r {
        left.to_vec()
    } else {
        right.to_vec()
    }
}

/// Finds where samples at [`SAMPLE_RATE`] sound.
///
/// # Errors
/// If they are silent.
pub(super) fn hear_where_it_sounds(samples: Vec<f32>) -> Result<VoiceRecording, NoVoice> {
    let db = |power: f32| 10.0 * power.max(1e-14).log10();
    let levels: Vec<f32> = samples
        .chunks(WINDOW)
        .map(|part| db(part.iter().map(|x| x * x).sum::<f32>() / part.len() as f32))
        .collect();
    let mut sorted = levels.clone();
    sorted.sort_by(f32::total_cmp);
    let quantile = |share: f32| sorted.get((share * sorted.len() as f32) as usize).copied().unwrap_or(-140.0);
    let (loud, quiet) = (quantile(0.95), quantile(0.05));
    if loud < -66.0 {
        return Err(NoVoice::Silent);
    }
    // Hiss may be louder than silence is taken to be; the voice stands above it.
    let threshold = (loud - SILENT_DB).max((quiet + 6.0).min(loud - 12.0));
    let step = WINDOW as f64 / f64::from(SAMPLE_RATE);
    let mut sounding: Vec<[f64; 2]> = Vec::new();
    for (i, _) in levels.iter().enumerate().filter(|(_, level)| **level > threshold) {
        let (from, to) = (i as f64 * step, (i + 1) as f64 * step);
        match sounding.last_mut() {
            Some(last) if from - last[1] < LONGEST_PAUSE => last[1] = to,
            _ => sounding.push([from, to]),
        }
    }
    let seconds = samples.len() as f64 / f64::from(SAMPLE_RATE);
    for place in &mut sounding {
        *place = [(place[0] - MARGIN).max(0.0), (place[1] + MARGIN).min(seconds)];
    }
    let sounds: f64 = sounding.iter().map(|[from, to]| to - from).sum();
    let condition =
        Condition { seconds, silence: seconds - sounds, above_hiss: loud - quiet, ..Default::default() };
    Ok(VoiceRecording { samples, rate: SAMPLE_RATE, sounding, condition })
}

/// How often three samples or more in a row lie at the very top.
fn clipped(samples: &[f32]) -> usize {
    let top = samples.iter().fold(0.0f32, |top, x| top.max(x.abs()));
    if top < 0.3 {
        return 0;
    }
    let at_top = |x: &f32| x.abs() > 0.998 * top;
    samples.chunk_by(|a, b| at_top(a) == at_top(b)).filter(|run| run.len() >= 3 && at_top(&run[0])).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tone(seconds: f32, level: f32) -> Vec<f32> {
        let count = (seconds * SAMPLE_RATE as f32) as usize;
        (0..count).map(|i| level * (i as f32 * 0.05).sin()).collect()
    }

    #[test]
    fn of_two_sides_that_cancel_each_other_out_one_is_taken() {
        let voice = tone(0.1, 0.2);
        let turned: Vec<f32> = voice.iter().map(|x| -0.99 * x).collect();
        assert_eq!(one_side(&voice, &turned), voice);
        assert_eq!(one_side(&turned, &voice), voice);
        let silent = vec![0.0; voice.len()];
        assert_eq!(one_side(&voice, &silent), voice.iter().map(|x| x / 2.0).collect::<Vec<_>>());
        assert_eq!(one_side(&silent, &silent), silent);
    }

    #[test]
    fn long_pauses_are_left_out_and_short_ones_stay() {
        let parts =
            [tone(0.5, 0.0), tone(0.4, 0.2), tone(0.1, 0.0), tone(0.4, 0.2), tone(2.0, 0.0), tone(0.5, 0.1)];
        let heard = hear_where_it_sounds(parts.concat()).unwrap();
        assert_eq!(heard.sounding.len(), 2, "{:?}", heard.sounding);
        assert!((heard.sounding[0][0] - 0.42).abs() < 0.03 && (heard.sounding[0][1] - 1.48).abs() < 0.03);
        assert!((heard.condition.silence - 2.26).abs() < 0.1, "{:?}", heard.condition);
        assert!(matches!(hear_where_it_sounds(tone(1.0, 1e-5)), Err(NoVoice::Silent)));
        assert!(matches!(hear_where_it_sounds(Vec::new()), Err(NoVoice::Silent)));
    }

    #[test]
    fn cut_peaks_are_counted() {
        let cut: Vec<f32> = tone(0.1, 0.9).into_iter().map(|x| x.clamp(-0.5, 0.5)).collect();
        assert!(clipped(&cut) > 50 && clipped(&tone(0.1, 0.2)) == 0);
    }
}
