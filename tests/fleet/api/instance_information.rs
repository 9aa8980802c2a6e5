//! `DescribeInstanceInformation`: which instances are registered, and when each pinged last (aws-facts 6.1).

use lifecycle::Timestamp;
use serde_json::{Value, json};

use super::super::model::instances::Instance;
use super::super::{Fleet, Refused};
use super::bounds::Text;
use super::members::Members;
use super::times::epoch;
use super::{Outcome, page};

/// [BOTO ssm:InstanceInformationStringFilterKey]
static FILTER_TEXT: Text = Text::chars(1, usize::MAX);

struct Filter {
    key: String,
    values: Vec<String>,
}

/// An unknown id is not an error: the list is empty until the agent registers (aws-facts 6.1).
pub(super) fn describe(fleet: &mut Fleet, now: Timestamp, members: &Members<'_>) -> Outcome {
    let filters = filters(members)?;
    let most = members.number("MaxResults", 5..=50)?.unwrap_or(10);
    let listed = fleet.instances.values().filter(|instance| instance.listed());
    // Most callers name instances: the others need not be described to be left out.
    let named = listed.filter(|instance| filters.iter().all(|filter| filter.may_name(&instance.id)));
    let listed = named
        .map(|instance| instance_json(fleet, now, instance))
        .filter(|described| filters.iter().all(|filter| meets(described, filter)));
    page::of("InstanceInformationList", listed, |described| described, members, most)
}

impl Filter {
    fn may_name(&self, instance: &String) -> bool {
        self.key != "InstanceIds" || self.values.contains(instance)
    }
}

/// The old and the new list of filters must not be mixed (aws-facts 6.1).
fn filters(members: &Members<'_>) -> Result<Vec<Filter>, Refused> {
    let (old, new) = (members.list("InstanceInformationFilterList", usize::MAX)?, members.list("Filters", usize::MAX)?);
    if !old.is_empty() && !new.is_empty() {
        return Err(Refused::validation("InstanceInformationFilterList and Filters must not be used together"));
    }
    let old = old.iter().map(|filter| filter_of(filter, "key", "valueSet"));
    old.chain(new.iter().map(|filter| filter_of(filter, "Key", "Values"))).collect()
}

fn filter_of(filter: &Members<'_>, key: &str, values: &str) -> Result<Filter, Refused> {
    let key = filter.required(key, &FILTER_TEXT)?.to_owned();
    let values = filter.texts(values, 100, &FILTER_TEXT)?;
    if member_of(&key).is_none() {
        return Err(Refused::new("InvalidFilterKey", ""));
    }
    if values.is_empty() {
        return Err(Refused::new("InvalidInstanceInformationFilterValue", format!("{key} has no values")));
    }
    Ok(Filter { key, values })
}

/// The output member that a filter key looks at. Tags and activations are not simulated: nobody has any.
fn member_of(key: &str) -> Option<&str> {
    Some(match key {
        "InstanceIds" => "InstanceId",
        "PlatformTypes" | "PlatformType" => "PlatformType",
        "SourceIds" => "SourceId",
        "SourceTypes" => "SourceType",
        "AgentVersion" | "PingStatus" | "ResourceType" | "ActivationIds" | "IamRole" | "AssociationStatus"
        | "tag-key" => key,
        _ => return key.starts_with("tag:").then_some(key),
    })
}

fn meets(described: &Value, filter: &Filter) -> bool {
    let member = member_of(&filter.key).and_then(|name| described.get(name)).and_then(Value::as_str);
    member.is_some_and(|member| filter.values.iter().any(|value| value == member))
}

fn instance_json(fleet: &Fleet, now: Timestamp, instance: &Instance) -> Value {
    let ping = instance.last_ping(now).or(instance.registered).unwrap_or(now);
    let lost = ping + fleet.settings.connection_lost_after < now;
    let [a, b] = [instance.order / 250 % 250, instance.order % 250 + 4];
    json!({
        "InstanceId": instance.id, "PingStatus": if lost { "ConnectionLost" } else { "Online" },
        "LastPingDateTime": epoch(ping), "AgentVersion": "3.3.2746.0", "IsLatestVersion": true,
        "PlatformType": "Linux", "PlatformName": "Amazon Linux", "PlatformVersion": "2023",
        "ResourceType": "EC2Instance", "IPAddress": format!("10.0.{a}.{b}"),
        "ComputerName": format!("ip-10-0-{a}-{b}.{}.compute.internal", fleet.settings.region),
        "SourceType": "AWS::EC2::Instance", "SourceId": instance.id,
    })
}
