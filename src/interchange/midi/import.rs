use encoding_rs::{Encoding, UTF_8};
use ziyin_message::message;

use super::{
    super::{Budget, BudgetError, Report, encoding, maps, sheet::Part, vocaloid::add_bend},
    ImportError, chunks, drums,
    events::{self, RawTrack, TextKind},
    spread, voices,
    voices::Voice,
    words::{self, Word, Words},
};
use ziyin_score::{Note, NoteId, Project, Tick, Track, TrackId};

/// How a file is to be read.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ImportOptions {
    /// The encoding of the texts of a MIDI file or UST, by name; `None` to tell it from the texts.
    pub encoding: Option<String>,
    /// Notes that sound together become tracks of their own, instead of the top line alone.
    pub split_voices: bool,
    /// Each bar of a score is sung once, whatever its repeats say.
    pub no_repeats: bool,
}

/// A song, and what was met on the way in.
#[derive(Clone, Debug, PartialEq)]
pub struct Imported {
    pub project: Project,
    pub report: Report,
}

/// Reads a MIDI file of any type. Whatever can be read of a broken one is read, and the
/// report says what could not.
///
/// # Errors
/// If it is no MIDI file at all, is too large, or the encoding is not known.
pub fn import_midi(bytes: &[u8], options: &ImportOptions, budget: &Budget) -> Result<Imported, ImportError> {
    let mut report = Report::default();
    let asked = options.encoding.as_deref().map(encoding::by_name).transpose()?;
    let chunks = chunks::find(bytes, &mut report)?;
    let mut tracks =
        events::read_tracks(&chunks.tracks, chunks.clock, chunks.sequential, &mut report, budget)?;
    drums::settle(&mut tracks, &mut report);
    let ours = tracks.iter().any(|track| track.ours);

    let texts = tracks.iter().flat_map(|track| track.texts.iter().map(|text| text.bytes));
    let detected = asked.or_else(|| if ours { Some(UTF_8) } else { encoding::detect(texts) });
    report.encoding = detected.map(Encoding::name);
    let decode = |text: &[u8]| encoding::decode_one(text, detected.unwrap_or(UTF_8));

    let names: Vec<String> = tracks.iter().map(|track| name(track, ours, decode)).collect();
    let words =
        if ours { own_words(&tracks, decode) } else { words::collect(&tracks, &names, decode, &mut report) };
    let mut ticks: Vec<Tick> = words.tracks.iter().flatten().map(|word| word.tick).collect();
    ticks.sort_unstable();
    // In a file of our own nothing is a key switch.
    let ticks = if ours { &[] } else { ticks.as_slice() };
    let mut voices = voices::make(&tracks, &names, ticks, options.split_voices, &mut report);
    for (track, (words, number)) in tracks.iter().zip(words.tracks.iter().zip(1..)) {
        let unused = if words.is_empty() && !ours { words::texts_at_notes(track) } else { 0 };
        if unused > 1 {
            report.warn(number, None, message!("warning.texts", count = unused));
        }
    }
    words::place(&words.tracks, &mut voices, ours, &mut report);

    let any_sung = voices.iter().any(|voice| voice.sung);
    let mut project = Project {
        title: title(&tracks, &names, words.title),
        tempo: maps::tempo_map(tracks.iter().flat_map(|track| &track.tempos).copied().collect()),
        meter: maps::meter_map(tracks.iter().flat_map(|track| &track.meters).copied().collect()),
        tracks: Vec::with_capacity(voices.len()),
        ..Project::default()
    };
    for (voice, id) in voices.into_iter().zip(1..) {
        // Beside a voice that sings, one without a word is an instrument.
        let mute = any_sung && !voice.sung;
        if mute && !ours {
            let text = message!("warning.muted", name = &voice.name);
            report.warn(voice.track, None, text);
        }
        let mut track = track(voice, TrackId(id), ours, &mut report, budget)?;
        track.mute = mute && !ours;
        project.tracks.push(track);
    }
    if project.tracks.is_empty() {
        report.warn(None, None, message!("warning.no-notes"));
    }
    report.count_bars(&project.meter);
    Ok(Imported { project, report })
}

