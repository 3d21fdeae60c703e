//! How far the list of log files was read.
//!
//! The page token is durable: an open-ended list goes on where it ended, for as long as
//! the server knows the token. Beside it stand the files that were stored last, so that a
//! page that is asked for again gives only what is new.

use std::collections::VecDeque;

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use domain::kernel::{Instant, Span};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::names::Names;

/// Files remembered beyond those of the present page.
const REMEMBERED: usize = 1_000;
/// How far back the first read begins unless the configuration says: what was made before
/// and lives longer is found when it is made anew, or told by an export.
pub(super) const HISTORY: Span = Span::days(366);
/// Batches of the log arrive within a day, so that the day before the last is whole.
const WHOLE_AFTER: Span = Span::days(2);

/// How far the list was read, and what was looked up.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Cursor {
    /// Which list: another host or organization starts anew.
    #[serde(default)]
    list: String,
    /// The first day of the list, `YYYY-MM-DD`.
    #[serde(default)]
    pub(super) since: String,
    /// The page that is being read; `None`: the first.
    #[serde(default)]
    page: Option<String>,
    /// Digests of the files that were stored last, the latest at the end.
    #[serde(default)]
    stored: VecDeque<String>,
    /// When nothing was left to read.
    #[serde(default)]
    caught_up_at: Option<Instant>,
    /// Who the owners are.
    #[serde(default)]
    pub(super) names: Names,
}

impl Cursor {
    /// Reads what was kept. A first read, another list, or a day before the one that the
    /// list began with, starts anew; who the owners are is kept.
    pub(super) fn open(
        kept: Option<serde_json::Value>,
        list: &str,
        since: Option<&str>,
        now: Instant,
    ) -> Self {
        let kept: Self = kept
            .and_then(|kept| serde_json::from_value(kept).ok())
            .unwrap_or_default();
        let earlier = since.is_some_and(|since| since < kept.since.as_str());
        if kept.list == list && !kept.since.is_empty() && !earlier {
            return kept;
        }
        let since = since.map_or_else(|| day(now - HISTORY), str::to_owned);
        Self {
            list: list.to_owned(),
            since,
            names: kept.names,
            stored: if kept.list == list {
                kept.stored
            } else {
                VecDeque::new()
            },
            ..Self::default()
        }
    }

    /// The parameters that say where the list goes on. The first page takes a day and no
    /// token, the others the token and no day.
    pub(super) fn query(&self) -> (&'static str, &str) {
        match &self.page {
            Some(page) => ("pageToken", page),
            None => ("startDate", &self.since),
        }
    }

    pub(super) fn is_at(&self, page: &str) -> bool {
        self.page.as_deref() == Some(page)
    }

    pub(super) fn turn_to(&mut self, page: String) {
        self.page = Some(page);
    }

    pub(super) fn has_stored(&self, file: &str) -> bool {
        let digest = digest(file);
        self.stored.contains(&digest)
    }

    /// Remembers that a file is stored. `page_size` files of the present page are never
    /// forgotten.
    pub(super) fn store(&mut self, file: &str, page_size: usize) {
        self.stored.push_back(digest(file));
        while self.stored.len() > page_size.max(REMEMBERED) {
            self.stored.pop_front();
        }
    }

    pub(super) fn caught_up(&mut self, now: Instant) {
        self.caught_up_at = Some(now);
    }

    /// The token is of no use any more: the list begins anew on the last day that was
    /// surely read to its end. Answers that day; `None` if it already stood at the
    /// beginning of a list, where there is nothing to go back to.
    pub(super) fn restart(&mut self) -> Option<&str> {
        self.page.take()?;
        if let Some(at) = self.caught_up_at {
            self.since = day(at - WHOLE_AFTER).max(std::mem::take(&mut self.since));
        }
        Some(&self.since)
    }
}

/// The day in UTC, `YYYY-MM-DD`.
fn day(at: Instant) -> String {
    at.to_string().chars().take(10).collect()
}

/// 96 bits: enough that two of the remembered never meet, and short.
fn digest(file: &str) -> String {
    let whole = Sha256::digest(file);
    BASE64_URL_SAFE_NO_PAD.encode(whole.get(..12).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Instant {
        Instant::parse(text).unwrap()
    }

    fn open(kept: Option<&Cursor>, list: &str, since: Option<&str>) -> Cursor {
        let kept = kept.map(|kept| serde_json::to_value(kept).unwrap());
        Cursor::open(kept, list, since, at("2026-11-22T09:00:00Z"))
    }

    #[test]
    fn the_first_read_begins_a_year_back_or_where_it_is_told() {
        assert_eq!(open(None, "a", None).query(), ("startDate", "2025-11-21"));
        let told = open(None, "a", Some("2026-11-01"));
        assert_eq!(told.query(), ("startDate", "2026-11-01"));
    }

    #[test]
    fn another_list_or_an_earlier_day_starts_anew_and_a_later_day_does_not() {
        let mut cursor = open(None, "a", Some("2026-11-02"));
        cursor.turn_to("p2".to_owned());
        cursor.store("f", 1);
        assert_eq!(open(Some(&cursor), "a", Some("2026-11-02")), cursor);
        assert_eq!(open(Some(&cursor), "a", Some("2026-11-03")), cursor);
        assert_eq!(open(Some(&cursor), "a", None), cursor);
        let earlier = open(Some(&cursor), "a", Some("2026-11-01"));
        assert_eq!(earlier.query(), ("startDate", "2026-11-01"));
        assert!(earlier.has_stored("f"));
        let other = open(Some(&cursor), "b", Some("2026-11-02"));
        assert!(!other.has_stored("f") && !other.is_at("p2"));
    }

    #[test]
    fn what_files_remembered_is_no_cursor_and_starts_anew() {
        let files = serde_json::json!({"files": [{"head": "x", "head_bytes": 1, "offset": 2}]});
        let cursor = Cursor::open(Some(files), "a", None, at("2026-11-22T09:00:00Z"));
        assert_eq!(cursor, open(None, "a", None));
    }

    #[test]
    fn a_lost_token_goes_back_to_the_last_whole_day_and_only_once() {
        let mut cursor = open(None, "a", Some("2026-11-01"));
        cursor.turn_to("p2".to_owned());
        assert_eq!(cursor.restart(), Some("2026-11-01"));
        assert_eq!(cursor.restart(), None);
        cursor.turn_to("p2".to_owned());
        cursor.caught_up(at("2026-11-22T00:00:00Z"));
        assert_eq!(cursor.restart(), Some("2026-11-20"));
        let mut young = open(None, "a", Some("2026-11-21"));
        young.turn_to("p2".to_owned());
        young.caught_up(at("2026-11-22T00:00:00Z"));
        assert_eq!(young.restart(), Some("2026-11-21"));
    }

    #[test]
    fn the_present_page_is_never_forgotten() {
        let mut cursor = open(None, "a", None);
        for number in 0..=REMEMBERED {
            cursor.store(&number.to_string(), 100);
        }
        assert!(!cursor.has_stored("0") && cursor.has_stored("1"));
        let mut large = open(None, "a", None);
        for number in 0..=REMEMBERED {
            large.store(&number.to_string(), REMEMBERED + 1);
        }
        assert!(large.has_stored("0"));
    }
}
