//! The stories, told on the real handler and the real SDK clients.

mod fleet_cli;
mod fleet_commands;
mod fleet_model;
mod fleet_world;
