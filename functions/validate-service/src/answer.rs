//! The answer and its reasons.

use lifecycle::report::{Finding, Report};
use serde::Serialize;

/// The judgement on one instance.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// Every check passed on the instance.
    Healthy,
    /// A check failed on the instance; the findings say which.
    Unhealthy,
    /// The function could not look, or may not. The script never takes it for healthy.
    Inconclusive,
}

/// The answer (ARCHITECTURE.md#the-questions).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Answer {
    /// The judgement.
    pub verdict: Verdict,
    /// What a person needs to know, a line each.
    pub reasons: Vec<String>,
    /// What the run on the instance said, if one did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub report: Option<Report>,
}

/// Why nothing could be said about the instance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Inconclusive(pub(crate) String);

impl<E: std::error::Error> From<E> for Inconclusive {
    fn from(error: E) -> Self {
        Self(error.to_string())
    }
}

impl Answer {
    /// The answer to a run that reported; `reasons` already holds the notes about the policy.
    pub(crate) fn of_report(report: Report, mut reasons: Vec<String>) -> Self {
        let verdict = if report.ready { Verdict::Healthy } else { Verdict::Unhealthy };
        reasons.extend(report.findings.iter().map(tell_finding));
        Self { verdict, reasons, report: Some(report) }
    }
}

impl From<Inconclusive> for Answer {
    fn from(Inconclusive(reason): Inconclusive) -> Self {
        Self { verdict: Verdict::Inconclusive, reasons: vec![reason], report: None }
    }
}

fn tell_finding(finding: &Finding) -> String {
    if finding.detail.is_empty() { finding.code.clone() } else { format!("{}: {}", finding.code, finding.detail) }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_report_with_findings_is_unhealthy_and_each_is_a_reason() {
        let finding =
            |code: &str, detail: &str| json!({"check": "x", "code": code, "class": "fatal", "detail": detail});
        let report =
            json!({"v": 1, "ready": false, "findings": [finding("port-closed", "8080"), finding("disk-full", "")]});
        let answer = Answer::of_report(Report::read(&report.to_string()).unwrap(), vec!["first".into()]);
        assert_eq!(
            (answer.verdict, answer.reasons),
            (Verdict::Unhealthy, vec!["first".to_owned(), "port-closed: 8080".to_owned(), "disk-full".to_owned()])
        );
    }
}
