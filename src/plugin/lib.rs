//! Ziyin in a DAW: a plug-in that sings a song by itself, as CLAP and as VST3.
//!
//! ```text
//! clap, vst3    the two formats, each a thin shell    entry       what hosts of CLAP find first
//! instance      one plug-in in a project of the host: the song, and the thread that has it sung
//! conductor     that thread: singer in, performances out
//! performance   what is sung so far, as one immutable value
//! performer     the audio thread: follows the transport of the host, and reads performances
//! faders        the tracks as loud as the host wants them, without clicks
//! sighting      what is seen of the host's tempo      host_time   the map that is made of it
//! turning       how the host turns what shapes a voice
//! shaping       the curves that are made of it
//! keys          keys that the host records, and the notes that they become
//! shared        what these threads and the host's share
//! state         what the host keeps of an instance     status      how it stands with it
//! parameters    what a host shows and automates       strips      of single tracks
//! studio        the studio of an instance, a process of its own at the other end of a socket
//! view          what lies in a window of the host
//! voices        the voices that sing, one set for all instances of a process
//! ```
//!
//! The audio thread takes performances from a ring and gives them back over another. It waits for
//! nobody, except in an offline render, which must not miss a sound.

rust_i18n::i18n!("../../locales/plugin", fallback = "en");

mod clap;
mod conductor;
mod entry;
mod faders;
mod host_time;
mod instance;
mod keys;
mod parameters;
mod performance;
mod performer;
mod shaping;
mod shared;
mod sighting;
mod state;
mod status;
mod strips;
mod studio;
mod turning;
mod view;
mod voices;
mod vst3;

pub use clap::PluginEntry;
pub use entry::clap_entry;
pub use performance::OUTPUTS;
pub use vst3::GetPluginFactory;

/// What hosts show of the plug-in.
const NAME: &str = "Ziyin";
const VENDOR: &str = "Ziyin";
