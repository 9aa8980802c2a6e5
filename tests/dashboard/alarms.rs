//! The states of the alarms at the end of a run.

use serde_json::Value;

use super::chart::{Place, SIZE};
use super::metrics::Metrics;
use super::series::{Window, reckon};
use crate::picture::sheet::{Anchor, Drawn, Sheet, Type, cut};
use crate::picture::theme::{GREEN, ORANGE, VERMILION};
use crate::stack::template::Template;

/// Seconds that the alarm of the oldest launch has by default.
pub(super) const OLDEST_OPEN: f64 = 900.0;
const LINE: i32 = 17;

/// An alarm and its state.
struct Alarm {
    name: String,
    state: &'static str,
}

/// In two columns, each with its state in words.
pub(super) fn draw_alarms(
    sheet: &Sheet<'_>,
    template: &Template,
    arns: &[&str],
    metrics: &Metrics,
    window: Window,
    place: Place,
) -> Drawn {
    let alarms: Vec<Alarm> = arns.iter().map(|arn| judge(arn, template, metrics, window)).collect();
    let fit = usize::try_from((place.bottom - place.top) / LINE).unwrap_or(1).max(1);
    let width = (place.right - place.left) / 2;
    for (number, alarm) in alarms.iter().enumerate() {
        let column = i32::try_from(number / fit).unwrap_or_default();
        let line = i32::try_from(number % fit).unwrap_or_default();
        let (x, y) = (place.left + column * width, place.top + LINE / 2 + line * LINE);
        let color = match alarm.state {
            "ALARM" => VERMILION,
            "OK" => GREEN,
            _ => ORANGE,
        };
        sheet.bar((x, y - 5), (x + 10, y + 5), color)?;
        let how = Type { size: SIZE, bold: alarm.state == "ALARM", color: sheet.theme.ink };
        let said = format!("{}: {}", alarm.name.strip_suffix("Alarm").unwrap_or(&alarm.name), alarm.state);
        sheet.text(&cut(&said, SIZE, width - 20), (x + 16, y), Anchor::Left, how)?;
    }
    Ok(())
}

/// Whether its metric was above its threshold at any time; an alarm on a metric that the run does not have is not judged.
fn judge(arn: &str, template: &Template, metrics: &Metrics, window: Window) -> Alarm {
    let name = arn.rsplit(':').next().unwrap_or(arn).to_owned();
    let of = |path: &str| template.property(&name, path);
    let word = |path: &str| of(path).as_str().unwrap_or_default().to_owned();
    let namespace = word("/Namespace");
    let samples: Vec<_> = metrics.samples(&namespace, &word("/MetricName"), &word("/Dimensions/0/Name")).collect();
    let threshold = of("/Threshold").as_f64().unwrap_or(OLDEST_OPEN);
    let own =
        samples.iter().filter(|(at, _)| (window.from..=window.until).contains(at)).map(|(_, value)| *value).collect();
    let state = if namespace != "Launchgate" {
        "no data"
    } else if reckon(own, &word("/Statistic")) > threshold {
        "ALARM"
    } else {
        "OK"
    };
    Alarm { name, state }
}

/// The alarms of a widget, by their ARNs.
pub(super) fn list_alarms(properties: &Value) -> Vec<&str> {
    super::metrics::list(properties.get("alarms")).filter_map(Value::as_str).collect()
}