/// The tracks of a MIDI file as they are, for formats that hide a song in their texts.
///
/// # Errors
/// If it is no MIDI file or too large.
pub fn read_raw<'a>(
    bytes: &'a [u8],
    report: &mut Report,
    budget: &Budget,
) -> Result<Vec<RawTrack<'a>>, ImportError> {
    let chunks = chunks::find(bytes, report)?;
    Ok(events::read_tracks(&chunks.tracks, chunks.clock, chunks.sequential, report, budget)?)
}

fn track(
    mut voice: Voice,
    id: TrackId,
    ours: bool,
    report: &mut Report,
    budget: &Budget,
) -> Result<Track, BudgetError> {
    let end = voice.notes.last().map_or(0, |note| note.end);
    let mut bent = Part::default();
    add_bend(&mut bent, &mut voice.bends, &mut voice.ranges, end, budget)?;
    let notes =
        if voice.sung && !ours { spread::spread(voice.notes, voice.track, report) } else { voice.notes };
    let mut track = Track::new(id, voice.name);
    let note = |(note, id): (voices::VoiceNote, u64)| {
        let length = note.end - note.onset;
        Note::new(NoteId(id), note.onset, length, note.pitch, note.lyric.unwrap_or_default())
    };
    track.notes = notes.into_iter().zip(1..).map(note).collect();
    track.curves = bent.into_curves(voice.track, report);
    Ok(track)
}

/// Characters that are kept of a track's name.
const LONGEST_NAME: usize = 1000;

fn name(track: &RawTrack, ours: bool, decode: impl Fn(&[u8]) -> String) -> String {
    let name = track.texts.iter().find(|text| text.kind == TextKind::Name);
    let name = name.map(|text| decode(text.bytes)).unwrap_or_default();
    // Every voice of the track carries the name.
    let name: String = name.chars().take(LONGEST_NAME).collect();
    if ours { name } else { name.trim_matches(|c: char| c.is_whitespace() || c.is_control()).into() }
}

/// The title of a song is the name of its first track, if that holds no notes or is alone, and says more
/// than that it is a track.
fn title(tracks: &[RawTrack], names: &[String], karaoke: Option<String>) -> String {
    let first_names_song = tracks.first().is_some_and(|track| track.notes.is_empty() || tracks.len() == 1);
    let first = names.first().filter(|name| first_names_song && !is_no_title(name));
    karaoke.or_else(|| first.cloned()).unwrap_or_default()
}

/// What programs call a track by themselves, above all the one that holds tempo and meter.
const NO_TITLES: [&str; 31] = [
    "conductor",
    "conductor track",
    "control",
    "control track",
    "global",
    "global track",
    "master",
    "master track",
    "meta",
    "meta track",
    "meter",
    "midi",
    "midi track",
    "new song",
    "sequence",
    "setup",
    "signature",
    "signature track",
    "song",
    "tempo",
    "tempo map",
    "tempo track",
    "tempo/meter",
    "time signature",
    "track",
    "untitled",
    "テンポ",
    "トラック",
    "指挥",
    "速度",
    "音轨",
];

fn is_no_title(name: &str) -> bool {
    let name = name.trim().to_lowercase();
    let bare = name.trim_end_matches(|c: char| c.is_numeric() || " -_#().".contains(c));
    NO_TITLES.contains(&bare)
}

/// Lyrics of a file that Ziyin wrote, as they are.
fn own_words(tracks: &[RawTrack], decode: impl Fn(&[u8]) -> String) -> Words {
    let lyrics = |track: &RawTrack| {
        let lyrics = track.texts.iter().filter(|text| text.kind == TextKind::Lyric);
        lyrics.map(|text| Word { tick: text.tick, text: decode(text.bytes) }).collect()
    };
    Words { tracks: tracks.iter().map(lyrics).collect(), title: None }
}
