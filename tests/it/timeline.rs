//! The pictures of a run: what is drawn, and which data is refused.

mod contract;
mod stories;

use std::fs;

use launchgate_tests::timeline::Timeline;
use serde_json::{Value, json};
use tempfile::TempDir;

/// Wider than the letters of the usual fonts are on average, in parts of the size.
const LETTER: f64 = 0.58;
const WIDTH: f64 = 900.0;
const STATES: [&str; 6] = ["booting", "run", "repairing", "waiting-for-codedeploy", "in-service", "ended"];
/// Of Okabe and Ito, in the order of the states.
const COLORS: [&str; 6] = ["#56B4E9", "#0072B2", "#CC79A7", "#E69F00", "#009E73", "#D55E00"];

fn row(instance: &str, end: &str) -> Value {
    let spans: Vec<Value> = (0..)
        .zip(STATES)
        .map(|(number, state)| json!({"from": number * 10, "to": number * 10 + 10, "state": state}))
        .collect();
    json!({"instance": instance, "group": "web", "spans": spans, "marks": [{"at": 3, "event": "registered"}], "end": end})
}

fn two_lanes() -> Value {
    let rows = |why: &str| {
        (1..4).map(|number| row(&format!("i-{number}"), &format!("{why} <{number}> & more"))).collect::<Vec<_>>()
    };
    let lanes = json!([{"name": "with the gate", "rows": rows("kept")}, {"name": "without", "rows": rows("lost")}]);
    json!({"title": "a run", "lanes": lanes})
}

fn read(json: &Value) -> Result<Timeline, String> {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("in.json");
    fs::write(&path, json.to_string()).unwrap();
    Timeline::read(&path).map_err(|error| error.to_string())
}

/// Both pictures.
fn draw(json: &Value) -> [String; 2] {
    let folder = TempDir::new().unwrap();
    let paths = read(json).unwrap().draw(&folder.path().join("out.svg")).unwrap();
    assert!(paths[1].ends_with("out-dark.svg"));
    paths.map(|path| fs::read_to_string(path).unwrap())
}

/// A text of a picture: where it begins, or its middle is; its size; what it says.
#[derive(Debug)]
struct Text {
    x: f64,
    size: f64,
    middle: bool,
    says: String,
}

impl Text {
    fn ends(&self) -> f64 {
        let width = f64::from(u32::try_from(self.says.chars().count()).unwrap()) * self.size * LETTER;
        if self.middle { self.x + width / 2.0 } else { self.x + width }
    }
}

fn texts(svg: &str) -> Vec<Text> {
    let document = roxmltree::Document::parse(svg).unwrap_or_else(|error| panic!("{error}: {svg}"));
    let text = |node: roxmltree::Node<'_, '_>| {
        let number = |name: &str| node.attribute(name).unwrap().parse().unwrap();
        assert_eq!(node.attribute("font-family"), Some("sans-serif"));
        let says = node.text().unwrap().trim().to_owned();
        Text {
            x: number("x"),
            size: number("font-size"),
            middle: node.attribute("text-anchor") == Some("middle"),
            says,
        }
    };
    document.descendants().filter(|node| node.has_tag_name("text")).map(text).collect()
}

fn says(svg: &str) -> Vec<String> {
    texts(svg).into_iter().map(|text| text.says).collect()
}

#[test]
fn both_pictures_have_a_row_for_each_instance_every_lane_reason_event_and_state() {
    for svg in draw(&two_lanes()) {
        let says = says(&svg);
        let count = |what: &str| says.iter().filter(|said| *said == what).count();
        assert_eq!(["i-1", "i-2", "i-3"].map(count), [1; 3], "an instance of both lanes has one row: {says:?}");
        for what in
            ["a run", "with the gate", "without", "kept <1> & more", "lost <3> & more", "registered", "in service"]
        {
            assert_eq!(count(what), 1, "{what}: {says:?}");
        }
        for color in COLORS {
            // A row in each of two lanes, three instances, and the legend.
            let drawn =
                svg.lines().filter(|line| line.contains("<rect") && line.contains(&format!("fill=\"{color}\"")));
            assert_eq!(drawn.count(), 7, "{color}");
        }
    }
}

#[test]
fn the_dark_picture_differs_in_the_page_and_the_ink_only() {
    let [light, dark] = draw(&two_lanes());
    let shape = |svg: &str| svg.matches('<').count();
    assert_eq!(shape(&light), shape(&dark));
    assert_eq!(says(&light), says(&dark));
    assert!(light.contains("fill=\"#FFFFFF\"") && !dark.contains("fill=\"#FFFFFF\""));
}

#[test]
fn long_names_and_reasons_end_within_their_lane_and_the_picture() {
    let long = "the agent was not able to receive the lifecycle event and nobody knows why it was ".repeat(4);
    let mut json = two_lanes();
    json["title"] = json!(long);
    for lane in 0..2 {
        json["lanes"][lane]["name"] = json!(long);
        json["lanes"][lane]["rows"][0]["end"] = json!(long);
        json["lanes"][lane]["rows"][0]["instance"] = json!(long);
    }
    json["lanes"][0]["rows"][0]["marks"] =
        (0..9).map(|at| json!({"at": at, "event": format!("{at} {long}")})).collect();
    for svg in draw(&json) {
        let texts = texts(&svg);
        for text in &texts {
            assert!(text.ends() <= WIDTH, "{text:?}");
            assert!(text.x >= 0.0 && text.size >= 11.0, "{text:?}");
        }
        assert!(texts.iter().filter(|text| text.says.ends_with('…')).count() >= 6, "{texts:?}");
        let lanes: Vec<f64> = texts.iter().filter(|text| (text.size - 13.0).abs() < 0.1).map(|text| text.x).collect();
        let [first, second] = lanes[..] else { panic!("{lanes:?}") };
        for text in texts.iter().filter(|text| (first..second).contains(&text.x)) {
            assert!(text.ends() < second, "{text:?}");
        }
    }
}

#[test]
fn what_lasts_much_longer_than_the_other_lane_is_cut_and_says_when_it_ends() {
    let mut json = two_lanes();
    let spans = json!([{"from": 0, "to": 3602, "state": "booting"}, {"from": 3602, "to": 3700, "state": "ended"}]);
    json["lanes"][1]["rows"][2]["spans"] = spans;
    for svg in draw(&json) {
        assert!(says(&svg).contains(&"at 3602 s: lost <3> & more".to_owned()), "{:?}", says(&svg));
        assert!(says(&svg).contains(&"60".to_owned()), "the axis is that of the first lane");
    }
}

#[test]
fn what_one_lane_alone_has_is_a_row_too() {
    let mut json = two_lanes();
    json["lanes"][1]["rows"].as_array_mut().unwrap().push(row("i-4", "alone"));
    json["lanes"][0]["rows"].as_array_mut().unwrap().push(row("i-1", "again"));
    let says = says(&draw(&json)[0]);
    let count = |what: &str| says.iter().filter(|said| *said == what).count();
    assert_eq!((count("i-4"), count("i-1"), count("alone"), count("again")), (1, 2, 1, 1), "{says:?}");
}
