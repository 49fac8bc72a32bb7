//! What the user prefers, kept between two starts.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::whole_file::write_whole;
use ziyin_playback::DeviceChoice;

/// The version of the file. A newer one is read as far as it is understood, and never written over.
const VERSION: u32 = 1;

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
    /// The version of the file that they come from.
    pub version: u32,
    pub theme: Theme,
    /// One of [`LANGUAGES`].
    pub language: String,
    /// How large everything is drawn, in percent of what the desktop asks for.
    pub size: u16,
    pub device: DeviceChoice,
    /// The MIDI keyboard that is listened to, by its name.
    pub keyboard: Option<String>,
    /// Whether a GPU may sing, if there is one. It counts from the next start.
    pub gpu: bool,
    pub metronome: bool,
    pub count_in: bool,
    pub show_tracks: bool,
    pub show_arrangement: bool,
    pub show_mixer: bool,
    pub show_history: bool,
    pub show_note: bool,
    /// Where dialogs begin, and where exports go.
    pub songs: Option<PathBuf>,
    pub exports: Option<PathBuf>,
    /// Songs that were open, the last one first.
    pub recent: Vec<PathBuf>,
    /// Keys of one's own by action, none for no keys. What is not there is as it came.
    pub shortcuts: BTreeMap<String, Option<String>>,
    /// Whether the tour was seen.
    pub toured: bool,
}

impl Default for Settings {
    fn default() -> Self {
        let system = ["LC_ALL", "LC_MESSAGES", "LANG"].iter().find_map(|name| std::env::var(name).ok());
        let chinese = system.is_some_and(|language| language.starts_with("zh"));
        Self {
            version: VERSION,
            theme: Theme::Dark,
            language: if chinese { "zh-CN" } else { "en" }.into(),
            size: 100,
            device: DeviceChoice::default(),
            keyboard: None,
            gpu: true,
            metronome: false,
            count_in: false,
            show_tracks: true,
            show_arrangement: false,
            show_mixer: false,
            show_history: false,
            show_note: false,
            songs: None,
            exports: None,
            recent: Vec::new(),
            shortcuts: BTreeMap::new(),
            toured: false,
        }
    }
}

const RECENT: usize = 10;
const FILE: &str = "settings.json";

/// All that must be known of a file before it is read.
#[derive(Deserialize)]
struct Version {
    #[serde(default)]
    version: u32,
}

impl Settings {
    /// The settings in a folder; what is not there or cannot be read is as it came.
    pub fn load(folder: &Path) -> Self {
        let text = fs::read(folder.join(FILE)).unwrap_or_default();
        let version = serde_json::from_slice::<Version>(&text).map(|file| file.version);
        let read = serde_json::from_slice(&text);
        // What a newer Ziyin wrote may not be readable, and is its own all the same.
        let newer = || Self { version: version.unwrap_or(VERSION), ..Self::default() };
        read.unwrap_or_else(|_| newer())
    }

    /// Whether a newer Ziyin wrote them: what is changed holds until the program ends.
    pub fn is_newer(&self) -> bool {
        self.version > VERSION
    }

    /// Keeps them, unless a newer Ziyin wrote the file.
    ///
    /// # Errors
    /// If the folder cannot be written to.
    pub fn save(&self, folder: &Path) -> io::Result<()> {
        if self.is_newer() {
            return Ok(());
        }
        fs::create_dir_all(folder)?;
        write_whole(&folder.join(FILE), &serde_json::to_vec_pretty(self)?)
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

    #[test]
    fn settings_of_a_newer_ziyin_are_never_written_over() {
        for newer in
            [r#"{"version": 2, "theme": "light", "more": []}"#, r#"{"version": 2, "theme": "sepia"}"#]
        {
            let folder = tempfile::tempdir().unwrap();
            fs::write(folder.path().join(FILE), newer).unwrap();
            let mut settings = Settings::load(folder.path());
            assert!(settings.is_newer());
            settings.metronome = true;
            settings.save(folder.path()).unwrap();
            assert_eq!(fs::read_to_string(folder.path().join(FILE)).unwrap(), newer);
        }
    }
}
