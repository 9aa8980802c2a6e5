//! Broken savings: a gate that believes its memory where it should read, and one whose order of calls starves some.

use std::collections::BTreeMap;

use launchgate_tests::fleet::door::{Request, Response};

use super::{BEGIN, END, Sabotage, pretend_xml};

/// The first answers, which some broken gates believe for ever: by request, or by instance.
pub(crate) type FirstAnswers = BTreeMap<Vec<u8>, Response>;

impl Sabotage {
    /// What this gate takes for the answer.
    pub(crate) fn remember(
        self,
        first: &mut FirstAnswers,
        (request, name): (&Request, &str),
        fresh: Response,
    ) -> Response {
        match (self, name) {
            _ if fresh.status != 200 => fresh,
            (Self::TrustsTheFirstPolicy, "DescribeLifecycleHooks") => {
                first.entry(request.body.clone()).or_insert(fresh).clone()
            }
            (Self::NeverReadsTheStateAgain, "DescribeAutoScalingInstances") => {
                with_first_states(first, request, &fresh)
            }
            _ => fresh,
        }
    }

    /// Whether this gate has no turn for the call: those of every other instance come first, always.
    pub(crate) fn starves(self, request: &Request, name: &str) -> bool {
        let calls = ["CompleteLifecycleAction", "RecordLifecycleActionHeartbeat"];
        let named = || form_urlencoded::parse(&request.body).find(|(name, _)| name == "LifecycleActionToken");
        self == Self::Starves && calls.contains(&name) && named().is_some_and(|(_, token)| token.ends_with(is_even))
    }

    /// As AWS throttles.
    pub(crate) fn throttled() -> Response {
        let error = "<Error><Type>Sender</Type><Code>Throttling</Code><Message>Rate exceeded</Message></Error>";
        Response { status: 400, ..pretend_xml("ErrorResponse", error) }
    }
}

fn is_even(digit: char) -> bool {
    digit.to_digit(16).is_some_and(|digit| digit % 2 == 0)
}

/// Tells of each instance what was first told of it.
fn with_first_states(first: &mut FirstAnswers, request: &Request, fresh: &Response) -> Response {
    let told = fresh.body.split(BEGIN).skip(1).filter_map(|part| part.split_once(END));
    for (member, _) in told {
        let known = Response { body: member.to_owned(), ..fresh.clone() };
        first.entry(instance_of(member).into()).or_insert(known);
    }
    let asked = form_urlencoded::parse(&request.body).filter(|(name, _)| name.starts_with("InstanceIds.member."));
    let members = asked.filter_map(|(_, id)| first.get(id.as_bytes()));
    let members: String = members.flat_map(|known| [BEGIN, &known.body, END]).collect();
    let result = format!("<AutoScalingInstances>{members}</AutoScalingInstances>");
    let result = format!("<DescribeAutoScalingInstancesResult>{result}</DescribeAutoScalingInstancesResult>");
    pretend_xml("DescribeAutoScalingInstancesResponse", &result)
}

fn instance_of(member: &str) -> &str {
    let (_, after) = member.split_once("<InstanceId>").unwrap_or_default();
    after.split_once("</InstanceId>").map_or("", |(id, _)| id)
}
