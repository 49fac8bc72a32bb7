//! What a host shows of an instance without a window of ours: which song it sings, and how it stands.

use std::path::PathBuf;
use std::sync::atomic::Ordering::Relaxed;

use super::shared::{Shared, Status};
use ziyin_model::user_folders::data_folder;
use ziyin_session::settings::Settings;

/// The songs of the studio that can be chosen, at most.
pub const SONGS: u32 = 10;

/// A parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Parameter {
    /// 0 for the song of the project, else the place of a song among those that were last open in the
    /// studio: to choose one takes it into the project.
    Song,
    /// How much is sung, from 0 to 1, and in words what hinders it; the host can only read it.
    Status,
}

impl Parameter {
    pub const ALL: [Self; 2] = [Self::Song, Self::Status];

    /// By which projects of hosts know it; never to be changed.
    pub fn id(self) -> u32 {
        match self {
            Self::Song => 1,
            Self::Status => 2,
        }
    }

    pub fn from_id(id: u32) -> Option<Self> {
        Self::ALL.into_iter().find(|parameter| parameter.id() == id)
    }

    pub fn name(self) -> &'static str {
        match self {
            Self::Song => "Song",
            Self::Status => "Status",
        }
    }

    /// The greatest value; the least is 0.
    pub fn most(self) -> f64 {
        match self {
            Self::Song => SONGS.into(),
            Self::Status => 1.0,
        }
    }

    pub fn value(self, shared: &Shared) -> f64 {
        match self {
            Self::Song => shared.chosen.load(Relaxed).into(),
            Self::Status => match shared.status() {
                Status::Singing { done, .. } => done.into(),
                Status::Empty | Status::Preparing | Status::Failed(_) => 0.0,
            },
        }
    }

    /// Takes a value from the host. May be called on the audio thread.
    pub fn set(self, shared: &Shared, value: f64) {
        if self == Self::Song {
            shared.chosen.store(value.round().clamp(0.0, self.most()) as u32, Relaxed);
        }
    }

    /// A value in words.
    pub fn text(self, shared: &Shared, value: f64) -> String {
        match self {
            Self::Song => {
                let chosen = value.round().clamp(0.0, self.most()) as u32;
                let name = || Some(song_at(chosen)?.file_stem()?.to_string_lossy().into_owned());
                if chosen == 0 { "in the project".into() } else { name().unwrap_or_else(|| "none".into()) }
            }
            Self::Status => status_text(shared),
        }
    }
}

/// The song of the studio at a place from 1 on, the one that was open last first.
pub fn song_at(place: u32) -> Option<PathBuf> {
    let settings = Settings::load(&data_folder()?);
    settings.recent.into_iter().nth(place.checked_sub(1)? as usize)
}

fn status_text(shared: &Shared) -> String {
    if let Some(why) = shared.refusal() {
        return format!("refused: {why}");
    }
    match shared.status() {
        Status::Empty => "no song".into(),
        Status::Preparing => "preparing".into(),
        Status::Failed(why) => why,
        Status::Singing { warnings, .. } if !warnings.is_empty() => warnings.join("; "),
        Status::Singing { done, .. } if done < 1.0 => format!("{:.0} % sung", 100.0 * done),
        Status::Singing { .. } => "sung".into(),
    }
}
