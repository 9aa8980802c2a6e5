//! Runs the readiness document for real on made-up instances.
#![cfg(test)] // without it clippy takes the helpers for something else than tests

mod adversity;
mod agent_last;
mod agent_log;
mod agent_stand_in;
mod agent_states;
mod cannot_tell;
mod cloud_init;
mod contract;
mod findings;
mod hangs;
mod http_clients;
mod instance;
mod made_up;
mod matrix;
mod package_managers;
mod proofs;
mod real_managers;
mod report;
mod run;
mod ssm_agent;
mod waiting;
