//! What reading one file may cost. Files come from anywhere, and a small one can be made to
//! unfold to more than a machine holds; so every reader asks here before it takes more.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use ziyin_message::{Message, ToMessage, message};

/// What is counted while a file is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Resource {
    /// Bytes of the file.
    Bytes,
    /// Bytes of a song of Ziyin's own: what was saved must open again, however large.
    OwnBytes,
    /// Bytes of a song that is an archive, which may hold recorded audio.
    ArchiveBytes,
    /// Bytes of recorded audio that lies in an archive.
    PackedAudio,
    /// Bytes that an archive in it unfolds to.
    Unpacked,
    /// Values, elements, lines or events, whatever the format is made of.
    Nodes,
    /// Notes, those that are left out later with them.
    Notes,
    /// Points of curves.
    Points,
    /// Groups that a song refers to, each as often as it does.
    Groups,
    /// Bytes that references to entities of an XML file unfold to.
    Entities,
    /// Seconds of sound.
    Seconds,
    /// Frames of sound, whatever their rate.
    Frames,
}

impl Resource {
    /// In the order in which they are counted.
    const ALL: [Resource; 12] = [
        Self::Bytes,
        Self::OwnBytes,
        Self::ArchiveBytes,
        Self::PackedAudio,
        Self::Unpacked,
        Self::Nodes,
        Self::Notes,
        Self::Points,
        Self::Groups,
        Self::Entities,
        Self::Seconds,
        Self::Frames,
    ];

    /// The most of it that a file may take. Real songs stay far below.
    pub fn limit(self) -> u64 {
        match self {
            Self::Bytes | Self::Unpacked => 64 << 20,
            Self::OwnBytes | Self::ArchiveBytes => 256 << 20,
            Self::PackedAudio => 1 << 30,
            Self::Nodes => 5_000_000,
            Self::Notes => 1_000_000,
            Self::Points => 4_000_000,
            Self::Groups => 100_000,
            Self::Entities => 1 << 20,
            Self::Seconds => 90 * 60,
            Self::Frames => 90 * 60 * 48_000,
        }
    }
}

impl ToMessage for Resource {
    fn to_message(&self) -> Message {
        match self {
            Self::Bytes | Self::OwnBytes | Self::ArchiveBytes => message!("resource.bytes"),
            Self::Unpacked | Self::PackedAudio => message!("resource.unpacked"),
            Self::Nodes => message!("resource.nodes"),
            Self::Notes => message!("resource.notes"),
            Self::Points => message!("resource.points"),
            Self::Groups => message!("resource.groups"),
            Self::Entities => message!("resource.entities"),
            Self::Seconds => message!("resource.seconds"),
            Self::Frames => message!("resource.frames"),
        }
    }
}

/// Why a file was not read to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.to_message())]
pub enum BudgetError {
    TooLarge { resource: Resource, limit: u64 },
    Cancelled,
}

impl ToMessage for BudgetError {
    fn to_message(&self) -> Message {
        match self {
            Self::TooLarge { resource, limit } => {
                message!("budget.too-large", limit, resource = resource.to_message())
            }
            Self::Cancelled => message!("budget.cancelled"),
        }
    }
}

/// What reading one file may cost, how far it is, and whether it is still wanted.
///
/// A clone is the same budget: who reads on a thread of its own gives the thread one and keeps
/// another, shows [`Budget::progress`] from time to time, and calls [`Budget::cancel`] when the
/// song is no longer wanted; the reader then ends with [`BudgetError::Cancelled`].
///
/// ```
/// # use ziyin_interchange::{Budget, ImportOptions, open_song};
/// let budget = Budget::default();
/// let reader = std::thread::spawn({
///     let budget = budget.clone();
///     move || open_song("song.mid".as_ref(), &ImportOptions::default(), &budget)
/// });
/// println!("{:.0} %", 100.0 * budget.progress());
/// budget.cancel();
/// assert!(reader.join().unwrap().is_err());
/// ```
#[derive(Clone, Debug, Default)]
pub struct Budget(Arc<Spending>);

#[derive(Debug, Default)]
struct Spending {
    /// By [`Resource`].
    spent: [AtomicU64; Resource::ALL.len()],
    /// The [`f32`] from 0 to 1 that is shown.
    progress: AtomicU32,
    cancelled: AtomicBool,
}

