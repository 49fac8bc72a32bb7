//! Score to sound.
