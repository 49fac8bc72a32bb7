//! Finds the files that a voicebank's texts name, as they are called on this disk. Banks are
//! made where capitals do not count, and where が is written as か with a mark.

use std::collections::HashMap;
use std::path::Path;

use unicode_normalization::UnicodeNormalization;

/// Text with each letter and its marks composed to one, where there is one.
pub(super) fn composed(text: &str) -> String {
    text.nfc().collect()
}

/// The names of the files in a folder.
#[derive(Debug, Default)]
pub(super) struct FileNames {
    composed: HashMap<String, String>,
    /// Without regard to case. Of several the first.
    folded: HashMap<String, String>,
}

impl FileNames {
    /// Those of a folder; none if it cannot be read.
    pub fn of(folder: &Path) -> Self {
        let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
        let mut names: Vec<String> =
            entries.filter_map(|entry| entry.file_name().into_string().ok()).collect();
        names.sort_unstable();
        let mut all = Self::default();
        for name in names {
            let known = composed(&name);
            all.folded.entry(known.to_lowercase()).or_insert_with(|| name.clone());
            all.composed.entry(known).or_insert(name);
        }
        all
    }

    /// How a file is called on disk that a text calls `name`.
    pub fn find(&self, name: &str) -> Option<&str> {
        let name = composed(name);
        let found = self.composed.get(&name).or_else(|| self.folded.get(&name.to_lowercase()));
        found.map(String::as_str)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_found_however_their_names_are_written() {
        let folder = tempfile::tempdir().unwrap();
        // か with a mark, capitals, and two that differ in case alone.
        for name in ["\u{304B}\u{3099}.wav", "KA.WAV", "sa.wav", "SA.wav"] {
            std::fs::write(folder.path().join(name), "").unwrap();
        }
        let names = FileNames::of(folder.path());
        assert_eq!(names.find("が.wav"), Some("\u{304B}\u{3099}.wav"));
        assert_eq!(names.find("ka.wav"), Some("KA.WAV"));
        assert_eq!((names.find("sa.wav"), names.find("SA.wav")), (Some("sa.wav"), Some("SA.wav")));
        assert_eq!(names.find("ta.wav"), None);
    }
}
