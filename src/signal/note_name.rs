/// The name of a MIDI pitch: `C4` for 60.
pub fn note_name(pitch: u8) -> String {
    const NAMES: [&str; 12] = ["C", "C♯", "D", "D♯", "E", "F", "F♯", "G", "G♯", "A", "A♯", "B"];
    format!("{}{}", NAMES[usize::from(pitch) % 12], i32::from(pitch) / 12 - 1)
}

/// Semitones from C up to the note that a capital letter names, `C` to `B`.
pub fn semitones_of(letter: char) -> Option<u8> {
    Some(match letter {
        'C' => 0,
        'D' => 2,
        'E' => 4,
        'F' => 5,
        'G' => 7,
        'A' => 9,
        'B' => 11,
        _ => return None,
    })
}
