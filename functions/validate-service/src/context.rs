//! What the parts of one invocation share.

use runtime::Timestamp;
use runtime::budget::Budget;
use runtime::clients::{Attempts, Clients};
use runtime::environment::ReadinessSettings;
use runtime::process::Clock;

use crate::answer::NoReport;

/// What the parts of one invocation share.
pub(crate) struct Context<'a> {
    pub(crate) config: &'a ReadinessSettings,
    pub(crate) aws: Clients,
    /// Every attempt of this invocation to call AWS.
    pub(crate) calls: Attempts,
    pub(crate) clock: &'a Clock,
    pub(crate) budget: Budget<'a>,
}

impl Context<'_> {
    /// The time.
    pub(crate) fn now(&self) -> Timestamp {
        (self.clock)()
    }

    /// Does one step in the time that is left.
    pub(crate) fn within<T, E: Into<NoReport>>(
        &self,
        what: &str,
        step: impl Future<Output = Result<T, E>>,
    ) -> impl Future<Output = Result<T, NoReport>> {
        let end = self.budget.within(what, &self.calls, step);
        async move { end.await.map_err(NoReport::Pending)?.map_err(Into::into) }
    }
}
