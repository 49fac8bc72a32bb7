//! How it stands with an instance, and why.

use std::fmt;

use rust_i18n::t;
use ziyin_message::Message;

/// The language of what hosts show of parameters, and of the log.
pub const ENGLISH: &str = "en";

/// How it stands with an instance.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Status {
    /// There is nothing to be sung.
    #[default]
    Empty,
    /// The voices are being loaded, or the song planned.
    Preparing,
    /// Sung, from 0 to 1, with what was left out.
    Singing { done: f32, warnings: Vec<Message> },
    /// The song, or a part of it, cannot be sung.
    Failed(Reason),
}

impl Status {
    /// It in a language.
    pub fn say(&self, language: &str) -> String {
        match self {
            Self::Empty => t!("status.no-song", locale = language).into(),
            Self::Preparing => t!("status.preparing", locale = language).into(),
            Self::Failed(why) => why.say(language),
            Self::Singing { warnings, .. } if !warnings.is_empty() => {
                let warnings: Vec<String> = warnings.iter().map(|warning| warning.say(language)).collect();
                warnings.join("; ")
            }
            Self::Singing { done, .. } if *done < 1.0 => {
                let percent = format!("{:.0}", 100.0 * done);
                t!("status.singing", locale = language, percent = percent).into()
            }
            Self::Singing { .. } => t!("status.sung", locale = language).into(),
        }
    }
}

/// Why something is not as it was asked for.
#[derive(Clone, Debug, PartialEq)]
pub enum Reason {
    /// As another room tells it.
    Told(Message),
    /// One of the plug-in's own texts, by its key.
    Own(&'static str),
}

impl Reason {
    pub const NO_STATE: Self = Self::Own("status.no-state");
    pub const NEWER: Self = Self::Own("status.newer");
    pub const NO_PROGRAM: Self = Self::Own("status.no-program");
    pub const BROKE_DOWN: Self = Self::Own("status.broke-down");

    /// It in a language.
    pub fn say(&self, language: &str) -> String {
        match self {
            Self::Told(message) => message.say(language),
            Self::Own(key) => t!(*key, locale = language).into(),
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(&self.say(ENGLISH))
    }
}

impl std::error::Error for Reason {}

impl From<Message> for Reason {
    fn from(message: Message) -> Self {
        Self::Told(message)
    }
}
