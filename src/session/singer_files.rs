//! The files of singers whom the user made or was given: installed, mixed, renamed, deleted and brought
//! back. What is deleted goes into a folder of its own, so that nothing is lost by it.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use ziyin_interchange::{Archive, Budget};
use ziyin_message::{Message, ToMessage, message};
use ziyin_model::cloned_singer::SINGER_EXTENSION;
use ziyin_model::installed::{cloned_singers, is_taken, models_folder, read_singer, singer_file};
use ziyin_model::mixture::mix;
use ziyin_model::{ClonedSinger, Share};

/// How an archive of singers ends.
pub const PACKED_SINGERS: &str = "zip";
/// The most singers that are taken out of one archive.
const MOST_PACKED: usize = 200;
/// The most bytes of an archive of singers.
const MOST_BYTES: u64 = 256 << 20;

/// Where the singers of a user lie.
#[derive(Clone, Debug)]
pub struct SingerFolder {
    pub singers: PathBuf,
    /// Those who were deleted.
    deleted: PathBuf,
}

/// A singer who was deleted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeletedSinger {
    pub name: String,
    pub file: PathBuf,
}

/// What became of the singers of a user.
#[derive(Clone, Debug, PartialEq)]
pub enum SingerChange {
    /// These were installed, and why others were not.
    Installed {
        names: Vec<String>,
        refused: Vec<Message>,
    },
    Mixed(String),
    Renamed {
        from: String,
        to: String,
    },
    Deleted(String),
    BroughtBack(String),
}

impl SingerFolder {
    /// In the folder of what belongs to a user.
    pub fn of(home: &Path) -> Self {
        Self { singers: home.join("singers"), deleted: home.join("deleted singers") }
    }

    /// Those who were deleted, by their names.
    pub fn deleted(&self) -> Vec<DeletedSinger> {
        let of = |(file, singer): (PathBuf, ClonedSinger)| DeletedSinger { name: singer.name, file };
        cloned_singers(&self.deleted).into_iter().map(of).collect()
    }

