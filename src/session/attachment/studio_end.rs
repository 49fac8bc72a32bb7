//! The studio's end: two threads that read and write, so that no frame waits for the plug-in.

use std::io::{self, Read, Write};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::said::{Place, Said};
use crate::engine::Wake;
use ziyin_score::Project;

/// Songs follow each other no quicker: a drag gives one with each frame.
const PACE: Duration = Duration::from_millis(50);
/// How long a studio that is closed waits until its last edit is with the plug-in.
const FAREWELL: Duration = Duration::from_secs(2);

/// What came from the plug-in since it was last asked; of each kind the latest.
#[derive(Debug, Default)]
pub struct Arrived {
    pub song: Option<Project>,
    /// Where the DAW is.
    pub place: Option<Place>,
    /// Whether the window is to come to the front.
    pub show: bool,
    /// Whether the plug-in has gone.
    pub gone: bool,
}

/// What waits on either way.
#[derive(Default)]
struct Waiting {
    arrived: Arrived,
    /// The number of the song that was told of last.
    number: u64,
    leaving: Option<Project>,
    /// Whether a song is being written.
    writing: bool,
    ended: bool,
}

#[derive(Default)]
struct Desk {
    waiting: Mutex<Waiting>,
    changed: Condvar,
}

impl Desk {
    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn end(&self) {
        self.waiting().ended = true;
        self.changed.notify_all();
    }
}

/// A plug-in that the studio belongs to. Dropping it sends what is left to be sent.
pub struct Attachment {
    desk: Arc<Desk>,
}

impl Attachment {
    /// Begins to listen and to speak. `wake` is called when something has come.
    ///
    /// # Errors
    /// If the system has no thread to give.
    pub fn begin(
        source: impl Read + Send + 'static,
        out: impl Write + Send + 'static,
        wake: Wake,
    ) -> io::Result<Self> {
        let desk = Arc::new(Desk::default());
        let (reader, writer) = (desk.clone(), desk.clone());
        let thread = |name: &str| std::thread::Builder::new().name(name.into());
        thread("plug-in reader").spawn(move || read(source, &reader, &wake))?;
        thread("plug-in writer").spawn(move || write(out, &writer))?;
        Ok(Self { desk })
    }

    /// The plug-in that started this program, at the other end of its standard input.
    ///
    /// # Errors
    /// If there is none, or the system has no thread to give.
    #[cfg(unix)]
    pub fn of_stdin(wake: Wake) -> io::Result<Self> {
        use std::os::fd::AsFd;
        use std::os::unix::net::UnixStream;

        let stream = UnixStream::from(io::stdin().as_fd().try_clone_to_owned()?);
        // What is no socket has no address.
        stream.local_addr()?;
        Self::begin(stream.try_clone()?, stream, wake)
    }

    /// What came since this was last asked.
    pub fn arrived(&self) -> Arrived {
        let mut waiting = self.desk.waiting();
        let gone = waiting.arrived.gone;
        std::mem::replace(&mut waiting.arrived, Arrived { gone, ..Arrived::default() })
    }

    /// Sends the song as it is now; one that still waits is no longer sent.
    pub fn send(&self, song: Project) {
        self.desk.waiting().leaving = Some(song);
        self.desk.changed.notify_all();
    }
}

impl Drop for Attachment {
    fn drop(&mut self) {
        let waits = |waiting: &mut Waiting| !waiting.ended && (waiting.leaving.is_some() || waiting.writing);
        let waited = self.desk.changed.wait_timeout_while(self.desk.waiting(), FAREWELL, waits);
        drop(waited);
        self.desk.end();
    }
}

fn read(mut source: impl Read, desk: &Desk, wake: &Wake) {
    loop {
        let said = Said::read(&mut source).unwrap_or_else(|error| {
            tracing::error!("the plug-in is not understood: {error}");
            None
        });
        let mut waiting = desk.waiting();
        match said {
            Some(Said::Song { number, song }) => {
                waiting.number = number;
                waiting.arrived.song = Some(*song);
            }
            Some(Said::Place(place)) => waiting.arrived.place = Some(place),
            Some(Said::Show) => waiting.arrived.show = true,
            None => {
                waiting.arrived.gone = true;
                drop(waiting);
                desk.end();
                return wake();
            }
        }
        drop(waiting);
        wake();
    }
}

fn write(mut out: impl Write, desk: &Desk) {
    loop {
        let rests = |waiting: &mut Waiting| !waiting.ended && waiting.leaving.is_none();
        let waiting = desk.changed.wait_while(desk.waiting(), rests);
        let mut waiting = waiting.unwrap_or_else(PoisonError::into_inner);
        let Some(song) = waiting.leaving.take().filter(|_| !waiting.ended) else { return };
        waiting.writing = true;
        let said = Said::Song { number: waiting.number, song: Box::new(song) };
        drop(waiting);
        let began = Instant::now();
        // The one who reads sees that the plug-in has gone.
        if let Err(error) = said.write(&mut out) {
            tracing::warn!("an edit did not reach the plug-in: {error}");
            return desk.end();
        }
        desk.waiting().writing = false;
        desk.changed.notify_all();
        std::thread::sleep(PACE.saturating_sub(began.elapsed()));
    }
}

#[cfg(test)]
mod tests {
    use std::io::pipe;

    use super::*;

    fn song(title: &str) -> Box<Project> {
        Box::new(Project { title: title.into(), ..Project::default() })
    }

    fn wait<T>(mut look: impl FnMut() -> Option<T>) -> T {
        let began = Instant::now();
        loop {
            if let Some(found) = look() {
                return found;
            }
            assert!(began.elapsed() < Duration::from_secs(30), "nothing came");
            std::thread::sleep(Duration::from_millis(2));
        }
    }

    #[test]
    fn edits_go_out_with_the_number_of_what_came_and_the_last_one_even_at_the_end() {
        let ((theirs_in, ours_out), (ours_in, mut theirs_out)) = (pipe().unwrap(), pipe().unwrap());
        let attachment = Attachment::begin(ours_in, ours_out, Arc::new(|| ())).unwrap();
        Said::Song { number: 3, song: song("a") }.write(&mut theirs_out).unwrap();
        assert_eq!(wait(|| attachment.arrived().song).title, "a");
        for i in 0..100 {
            attachment.send(Project { title: i.to_string(), ..Project::default() });
        }
        drop(attachment);
        let mut source = theirs_in;
        let mut last = None;
        while let Some(said) = Said::read(&mut source).unwrap() {
            last = Some(said);
        }
        assert_eq!(last, Some(Said::Song { number: 3, song: song("99") }));
    }

    #[test]
    fn a_plug_in_that_goes_or_talks_nonsense_is_told_of() {
        let ((_theirs_in, ours_out), (ours_in, mut theirs_out)) = (pipe().unwrap(), pipe().unwrap());
        let attachment = Attachment::begin(ours_in, ours_out, Arc::new(|| ())).unwrap();
        Said::Place(Place { seconds: 1.5, playing: true }).write(&mut theirs_out).unwrap();
        Said::Show.write(&mut theirs_out).unwrap();
        wait(|| attachment.arrived().show.then_some(()));
        theirs_out.write_all(&[9; 400]).unwrap();
        wait(|| attachment.arrived().gone.then_some(()));
        assert!(attachment.arrived().gone, "it stays so");
        // Who closes waits for nobody then.
        attachment.send(Project::default());
    }
}
