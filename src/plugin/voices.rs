//! The voices that sing, one set for all instances of a process.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use ziyin_message::{Message, ToMessage};
use ziyin_model::device::DeviceChoice;
use ziyin_model::installed::{models_folder_of, program_of};
use ziyin_model::user_folders::data_folder;
use ziyin_session::engine::{LoadedVoice, SungVoice};
use ziyin_session::settings::Settings;

/// Those that are loaded, as long as an instance holds them.
static LOADED: Mutex<Weak<SungVoice>> = Mutex::new(Weak::new());

/// The voices that are installed, on a GPU if there is one and the user's settings allow it. Takes as long
/// as loading does, if no other instance holds them.
///
/// # Errors
/// One sentence that says why nobody can sing.
pub fn installed() -> Result<Arc<SungVoice>, Message> {
    // A load that broke down has left nothing behind.
    let mut loaded = LOADED.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(voice) = loaded.upgrade() {
        return Ok(voice);
    }
    let models = models_folder_of(&library().unwrap_or_default()).map_err(|error| error.in_full())?;
    let settings = data_folder().map(|folder| Settings::load(&folder)).unwrap_or_default();
    let device = if settings.gpu { DeviceChoice::Auto } else { DeviceChoice::Cpu };
    let voice = Arc::new(LoadedVoice::from_models(models, device)()?.sung);
    *loaded = Arc::downgrade(&voice);
    Ok(voice)
}

/// The program with the studio, if it is found.
pub fn program() -> Option<PathBuf> {
    program_of(&library().unwrap_or_default())
}

/// The file that this code was loaded from; the program that runs is the host's.
fn library() -> Option<PathBuf> {
    let address = library as *const () as usize;
    // Each line is `from-to rights offset device inode path`, the first two in hexadecimal.
    let maps = std::fs::read_to_string("/proc/self/maps").ok()?;
    maps.lines().find_map(|line| {
        let (range, rest) = line.split_once(' ')?;
        let (from, to) = range.split_once('-')?;
        let number = |text| usize::from_str_radix(text, 16).ok();
        let path = rest.find('/').map(|at| PathBuf::from(&rest[at..]))?;
        (number(from)? <= address && address < number(to)?).then_some(path)
    })
}

#[cfg(test)]
mod tests {
    #[test]
    #[cfg(target_os = "linux")]
    fn the_library_is_found() {
        assert_eq!(super::library(), std::env::current_exe().ok());
    }
}
