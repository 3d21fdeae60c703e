//! How a list is turned from page to page, and what ends the turning.
//!
//! Pure. Nothing that a server answers can make it turn for ever: a page that comes
//! twice, a cursor that comes twice, too many pages or items, and an address on another
//! origin each end the list, and say so.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use url::Url;

use super::pointer::{Pointer, Scope, scalar};

/// How a list is turned.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub(super) enum Paging {
    #[default]
    None,
    Link {
        max_pages: Option<u64>,
        max_items: Option<u64>,
    },
    Page(ByPage),
    Offset(ByOffset),
    Cursor(ByCursor),
    NextUrl {
        from: Pointer,
        max_pages: Option<u64>,
        max_items: Option<u64>,
    },
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ByPage {
    param: String,
    #[serde(default = "one")]
    first: u64,
    size: Option<u64>,
    size_param: Option<String>,
    total: Option<Pointer>,
    pages: Option<Pointer>,
    more: Option<Pointer>,
    max_pages: Option<u64>,
    max_items: Option<u64>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ByOffset {
    param: String,
    size: Option<u64>,
    size_param: Option<String>,
    next: Option<Pointer>,
    last: Option<Pointer>,
    total: Option<Pointer>,
    max_pages: Option<u64>,
    max_items: Option<u64>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ByCursor {
    from: Pointer,
    param: String,
    #[serde(default)]
    replaces_query: bool,
    #[serde(default)]
    in_body: bool,
    max_pages: Option<u64>,
    max_items: Option<u64>,
}

fn one() -> u64 {
    1
}

const MAX_PAGES: u64 = 10_000;
const MAX_ITEMS: u64 = 2_000_000;

/// What is asked for on the next page, over what the list asks for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Turn {
    /// Parameters of the query.
    pub query: BTreeMap<String, String>,
    /// Fields of the body, for systems that page there.
    pub body: BTreeMap<String, String>,
    /// The list's own query is left out.
    pub alone: bool,
    /// A whole address in place of the list's; on the same origin.
    pub url: Option<Url>,
}

/// What follows a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// Another page.
    Turn(Box<Turn>),
    /// That was all.
    End,
    /// The rest cannot be had; why.
    Partial(String),
}

/// Where in a list one is.
pub(super) struct Pages<'a> {
    paging: &'a Paging,
    turned: u64,
    items: u64,
    /// Digests of bodies and cursors that were seen.
    seen: BTreeSet<[u8; 32]>,
}

/// A page as it came.
pub(super) struct Page<'a> {
    pub scope: Scope<'a>,
    /// The bytes of the body, to know a page that comes twice.
    pub bytes: &'a [u8],
    /// How many items it held.
    pub items: u64,
    /// Where it was asked for.
    pub url: &'a Url,
}

impl Paging {
    /// How the first page is asked for.
    pub fn first(&self) -> Turn {
        let mut turn = Turn::default();
        match self {
            Self::Page(by) => {
                turn.query.insert(by.param.clone(), by.first.to_string());
                size(&mut turn, by.size_param.as_deref(), by.size);
            }
            Self::Offset(by) => {
                turn.query.insert(by.param.clone(), "0".to_owned());
                size(&mut turn, by.size_param.as_deref(), by.size);
            }
            Self::None | Self::Link { .. } | Self::Cursor(_) | Self::NextUrl { .. } => {}
        }
        turn
    }

    fn limits(&self) -> (u64, u64) {
        let (pages, items) = match self {
            Self::None => (Some(1), None),
            Self::Link {
                max_pages,
                max_items,
            }
            | Self::NextUrl {
                max_pages,
                max_items,
                ..
            } => (*max_pages, *max_items),
            Self::Page(by) => (by.max_pages, by.max_items),
            Self::Offset(by) => (by.max_pages, by.max_items),
            Self::Cursor(by) => (by.max_pages, by.max_items),
        };
        (pages.unwrap_or(MAX_PAGES), items.unwrap_or(MAX_ITEMS))
    }
}

fn size(turn: &mut Turn, param: Option<&str>, size: Option<u64>) {
    if let (Some(param), Some(size)) = (param, size) {
        turn.query.insert(param.to_owned(), size.to_string());
    }
}

impl<'a> Pages<'a> {
    pub fn new(paging: &'a Paging) -> Self {
        Self {
            paging,
            turned: 0,
            items: 0,
            seen: BTreeSet::new(),
        }
    }

    /// What follows this page.
    pub fn after(&mut self, page: &Page<'_>) -> Next {
        self.turned += 1;
        self.items = self.items.saturating_add(page.items);
        if self.turned > 1 && !self.is_new(page.bytes) {
            return Next::Partial("the same page came twice".to_owned());
        }
        if self.turned == 1 {
            self.is_new(page.bytes);
        }
        let next = match self.paging {
            Paging::None => Next::End,
            Paging::Link { .. } => link(page),
            Paging::NextUrl { from, .. } => next_url(from, page),
            Paging::Page(by) => self.by_page(by, page),
            Paging::Offset(by) => self.by_offset(by, page),
            Paging::Cursor(by) => self.by_cursor(by, page),
        };
        let (pages, items) = self.paging.limits();
        match next {
            Next::Turn(_) if self.turned >= pages => {
                Next::Partial(format!("it goes on after {pages} pages"))
            }
            Next::Turn(_) if self.items >= items => {
                Next::Partial(format!("it goes on after {items} items"))
            }
            other => other,
        }
    }

