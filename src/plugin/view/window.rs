//! A window of X11 in a window of the host, with two threads of its own: one waits for what comes from the
//! server, one draws. The host waits for neither.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::{Duration, Instant};

use egui::{Color32, Modifiers, MouseWheelSource, MouseWheelUnit, PointerButton, Pos2, RawInput, Rect, Vec2};
use x11rb::connection::{Connection, RequestConnection};
use x11rb::errors::{ConnectionError, ReplyError};
use x11rb::protocol::Event;
use x11rb::protocol::xproto::{
    ConnectionExt, CreateGCAux, CreateWindowAux, EventMask, Gcontext, ImageFormat, ImageOrder, Screen,
    VisualClass, Window, WindowClass,
};
use x11rb::rust_connection::RustConnection;
use x11rb::wrapper::ConnectionExt as _;

use super::canvas::Canvas;
use super::face::{Face, Wish, context};
use super::files::Files;
use super::given::{Gift, Given};
use super::{Ends, SIZE};
use rust_i18n::t;
use ziyin_message::Message;
use ziyin_model::user_folders::data_folder;
use ziyin_session::settings::{Settings, Theme};

/// How often the view looks what is sung.
const TICK: Duration = Duration::from_millis(100);
/// The least time between two pictures.
const FRAME: Duration = Duration::from_millis(16);
/// How far a click of the wheel scrolls, in points.
const WHEEL: f32 = 40.0;
/// Dots in an inch where nothing is enlarged.
const USUAL_DPI: f64 = 96.0;
/// The least and the greatest scale.
const SCALES: [f64; 2] = [0.5, 4.0];
/// Bytes of a request beside its picture.
const HEADER: usize = 64;

/// A view that a host has, in a window or not yet.
pub struct View {
    /// The display; `None` for the one that the environment names.
    display: Option<String>,
    ends: Ends,
    scale: f64,
    shown: Option<Shown>,
}

/// The window of a view. Dropping it takes it away, and both threads end.
struct Shown {
    connection: Arc<RustConnection>,
    window: Window,
    /// The window of the host that it lies in.
    parent: Window,
}

impl View {
    /// A view that lies nowhere yet. `scale` is that of the host, if it tells one.
    pub fn new(ends: Ends, scale: Option<f64>) -> Option<Self> {
        Some(Self::on(None, ends, scale))
    }

    /// The same on the display of that name.
    fn on(display: Option<String>, ends: Ends, scale: Option<f64>) -> Self {
        let dpi = || {
            let (connection, _) = RustConnection::connect(display.as_deref()).ok()?;
            let database = x11rb::resource_manager::new_from_default(&connection).ok()?;
            database.get_value::<f64>("Xft.dpi", "").ok().flatten()
        };
        let scale = scale.or_else(|| Some(dpi()? / USUAL_DPI)).unwrap_or(1.0);
        Self { display, ends, scale: within(scale), shown: None }
    }

    /// Takes the scale of the host, who may tell it when the view lies in its window already.
    ///
    /// # Errors
    /// Those of [`View::attach`].
    pub fn rescale(&mut self, scale: f64) -> Result<(), Message> {
        if self.scale == within(scale) {
            return Ok(());
        }
        self.scale = within(scale);
        match self.shown.as_ref().map(|shown| shown.parent) {
            Some(parent) => self.attach(parent),
            None => Ok(()),
        }
    }

    /// Width and height in pixels.
    pub fn size(&self) -> [u32; 2] {
        SIZE.map(|side| (f64::from(side) * self.scale).round() as u32)
    }

