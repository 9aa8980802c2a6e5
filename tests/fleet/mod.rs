//! The fleet: Auto Scaling groups, managed instances, commands and the events they publish, true to AWS-FACTS.

pub mod host;
pub mod metadata;
pub mod sandbox;