    fn is_new(&mut self, bytes: &[u8]) -> bool {
        self.seen.insert(Sha256::digest(bytes).into())
    }

    fn by_page(&self, by: &ByPage, page: &Page<'_>) -> Next {
        let short = by.size.is_some_and(|size| page.items < size);
        let told =
            |pointer: &Option<Pointer>| pointer.as_ref().and_then(|p| count(p.find(&page.scope)?));
        let done = match (told(&by.total), told(&by.pages), &by.more) {
            (Some(total), _, _) => self.items >= total,
            (None, Some(pages), _) => self.turned >= pages,
            (None, None, Some(more)) => !is_set(more.find(&page.scope)),
            (None, None, None) => short,
        };
        if done || page.items == 0 {
            return Next::End;
        }
        let number = by.first.saturating_add(self.turned);
        let mut turn = Turn::default();
        turn.query.insert(by.param.clone(), number.to_string());
        size(&mut turn, by.size_param.as_deref(), by.size);
        Next::Turn(Box::new(turn))
    }

    fn by_offset(&self, by: &ByOffset, page: &Page<'_>) -> Next {
        let told = |pointer: &Option<Pointer>| pointer.as_ref().and_then(|p| p.find(&page.scope));
        let last = match (&by.last, told(&by.total).and_then(count)) {
            (Some(_), _) => is_set(told(&by.last)),
            (None, Some(total)) => self.items >= total,
            (None, None) => by.size.is_some_and(|size| page.items < size),
        };
        if last || page.items == 0 {
            return Next::End;
        }
        let offset = match &by.next {
            None => self.items,
            Some(_) => match told(&by.next).and_then(count) {
                Some(next) => next,
                None => return Next::End,
            },
        };
        let mut turn = Turn::default();
        turn.query.insert(by.param.clone(), offset.to_string());
        size(&mut turn, by.size_param.as_deref(), by.size);
        Next::Turn(Box::new(turn))
    }

    fn by_cursor(&mut self, by: &ByCursor, page: &Page<'_>) -> Next {
        let cursor = by.from.find(&page.scope).and_then(|value| scalar(&value));
        let Some(cursor) = cursor.filter(|cursor| !cursor.is_empty()) else {
            return Next::End;
        };
        // Some systems give the whole address where others give the value.
        if cursor.starts_with("http://") || cursor.starts_with("https://") {
            return address(&cursor, page);
        }
        if !self.is_new(cursor.as_bytes()) {
            return Next::Partial("the same cursor came twice".to_owned());
        }
        let mut turn = Turn {
            alone: by.replaces_query,
            ..Turn::default()
        };
        let into = if by.in_body {
            &mut turn.body
        } else {
            &mut turn.query
        };
        into.insert(by.param.clone(), cursor);
        Next::Turn(Box::new(turn))
    }
}

fn count(value: Value) -> Option<u64> {
    scalar(&value)?.parse().ok()
}

fn is_set(value: Option<Value>) -> bool {
    match value {
        None | Some(Value::Bool(false)) => false,
        Some(Value::String(text)) => !text.is_empty() && text != "false",
        Some(_) => true,
    }
}

/// RFC 8288: `<…>; rel="next"`.
fn link(page: &Page<'_>) -> Next {
    let header = page.scope.headers.get("link");
    let next = header.and_then(|header| rel_next(header));
    next.map_or(Next::End, |next| address(&next, page))
}

fn rel_next(header: &str) -> Option<String> {
    let mut rest = header;
    while let Some((_, after)) = rest.split_once('<') {
        let (target, params) = after.split_once('>')?;
        // The parameters end at the comma that stands before the next target.
        let end = params
            .find(",<")
            .or_else(|| params.find(", <"))
            .unwrap_or(params.len());
        let (params, following) = params.split_at(end);
        let is_next = params.split(';').any(|param| {
            let (name, value) = param.split_once('=').unwrap_or((param, ""));
            let value = value.trim().trim_matches('"');
            name.trim().eq_ignore_ascii_case("rel")
                && value
                    .split_ascii_whitespace()
                    .any(|rel| rel.eq_ignore_ascii_case("next"))
        });
        if is_next {
            return Some(target.trim().to_owned());
        }
        rest = following;
    }
    None
}

fn next_url(from: &Pointer, page: &Page<'_>) -> Next {
    let next = from.find(&page.scope).and_then(|value| scalar(&value));
    match next.filter(|next| !next.is_empty()) {
        Some(next) => address(&next, page),
        None => Next::End,
    }
}

/// An address that a server gave: only on the origin that was asked, for the credential
/// goes with the request.
fn address(text: &str, page: &Page<'_>) -> Next {
    match page.url.join(text) {
        Ok(url) if url == *page.url => {
            Next::Partial("the next page is the one that was asked for".to_owned())
        }
        Ok(url) if url.origin() == page.url.origin() && url.username().is_empty() => {
            Next::Turn(Box::new(Turn {
                url: Some(url),
                ..Turn::default()
            }))
        }
        Ok(url) => Next::Partial(format!(
            "the next page is said to be at {}, another origin, and is not asked for",
            url.origin().ascii_serialization()
        )),
        Err(_) => Next::Partial("the next page's address cannot be read".to_owned()),
    }
}

#[cfg(test)]
#[path = "page_tests.rs"]
mod tests;
