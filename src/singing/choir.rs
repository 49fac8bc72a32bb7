//! Everybody who is installed, as one voice: each singer is sung by the voice that holds them,
//! and where several do, by the one that knows the language of the syllable, and most others.

use std::collections::BTreeMap;
use std::hash::{Hash, Hasher};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use ziyin_message::{Message, ToMessage, message};

use burn::tensor::Device;

use super::character::{Block, Character, Fnv};
use super::voice::{Mixed, Timing, TimingInput, Voice, VoiceFailure, mix_frames};
use ziyin_lyrics::Language;
use ziyin_model::installed::{InstalledError, installed_clones, readable_voices};
use ziyin_model::{ClonedSinger, VoiceError, VoiceModel};

/// The singers of every voice in a folder, and those who were cloned for one of them. A voice is
/// loaded when somebody is first sung by it.
pub struct Choir {
    voices: Vec<Installed>,
    singers: Vec<Singer>,
    device: Device,
    fingerprint: u64,
}

/// A voice in its folder.
struct Installed {
    /// The name of the voice.
    name: String,
    folder: PathBuf,
    /// Those who were cloned for it.
    cloned: Vec<ClonedSinger>,
    loaded: OnceLock<Result<Loaded, VoiceFailure>>,
}

struct Loaded {
    voice: VoiceModel,
    /// Names of those who cannot be sung, and why.
    refused: Vec<(String, Message)>,
}

/// Somebody, with the voices that hold them.
struct Singer {
    name: String,
    /// Each with the languages that it was taught them in.
    voices: Vec<(usize, Vec<String>)>,
}

impl Singer {
    fn is(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name)
    }

    /// The voice to sing a language with.
    fn voice(&self, language: Language) -> usize {
        best(&self.voices, language).unwrap_or(0)
    }

    /// The voices that hold another singer as well, each with the languages that it was taught both in.
    fn shared_with(&self, other: &Self) -> Vec<(usize, Vec<String>)> {
        let of_both = |(voice, known): &(usize, Vec<String>)| {
            let (_, theirs) = other.voices.iter().find(|(held, _)| held == voice)?;
            Some((*voice, known.iter().filter(|language| theirs.contains(language)).cloned().collect()))
        };
        self.voices.iter().filter_map(of_both).collect()
    }
}

/// The voice to sing a language with: of those that were taught it, or if none was, of all, the
/// first that knows the most languages. What was learned of one is heard in the others
/// (docs/voice.md, *Words*), and what nobody taught is borrowed.
fn best(voices: &[(usize, Vec<String>)], language: Language) -> Option<usize> {
    let worth =
        |(_, known): &&(usize, Vec<String>)| (known.iter().any(|name| name == language.name()), known.len());
    voices.iter().rev().max_by_key(worth).map(|&(voice, _)| voice)
}

impl Choir {
    /// Everybody in the folder of voices `models`, and the cloned singers that are installed. A
    /// voice whose description is damaged is left out, unless it is the only one.
    ///
    /// # Errors
    /// If there is no voice.
    pub fn open(models: &Path, device: &Device) -> Result<Self, ChoirError> {
        let mut choir =
            Self { voices: Vec::new(), singers: Vec::new(), device: device.clone(), fingerprint: 0 };
        let read = |folder: &Path| VoiceModel::read_config(folder).map_err(ChoirError::from);
        for (folder, config) in readable_voices(models, read)? {
            for singer in config.singers {
                choir.enter(singer.name, singer.languages);
            }
            choir.voices.push(Installed {
                name: config.name,
                folder,
                cloned: Vec::new(),
                loaded: OnceLock::new(),
            });
        }
        for (_, singer) in installed_clones() {
            // Whose voice is not installed is not there.
            _ = choir.add(singer);
        }
        Ok(choir)
    }

