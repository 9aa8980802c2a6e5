//! The stories of a play without the gate: the same fleet, and on each group only CodeDeploy's own hook. Nothing of it
//! needs the stack, so its time is moved, and CodeDeploy waits the whole hour for an agent that never polls.

mod calls;

use std::time::Duration;

use lifecycle::Timestamp;
use serde_json::json;

use self::calls::merge;
use super::PlayError;
use super::course::{Shown, tell_course};
use super::ends::End;
use super::scene::GROUP;
use super::shop::FIRST;
use crate::fleet::story::{Group, Stories, Story};
use crate::fleet::{CopiesHooks, Entry, Fleet, What};
use crate::timeline::Row;

/// Enough for three launches, one after the other, that CodeDeploy gives up after an hour each.
const LASTS: Duration = Duration::from_hours(4);
const STEP: Duration = Duration::from_secs(1);
/// The first deployments take two seconds.
const FIRST_TAKES: Duration = Duration::from_secs(20);

pub(super) struct Ungated {
    fleet: Fleet,
    began: Timestamp,
    /// The stories that the gate holds in the play.
    stories: Vec<Story>,
    groups: Vec<Place>,
}

/// A group, and what becomes of it.
#[derive(Clone, Default)]
struct Place {
    name: String,
    replaces: bool,
    /// It is still to be copied.
    copied: bool,
    /// Its warm pool is still to be left.
    pool: bool,
}

impl Ungated {
    /// Lives the stories to the end.
    ///
    /// # Errors
    /// [`PlayError::Cli`]: the fleet refused a call.
    pub(super) fn play(cast: &Stories) -> Result<Self, PlayError> {
        let is_alone = |name: Option<&String>| cast.groups().any(|(own, it)| Some(own) == name && it.policy.is_none());
        let place = |(name, it): (&String, &Group)| Place {
            name: name.clone(),
            replaces: it.replaces,
            copied: it.copied,
            pool: it.pool,
        };
        let groups = cast.groups().filter(|(name, _)| !is_alone(Some(name))).map(place);
        let groups = groups.chain([Place { name: GROUP.to_owned(), ..Place::default() }]).collect();
        let stories = cast.upcoming().filter(|story| !is_alone(story.group.as_ref())).cloned().collect();
        let mut play =
            Self { fleet: Fleet::new(1, Timestamp::default()), began: Timestamp::default(), stories, groups };
        play.open()?;
        play.fleet.tell(cast.clone());
        play.begin()?;
        while play.fleet.now().since(play.began) < LASTS {
            play.pass()?;
        }
        Ok(play)
    }

    /// What happened to each instance, and how its story ended.
    pub(super) fn rows(&self) -> impl Iterator<Item = (Row, &Story, End)> {
        let shown = Shown { began: self.began, until: self.fleet.now() };
        self.fleet.timeline().iter().filter_map(move |entry| {
            let What::Launched { story, .. } = &entry.what else { return None };
            let story = self.stories.iter().find(|told| told.name == *story)?;
            let own: Vec<&Entry> =
                self.fleet.timeline().iter().filter(|other| other.instance == entry.instance).collect();
            Some((tell_course(&entry.instance, &own, shown), story, End::of(&own, None, false, story)))
        })
    }

    /// The groups, and a revision that succeeded before, as in the play.
    fn open(&mut self) -> Result<(), PlayError> {
        self.fleet.settings.replacements = Some(0);
        self.fleet.settings.codedeploy.copies_hooks = CopiesHooks::WithTheGroup;
        self.fleet.tell(Stories::parse(FIRST).unwrap_or_default());
        self.create_group("first", 1)?;
        self.deploy("CreateApplication", json!({}))?;
        for place in self.groups.clone() {
            self.create_group(&place.name, 0)?;
            let tags = json!([{"Key": "app", "Value": "shop", "Type": "KEY_AND_VALUE"}]);
            let role = "arn:aws:iam::000000000000:role/deploy";
            let of = json!({"autoScalingGroups": [place.name], "ec2TagFilters": tags, "serviceRoleArn": role});
            self.deploy("CreateDeploymentGroup", merge(json!({"deploymentGroupName": place.name}), of))?;
            self.begin_deployment(&place.name)?;
            if place.replaces {
                self.fleet.replace_all(&place.name);
            }
        }
        self.fleet.advance(self.began + FIRST_TAKES);
        Ok(())
    }

    fn begin(&mut self) -> Result<(), PlayError> {
        self.began = self.fleet.now();
        for place in self.groups.clone() {
            if place.pool {
                let size = self.count_stories(&place.name);
                let of = json!({"PoolState": "Stopped", "MinSize": size, "MaxGroupPreparedCapacity": size});
                self.scale("PutWarmPool", &place.name, of)?;
            } else {
                self.desire(&place)?;
            }
        }
        Ok(())
    }

    /// A second. The `ValidateService` script of examples/app asks Launchgate; without it, the revision has none.
    fn pass(&mut self) -> Result<(), PlayError> {
        let now = self.fleet.now() + STEP;
        self.fleet.advance(now);
        for script in self.fleet.take_revision_scripts() {
            self.fleet.finish_revision_script(now, &script, 0, "");
        }
        for number in 0..self.groups.len() {
            let Some(place) = self.groups.get(number).cloned() else { continue };
            if place.pool && self.have_all(&place.name, |what| matches!(what, What::InPool { .. })) {
                self.desire(&place)?;
            } else if place.copied && self.have_all(&place.name, |what| *what == What::InService) {
                self.copy(&place.name)?;
            } else {
                continue;
            }
            self.groups.get_mut(number).into_iter().for_each(|it| (it.pool, it.copied) = (false, false));
        }
        Ok(())
    }

    fn count_stories(&self, group: &str) -> usize {
        self.stories.iter().filter(|story| story.group.as_deref().unwrap_or(GROUP) == group).count()
    }

    /// Whether this has happened to an instance for each story of the group.
    fn have_all(&self, group: &str, happened: fn(&What) -> bool) -> bool {
        let launched = |entry: &&Entry| matches!(&entry.what, What::Launched { group: into, .. } if into == group);
        let own: Vec<&str> =
            self.fleet.timeline().iter().filter(launched).map(|entry| entry.instance.as_str()).collect();
        let done = self.fleet.timeline().iter().filter(|it| own.contains(&it.instance.as_str()) && happened(&it.what));
        done.count() >= self.count_stories(group)
    }
}
