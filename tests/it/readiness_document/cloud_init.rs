//! Tests what the document makes of what the real cloud-init leaves.

use launchgate_tests::fleet::host::{Boot, Host};

use super::run::instance;
use crate::stand::Instance;
use crate::stand::threads::{a_few_at_once, at_once};

/// The real cloud-init boots it, once with each of these user data.
fn booted(user_data: &[Option<&str>]) -> Instance {
    let instance = instance(&Host { boot: Boot::NoCloudInit, ..Host::healthy(2) });
    for user_data in user_data {
        instance.sandbox.boot(*user_data).unwrap();
    }
    instance
}

const UNRECOGNISED: Option<&str> = Some("dnf -y install java\n");
const FINE: Option<&str> = Some("#!/bin/sh\necho fine\n");

/// The user data of each boot, and the finding after the last.
type Case = (&'static [Option<&'static str>], Option<&'static str>);

const CASES: [Case; 7] = [
    (&[FINE], None),
    (&[Some("#!/bin/sh\nexit 3\n")], Some("user-data-failed")),
    (&[Some("\n#!/bin/sh\necho a blank line comes first\n")], Some("user-data-failed")),
    (&[None], Some("user-data-not-run")),
    (&[UNRECOGNISED], Some("user-data-not-run")),
    (&[Some("#cloud-config\nruncmd: [\n")], Some("user-data-not-run")),
    // An image of an instance still has its log.
    (&[UNRECOGNISED, FINE], None),
];

#[test]
fn user_data_counts_as_done_only_if_it_ran() {
    // The start of Python costs more than all the rest.
    let instances = a_few_at_once(&CASES, |(user_data, _)| booted(user_data));
    let cases: Vec<_> = instances.iter().zip(CASES).collect();
    at_once(&cases, |(instance, (user_data, code))| {
        let report = instance.readiness(&[]);
        let classes: Vec<_> = code.iter().map(|code| (*code, "fatal")).collect();
        assert_eq!(report.classes(), classes, "{user_data:?} {report:?}");
        assert_eq!(report.run.code, if code.is_some() { 10 } else { 0 }, "{user_data:?} {report:?}");
        let report = instance.readiness(&[("userData", "ignored")]);
        assert_eq!((report.codes(), report.run.code), (vec![], 0), "{user_data:?} {report:?}");
    });
}

#[test]
fn without_a_data_source_all_is_well_where_there_is_no_user_data() {
    let instance = booted(&[None]);
    instance.forget_user_data();
    let report = instance.readiness(&[]);
    assert_eq!((report.codes(), report.run.code), (vec![], 0), "{report:?}");
}
