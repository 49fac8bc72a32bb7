//! The keys of the keyboard, sung: a vowel by the singer of the track, kept once it is sung.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::mpsc::{Sender, channel};

use super::voice::SungVoice;
use ziyin_singing::sing_vowel;

/// Who sings, by name (`None` for the singer that ships), and the MIDI key.
pub(super) type KeyOf = (Option<String>, u8);

/// Keys that are kept at most: some 40 MB.
const MOST_KEPT: usize = 88;

/// A key that was sung, or not.
pub(super) struct SungKey {
    pub key: KeyOf,
    pub samples: Option<Arc<[f32]>>,
}

/// Sings single keys on a thread of its own, and keeps them.
#[derive(Default)]
pub(super) struct KeySinger {
    orders: Option<Sender<KeyOf>>,
    /// `None` for what this voice cannot sing.
    known: HashMap<KeyOf, Option<Arc<[f32]>>>,
    /// The key that is held.
    held: Option<KeyOf>,
}

/// What is to be done for a key at once.
pub(super) enum Sounding {
    Sung(Arc<[f32]>),
    /// It is on its way.
    Awaited,
    /// Nobody can sing it: it sounds as a tone.
    Tone,
}

impl KeySinger {
    /// Sings with a voice from now on; `told` hears of each key that is sung.
    pub fn start(voice: SungVoice, told: impl Fn(SungKey) + Send + 'static) -> Self {
        let (orders, inbox) = channel::<KeyOf>();
        let started = std::thread::Builder::new().name("key singer".into()).spawn(move || {
            while let Ok(mut key) = inbox.recv() {
                // Of keys that were slid over only the last one is awaited.
                if let Some(last) = inbox.try_iter().last() {
                    key = last;
                }
                let sung = sing_vowel(&*voice.voice, &voice.vocoder, key.0.as_deref(), key.1);
                told(SungKey { key, samples: sung.ok().map(Arc::from) });
            }
        });
        // Without a thread keys sound as tones.
        Self { orders: started.is_ok().then_some(orders), ..Self::default() }
    }

    /// Holds a key.
    pub fn hold(&mut self, key: KeyOf) -> Sounding {
        self.held = Some(key.clone());
        match (self.known.get(&key), &self.orders) {
            (Some(Some(samples)), _) => Sounding::Sung(samples.clone()),
            (None, Some(orders)) if orders.send(key).is_ok() => Sounding::Awaited,
            _ => Sounding::Tone,
        }
    }

    /// Lets go of the key.
    pub fn release(&mut self) {
        self.held = None;
    }

    /// Keeps what was sung; gives what is to be done if its key is still held.
    pub fn take(&mut self, sung: SungKey) -> Option<Sounding> {
        if self.known.len() >= MOST_KEPT {
            self.known.clear();
        }
        self.known.insert(sung.key.clone(), sung.samples.clone());
        (self.held.as_ref() == Some(&sung.key)).then(|| sung.samples.map_or(Sounding::Tone, Sounding::Sung))
    }
}
