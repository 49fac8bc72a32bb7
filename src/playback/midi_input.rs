//! Keys of MIDI keyboards, through midir.

use std::any::Any;

use midir::{Ignore, MidiInput, MidiInputPort};

/// What a keyboard says of its keys, as MIDI counts them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MidiKey {
    Pressed(u8),
    Released(u8),
    /// None is held any more.
    AllReleased,
}

impl MidiKey {
    /// Reads a message, on any channel; `None` for what says nothing of keys.
    pub fn read(message: &[u8]) -> Option<Self> {
        // All sound off, and all notes off.
        const SILENCE: [u8; 2] = [120, 123];
        let &[status, first, second] = message else { return None };
        match (status >> 4, second) {
            (8, _) | (9, 0) => Some(Self::Released(first & 0x7f)),
            (9, _) => Some(Self::Pressed(first & 0x7f)),
            (11, _) if SILENCE.contains(&first) => Some(Self::AllReleased),
            _ => None,
        }
    }
}

/// A keyboard that is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MidiPort {
    /// As the user knows it.
    pub name: String,
    /// Tells it from one of the same name that was there before.
    pub place: String,
}

/// Hears each message of a keyboard, on a thread of the system's.
pub type MidiEar = Box<dyn FnMut(&[u8]) + Send>;

/// Where keyboards are found. What it gives is used on the thread that asked for it.
pub trait MidiPorts {
    /// Those that are there now.
    fn find(&mut self) -> Vec<MidiPort>;

    /// Listens to one, until what it gives is dropped; `None` if that cannot be.
    fn listen(&mut self, port: &MidiPort, ear: MidiEar) -> Option<Box<dyn Any>>;
}

/// The keyboards of the system; none where it has no MIDI.
#[derive(Default)]
pub struct SystemMidi {
    input: Option<MidiInput>,
}

impl SystemMidi {
    fn ports(&mut self) -> Vec<(MidiInputPort, MidiPort)> {
        if self.input.is_none() {
            self.input = open();
        }
        let Some(input) = &self.input else { return Vec::new() };
        let named = |port: MidiInputPort| {
            let place = input.port_name(&port).ok()?;
            let name = plain(&place).to_string();
            Some((port, MidiPort { name, place }))
        };
        // What we listen with ourselves is none.
        let others = |(_, port): &(MidiInputPort, MidiPort)| !port.name.starts_with(CLIENT);
        input.ports().into_iter().filter_map(named).filter(others).collect()
    }
}

/// What others see of us.
const CLIENT: &str = "Ziyin";

fn open() -> Option<MidiInput> {
    let mut input = MidiInput::new(CLIENT).ok()?;
    // Clocks and what keyboards say of themselves come many times a second.
    input.ignore(Ignore::All);
    Some(input)
}

impl MidiPorts for SystemMidi {
    fn find(&mut self) -> Vec<MidiPort> {
        self.ports().into_iter().map(|(_, port)| port).collect()
    }

    fn listen(&mut self, port: &MidiPort, mut ear: MidiEar) -> Option<Box<dyn Any>> {
        let (found, _) = self.ports().into_iter().find(|(_, other)| other == port)?;
        let connection = open()?.connect(&found, CLIENT, move |_, message, _| ear(message), ());
        connection.ok().map(|connection| Box::new(connection) as Box<dyn Any>)
    }
}

/// A name without the numbers that ALSA puts behind it, which change when the keyboard is plugged in again.
fn plain(name: &str) -> &str {
    let is_number = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    match name.rsplit_once(' ') {
        Some((plain, numbers))
            if numbers.split_once(':').is_some_and(|(a, b)| is_number(a) && is_number(b)) =>
        {
            plain
        }
        _ => name,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_of_keys_are_read_and_others_are_not() {
        let read = |message: &[u8]| MidiKey::read(message);
        assert_eq!(read(&[0x93, 60, 100]), Some(MidiKey::Pressed(60)));
        assert_eq!(read(&[0x90, 60, 0]), Some(MidiKey::Released(60)));
        assert_eq!(read(&[0x8f, 61, 64]), Some(MidiKey::Released(61)));
        assert_eq!(read(&[0xb0, 123, 0]), Some(MidiKey::AllReleased));
        for other in [&[0xb0, 1, 64][..], &[0xf8], &[0xe0, 0, 64], &[0x90, 60], &[], &[0xf0, 1, 2, 3]] {
            assert_eq!(read(other), None, "{other:?}");
        }
    }

    #[test]
    fn a_keyboard_that_is_plugged_in_again_has_the_same_name() {
        assert_eq!(plain("Keystation 49:Keystation 49 MIDI 1 20:0"), "Keystation 49:Keystation 49 MIDI 1");
        assert_eq!(plain("Keystation 49"), "Keystation 49");
        assert_eq!(plain("a b:c"), "a b:c");
        assert_eq!(plain("x 1:"), "x 1:");
    }

    #[test]
    fn a_system_without_midi_has_no_keyboards_and_does_no_harm() {
        let mut system = SystemMidi::default();
        let nowhere = MidiPort { name: "nowhere".into(), place: "nowhere 99:9".into() };
        assert!(!system.find().contains(&nowhere));
        assert!(system.listen(&nowhere, Box::new(|_| ())).is_none());
    }

    /// Where there is a sequencer: a port of our own, and what is sent to it.
    #[cfg(target_os = "linux")]
    #[test]
    fn what_a_virtual_keyboard_plays_is_heard() {
        use midir::MidiOutput;
        use midir::os::unix::VirtualOutput;
        let Ok(output) = MidiOutput::new("a keyboard of a test") else { return };
        let Ok(mut keyboard) = output.create_virtual("keys") else { return };
        let mut system = SystemMidi::default();
        let found = system.find().into_iter().find(|port| port.name.contains("a keyboard of a test"));
        let (tell, heard) = std::sync::mpsc::channel();
        let ear = Box::new(move |message: &[u8]| {
            let _ = tell.send(message.to_vec());
        });
        let _listens = system.listen(&found.unwrap(), ear).unwrap();
        keyboard.send(&[0x90, 64, 90]).unwrap();
        let message = heard.recv_timeout(std::time::Duration::from_secs(10)).unwrap();
        assert_eq!(MidiKey::read(&message), Some(MidiKey::Pressed(64)));
    }
}
