//! A singer made from recordings, in the background.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError};

/// What a singer is made of.
#[derive(Clone, Debug, Default)]
pub struct CloneOrder {
    pub recordings: Vec<PathBuf>,
    pub name: String,
    /// The sentence in which the person whose voice it is agrees.
    pub consent: String,
    /// Whether the singer is fitted more closely; it takes a minute or two.
    pub refine: bool,
}

/// How far it is.
#[derive(Clone, Debug, PartialEq)]
pub enum CloneStage {
    /// The part of the recordings that was heard, 0 to 1.
    Listening(f32),
    Loading,
    /// The part of the refinement that is done, 0 to 1.
    Refining(f32),
    Done {
        name: String,
        /// Seconds of voice that were heard.
        seconds: f32,
        /// The trained singer who is most alike.
        like: String,
    },
    Failed(String),
}

/// A singer in the making; dropping it cancels.
pub struct Cloning {
    shared: Arc<Shared>,
}

struct Shared {
    cancelled: AtomicBool,
    stage: Mutex<CloneStage>,
    wake: Box<dyn Fn() + Send + Sync>,
}

impl Shared {
    fn tell(&self, stage: CloneStage) {
        *self.stage.lock().unwrap_or_else(PoisonError::into_inner) = stage;
        (self.wake)();
    }
}

impl Cloning {
    /// Begins. `wake` is called when there is news.
    pub fn begin(order: CloneOrder, wake: impl Fn() + Send + Sync + 'static) -> Self {
        let shared = Arc::new(Shared {
            cancelled: AtomicBool::new(false),
            stage: Mutex::new(CloneStage::Listening(0.0)),
            wake: Box::new(wake),
        });
        let works = shared.clone();
        let started = std::thread::Builder::new().name("cloning".into()).spawn(move || {
            let made = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| make(&order, &works)));
            match made {
                Ok(Ok(())) => {}
                Ok(Err(error)) => works.tell(CloneStage::Failed(format!("{error:#}"))),
                Err(_) => works.tell(CloneStage::Failed("cloning broke down".into())),
            }
        });
        if let Err(error) = started {
            shared.tell(CloneStage::Failed(error.to_string()));
        }
        Self { shared }
    }

    pub fn stage(&self) -> CloneStage {
        self.shared.stage.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Drop for Cloning {
    fn drop(&mut self) {
        self.shared.cancelled.store(true, Relaxed);
    }
}

#[cfg(not(feature = "voice"))]
fn make(_order: &CloneOrder, _shared: &Shared) -> anyhow::Result<()> {
    anyhow::bail!("this Ziyin was built without a voice")
}

#[cfg(feature = "voice")]
fn make(order: &CloneOrder, shared: &Shared) -> anyhow::Result<()> {
    use std::sync::atomic::AtomicUsize;

    use anyhow::{Context as _, bail};
    use burn::tensor::Device;

    use crate::listening::{listen, open_recording, refine};
    use crate::model::installed::{models_folder, singers_folder, voices};
    use crate::model::{ClonedSinger, Consent, SingerCard, VoiceModel, generator_print};

    let folder = voices(&models_folder(None)?)?.into_iter().next().context("no voice is installed")?;
    let device = Device::flex();
    let config = VoiceModel::read_config(&folder)?;
    if config.singers.iter().any(|singer| singer.name.eq_ignore_ascii_case(&order.name)) {
        bail!("a singer of this name is there already; choose another name");
    }
    let encoder = VoiceModel::singer_encoder(&folder, &config, &device)?;
    let mut heeds = Vec::new();
    for path in &order.recordings {
        let heed = open_recording(path).with_context(|| path.display().to_string())?;
        heeds.push(heed);
    }
    let (heard, of) = (AtomicUsize::new(0), heeds.len().max(1));
    let (likeness, _) = listen(&heeds, &|| {
        let heard = heard.fetch_add(1, Relaxed) + 1;
        shared.tell(CloneStage::Listening(heard as f32 / of as f32));
    })
    .map_err(|reason| {
        let file = order.recordings.first().map(|path| path.display().to_string()).unwrap_or_default();
        anyhow::Error::new(reason).context(file)
    })?;
    if shared.cancelled.load(Relaxed) {
        return Ok(());
    }
    shared.tell(CloneStage::Loading);
    let training = device.clone().autodiff();
    let voice = VoiceModel::load(&folder, if order.refine { &training } else { &device })?;
    let vector = likeness.vector(&encoder, &voice.generator().mean_envelope()?, &device)?;
    let known = voice.trained_singers()?;
    let off = |row: &Vec<f32>| row.iter().zip(&vector).map(|(a, b)| (a - b).powi(2)).sum::<f32>();
    let like = (0..known.len())
        .min_by(|&a, &b| off(&known[a]).total_cmp(&off(&known[b])))
        .context("the voice has no singer")?;
    let card = SingerCard {
        name: order.name.clone(),
        credits: String::new(),
        consent: Consent { text: order.consent.clone(), date: today() },
    };
    let mut singer = ClonedSinger::new(card, vector);
    let mut languages: Vec<String> = config.singers.iter().flat_map(|s| s.languages.clone()).collect();
    languages.sort();
    languages.dedup();
    singer.voice = config.name.clone();
    singer.generator = generator_print(&folder)?;
    singer.like = config.singers[like].name.clone();
    singer.languages = languages;
    singer.range = likeness.range();
    singer.seconds = likeness.seconds();
    if order.refine {
        let found = refine(&voice, like, &likeness, &singer.vector, &training, &mut |step, of, _| {
            shared.tell(CloneStage::Refining(step as f32 / of.max(1) as f32));
            !shared.cancelled.load(Relaxed)
        })?;
        if let Some(found) = found {
            singer.vector = found.vector;
            singer.adapter = Some(found.adapter);
        }
    }
    if shared.cancelled.load(Relaxed) {
        return Ok(());
    }
    let folder = singers_folder().context("there is no folder for singers")?;
    std::fs::create_dir_all(&folder).with_context(|| folder.display().to_string())?;
    let path = folder.join(format!("{}.singer", file_name(&order.name)));
    if path.exists() {
        bail!("a singer of this name is there already; choose another name");
    }
    singer.save(&path).with_context(|| path.display().to_string())?;
    shared.tell(CloneStage::Done { name: singer.name, seconds: singer.seconds, like: singer.like });
    Ok(())
}

/// A name as a file can have it on every system.
#[cfg(feature = "voice")]
fn file_name(name: &str) -> String {
    name.chars().map(|c| if c.is_control() || "/\\:*?\"<>|.".contains(c) { '-' } else { c }).collect()
}

/// Year, month and day in UTC (days to civil date, after Howard Hinnant's algorithm).
#[cfg(feature = "voice")]
fn today() -> String {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    let days = now.map_or(0, |since| since.as_secs()) / 86_400 + 719_468;
    let (era, day) = (days / 146_097, days % 146_097);
    let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let (day, month) = (day - (153 * month + 2) / 5 + 1, if month < 10 { month + 3 } else { month - 9 });
    format!("{}-{month:02}-{day:02}", year + era * 400 + u64::from(month <= 2))
}
