//! What part of the song is on screen, and the tools. All lanes share one view, so that
//! they stay aligned.

use std::collections::BTreeSet;

use super::snap::{Rhythm, Snap};
use ziyin_score::{CurveKind, Note, TICKS_PER_QUARTER, Tick, TrackId};

/// What the pointer does on the roll.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tool {
    /// Selects, moves and resizes; a double click draws.
    Select,
    /// Selects what a line drawn around it holds.
    Lasso,
    /// Draws notes.
    Draw,
    /// Erases what it touches.
    Erase,
    /// Draws the pitch curve over the notes.
    Pitch,
}

/// What the lane under the lyrics shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lane {
    Curve(CurveKind),
    /// Attack, body and release of each note.
    Levels,
}

/// Which tracks shine through behind the notes of the active one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ghosts {
    /// Whether none does.
    pub none: bool,
    /// Those that do not.
    without: BTreeSet<TrackId>,
}

impl Ghosts {
    pub fn shows(&self, track: TrackId) -> bool {
        !self.none && !self.without.contains(&track)
    }

    /// Lets a track shine through, or no longer.
    pub fn toggle(&mut self, track: TrackId) {
        if self.shows(track) {
            self.without.insert(track);
        } else {
            self.none = false;
            self.without.remove(&track);
        }
    }
}

/// Zoom, scroll and tools.
#[derive(Clone, Debug)]
pub struct View {
    /// The tick at the left edge of the lanes.
    pub left: f64,
    /// Points on screen for each tick.
    pub scale: f64,
    /// Points for each key.
    pub key_height: f32,
    pub tool: Tool,
    pub snap: Snap,
    /// The region that is played in a loop.
    pub looped: Option<(Tick, Tick)>,
    /// The region that was played in a loop last: what a loop that is switched on again takes.
    pub last_loop: Option<(Tick, Tick)>,
    /// Whether playing scrolls the view along.
    pub follow: bool,
    pub lane: Lane,
    pub show_curves: bool,
    /// Whether the window is so low that curves leave the notes less than an octave, as far as it was seen.
    pub low: bool,
    /// Whether they are shown there all the same.
    pub show_curves_low: bool,
    pub show_spectrogram: bool,
    /// Whether the keys of the scale are lighter, rather than the white ones.
    pub show_scale: bool,
    pub show_phonemes: bool,
    /// Whether keys of a MIDI keyboard become notes at the play head while nothing plays.
    pub step_input: bool,
    pub ghosts: Ghosts,
    /// Where zoom and scroll are going, for a smooth way there.
    goal: Option<(f64, f64)>,
    /// The key in the middle of the roll; a fraction is a part of a key. It stays where the roll becomes
    /// higher or lower, so that keys stand to the last bit where they would had it always been so high.
    middle: f32,
    /// Height of the roll in the last frame, in points; 0 before the first.
    height: f32,
}

/// Height of a key at which its note can be read, in points.
pub const LOWEST_KEY: f32 = 11.0;

/// Width of the keyboard at the left of all lanes, in points.
pub const KEYBOARD: f32 = 64.0;

impl Default for View {
    fn default() -> Self {
        Self {
            left: 0.0,
            scale: 0.1,
            key_height: 18.0,
            tool: Tool::Select,
            snap: Snap { value: 16, rhythm: Rhythm::Straight },
            looped: None,
            last_loop: None,
            follow: true,
            lane: Lane::Curve(CurveKind::Loudness),
            show_curves: true,
            low: false,
            show_curves_low: false,
            show_spectrogram: false,
            show_scale: true,
            show_phonemes: false,
            step_input: false,
            ghosts: Ghosts::default(),
            goal: None,
            middle: 76.0,
            height: 0.0,
        }
    }
}

impl View {
    /// Whether there is a lane of curves in the window.
    pub fn shows_curves(&self) -> bool {
        self.show_curves && (!self.low || self.show_curves_low)
    }

    /// Shows the lane of curves, or takes it away.
    pub fn toggle_curves(&mut self) {
        let shows = !self.shows_curves();
        match (self.low, shows) {
            (true, true) => (self.show_curves, self.show_curves_low) = (true, true),
            (true, false) => self.show_curves_low = false,
            (false, _) => self.show_curves = shows,
        }
    }

