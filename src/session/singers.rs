//! The singers that tracks can have.

use super::engine::VoiceLoader;
use ziyin_message::ToMessage;
use ziyin_model::installed::{models_folder, singers};
use ziyin_signal::note_name;

/// Loads everybody who is installed, on a GPU if there is one and it may be used.
pub fn installed_voices(gpu: bool) -> VoiceLoader {
    use super::engine::LoadedVoice;
    use ziyin_model::device::DeviceChoice;

    match models_folder(None) {
        Ok(models) => {
            LoadedVoice::from_models(models, if gpu { DeviceChoice::Auto } else { DeviceChoice::Cpu })
        }
        Err(error) => Box::new(move || Err(error.in_full())),
    }
}

/// A singer as the studio shows it.
#[derive(Clone, Debug)]
pub struct Singer {
    pub name: String,
    /// Whom to thank.
    pub credits: String,
    /// Lowest and highest comfortable key.
    pub range: [u8; 2],
}

impl Singer {
    /// Every singer that is installed; none where no voice is.
    pub fn all() -> Vec<Singer> {
        let installed = models_folder(None).and_then(|folder| singers(&folder)).unwrap_or_default();
        installed
            .into_iter()
            .map(|singer| Singer { name: singer.name, credits: singer.credits, range: singer.range })
            .collect()
    }

    pub fn lowest(&self) -> String {
        note_name(self.range[0])
    }

    pub fn highest(&self) -> String {
        note_name(self.range[1])
    }
}
