//! What is open: a song with its file, and everything that works on it.

use std::path::{Path, PathBuf, absolute};
use std::time::{Duration, Instant};
use ziyin_message::{Message, ToMessage, message};

use super::attachment::{Attachment, Place};
use super::audio_take::{AudioTake, Microphone};
use super::backing::{opened, written};
use super::editor::Editor;
use super::engine::{Engine, VoiceLoader, Wake};
use super::keeper::{Keeper, Kept, NotSaved, Order, Over, Saving};
use super::midi_keyboard::{FindMidi, MidiKeyboard};
use super::played::PlayingIn;
use super::readings::Readings;
use super::recovery::{self, EVERY, Lost, Recovery};
use super::search::{Found, Search};
use super::settings::Settings;
use super::singer_files::{DeletedSinger, SingerChange, SingerFolder};
use super::singers::{self, Singer};
use super::song_file::SongFile;
use ziyin_playback::Recorder;
use ziyin_score::Project;

/// After a rescue copy that could not be written another is tried after this time.
const AGAIN: Duration = Duration::from_secs(60);

/// An open song. Whoever shows it edits through [`Session::editor`], and calls
/// [`Session::follow`] after each round of edits.
pub struct Session {
    pub editor: Editor,
    pub engine: Engine,
    pub readings: Readings,
    pub settings: Settings,
    pub keyboard: MidiKeyboard,
    pub(super) playing_in: PlayingIn,
    /// Who is installed, once they are found: who sings where nobody is chosen stands first.
    pub singers: Vec<Singer>,
    /// Who was deleted and can be brought back.
    pub deleted_singers: Vec<DeletedSinger>,
    /// The folder of settings and rescued songs.
    home: PathBuf,
    /// The file of the song; none for a new one.
    file: Option<SongFile>,
    /// Whether another studio has the song open, so that this one does not write it.
    elsewhere: bool,
    /// Counts the songs that were opened.
    song: u64,
    keeper: Keeper,
    rescue: Rescue,
    pub(super) search: Search,
    /// The templates that were found last.
    pub(super) templates: Vec<PathBuf>,
    pub(super) microphone: Microphone,
    pub(super) audio_take: Option<AudioTake>,
    /// How many takes are on their way into their files.
    pub(super) keeping_takes: usize,
    /// Songs that other studios left behind, until somebody takes them.
    lost: Vec<Lost>,
    /// What is to be told before anything else.
    first: Vec<News>,
    attached: Option<Attached>,
}

/// A plug-in that the studio belongs to.
struct Attached {
    attachment: Attachment,
    /// The revision that the plug-in has; none before its song came.
    sent: Option<u64>,
    /// A song of the plug-in's that waits until a step is made.
    waiting: Option<Project>,
}

/// How it stands with the copy of unsaved work.
struct Rescue {
    /// Whether there is a place for it.
    guarded: bool,
    /// The revision that was rescued last.
    revision: Option<u64>,
    /// When that was tried last.
    tried: Instant,
    /// Whether it failed.
    failing: bool,
}

/// What happened to what was to be written.
#[derive(Clone, Debug, PartialEq)]
pub enum News {
    Saved(PathBuf),
    NotSaved {
        path: PathBuf,
        why: Message,
    },
    /// The song was not saved: another program has written its file since it was read or saved last.
    Changed(PathBuf),
    /// The song that was opened is open in another studio.
    Elsewhere(PathBuf),
    /// What became of singers; or why it did not.
    Singers(Result<SingerChange, Message>),
    /// What the microphone heard was laid behind the song, or why it was not.
    Recorded(Result<PathBuf, Message>),
    /// Unsaved work could not be copied to where the next start finds it; told once until it can.
    NotRescued(Message),
    SettingsNotKept(Message),
    /// The song of the plug-in came, and is open.
    Attached,
    /// The plug-in asks for the window.
    Shown,
    /// The plug-in has gone: the song is nowhere but here.
    Detached,
    /// The settings are those of a newer Ziyin, and are not changed.
    SettingsNewer,
}

