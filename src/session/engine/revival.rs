//! A device that has stalled is opened anew: some fill no buffer any more after they once ran
//! dry, and go on as if nothing had been once they are opened again.

use std::sync::mpsc::{Receiver, TryRecvError, channel};
use std::time::{Duration, Instant};

use super::Wake;
use ziyin_playback::{DeviceChoice, PlaybackError, Player};

/// How long a device may take to open again.
const PATIENCE: Duration = Duration::from_secs(4);

/// A device on its way back. A sound system that hangs may keep whoever asks it waiting, so
/// that it is asked on a thread of its own.
pub(super) struct Revival {
    opened: Receiver<Result<Player, PlaybackError>>,
    begun: Instant,
    pub device: String,
    /// Whether it is to play once it is there.
    pub playing: bool,
}

impl Revival {
    /// Lets go of the player and opens its device again.
    pub fn of(player: Player, choice: DeviceChoice, wake: Wake) -> Self {
        let (device, playing) = (player.device().to_string(), player.is_playing());
        let (tell, opened) = channel();
        let revive = move || {
            drop(player);
            // Nobody may wait for it any more.
            let _ = tell.send(Player::open(&choice, wake.clone()));
            wake();
        };
        // Without a thread nothing is ever sent, which is seen below.
        let _ = std::thread::Builder::new().name("sound device".into()).spawn(revive);
        Self { opened, begun: Instant::now(), device, playing }
    }

    /// The player once it is there, or nothing once it will not come; `None` until then.
    pub fn outcome(&self) -> Option<Option<Player>> {
        match self.opened.try_recv() {
            Ok(opened) => Some(opened.ok()),
            Err(TryRecvError::Disconnected) => Some(None),
            Err(TryRecvError::Empty) => (self.begun.elapsed() > PATIENCE).then_some(None),
        }
    }
}
