//! Whoever may invoke validate-service may send any JSON (docs/security.md). It gets an answer, leaves one line, and starts
//! nothing.

use lambda_runtime::{Context, LambdaEvent};
use serde_json::{Value, json};
use validate_service::handle;

use super::shop::{Shop, both};

const ESCAPES: &str = "\u{1b}[2J\u{1b}]0;root\u{7}\r\n\u{0}\u{7f}\u{9b}31m\u{2028}\u{202e}";

/// Requests as text: the good one, but for what is hostile about each.
fn requests(good: &Value) -> Vec<String> {
    let with = |key: &str, text: &str| {
        let whole = good.to_string();
        format!("{},\"{key}\":{text}}}", whole.trim_end_matches('}'))
    };
    let changed = |key: &str, value: Value| both(good, &json!({key: value})).to_string();
    vec![
        format!("{}{}", "[".repeat(2_000), "]".repeat(2_000)),
        with("checks", &format!("{}1{}", "{\"a\":".repeat(2_000), "}".repeat(2_000))),
        with("patience", "1e999"),
        with("patience", &"9".repeat(4_000)),
        with("question", r#""\ud800""#),
        with("_aws", r#"{"Timestamp":1,"CloudWatchMetrics":[{"Namespace":"Launchgate"}]}"#),
        changed("deployment_id", json!(ESCAPES)),
        changed("deployment_id", json!("d".repeat(1_000_000))),
        changed("lifecycle_event", json!(ESCAPES.repeat(200))),
        changed("instance_id", json!(format!("i-{ESCAPES}"))),
        changed("checks", json!({"_aws": {"CloudWatchMetrics": []}, "ports": [8080]})),
        changed("checks", json!({"units": ["$(reboot)", ESCAPES]})),
        changed("checks", json!({"url": "http://169.254.169.254/latest/meta-data"})),
    ]
}

#[tokio::test(start_paused = true)]
async fn a_hostile_question_has_an_answer_and_one_line_and_starts_nothing() {
    let shop = Shop::of("").await;
    for request in requests(&both(&shop.request(), &json!({"question": "1"}))) {
        let told: String = request.chars().take(200).collect();
        let mut context = Context::default();
        context.deadline = (shop.fleet.now() + super::shop::TIMEOUT).millis().unsigned_abs();
        let payload = serde_json::from_str(&request).expect("Lambda would count an error of the function");
        let answer = handle(&shop.validator, LambdaEvent::new(payload, context)).await.unwrap();
        assert_eq!(serde_json::to_value(answer).unwrap()["verdict"], "inconclusive", "{told}");
        let texts = std::mem::take(&mut *shop.texts.lock().unwrap());
        let [text] = texts.as_slice() else { panic!("{told}: {texts:?}") };
        let line: Value = serde_json::from_str(text).unwrap();
        assert!(line.get("_aws").is_none(), "{text}");
        assert!(text.len() < 50_000 && !text.contains(['\u{2028}', '\u{202e}']), "{told}");
        assert!(!text.contains(char::is_control), "{text:?}");
    }
    assert_eq!(shop.calls("SendCommand"), 0);
    shop.lines.lock().unwrap().clear();
    assert_eq!(shop.validate(shop.request()).await["verdict"], "healthy", "an honest question afterwards");
}
