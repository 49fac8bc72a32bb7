//! The desktop application.
