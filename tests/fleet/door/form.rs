//! Decodes awsQuery's form into a tree: `Hooks.member.1.Name=a` becomes `{"Hooks": [{"Name": "a"}]}`.

use serde_json::{Map, Value};

/// No request of AWS nests deeper; a hostile one must not exhaust the stack.
const DEEPEST: usize = 16;

/// Reads a form; `None` if it nests too deep.
pub(super) fn read(body: &[u8]) -> Option<Value> {
    let mut tree = Map::new();
    for (key, value) in form_urlencoded::parse(body) {
        let path: Vec<&str> = key.split('.').collect();
        if path.len() > DEEPEST {
            return None;
        }
        insert(&mut tree, &path, &value);
    }
    Some(lists(tree))
}

fn insert(tree: &mut Map<String, Value>, path: &[&str], value: &str) {
    let Some((first, rest)) = path.split_first() else {
        return;
    };
    if rest.is_empty() {
        tree.insert((*first).to_owned(), Value::String(value.to_owned()));
        return;
    }
    let below = tree.entry(*first).or_insert_with(|| Value::Object(Map::new()));
    if !below.is_object() {
        *below = Value::Object(Map::new());
    }
    if let Some(below) = below.as_object_mut() {
        insert(below, rest, value);
    }
}

/// What has the one key `member` is a list, in the order of its numbers.
fn lists(mut tree: Map<String, Value>) -> Value {
    if let (1, Some(Value::Object(members))) = (tree.len(), tree.get_mut("member")) {
        let mut numbered: Vec<(u32, Value)> = std::mem::take(members)
            .into_iter()
            .filter_map(|(number, value)| Some((number.parse().ok()?, value)))
            .collect();
        numbered.sort_by_key(|(number, _)| *number);
        return Value::Array(numbered.into_iter().map(|(_, value)| list(value)).collect());
    }
    Value::Object(tree.into_iter().map(|(key, value)| (key, list(value))).collect())
}

fn list(value: Value) -> Value {
    if let Value::Object(tree) = value { lists(tree) } else { value }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn lists_and_structures_are_read_in_order() {
        let read = read(b"Action=X&L.member.2=b&L.member.1=a&S.member.1.Name=n%20m&S.member.1.T.U=3&E=").unwrap();
        assert_eq!(read, json!({"Action": "X", "L": ["a", "b"], "S": [{"Name": "n m", "T": {"U": "3"}}], "E": ""}));
    }

    #[test]
    fn a_hostile_depth_is_refused() {
        assert_eq!(read("a.".repeat(100_000).as_bytes()), None);
    }
}
