use std::collections::BTreeMap;
use ziyin_message::{Message, ToMessage, message};

use super::lines::{Overlaps, lines};
use super::lyric_form::LyricForm;
use crate::sheet::LeftOut;
use crate::{Report, SongKind, midi, musicxml, svp, ust, ustx, voicevox, vpr, vsqx};
use ziyin_score::Project;

/// How a song is to be written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ExportOptions {
    pub lyrics: LyricForm,
}

/// A file of another program, and what did not go into it.
#[derive(Clone, Debug, PartialEq)]
pub struct Exported {
    pub bytes: Vec<u8>,
    pub report: Report,
}

/// Why a song could not be written.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("{}", self.to_message())]
pub enum ExportError {
    NotWritten(SongKind),
    #[error(transparent)]
    Midi(#[from] midi::ExportError),
    Archive(Message),
}

impl ToMessage for ExportError {
    fn to_message(&self) -> Message {
        match self {
            Self::NotWritten(kind) => message!("export.not-written", kind = kind.to_message()),
            Self::Midi(inner) => inner.to_message(),
            Self::Archive(why) => message!("export.archive", why),
        }
    }
}

/// Writes a song as another program's file. Harmonies become tracks; of notes that sound together
/// all go into MIDI, elsewhere those that are sung. The report names what did not go, by track.
///
/// # Errors
/// If the kind is none of [`SongKind::WRITTEN`], or the song is too large for it.
pub fn export_song(
    project: &Project,
    kind: SongKind,
    options: ExportOptions,
) -> Result<Exported, ExportError> {
    let mut report = Report::default();
    let overlaps = if kind == SongKind::Midi { Overlaps::Kept } else { Overlaps::Settled };
    let mut lines = lines(project, options.lyrics, overlaps, &mut report);
    if kind != SongKind::Svp {
        for line in &mut lines {
            line.left_out.add(message!("left-out.muted-notes"), line.muted.len());
        }
    }
    let bytes = match kind {
        SongKind::Midi => midi::write(project, &mut lines)?,
        SongKind::Ustx => ustx::write(project, &mut lines, &mut report),
        SongKind::Ust => ust::write(project, &mut lines, options.lyrics, &mut report),
        SongKind::Svp => svp::write(project, &mut lines, &mut report),
        SongKind::Vsqx => vsqx::write(project, &mut lines, &mut report),
        SongKind::VoiceVox => voicevox::write(project, &mut lines, &mut report),
        SongKind::Vpr => vpr::write(project, &mut lines, &mut report).map_err(ExportError::Archive)?,
        SongKind::MusicXml => musicxml::write(project, &mut lines),
        SongKind::Mxl => musicxml::write_archive(project, &mut lines).map_err(ExportError::Archive)?,
        kind => return Err(ExportError::NotWritten(kind)),
    };
    if !project.backings.is_empty() {
        report.warn(None, None, message!("warning.audio-parts", count = project.backings.len()));
    }
    // A track and its harmonies together.
    let mut left_out: BTreeMap<usize, LeftOut> = BTreeMap::new();
    for line in lines {
        left_out.entry(line.number).or_default().join(line.left_out);
    }
    for (number, left_out) in left_out {
        let what = left_out.list();
        if !what.is_empty() {
            report.warn(number, None, message!("warning.left-out", what));
        }
    }
    Ok(Exported { bytes, report })
}
