//! The sound card and the transport: knows samples, and nothing of songs.
