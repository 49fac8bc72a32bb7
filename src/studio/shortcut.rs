//! The keys that ask for actions: those of the table, and those that the user has put in their place.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use egui::{Context, Id, Key, KeyboardShortcut, Modifiers};

use super::action::{ACTIONS, Action, Keystroke};

/// The keys of all actions in a window.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Shortcuts(Arc<HashMap<Action, Keystroke>>);

impl Shortcuts {
    /// Those that settings name: the keys of an action by what files know it by, none for no keys. What is no
    /// action or no keys is left out.
    pub fn of_settings(kept: &BTreeMap<String, Option<String>>) -> Self {
        let mut own = HashMap::new();
        for (action, ..) in ACTIONS {
            match kept.get(action.key()).map(|keys| keys.as_deref().map(read)) {
                Some(Some(Some(keys))) => own.insert(*action, Some(keys)),
                Some(None) => own.insert(*action, None),
                Some(Some(None)) | None => None,
            };
        }
        Self(Arc::new(own))
    }

    /// As settings name them.
    pub fn to_settings(&self) -> BTreeMap<String, Option<String>> {
        let own = |(action, keys): (&Action, &Keystroke)| (action.key().into(), keys.map(written));
        self.0.iter().map(own).collect()
    }

    /// Those of a window.
    pub fn of_window(ctx: &Context) -> Self {
        ctx.data(|data| data.get_temp(Self::place())).unwrap_or_default()
    }

    /// Makes them those of a window.
    pub fn hold_in(self, ctx: &Context) {
        ctx.data_mut(|data| data.insert_temp(Self::place(), self));
    }

    fn place() -> Id {
        Id::unique("shortcuts")
    }

    /// The keys of an action.
    pub fn of(&self, action: Action) -> Keystroke {
        let usual = || ACTIONS.iter().find(|(other, ..)| *other == action).and_then(|(.., keys)| *keys);
        self.0.get(&action).copied().unwrap_or_else(usual)
    }

    /// The action that has these keys.
    pub fn holder(&self, keys: (Modifiers, Key)) -> Option<Action> {
        let same = |own: (Modifiers, Key)| own.1 == keys.1 && written(own) == written(keys);
        ACTIONS.iter().map(|(action, ..)| *action).find(|&action| self.of(action).is_some_and(same))
    }

    /// Gives an action these keys, or none; the action that had them has none then, and is given back.
    pub fn give(&mut self, action: Action, keys: Keystroke) -> Option<Action> {
        let before = keys.and_then(|keys| self.holder(keys)).filter(|other| *other != action);
        let own = Arc::make_mut(&mut self.0);
        if let Some(before) = before {
            own.insert(before, None);
        }
        own.insert(action, keys);
        // What is as it came need not be kept.
        own.retain(|action, keys| ACTIONS.iter().any(|(other, .., usual)| other == action && usual != keys));
        before
    }
}

/// The keys of an action in a window, as they are shown.
pub fn shortcut_text(ctx: &Context, action: Action) -> Option<String> {
    let (modifiers, key) = Shortcuts::of_window(ctx).of(action)?;
    Some(ctx.format_shortcut(&KeyboardShortcut::new(modifiers, key)))
}

/// Keys as files name them: `Ctrl+Shift+S`.
fn written((modifiers, key): (Modifiers, Key)) -> String {
    let mut parts = Vec::new();
    let held = [(modifiers.command, "Ctrl"), (modifiers.alt, "Alt"), (modifiers.shift, "Shift")];
    parts.extend(held.into_iter().filter(|(held, _)| *held).map(|(_, name)| name));
    parts.push(key.name());
    parts.join("+")
}

fn read(text: &str) -> Option<(Modifiers, Key)> {
    let mut parts: Vec<&str> = text.split('+').map(str::trim).collect();
    let key = Key::from_name(parts.pop()?)?;
    let mut modifiers = Modifiers::NONE;
    for part in parts {
        modifiers |= match part {
            "Ctrl" => Modifiers::COMMAND,
            "Alt" => Modifiers::ALT,
            "Shift" => Modifiers::SHIFT,
            _ => return None,
        };
    }
    Some((modifiers, key))
}

/// The keys that are pressed in this frame, taken from the input; modifiers alone are none.
pub fn pressed(ctx: &Context) -> Option<(Modifiers, Key)> {
    ctx.input_mut(|input| {
        let at = input
            .events
            .iter()
            .position(|event| matches!(event, egui::Event::Key { pressed: true, repeat: false, .. }))?;
        let egui::Event::Key { key, modifiers, .. } = input.events.remove(at) else { return None };
        let held = [
            (modifiers.command, Modifiers::COMMAND),
            (modifiers.alt, Modifiers::ALT),
            (modifiers.shift, Modifiers::SHIFT),
        ];
        let held = held.into_iter().filter(|(held, _)| *held).map(|(_, modifier)| modifier);
        Some((held.fold(Modifiers::NONE, |all, modifier| all | modifier), key))
    })
}