impl Session {
    /// Begins with an empty song and the settings in a folder. `loader` loads the voice; `None` for
    /// everybody who is installed. `midi` finds MIDI keyboards; `None` for those of the system.
    pub fn begin(home: PathBuf, loader: Option<VoiceLoader>, midi: Option<FindMidi>, wake: Wake) -> Self {
        let settings = Settings::load(&home);
        let mut first = Vec::new();
        if settings.is_newer() {
            first.push(News::SettingsNewer);
        }
        let recovery = match Recovery::begin(&home.join("rescue")) {
            Ok(recovery) => Some(recovery),
            Err(error) => {
                first.push(News::NotRescued(error.to_message()));
                None
            }
        };
        let rescue =
            Rescue { guarded: recovery.is_some(), revision: None, tried: Instant::now(), failing: false };
        let keeper = Keeper::begin(&home, recovery, wake.clone());
        let loader = loader.unwrap_or_else(|| singers::installed_voices(settings.gpu));
        let mut search = Search::new(wake.clone());
        let folder = SingerFolder::of(&home);
        search.begin(move || found_in(&folder));
        let left = home.join("rescue");
        search.begin(move || Found::Lost(recovery::lost(&left)));
        let mut keyboard = match midi {
            Some(find) => MidiKeyboard::new(find, wake.clone()),
            None => MidiKeyboard::of_system(wake.clone()),
        };
        keyboard.choose(settings.keyboard.as_deref());
        let engine = Engine::start(loader, settings.device.clone(), wake);
        Self {
            editor: Editor::new(Project::default()),
            engine,
            readings: Readings::default(),
            settings,
            keyboard,
            playing_in: PlayingIn::default(),
            singers: Vec::new(),
            deleted_singers: Vec::new(),
            home,
            file: None,
            elsewhere: false,
            song: 0,
            keeper,
            rescue,
            search,
            templates: Vec::new(),
            microphone: Box::new(Recorder::begin),
            audio_take: None,
            keeping_takes: 0,
            lost: Vec::new(),
            first,
            attached: None,
        }
    }

    /// The file of the song, if it has one.
    pub fn path(&self) -> Option<&Path> {
        self.file.as_ref().map(|file| file.path.as_path())
    }

    /// Whether the song is saved under another name only: another studio has it open.
    pub fn is_read_only(&self) -> bool {
        self.elsewhere
    }

    /// Where the song lies, if it has a file.
    pub fn folder(&self) -> Option<&Path> {
        self.path().and_then(Path::parent)
    }

    /// The folder of settings and rescued songs.
    pub fn home(&self) -> &Path {
        &self.home
    }

    /// The folder of what the user recorded.
    pub fn takes(&self) -> PathBuf {
        self.home.join("takes")
    }

    /// Makes a project the open song, as it is in its file.
    pub fn take(&mut self, project: Project, file: Option<SongFile>) {
        self.end_audio();
        self.engine.stop();
        self.forget_copy();
        self.song += 1;
        self.file = file.map(|file| SongFile { path: absolute(&file.path).unwrap_or(file.path), ..file });
        self.elsewhere = false;
        self.keeper.order(Order::Hold(self.path().map(Path::to_path_buf)));
        let project = match self.folder() {
            Some(folder) => opened(project, folder),
            None => project,
        };
        self.editor.open(project);
        self.engine.seek(0.0);
    }

    /// Makes the song one without a file: it is a copy of what lies in the one that it had.
    pub fn part_from_file(&mut self) {
        (self.file, self.elsewhere) = (None, false);
        self.keeper.order(Order::Hold(None));
        self.editor.mark_unsaved();
    }

    /// Begins to save the song in a file, which is its own from [`News::Saved`] on. Its own file is
    /// written over only as it was seen last.
    pub fn save_to(&mut self, path: &Path) {
        let path = absolute(path).unwrap_or_else(|_| path.to_path_buf());
        let own = self.file.as_ref().filter(|file| file.path == path);
        let over = own.map_or(Over::Anything, |file| Over::Seen(file.seen));
        self.order_to_save(path, over);
    }

    /// Begins to save the song in its file, whatever lies there.
    pub fn save_over(&mut self) {
        if let Some(path) = self.path().map(Path::to_path_buf) {
            self.order_to_save(path, Over::Anything);
        }
    }

    fn order_to_save(&mut self, path: PathBuf, over: Over) {
        let project = self.editor.project().clone();
        let written = written(&project, path.parent().unwrap_or(Path::new("")));
        self.keeper.order(Order::Save(Saving { project, written, path, over, song: self.song }));
    }

    /// Whether the song is on its way into its file.
    pub fn is_saving(&self) -> bool {
        self.keeper.is_saving()
    }

