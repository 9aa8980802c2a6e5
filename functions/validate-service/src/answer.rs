//! The answer and its reasons.

use lifecycle::policy::PolicyError;
use lifecycle::report::{Finding, Report};
use runtime::CallError;
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
    /// Not known yet: the script asks again.
    Pending,
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

/// Why nothing can be said about the instance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum NoReport {
    /// For now: the same question a moment later may be answered.
    Pending(String),
    /// To ask again changes nothing.
    Inconclusive(String),
}

impl From<CallError> for NoReport {
    fn from(error: CallError) -> Self {
        if error.is_passing() { Self::Pending(error.to_string()) } else { Self::Inconclusive(error.to_string()) }
    }
}

impl From<PolicyError> for NoReport {
    fn from(error: PolicyError) -> Self {
        Self::Inconclusive(error.to_string())
    }
}

impl Answer {
    /// The answer to a run that reported; `reasons` already holds the notes about the policy.
    pub(crate) fn of_report(report: Report, mut reasons: Vec<String>) -> Self {
        let verdict = if report.ready { Verdict::Healthy } else { Verdict::Unhealthy };
        reasons.extend(report.findings.iter().map(tell_finding));
        Self { verdict, reasons, report: Some(report) }
    }

    /// The last answer to a caller that does not ask again.
    pub(crate) fn give_up(mut self) -> Self {
        if self.verdict == Verdict::Pending {
            self.verdict = Verdict::Inconclusive;
            let why =
                "had not ended when the time was over: a script that asks again has more time (docs/codedeploy.md)";
            self.reasons.push(format!("the question {why}"));
        }
        self
    }
}

impl From<NoReport> for Answer {
    fn from(why: NoReport) -> Self {
        let (verdict, reason) = match why {
            NoReport::Pending(reason) => (Verdict::Pending, reason),
            NoReport::Inconclusive(reason) => (Verdict::Inconclusive, reason),
        };
        Self { verdict, reasons: vec![reason], report: None }
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

    #[test]
    fn who_does_not_ask_again_is_never_told_pending() {
        for verdict in [Verdict::Healthy, Verdict::Unhealthy, Verdict::Inconclusive, Verdict::Pending] {
            let answer = Answer { verdict, reasons: vec!["it runs".into()], report: None }.give_up();
            let expected = if verdict == Verdict::Pending { Verdict::Inconclusive } else { verdict };
            assert_eq!((answer.verdict, answer.reasons[0].as_str()), (expected, "it runs"));
        }
    }
}