impl Budget {
    /// Takes `amount` more of a resource.
    ///
    /// # Errors
    /// If that is more than there may be, or the song is no longer wanted.
    pub fn spend(&self, resource: Resource, amount: u64) -> Result<(), BudgetError> {
        self.check()?;
        let limit = resource.limit();
        let spent = &self.0.spent[resource as usize];
        // What went beyond the limit stays there, and cannot come round to the start.
        let before = spent.fetch_add(amount.min(limit + 1), Ordering::Relaxed);
        if before.saturating_add(amount) > limit {
            return Err(BudgetError::TooLarge { resource, limit });
        }
        Ok(())
    }

    /// Whether a total that the reader counts itself is not too much.
    ///
    /// # Errors
    /// As [`Budget::spend`].
    pub fn within(&self, resource: Resource, total: u64) -> Result<(), BudgetError> {
        self.check()?;
        let limit = resource.limit();
        if total > limit { Err(BudgetError::TooLarge { resource, limit }) } else { Ok(()) }
    }

    /// What is left of a resource.
    pub fn left(&self, resource: Resource) -> u64 {
        resource.limit().saturating_sub(self.0.spent[resource as usize].load(Ordering::Relaxed))
    }

    /// # Errors
    /// If the song is no longer wanted.
    pub fn check(&self) -> Result<(), BudgetError> {
        if self.0.cancelled.load(Ordering::Relaxed) { Err(BudgetError::Cancelled) } else { Ok(()) }
    }

    /// Whoever reads shall stop.
    pub fn cancel(&self) {
        self.0.cancelled.store(true, Ordering::Relaxed);
    }

    /// How much of the work is done, from 0 to 1. It never goes back.
    pub fn progress(&self) -> f32 {
        f32::from_bits(self.0.progress.load(Ordering::Relaxed))
    }

    /// So much of the work is done.
    pub(super) fn reached(&self, part: f32) {
        // The bits of numbers that are not negative are in the order of the numbers.
        self.0.progress.fetch_max(part.clamp(0.0, 1.0).to_bits(), Ordering::Relaxed);
    }
}

/// Opens a file that has an end.
///
/// # Errors
/// Those of the file; [`io::ErrorKind::InvalidInput`] if it is a device, a pipe or a folder.
pub(super) fn open_regular(path: &Path) -> io::Result<File> {
    // Asked before it is opened: opening a pipe waits for whoever writes into it.
    if !std::fs::metadata(path)?.is_file() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "it is a device, a pipe or a folder"));
    }
    File::open(path)
}

/// A file that is read bit by bit: it tells the budget how far it is, and ends with an error once
/// nobody wants it any longer.
pub(super) struct WatchedFile {
    file: File,
    length: u64,
    at: u64,
    budget: Budget,
}

impl WatchedFile {
    pub fn new(file: File, budget: &Budget) -> io::Result<Self> {
        let length = file.metadata()?.len();
        Ok(Self { file, length, at: 0, budget: budget.clone() })
    }

    pub fn length(&self) -> u64 {
        self.length
    }
}

impl Read for WatchedFile {
    fn read(&mut self, block: &mut [u8]) -> io::Result<usize> {
        self.budget.check().map_err(io::Error::other)?;
        let read = self.file.read(block)?;
        self.at += read as u64;
        self.budget.reached(self.at as f32 / self.length.max(1) as f32);
        Ok(read)
    }
}

impl Seek for WatchedFile {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.at = self.file.seek(to)?;
        Ok(self.at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_spent_by_all_clones_is_counted_together() {
        let budget = Budget::default();
        let other = budget.clone();
        budget.spend(Resource::Notes, 600_000).unwrap();
        assert_eq!(other.left(Resource::Notes), 400_000);
        let limit = Resource::Notes.limit();
        let too_large = BudgetError::TooLarge { resource: Resource::Notes, limit };
        assert_eq!(other.spend(Resource::Notes, 400_001), Err(too_large));
        assert_eq!(budget.spend(Resource::Bytes, u64::MAX).unwrap_err().to_string().lines().count(), 1);
        assert!(budget.spend(Resource::Bytes, 1).is_err(), "what is spent never comes back");
    }

    #[test]
    fn progress_never_goes_back_and_who_cancels_is_heard() {
        let budget = Budget::default();
        for part in [0.2, 0.1, 0.5, 0.3] {
            budget.reached(part);
        }
        assert_eq!(budget.progress(), 0.5);
        budget.clone().cancel();
        assert_eq!(budget.spend(Resource::Bytes, 1), Err(BudgetError::Cancelled));
    }
}
