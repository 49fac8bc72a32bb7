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

/// Takes the song that a plug-in had when it went.
type Rescuer = Box<dyn FnOnce(Project) + Send>;

/// What waits on either way.
#[derive(Default)]
struct Waiting {
    arrived: Arrived,
    /// The number of the song that came last.
    heard: u64,
    /// The number of the song that was asked for last: what is edited is edited in that.
    number: u64,
    /// The song as it is here.
    latest: Option<Project>,
    /// Whether that has yet to be told to the plug-in.
    leaving: bool,
    /// Whether a song is being written.
    writing: bool,
    rescuer: Option<Rescuer>,
    ended: bool,
}

impl Waiting {
    /// The song as the last one has it who told of it.
    fn song(&self) -> Option<Project> {
        self.arrived.song.clone().or_else(|| self.latest.clone())
    }
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
        let arrived = std::mem::replace(&mut waiting.arrived, Arrived { gone, ..Arrived::default() });
        if let Some(song) = &arrived.song {
            // What was edited in the one before has no place in it.
            waiting.number = waiting.heard;
            (waiting.latest, waiting.leaving) = (Some(song.clone()), false);
        }
        arrived
    }

    /// Sends the song as it is now; one that still waits is no longer sent.
    pub fn send(&self, song: Project) {
        let mut waiting = self.desk.waiting();
        (waiting.latest, waiting.leaving) = (Some(song), true);
        drop(waiting);
        self.desk.changed.notify_all();
    }

    /// Has the song given to `rescuer` when the plug-in goes, by the thread that hears of it: a window that
    /// nobody sees may not be drawn for hours, and asks for nothing meanwhile.
    pub fn rescue_by(&self, rescuer: impl FnOnce(Project) + Send + 'static) {
        let mut waiting = self.desk.waiting();
        if !waiting.arrived.gone {
            waiting.rescuer = Some(Box::new(rescuer));
            return;
        }
        let song = waiting.song();
        drop(waiting);
        if let Some(song) = song {
            rescuer(song);
        }
    }
}

impl Drop for Attachment {
    fn drop(&mut self) {
        let waits = |waiting: &mut Waiting| !waiting.ended && (waiting.leaving || waiting.writing);
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
                waiting.heard = number;
                waiting.arrived.song = Some(*song);
            }
            Some(Said::Place(place)) => waiting.arrived.place = Some(place),
            Some(Said::Show) => waiting.arrived.show = true,
            None => {
                waiting.arrived.gone = true;
                let rescued = waiting.rescuer.take().zip(waiting.song());
                drop(waiting);
                if let Some((rescuer, song)) = rescued {
                    rescuer(song);
                }
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
        let rests = |waiting: &mut Waiting| !waiting.ended && !waiting.leaving;
        let waiting = desk.changed.wait_while(desk.waiting(), rests);
        let mut waiting = waiting.unwrap_or_else(PoisonError::into_inner);
        let Some(song) = waiting.latest.clone().filter(|_| !waiting.ended) else { return };
        (waiting.leaving, waiting.writing) = (false, true);
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
    fn an_edit_of_a_song_that_gave_way_says_so_or_stays_here() {
        let ((mut theirs_in, ours_out), (ours_in, mut theirs_out)) = (pipe().unwrap(), pipe().unwrap());
        let (woken, wakes) = std::sync::mpsc::channel();
        let attachment =
            Attachment::begin(ours_in, ours_out, Arc::new(move || woken.send(()).unwrap())).unwrap();
        let mut tell = |number: u64| {
            Said::Song { number, song: song("theirs") }.write(&mut theirs_out).unwrap();
            wakes.recv().unwrap();
        };
        tell(1);
        attachment.arrived();
        // Nobody has looked at the second when the first is edited.
        tell(2);
        attachment.send(*song("of the first"));
        let said = Said::read(&mut theirs_in).unwrap();
        assert_eq!(said, Some(Said::Song { number: 1, song: song("of the first") }));
        // What waits when it is looked at is not told at all.
        attachment.send(*song("of the first, too"));
        attachment.arrived();
        attachment.send(*song("of the second"));
        let said = Said::read(&mut theirs_in).unwrap();
        assert_eq!(said, Some(Said::Song { number: 2, song: song("of the second") }));
    }

    #[test]
    fn the_song_is_rescued_when_the_plug_in_goes_though_nobody_looks() {
        let rescued_of = |told: bool, edited: Option<&str>, late: bool| {
            let ((_theirs_in, ours_out), (ours_in, mut theirs_out)) = (pipe().unwrap(), pipe().unwrap());
            let attachment = Attachment::begin(ours_in, ours_out, Arc::new(|| ())).unwrap();
            let (tell, rescued) = std::sync::mpsc::channel();
            let rescuer = move |song: Project| tell.send(song.title).unwrap();
            if !late {
                attachment.rescue_by(rescuer.clone());
            }
            if told {
                Said::Song { number: 1, song: song("theirs") }.write(&mut theirs_out).unwrap();
            }
            if let Some(title) = edited {
                wait(|| attachment.arrived().song);
                attachment.send(*song(title));
            }
            drop(theirs_out);
            if late {
                wait(|| attachment.desk.waiting().arrived.gone.then_some(()));
                attachment.rescue_by(rescuer);
            }
            rescued.recv_timeout(Duration::from_secs(2)).ok()
        };
        for late in [false, true] {
            assert_eq!(rescued_of(true, Some("edited"), late).as_deref(), Some("edited"));
            assert_eq!(rescued_of(true, None, late).as_deref(), Some("theirs"));
            assert_eq!(rescued_of(false, None, late), None);
        }
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
