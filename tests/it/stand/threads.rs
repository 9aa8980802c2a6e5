//! Runs the cases of a test at the same time, because most of their time is a script's own waiting.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

/// How long [`until`] waits before it fails the test.
const PATIENCE: Duration = Duration::from_secs(50);

/// Waits until the condition holds; fails with this text if it never does.
pub(crate) fn until(come: impl Fn() -> bool, otherwise: impl Fn() -> String) {
    let began = Instant::now();
    while !come() {
        assert!(began.elapsed() < PATIENCE, "{}", otherwise());
        thread::sleep(Duration::from_millis(10));
    }
}

/// Checks the cases side by side, a few for each core: scripts that all start in the same moment would starve each other
/// and come to their own time-outs.
pub(crate) fn at_once<T: Sync>(cases: &[T], check: impl Fn(&T) + Sync) {
    run_side_by_side(4 * cores(), cases, check);
}

/// Runs the cases with as many threads as this machine has for them, where time-outs must not come from the load.
pub(crate) fn a_few_at_once<T: Sync, R: Send>(cases: &[T], run: impl Fn(&T) -> R + Sync) -> Vec<R> {
    run_side_by_side(cores(), cases, run)
}

fn cores() -> usize {
    thread::available_parallelism().map_or(2, Into::into)
}

fn run_side_by_side<T: Sync, R: Send>(threads: usize, cases: &[T], run: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let next = AtomicUsize::new(0);
    let done = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                while let number = next.fetch_add(1, Ordering::Relaxed)
                    && let Some(case) = cases.get(number)
                {
                    let result = run(case);
                    done.lock().unwrap().push((number, result));
                }
            });
        }
    });
    let mut done = done.into_inner().unwrap();
    done.sort_by_key(|(number, _)| *number);
    done.into_iter().map(|(_, result)| result).collect()
}