/// What the keyboard is for at this moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keys {
    /// All shortcuts hold.
    All,
    /// A control has the focus: what moves the focus or presses the control is its own.
    Control,
    /// Text is typed: only shortcuts that no text needs hold.
    Text,
}

/// Keys that do the same as a shortcut of the table: other programs have them.
const ALSO: [(Action, (Modifiers, Key)); 3] = [
    (Action::Redo, (Modifiers::COMMAND, Key::Y)),
    (Action::Erase, (Modifiers::NONE, Key::Backspace)),
    (Action::ZoomIn, (Modifiers::COMMAND, Key::Equals)),
];

impl Keys {
    fn give(self, modifiers: Modifiers, key: Key) -> bool {
        let moves =
            [Key::Enter, Key::ArrowLeft, Key::ArrowRight, Key::ArrowUp, Key::ArrowDown].contains(&key);
        match self {
            Keys::All => true,
            Keys::Control => !(moves && modifiers.is_none()),
            Keys::Text => {
                let edits =
                    [Key::Z, Key::A, Key::B, Key::U, Key::D, Key::M, Key::V, Key::C, Key::X, Key::Delete]
                        .contains(&key);
                modifiers.command && !edits || key == Key::F1
            }
        }
    }
}

/// The first action whose shortcut was pressed, taken from the input, with the text that a paste
/// brought.
pub fn next(ctx: &egui::Context, keys: Keys) -> Option<(Action, Option<String>)> {
    let own = Shortcuts::of_window(ctx);
    ctx.input_mut(|input| {
        let (at, action) = input
            .events
            .iter()
            .enumerate()
            .find_map(|(at, event)| Some((at, asked_by(event, keys, &own)?)))?;
        match input.events.remove(at) {
            egui::Event::Paste(text) => Some((action, Some(text))),
            _ => Some((action, None)),
        }
    })
}

/// What an event asks for. Of the shortcuts that it fits the one with the most modifiers is
/// meant: Ctrl+Z fits Ctrl+Shift+Z too.
fn asked_by(event: &egui::Event, keys: Keys, own: &Shortcuts) -> Option<Action> {
    match event {
        // These come as events of their own.
        egui::Event::Copy if keys != Keys::Text => own.holder((Modifiers::COMMAND, Key::C)),
        egui::Event::Cut if keys != Keys::Text => own.holder((Modifiers::COMMAND, Key::X)),
        egui::Event::Paste(_) if keys != Keys::Text => own.holder((Modifiers::COMMAND, Key::V)),
        egui::Event::Key { key, pressed: true, repeat, modifiers, .. } => {
            let table = ACTIONS.iter().filter_map(|(action, ..)| Some((*action, own.of(*action)?)));
            let also = ALSO.into_iter().filter(|(_, keys)| own.holder(*keys).is_none());
            let fits = table.chain(also).filter(|(_, (wanted, shortcut))| {
                shortcut == key && modifiers.matches_logically(*wanted) && keys.give(*wanted, *key)
            });
            let count = |m: Modifiers| i32::from(m.shift) + i32::from(m.command) + i32::from(m.alt);
            let asked = fits.max_by_key(|(_, (wanted, _))| count(*wanted)).map(|(action, _)| action);
            // A key that is held is one tap.
            asked.filter(|&action| !(*repeat && action == Action::TapTempo))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_of_ones_own_take_the_place_of_others_and_come_back_from_settings() {
        let mut own = Shortcuts::default();
        let save = own.of(Action::Save).unwrap();
        assert_eq!(own.give(Action::Mixer, Some(save)), Some(Action::Save));
        assert_eq!((own.of(Action::Mixer), own.of(Action::Save)), (Some(save), None));
        own.give(Action::Hear, Some((Modifiers::ALT | Modifiers::SHIFT, Key::F5)));
        let kept = own.to_settings();
        assert_eq!(kept["action.hear"].as_deref(), Some("Alt+Shift+F5"));
        assert_eq!((kept["action.save"].clone(), kept.len()), (None, 3));
        assert_eq!(Shortcuts::of_settings(&kept), own);
        // As it came nothing need be kept, and what nobody can press is no shortcut.
        let usual = ACTIONS.iter().find(|(action, ..)| *action == Action::Mixer).unwrap().3;
        own.give(Action::Mixer, usual);
        own.give(Action::Save, Some(save));
        own.give(Action::Hear, None);
        assert_eq!(own, Shortcuts::default());
        let nonsense = [("action.hear", "Hyper+Q"), ("action.open", "Ctrl+"), ("nothing", "Q")];
        let nonsense = nonsense.map(|(action, keys)| (action.to_string(), Some(keys.to_string())));
        assert_eq!(Shortcuts::of_settings(&nonsense.into()), Shortcuts::default());
    }

    #[test]
    fn every_shortcut_of_the_table_can_be_written_and_read() {
        for (action, .., keys) in ACTIONS {
            if let Some(keys) = keys {
                assert_eq!(read(&written(*keys)), Some(*keys), "{action:?}");
            }
        }
    }
}
