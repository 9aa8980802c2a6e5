//! Data that is no timeline is refused with the file and the key; the program says so.

use std::fs;
use std::process::Command;

use serde_json::{Value, json};
use tempfile::TempDir;

use super::{read, two_lanes};

#[test]
fn what_is_wrong_is_told_with_the_file_and_the_key() {
    let span = |from: u32, to: u32, state: &str| json!({"from": from, "to": to, "state": state});
    for (place, wrong, key, cause) in [
        ("/lanes/0/rows/2/spans/1/state", json!("asleep"), "lanes[0].rows[2].spans[1].state", "asleep"),
        ("/lanes/0/rows/0/spans/0/from", json!("soon"), "lanes[0].rows[0].spans[0].from", "soon"),
        (
            "/lanes/1/rows/0/marks/0",
            json!({"at": 1, "event": "x", "color": "red"}),
            "lanes[1].rows[0].marks[0]",
            "`color`",
        ),
        ("/lanes/1/rows/0/marks/0", json!({"at": 1}), "lanes[1].rows[0].marks[0]", "`event`"),
        ("/lanes/1/rows/0/marks/0/at", json!(-1), "lanes[1].rows[0].marks[0].at", "before the beginning"),
        ("/lanes/1/rows/0/spans/0", span(9, 3, "run"), "lanes[1].rows[0].spans[0]", "9 to 3"),
        ("/lanes/1/rows/0/spans/1", span(5, 20, "run"), "lanes[1].rows[0].spans[1]", "ends"),
        ("/lanes", json!([]), "lanes", "at least one"),
    ] {
        let mut json = two_lanes();
        *json.pointer_mut(place).unwrap() = wrong;
        let error = read(&json).unwrap_err();
        assert!(error.contains("in.json: ") && error.contains(key) && error.contains(cause), "{error}");
    }
}

#[test]
fn what_is_written_is_read_again() {
    let mut json = two_lanes();
    json["lanes"][0]["rows"][0]["story"] = Value::from("boots in 12 s");
    let timeline = read(&json).unwrap();
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("again.json");
    timeline.write(&path).unwrap();
    let again = serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
    assert_eq!(read(&again).unwrap(), timeline);
}

#[test]
fn the_program_writes_two_pictures_or_says_what_is_wrong() {
    let folder = TempDir::new().unwrap();
    let path = |name: &str| folder.path().join(name);
    let run = |from: &str| {
        let mut program = Command::new(env!("CARGO_BIN_EXE_timeline"));
        program.arg(path(from)).arg(path("out.svg")).output().unwrap()
    };
    fs::write(path("good.json"), two_lanes().to_string()).unwrap();
    assert!(run("good.json").status.success());
    assert!(path("out.svg").exists() && path("out-dark.svg").exists());
    fs::write(path("bad.json"), "{\"title\": 7}").unwrap();
    for (from, told) in [("bad.json", "bad.json: title: "), ("none.json", "none.json: ")] {
        let output = run(from);
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(!output.status.success() && said.contains(told), "{said}");
    }
}
