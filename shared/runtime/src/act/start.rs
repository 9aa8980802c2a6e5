//! `SendCommand`: starts runs, on up to fifty instances at a time.

use std::collections::BTreeMap;

use futures_util::future::join_all;
use lifecycle::Timestamp;
use lifecycle::decision::Action;
use lifecycle::event::Phase;
use lifecycle::identity::InstanceId;
use tracing::{error, info};

use crate::comment;
use crate::error::CallError;
use crate::handler::Invocation;
use crate::look::Look;
use crate::run::{DELIVERY_SECONDS, Parameters};

/// The most instances of one command (AWS-FACTS 6.2).
const MOST: usize = 50;

/// What a command carries: instances that share it share a command.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Errand<'a> {
    document: &'a str,
    phase: Option<Phase>,
    parameters: Parameters,
}

/// One instance, and when its launch began.
type Launch<'a> = (Option<Timestamp>, &'a InstanceId);

/// Starts the runs that were decided. One that could not be started is decided again at the next look.
pub(super) async fn start(looks: &[Look], invocation: &Invocation<'_>) {
    let mut errands: BTreeMap<Errand<'_>, Vec<Launch<'_>>> = BTreeMap::new();
    for look in looks {
        if let Some(errand) = errand(look, invocation) {
            errands.entry(errand).or_default().push((look.launched_at(), &look.instance));
        }
    }
    // Launches that began together share a command, so that its comment is true for each.
    for launches in errands.values_mut() {
        launches.sort_unstable();
        launches.dedup_by_key(|(_, instance)| *instance);
    }
    let chunks = errands.iter().flat_map(|(errand, launches)| launches.chunks(MOST).map(move |chunk| (errand, chunk)));
    let commands = chunks.map(|(errand, launches)| send(errand, launches, invocation));
    join_all(commands).await;
}

fn errand<'a>(look: &Look, invocation: &Invocation<'a>) -> Option<Errand<'a>> {
    let config = invocation.config;
    let phase = look.phase();
    match look.decision.as_ref()?.action {
        Action::Probe { wait, offered } => {
            let parameters = Parameters::of_readiness(&look.policy, offered, wait);
            Some(Errand { document: &config.readiness_document, phase, parameters })
        }
        Action::Repair(wait) => {
            let parameters = Parameters::of_repair(&look.policy, wait);
            Some(Errand { document: config.install_document.as_deref()?, phase, parameters })
        }
        Action::Wait | Action::Complete(_) | Action::Settle => None,
    }
}

/// One instance that SSM cannot reach makes the whole request fail (AWS-FACTS 6.2); it is then halved until the bad one
/// stands alone.
async fn send(errand: &Errand<'_>, launches: &[Launch<'_>], invocation: &Invocation<'_>) {
    let mut todo = vec![launches];
    while let Some(launches) = todo.pop() {
        match send_to(errand, launches, invocation).await {
            Ok(command) => info!(command, document = errand.document, instances = launches.len(), "run started"),
            Err(error) if error.spoilt_by_one() => match launches {
                [(_, instance)] => info!(%instance, %error, "SSM takes no run for the instance now"),
                _ => todo.extend(<[&[Launch<'_>]; 2]>::from(launches.split_at(launches.len() / 2))),
            },
            Err(error) => error!(%error, document = errand.document, "no run started"),
        }
    }
}

async fn send_to(
    errand: &Errand<'_>,
    launches: &[Launch<'_>],
    invocation: &Invocation<'_>,
) -> Result<String, CallError> {
    let ids: Vec<String> = launches.iter().map(|(_, instance)| instance.to_string()).collect();
    let subject = ids.join(" ");
    let call =
        invocation.aws.ssm.send_command().document_name(errand.document).set_parameters(Some(errand.parameters.sent()));
    let call = call.set_instance_ids(Some(ids)).timeout_seconds(DELIVERY_SECONDS);
    // One instance that fails must not keep the run from the others.
    let call = call.max_concurrency("100%").max_errors("100%");
    let earliest = launches.iter().filter_map(|(began, _)| *began).min();
    let answer = call.comment(comment::of(errand.phase, earliest)).send().await;
    let answer = answer.map_err(|error| CallError::new("SendCommand", subject, &error))?;
    Ok(answer.command.and_then(|command| command.command_id).unwrap_or_default())
}
