//! Files that are made to take all memory, all time, or the program along. Each is the input itself. They took
//! minutes and gigabytes, or never ended; the runner of the tests ends one that does so again.

use std::path::Path;

use ziyin_interchange::audio::{AudioError, read_audio};
use ziyin_interchange::*;

fn open(name: &str, bytes: &[u8]) -> Result<Imported, OpenError> {
    let result = import_song(bytes, Path::new(name), &ImportOptions::default(), &Budget::default());
    if let Ok(imported) = &result {
        assert_eq!(imported.project.check(), Ok(()));
    }
    result
}

#[track_caller]
fn is_too_large(result: Result<Imported, OpenError>, resource: Resource) {
    match result {
        Err(OpenError::Budget(BudgetError::TooLarge { resource: found, .. })) => assert_eq!(found, resource),
        Err(error) => panic!("{error}"),
        Ok(imported) => panic!("{} tracks", imported.project.tracks.len()),
    }
}

fn zip(name: &str, content: &[u8]) -> Vec<u8> {
    use std::io::Write;
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    zip.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
    zip.write_all(content).unwrap();
    zip.finish().unwrap().into_inner()
}

#[test]
fn one_entity_ten_thousand_times() {
    let laugh = "ha".repeat(15_000);
    let score = format!(
        "<!DOCTYPE score-partwise [<!ENTITY a \"{laugh}\">]><score-partwise><part-list/><part><measure>\
        <note><pitch><step>C</step><octave>4</octave></pitch><duration>1</duration><lyric><text>{}</text></lyric>\
        </note></measure></part></score-partwise>",
        "&a;".repeat(10_000)
    );
    assert!(score.len() < 61_000);
    is_too_large(open("a.musicxml", score.as_bytes()), Resource::Entities);
    let packed = zip("score.musicxml", score.as_bytes());
    assert!(packed.len() < 600, "{}", packed.len());
    is_too_large(open("a.mxl", &packed), Resource::Entities);
    // Notes in an entity count as well.
    let notes = "<note><rest/></note>".repeat(1000);
    let score = format!(
        "<!DOCTYPE score-partwise [<!ENTITY a \"{notes}\">]><score-partwise><part><measure>{}</measure></part></score-partwise>",
        "&a;".repeat(5000)
    );
    is_too_large(open("a.musicxml", score.as_bytes()), Resource::Entities);
    // One that a musician may have written stays what it is.
    let score = "<!DOCTYPE score-partwise [<!ENTITY a \"花\">]><score-partwise><part><measure><note><pitch>\
        <step>C</step><octave>4</octave></pitch><duration>1</duration><lyric><text>&a;</text></lyric></note>\
        </measure></part></score-partwise>";
    let imported = open("a.musicxml", score.as_bytes()).unwrap();
    assert_eq!(imported.project.tracks[0].notes[0].lyric, "花");
}

