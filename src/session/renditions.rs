//! One song by several singers: where each of its characters lies in each recording.

use std::path::PathBuf;

use super::hearing::{Character, HearingOrder, Lyrics, about_guesses, by_ear, listen, read};
use ziyin_listening::{Guess, Interval, Sounds, follow, guess};
use ziyin_lyrics::{Language, Syllable};
use ziyin_message::{Message, message};

/// Recordings of one song.
#[derive(Clone, Debug, Default)]
pub struct RenditionsOrder {
    pub recordings: Vec<PathBuf>,
    /// What is sung in each; `None` to guess it from all of them.
    pub lyrics: Option<String>,
    /// `None` to tell it from the lyrics, or from what is heard.
    pub language: Option<Language>,
    /// Whether they are mixes, whose vocals are separated first.
    pub mix: bool,
}

/// A song, and where it is sung.
#[derive(Clone, Debug)]
pub struct Renditions {
    pub language: Language,
    pub characters: Vec<Character>,
    /// In the order of the recordings.
    pub recordings: Vec<Rendition>,
    /// What should be known of all.
    pub warnings: Vec<Message>,
}

/// One recording of it.
#[derive(Clone, Debug)]
pub struct Rendition {
    pub recording: PathBuf,
    /// Where each character lies, in seconds from the start of the recording, if it is found.
    pub places: Vec<Option<Interval>>,
    pub warnings: Vec<Message>,
}

/// Most recordings of one song.
pub const MOST: usize = 64;

/// What hears of the voice of each recording: its number, and its samples.
type EachVoice<'a> = dyn FnMut(usize, &[f32]) -> Result<(), Message> + 'a;

/// Listens to all recordings and finds the same characters in each. `each` gets the number of a recording and
/// its voice, in one channel at the rate of the house, when it was listened to. `progress` hears which part is
/// done, 0 to 1, and gives `false` to stop; `Ok(None)` if it did.
///
/// # Errors
/// Says which recording holds no song, cannot be read or has no time for the lyrics, or that no words are heard.
pub fn hear_renditions(
    order: &RenditionsOrder,
    each: &mut EachVoice,
    progress: &mut dyn FnMut(f32) -> bool,
) -> Result<Option<Renditions>, Message> {
    let count = order.recordings.len();
    if !(2..=MOST).contains(&count) {
        return Err(message!("renditions.how-many", most = MOST));
    }
    let mut warnings = Vec::new();
    let given = order.lyrics.as_ref().map(|text| read(text, order.language, &mut warnings)).transpose()?;
    let syllables = given.as_ref().map(Lyrics::syllables);
    let mut recordings = Vec::with_capacity(count);
    let mut sounds: Vec<Sounds> = Vec::new();
    for (number, recording) in order.recordings.iter().enumerate() {
        let of_file = |why: Message| message!("of-file", path = recording, why);
        let one = HearingOrder { recording: recording.clone(), mix: order.mix, ..HearingOrder::default() };
        let (mut told, mut places) = (Vec::new(), Vec::new());
        let part = &mut |part: f32| progress((number as f32 + part) / count as f32);
        let Some(listened) = listen(&one, &mut told, part)? else { return Ok(None) };
        each(number, &listened.samples)?;
        match &syllables {
            Some(syllables) => places = listened.lay(&one, syllables, &mut told).map_err(of_file)?,
            None => sounds.push(listened.sounds.ok_or_else(|| message!("hearing.no-recogniser"))?),
        }
        recordings.push(Rendition { recording: recording.clone(), places, warnings: told });
    }
    let lyrics = match given {
        Some(lyrics) => lyrics,
        None => {
            let (language, guesses) = words_of_all(&sounds, order.language);
            let about = about_guesses(language, &guesses);
            if guesses.is_empty() {
                return Err(about);
            }
            warnings.push(about);
            let characters = guesses.into_iter().map(Character::from).collect();
            let lyrics = Lyrics { language, characters };
            let syllables = lyrics.syllables();
            for (one, sounds) in recordings.iter_mut().zip(&sounds) {
                let of_file = |why: Message| message!("of-file", path = &one.recording, why);
                one.places = by_ear(sounds, &syllables, &mut one.warnings).map_err(of_file)?;
            }
            lyrics
        }
    };
    let Lyrics { language, characters } = lyrics;
    Ok(Some(Renditions { language, characters, recordings, warnings }))
}

/// The words of the recording whose words fit best to all.
fn words_of_all(sounds: &[Sounds], language: Option<Language>) -> (Language, Vec<Guess>) {
    let told: Vec<(Language, Vec<Guess>)> = sounds.iter().map(|one| guess(one, language)).collect();
    let often = |language: &Language| told.iter().filter(|(other, _)| other == language).count();
    let language = told.iter().map(|(language, _)| *language).max_by_key(often).unwrap_or(Language::Mandarin);
    let candidates = told.into_iter().zip(sounds).map(|((own, guesses), one)| match own == language {
        true => guesses,
        false => guess(one, Some(language)).1,
    });
    let fit = |guesses: &[Guess]| -> f32 {
        let syllables: Vec<Syllable> = guesses.iter().map(|guess| guess.syllable).collect();
        let worth = |one: &Sounds| follow(one, &syllables).map_or(f32::NEG_INFINITY, |found| found.worth);
        sounds.iter().map(worth).sum()
    };
    let best = candidates.filter(|guesses| !guesses.is_empty()).map(|guesses| (fit(&guesses), guesses));
    let best = best.max_by(|a, b| a.0.total_cmp(&b.0));
    (language, best.map_or_else(Vec::new, |(_, guesses)| guesses))
}
