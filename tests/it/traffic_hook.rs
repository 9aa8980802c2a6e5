//! traffic-hook.
