//! AISHELL-3 (OpenSLR 93): 85 hours of read Mandarin, 218 speakers, 44.1 kHz, with the
//! pinyin that is said.

use std::collections::HashMap;
use std::path::Path;

use super::gathering::{Gathering, Transcript};
use super::{CorpusError, SpeechCorpus, walk};

/// Opens the folder that holds `train` and `test`.
///
/// # Errors
/// If neither holds a `content.txt`, or a file cannot be read.
pub fn open_aishell3(root: &Path) -> Result<SpeechCorpus, CorpusError> {
    let mut gathering = Gathering::default();
    let sets: Vec<_> = ["train", "test"]
        .map(|set| root.join(set))
        .into_iter()
        .filter(|set| set.join("content.txt").is_file())
        .collect();
    if sets.is_empty() {
        let folder = root.to_path_buf();
        return Err(CorpusError::Layout { folder, name: "AISHELL-3", missing: "train/content.txt" });
    }
    for set in sets {
        let text = walk::read_text(&set.join("content.txt"))?;
        let lines = text.lines().filter_map(|line| line.trim().split_once(char::is_whitespace));
        let mut contents: HashMap<&str, &str> = lines.collect();
        for file in walk::files(&set.join("wav"), &["wav"])? {
            let name = file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
            let transcript = contents.remove(name.as_str()).map(transcript);
            let speaker = walk::parent(&file);
            gathering.add(file, &speaker, transcript);
        }
        gathering.leave_out("transcripts without a recording", contents.len());
    }
    Ok(gathering.finish("AISHELL-3"))
}

/// Reads `字 pin1 字 pin1 …`. Where erhua joins two characters (`点儿 dianr3`), there is one
/// pinyin for both; so the two are told apart by their letters, not counted.
fn transcript(content: &str) -> Transcript {
    let (pinyin, hanzi): (Vec<&str>, Vec<&str>) =
        content.split_whitespace().partition(|field| field.starts_with(|c: char| c.is_ascii_alphabetic()));
    Transcript { text: hanzi.concat(), said: Some(pinyin.join(" ")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pinyin_is_told_from_hanzi_by_its_letters() {
        let read = transcript("一 yi4 点儿 dianr3 绿 lv4");
        assert_eq!((read.text.as_str(), read.said.as_deref()), ("一点儿绿", Some("yi4 dianr3 lv4")));
    }
}
