//! Where in an answer something stands: JSON pointers (RFC 6901) and a little more.
//!
//! Pure. A pointer that leads nowhere finds nothing; it is never an error.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

/// What a pointer may look at.
#[derive(Clone, Copy)]
pub(super) struct Scope<'a> {
    /// The item itself.
    pub item: &'a Value,
    /// What each `*` of `items` matched, outermost first, without the item.
    pub around: &'a [&'a Value],
    /// The key of the item, where it is a value of an object.
    pub key: Option<&'a str>,
    /// The whole body.
    pub root: &'a Value,
    /// The answer's headers, by name in small letters.
    pub headers: &'a BTreeMap<String, String>,
}

impl<'a> Scope<'a> {
    /// A whole body looked at by itself: it is the item and the root, and nothing encloses it.
    pub fn whole(body: &'a Value, headers: &'a BTreeMap<String, String>) -> Self {
        Self {
            item: body,
            around: &[],
            key: None,
            root: body,
            headers,
        }
    }
}

/// An item with what encloses it.
pub(super) struct Found<'a> {
    pub item: &'a Value,
    pub around: Vec<&'a Value>,
    pub key: Option<&'a str>,
}

/// A place in an answer.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub(super) struct Pointer {
    text: String,
    from: From,
    steps: Vec<Step>,
}

/// Where a pointer starts.
#[derive(Clone, Debug, PartialEq, Eq)]
enum From {
    Item,
    /// So many stars up, from 1.
    Around(usize),
    Root,
    Header(String),
    Key,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Step {
    Name(String),
    Every,
    Pick { key: String, value: String },
}

/// A text that is no pointer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is no pointer; write \"/a/b\", \"\" for the item itself, \"^/a\", \"$/a\", \"#header\" or \"@key\""
)]
pub(super) struct PointerError(String);

impl TryFrom<String> for Pointer {
    type Error = PointerError;

    fn try_from(text: String) -> Result<Self, PointerError> {
        let wrong = || PointerError(text.clone());
        let up = text.len() - text.trim_start_matches('^').len();
        let (from, path) = if let Some(name) = text.strip_prefix('#') {
            (From::Header(name.to_ascii_lowercase()), "")
        } else if let Some(path) = text.strip_prefix('$') {
            (From::Root, path)
        } else if text == "@key" {
            (From::Key, "")
        } else if up > 0 {
            (From::Around(up), text.trim_start_matches('^'))
        } else {
            (From::Item, text.as_str())
        };
        if from == From::Header(String::new()) {
            return Err(wrong());
        }
        let steps = steps(path).ok_or_else(wrong)?;
        Ok(Self { text, from, steps })
    }
}

fn steps(path: &str) -> Option<Vec<Step>> {
    if path.is_empty() {
        return Some(Vec::new());
    }
    let mut steps = Vec::new();
    for part in path.strip_prefix('/')?.split('/') {
        if part == "*" {
            steps.push(Step::Every);
            continue;
        }
        match part.strip_suffix(']').and_then(|p| p.split_once('[')) {
            Some((name, pick)) => {
                let (key, value) = pick.split_once('=')?;
                if !name.is_empty() {
                    steps.push(Step::Name(unescaped(name)));
                }
                let (key, value) = (unescaped(key), unescaped(value));
                steps.push(Step::Pick { key, value });
            }
            None => steps.push(Step::Name(unescaped(part))),
        }
    }
    Some(steps)
}

/// RFC 6901, section 4.
fn unescaped(part: &str) -> String {
    part.replace("~1", "/").replace("~0", "~")
}

impl Pointer {
    /// As it was written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether it may find more than one value.
    pub fn is_plural(&self) -> bool {
        self.steps.contains(&Step::Every)
    }

