//! Draws the widgets at their places of the grid of 24 columns.

use serde_json::Value;

use super::alarms::{OLDEST_OPEN, draw_alarms, list_alarms};
use super::body::fill_body;
use super::chart::{Chart, Place, SIZE};
use super::metrics::{Metrics, list};
use super::query::{Found, ask};
use super::series::{Series, Window};
use super::table::draw_table;
use crate::picture::sheet::{Anchor, Drawn, Sheet, Type, cut, wrap};
use crate::picture::theme::LIGHT;
use crate::stack::LogEvent;
use crate::stack::template::Template;

/// All in pixels.
const WIDTH: i32 = 900;
const MARGIN: i32 = 6;
const HEAD: i32 = 54;
const COLUMN: i32 = 37;
const LINE: i32 = 31;
/// A line of a title.
const TITLE: i32 = 15;
/// Of one value to the next, in milliseconds. CloudWatch shows a minute or five; a run of the demo has few of these.
const STEP: i64 = 10_000;
const HOOK: &str = "launchgate";

/// Draws the dashboard of `template.yaml` with the log events of a run, as SVG.
///
/// # Errors
/// What cannot be read or drawn.
pub fn draw(events: &[LogEvent]) -> Result<String, String> {
    let template = Template::read()?;
    let body = fill_body(&fill)?;
    let times = || events.iter().map(|event| event.timestamp);
    let (Some(from), Some(until)) = (times().min(), times().max()) else {
        return Err("there is no log event".to_owned());
    };
    let window = Window { from, until, step: STEP };
    let widgets: Vec<&Value> = list(body.get("widgets")).collect();
    let lines = widgets.iter().map(|widget| number(widget, "y") + number(widget, "height")).max().unwrap_or_default();
    let mut svg = String::new();
    let sheet = Sheet::new(&mut svg, (WIDTH, HEAD + lines * LINE + MARGIN), LIGHT)?;
    let board = Board { sheet: &sheet, template: &template, metrics: Metrics::of(events), events, window };
    board.head()?;
    widgets.iter().try_for_each(|widget| board.widget(widget))?;
    sheet.finish()?;
    Ok(svg)
}

fn fill(name: &str) -> String {
    match name {
        "HookName" => HOOK.to_owned(),
        "OldestOpenSeconds" => OLDEST_OPEN.to_string(),
        "UngatedGroup" => String::new(),
        "AWS::StackName" => "launchgate".to_owned(),
        name => name.strip_suffix(".Arn").unwrap_or(name).to_owned(),
    }
}

struct Board<'a, 'b> {
    sheet: &'a Sheet<'b>,
    template: &'a Template,
    metrics: Metrics,
    events: &'a [LogEvent],
    window: Window,
}

impl Board<'_, '_> {
    fn head(&self) -> Drawn {
        let ink = Type { size: 16, bold: true, color: self.sheet.theme.ink };
        let muted = Type { size: 12, bold: false, color: self.sheet.theme.muted };
        self.sheet.text(
            "The dashboard of template.yaml, with the log lines of one demo run",
            (MARGIN + 4, 18),
            Anchor::Left,
            ink,
        )?;
        let said = "Drawn by Launchgate's own tests, in steps of 10 s. It is not a screenshot of CloudWatch.";
        self.sheet.text(said, (MARGIN + 4, 38), Anchor::Left, muted)
    }

    fn widget(&self, widget: &Value) -> Drawn {
        let [x, y, width, height] = ["x", "y", "width", "height"].map(|name| number(widget, name));
        let (left, top) = (MARGIN + x * COLUMN, HEAD + y * LINE);
        let (right, bottom) = (left + width * COLUMN - 4, top + height * LINE - 4);
        self.sheet.frame((left, top), (right, bottom), self.sheet.theme.grid)?;
        let properties = widget.get("properties").unwrap_or(&Value::Null);
        let place = Place { left: left + 8, top: top + 4, right: right - 8, bottom: bottom - 4 };
        let title = properties.get("title").and_then(Value::as_str).unwrap_or_default();
        match widget.get("type").and_then(Value::as_str).unwrap_or_default() {
            "text" => self.words(properties, place),
            "alarm" => {
                let (alarms, place) = (list_alarms(properties), self.title(title, place)?);
                draw_alarms(self.sheet, self.template, &alarms, &self.metrics, self.window, place)
            }
            "log" => self.log(title, properties, place),
            "metric" => {
                let place = self.title(title, place)?;
                self.chart(&self.metrics.series(properties, self.window)?, properties, place)
            }
            other => Err(format!("a widget of type {other} cannot be drawn")),
        }
    }

