use std::{fs, io, path::Path};

use super::archive::Archive;
use super::sheet::Sheet;
use super::{
    ImportError, ImportOptions, Imported, Refusal, Report, SongKind, cevio, deepvocal, import_midi, midi,
    musicxml, svp, ust, ustx, vpr, vsq, vsqx,
};
use crate::score::{LoadError, Project};

/// Why a song could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    #[error("the file cannot be read")]
    Io(#[from] io::Error),
    #[error(
        "this is no song that Ziyin knows: it opens .ziyin, MIDI, UTAU, OpenUtau, Synthesizer V, VOCALOID, CeVIO, VoiSona, DeepVocal and MusicXML"
    )]
    UnknownKind,
    #[error(transparent)]
    Song(LoadError),
    #[error(transparent)]
    Midi(#[from] ImportError),
    #[error(transparent)]
    Refused(#[from] Refusal),
}

/// Opens a song of any kind.
///
/// # Errors
/// If the file is not there, of no known kind, or not what its content or name says.
pub fn open_song(path: &Path, options: &ImportOptions) -> Result<Imported, OpenError> {
    // Asked first: a file far too large is not read into memory to be refused. A song of
    // Ziyin's own may be as large as the machine takes.
    let bytes = fs::metadata(path)?.len();
    if bytes > midi::MAX_BYTES && SongKind::of(path) != Some(SongKind::Ziyin) {
        let too_large = ImportError::TooLarge { bytes };
        return Err(match SongKind::of(path) {
            Some(SongKind::Midi) => too_large.into(),
            Some(kind) => {
                Refusal::TooLarge { format: kind.name(), limit: midi::MAX_BYTES, unit: "bytes" }.into()
            }
            None => OpenError::UnknownKind,
        });
    }
    import_song(&fs::read(path)?, path, options)
}

/// Reads a song of any kind from the bytes of a file; its name helps to tell the kind, and
/// titles a song that has no title.
///
/// # Errors
/// All of [`OpenError`] but `Io`.
pub fn import_song(bytes: &[u8], path: &Path, options: &ImportOptions) -> Result<Imported, OpenError> {
    let kind = SongKind::recognise(bytes, path)?.ok_or(OpenError::UnknownKind)?;
    let mut report = Report::default();
    let report_to = &mut report;
    let sheet: Sheet = match kind {
        SongKind::Ziyin => {
            let project = Project::from_json(bytes).map_err(OpenError::Song)?;
            return Ok(Imported { project, report });
        }
        SongKind::Midi => return Ok(titled(import_midi(bytes, options)?, path)),
        SongKind::Ust => ust::read(bytes, options, report_to)?,
        SongKind::Ustx => ustx::read(bytes, report_to)?,
        SongKind::Svp => svp::read(bytes, report_to)?,
        SongKind::Vsqx => vsqx::read(bytes, report_to)?,
        SongKind::Vpr => vpr::read(&Archive::open(vpr::FORMAT, bytes)?, report_to)?,
        SongKind::Vsq => vsq::read(bytes, options, report_to)?,
        SongKind::MusicXml => musicxml::read(bytes, report_to)?,
        SongKind::Mxl => musicxml::read_archive(&Archive::open(musicxml::FORMAT, bytes)?, report_to)?,
        SongKind::Ccs => cevio::read_ccs(bytes, report_to)?,
        SongKind::Tssln => cevio::read_tssln(bytes, report_to)?,
        SongKind::DeepVocal => deepvocal::read(bytes, report_to)?,
    };
    let project = sheet.into_project(kind.name(), options.split_voices, &mut report)?;
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
