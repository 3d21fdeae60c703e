//! What will be said of an end, to whom, if nobody acts: as rows of a table.

use std::collections::BTreeSet;

use app::people::Names;
use app::sweep::{Forecast, Foreseen};

use crate::pages::credential::{capital, notice_words};
use crate::show::{NAME_CHARS, Reader, When, plain};

/// The most rows that are shown.
const ROWS_MAX: usize = 40;

/// What will be said of one end.
pub(crate) struct Foresight {
    pub(crate) rows: Vec<Row>,
    /// So many more are left out.
    pub(crate) more: usize,
    /// Whether nobody would hear of it.
    pub(crate) unheard: bool,
}

/// One thing that will be said, to everybody who hears it then.
pub(crate) struct Row {
    exact: domain::kernel::Instant,
    pub(crate) what: String,
    pub(crate) when: When,
    pub(crate) who: Vec<String>,
    pub(crate) over: Vec<String>,
}

impl Foresight {
    /// From what was foreseen, in order of time.
    pub(crate) fn of(forecast: &Forecast, names: &Names, reader: &Reader) -> Self {
        let mut rows: Vec<Row> = Vec::new();
        for notice in &forecast.notices {
            let who = plain(&names.recipient(&notice.recipient), NAME_CHARS);
            let over = notice.channel.as_ref().map(ToString::to_string);
            let what = capital(&notice_words(notice));
            let same = |row: &&mut Row| row.what == what && row.exact == notice.at;
            match rows.iter_mut().rev().find(same) {
                Some(row) => {
                    row.who.push(who);
                    row.over.extend(over);
                }
                None => rows.push(row(notice, what, who, over, reader)),
            }
        }
        for row in &mut rows {
            row.over = row
                .over
                .drain(..)
                .collect::<BTreeSet<_>>()
                .into_iter()
                .collect();
        }
        let more = rows.len().saturating_sub(ROWS_MAX);
        rows.truncate(ROWS_MAX);
        Self {
            rows,
            more,
            unheard: !forecast.unheard.is_empty(),
        }
    }
}

fn row(notice: &Foreseen, what: String, who: String, over: Option<String>, reader: &Reader) -> Row {
    Row {
        exact: notice.at,
        what,
        when: reader.when(notice.at),
        who: vec![who],
        over: over.into_iter().collect(),
    }
}
