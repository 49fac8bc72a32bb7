//! The command as a user types it: exit codes, and what stands on which stream.

use std::{
    path::Path,
    process::{Command, Output, Stdio},
};

fn ziyin(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_ziyin")).args(arguments).current_dir(folder).output().unwrap()
}

fn demo() -> String {
    concat!(env!("CARGO_MANIFEST_DIR"), "/assets/molihua.mid").into()
}

#[test]
fn import_and_export_give_the_same_file_back() {
    let folder = tempfile::tempdir().unwrap();
    let imported = ziyin(folder.path(), &["import", &demo(), "-o", "song.ziyin", "--json"]);
    assert_eq!(imported.status.code(), Some(0), "{imported:?}");
    let report: serde_json::Value = serde_json::from_slice(&imported.stdout).unwrap();
    assert_eq!(report["tracks"][0]["name"], "lead");
    assert_eq!(report["warnings"], serde_json::json!([]));
    let exported = ziyin(folder.path(), &["export", "song.ziyin", "-o", "back.mid"]);
    assert_eq!(exported.status.code(), Some(0), "{exported:?}");
    assert_eq!(std::fs::read(folder.path().join("back.mid")).unwrap(), std::fs::read(demo()).unwrap());
}

#[test]
fn nothing_is_overwritten_unasked() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("song.ziyin"), "precious").unwrap();
    let refused = ziyin(folder.path(), &["import", &demo(), "-o", "song.ziyin"]);
    assert_eq!(refused.status.code(), Some(1));
    assert_eq!(std::fs::read(folder.path().join("song.ziyin")).unwrap(), b"precious");
    assert!(String::from_utf8_lossy(&refused.stderr).contains("--force"));
    let forced = ziyin(folder.path(), &["import", &demo(), "-o", "song.ziyin", "--force"]);
    assert_eq!(forced.status.code(), Some(0));
    assert_eq!(std::fs::read(folder.path().join("song.ziyin.bak")).unwrap(), b"precious");
}

#[test]
fn failures_are_one_sentence_and_wrong_usage_is_two() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("no.mid"), "not a midi file").unwrap();
    std::fs::write(folder.path().join("no.ziyin"), "{}").unwrap();
    for arguments in [
        &["import", "no.mid", "-o", "a.ziyin"][..],
        &["import", "missing.mid", "-o", "a.ziyin"],
        &["import", "no.txt", "-o", "a.ziyin"],
        &["import", &demo(), "-o", "a.ziyin", "--encoding", "klingon"],
        &["import", &demo(), "-o", "no/such/folder/a.ziyin"],
        &["export", "no.ziyin", "-o", "a.mid"],
    ] {
        let failed = ziyin(folder.path(), arguments);
        let said = String::from_utf8_lossy(&failed.stderr).into_owned();
        assert_eq!((failed.status.code(), said.lines().count()), (Some(1), 1), "{arguments:?}: {said}");
        assert!(failed.stdout.is_empty());
    }
    for arguments in [&["import"][..], &["dance"], &["export", "a", "b", "c"]] {
        assert_eq!(ziyin(folder.path(), arguments).status.code(), Some(2), "{arguments:?}");
    }
    assert_eq!(ziyin(folder.path(), &["--help"]).status.code(), Some(0));
}

#[test]
fn who_sings_without_a_window_hears_nothing_of_screens() {
    let folder = tempfile::tempdir().unwrap();
    let sung = Command::new(env!("CARGO_BIN_EXE_ziyin"))
        .args(["sing", &demo(), "--out", "stems"])
        .current_dir(folder.path())
        .env_remove("XDG_RUNTIME_DIR")
        .output()
        .unwrap();
    assert!(sung.status.success(), "{sung:?}");
    let said = String::from_utf8_lossy(&sung.stderr);
    assert!(!said.contains("XDG_RUNTIME_DIR"), "{said}");
}

#[test]
fn whoever_reads_on_no_more_ends_a_command_in_peace() {
    let folder = tempfile::tempdir().unwrap();
    for arguments in
        [&["singers"][..], &["singers", "--json"], &["import", &demo(), "-o", "a.ziyin", "--force"]]
    {
        let mut command = Command::new(env!("CARGO_BIN_EXE_ziyin"));
        command.args(arguments).current_dir(folder.path()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut running = command.spawn().unwrap();
        // Before anything is printed.
        drop(running.stdout.take());
        let ended = running.wait_with_output().unwrap();
        let said = String::from_utf8_lossy(&ended.stderr);
        assert!(ended.status.success() && !said.contains("panicked"), "{arguments:?}: {said}");
        // Nor has anybody to listen to what is told.
        command.stdout(Stdio::null()).arg("--dance");
        let mut running = command.spawn().unwrap();
        drop(running.stderr.take());
        assert_eq!(running.wait().unwrap().code(), Some(2), "{arguments:?}");
    }
}
