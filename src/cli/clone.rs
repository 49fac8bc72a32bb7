use std::io::{BufRead, IsTerminal, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};
use clap::{Args, CommandFactory, Parser, error::ErrorKind};
use indicatif::{ProgressBar, ProgressStyle};

use super::output;
use super::output::{answer, tell};
use ziyin_interchange::Budget;
use ziyin_interchange::audio::{is_named_as_audio, read_audio};
use ziyin_listening::{
    Cloner, Distance, Ear, Fit, Likeness, ListeningError, Refining, VoiceRecording, Worded, Words, listen,
    take_recording,
};
use ziyin_lyrics::Syllable;
use ziyin_model::installed::{cloning_voice, is_taken, models_folder, singer_file, singers_folder};
use ziyin_model::{Consent, SingerCard, VoiceModel};
use ziyin_signal::note_name;

/// Make a singer from recordings of a voice
///
/// Seconds are enough, a minute is better. Nobody has to write down what is sung or said, but whoever does gets
/// a singer who is more like it.
#[derive(Args)]
pub struct Arguments {
    /// Recordings: WAV, FLAC, MP3, Ogg Vorbis, Opus, AIFF, CAF or M4A, or folders of them
    #[arg(required = true)]
    recordings: Vec<PathBuf>,
    /// The name of the singer
    #[arg(long)]
    name: String,
    /// A sentence that says that the person whose voice it is agrees; it is kept in the file
    #[arg(long, value_name = "TEXT")]
    consent: Option<String>,
    /// Whom to thank
    #[arg(long, value_name = "TEXT", default_value = "")]
    credits: String,
    /// The folder of the voice that shall sing, if it is not the first that can be cloned with
    #[arg(long, value_name = "DIR")]
    voice: Option<PathBuf>,
    /// Then fit the singer more closely to the recordings; it takes a minute or two
    #[arg(long)]
    refine: bool,
    /// What is sung or said, or a text file with it, in any script that lyrics may have; of several recordings
    /// a line for each, in their order. The singer is then fitted by every sound and not by vowels alone
    #[arg(long, value_name = "TEXT|FILE")]
    text: Option<String>,
    /// The file, if the singer is not to be installed
    #[arg(short, long, value_name = "FILE.singer")]
    output: Option<PathBuf>,
    /// Overwrite a file that exists
    #[arg(long)]
    force: bool,
}

/// Most recordings of one folder that are listened to.
const MOST_RECORDINGS: usize = 200;

