//! A singer made from recordings, in the background.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError};

use ziyin_message::{Message, ToMessage, message};
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
pub fn obstacle() -> Option<Message> {
    let voice = models_folder(None).and_then(|models| ziyin_model::installed::cloning_voice(&models));
    voice.err().map(|why| why.in_full())
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
    Failed(Message),
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
                Ok(Err(why)) => works.tell(CloneStage::Failed(why)),
                Err(_) => works.tell(CloneStage::Failed(message!("clone.broke-down"))),
            }
        });
        if let Err(error) = started {
            shared.tell(CloneStage::Failed(error.to_message()));
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

fn told(why: impl ToMessage) -> Message {
    why.in_full()
}

/// What went wrong with a file.
fn of_file<E: ToMessage>(path: &Path) -> impl FnOnce(E) -> Message {
    move |why| message!("of-file", path, why = why.in_full())
}

fn make(order: &CloneOrder, shared: &Shared) -> Result<(), Message> {
    use std::sync::atomic::AtomicUsize;

    use ziyin_interchange::Budget;
    use ziyin_interchange::audio::read_audio;
    use ziyin_listening::{Cloner, Refining, listen, take_recording};
    use ziyin_model::installed::{cloning_voice, singer_file};
    use ziyin_model::{Consent, SingerCard, VoiceModel};

    if name_is_taken(&order.name) {
        return Err(message!("clone.name-taken"));
    }
    let models = models_folder(None).map_err(told)?;
    let folder = cloning_voice(&models).map_err(told)?;
    let config = VoiceModel::read_config(&folder).map_err(told)?;
    let cloner = Cloner::open(&folder, &config, order.refine).map_err(told)?;
    let mut heeds = Vec::new();
    for path in &order.recordings {
        let audio = read_audio(path, &Budget::default()).map_err(of_file(path))?;
        let heed = take_recording(audio.rate, &audio.sides, audio.damaged).map_err(of_file(path))?;
        heeds.push(heed);
    }
    let (heard, of) = (AtomicUsize::new(0), heeds.len().max(1));
    let (likeness, _) = listen(&heeds, &|| {
        let heard = heard.fetch_add(1, Relaxed) + 1;
        shared.tell(CloneStage::Listening(heard as f32 / of as f32));
    })
    .map_err(|reason| match order.recordings.first() {
        Some(path) => of_file(path)(reason),
        None => told(reason),
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
    let mut refined = |step: usize, of: usize, _| {
        shared.tell(CloneStage::Refining(step as f32 / of.max(1) as f32));
        !shared.cancelled.load(Relaxed)
    };
    let refining: Option<Refining> = if order.refine { Some(&mut refined) } else { None };
    let (singer, _) = cloner.singer(card, &likeness, refining).map_err(told)?;
    if shared.cancelled.load(Relaxed) {
        return Ok(());
    }
    let folder = singers_folder().ok_or_else(|| message!("clone.no-folder"))?;
    std::fs::create_dir_all(&folder).map_err(of_file(&folder))?;
    let path = singer_file(&folder, &order.name);
    // Another studio may have made one meanwhile.
    if path.exists() {
        return Err(message!("clone.name-taken"));
    }
    singer.save(&path).map_err(of_file(&path))?;
    shared.tell(CloneStage::Done { name: singer.name, seconds: singer.seconds, like: singer.like });
    Ok(())
}
