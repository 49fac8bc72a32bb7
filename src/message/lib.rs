//! What Ziyin tells: a message is an id with arguments, in whichever room it arises. Its words stand in
//! `locales/messages`, in English for the terminal and the log, and in the language of the studio.
//!
//! An error is an enum of its room that implements [`ToMessage`], and shows its message in English:
//!
//! ```ignore
//! #[derive(Debug, thiserror::Error)]
//! #[error("{}", self.to_message())]
//! enum Refusal { Damaged { format: &'static str } }
//!
//! impl ToMessage for Refusal {
//!     fn to_message(&self) -> Message {
//!         match self {
//!             Self::Damaged { format } => message!("refusal.damaged", format),
//!         }
//!     }
//! }
//! ```

mod foreign;

use std::fmt;
use std::path::{Path, PathBuf};

rust_i18n::i18n!("../../locales/messages", fallback = "en");

/// The language of the terminal and the log.
const ENGLISH: &str = "en";
/// The id of what others say.
const FOREIGN: &str = "foreign";

/// Something that is told.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Message {
    id: &'static str,
    arguments: Vec<(&'static str, Argument)>,
}

/// What can be told.
pub trait ToMessage {
    /// What it is, without what is behind it.
    fn to_message(&self) -> Message;

    /// What is behind it.
    fn cause(&self) -> Option<Message> {
        None
    }

    /// What it is, with what is behind it.
    fn in_full(&self) -> Message {
        match self.cause() {
            Some(why) => message!("because", what = self.to_message(), why),
            None => self.to_message(),
        }
    }
}

/// A [`Message`]: its id, then its arguments, each `name = value`, or a variable that has the name.
#[macro_export]
macro_rules! message {
    ($id:literal $(, $name:ident $(= $value:expr)?)* $(,)?) => {
        $crate::Message::new($id, vec![$((stringify!($name), $crate::argument!($name $(= $value)?))),*])
    };
}

/// The value of an argument of [`message!`].
#[doc(hidden)]
#[macro_export]
macro_rules! argument {
    ($name:ident = $value:expr) => {
        $crate::Argument::from($value)
    };
    ($name:ident) => {
        $crate::Argument::from($name)
    };
}

impl Message {
    /// What [`message!`] makes.
    pub fn new(id: &'static str, arguments: Vec<(&'static str, Argument)>) -> Self {
        Self { id, arguments }
    }

    /// What a library or the system says in words of its own, of which the first line is shown.
    pub fn foreign(words: impl ToString) -> Self {
        let words = words.to_string();
        Self::new(FOREIGN, vec![("words", words.lines().next().unwrap_or_default().into())])
    }

    /// The id by which the words are found.
    pub fn id(&self) -> &'static str {
        self.id
    }

    /// It in the language that the studio is set to.
    pub fn said(&self) -> String {
        self.say(&rust_i18n::locale())
    }

    /// It in the language of that code, such as `zh-CN`; in English where it has no words.
    pub fn say(&self, language: &str) -> String {
        let words = rust_i18n::t!(self.id, locale = language);
        let mut said = String::new();
        let mut rest = &*words;
        while let Some((before, (name, after))) =
            rest.split_once("%{").and_then(|(before, rest)| Some((before, rest.split_once('}')?)))
        {
            said.push_str(before);
            // `%{count|note|notes}` is the one word or the other, as the number has it.
            let (name, forms) =
                name.split_once('|').map_or((name, None), |(name, forms)| (name, Some(forms)));
            if let Some((_, argument)) = self.arguments.iter().find(|(known, _)| *known == name) {
                match forms.and_then(|forms| forms.split_once('|')) {
                    Some((one, more)) => said.push_str(if argument.is_one() { one } else { more }),
                    None => argument.say(language, &mut said),
                }
            }
            rest = after;
        }
        said + rest
    }
}

impl fmt::Display for Message {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(&self.say(ENGLISH))
    }
}

impl std::error::Error for Message {}

/// In English, as other programs read it.
impl serde::Serialize for Message {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl ToMessage for Message {
    fn to_message(&self) -> Message {
        self.clone()
    }
}

/// What varies in a message.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Argument {
    /// A name or a number, the same in every language.
    Text(String),
    Message(Message),
    /// Several, one after the other.
    List(Vec<Message>),
}

/// Characters of a text that are shown: a file may hold a name of megabytes.
const LONGEST: usize = 500;

impl Argument {
    /// Whether it is the number of a single thing.
    fn is_one(&self) -> bool {
        matches!(self, Self::Text(text) if text == "1")
    }

    /// Appends it in a language. Foreign words that explain something stand in brackets where the
    /// language is not theirs.
    fn say(&self, language: &str, said: &mut String) {
        match self {
            Self::Text(text) => said.push_str(text),
            Self::Message(message) if message.id == FOREIGN && said.ends_with('：') => {
                said.pop();
                said.extend(["（", &message.say(language), "）"]);
            }
            Self::Message(message) => said.push_str(&message.say(language)),
            Self::List(all) => {
                let all: Vec<String> = all.iter().map(|message| message.say(language)).collect();
                said.push_str(&all.join(&rust_i18n::t!("between", locale = language)));
            }
        }
    }
}

fn shortened(mut text: String) -> String {
    if let Some((end, _)) = text.char_indices().nth(LONGEST) {
        text.truncate(end);
        text.push('…');
    }
    text
}

impl From<String> for Argument {
    fn from(text: String) -> Self {
        Self::Text(shortened(text))
    }
}

impl From<&str> for Argument {
    fn from(text: &str) -> Self {
        text.to_string().into()
    }
}

impl From<&&str> for Argument {
    fn from(text: &&str) -> Self {
        (*text).into()
    }
}

impl From<&String> for Argument {
    fn from(text: &String) -> Self {
        text.clone().into()
    }
}

impl From<&Path> for Argument {
    fn from(path: &Path) -> Self {
        path.display().to_string().into()
    }
}

impl From<&PathBuf> for Argument {
    fn from(path: &PathBuf) -> Self {
        path.as_path().into()
    }
}

impl From<Message> for Argument {
    fn from(message: Message) -> Self {
        Self::Message(message)
    }
}

impl From<&Message> for Argument {
    fn from(message: &Message) -> Self {
        Self::Message(message.clone())
    }
}

impl From<Vec<Message>> for Argument {
    fn from(all: Vec<Message>) -> Self {
        Self::List(all)
    }
}

impl From<&std::io::Error> for Argument {
    fn from(error: &std::io::Error) -> Self {
        error.to_message().into()
    }
}

macro_rules! numbers {
    ($($number:ty)*) => { $(
        impl From<$number> for Argument {
            fn from(number: $number) -> Self {
                Self::Text(number.to_string())
            }
        }

        impl From<&$number> for Argument {
            fn from(number: &$number) -> Self {
                Self::Text(number.to_string())
            }
        }
    )* };
}

numbers!(u8 u16 u32 u64 usize i32 i64 f64);

#[cfg(test)]
mod tests;
