//! The voice that sings, loaded in the background.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::thread::JoinHandle;

use ziyin_message::{Message, ToMessage, message};
use ziyin_singing::Voice;
use ziyin_singing::stream::VocoderDevice;

/// A voice and what its vocoders run on.
#[derive(Clone)]
pub struct SungVoice {
    pub voice: Arc<dyn Voice + Send + Sync>,
    pub vocoder: VocoderDevice,
}

/// A voice that was loaded.
pub struct LoadedVoice {
    pub sung: SungVoice,
    /// The names of its singers.
    pub singers: Vec<String>,
    /// On what it runs, in words: the GPU's name, or the CPU and why.
    pub device: Message,
}

/// Loads a voice; runs on a thread of its own. An error is for the user.
pub type VoiceLoader = Box<dyn FnOnce() -> Result<LoadedVoice, Message> + Send>;

/// The name of a thread that loads a voice.
pub const LOADER: &str = "voice loader";

/// A thread that loads a voice. Who lets go of it waits for its end: what the thread runs on, a driver or a
/// library that a host takes away, must not go before it.
pub struct Loader(Option<JoinHandle<()>>);

impl Loader {
    /// Begins to load.
    ///
    /// # Errors
    /// If the system has no thread to give.
    pub fn start(load: impl FnOnce() + Send + 'static) -> io::Result<Self> {
        std::thread::Builder::new().name(LOADER.into()).spawn(load).map(|thread| Self(Some(thread)))
    }

    /// Whether there is nothing to wait for any more.
    pub fn is_done(&self) -> bool {
        self.0.as_ref().is_none_or(JoinHandle::is_finished)
    }
}

impl Drop for Loader {
    fn drop(&mut self) {
        if let Some(thread) = self.0.take() {
            let _ = thread.join();
        }
    }
}

/// How it stands with the voice.
#[derive(Clone, Debug, PartialEq)]
pub enum VoiceStatus {
    Loading,
    Ready {
        /// The names of its singers.
        singers: Vec<String>,
        /// On what it runs, in words: the GPU's name, or the CPU and why.
        device: Message,
    },
    /// There is no voice, for this reason.
    Failed(Message),
}

/// Runs a loader; a driver or a file that makes it panic is no reason for the studio to go.
pub(super) fn load(loader: VoiceLoader) -> Result<LoadedVoice, Message> {
    catch_unwind(AssertUnwindSafe(loader)).unwrap_or_else(|_| Err(message!("voice-loader.broke-down")))
}

mod installed {
    use std::path::PathBuf;

    use super::*;
    use ziyin_model::device::{Compute, DeviceChoice};
    use ziyin_singing::choir::Choir;
    use ziyin_singing::vocoder::VocoderShaders;

    impl LoadedVoice {
        /// A loader of everybody in a folder of voices, on a GPU or the CPU. A GPU that was
        /// chosen before is the one that is used: the window shares it.
        pub fn from_models(models: PathBuf, choice: DeviceChoice) -> VoiceLoader {
            Box::new(move || {
                let compute = Compute::choose(choice).map_err(|error| error.in_full())?;
                let choir = Choir::open(&models, &compute.tensors).map_err(|error| error.in_full())?;
                // Who sings when nobody is chosen is at hand; the others are loaded as they are.
                choir.load(None).map_err(|error| error.in_full())?;
                let (vocoder, device) = match &compute.gpu {
                    None => (VocoderDevice::Cpu, compute.description.clone()),
                    Some(gpu) => match VocoderShaders::new(&gpu.device, &gpu.queue) {
                        Ok(shaders) => (VocoderDevice::Gpu(shaders), compute.description.clone()),
                        // The networks run on it all the same.
                        Err(error) => {
                            let (device, why) = (&compute.description, error.to_message());
                            (VocoderDevice::Cpu, message!("device.vocoder-on-cpu", device, why))
                        }
                    },
                };
                let singers = choir.names().map(String::from).collect();
                let sung = SungVoice { voice: Arc::new(choir), vocoder };
                Ok(LoadedVoice { sung, singers, device })
            })
        }
    }
}
