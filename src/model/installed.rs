//! The voices that are installed: folders with a `voice.json`, its networks beside it.

use std::fs;
use std::path::{Path, PathBuf};
use ziyin_message::{Message, ToMessage, message};

use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};

use super::cloned_singer::{ClonedSinger, SINGER_EXTENSION, SingerFileError};
use super::user_folders::data_folder;

/// Why no voice was found.
#[derive(Debug, thiserror::Error)]
#[error("{}", self.to_message())]
pub enum InstalledError {
    NoFolder(PathBuf),
    NoModels,
    NoVoice(PathBuf),
    Io { path: PathBuf, source: std::io::Error },
    NotAVoice { path: PathBuf, source: serde_json::Error },
    NotASinger { path: PathBuf, source: SingerFileError },
    NoVoiceOf { name: String, voice: String },
    NoSingerEncoder,
    NoSinger(String),
}

impl ToMessage for InstalledError {
    fn to_message(&self) -> Message {
        match self {
            Self::NoFolder(path) => message!("installed.no-folder", path),
            Self::NoModels => message!("installed.no-models"),
            Self::NoVoice(path) => message!("installed.no-voice", path),
            Self::Io { path, .. } => message!("installed.io", path),
            Self::NotAVoice { path, .. } => message!("installed.not-a-voice", path),
            Self::NotASinger { path, .. } => message!("installed.not-a-singer", path),
            Self::NoVoiceOf { name, voice } => message!("installed.no-voice-of", name, voice),
            Self::NoSingerEncoder => message!("installed.no-singer-encoder"),
            Self::NoSinger(name) => message!("installed.no-singer", name),
        }
    }

    fn cause(&self) -> Option<Message> {
        match self {
            Self::Io { source, .. } => Some(source.to_message()),
            Self::NotAVoice { source, .. } => Some(source.to_message()),
            Self::NotASinger { source, .. } => Some(source.to_message()),
            _ => None,
        }
    }
}

/// What a voice's `voice.json` says of its singers.
#[derive(Deserialize)]
struct Card {
    name: String,
    singers: Vec<CardSinger>,
    lead: Option<String>,
    singer_encoder: Option<IgnoredAny>,
}

impl Card {
    /// Its singers, the lead first.
    fn singers(mut self) -> Vec<CardSinger> {
        let lead = self.lead.and_then(|lead| self.singers.iter().position(|singer| singer.name == lead));
        if let Some(lead) = lead {
            self.singers[..=lead].rotate_right(1);
        }
        self.singers
    }
}

#[derive(Deserialize)]
struct CardSinger {
    name: String,
    credits: String,
    languages: Vec<String>,
    range: [u8; 2],
}

/// A singer, and the voice that sings them: of those that hold them, the first that knows them in the
/// most languages.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct InstalledSinger {
    pub name: String,
    /// Whom to thank, with the link that the terms ask for.
    pub credits: String,
    pub languages: Vec<String>,
    /// Lowest and highest comfortable MIDI pitch.
    pub range: [u8; 2],
    /// The name of the voice.
    pub voice: String,
    pub folder: PathBuf,
    /// The file of a cloned singer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<PathBuf>,
}

/// A singer of one voice, with how many languages that voice knows them in.
struct Held {
    languages: usize,
    singer: InstalledSinger,
}

impl Held {
    /// Takes in what another voice knows of the same singer: what one cannot sing is sung with the
    /// other.
    fn join(&mut self, other: Self) {
        let ours = &mut self.singer;
        for language in &other.singer.languages {
            if !ours.languages.contains(language) {
                ours.languages.push(language.clone());
            }
        }
        ours.range = [ours.range[0].min(other.singer.range[0]), ours.range[1].max(other.singer.range[1])];
        if other.languages > self.languages {
            self.languages = other.languages;
            ours.voice = other.singer.voice;
            ours.folder = other.singer.folder;
        }
    }
}

