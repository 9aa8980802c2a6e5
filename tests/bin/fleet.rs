//! Serves the fleet as a program of its own.

use std::env;
use std::fmt::Display;
use std::fs;
use std::io::{self, Write};
use std::process::ExitCode;
use std::str::FromStr;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use launchgate_tests::fleet::door::put_events::EventBus;
use launchgate_tests::fleet::door::server::{Clock, News, Server};
use launchgate_tests::fleet::driver::Sandboxes;
use launchgate_tests::fleet::story::Stories;
use launchgate_tests::fleet::{Fleet, Settings};
use lifecycle::Timestamp;
use serde_json::Value;
use tokio::sync::mpsc::UnboundedReceiver;

const HELP: &str = "\
The simulated part of AWS: Auto Scaling groups, managed instances, commands and their events.

usage: fleet [--port N] [--stories FILE] [--events URL] [--seed N] [--account ID] [--region NAME] [--no-nudges]

  --port N        listen on 127.0.0.1:N (default 4570; 0 takes a free port)
  --stories FILE  what launched instances go through, in order (see tests/stories); without it all are healthy
  --events URL    put events to the EventBridge endpoint at URL
  --seed N        the seed of all ids and tokens (default: the time)
  --account ID    the account in ARNs and events (default 000000000000)
  --region NAME   the Region in ARNs and events (default us-east-1)
  --no-nudges     publish no aws.ssm events
  --help          this text

Point AWS_ENDPOINT_URL_AUTO_SCALING and AWS_ENDPOINT_URL_SSM at it. The timeline of all instances goes to stdout.
";

struct Wishes {
    port: u16,
    events: Option<String>,
    seed: u64,
    settings: Settings,
    stories: Stories,
}

fn main() -> ExitCode {
    if env::args().skip(1).any(|arg| arg == "--help" || arg == "-h") {
        return say(HELP);
    }
    match read_wishes(env::args().skip(1)).and_then(run) {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("fleet: {why}");
            ExitCode::FAILURE
        }
    }
}

fn say(text: &str) -> ExitCode {
    // A closed pipe is the reader's wish to hear no more.
    drop(io::stdout().write_all(text.as_bytes()));
    ExitCode::SUCCESS
}

fn now() -> Timestamp {
    Timestamp::from_millis(0) + SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default()
}

fn read_wishes(mut args: impl Iterator<Item = String>) -> Result<Wishes, String> {
    let seed = u64::try_from(now().millis()).unwrap_or_default();
    let mut wishes =
        Wishes { port: 4570, events: None, seed, settings: Settings::default(), stories: Stories::default() };
    while let Some(arg) = args.next() {
        if arg == "--no-nudges" {
            wishes.settings.nudges = false;
        } else {
            wishes.take(&arg, args.next())?;
        }
    }
    Ok(wishes)
}

impl Wishes {
    fn take(&mut self, arg: &str, value: Option<String>) -> Result<(), String> {
        let value = || value.ok_or_else(|| format!("{arg} needs a value; see --help"));
        match arg {
            "--port" => self.port = number(arg, &value()?)?,
            "--seed" => self.seed = number(arg, &value()?)?,
            "--stories" => self.stories = read_stories(&value()?)?,
            "--events" => self.events = Some(value()?),
            "--account" => self.settings.account = value()?,
            "--region" => self.settings.region = value()?,
            _ => return Err(format!("unknown option {arg}; see --help")),
        }
        Ok(())
    }

    fn fleet(self) -> Fleet {
        let mut fleet = Fleet::new(self.seed, now());
        fleet.settings = self.settings;
        fleet.tell(self.stories);
        fleet
    }
}

fn number<T: FromStr<Err: Display>>(arg: &str, text: &str) -> Result<T, String> {
    text.parse().map_err(|e| format!("{arg} {text}: {e}"))
}

fn read_stories(file: &str) -> Result<Stories, String> {
    let text = fs::read_to_string(file).map_err(|e| format!("--stories {file}: {e}"))?;
    Stories::parse(&text).map_err(|e| format!("--stories {file}: {e}"))
}

#[tokio::main]
async fn run(wishes: Wishes) -> Result<(), String> {
    let bus = wishes.events.as_deref().map(EventBus::at);
    let port = wishes.port;
    let started = Server::start(wishes.fleet(), port, Clock::Real).await;
    let (server, news) = started.map_err(|e| format!("port {port}: {e}"))?;
    let server = Arc::new(server);
    let sandboxes = Arc::new(Sandboxes::start().await.map_err(|e| format!("no sandboxes: {e}"))?);
    say(&format!("fleet at {}\n", server.url));
    tokio::select! {
        () = pass_on(&server, &sandboxes, news, bus) => {}
        pressed = tokio::signal::ctrl_c() => pressed.map_err(|e| format!("ctrl-C: {e}"))?,
    }
    sandboxes.close();
    Ok(())
}

async fn pass_on(
    server: &Arc<Server>,
    sandboxes: &Arc<Sandboxes>,
    mut news: UnboundedReceiver<News>,
    bus: Option<EventBus>,
) {
    let mut batch = Vec::new();
    while news.recv_many(&mut batch, 10).await > 0 {
        let mut events = Vec::new();
        for one in batch.drain(..) {
            match one {
                News::Entry(entry) => drop(say(&format!("{entry}\n"))),
                News::Event(event) => events.push(event.envelope),
                News::Script(script) => Sandboxes::run(sandboxes, server, script),
                News::Revision(script) => {
                    server.revision_script_ended(&script, 127, "[stderr]there is no Lambda beside this fleet to ask\n");
                }
            }
        }
        put(bus.as_ref(), &events).await;
    }
}

async fn put(bus: Option<&EventBus>, events: &[Value]) {
    let Some(bus) = bus.filter(|_| !events.is_empty()) else {
        return;
    };
    if let Err(why) = bus.put(events).await {
        eprintln!("fleet: {} events lost: {why}", events.len());
    }
}
