//! Walks the lists of a preset: parents first, page after page, item after item.
//!
//! # Theory of operation
//! A list ends in one of three ways. *Whole*: everything that exists was seen. *Partial*:
//! what was seen counts, and nothing is taken for gone. *Left out*: an optional list that
//! this source may not see. An error ends the list, not the others: what can be read is
//! read, and the source says what could not.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use app::ports::ConnectorError;
use async_trait::async_trait;
use domain::inventory::Listed;
use domain::kernel::Instant;
use futures_util::{FutureExt as _, StreamExt as _};

use super::condition::any;
use super::document::{Ask, Document, List, Parent};
use super::expression::{Kept, View};
use super::lookup::Lookups;
use super::map::{Mapped, map, short, shown};
use super::page::{Next, Page, Pages};
use super::pointer::Scope;
use super::probe;
use super::request::prepare;
use super::session::Wire;
use super::settings::Settings;
use super::signer::Signer;
use super::template::Env;
use super::turning::{Judged, Opened, Turning, read};

/// How many requests run at once where the preset does not say.
const CONCURRENCY: usize = 4;
/// How many parents one level may have.
const PARENTS_MAX: usize = 200_000;

/// A credential that was read, and what a person is shown of where it comes from.
pub(super) struct Row {
    pub listed: Box<Listed>,
    pub raw: Vec<(String, String)>,
    pub withheld: Vec<String>,
}

/// Takes what is read.
#[async_trait]
pub(super) trait Sink: Sync {
    /// Takes the rows of a page.
    ///
    /// # Errors
    /// Nobody wants them any more.
    async fn take(&self, rows: Vec<Row>) -> Result<(), ConnectorError>;
    /// Only the first page, with what people are shown.
    fn is_preview(&self) -> bool;
}

/// How a list ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Ended {
    Whole,
    Partial(String),
    /// It may not be seen: status.
    LeftOut(u16),
    /// What it belongs to ended meanwhile: status.
    Gone(u16),
}

/// What was counted.
#[derive(Clone, Debug, Default)]
pub(super) struct Counts {
    pub read: u64,
    pub unreadable: u64,
    pub ends_unreadable: u64,
    /// The credential itself is refused, where the preset is a probe.
    pub refused: Option<String>,
}

/// A walk over the lists of one source.
pub(super) struct Walk<'a> {
    pub document: &'a Document,
    pub settings: &'a Settings,
    pub wire: &'a Wire,
    pub sink: &'a dyn Sink,
    pub lookups: Lookups,
    pub counts: Mutex<Counts>,
    pub now: Instant,
    /// The id of the probe, where the preset is one.
    pub probe: Option<&'a str>,
    /// The id of the source's own credential, where it is known.
    pub own: Option<String>,
    /// Whether a list showed it.
    pub own_seen: AtomicBool,
}

pub(super) type Names = BTreeMap<String, String>;