    /// In at most two lines; returns the place that is left.
    fn title(&self, title: &str, place: Place) -> Result<Place, String> {
        let how = Type { size: 12, bold: true, color: self.sheet.theme.ink };
        // Bold letters are wider.
        let lines = wrap(title, how.size, (place.right - place.left) * 10 / 11, 2);
        let mut top = place.top;
        for line in lines {
            self.sheet.text(&line, (place.left, top + TITLE / 2), Anchor::Left, how)?;
            top += TITLE;
        }
        Ok(Place { top: top + 4, ..place })
    }

    /// The heading, then the rest, without the marks of Markdown.
    fn words(&self, properties: &Value, place: Place) -> Drawn {
        let text = properties.get("markdown").and_then(Value::as_str).unwrap_or_default().replace('`', "");
        let width = place.right - place.left;
        let lines = text.lines().flat_map(|line| match line.strip_prefix("# ") {
            Some(heading) => vec![(heading.to_owned(), 14)],
            None => wrap(line, SIZE, width, 6).into_iter().map(|line| (line, SIZE)).collect(),
        });
        for ((line, size), y) in lines.zip((0..).map(|line| place.top + 10 + line * 16)) {
            let how = Type { size, bold: size > SIZE, color: self.sheet.theme.ink };
            self.sheet.text(&line, (place.left, y), Anchor::Left, how)?;
        }
        Ok(())
    }

    /// A table is of the moment at which it has the most rows, since at the end of a run nothing is held.
    fn log(&self, title: &str, properties: &Value, place: Place) -> Drawn {
        let query = properties.get("query").and_then(Value::as_str).unwrap_or_default();
        let (columns, rows) = match ask(query, self.events, self.window)? {
            Found::Chart(series) => {
                return self.chart(&series, properties, self.title(title, place)?);
            }
            Found::Table { columns, rows } => (columns, rows),
        };
        let mut fullest = (self.window.until, rows);
        for until in self.events.iter().map(|event| event.timestamp) {
            let Found::Table { rows, .. } = ask(query, self.events, Window { until, ..self.window })? else { continue };
            if rows.len() > fullest.1.len() {
                fullest = (until, rows);
            }
        }
        let after = Window { until: fullest.0, ..self.window }.seconds();
        let place = self.title(&format!("{title} (here: {after:.0} s after the first line)"), place)?;
        draw_table(self.sheet, &columns, &fullest.1, place)
    }

    fn chart(&self, series: &[Series], properties: &Value, place: Place) -> Drawn {
        if series.iter().all(|series| series.points.is_empty()) {
            let how = Type { size: SIZE, bold: false, color: self.sheet.theme.muted };
            let middle = (i32::midpoint(place.left, place.right), i32::midpoint(place.top, place.bottom));
            return self.sheet.text(
                &cut(&why_empty(properties), SIZE, place.right - place.left),
                middle,
                Anchor::Middle,
                how,
            );
        }
        let stacked = properties.get("stacked").and_then(Value::as_bool).unwrap_or_default();
        let line = properties.pointer("/annotations/horizontal/0");
        let threshold =
            line.and_then(|line| Some((line.get("label")?.as_str()?.to_owned(), line.get("value")?.as_f64()?)));
        Chart { sheet: self.sheet, series, window: self.window, stacked, threshold, place }.draw()
    }
}

fn why_empty(properties: &Value) -> String {
    let namespace = properties.pointer("/metrics/0/0").and_then(Value::as_str).unwrap_or_default();
    if namespace.starts_with("AWS/") {
        return format!("no data: the local stack has no such metrics of {namespace}");
    }
    "none in this run".to_owned()
}

fn number(widget: &Value, name: &str) -> i32 {
    widget.get(name).and_then(Value::as_i64).and_then(|number| i32::try_from(number).ok()).unwrap_or_default()
}
