//! Requests a health URL until several answers in a row are good.

use std::error::Error;
use std::time::Duration;

use aws_smithy_runtime_api::client::http::{HttpConnector, SharedHttpConnector};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_types::body::SdkBody;
use runtime::tell_chain;
use tokio::time::{sleep, timeout};

use crate::config::Health;
use crate::validation::Problem;

/// The pause between two tries.
const PAUSE: Duration = Duration::from_secs(5);
/// A try that is not answered within this time has failed.
const ATTEMPT: Duration = Duration::from_secs(5);
/// Added to the error if the certificate is not trusted. The file is part of Lambda's standard image.
const CURE: &str = "; its certificate is not from Amazon: set SSL_CERT_FILE to a bundle that has its root, such as \
    /etc/pki/tls/certs/ca-bundle.crt";

/// The tries so far.
#[derive(Default)]
struct Tries {
    made: u32,
    in_a_row: u8,
    last_failure: Option<String>,
}

/// Requests the URL until enough answers in a row are good, or the time is over.
pub(super) async fn healthy(health: &Health, web: &SharedHttpConnector, time: Duration) -> Result<(), Problem> {
    let mut tries = Tries::default();
    let asked = timeout(time, tries.until_steady(health, web)).await;
    asked.map_err(|_| tries.reason(health, time))
}

impl Tries {
    async fn until_steady(&mut self, health: &Health, web: &SharedHttpConnector) {
        loop {
            self.made += 1;
            match ask(&health.url, web).await {
                Ok(()) => self.in_a_row += 1,
                Err(failure) => (self.in_a_row, self.last_failure) = (0, Some(failure)),
            }
            if self.in_a_row >= health.successes {
                return;
            }
            sleep(PAUSE).await;
        }
    }

    fn reason(&self, health: &Health, time: Duration) -> Problem {
        let last = self.last_failure.as_ref().map(|last| format!("; the last failure: {last}")).unwrap_or_default();
        Problem::new(format!(
            "GET {} was not good {} times in a row within {:.0} s and {} tries{last}",
            health.url,
            health.successes,
            time.as_secs_f64(),
            self.made
        ))
    }
}

/// An answer is good if it is 2xx. A redirect is not followed and is not good.
async fn ask(url: &str, web: &SharedHttpConnector) -> Result<(), String> {
    let request = request(url).map_err(|error| tell_chain(error.as_ref()))?;
    match timeout(ATTEMPT, web.call(request)).await {
        Ok(Ok(answer)) if answer.status().is_success() => Ok(()),
        Ok(Ok(answer)) => Err(format!("status {}", answer.status().as_u16())),
        Ok(Err(error)) => {
            let told = tell_chain(&error);
            Err(if told.contains("UnknownIssuer") { told + CURE } else { told })
        }
        Err(_) => Err(format!("no answer within {} s", ATTEMPT.as_secs())),
    }
}

fn request(url: &str) -> Result<HttpRequest, Box<dyn Error>> {
    let mut request = HttpRequest::new(SdkBody::empty());
    request.set_method("GET")?;
    request.set_uri(url)?;
    request.headers_mut().insert("user-agent", "launchgate-traffic-hook");
    Ok(request)
}
