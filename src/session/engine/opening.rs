//! A sound device on its way. A sound system that hangs may keep whoever asks it waiting, so that it is
//! asked on a thread of its own.

use std::sync::mpsc::{Receiver, TryRecvError, channel};
use std::time::{Duration, Instant};

use super::Wake;
use ziyin_playback::{DeviceChoice, PlaybackError, Player};

/// How long a device that is looked for may take to open, on a machine that is busy.
const PATIENCE: Duration = Duration::from_secs(15);

/// What came of it.
pub(super) struct Opened {
    pub player: Result<Player, PlaybackError>,
    /// The device that was opened: the one that was asked for, or the system's own in its place.
    pub choice: DeviceChoice,
}

/// A device that is being opened.
pub(super) struct Opening {
    opened: Receiver<Opened>,
    begun: Instant,
    /// Whether it was not asked for, but is looked for because it is gone. Some devices fill no buffer any
    /// more after they once ran dry, and go on as if nothing had been once they are opened again.
    pub searching: bool,
    /// Whether it is to play once it is there.
    pub playing: bool,
}

impl Opening {
    /// Lets go of the player before, and opens a device; `or_usual` takes the system's own where the
    /// one that is asked for is not there.
    pub fn begin(before: Option<Player>, choice: DeviceChoice, or_usual: bool, wake: Wake) -> Self {
        let (tell, opened) = channel();
        let open = move || {
            drop(before);
            let usual = DeviceChoice { name: None, ..choice.clone() };
            let mut opened = Opened { player: Player::open(&choice, wake.clone()), choice };
            if or_usual
                && opened.player.is_err()
                && opened.choice.name.is_some()
                && let Ok(player) = Player::open(&usual, wake.clone())
            {
                opened = Opened { player: Ok(player), choice: usual };
            }
            // Nobody may wait for it any more.
            let _ = tell.send(opened);
            wake();
        };
        // Without a thread nothing is ever sent, which is seen below.
        let _ = std::thread::Builder::new().name("sound device".into()).spawn(open);
        Self { opened, begun: Instant::now(), searching: false, playing: false }
    }

    /// What came of it, or nothing once it will not come; `None` until then.
    pub fn outcome(&self) -> Option<Option<Opened>> {
        match self.opened.try_recv() {
            Ok(opened) => Some(Some(opened)),
            Err(TryRecvError::Disconnected) => Some(None),
            Err(TryRecvError::Empty) => (self.searching && self.begun.elapsed() > PATIENCE).then_some(None),
        }
    }
}
