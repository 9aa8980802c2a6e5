//! The bounds of strings in the service models.

use std::ops::RangeInclusive;
use std::sync::LazyLock;

use regex::Regex;

/// The bounds of a string: its length, and what all of it must match.
pub(super) struct Text {
    pub(super) chars: RangeInclusive<usize>,
    pub(super) pattern: Option<&'static LazyLock<Regex>>,
}

impl Text {
    pub(super) const fn chars(least: usize, most: usize) -> Self {
        Self { chars: least..=most, pattern: None }
    }

    pub(super) const fn matching(least: usize, most: usize, pattern: &'static LazyLock<Regex>) -> Self {
        Self { chars: least..=most, pattern: Some(pattern) }
    }
}

macro_rules! pattern {
    ($name:ident, $pattern:literal) => {
        static $name: LazyLock<Regex> = LazyLock::new(|| whole($pattern));
    };
}

pattern!(HOOK_PATTERN, r"[A-Za-z0-9\-_/]+");
pattern!(METADATA_PATTERN, r"[\t\n\r -~]+");
pattern!(DOCUMENT_PATTERN, r"[a-zA-Z0-9_\-.:/]{3,128}");
pattern!(NEW_DOCUMENT_PATTERN, r"[a-zA-Z0-9_\-.]{3,128}");
pattern!(VERSION_PATTERN, r"[$]LATEST|[$]DEFAULT|[1-9][0-9]*");
pattern!(INSTANCE_PATTERN, r"i-(\w{8}|\w{17})|mi-\w{17}");
pattern!(CONCURRENCY_PATTERN, r"[1-9][0-9]*|[1-9][0-9]%|[1-9]%|100%");
pattern!(ERRORS_PATTERN, r"[1-9][0-9]*|0|[1-9][0-9]%|[0-9]%|100%");

/// A pattern that is wrong in the source matches nothing, and every test that names it fails.
fn whole(pattern: &str) -> Regex {
    let never = || Regex::new("[^\\s\\S]");
    match Regex::new(&format!("^(?:{pattern})$")).or_else(|_| never()) {
        Ok(regex) => regex,
        Err(e) => unreachable!("{e}"),
    }
}

/// [BOTO autoscaling:XmlStringMaxLen255]
pub(super) static NAME: Text = Text::chars(1, 255);
/// [BOTO autoscaling:ResourceName]
pub(super) static RESOURCE_NAME: Text = Text::chars(1, 1600);
/// [BOTO autoscaling:AsciiStringMaxLen255]
pub(super) static HOOK_NAME: Text = Text::matching(1, 255, &HOOK_PATTERN);
/// [BOTO autoscaling:AnyPrintableAsciiStringMaxLen4000]
pub(super) static METADATA: Text = Text::matching(1, 4000, &METADATA_PATTERN);
/// [BOTO autoscaling:LifecycleActionToken]
pub(super) static TOKEN: Text = Text::chars(36, 36);
/// [BOTO autoscaling:XmlStringMaxLen19]
pub(super) static SCALING_INSTANCE: Text = Text::chars(1, 19);
/// [BOTO ssm:InstanceId]
pub(super) static INSTANCE: Text = Text::matching(1, 32, &INSTANCE_PATTERN);
/// [BOTO ssm:DocumentARN]
pub(super) static DOCUMENT: Text = Text::matching(3, 128, &DOCUMENT_PATTERN);
/// [BOTO ssm:DocumentName]
pub(super) static NEW_DOCUMENT: Text = Text::matching(3, 128, &NEW_DOCUMENT_PATTERN);
/// [BOTO ssm:DocumentVersion]
pub(super) static VERSION: Text = Text::matching(1, 32, &VERSION_PATTERN);
/// [BOTO ssm:CommandId]
pub(super) static COMMAND: Text = Text::chars(36, 36);
/// [BOTO ssm:Comment]
pub(super) static COMMENT: Text = Text::chars(0, 100);
/// [BOTO ssm:MaxConcurrency]
pub(super) static CONCURRENCY: Text = Text::matching(1, 7, &CONCURRENCY_PATTERN);
/// [BOTO ssm:MaxErrors]
pub(super) static ERRORS: Text = Text::matching(1, 7, &ERRORS_PATTERN);
/// A string without bounds.
pub(super) static ANY: Text = Text::chars(0, usize::MAX);