/// Where something that comes with Ziyin may lie: beside the program or up to two folders above it,
/// there or in `share/ziyin` as an installed program has it; and beside the sources that a program for
/// development was built from.
pub fn beside_program(name: &str) -> Vec<PathBuf> {
    let mut folders = std::env::current_exe().map(|program| around(&program)).unwrap_or_default();
    if cfg!(debug_assertions) {
        folders.extend(Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).map(Path::to_path_buf));
    }
    folders.into_iter().map(|folder| folder.join(name)).collect()
}

/// The folders that may hold what belongs to a program, nearest first.
fn around(program: &Path) -> Vec<PathBuf> {
    let near = program.ancestors().skip(1).take(3);
    near.flat_map(|folder| [folder.to_path_buf(), folder.join("share/ziyin")]).collect()
}

/// The folder of voices: the one named, else `models` beside the program or the sources,
/// else in the working folder.
///
/// # Errors
/// If there is none.
pub fn models_folder(named: Option<&Path>) -> Result<PathBuf, InstalledError> {
    if let Some(folder) = named {
        let found = folder.is_dir().then(|| folder.to_path_buf());
        return found.ok_or_else(|| InstalledError::NoFolder(folder.to_path_buf()));
    }
    beside_program("models")
        .into_iter()
        .chain([PathBuf::from("models")])
        .find(|folder| folder.is_dir())
        .ok_or(InstalledError::NoModels)
}

/// The folder of voices for a plug-in, which knows where its own library lies while the program is
/// somebody else's: in its bundle, beside it, with the installed Ziyin, or where a program finds it.
///
/// # Errors
/// If there is none.
pub fn models_folder_of(library: &Path) -> Result<PathBuf, InstalledError> {
    let mut folders = around_library(library).into_iter().map(|folder| folder.join("models"));
    let found = folders.find(|folder| folder.is_dir());
    found.map_or_else(|| models_folder(None), Ok)
}

/// The program that belongs to a plug-in: beside its library or with the installed Ziyin, else on the path.
pub fn program_of(library: &Path) -> Option<PathBuf> {
    let name = format!("ziyin{}", std::env::consts::EXE_SUFFIX);
    let near = library.ancestors().skip(1).take(6);
    let near = near.flat_map(|folder| [folder.to_path_buf(), folder.join("bin")]);
    let usual = ["/usr/local/bin", "/usr/bin"].map(PathBuf::from);
    let path = std::env::var_os("PATH").unwrap_or_default();
    let named = std::env::split_paths(&path).filter(|folder| folder.is_absolute());
    let mut all = near.chain(usual).chain(named).map(|folder| folder.join(&name));
    all.find(|program| program.is_file())
}

/// The folders that may hold what belongs to a plug-in, nearest first.
fn around_library(library: &Path) -> Vec<PathBuf> {
    let mut folders = around(library);
    // `Ziyin.vst3/Contents/x86_64-linux/Ziyin.so`
    folders.extend(library.ancestors().nth(2).map(|contents| contents.join("Resources")));
    folders.extend(data_folder());
    folders.extend(["/usr/local/share/ziyin", "/usr/share/ziyin"].map(PathBuf::from));
    folders
}

/// The folder of cloned singers; none where the system does not say where it would be.
pub fn singers_folder() -> Option<PathBuf> {
    data_folder().map(|folder| folder.join("singers"))
}

/// The file that a cloned singer of that name has in a folder of singers, under a name that
/// every system takes.
pub fn singer_file(folder: &Path, name: &str) -> PathBuf {
    let safe = |c: char| if c.is_control() || "/\\:*?\"<>|.".contains(c) { '-' } else { c };
    folder.join(format!("{}.{SINGER_EXTENSION}", name.chars().map(safe).collect::<String>()))
}

