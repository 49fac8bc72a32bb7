//! Syllables that a file tells to be parts of one word.

use ziyin_lyrics::{Language, track_language};

/// Ends each syllable with a hyphen whose word goes on in the next, where the words so told are English: it
/// is read by words. `goes_on` has one entry for each of the lyrics; a note without one is within its word.
pub fn mark_parts<'a>(lyrics: impl Iterator<Item = &'a mut String>, goes_on: &[bool]) {
    let mut lyrics: Vec<(&mut String, bool)> =
        lyrics.zip(goes_on.iter().copied()).filter(|(lyric, _)| !lyric.is_empty()).collect();
    let mut words: Vec<String> = Vec::new();
    let mut open = false;
    for (lyric, goes_on) in &lyrics {
        let part = lyric.trim_end_matches('-');
        match words.last_mut().filter(|_| open) {
            Some(word) => word.push_str(part),
            None => words.push(part.into()),
        }
        open = *goes_on;
    }
    if track_language(words.iter().map(String::as_str)) != Language::English {
        return;
    }
    for (lyric, _) in lyrics.iter_mut().filter(|(lyric, goes_on)| *goes_on && lyric.ends_with(is_letter)) {
        lyric.push('-');
    }
}

fn is_letter(c: char) -> bool {
    c.is_alphabetic() || matches!(c, '\'' | '’')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn marked(lyrics: &str) -> String {
        // A dot stands where a word goes on.
        let goes_on: Vec<bool> = lyrics.split(' ').map(|lyric| lyric.ends_with('.')).collect();
        let mut lyrics: Vec<String> =
            lyrics.split(' ').map(|lyric| lyric.trim_end_matches('.').into()).collect();
        mark_parts(lyrics.iter_mut(), &goes_on);
        lyrics.join(" ")
    }

    #[test]
    fn parts_of_english_words_are_joined_by_hyphens_and_no_others() {
        assert_eq!(marked("Ma. ry was a lit. tle lame,"), "Ma- ry was a lit- tle lame,");
        assert_eq!(marked("Ma.  ry was a won.  der. ful child"), "Ma-  ry was a won-  der- ful child");
        assert_eq!(marked("mo. li. hua"), "mo li hua");
        assert_eq!(marked("sa. ku. ra"), "sa ku ra");
        assert_eq!(marked("Ma. ry. was. a. lit. tle"), "Ma ry was a lit tle", "nothing says where words end");
    }
}