pub fn run(arguments: &Arguments) -> Result<()> {
    let name = arguments.name.trim();
    if name.is_empty() {
        wrong_usage("a singer needs a name");
    }
    let consent = Consent::today(consent(arguments)?);
    let path = match &arguments.output {
        Some(path) => path.clone(),
        None => {
            let folder = singers_folder().context("there is no folder for singers; name a file with -o")?;
            std::fs::create_dir_all(&folder)
                .with_context(|| format!("cannot create {}", folder.display()))?;
            let path = singer_file(&folder, name);
            // A file of that name is spoken of below.
            let models = models_folder(None).unwrap_or_default();
            if !path.exists() && is_taken(name, &models, &folder) {
                bail!("a singer named {name} is installed already; choose another name");
            }
            path
        }
    };
    output::check_free(&path, arguments.force)?;
    let folder = match &arguments.voice {
        Some(folder) => folder.clone(),
        None => cloning_voice(&models_folder(None)?)?,
    };
    let config = VoiceModel::read_config(&folder)?;
    if config.has_singer(name) {
        bail!("{name} sings already in the voice {}; choose another name", config.name);
    }
    let words = arguments.text.as_deref().map(read_words).transpose()?;
    let refined = arguments.refine || words.is_some();
    let cloner = Cloner::open(&folder, &config, refined)?;
    let Opened { files, recordings, places, given } = open(&arguments.recordings)?;
    let sung = match &words {
        Some(words) => of_recordings(words, given)?,
        None => Vec::new(),
    };
    let of_place = |place: &usize| sung.get(*place);
    let worded: Vec<Worded> = recordings
        .iter()
        .zip(places.iter().filter_map(of_place))
        .map(|(recording, syllables)| Worded { recording, syllables })
        .collect();
    let ear = match folder.parent() {
        Some(models) if !worded.is_empty() => Ear::among(models)?,
        _ => None,
    };
    let likeness = hear(&files, &recordings)?;
    let card = SingerCard { name: name.into(), credits: arguments.credits.trim().into(), consent };
    let bar = ProgressBar::new(1).with_style(
        ProgressStyle::with_template("refining {bar:40} {percent}% {msg}")
            .unwrap_or_else(|_| ProgressStyle::default_bar()),
    );
    bar.set_length(1000);
    let mut told = |part: f32, off: Option<f32>| {
        bar.set_position((1000.0 * part) as u64);
        bar.set_message(off.map_or(String::new(), |off| format!("distance {off:.3}")));
        true
    };
    let refining = Refining { words: &worded, ear: ear.as_ref(), progress: &mut told };
    let made = cloner.singer(card, &likeness, refined.then_some(refining))?;
    bar.finish_and_clear();
    let (singer, fit) = made.context("cloning was stopped")?;
    if refined {
        tell_of(&fit);
    }
    singer.save(&path).with_context(|| format!("cannot write {}", path.display()))?;
    answer!("{}", path.display())?;
    tell!(
        "{} from {:.0} s of voice, most like {}, {} to {}",
        singer.name,
        singer.seconds,
        singer.like,
        note_name(singer.range[0]),
        note_name(singer.range[1])
    );
    Ok(())
}

/// Says what became of a refinement.
fn tell_of(fit: &Fit) {
    if let Some([found, given]) = fit.found {
        tell!("{found} of {given} characters were found in the recordings");
        if 2 * found < given {
            tell!("warning: the recordings hardly sound as the text has it");
        }
    }
    match fit.distance {
        Some(Distance { before, after }) if fit.taken => {
            tell!("refined: distance to what was held back {before:.3} before, {after:.3} after");
        }
        Some(Distance { before, after }) => tell!(
            "warning: refining came no nearer to what was held back of the recordings ({before:.3} before, \
             {after:.3} after) and is not taken"
        ),
        None => tell!("warning: too little was heard to refine by"),
    }
}

/// Largest text that is read.
const MOST_BYTES: u64 = 1 << 20;

/// The words of a text, or of the file that it names.
fn read_words(given: &str) -> Result<Words> {
    let path = Path::new(given);
    // A text is longer than names of files may be, or names none.
    let text = match std::fs::metadata(path) {
        Ok(file) if file.is_file() => {
            ensure!(file.len() <= MOST_BYTES, "{} is too large for a text", path.display());
            let bytes = std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
            String::from_utf8(bytes).with_context(|| format!("{} is no text in UTF-8", path.display()))?
        }
        _ => given.to_string(),
    };
    let words = Words::read(&text);
    if words.unread > 0 {
        tell!("warning: {} lyrics cannot be read and are left out", words.unread);
    }
    ensure!(!words.is_empty(), "there is nothing to sing in the text");
    Ok(words)
}

/// What each of so many recordings sings.
fn of_recordings(words: &Words, count: usize) -> Result<Vec<Vec<Syllable>>> {
    words.of_recordings(count).with_context(|| {
        let lines = words.lines.len();
        format!("of {count} recordings the text needs a line each, in their order, and it has {lines}")
    })
}

/// Recordings that were opened.
struct Opened {
    files: Vec<PathBuf>,
    recordings: Vec<VoiceRecording>,
    /// Which of all that were given each is.
    places: Vec<usize>,
    /// How many were given.
    given: usize,
}

