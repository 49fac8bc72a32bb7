//! Strokes of a pen over a curve. Where a stroke begins and ends it blends into the curve
//! around it, so that nothing in the voice leaps.

use super::document::Editor;
use ziyin_score::{Curve, CurveKind, CurvePoint, EditError, MAX_TICK, TempoMap, Tick};

/// How far to each side a smoothed curve takes its mean, in seconds.
const REACH: f64 = 0.06;
/// Points in a blend.
const STEPS: i64 = 6;

/// What a pen draws from where it was put down to where it is.
pub trait PenStroke {
    /// Goes on to a point; one less than `apart` ticks away from the last may wait.
    fn go_to(&mut self, point: CurvePoint, apart: Tick);

    /// Draws nothing but a line between two points.
    fn line(&mut self, from: CurvePoint, to: CurvePoint);

    /// Brings everything to rest from one tick to another.
    fn erase(&mut self, from: Tick, to: Tick);

    /// Evens out what lies from one tick to another.
    fn smooth(&mut self, from: Tick, to: Tick, tempo: &TempoMap);

    /// Puts the stroke into the song, as part of the step that is open: what the step did
    /// before is done anew.
    ///
    /// # Errors
    /// If it leaves the song.
    fn apply(&self, editor: &mut Editor, step: &str) -> Result<(), EditError>;
}

/// A stroke over a curve.
pub struct Stroke {
    kind: CurveKind,
    /// The curve before it.
    before: Curve,
    /// What was drawn, in order.
    drawn: Vec<CurvePoint>,
    last: Option<CurvePoint>,
    /// Whether what is drawn stays where nothing of it differs from rest.
    kept: bool,
}

impl Stroke {
    /// How long a stroke takes to blend into the curve at each of its ends, in seconds.
    pub(super) const BLEND: f64 = 0.08;

    /// A stroke over a curve of the active track; none without a track.
    pub fn begin(editor: &Editor, kind: CurveKind) -> Option<Self> {
        let before = editor.active()?.curves.get(kind).clone();
        Some(Self { kind, before, drawn: Vec::new(), last: None, kept: false })
    }

    /// One over a curve, through points in order, which stay whatever they are.
    pub(super) fn through(curve: &Curve, kind: CurveKind, points: Vec<CurvePoint>) -> Self {
        Self { kind, before: curve.clone(), drawn: points, last: None, kept: true }
    }

    /// The curve as it was before the stroke.
    pub fn before(&self) -> &Curve {
        &self.before
    }

    /// What it makes of the curve from one tick up to another, which is left out; none where nothing was drawn.
    fn part(&self, tempo: &TempoMap) -> Option<(Tick, Tick, Vec<CurvePoint>)> {
        let (first, last) = (self.drawn.first()?, self.drawn.last()?);
        let lead = ticks_of(Self::BLEND, first.tick, tempo).min(first.tick);
        let tail = ticks_of(Self::BLEND, last.tick, tempo).min(MAX_TICK - last.tick);
        let mut points = self.blend(first.tick - lead, first, lead);
        points.extend(&self.drawn);
        let mut after = self.blend(last.tick + tail, last, tail);
        after.reverse();
        points.extend(after);
        let (from, to) = (first.tick - lead, last.tick + tail + 1);
        let at_rest = |points: &[CurvePoint]| points.iter().all(|point| point.value == 0.0);
        let mut outside = self.before.iter().filter(|point| !(from..to).contains(&point.tick));
        if !self.kept && at_rest(&points) && outside.all(|point| point.value == 0.0) {
            // Nothing is left of the curve.
            return Some((0, MAX_TICK + 1, Vec::new()));
        }
        Some((from, to, points))
    }

    /// The curve with the stroke in it.
    pub(super) fn laid(&self, tempo: &TempoMap) -> Curve {
        let Some((from, to, points)) = self.part(tempo) else { return self.before.clone() };
        let before = self.before.iter().filter(|point| point.tick < from).copied();
        let after = self.before.iter().filter(|point| point.tick >= to).copied();
        // What is drawn lies within bounds and in order.
        Curve::new(before.chain(points).chain(after).collect()).unwrap_or_else(|_| self.before.clone())
    }

