//! `DescribeInstanceInformation`: when Systems Manager last heard from instances.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_ssm::types::{InstanceInformation, InstanceInformationStringFilter, PingStatus};
use futures_util::future::join_all;
use lifecycle::Timestamp;
use lifecycle::identity::InstanceId;
use lifecycle::observation::{Ping, Reading};
use runtime::CallError;

use super::failed::log_failed_read;
use crate::context::Context;

/// The most results of one page (aws-facts 6.1).
const RESULTS_PER_PAGE: i32 = 50;
/// As many instance ids as fill one page.
const IDS_PER_CALL: usize = 50;

/// When SSM last heard from these instances.
pub(super) async fn read_pings(
    ids: BTreeSet<InstanceId>,
    context: &Context<'_>,
) -> BTreeMap<InstanceId, Reading<Ping>> {
    let ids: Vec<_> = ids.into_iter().collect();
    join_all(ids.chunks(IDS_PER_CALL).map(|ids| read_chunk(ids, context))).await.into_iter().flatten().collect()
}

/// AWS's documentation says that an unknown id is an error; in practice it is left out (aws-facts 6.1). If it is an
/// error, the chunk is halved until each unknown id stands alone.
async fn read_chunk(ids: &[InstanceId], context: &Context<'_>) -> BTreeMap<InstanceId, Reading<Ping>> {
    let mut pings = BTreeMap::new();
    let mut todo = vec![ids];
    while let Some(ids) = todo.pop() {
        match describe_information(ids, context).await {
            Ok(heard) => {
                pings.extend(ids.iter().map(|id| (id.clone(), Reading::Known(Ping::Never))));
                pings.extend(heard.into_iter().map(|(id, ping)| (id, Reading::Known(ping))));
            }
            Err(error) if error.is_unreachable_instance() => match ids {
                [id] => drop(pings.insert(id.clone(), Reading::Known(Ping::Never))),
                _ => todo.extend(<[&[InstanceId]; 2]>::from(ids.split_at(ids.len() / 2))),
            },
            Err(error) => log_failed_read(&error),
        }
    }
    pings
}

async fn describe_information(ids: &[InstanceId], context: &Context<'_>) -> Result<Vec<(InstanceId, Ping)>, CallError> {
    let filter = InstanceInformationStringFilter::builder()
        .key("InstanceIds")
        .set_values(Some(ids.iter().map(ToString::to_string).collect()))
        .build();
    let call = context.aws.ssm.describe_instance_information().set_filters(filter.ok().map(|filter| vec![filter]));
    let pages = call.into_paginator().page_size(RESULTS_PER_PAGE).items().send();
    let known: Result<Vec<InstanceInformation>, _> = pages.collect().await;
    let known = known.map_err(|error| CallError::new("DescribeInstanceInformation", "a batch", &error))?;
    Ok(known.into_iter().filter_map(read_ping).collect())
}

fn read_ping(known: InstanceInformation) -> Option<(InstanceId, Ping)> {
    let at = known.last_ping_date_time?.to_millis().ok()?;
    let online = known.ping_status == Some(PingStatus::Online);
    Some((known.instance_id?.try_into().ok()?, Ping::Heard { online, at: Timestamp::from_millis(at) }))
}
