//! A singer made from recordings, in the background.

use std::path::{Path, PathBuf};

use super::background::{Background, Work};
use ziyin_listening::Fit;
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
    /// What is sung or said, of several recordings a line for each; empty if nobody says so. It is fitted more
    /// closely by it.
    pub words: String,
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
        /// What should be known of how it was fitted.
        remarks: Vec<Message>,
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
    use ziyin_listening::{Cloner, Ear, Refining, Worded, Words, listen, take_recording};
    use ziyin_model::installed::{cloning_voice, singer_file};
    use ziyin_model::{Consent, SingerCard, VoiceModel};

    if name_is_taken(&order.name) {
        return Err(message!("clone.name-taken"));
    }
    let models = models_folder(None).map_err(told)?;
    let folder = cloning_voice(&models).map_err(told)?;
    let config = VoiceModel::read_config(&folder).map_err(told)?;
    let words = Words::read(&order.words);
    let refine = order.refine || !words.is_empty();
    if words.is_empty() && !order.words.trim().is_empty() {
        return Err(message!("hearing.no-lyrics"));
    }
    let sung = if words.is_empty() {
        Vec::new()
    } else {
        words.of_recordings(order.recordings.len()).ok_or_else(|| {
            message!("clone.lines", lines = words.lines.len(), recordings = order.recordings.len())
        })?
    };
    let cloner = Cloner::open(&folder, &config, refine).map_err(told)?;
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
    let worded: Vec<Worded> =
        heeds.iter().zip(&sung).map(|(recording, syllables)| Worded { recording, syllables }).collect();
    let ear = if worded.is_empty() { None } else { Ear::among(&models).map_err(told)? };
    let mut progress = |part: f32, _| {
        work.tell(CloneStage::Refining(part));
        !work.is_cancelled()
    };
    let refining = Refining { words: &worded, ear: ear.as_ref(), progress: &mut progress };
    let made = cloner.singer(card, &likeness, refine.then_some(refining)).map_err(told)?;
    let Some((singer, fit)) = made else { return Ok(()) };
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
    let mut remarks = Vec::new();
    if words.unread > 0 {
        remarks.push(message!("hearing.unreadable", count = words.unread));
    }
    if refine {
        remarks.extend(remarks_on(&fit));
    }
    let (seconds, like) = (singer.seconds, singer.like);
    work.tell(CloneStage::Done { name: singer.name, seconds, like, remarks });
    Ok(())
}

/// What should be known of how a singer was fitted.
fn remarks_on(fit: &Fit) -> Vec<Message> {
    let mut remarks = Vec::new();
    if let Some([found, given]) = fit.found.filter(|[found, given]| 2 * found < *given) {
        remarks.push(message!("clone.hardly-found", found, given));
    }
    match fit.distance {
        None => remarks.push(message!("clone.little-heard")),
        Some(_) if !fit.taken => remarks.push(message!("clone.not-nearer")),
        Some(_) => {}
    }
    remarks
}

#[cfg(test)]
mod tests {
    use super::*;
    use ziyin_listening::Distance;

    #[test]
    fn it_is_said_when_words_were_not_found_or_refining_came_no_nearer() {
        let said = |fit: Fit| -> Vec<String> { remarks_on(&fit).iter().map(ToString::to_string).collect() };
        let distance = Some(Distance { before: 0.5, after: 0.4 });
        assert!(said(Fit { found: Some([9, 10]), taken: true, distance }).is_empty());
        let poor = said(Fit { found: Some([3, 10]), taken: false, distance });
        assert!(poor.len() == 2 && poor[0].contains('3') && poor[1].contains("not taken"), "{poor:?}");
        assert_eq!(said(Fit::default()).len(), 1);
    }
}