    /// Lays the view in a window of the host, and shows it.
    ///
    /// # Errors
    /// If there is no display of X11, its colours are not as they are everywhere, or it refuses.
    pub fn attach(&mut self, parent: Window) -> Result<(), Message> {
        self.shown = None;
        let (connection, screen) =
            RustConnection::connect(self.display.as_deref()).map_err(Message::foreign)?;
        let connection = Arc::new(connection);
        let roots = &connection.setup().roots;
        let screen = roots.get(screen).ok_or_else(|| Message::foreign("a display without a screen"))?;
        if !has_usual_colours(&connection, screen) {
            return Err(Message::foreign("a display without 24 bits of colour"));
        }
        let [width, height] = self.size().map(|side| side as u16);
        let id = || connection.generate_id().map_err(Message::foreign);
        let (window, ink) = (id()?, id()?);
        let events = EventMask::EXPOSURE
            | EventMask::STRUCTURE_NOTIFY
            | EventMask::BUTTON_PRESS
            | EventMask::BUTTON_RELEASE
            | EventMask::POINTER_MOTION
            | EventMask::LEAVE_WINDOW;
        // The parent may have more colours than are drawn here.
        let looks = CreateWindowAux::new()
            .event_mask(events)
            .border_pixel(0)
            .background_pixel(screen.black_pixel)
            .colormap(screen.default_colormap);
        let (depth, visual) = (screen.root_depth, screen.root_visual);
        let class = WindowClass::INPUT_OUTPUT;
        connection
            .create_window(depth, window, parent, 0, 0, width, height, 0, class, visual, &looks)
            .map_err(Message::foreign)?
            .check()
            .map_err(Message::foreign)?;
        connection.create_gc(ink, window, &CreateGCAux::new()).map_err(Message::foreign)?;
        let shown = Shown { connection: connection.clone(), window, parent };
        let (tell, told) = channel();
        let drawn = Drawn::new(connection.clone(), window, ink, depth, self.size(), self.scale, &self.ends)
            .map_err(Message::foreign)?;
        let begin = |name: &str| std::thread::Builder::new().name(name.into());
        let listened = connection.clone();
        begin("view reader").spawn(move || listen(&listened, window, &tell)).map_err(Message::foreign)?;
        begin("view")
            .spawn(move || {
                if catch_unwind(AssertUnwindSafe(|| drawn.run(&told))).is_err() {
                    tracing::error!("the view broke down");
                }
            })
            .map_err(Message::foreign)?;
        self.shown = Some(shown);
        self.show(true);
        Ok(())
    }

    pub fn show(&self, visible: bool) {
        let Some(Shown { connection, window, .. }) = &self.shown else { return };
        let asked = if visible { connection.map_window(*window) } else { connection.unmap_window(*window) };
        // A server that is gone needs nothing.
        drop(asked);
        let _ = connection.flush();
    }

    /// Takes the window away.
    pub fn remove(&mut self) {
        self.shown = None;
    }
}

impl Drop for Shown {
    fn drop(&mut self) {
        drop(self.connection.destroy_window(self.window));
        // The host takes its own window away next.
        let _ = self.connection.sync();
    }
}

/// A scale that a view can have.
fn within(scale: f64) -> f64 {
    if scale.is_finite() { scale.clamp(SCALES[0], SCALES[1]) } else { 1.0 }
}

/// Whether a pixel is eight bits each of red, green and blue in four bytes.
fn has_usual_colours(connection: &RustConnection, screen: &Screen) -> bool {
    let visuals = screen.allowed_depths.iter().flat_map(|depth| &depth.visuals);
    let usual = visuals.filter(|visual| visual.visual_id == screen.root_visual).any(|visual| {
        visual.class == VisualClass::TRUE_COLOR
            && [visual.red_mask, visual.green_mask, visual.blue_mask] == [0xFF_0000, 0xFF00, 0xFF]
    });
    let mut formats = connection.setup().pixmap_formats.iter();
    usual && formats.any(|format| format.depth == screen.root_depth && format.bits_per_pixel == 32)
}

/// Hands on what comes until the window is gone.
fn listen(connection: &RustConnection, window: Window, tell: &Sender<Event>) {
    while let Ok(event) = connection.wait_for_event() {
        let ends = matches!(&event, Event::DestroyNotify(gone) if gone.window == window);
        if tell.send(event).is_err() || ends {
            return;
        }
    }
}

/// What the drawing thread has.
struct Drawn {
    connection: Arc<RustConnection>,
    window: Window,
    ink: Gcontext,
    depth: u8,
    size: [u32; 2],
    scale: f32,
    ends: Ends,
    files: Files,
    given: Given,
    language: String,
    ctx: egui::Context,
    canvas: Canvas,
    face: Option<Face>,
    began: Instant,
    /// Where the pointer is, in points.
    pointer: Pos2,
    visible: bool,
}

impl Drawn {
    fn new(
        connection: Arc<RustConnection>,
        window: Window,
        ink: Gcontext,
        depth: u8,
        size: [u32; 2],
        scale: f64,
        ends: &Ends,
    ) -> Result<Self, ReplyError> {
        let settings = data_folder().map(|folder| Settings::load(&folder)).unwrap_or_default();
        Ok(Self {
            given: Given::begin(connection.clone(), window)?,
            connection,
            window,
            ink,
            depth,
            size,
            scale: scale as f32,
            ends: ends.clone(),
            files: Files::new(ends.clone(), settings.songs, settings.language.clone()),
            language: settings.language,
            ctx: context(settings.theme != Theme::Light),
            canvas: Canvas::new(size.map(|side| side as usize)),
            face: None,
            began: Instant::now(),
            pointer: Pos2::ZERO,
            visible: false,
        })
    }

