//! Tempo and time signatures as files have them, in any order and number, as the maps of a song.

use ziyin_score::{MeterMap, Tempo, TempoChange, TempoMap, Tick, TimeSignature, TimeSignatureChange};

/// The tempo changes of all tracks. Of several at one tick the last one read counts.
pub fn tempo_map(mut changes: Vec<(Tick, Tempo)>) -> TempoMap {
    changes.insert(0, (0, Tempo::BPM_120));
    let changes = last_at_each_tick(changes);
    TempoMap::new(changes.into_iter().map(|(tick, tempo)| TempoChange { tick, tempo }).collect())
        .unwrap_or_default()
}

/// The time signatures of all tracks, likewise.
pub fn meter_map(mut changes: Vec<(Tick, TimeSignature)>) -> MeterMap {
    changes.insert(0, (0, TimeSignature::COMMON));
    let changes = last_at_each_tick(changes);
    let change = |(tick, signature)| TimeSignatureChange { tick, signature };
    MeterMap::new(changes.into_iter().map(change).collect()).unwrap_or_default()
}

fn last_at_each_tick<T: Copy>(mut changes: Vec<(Tick, T)>) -> Vec<(Tick, T)> {
    changes.sort_by_key(|&(tick, _)| tick);
    let mut kept: Vec<(Tick, T)> = Vec::with_capacity(changes.len());
    for change in changes {
        match kept.last_mut() {
            Some(last) if last.0 == change.0 => *last = change,
            _ => kept.push(change),
        }
    }
    kept
}
