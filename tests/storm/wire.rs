//! Answers the SDK's requests with the fleet, and adds the network faults and the sabotage of the run.

use std::time::Duration;

use launchgate_tests::fleet::door::{Request, Response, answer};
use launchgate_tests::queue::door as queue;
use launchgate_tests::wire::{Answer, Remote, Sent, Trip, Trouble};
use lifecycle::Timestamp;
use serde_json::json;

use crate::mapping::visibility;
use crate::outage::Away;
use crate::sabotage::Sabotage;
use crate::world::{Inner, Suspension, World};

/// The longest that a read lags behind. AWS says "eventually"; this is four ticks.
const BEHIND: Duration = Duration::from_mins(1);

impl Remote for World {
    fn trip(&self, sent: &Sent) -> Trip {
        let name = operation(&sent.request);
        self.with(|inner, now| {
            let trip = draw_trip(self, inner, &name);
            let kind = match trip.trouble {
                Some(Trouble::Reset) => "connection reset",
                Some(Trouble::Refused(_)) => "server error",
                Some(Trouble::AnswerLost) => "lost answer",
                Some(Trouble::Hangs | Trouble::Panics) => unreachable!("no weather draws it"),
                None if trip.there + trip.back > Duration::from_secs(1) => "slow answer",
                None => return trip,
            };
            inner.meet(now, kind, &name);
            trip
        })
    }

    fn answer(&self, sent: &Sent) -> Answer {
        perform(self, &sent.request, &operation(&sent.request)).into()
    }
}

fn draw_trip(world: &World, inner: &mut Inner, name: &str) -> Trip {
    let weather = &world.weather;
    let second = world.elapsed().as_secs();
    let is_away = |away: Away| weather.outages.iter().any(|outage| outage.away == away && outage.is_at(second));
    let dice = &mut inner.dice;
    let trouble = if weather.outages.iter().any(|outage| outage.refuses(name) && outage.is_at(second)) {
        Some(Trouble::Refused(Answer::new(503, "Service Unavailable")))
    } else if is_away(Away::Everything) || dice.chance(weather.resets) {
        Some(Trouble::Reset)
    } else if dice.chance(weather.server_errors) {
        Some(Trouble::Refused(Answer::new(503, "Service Unavailable")))
    } else {
        dice.chance(weather.lost_answers).then_some(Trouble::AnswerLost)
    };
    if trouble.is_some() {
        return Trip { trouble, ..Trip::default() };
    }
    let (mut there, mut back) = (dice.millis(2..=30), dice.millis(2..=30));
    if dice.chance(weather.slow_answers) {
        let late = dice.millis(1_000..=15_000);
        if dice.chance(0.5) { there += late } else { back += late }
    }
    Trip { there, back, trouble }
}

fn perform(world: &World, request: &Request, name: &str) -> Response {
    let response = world.with(|inner, now| {
        if queue::operation(request).is_some() {
            let Inner { queue, dice, .. } = inner;
            if name == "ReceiveMessage" && dice.chance(world.weather.empty_receives) {
                inner.meet(now, "empty receive", "");
                return queue::respond(200, &json!({}));
            }
            return queue::answer(queue, now, request, || visibility(world.weather.early_redeliveries, dice));
        }
        if world.sabotage == Some(Sabotage::NoHeartbeats) && name == "RecordLifecycleActionHeartbeat" {
            return Sabotage::pretended_heartbeat();
        }
        if let Some(sabotage) = world.sabotage
            && let Some(instead) = sabotage.instead(&mut inner.fleet, &inner.owners_deployments, now, (request, name))
        {
            return instead;
        }
        let request = world.sabotage.map_or_else(|| request.clone(), |sabotage| sabotage.send(request, name));
        let response = answer(&mut inner.fleet, now, &request);
        if name == "SuspendProcesses" && response.status == 200 {
            inner.suspensions.push(read_suspension(now, &request));
        }
        let response = world.sabotage.map_or(response.clone(), |sabotage| sabotage.retell(now, &request, response));
        if world.sabotage == Some(Sabotage::RepairsWhatItDoesNotHold) && name == "RecordLifecycleActionHeartbeat" {
            return Sabotage::pretended_heartbeat();
        }
        let response = match world.sabotage {
            Some(sabotage) => sabotage.remember(&mut inner.first_answers, (&request, name), response),
            None => response,
        };
        let response = aged(world, inner, now, (&request, name), response);
        if response.status == 400 && response.body.contains("Throttling") {
            inner.meet(now, "throttled call", name);
        }
        inner.note(now, format_args!("{name} {}", response.status));
        response
    });
    world.woken.notify_one();
    response
}

/// A read may be answered with what was so a moment ago (eventual consistency), and a ping may seem lost.
fn aged(world: &World, inner: &mut Inner, now: Timestamp, asked: (&Request, &str), fresh: Response) -> Response {
    let (request, name) = asked;
    if !["BatchGet", "Describe", "List"].iter().any(|reads| name.starts_with(reads)) {
        return fresh;
    }
    let before = inner.answers.insert((name.to_owned(), request.body.clone()), (now, fresh.clone()));
    if let Some((at, old)) = before
        && now.since(at) <= BEHIND
        && inner.dice.chance(world.weather.states_behind)
    {
        inner.meet(now, "state behind", name);
        return old;
    }
    if name == "DescribeInstanceInformation" && inner.dice.chance(world.weather.stale_pings) {
        inner.meet(now, "stale ping", "");
        return Response { body: fresh.body.replace("\"Online\"", "\"ConnectionLost\""), ..fresh };
    }
    fresh
}

fn read_suspension(at: Timestamp, request: &Request) -> Suspension {
    let (mut group, mut processes) = (String::new(), Vec::new());
    for (name, value) in form_urlencoded::parse(&request.body) {
        match &*name {
            "AutoScalingGroupName" => group = value.into_owned(),
            name if name.starts_with("ScalingProcesses.member.") => processes.push(value.into_owned()),
            _ => (),
        }
    }
    Suspension { at, group, processes }
}

/// `AmazonSSM.SendCommand` in a header, `Action=CompleteLifecycleAction` in a form.
fn operation(request: &Request) -> String {
    if let Some(target) = request.headers.get("x-amz-target") {
        return target.rsplit('.').next().unwrap_or_default().to_owned();
    }
    let mut form = form_urlencoded::parse(&request.body);
    form.find(|(name, _)| name == "Action").map(|(_, value)| value.into_owned()).unwrap_or_default()
}
