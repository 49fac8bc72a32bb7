//! By what the blocks are coloured.

use egui::Color32;
use egui::ecolor::HsvaGamma;

use crate::widgets::track_colour;
use ziyin_score::Track;

/// By what the blocks are coloured.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Colouring {
    #[default]
    Track,
    Singer,
}

impl Colouring {
    pub const ALL: [(Colouring, &str); 2] =
        [(Self::Track, "arrangement.by-track"), (Self::Singer, "arrangement.by-singer")];

    /// The colour of a track among all of a song.
    pub fn of(self, track: &Track, all: &[Track]) -> Color32 {
        match self {
            Self::Track => track_colour(track.colour),
            Self::Singer => {
                // Who sings first has the first colour, and as many as there are are told apart.
                let mut singers: Vec<Option<&str>> = Vec::new();
                for singer in all.iter().map(|track| track.singer.as_deref()) {
                    if !singers.contains(&singer) {
                        singers.push(singer);
                    }
                }
                let place = singers.iter().position(|singer| *singer == track.singer.as_deref());
                let turn = 0.58 + place.unwrap_or(0) as f32 * 0.618_034;
                HsvaGamma { h: turn.fract(), s: 0.55, v: 0.85, a: 1.0 }.into()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ziyin_score::TrackId;

    #[test]
    fn tracks_of_one_singer_have_one_colour() {
        let track = |id, singer: Option<&str>| Track {
            singer: singer.map(Into::into),
            ..Track::new(TrackId(id), "")
        };
        let all = [track(1, None), track(2, Some("Haruka")), track(3, None)];
        let colours = all.each_ref().map(|track| Colouring::Singer.of(track, &all));
        assert!(colours[0] == colours[2] && colours[0] != colours[1]);
        assert_ne!(Colouring::Track.of(&all[0], &all), Colouring::Track.of(&all[2], &all));
    }
}
