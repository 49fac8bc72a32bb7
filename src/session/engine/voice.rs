//! The voice that sings, loaded in the background.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

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
    pub device: String,
}

/// Loads a voice; runs on a thread of its own. An error is one sentence for the user.
pub type VoiceLoader = Box<dyn FnOnce() -> Result<LoadedVoice, String> + Send>;

/// How it stands with the voice.
#[derive(Clone, Debug, PartialEq)]
pub enum VoiceStatus {
    Loading,
    Ready {
        /// The names of its singers.
        singers: Vec<String>,
        /// On what it runs, in words: the GPU's name, or the CPU and why.
        device: String,
    },
    /// There is no voice, for this reason.
    Failed(String),
}

/// Runs a loader; a driver or a file that makes it panic is no reason for the studio to go.
pub(super) fn load(loader: VoiceLoader) -> Result<LoadedVoice, String> {
    catch_unwind(AssertUnwindSafe(loader))
        .unwrap_or_else(|_| Err("loading the voice broke down; try it on the CPU".into()))
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
                let compute = Compute::choose(choice).map_err(|error| error.to_string())?;
                let choir = Choir::open(&models, &compute.tensors).map_err(|error| error.to_string())?;
                // Who sings when nobody is chosen is at hand; the others are loaded as they are.
                choir.load(None).map_err(|error| error.to_string())?;
                let (vocoder, device) = match &compute.gpu {
                    None => (VocoderDevice::Cpu, compute.description.clone()),
                    Some(gpu) => match VocoderShaders::new(&gpu.device, &gpu.queue) {
                        Ok(shaders) => (VocoderDevice::Gpu(shaders), compute.description.clone()),
                        // The networks run on it all the same.
                        Err(error) => (
                            VocoderDevice::Cpu,
                            format!("{}, vocoder on the CPU ({error})", compute.description),
                        ),
                    },
                };
                let singers = choir.names().map(String::from).collect();
                let sung = SungVoice { voice: Arc::new(choir), vocoder };
                Ok(LoadedVoice { sung, singers, device })
            })
        }
    }
}