/// Whether a new singer cannot have this name: one of a voice in the folder `models` has it,
/// or one in the folder of `cloned` singers, in capitals or not, or its file is there.
pub fn is_taken(name: &str, models: &Path, cloned: &Path) -> bool {
    let same = |other: &str| other.trim().to_lowercase() == name.trim().to_lowercase();
    let trained = || {
        let voices = voices(models).unwrap_or_default();
        voices
            .iter()
            .filter_map(|voice| read_card(voice).ok())
            .any(|card| card.singers.iter().any(|s| same(&s.name)))
    };
    singer_file(cloned, name.trim()).exists()
        || trained()
        || cloned_singers(cloned).iter().any(|(_, singer)| same(&singer.name))
}

/// The cloned singers in a folder with their files, in the order of their files; none where
/// there is no such folder. A file that is no singer is left out.
pub fn cloned_singers(folder: &Path) -> Vec<(PathBuf, ClonedSinger)> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let mut files: Vec<PathBuf> = entries
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|extension| extension == SINGER_EXTENSION))
        .collect();
    files.sort();
    files.into_iter().filter_map(|path| ClonedSinger::load(&path).ok().map(|singer| (path, singer))).collect()
}

/// The cloned singers that are installed, with their files.
pub fn installed_clones() -> Vec<(PathBuf, ClonedSinger)> {
    singers_folder().map(|folder| cloned_singers(&folder)).unwrap_or_default()
}

/// The voices in a folder, in the order of their names.
///
/// # Errors
/// If the folder cannot be read or holds no voice.
pub fn voices(folder: &Path) -> Result<Vec<PathBuf>, InstalledError> {
    let entries =
        fs::read_dir(folder).map_err(|source| InstalledError::Io { path: folder.to_path_buf(), source })?;
    let mut voices: Vec<PathBuf> = entries
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.join("voice.json").is_file())
        .collect();
    voices.sort();
    if voices.is_empty() { Err(InstalledError::NoVoice(folder.to_path_buf())) } else { Ok(voices) }
}

/// What `read` gives of each voice in a folder. One that cannot be read is left out, unless none
/// can.
///
/// # Errors
/// If there is no voice, or none that can be read: that of the first.
pub fn readable_voices<T, E: From<InstalledError>>(
    folder: &Path,
    read: impl Fn(&Path) -> Result<T, E>,
) -> Result<Vec<(PathBuf, T)>, E> {
    let (mut all, mut damaged) = (Vec::new(), None);
    for folder in voices(folder)? {
        match read(&folder) {
            Ok(voice) => all.push((folder, voice)),
            Err(error) => damaged = damaged.or(Some(error)),
        }
    }
    match damaged {
        Some(error) if all.is_empty() => Err(error),
        _ => Ok(all),
    }
}

/// The singers of all voices in a folder, each once, and those that were cloned for one of them.
/// A voice that cannot be read is left out as long as there is another.
///
/// # Errors
/// If there is no voice, or none that can be read.
pub fn singers(folder: &Path) -> Result<Vec<InstalledSinger>, InstalledError> {
    singers_and(folder, installed_clones())
}

/// The same with these cloned singers instead of those that are installed.
///
/// # Errors
/// As [`singers`].
pub fn singers_and(
    folder: &Path,
    cloned: Vec<(PathBuf, ClonedSinger)>,
) -> Result<Vec<InstalledSinger>, InstalledError> {
    let mut held: Vec<Held> = Vec::new();
    let mut folders: Vec<(String, PathBuf)> = Vec::new();
    for (folder, card) in readable_voices(folder, read_card)? {
        let voice = card.name.clone();
        for CardSinger { name, credits, languages, range } in card.singers() {
            let found = held.iter_mut().find(|known| known.singer.name.eq_ignore_ascii_case(&name));
            let (voice, folder) = (voice.clone(), folder.clone());
            let count = languages.len();
            let singer = InstalledSinger { name, credits, languages, range, voice, folder, file: None };
            let new = Held { languages: count, singer };
            match found {
                Some(known) => known.join(new),
                None => held.push(new),
            }
        }
        folders.push((voice, folder));
    }
    let mut all: Vec<InstalledSinger> = held.into_iter().map(|known| known.singer).collect();
    for (file, singer) in cloned {
        let voice = folders.iter().find(|(name, _)| *name == singer.voice).map(|(_, folder)| folder.clone());
        all.extend(voice.map(|folder| InstalledSinger {
            name: singer.name,
            credits: singer.credits,
            languages: singer.languages,
            range: singer.range,
            voice: singer.voice,
            folder,
            file: Some(file),
        }));
    }
    Ok(all)
}