    /// The last name in it, for asking what a field is called.
    pub fn last_name(&self) -> Option<&str> {
        match &self.from {
            From::Header(name) => Some(name),
            _ => self.steps.iter().rev().find_map(|step| match step {
                Step::Name(name) => Some(name.as_str()),
                _ => None,
            }),
        }
    }

    /// What stands there. With a `*` always a list; `null` and what is missing are
    /// nothing.
    pub fn find(&self, scope: &Scope<'_>) -> Option<Value> {
        let start = match &self.from {
            From::Item => scope.item,
            From::Root => scope.root,
            From::Around(up) => {
                let at = scope.around.len().checked_sub(*up)?;
                scope.around.get(at)?
            }
            From::Header(name) => return scope.headers.get(name).cloned().map(Value::String),
            From::Key => return scope.key.map(|key| Value::String(key.to_owned())),
        };
        let found = self.walk(start);
        if self.is_plural() {
            let found = found.into_iter().map(|f| f.item.clone());
            return Some(Value::Array(found.filter(|v| !v.is_null()).collect()));
        }
        let one = found.first()?.item;
        (!one.is_null()).then(|| one.clone())
    }

    /// The items that a body holds there. An array gives its elements; anything else is
    /// one item; `null` and what is missing give none. `None` if the place itself is
    /// missing.
    pub fn items<'a>(&self, body: &'a Value) -> Option<Vec<Found<'a>>> {
        let places = self.walk(body);
        if places.is_empty() && !self.is_plural() {
            return None;
        }
        let mut items = Vec::new();
        for place in places {
            match place.item {
                Value::Null => {}
                Value::Array(elements) => items.extend(elements.iter().map(|item| Found {
                    item,
                    around: place.around.clone(),
                    key: None,
                })),
                _ => items.push(place),
            }
        }
        Some(items)
    }

    fn walk<'a>(&self, start: &'a Value) -> Vec<Found<'a>> {
        let mut places = vec![Found {
            item: start,
            around: Vec::new(),
            key: None,
        }];
        let mut starred = false;
        for step in &self.steps {
            let mut next = Vec::new();
            for place in places {
                step.from(place, starred, &mut next);
            }
            places = next;
            starred = *step == Step::Every;
        }
        places
    }
}

impl Step {
    /// `starred`: the step before was a `*`, so where this one starts encloses the rest.
    fn from<'a>(&self, place: Found<'a>, starred: bool, into: &mut Vec<Found<'a>>) {
        let mut around = place.around;
        if starred {
            around.push(place.item);
        }
        match self {
            Self::Name(name) => {
                let found = match place.item {
                    Value::Array(list) => name.parse().ok().and_then(|at: usize| list.get(at)),
                    other => other.get(name),
                };
                into.extend(found.map(|item| Found {
                    item,
                    around,
                    key: None,
                }));
            }
            Self::Every => into.extend(every(place.item).map(|(key, item)| Found {
                item,
                around: around.clone(),
                key,
            })),
            Self::Pick { key, value } => {
                let is = |item: &Value| item.get(key).is_some_and(|found| says(found, value));
                let picked = place.item.as_array().into_iter().flatten();
                into.extend(picked.filter(|item| is(item)).map(|item| Found {
                    item,
                    around: around.clone(),
                    key: None,
                }));
            }
        }
    }
}

fn every(value: &Value) -> Box<dyn Iterator<Item = (Option<&str>, &Value)> + '_> {
    match value {
        Value::Array(list) => Box::new(list.iter().map(|item| (None, item))),
        Value::Object(map) => Box::new(map.iter().map(|(key, item)| (Some(key.as_str()), item))),
        _ => Box::new(std::iter::empty()),
    }
}

/// Whether a scalar, written as a text, is this text.
pub(super) fn says(value: &Value, text: &str) -> bool {
    scalar(value).is_some_and(|said| said == text)
}

