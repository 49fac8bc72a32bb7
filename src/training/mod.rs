//! From corpora to weights.
