use std::io;

use super::*;

#[derive(Debug, thiserror::Error)]
#[error("{}", self.to_message())]
enum Unread {
    File(#[from] io::Error),
    Damaged(String),
    #[error(transparent)]
    Other(#[from] Box<Unread>),
}

impl ToMessage for Unread {
    fn to_message(&self) -> Message {
        match self {
            Self::File(_) => message!("open.io"),
            Self::Damaged(why) => message!("audio.damaged", why = Message::foreign(why)),
            Self::Other(other) => other.to_message(),
        }
    }

    fn cause(&self) -> Option<Message> {
        match self {
            Self::File(error) => Some(error.to_message()),
            Self::Damaged(_) => None,
            Self::Other(other) => other.cause(),
        }
    }
}

const CHINESE: &str = "zh-CN";

#[test]
fn an_error_is_told_with_what_is_behind_it() {
    let unread = Unread::File(io::Error::from_raw_os_error(2));
    assert_eq!(unread.to_string(), "the file cannot be read");
    assert_eq!(unread.in_full().to_string(), "the file cannot be read: there is no such file or folder");
    assert_eq!(unread.in_full().say(CHINESE), "无法读取该文件：没有这个文件或文件夹");
    let other = Unread::Other(Box::new(unread));
    assert_eq!(other.in_full().say(CHINESE), "无法读取该文件：没有这个文件或文件夹");
}

#[test]
fn what_a_library_says_stands_in_brackets() {
    let damaged = Unread::Damaged("expected data chunk: before the end\nand more".into());
    assert_eq!(damaged.to_string(), "the audio is damaged: expected data chunk: before the end");
    assert_eq!(damaged.to_message().say(CHINESE), "音频已损坏（expected data chunk: before the end）");
}

#[test]
fn a_message_travels_through_an_error_of_the_system() {
    let error = io::Error::other(message!("open.io"));
    assert_eq!(error.to_message(), message!("open.io"));
    let strange = io::Error::other("out of cheese");
    assert_eq!(strange.to_message().say(CHINESE), "out of cheese");
}

#[test]
fn what_a_file_holds_is_shortened_and_is_no_pattern() {
    let name = "%{why}".to_string() + &"x".repeat(1 << 20);
    let said = message!("audio.damaged", why = name).to_string();
    assert!(said.starts_with("the audio is damaged: %{why}xx") && said.ends_with('…'), "{said}");
    assert!(said.len() < 600);
}

#[test]
fn an_id_or_a_language_without_words_is_no_end() {
    assert_eq!(message!("no.such-id").say(CHINESE), "no.such-id");
    assert_eq!(message!("open.io").say("tlh"), "the file cannot be read");
}

#[test]
fn one_note_is_not_notes() {
    let told = |count: usize| message!("warning.together", count);
    assert_eq!(told(1).to_string(), "1 note that begins together with another was left out");
    assert_eq!(told(2).to_string(), "2 notes that begin together with another were left out");
    assert!(told(1).say(CHINESE).starts_with('1'), "{}", told(1).say(CHINESE));
}
