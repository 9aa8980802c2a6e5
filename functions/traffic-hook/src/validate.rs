//! Runs the validators that apply, side by side: does what is deployed work?

mod alarms;
mod smoke;
mod url;

use futures_util::FutureExt;
use futures_util::future::{BoxFuture, join_all};
use runtime::budget::Budget;

use crate::clients::Calls;
use crate::config::Config;
use crate::guard::{catch_panic, within};
use crate::platform::Platform;
use crate::targets::Function;
use crate::validation::{Problem, Validation};

/// One validator. It ends without a problem only if it saw that everything works.
type Validator<'a> = BoxFuture<'a, Vec<Problem>>;

/// Validates in the time that is left, and keeps the reasons of all.
pub(crate) async fn validate(
    platform: &Platform,
    functions: &[Function],
    config: &Config,
    calls: &Calls,
    budget: &Budget<'_>,
) -> Validation {
    let mut validators = match platform {
        Platform::Lambda => smokes(functions, config, calls, budget),
        Platform::Ecs => Vec::new(),
        Platform::Other(name) => return Validation::failed(vec![without_traffic(name)]),
    };
    validators.extend(health(config, calls, budget));
    validators.extend(silence(config, calls, budget));
    if validators.is_empty() {
        return Validation::failed(vec![nothing_to_validate_with(platform)]);
    }
    Validation::of(join_all(validators).await)
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
        let guarded = within(format!("the smoke event of {function}"), budget.left(), &calls.attempts.lambda, check);
        guarded.map(|end| end.flatten().err().into_iter().collect()).boxed()
    });
    smoked.collect()
}

fn health<'a>(config: &'a Config, calls: &'a Calls, budget: &Budget<'_>) -> Option<Validator<'a>> {
    let health = config.health.as_ref()?;
    let check = url::healthy(health, &calls.web, budget.left());
    let guarded = catch_panic(format!("asking {} for its health", health.url), check);
    Some(guarded.map(|end| end.flatten().err().into_iter().collect()).boxed())
}

fn silence<'a>(config: &'a Config, calls: &'a Calls, budget: &Budget<'_>) -> Option<Validator<'a>> {
    if config.alarms.is_empty() {
        return None;
    }
    let check = alarms::silent(&config.alarms, calls);
    let guarded = within("reading the alarms", budget.left(), &calls.attempts.cloudwatch, check);
    Some(guarded.map(|end| end.flatten().unwrap_or_else(|reason| vec![reason])).boxed())
}

fn without_traffic(platform: &str) -> Problem {
    Problem::new(format!(
        "the compute platform is {platform}, and traffic hooks are of Lambda and ECS; on instances let the script of \
         ValidateService ask validate-service"
    ))
}

fn nothing_to_validate_with(platform: &Platform) -> Problem {
    let smoke = match platform {
        Platform::Lambda => "SMOKE_EVENT, ",
        Platform::Ecs | Platform::Other(_) => "",
    };
    Problem::new(format!(
        "nothing to validate with: set {smoke}HEALTH_URL or ALARMS in the environment of traffic-hook"
    ))
}
