//! The `.ziyin` file: JSON with one note, one curve point, one tempo change to a line, in
//! an order that never changes by itself, so that versions of a song compare line by line.

use std::{
    collections::HashSet,
    fs,
    io::{self, BufWriter, Read, Write},
    path::{Path, PathBuf},
};
use ziyin_lyrics::Language;
use ziyin_message::{Message, ToMessage, message};

use atomic_write_file::AtomicWriteFile;
use serde::{Deserialize, Serialize};

use super::project::USUAL_ROOM_S;
use super::{
    Backing, CurveKind, Harmony, HarmonyKind, InvalidScore, Key, Marker, MeterMap, Note, Project,
    TempoChange, TempoMap, Tick, TimeSignatureChange, Track, TrackId, bounds,
};

/// The newest version of the format. Older ones are read, newer ones refused; whatever an
/// older reader would lose or misread needs a new version.
///
/// 1. title, tempo, meter, tracks
/// 2. backing audio
/// 3. the key of the song
/// 4. levels and manner of a note
/// 5. pan of backing audio
/// 6. inflection of a track, delay of a harmony
/// 7. expression of a track
/// 8. tracks in English
/// 9. how the characters of a note are sung
/// 10. the loop, intervals that are pinned to a key
/// 11. notes that are sung in another take
/// 12. markers
/// 13. cuts and fades of backing audio, its solo, the gain of the mix
/// 14. transitions between notes, fades of a vibrato
/// 15. words that wait for notes
/// 16. notes in a language of their own
/// 17. the room, tracks that are hidden
/// 18. second singers and the curve of mixture, backing audio in the room
/// 19. folders of tracks, notes with a timbre of their own, falsetto and growl
/// 20. notes that are muted, the gain of folders
pub const FORMAT_VERSION: u32 = 20;

/// The largest file that is read: far more notes than anybody writes in a life.
const MOST_BYTES: u64 = 256 << 20;

/// A song is written in the oldest version that holds it, for older readers.
fn version_of(project: &Project) -> u32 {
    let muted = |track: &Track| track.notes.iter().any(|note| note.muted);
    if project.tracks.iter().any(|track| track.folder_gain_db != 0.0 || muted(track)) {
        return 20;
    }
    let foldered = |track: &Track| track.folder.is_some() || track.folded;
    let mut notes = project.tracks.iter().flat_map(|track| track.notes.iter());
    let is_new = |note: &Note| !note.timbre.is_usual() || note.manner.is_some_and(|manner| !manner.is_old());
    if project.tracks.iter().any(foldered) || notes.any(is_new) {
        return 19;
    }
    let mixed = |track: &Track| track.second.is_some() || !track.curves.mixture.is_empty();
    if project.tracks.iter().any(mixed) || project.backings.iter().any(|backing| backing.room != 0.0) {
        return 18;
    }
    let in_room = project.room_s != USUAL_ROOM_S || project.tracks.iter().any(|track| track.room != 0.0);
    if in_room || project.tracks.iter().any(|track| track.hidden) {
        return 17;
    }
    if project.tracks.iter().any(|track| track.notes.iter().any(|note| note.language.is_some())) {
        return 16;
    }
    if project.tracks.iter().any(|track| !track.words.is_empty()) {
        return 15;
    }
    let mut notes = project.tracks.iter().flat_map(|track| track.notes.iter());
    let fades = |note: &Note| note.vibrato.is_some_and(|vibrato| !vibrato.fades_as_usual());
    if notes.any(|note| note.transition.is_some() || fades(note)) {
        return 14;
    }
    let cut = |backing: &Backing| (backing.trim_us, backing.fade_us) != ([0; 2], [0; 2]);
    if project.mix_gain_db != 0.0 || project.backings.iter().any(|backing| cut(backing) || backing.solo) {
        return 13;
    }
    if !project.markers.is_empty() {
        return 12;
    }
    if project.tracks.iter().any(|track| track.notes.iter().any(|note| note.take != 0)) {
        return 11;
    }
    if project.looped.is_some() || !is_pinned_by_its_key(project) {
        return 10;
    }
    let mut notes = project.tracks.iter().flat_map(|track| track.notes.iter());
    if notes.any(|note| !note.articulations.is_empty()) {
        return 9;
    }
    if project.tracks.iter().any(|track| track.language == Some(Language::English)) {
        return 8;
    }
    if project.tracks.iter().any(|track| !track.is_expressive_as_usual()) {
        return 7;
    }
    let delayed = |track: &Track| track.harmonies.iter().any(|harmony| harmony.delay != 0.0);
    if project.tracks.iter().any(|track| !track.is_inflected_as_usual() || delayed(track)) {
        return 6;
    }
    if project.backings.iter().any(|backing| backing.pan != 0.0) {
        return 5;
    }
    let mut notes = project.tracks.iter().flat_map(|track| track.notes.iter());
    if notes.any(|note| !note.levels.is_usual() || note.manner.is_some()) {
        return 4;
    }
    match (project.key, project.backings.is_empty()) {
        (Some(_), _) => 3,
        (None, false) => 2,
        (None, true) => 1,
    }
}

