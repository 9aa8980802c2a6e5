//! Every key and every bound of the policy.

use super::*;

fn parse(text: &str) -> Result<Policy, PolicyError> {
    Policy::parse(text, &Policy::default())
}

fn offending(text: &str) -> String {
    parse(text).expect_err(text).key
}

#[test]
fn an_empty_object_is_the_base() {
    let base = Policy { repair: false, ..Policy::default() };
    assert_eq!(Policy::parse("{}", &base), Ok(base));
}

#[test]
fn every_key_is_read() {
    let text = r#"{"mode":"observe","ready_within":90,"on_deadline":"continue","repair":false,"agent":"ignored","user_data":"ignored",
        "checks":{"packages":["java-17-amazon-corretto-headless","libstdc++:amd64"],"units":["web@1.service"],"commands":["java","_x"],"ports":[8080],"url":"http://127.0.0.1:8080/health?deep=1"},
        "breaker":{"failures":5,"within":1800,"action":"suspend"}}"#;
    let expected = Policy {
        mode: Mode::Observe,
        ready_within: Duration::from_secs(90),
        on_deadline: LifecycleResult::Continue,
        repair: false,
        agent: AgentPolicy::Ignored,
        user_data: Requirement::Ignored,
        checks: Checks {
            packages: vec!["java-17-amazon-corretto-headless".into(), "libstdc++:amd64".into()],
            units: vec!["web@1.service".into()],
            commands: vec!["java".into(), "_x".into()],
            ports: vec![8080],
            url: Some("http://127.0.0.1:8080/health?deep=1".into()),
        },
        breaker: Some(Breaker { failures: 5, within: Duration::from_mins(30), action: BreakerAction::Suspend }),
    };
    assert_eq!(parse(text), Ok(expected));
}

