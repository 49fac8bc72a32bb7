//! A recording that is listened to in the background.

use super::background::Background;
use super::hearing::{HeardSong, HearingOrder, hear};
use ziyin_message::{Message, message};

/// How far it is.
enum Stage {
    /// The part that is done, 0 to 1.
    Listening(f32),
    Done(Box<HeardSong>),
    Failed(Message),
    /// It was given away.
    Over,
}

/// What became of it so far.
pub enum Heard {
    /// The part that is done, 0 to 1.
    Listening(f32),
    /// The song, which is given once.
    Song(Box<HeardSong>),
    Failed(Message),
}

/// Listens; dropping it cancels.
pub struct Listener(Background<Stage>);

impl Listener {
    /// Begins. `wake` is called when there is news.
    pub fn begin(order: HearingOrder, wake: impl Fn() + Send + Sync + 'static) -> Self {
        let ends: (fn(Message) -> Stage, _) = (Stage::Failed, message!("hearing.broke-down"));
        Self(Background::begin("listening", Stage::Listening(0.0), wake, ends, move |work| {
            let heard = hear(&order, &mut |part| {
                work.tell(Stage::Listening(part));
                !work.is_cancelled()
            })?;
            if let Some(song) = heard {
                work.tell(Stage::Done(Box::new(song)));
            }
            Ok(())
        }))
    }

    /// What became of it so far.
    pub fn heard(&self) -> Heard {
        let mut stage = self.0.stage();
        match std::mem::replace(&mut *stage, Stage::Over) {
            Stage::Listening(part) => {
                *stage = Stage::Listening(part);
                Heard::Listening(part)
            }
            Stage::Done(song) => Heard::Song(song),
            Stage::Failed(why) => {
                *stage = Stage::Failed(why.clone());
                Heard::Failed(why)
            }
            Stage::Over => Heard::Listening(1.0),
        }
    }
}
