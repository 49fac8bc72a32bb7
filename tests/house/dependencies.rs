//! What the rooms use of each other, and what everything comes under that they use of others.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

use serde_json::Value;

/// Licences that the program may be given away under, together with its own.
const LICENCES: [&str; 17] = [
    "0BSD",
    "Apache-2.0",
    "BSD-1-Clause",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "CC0-1.0",
    "CDLA-Permissive-2.0",
    "ISC",
    "MIT",
    "MPL-2.0",
    "NCSA",
    "OFL-1.1",
    "Ubuntu-font-1.0",
    "Unicode-3.0",
    "Unlicense",
    "Zlib",
];

/// Crates whose manifest names no licence, and that of the file that lies beside it.
const TOLD_BY_FILE: [(&str, &str); 1] = [("cfg_block", "Apache-2.0")];

fn metadata(more: &[&str]) -> Value {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--locked"])
        .args(more)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// The rows of the table of rooms: each with what it uses.
fn table() -> BTreeMap<String, BTreeSet<String>> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/architecture.md");
    let text = std::fs::read_to_string(path).unwrap();
    let rows = text.lines().skip_while(|line| !line.starts_with("| room |")).skip(2);
    let rows = rows.take_while(|line| line.starts_with('|'));
    let cells = rows.map(|row| row.split('|').map(str::trim).collect::<Vec<_>>());
    let rows: Vec<(String, String)> =
        cells.map(|cells| (cells[1].trim_matches('`').into(), cells[3].into())).collect();
    let uses = |(room, uses): &(String, String)| {
        let named = |list: &str| list.split(", ").filter(|room| *room != "–").map(String::from).collect();
        let Some(others) = uses.strip_prefix("all but ") else { return (room.clone(), named(uses)) };
        let others: BTreeSet<String> = named(others);
        let all =
            rows.iter().map(|(other, _)| other).filter(|other| *other != room && !others.contains(*other));
        (room.clone(), all.cloned().collect())
    };
    rows.iter().map(uses).collect()
}

#[test]
fn rooms_use_what_the_table_names() {
    let metadata = metadata(&["--no-deps"]);
    let mut rooms: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for package in metadata["packages"].as_array().unwrap() {
        let Some(room) = package["name"].as_str().unwrap().strip_prefix("ziyin-") else { continue };
        let uses = package["dependencies"].as_array().unwrap().iter();
        let uses = uses.filter_map(|used| used["name"].as_str().unwrap().strip_prefix("ziyin-"));
        rooms.insert(room.into(), uses.map(String::from).collect());
    }
    assert_eq!(rooms, table(), "Cargo on the left, docs/architecture.md on the right");
}

#[test]
fn all_that_is_used_may_be_given_away() {
    let metadata = metadata(&[]);
    let packages = metadata["packages"].as_array().unwrap();
    assert!(packages.len() > 100);
    let refused: Vec<String> = packages
        .iter()
        .filter_map(|package| {
            let name = package["name"].as_str().unwrap();
            let told = TOLD_BY_FILE.iter().find(|(known, _)| *known == name).map(|(_, licence)| *licence);
            let licence = package["license"].as_str().or(told).unwrap_or("none");
            (!may_be_given_away(licence)).then(|| format!("{name}: {licence}"))
        })
        .collect();
    assert!(refused.is_empty(), "these come under other licences:\n{}", refused.join("\n"));
}

#[test]
fn a_licence_that_binds_is_refused() {
    assert!(may_be_given_away("MIT/Apache-2.0") && may_be_given_away("GPL-3.0-only OR (MIT AND Zlib)"));
    assert!(!may_be_given_away("GPL-3.0-only") && !may_be_given_away("MIT AND LGPL-2.1-or-later"));
    assert!(!may_be_given_away("none"));
}

fn may_be_given_away(licence: &str) -> bool {
    let Ok(licence) = spdx::Expression::parse_mode(licence, spdx::ParseMode::LAX) else { return false };
    licence.evaluate(|needed| needed.license.id().is_some_and(|id| LICENCES.contains(&id.name)))
}
