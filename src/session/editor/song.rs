//! What all tracks share: tempo, time signatures, key.

use super::document::Editor;
use ziyin_score::{Command, EditError, Key, Project, SongCommand, Tempo, Tick, TimeSignature};

/// What can change at a moment of the song.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ChangeKind {
    Tempo,
    Meter,
}

/// A change with its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SongChange {
    Tempo(Tempo),
    Meter(TimeSignature),
}

impl ChangeKind {
    /// The name of its step in the history.
    pub fn step(self) -> &'static str {
        match self {
            ChangeKind::Tempo => "change-tempo",
            ChangeKind::Meter => "change-meter",
        }
    }

    /// Where the song changes so.
    pub fn ticks(self, project: &Project) -> Vec<Tick> {
        match self {
            ChangeKind::Tempo => project.tempo.changes().iter().map(|change| change.tick).collect(),
            ChangeKind::Meter => project.meter.changes().iter().map(|change| change.tick).collect(),
        }
    }

    /// What holds at a tick.
    pub fn at(self, project: &Project, tick: Tick) -> SongChange {
        match self {
            ChangeKind::Tempo => SongChange::Tempo(project.tempo.tempo_at(tick)),
            ChangeKind::Meter => SongChange::Meter(project.meter.at(tick)),
        }
    }

    fn removal(self, tick: Tick) -> Command {
        Command::Song(match self {
            ChangeKind::Tempo => SongCommand::Tempo { tick, tempo: None },
            ChangeKind::Meter => SongCommand::Meter { tick, signature: None },
        })
    }
}

impl SongChange {
    pub fn kind(self) -> ChangeKind {
        match self {
            SongChange::Tempo(_) => ChangeKind::Tempo,
            SongChange::Meter(_) => ChangeKind::Meter,
        }
    }

    fn from(self, tick: Tick) -> Command {
        Command::Song(match self {
            SongChange::Tempo(tempo) => SongCommand::Tempo { tick, tempo: Some(tempo) },
            SongChange::Meter(signature) => SongCommand::Meter { tick, signature: Some(signature) },
        })
    }
}

impl Editor {
    /// Lets the song change at `tick`. A change that stood at `old` moves there; the one
    /// at the start of the song stays, and the song changes at `tick` besides.
    ///
    /// # Errors
    /// If the tick lies outside the song, or nothing changes at `old`.
    pub fn set_change(&mut self, old: Option<Tick>, tick: Tick, change: SongChange) -> Result<(), EditError> {
        let kind = change.kind();
        let mut commands = vec![change.from(tick)];
        let meter = &self.project().meter;
        let pickup = meter.pickup();
        // A pickup is a part of a bar as the next one is.
        if kind == ChangeKind::Meter
            && pickup > 0
            && [0, pickup].contains(&tick)
            && meter.at(0) == meter.at(pickup)
        {
            commands.push(change.from(pickup - tick));
        }
        if let Some(old) = old.filter(|&old| old != tick && old != 0) {
            commands.insert(0, kind.removal(old));
        }
        let amount = match change {
            SongChange::Tempo(tempo) => format!("♩={}", (tempo.bpm() * 100.0).round() / 100.0),
            SongChange::Meter(TimeSignature { beats, unit }) => format!("{beats}/{unit}"),
        };
        self.perform(&format!("{}:{amount}", kind.step()), Command::All(commands))
    }

    /// Sets the time signature at the start of the song, and how many of its beats the song has before its
    /// bar 1: a pickup, which is bar 0. Notes stay where they are.
    ///
    /// # Errors
    /// If there is no such signature.
    pub fn set_first_bar(&mut self, signature: TimeSignature, pickup: u8) -> Result<(), EditError> {
        let change = SongChange::Meter(signature);
        let (before, after) = (self.project().meter.pickup(), Tick::from(pickup) * signature.beat());
        let mut commands = vec![change.from(0)];
        if before > 0 && before != after {
            commands.push(ChangeKind::Meter.removal(before));
        }
        if after > 0 {
            commands.push(change.from(after));
        }
        let TimeSignature { beats, unit } = signature;
        let amount =
            if pickup > 0 { format!("{pickup} + {beats}/{unit}") } else { format!("{beats}/{unit}") };
        self.perform(&format!("change-meter:{amount}"), Command::All(commands))
    }

    /// Sets what is played over and over.
    ///
    /// # Errors
    /// If it lies outside the song.
    pub fn set_loop(&mut self, looped: Option<(Tick, Tick)>) -> Result<(), EditError> {
        self.perform("set-loop", Command::Song(SongCommand::Loop(looped)))
    }

    /// Sets the key of the song; `None` to tell it from the notes. The harmonies that are
    /// counted in a key go along, but for those that are pinned.
    ///
    /// # Errors
    /// If the key has no such tonic.
    pub fn set_key(&mut self, key: Option<Key>) -> Result<(), EditError> {
        self.perform("change-key", Command::Song(SongCommand::Key(key)))
    }

