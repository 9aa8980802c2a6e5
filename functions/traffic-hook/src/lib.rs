//! Answers traffic hooks.
