//! The metrics of a run: those that the log lines declare in the embedded metric format, and the duration of the functions
//! from Lambda's own lines.

use std::collections::BTreeMap;

use regex::Regex;
use serde_json::Value;

use super::series::{Sample, Series, Window};
use crate::stack::LogEvent;

/// A metric: its namespace, its name, and its dimensions with their values.
type Name = (String, String, BTreeMap<String, String>);

pub(super) struct Metrics(BTreeMap<Name, Vec<Sample>>);

impl Metrics {
    pub(super) fn of(events: &[LogEvent]) -> Self {
        let mut metrics = Self(BTreeMap::new());
        for event in events {
            metrics.read_line(event.timestamp, &event.json());
            metrics.read_report(event);
        }
        metrics
    }

    fn read_line(&mut self, at: i64, line: &Value) {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        for directive in list(line.pointer("/_aws/CloudWatchMetrics")) {
            let namespace = directive.get("Namespace").map(text).unwrap_or_default();
            for (set, metric) in list(directive.get("Dimensions"))
                .flat_map(|set| list(directive.get("Metrics")).map(move |it| (set, it)))
            {
                let dimensions =
                    list(Some(set)).map(|name| (text(name), line.get(text(name)).map(text).unwrap_or_default()));
                let name = metric.get("Name").map(text).unwrap_or_default();
                let Some(value) = line.get(&name).and_then(Value::as_f64) else { continue };
                self.0.entry((namespace.clone(), name, dimensions.collect())).or_default().push((at, value));
            }
        }
    }

    /// `REPORT RequestId: …  Duration: 12.34 ms …`
    fn read_report(&mut self, event: &LogEvent) {
        let duration = event
            .message
            .strip_prefix("REPORT ")
            .and_then(|line| line.split("\tDuration: ").nth(1)?.split(' ').next()?.parse().ok());
        if let Some(duration) = duration {
            let dimensions = BTreeMap::from([("FunctionName".to_owned(), event.function.clone())]);
            self.0
                .entry(("AWS/Lambda".to_owned(), "Duration".to_owned(), dimensions))
                .or_default()
                .push((event.timestamp, duration));
        }
    }

    /// All samples of a metric under exactly one dimension.
    pub(super) fn samples(&self, namespace: &str, name: &str, dimension: &str) -> impl Iterator<Item = Sample> {
        let own = self
            .0
            .iter()
            .filter(move |((space, own, by), _)| space == namespace && own == name && by.keys().eq([dimension]));
        own.flat_map(|(_, samples)| samples.iter().copied())
    }

    /// What a metric widget shows.
    pub(super) fn series(&self, properties: &Value, window: Window) -> Result<Vec<Series>, String> {
        let all = list(properties.get("metrics")).map(|metric| {
            match metric.pointer("/0/expression").and_then(Value::as_str) {
                Some(expression) => self.found(metric.pointer("/0").unwrap_or(&Value::Null), expression, window),
                None => Ok(self.named(metric, properties, window)),
            }
        });
        Ok(all.collect::<Result<Vec<_>, String>>()?.concat())
    }

    /// `["Namespace", "name", "dimension", "value", …, {…}]`
    fn named(&self, metric: &Value, properties: &Value, window: Window) -> Vec<Series> {
        let words: Vec<&str> = list(Some(metric)).filter_map(Value::as_str).collect();
        let [namespace, name, dimensions @ ..] = words.as_slice() else { return Vec::new() };
        let pair = |pair: &[&str]| Some(((*pair.first()?).to_owned(), (*pair.get(1)?).to_owned()));
        let key = ((*namespace).to_owned(), (*name).to_owned(), dimensions.chunks(2).filter_map(pair).collect());
        let Some(samples) = self.0.get(&key) else { return Vec::new() };
        let given = |key: &str| list(Some(metric)).find_map(|it| it.get(key)?.as_str());
        let stat = given("stat").or_else(|| properties.get("stat")?.as_str()).unwrap_or("Average");
        let label = given("label").unwrap_or(name).to_owned();
        vec![Series { label, points: window.steps(samples, stat), right: given("yAxis") == Some("right") }]
    }

    /// `SEARCH('{Namespace,dimension,…} MetricName="name" hook="…"', 'stat', 300)`: a line for each set of dimensions.
    fn found(&self, options: &Value, expression: &str, window: Window) -> Result<Vec<Series>, String> {
        let form = Regex::new(r#"^SEARCH\('\{(\w+),([\w,]+)\} MetricName="(\w+)" \w+="[^"]*"', '(\w+)', \d+\)$"#);
        let found = form.map_err(|error| error.to_string())?.captures(expression).map(|found| found.extract().1);
        let [namespace, by, name, stat] = found.ok_or_else(|| format!("cannot draw {expression}"))?;
        let by: std::collections::BTreeSet<&str> = by.split(',').collect();
        let own = self.0.iter().filter(|((space, own, dimensions), _)| {
            space == namespace && own == name && dimensions.keys().map(String::as_str).eq(by.iter().copied())
        });
        let label = options.get("label").and_then(Value::as_str).unwrap_or(name);
        let series = own.map(|((_, _, dimensions), samples)| {
            let named = dimensions
                .iter()
                .fold(label.to_owned(), |label, (key, value)| label.replace(&format!("${{PROP('Dim.{key}')}}"), value));
            Series { label: named, points: window.steps(samples, stat), right: false }
        });
        Ok(series.collect())
    }
}

pub(super) fn list(value: Option<&Value>) -> impl Iterator<Item = &Value> {
    value.and_then(Value::as_array).into_iter().flatten()
}