    /// The way from the curve at `far`, `length` ticks away, up to where the stroke has
    /// `end`, which is left out.
    fn blend(&self, far: Tick, end: &CurvePoint, length: Tick) -> Vec<CurvePoint> {
        if length == 0 {
            return Vec::new();
        }
        let leap = end.value - self.before.at(end.tick as f64);
        let steps = (0..STEPS).map(|i| far + (end.tick - far) * i / STEPS);
        let (low, high) = (far.min(end.tick), far.max(end.tick));
        let corners = self.before.iter().map(|point| point.tick).filter(|tick| (low..=high).contains(tick));
        let mut ticks: Vec<Tick> = steps.chain(corners).filter(|&tick| tick != end.tick).collect();
        ticks.sort_by_key(|tick| (tick - far).abs());
        ticks.dedup();
        let bounds = self.kind.bounds();
        let value = |tick: Tick| {
            let part = (tick - far).abs() as f32 / length as f32;
            let value = self.before.at(tick as f64) + leap * part * part * (3.0 - 2.0 * part);
            // Where the curve before rises on the way, the sum may go further than either.
            value.clamp(*bounds.start(), *bounds.end())
        };
        ticks.into_iter().map(|tick| CurvePoint { tick, value: value(tick) }).collect()
    }
}

impl PenStroke for Stroke {
    /// What was drawn between the point and the last one goes.
    fn go_to(&mut self, point: CurvePoint, apart: Tick) {
        let last = self.last.unwrap_or(point);
        if self.last.is_some() && (last.tick - point.tick).abs() < apart.max(1) {
            return;
        }
        let (from, to) = (last.tick.min(point.tick), last.tick.max(point.tick));
        self.drawn.retain(|drawn| drawn.tick < from || drawn.tick > to);
        let at = self.drawn.partition_point(|drawn| drawn.tick < from);
        let mut between = vec![last, point];
        between.sort_by_key(|point| point.tick);
        between.dedup_by_key(|point| point.tick);
        self.drawn.splice(at..at, between);
        self.last = Some(point);
    }

    fn line(&mut self, from: CurvePoint, to: CurvePoint) {
        self.drawn.clear();
        self.last = None;
        self.go_to(from, 1);
        self.go_to(to, 1);
    }

    fn erase(&mut self, from: Tick, to: Tick) {
        let rest = |tick| CurvePoint { tick, value: 0.0 };
        self.line(rest(from.min(to)), rest(from.max(to)));
    }

    fn smooth(&mut self, from: Tick, to: Tick, tempo: &TempoMap) {
        let (from, to) = (from.min(to), from.max(to));
        let reach = ticks_of(REACH, from, tempo);
        let step = (reach / 6).max(1);
        let mean = |tick: Tick| {
            let (mut sum, mut weights) = (0.0, 0.0);
            for k in -6..=6 {
                let weight = (-f64::from(k * k) / 12.0).exp();
                sum += weight * f64::from(self.before.at((tick + i64::from(k) * step) as f64));
                weights += weight;
            }
            CurvePoint { tick, value: (sum / weights) as f32 }
        };
        let mut drawn: Vec<CurvePoint> = (from..=to).step_by(step as usize).map(mean).collect();
        if drawn.last().is_some_and(|last| last.tick < to) {
            drawn.push(mean(to));
        }
        self.drawn = drawn;
    }

    fn apply(&self, editor: &mut Editor, step: &str) -> Result<(), EditError> {
        editor.cancel()?;
        editor.begin(step);
        match self.part(&editor.project().tempo) {
            Some((from, to, points)) => editor.draw_curve(self.kind, from, to, points),
            None => Ok(()),
        }
    }
}

fn ticks_of(seconds: f64, at: Tick, tempo: &TempoMap) -> Tick {
    (tempo.tick(tempo.seconds(at) + seconds) - at).max(1)
}

