//! Reads single files out of a zip archive: the way VPR and MXL files are packed.

use std::io::{self, Cursor, Read, Write};
use std::path::{Path, PathBuf};
use ziyin_message::message;

use atomic_write_file::AtomicWriteFile;
use zip::ZipArchive;

use super::{Budget, BudgetError, Refusal, Resource};

/// Why what lies beside a song was not unpacked.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub enum UnpackError {
    Io(#[from] io::Error),
    Budget(#[from] BudgetError),
}

/// A zip archive in memory.
pub struct Archive<'a> {
    format: &'static str,
    /// With `/` between folders, whatever the archive has.
    names: Vec<String>,
    zip: ZipArchive<Cursor<&'a [u8]>>,
}

impl<'a> Archive<'a> {
    /// Reads the directory.
    ///
    /// # Errors
    /// If there is none, as in an archive that was cut short.
    pub fn open(format: &'static str, bytes: &'a [u8]) -> Result<Self, Refusal> {
        let zip = ZipArchive::new(Cursor::new(bytes))
            .map_err(|_| Refusal::damaged(format, message!("damage.no-directory")))?;
        // One whose name cannot be read has none, and nobody asks for it.
        let name =
            |index| zip.name_for_index(index).and_then(Result::ok).unwrap_or_default().replace('\\', "/");
        Ok(Self { format, names: (0..zip.len()).map(name).collect(), zip })
    }

    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.names.iter().map(String::as_str)
    }

    /// Unpacks a file that is no song but lies beside it, such as recorded audio, into a folder that is
    /// made for it; gives where it is. One that lies there already is left as it is. `None` if there is
    /// none of that name.
    ///
    /// # Errors
    /// If it is damaged, unfolds to far too much, or cannot be written.
    pub fn unpack(
        &mut self,
        name: &str,
        folder: &Path,
        budget: &Budget,
    ) -> Result<Option<PathBuf>, UnpackError> {
        let Some(index) = self.names.iter().position(|known| known == name) else { return Ok(None) };
        // Whatever else its name says, it does not lead out of the folder.
        let Some(own) = Path::new(name).file_name() else { return Ok(None) };
        let path = folder.join(own);
        let mut packed = self.zip.by_index(index).map_err(io::Error::other)?;
        if std::fs::metadata(&path).is_ok_and(|there| there.is_file() && there.len() == packed.size()) {
            return Ok(Some(path));
        }
        std::fs::create_dir_all(folder)?;
        let mut file = AtomicWriteFile::open(&path)?;
        let mut block = vec![0; 1 << 16];
        loop {
            let read = packed.read(&mut block)?;
            if read == 0 {
                break;
            }
            budget.spend(Resource::PackedAudio, read as u64)?;
            file.write_all(&block[..read])?;
        }
        file.commit()?;
        Ok(Some(path))
    }

    /// The bytes of the file of that name, or `None` if there is none.
    ///
    /// # Errors
    /// If it is damaged, packed in a way that nobody uses here, or unfolds to far too much.
    pub fn read(&mut self, name: &str, budget: &Budget) -> Result<Option<Vec<u8>>, Refusal> {
        let Some(index) = self.names.iter().position(|known| known == name) else { return Ok(None) };
        let damaged = || Refusal::damaged(self.format, message!("damage.not-unpacked", name));
        let mut file = self.zip.by_index(index).map_err(|_| damaged())?;
        let mut unpacked = Vec::new();
        loop {
            let before = unpacked.len();
            // Whatever the directory says of its size.
            file.by_ref().take(1 << 20).read_to_end(&mut unpacked).map_err(|_| damaged())?;
            if unpacked.len() == before {
                return Ok(Some(unpacked));
            }
            budget.spend(Resource::Unpacked, (unpacked.len() - before) as u64)?;
        }
    }
}
