//! The room in a render: what comes back of all that is heard together, and of each by itself where its stem has it.
//! It lies on the disk until it is known how loud the whole is.

use std::io;
use std::ops::Range;
use std::path::Path;

use super::stems::Spool;
use ziyin_signal::Room;

/// A voice or a recording as the room hears it.
pub(super) struct Sent<'a> {
    /// Left and right.
    pub samples: [&'a [f32]; 2],
    /// To the left and to the right, as it stands in the mix.
    pub gains: [f32; 2],
    /// The part of that which is sent.
    pub part: f32,
}

impl Sent<'_> {
    fn at(&self, i: usize) -> [f32; 2] {
        // As a player of the mix multiplies, so that the room gives the same to the last bit.
        [0, 1].map(|side| self.samples[side][i] * self.gains[side] * self.part)
    }
}

/// What came back in a window, left and right.
pub(super) struct Returned {
    pub mix: [Vec<f32>; 2],
    /// Of each that was sent; none where its stem is dry.
    pub stems: Vec<Option<[Vec<f32>; 2]>>,
}

/// A room, and what it gave so far.
struct Hall {
    room: Room,
    spool: Spool,
}

impl Hall {
    fn new(seconds: f32, folder: &Path) -> io::Result<Self> {
        Ok(Self { room: Room::new(seconds), spool: Spool::create(folder)? })
    }

    /// Sends so many frames into it; keeps and gives what comes back inside.
    fn hear(
        &mut self,
        frames: usize,
        inside: &Range<usize>,
        sent: impl Fn(usize) -> [f32; 2],
    ) -> io::Result<[Vec<f32>; 2]> {
        let mut sides = [Vec::with_capacity(inside.len()), Vec::with_capacity(inside.len())];
        let mut turns = Vec::with_capacity(2 * inside.len());
        for i in 0..frames {
            let back = self.room.next(sent(i));
            if inside.contains(&i) {
                turns.extend(back);
                sides.iter_mut().zip(back).for_each(|(side, sample)| side.push(sample));
            }
        }
        self.spool.write(&turns)?;
        Ok(sides)
    }
}

/// The room of a song that is rendered.
pub(super) struct Reverb {
    mix: Hall,
    stems: Vec<Option<Hall>>,
}

impl Reverb {
    /// A room that dies away in so many seconds, for voices and recordings that are sent into it in these parts;
    /// none if nothing is. `wet_stems` says whether stems have what comes back of theirs.
    ///
    /// # Errors
    /// If the folder cannot be written to.
    pub fn new(seconds: f32, parts: &[f32], wet_stems: bool, folder: &Path) -> io::Result<Option<Self>> {
        if parts.iter().all(|&part| part == 0.0) {
            return Ok(None);
        }
        let hall = |&part: &f32| (wet_stems && part > 0.0).then(|| Hall::new(seconds, folder)).transpose();
        let stems = parts.iter().map(hall).collect::<io::Result<_>>()?;
        Ok(Some(Self { mix: Hall::new(seconds, folder)?, stems }))
    }

    /// Takes in the next window of all of them; what comes back inside of it is kept and given.
    ///
    /// # Errors
    /// If the disk is full, or the like.
    pub fn hear(&mut self, sounds: &[Sent], inside: &Range<usize>) -> io::Result<Returned> {
        let all = |i: usize| {
            sounds.iter().filter(|sound| sound.part > 0.0).fold([0.0f32; 2], |sum, sound| {
                let [left, right] = sound.at(i);
                [sum[0] + left, sum[1] + right]
            })
        };
        let mix = self.mix.hear(inside.end, inside, all)?;
        let each = self.stems.iter_mut().zip(sounds).map(|(hall, sound)| {
            hall.as_mut().map(|hall| hall.hear(inside.end, inside, |i| sound.at(i))).transpose()
        });
        Ok(Returned { mix, stems: each.collect::<io::Result<_>>()? })
    }

    /// What was kept: of the mix, and of each that was sent.
    pub fn spools(&mut self) -> (&mut Spool, impl Iterator<Item = Option<&mut Spool>>) {
        let stems = self.stems.iter_mut().map(|hall| hall.as_mut().map(|hall| &mut hall.spool));
        (&mut self.mix.spool, stems)
    }
}
