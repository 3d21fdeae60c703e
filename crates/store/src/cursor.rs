//! Where a page ended, as an opaque text.
//!
//! Holds the sort key and the id of the last row and which list it belongs to. The sum
//! is no secret: a forged cursor shows nothing that the filter does not allow; it only
//! makes mistakes loud.

use app::ports::{Cursor, Page, PageRequest, StoreError};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};

const SUM_BYTES: usize = 6;
const ROWS_MAX: u32 = 10_000;

/// The cursor of a list that goes on after the row with this key and id.
pub(crate) fn seal<K: Serialize>(list: &str, key: &K, id: &str) -> Cursor {
    let body = serde_json::json!([list, key, id]).to_string();
    let mut bytes = sum(body.as_bytes());
    bytes.extend_from_slice(body.as_bytes());
    Cursor(URL_SAFE_NO_PAD.encode(bytes))
}

/// The key and id in a cursor of this list.
pub(crate) fn open<K: DeserializeOwned>(
    list: &str,
    cursor: &Cursor,
) -> Result<(K, String), StoreError> {
    let bytes = URL_SAFE_NO_PAD
        .decode(&cursor.0)
        .map_err(|_| StoreError::BadCursor)?;
    let (sum_told, body) = bytes
        .split_at_checked(SUM_BYTES)
        .ok_or(StoreError::BadCursor)?;
    if sum(body) != sum_told {
        return Err(StoreError::BadCursor);
    }
    match serde_json::from_slice::<(String, K, String)>(body) {
        Ok((told, key, id)) if told == list => Ok((key, id)),
        _ => Err(StoreError::BadCursor),
    }
}

/// How many rows to ask for: one more than wanted tells whether there are more.
pub(crate) fn rows_wanted(page: &PageRequest) -> u32 {
    page.limit.clamp(1, ROWS_MAX) + 1
}

/// Cuts the row that was asked for beyond the page and makes the cursor of the last.
pub(crate) fn cut<T>(
    mut items: Vec<T>,
    page: &PageRequest,
    after: impl FnOnce(&T) -> Cursor,
) -> Page<T> {
    let wanted = rows_wanted(page).saturating_sub(1) as usize;
    let more = items.len() > wanted;
    items.truncate(wanted);
    let next = items.last().filter(|_| more).map(after);
    Page { items, next }
}

fn sum(body: &[u8]) -> Vec<u8> {
    Sha256::digest(body)
        .iter()
        .take(SUM_BYTES)
        .copied()
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_reads_back_and_a_tampered_or_foreign_one_does_not() {
        let cursor = seal("audit", &7_i64, "id");
        assert_eq!(open::<i64>("audit", &cursor), Ok((7, "id".to_owned())));
        assert_eq!(open::<i64>("alerts", &cursor), Err(StoreError::BadCursor));
        assert_eq!(open::<String>("audit", &cursor), Err(StoreError::BadCursor));
        for at in 0..cursor.0.len() {
            let mut bytes = cursor.0.clone().into_bytes();
            bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
            let other = Cursor(String::from_utf8(bytes).unwrap());
            // The last character may hold bits that mean nothing; then it reads alike.
            let read = open::<i64>("audit", &other);
            assert!(read == Err(StoreError::BadCursor) || read == Ok((7, "id".to_owned())));
        }
        for bad in ["", "x", "' OR 1=1--", "AAAAAAAAAAAAAAAA"] {
            assert!(
                open::<i64>("audit", &Cursor(bad.to_owned())).is_err(),
                "{bad}"
            );
        }
    }
}
