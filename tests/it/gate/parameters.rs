//! Checks that the documents accept the parameters of every accepted policy, and that policy and documents have the
//! same bounds.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use launchgate_tests::stack::repository;
use lifecycle::policy::Policy;
use proptest::prelude::*;
use regex::Regex;
use serde_json::{Value, json};

type Patterns = BTreeMap<String, Regex>;

static READINESS: LazyLock<Patterns> = LazyLock::new(|| patterns("documents/readiness.yaml"));
static INSTALL: LazyLock<Patterns> = LazyLock::new(|| patterns("documents/install-agent.yaml"));

fn patterns(path: &str) -> Patterns {
    let text = std::fs::read_to_string(repository().join(path)).unwrap();
    let document: Value = serde_yaml_ng::from_str(&text).unwrap();
    let parameters = document["parameters"].as_object().unwrap().iter();
    let pattern = |parameter: &Value| Regex::new(parameter["allowedPattern"].as_str().unwrap()).unwrap();
    parameters.map(|(name, parameter)| (name.clone(), pattern(parameter))).collect()
}

fn any_word() -> impl Strategy<Value = String> {
    prop_oneof![4 => "[A-Za-z0-9_.@:+-]{1,6}", 1 => "[a-z]{60,70}", 1 => ".{0,4}"]
}

fn any_url() -> impl Strategy<Value = String> {
    let host = "https?://(127\\.0\\.0\\.1|localhost|\\[::1\\]|example)";
    (host, "(:[0-9]{1,6})?", "(/[a-z?=&%$;' ]{0,9})?").prop_map(|(host, port, path)| host + &port + &path)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_check_is_accepted_by_the_policy_exactly_when_the_document_accepts_it(
        packages in prop::collection::vec(any_word(), 0..18),
        units in prop::collection::vec(any_word(), 0..18),
        commands in prop::collection::vec(any_word(), 0..18),
        ports in prop::collection::vec(0..70_000_u32, 0..18),
        url in any_url(),
    ) {
        let ports_text: Vec<String> = ports.iter().map(u32::to_string).collect();
        // A word with a blank in it would be two words of the parameter.
        let words = |words: &[String]| words.iter().all(|word| !word.is_empty() && !word.contains(' '));
        for (key, value, parameter, whole) in [
            ("packages", json!(packages), packages.join(" "), words(&packages)),
            ("units", json!(units), units.join(" "), words(&units)),
            ("commands", json!(commands), commands.join(" "), words(&commands)),
            ("ports", json!(ports), ports_text.join(" "), true),
            ("url", json!(url), url, true),
        ] {
            let policy = Policy::parse(&json!({"checks": {key: value}}).to_string(), &Policy::default());
            for patterns in [&*READINESS, &*INSTALL].into_iter().filter_map(|patterns| patterns.get(key)) {
                let document = whole && patterns.is_match(&parameter) && port_is_right(key, &parameter);
                prop_assert_eq!(policy.is_ok(), document, "{} {}", key, parameter);
            }
        }
    }
}

/// A pattern that bounds the port of a url by its value would be unreadable; the policy does, and curl would too.
fn port_is_right(key: &str, url: &str) -> bool {
    let port = Regex::new(r"^https?://[^/]*?:([0-9]+)(/|$)").unwrap();
    key != "url" || port.captures(url).is_none_or(|found| found[1].parse::<u16>().is_ok())
}

/// What is not a list: the words of the policy, and every wait that may be decided.
#[test]
fn the_documents_take_every_word_and_every_wait() {
    for (key, parameter) in [("agent", "agent"), ("user_data", "userData")] {
        for word in ["required", "ignored", "last"] {
            let Ok(policy) = Policy::parse(&json!({key: word}).to_string(), &Policy::default()) else {
                assert_eq!((key, word), ("user_data", "last"));
                continue;
            };
            let told = if key == "agent" { policy.agent.as_str() } else { policy.user_data.as_str() };
            assert!(READINESS[parameter].is_match(told), "{parameter} {word}");
            assert!(key != "agent" || INSTALL[parameter].is_match(told), "{parameter} {word}");
        }
    }
    let waits = |path: &str| -> Vec<String> {
        let source = std::fs::read_to_string(repository().join(path)).unwrap();
        let ladder = Regex::new(r"const WAITS: \[u64; \d\] = \[([0-9, ]+)\]").unwrap().captures(&source).unwrap();
        ladder[1].split(", ").map(str::to_owned).collect()
    };
    let (looks, mends) =
        (waits("shared/lifecycle/src/decide/probe.rs"), waits("shared/lifecycle/src/decide/repair.rs"));
    assert!(looks.iter().all(|wait| READINESS["waitSeconds"].is_match(wait)), "{looks:?}");
    assert!(mends.iter().all(|wait| INSTALL["waitSeconds"].is_match(wait)), "{mends:?}");
    assert!(["offered", "none"].iter().all(|word| READINESS["repair"].is_match(word)));
}
