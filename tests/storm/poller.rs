//! The two baselines, written as people write them: one Lambda invocation per launch that sleeps and polls, and a Step
//! Functions state machine that does the same with Wait states.
//!
//! Both are better than most samples: they do not page, filter by instance, retry as the SDK does, and never abandon a
//! launch. Launches that they cannot complete in time run into the heartbeat timeout.

use std::cell::Cell;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use aws_lambda_events::event::sqs::SqsBatchResponse;
use aws_sdk_ssm::types::{CommandInvocationStatus, InstanceInformationStringFilter, PingStatus};
use lifecycle::Timestamp;
use runtime::clients::Clients;
use serde_json::Value;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, timeout};

use crate::consumer::{Bill, Consumer};
use crate::lambda::clients;
use crate::world::World;

/// Which baseline.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Style {
    /// One Lambda invocation per launch.
    Lambda,
    /// One execution of a state machine per launch.
    StepFunctions,
}

/// Between two looks, as the gate's tick.
const POLL: Duration = Duration::from_secs(15);
/// Between two looks at a command that runs.
const COMMAND_POLL: Duration = Duration::from_secs(5);
/// The most that Lambda lets a function run [Lambda quotas].
const LAMBDA_LONGEST: Duration = Duration::from_mins(15);
/// Environments at once in an account that asked for nothing more [Lambda quotas].
const CONCURRENCY: usize = 1_000;
/// Lambda repeats an asynchronous invocation that failed twice, after one minute and after two more
/// [Lambda developer guide, "Error handling for asynchronous invocation"].
const PAUSES: [u64; 3] = [60, 120, 0];

/// A baseline at work.
pub(crate) struct Poller {
    world: Arc<World>,
    style: Style,
    clients: Rc<Clients>,
    places: Arc<Semaphore>,
    bill: Rc<Cell<Bill>>,
    launches: JoinSet<()>,
}

impl Poller {
    pub(crate) fn of(world: &Arc<World>, style: Style) -> Self {
        Self {
            world: Arc::clone(world),
            style,
            clients: Rc::new(clients(world)),
            places: Arc::new(Semaphore::new(CONCURRENCY)),
            bill: Rc::default(),
            launches: JoinSet::new(),
        }
    }
}

impl Consumer for Poller {
    fn turn(&mut self) {
        while self.launches.try_join_next().is_some() {}
        loop {
            let batch = self.world.with(|inner, now| {
                let batch = inner.queue.receive(now, 10, || POLL);
                inner.queue.answer(&batch, &SqsBatchResponse::default());
                inner.queue.requests = 0; // rules invoke them without a queue
                batch
            });
            if batch.is_empty() {
                return;
            }
            for launch in batch.iter().filter_map(|record| Launch::read(record.body.as_deref()?)) {
                let poll = Poll { launch, clients: Rc::clone(&self.clients), bill: Rc::clone(&self.bill) };
                let (world, places, style) = (Arc::clone(&self.world), Arc::clone(&self.places), self.style);
                self.launches.spawn_local(async move {
                    match style {
                        Style::Lambda => poll.in_lambda(&places).await,
                        Style::StepFunctions => drop(poll.to_the_end().await),
                    }
                    world.woken.notify_one();
                });
            }
        }
    }

    fn next(&self) -> Option<Timestamp> {
        None
    }

    fn is_idle(&self) -> bool {
        self.launches.is_empty()
    }

    fn bill(&self) -> Bill {
        let bill = self.bill.get();
        match self.style {
            Style::Lambda => Bill { transitions: 0, ..bill },
            Style::StepFunctions => bill,
        }
    }
}

/// What a lifecycle event says.
struct Launch {
    group: String,
    hook: String,
    instance: String,
    token: String,
}

impl Launch {
    fn read(body: &str) -> Option<Self> {
        let event: Value = serde_json::from_str(body).ok()?;
        let detail = |name: &str| event.pointer(&format!("/detail/{name}"))?.as_str().map(str::to_owned);
        Some(Self {
            group: detail("AutoScalingGroupName")?,
            hook: detail("LifecycleHookName")?,
            instance: detail("EC2InstanceId")?,
            token: detail("LifecycleActionToken")?,
        })
    }
}

/// The loop over one launch.
struct Poll {
    launch: Launch,
    clients: Rc<Clients>,
    bill: Rc<Cell<Bill>>,
}

/// A call that failed after the retries of the SDK.
struct Failed;

impl Poll {
    async fn in_lambda(&self, places: &Semaphore) {
        for pause in PAUSES {
            let place = places.acquire().await;
            let began = Instant::now();
            let ended = timeout(LAMBDA_LONGEST, self.to_the_end()).await;
            self.charge(|bill| {
                bill.invocations += 1;
                bill.busy += began.elapsed();
            });
            drop(place);
            if matches!(ended, Ok(Ok(()))) {
                return;
            }
            sleep(Duration::from_secs(pause)).await;
        }
    }

    async fn to_the_end(&self) -> Result<(), Failed> {
        while !self.online().await? {
            self.wait(POLL).await;
        }
        while !self.ready().await? {
            self.wait(POLL).await;
        }
        self.complete().await
    }

    async fn online(&self) -> Result<bool, Failed> {
        let filter = InstanceInformationStringFilter::builder().key("InstanceIds").values(&self.launch.instance);
        let request = self.clients.ssm.describe_instance_information();
        self.step();
        let answer = request.filters(filter.build().map_err(|_| Failed)?).send().await.map_err(|_| Failed)?;
        Ok(answer.instance_information_list().iter().any(|it| it.ping_status() == Some(&PingStatus::Online)))
    }

    async fn ready(&self) -> Result<bool, Failed> {
        let request = self.clients.ssm.send_command().document_name("readiness").instance_ids(&self.launch.instance);
        self.step();
        let request = request.parameters("waitSeconds", vec!["0".to_owned()]);
        let sent = request.send().await.map_err(|_| Failed)?;
        let command = sent.command().and_then(|command| command.command_id()).ok_or(Failed)?.to_owned();
        loop {
            self.wait(COMMAND_POLL).await;
            let request = self.clients.ssm.get_command_invocation();
            self.step();
            let answer = request.command_id(&command).instance_id(&self.launch.instance).send().await;
            match answer.map_err(|_| Failed)?.status() {
                Some(CommandInvocationStatus::Success) => return Ok(true),
                Some(
                    CommandInvocationStatus::Pending
                    | CommandInvocationStatus::InProgress
                    | CommandInvocationStatus::Delayed,
                ) => {}
                _ => return Ok(false),
            }
        }
    }

    async fn complete(&self) -> Result<(), Failed> {
        let request = self.clients.autoscaling.complete_lifecycle_action();
        let request = request.auto_scaling_group_name(&self.launch.group).lifecycle_hook_name(&self.launch.hook);
        let request = request.lifecycle_action_token(&self.launch.token).lifecycle_action_result("CONTINUE");
        self.step();
        request.send().await.map(drop).map_err(|_| Failed)
    }

    /// A Task and the Choice after it.
    fn step(&self) {
        self.charge(|bill| bill.transitions += 2);
    }

    /// A Wait state, or a sleep that Lambda is paid for.
    async fn wait(&self, span: Duration) {
        self.charge(|bill| bill.transitions += 1);
        sleep(span).await;
    }

    fn charge(&self, add: impl FnOnce(&mut Bill)) {
        let mut bill = self.bill.get();
        add(&mut bill);
        self.bill.set(bill);
    }
}
