//! CN-Celeb (OpenSLR 82): 1,000 Chinese celebrities from interviews to songs, without
//! transcripts: whose voice it is, and trials to test who is told from whom.

use std::path::{Path, PathBuf};

use super::gathering::Gathering;
use super::{CorpusError, SpeechCorpus, walk};

const AUDIO: [&str; 2] = ["wav", "flac"];
pub(super) const LISTS: [&str; 2] = ["dev/dev.lst", "eval/lists/trials.lst"];

/// Opens the folder that holds `data`, `dev` and `eval`. Recordings of the trials count as
/// those of the speaker whose name they bear.
///
/// # Errors
/// If there is neither list, or a file cannot be read.
pub fn open_cn_celeb(root: &Path) -> Result<SpeechCorpus, CorpusError> {
    if !LISTS.iter().any(|list| root.join(list).is_file()) {
        let folder = root.to_path_buf();
        return Err(CorpusError::Layout { folder, name: "CN-Celeb", missing: LISTS[0] });
    }
    let mut gathering = Gathering::default();
    for folder in [root.join("data"), root.join("eval/enroll"), root.join("eval/test")] {
        if !folder.is_dir() {
            continue;
        }
        for file in walk::files(&folder, &AUDIO)? {
            // data/id00012/singing-01-001.wav, eval/enroll/id00800-enroll.wav
            let stem = walk::stem(&file);
            let speaker = match walk::parent(&file) {
                parent if parent != "enroll" && parent != "test" => parent,
                _ => stem.split('-').next().unwrap_or_default().to_string(),
            };
            if speaker.is_empty() {
                gathering.leave_out("recordings whose name tells no speaker", 1);
            } else {
                gathering.add_voice(file, &speaker);
            }
        }
    }
    Ok(gathering.finish("CN-Celeb"))
}

/// A question to a singer encoder: is it the same voice?
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trial {
    pub enrolled: PathBuf,
    pub test: PathBuf,
    pub same: bool,
}

/// Reads the trials, lines of `SPK-enroll test/UTT.wav 1|0`, with how many lines were
/// none or name recordings that are not there.
///
/// # Errors
/// If the list cannot be read.
pub fn read_trials(root: &Path) -> Result<(Vec<Trial>, usize), CorpusError> {
    let text = walk::read_text(&root.join(LISTS[1]))?;
    let eval = root.join("eval");
    // The list says .wav, newer releases hold .flac.
    let existing = |path: PathBuf| {
        AUDIO.iter().map(|extension| path.with_extension(extension)).find(|path| path.is_file())
    };
    let trial = |line: &str| {
        let mut fields = line.split_whitespace();
        let enrolled = existing(eval.join("enroll").join(format!("{}.wav", fields.next()?)))?;
        let test = existing(eval.join(fields.next()?))?;
        let same = match fields.next()? {
            "1" => true,
            "0" => false,
            _ => return None,
        };
        Some(Trial { enrolled, test, same })
    };
    let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
    let trials: Vec<Trial> = lines.iter().filter_map(|line| trial(line)).collect();
    let skipped = lines.len() - trials.len();
    Ok((trials, skipped))
}
