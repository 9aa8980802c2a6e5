//! Runs many seeds on all cores, and reports the results in the order of the seeds.

use std::collections::BTreeMap;
use std::num::NonZero;
use std::ops::Range;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::laws::{Broken, broken};
use crate::run::run;
use crate::sabotage::Sabotage;
use crate::scene::Scene;
use crate::table::Table;

/// The results of many runs.
#[derive(Debug, Default)]
pub struct Harvest {
    /// The sums.
    pub table: Table,
    /// The first law that each failing seed broke.
    pub failed: BTreeMap<u64, Broken>,
}

/// Runs every seed; `progress` hears of each that is done.
pub fn harvest(seeds: Range<u64>, progress: impl Fn(&Harvest) + Sync) -> Harvest {
    let next = AtomicU64::new(seeds.start);
    let harvest = Mutex::new(Harvest::default());
    let cores = std::thread::available_parallelism().map_or(1, NonZero::get);
    std::thread::scope(|scope| {
        for _ in 0..cores {
            scope.spawn(|| {
                while let Some(seed) = Some(next.fetch_add(1, Ordering::Relaxed)).filter(|seed| seeds.contains(seed)) {
                    let scene = Scene::drawn(seed);
                    let survived = run(&scene, None);
                    let broke = broken(&scene, &survived);
                    let mut harvest = harvest.lock().unwrap_or_else(PoisonError::into_inner);
                    harvest.table.add(&scene, &survived, &broke);
                    if let Some(first) = broke.into_iter().next() {
                        eprintln!("SEED={seed} breaks \"{}\": {} {}", first.law, first.instance, first.what);
                        harvest.failed.insert(seed, first);
                    }
                    progress(&harvest);
                }
            });
        }
    });
    harvest.into_inner().unwrap_or_else(PoisonError::into_inner)
}

/// The first of these seeds that shows this sabotage, and the law that it breaks.
#[must_use]
pub fn catches(sabotage: Sabotage, seeds: Range<u64>) -> Option<(u64, Broken)> {
    seeds.into_iter().find_map(|seed| {
        let scene = Scene::drawn(seed);
        broken(&scene, &run(&scene, Some(sabotage))).into_iter().next().map(|first| (seed, first))
    })
}
