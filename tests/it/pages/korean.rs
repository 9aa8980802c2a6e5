//! README.ko.md is the whole of README.md.

use super::{captures, prose, text};

const PAGES: [&str; 2] = ["README.md", "README.ko.md"];

/// The same part of both pages, which must be equal.
fn assert_same(what: &str, part: impl Fn(&str) -> Vec<String>) {
    let [english, korean] = PAGES.map(part);
    assert!(!english.is_empty(), "README.md has no {what}");
    let only = |one: &[String], other: &[String]| {
        let mut left = other.to_vec();
        let has = |item: &&String| left.iter().position(|same| same == *item).map(|at| left.swap_remove(at)).is_none();
        one.iter().filter(has).cloned().collect::<Vec<_>>()
    };
    let (missing, left_over) = (only(&english, &korean), only(&korean, &english));
    assert!(english == korean, "{what}: README.ko.md lacks {missing:#?}, and README.md lacks {left_over:#?}");
}

/// A match of the pattern for each, in any order: a translated sentence names things in another order.
fn sorted(text: &str, pattern: &str) -> Vec<String> {
    let mut found: Vec<_> = captures(text, pattern).into_iter().map(|[found]| found).collect();
    found.sort();
    found
}

#[test]
fn the_korean_readme_has_the_headings_of_the_english_one() {
    assert_same("headings, by level", |page| {
        captures(&prose(page.as_ref()), r"(?m)^(#+) ").into_iter().map(|[level]| level).collect()
    });
}

#[test]
fn the_korean_readme_has_the_commands_of_the_english_one() {
    // Comments are translated. A comment stands behind `# `.
    let without_comment = |line: &str| line.split("# ").next().unwrap_or_default().trim_end().to_owned();
    assert_same("blocks of code", |page| {
        let page = text(page);
        let blocks = page.split("```").skip(1).step_by(2);
        blocks.map(|block| block.lines().map(without_comment).collect::<Vec<_>>().join("\n")).collect()
    });
    assert_same("code in sentences", |page| sorted(&prose(page.as_ref()), "`([^`\n]+)`"));
}

#[test]
fn the_korean_readme_has_the_links_of_the_english_one() {
    assert_same("links", |page| {
        let mut links = sorted(&prose(page.as_ref()), r"\]\(([^)\s]+)\)");
        links.retain(|link| !PAGES.contains(&link.as_str()));
        links
    });
    for [page, other] in [PAGES, [PAGES[1], PAGES[0]]] {
        assert!(text(page).contains(&format!("]({other})")), "{page} does not lead to {other}");
    }
}

#[test]
fn the_korean_readme_has_every_row_and_item_of_the_english_one() {
    // And every paragraph: each is a line.
    assert_same("beginnings of lines", |page| {
        let prose = prose(page.as_ref());
        let lines = prose.lines().filter(|line| !line.is_empty());
        let kind = |line: &str| match line.chars().next() {
            Some(one @ ('|' | '-' | '#' | '<')) => one.to_string(),
            _ => "text".to_owned(),
        };
        lines.map(kind).collect()
    });
}

/// A paragraph that was left in English has hardly a Korean letter.
#[test]
fn the_korean_readme_is_korean() {
    let prose = prose(PAGES[1].as_ref());
    let is_korean = |letter: &char| ('가'..='힣').contains(letter);
    for paragraph in prose.lines().filter(|line| line.split_whitespace().count() > 12) {
        assert!(paragraph.chars().filter(is_korean).count() > 10, "{paragraph}");
    }
}
