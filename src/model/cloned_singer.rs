//! A singer cloned from recordings: one `.singer` file.

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::Path;
use ziyin_message::{Message, ToMessage, message};

use atomic_write_file::AtomicWriteFile;
use serde::{Deserialize, Serialize};

use super::character::SINGER;
use ziyin_signal::AP_BANDS;

/// How a singer's file ends.
pub const SINGER_EXTENSION: &str = "singer";
/// Points of an [`Adapter`]'s envelope, evenly spaced on the mel scale.
pub const ADAPTED_POINTS: usize = 64;
/// Singers of version 1 have no layers in their adapters.
const VERSION: u32 = 2;
/// More sharpness than this no singer wants, whatever a file says.
pub(super) const MOST_SHARPNESS: f32 = 2.0;
/// Nor more brightness than this, in dB an octave.
pub(super) const MOST_BRIGHTNESS: f32 = 6.0;
/// The most bytes that a singer's file may hold.
const MOST_BYTES: u64 = 4 << 20;

/// A singer who was cloned from recordings or mixed of others, for one voice.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ClonedSinger {
    /// Version of the file.
    #[serde(rename = "ziyin-singer")]
    version: u32,
    pub name: String,
    /// Name of the voice whose networks sing.
    pub voice: String,
    /// Which weights of that voice: the vector means nothing to others.
    pub generator: String,
    /// The singer of that voice who sounds most alike, and whose lengths and articulation
    /// are used.
    pub like: String,
    pub languages: Vec<String>,
    /// Lowest and highest comfortable MIDI pitch.
    pub range: [u8; 2],
    pub credits: String,
    pub consent: Consent,
    /// Seconds of voice that it was made from.
    pub seconds: f32,
    /// What tells the generator who sings, `[SINGER]`.
    pub vector: Vec<f32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub adapter: Option<Adapter>,
    /// How much larger formants are sung than the networks make them; `None` for as much as those of the
    /// singer who sounds most alike.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sharpness: Option<f32>,
    /// By how many dB an octave above 1 kHz the singer is brighter than the networks make them; `None` for not
    /// at all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub brightness: Option<f32>,
    /// Of whom the singer was mixed, where they were.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub mixed: Vec<Share>,
}

/// A singer's share in a mixture.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Share {
    pub name: String,
    /// The shares of a mixture add to 1.
    pub weight: f32,
}

/// That whose voice it is agreed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Consent {
    pub text: String,
    /// Year, month and day, as `2026-11-24`.
    pub date: String,
}

impl Consent {
    /// A consent that is given today, in UTC.
    pub fn today(text: String) -> Self {
        let today = jiff::Timestamp::now().to_zoned_datetime(jiff::tz::TimeZone::UTC).date();
        Self { text, date: today.to_string() }
    }
}

/// What refinement found that a vector cannot say.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Adapter {
    /// Added to what drives the scale and the shift of every channel of the generator.
    pub told: Vec<f32>,
    /// Added to the log envelope at [`ADAPTED_POINTS`].
    pub envelope: Vec<f32>,
    /// Added to the log-odds of the aperiodicity of each band, `[AP_BANDS]`.
    pub source: Vec<f32>,
    /// Added to the scales and shifts of each layer of the generator; empty where that is not known, as it
    /// is not without words.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub layers: Vec<f32>,
}

/// Why a singer's file could not be read.
#[derive(Debug, thiserror::Error)]
#[error("{}", self.to_message())]
pub enum SingerFileError {
    Io(#[from] io::Error),
    TooLarge,
    Malformed(Message),
    Newer { found: u32 },
}

impl ToMessage for SingerFileError {
    fn to_message(&self) -> Message {
        match self {
            Self::Io(_) => message!("singer-file.io"),
            Self::TooLarge => message!("singer-file.too-large"),
            Self::Malformed(why) => message!("singer-file.malformed", why),
            Self::Newer { found } => message!("singer-file.newer", found, known = VERSION),
        }
    }

    fn cause(&self) -> Option<Message> {
        match self {
            Self::Io(why) => Some(why.to_message()),
            _ => None,
        }
    }
}

/// What is asked of a new singer, besides what networks find.
#[derive(Clone, Debug)]
pub struct SingerCard {
    pub name: String,
    pub credits: String,
    pub consent: Consent,
}

impl ClonedSinger {
    /// A singer with what its voice is called and made of still to be filled in.
    pub fn new(card: SingerCard, vector: Vec<f32>) -> Self {
        Self {
            version: VERSION,
            name: card.name,
            voice: String::new(),
            generator: String::new(),
            like: String::new(),
            languages: Vec::new(),
            range: [48, 72],
            credits: card.credits,
            consent: card.consent,
            seconds: 0.0,
            vector,
            adapter: None,
            sharpness: None,
            brightness: None,
            mixed: Vec::new(),
        }
    }

