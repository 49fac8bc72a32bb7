//! What keeps a mix that is too loud below full scale, without a lock or an allocation.

/// Frames that the limiter looks ahead, and by which it is late: 1.5 ms.
pub const LOOK_AHEAD: usize = 64;
/// The loudest sample that it lets through, in full scale: -0.3 dB.
pub const CEILING: f32 = 0.966;
/// The part of what is missing from full gain that comes back in one frame: half of it in
/// 80 ms, slower than the swing of the lowest voice.
const RELEASE: f32 = 2e-4;
/// A gain that is so near to 1 is 1: it would take single precision for ever to get there.
const WHOLE: f32 = 0.9995;
/// The least gain.
const LEAST: f32 = 1e-3;

/// A look-ahead limiter of stereo frames. Both sides get the same gain, so that nothing
/// moves in the panorama. What stays below [`CEILING`] passes bit by bit as it is.
///
/// The gain that each frame needs is held for as long as the limiter looks ahead (a sliding
/// minimum), recovers slowly, and is then averaged over that time: it is down when the loud
/// frame comes, and never leaps.
pub struct Limiter {
    delayed: [[f32; 2]; LOOK_AHEAD],
    /// The gains that those frames need.
    needed: [f32; LOOK_AHEAD],
    /// The last gains before the mean.
    held: [f32; LOOK_AHEAD],
    at: usize,
    recovered: f32,
    /// Of `held`. Exact: the gains are single precision, and sum up in double.
    sum: f64,
    /// Frames since the last one that was not silent.
    silent: usize,
    /// The least gain since it was last asked for.
    least: f32,
}

impl Default for Limiter {
    fn default() -> Self {
        Self {
            delayed: [[0.0; 2]; LOOK_AHEAD],
            needed: [1.0; LOOK_AHEAD],
            held: [1.0; LOOK_AHEAD],
            at: 0,
            recovered: 1.0,
            sum: LOOK_AHEAD as f64,
            silent: LOOK_AHEAD,
            least: 1.0,
        }
    }
}

impl Limiter {
    /// Takes a frame and gives the one that came [`LOOK_AHEAD`] frames before.
    pub fn next(&mut self, frame: [f32; 2]) -> [f32; 2] {
        let at = self.at;
        self.at = (at + 1) % LOOK_AHEAD;
        let out = std::mem::replace(&mut self.delayed[at], frame);
        let peak = frame[0].abs().max(frame[1].abs());
        self.silent = if peak > 0.0 { 0 } else { self.silent.saturating_add(1) };
        // The gain of the frame that leaves is the mean of those that were held since it came.
        let gain = (self.sum / LOOK_AHEAD as f64) as f32;
        self.needed[at] = if peak > CEILING { (CEILING / peak).max(LEAST) } else { 1.0 };
        let hold = if self.recovered < 1.0 || self.needed[at] < 1.0 {
            self.needed.iter().fold(1.0f32, |least, &gain| least.min(gain))
        } else {
            1.0
        };
        let recovered = self.recovered + (1.0 - self.recovered) * RELEASE;
        self.recovered = hold.min(if recovered > WHOLE { 1.0 } else { recovered });
        self.sum += f64::from(self.recovered) - f64::from(self.held[at]);
        self.held[at] = self.recovered;
        self.least = self.least.min(gain);
        if gain < 1.0 { out.map(|sample| (sample * gain).clamp(-CEILING, CEILING)) } else { out }
    }

    /// Whether what it still holds is silent.
    pub fn is_silent(&self) -> bool {
        self.silent >= LOOK_AHEAD
    }

    /// The least gain since the last call; 1 where nothing was turned down.
    pub fn take_least(&mut self) -> f32 {
        std::mem::replace(&mut self.least, 1.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limited(sound: &[f32]) -> Vec<f32> {
        let mut limiter = Limiter::default();
        let after = std::iter::repeat_n(0.0, LOOK_AHEAD);
        let out = sound.iter().copied().chain(after).map(|x| limiter.next([x, -0.5 * x])[0]);
        out.skip(LOOK_AHEAD).collect()
    }

    fn tone(level: f32, frames: usize) -> Vec<f32> {
        (0..frames).map(|i| level * (i as f32 * 0.06).sin()).collect()
    }

    #[test]
    fn what_is_not_too_loud_passes_as_it_is() {
        let mut sound = tone(0.9, 5000);
        assert_eq!(limited(&sound), sound);
        // Also some time after it was too loud.
        sound.extend(tone(3.0, 5000));
        sound.extend(vec![0.0; 200_000]);
        sound.extend(tone(0.9, 5000));
        let out = limited(&sound);
        assert_eq!(out[..4900], sound[..4900]);
        assert_eq!(out[210_000..], sound[210_000..]);
    }

    #[test]
    fn nothing_goes_above_the_ceiling_and_nothing_leaps() {
        let mut sound = tone(0.5, 4000);
        sound.extend(tone(4.0, 4000));
        sound[2000] = 9.0;
        sound[7000] = -6.0;
        let out = limited(&sound);
        assert!(out.iter().all(|x| x.abs() <= CEILING));
        let loudest = out[4500..7900].iter().fold(0.0f32, |most, x| most.max(x.abs()));
        assert!(loudest > 0.6 * CEILING, "{loudest}: it does not duck more than it must");
        let gains: Vec<f32> =
            (0..8000).filter(|&i| sound[i].abs() > 0.05).map(|i| out[i] / sound[i]).collect();
        let leap = gains.windows(2).fold(0.0f32, |most, w| most.max((w[1] - w[0]).abs()));
        assert!(leap < 0.12, "{leap}");
    }
}