    /// Adds somebody who was cloned for one of the voices; whoever was cloned under the same name
    /// before gives way.
    ///
    /// # Errors
    /// If that voice is not installed, or somebody who was trained has the name.
    pub fn add(&mut self, singer: ClonedSinger) -> Result<(), ChoirError> {
        let Some(voice) = self.voices.iter().position(|known| known.name == singer.voice) else {
            let ClonedSinger { name, voice, .. } = singer;
            return Err(InstalledError::NoVoiceOf { name, voice }.into());
        };
        let same = |known: &ClonedSinger| known.name.eq_ignore_ascii_case(&singer.name);
        if self.voices.iter().any(|voice| voice.cloned.iter().any(same)) {
            self.voices.iter_mut().for_each(|voice| voice.cloned.retain(|known| !same(known)));
            self.singers.retain(|known| !known.is(&singer.name));
        }
        if self.singers.iter().any(|known| known.is(&singer.name)) {
            return Err(ChoirError::NameTaken(singer.name));
        }
        let mut hash = Fnv::default();
        self.fingerprint.hash(&mut hash);
        serde_json::to_vec(&singer).unwrap_or_default().hash(&mut hash);
        self.fingerprint = hash.finish();
        let held = vec![(voice, singer.languages.clone())];
        self.singers.push(Singer { name: singer.name.clone(), voices: held });
        let installed = &mut self.voices[voice];
        installed.cloned.push(singer);
        // Who was loaded before does not know the newcomer.
        installed.loaded = OnceLock::new();
        Ok(())
    }

    /// Takes in that the voice that is added next holds somebody.
    fn enter(&mut self, name: String, languages: Vec<String>) {
        let held = (self.voices.len(), languages);
        match self.singers.iter_mut().find(|known| known.is(&name)) {
            Some(known) => known.voices.push(held),
            None => self.singers.push(Singer { name, voices: vec![held] }),
        }
    }

    /// The names of all.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.singers.iter().map(|singer| singer.name.as_str())
    }

    /// Loads the voice that sings somebody (the first for no name) in Mandarin, so that the song
    /// need not wait for it, and it is known whether it can be sung with.
    ///
    /// # Errors
    /// If there is no such singer, or the voice is damaged.
    pub fn load(&self, name: Option<&str>) -> Result<(), ChoirError> {
        let singer = match name {
            Some(name) => self.singer(name).ok_or_else(|| InstalledError::NoSinger(name.into()))?,
            None => 0,
        };
        self.place(singer, Language::Mandarin)?;
        Ok(())
    }

    /// The voice that sings somebody in a language, by its place, and who they are in it.
    fn place(&self, singer: usize, language: Language) -> Result<(usize, usize), VoiceFailure> {
        let singer = self.singers.get(singer).ok_or_else(gone)?;
        let at = singer.voice(language);
        Ok((at, self.index(at, singer)?))
    }

    /// Who somebody is in a voice that holds them, by its place.
    fn index(&self, voice: usize, singer: &Singer) -> Result<usize, VoiceFailure> {
        let loaded = self.voices[voice].loaded(&self.device)?;
        if let Some((_, why)) = loaded.refused.iter().find(|(name, _)| singer.is(name)) {
            return Err(VoiceFailure(why.clone()));
        }
        Voice::singer(&loaded.voice, &singer.name).ok_or_else(gone)
    }

    /// The voice that sings two in a language, by its place, and who they are in it; `None` where none holds
    /// both.
    fn place_of_both(&self, one: &Mixed) -> Result<Option<(usize, [usize; 2])>, VoiceFailure> {
        let first = self.singers.get(one.character.singer).ok_or_else(gone)?;
        let second = self.singers.get(one.second).ok_or_else(gone)?;
        let Some(at) = best(&first.shared_with(second), one.character.syllable.language) else {
            return Ok(None);
        };
        Ok(Some((at, [self.index(at, first)?, self.index(at, second)?])))
    }

    /// Has each voice do its part of `all`, and puts what comes back in their order. `who` tells
    /// the singer and the language, `sing` asks a voice for the inputs at those places, each with
    /// the index of its singer in that voice.
    fn share<In, Out>(
        &self,
        all: &[In],
        who: impl Fn(&In) -> (usize, Language),
        sing: impl Fn(&VoiceModel, Vec<(&In, usize)>) -> Result<Vec<Out>, VoiceFailure>,
    ) -> Result<Vec<Out>, VoiceFailure> {
        let mut parts: BTreeMap<usize, Vec<(usize, usize)>> = BTreeMap::new();
        for (i, input) in all.iter().enumerate() {
            let (singer, language) = who(input);
            let (voice, index) = self.place(singer, language)?;
            parts.entry(voice).or_default().push((i, index));
        }
        let mut done: Vec<(usize, Out)> = Vec::with_capacity(all.len());
        for (voice, part) in parts {
            let loaded = self.voices[voice].loaded(&self.device)?;
            let inputs = part.iter().map(|&(i, index)| (&all[i], index)).collect();
            let sung = sing(&loaded.voice, inputs)?;
            done.extend(part.iter().map(|&(i, _)| i).zip(sung));
        }
        done.sort_by_key(|&(i, _)| i);
        Ok(done.into_iter().map(|(_, out)| out).collect())
    }
}

