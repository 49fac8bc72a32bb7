//! A song on its way into files, in a thread of its own.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering::Relaxed};
use std::sync::{Arc, OnceLock};

use super::engine::SungVoice;
use super::recording::read_recording;
use ziyin_interchange::Budget;
use ziyin_message::{Message, ToMessage, message};
use ziyin_score::{Project, Tick};
use ziyin_singing::backing::heard_backings;
use ziyin_singing::mix::SampleFormat;
use ziyin_singing::render::Level;
use ziyin_singing::score_voices::VoiceKey;
use ziyin_singing::stems::Container;
use ziyin_singing::{RenderError, RenderOptions, render};

/// What is to be written.
#[derive(Clone, Debug, PartialEq)]
pub struct Order {
    pub folder: PathBuf,
    /// The name of the song, which the mix bears; it may be empty.
    pub title: String,
    /// The voices that are heard.
    pub voices: Vec<VoiceKey>,
    pub stems: bool,
    pub mix: bool,
    /// Samples per second.
    pub rate: u32,
    pub format: SampleFormat,
    pub container: Container,
    /// A part of the song; `None` for all of it.
    pub range: Option<(Tick, Tick)>,
    pub level: Level,
    /// Whether backing audio that is heard is a part of it.
    pub backings: bool,
    /// Whether stems have what comes back of their voice from the room.
    pub wet_stems: bool,
    /// Whether files that are there may be replaced.
    pub replace: bool,
}

impl Default for Order {
    fn default() -> Self {
        Self {
            folder: PathBuf::new(),
            title: String::new(),
            voices: Vec::new(),
            stems: true,
            mix: true,
            rate: 44_100,
            format: SampleFormat::S24,
            container: Container::Wav,
            range: None,
            level: Level::AsSung,
            backings: true,
            wet_stems: false,
            replace: false,
        }
    }
}

/// How far it is.
#[derive(Clone, Debug, PartialEq)]
pub enum Stage {
    /// From 0 to 1.
    Singing(f32),
    Done {
        files: Vec<PathBuf>,
        /// By how much all was turned down to keep the headroom, in dB.
        turned_down_db: f32,
        /// How loud the mix is, in LUFS; `None` for silence.
        lufs: Option<f64>,
        /// What is not as it was asked for.
        warnings: Vec<Message>,
    },
    /// Why nothing was written.
    Failed(Message),
}

struct Shared {
    part: AtomicU32,
    cancelled: AtomicBool,
    end: OnceLock<Stage>,
}

/// A render that goes on by itself. Dropping it lets it go on; see [`Rendering::cancel`].
pub struct Rendering(Arc<Shared>);

impl Rendering {
    /// Begins; `wake` is called whenever [`Rendering::stage`] has news. The song lies in
    /// `folder`: backing audio is looked for from there.
    pub fn begin(
        project: &Project,
        voice: SungVoice,
        order: Order,
        folder: Option<&Path>,
        wake: impl Fn() + Send + 'static,
    ) -> Self {
        let shared = Arc::new(Shared {
            part: AtomicU32::new(0),
            cancelled: AtomicBool::new(false),
            end: OnceLock::new(),
        });
        let (project, folder) = (project.clone(), folder.map(Path::to_path_buf));
        let rendering = Self(shared.clone());
        let started = std::thread::Builder::new().name("export".into()).spawn(move || {
            let sung = catch_unwind(AssertUnwindSafe(|| {
                write(&project, &voice, &order, folder.as_deref(), &shared, &wake)
            }));
            let stage = sung.unwrap_or_else(|_| Stage::Failed(message!("render.broke-down")));
            let _ = shared.end.set(stage);
            wake();
        });
        if let Err(error) = started {
            let _ = rendering.0.end.set(Stage::Failed(error.to_message()));
        }
        rendering
    }

    pub fn stage(&self) -> Stage {
        let part = f32::from_bits(self.0.part.load(Relaxed));
        self.0.end.get().cloned().unwrap_or(Stage::Singing(part))
    }

    /// Ends it soon; no file is left behind.
    pub fn cancel(&self) {
        self.0.cancelled.store(true, Relaxed);
    }
}

fn write(
    project: &Project,
    voice: &SungVoice,
    order: &Order,
    folder: Option<&Path>,
    shared: &Shared,
    wake: &dyn Fn(),
) -> Stage {
    let mut backings = Vec::new();
    if order.backings {
        let (heard, failures) =
            heard_backings(project, folder, |path| Ok(read_recording(path, &Budget::default())?.samples));
        // A mix without what the user hears in it would be another: who wants it, mutes it.
        if let Some(why) = failures.into_iter().next() {
            return Stage::Failed(why);
        }
        backings = heard;
    }
    let seconds = |tick| project.tempo.seconds(tick);
    let options = RenderOptions {
        out: order.folder.clone(),
        title: order.title.clone(),
        rate: order.rate,
        format: order.format,
        container: order.container,
        force: order.replace,
        vocoder: voice.vocoder.clone(),
        voices: Some(order.voices.clone()),
        stems: order.stems,
        mix: order.mix,
        range: order.range.map(|(from, to)| seconds(from)..seconds(to)),
        level: order.level,
        backings,
        wet_stems: order.wet_stems,
    };
    let rendered = render(project, &*voice.voice, &options, &mut |progress| {
        let part = (progress.sung / progress.of.max(1e-3)) as f32;
        shared.part.store(part.to_bits(), Relaxed);
        wake();
        !shared.cancelled.load(Relaxed)
    });
    match rendered {
        Ok(rendered) => Stage::Done {
            files: rendered.files.into_iter().map(|file| file.path).collect(),
            turned_down_db: -rendered.turned_down_db,
            lufs: rendered.loudness.lufs,
            warnings: rendered.warnings,
        },
        Err(RenderError::Exists(path)) => Stage::Failed(message!("render.there-already", path = &path)),
        Err(error) => Stage::Failed(error.in_full()),
    }
}
