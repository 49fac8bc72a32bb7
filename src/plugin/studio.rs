//! The studio of an instance: a process of its own, at the other end of a socket.
//!
//! Nothing that happens to it can hold up the host: what is sent and what comes goes through two threads,
//! and a studio that hangs, dies or talks nonsense only ends the conversation.

use std::io::{self, Read, Write};
use std::path::Path;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::shared::Shared;
use ziyin_playback::RATE;
use ziyin_score::Project;
use ziyin_session::attachment::{Place, Said};

/// How often the studio is told where the host is.
const PLACES: Duration = Duration::from_millis(33);

/// What waits to be sent.
#[derive(Default)]
struct Leaving {
    song: Option<(u64, Project)>,
    show: bool,
    ended: bool,
}

#[derive(Default)]
struct Desk {
    leaving: Mutex<Leaving>,
    changed: Condvar,
}

impl Desk {
    fn leaving(&self) -> MutexGuard<'_, Leaving> {
        self.leaving.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn end(&self) {
        self.leaving().ended = true;
        self.changed.notify_all();
    }
}

/// A studio that runs. Dropping it leaves the window open, with a song of its own from then on.
pub struct Studio {
    desk: Arc<Desk>,
    /// Ends the conversation both ways, wherever a thread waits.
    hang_up: Box<dyn Fn() + Send>,
    /// The number of the song that it has: it was told of it, or it came from there.
    known: Option<u64>,
    /// The number of the song that it was last told of.
    told: u64,
}

impl Studio {
    /// Starts the program. `edited` gets each song that it sends, with the number of the song that it had last
    /// been told of, and gives whether anybody still listens.
    ///
    /// # Errors
    /// If it cannot be started.
    #[cfg(unix)]
    pub fn start(
        program: &Path,
        shared: &Arc<Shared>,
        edited: impl Fn(u64, Box<Project>) -> bool + Send + 'static,
    ) -> io::Result<Self> {
        use std::os::fd::OwnedFd;
        use std::os::unix::net::UnixStream;
        use std::process::{Command, Stdio};

        let (ours, theirs) = UnixStream::pair()?;
        let mut child = Command::new(program)
            .arg("--attached")
            .stdin(Stdio::from(OwnedFd::from(theirs)))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()?;
        // Whoever has died is to be fetched; that may be long after the host has forgotten the instance.
        let ended = move || {
            if let Ok(status) = child.wait() {
                tracing::info!("the studio ended: {status}");
            }
        };
        Self::of_stream(ours, shared, edited, ended)
    }

    /// # Errors
    /// Always: there are no such sockets here.
    #[cfg(not(unix))]
    pub fn start(
        _program: &Path,
        _shared: &Arc<Shared>,
        _edited: impl Fn(u64, Box<Project>) -> bool + Send + 'static,
    ) -> io::Result<Self> {
        Err(io::ErrorKind::Unsupported.into())
    }

    /// A studio at the other end of a stream; `ended` is called when it has hung up.
    #[cfg(unix)]
    pub fn of_stream(
        stream: std::os::unix::net::UnixStream,
        shared: &Arc<Shared>,
        edited: impl Fn(u64, Box<Project>) -> bool + Send + 'static,
        ended: impl FnOnce() + Send + 'static,
    ) -> io::Result<Self> {
        let (source, out) = (stream.try_clone()?, stream.try_clone()?);
        let hang_up = move || {
            let _ = stream.shutdown(std::net::Shutdown::Both);
        };
        Self::begin(source, out, Box::new(hang_up), shared, edited, ended)
    }

    fn begin(
        source: impl Read + Send + 'static,
        out: impl Write + Send + 'static,
        hang_up: Box<dyn Fn() + Send>,
        shared: &Arc<Shared>,
        edited: impl Fn(u64, Box<Project>) -> bool + Send + 'static,
        ended: impl FnOnce() + Send + 'static,
    ) -> io::Result<Self> {
        let desk = Arc::new(Desk::default());
        let thread = |name: &str| std::thread::Builder::new().name(name.into());
        let reader = desk.clone();
        thread("studio reader").spawn(move || {
            read(source, edited);
            reader.end();
            ended();
        })?;
        let (writer, shared) = (desk.clone(), shared.clone());
        thread("studio writer").spawn(move || write(out, &writer, &shared))?;
        Ok(Self { desk, hang_up, known: None, told: 0 })
    }

    /// Whether somebody is still there.
    pub fn is_there(&self) -> bool {
        !self.desk.leaving().ended
    }

    /// Tells of a song if it is another than it has; one that still waits is no longer told of.
    pub fn tell(&mut self, number: u64, song: &Project) {
        if self.known != Some(number) {
            (self.known, self.told) = (Some(number), number);
            self.desk.leaving().song = Some((number, song.clone()));
            self.desk.changed.notify_all();
        }
    }

    /// Whether what was edited there when it had last been told of the song `seen` is an edit of the song that
    /// there is.
    pub fn is_current(&self, seen: u64) -> bool {
        self.known.is_some() && seen >= self.told
    }

    /// Says that the song of that number came from there.
    pub fn knows(&mut self, number: u64) {
        self.known = Some(number);
    }

    /// Brings its window to the front.
    pub fn show(&self) {
        self.desk.leaving().show = true;
        self.desk.changed.notify_all();
    }
}

impl Drop for Studio {
    fn drop(&mut self) {
        self.desk.end();
        (self.hang_up)();
    }
}

fn read(mut source: impl Read, edited: impl Fn(u64, Box<Project>) -> bool) {
    loop {
        match Said::read(&mut source) {
            Ok(Some(Said::Song { number, song })) => {
                if !edited(number, song) {
                    return;
                }
            }
            // The studio says nothing else.
            Ok(Some(_)) => {}
            Ok(None) => return,
            Err(error) => return tracing::error!("the studio is not understood: {error}"),
        }
    }
}

fn write(mut out: impl Write, desk: &Desk, shared: &Shared) {
    let mut told = None;
    loop {
        let rests = |leaving: &mut Leaving| !leaving.ended && leaving.song.is_none() && !leaving.show;
        let waited = desk.changed.wait_timeout_while(desk.leaving(), PLACES, rests);
        let (mut leaving, _) = waited.unwrap_or_else(PoisonError::into_inner);
        if leaving.ended {
            return;
        }
        let (song, show) = (leaving.song.take(), std::mem::take(&mut leaving.show));
        drop(leaving);
        let song = song.map(|(number, song)| Said::Song { number, song: Box::new(song) });
        let (sample, playing) = shared.whereabouts();
        let place = Place { seconds: sample as f64 / f64::from(RATE), playing };
        let moved = (told != Some(place)).then_some(Said::Place(place));
        told = Some(place);
        for said in song.into_iter().chain(moved).chain(show.then_some(Said::Show)) {
            if let Err(error) = said.write(&mut out) {
                tracing::warn!("the studio was not reached: {error}");
                return desk.end();
            }
        }
    }
}
