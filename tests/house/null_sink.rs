//! The studio's engine on a sound card that is none: a null sink of PulseAudio, which is
//! paced in time like a real one, and whose sound can be recorded.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};
use ziyin_message::message;

use ziyin_playback::DeviceChoice;
use ziyin_session::engine::{Engine, LoadedVoice, SoundStatus, SungVoice, VoiceLoader};
use ziyin_signal::track_pitch;
use ziyin_singing::stream::VocoderDevice;

use super::singing::{Hum, song};

/// A choice of a device that no machine has.
pub fn nowhere() -> DeviceChoice {
    DeviceChoice { name: Some("a device that is nowhere".into()), buffer: None }
}

pub fn hum() -> VoiceLoader {
    Box::new(|| {
        let sung = SungVoice { voice: Arc::new(Hum::default()), vocoder: VocoderDevice::Cpu };
        Ok(LoadedVoice { sung, singers: vec!["hum".into()], device: message!("device.cpu") })
    })
}

/// Lets frames of a studio go by until something is so.
#[track_caller]
pub fn wait(engine: &mut Engine, what: &str, mut so: impl FnMut(&mut Engine) -> bool) {
    let begun = Instant::now();
    while !so(engine) {
        assert!(begun.elapsed() < Duration::from_secs(120), "waited in vain until {what}");
        std::thread::sleep(Duration::from_millis(2));
        engine.tick();
    }
}

/// A sound server of its own, which ends with this.
struct Server {
    folder: tempfile::TempDir,
    daemon: Child,
}

impl Server {
    /// `None` where PulseAudio is not installed.
    fn start() -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let daemon = Self::daemon(folder.path())?;
        // ALSA's default device is the sound server.
        let config =
            "</usr/share/alsa/alsa.conf>\npcm.!default { type pulse }\nctl.!default { type pulse }\n";
        std::fs::write(folder.path().join("alsa.conf"), config).unwrap();
        let server = Self { folder, daemon };
        server.wait_for("native", 1);
        Some(server)
    }

    fn daemon(folder: &Path) -> Option<Child> {
        let log = File::create(folder.join("log")).unwrap();
        let socket = format!("module-native-protocol-unix socket={}", folder.join("native").display());
        Command::new("pulseaudio")
            .args(["-n", "--daemonize=no", "--exit-idle-time=-1", "--use-pid-file=no", "-L", &socket])
            .args(["-L", "module-null-sink sink_name=ziyin rate=48000"])
            .envs(Self::environment(folder))
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .ok()
    }

    /// Ends the sound server; the folder stays for another.
    fn end(&mut self) {
        self.daemon.kill().unwrap();
        self.daemon.wait().unwrap();
        let _ = std::fs::remove_file(self.folder.path().join("native"));
    }

    fn begin_again(&mut self) {
        self.daemon = Self::daemon(self.folder.path()).unwrap();
        self.wait_for("native", 1);
    }

    fn environment(folder: &Path) -> Vec<(&'static str, PathBuf)> {
        let server = format!("unix:{}", folder.join("native").display());
        vec![
            ("HOME", folder.into()),
            ("XDG_RUNTIME_DIR", folder.into()),
            ("PULSE_SERVER", server.into()),
            ("ALSA_CONFIG_PATH", folder.join("alsa.conf")),
        ]
    }

    /// Waits until a file of the folder is there and holds so many bytes.
    fn wait_for(&self, name: &str, bytes: u64) {
        let begun = Instant::now();
        let path = self.folder.path().join(name);
        while std::fs::metadata(&path).map_or(0, |metadata| metadata.len().max(1)) < bytes {
            let log = std::fs::read_to_string(self.folder.path().join("log")).unwrap_or_default();
            assert!(begun.elapsed() < Duration::from_secs(180), "waited in vain for {name}: {log}");
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// Records what is played, one channel at 44.1 kHz, from now on.
    fn record(&self) -> Child {
        let recorder = Command::new("parec")
            .args(["--device=ziyin.monitor", "--format=float32le", "--rate=44100", "--channels=1", "--raw"])
            .args(["--latency-msec=20"])
            .envs(Self::environment(self.folder.path()))
            .stdout(File::create(self.folder.path().join("heard")).unwrap())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        // Its first bytes say that it hears.
        self.wait_for("heard", 4096);
        recorder
    }

    fn heard(&self) -> Vec<f32> {
        let bytes = std::fs::read(self.folder.path().join("heard")).unwrap();
        bytes.chunks_exact(4).map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]])).collect()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.daemon.kill();
        let _ = self.daemon.wait();
    }
}

