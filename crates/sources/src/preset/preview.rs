//! The beginning of a source as a person is shown it: each mapped row beside the fields it
//! was made from. Fields that are not mapped are named, never shown.

use std::sync::{Mutex, PoisonError};

use app::ports::{ConnectorError, Preview, PreviewRow};
use async_trait::async_trait;

use super::source::PresetSource;
use super::walk::{Ended, Row, Sink};

/// Rows shown of each page.
const ROWS: usize = 10;

/// Keeps the first rows of each list.
#[derive(Default)]
struct FirstRows {
    rows: Mutex<Vec<PreviewRow>>,
}

#[async_trait]
impl Sink for FirstRows {
    async fn take(&self, rows: Vec<Row>) -> Result<(), ConnectorError> {
        let shown = rows.into_iter().take(ROWS).map(|row| PreviewRow {
            told: *row.listed,
            raw: row.raw,
            withheld: row.withheld,
        });
        let mut kept = self.rows.lock().unwrap_or_else(PoisonError::into_inner);
        kept.extend(shown);
        Ok(())
    }

    fn is_preview(&self) -> bool {
        true
    }
}

/// Reads one page of each list. Nothing is stored.
///
/// # Errors
/// The first list that cannot be read, if none can; of the others a remark.
pub(super) async fn preview(source: &PresetSource) -> Result<Preview, ConnectorError> {
    let first = FirstRows::default();
    let walk = source.walk(&first);
    let (mut preview, mut failed) = (Preview::default(), None);
    for list in source.lists() {
        match source.one(list, &walk).await {
            Ok(Ended::Whole) => {}
            Ok(Ended::Partial(why)) => preview.remarks.push(format!("`{}`: {why}", list.name)),
            Ok(Ended::LeftOut(status) | Ended::Gone(status)) => {
                let why = format!("`{}` answers {status} and is left out", list.name);
                preview.remarks.push(why);
            }
            Err(error) => {
                preview.remarks.push(error.to_string());
                failed.get_or_insert(error);
            }
        }
    }
    let counts = walk.counts.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(why) = &counts.refused {
        preview
            .remarks
            .push(format!("the credential itself is refused: {why}"));
    }
    drop(counts);
    preview.rows = first
        .rows
        .into_inner()
        .unwrap_or_else(PoisonError::into_inner);
    match failed {
        Some(error) if preview.rows.is_empty() => Err(error),
        _ => Ok(preview),
    }
}