impl Walk<'_> {
    /// Walks one list, once for each value of the `list` settings in it.
    ///
    /// # Errors
    /// It cannot be read; what was taken before still counts.
    pub async fn list(&self, list: &List, signer: &Signer) -> Result<Ended, ConnectorError> {
        let asks: Vec<Ask> = std::iter::once(list.into())
            .chain(list.parents.iter().map(Ask::from))
            .collect();
        let names = asks.iter().flat_map(Ask::settings);
        let mut ended = Ended::Whole;
        for chosen in choices(names, self.settings) {
            match self.chosen(list, signer, &chosen).await? {
                Ended::Whole => {}
                other => ended = other,
            }
        }
        Ok(ended)
    }

    async fn chosen(
        &self,
        list: &List,
        signer: &Signer,
        chosen: &Names,
    ) -> Result<Ended, ConnectorError> {
        let (families, mut ended) = self.families(list, signer, chosen).await?;
        let count = self.wire.shared.concurrency.unwrap_or(CONCURRENCY);
        let mut walks = futures_util::stream::iter(families)
            .map(|parent| async move { self.pages(list, signer, chosen, &parent).await }.boxed())
            .buffer_unordered(count);
        let (mut seen, mut refused) = (false, None);
        while let Some(walked) = walks.next().await {
            match walked? {
                Ended::Gone(status @ (401 | 403)) => refused = Some(status),
                Ended::Whole | Ended::Gone(_) => seen = true,
                other => ended = other,
            }
        }
        match refused {
            // One that ended is refused like one that may not be seen. All of them cannot
            // have ended between two requests.
            Some(status) if !seen => Err(ConnectorError::Auth(format!(
                "`{}` answers {status} for everything that it should show; it needs {}",
                list.name, self.document.needs
            ))),
            _ => Ok(ended),
        }
    }

    /// What the parents kept, one for each time that the list is asked for.
    async fn families(
        &self,
        list: &List,
        signer: &Signer,
        chosen: &Names,
    ) -> Result<(Vec<Names>, Ended), ConnectorError> {
        let mut families = vec![Names::new()];
        let mut ended = Ended::Whole;
        for parent in &list.parents {
            let mut next = Vec::new();
            let count = self.wire.shared.concurrency.unwrap_or(CONCURRENCY);
            let mut walks = futures_util::stream::iter(families)
                .map(|family| self.children(list, parent, signer, chosen, family).boxed())
                .buffered(count);
            while let Some(walked) = walks.next().await {
                let (found, how) = walked?;
                if !matches!(how, Ended::Whole | Ended::Gone(_)) {
                    ended = how;
                }
                next.extend(found);
                if next.len() > PARENTS_MAX {
                    next.truncate(PARENTS_MAX);
                    ended = Ended::Partial(format!("it has more than {PARENTS_MAX} parents"));
                    break;
                }
            }
            drop(walks);
            if self.sink.is_preview() {
                next.truncate(1);
            }
            families = next;
        }
        Ok((families, ended))
    }

    /// One parent list: what it keeps of each of its items.
    async fn children(
        &self,
        list: &List,
        parent: &Parent,
        signer: &Signer,
        chosen: &Names,
        family: Names,
    ) -> Result<(Vec<Names>, Ended), ConnectorError> {
        let turning = Turning {
            list,
            ask: parent.into(),
            paging: &parent.page,
            items: parent.items.as_ref(),
            items_may_lack: parent.items_may_lack,
            must: &parent.must,
            may_be_gone: !family.is_empty(),
        };
        let keep = Keep {
            walk: self,
            parent,
            chosen,
            family: &family,
            found: Mutex::default(),
        };
        let ended = self.turn(&turning, signer, chosen, &family, &keep).await?;
        let found = keep.found.into_inner();
        Ok((found.unwrap_or_else(PoisonError::into_inner), ended))
    }

    /// All pages of a list for one parent.
    async fn pages(
        &self,
        list: &List,
        signer: &Signer,
        chosen: &Names,
        parent: &Names,
    ) -> Result<Ended, ConnectorError> {
        let turning = Turning {
            list,
            ask: list.into(),
            paging: &list.page,
            items: list.items.as_ref(),
            items_may_lack: list.items_may_lack,
            must: &list.must,
            may_be_gone: !parent.is_empty(),
        };
        let hand_on = HandOn {
            walk: self,
            list,
            signer,
            chosen,
            parent,
        };
        self.turn(&turning, signer, chosen, parent, &hand_on).await
    }

    /// Maps a page and hands it on.
    pub(super) async fn page(
        &self,
        list: &List,
        page: &Opened<'_>,
        signer: &Signer,
        chosen: &Names,
        parent: &Names,
    ) -> Result<(), ConnectorError> {
        let keys = || {
            let none = Kept::new();
            let mut keys = Vec::new();
            for item in &page.items {
                let env = self.env(chosen, parent, Some(page.scope(item)));
                super::lookup::keys(&list.map, &View { env, kept: &none }, &mut keys);
            }
            keys
        };
        self.lookups.fetch(keys(), self, signer).await;
        let rows = {
            let kept = self.lookups.kept();
            let mut rows = Vec::new();
            for item in &page.items {
                let scope = page.scope(item);
                let env = self.env(chosen, parent, Some(scope));
                rows.extend(self.row(list, &View { env, kept: &kept }, &scope));
            }
            rows
        };
        self.sink.take(rows).await
    }

    fn row(&self, list: &List, view: &View<'_>, scope: &Scope<'_>) -> Option<Row> {
        let mapped = map(self.document, list, view, self.now);
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        counts.read += 1;
        let mut listed = match mapped {
            Mapped::Listed(listed) => listed,
            Mapped::EndUnreadable(listed) => {
                counts.ends_unreadable += 1;
                listed
            }
            Mapped::Skipped => return None,
            Mapped::Unreadable => {
                counts.unreadable += 1;
                return None;
            }
        };
        if let Some(probe) = self.probe {
            probe::identify(&mut listed, probe);
        }
        if self.own.as_ref() == Some(&listed.external_id) && self.is_own(list) {
            listed.own = true;
            self.own_seen.store(true, Ordering::Relaxed);
        }
        let (raw, withheld) = match self.sink.is_preview() {
            true => shown(list, scope),
            false => Default::default(),
        };
        Some(Row {
            listed,
            raw,
            withheld,
        })
    }

    /// Whether the source's own credential may stand in this list.
    fn is_own(&self, list: &List) -> bool {
        let named = self.document.own.as_ref().and_then(|own| own.list.as_ref());
        named.is_none_or(|name| *name == list.name)
    }

    /// Asks for page after page and shows each to `each`.
    async fn turn(
        &self,
        turning: &Turning<'_>,
        signer: &Signer,
        chosen: &Names,
        parent: &Names,
        each: &dyn Each,
    ) -> Result<Ended, ConnectorError> {
        let env = self.env(chosen, parent, None);
        let start = prepare(&turning.ask, &self.wire.shared, &env)?;
        let mut pages = Pages::new(turning.paging);
        let mut turn = turning.paging.first();
        let mut restarted = false;
        loop {
            let answer = self.wire.ask(&start.turned(&turn), signer).await?;
            match turning.judge(self, &answer)? {
                Judged::Good => {}
                Judged::Ended(ended) => return Ok(ended),
                // RFC 9110, 15.5.11: the place in the list is gone; it is begun once more.
                Judged::Expired if !restarted => {
                    restarted = true;
                    pages = Pages::new(turning.paging);
                    turn = turning.paging.first();
                    continue;
                }
                Judged::Expired => {
                    let why = "its place in the list expires before the next page is read";
                    return Ok(Ended::Partial(why.to_owned()));
                }
            }
            let body = read(turning.list, &answer)?;
            let opened = turning.open(self, &body, &answer)?;
            let items = u64::try_from(opened.items.len()).unwrap_or(u64::MAX);
            let whole = Scope::whole(&body, &answer.headers);
            each.page(&opened).await?;
            if self.sink.is_preview() {
                return Ok(Ended::Whole);
            }
            let page = Page {
                scope: whole,
                bytes: &answer.bytes,
                items,
                url: &answer.url,
            };
            match pages.after(&page) {
                Next::Turn(next) => turn = *next,
                Next::End => return Ok(Ended::Whole),
                Next::Partial(why) => return Ok(Ended::Partial(why)),
            }
        }
    }

    /// The credential that is asked about itself does not work.
    pub(super) fn refuse(&self, why: String) {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        counts.refused = Some(why);
    }

    pub(super) fn env<'e>(
        &'e self,
        chosen: &'e Names,
        parent: &'e Names,
        scope: Option<Scope<'e>>,
    ) -> Env<'e> {
        Env {
            settings: self.settings,
            chosen,
            parent,
            key: None,
            scope,
        }
    }
}