    /// Draws until the window is gone.
    fn run(mut self, told: &Receiver<Event>) {
        let mut wait = TICK;
        loop {
            let first = match told.recv_timeout(wait) {
                Ok(event) => Some(event),
                Err(RecvTimeoutError::Timeout) => None,
                Err(RecvTimeoutError::Disconnected) => return,
            };
            let mut input = Vec::new();
            let mut exposed = false;
            for event in first.into_iter().chain(told.try_iter()) {
                match event {
                    Event::DestroyNotify(gone) if gone.window == self.window => return,
                    Event::MapNotify(_) => self.visible = true,
                    Event::UnmapNotify(_) => self.visible = false,
                    Event::Expose(_) => exposed = true,
                    event => match self.given.take(&event) {
                        Ok(Some(gift)) => self.accept(gift),
                        Ok(None) => input.extend(self.input(&event)),
                        Err(error) => tracing::warn!("what was given was not taken: {error}"),
                    },
                }
            }
            self.files.look();
            if !self.visible {
                wait = TICK;
                continue;
            }
            let began = Instant::now();
            match self.frame(input, exposed) {
                Ok(next) => wait = next.saturating_sub(began.elapsed()).max(FRAME),
                // The one who listens sees that the server has gone.
                Err(error) => {
                    tracing::warn!("the view was not drawn: {error}");
                    wait = TICK;
                }
            }
        }
    }

    /// What the pointer does, as the face knows it.
    fn input(&mut self, event: &Event) -> Option<egui::Event> {
        let mut at = |x: i16, y: i16| {
            self.pointer = Pos2::new(f32::from(x), f32::from(y)) / self.scale;
            self.pointer
        };
        match event {
            Event::MotionNotify(moved) => Some(egui::Event::PointerMoved(at(moved.event_x, moved.event_y))),
            Event::LeaveNotify(_) => Some(egui::Event::PointerGone),
            Event::ButtonPress(press) | Event::ButtonRelease(press) => {
                let pos = at(press.event_x, press.event_y);
                let pressed = matches!(event, Event::ButtonPress(_));
                match press.detail {
                    1 => Some(egui::Event::PointerButton {
                        pos,
                        button: PointerButton::Primary,
                        pressed,
                        modifiers: Modifiers::NONE,
                    }),
                    4 | 5 if pressed => Some(egui::Event::MouseWheel {
                        unit: MouseWheelUnit::Point,
                        delta: Vec2::new(0.0, if press.detail == 4 { WHEEL } else { -WHEEL }),
                        phase: egui::TouchPhase::Move,
                        source: MouseWheelSource::Wheel,
                        modifiers: Modifiers::NONE,
                    }),
                    _ => None,
                }
            }
            _ => None,
        }
    }

    /// Draws what has changed, and gives how long nothing else will.
    fn frame(&mut self, input: Vec<egui::Event>, exposed: bool) -> Result<Duration, ConnectionError> {
        let mut face = Face::of(&self.ends.shared, &self.language);
        self.files.tell(&mut face);
        let still =
            input.is_empty() && self.face.as_ref() == Some(&face) && !self.ctx.has_requested_repaint();
        if still {
            if exposed {
                self.send()?;
            }
            return Ok(TICK);
        }
        let screen = Vec2::new(self.size[0] as f32, self.size[1] as f32) / self.scale;
        let mut raw = RawInput {
            screen_rect: Some(Rect::from_min_size(Pos2::ZERO, screen)),
            time: Some(self.began.elapsed().as_secs_f64()),
            events: input,
            focused: true,
            ..RawInput::default()
        };
        if let Some(viewport) = raw.viewports.get_mut(&raw.viewport_id) {
            viewport.native_pixels_per_point = Some(self.scale);
        }
        let mut wish = None;
        let output = self.ctx.run_ui(raw, |ui| wish = face.show(ui, &self.language).or(wish));
        let triangles = self.ctx.tessellate(output.shapes, output.pixels_per_point);
        self.canvas.paint(&triangles, output.textures_delta, output.pixels_per_point);
        self.send()?;
        self.face = Some(face);
        if let Some(wish) = wish {
            self.obey(wish)?;
        }
        let delays = output.viewport_output.values().map(|viewport| viewport.repaint_delay);
        Ok(delays.min().unwrap_or(TICK).min(TICK))
    }

