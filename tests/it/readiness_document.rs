//! Runs the readiness document for real on made-up instances.
#![cfg(test)] // without it clippy takes the helpers for something else than tests

mod adversity;
mod agent_stand_in;
mod agent_states;
mod contract;
mod findings;
mod hangs;
mod instance;
mod made_up;
mod matrix;
mod report;
mod run;
mod ssm_agent;
mod waiting;
