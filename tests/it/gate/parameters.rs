//! Every policy that is accepted makes parameters that the readiness document accepts, and what bounds the one bounds
//! the other.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use launchgate_tests::stack::repository;
use lifecycle::policy::Policy;
use proptest::prelude::*;
use regex::Regex;
use serde_json::{Value, json};

static PATTERNS: LazyLock<BTreeMap<String, Regex>> = LazyLock::new(|| {
    let text = std::fs::read_to_string(repository().join("documents/readiness.yaml")).unwrap();
    let document: Value = serde_yaml_ng::from_str(&text).unwrap();
    let parameters = document["parameters"].as_object().unwrap().iter();
    let pattern = |parameter: &Value| Regex::new(parameter["allowedPattern"].as_str().unwrap()).unwrap();
    parameters.map(|(name, parameter)| (name.clone(), pattern(parameter))).collect()
});

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
        units in prop::collection::vec(any_word(), 0..18),
        commands in prop::collection::vec(any_word(), 0..18),
        ports in prop::collection::vec(0..70_000_u32, 0..18),
        url in any_url(),
    ) {
        let ports_text: Vec<String> = ports.iter().map(u32::to_string).collect();
        // A word with a blank in it would be two words of the parameter.
        let words = |words: &[String]| words.iter().all(|word| !word.is_empty() && !word.contains(' '));
        for (key, value, parameter, whole) in [
            ("units", json!(units), units.join(" "), words(&units)),
            ("commands", json!(commands), commands.join(" "), words(&commands)),
            ("ports", json!(ports), ports_text.join(" "), true),
            ("url", json!(url), url, true),
        ] {
            let policy = Policy::parse(&json!({"checks": {key: value}}).to_string(), &Policy::default());
            let document = whole && PATTERNS[key].is_match(&parameter) && port_is_right(key, &parameter);
            prop_assert_eq!(policy.is_ok(), document, "{} {}", key, parameter);
        }
    }
}

/// A pattern that bounds the port of a url by its value would be unreadable; the policy does, and curl would too.
fn port_is_right(key: &str, url: &str) -> bool {
    let port = Regex::new(r"^https?://[^/]*?:([0-9]+)(/|$)").unwrap();
    key != "url" || port.captures(url).is_none_or(|found| found[1].parse::<u16>().is_ok())
}