    const SCALES: std::ops::RangeInclusive<f64> = 0.0002..=2.0;

    /// Where a tick stands, in points from the left edge of the lanes.
    pub fn x(&self, tick: f64) -> f32 {
        ((tick - self.left) * self.scale) as f32
    }

    /// The tick that stands at `x` points from the left edge of the lanes.
    pub fn tick(&self, x: f32) -> f64 {
        self.left + f64::from(x) / self.scale
    }

    /// The key at the upper edge of the roll.
    pub fn top(&self) -> f32 {
        self.middle + self.height / self.key_height / 2.0
    }

    fn set_top(&mut self, key: f32) {
        self.middle = key - self.height / self.key_height / 2.0;
    }

    /// Where the upper edge of a key stands, in points from the top of the roll.
    pub fn y(&self, key: f32) -> f32 {
        (self.top() - key) * self.key_height
    }

    /// The key at `y` points from the top of the roll.
    pub fn key(&self, y: f32) -> f32 {
        self.top() - y / self.key_height
    }

    /// Scrolls by so many ticks and keys in a roll of `height` points; never before the song.
    pub fn scroll(&mut self, ticks: f64, keys: f32, height: f32) {
        self.goal = None;
        self.left = (self.left + ticks).max(0.0);
        self.middle += keys;
        self.keep_keys(height);
    }

    /// Keeps the keys 0 to 127 in a roll of `height` points. In one that has become higher or
    /// lower its middle stays.
    pub fn keep_keys(&mut self, height: f32) {
        let (is_first, top) = (self.height == 0.0, self.top());
        // A roll that became low shows an octave all the same, as long as its notes can be read.
        if self.height != height && height < 12.0 * self.key_height {
            self.key_height = (height / 12.0).clamp(LOWEST_KEY.min(self.key_height), self.key_height);
        }
        self.height = height;
        if is_first {
            self.set_top(top);
        }
        let shown = height / self.key_height;
        let top = self.top();
        let kept = top.min(128.0).max((shown - 1.0).min(128.0));
        if kept != top {
            self.set_top(kept);
        }
    }

    /// Zooms in time around the place `x` points from the left edge.
    pub fn zoom(&mut self, factor: f64, x: f32) {
        self.goal = None;
        let held = self.tick(x);
        self.scale = (self.scale * factor).clamp(*Self::SCALES.start(), *Self::SCALES.end());
        self.left = (held - f64::from(x) / self.scale).max(0.0);
    }

    /// Zooms in pitch around the place `y` points from the top.
    pub fn zoom_keys(&mut self, factor: f32, y: f32, height: f32) {
        let held = self.key(y);
        self.key_height = (self.key_height * factor).clamp(6.0, 48.0);
        self.set_top(held + y / self.key_height);
        self.keep_keys(height);
    }

    /// Goes smoothly to where `from` to `to` fill the width.
    pub fn show_range(&mut self, from: Tick, to: Tick, width: f32) {
        let span = (to - from).max(TICKS_PER_QUARTER) as f64 * 1.1;
        let scale = (f64::from(width) / span).clamp(*Self::SCALES.start(), *Self::SCALES.end());
        self.goal = Some(((from as f64 - span * 0.04).max(0.0), scale));
    }

    /// Takes grid and loop of a view of the same song.
    pub fn go_along(&mut self, other: &View) {
        (self.snap, self.looped, self.last_loop) = (other.snap, other.looped, other.last_loop);
    }

    /// Is at once where it is going.
    pub fn arrive(&mut self) {
        if let Some((left, scale)) = self.goal.take() {
            (self.left, self.scale) = (left, scale);
        }
    }

    /// Goes smoothly to a zoom around the middle.
    pub fn zoom_smoothly(&mut self, factor: f64, width: f32) {
        let (left, scale) = self.goal.unwrap_or((self.left, self.scale));
        let middle = left + f64::from(width) / 2.0 / scale;
        let scale = (scale * factor).clamp(*Self::SCALES.start(), *Self::SCALES.end());
        self.goal = Some(((middle - f64::from(width) / 2.0 / scale).max(0.0), scale));
    }