/// Opens recordings and says in which condition they are.
fn open(given: &[PathBuf]) -> Result<Opened> {
    let mut files = Vec::new();
    for path in given {
        if path.is_dir() {
            files.extend(audio_in(path)?);
        } else {
            files.push(path.clone());
        }
    }
    let mut opened =
        Opened { files: Vec::new(), recordings: Vec::new(), places: Vec::new(), given: files.len() };
    let several = files.len() > 1;
    let (mut silence, mut clipped) = (0.0, 0);
    for (place, file) in files.into_iter().enumerate() {
        let refused = || format!("{} cannot be cloned from", file.display());
        let audio = read_audio(&file, &Budget::default()).with_context(refused)?;
        match take_recording(audio.rate, &audio.sides, audio.damaged) {
            Ok(recording) => {
                let condition = recording.condition;
                silence += condition.silence;
                clipped += condition.clipped;
                if condition.above_hiss < 25.0 {
                    tell!(
                        "warning: {}: the voice stands only {:.0} dB above the hiss, or never pauses",
                        file.display(),
                        condition.above_hiss
                    );
                }
                if condition.damaged > 0 {
                    tell!("warning: {}: {} damaged parts are left out", file.display(), condition.damaged);
                }
                opened.recordings.push(recording);
                opened.places.push(place);
                opened.files.push(file);
            }
            Err(ListeningError::NoVoice(reason)) if several => {
                tell!("warning: {} is left out: {reason}", file.display());
            }
            Err(error) => return Err(error).with_context(refused),
        }
    }
    if silence > 0.5 {
        tell!("{silence:.1} s of silence are left out");
    }
    if clipped > 0 {
        tell!("warning: peaks are cut off in {clipped} places: it was recorded too loud");
    }
    Ok(opened)
}

/// Listens to recordings that were opened from `files`.
fn hear(files: &[PathBuf], recordings: &[VoiceRecording]) -> Result<Likeness> {
    let bar = ProgressBar::new(recordings.len() as u64).with_style(
        ProgressStyle::with_template("listening {bar:40} {pos}/{len}")
            .unwrap_or_else(|_| ProgressStyle::default_bar()),
    );
    let heard = listen(recordings, &|| bar.inc(1));
    bar.finish_and_clear();
    let name = |place: usize| files.get(place).map(|file| file.display().to_string()).unwrap_or_default();
    match heard {
        Ok((likeness, left_out)) => {
            for (place, reason) in left_out {
                tell!("warning: {} is left out: {reason}", name(place));
            }
            Ok(likeness)
        }
        Err(reason) => Err(anyhow::Error::new(reason).context(format!("{} cannot be cloned from", name(0)))),
    }
}

fn audio_in(folder: &Path) -> Result<Vec<PathBuf>> {
    let entries = std::fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))?;
    let paths = entries.flatten().map(|entry| entry.path());
    let mut files: Vec<PathBuf> = paths.filter(|path| is_named_as_audio(path)).collect();
    files.sort();
    if files.is_empty() {
        bail!("{} holds no recordings", folder.display());
    }
    // Of many, some from everywhere.
    let step = files.len().div_ceil(MOST_RECORDINGS);
    Ok(files.into_iter().step_by(step).collect())
}

/// The consent that was given, or that is given now.
fn consent(arguments: &Arguments) -> Result<String> {
    let mut text = arguments.consent.clone().unwrap_or_default();
    if arguments.consent.is_none() && std::io::stdin().is_terminal() {
        write!(
            std::io::stderr(),
            "Whose voice is it, and do they agree that it is cloned? Say so in a sentence: "
        )?;
        std::io::stdin().lock().read_line(&mut text)?;
    }
    let text = text.trim();
    if text.is_empty() {
        wrong_usage(
            "a voice is cloned only with the consent of the person whose voice it is; say so with --consent \"…\"",
        );
    }
    Ok(text.to_string())
}

/// Ends with 2, as wrong usage does.
fn wrong_usage(reason: &str) -> ! {
    #[derive(Parser)]
    #[command(name = "ziyin clone")]
    struct Clone {}
    Clone::command().error(ErrorKind::MissingRequiredArgument, reason).exit()
}
