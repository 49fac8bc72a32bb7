//! A song in two: its vocals, and what goes with them.

use std::path::{Path, PathBuf};
use std::{fs, io};

use ziyin_interchange::Budget;
use ziyin_interchange::audio::{Audio, read_audio};
use ziyin_listening::Separator;
use ziyin_message::{Message, ToMessage, message};
use ziyin_model::installed::models_folder;
use ziyin_singing::mix::SampleFormat;
use ziyin_singing::stems::{Container, StemWriter};

/// What became of a song.
pub struct Separated {
    pub vocals: PathBuf,
    pub accompaniment: PathBuf,
    pub seconds: f64,
    pub warnings: Vec<Message>,
}

/// Left and right of a part of a song.
type Sides<'a> = [&'a [f32]; 2];

/// The files that a song becomes in a folder: vocals and accompaniment.
pub fn separated_files(song: &Path, folder: &Path) -> [PathBuf; 2] {
    let name = song.file_stem().unwrap_or_default().to_string_lossy();
    ["vocals", "accompaniment"].map(|part| folder.join(format!("{name}-{part}.wav")))
}

/// A file beside a song for what goes with its vocals, which is not there yet.
pub fn free_accompaniment(song: &Path) -> PathBuf {
    let [_, usual] = separated_files(song, song.parent().unwrap_or(Path::new("")));
    let name = usual.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let further = (2..).map(|number| usual.with_file_name(format!("{name}-{number}.wav")));
    std::iter::once(usual.clone()).chain(further).find(|path| !path.exists()).unwrap_or(usual)
}

/// Writes vocals and accompaniment of a song into a folder, at its own rate, in floating point numbers: both
/// together are the song. `progress` hears which part is done, 0 to 1, and gives `false` to stop; `Ok(None)`
/// if it did, and nothing is left behind.
///
/// # Errors
/// Says what cannot be read or written.
pub fn separate(
    song: &Path,
    folder: &Path,
    progress: &mut dyn FnMut(f32) -> bool,
) -> Result<Option<Separated>, Message> {
    let audio = read_audio(song, &Budget::default()).map_err(|why| of_file(song, why.in_full()))?;
    let mut warnings = Vec::new();
    if audio.damaged > 0 {
        warnings.push(message!("hearing.damaged", count = audio.damaged));
    }
    let [vocals, accompaniment] = separated_files(song, folder);
    let mut writers: Option<[StemWriter; 2]> = None;
    let unwritten = |why: io::Error| of_file(folder, why.to_message());
    let mut both = |voice: Sides, rest: Sides| -> Result<(), Message> {
        // Of a song that cannot be separated no folder is left.
        let [first, second] = match &mut writers {
            Some(writers) => writers,
            None => {
                fs::create_dir_all(folder).map_err(unwritten)?;
                let created = |path| create(path, &audio).map_err(unwritten);
                writers.insert([created(&vocals)?, created(&accompaniment)?])
            }
        };
        write(first, voice).and_then(|()| write(second, rest)).map_err(unwritten)
    };
    if !take_apart(song, &audio, &mut both, progress)? {
        return Ok(None);
    }
    for writer in writers.into_iter().flatten() {
        writer.publish().map_err(unwritten)?;
    }
    let seconds = audio.sides[0].len() as f64 / f64::from(audio.rate);
    Ok(Some(Separated { vocals, accompaniment, seconds, warnings }))
}

/// The vocals of a song.
pub(super) struct Vocals {
    /// Left and right, at the rate of the song.
    pub sides: [Vec<f32>; 2],
    /// What goes with them, written for a file if one was named: whoever needs it publishes it.
    pub accompaniment: Option<StemWriter>,
}

/// The vocals of a song, left and right at its own rate; `None` if `progress` stopped it.
///
/// # Errors
/// If there are none, or says what cannot be written.
pub(super) fn vocals(
    song: &Path,
    audio: &Audio,
    accompaniment: Option<&Path>,
    progress: &mut dyn FnMut(f32) -> bool,
) -> Result<Option<Vocals>, Message> {
    let unwritten = |why: io::Error| of_file(accompaniment.unwrap_or(song), why.to_message());
    let mut writer = accompaniment.map(|path| create(path, audio).map_err(unwritten)).transpose()?;
    let mut sides: [Vec<f32>; 2] = Default::default();
    let mut keep = |part: Sides, rest: Sides| -> Result<(), Message> {
        sides.iter_mut().zip(part).for_each(|(side, part)| side.extend_from_slice(part));
        writer.as_mut().map_or(Ok(()), |writer| write(writer, rest)).map_err(unwritten)
    };
    if !take_apart(song, audio, &mut keep, progress)? {
        return Ok(None);
    }
    let power = |sides: &[Vec<f32>; 2]| sides.iter().flatten().map(|x| f64::from(x * x)).sum::<f64>();
    if power(&sides) < FAINT * power(&audio.sides) {
        return Err(of_file(song, message!("separation.no-vocals")));
    }
    Ok(Some(Vocals { sides, accompaniment: writer }))
}

/// Vocals with less than this part of the power of a song are what is left of its instruments: -30 dB.
const FAINT: f64 = 1e-3;

/// Separates a song piece by piece: `each` gets the vocals and what goes with them. Gives `false` if `progress`
/// stopped it.
fn take_apart(
    song: &Path,
    audio: &Audio,
    each: &mut dyn FnMut(Sides, Sides) -> Result<(), Message>,
    progress: &mut dyn FnMut(f32) -> bool,
) -> Result<bool, Message> {
    let models = models_folder(None).map_err(|why| why.in_full())?;
    let separator = Separator::among(&models).map_err(|why| why.in_full())?;
    let separator = separator.ok_or_else(|| message!("separation.not-installed"))?;
    let whole = audio.sides.each_ref().map(Vec::as_slice);
    let (mut done, mut failed) = (0, None);
    let finished = separator.vocals(audio.rate, whole, audio.rate, &mut |voice: Sides| {
        let count = voice[0].len();
        let rest = [0, 1].map(|side| -> Vec<f32> {
            let mix = whole[side].get(done..).unwrap_or_default();
            mix.iter().zip(voice[side]).map(|(mix, voice)| mix - voice).collect()
        });
        done += count;
        failed = each(voice, [&rest[0], &rest[1]]).err();
        failed.is_none() && progress(done as f32 / whole[0].len() as f32)
    });
    match failed {
        Some(why) => Err(why),
        None => finished.map_err(|why| of_file(song, why.in_full())),
    }
}

fn create(path: &Path, audio: &Audio) -> io::Result<StemWriter> {
    StemWriter::create(path, audio.rate, SampleFormat::F32, Container::Wav)
}

fn write(writer: &mut StemWriter, [left, right]: Sides) -> io::Result<()> {
    left.iter().zip(right).try_for_each(|(l, r)| writer.write([f64::from(*l), f64::from(*r)]))
}

fn of_file(path: &Path, why: Message) -> Message {
    message!("of-file", path, why)
}
