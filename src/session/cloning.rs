//! A singer made from recordings, in the background.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError};

use ziyin_model::installed::{is_taken, models_folder, singers_folder};

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

/// Whether a singer that is installed has this name already.
pub fn name_is_taken(name: &str) -> bool {
    let models = models_folder(None).unwrap_or_default();
    singers_folder().is_some_and(|cloned| is_taken(name, &models, &cloned))
}

/// Why nobody can be cloned, whatever is recorded; it is known before any work is done.
pub fn obstacle() -> Option<String> {
    let voice = models_folder(None).and_then(|models| ziyin_model::installed::cloning_voice(&models));
    voice.err().map(|why| why.to_string())
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

fn make(order: &CloneOrder, shared: &Shared) -> anyhow::Result<()> {
    use std::sync::atomic::AtomicUsize;

    use anyhow::{Context as _, bail};

    use ziyin_interchange::Budget;
    use ziyin_interchange::audio::read_audio;
    use ziyin_listening::{Cloner, listen, take_recording};
    use ziyin_model::installed::{cloning_voice, singer_file};
    use ziyin_model::{Consent, SingerCard, VoiceModel};

    if name_is_taken(&order.name) {
        bail!("a singer of this name is there already; choose another name");
    }
    let folder = cloning_voice(&models_folder(None)?)?;
    let config = VoiceModel::read_config(&folder)?;
    let cloner = Cloner::open(&folder, &config, order.refine)?;
    let mut heeds = Vec::new();
    for path in &order.recordings {
        let context = || path.display().to_string();
        let audio = read_audio(path, &Budget::default()).with_context(context)?;
        let heed = take_recording(audio.rate, &audio.sides, audio.damaged).with_context(context)?;
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
    let card = SingerCard {
        name: order.name.clone(),
        credits: String::new(),
        consent: Consent::today(order.consent.clone()),
    };
    let mut told = |step: usize, of: usize, _| {
        shared.tell(CloneStage::Refining(step as f32 / of.max(1) as f32));
        !shared.cancelled.load(Relaxed)
    };
    let (singer, _) = cloner.singer(card, &likeness, if order.refine { Some(&mut told) } else { None })?;
    if shared.cancelled.load(Relaxed) {
        return Ok(());
    }
    let folder = singers_folder().context("there is no folder for singers")?;
    std::fs::create_dir_all(&folder).with_context(|| folder.display().to_string())?;
    let path = singer_file(&folder, &order.name);
    // Another studio may have made one meanwhile.
    if path.exists() {
        bail!("a singer of this name is there already; choose another name");
    }
    singer.save(&path).with_context(|| path.display().to_string())?;
    shared.tell(CloneStage::Done { name: singer.name, seconds: singer.seconds, like: singer.like });
    Ok(())
}