#[test]
fn the_other_values_of_the_choices_are_read_too() {
    let policy = Policy::parse(
        r#"{"mode":"enforce","on_deadline":"abandon","agent":"required","user_data":"required","repair":true}"#,
        &parse(r#"{"mode":"observe","on_deadline":"continue","agent":"ignored","user_data":"ignored","repair":false}"#)
            .unwrap(),
    );
    assert_eq!(policy, Ok(Policy::default()));
}

#[test]
fn the_documents_take_requirements_by_the_words_of_the_policy() {
    for word in ["required", "ignored", "last"] {
        assert_eq!(parse(&format!(r#"{{"agent":"{word}"}}"#)).unwrap().agent.as_str(), word);
    }
    for word in ["required", "ignored"] {
        assert_eq!(parse(&format!(r#"{{"user_data":"{word}"}}"#)).unwrap().user_data.as_str(), word);
    }
}

#[test]
fn observing_mends_nothing() {
    for (text, mends) in
        [("{}", true), (r#"{"repair":false}"#, false), (r#"{"mode":"observe"}"#, false), (r#"{"repair":true}"#, true)]
    {
        assert_eq!(parse(text).unwrap().mends(), mends, "{text}");
    }
}

#[test]
fn an_agent_that_starts_last_needs_repair() {
    let base = Policy { agent: AgentPolicy::Last, ..Policy::default() };
    assert_eq!(Policy::parse(r#"{"repair":false}"#, &base).unwrap_err().key, "agent");
    assert_eq!(base.clone().without_repair().unwrap_err().key, "agent");
    assert!(Policy::parse(r#"{"repair":false,"agent":"required"}"#, &base).is_ok());
    assert!(!Policy::default().without_repair().unwrap().repair);
    let restricted = Policy::of_hook(Some(r#"{"agent":"last"}"#), &Policy::default(), Policy::without_repair);
    assert!(restricted.1.is_some_and(|warning| warning.contains("\"agent\"")));
}

#[test]
fn with_the_agent_last_a_pool_asks_only_for_what_stands_before_a_deployment() {
    let checks =
        r#""checks":{"packages":["java"],"commands":["java"],"units":["web"],"ports":[80],"url":"http://localhost/"}"#;
    for (agent, destination, changed) in [
        ("last", Some(Destination::Pool), true),
        ("last", Some(Destination::Service), false),
        ("last", None, false),
        ("required", Some(Destination::Pool), false),
    ] {
        let policy = parse(&format!(r#"{{"agent":"{agent}",{checks}}}"#)).unwrap();
        let asked = policy.toward(destination);
        assert_eq!(*asked != policy, changed, "{agent} {destination:?}");
        if changed {
            let before = parse(r#"{"agent":"ignored","checks":{"packages":["java"],"commands":["java"]}}"#);
            assert_eq!(Ok(asked.into_owned()), before);
        }
    }
}

#[test]
fn ready_within_has_bounds() {
    for (seconds, good) in [(29, false), (30, true), (86_400, true), (86_401, false)] {
        assert_eq!(parse(&format!(r#"{{"ready_within":{seconds}}}"#)).is_ok(), good, "{seconds}");
    }
}

#[test]
fn the_breaker_has_bounds_and_defaults() {
    assert_eq!(parse("{}").unwrap().breaker, None);
    let read = |text: &str| parse(&format!(r#"{{"breaker":{text}}}"#)).map(|policy| policy.breaker.unwrap());
    let expected = Breaker { failures: 3, within: Duration::from_hours(1), action: BreakerAction::Alarm };
    assert_eq!(read("{}"), Ok(expected));
    assert_eq!(read(r#"{"action":"alarm"}"#), Ok(expected));
    for (key, number, good) in [
        ("failures", 0, false),
        ("failures", 1, true),
        ("failures", 100, true),
        ("failures", 101, false),
        ("within", 59, false),
        ("within", 60, true),
        ("within", 86_400, true),
        ("within", 86_401, false),
    ] {
        assert_eq!(read(&format!(r#"{{"{key}":{number}}}"#)).is_ok(), good, "{key} {number}");
    }
}

#[test]
fn a_bad_policy_names_its_key() {
    for (text, key) in [
        ("launchgate", "."),
        ("[]", "."),
        (r#"{"modee":"observe"}"#, "modee"),
        (r#"{"mode":"off"}"#, "mode"),
        (r#"{"ready_within":"600"}"#, "ready_within"),
        (r#"{"ready_within":-1}"#, "ready_within"),
        (r#"{"on_deadline":"ABANDON"}"#, "on_deadline"),
        (r#"{"repair":"yes"}"#, "repair"),
        (r#"{"agent":null}"#, "agent"),
        (r#"{"agent":"first"}"#, "agent"),
        (r#"{"agent":"last","repair":false}"#, "agent"),
        (r#"{"repair":false,"agent":"last"}"#, "agent"),
        (r#"{"user_data":"last"}"#, "user_data"),
        (r#"{"user_data":false}"#, "user_data"),
        (r#"{"userData":"ignored"}"#, "userData"),
        (r#"{"checks":[]}"#, "checks"),
        (r#"{"checks":{"unit":[]}}"#, "checks.unit"),
        (r#"{"checks":{"packages":["-y"]}}"#, "checks.packages"),
        (r#"{"checks":{"packages":["java*"]}}"#, "checks.packages"),
        (r#"{"checks":{"packages":["a b"]}}"#, "checks.packages"),
        (r#"{"checks":{"units":"web"}}"#, "checks.units"),
        (r#"{"checks":{"units":["web;reboot"]}}"#, "checks.units"),
        (r#"{"checks":{"units":["-web"]}}"#, "checks.units"),
        (r#"{"checks":{"units":[""]}}"#, "checks.units"),
        (r#"{"checks":{"units":["_web"]}}"#, "checks.units"),
        (r#"{"checks":{"commands":["/bin/sh"]}}"#, "checks.commands"),
        (r#"{"checks":{"commands":[".sh"]}}"#, "checks.commands"),
        (r#"{"checks":{"ports":[0]}}"#, "checks.ports"),
        (r#"{"checks":{"ports":[65536]}}"#, "checks.ports"),
        (r#"{"checks":{"url":"http://127.0.0.1:8080/$(reboot)"}}"#, "checks.url"),
        (r#"{"checks":{"url":"ftp://localhost/"}}"#, "checks.url"),
        (r#"{"breaker":true}"#, "breaker"),
        (r#"{"breaker":{"failure":3}}"#, "breaker.failure"),
        (r#"{"breaker":{"failures":"3"}}"#, "breaker.failures"),
        (r#"{"breaker":{"within":0.5}}"#, "breaker.within"),
        (r#"{"breaker":{"action":"stop"}}"#, "breaker.action"),
    ] {
        assert_eq!(offending(text), key, "{text}");
    }
}

#[test]
fn only_loopback_may_be_asked() {
    for (url, good) in [
        ("http://localhost", true),
        ("https://[::1]:8443/health", true),
        ("http://127.0.0.1/?x=1", true),
        ("http://127.0.0.1?x=1", false),
        ("http://localhost:080/", false),
        ("http://localhost:+80/", false),
        ("http://127.0.0.1.example.com/", false),
        ("http://localhost:/", false),
        ("http://localhost:99999/", false),
        ("http://user:1@localhost/", false),
        ("http://10.0.0.1/", false),
    ] {
        assert_eq!(parse(&format!(r#"{{"checks":{{"url":"{url}"}}}}"#)).is_ok(), good, "{url}");
    }
}

#[test]
fn names_and_lists_have_bounds() {
    let list = |count: usize, length: usize| {
        let names = vec![format!("\"{}\"", "n".repeat(length)); count].join(",");
        parse(&format!(r#"{{"checks":{{"units":[{names}]}}}}"#)).is_ok()
    };
    assert!(list(16, 64));
    assert!(!list(17, 64));
    assert!(!list(16, 65));
    let ports = |count: usize| parse(&format!(r#"{{"checks":{{"ports":[{}]}}}}"#, vec!["80"; count].join(","))).is_ok();
    assert!(ports(16) && !ports(17));
    let url = |length: usize| {
        parse(&format!(r#"{{"checks":{{"url":"http://localhost/{}"}}}}"#, "a".repeat(length - 1))).is_ok()
    };
    assert!(url(201) && !url(202));
}
