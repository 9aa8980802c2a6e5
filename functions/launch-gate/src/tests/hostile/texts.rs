//! What somebody may write who has taken over an instance, or may change a hook.

use serde_json::json;

use crate::tests::wire::report;

/// How much of the output of a run SSM shows (aws-facts 6.4).
pub(super) const OUTPUT: usize = 2_500;
/// Clears a screen, renames a window, ends a line in several ways, and turns the direction of writing.
pub(super) const ESCAPES: &str =
    "\u{1b}[2J\u{1b}]0;root\u{7}\r\n\u{0}\u{7f}\u{85}\u{9b}31m\u{2028}\u{2029}\u{202e}\u{2066}";
/// A whole line as `CloudWatch` would take metrics out of it.
const FORGED: &str = r#"{"_aws":{"Timestamp":1,"CloudWatchMetrics":[{"Namespace":"Launchgate","Dimensions":[["hook"]],"Metrics":[{"Name":"launches"}]}]},"hook":"launchgate","launches":1000000,"message":"settled","decision":"CONTINUE""#;

/// One finding as an instance may print it.
pub(super) fn finding(code: &str, class: &str, detail: &str) -> String {
    report(&json!([{"check": "agent", "code": code, "class": class, "detail": detail, "_aws": {}}]).to_string())
}

/// Outputs of a run that somebody who has taken over the instance may print, and their exit codes.
pub(super) fn outputs() -> Vec<(i32, String)> {
    let nested = |open: &str, close: &str| format!("{}{}", open.repeat(1_200), close.repeat(1_200));
    vec![
        (0, format!(r#"{{"v":1,"ready":true,"findings":[],"_aws":{}}}"#, nested("[", "]"))),
        (10, format!(r#"{{"v":1,"ready":false,"findings":{}}}"#, nested("[", "]"))),
        (10, nested(r#"{"a":"#, "}")),
        (0, r#"{"v":1,"ready":true,"waited_s":1e999,"findings":[]}"#.to_owned()),
        (0, format!(r#"{{"v":1,"ready":true,"waited_s":{},"findings":[]}}"#, "9".repeat(2_400))),
        (0, r#"{"v":-1,"ready":true,"waited_s":-1e-999,"findings":[]}"#.to_owned()),
        (10, ESCAPES.repeat(100)),
        (10, finding("agent-x", "fatal", ESCAPES)),
        (10, finding(ESCAPES, "fatal", "")),
        (10, finding(&"a".repeat(2_300), "fatal", "")),
        (10, finding("agent-missing\",\"launches\":7,\"_aws\":{\"", "fatal", "\\")),
        (10, r#"{"v":1,"ready":false,"findings":[{"check":"a","code":"\ud800","class":"fatal"}]}"#.to_owned()),
        (
            10,
            r#"{"v":1,"ready":false,"findings":[{"check":"a","code":"a-b","class":"fatal","detail":"\udfff"}]}"#
                .to_owned(),
        ),
        (
            10,
            format!(r#"{FORGED},"v":1,"ready":false,"findings":[{{"check":"a","code":"agent-x","class":"fatal"}}]}}"#),
        ),
        (0, format!(r#"{FORGED},"v":1,"ready":true,"findings":[]}}"#)),
        (10, format!("{}\n{FORGED}}}", finding("agent-x", "fatal", "d"))),
    ]
}

/// Metadata of 4,000 characters, the most that AWS takes (aws-facts 1.1).
pub(super) fn metadata() -> Vec<String> {
    let filled = |start: &str, with: &str, end: &str| {
        let room = 4_000 - start.len() - end.len();
        format!("{start}{}{end}", with.repeat(room / with.len()))
    };
    vec![
        filled("", "[", ""),
        filled("{\"checks\":", "{\"a\":", ""),
        filled("{\"ready_within\":", "9", "}"),
        "{\"ready_within\":1e999}".to_owned(),
        filled("{\"", "\\u001b[2J", "\":1}"),
        filled("{\"mode\":\"", "\\u202e\\n\\u009b", "\"}"),
        filled("{\"checks\":{\"units\":[\"", "\\u0000$(id)", "\"]}}"),
        filled("{\"checks\":{\"units\":[", "\"a\",", "\"a\"]}}"),
        filled("{\"checks\":{\"url\":\"http://127.0.0.1/", "'`", "\"}}"),
        "{\"mode\":\"\\ud800\"}".to_owned(),
        format!("{FORGED}}}"),
    ]
}
