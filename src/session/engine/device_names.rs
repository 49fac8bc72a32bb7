//! The devices that can play, asked for on a thread of their own: a sound system may take its time.

use std::sync::mpsc::{Receiver, channel};

use super::Wake;

#[derive(Default)]
pub(super) struct DeviceNames {
    names: Vec<String>,
    asked: Option<Receiver<Vec<String>>>,
}

impl DeviceNames {
    /// Asks for them, unless that is under way.
    pub fn ask(&mut self, wake: Wake) {
        if self.asked.is_some() {
            return;
        }
        let (tell, asked) = channel();
        let ask = move || {
            let _ = tell.send(ziyin_playback::device_names());
            wake();
        };
        let started = std::thread::Builder::new().name("sound devices".into()).spawn(ask);
        self.asked = started.is_ok().then_some(asked);
    }

    pub fn look_after(&mut self) {
        if let Some(names) = self.asked.as_ref().and_then(|asked| asked.try_recv().ok()) {
            (self.names, self.asked) = (names, None);
        }
    }

    /// As they were when they were asked for last.
    pub fn names(&self) -> &[String] {
        &self.names
    }
}
