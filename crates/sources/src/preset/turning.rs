//! What an answer means for the list that is being turned from page to page.

use std::collections::BTreeMap;

use app::ports::ConnectorError;
use serde_json::Value;

use super::body;
use super::condition::{Condition, any, broken};
use super::document::{Ask, List};
use super::expression::{Kept, View};
use super::page::Paging;
use super::pointer::{Found, Pointer, Scope};
use super::session::Answer;
use super::walk::{Ended, Names, Walk};

/// A page with its items.
pub(super) struct Opened<'a> {
    pub items: Vec<Found<'a>>,
    pub body: &'a Value,
    pub headers: &'a BTreeMap<String, String>,
}

impl Opened<'_> {
    pub fn scope<'s>(&'s self, item: &'s Found<'_>) -> Scope<'s> {
        Scope {
            item: item.item,
            around: &item.around,
            key: item.key,
            root: self.body,
            headers: self.headers,
        }
    }
}

/// What is turned from page to page.
pub(super) struct Turning<'a> {
    pub list: &'a List,
    pub ask: Ask,
    pub paging: &'a Paging,
    pub items: Option<&'a Pointer>,
    pub items_may_lack: bool,
    pub must: &'a [Condition],
    /// It belongs to something that may have ended meanwhile.
    pub may_be_gone: bool,
}

pub(super) enum Judged {
    Good,
    Ended(Ended),
    /// The place in the list is gone.
    Expired,
}

impl Turning<'_> {
    /// What a status means for the walk.
    pub fn judge(&self, walk: &Walk<'_>, answer: &Answer) -> Result<Judged, ConnectorError> {
        let status = answer.status;
        let list = self.list;
        let is_good = match &list.expect {
            Some(expected) => expected.contains(&status),
            None => (200..300).contains(&status),
        };
        if is_good {
            return Ok(Judged::Good);
        }
        if self.may_be_gone && (status == 404 || list.gone_is.contains(&status)) {
            return Ok(Judged::Ended(Ended::Gone(status)));
        }
        let refuses = match &list.refused {
            Some(statuses) => statuses.contains(&status),
            None => matches!(status, 401 | 403),
        };
        if walk.document.probe && refuses {
            walk.refuse(format!("it was answered {status}"));
            return Ok(Judged::Ended(Ended::Whole));
        }
        if list.optional && matches!(status, 403 | 404) {
            return Ok(Judged::Ended(Ended::LeftOut(status)));
        }
        let name = &list.name;
        match status {
            401 => Err(ConnectorError::Auth(format!("`{name}` answers 401"))),
            403 => Err(ConnectorError::Auth(format!(
                "`{name}` answers 403; it needs {}",
                walk.document.needs
            ))),
            410 => Ok(Judged::Expired),
            300..=399 => Err(ConnectorError::Unreadable(format!(
                "`{name}` answers {status}, which leads elsewhere; is `url` right, does a sign-in page answer?"
            ))),
            _ => Err(ConnectorError::Unavailable(format!(
                "`{name}` answers {status}"
            ))),
        }
    }

    /// The items of a body, if it is one of those that were asked for.
    pub fn open<'b>(
        &self,
        walk: &Walk<'_>,
        body: &'b Value,
        answer: &'b Answer,
    ) -> Result<Opened<'b>, ConnectorError> {
        let scope = Scope::whole(body, &answer.headers);
        let unreadable =
            |why: String| ConnectorError::Unreadable(format!("`{}`: {why}", self.list.name));
        let (none, kept) = (Names::new(), Kept::new());
        let view = View {
            env: walk.env(&none, &none, Some(scope)),
            kept: &kept,
        };
        if any(&self.list.refused_when, &view, walk.now) {
            walk.refuse("its answer says so".to_owned());
            return Ok(Opened {
                items: Vec::new(),
                body,
                headers: &answer.headers,
            });
        }
        if let Some(condition) = broken(self.must, &view, walk.now) {
            let place = condition.of.described();
            let why = format!("its answer is no good one: `{place}` is not as it must be");
            return Err(unreadable(why));
        }
        items_of(self.items, self.items_may_lack, body, &answer.headers).map_err(unreadable)
    }
}

/// The items of a body.
pub(super) fn items_of<'b>(
    at: Option<&Pointer>,
    may_lack: bool,
    body: &'b Value,
    headers: &'b BTreeMap<String, String>,
) -> Result<Opened<'b>, String> {
    let found = match at {
        Some(pointer) => pointer.items(body),
        None => Pointer::try_from(String::new())
            .ok()
            .and_then(|whole| whole.items(body)),
    };
    let items = match found {
        Some(items) => items,
        None if may_lack || body.is_null() => Vec::new(),
        None => {
            let place = at.map(Pointer::as_str).unwrap_or_default();
            return Err(format!("its answer has no `{place}`"));
        }
    };
    Ok(Opened {
        items,
        body,
        headers,
    })
}

/// The body of an answer, as the list says.
///
/// # Errors
/// It is of another form.
pub(super) fn read(list: &List, answer: &Answer) -> Result<Value, ConnectorError> {
    body::read(list, &answer.bytes)
        .map_err(|error| ConnectorError::Unreadable(format!("`{}`: {error}", list.name)))
}
