//! Runs the install document for real on made-up instances, with the real locks of rpm and dpkg.
#![cfg(test)] // without it clippy takes the helpers for something else than tests

mod agent;
mod apt;
mod contract;
mod damage;
mod lock;
mod region;
mod run;
mod ssm_agent;
mod start;
mod ways;
