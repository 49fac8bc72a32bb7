//! A singer who is heard by themselves: a line that is sung beside the song.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use ziyin_lyrics::Language;
use ziyin_message::{Message, ToMessage, message};
use ziyin_playback::Timeline;
use ziyin_signal::SAMPLE_RATE;
use ziyin_singing::mix::pan_gains;
use ziyin_singing::sing_line;

use super::Wake;
use super::voice::SungVoice;

/// How it stands with a line.
#[derive(Clone, Debug, PartialEq)]
pub enum AuditionStage {
    /// It is being sung, to be heard in a moment.
    Singing,
    /// It is heard until then.
    Sounding(Instant),
    Failed(Message),
}

/// A line on its way to be heard.
pub(super) struct Audition {
    pub singer: String,
    pub stage: AuditionStage,
    sung: Receiver<Result<Vec<f32>, Message>>,
}

/// What is to be done for a line in a frame.
pub(super) enum Heard {
    /// It is sung, and is to be played now.
    Play(Timeline),
    /// It is heard, or awaited.
    GoesOn,
    Ended,
}

impl Audition {
    /// Begins to sing a line in a language by the singer of that name, who is at home in a range of keys.
    pub fn begin(voice: SungVoice, singer: &str, language: Language, range: [u8; 2], wake: Wake) -> Self {
        let (tell, sung) = channel();
        let name = singer.to_string();
        let begun = std::thread::Builder::new().name("audition".into()).spawn(move || {
            let sing = || sing_line(&*voice.voice, &voice.vocoder, &name, language, range);
            let sung = match catch_unwind(AssertUnwindSafe(sing)) {
                Ok(sung) => sung.map_err(|error| error.in_full()),
                Err(_) => Err(message!("singing.stumbled")),
            };
            let _ = tell.send(sung);
            wake();
        });
        let stage = match begun {
            Ok(_) => AuditionStage::Singing,
            Err(error) => AuditionStage::Failed(error.to_message()),
        };
        Self { singer: singer.into(), stage, sung }
    }

    /// What is to be done for it now.
    pub fn go_on(&mut self) -> Heard {
        match (&self.stage, self.sung.try_recv()) {
            (AuditionStage::Singing, Ok(Ok(samples))) => {
                let seconds = samples.len() as f64 / f64::from(SAMPLE_RATE);
                self.stage = AuditionStage::Sounding(Instant::now() + Duration::from_secs_f64(seconds));
                Heard::Play(Timeline::alone(samples.into(), pan_gains(0.0), 0.0))
            }
            (AuditionStage::Singing, Ok(Err(why))) => {
                tracing::warn!("no line of {}: {why}", self.singer);
                self.stage = AuditionStage::Failed(why);
                Heard::GoesOn
            }
            (AuditionStage::Sounding(until), _) if *until < Instant::now() => Heard::Ended,
            _ => Heard::GoesOn,
        }
    }
}
