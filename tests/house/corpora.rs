//! Speech corpora, on small trees with the layout of the real ones.

use std::collections::BTreeMap;
use std::path::Path;

use ziyin_corpus::{Clip, Content, Corpus, open_corpus, speech::*};
use ziyin_lyrics::{Language, Phoneme};

/// Writes files below a folder. Recordings are a few samples of silence.
fn lay(root: &Path, files: &[(&str, &str)]) {
    for (name, text) in files {
        let path = root.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        match name.ends_with(".wav") {
            true => std::fs::write(path, wav()).unwrap(),
            false => std::fs::write(path, text).unwrap(),
        }
    }
}

fn wav() -> Vec<u8> {
    let spec = hound::WavSpec {
        channels: 1,
        sample_rate: 16_000,
        bits_per_sample: 16,
        sample_format: hound::SampleFormat::Int,
    };
    let mut bytes = std::io::Cursor::new(Vec::new());
    let mut writer = hound::WavWriter::new(&mut bytes, spec).unwrap();
    (0..160).for_each(|_| writer.write_sample(0i16).unwrap());
    writer.finalize().unwrap();
    bytes.into_inner()
}

/// A speaker's archive as it lies in the corpus.
fn pack(path: &Path, files: &[&str]) {
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    let encoder =
        flate2::write::GzEncoder::new(std::fs::File::create(path).unwrap(), flate2::Compression::fast());
    let mut tar = tar::Builder::new(encoder);
    for name in files {
        let content = wav();
        let mut header = tar::Header::new_gnu();
        header.set_size(content.len() as u64);
        header.set_mode(0o644);
        tar.append_data(&mut header, name, content.as_slice()).unwrap();
    }
    tar.into_inner().unwrap().finish().unwrap();
}

/// Each clip as `file singer text sounds`.
fn shown(corpus: &dyn Corpus) -> Vec<String> {
    let singers = corpus.singers();
    let show = |clip: &Clip| {
        let file = clip.audio.file_name().unwrap().to_string_lossy().into_owned();
        assert!(clip.audio.is_file(), "{}", clip.audio.display());
        let said = match &clip.content {
            Content::Text { text, syllables } => {
                let ipa = syllables.iter().map(|s| s.phonemes().map(Phoneme::ipa).collect::<String>());
                format!(" {text} {}", ipa.collect::<Vec<_>>().join("."))
            }
            Content::Tokens(tokens) => format!(" {} tokens", tokens.len()),
            Content::Voice => String::new(),
        };
        format!("{file} {}{said}", singers[clip.singer])
    };
    corpus.clips().iter().map(show).collect()
}

fn counts(corpus: &dyn Corpus) -> BTreeMap<String, usize> {
    corpus.left_out()
}

fn count(reason: &str, times: usize) -> BTreeMap<String, usize> {
    BTreeMap::from([(reason.to_string(), times)])
}

#[test]
fn aishell_1_with_speakers_unpacked_and_packed() {
    let folder = tempfile::tempdir().unwrap();
    let cache = tempfile::tempdir().unwrap();
    let root = folder.path().join("data_aishell");
    lay(
        &root,
        &[
            ("wav/train/S0002/BAC009S0002W0122.wav", ""),
            ("wav/train/S0002/BAC009S0002W0123.wav", ""),
            ("wav/train/S0002/BAC009S0002W0124.wav", ""),
            (
                "transcript/aishell_transcript_v0.8.txt",
                "BAC009S0002W0122 而 银行 行长\nBAC009S0764W0121 甚至\nBAC009S0002W0124 A 股\nBAC009S0009W0001 无\n",
            ),
        ],
    );
    pack(&root.join("wav/S0764.tar.gz"), &["./test/S0764/BAC009S0764W0121.wav"]);
    for _ in 0..2 {
        // The second time it is unpacked already.
        let corpus = open_corpus(folder.path(), cache.path()).unwrap();
        assert_eq!(corpus.name(), "AISHELL-1");
        assert_eq!(
            shown(corpus.as_ref()),
            [
                "BAC009S0002W0122.wav S0002 而银行行长 ɚ.in.xaŋ.xaŋ.tʂaŋ",
                "BAC009S0764W0121.wav S0764 甚至 ʂən.tʂɻ̩"
            ]
        );
        let left_out = counts(corpus.as_ref());
        assert_eq!(left_out["recordings without a transcript"], 1);
        assert_eq!(left_out["transcripts without a recording"], 1);
        assert_eq!(left_out["transcripts with letters or signs that are no syllable"], 1);
    }
    // An archive that was cut short is named.
    let archive = root.join("wav/S0001.tar.gz");
    pack(&archive, &["test/S0001/a.wav"]);
    let bytes = std::fs::read(&archive).unwrap();
    std::fs::write(&archive, &bytes[..bytes.len() / 2]).unwrap();
    let error = open_aishell1(folder.path(), cache.path()).unwrap_err().to_string();
    assert!(error.contains("S0001.tar.gz is damaged"), "{error}");
}