#[test]
fn what_comes_out_of_the_sound_card_is_in_tune_and_a_card_that_goes_is_found_again() {
    let Some(mut server) = Server::start() else {
        return println!("skipped: pulseaudio is not installed (scripts/setup tests)");
    };
    let mut recorder = server.record();
    // The sound libraries read their environment when they are first used, so the studio
    // is another process: the test below.
    let mut studio = Command::new(std::env::current_exe().unwrap())
        .args(["--ignored", "--exact", "--nocapture", "null_sink::the_studio_on_the_null_sink"])
        .envs(Server::environment(server.folder.path()))
        .env("ZIYIN_NULL_SINK", server.folder.path())
        .spawn()
        .unwrap();
    server.wait_for("played", 1);
    recorder.kill().unwrap();
    recorder.wait().unwrap();
    let heard = server.heard();
    server.end();
    // It comes back for a moment while it is looked for, then goes for longer.
    server.wait_for("searching", 1);
    server.begin_again();
    server.wait_for("found", 1);
    server.end();
    server.wait_for("lost", 1);
    server.begin_again();
    assert!(studio.wait().unwrap().success());

    let first = heard.iter().position(|sample| sample.abs() > 0.01).expect("something was heard");
    let pitch = track_pitch(&heard[first..], 100.0, 600.0, 128);
    for (at, key) in [(0.5, 57.0), (1.5, 64.0), (2.5, 60.0)] {
        let mut cents: Vec<f64> = (0..50)
            .filter_map(|i| pitch.bridged_at(at - 0.15 + 0.006 * f64::from(i)))
            .map(|hertz| 1200.0 * (f64::from(hertz) / 440.0).log2() - 100.0 * (key - 69.0))
            .collect();
        cents.sort_by(f64::total_cmp);
        assert!(cents.len() > 40 && cents[cents.len() / 2].abs() < 10.0, "key {key} at {at} s: {cents:?}");
    }
}

/// The studio's part of the test above.
#[test]
#[ignore = "needs the sound server of the test above"]
fn the_studio_on_the_null_sink() {
    let Some(folder) = std::env::var_os("ZIYIN_NULL_SINK").map(PathBuf::from) else { return };
    let mut engine = Engine::start(hum(), DeviceChoice::default(), Arc::new(|| ()));
    wait(&mut engine, "the device is open", |engine| *engine.sound_status() != SoundStatus::Opening);
    assert!(engine.sound_status().is_ready(), "{:?}", engine.sound_status());
    // Three notes of a second each at 120 bpm; the vowel stands on the beat.
    engine.follow(&song(&[(0.0, 2.0, 57, "啊"), (2.0, 2.0, 64, "啊"), (4.0, 2.0, 60, "啊")]), 1, None);
    wait(&mut engine, "the song is sung", |engine| {
        engine.progress().of > 0.0 && engine.progress().part() >= 1.0
    });
    let pressed = Instant::now();
    engine.play();
    wait(&mut engine, "it sounds", |engine| engine.master_meter()[0] > 0.0);
    println!(
        "first sound made {:?} after play was pressed, on {:?}",
        pressed.elapsed(),
        engine.sound_status()
    );
    wait(&mut engine, "it has played", |engine| engine.position() > 3.3);
    println!("{} under-runs", engine.underruns());
    // A device on which nothing sounds is let go of, and costs nothing; it is there when it is to play.
    engine.stop();
    assert!(sounding_threads() > 0);
    wait(&mut engine, "the device rests", |_| sounding_threads() == 0);
    assert!(engine.sound_status().is_ready(), "nobody need know: {:?}", engine.sound_status());
    engine.play();
    wait(&mut engine, "it plays again", |engine| {
        assert!(engine.sound_status().is_ready(), "{:?}", engine.sound_status());
        engine.position() > 3.3
    });
    engine.stop();
    wait(&mut engine, "the device rests again", |_| sounding_threads() == 0);
    engine.sound_key(Some(60), Some("hum"));
    wait(&mut engine, "a key is heard after the rest", |engine| engine.master_meter()[0] > 0.0);
    engine.sound_key(None, None);
    engine.seek(0.0);
    engine.play();
    wait(&mut engine, "it has played", |engine| engine.position() > 3.3);
    let tell = |what: &str| std::fs::write(folder.join(what), what).unwrap();
    tell("played");
    // One that goes is looked for by itself, and nobody has to choose it again.
    wait(&mut engine, "the device is looked for", |engine| {
        matches!(engine.sound_status(), SoundStatus::Searching { .. })
    });
    tell("searching");
    wait(&mut engine, "it is found", |engine| engine.sound_status().is_ready());
    tell("found");
    wait(&mut engine, "it is lost", |engine| matches!(engine.sound_status(), SoundStatus::Lost { .. }));
    assert!(!engine.is_playing());
    // Without it everything else goes on, and another try says what is missing.
    engine.seek(1.0);
    engine.play();
    wait(&mut engine, "there is no device", |engine| *engine.sound_status() != SoundStatus::Opening);
    assert!(matches!(engine.sound_status(), SoundStatus::Absent(_)), "{:?}", engine.sound_status());
    assert_eq!(engine.position(), 1.0);
    tell("lost");
    wait(&mut engine, "it is found at last", |engine| engine.sound_status().is_ready());
    assert!(!engine.is_playing(), "nothing begins to play by itself so late");
    engine.play();
    wait(&mut engine, "it plays", |engine| engine.position() > 2.0);
}

/// Threads of this process that feed a sound device.
fn sounding_threads() -> usize {
    let threads = std::fs::read_dir("/proc/self/task").unwrap().flatten();
    let names = threads.filter_map(|thread| std::fs::read_to_string(thread.path().join("comm")).ok());
    names.filter(|name| name.starts_with("cpal_alsa_out")).count()
}