/// What is done with each page of a list.
#[async_trait]
trait Each: Send + Sync {
    async fn page(&self, page: &Opened<'_>) -> Result<(), ConnectorError>;
}

/// Maps the items of a page and hands them on.
struct HandOn<'a> {
    walk: &'a Walk<'a>,
    list: &'a List,
    signer: &'a Signer,
    chosen: &'a Names,
    parent: &'a Names,
}

#[async_trait]
impl Each for HandOn<'_> {
    async fn page(&self, page: &Opened<'_>) -> Result<(), ConnectorError> {
        let walk = self.walk;
        walk.page(self.list, page, self.signer, self.chosen, self.parent)
            .await
    }
}

/// Keeps names of the items of a page, for what belongs to them.
struct Keep<'a> {
    walk: &'a Walk<'a>,
    parent: &'a Parent,
    chosen: &'a Names,
    family: &'a Names,
    found: Mutex<Vec<Names>>,
}

#[async_trait]
impl Each for Keep<'_> {
    async fn page(&self, page: &Opened<'_>) -> Result<(), ConnectorError> {
        let kept = page
            .items
            .iter()
            .filter_map(|item| self.keep(page.scope(item)));
        let mut found = self.found.lock().unwrap_or_else(PoisonError::into_inner);
        found.extend(kept);
        if found.len() > PARENTS_MAX {
            let sentence = "it has too many parents to read";
            return Err(ConnectorError::Unreadable(sentence.to_owned()));
        }
        Ok(())
    }
}

impl Keep<'_> {
    fn keep(&self, scope: Scope<'_>) -> Option<Names> {
        let none = Kept::new();
        let view = View {
            env: self.walk.env(self.chosen, self.family, Some(scope)),
            kept: &none,
        };
        if any(&self.parent.skip_when, &view, self.walk.now) {
            return None;
        }
        let mut names = self.family.clone();
        for (name, expression) in &self.parent.keep {
            names.extend(
                expression
                    .text(&view)
                    .map(|text| (name.clone(), short(text))),
            );
        }
        Some(names)
    }
}

/// Every choice of one value for each of these settings that is a list.
pub(super) fn choices<'n>(names: impl Iterator<Item = &'n str>, settings: &Settings) -> Vec<Names> {
    let names: BTreeSet<&str> = names.collect();
    let mut choices = vec![Names::new()];
    for name in names {
        let values = settings.list(name);
        if values.is_empty() {
            continue;
        }
        let with = |choice: &Names, value: &String| {
            let mut choice = choice.clone();
            choice.insert(name.to_owned(), value.clone());
            choice
        };
        choices = choices
            .iter()
            .flat_map(|choice| values.iter().map(move |value| with(choice, value)))
            .collect();
    }
    choices
}
