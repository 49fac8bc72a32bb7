//! What is seen of how the host turns formant, breathiness and tension while its transport goes by.

use rtrb::Producer;

use super::strips::{STRIPS, Shape, Strips};

/// The same of all tracks with a strip.
pub type Shapes = [Shape; STRIPS];

/// Samples of the song after which what stays as it is is told of again, where something else was learnt.
const AGAIN: u64 = 4096;

/// How the host came to a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// It stands there.
    Stands,
    /// It began to play there, or leapt.
    Leapt,
    /// It has played since what was told of before, where nothing was turned until here.
    Played,
}

/// How the host has turned everything at a place.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Turned {
    /// The sample of the song.
    pub sample: u64,
    pub shapes: Shapes,
    pub way: Way,
}

/// Tells of what is turned; on the audio thread.
pub struct TurnWatch {
    turns: Producer<Turned>,
    told: Shapes,
    at: u64,
    /// Whether what lies between that place and this one was not told of.
    lost: bool,
}

impl TurnWatch {
    pub fn new(turns: Producer<Turned>) -> Self {
        Self { turns, told: Shapes::default(), at: 0, lost: true }
    }

    /// Looks how everything is turned at a sample of the song. `learnt` is whether it matters where nothing
    /// is turned. Gives whether it told of this.
    pub fn look(&mut self, strips: &Strips, sample: u64, way: Way, learnt: bool) -> bool {
        let mut shapes = Shapes::default();
        shapes.iter_mut().enumerate().for_each(|(place, shape)| *shape = strips.get(place).shape());
        let leapt = way != Way::Played;
        self.lost |= leapt;
        let due = learnt && way != Way::Stands && (leapt || sample.saturating_sub(self.at) >= AGAIN);
        if shapes == self.told && !due {
            return false;
        }
        let way = if way == Way::Played && self.lost { Way::Leapt } else { way };
        // Where there is no room it is told of with the next buffer.
        let told = self.turns.push(Turned { sample, shapes, way }).is_ok();
        if told {
            (self.told, self.at, self.lost) = (shapes, sample, way == Way::Stands);
        } else {
            self.lost = true;
        }
        told
    }
}

#[cfg(test)]
mod tests {
    use rtrb::RingBuffer;

    use super::*;
    use crate::strips::Strip;

    #[test]
    fn what_is_turned_is_told_once_and_what_was_learnt_again_and_again() {
        let (turns, mut told) = RingBuffer::new(4);
        let mut watch = TurnWatch::new(turns);
        let strips = Strips::default();
        assert!(!watch.look(&strips, 0, Way::Leapt, false), "nothing is turned");
        strips.set(3, Strip { formant: 2.5, ..Strip::default() });
        assert!(watch.look(&strips, 512, Way::Played, false));
        let turned = told.pop().unwrap();
        assert_eq!((turned.sample, turned.way, turned.shapes[3]), (512, Way::Leapt, [2.5, 0.0, 0.0]));
        assert!(!watch.look(&strips, 9000, Way::Played, false));
        // Where something was learnt, a stretch without a turn is told of as well.
        assert!(watch.look(&strips, 9512, Way::Played, true));
        assert!(!watch.look(&strips, 9600, Way::Played, true));
        assert!(watch.look(&strips, 100, Way::Leapt, true));
        assert_eq!([told.pop().unwrap().way, told.pop().unwrap().way], [Way::Played, Way::Leapt]);
        assert!(!watch.look(&strips, 100, Way::Stands, true));
        strips.set(3, Strip::default());
        assert!(watch.look(&strips, 100, Way::Stands, true));
        // What found no room is told of later, and nobody takes the stretch before for known.
        (0..3).for_each(|i| assert!(watch.look(&strips, 200 + i, Way::Leapt, true)));
        strips.set(0, Strip { tension: -1.0, ..Strip::default() });
        assert!(!watch.look(&strips, 300, Way::Played, true));
        while told.pop().is_ok() {}
        assert!(watch.look(&strips, 400, Way::Played, true));
        assert_eq!(told.pop().unwrap().way, Way::Leapt);
    }
}