    /// Installs the singer of a `.singer` file, or those of a zip archive that holds some.
    ///
    /// # Errors
    /// If nobody was installed: there is no singer in it, one of that name is there, or they cannot be
    /// written.
    pub fn install(&self, path: &Path) -> Result<SingerChange, Message> {
        if path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case(PACKED_SINGERS)) {
            return self.install_packed(path);
        }
        let singer = read_singer(path).map_err(|error| error.in_full())?;
        self.add(&singer)?;
        Ok(SingerChange::Installed { names: vec![singer.name], refused: Vec::new() })
    }

    fn install_packed(&self, path: &Path) -> Result<SingerChange, Message> {
        let told = |error: io::Error| message!("of-file", path, why = error.to_message());
        let held = fs::metadata(path).map_err(told)?;
        // A pipe or a device may never end.
        if !held.is_file() {
            return Err(told(io::ErrorKind::InvalidInput.into()));
        }
        if held.len() > MOST_BYTES {
            return Err(message!("singer-file.too-large"));
        }
        let bytes = fs::read(path).map_err(told)?;
        let (mut archive, budget) =
            (Archive::open(PACKED_SINGERS, &bytes).map_err(|refusal| refusal.in_full())?, Budget::default());
        let is_singer = |name: &&str| {
            let path = Path::new(name);
            let hidden = path.file_name().is_some_and(|own| own.to_string_lossy().starts_with('.'));
            !hidden
                && path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case(SINGER_EXTENSION))
        };
        let packed: Vec<String> =
            archive.names().filter(is_singer).take(MOST_PACKED + 1).map(String::from).collect();
        if packed.len() > MOST_PACKED {
            return Err(message!("singer-file.too-large"));
        }
        let (mut names, mut refused) = (Vec::new(), Vec::new());
        for name in packed {
            let read = archive.read(&name, &budget).map_err(|refusal| refusal.in_full());
            let added = read.and_then(|bytes| {
                let singer = ClonedSinger::from_json(&bytes.unwrap_or_default());
                let singer = singer
                    .map_err(|error| message!("of-file", path = name.as_str(), why = error.in_full()))?;
                self.add(&singer)?;
                Ok(singer.name)
            });
            match added {
                Ok(name) => names.push(name),
                Err(why) => refused.push(why),
            }
        }
        match (names.is_empty(), refused.first()) {
            (true, Some(why)) => Err(why.clone()),
            (true, None) => Err(message!("singer-file.none-packed")),
            _ => Ok(SingerChange::Installed { names, refused }),
        }
    }

    /// Mixes singers into a new one.
    ///
    /// # Errors
    /// If they cannot be mixed, the name is taken, or the singer cannot be written.
    pub fn mix(&self, name: &str, shares: &[Share]) -> Result<SingerChange, Message> {
        let models = models_folder(None).map_err(|error| error.in_full())?;
        let cloned: Vec<ClonedSinger> =
            cloned_singers(&self.singers).into_iter().map(|(_, singer)| singer).collect();
        let singer = mix(name.trim(), shares, &models, &cloned).map_err(|error| error.in_full())?;
        self.add(&singer)?;
        Ok(SingerChange::Mixed(singer.name))
    }

    /// Gives the singer of a file another name, and the file with them.
    ///
    /// # Errors
    /// If the name is taken or none, or the file cannot be read or written.
    pub fn rename(&self, file: &Path, name: &str) -> Result<SingerChange, Message> {
        let mut singer = read_singer(file).map_err(|error| error.in_full())?;
        let (from, to) = (singer.name.clone(), name.trim().to_string());
        if to.is_empty() {
            return Err(message!("singer-file.no-name"));
        }
        if from.to_lowercase() != to.to_lowercase() && self.has(&to) {
            return Err(message!("singer-file.taken", name = to));
        }
        let path = singer_file(&self.singers, &to);
        // Names that are not alike may be one file's, and a file may hold what is not read here.
        if path.exists() && fs::canonicalize(&path).ok() != fs::canonicalize(file).ok() {
            return Err(message!("singer-file.taken", name = to));
        }
        singer.name.clone_from(&to);
        singer.save(&path).map_err(|error| of_file(&path, &error))?;
        // Where names differ by capitals alone it may be the very file.
        let same = fs::canonicalize(&path).ok() == fs::canonicalize(file).ok();
        if !same {
            fs::remove_file(file).map_err(|error| of_file(file, &error))?;
        }
        Ok(SingerChange::Renamed { from, to })
    }

    /// Puts the file of a singer with those who were deleted.
    ///
    /// # Errors
    /// If it is no singer's, or cannot be moved.
    pub fn delete(&self, file: &Path) -> Result<SingerChange, Message> {
        let singer = read_singer(file).map_err(|error| error.in_full())?;
        fs::create_dir_all(&self.deleted).map_err(|error| of_file(&self.deleted, &error))?;
        let path = self.free_place(&singer.name);
        fs::rename(file, &path).map_err(|error| of_file(file, &error))?;
        Ok(SingerChange::Deleted(singer.name))
    }

    /// A file for somebody among the deleted that nobody has.
    fn free_place(&self, name: &str) -> PathBuf {
        let numbered = |number: usize| match number {
            1 => singer_file(&self.deleted, name),
            _ => singer_file(&self.deleted, &format!("{name} {number}")),
        };
        (1..).map(numbered).find(|path| !path.exists()).unwrap_or_else(|| numbered(1))
    }

    /// Installs a singer again who was deleted.
    ///
    /// # Errors
    /// If somebody else has the name meanwhile, or the file cannot be read or written.
    pub fn bring_back(&self, file: &Path) -> Result<SingerChange, Message> {
        let singer = read_singer(file).map_err(|error| error.in_full())?;
        self.add(&singer)?;
        fs::remove_file(file).map_err(|error| of_file(file, &error))?;
        Ok(SingerChange::BroughtBack(singer.name))
    }

    /// Whether somebody has this name.
    fn has(&self, name: &str) -> bool {
        is_taken(name, &models_folder(None).unwrap_or_default(), &self.singers)
    }

    fn add(&self, singer: &ClonedSinger) -> Result<(), Message> {
        if self.has(&singer.name) {
            return Err(message!("singer-file.taken", name = &singer.name));
        }
        let path = singer_file(&self.singers, &singer.name);
        let written = fs::create_dir_all(&self.singers).and_then(|()| singer.save(&path));
        written.map_err(|error| of_file(&path, &error))
    }
}