/// The first voice that can be sung with by singers who are cloned.
///
/// # Errors
/// If no voice was trained with a singer encoder.
pub fn cloning_voice(folder: &Path) -> Result<PathBuf, InstalledError> {
    voices(folder)?
        .into_iter()
        .find(|voice| read_card(voice).is_ok_and(|card| card.singer_encoder.is_some()))
        .ok_or(InstalledError::NoSingerEncoder)
}

/// Reads the file of a cloned singer.
///
/// # Errors
/// If it is none.
pub fn read_singer(path: &Path) -> Result<ClonedSinger, InstalledError> {
    ClonedSinger::load(path).map_err(|source| InstalledError::NotASinger { path: path.to_path_buf(), source })
}

fn read_card(folder: &Path) -> Result<Card, InstalledError> {
    let path = folder.join("voice.json");
    let text = fs::read(&path).map_err(|source| InstalledError::Io { path: path.clone(), source })?;
    serde_json::from_slice(&text).map_err(|source| InstalledError::NotAVoice { path, source })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Consent, SingerCard};

    #[test]
    fn an_installed_program_and_one_in_a_folder_of_its_own_find_what_belongs_to_them() {
        let installed = around(Path::new("/usr/bin/ziyin"));
        assert!(installed.contains(&PathBuf::from("/usr/share/ziyin")), "{installed:?}");
        assert_eq!(around(Path::new("/home/me/ziyin-0.1.0/ziyin"))[0], Path::new("/home/me/ziyin-0.1.0"));
    }

    #[test]
    fn a_plug_in_finds_the_voices_in_its_bundle_and_those_of_an_installed_program() {
        let first = |library: &str, folder: &str| {
            let folders = around_library(Path::new(library));
            folders.iter().position(|other| other == Path::new(folder)).unwrap()
        };
        let copied = "/home/me/.vst3/Ziyin.vst3/Contents/x86_64-linux/Ziyin.so";
        let own = first(copied, "/home/me/.vst3/Ziyin.vst3/Contents/Resources");
        assert!(own < first(copied, "/usr/share/ziyin"));
        assert_eq!(first("/home/me/.clap/Ziyin/Ziyin.clap", "/home/me/.clap/Ziyin"), 0);
        for installed in
            ["/usr/lib/clap/Ziyin.clap", "/usr/lib/vst3/Ziyin.vst3/Contents/x86_64-linux/Ziyin.so"]
        {
            first(installed, "/usr/share/ziyin");
        }
    }

    #[test]
    fn a_damaged_voice_hides_nobody_else() {
        let models = tempfile::tempdir().unwrap();
        let voice = |name: &str, card: &str| {
            fs::create_dir_all(models.path().join(name)).unwrap();
            fs::write(models.path().join(name).join("voice.json"), card).unwrap();
        };
        voice("a", "{");
        assert!(matches!(singers(models.path()), Err(InstalledError::NotAVoice { .. })));
        voice(
            "b",
            r#"{"name": "V", "singers": [{"name": "Kumi", "credits": "", "languages": [], "range": [57, 74]}]}"#,
        );
        assert!(singers(models.path()).unwrap().iter().any(|singer| singer.name == "Kumi"));
    }

    #[test]
    fn singers_are_cloned_for_the_first_voice_that_has_a_singer_encoder() {
        let models = tempfile::tempdir().unwrap();
        let voice = |name: &str, encoder: &str| {
            fs::create_dir(models.path().join(name)).unwrap();
            let card = format!(r#"{{"name": "{name}", "singers": [], "singer_encoder": {encoder}}}"#);
            fs::write(models.path().join(name).join("voice.json"), card).unwrap();
        };
        voice("a", "null");
        assert!(matches!(cloning_voice(models.path()), Err(InstalledError::NoSingerEncoder)));
        voice("b", r#"{"kind": "Conv"}"#);
        voice("c", r#"{"kind": "Conv"}"#);
        assert_eq!(cloning_voice(models.path()).unwrap(), models.path().join("b"));
    }

    #[test]
    fn a_singer_of_several_voices_is_of_the_one_that_knows_most_and_sings_what_any_can() {
        let models = tempfile::tempdir().unwrap();
        let voice = |folder: &str, languages: &str, range: &str| {
            let card = format!(
                r#"{{"name": "{folder}", "singers": [{{"name": "Kumi", "credits": "", "languages": {languages}, "range": {range}}}]}}"#
            );
            fs::create_dir(models.path().join(folder)).unwrap();
            fs::write(models.path().join(folder).join("voice.json"), card).unwrap();
        };
        let kumi = || {
            let all = singers(models.path()).unwrap();
            all.into_iter().find(|singer| singer.name == "Kumi").unwrap()
        };
        voice("a", r#"["mandarin"]"#, "[57, 74]");
        voice("b", r#"["japanese"]"#, "[46, 72]");
        assert_eq!((kumi().voice.as_str(), kumi().range), ("a", [46, 74]));
        assert_eq!(kumi().languages, ["mandarin", "japanese"]);
        voice("c", r#"["japanese", "mandarin"]"#, "[50, 70]");
        assert_eq!((kumi().voice.as_str(), kumi().range), ("c", [46, 74]));
        assert_eq!(kumi().folder, models.path().join("c"));
    }

    #[test]
    fn the_lead_of_a_voice_stands_first_and_the_others_in_their_order() {
        let models = tempfile::tempdir().unwrap();
        let singer = |name: &str| {
            format!(r#"{{"name": "{name}", "credits": "", "languages": ["mandarin"], "range": [50, 70]}}"#)
        };
        let card = |lead: &str| {
            let all = ["A", "B", "C"].map(singer).join(", ");
            format!(r#"{{"name": "V", "lead": "{lead}", "singers": [{all}]}}"#)
        };
        fs::create_dir(models.path().join("v")).unwrap();
        for (lead, order) in [("B", "B A C"), ("nobody", "A B C")] {
            fs::write(models.path().join("v/voice.json"), card(lead)).unwrap();
            let all = singers(models.path()).unwrap();
            let names: Vec<_> = all.iter().take(3).map(|singer| singer.name.as_str()).collect();
            assert_eq!(names.join(" "), order);
        }
    }

    #[test]
    fn a_name_is_taken_by_singers_of_voices_and_cloned_ones_whatever_their_case() {
        let (models, cloned) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let card = r#"{"name": "V", "singers": [{"name": "Kumi", "credits": "", "languages": [], "range": [57, 74]}]}"#;
        fs::create_dir(models.path().join("v")).unwrap();
        fs::write(models.path().join("v/voice.json"), card).unwrap();
        let card = SingerCard {
            name: "Ünal".into(),
            credits: String::new(),
            consent: Consent::today("Yes.".into()),
        };
        let mut singer = ClonedSinger::new(card, vec![0.5; crate::character::SINGER]);
        singer.voice = "V".into();
        // A file may have any name.
        singer.save(&cloned.path().join("a gift.singer")).unwrap();
        let taken = |name| is_taken(name, models.path(), cloned.path());
        assert!(taken("Kumi") && taken(" kumi ") && taken("ünal"));
        assert!(!taken("Nina") && !taken(""));
        fs::write(cloned.path().join("Nina.singer"), "not yet a singer").unwrap();
        assert!(taken("Nina"));
        assert!(!is_taken("Kumi", &models.path().join("nowhere"), &cloned.path().join("nowhere")));
    }
}
