//! Paging. A `NextToken` is the place in the list from which to read on.

use serde_json::{Value, json};

use super::super::Refused;
use super::bounds::ANY;
use super::members::Members;

/// The place that the caller's token names.
pub(super) fn place(members: &Members<'_>) -> Result<Option<usize>, Refused> {
    let Some(token) = members.text("NextToken", &ANY)?.filter(|token| !token.is_empty()) else {
        return Ok(None);
    };
    let place = token.strip_prefix("page-").and_then(|place| place.parse().ok());
    place.map(Some).ok_or_else(|| Refused::new("InvalidNextToken", "The specified token isn't valid."))
}

/// Adds the token to an answer that has more to say.
pub(super) fn with_next(mut answer: Value, next: Option<usize>) -> Value {
    if let (Some(next), Some(members)) = (next, answer.as_object_mut()) {
        members.insert("NextToken".to_owned(), json!(format!("page-{next}")));
    }
    answer
}

/// One page of a whole list, under `name`; what is not on it is not described.
pub(super) fn of<T>(
    name: &str,
    items: impl Iterator<Item = T>,
    describe: impl Fn(T) -> Value,
    members: &Members<'_>,
    most: i64,
) -> Result<Value, Refused> {
    let most = usize::try_from(most).unwrap_or(usize::MAX);
    let from = place(members)?.unwrap_or(0);
    let mut rest = items.skip(from);
    let page: Vec<Value> = rest.by_ref().take(most).map(describe).collect();
    let next = rest.next().is_some().then(|| from.saturating_add(page.len()));
    Ok(with_next(json!({name: page}), next))
}
