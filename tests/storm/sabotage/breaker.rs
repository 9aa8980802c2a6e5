//! Broken breakers: what they are told about the activities of a group is changed, and they judge as they do.

use launchgate_tests::fleet::door::{Request, Response};
use lifecycle::Timestamp;

use super::{BEGIN, END, Sabotage};

impl Sabotage {
    /// What this gate is told instead of an answer. Only the breaker asks for activities since a moment.
    pub(crate) fn retell(self, now: Timestamp, request: &Request, response: Response) -> Response {
        let asks = String::from_utf8_lossy(&request.body).contains("StartTimeLowerBound");
        let changes = matches!(
            self,
            Self::CountsOpenLaunches | Self::CountsAllSuccesses | Self::BrakesOnTheCount | Self::CountsRefusedLaunches
        );
        if !asks || !changes {
            return response;
        }
        let mut parts = response.body.split(BEGIN);
        let mut body = parts.next().unwrap_or_default().to_owned();
        for (number, part) in parts.enumerate() {
            let (activity, after) = part.split_once(END).unwrap_or((part, ""));
            if let Some(told) = self.retell_activity(now, number, activity) {
                body.extend([BEGIN, &told, END]);
            }
            body.push_str(after);
        }
        Response { body, ..response }
    }

    fn retell_activity(self, now: Timestamp, number: usize, activity: &str) -> Option<String> {
        let is = |status: &str| activity.contains(&format!("<StatusCode>{status}</StatusCode>"));
        let is_open = is("MidLifecycleAction") || is("PreInService");
        if self == Self::CountsOpenLaunches && is_open {
            return Some(replace(activity, "StatusCode", "Failed"));
        }
        if self == Self::CountsAllSuccesses && is("Successful") {
            return Some(replace(activity, "EndTime", &now.to_string()));
        }
        if self == Self::CountsRefusedLaunches && activity.contains("Status Reason") {
            let launched = format!("Launching a new EC2 instance: i-{number:017x}");
            return Some(replace(activity, "Description", &launched));
        }
        (self != Self::BrakesOnTheCount || !is_open && !is("Successful")).then(|| activity.to_owned())
    }
}

/// The activity with another text in this element.
fn replace(activity: &str, element: &str, text: &str) -> String {
    let (open, close) = (format!("<{element}>"), format!("</{element}>"));
    let parts = activity.split_once(&open).and_then(|(before, rest)| Some((before, rest.split_once(&close)?.1)));
    parts.map_or_else(|| activity.to_owned(), |(before, after)| format!("{before}{open}{text}{close}{after}"))
}
