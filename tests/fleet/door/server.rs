//! Serves the door on a socket, in real time or in time that a test moves.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::HeaderMap;
use lifecycle::Timestamp;
use tokio::net::TcpListener;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::sync::{Notify, oneshot};
use tokio::task::JoinHandle;

use super::super::{Entry, Event, Fleet, RevisionScript, ScriptEnd, ScriptToRun};
use super::{Request, Response, answer};

/// The clock of the fleet.
pub enum Clock {
    /// The machine's time; the fleet advances by itself.
    Real,
    /// A time that stands still until [`Server::move_to`] moves it.
    Moved(AtomicI64),
}

impl Clock {
    /// A clock that stands at `start`.
    #[must_use]
    pub fn moved(start: Timestamp) -> Self {
        Self::Moved(AtomicI64::new(start.millis()))
    }

    /// What time it is.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        match self {
            Self::Real => real_now(),
            Self::Moved(millis) => Timestamp::from_millis(millis.load(Ordering::SeqCst)),
        }
    }
}

fn real_now() -> Timestamp {
    Timestamp::from_millis(0) + SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default()
}

/// Something to pass on, in the order in which it happened.
#[derive(Clone, Debug, PartialEq)]
pub enum News {
    /// For `EventBridge`.
    Event(Event),
    /// For the reader of the timeline.
    Entry(Entry),
    /// For the sandbox; its end goes to [`Server::script_ended`].
    Script(ScriptToRun),
    /// For the agent of an instance; its end goes to [`Server::revision_script_ended`].
    Revision(RevisionScript),
}

struct Shared {
    fleet: Mutex<Fleet>,
    clock: Clock,
    woken: Notify,
    news: UnboundedSender<News>,
}

impl Shared {
    fn fleet(&self) -> MutexGuard<'_, Fleet> {
        self.fleet.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Does something with the fleet, passes the news on and plans anew.
    fn with<T>(&self, act: impl FnOnce(&mut Fleet, Timestamp) -> T) -> T {
        let mut fleet = self.fleet();
        let done = act(&mut fleet, self.clock.now());
        self.pass_on(&mut fleet);
        drop(fleet);
        self.woken.notify_one();
        done
    }

    /// Nobody may be listening; then the news are gone.
    fn pass_on(&self, fleet: &mut Fleet) {
        let entries = fleet.take_timeline().into_iter().map(News::Entry);
        let events = fleet.take_events().into_iter().map(News::Event);
        let scripts = fleet.take_scripts().into_iter().map(News::Script);
        let revisions = fleet.take_revision_scripts().into_iter().map(News::Revision);
        for news in entries.chain(events).chain(scripts).chain(revisions) {
            drop(self.news.send(news));
        }
    }
}

/// A running fleet. Dropping it ends it; [`Server::stop`] waits for that.
pub struct Server {
    /// What clients take as their endpoint.
    pub url: String,
    shared: Arc<Shared>,
    stop: oneshot::Sender<()>,
    tasks: [JoinHandle<()>; 2],
}

impl Server {
    /// Listens on loopback; port 0 takes a free one.
    ///
    /// # Errors
    /// If the port cannot be had.
    pub async fn start(fleet: Fleet, port: u16, clock: Clock) -> io::Result<(Self, UnboundedReceiver<News>)> {
        let listener = TcpListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, port))).await?;
        let url = format!("http://{}", listener.local_addr()?);
        let (news, listen) = unbounded_channel();
        let shared = Arc::new(Shared { fleet: Mutex::new(fleet), clock, woken: Notify::new(), news });
        let (stop, stopped) = oneshot::channel();
        let router = Router::new().fallback(serve).with_state(Arc::clone(&shared));
        let serving = axum::serve(listener, router).with_graceful_shutdown(async move { drop(stopped.await) });
        let serving = tokio::spawn(async move { drop(serving.await) });
        let ticking = tokio::spawn(tick(Arc::clone(&shared)));
        Ok((Self { url, shared, stop, tasks: [serving, ticking] }, listen))
    }

    /// What time it is for the fleet.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.shared.clock.now()
    }

    /// Moves a moved clock, and lets everything happen that is due until then.
    pub fn move_to(&self, now: Timestamp) {
        if let Clock::Moved(millis) = &self.shared.clock {
            millis.store(now.millis(), Ordering::SeqCst);
            self.shared.with(Fleet::advance);
        }
    }

    /// Looks at the fleet, or changes it, between two requests.
    pub fn with<T>(&self, act: impl FnOnce(&mut Fleet) -> T) -> T {
        self.shared.with(|fleet, now| {
            fleet.advance(now);
            act(fleet)
        })
    }

    /// Reports how a script ended.
    pub fn script_ended(&self, script: &ScriptToRun, end: ScriptEnd) {
        self.shared.with(|fleet, now| {
            fleet.script_ended(now, script, end);
        });
    }

    /// Reports how a script of a revision ended, and what it printed.
    pub fn revision_script_ended(&self, script: &RevisionScript, code: i64, output: &str) {
        self.shared.with(|fleet, now| fleet.finish_revision_script(now, script, code, output));
    }

    /// Finishes the requests under way, and stops.
    pub async fn stop(self) {
        let [serving, ticking] = self.tasks;
        ticking.abort();
        self.stop.send(()).ok();
        drop(serving.await);
    }
}

async fn serve(State(shared): State<Arc<Shared>>, headers: HeaderMap, body: Bytes) -> axum::http::Response<Body> {
    let headers =
        headers.iter().filter_map(|(name, value)| Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned())));
    let request = Request { headers: headers.collect(), body: body.to_vec() };
    let response = shared.with(|fleet, now| answer(fleet, now, &request));
    // Even a sleep of nothing waits for the next tick of the timer.
    if !response.delay.is_zero() {
        tokio::time::sleep(response.delay).await;
    }
    http(response)
}

fn http(response: Response) -> axum::http::Response<Body> {
    let mut http = axum::http::Response::builder().status(response.status);
    for (name, value) in response.headers {
        http = http.header(name, value);
    }
    http.body(Body::from(response.body)).unwrap_or_default()
}

/// Lets a fleet in real time advance by itself.
async fn tick(shared: Arc<Shared>) {
    if matches!(shared.clock, Clock::Moved(_)) {
        return;
    }
    loop {
        let due = shared.fleet().next_due().map_or(Duration::from_mins(1), |due| due.since(real_now()));
        tokio::select! {
            () = shared.woken.notified() => {}
            () = tokio::time::sleep(due) => tick_once(&shared),
        }
    }
}

fn tick_once(shared: &Shared) {
    let mut fleet = shared.fleet();
    fleet.advance(shared.clock.now());
    shared.pass_on(&mut fleet);
}
