//! Every citation of an AWS fact names a section of docs/aws-facts.md.

use std::collections::BTreeSet;
use std::fs;
use std::process::Command;

use launchgate_tests::stack::repository;
use regex::Regex;

/// The numbers of the sections. Each heading has its number as an anchor, so that `docs/aws-facts.md#2.4` is a link.
fn sections() -> BTreeSet<String> {
    let text = fs::read_to_string(repository().join("docs/aws-facts.md")).unwrap();
    let anchor = Regex::new(r#"(?m)^<a id="([0-9.]+)"></a>\n\n(?:## ([0-9]+)\.|### ([0-9.]+)) "#).unwrap();
    let found = anchor.captures_iter(&text).map(|found| {
        let heading = found.get(2).or(found.get(3)).unwrap().as_str();
        assert_eq!(&found[1], heading, "an anchor that is not its heading's number");
        heading.to_owned()
    });
    let found: Vec<String> = found.collect();
    let headings = Regex::new(r"(?m)^##+ [0-9]").unwrap().find_iter(&text).count();
    assert_eq!(found.len(), headings, "a numbered heading without an anchor");
    let set: BTreeSet<String> = found.iter().cloned().collect();
    assert_eq!(set.len(), found.len(), "a number that stands twice");
    set
}

#[test]
fn every_cited_fact_is_a_section_of_the_facts() {
    let sections = sections();
    let citation = Regex::new(r"\baws-facts(\.md)?(?:[ #]([0-9]+(?:\.[0-9]+)?(?:, [0-9]+(?:\.[0-9]+)?)*))?").unwrap();
    let mut cited = 0;
    for path in tracked(&["*.rs", "*.sh", "*.py", "*.pl", "*.yaml", "*.toml", "*.md"]) {
        let text = fs::read_to_string(repository().join(&path)).unwrap();
        for found in citation.captures_iter(&text) {
            let numbers = found.get(2).map(|numbers| numbers.as_str());
            let page = std::path::Path::new(&path).extension().is_some_and(|extension| extension == "md");
            let prose = page || path.contains("/it/tidy") || found.get(1).is_some();
            assert!(numbers.is_some() || prose, "{path}: {:?} names no section", &found[0]);
            for number in numbers.into_iter().flat_map(|numbers| numbers.split(", ")) {
                assert!(sections.contains(number), "{path}: aws-facts {number} is no section");
                cited += 1;
            }
        }
    }
    assert!(cited > 150, "{cited}");
}

#[test]
fn no_file_cites_a_source_that_is_not_in_the_repository() {
    let pattern = Regex::new(r"AWS-FACTS|DESIGN [0-9]|DESIGN\.md").unwrap();
    let files = tracked(&["*.rs", "*.sh", "*.py", "*.pl", "*.yaml", "*.toml", "*.md"]).into_iter();
    let found = files
        .filter(|path| !path.contains("/it/tidy/citations.rs"))
        .filter(|path| pattern.is_match(&fs::read_to_string(repository().join(path)).unwrap()));
    assert_eq!(found.collect::<Vec<_>>(), Vec::<String>::new());
}

fn tracked(patterns: &[&str]) -> Vec<String> {
    let git = Command::new("git").args(["ls-files", "--"]).args(patterns).current_dir(repository()).output().unwrap();
    String::from_utf8(git.stdout).unwrap().lines().map(str::to_owned).collect()
}
