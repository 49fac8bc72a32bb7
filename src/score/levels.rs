use serde::{Deserialize, Serialize};

/// How much louder the parts of a note are sung than the singer would by itself, in dB,
/// each from -[`Levels::MOST_DB`] to [`Levels::MOST_DB`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Levels {
    /// The first third of each of its characters.
    pub attack_db: f32,
    /// The second third.
    pub body_db: f32,
    /// The last third.
    pub release_db: f32,
}

impl Levels {
    /// The most that a part may be louder or softer, in dB.
    pub const MOST_DB: f32 = 18.0;

    /// Attack, body and release.
    pub fn parts(self) -> [f32; 3] {
        [self.attack_db, self.body_db, self.release_db]
    }

    /// The levels of attack, body and release.
    pub fn of([attack_db, body_db, release_db]: [f32; 3]) -> Self {
        Self { attack_db, body_db, release_db }
    }

    /// Whether it changes nothing.
    pub fn is_usual(&self) -> bool {
        *self == Self::default()
    }

    pub(super) fn are_valid(self) -> bool {
        self.parts().iter().all(|part| part.abs() <= Self::MOST_DB)
    }
}
