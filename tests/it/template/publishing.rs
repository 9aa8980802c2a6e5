//! Checks the version and what `sam publish` would tell the Serverless Application Repository.

use launchgate_tests::stack::repository;

use super::{keys, named, template, text};

const APPLICATION: &str = "/Metadata/AWS::ServerlessRepo::Application";

/// The version of `Cargo.toml`, which every crate takes. The log lines and the user agent take it from there.
fn version() -> String {
    named(r#"(?m)^version = "([^"]+)"$"#, &text("Cargo.toml")).pop_first().unwrap()
}

#[test]
fn the_version_stands_once_and_template_and_changelog_have_it() {
    let version = version();
    assert_eq!(version, env!("CARGO_PKG_VERSION"));
    assert_eq!(template().at(&format!("{APPLICATION}/SemanticVersion")), version);
    let newest = text("CHANGELOG.md").lines().find(|line| line.starts_with("## ")).unwrap().to_owned();
    assert!(newest.starts_with(&format!("## {version}")), "CHANGELOG.md begins with {newest}");
    for manifest in ["functions/launch-gate", "functions/traffic-hook", "functions/validate-service", "shared/runtime"]
    {
        let manifest = text(&format!("{manifest}/Cargo.toml"));
        assert!(manifest.contains("\nversion.workspace = true\n"), "{manifest}");
    }
}

/// The limits are those of the repository (aws-facts 8.3).
#[test]
fn the_repository_would_take_what_the_template_tells_of_the_application() {
    let application = template().at(APPLICATION);
    let told = |name: &str| application[name].as_str().unwrap_or_else(|| panic!("no {name}")).to_owned();
    let is_name = |text: &str| !text.is_empty() && text.chars().all(|one| one.is_ascii_alphanumeric() || one == '-');
    assert!(is_name(&told("Name")) && told("Name").len() <= 140);
    assert!(is_name(&told("Author")) && told("Author").len() <= 127 && told("Author") == told("Author").to_lowercase());
    assert!(told("Description").len() <= 256, "{} of 256", told("Description").len());
    assert_eq!(told("SpdxLicenseId"), "Apache-2.0");
    for file in ["LicenseUrl", "ReadmeUrl"] {
        assert!(repository().join(told(file)).is_file(), "{file}");
    }
    let labels = application["Labels"].as_array().unwrap();
    assert!(labels.len() <= 10 && labels.iter().all(|label| is_name(label.as_str().unwrap())), "{labels:?}");
    // Intrinsic functions are not resolved there.
    assert!(!application.to_string().contains("Fn::") && keys(&application).contains("SemanticVersion"));
}