    fn obey(&mut self, wish: Wish) -> Result<(), ConnectionError> {
        match wish {
            Wish::Studio => self.ends.shared.ask_for_studio(),
            Wish::Import => self.files.import(),
            Wish::Cancel => self.files.cancel(),
            Wish::Undo => self.files.undo(),
            Wish::Save => self.files.save(),
            Wish::Record(records) => self.ends.shared.set_records_what_plays(records),
            Wish::PasteWords => self.given.ask_for_text()?,
            Wish::ForgetWords => (self.ends.let_words_wait)(""),
        }
        Ok(())
    }

    /// Takes what another program gave.
    fn accept(&mut self, gift: Gift) {
        match gift {
            Gift::Text(text) => match text.filter(|text| !text.trim().is_empty()) {
                Some(text) => (self.ends.let_words_wait)(&text),
                None => self.files.say(t!("view.no-text", locale = &self.language).into()),
            },
            Gift::Files(files) => {
                if let Some(file) = files.first() {
                    self.files.take_dropped(file);
                }
            }
        }
    }

    /// Sends the picture to the server, in pieces that it takes.
    fn send(&self) -> Result<(), ConnectionError> {
        let [width, _] = self.size.map(|side| side as usize);
        let least = self.connection.setup().image_byte_order == ImageOrder::LSB_FIRST;
        let rows = (self.connection.maximum_request_bytes().saturating_sub(HEADER) / (4 * width)).max(1);
        for (i, piece) in self.canvas.pixels().chunks(rows * width).enumerate() {
            let bytes: Vec<u8> = piece.iter().flat_map(|&pixel| bytes(pixel, least)).collect();
            let (top, height) = ((i * rows) as i16, (piece.len() / width) as u16);
            let (format, width) = (ImageFormat::Z_PIXMAP, width as u16);
            self.connection.put_image(
                format,
                self.window,
                self.ink,
                width,
                height,
                0,
                top,
                0,
                self.depth,
                &bytes,
            )?;
        }
        self.connection.flush()
    }
}

/// A pixel as the server wants it.
fn bytes(pixel: Color32, least_first: bool) -> [u8; 4] {
    let [r, g, b, _] = pixel.to_array();
    if least_first { [b, g, r, 0] } else { [0, r, g, b] }
}

#[cfg(test)]
mod tests {
    use std::io::{BufRead, BufReader};
    use std::process::{Child, Command, Stdio};

    use super::*;
    use crate::shared::Shared;
    use ziyin_score::{Project, Track, TrackId};

    /// An X server without a screen, which ends with this.
    struct Display(Child, String);

    impl Display {
        /// `None` where Xvfb is not installed.
        fn start() -> Option<Self> {
            let mut server = Command::new("Xvfb")
                .args(["-displayfd", "1", "-screen", "0", "800x600x24", "-nolisten", "tcp"])
                .stdout(Stdio::piped())
                .stderr(Stdio::null())
                .spawn()
                .ok()?;
            let mut number = String::new();
            BufReader::new(server.stdout.take().unwrap()).read_line(&mut number).unwrap();
            Some(Self(server, format!(":{}", number.trim())))
        }
    }

    impl Drop for Display {
        fn drop(&mut self) {
            let _ = self.0.kill();
            let _ = self.0.wait();
        }
    }

    /// The window of a host.
    struct Host(RustConnection, Window);

    impl Host {
        fn on(display: &Display) -> Self {
            let (connection, screen) = RustConnection::connect(Some(&display.1)).unwrap();
            let window = connection.generate_id().unwrap();
            let root = connection.setup().roots[screen].root;
            let looks = CreateWindowAux::new();
            let class = WindowClass::INPUT_OUTPUT;
            connection.create_window(0, window, root, 0, 0, 600, 400, 0, class, 0, &looks).unwrap();
            connection.map_window(window).unwrap();
            connection.sync().unwrap();
            Self(connection, window)
        }

        fn child(&self) -> Option<Window> {
            self.0.query_tree(self.1).unwrap().reply().unwrap().children.first().copied()
        }