fn svp(library: &str, tracks: &str) -> String {
    format!(r#"{{"time":{{"meter":[],"tempo":[]}},"library":[{library}],"tracks":[{tracks}]}}"#)
}

#[test]
fn groups_without_a_name_by_the_thousand() {
    let note = r#"{"onset":0,"duration":705600000,"lyrics":"la","pitch":60}"#;
    let group = format!(r#"{{"notes":[{}]}}"#, vec![note; 10_000].join(","));
    let track = format!(r#"{{"groups":[{}]}}"#, vec!["{}"; 10_000].join(","));
    let song = svp(&group, &[track.as_str(); 10].join(","));
    assert!(song.len() < 1_000_000, "{}", song.len());
    is_too_large(open("a.svp", song.as_bytes()), Resource::Notes);
    // The same with points of curves, with nothing at all, and with one long word.
    let points =
        format!(r#"{{"parameters":{{"pitchDelta":{{"points":[{}]}}}}}}"#, vec!["0"; 20_000].join(","));
    is_too_large(open("a.svp", svp(&points, &track).as_bytes()), Resource::Points);
    let tracks = vec![track.as_str(); 20].join(",");
    is_too_large(open("a.svp", svp("{}", &tracks).as_bytes()), Resource::Groups);
    let long = format!(
        r#"{{"notes":[{{"onset":0,"duration":9e9,"pitch":60,"lyrics":"{}"}}]}}"#,
        "la".repeat(400_000)
    );
    assert!(open("a.svp", svp(&long, &track).as_bytes()).is_ok());
}

#[test]
fn pitches_and_offsets_beyond_all_numbers() {
    for number in ["1e300", "-1e300", "1e999", "9223372036854775807", "-9223372036854775808"] {
        let song = svp(
            "",
            &format!(
                r#"{{"dispOrder":{number},"mixer":{{"gainDecibel":{number},"pan":{number}}},
                "mainRef":{{"pitchOffset":{number},"blickOffset":{number}}},
                "mainGroup":{{"notes":[{{"onset":{number},"duration":{number},"pitch":{number},"lyrics":"la","attributes":
                {{"dF0Vbr":{number},"fF0Vbr":{number},"tF0VbrStart":{number}}}}}],"parameters":{{"loudness":{{"points":[{number},{number},0,{number}]}}}}}}}}"#
            ),
        );
        let _ = open("a.svp", song.as_bytes());
    }
}

#[test]
fn a_note_that_is_named_again_and_again() {
    let word = "la".repeat(50_000);
    let song = format!(
        "[Common]\nName=a\n[EventList]\n0={}\n[a]\nType=Anote\nLength=480\nNote#=60\nLyricHandle=h\n[h]\nL0=\"{word}\"\n",
        "a,".repeat(300_000)
    );
    let mut events = Vec::new();
    for (i, piece) in song.as_bytes().chunks(110).enumerate() {
        let text = [format!("DM:{:04}:", i % 10_000).as_bytes(), piece].concat();
        events.extend([0, 0xFF, 1, text.len() as u8]);
        events.extend(text);
    }
    events.extend([0, 0xFF, 0x2F, 0]);
    let mut bytes = b"MThd\0\0\0\x06\0\x01\0\x01\x01\xe0MTrk".to_vec();
    bytes.extend((events.len() as u32).to_be_bytes());
    bytes.extend(events);
    assert!(open("a.vsq", &bytes).is_ok());
}

#[test]
fn tables_that_were_searched_from_end_to_end() {
    let many = |count: usize, item: &dyn Fn(usize) -> String| (0..count).map(item).collect::<String>();
    let list =
        |count: usize, item: &dyn Fn(usize) -> String| (0..count).map(item).collect::<Vec<_>>().join(",");
    const MANY: usize = 100_000;
    let voices = list(MANY, &|i| format!(r#"{{"compID":"v{i}"}}"#));
    let tracks = list(MANY, &|i| format!(r#"{{"parts":[{{"voice":{{"compID":"w{i}"}}}}]}}"#));
    let vpr =
        zip("Project/sequence.json", format!(r#"{{"voices":[{voices}],"tracks":[{tracks}]}}"#).as_bytes());
    assert!(open("a.vpr", &vpr).is_ok());

    let groups = many(MANY, &|i| format!(r#"<Group Category="SingerSong" Id="g{i}"/>"#));
    let units = many(MANY, &|i| format!(r#"<Unit Category="SingerSong" Group="u{i}"><Song/></Unit>"#));
    assert!(open("a.ccs", format!("<Scenario>{units}{groups}</Scenario>").as_bytes()).is_ok());

    let voices = many(MANY, &|i| format!("<vVoice><bs>0</bs><pc>{i}</pc></vVoice>"));
    let mixer = many(MANY, &|i| format!("<vsUnit><tNo>{i}</tNo></vsUnit>"));
    let tracks = many(MANY, &|i| {
        format!("<vsTrack><tNo>-{i}</tNo><vsPart><singer><bs>1</bs><pc>{i}</pc></singer></vsPart></vsTrack>")
    });
    let vsqx = format!(
        "<vsq4><vVoiceTable>{voices}</vVoiceTable><mixer>{mixer}</mixer><masterTrack/>{tracks}</vsq4>"
    );
    assert!(open("a.vsqx", vsqx.as_bytes()).is_ok());

    let parts = many(MANY, &|i| format!(r#"<score-part id="P{i}"/>"#));
    let music = many(MANY, &|i| format!(r#"<part id="Q{i}"/>"#));
    let score = format!("<score-partwise><part-list>{parts}</part-list>{music}</score-partwise>");
    assert!(open("a.musicxml", score.as_bytes()).is_ok());
}

#[test]
fn values_without_end() {
    let nodes = "[],".repeat(6_000_000);
    let json = format!(r#"{{"tracks":[],"meter":[{nodes}0]}}"#);
    is_too_large(open("a.svp", json.as_bytes()), Resource::Nodes);
    is_too_large(open("a.vpr", &zip("Project/sequence.json", json.as_bytes())), Resource::Nodes);
    is_too_large(open("a.ust", "[#0]\n".repeat(6_000_000).as_bytes()), Resource::Nodes);
    let empty = "<a/>".repeat(6_000_000);
    is_too_large(open("a.ccs", format!("<Scenario>{empty}</Scenario>").as_bytes()), Resource::Nodes);
    let tracks = vec!["{}"; 1_000_000].join(",");
    is_too_large(open("a.svp", svp("", &tracks).as_bytes()), Resource::Nodes);
}

#[cfg(unix)]
#[test]
fn what_never_ends() {
    let folder = tempfile::tempdir().unwrap();
    let (budget, options) = (Budget::default(), ImportOptions::default());
    for (name, target) in [("x.mid", "/dev/zero"), ("x.ziyin", "/dev/zero"), ("x.svp", "/dev/urandom")] {
        let path = folder.path().join(name);
        std::os::unix::fs::symlink(target, &path).unwrap();
        assert!(matches!(open_song(&path, &options, &budget), Err(OpenError::Io(_))), "{name}");
    }
    let wav = folder.path().join("x.wav");
    std::os::unix::fs::symlink("/dev/zero", &wav).unwrap();
    assert!(matches!(read_audio(&wav, &budget), Err(AudioError::Io(_))));
    // A pipe that nobody writes into.
    let pipe = folder.path().join("x.kar");
    let made = std::process::Command::new("mkfifo").arg(&pipe).status();
    if made.is_ok_and(|status| status.success()) {
        assert!(matches!(open_song(&pipe, &options, &budget), Err(OpenError::Io(_))));
    }
    // A file of many gigabytes with nothing in it.
    let sparse = folder.path().join("y.mid");
    std::fs::File::create(&sparse).unwrap().set_len(1 << 40).unwrap();
    is_too_large(open_song(&sparse, &options, &Budget::default()), Resource::Bytes);
}

/// Appends bits to bytes, the highest first.
#[derive(Default)]
struct Bits {
    bytes: Vec<u8>,
    used: u32,
}

impl Bits {
    fn put(&mut self, value: u64, count: u32) {
        for bit in (0..count).rev() {
            if self.used.is_multiple_of(8) {
                self.bytes.push(0);
            }
            let last = self.bytes.last_mut().unwrap();
            *last |= ((value >> bit & 1) as u8) << (7 - self.used % 8);
            self.used += 1;
        }
    }
}

/// The remainder that FLAC guards its frames with: 8 bits of 0x07, or 16 of 0x8005.
fn remainder(bytes: &[u8], bits: u32, polynomial: u32) -> u32 {
    let top = 1 << (bits - 1);
    bytes.iter().fold(0, |mut sum, &byte| {
        sum ^= u32::from(byte) << (bits - 8);
        for _ in 0..8 {
            sum = if sum & top != 0 { sum << 1 ^ polynomial } else { sum << 1 };
        }
        sum & ((1u64 << bits) - 1) as u32
    })
}

/// A FLAC of so many frames of silence at a rate, in blocks of 65,535 samples of one value.
fn silent_flac(rate: u32, blocks: u64) -> Vec<u8> {
    const BLOCK: u64 = 65_535;
    let mut head = Bits::default();
    head.bytes.extend(b"fLaC");
    head.used = 32;
    head.put(0x80, 8);
    head.put(34, 24);
    head.put(BLOCK, 16);
    head.put(BLOCK, 16);
    head.put(0, 48);
    head.put(rate.into(), 20);
    head.put(0, 3);
    head.put(15, 5);
    head.put(blocks * BLOCK, 36);
    head.put(0, 64);
    head.put(0, 64);
    let mut file = head.bytes;
    for number in 0..blocks {
        let mut frame = Bits::default();
        frame.put(0b1111_1111_1111_1000, 16);
        // The block size stands behind, the rate in the head; one channel, 16 bits.
        frame.put(0b0111_0000, 8);
        frame.put(0b0000_1000, 8);
        // The number as UTF-8 writes a character.
        let number = char::from_u32(number as u32).unwrap().to_string();
        number.bytes().for_each(|byte| frame.put(byte.into(), 8));
        frame.put(BLOCK - 1, 16);
        let guard = remainder(&frame.bytes, 8, 0x07);
        frame.put(guard.into(), 8);
        // A subframe of one value: 0.
        frame.put(0, 8);
        frame.put(0, 16);
        let guard = remainder(&frame.bytes, 16, 0x8005);
        frame.put(guard.into(), 16);
        file.extend(frame.bytes);
    }
    file
}

#[test]
fn days_of_silence() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("silence.flac");
    // Three days at 1 kHz, which at the rate of the house are 91 gigabytes.
    let flac = silent_flac(1000, 3955);
    assert!(flac.len() < 70_000, "{}", flac.len());
    std::fs::write(&path, flac).unwrap();
    let refused = read_audio(&path, &Budget::default());
    assert!(
        matches!(refused, Err(AudioError::Budget(BudgetError::TooLarge { resource: Resource::Seconds, .. }))),
        "{:?}",
        refused.map(|audio| audio.sides[0].len())
    );
    // One that is wanted, to see that the file is one.
    std::fs::write(&path, silent_flac(44_100, 2)).unwrap();
    let audio = read_audio(&path, &Budget::default()).unwrap();
    assert_eq!((audio.sides[0].len(), audio.damaged), (131_070, 0));
    let budget = Budget::default();
    budget.cancel();
    assert!(read_audio(&path, &budget).is_err());
}
