//! Reads single files out of a zip archive: the way VPR and MXL files are packed.

use std::io::{Cursor, Read};
use ziyin_message::message;

use zip::ZipArchive;

use super::{Budget, Refusal, Resource};

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
