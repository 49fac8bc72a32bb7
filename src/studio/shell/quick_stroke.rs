//! Strokes of the pointer that are quicker than a frame. Where the button goes down, the pointer
//! moves and the button comes up between two frames, only a click would be left, at the place
//! where the pointer is by then: each of the three is given a frame.

use egui::{Event, Pos2};

/// How far the pointer moves in a stroke at least, in points: less is a click.
const FAR: f32 = 6.0;

/// What waits for the next frames.
#[derive(Default)]
pub struct QuickStroke {
    waiting: Vec<Event>,
    /// Whether the button of a stroke went down in the last frame.
    begun: bool,
}

impl QuickStroke {
    /// Puts what waited before the events of a frame, and keeps back what the next one must have;
    /// gives whether there is such.
    pub fn part(&mut self, events: &mut Vec<Event>) -> bool {
        events.splice(0..0, std::mem::take(&mut self.waiting));
        let cut = match self.begun {
            true => events.iter().position(|event| is_button(event, false)).filter(|&at| at > 0),
            false => press_of_stroke(events).map(|at| at + 1),
        };
        self.begun = cut.is_some() && !self.begun;
        if let Some(cut) = cut {
            self.waiting = events.split_off(cut);
        }
        !self.waiting.is_empty()
    }
}

fn is_button(event: &Event, down: bool) -> bool {
    matches!(event, Event::PointerButton { pressed, .. } if *pressed == down)
}

/// Where the button goes down for a stroke that is over before the events are.
fn press_of_stroke(events: &[Event]) -> Option<usize> {
    let mut down: Option<(usize, Pos2)> = None;
    let mut far = false;
    for (i, event) in events.iter().enumerate() {
        match (event, down) {
            (Event::PointerButton { pos, pressed: true, .. }, _) => (down, far) = (Some((i, *pos)), false),
            (Event::PointerMoved(to), Some((_, from))) => far |= from.distance(*to) > FAR,
            (Event::PointerButton { pressed: false, .. }, Some((at, _))) if far => return Some(at),
            (Event::PointerButton { pressed: false, .. }, _) => down = None,
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use egui::{Modifiers, PointerButton, pos2};

    use super::*;

    fn button(x: f32, pressed: bool) -> Event {
        let (button, modifiers) = (PointerButton::Primary, Modifiers::NONE);
        Event::PointerButton { pos: pos2(x, 0.0), button, pressed, modifiers }
    }

    fn moved(x: f32) -> Event {
        Event::PointerMoved(pos2(x, 0.0))
    }

    /// The events of each frame, all of them having come before the first.
    fn frames(mut events: Vec<Event>) -> Vec<usize> {
        let mut quick = QuickStroke::default();
        let mut counts = Vec::new();
        loop {
            let more = quick.part(&mut events);
            counts.push(events.len());
            events.clear();
            if !more {
                return counts;
            }
        }
    }

    #[test]
    fn a_stroke_within_a_frame_has_three_and_a_click_has_one() {
        let stroke = vec![moved(0.0), button(0.0, true), moved(5.0), moved(50.0), button(50.0, false)];
        assert_eq!(frames(stroke.clone()), [2, 2, 1]);
        assert_eq!(frames(vec![button(0.0, true), moved(1.0), button(1.0, false)]), [3]);
        assert_eq!(frames(vec![moved(9.0), button(9.0, true), moved(90.0)]), [3]);
        assert_eq!(frames([stroke.clone(), stroke].concat()), [2, 2, 3, 2, 1]);
    }
}