impl Editor {
    /// Evens out a curve from one tick to another, in one step.
    ///
    /// # Errors
    /// If the range leaves the song.
    pub fn smooth_curve(&mut self, kind: CurveKind, from: Tick, to: Tick) -> Result<(), EditError> {
        let Some(mut stroke) = Stroke::begin(self, kind) else { return Ok(()) };
        stroke.smooth(from, to, &self.project().tempo.clone());
        self.begin("smooth-curve");
        let done = stroke.apply(self, "smooth-curve");
        self.end();
        done
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ziyin_score::Project;

    const KIND: CurveKind = CurveKind::Loudness;

    fn editor() -> Editor {
        let mut editor = Editor::new(Project::default());
        editor.add_track("").unwrap();
        editor
    }

    fn point(tick: Tick, value: f32) -> CurvePoint {
        CurvePoint { tick, value }
    }

    fn curve(editor: &Editor) -> Curve {
        editor.active().unwrap().curves.get(KIND).clone()
    }

    fn draw(editor: &mut Editor, points: &[CurvePoint]) {
        let mut stroke = Stroke::begin(editor, KIND).unwrap();
        editor.begin("draw-curve");
        for point in points {
            stroke.go_to(*point, 1);
            stroke.apply(editor, "draw-curve").unwrap();
        }
        editor.end();
    }

    /// The largest change of a curve within ten ticks.
    fn steepest(curve: &Curve) -> f32 {
        let leap = |tick: i64| (curve.at((tick + 10) as f64) - curve.at(tick as f64)).abs();
        (0..6000).map(leap).fold(0.0, f32::max)
    }

    #[test]
    fn a_stroke_blends_into_the_curve_at_both_ends_and_is_one_step() {
        let mut editor = editor();
        let before = editor.project().clone();
        draw(&mut editor, &[point(2000, 6.0), point(2100, 6.0), point(3000, 6.0)]);
        let drawn = curve(&editor);
        assert_eq!((drawn.at(2000.0), drawn.at(2500.0), drawn.at(3000.0)), (6.0, 6.0, 6.0));
        // 120 bpm: 80 ms are 154 ticks.
        assert_eq!((drawn.at(1800.0), drawn.at(3200.0)), (0.0, 0.0));
        assert!(steepest(&drawn) < 1.0, "{}", steepest(&drawn));
        editor.undo().unwrap();
        assert_eq!(editor.project(), &before);
    }

    #[test]
    fn what_lay_around_a_stroke_stays() {
        let mut editor = editor();
        draw(&mut editor, &[point(1000, 3.0), point(5000, 3.0)]);
        draw(&mut editor, &[point(2500, -3.0), point(2600, -3.0), point(2400, -2.0)]);
        let drawn = curve(&editor);
        assert_eq!((drawn.at(1500.0), drawn.at(4000.0)), (3.0, 3.0));
        assert_eq!((drawn.at(2400.0), drawn.at(2600.0)), (-2.0, -3.0));
        assert!(steepest(&drawn) < 1.0);
    }

    #[test]
    fn what_is_erased_is_at_rest_and_no_point_is_left_of_nothing() {
        let mut editor = editor();
        draw(&mut editor, &[point(1000, 3.0), point(5000, 3.0)]);
        let mut rub = Stroke::begin(&editor, KIND).unwrap();
        rub.erase(3000, 2000);
        editor.begin("erase-curve");
        rub.apply(&mut editor, "erase-curve").unwrap();
        editor.end();
        assert_eq!([2000.0, 2500.0, 3000.0].map(|tick| curve(&editor).at(tick)), [0.0; 3]);
        assert_eq!([1500.0, 4000.0].map(|tick| curve(&editor).at(tick)), [3.0; 2]);
        let mut rub = Stroke::begin(&editor, KIND).unwrap();
        rub.erase(0, 9000);
        editor.begin("erase-curve");
        rub.apply(&mut editor, "erase-curve").unwrap();
        editor.end();
        assert!(curve(&editor).is_empty());
    }

    #[test]
    fn a_corner_becomes_round_and_a_straight_line_stays() {
        let mut editor = editor();
        let jag: Vec<CurvePoint> =
            (0..40).map(|i| point(1000 + 20 * i, if i % 2 == 0 { 4.0 } else { 0.0 })).collect();
        draw(&mut editor, &jag);
        let before = steepest(&curve(&editor));
        editor.smooth_curve(KIND, 1000, 1800).unwrap();
        assert!(steepest(&curve(&editor)) < before / 3.0);
        assert!((curve(&editor).at(1400.0) - 2.0).abs() < 0.3);
        editor.undo().unwrap();
        assert_eq!(steepest(&curve(&editor)), before);
    }
}
