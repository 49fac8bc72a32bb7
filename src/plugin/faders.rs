//! The strips of tracks as they are heard: no step of a parameter is one of the sound.

use super::strips::{GAIN_DB, STRIPS, Strips};
use ziyin_singing::mix::amplitude;

/// How loud a track is, as a factor, and by how much it stands elsewhere.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Fader {
    pub volume: f32,
    pub pan: f32,
}

impl Fader {
    /// As the song has it.
    const USUAL: Self = Self { volume: 1.0, pan: 0.0 };
}

/// One for each strip, and the last for the tracks that have none.
pub type Setting = [Fader; STRIPS + 1];

/// Faders on their way to where the host wants them.
pub struct Faders {
    /// The volume of the whole, which a bypass silences, as it is and was before the last move.
    pub whole: [f32; 2],
    whole_goal: f32,
    /// Where they are, and were before the last move.
    pub now: Setting,
    pub before: Setting,
    goal: Setting,
    /// The way of a volume in one frame.
    step: f32,
}

impl Faders {
    /// That take so many frames from silence to what the song has.
    pub fn new(frames: f32) -> Self {
        let usual = [Fader::USUAL; STRIPS + 1];
        let step = 1.0 / frames.max(1.0);
        Self { whole: [1.0; 2], whole_goal: 1.0, now: usual, before: usual, goal: usual, step }
    }

    /// Sends them to where the host has the strips of a song of so many tracks.
    pub fn follow(&mut self, strips: &Strips, tracks: usize, bypass: bool) {
        self.whole_goal = if bypass { 0.0 } else { 1.0 };
        let alone = (0..tracks.min(STRIPS)).any(|place| strips.get(place).solo);
        for (place, goal) in self.goal.iter_mut().enumerate() {
            let strip = strips.get(place);
            let silent = bypass || strip.mute || (alone && !strip.solo) || strip.gain_db <= GAIN_DB[0];
            let volume = match strip.gain_db {
                _ if silent => 0.0,
                0.0 => 1.0,
                gain_db => amplitude(gain_db),
            };
            *goal = Fader { volume, pan: strip.pan };
        }
    }

    /// Puts them there at once: nothing sounds.
    pub fn jump(&mut self) {
        (self.now, self.before) = (self.goal, self.goal);
    }

    /// Puts that of the whole there at once.
    pub fn jump_whole(&mut self) {
        self.whole = [self.whole_goal; 2];
    }

    /// Moves them by so many frames.
    pub fn advance(&mut self, frames: usize) {
        self.before = self.now;
        let step = self.step * frames as f32;
        let towards = |now: f32, goal: f32, step: f32| {
            if (goal - now).abs() <= step { goal } else { now + step.copysign(goal - now) }
        };
        for (now, goal) in self.now.iter_mut().zip(&self.goal) {
            now.volume = towards(now.volume, goal.volume, step);
            now.pan = towards(now.pan, goal.pan, 2.0 * step);
        }
        self.whole = [towards(self.whole[0], self.whole_goal, step), self.whole[0]];
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::strips::Strip;

    #[test]
    fn faders_go_where_the_host_wants_them_and_no_faster_than_they_may() {
        let strips = Strips::default();
        let mut faders = Faders::new(100.0);
        faders.follow(&strips, 3, false);
        faders.advance(10);
        assert_eq!(faders.now, [Fader::USUAL; STRIPS + 1]);
        strips.set(0, Strip { mute: true, ..Strip::default() });
        strips.set(1, Strip { gain_db: 400.0, pan: -1.0, ..Strip::default() });
        faders.follow(&strips, 3, false);
        let mut frames = 0;
        while faders.now[0].volume > 0.0 || faders.now[1].volume < amplitude(GAIN_DB[1]) {
            faders.advance(10);
            frames += 10;
            for (now, before) in faders.now.iter().zip(&faders.before) {
                assert!((now.volume - before.volume).abs() < 0.1001 && (now.pan - before.pan).abs() < 0.2001);
            }
        }
        assert!((200..400).contains(&frames), "{frames}");
        assert_eq!(
            (faders.now[1].pan, faders.now[2], faders.now[STRIPS]),
            (-1.0, Fader::USUAL, Fader::USUAL)
        );
    }

    #[test]
    fn a_solo_silences_the_others_and_one_without_a_track_nobody() {
        let strips = Strips::default();
        let heard = |strips: &Strips, tracks, bypass| {
            let mut faders = Faders::new(1.0);
            faders.follow(strips, tracks, bypass);
            faders.jump();
            faders.now.map(|fader| fader.volume > 0.0)
        };
        strips.set(2, Strip { solo: true, ..Strip::default() });
        assert_eq!(heard(&strips, 2, false), [true; STRIPS + 1]);
        let alone = heard(&strips, 20, false);
        assert!(alone[2] && alone.iter().filter(|&&heard| heard).count() == 1);
        assert_eq!(heard(&strips, 2, true), [false; STRIPS + 1]);
        strips.set(0, Strip { gain_db: GAIN_DB[0], ..Strip::default() });
        assert!(!heard(&strips, 2, false)[0]);
    }
}
