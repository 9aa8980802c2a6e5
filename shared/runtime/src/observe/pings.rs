//! `DescribeInstanceInformation`: when Systems Manager last heard from instances.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_ssm::types::{InstanceInformation, InstanceInformationStringFilter, PingStatus};
use futures_util::future::join_all;
use lifecycle::Timestamp;
use lifecycle::identity::InstanceId;
use lifecycle::observation::{Ping, Reading};

use super::unreadable;
use crate::error::CallError;
use crate::handler::Invocation;

/// The most results of one page (AWS-FACTS 6.1), and as many ids as fill it.
const MOST: i32 = 50;
const CHUNK: usize = 50;

/// When SSM last heard from these instances.
pub(super) async fn pings(
    ids: BTreeSet<InstanceId>,
    invocation: &Invocation<'_>,
) -> BTreeMap<InstanceId, Reading<Ping>> {
    let ids: Vec<_> = ids.into_iter().collect();
    join_all(ids.chunks(CHUNK).map(|ids| chunk(ids, invocation))).await.into_iter().flatten().collect()
}

/// The documentation says that an unknown id is an error, practice says that it is left out (AWS-FACTS 6.1). If it is an
/// error, the chunk is halved until the unknown ones stand alone.
async fn chunk(ids: &[InstanceId], invocation: &Invocation<'_>) -> BTreeMap<InstanceId, Reading<Ping>> {
    let mut pings = BTreeMap::new();
    let mut todo = vec![ids];
    while let Some(ids) = todo.pop() {
        match described(ids, invocation).await {
            Ok(heard) => {
                pings.extend(ids.iter().map(|id| (id.clone(), Reading::Known(Ping::Never))));
                pings.extend(heard.into_iter().map(|(id, ping)| (id, Reading::Known(ping))));
            }
            Err(error) if error.unreachable_instance() => match ids {
                [id] => drop(pings.insert(id.clone(), Reading::Known(Ping::Never))),
                _ => todo.extend(<[&[InstanceId]; 2]>::from(ids.split_at(ids.len() / 2))),
            },
            Err(error) => unreadable(&error),
        }
    }
    pings
}

async fn described(ids: &[InstanceId], invocation: &Invocation<'_>) -> Result<Vec<(InstanceId, Ping)>, CallError> {
    let filter = InstanceInformationStringFilter::builder()
        .key("InstanceIds")
        .set_values(Some(ids.iter().map(ToString::to_string).collect()))
        .build();
    let call = invocation.aws.ssm.describe_instance_information().set_filters(filter.ok().map(|filter| vec![filter]));
    let pages = call.into_paginator().page_size(MOST).items().send();
    let known: Result<Vec<InstanceInformation>, _> = pages.collect().await;
    let known = known.map_err(|error| CallError::new("DescribeInstanceInformation", "a batch", &error))?;
    Ok(known.into_iter().filter_map(ping).collect())
}

fn ping(known: InstanceInformation) -> Option<(InstanceId, Ping)> {
    let at = known.last_ping_date_time?.to_millis().ok()?;
    let online = known.ping_status == Some(PingStatus::Online);
    Some((known.instance_id?.try_into().ok()?, Ping::Heard { online, at: Timestamp::from_millis(at) }))
}