    /// What happened to what was to be written; to be asked once in each frame.
    pub fn news(&mut self) -> Vec<News> {
        for found in self.search.found() {
            match found {
                Found::Singers(singers, deleted) => {
                    (self.singers, self.deleted_singers) = (singers, deleted);
                }
                Found::Lost(lost) => self.lost = lost,
                Found::Changed(changed) => self.first.push(News::Singers(changed)),
                Found::Templates(templates) => self.templates = templates,
                Found::NotKept(path, why) => self.first.push(News::NotSaved { path, why }),
                Found::Recorded(kept) => {
                    self.keeping_takes = self.keeping_takes.saturating_sub(1);
                    let laid = kept.and_then(|take| self.lay(&take).map(|()| take.path));
                    self.first.push(News::Recorded(laid));
                }
            }
        }
        let mut news = std::mem::take(&mut self.first);
        if news.iter().any(|news| matches!(news, News::Singers(Ok(_)))) {
            self.load_voices();
        }
        self.take_arrived(&mut news);
        for kept in self.keeper.kept() {
            match kept {
                Kept::Held { path, elsewhere } => {
                    if elsewhere && self.path() == Some(&path) {
                        tracing::info!("{} is open elsewhere", path.display());
                        self.elsewhere = true;
                        news.push(News::Elsewhere(path));
                    }
                }
                Kept::Saved(saving, Ok(seen)) => {
                    if saving.song == self.song {
                        self.file = Some(SongFile { path: saving.path.clone(), seen });
                        self.elsewhere = false;
                        self.editor.mark_saved(saving.project);
                    }
                    tracing::info!("saved {}", saving.path.display());
                    self.remember(&saving.path);
                    news.push(News::Saved(saving.path));
                }
                Kept::Saved(saving, Err(NotSaved::Changed)) => {
                    tracing::warn!("{} was written by another program", saving.path.display());
                    news.push(News::Changed(saving.path));
                }
                Kept::Saved(saving, Err(not)) => {
                    let why = match not {
                        NotSaved::Io(error) => error.to_message(),
                        _ => message!("keeper.elsewhere"),
                    };
                    tracing::error!("{} was not saved: {why}", saving.path.display());
                    news.push(News::NotSaved { path: saving.path, why });
                }
                Kept::Rescued(Ok(())) => self.rescue.failing = false,
                Kept::Rescued(Err(error)) => {
                    tracing::error!("no rescue copy was written: {error}");
                    self.rescue.revision = None;
                    if !std::mem::replace(&mut self.rescue.failing, true) {
                        news.push(News::NotRescued(error.to_message()));
                    }
                }
                Kept::Settings(Ok(())) => {}
                Kept::Settings(Err(error)) => news.push(News::SettingsNotKept(error.to_message())),
            }
        }
        news
    }

    /// Puts a song at the head of the recent ones, and its folder where dialogs begin.
    pub fn remember(&mut self, path: &Path) {
        let path = absolute(path).unwrap_or_else(|_| path.to_path_buf());
        self.settings.songs = path.parent().map(Path::to_path_buf);
        self.settings.remember(&path);
        self.keep_settings();
    }

    /// Keeps the preferences.
    pub fn keep_settings(&mut self) {
        self.keeper.order(Order::Settings(Box::new(self.settings.clone())));
    }

    /// Gives what was edited to the singer and the sound card.
    pub fn follow(&mut self) {
        let folder = self.file.as_ref().and_then(|file| file.path.parent());
        self.engine.follow(self.editor.project(), self.editor.revision(), folder);
        if let Some(attached) = &mut self.attached
            && attached.sent.is_some_and(|sent| sent != self.editor.revision())
            // A song of the plug-in's that waits takes the place of what is edited meanwhile.
            && attached.waiting.is_none()
        {
            attached.sent = Some(self.editor.revision());
            attached.attachment.send(self.editor.project().clone());
            // The plug-in keeps it in the project of the DAW.
            self.editor.mark_saved(self.editor.project().clone());
        }
    }

    /// Edits the song of a plug-in from now on, and follows its DAW.
    pub fn attach(&mut self, attachment: Attachment) {
        if self.rescue.guarded {
            attachment.rescue_by(self.keeper.rescuer());
        }
        self.attached = Some(Attached { attachment, sent: None, waiting: None });
        self.engine.follow_host(Some(Place::default()));
    }

    /// Whether the song is that of a plug-in.
    pub fn is_attached(&self) -> bool {
        self.attached.is_some()
    }

