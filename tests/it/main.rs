//! The stories, told on the real handler and the real SDK clients.

// `cfg(test)` on each, so that the lints know the helpers beside the tests as test code too.
#[cfg(test)]
mod examples;
#[cfg(test)]
mod fleet_aws_cli;
#[cfg(test)]
mod fleet_cli;
#[cfg(test)]
mod fleet_codedeploy;
#[cfg(test)]
mod fleet_commands;
#[cfg(test)]
mod fleet_deployments;
#[cfg(test)]
mod fleet_faults;
#[cfg(test)]
mod fleet_groups;
#[cfg(test)]
mod fleet_mending;
#[cfg(test)]
mod fleet_model;
#[cfg(test)]
mod fleet_reading;
#[cfg(test)]
mod fleet_repairs;
#[cfg(test)]
mod fleet_reports;
#[cfg(test)]
mod fleet_server;
#[cfg(test)]
mod fleet_steps;
#[cfg(test)]
mod fleet_world;
#[cfg(test)]
mod gate;
#[cfg(test)]
mod install_document;
#[cfg(test)]
mod local_stack;
#[cfg(test)]
mod pages;
#[cfg(test)]
mod paused;
#[cfg(test)]
mod plays;
#[cfg(test)]
mod readiness_document;
#[cfg(test)]
mod release;
#[cfg(test)]
mod template;
#[cfg(test)]
mod tidy;
#[cfg(test)]
mod traffic_hook;
#[cfg(test)]
mod validate_script;
#[cfg(test)]
mod validate_service;