fn of_file(path: &Path, why: &io::Error) -> Message {
    message!("of-file", path, why = why.to_message())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    use ziyin_model::{Consent, SingerCard};

    fn nina(folder: &Path) -> PathBuf {
        let consent = Consent::today("I am Nina and agree.".into());
        let card = SingerCard { name: "Nina".into(), credits: "Nina".into(), consent };
        let mut singer = ClonedSinger::new(card, vec![0.25; ziyin_model::character::SINGER]);
        singer.voice = "V".into();
        let path = folder.join("nina.singer");
        singer.save(&path).unwrap();
        path
    }

    fn names(folder: &SingerFolder) -> Vec<String> {
        let mut names: Vec<String> =
            cloned_singers(&folder.singers).into_iter().map(|(_, singer)| singer.name).collect();
        names.sort();
        names
    }

    #[test]
    fn who_is_deleted_is_brought_back_as_they_were() {
        let home = tempfile::tempdir().unwrap();
        let folder = SingerFolder::of(home.path());
        let given = nina(home.path());
        folder.install(&given).unwrap();
        assert!(folder.install(&given).unwrap_err().to_string().contains("Nina"));
        let file = singer_file(&folder.singers, "Nina");
        for number in 1..3 {
            assert_eq!(folder.delete(&file), Ok(SingerChange::Deleted("Nina".into())));
            assert_eq!((names(&folder).len(), folder.deleted().len()), (0, number));
            folder.install(&given).unwrap();
        }
        let deleted = folder.deleted();
        assert!(folder.bring_back(&deleted[0].file).is_err(), "another has the name");
        folder.rename(&file, " Nina the second ").unwrap();
        assert!(folder.rename(&singer_file(&folder.singers, "Nina the second"), " ").is_err());
        folder.bring_back(&deleted[0].file).unwrap();
        assert_eq!(
            (names(&folder), folder.deleted().len()),
            (vec!["Nina".into(), "Nina the second".into()], 1)
        );
        assert_eq!(fs::read(&file).unwrap(), fs::read(&given).unwrap());
        let second = singer_file(&folder.singers, "Nina the second");
        assert!(folder.rename(&second, "nina").is_err(), "a name is not taken from another");
        folder.rename(&second, "NINA THE SECOND").unwrap();
        assert_eq!(names(&folder), ["NINA THE SECOND", "Nina"]);
    }

    #[test]
    fn an_archive_gives_those_who_are_in_it_and_says_who_is_not() {
        let home = tempfile::tempdir().unwrap();
        let folder = SingerFolder::of(home.path());
        let given = fs::read(nina(home.path())).unwrap();
        let pack = |files: &[(&str, &[u8])]| {
            let path = home.path().join("singers.zip");
            let mut zip = zip::ZipWriter::new(fs::File::create(&path).unwrap());
            for (name, bytes) in files {
                zip.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
                zip.write_all(bytes).unwrap();
            }
            zip.finish().unwrap();
            path
        };
        let path = pack(&[("a/../../nina.singer", &given), ("b.singer", b"{}"), ("readme.txt", b"hello")]);
        let Ok(SingerChange::Installed { names: new, refused }) = folder.install(&path) else { panic!() };
        assert_eq!((new, refused.len(), names(&folder)), (vec!["Nina".into()], 1, vec!["Nina".into()]));
        let files = fs::read_dir(&folder.singers).unwrap().count();
        assert_eq!(files, 1, "the names in an archive lead nowhere");
        assert!(folder.install(&pack(&[("readme.txt", b"hello")])).is_err());
        fs::write(home.path().join("no.zip"), "no archive").unwrap();
        assert!(folder.install(&home.path().join("no.zip")).is_err());
    }
}
