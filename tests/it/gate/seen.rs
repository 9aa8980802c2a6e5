//! What a story's world has seen: the ends of its launches, and what happened to its instances.

use std::collections::BTreeMap;

use launchgate_tests::fleet::What;
use serde_json::Value;

use super::world::{End, World};

impl World {
    /// How the instances of each story ended, as the one line of each says.
    pub(super) fn ends(&self) -> BTreeMap<String, End> {
        let text = |line: &Value, name: &str| line[name].as_str().unwrap().to_owned();
        let end = |line: &Value| End { result: text(line, "decision"), reason: text(line, "reason") };
        self.settled().iter().map(|line| (self.story_of(line["instance"].as_str().unwrap()), end(line))).collect()
    }

    /// The seconds after which something happened to the instance of this story for the first time.
    pub(super) fn when(&self, story: &str, happened: impl Fn(&What) -> bool) -> Option<f64> {
        let entry =
            self.timeline.iter().find(|entry| happened(&entry.what) && self.story_of(&entry.instance) == story)?;
        Some(self.seconds_of(entry))
    }

    /// How often something happened.
    pub(super) fn count(&self, happened: impl Fn(&What) -> bool) -> usize {
        self.timeline.iter().filter(|entry| happened(&entry.what)).count()
    }

    pub(super) fn story_of(&self, instance: &str) -> String {
        let mut own = self.timeline.iter().filter(|entry| entry.instance == instance);
        let told =
            own.find_map(|entry| if let What::Launched { story, .. } = &entry.what { Some(story) } else { None });
        told.cloned().unwrap_or_default()
    }

    /// The whole timeline, for a failed test.
    pub(super) fn story(&self) -> String {
        self.timeline.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
    }
}