        /// The rows of what is to be seen in the view.
        fn picture(&self) -> Vec<Vec<u8>> {
            let Some(child) = self.child() else { return Vec::new() };
            let [width, height] = SIZE.map(|side| side as u16);
            let image = self.0.get_image(ImageFormat::Z_PIXMAP, child, 0, 0, width, height, !0).unwrap();
            image.reply().map_or(Vec::new(), |image| {
                image.data.chunks_exact(4 * usize::from(width)).map(<[u8]>::to_vec).collect()
            })
        }

        fn click(&self, x: i16, y: i16) {
            use x11rb::protocol::xproto::{
                BUTTON_PRESS_EVENT, BUTTON_RELEASE_EVENT, ButtonPressEvent, KeyButMask,
            };

            let window = self.child().unwrap();
            for (response_type, mask) in [
                (BUTTON_PRESS_EVENT, EventMask::BUTTON_PRESS),
                (BUTTON_RELEASE_EVENT, EventMask::BUTTON_RELEASE),
            ] {
                let event = ButtonPressEvent {
                    response_type,
                    detail: 1,
                    sequence: 0,
                    time: 0,
                    root: window,
                    event: window,
                    child: 0,
                    root_x: x,
                    root_y: y,
                    event_x: x,
                    event_y: y,
                    state: KeyButMask::default(),
                    same_screen: true,
                };
                self.0.send_event(false, window, mask, event).unwrap();
                self.0.sync().unwrap();
                std::thread::sleep(Duration::from_millis(60));
            }
        }
    }

