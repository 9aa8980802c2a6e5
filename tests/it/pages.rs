//! The pages, held beside the code that they tell of.

mod korean;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use launch_gate::telemetry::names::FINDINGS;
use launchgate_tests::stack::repository;
use launchgate_tests::stack::template::Template;
use regex::Regex;

const REASONS: &str = "docs/reasons.md";
const SECURITY: &str = "docs/security.md";

fn text(path: impl AsRef<Path>) -> String {
    let path = repository().join(path);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// What the groups of a pattern hold, match by match.
fn captures<const GROUPS: usize>(text: &str, pattern: &str) -> Vec<[String; GROUPS]> {
    let found = Regex::new(pattern).unwrap();
    found.captures_iter(text).map(|found| found.extract().1.map(str::to_owned)).collect()
}

fn named(text: &str, pattern: &str) -> BTreeSet<String> {
    captures(text, pattern).into_iter().map(|[name]| name).collect()
}

// --- README ------------------------------------------------------------------------------------------------------------

#[test]
fn the_readme_is_read_in_ten_minutes() {
    let bytes = text("README.md").len();
    assert!(bytes <= 12_000, "README.md has {bytes} bytes of 12,000: move what not every reader needs to docs/");
}

#[test]
fn the_readme_explains_every_policy_key() {
    let readme = text("README.md");
    for (path, prefix) in [
        ("shared/lifecycle/src/policy.rs", ""),
        ("shared/lifecycle/src/policy/checks.rs", "checks."),
        ("shared/lifecycle/src/policy/breaker.rs", "breaker."),
    ] {
        let keys = named(&text(path), r#"(?m)^ +"([a-z_]+)" => "#);
        assert!(keys.len() >= 3, "{path}: {keys:?}");
        for key in keys.iter().filter(|key| !["checks", "breaker"].contains(&key.as_str())) {
            let row = Regex::new(&format!(r"(?m)^\|[^|]*`{}`", regex::escape(&format!("{prefix}{key}")))).unwrap();
            assert!(row.is_match(&readme), "README.md has no row for {prefix}{key}");
        }
    }
}

// --- reasons and alarms ------------------------------------------------------------------------------------------------

/// The findings of both documents, each with the classes that they give it; a class that the script chooses is left out.
fn findings() -> BTreeMap<String, BTreeSet<String>> {
    let scripts = text("documents/readiness.yaml") + &text("documents/install-agent.yaml");
    let mut findings = BTreeMap::<String, BTreeSet<String>>::new();
    for [code, class] in captures(&scripts, r#"\b(?:finding|agent_is) [^ ]+ ([a-z]+-[a-z-]+) ("?\$?[a-z]+)"#) {
        let classes = findings.entry(code).or_default();
        classes.extend(Some(class).filter(|class| !class.contains('$')));
    }
    findings
}

#[test]
fn every_reason_of_the_code_is_explained_and_no_other() {
    // The code of a lost run may stand beside the decision or beside the run.
    let files = ["decision.rs", "run.rs"].map(|file| repository().join("shared/lifecycle/src").join(file));
    let reasons = files.iter().filter(|file| file.exists()).map(text).collect::<String>();
    let mut codes = named(&reasons, r#"=> "([a-z]+(?:-[a-z]+)+|ready|repairing)","#);
    assert!(codes.len() > 15, "{codes:?}");
    codes.extend(findings().into_keys());
    let explained = named(&text(REASONS), r"(?m)^\| `([a-z-]+)` \|");
    let missing: Vec<_> = codes.difference(&explained).collect();
    let left_over: Vec<_> = explained.difference(&codes).collect();
    assert!(missing.is_empty() && left_over.is_empty(), "{REASONS} lacks {missing:?}, and no code has {left_over:?}");
}

/// A code that is missing there is no dimension of the metrics (docs/security.md).
#[test]
fn the_gate_knows_every_finding_of_the_documents_and_no_other() {
    let known: BTreeSet<String> = FINDINGS.iter().map(|code| (*code).to_owned()).collect();
    assert_eq!(known, findings().into_keys().collect());
}

#[test]
fn every_finding_is_explained_with_its_class() {
    let rows = captures(&text(REASONS), r"(?m)^\| `([a-z-]+)` \| ([a-z0-9, ]+) \|");
    let rows: BTreeMap<String, String> = rows.into_iter().map(|[code, class]| (code, class)).collect();
    for (code, classes) in findings() {
        let row = rows.get(&code).unwrap_or_else(|| panic!("{REASONS} gives no class for {code}"));
        let told = named(row, r"\b(transient|repairable|fatal)\b");
        // Where the script chooses the class, the page tells all that it chooses from.
        let chosen = classes.is_empty() && told.len() > 1;
        assert!(chosen || told == classes, "{REASONS} says that {code} is {row}; the documents say {classes:?}");
    }
}

#[test]
fn every_alarm_of_the_template_is_explained() {
    let operations = text("docs/operations.md");
    let alarms = Template::read().unwrap().resources("AWS::CloudWatch::Alarm");
    assert!(!alarms.is_empty());
    for alarm in alarms {
        assert!(operations.contains(&format!("| `{alarm}` |")), "docs/operations.md has no row for {alarm}");
    }
}

#[test]
fn every_alarm_says_what_to_do_first_and_names_a_section_that_exists() {
    let operations = text("docs/operations.md");
    let sections = operations.split("\n## ").find(|part| part.starts_with("Alarms")).unwrap();
    let template = Template::read().unwrap();
    for alarm in template.resources("AWS::CloudWatch::Alarm") {
        let description = template.property(&alarm, "/AlarmDescription").as_str().unwrap().to_owned();
        assert!(description.len() <= 1024, "CloudWatch takes no longer description of {alarm}");
        let told = captures::<1>(&description, r#"^.+\. First: .{10,} See docs/operations\.md, section "([^"]+)"\.$"#);
        let [[section]] = told.as_slice() else { panic!("{alarm}: {description}") };
        assert!(sections.contains(&format!("\n### {section}\n\n1. ")), "{alarm} names the section {section}");
        let row = captures::<1>(sections, &format!(r"(?m)^\| `{alarm}` .*\[(.+)\]\(#"));
        assert_eq!(row[0][0].to_lowercase(), section.to_lowercase(), "the table says something else of {alarm}");
    }
}

// --- links and names ---------------------------------------------------------------------------------------------------

/// The pages that git knows or would know, from the root of the repository.
fn pages() -> Vec<PathBuf> {
    let listed = ["ls-files", "--cached", "--others", "--exclude-standard", "*.md"];
    let git = Command::new("git").args(listed).current_dir(repository()).output().unwrap();
    let pages = String::from_utf8(git.stdout).unwrap().lines().map(PathBuf::from).collect::<Vec<_>>();
    assert!(pages.len() > 8, "{pages:?}");
    pages
}

/// A page without its blocks of code, in which nothing is a link or a heading.
fn prose(page: &Path) -> String {
    let mut inside = false;
    let mut outside = |line: &&str| {
        let fence = line.trim_start().starts_with("```");
        inside ^= fence;
        !inside && !fence
    };
    text(page).lines().filter(|line| outside(line)).collect::<Vec<_>>().join("\n")
}

/// What a link may name behind `#`: the headings as GitHub spells them, and every `<a id>`.
fn anchors(page: &Path) -> BTreeSet<String> {
    let prose = prose(page);
    let mut anchors = named(&prose, r#"<a id="([^"]+)">"#);
    for [heading] in captures(&prose, r"(?m)^#{1,6} +(.+?) *$") {
        let kept = |letter: &char| letter.is_alphanumeric() || matches!(letter, ' ' | '-' | '_');
        let slug = heading.to_lowercase().chars().filter(kept).collect::<String>().replace(' ', "-");
        // GitHub numbers the headings that are spelt alike.
        let again = (1..100).map(|time| format!("{slug}-{time}"));
        let free = std::iter::once(slug.clone()).chain(again).find(|name| !anchors.contains(name));
        anchors.extend(free);
    }
    anchors
}

/// Why a link of a page leads nowhere, if it does.
fn dead(page: &Path, link: &str) -> Option<String> {
    let (path, anchor) = link.split_once('#').map_or((link, None), |(path, anchor)| (path, Some(anchor)));
    let target = if path.is_empty() { page.to_owned() } else { page.parent().unwrap().join(path) };
    if !repository().join(&target).exists() {
        return Some(format!("{}: {link} names no file", page.display()));
    }
    let named = anchor.is_none_or(|anchor| anchors(&target).contains(anchor));
    (!named).then(|| format!("{}: {link} names no heading", page.display()))
}

#[test]
fn every_link_of_a_page_resolves() {
    let mut dead_links = Vec::new();
    for page in pages() {
        let links = named(&prose(&page), r"\]\(([^)\s]+)\)");
        let own = links.iter().filter(|link| !link.contains("://") && !link.starts_with("mailto:"));
        dead_links.extend(own.filter_map(|link| dead(&page, link)));
    }
    assert!(dead_links.is_empty(), "{dead_links:#?}");
}

/// The Rust files and scripts of the repository, in one text.
fn code() -> String {
    let git = Command::new("git").args(["ls-files", "*.rs", "*.py"]).current_dir(repository()).output().unwrap();
    let files = String::from_utf8(git.stdout).unwrap();
    files.lines().filter(|file| repository().join(file).exists()).map(text).collect()
}

#[test]
fn every_test_that_the_architecture_and_the_page_on_security_name_exists() {
    let architecture = text("ARCHITECTURE.md");
    let invariants = architecture.split("\n## ").find(|section| section.starts_with("Invariants")).unwrap();
    let code = code();
    for (page, text) in [("ARCHITECTURE.md", invariants), (SECURITY, &text(SECURITY))] {
        let named = named(text, r"`([a-z0-9]+(?:_[a-z0-9]+){2,})`");
        assert!(named.len() > 8, "{page}: {named:?}");
        let missing: Vec<_> = named.iter().filter(|name| !code.contains(&format!("fn {name}("))).collect();
        assert!(missing.is_empty(), "{page} names tests that are not there: {missing:#?}");
    }
}

/// A permission is named by the Sid of its statement, or by the resource of the template that grants it.
#[test]
fn every_permission_that_the_page_on_security_names_is_in_the_template() {
    let named = named(&text(SECURITY), r"`([A-Z][a-z]+(?:[A-Z][A-Za-z]+)+)`");
    assert!(named.len() > 4, "{named:?}");
    let (template, calls) = (text("template.yaml"), text("docs/permissions.md"));
    let granted =
        |name: &str| template.contains(&format!("Sid: {name}\n")) || template.contains(&format!("\n  {name}:\n"));
    let missing: Vec<_> = named.iter().filter(|name| !granted(name) && !calls.contains(&format!(":{name}`"))).collect();
    assert!(missing.is_empty(), "{SECURITY} names what template.yaml has not: {missing:?}");
}

/// Paths of this repository that a page names in code style; one with a gap in it (`…`, `*`) is left out.
#[test]
fn every_path_that_a_page_names_exists() {
    let roots = r"`((?:docs|documents|events|examples|functions|shared|tests)/[A-Za-z0-9_./-]+)`";
    let mut missing = Vec::new();
    for page in pages() {
        let absent = named(&prose(&page), roots).into_iter().filter(|path| !repository().join(path).exists());
        missing.extend(absent.map(|path| format!("{}: {path}", page.display())));
    }
    assert!(missing.is_empty(), "{missing:#?}");
}
