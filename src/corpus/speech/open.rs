use std::path::Path;

use super::*;
use crate::{Voicebank, VoicebankError};

/// Opens a corpus of any kind, told by its layout. What has to be unpacked goes below
/// `unpacked`.
///
/// # Errors
/// If the folder holds no corpus that is known, or cannot be read.
pub fn open_corpus(root: &Path, unpacked: &Path) -> Result<Box<dyn Corpus>, CorpusError> {
    let has = |path: &str| root.join(path).exists();
    if !root.is_dir() {
        let source = std::io::Error::new(std::io::ErrorKind::NotFound, "there is no such folder");
        return Err(CorpusError::Io { path: root.to_path_buf(), source });
    }
    if has("data_aishell") || has("transcript/aishell_transcript_v0.8.txt") {
        return Ok(Box::new(open_aishell1(root, unpacked)?));
    }
    if has("train/content.txt") || has("test/content.txt") {
        return Ok(Box::new(open_aishell3(root)?));
    }
    if has(primewords::TRANSCRIPT) {
        return Ok(Box::new(open_primewords(root)?));
    }
    if has("transcript/aidatatang_200_zh_transcript.txt") {
        return Ok(Box::new(open_aidatatang(root, unpacked)?));
    }
    if cn_celeb::LISTS.iter().any(|list| has(list)) {
        return Ok(Box::new(open_cn_celeb(root)?));
    }
    if has(timed::INDEX) {
        return Ok(Box::new(open_timed(root)?));
    }
    match Voicebank::open(root) {
        Ok(bank) => return Ok(Box::new(bank)),
        Err(VoicebankError::NoOto(_)) => {}
        Err(error) => return Err(error.into()),
    }
    let wavs = walk::files(root, &["wav"])?;
    if wavs.first().is_some_and(|first| st_cmds::speaker(&walk::stem(first)).is_some()) {
        return Ok(Box::new(open_st_cmds(root)?));
    }
    match open_syllable_folder(root) {
        Ok(corpus) => Ok(Box::new(corpus)),
        Err(CorpusError::Layout { folder, .. }) => Err(CorpusError::Unknown(folder)),
        Err(error) => Err(error),
    }
}