#[test]
fn an_archive_cannot_write_outside_its_folder() {
    let folder = tempfile::tempdir().unwrap();
    lay(folder.path(), &[("transcript/aishell_transcript_v0.8.txt", "x 无\n")]);
    let archive = folder.path().join("wav/S0001.tar.gz");
    pack(&archive, &["S0001/x.wav"]);
    // The name is put in by hand: the crate refuses to write such a one.
    let mut tar = Vec::new();
    std::io::Read::read_to_end(
        &mut flate2::read::GzDecoder::new(std::fs::File::open(&archive).unwrap()),
        &mut tar,
    )
    .unwrap();
    let name = b"../../../evil.wav";
    tar[..name.len()].copy_from_slice(name);
    let sum: u32 = tar[..512]
        .iter()
        .enumerate()
        .map(|(i, &b)| if (148..156).contains(&i) { 32 } else { u32::from(b) })
        .sum();
    tar[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    let mut encoder =
        flate2::write::GzEncoder::new(std::fs::File::create(&archive).unwrap(), flate2::Compression::fast());
    std::io::Write::write_all(&mut encoder, &tar).unwrap();
    encoder.finish().unwrap();
    let cache = folder.path().join("a/b/c");
    let corpus = open_aishell1(folder.path(), &cache).unwrap();
    assert!(corpus.clips().is_empty());
    let all = walk(folder.path());
    assert!(all.iter().all(|path| !path.ends_with("evil.wav")), "{all:?}");
}

fn walk(folder: &Path) -> Vec<String> {
    let mut all = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap().flatten() {
        if entry.path().is_dir() {
            all.extend(walk(&entry.path()));
        } else {
            all.push(entry.path().display().to_string());
        }
    }
    all
}

#[test]
fn aishell_3_takes_the_pinyin_that_is_said() {
    let folder = tempfile::tempdir().unwrap();
    lay(
        folder.path(),
        &[
            ("train/wav/SSB0005/SSB00050001.wav", ""),
            ("test/wav/SSB0009/SSB00090003.wav", ""),
            ("train/content.txt", "SSB00050001.wav\t一 yi4 点儿 dianr3 绿 lv4\nSSB00050002.wav\t好 hao3\n"),
            ("test/content.txt", "SSB00090003.wav\t行 hang2\n"),
            ("spk-info.txt", "# speaker\nSSB0005\tB\tfemale\tnorth\n"),
        ],
    );
    let corpus = open_corpus(folder.path(), folder.path()).unwrap();
    assert_eq!(
        shown(corpus.as_ref()),
        ["SSB00050001.wav SSB0005 一点儿绿 i.tjaɚ.ly", "SSB00090003.wav SSB0009 行 xaŋ"]
    );
    assert_eq!(counts(corpus.as_ref()), count("transcripts without a recording", 1));
    assert!(corpus.tokens().is_empty(), "nobody knows where the syllables are");
}

#[test]
fn st_cmds_and_primewords_and_aidatatang() {
    let folder = tempfile::tempdir().unwrap();
    lay(
        folder.path(),
        &[
            ("ST-CMDS-20170001_1-OS/20170001P00338A0110.wav", ""),
            ("ST-CMDS-20170001_1-OS/20170001P00338A0110.txt", "长大了\n"),
            ("ST-CMDS-20170001_1-OS/20170001P00001A0001.wav", ""),
        ],
    );
    let corpus = open_corpus(folder.path(), folder.path()).unwrap();
    assert_eq!(shown(corpus.as_ref()), ["20170001P00338A0110.wav P00338 长大了 tʂaŋ.ta.lɤ"]);
    assert_eq!(counts(corpus.as_ref()), count("recordings without a transcript", 1));

    let folder = tempfile::tempdir().unwrap();
    lay(
        folder.path(),
        &[
            ("audio_files/0/00/0010b.wav", ""),
            ("audio_files/0/01/0110c.wav", ""),
            (
                "set1_transcript.json",
                r#"[{"id":"1","file":"0010b.wav","user_id":"7","length":"1","text":"我们 去"},{"file":"gone.wav","text":"无","user_id":"7"}]"#,
            ),
        ],
    );
    let corpus = open_corpus(folder.path(), folder.path()).unwrap();
    assert_eq!(shown(corpus.as_ref()), ["0010b.wav 7 我们去 wo.mən.tɕʰy"]);
    assert_eq!(counts(corpus.as_ref()).values().sum::<usize>(), 2);

    let folder = tempfile::tempdir().unwrap();
    lay(folder.path(), &[("transcript/aidatatang_200_zh_transcript.txt", "T0055G0002S0001 以后 你\n")]);
    pack(
        &folder.path().join("corpus/train/G0002.tar.gz"),
        &["./G0002/T0055G0002S0001.wav", "./G0002/T0055G0002S0001.txt"],
    );
    let cache = tempfile::tempdir().unwrap();
    let corpus = open_corpus(folder.path(), cache.path()).unwrap();
    assert_eq!(shown(corpus.as_ref()), ["T0055G0002S0001.wav G0002 以后你 i.xow.ni"]);
}

#[test]
fn cn_celeb_tells_voices_and_trials() {
    let folder = tempfile::tempdir().unwrap();
    lay(
        folder.path(),
        &[
            ("dev/dev.lst", "id00012\n"),
            ("data/id00012/singing-01-001.wav", ""),
            ("data/id00012/speech-01-002.flac", "not looked into"),
            ("eval/enroll/id00800-enroll.wav", ""),
            ("eval/test/id00800-singing-01-001.wav", ""),
            (
                "eval/lists/trials.lst",
                "id00800-enroll test/id00800-singing-01-001.wav 1\nid00800-enroll test/gone.wav 0\n",
            ),
        ],
    );
    let corpus = open_corpus(folder.path(), folder.path()).unwrap();
    assert_eq!(corpus.singers(), ["id00012", "id00800"]);
    assert_eq!(corpus.clips().len(), 4);
    assert!(corpus.clips().iter().all(|clip| clip.content == Content::Voice));
    let (trials, skipped) = read_trials(folder.path()).unwrap();
    assert_eq!((trials.len(), trials[0].same, skipped), (1, true, 1));
}

#[test]
fn a_folder_of_syllables_is_named_by_its_pinyin() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("Yue Tan");
    lay(
        &root,
        &[
            ("ba1.wav", ""),
            ("cmn-lv4.wav", ""),
            ("你好.wav", ""),
            ("きゃ.wav", ""),
            ("noise.wav", ""),
            ("readme.txt", "x"),
        ],
    );
    let corpus = open_corpus(&root, folder.path()).unwrap();
    assert_eq!(
        shown(corpus.as_ref()),
        [
            "ba1.wav Yue Tan 1 tokens",
            "cmn-lv4.wav Yue Tan 1 tokens",
            "きゃ.wav Yue Tan 1 tokens",
            "你好.wav Yue Tan 你好 ni.xaw"
        ]
    );
    assert_eq!(corpus.clips()[2].language, Language::Japanese);
    assert_eq!((corpus.tokens().len(), corpus.tokens()[0].syllable.tone), (3, 1));
    assert_eq!(counts(corpus.as_ref()), count("recordings whose name is no syllable", 1));
}

#[test]
fn what_is_no_corpus_is_refused_in_a_sentence() {
    let folder = tempfile::tempdir().unwrap();
    for path in [folder.path(), Path::new("/nowhere/at/all")] {
        let error = open_corpus(path, folder.path()).err().unwrap().to_string();
        assert_eq!(error.lines().count(), 1, "{error}");
    }
    let error = open_aishell3(folder.path()).unwrap_err().to_string();
    assert!(error.contains("train/content.txt"), "{error}");
    lay(folder.path(), &[("set1_transcript.json", "[{]")]);
    assert!(open_primewords(folder.path()).unwrap_err().to_string().contains("damaged"));
}
