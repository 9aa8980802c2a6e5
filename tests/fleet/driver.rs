//! The seam to the sandbox: who really runs scripts.
//!
//! The model hands out [`ScriptToRun`](super::ScriptToRun) and takes the end back with
//! [`Fleet::finish_script`](super::Fleet::finish_script); a server passes scripts to whoever holds its news
//! ([`News::Script`](super::door::server::News)) and takes the end with
//! [`Server::script_ended`](super::door::server::Server::script_ended).

/// How a script ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScriptEnd {
    /// Its exit code.
    pub code: i64,
    /// Its standard output.
    pub stdout: String,
    /// Its standard error.
    pub stderr: String,
}

/// What a fleet without a sandbox answers: the probe itself broke, and why.
#[must_use]
pub fn no_sandbox() -> ScriptEnd {
    ScriptEnd {
        code: 127,
        stdout: String::new(),
        stderr: "this fleet has no sandbox; `real = true` needs one\n".to_owned(),
    }
}
