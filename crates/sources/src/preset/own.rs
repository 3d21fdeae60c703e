//! Who is it that reads? The source's own credential ends too, and then nobody sees
//! anything any more.

use std::collections::BTreeMap;

use domain::inventory::{End, Listed};
use serde_json::Value;

use super::document::{List, Own};
use super::expression::{Kept, Read, View};
use super::map::{Mapped, map};
use super::pointer::Scope;
use super::request::prepare;
use super::signer::Signer;
use super::template::Env;
use super::walk::{Names, Walk};

/// What the system answers when it is asked who asks.
pub(super) struct Me {
    /// The id in its lists.
    pub external_id: Option<String>,
    body: Value,
    headers: BTreeMap<String, String>,
}

/// Asks who asks. `None` if the preset knows no such request, or it is not answered: the
/// lists are read all the same.
pub(super) async fn ask(own: &Own, walk: &Walk<'_>, signer: &Signer) -> Option<Me> {
    let env = Env::of(walk.settings);
    let request = prepare(&own.try_into().ok()?, &walk.wire.shared, &env).ok()?;
    let answer = walk.wire.ask(&request, signer).await.ok()?;
    if !(200..300).contains(&answer.status) {
        return None;
    }
    let mut me = Me {
        external_id: None,
        body: serde_json::from_slice(&answer.bytes).ok()?,
        headers: answer.headers,
    };
    let id = own.external_id.as_ref();
    me.external_id =
        id.and_then(|id| id.text(&me.view(walk, &Names::new(), &Kept::new(), &me.body)));
    Some(me)
}

impl Me {
    fn view<'a>(
        &'a self,
        walk: &'a Walk<'_>,
        none: &'a Names,
        kept: &'a Kept,
        item: &'a Value,
    ) -> View<'a> {
        let scope = Scope {
            item,
            around: &[],
            key: None,
            root: &self.body,
            headers: &self.headers,
        };
        View {
            env: walk.env(none, none, Some(scope)),
            kept,
        }
    }

    /// The credential as its own answer shows it, for lists that do not show it.
    pub fn listed(&self, own: &Own, list: &List, walk: &Walk<'_>) -> Option<Box<Listed>> {
        let (none, kept) = (Names::new(), Kept::new());
        let inner = list
            .items
            .as_ref()
            .and_then(|items| items.items(&self.body));
        let item = match inner.as_deref() {
            Some([one]) => one.item,
            _ => &self.body,
        };
        let view = self.view(walk, &none, &kept, item);
        let mapped = map(walk.document, list, &view, walk.now);
        let (Mapped::Listed(mut listed) | Mapped::EndUnreadable(mut listed)) = mapped else {
            return None;
        };
        if let (End::Unknown, Some(ending)) = (listed.end, &own.expires)
            && let Read::Told(end) = ending.end(&view)
        {
            listed.end = end;
        }
        listed.own = true;
        Some(listed)
    }
}