    /// Lets the song go on at `tick` as it was before.
    ///
    /// # Errors
    /// If nothing changes there, or it is the start of the song.
    pub fn remove_change(&mut self, kind: ChangeKind, tick: Tick) -> Result<(), EditError> {
        self.perform(kind.step(), kind.removal(tick))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn harmonies_go_along_with_the_key_of_their_own_track_unless_they_are_pinned() {
        use ziyin_score::{Harmony, HarmonyCommand, HarmonyKind, Scale};

        let mut editor = Editor::new(Project::default());
        let scale = |editor: &mut Editor, tonic: u8| {
            for (i, step) in (0..).zip([0, 2, 4, 5, 7, 9, 11, 12, 7, 4, 0]) {
                editor.insert(i * 960, 960, tonic + step, "la").unwrap();
            }
        };
        scale(&mut editor, 60);
        let lead = editor.active_track().unwrap();
        let third = |tonic| HarmonyKind::Interval { degrees: 2, tonic, scale: Scale::Major };
        editor.add_harmony(lead, third(0)).unwrap();
        editor.add_harmony(lead, third(0)).unwrap();
        let harmony = Harmony { pinned: true, ..Harmony::new(third(0)) };
        let pin = Command::Harmony(HarmonyCommand::Change { track: lead, index: 1, harmony });
        editor.perform("change-key", pin).unwrap();
        let kinds = |editor: &Editor| {
            let harmonies = &editor.project().track(lead).unwrap().harmonies;
            harmonies.iter().map(|harmony| harmony.kind).collect::<Vec<_>>()
        };
        let before = editor.project().clone();
        let steps = editor.history().undo_names().count();
        editor.select_all();
        editor.transpose(2).unwrap();
        assert_eq!(kinds(&editor), [third(2), third(0)]);
        assert_eq!(editor.history().undo_names().count(), steps + 1);
        editor.undo().unwrap();
        assert_eq!(editor.project(), &before);
        // Another track in another key is none of its business.
        editor.add_track("other").unwrap();
        scale(&mut editor, 63);
        editor.select_all();
        editor.transpose(3).unwrap();
        assert_eq!(kinds(&editor), [third(0), third(0)]);
        // The key that is set for the song is.
        editor.set_key(Some(Key { tonic: 7, scale: Scale::Major })).unwrap();
        assert_eq!(kinds(&editor), [third(7), third(0)]);
        editor.set_key(None).unwrap();
        assert_eq!(kinds(&editor), [third(0), third(0)]);
    }

    #[test]
    fn a_pickup_is_set_and_taken_away_and_follows_the_time_signature() {
        let signature = |beats, unit| TimeSignature { beats, unit };
        let mut editor = Editor::new(Project::default());
        editor.set_first_bar(signature(3, 4), 1).unwrap();
        let bars = |editor: &Editor| -> (Tick, Vec<(Tick, TimeSignature)>) {
            let meter = &editor.project().meter;
            (meter.pickup(), meter.changes().iter().map(|change| (change.tick, change.signature)).collect())
        };
        assert_eq!(bars(&editor), (960, vec![(0, signature(3, 4)), (960, signature(3, 4))]));
        // Chosen in the pickup or in the bar after it, a signature is that of both.
        for tick in [0, 960] {
            editor.set_change(Some(tick), tick, SongChange::Meter(signature(4, 4))).unwrap();
            assert_eq!(bars(&editor), (960, vec![(0, signature(4, 4)), (960, signature(4, 4))]));
            editor.undo().unwrap();
        }
        editor.set_first_bar(signature(6, 8), 2).unwrap();
        assert_eq!(bars(&editor), (960, vec![(0, signature(6, 8)), (960, signature(6, 8))]));
        editor.set_first_bar(signature(6, 8), 1).unwrap();
        assert_eq!(bars(&editor).0, 480);
        editor.set_first_bar(signature(6, 8), 0).unwrap();
        assert_eq!(bars(&editor), (0, vec![(0, signature(6, 8))]));
        while editor.undo().unwrap().is_some() {}
        assert_eq!(editor.project(), &Project::default());
    }

    #[test]
    fn a_change_moves_in_one_step_and_the_first_one_stays() {
        let mut editor = Editor::new(Project::default());
        let before = editor.project().clone();
        let slow = SongChange::Tempo(Tempo::from_bpm(60.0).unwrap());
        editor.set_change(None, 3840, slow).unwrap();
        editor.set_change(Some(3840), 7680, slow).unwrap();
        assert_eq!(ChangeKind::Tempo.ticks(editor.project()), [0, 7680]);
        editor.undo().unwrap();
        assert_eq!(ChangeKind::Tempo.ticks(editor.project()), [0, 3840]);
        editor.undo().unwrap();
        assert_eq!(editor.project(), &before);

        let three = SongChange::Meter(TimeSignature { beats: 3, unit: 4 });
        editor.set_change(Some(0), 3840, three).unwrap();
        assert_eq!(ChangeKind::Meter.ticks(editor.project()), [0, 3840]);
        assert!(editor.remove_change(ChangeKind::Meter, 0).is_err());
        editor.remove_change(ChangeKind::Meter, 3840).unwrap();
        assert_eq!(editor.project(), &before);
    }
}