    /// Reads a `.singer` file.
    ///
    /// # Errors
    /// All of [`SingerFileError`].
    pub fn load(path: &Path) -> Result<Self, SingerFileError> {
        let mut json = Vec::new();
        // A pipe or a device may never end.
        if !std::fs::metadata(path)?.is_file() {
            let what = "it is a device, a pipe or a folder";
            return Err(io::Error::new(io::ErrorKind::InvalidInput, what).into());
        }
        File::open(path)?.take(MOST_BYTES + 1).read_to_end(&mut json)?;
        Self::from_json(&json)
    }

    /// Reads a singer from the bytes of a `.singer` file.
    ///
    /// # Errors
    /// All of [`SingerFileError`] but `Io`.
    pub fn from_json(json: &[u8]) -> Result<Self, SingerFileError> {
        #[derive(Deserialize)]
        struct Version {
            #[serde(rename = "ziyin-singer")]
            version: u32,
        }
        if json.len() as u64 > MOST_BYTES {
            return Err(SingerFileError::TooLarge);
        }
        let malformed = |error: serde_json::Error| SingerFileError::Malformed(error.to_message());
        // The version comes first: of a newer file nothing else can be relied on.
        let Version { version } = serde_json::from_slice(json).map_err(malformed)?;
        if version > VERSION {
            return Err(SingerFileError::Newer { found: version });
        }
        let singer: Self = serde_json::from_slice(json).map_err(malformed)?;
        singer.check()?;
        Ok(singer)
    }

    fn check(&self) -> Result<(), SingerFileError> {
        let wrong = |what: Message| Err(SingerFileError::Malformed(what));
        let good = |numbers: &[f32], count: usize| {
            numbers.len() == count && numbers.iter().all(|x| x.is_finite() && x.abs() < 1e3)
        };
        if self.name.trim().is_empty() {
            return wrong(message!("singer-file.no-name"));
        }
        if self.consent.text.trim().is_empty() {
            return wrong(message!("singer-file.no-consent"));
        }
        if !good(&self.vector, SINGER) {
            return wrong(message!("singer-file.vector"));
        }
        if self.range[0] > self.range[1] || self.range[1] > 127 {
            return wrong(message!("singer-file.range"));
        }
        if self.sharpness.is_some_and(|sharpness| !(0.0..=MOST_SHARPNESS).contains(&sharpness)) {
            return wrong(message!("singer-file.sharpness"));
        }
        let most = -MOST_BRIGHTNESS..=MOST_BRIGHTNESS;
        if self.brightness.is_some_and(|brightness| !most.contains(&brightness)) {
            return wrong(message!("singer-file.brightness"));
        }
        match &self.adapter {
            Some(Adapter { told, envelope, source, layers })
                if !good(told, told.len())
                    || !good(envelope, ADAPTED_POINTS)
                    || !good(source, AP_BANDS)
                    || !good(layers, layers.len()) =>
            {
                wrong(message!("singer-file.adapter"))
            }
            _ => Ok(()),
        }
    }

    /// Writes a `.singer` file: whatever happens, the path holds the old singer or the new
    /// one, whole.
    ///
    /// # Errors
    /// If the file system refuses.
    pub fn save(&self, path: &Path) -> io::Result<()> {
        let mut file = AtomicWriteFile::open(path)?;
        serde_json::to_writer_pretty(&mut file, self)?;
        file.write_all(b"\n")?;
        file.commit()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn singer() -> ClonedSinger {
        let consent = Consent { text: "It is my own voice.".into(), date: "2026-11-24".into() };
        let card = SingerCard { name: "Nina".into(), credits: "Nina".into(), consent };
        let adapter = Adapter {
            told: vec![0.25; 8],
            envelope: vec![-0.5; ADAPTED_POINTS],
            source: vec![0.0; AP_BANDS],
            layers: vec![0.125; 6],
        };
        ClonedSinger { adapter: Some(adapter), ..ClonedSinger::new(card, vec![0.5; SINGER]) }
    }

    #[test]
    fn a_singer_comes_back_as_it_was_saved() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("nina.singer");
        singer().save(&path).unwrap();
        assert_eq!(ClonedSinger::load(&path).unwrap(), singer());
    }

    #[test]
    fn what_is_no_singer_is_refused_with_the_reason() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("nina.singer");
        let refused = |singer: &ClonedSinger| {
            singer.save(&path).unwrap();
            ClonedSinger::load(&path).unwrap_err().to_string()
        };
        assert!(refused(&ClonedSinger { version: VERSION + 1, ..singer() }).contains("newer"));
        assert!(refused(&ClonedSinger { vector: vec![0.0; 3], ..singer() }).contains("vector"));
        assert!(refused(&ClonedSinger { vector: vec![1e9; SINGER], ..singer() }).contains("vector"));
        let unasked = Consent { text: " ".into(), date: String::new() };
        assert!(refused(&ClonedSinger { consent: unasked, ..singer() }).contains("consent"));
        std::fs::write(&path, "{\"ziyin\": 3}").unwrap();
        assert!(matches!(ClonedSinger::load(&path), Err(SingerFileError::Malformed(_))));
        std::fs::write(&path, vec![b' '; MOST_BYTES as usize + 1]).unwrap();
        assert!(matches!(ClonedSinger::load(&path), Err(SingerFileError::TooLarge)));
    }
}