/// A scalar as a text; `None` for `null`, lists and objects.
pub(super) fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn pointer(text: &str) -> Pointer {
        Pointer::try_from(text.to_owned()).unwrap()
    }

    fn find(text: &str, item: &Value) -> Option<Value> {
        let headers = BTreeMap::from([("x-end".to_owned(), "soon".to_owned())]);
        pointer(text).find(&Scope {
            item,
            around: &[],
            key: Some("k"),
            root: item,
            headers: &headers,
        })
    }

    #[test]
    fn a_json_pointer_finds_names_with_dashes_dots_and_slashes() {
        let item = json!({"expired-at": 1, "@odata.nextLink": 2, "a/b": {"~": 3}, "l": [4, 5]});
        assert_eq!(find("/expired-at", &item), Some(json!(1)));
        assert_eq!(find("/@odata.nextLink", &item), Some(json!(2)));
        assert_eq!(find("/a~1b/~0", &item), Some(json!(3)));
        assert_eq!(find("/l/1", &item), Some(json!(5)));
        assert_eq!(find("/l/2", &item), None);
        assert_eq!(find("", &json!("x")), Some(json!("x")));
        assert_eq!(find("/a", &json!({"a": null})), None);
    }

    #[test]
    fn a_star_gives_a_list_even_of_nothing() {
        let item = json!({"p": [{"g": [{"n": "a"}, {"n": "b"}]}, {"g": [{"n": "c"}]}, {}]});
        assert_eq!(find("/p/*/g/*/n", &item), Some(json!(["a", "b", "c"])));
        assert_eq!(find("/q/*/n", &item), Some(json!([])));
    }

    #[test]
    fn a_pick_takes_the_element_whose_key_has_the_value() {
        let item =
            json!({"attributes": [{"key": "x", "value": 1}, {"key": "email", "value": "a@b"}]});
        let found = find("/attributes[key=email]/value", &item);
        assert_eq!(found, Some(json!("a@b")));
        assert_eq!(find("/attributes[key=none]/value", &item), None);
    }

    #[test]
    fn headers_and_keys_are_places_too() {
        assert_eq!(find("#X-End", &json!({})), Some(json!("soon")));
        assert_eq!(find("@key", &json!({})), Some(json!("k")));
    }

    #[test]
    fn items_know_what_encloses_them() {
        let body = json!({"value": [{"app": "A", "creds": [{"id": 1}, {"id": 2}]}, {"app": "B", "creds": []}]});
        let found = pointer("/value/*/creds").items(&body).unwrap();
        let shown: Vec<_> = found
            .iter()
            .map(|f| (f.item["id"].clone(), f.around[0]["app"].clone()))
            .collect();
        assert_eq!(shown, [(json!(1), json!("A")), (json!(2), json!("A"))]);
        let scope = Scope {
            item: found[0].item,
            around: &found[0].around,
            key: None,
            root: &body,
            headers: &BTreeMap::new(),
        };
        assert_eq!(pointer("^/app").find(&scope), Some(json!("A")));
        assert_eq!(pointer("^^/app").find(&scope), None);
        assert_eq!(pointer("$/value/1/app").find(&scope), Some(json!("B")));
    }

    #[test]
    fn a_missing_place_is_not_an_empty_list() {
        assert!(pointer("/data").items(&json!({"error": 1})).is_none());
        assert!(
            pointer("/data")
                .items(&json!({"data": null}))
                .unwrap()
                .is_empty()
        );
        assert!(
            pointer("/data")
                .items(&json!({"data": []}))
                .unwrap()
                .is_empty()
        );
        assert_eq!(pointer("").items(&json!([1, 2])).unwrap().len(), 2);
        assert_eq!(pointer("").items(&json!({"a": 1})).unwrap().len(), 1);
    }

    #[test]
    fn what_is_no_pointer_is_refused() {
        for text in ["id", "a/b", "#", "@value", "$x", "/a[b]"] {
            assert!(Pointer::try_from(text.to_owned()).is_err(), "{text}");
        }
    }
}
