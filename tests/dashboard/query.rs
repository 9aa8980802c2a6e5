//! The queries of the dashboard, on the log of a run: as much of the language of Logs Insights as they use. A query with
//! anything else is refused, so that no widget is drawn as what it is not.

use std::collections::{BTreeMap, BTreeSet};

use regex::Regex;
use serde_json::{Map, Value, json};

use super::series::{Sample, Series, Window};
use crate::stack::LogEvent;

/// What a query comes to.
pub(super) enum Found {
    Table { columns: Vec<String>, rows: Vec<Map<String, Value>> },
    Chart(Vec<Series>),
}

/// Runs it as if the window ended at its moment.
pub(super) fn ask(query: &str, events: &[LogEvent], window: Window) -> Result<Found, String> {
    let step = Regex::new(r"\s+\|\s+").map_err(|error| error.to_string())?;
    let mut rows: Vec<Map<String, Value>> =
        events.iter().filter(|event| event.timestamp <= window.until).map(row).collect();
    let mut columns = Vec::new();
    for step in step.split(query) {
        let (command, rest) = step.trim().split_once(' ').unwrap_or((step, ""));
        match command {
            "SOURCE" => {}
            "fields" => columns = rest.split(',').map(|name| name.trim().to_owned()).collect(),
            "filter" => rows = filter(rows, rest, window)?,
            "sort" if rest == "@timestamp desc" => rows.reverse(),
            "dedup" => {
                let mut seen = BTreeSet::new();
                rows.retain(|row| seen.insert(row.get(rest).map(Value::to_string)));
            }
            "limit" => rows.truncate(rest.parse().map_err(|error| format!("{step}: {error}"))?),
            "stats" => return Ok(Found::Chart(stats(&rows, rest, window)?)),
            _ => return Err(format!("cannot draw {step}")),
        }
    }
    Ok(Found::Table { columns, rows })
}

fn row(event: &LogEvent) -> Map<String, Value> {
    let mut row = event.json().as_object().cloned().unwrap_or_default();
    row.insert("@timestamp".to_owned(), json!(event.timestamp));
    row.insert("@message".to_owned(), json!(event.message));
    row
}

fn filter(rows: Vec<Map<String, Value>>, conditions: &str, window: Window) -> Result<Vec<Map<String, Value>>, String> {
    conditions.split(" and ").try_fold(rows, |mut rows, condition| {
        let holds = read_condition(condition, window)?;
        rows.retain(|row| holds(row));
        Ok(rows)
    })
}

type Condition = Box<dyn Fn(&Map<String, Value>) -> bool>;

/// `field = "…"`, `field in ["…", …]`, `field like /…/`, or the age of the line.
fn read_condition(condition: &str, window: Window) -> Result<Condition, String> {
    let text =
        |row: &Map<String, Value>, name: &str| row.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    if let Some(age) = condition.strip_prefix("toMillis(@timestamp) >= now() * 1000 - ") {
        let oldest = window.until - age.parse::<i64>().map_err(|error| format!("{condition}: {error}"))?;
        return Ok(Box::new(move |row| row.get("@timestamp").and_then(Value::as_i64) >= Some(oldest)));
    }
    let (name, rest) = condition.split_once(' ').ok_or_else(|| format!("cannot draw {condition}"))?;
    let name = name.to_owned();
    if let Some(pattern) = rest.strip_prefix("like /").and_then(|rest| rest.strip_suffix('/')) {
        let pattern = Regex::new(pattern).map_err(|error| error.to_string())?;
        return Ok(Box::new(move |row| pattern.is_match(&text(row, &name))));
    }
    let values = rest.strip_prefix("in ").or_else(|| rest.strip_prefix("= "));
    let values =
        values.map(|values| values.trim_matches(['[', ']'])).ok_or_else(|| format!("cannot draw {condition}"))?;
    let values: Vec<String> = values.split(", ").map(|value| value.trim_matches('"').to_owned()).collect();
    Ok(Box::new(move |row| values.contains(&text(row, &name))))
}

/// `pct(field, 90) as name, … by bin(5m)`; the step of the window stands for that of the query.
fn stats(rows: &[Map<String, Value>], rest: &str, window: Window) -> Result<Vec<Series>, String> {
    let form = Regex::new(r"(pct|max|count)\(([\w*]+)(?:, (\d+))?\) as (\w+)").map_err(|error| error.to_string())?;
    let of = |field: &str| -> Vec<Sample> {
        let value = |row: &Map<String, Value>| if field == "*" { Some(1.0) } else { row.get(field)?.as_f64() };
        rows.iter().filter_map(|row| Some((row.get("@timestamp")?.as_i64()?, value(row)?))).collect()
    };
    let mut series = BTreeMap::new();
    for (place, found) in form.captures_iter(rest).enumerate() {
        let part = |number: usize| found.get(number).map_or("", |part| part.as_str());
        let stat = match part(1) {
            "pct" => format!("p{}", part(3)),
            "max" => "Maximum".to_owned(),
            _ => "Sum".to_owned(),
        };
        let points = window.steps(&of(part(2)), &stat);
        series.insert(place, Series { label: part(4).to_owned(), points, right: false });
    }
    if series.is_empty() || series.len() != rest.matches(" as ").count() {
        Err(format!("cannot draw stats {rest}"))
    } else {
        Ok(series.into_values().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(query: &str) -> Result<Vec<String>, String> {
        let line =
            |at: i64, text: &str| LogEvent { function: "LaunchGate".into(), timestamp: at, message: text.into() };
        let events = [
            line(1_000, r#"{"message": "waiting", "instance": "i-1", "level": "WARN"}"#),
            line(2_000, r#"{"message": "waiting", "instance": "i-2"}"#),
            line(3_000, r#"{"message": "waiting", "instance": "i-2", "reason": "Rate exceeded"}"#),
            line(9_000, r#"{"message": "waiting", "instance": "i-3"}"#),
        ];
        let name = |row: &Map<String, Value>| format!("{} {}", row["instance"].as_str().unwrap(), row["@timestamp"]);
        match ask(query, &events, Window { from: 0, until: 5_000, step: 1_000 })? {
            Found::Table { rows, .. } => Ok(rows.iter().map(name).collect()),
            Found::Chart(series) => {
                Ok(series.iter().map(|series| format!("{} {:?}", series.label, series.points)).collect())
            }
        }
    }

    #[test]
    fn what_a_query_asks_for_is_found() {
        let newest = "fields instance | filter message = \"waiting\" | sort @timestamp desc | dedup instance | limit 9";
        assert_eq!(rows(newest).unwrap(), ["i-2 3000", "i-1 1000"], "nothing of later than the moment");
        assert_eq!(rows("filter toMillis(@timestamp) >= now() * 1000 - 3000").unwrap(), ["i-2 2000", "i-2 3000"]);
        assert_eq!(rows("filter level in [\"WARN\", \"ERROR\"]").unwrap(), ["i-1 1000"]);
        assert_eq!(rows("filter @message like /(?i)throttl|rate exceeded/").unwrap(), ["i-2 3000"]);
        assert_eq!(rows("stats count(*) as all by bin(5m)").unwrap(), ["all [(1.0, 1.0), (2.0, 1.0), (3.0, 1.0)]"]);
    }

    #[test]
    fn what_is_not_understood_is_refused() {
        for query in
            ["parse x", "filter x != 1", "sort x asc", "stats avg(x) as mean", "stats count(*) as a, avg(x) as b"]
        {
            assert!(rows(query).unwrap_err().starts_with("cannot draw"), "{query}");
        }
    }
}
