//! Keys that were played while a song went by, on their way to becoming notes.

use super::editor::{Place, SHORTEST};
use ziyin_playback::{MidiKey, RATE};
use ziyin_score::TempoMap;

/// A key that is pressed or let go of.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Key {
    /// The sample of the song at which that happens.
    pub sample: u64,
    /// As MIDI counts them.
    pub key: u8,
    pub pressed: bool,
}

/// A key that was pressed and let go of.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Played {
    pub key: u8,
    /// In samples of the song.
    pub from: u64,
    pub to: u64,
}

impl Played {
    /// Where its note is to be.
    pub fn place(&self, tempo: &TempoMap) -> Place {
        let tick = |sample: u64| tempo.tick(sample as f64 / f64::from(RATE)).max(0);
        let (onset, end) = (tick(self.from), tick(self.to));
        (onset, (end - onset).max(SHORTEST), self.key.min(127))
    }
}

/// The key that is held: a voice sings one at a time.
#[derive(Debug, Default)]
pub struct Keys {
    held: Option<(u8, u64)>,
}

impl Keys {
    /// Takes a key; gives what was played if one has ended with it.
    pub fn take(&mut self, key: Key) -> Option<Played> {
        let ends = key.pressed || self.held.is_some_and(|(held, _)| held == key.key);
        let played = if ends { self.end(key.sample) } else { None };
        if key.pressed {
            self.held = Some((key.key, key.sample));
        }
        played
    }

    /// Ends what is held: nothing plays any more.
    pub fn end(&mut self, sample: u64) -> Option<Played> {
        // What has gone back in a loop leaves a note that is as short as one can be.
        self.held.take().map(|(key, from)| Played { key, from, to: sample.max(from) })
    }

    pub fn are_held(&self) -> bool {
        self.held.is_some()
    }
}

/// What the keys of a MIDI keyboard do: the last one that is held sounds, and while something is recorded they
/// become notes.
#[derive(Debug, Default)]
pub(super) struct PlayingIn {
    /// The keys that are held, the last one last.
    held: Vec<u8>,
    keys: Keys,
    /// The pass that is recorded, if one is.
    pass: Option<u64>,
    /// Counts the passes.
    passes: u64,
}

impl PlayingIn {
    /// The pass that is recorded.
    pub fn pass(&self) -> Option<u64> {
        self.pass
    }

    /// Records from now on, in a pass of its own.
    pub fn begin(&mut self) {
        self.passes += 1;
        (self.pass, self.keys) = (Some(self.passes), Keys::default());
    }

    /// Records no longer; gives what was held until now.
    pub fn end(&mut self, sample: u64) -> Option<Played> {
        self.pass = None;
        self.keys.end(sample)
    }

    /// Takes a key that was moved at a sample of the song; gives what was played if a note has ended with it.
    pub fn take(&mut self, key: MidiKey, sample: u64) -> Option<Played> {
        let (key, pressed) = match key {
            MidiKey::Pressed(key) => (key, true),
            MidiKey::Released(key) => (key, false),
            MidiKey::AllReleased => {
                self.held.clear();
                return self.keys.end(sample);
            }
        };
        self.held.retain(|&held| held != key);
        if pressed {
            self.held.push(key);
        }
        self.pass.and_then(|_| self.keys.take(Key { sample, key, pressed }))
    }

    /// The key that sounds.
    pub fn sounding(&self) -> Option<u8> {
        self.held.last().copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(sample: u64, key: u8, pressed: bool) -> Key {
        Key { sample, key, pressed }
    }

    #[test]
    fn keys_become_notes_one_after_the_other() {
        let mut keys = Keys::default();
        assert_eq!(keys.take(key(0, 60, false)), None, "it was pressed before");
        assert_eq!(keys.take(key(100, 60, true)), None);
        // Legato: the next is pressed before this one is let go of.
        assert_eq!(keys.take(key(300, 62, true)), Some(Played { key: 60, from: 100, to: 300 }));
        assert_eq!(keys.take(key(350, 60, false)), None);
        assert!(keys.are_held());
        assert_eq!(keys.take(key(500, 62, false)), Some(Played { key: 62, from: 300, to: 500 }));
        keys.take(key(900, 64, true));
        assert_eq!(keys.end(20), Some(Played { key: 64, from: 900, to: 900 }));
        assert!(!keys.are_held() && keys.end(30).is_none());
    }

    #[test]
    fn the_last_key_that_is_held_sounds_and_notes_come_of_what_is_recorded() {
        use MidiKey::{AllReleased, Pressed, Released};
        let mut playing = PlayingIn::default();
        let take = |playing: &mut PlayingIn, key, sample| (playing.take(key, sample), playing.sounding());
        assert_eq!(take(&mut playing, Pressed(60), 0), (None, Some(60)));
        assert_eq!(take(&mut playing, Pressed(64), 10), (None, Some(64)));
        assert_eq!(take(&mut playing, Released(64), 20), (None, Some(60)), "the one below sounds again");
        playing.begin();
        // It was pressed before.
        assert_eq!(take(&mut playing, Released(60), 30), (None, None));
        take(&mut playing, Pressed(62), 40);
        let first = Some(Played { key: 62, from: 40, to: 90 });
        assert_eq!(take(&mut playing, Pressed(65), 90), (first, Some(65)));
        assert_eq!(playing.end(120), Some(Played { key: 65, from: 90, to: 120 }));
        assert_eq!((playing.pass(), take(&mut playing, Released(65), 130)), (None, (None, Some(62))));
        playing.begin();
        take(&mut playing, Pressed(70), 200);
        let last = Some(Played { key: 70, from: 200, to: 300 });
        assert_eq!(take(&mut playing, AllReleased, 300), (last, None), "the keyboard is gone");
        assert_eq!(playing.pass(), Some(2));
    }
}
