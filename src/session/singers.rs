//! The singers that are installed.

use super::engine::VoiceLoader;
use std::collections::HashMap;
use std::path::{Path, PathBuf};

use ziyin_lyrics::Language;
use ziyin_message::{Message, ToMessage, message};
use ziyin_model::installed::{cloned_singers, models_folder, singers_and, voices};
use ziyin_model::{ClonedSinger, Share, VoiceModel, generator_print};
use ziyin_signal::note_name;

/// Loads everybody who is installed, on a GPU if there is one and it may be used.
pub fn installed_voices(gpu: bool) -> VoiceLoader {
    use super::engine::LoadedVoice;
    use ziyin_model::device::DeviceChoice;

    match models_folder(None) {
        Ok(models) => {
            LoadedVoice::from_models(models, if gpu { DeviceChoice::Auto } else { DeviceChoice::Cpu })
        }
        Err(error) => Box::new(move || Err(error.in_full())),
    }
}

/// A singer as the studio shows it.
#[derive(Clone, Debug)]
pub struct Singer {
    pub name: String,
    /// Whom to thank.
    pub credits: String,
    /// What they were taught to sing.
    pub languages: Vec<Language>,
    /// Lowest and highest comfortable key.
    pub range: [u8; 2],
    /// What is known of one who did not come with Ziyin.
    pub own: Option<OwnSinger>,
}

/// What is known of a singer whom the user made or was given.
#[derive(Clone, Debug)]
pub struct OwnSinger {
    pub file: PathBuf,
    /// Seconds of voice that they were made from.
    pub seconds: f32,
    /// The singer who is most alike.
    pub like: String,
    /// Of whom they were mixed, if they were.
    pub mixed: Vec<Share>,
    /// When the person whose voice it is agreed, or the mixture was made: year, month and day.
    pub date: String,
    /// Why they cannot be sung.
    pub obstacle: Option<Message>,
}

impl Singer {
    /// Every singer that is installed, with those whose files lie in the folder `cloned`: first those who
    /// came with Ziyin. None where no voice is.
    pub fn all(cloned: &Path) -> Vec<Singer> {
        let Ok(models) = models_folder(None) else { return Vec::new() };
        let shipped = singers_and(&models, Vec::new()).unwrap_or_default();
        let mut all: Vec<Singer> = shipped
            .into_iter()
            .map(|singer| Singer {
                languages: languages(&singer.languages),
                name: singer.name,
                credits: singer.credits,
                range: singer.range,
                own: None,
            })
            .collect();
        let own = cloned_singers(cloned);
        // The weights are looked at only where somebody hangs on them.
        let prints = if own.is_empty() { HashMap::new() } else { prints(&models) };
        all.extend(own.into_iter().map(|(file, singer)| {
            let obstacle = obstacle(&singer, &prints);
            Singer {
                languages: languages(&singer.languages),
                range: singer.range,
                own: Some(OwnSinger {
                    file,
                    seconds: singer.seconds,
                    like: singer.like,
                    mixed: singer.mixed,
                    date: singer.consent.date,
                    obstacle,
                }),
                name: singer.name,
                credits: singer.credits,
            }
        }));
        all
    }

    pub fn lowest(&self) -> String {
        note_name(self.range[0])
    }

    pub fn highest(&self) -> String {
        note_name(self.range[1])
    }

    /// Whether the voices that are installed can sing them.
    pub fn can_sing(&self) -> bool {
        self.own.as_ref().is_none_or(|own| own.obstacle.is_none())
    }
}

fn languages(names: &[String]) -> Vec<Language> {
    let known = |name: &String| Language::ALL.into_iter().find(|language| language.name() == name);
    names.iter().filter_map(known).collect()
}

/// What the weights of each voice are known by.
fn prints(models: &Path) -> HashMap<String, String> {
    let print =
        |folder: PathBuf| Some((VoiceModel::read_config(&folder).ok()?.name, generator_print(&folder).ok()?));
    voices(models).unwrap_or_default().into_iter().filter_map(print).collect()
}

fn obstacle(singer: &ClonedSinger, prints: &HashMap<String, String>) -> Option<Message> {
    let ClonedSinger { name, voice, .. } = singer;
    match prints.get(voice) {
        None => Some(message!("installed.no-voice-of", name, voice)),
        Some(print) if *print != singer.generator => Some(message!("voice.other-clone", name, voice)),
        Some(_) => None,
    }
}
