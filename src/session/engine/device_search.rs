//! A sound device that is gone and is looked for: soon at first, for a sound server loses a stream and has
//! the device still; then ever more seldom, for somebody may plug it in again.

use std::time::{Duration, Instant};

/// Until the second attempt; each further one waits twice as long.
const FIRST: Duration = Duration::from_millis(250);
const LONGEST: Duration = Duration::from_secs(30);
/// Attempts after which the device counts as lost, which is some eight seconds after it went.
const LOST_AFTER: u32 = 6;
/// Attempts after which it would startle whoever is there if it played on by itself.
const PLAYS_ON: u32 = 3;

/// The search for a device.
pub(super) struct DeviceSearch {
    /// The device that is gone.
    pub device: String,
    attempts: u32,
    next: Instant,
    playing: bool,
}

impl DeviceSearch {
    /// For a device that has just gone, which played or did not.
    pub fn begin(device: String, playing: bool) -> Self {
        Self { device, attempts: 0, next: Instant::now(), playing }
    }

    /// Notes that it was not there, and gives how long until it is looked for again.
    pub fn failed(&mut self) -> Duration {
        let wait = FIRST.saturating_mul(1 << self.attempts.min(16)).min(LONGEST);
        self.attempts += 1;
        self.next = Instant::now() + wait;
        wait
    }

    /// Whether it is time to look again.
    pub fn is_due(&self) -> bool {
        self.next <= Instant::now()
    }

    /// Whether nobody believes any more that it comes back by itself.
    pub fn is_lost(&self) -> bool {
        self.attempts >= LOST_AFTER
    }

    /// Whether it plays on once it is there.
    pub fn plays_on(&self) -> bool {
        self.playing && self.attempts <= PLAYS_ON
    }

    /// It is not to play on.
    pub fn pause(&mut self) {
        self.playing = false;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_device_is_looked_for_ever_more_seldom_and_never_given_up() {
        let mut search = DeviceSearch::begin("card".into(), true);
        assert!(search.is_due() && search.plays_on() && !search.is_lost());
        let waits: Vec<u128> = (0..9).map(|_| search.failed().as_millis()).collect();
        assert_eq!(waits, [250, 500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000]);
        assert!(search.is_lost() && !search.plays_on() && !search.is_due());
        for _ in 0..1000 {
            search.failed();
        }
        assert_eq!(search.failed(), LONGEST);
    }
}
