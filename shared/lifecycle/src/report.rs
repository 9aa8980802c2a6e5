//! What a readiness run says: the first line of its output (ARCHITECTURE.md#the-report).

use serde::{Deserialize, Serialize};

/// The report of one run on one instance.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// The version of this form; 1.
    pub v: u8,
    /// Whether every check passed.
    pub ready: bool,
    /// Seconds that the run waited on the instance.
    #[serde(default)]
    pub waited_s: u32,
    /// The CodeDeploy agent, if the run looked at it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agent: Option<Agent>,
    /// Whether, with `"agent": "last"`, the agent ran in some look of the run that found something else not ready.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub agent_early: bool,
    /// The failed checks.
    #[serde(default)]
    pub findings: Vec<Finding>,
    /// The deployment whose files are on the instance, if any. The agent notes it at the end of the event Install, and
    /// the deployment may have failed later (aws-facts 10.2).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub installed: Option<String>,
}

/// The CodeDeploy agent as a run saw it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Agent {
    /// 1 = Ruby, 2 = Rust (aws-facts 10.1).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub generation: Option<u8>,
    /// Its version, such as `2.1.0`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// What it was doing, such as `running`.
    pub state: String,
}

/// One failed check.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// The check, such as `agent`.
    pub check: String,
    /// A stable code, such as `agent-missing`.
    pub code: String,
    /// What can be done about it.
    pub class: Class,
    /// What a person needs to know.
    #[serde(default)]
    pub detail: String,
}

/// What can be done about a finding; in order of weight.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Class {
    /// It passes by itself.
    Transient,
    /// A repair can mend it.
    Repairable,
    /// Nothing on the instance will change it.
    Fatal,
}

impl Report {
    /// Reads the report from the output of a run, or nothing if the run left none: the probe itself broke.
    ///
    /// A report that contradicts itself (ready with findings, or not ready without any) is none.
    #[must_use]
    pub fn read(stdout: &str) -> Option<Self> {
        let report: Self = serde_json::from_str(stdout.lines().next()?).ok()?;
        (report.v == 1 && report.ready == report.findings.is_empty()).then_some(report)
    }

    /// Whether nothing but the agent is not ready.
    #[must_use]
    pub fn lacks_only_agent(&self) -> bool {
        !self.ready && self.findings.iter().all(|finding| finding.check == "agent")
    }

    /// The finding that weighs most, the first of its class.
    #[must_use]
    pub fn worst(&self) -> Option<&Finding> {
        // `max_by_key` would give the last of several equals.
        self.findings.iter().rev().max_by_key(|finding| finding.class)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_line_is_the_report() {
        let report = Report::read("{\"v\":1,\"ready\":true,\"waited_s\":4,\"findings\":[]}\nmore\n").unwrap();
        assert!(report.ready);
        assert_eq!(report.waited_s, 4);
    }

    #[test]
    fn what_contradicts_itself_is_no_report() {
        let finding = r#"{"check":"a","code":"a-b","class":"fatal"}"#;
        for text in [
            String::new(),
            "sh: 1: syntax error".into(),
            r#"{"v":2,"ready":true,"findings":[]}"#.into(),
            r#"{"v":1,"ready":false,"findings":[]}"#.into(),
            format!(r#"{{"v":1,"ready":true,"findings":[{finding}]}}"#),
            r#"{"v":1,"ready":false,"findings":[{"check":"a","code":"b","class":"odd"}]}"#.into(),
        ] {
            assert_eq!(Report::read(&text), None, "{text}");
        }
    }

    #[test]
    fn the_worst_finding_is_the_first_of_the_gravest_class() {
        let finding =
            |code: &str, class| Finding { check: "x".into(), code: code.into(), class, detail: String::new() };
        let report = Report {
            v: 1,
            ready: false,
            waited_s: 0,
            agent: None,
            agent_early: false,
            installed: None,
            findings: vec![finding("a", Class::Transient), finding("b", Class::Fatal), finding("c", Class::Fatal)],
        };
        assert_eq!(report.worst().unwrap().code, "b");
    }
}
