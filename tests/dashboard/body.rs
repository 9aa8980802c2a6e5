//! The body of the dashboard, as CloudFormation would fill it in.

use regex::{Captures, Regex};
use serde_json::Value;

use crate::stack::template::Template;

/// The body, with what `fill` gives for each name in `${…}`.
///
/// # Errors
/// When the template cannot be read, or its body is no JSON.
pub fn fill_body(fill: &dyn Fn(&str) -> String) -> Result<Value, String> {
    let text = Template::read()?.property("LaunchDashboard", "/DashboardBody/Fn::Sub/0");
    let text = text.as_str().ok_or("template.yaml has no LaunchDashboard")?;
    let holes = Regex::new(r"\$\{([^}]+)\}").map_err(|error| error.to_string())?;
    let filled = holes.replace_all(text, |found: &Captures<'_>| {
        let name = found.get(1).map_or("", |name| name.as_str());
        name.strip_prefix('!').map_or_else(|| fill(name), |literal| format!("${{{literal}}}"))
    });
    serde_json::from_str(&filled).map_err(|error| format!("the body of the dashboard: {error}: {filled}"))
}
