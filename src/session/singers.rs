//! The singers that tracks can have.

use super::engine::VoiceLoader;
use std::path::Path;

use ziyin_message::{Message, ToMessage, message};
use ziyin_model::installed::{is_taken, models_folder, read_singer, singer_file, singers, singers_folder};
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

/// Installs the singer of a file, and gives their name.
///
/// # Errors
/// If it is no singer, one of that name is there, or they cannot be written where singers lie.
pub fn install(path: &Path) -> Result<String, Message> {
    let singer = read_singer(path).map_err(|error| error.in_full())?;
    let folder = singers_folder().ok_or_else(|| message!("clone.no-folder"))?;
    if is_taken(&singer.name, &models_folder(None).unwrap_or_default(), &folder) {
        return Err(message!("singer-file.taken", name = &singer.name));
    }
    let written =
        std::fs::create_dir_all(&folder).and_then(|()| singer.save(&singer_file(&folder, &singer.name)));
    written.map_err(|error| error.to_message())?;
    Ok(singer.name)
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