    /// Moves on towards the goal by `seconds`; gives whether there is more of the way.
    pub fn animate(&mut self, seconds: f32) -> bool {
        let Some((left, scale)) = self.goal else { return false };
        let part = f64::from(1.0 - (-18.0 * seconds.min(0.1)).exp());
        self.left += (left - self.left) * part;
        self.scale *= (scale / self.scale).powf(part);
        let there = ((left - self.left) * self.scale).abs() < 0.5 && (scale / self.scale).ln().abs() < 1e-3;
        if there {
            (self.left, self.scale) = (left, scale);
            self.goal = None;
        }
        !there
    }

    /// Scrolls so that a tick is in sight: a page on when it leaves at the right.
    pub fn keep_in_sight(&mut self, tick: f64, width: f32) {
        let x = self.x(tick);
        if x > width * 0.9 || x < 0.0 {
            self.goal = Some(((tick - f64::from(width) * 0.1 / self.scale).max(0.0), self.scale));
        }
    }

    /// Scrolls so that a key stands in the middle of a roll of `height` points.
    pub fn centre_key(&mut self, key: f32, height: f32) {
        self.height = height;
        self.middle = key;
        self.keep_keys(height);
    }

    /// Shows notes from the start of the song, in lanes of so many points.
    pub fn show_song(&mut self, notes: &[Note], width: f32, height: f32) {
        self.left = 0.0;
        if notes.is_empty() {
            return;
        }
        let end = notes.iter().map(Note::end).max().unwrap_or(0);
        // As much as can be read without squinting.
        self.scale = (f64::from(width) / end as f64 / 1.05).clamp(0.04, 0.14);
        // The keys of what is in sight first.
        let page = f64::from(width) / self.scale;
        let first = notes.partition_point(|note| (note.onset as f64) < page).max(1);
        let keys = || notes[..first].iter().map(|note| note.pitch);
        let (low, high) = (keys().min().unwrap_or(60), keys().max().unwrap_or(72));
        self.centre_key(f32::from(low) / 2.0 + f32::from(high) / 2.0, height);
    }

    /// Scrolls so that a key is in sight.
    pub fn keep_key_in_sight(&mut self, key: f32, height: f32) {
        let shown = height / self.key_height;
        if key + 2.0 > self.top() {
            self.set_top(key + 3.0);
        } else if key < self.top() - shown + 1.0 {
            self.set_top(key + shown - 2.0);
        }
        self.keep_keys(height);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_under_the_pointer_stays_there_in_a_zoom() {
        let mut view = View { left: 5000.0, ..View::default() };
        let held = view.tick(300.0);
        view.zoom(1.7, 300.0);
        assert!((view.tick(300.0) - held).abs() < 1e-6);
        let held = view.key(200.0);
        view.zoom_keys(1.3, 200.0, 600.0);
        assert!((view.key(200.0) - held).abs() < 1e-4);
    }

    #[test]
    fn keys_stand_in_the_same_place_however_the_roll_came_to_its_height() {
        let place = |heights: &[f32]| {
            let mut view = View::default();
            view.centre_key(64.5, heights[0]);
            heights.iter().for_each(|&height| view.keep_keys(height));
            view.y(60.0)
        };
        for height in [311.0, 402.7, 450.3, 613.1] {
            assert_eq!(place(&[420.0, 333.3, height]), place(&[height]), "{height}");
        }
    }

    #[test]
    fn the_middle_of_the_roll_stays_when_its_height_changes() {
        let mut view = View::default();
        view.centre_key(60.0, 420.0);
        for height in [300.0, 900.0, 420.0] {
            view.keep_keys(height);
            assert!((view.key(height / 2.0) - 60.0).abs() < 1e-3, "{height}");
        }
    }

    #[test]
    fn an_animation_ends() {
        let mut view = View::default();
        view.show_range(9600, 19200, 800.0);
        let mut frames = 0;
        while view.animate(0.016) {
            frames += 1;
            assert!(frames < 200);
        }
        assert!(view.x(9600.0) >= 0.0 && view.x(19200.0) <= 800.0);
    }
}
