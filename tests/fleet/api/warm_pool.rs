//! Operations on warm pools.

use lifecycle::Timestamp;
use serde_json::{Value, json};

use super::super::Fleet;
use super::super::model::states::{Place, PoolState};
use super::super::model::warm_pool::WarmPool;
use super::bounds::NAME;
use super::members::Members;
use super::{Outcome, instances, page};

pub(super) fn put(fleet: &mut Fleet, now: Timestamp, members: &Members<'_>) -> Outcome {
    let group = members.required("AutoScalingGroupName", &NAME)?;
    // -1 stands for "as many as the group's maximum" ([BOTO autoscaling:MaxGroupPreparedCapacity]).
    let most = members.number("MaxGroupPreparedCapacity", -1..=i64::from(u32::MAX))?;
    let reuse = members.structure("InstanceReusePolicy")?.map(|policy| policy.flag("ReuseOnScaleIn")).transpose()?;
    let pool = WarmPool {
        rest: members.word("PoolState", PoolState::parse)?.unwrap_or(PoolState::Stopped),
        min_size: members.size("MinSize")?.unwrap_or(0),
        max_prepared: most.and_then(|most| u32::try_from(most).ok()),
        reuse: reuse.flatten().unwrap_or(false),
    };
    fleet.put_warm_pool(now, group, pool)?;
    Ok(json!({}))
}

pub(super) fn describe(fleet: &mut Fleet, _: Timestamp, members: &Members<'_>) -> Outcome {
    let group = fleet.group(members.required("AutoScalingGroupName", &NAME)?)?;
    let rests =
        |place: Place, from: Place| place == Place::WarmPool || (place == Place::Ec2 && from == Place::WarmPool);
    let pooled = fleet.instances.values().filter(|instance| {
        instance.group == group.name && !instance.state.ended() && rests(instance.state.to, instance.state.from)
    });
    let most = members.number("MaxRecords", 1..=50)?.unwrap_or(50);
    let describe = |instance| instances::member_json(instance, &group.template);
    let mut answer = page::of("Instances", pooled, describe, members, most)?;
    if let (Some(pool), Some(answer)) = (&group.warm_pool, answer.as_object_mut()) {
        answer.insert("WarmPoolConfiguration".to_owned(), configuration(pool));
    }
    Ok(answer)
}

pub(super) fn configuration(pool: &WarmPool) -> Value {
    json!({
        "MaxGroupPreparedCapacity": pool.max_prepared.map_or(-1, i64::from), "MinSize": pool.min_size,
        "PoolState": pool.rest.text(), "InstanceReusePolicy": {"ReuseOnScaleIn": pool.reuse},
    })
}