    fn wait_until(what: &str, mut is_so: impl FnMut() -> bool) {
        let began = Instant::now();
        while !is_so() {
            assert!(began.elapsed() < Duration::from_secs(60), "{what} not");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Ends of an instance that has no conductor.
    fn ends(shared: &Arc<Shared>) -> Ends {
        let (taken, written) = (shared.clone(), shared.clone());
        let take = move |song| drop(taken.take_song(song));
        let let_words_wait = move |text: &str| {
            written.edit(|song| crate::keys::let_words_wait(song, 0, text)).unwrap();
        };
        Ends { shared: shared.clone(), take: Arc::new(take), let_words_wait: Arc::new(let_words_wait) }
    }

    /// Another program, which has something to give.
    struct Other {
        connection: RustConnection,
        window: Window,
    }

    impl Other {
        fn on(display: &Display) -> Self {
            let Host(connection, window) = Host::on(display);
            Self { connection, window }
        }

        fn atom(&self, name: &str) -> u32 {
            self.connection.intern_atom(false, name.as_bytes()).unwrap().reply().unwrap().atom
        }

        /// Gives text to whoever asks next for the selection.
        fn give(&self, text: &[u8]) {
            use x11rb::protocol::xproto::{PropMode, SelectionNotifyEvent};

            loop {
                let Event::SelectionRequest(asked) = self.connection.wait_for_event().unwrap() else {
                    continue;
                };
                let (mode, connection) = (PropMode::REPLACE, &self.connection);
                connection
                    .change_property8(mode, asked.requestor, asked.property, asked.target, text)
                    .unwrap();
                let told = SelectionNotifyEvent {
                    response_type: x11rb::protocol::xproto::SELECTION_NOTIFY_EVENT,
                    sequence: 0,
                    time: asked.time,
                    requestor: asked.requestor,
                    selection: asked.selection,
                    target: asked.target,
                    property: asked.property,
                };
                connection.send_event(false, asked.requestor, EventMask::NO_EVENT, told).unwrap();
                return connection.flush().unwrap();
            }
        }

        fn own(&self, selection: &str) {
            self.connection.set_selection_owner(self.window, self.atom(selection), 0u32).unwrap();
            self.connection.sync().unwrap();
        }

        fn say(&self, to: Window, kind: &str, mut data: [u32; 5]) {
            use x11rb::protocol::xproto::ClientMessageEvent;

            data[0] = self.window;
            let message = ClientMessageEvent::new(32, to, self.atom(kind), data);
            self.connection.send_event(false, to, EventMask::NO_EVENT, message).unwrap();
            self.connection.flush().unwrap();
        }

        /// What is said to it next of that kind.
        fn heard(&self, kind: &str) -> [u32; 5] {
            loop {
                if let Event::ClientMessage(said) = self.connection.wait_for_event().unwrap()
                    && said.type_ == self.atom(kind)
                {
                    return said.data.as_data32();
                }
            }
        }
    }

    #[test]
    fn words_are_pasted_and_a_file_is_dropped() {
        let Some(display) = Display::start() else {
            return println!("skipped: Xvfb is not installed (scripts/setup tests)");
        };
        let shared = Arc::new(Shared::default());
        let host = Host::on(&display);
        let mut view = View::on(Some(display.1.clone()), ends(&shared), Some(1.0));
        view.attach(host.1).unwrap();
        wait_until("it is drawn", || host.picture().concat().iter().any(|&byte| byte != 0));
        // The button for words is the second in its row; that for imports is above it.
        let other = Other::on(&display);
        other.own("CLIPBOARD");
        std::thread::scope(|scope| {
            scope.spawn(|| other.give("好一朵".as_bytes()));
            let mut rows = (110..160).step_by(6).cycle();
            wait_until("the words wait", || {
                host.click(120, rows.next().unwrap());
                shared.song().tracks.first().is_some_and(|track| track.words == ["好", "一", "朵"])
            });
        });
        // What has no files among it is not taken.
        let child = host.child().unwrap();
        let uris = other.atom("text/uri-list");
        other.say(child, "XdndEnter", [0, 5 << 24, other.atom("text/html"), 0, 0]);
        other.say(child, "XdndPosition", [0; 5]);
        assert_eq!(other.heard("XdndStatus")[..2], [child, 0]);
        other.say(child, "XdndLeave", [0; 5]);
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a song.ziyin");
        Project { title: "dropped".into(), ..Project::default() }.save(&path).unwrap();
        let address = format!("file://{}\r\n", path.display()).replace(' ', "%20");
        other.say(child, "XdndEnter", [0, 5 << 24, other.atom("text/html"), uris, 0]);
        other.say(child, "XdndPosition", [0; 5]);
        assert_eq!(other.heard("XdndStatus")[..2], [child, 1]);
        other.own("XdndSelection");
        other.say(child, "XdndDrop", [0; 5]);
        other.give(address.as_bytes());
        assert_eq!(other.heard("XdndFinished")[..2], [child, 1]);
        wait_until("it is read", || shared.song().title == "dropped");
        view.remove();
    }

    #[test]
    fn the_view_lies_in_the_window_of_the_host_and_goes_with_it() {
        let Some(display) = Display::start() else {
            return println!("skipped: Xvfb is not installed (scripts/setup tests)");
        };
        let shared = Arc::new(Shared::default());
        let open = |scale| View::on(Some(display.1.clone()), ends(&shared), scale);
        assert_eq!(open(Some(2.0)).size(), [960, 680]);
        let host = Host::on(&display);
        let mut view = open(Some(1.0));
        view.attach(host.1).unwrap();
        wait_until("it is drawn", || host.picture().concat().iter().any(|&byte| byte != 0));
        // Another song is seen by itself.
        let before = host.picture();
        let tracks = vec![Track::new(TrackId(1), "a voice")];
        shared.take_song(Project { title: "a song".into(), tracks, ..Project::default() });
        wait_until("it is drawn anew", || host.picture() != before);
        // The first of the buttons.
        let mut rows = (40..140).step_by(6).cycle();
        wait_until("the studio is asked for", || {
            host.click(40, rows.next().unwrap());
            shared.take_asked_for_studio()
        });
        // A host that tells its scale only then.
        let width = || {
            let child = host.child().unwrap();
            host.0.get_geometry(child).unwrap().reply().unwrap().width
        };
        let there = host.child();
        view.rescale(1.0).unwrap();
        assert_eq!((host.child(), width()), (there, 480));
        view.rescale(1.5).unwrap();
        assert_eq!((view.size(), width()), ([720, 510], 720));
        wait_until("it is drawn larger", || host.picture().concat().iter().any(|&byte| byte != 0));
        view.rescale(f64::NAN).unwrap();
        assert_eq!(width(), 480);
        // Hidden, shown and put elsewhere.
        view.show(false);
        view.show(true);
        let other = Host::on(&display);
        view.attach(other.1).unwrap();
        wait_until("it is drawn there", || other.picture().concat().iter().any(|&byte| byte != 0));
        assert_eq!(host.child(), None);
        // A host that takes its window away first, and a server that dies.
        other.0.destroy_window(other.1).unwrap();
        other.0.sync().unwrap();
        view.remove();
        view.attach(host.1).unwrap();
        wait_until("it is drawn again", || host.picture().concat().iter().any(|&byte| byte != 0));
        assert!(view.attach(1).is_err());
        drop(display);
        assert!(view.attach(host.1).is_err());
        drop(view);
        wait_until("its threads end", || Arc::strong_count(&shared) == 1);
    }
}
