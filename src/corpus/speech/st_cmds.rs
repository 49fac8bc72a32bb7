//! ST-CMDS (OpenSLR 38): 100 hours of Mandarin from phones, 855 speakers, 16 kHz.

use std::path::Path;

use super::gathering::{Gathering, Transcript};
use super::{CorpusError, SpeechCorpus, walk};

/// Opens the folder of recordings, each with a `.txt` of the same name beside it, or the
/// folder that holds it.
///
/// # Errors
/// If there is no such recording, or a file cannot be read.
pub fn open_st_cmds(root: &Path) -> Result<SpeechCorpus, CorpusError> {
    let mut gathering = Gathering::default();
    let mut any = false;
    for file in walk::files(root, &["wav"])? {
        let Some(speaker) = speaker(&walk::stem(&file)).map(str::to_string) else {
            gathering.leave_out("recordings whose name tells no speaker", 1);
            continue;
        };
        any = true;
        let text = file.with_extension("txt");
        let transcript =
            if text.is_file() { Some(Transcript::hanzi(&walk::read_text(&text)?)) } else { None };
        gathering.add(file, &speaker, transcript);
    }
    if !any {
        let missing = "recording such as 20170001P00338A0110.wav";
        return Err(CorpusError::Layout { folder: root.to_path_buf(), name: "ST-CMDS", missing });
    }
    Ok(gathering.finish("ST-CMDS"))
}

/// `P00338` of `20170001P00338A0110`.
pub(super) fn speaker(stem: &str) -> Option<&str> {
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    let (speaker, rest) = (stem.get(8..14)?, stem.get(14..)?);
    let fits = digits(stem.get(..8)?) && speaker.starts_with('P') && digits(&speaker[1..]) && rest.len() > 1;
    fits.then_some(speaker)
}
