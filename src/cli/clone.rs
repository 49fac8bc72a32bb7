use std::io::{BufRead, IsTerminal, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use clap::{Args, CommandFactory, Parser, error::ErrorKind};
use indicatif::{ProgressBar, ProgressStyle};

use super::output;
use super::output::{answer, tell};
use ziyin_interchange::Budget;
use ziyin_interchange::audio::{is_named_as_audio, read_audio};
use ziyin_listening::{Cloner, Likeness, ListeningError, VoiceRecording, listen, take_recording};
use ziyin_model::installed::{cloning_voice, is_taken, models_folder, singer_file, singers_folder};
use ziyin_model::{Consent, SingerCard, VoiceModel};
use ziyin_signal::note_name;

/// Make a singer from recordings of a voice
///
/// Seconds are enough, a minute is better. Nobody has to write down what is sung or said.
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
    let cloner = Cloner::open(&folder, &config, arguments.refine)?;
    let likeness = hear(&arguments.recordings)?;
    let card = SingerCard { name: name.into(), credits: arguments.credits.trim().into(), consent };
    let bar = ProgressBar::new(1).with_style(
        ProgressStyle::with_template("refining {bar:40} {percent}% {msg}")
            .unwrap_or_else(|_| ProgressStyle::default_bar()),
    );
    let mut told = |step, of, off| {
        bar.set_length(of as u64);
        bar.set_position(step as u64);
        bar.set_message(format!("distance {off:.3}"));
        true
    };
    let (singer, refined) =
        cloner.singer(card, &likeness, if arguments.refine { Some(&mut told) } else { None })?;
    bar.finish_and_clear();
    match refined {
        Some([before, after]) => {
            tell!("refined: distance of the vowels {before:.3} before, {after:.3} after");
        }
        None if arguments.refine => tell!("warning: too little was heard of any vowel to refine"),
        None => {}
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

/// Opens recordings, says in which condition they are, and listens.
fn hear(given: &[PathBuf]) -> Result<Likeness> {
    let mut files = Vec::new();
    for path in given {
        if path.is_dir() {
            files.extend(audio_in(path)?);
        } else {
            files.push(path.clone());
        }
    }
    let mut recordings: Vec<VoiceRecording> = Vec::new();
    let mut of_file = Vec::new();
    let several = files.len() > 1;
    let (mut silence, mut clipped) = (0.0, 0);
    for file in files {
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
                recordings.push(recording);
                of_file.push(file);
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
    let bar = ProgressBar::new(recordings.len() as u64).with_style(
        ProgressStyle::with_template("listening {bar:40} {pos}/{len}")
            .unwrap_or_else(|_| ProgressStyle::default_bar()),
    );
    let heard = listen(&recordings, &|| bar.inc(1));
    bar.finish_and_clear();
    let name = |place: usize| of_file.get(place).map(|file| file.display().to_string()).unwrap_or_default();
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