fn gone() -> VoiceFailure {
    VoiceFailure(message!("singing.singer-gone"))
}

impl Installed {
    fn loaded(&self, device: &Device) -> Result<&Loaded, VoiceFailure> {
        let load = || {
            let mut voice =
                VoiceModel::load(&self.folder, device).map_err(|error| VoiceFailure(error.to_message()))?;
            let mut refused = Vec::new();
            for singer in &self.cloned {
                if let Err(why) = voice.add_singer(singer.clone()) {
                    refused.push((singer.name.clone(), why.to_message()));
                }
            }
            Ok(Loaded { voice, refused })
        };
        self.loaded.get_or_init(load).as_ref().map_err(Clone::clone)
    }
}

impl Voice for Choir {
    fn fingerprint(&self) -> u64 {
        self.fingerprint
    }

    fn singer(&self, name: &str) -> Option<usize> {
        self.singers.iter().position(|singer| singer.is(name))
    }

    fn timings(&self, inputs: &[TimingInput]) -> Result<Vec<Timing>, VoiceFailure> {
        let who = |input: &TimingInput| (input.singer, input.syllable.language);
        self.share(inputs, who, |voice, inputs| {
            let inputs: Vec<TimingInput> =
                inputs.into_iter().map(|(input, singer)| TimingInput { singer, ..input.clone() }).collect();
            Voice::timings(voice, &inputs)
        })
    }

    fn generate(&self, characters: &[&Character]) -> Result<Vec<Block>, VoiceFailure> {
        let who = |character: &&Character| (character.singer, character.syllable.language);
        self.share(characters, who, |voice, characters| {
            let characters: Vec<Character> = characters
                .into_iter()
                .map(|(character, singer)| Character { singer, ..(*character).clone() })
                .collect();
            Voice::generate(voice, &characters.iter().collect::<Vec<_>>())
        })
    }

    /// Two whom one voice holds are mixed by their vectors; of others the frames are.
    fn generate_mixed(&self, mixed: &[Mixed]) -> Result<Vec<Block>, VoiceFailure> {
        let mut parts: BTreeMap<Option<usize>, Vec<(usize, [usize; 2])>> = BTreeMap::new();
        for (i, one) in mixed.iter().enumerate() {
            let place = self.place_of_both(one)?;
            let (voice, who) = place.map_or((None, [0; 2]), |(voice, who)| (Some(voice), who));
            parts.entry(voice).or_default().push((i, who));
        }
        let mut done: Vec<(usize, Block)> = Vec::with_capacity(mixed.len());
        for (voice, part) in parts {
            let theirs: Vec<Mixed> = part.iter().map(|&(i, _)| mixed[i]).collect();
            let blocks = match voice {
                None => mix_frames(&theirs, |characters| self.generate(characters))?,
                Some(voice) => {
                    let own: Vec<Character> = (theirs.iter().zip(&part))
                        .map(|(one, (_, [first, _]))| one.character.sung_by(*first))
                        .collect();
                    let own: Vec<Mixed> = (theirs.iter().zip(&own).zip(&part))
                        .map(|((one, character), &(_, [_, second]))| Mixed { character, second, ..*one })
                        .collect();
                    Voice::generate_mixed(&self.voices[voice].loaded(&self.device)?.voice, &own)?
                }
            };
            done.extend(part.iter().map(|&(i, _)| i).zip(blocks));
        }
        done.sort_by_key(|&(i, _)| i);
        Ok(done.into_iter().map(|(_, block)| block).collect())
    }
}

/// Why nobody can be sung, or somebody cannot.
#[derive(Debug, thiserror::Error)]
#[error("{}", self.to_message())]
pub enum ChoirError {
    #[error(transparent)]
    Installed(#[from] InstalledError),
    #[error(transparent)]
    Voice(#[from] VoiceError),
    #[error(transparent)]
    Failure(#[from] VoiceFailure),
    NameTaken(String),
}

impl ToMessage for ChoirError {
    fn to_message(&self) -> Message {
        match self {
            Self::Installed(inner) => inner.to_message(),
            Self::Voice(inner) => inner.to_message(),
            Self::Failure(inner) => inner.to_message(),
            Self::NameTaken(name) => message!("choir.name-taken", name),
        }
    }

    fn cause(&self) -> Option<Message> {
        match self {
            Self::Installed(inner) => inner.cause(),
            _ => None,
        }
    }
}
