//! The groups of a play whose breakers are to trip, and the lines of the function's log.

use serde_json::Value;

use super::{Play, PlayError};

impl Play {
    /// How many instances a group launches at first: one for each story, or one that is replaced.
    pub(super) fn count_first_launches(&self, group: &str) -> usize {
        let replaces = self.groups.get(group).is_some_and(|group| group.replaces);
        let stories = self.count_stories(group);
        if replaces { stories.min(1) } else { stories }
    }

    /// Whether each group that replaces its instances has tripped its breaker.
    pub(super) fn have_breakers_tripped(&self) -> bool {
        let mut replacing = self.groups.iter().filter(|(_, group)| group.replaces);
        replacing.all(|(name, _)| self.breakers.contains_key(name))
    }

    /// Notes the lines of launches and breakers.
    pub(super) async fn read_log(&mut self) -> Result<(), PlayError> {
        for line in self.stack.log_lines().await? {
            let Ok(line) = serde_json::from_str::<Value>(&line) else { continue };
            let text = |name: &str| line.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
            let (kind, instance, group) = (text("message"), text("instance"), text("group"));
            match kind.as_str() {
                "settled" => drop(self.settled.insert(instance, line)),
                "breaker" => drop(self.breakers.insert(group, line)),
                _ => (),
            }
        }
        Ok(())
    }
}
