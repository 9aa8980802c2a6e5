//! `SendCommand`: starts runs, on up to 50 instances with one command.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use futures_util::future::join_all;
use lifecycle::Timestamp;
use lifecycle::decision::Action;
use lifecycle::event::Destination;
use lifecycle::identity::InstanceId;
use lifecycle::run::{Purpose, Run};
use runtime::CallError;
use runtime::documents::{DELIVERY_SECONDS, DOCUMENT_VERSION, Parameters, comment};
use tracing::{error, info};

use crate::context::Context;
use crate::look::Decided;

/// The most instances of one command (aws-facts 6.2).
const INSTANCES_PER_COMMAND: usize = 50;

/// What a command does. Instances that need the same share a command.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct CommandSpec<'a> {
    document: &'a str,
    purpose: Purpose,
    destination: Option<Destination>,
    wait: Duration,
    parameters: Parameters,
}

/// The runs that AWS refused to start.
#[derive(Debug, Default)]
pub(super) struct Refused {
    /// The instances that SSM does not know, cannot reach, or whose platform it does not support.
    pub(super) instances: BTreeSet<InstanceId>,
    /// The instances that got no run for any other reason. That says nothing about them.
    pub(super) others: BTreeSet<InstanceId>,
}

/// One instance, and when its launch began.
type Launch<'a> = (Option<Timestamp>, &'a InstanceId);

/// Starts the runs that were decided. Returns the instances whose run AWS refused.
pub(super) async fn start_runs(all: &[Decided], context: &Context<'_>) -> Refused {
    let mut specs: BTreeMap<CommandSpec<'_>, Vec<Launch<'_>>> = BTreeMap::new();
    for decided in all {
        if let Some(spec) = specify_command(decided, context) {
            specs.entry(spec).or_default().push((decided.launched_at(), &decided.look.instance));
        }
    }
    // Launches that began together share a command, so that the time in its comment is near the truth for each.
    for launches in specs.values_mut() {
        launches.sort_unstable();
        launches.dedup_by_key(|(_, instance)| *instance);
    }
    let chunks = specs
        .iter()
        .flat_map(|(spec, launches)| launches.chunks(INSTANCES_PER_COMMAND).map(move |chunk| (spec, chunk)));
    let answers = join_all(chunks.map(|(spec, launches)| send_to_each(spec, launches, context))).await;
    answers.into_iter().fold(Refused::default(), |mut all, refused| {
        all.instances.extend(refused.instances);
        all.others.extend(refused.others);
        all
    })
}

fn specify_command<'a>(decided: &Decided, context: &Context<'a>) -> Option<CommandSpec<'a>> {
    let (documents, look) = (context.config.documents(), &decided.look);
    let destination = look.destination();
    let policy = look.policy.toward(destination);
    match decided.decision.action {
        Action::Probe { wait, offered } => {
            let (purpose, parameters) = (Purpose::Readiness, Parameters::of_readiness(&policy, offered, wait));
            Some(CommandSpec { document: documents.readiness, purpose, destination, wait, parameters })
        }
        // Only what our hook holds is changed.
        Action::Repair(wait) if decided.held => {
            let (purpose, parameters) = (Purpose::Repair, Parameters::of_repair(&policy, wait));
            Some(CommandSpec { document: documents.install?, purpose, destination, wait, parameters })
        }
        Action::StartAgent(wait) if decided.held => {
            let (purpose, parameters) = (Purpose::StartAgent, Parameters::of_agent_start(&policy, wait));
            Some(CommandSpec { document: documents.install?, purpose, destination, wait, parameters })
        }
        Action::Repair(_) | Action::StartAgent(_) | Action::Wait | Action::Complete(_) | Action::Settle => None,
    }
}

/// Sends the command to all of these instances. If SSM cannot reach one of them, it refuses the whole request
/// (aws-facts 6.2). Then the list is halved until that instance stands alone.
async fn send_to_each(spec: &CommandSpec<'_>, launches: &[Launch<'_>], context: &Context<'_>) -> Refused {
    let mut refused = Refused::default();
    let mut todo = vec![launches];
    while let Some(launches) = todo.pop() {
        match send(spec, launches, context).await {
            Ok(command) => {
                info!(command, document = spec.document, instances = launches.len(), "run started");
                remember(spec, &command, launches, context);
            }
            Err(error) if error.is_caused_by_one_instance() => match launches {
                [(_, instance)] => {
                    info!(%instance, %error, "SSM takes no run for the instance now");
                    refused.instances.insert((*instance).clone());
                }
                _ => todo.extend(<[&[Launch<'_>]; 2]>::from(launches.split_at(launches.len() / 2))),
            },
            Err(error) => {
                error!(%error, document = spec.document, instances = launches.len(), "no run started");
                refused.others.extend(launches.iter().map(|(_, instance)| (*instance).clone()));
            }
        }
    }
    refused
}

/// Notes the run on each of these instances.
fn remember(spec: &CommandSpec<'_>, command: &str, launches: &[Launch<'_>], context: &Context<'_>) {
    let sent = Run::sent(spec.purpose, command.to_owned(), context.now());
    let run = Run { destination: spec.destination, wait: Some(spec.wait), ..sent };
    for (_, instance) in launches {
        context.memory.instances.note(instance, |known| {
            known.note_runs(&[&run], run.requested);
            known.sent = Some(run.clone());
        });
    }
}

async fn send(spec: &CommandSpec<'_>, launches: &[Launch<'_>], context: &Context<'_>) -> Result<String, CallError> {
    let ids: Vec<String> = launches.iter().map(|(_, instance)| instance.to_string()).collect();
    let subject = ids.join(" ");
    let call = context.aws.ssm.send_command().document_name(spec.document).set_instance_ids(Some(ids));
    let call = call
        .document_version(DOCUMENT_VERSION)
        .set_parameters(Some(spec.parameters.to_request()))
        .timeout_seconds(DELIVERY_SECONDS);
    // An instance on which the run fails must not keep it from the others.
    let call = call.max_concurrency("100%").max_errors("100%");
    let earliest = launches.iter().filter_map(|(began, _)| *began).min();
    let answer = call.comment(comment::write(spec.purpose, spec.destination, earliest, spec.wait)).send().await;
    let answer = answer.map_err(|error| CallError::new("SendCommand", subject, &error))?;
    Ok(answer.command.and_then(|command| command.command_id).unwrap_or_default())
}
