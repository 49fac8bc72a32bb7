//! Tells what kind of song a file holds: by what stands in it, else by its name.

use std::path::Path;
use ziyin_message::{Message, ToMessage, message};

use super::archive::Archive;
use super::{Refusal, deepvocal, musicxml, vpr, vsq, xml};

/// The kinds of song files that can be opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SongKind {
    Ziyin,
    Midi,
    Ust,
    Ustx,
    Svp,
    Vsqx,
    Vpr,
    Vsq,
    MusicXml,
    Mxl,
    Ccs,
    Tssln,
    DeepVocal,
    VoiceVox,
}

/// Bytes from the start in which a file shows what it is.
const HEAD: usize = 1 << 16;

impl SongKind {
    /// Every kind, in the order in which a dialog would list them.
    pub const ALL: [SongKind; 14] = [
        Self::Ziyin,
        Self::Midi,
        Self::Ustx,
        Self::Ust,
        Self::Svp,
        Self::Vpr,
        Self::Vsqx,
        Self::Vsq,
        Self::MusicXml,
        Self::Mxl,
        Self::Ccs,
        Self::Tssln,
        Self::DeepVocal,
        Self::VoiceVox,
    ];

    /// The kinds that songs are written as for other programs, likewise.
    pub const WRITTEN: [SongKind; 9] = [
        Self::Midi,
        Self::Ustx,
        Self::Ust,
        Self::Svp,
        Self::Vpr,
        Self::Vsqx,
        Self::VoiceVox,
        Self::MusicXml,
        Self::Mxl,
    ];

    /// What the kind is called.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ziyin => "Ziyin",
            Self::Midi => "MIDI",
            Self::Ust => "UTAU",
            Self::Ustx => "OpenUtau",
            Self::Svp => "Synthesizer V",
            Self::Vsqx => "VOCALOID 3 and 4",
            Self::Vpr => "VOCALOID 5 and 6",
            Self::Vsq => "VOCALOID 2",
            Self::MusicXml => "MusicXML",
            Self::Mxl => "compressed MusicXML",
            Self::Ccs => "CeVIO",
            Self::Tssln => "VoiSona",
            Self::DeepVocal => "DeepVocal",
            Self::VoiceVox => "VOICEVOX",
        }
    }

    /// How names of such files end, without the dot.
    pub fn extensions(self) -> &'static [&'static str] {
        match self {
            Self::Ziyin => &["ziyin"],
            Self::Midi => &["mid", "midi", "kar", "rmi", "smf"],
            Self::Ust => &["ust"],
            Self::Ustx => &["ustx"],
            Self::Svp => &["svp"],
            Self::Vsqx => &["vsqx"],
            Self::Vpr => &["vpr"],
            Self::Vsq => &["vsq"],
            Self::MusicXml => &["musicxml", "xml"],
            Self::Mxl => &["mxl"],
            Self::Ccs => &["ccs", "ccst"],
            Self::Tssln => &["tssln"],
            Self::DeepVocal => &["dv"],
            Self::VoiceVox => &["vvproj"],
        }
    }

    /// The kind that a name promises. `None` for an extension that is no song's.
    pub fn of(path: &Path) -> Option<Self> {
        let extension = path.extension()?.to_str()?.to_ascii_lowercase();
        Self::ALL.into_iter().find(|kind| kind.extensions().contains(&extension.as_str()))
    }

    /// Whether a file that begins like this is a song of Ziyin's own.
    pub(super) fn is_ziyin(head: &[u8]) -> bool {
        let head = head.strip_prefix("\u{feff}".as_bytes()).unwrap_or(head).trim_ascii_start();
        head.strip_prefix(b"{").is_some_and(|object| object.trim_ascii_start().starts_with(b"\"ziyin\""))
    }

    /// The kind of a file by its content, else by its name.
    ///
    /// # Errors
    /// If it is a song of a program whose files are not read; the error names it.
    pub fn recognise(bytes: &[u8], path: &Path) -> Result<Option<Self>, Refusal> {
        match by_content(bytes) {
            Some(kind) => Ok(Some(kind)),
            None => match (Self::of(path), unsupported(path)) {
                (None, Some(refusal)) => Err(refusal),
                (kind, _) => Ok(kind),
            },
        }
    }
}

impl ToMessage for SongKind {
    /// Its name.
    fn to_message(&self) -> Message {
        match self {
            Self::Vsqx => message!("format.vsqx"),
            Self::Vpr => message!("format.vpr"),
            Self::Mxl => message!("format.mxl"),
            named => Message::foreign(named.name()),
        }
    }
}

fn by_content(bytes: &[u8]) -> Option<SongKind> {
    if SongKind::is_ziyin(bytes) {
        return Some(SongKind::Ziyin);
    }
    if bytes.starts_with(deepvocal::MARK) {
        return Some(SongKind::DeepVocal);
    }
    if bytes.starts_with(b"TSSolution\0") {
        return Some(SongKind::Tssln);
    }
    if bytes.starts_with(b"PK\x03\x04") {
        let archive = Archive::open(musicxml::FORMAT, bytes).ok()?;
        if archive.names().any(|name| name == vpr::SONG) {
            return Some(SongKind::Vpr);
        }
        return archive.names().any(|name| name == "META-INF/container.xml").then_some(SongKind::Mxl);
    }
    let head = &bytes[..bytes.len().min(HEAD)];
    if head[..head.len().min(512)].windows(4).any(|window| window == b"MThd") {
        return Some(if vsq::is_vsq(bytes) { SongKind::Vsq } else { SongKind::Midi });
    }
    let text = xml::decode(head);
    let text = text.trim_start_matches('\u{feff}').trim_start();
    if text.starts_with('<') {
        let roots = [
            ("<vsq3", SongKind::Vsqx),
            ("<vsq4", SongKind::Vsqx),
            ("<score-partwise", SongKind::MusicXml),
            ("<score-timewise", SongKind::MusicXml),
            ("<Scenario", SongKind::Ccs),
        ];
        return roots.into_iter().find(|(root, _)| text.contains(root)).map(|(_, kind)| kind);
    }
    if let Some(object) = text.strip_prefix('{') {
        let has = |name| object.contains(name);
        let is_svp = (has("\"tracks\"") || has("\"library\"")) && (has("\"meter\"") || has("\"mainGroup\""));
        let is_voicevox =
            has("\"appVersion\"") && (has("\"song\"") || has("\"talk\"") || has("\"audioKeys\""));
        return if is_svp { Some(SongKind::Svp) } else { is_voicevox.then_some(SongKind::VoiceVox) };
    }
    if text.starts_with("[#") {
        return Some(SongKind::Ust);
    }
    ["\nustx_version:", "\rustx_version:"].iter().any(|mark| text.contains(mark)).then_some(SongKind::Ustx)
}

/// Songs that are known by their names alone.
fn unsupported(path: &Path) -> Option<Refusal> {
    let extension = path.extension()?.to_str()?.to_ascii_lowercase();
    let instead = match extension.as_str() {
        "s5p" => message!("instead.synthesizer-v"),
        "ppsf" | "pps" => message!("instead.piapro"),
        "acep" => message!("instead.ace"),
        "nn" => message!("instead.niaoniao"),
        "svip" | "gj" | "tlp" | "dspx" | "ufdata" => message!("instead.program"),
        "mscz" | "mscx" => message!("instead.musescore"),
        "sib" | "musx" | "dorico" => message!("instead.notation"),
        _ => return None,
    };
    let format = format!(".{extension}");
    Some(Refusal::Unsupported { format, instead })
}
