use std::io::{self, Read};
use std::path::Path;
use ziyin_message::{Message, ToMessage, message};

use super::archive::Archive;
use super::budget::open_regular;
use super::sheet::Sheet;
use super::{
    Budget, BudgetError, ImportError, ImportOptions, Imported, Refusal, Report, Resource, SongKind, cevio,
    deepvocal, import_midi, musicxml, svp, ust, ustx, voicevox, vpr, vsq, vsqx,
};
use ziyin_score::{LoadError, Project};

/// Why a song could not be opened.
#[derive(Debug, thiserror::Error)]
#[error("{}", self.to_message())]
pub enum OpenError {
    Io(#[from] io::Error),
    UnknownKind,
    #[error(transparent)]
    Song(LoadError),
    #[error(transparent)]
    Midi(ImportError),
    #[error(transparent)]
    Refused(Refusal),
    /// It is too large, or no longer wanted, whatever its kind.
    #[error(transparent)]
    Budget(#[from] BudgetError),
}

impl ToMessage for OpenError {
    fn to_message(&self) -> Message {
        match self {
            Self::Io(_) => message!("open.io"),
            Self::UnknownKind => message!("open.unknown-kind"),
            Self::Song(inner) => inner.to_message(),
            Self::Midi(inner) => inner.to_message(),
            Self::Refused(inner) => inner.to_message(),
            Self::Budget(inner) => inner.to_message(),
        }
    }

    fn cause(&self) -> Option<Message> {
        match self {
            Self::Io(why) => Some(why.to_message()),
            Self::Song(inner) => inner.cause(),
            _ => None,
        }
    }
}

impl From<ImportError> for OpenError {
    fn from(error: ImportError) -> Self {
        match error {
            ImportError::Budget(error) => Self::Budget(error),
            error => Self::Midi(error),
        }
    }
}

impl From<Refusal> for OpenError {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Budget(error) => Self::Budget(error),
            Refusal::Midi(error) => error.into(),
            refusal => Self::Refused(refusal),
        }
    }
}

/// How far it is once the file is in memory, and once the reader has gone through it.
const IN_MEMORY: f32 = 0.2;
const READ: f32 = 0.9;

/// Opens a song of any kind. Recorded audio that is packed into it comes to lie in a folder beside it.
///
/// # Errors
/// If the file is not there, of no known kind, not what its content or name says, or too large;
/// or `budget` was cancelled.
pub fn open_song(path: &Path, options: &ImportOptions, budget: &Budget) -> Result<Imported, OpenError> {
    let audio = path.file_stem().zip(path.parent()).map(|(stem, folder)| {
        let mut name = stem.to_os_string();
        name.push(" audio");
        folder.join(name)
    });
    import(&read_file(path, budget)?, path, audio.as_deref(), options, budget)
}

fn read_file(path: &Path, budget: &Budget) -> Result<Vec<u8>, OpenError> {
    const BLOCK: usize = 1 << 20;
    let mut file = open_regular(path)?;
    let length = file.metadata()?.len().max(1) as f32;
    let mut bytes = Vec::new();
    let mut resource = None;
    loop {
        let before = bytes.len();
        // Not what the file says of its length: it may grow.
        let read = file.by_ref().take(BLOCK as u64).read_to_end(&mut bytes)?;
        if read == 0 {
            return Ok(bytes);
        }
        let resource = *resource.get_or_insert_with(|| match bytes.as_slice() {
            own if SongKind::is_ziyin(own) => Resource::OwnBytes,
            [b'P', b'K', 3, 4, ..] => Resource::ArchiveBytes,
            _ => Resource::Bytes,
        });
        budget.spend(resource, (bytes.len() - before) as u64)?;
        budget.reached(IN_MEMORY * bytes.len() as f32 / length);
    }
}

/// Reads a song of any kind from the bytes of a file; its name helps to tell the kind, and
/// titles a song that has no title. Nothing is written.
///
/// # Errors
/// All of [`OpenError`] but `Io`.
pub fn import_song(
    bytes: &[u8],
    path: &Path,
    options: &ImportOptions,
    budget: &Budget,
) -> Result<Imported, OpenError> {
    import(bytes, path, None, options, budget)
}

/// `audio` is the folder for audio that is packed into the song; without one it stays there.
fn import(
    bytes: &[u8],
    path: &Path,
    audio: Option<&Path>,
    options: &ImportOptions,
    budget: &Budget,
) -> Result<Imported, OpenError> {
    budget.check()?;
    budget.reached(IN_MEMORY);
    let kind = SongKind::recognise(bytes, path)?.ok_or(OpenError::UnknownKind)?;
    let mut report = Report::default();
    let report_to = &mut report;
    let sheet: Sheet = match kind {
        SongKind::Ziyin => {
            let project = Project::from_json(bytes).map_err(OpenError::Song)?;
            budget.reached(1.0);
            return Ok(Imported { project, report });
        }
        SongKind::Midi => {
            let imported = import_midi(bytes, options, budget)?;
            budget.reached(1.0);
            return Ok(titled(imported, path));
        }
        SongKind::Ust => ust::read(bytes, options, report_to, budget)?,
        SongKind::Ustx => ustx::read(bytes, report_to, budget)?,
        SongKind::Svp => svp::read(bytes, report_to, budget)?,
        SongKind::Vsqx => vsqx::read(bytes, report_to, budget)?,
        SongKind::Vpr => vpr::read(Archive::open(vpr::FORMAT, bytes)?, audio, report_to, budget)?,
        SongKind::Vsq => vsq::read(bytes, options, report_to, budget)?,
        SongKind::MusicXml => musicxml::read(bytes, options, report_to, budget)?,
        SongKind::Mxl => {
            musicxml::read_archive(Archive::open(musicxml::FORMAT, bytes)?, options, report_to, budget)?
        }
        SongKind::Ccs => cevio::read_ccs(bytes, report_to, budget)?,
        SongKind::Tssln => cevio::read_tssln(bytes, report_to, budget)?,
        SongKind::DeepVocal => deepvocal::read(bytes, report_to, budget)?,
        SongKind::VoiceVox => voicevox::read(bytes, report_to, budget)?,
    };
    budget.check()?;
    budget.reached(READ);
    let project = sheet.into_project(options.split_voices, path.parent(), &mut report);
    report.count_bars(&project.meter);
    budget.reached(1.0);
    Ok(titled(Imported { project, report }, path))
}

fn titled(mut imported: Imported, path: &Path) -> Imported {
    if imported.project.title.is_empty()
        && let Some(stem) = path.file_stem()
    {
        imported.project.title = stem.to_string_lossy().into_owned();
    }
    imported
}
