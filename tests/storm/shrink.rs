//! Makes a failing scene smaller as long as it breaks the same law.

use crate::laws::{Broken, broken};
use crate::run::run;
use crate::sabotage::Sabotage;
use crate::scene::{CodeDeploy, Pool, Scene};

/// The smallest scene found that breaks the same law, and how.
#[must_use]
pub fn shrunk(scene: &Scene, first: &Broken, sabotage: Option<Sabotage>) -> (Scene, Broken) {
    let (mut best, mut how) = (scene.clone(), first.clone());
    loop {
        let found = smaller(&best).into_iter().find_map(|smaller| {
            let broke = broken(&smaller, &run(&smaller, sabotage)).into_iter().find(|broke| broke.law == how.law)?;
            Some((smaller, broke))
        });
        let Some((smaller, broke)) = found else { return (best, how) };
        (best, how) = (smaller, broke);
    }
}

/// Scenes with one thing less, the largest step first.
fn smaller(scene: &Scene) -> Vec<Scene> {
    let half = scene.launches.len() / 2;
    let mut all = Vec::new();
    if half > 0 {
        let (front, back) = scene.launches.split_at(half);
        all.push(Scene { launches: front.to_vec(), ..scene.clone() });
        all.push(Scene { launches: back.to_vec(), ..scene.clone() });
    }
    let calmer = scene.weather.without_each().into_iter().map(|weather| Scene { weather, ..scene.clone() });
    all.extend(calmer);
    all.push(Scene { edit: None, ..scene.clone() });
    all.push(Scene { pool: scene.pool.map(|pool| Pool { again: None, ..pool }), ..scene.clone() });
    all.push(Scene { other_hook: false, ..scene.clone() });
    all.push(Scene { green: None, ..scene.clone() });
    all.push(Scene { codedeploy: None, green: None, ..scene.clone() });
    let by_owner = None;
    all.push(Scene { codedeploy: scene.codedeploy.map(|of| CodeDeploy { by_owner, ..of }), ..scene.clone() });
    all.retain(|smaller| smaller != scene);
    all
}
