//! Whether what is deployed works: the validators that apply, side by side.

mod alarms;
mod smoke;
mod url;

use futures_util::FutureExt;
use futures_util::future::{BoxFuture, join_all};

use crate::budget::Budget;
use crate::clients::Calls;
use crate::config::Config;
use crate::deployment::{Function, Platform};
use crate::guard::{caught, within};
use crate::verdict::{Reason, Verdict};

/// One validator to its end. It gives no reason only if it has seen for itself that all is well.
type Validator<'a> = BoxFuture<'a, Vec<Reason>>;

/// Validates in the time that is left, and keeps the reasons of all.
pub(crate) async fn validate(
    platform: &Platform,
    functions: &[Function],
    config: &Config,
    calls: &Calls,
    budget: &Budget<'_>,
) -> Verdict {
    let mut validators = match platform {
        Platform::Lambda => smokes(functions, config, calls, budget),
        Platform::Ecs => Vec::new(),
        Platform::Other(name) => return Verdict::failed(vec![without_traffic(name)]),
    };
    validators.extend(health(config, calls, budget));
    validators.extend(silence(config, calls, budget));
    if validators.is_empty() {
        return Verdict::failed(vec![nothing_to_validate_with(platform)]);
    }
    Verdict::of(join_all(validators).await)
}

fn smokes<'a>(
    functions: &'a [Function],
    config: &'a Config,
    calls: &'a Calls,
    budget: &Budget<'_>,
) -> Vec<Validator<'a>> {
    let smoke = |function| Some((function, config.smoke.as_ref()?));
    let smoked = functions.iter().filter_map(smoke).map(|(function, smoke)| {
        let check = smoke::smoke(function, smoke, calls);
        let guarded = within(format!("the smoke event of {function}"), budget.to_validate(), &calls.last.lambda, check);
        guarded.map(|end| end.flatten().err().into_iter().collect()).boxed()
    });
    smoked.collect()
}

fn health<'a>(config: &'a Config, calls: &'a Calls, budget: &Budget<'_>) -> Option<Validator<'a>> {
    let health = config.health.as_ref()?;
    let check = url::healthy(health, &calls.web, budget.to_validate());
    let guarded = caught(format!("asking {} for its health", health.url), check);
    Some(guarded.map(|end| end.flatten().err().into_iter().collect()).boxed())
}

fn silence<'a>(config: &'a Config, calls: &'a Calls, budget: &Budget<'_>) -> Option<Validator<'a>> {
    if config.alarms.is_empty() {
        return None;
    }
    let check = alarms::silent(&config.alarms, calls);
    let guarded = within("reading the alarms", budget.to_validate(), &calls.last.cloudwatch, check);
    Some(guarded.map(|end| end.flatten().unwrap_or_else(|reason| vec![reason])).boxed())
}

fn without_traffic(platform: &str) -> Reason {
    Reason::new(format!(
        "the compute platform is {platform}, and traffic hooks are of Lambda and ECS; on instances let the script of \
         ValidateService ask validate-service"
    ))
}

fn nothing_to_validate_with(platform: &Platform) -> Reason {
    let smoke = match platform {
        Platform::Lambda => "SMOKE_EVENT, ",
        Platform::Ecs | Platform::Other(_) => "",
    };
    Reason::new(format!("nothing to validate with: set {smoke}HEALTH_URL or ALARMS in the environment of traffic-hook"))
}
