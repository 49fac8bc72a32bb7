//! A folder with one recording for each syllable, named by its pinyin (or kana), as those
//! for learners are made.

use std::path::Path;

use super::{CorpusError, SpeechCorpus, walk};
use crate::{Clip, Content, Manner, Token, TokenPlace};
use ziyin_lyrics::{Language, LyricInput, Phoneme, Reading, Syllable, read_lyrics};

const AUDIO: [&str; 4] = ["wav", "flac", "mp3", "ogg"];

/// Opens a folder of one speaker. A recording named by several syllables is a clip with
/// text; one whose name cannot be read is counted.
///
/// # Errors
/// If no recording is named by a syllable, or the folder cannot be read.
pub fn open_syllable_folder(root: &Path) -> Result<SpeechCorpus, CorpusError> {
    let name = root.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let mut corpus =
        SpeechCorpus { singers: vec![name.clone()], name, clips: Vec::new(), left_out: Default::default() };
    for audio in walk::files(root, &AUDIO)? {
        let stem = walk::stem(&audio);
        // `cmn-ba1`: the language may stand before.
        let text = stem.strip_prefix("cmn-").unwrap_or(&stem);
        let note = LyricInput { lyric: text, ..LyricInput::default() };
        let Some(Reading::Sung(sung)) = read_lyrics(&[note], Language::Mandarin).pop() else {
            *corpus.left_out.entry("recordings whose name is no syllable".into()).or_default() += 1;
            continue;
        };
        let syllables: Vec<Syllable> = sung.into_iter().map(|sung| sung.syllable).collect();
        let language = syllables[0].language;
        let content = match syllables[..] {
            [syllable] => Content::Tokens(vec![Token {
                wav: audio.clone(),
                folder_pitch: None,
                syllable,
                previous: [Phoneme::Rest; 2],
                next: [Phoneme::Rest; 2],
                place: TokenPlace::default(),
                manner: Manner::Plain,
            }]),
            _ => Content::Text { text: text.into(), syllables },
        };
        corpus.clips.push(Clip { audio, singer: 0, language, content });
    }
    if corpus.clips.is_empty() {
        let missing = "recording named by its pinyin";
        return Err(CorpusError::Layout {
            folder: root.to_path_buf(),
            name: "a folder of syllables",
            missing,
        });
    }
    Ok(corpus)
}
