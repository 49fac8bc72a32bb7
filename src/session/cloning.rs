//! A singer made from recordings, in the background.

use std::path::{Path, PathBuf};

use super::background::{Background, Work};
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
pub struct Cloning(Background<CloneStage>);

impl Cloning {
    /// Begins. `wake` is called when there is news.
    pub fn begin(order: CloneOrder, wake: impl Fn() + Send + Sync + 'static) -> Self {
        let ends: (fn(Message) -> CloneStage, _) = (CloneStage::Failed, message!("clone.broke-down"));
        let first = CloneStage::Listening(0.0);
        Self(Background::begin("cloning", first, wake, ends, move |work| make(&order, work)))
    }

    pub fn stage(&self) -> CloneStage {
        self.0.stage().clone()
    }
}

fn told(why: impl ToMessage) -> Message {
    why.in_full()
}

/// What went wrong with a file.
fn of_file<E: ToMessage>(path: &Path) -> impl FnOnce(E) -> Message {
    move |why| message!("of-file", path, why = why.in_full())
}

fn make(order: &CloneOrder, work: &Work<CloneStage>) -> Result<(), Message> {
    use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

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
        work.tell(CloneStage::Listening(heard as f32 / of as f32));
    })
    .map_err(|reason| match order.recordings.first() {
        Some(path) => of_file(path)(reason),
        None => told(reason),
    })?;
    if work.is_cancelled() {
        return Ok(());
    }
    work.tell(CloneStage::Loading);
    let card = SingerCard {
        name: order.name.clone(),
        credits: String::new(),
        consent: Consent::today(order.consent.clone()),
    };
    let mut refined = |step: usize, of: usize, _| {
        work.tell(CloneStage::Refining(step as f32 / of.max(1) as f32));
        !work.is_cancelled()
    };
    let refining: Option<Refining> = if order.refine { Some(&mut refined) } else { None };
    let (singer, _) = cloner.singer(card, &likeness, refining).map_err(told)?;
    if work.is_cancelled() {
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
    work.tell(CloneStage::Done { name: singer.name, seconds: singer.seconds, like: singer.like });
    Ok(())
}