/// Before version 10 an interval that is in another key than it would go along with was pinned to it.
fn is_pinned_by_its_key(project: &Project) -> bool {
    let stands = |(track, index, followed): (&Track, usize, Harmony)| {
        let harmony = track.harmonies[index];
        harmony.pinned == (followed != harmony)
    };
    // What is counted in no key is pinned to none.
    let is_idle = |harmony: &Harmony| harmony.pinned && !matches!(harmony.kind, HarmonyKind::Interval { .. });
    !project.tracks.iter().flat_map(|track| &track.harmonies).any(is_idle) && project.intervals().all(stands)
}

fn pin_by_key(project: &mut Project) {
    let of_another_key =
        |&(track, index, followed): &(&Track, usize, Harmony)| followed != track.harmonies[index];
    let pinned: HashSet<(TrackId, usize)> =
        project.intervals().filter(of_another_key).map(|(track, index, _)| (track.id, index)).collect();
    for track in &mut project.tracks {
        for (index, harmony) in track.harmonies.iter_mut().enumerate() {
            harmony.pinned = pinned.contains(&(track.id, index));
        }
    }
}

/// Why a song could not be read.
#[derive(Debug, thiserror::Error)]
#[error("{}", self.to_message())]
pub enum LoadError {
    Io(#[from] io::Error),
    NotASong(#[from] serde_json::Error),
    Newer { found: u32 },
    TooLarge,
    Invalid(#[from] InvalidScore),
}

impl ToMessage for LoadError {
    fn to_message(&self) -> Message {
        match self {
            Self::Io(_) => message!("song.io"),
            Self::NotASong(_) => message!("song.not-a-song"),
            Self::Newer { found } => message!("song.newer", found, known = FORMAT_VERSION),
            Self::TooLarge => message!("song.too-large", limit = MOST_BYTES),
            Self::Invalid(_) => message!("song.invalid"),
        }
    }

    fn cause(&self) -> Option<Message> {
        match self {
            Self::Io(why) => Some(why.to_message()),
            Self::NotASong(why) => Some(why.to_message()),
            Self::Invalid(why) => Some(why.to_message()),
            _ => None,
        }
    }
}

#[derive(Deserialize)]
struct Version {
    ziyin: u32,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Song {
    #[serde(rename = "ziyin")]
    _version: u32,
    title: String,
    tempo: Vec<TempoChange>,
    meter: Vec<TimeSignatureChange>,
    #[serde(default)]
    key: Option<Key>,
    #[serde(default, rename = "loop")]
    looped: Option<(Tick, Tick)>,
    #[serde(default)]
    markers: Vec<Marker>,
    #[serde(default)]
    mix_gain_db: f32,
    #[serde(default = "usual_room")]
    room_s: f32,
    #[serde(default)]
    backings: Vec<Backing>,
    tracks: Vec<Track>,
}

fn usual_room() -> f32 {
    USUAL_ROOM_S
}

impl Project {
    /// Reads a song from the bytes of a `.ziyin` file.
    ///
    /// # Errors
    /// All of [`LoadError`] but `Io`.
    pub fn from_json(json: &[u8]) -> Result<Project, LoadError> {
        // The version comes first: of a newer song nothing else can be relied on.
        let Version { ziyin: found } = serde_json::from_slice(json)?;
        if found > FORMAT_VERSION {
            return Err(LoadError::Newer { found });
        }
        let song: Song = serde_json::from_slice(json)?;
        let mut project = Project {
            title: song.title,
            tempo: TempoMap::new(song.tempo)?,
            meter: MeterMap::new(song.meter)?,
            key: song.key,
            looped: song.looped,
            markers: song.markers,
            mix_gain_db: song.mix_gain_db,
            room_s: song.room_s,
            tracks: song.tracks,
            backings: song.backings,
        };
        bounds::bring_within(&mut project);
        if found < 10 {
            pin_by_key(&mut project);
        }
        project.check()?;
        Ok(project)
    }

    /// Reads a `.ziyin` file.
    ///
    /// # Errors
    /// All of [`LoadError`].
    pub fn load(path: &Path) -> Result<Project, LoadError> {
        // A pipe or a device may never end.
        if !fs::metadata(path)?.is_file() {
            return Err(
                io::Error::new(io::ErrorKind::InvalidInput, "it is a device, a pipe or a folder").into()
            );
        }
        Self::read(fs::File::open(path)?)
    }

    /// Reads a song from where the bytes of a `.ziyin` file come from.
    ///
    /// # Errors
    /// All of [`LoadError`].
    pub fn read(source: impl Read) -> Result<Project, LoadError> {
        let mut json = Vec::new();
        source.take(MOST_BYTES + 1).read_to_end(&mut json)?;
        if json.len() as u64 > MOST_BYTES {
            return Err(LoadError::TooLarge);
        }
        Self::from_json(&json)
    }

    /// Writes a `.ziyin` file: whatever happens, the path holds either the old song or
    /// the new one, whole. The version before stays beside it, see [`backup_path`].
    ///
    /// # Errors
    /// If the file system refuses; the old song is then still in place.
    pub fn save(&self, path: &Path) -> io::Result<()> {
        // A link stays one: what it leads to is written, with the mode that it has.
        let target = if path.is_symlink() { fs::canonicalize(path)? } else { path.to_path_buf() };
        let path = target.as_path();
        let file = AtomicWriteFile::open(path)?;
        let mut out = BufWriter::new(file);
        self.write_json(&mut out)?;
        let file = out.into_inner().map_err(|error| error.into_error())?;
        if path.exists() {
            keep_previous(path)?;
        }
        file.commit()
    }

    /// Writes the song as the text of a `.ziyin` file.
    ///
    /// # Errors
    /// Those of the writer.
    pub fn write_json(&self, out: &mut impl Write) -> io::Result<()> {
        writeln!(out, "{{\n  \"ziyin\": {},", version_of(self))?;
        field(out, "  ", "title", &self.title)?;
        list(out, "  ", "tempo", self.tempo.changes())?;
        writeln!(out, ",")?;
        list(out, "  ", "meter", self.meter.changes())?;
        if let Some(key) = self.key {
            writeln!(out, ",")?;
            write!(out, "  \"key\": ")?;
            serde_json::to_writer(&mut *out, &key)?;
        }
        if let Some(looped) = self.looped {
            writeln!(out, ",")?;
            write!(out, "  \"loop\": ")?;
            serde_json::to_writer(&mut *out, &looped)?;
        }
        if !self.markers.is_empty() {
            writeln!(out, ",")?;
            list(out, "  ", "markers", &self.markers)?;
        }
        if self.mix_gain_db != 0.0 {
            writeln!(out, ",")?;
            write!(out, "  \"mix_gain_db\": ")?;
            serde_json::to_writer(&mut *out, &self.mix_gain_db)?;
        }
        if self.room_s != USUAL_ROOM_S {
            writeln!(out, ",")?;
            write!(out, "  \"room_s\": ")?;
            serde_json::to_writer(&mut *out, &self.room_s)?;
        }
        if !self.backings.is_empty() {
            writeln!(out, ",")?;
            list(out, "  ", "backings", &self.backings)?;
        }
        write!(out, ",\n  \"tracks\": [")?;
        for (index, track) in self.tracks.iter().enumerate() {
            write!(out, "{}\n    {{\n", if index == 0 { "" } else { "," })?;
            write_track(out, track)?;
            write!(out, "    }}")?;
        }
        writeln!(out, "{}]\n}}", if self.tracks.is_empty() { "" } else { "\n  " })
    }
}

/// Where [`Project::save`] keeps the version before: `SONG.ziyin.bak` beside `SONG.ziyin`.
pub fn backup_path(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".bak");
    name.into()
}

/// A second name for the old file is enough: the new one takes its name, not its bytes.
fn keep_previous(path: &Path) -> io::Result<()> {
    let backup = backup_path(path);
    match fs::remove_file(&backup) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    // Not every file system knows hard links.
    fs::hard_link(path, &backup).or_else(|_| fs::copy(path, &backup).map(drop))
}

fn write_track(out: &mut impl Write, track: &Track) -> io::Result<()> {
    const INDENT: &str = "      ";
    field(out, INDENT, "id", &track.id)?;
    field(out, INDENT, "name", &track.name)?;
    field(out, INDENT, "singer", &track.singer)?;
    if track.second.is_some() {
        field(out, INDENT, "second", &track.second)?;
    }
    field(out, INDENT, "language", &track.language)?;
    if !track.is_inflected_as_usual() {
        field(out, INDENT, "inflection", &track.inflection)?;
    }
    if !track.is_expressive_as_usual() {
        field(out, INDENT, "expression", &track.expression)?;
    }
    field(out, INDENT, "gain_db", &track.gain_db)?;
    field(out, INDENT, "pan", &track.pan)?;
    if track.room != 0.0 {
        field(out, INDENT, "room", &track.room)?;
    }
    field(out, INDENT, "mute", &track.mute)?;
    field(out, INDENT, "solo", &track.solo)?;
    if track.hidden {
        field(out, INDENT, "hidden", &track.hidden)?;
    }
    if track.folder.is_some() {
        field(out, INDENT, "folder", &track.folder)?;
    }
    if track.folded {
        field(out, INDENT, "folded", &track.folded)?;
    }
    if track.folder_gain_db != 0.0 {
        field(out, INDENT, "folder_gain_db", &track.folder_gain_db)?;
    }
    field(out, INDENT, "colour", &track.colour)?;
    list(out, INDENT, "harmonies", &track.harmonies)?;
    write!(out, ",\n{INDENT}\"curves\": {{")?;
    let drawn = CurveKind::ALL.iter().filter(|&&kind| !track.curves.get(kind).is_empty());
    for (index, &kind) in drawn.enumerate() {
        writeln!(out, "{}", if index == 0 { "" } else { "," })?;
        list(out, "        ", kind.name(), track.curves.get(kind))?;
    }
    let any = CurveKind::ALL.iter().any(|&kind| !track.curves.get(kind).is_empty());
    writeln!(out, "{}}},", if any { "\n      " } else { "" })?;
    if !track.words.is_empty() {
        field(out, INDENT, "words", &track.words)?;
    }
    list(out, INDENT, "notes", &track.notes)?;
    writeln!(out)
}

fn field(out: &mut impl Write, indent: &str, name: &str, value: &impl Serialize) -> io::Result<()> {
    write!(out, "{indent}\"{name}\": ")?;
    serde_json::to_writer(&mut *out, value)?;
    writeln!(out, ",")
}

fn list<T: Serialize>(out: &mut impl Write, indent: &str, name: &str, items: &[T]) -> io::Result<()> {
    write!(out, "{indent}\"{name}\": [")?;
    for (index, item) in items.iter().enumerate() {
        write!(out, "{}\n{indent}  ", if index == 0 { "" } else { "," })?;
        serde_json::to_writer(&mut *out, item)?;
    }
    if !items.is_empty() {
        write!(out, "\n{indent}")?;
    }
    write!(out, "]")
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::{PermissionsExt, symlink};

    use super::*;

    #[test]
    fn a_link_to_a_song_stays_a_link_and_the_song_keeps_its_mode() {
        let folder = tempfile::tempdir().unwrap();
        let (song, link) = (folder.path().join("song.ziyin"), folder.path().join("link.ziyin"));
        Project::default().save(&song).unwrap();
        fs::set_permissions(&song, fs::Permissions::from_mode(0o640)).unwrap();
        symlink("song.ziyin", &link).unwrap();
        let changed = Project { title: "changed".into(), ..Project::default() };
        changed.save(&link).unwrap();
        assert!(link.is_symlink());
        assert_eq!(Project::load(&song).unwrap(), changed);
        assert_eq!(fs::metadata(&song).unwrap().permissions().mode() & 0o777, 0o640);
        assert_eq!(Project::load(&backup_path(&song)).unwrap(), Project::default());
    }
}
