//! What the user prefers, kept between two starts.

use std::fs;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use ziyin_playback::DeviceChoice;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Theme {
    #[default]
    Dark,
    Light,
    /// As the desktop has it.
    System,
}

impl Theme {
    pub const ALL: [Theme; 3] = [Theme::Dark, Theme::Light, Theme::System];
}

/// The languages that the studio speaks, with their own names.
pub const LANGUAGES: [(&str, &str); 2] = [("en", "English"), ("zh-CN", "简体中文")];

/// The sizes to choose from, see [`Settings::size`].
pub const SIZES: [u16; 7] = [75, 90, 100, 110, 125, 150, 200];

/// The preferences.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    pub theme: Theme,
    /// One of [`LANGUAGES`].
    pub language: String,
    /// How large everything is drawn, in percent of what the desktop asks for.
    pub size: u16,
    pub device: DeviceChoice,
    /// Whether a GPU may sing, if there is one. It counts from the next start.
    pub gpu: bool,
    pub metronome: bool,
    pub count_in: bool,
    pub show_tracks: bool,
    pub show_mixer: bool,
    pub show_history: bool,
    pub show_note: bool,
    /// Where dialogs begin, and where exports go.
    pub songs: Option<PathBuf>,
    pub exports: Option<PathBuf>,
    /// Songs that were open, the last one first.
    pub recent: Vec<PathBuf>,
    /// Whether the tour was seen.
    pub toured: bool,
}

impl Default for Settings {
    fn default() -> Self {
        let system = ["LC_ALL", "LC_MESSAGES", "LANG"].iter().find_map(|name| std::env::var(name).ok());
        let chinese = system.is_some_and(|language| language.starts_with("zh"));
        Self {
            theme: Theme::Dark,
            language: if chinese { "zh-CN" } else { "en" }.into(),
            size: 100,
            device: DeviceChoice::default(),
            gpu: true,
            metronome: false,
            count_in: false,
            show_tracks: true,
            show_mixer: false,
            show_history: false,
            show_note: false,
            songs: None,
            exports: None,
            recent: Vec::new(),
            toured: false,
        }
    }
}

const RECENT: usize = 10;

impl Settings {
    /// The settings in a folder; what is not there or cannot be read is as it came.
    pub fn load(folder: &Path) -> Self {
        fs::read(folder.join("settings.json"))
            .ok()
            .and_then(|text| serde_json::from_slice(&text).ok())
            .unwrap_or_default()
    }

    /// # Errors
    /// If the folder cannot be written to.
    pub fn save(&self, folder: &Path) -> std::io::Result<()> {
        use std::io::Write;
        fs::create_dir_all(folder)?;
        let mut file = atomic_write_file::AtomicWriteFile::open(folder.join("settings.json"))?;
        file.write_all(&serde_json::to_vec_pretty(self)?)?;
        file.commit()
    }

    /// By how much everything is enlarged, within what can be used.
    pub fn zoom(&self) -> f32 {
        let (least, most) = (SIZES[0], SIZES[SIZES.len() - 1]);
        f32::from(self.size.clamp(least, most)) / 100.0
    }

    /// Puts a song at the head of the recent ones.
    pub fn remember(&mut self, path: &Path) {
        self.recent.retain(|recent| recent != path);
        self.recent.insert(0, path.to_path_buf());
        self.recent.truncate(RECENT);
    }
}

/// The folder of settings and rescued songs: the one that `ZIYIN_HOME` names, else where
/// the system keeps such things, else a folder beside other temporary ones.
pub fn home() -> PathBuf {
    std::env::var_os("ZIYIN_HOME")
        .map(PathBuf::from)
        .or_else(|| eframe::storage_dir("ziyin"))
        .unwrap_or_else(|| std::env::temp_dir().join("ziyin"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_come_back_and_damaged_ones_do_no_harm() {
        let folder = tempfile::tempdir().unwrap();
        let mut settings = Settings { language: "zh-CN".into(), gpu: false, ..Settings::default() };
        for i in 0..12 {
            settings.remember(Path::new(&format!("{i}.ziyin")));
        }
        settings.remember(Path::new("5.ziyin"));
        assert_eq!((settings.recent.len(), settings.recent[0].as_path()), (10, Path::new("5.ziyin")));
        settings.save(folder.path()).unwrap();
        assert_eq!(Settings::load(folder.path()), settings);
        fs::write(folder.path().join("settings.json"), "{\"theme\": 7").unwrap();
        assert_eq!(Settings::load(folder.path()), Settings::default());
    }
}