    /// Takes in what the plug-in tells.
    fn take_arrived(&mut self, news: &mut Vec<News>) {
        let Some(mut attached) = self.attached.take() else { return };
        let arrived = attached.attachment.arrived();
        if let Some(place) = arrived.place {
            self.engine.follow_host(Some(place));
        }
        let song = arrived.song.or(attached.waiting.take());
        if let Some(song) = song {
            if attached.sent.is_none() {
                self.take(song, None);
                attached.sent = Some(self.editor.revision());
                news.push(News::Attached);
            } else {
                let before = self.editor.revision();
                match self.editor.become_song("follow-plug-in", &song) {
                    Ok(true) => {
                        // What was edited meanwhile and not sent is taken back with this step.
                        attached.sent = attached.sent.map(|_| self.editor.revision());
                        if before != self.editor.revision() {
                            self.editor.mark_saved(song);
                        }
                    }
                    Ok(false) => attached.waiting = Some(song),
                    Err(error) => tracing::error!("the song of the plug-in was not taken: {error}"),
                }
            }
        }
        if arrived.show {
            news.push(News::Shown);
        }
        if arrived.gone {
            self.engine.follow_host(None);
            self.editor.mark_unsaved();
            if self.rescue.guarded {
                self.rescue_now(None);
            }
            news.push(News::Detached);
        } else {
            self.attached = Some(attached);
        }
    }

    /// Loads the voices anew, as the settings want them.
    pub fn load_voices(&mut self) {
        let folder = self.singer_folder();
        self.search.begin(move || found_in(&folder));
        self.engine.load_voice(singers::installed_voices(self.settings.gpu));
    }

    /// Begins to change which singers are installed; see [`News::Singers`].
    pub fn change_singers(
        &mut self,
        change: impl FnOnce(&SingerFolder) -> Result<SingerChange, Message> + Send + 'static,
    ) {
        let folder = self.singer_folder();
        self.search.begin(move || Found::Changed(change(&folder)));
    }

    /// Begins to install the singers of a file.
    pub fn install_singer(&mut self, path: PathBuf) {
        self.change_singers(move |folder| folder.install(&path));
    }

    /// Where the singers lie whom the user made or was given.
    pub fn singer_folder(&self) -> SingerFolder {
        SingerFolder::of(&self.home)
    }

    /// The singer of that name, or the one who sings where nobody is chosen.
    pub fn singer(&self, name: Option<&str>) -> Option<&Singer> {
        match name {
            Some(name) => self.singers.iter().find(|singer| singer.name.eq_ignore_ascii_case(name)),
            None => self.singers.first(),
        }
    }

    /// A number that is another for each song that was opened.
    pub fn song(&self) -> u64 {
        self.song
    }

    /// Whether singers or lost songs are still being looked for.
    pub fn is_searching(&self) -> bool {
        self.search.is_on()
    }

    /// Songs that other studios left behind and that were found at the start; once.
    pub fn lost(&mut self) -> Vec<Lost> {
        std::mem::take(&mut self.lost)
    }

    /// Takes over a song that was left behind. Until it is guarded here what was left behind stays.
    pub fn recover(&mut self, lost: Lost) {
        let Ok(project) = &lost.project else { return };
        self.take(project.clone(), lost.file.clone());
        self.editor.mark_unsaved();
        self.rescue_now(Some(lost));
    }

    /// The unsaved work is not wanted.
    pub fn give_up(&mut self) {
        self.forget_copy();
        self.rescue.revision = Some(self.editor.revision());
    }

    fn forget_copy(&mut self) {
        self.keeper.order(Order::Forget);
        (self.rescue.revision, self.rescue.tried) = (None, Instant::now());
    }

    fn rescue_now(&mut self, instead: Option<Lost>) {
        let (project, file) = (self.editor.project().clone(), self.file.clone());
        (self.rescue.revision, self.rescue.tried) = (Some(self.editor.revision()), Instant::now());
        self.keeper.order(Order::Rescue { project, file, instead });
    }

    /// Keeps a copy of unsaved work where the next start finds it; gives when that is due next.
    pub fn rescue(&mut self) -> Option<Instant> {
        if !self.editor.is_dirty() {
            if self.rescue.revision.is_some() {
                self.forget_copy();
            }
            return None;
        }
        if !self.rescue.guarded || self.rescue.revision == Some(self.editor.revision()) {
            return None;
        }
        let due = self.rescue.tried + if self.rescue.failing { AGAIN } else { EVERY };
        if due > Instant::now() {
            return Some(due);
        }
        self.rescue_now(None);
        None
    }
}

/// Who is installed with the singers of that folder, and who was deleted from it.
fn found_in(folder: &SingerFolder) -> Found {
    Found::Singers(Singer::all(&folder.singers), folder.deleted())
}
