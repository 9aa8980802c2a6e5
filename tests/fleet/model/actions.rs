//! Lifecycle actions. A hook holds an instance until somebody completes the action or its time is over.

use std::time::Duration;

use lifecycle::Timestamp;

use super::Fleet;
use super::hooks::Hook;
use super::refused::Refused;
use super::schedule::Due;
use super::states::Transition;
use super::timeline::{By, What};

/// The result with which an action is completed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ActionResult {
    Continue,
    Abandon,
}

impl ActionResult {
    pub(crate) fn parse(text: &str) -> Option<Self> {
        [Self::Continue, Self::Abandon].into_iter().find(|result| result.text() == text)
    }

    pub(crate) const fn text(self) -> &'static str {
        match self {
            Self::Continue => "CONTINUE",
            Self::Abandon => "ABANDON",
        }
    }
}

/// An active lifecycle action. One that is completed is forgotten: AWS has no list of them either (aws-facts 2.4).
pub(crate) struct Action {
    token: String,
    hook: String,
    accepted_from: Timestamp,
    heartbeat: Duration,
    deadline: Timestamp,
    /// The global timeout: heartbeats cannot go beyond it (aws-facts 2.2).
    at_most: Timestamp,
    default: ActionResult,
}

/// How a caller names a lifecycle action; the token wins where both are given (aws-facts 2.4).
pub(crate) enum Named<'a> {
    Token(&'a str),
    Instance(&'a str),
    /// By `CodeDeploy`, whose hook it is.
    CodeDeploy(&'a str),
}

impl Named<'_> {
    const fn by(&self) -> By {
        match self {
            Self::Token(_) => By::Token,
            Self::Instance(_) => By::Instance,
            Self::CodeDeploy(_) => By::CodeDeploy,
        }
    }

    fn not_active(&self) -> Refused {
        let named = match self {
            Self::Token(token) => format!("token {token}"),
            Self::Instance(id) | Self::CodeDeploy(id) => format!("instance ID {id}"),
        };
        Refused::validation(format!("No active Lifecycle Action found with {named}"))
    }
}

impl Fleet {
    pub(super) fn start_action(&mut self, now: Timestamp, id: &str, hook: &Hook) {
        let token = self.chance.uuid();
        let deadline = now + hook.heartbeat.min(hook.global_timeout());
        let action = Action {
            token: token.clone(),
            hook: hook.name.clone(),
            accepted_from: now + self.settings.action_accepted_after,
            heartbeat: hook.heartbeat,
            deadline,
            at_most: now + hook.global_timeout(),
            default: hook.default,
        };
        let Some(instance) = self.instances.get_mut(id) else {
            return;
        };
        instance.actions.push(action);
        self.tokens.insert(token.clone(), id.to_owned());
        self.due.plan(deadline, Due::Heartbeat { token: token.clone() });
        self.publish_action(now, id, hook, &token);
        self.codedeploy_hears(now, id, hook);
    }

    /// `CompleteLifecycleAction`: a second completion is refused like one that came too late (aws-facts 2.4).
    pub(crate) fn complete(
        &mut self,
        now: Timestamp,
        group: &str,
        hook: &str,
        named: &Named<'_>,
        result: ActionResult,
    ) -> Result<(), Refused> {
        self.group(group)?;
        let id = self.holder(now, group, hook, named).ok_or_else(|| named.not_active())?;
        let what = What::Completed { hook: hook.to_owned(), result: result.text().to_owned(), by: named.by() };
        self.note(now, &id, what);
        self.settle(now, &id, hook, result, "Lifecycle Action Completed with ABANDON Result");
        Ok(())
    }

    /// `RecordLifecycleActionHeartbeat`: the window starts anew, no further than the global timeout (aws-facts 2.2).
    pub(crate) fn heartbeat(
        &mut self,
        now: Timestamp,
        group: &str,
        hook: &str,
        named: &Named<'_>,
    ) -> Result<(), Refused> {
        self.group(group)?;
        let id = self.holder(now, group, hook, named).ok_or_else(|| named.not_active())?;
        self.note(now, &id, What::Heartbeat { hook: hook.to_owned(), by: named.by() });
        let Some(action) = self.action_mut(&id, hook) else {
            return Ok(());
        };
        action.deadline = (now + action.heartbeat).min(action.at_most);
        let (at, token) = (action.deadline, action.token.clone());
        self.due.plan(at, Due::Heartbeat { token });
        Ok(())
    }

    /// The instance that is held by the active action of this name.
    fn holder(&self, now: Timestamp, group: &str, hook: &str, named: &Named<'_>) -> Option<String> {
        let id = match named {
            Named::Token(token) => self.tokens.get(*token)?.as_str(),
            Named::Instance(id) | Named::CodeDeploy(id) => id,
        };
        let instance = self.instances.get(id).filter(|instance| instance.group == group)?;
        let action = instance.actions.iter().find(|action| action.hook == hook)?;
        let meant = match named {
            Named::Token(token) => action.token == *token,
            Named::Instance(_) | Named::CodeDeploy(_) => true,
        };
        (meant && action.accepted_from <= now).then(|| id.to_owned())
    }

    fn action_mut(&mut self, id: &str, hook: &str) -> Option<&mut Action> {
        self.instances.get_mut(id)?.actions.iter_mut().find(|action| action.hook == hook)
    }

    /// Heartbeat and global timeout alike end with the default result; the latter is UNCONFIRMED (aws-facts 2.2).
    pub(super) fn heartbeat_lapses(&mut self, now: Timestamp, token: &str) {
        let Some(id) = self.tokens.get(token).cloned() else {
            return;
        };
        let Some(instance) = self.instances.get(&id) else {
            return;
        };
        let Some(action) = instance.actions.iter().find(|action| action.token == token && action.deadline <= now)
        else {
            return;
        };
        let (hook, result) = (action.hook.clone(), action.default);
        self.note(now, &id, What::DefaultResult { hook: hook.clone(), result: result.text().to_owned() });
        self.settle(now, &id, &hook, result, "Heartbeat Timeout");
    }

    /// Completes the open actions of a hook that is deleted.
    pub(super) fn end_actions(&mut self, now: Timestamp, group: &str, hook: &Hook) {
        let result = match hook.transition {
            Transition::Launching => ActionResult::Abandon,
            Transition::Terminating => ActionResult::Continue,
        };
        let is_open = |action: &Action| action.hook == hook.name;
        let held = self.instances.iter().filter(|(_, it)| it.group == group && it.actions.iter().any(is_open));
        let held: Vec<String> = held.map(|(id, _)| id.clone()).collect();
        for id in held {
            self.note(now, &id, What::HookDeleted { hook: hook.name.clone(), result: result.text().to_owned() });
            self.settle(now, &id, &hook.name, result, "Lifecycle Action Completed with ABANDON Result");
        }
    }

    /// Every hook must say CONTINUE; the first ABANDON ends a launch, and the remaining hooks of a termination
    /// (aws-facts 2.3).
    fn settle(&mut self, now: Timestamp, id: &str, hook: &str, result: ActionResult, how: &str) {
        let Some(instance) = self.instances.get_mut(id) else {
            return;
        };
        let Some(at) = instance.actions.iter().position(|action| action.hook == hook) else {
            return;
        };
        let token = instance.actions.remove(at).token;
        let launching = instance.state.transition() == Transition::Launching;
        match result {
            ActionResult::Abandon if launching => {
                self.fail_launch(now, id, &abandoned(&token, how));
            }
            ActionResult::Abandon => self.proceed(now, id),
            ActionResult::Continue if instance.actions.is_empty() => self.proceed(now, id),
            ActionResult::Continue => {}
        }
    }
}

/// The scaling activity's text (aws-facts 1.3, 13).
fn abandoned(token: &str, how: &str) -> String {
    format!(
        "Instance failed to complete user's Lifecycle Action: Lifecycle Action with token {token} was abandoned: {how}"
    )
}
