//! Selection by area: a box, or a line drawn freely around notes. Areas lie in the song
//! (ticks and keys), not on the screen, so that they stay where they are while the view
//! scrolls along.

use egui::{Color32, Painter, Pos2, Rect, Shape, Stroke, StrokeKind, pos2};

use crate::lanes::view::View;
use ziyin_score::{Note, NoteId, Notes, Tick};

/// A place in the song: the tick, and the key with its fraction (see [`View::key`]).
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Place {
    pub(super) tick: f64,
    pub(super) key: f32,
}

impl Place {
    /// What lies under a point of the lanes.
    pub(super) fn of(at: Pos2, view: &View, lanes: Rect) -> Self {
        Self { tick: view.tick(at.x - lanes.left()), key: view.key(at.y - lanes.top()) }
    }

    /// Where it is on screen.
    fn point(self, view: &View, lanes: Rect) -> Pos2 {
        pos2(lanes.left() + view.x(self.tick), lanes.top() + view.y(self.key))
    }
}

/// An area that is being marked out.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Area {
    /// Two corners of a box.
    Box(Place, Place),
    /// The way around; it closes by itself.
    Lasso(Vec<Place>),
}

impl Area {
    /// Goes on to where the pointer is.
    pub(super) fn go_on(&mut self, to: Place, view: &View) {
        match self {
            Area::Box(_, corner) => *corner = to,
            Area::Lasso(way) => {
                // Finer than a hand can draw is work for nothing.
                let apart = |last: &Place| {
                    let (x, y) = (
                        (to.tick - last.tick) * view.scale,
                        f64::from((to.key - last.key) * view.key_height),
                    );
                    x.hypot(y)
                };
                if way.last().is_none_or(|last| apart(last) >= 3.0) {
                    way.push(to);
                }
            }
        }
    }

    /// Paints it over the lanes.
    pub(super) fn paint(&self, painter: &Painter, view: &View, lanes: Rect, colour: Color32) {
        let pen = Stroke::new(1.5, colour);
        match self {
            Area::Box(a, b) => {
                let area = Rect::from_two_pos(a.point(view, lanes), b.point(view, lanes));
                painter.rect(area, 0.0, colour.gamma_multiply(0.2), pen, StrokeKind::Inside);
            }
            Area::Lasso(way) => {
                let way: Vec<Pos2> = way.iter().map(|place| place.point(view, lanes)).collect();
                // The side that closes it by itself is not drawn yet.
                if let (Some(&first), Some(&last)) = (way.first(), way.last()) {
                    painter.extend(Shape::dashed_line(&[last, first], pen, 4.0, 4.0));
                }
                painter.add(Shape::line(way, pen));
            }
        }
    }

    /// The notes that it touches.
    pub(super) fn touched(&self, notes: &Notes) -> Vec<NoteId> {
        let corners = match self {
            Area::Box(a, b) => &[*a, *b][..],
            Area::Lasso(way) => way,
        };
        let (Some(first), Some(last)) = (
            corners.iter().map(|place| place.tick).min_by(f64::total_cmp),
            corners.iter().map(|place| place.tick).max_by(f64::total_cmp),
        ) else {
            return Vec::new();
        };
        let near = notes.sounding(first as Tick, last as Tick + 1);
        near.filter(|note| self.touches(note)).map(|note| note.id).collect()
    }

    fn touches(&self, note: &Note) -> bool {
        // A key's row hangs below its number.
        let body = Rect::from_min_max(
            pos2(note.onset as f32, f32::from(note.pitch) - 1.0),
            pos2(note.end() as f32, f32::from(note.pitch)),
        );
        match self {
            Area::Box(a, b) => Rect::from_two_pos(flat(*a), flat(*b)).intersects(body),
            Area::Lasso(way) => {
                let corners: Vec<Pos2> = way.iter().map(|place| flat(*place)).collect();
                corners.iter().any(|&corner| body.contains(corner))
                    || is_inside(body.center(), &corners)
                    || edges(&corners).any(|(a, b)| crosses(a, b, body))
            }
        }
    }
}

fn flat(place: Place) -> Pos2 {
    pos2(place.tick as f32, place.key)
}

/// The sides of a polygon.
fn edges(corners: &[Pos2]) -> impl Iterator<Item = (Pos2, Pos2)> + '_ {
    corners.iter().zip(corners.iter().cycle().skip(1)).map(|(&a, &b)| (a, b))
}

/// Whether a ray from the point leaves the polygon an odd number of times.
fn is_inside(point: Pos2, corners: &[Pos2]) -> bool {
    let left = edges(corners).filter(|&(a, b)| {
        (a.y > point.y) != (b.y > point.y) && point.x < a.x + (point.y - a.y) / (b.y - a.y) * (b.x - a.x)
    });
    left.count() % 2 == 1
}

/// Whether a line runs through a box.
fn crosses(a: Pos2, b: Pos2, body: Rect) -> bool {
    let (mut from, mut to) = (0.0f32, 1.0f32);
    for (start, way, low, high) in
        [(a.x, b.x - a.x, body.left(), body.right()), (a.y, b.y - a.y, body.top(), body.bottom())]
    {
        if way == 0.0 {
            if start < low || start > high {
                return false;
            }
            continue;
        }
        let (enter, leave) = ((low - start) / way, (high - start) / way);
        from = from.max(enter.min(leave));
        to = to.min(enter.max(leave));
    }
    from <= to
}

#[cfg(test)]
mod tests {
    use super::*;

    fn note(id: u64, onset: Tick, length: Tick, pitch: u8) -> Note {
        Note::new(NoteId(id), onset, length, pitch, "")
    }

    fn place(tick: f64, key: f32) -> Place {
        Place { tick, key }
    }

    #[test]
    fn a_lasso_takes_what_lies_inside_and_what_it_crosses_and_no_more() {
        let notes: Notes =
            [note(1, 0, 480, 60), note(2, 960, 480, 60), note(3, 960, 480, 72), note(4, 2000, 4000, 60)]
                .into_iter()
                .collect();
        // An L around the first note and the third, which leaves the second out.
        let way =
            [(-50.0, 58.0), (700.0, 58.0), (700.0, 65.0), (1500.0, 65.0), (1500.0, 75.0), (-50.0, 75.0)];
        let lasso = Area::Lasso(way.iter().map(|&(tick, key)| place(tick, key)).collect());
        assert_eq!(lasso.touched(&notes), [NoteId(1), NoteId(3)]);
        // A thin stroke through the middle of a long note touches it.
        let stroke = Area::Lasso(vec![place(3000.0, 61.0), place(3000.0, 58.0), place(3010.0, 58.0)]);
        assert_eq!(stroke.touched(&notes), [NoteId(4)]);
        let whole = Area::Box(place(-1.0, 80.0), place(2001.0, 59.5));
        assert_eq!(whole.touched(&notes), [1, 2, 3, 4].map(NoteId));
    }

    #[test]
    fn a_lasso_of_one_point_is_a_click_on_nothing() {
        let notes: Notes = [note(1, 0, 480, 60)].into_iter().collect();
        assert!(Area::Lasso(vec![place(900.0, 60.0)]).touched(&notes).is_empty());
    }
}
