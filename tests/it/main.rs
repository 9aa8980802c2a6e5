//! Integration tests. They run the functions' real handlers and real SDK clients, the SSM documents and the template,
//! on the simulated AWS of this crate (the fleet) or on the local stack.

// Each module has `cfg(test)`; without it, clippy treats the helpers beside the tests as product code.
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
mod fleet_ssm_agent;
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
mod shells;
#[cfg(test)]
mod smoke;
#[cfg(test)]
mod stand;
#[cfg(test)]
mod template;
#[cfg(test)]
mod tidy;
#[cfg(test)]
mod timeline;
#[cfg(test)]
mod traffic_hook;
#[cfg(test)]
mod validate_script;
#[cfg(test)]
mod validate_service;
