//! The stories, told on the real handler and the real SDK clients.

mod fleet_aws_cli;
mod fleet_cli;
mod fleet_commands;
mod fleet_faults;
mod fleet_groups;
mod fleet_model;
mod fleet_reading;
mod fleet_reports;
mod fleet_server;
mod fleet_world;
