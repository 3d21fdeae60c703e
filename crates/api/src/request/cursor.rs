//! Where did the last page end, and was it a page of this very list?
//!
//! A cursor is bound to the path and the filters it was made for: used with others it
//! would skip rows silently. It opens nothing, for every page is authorised anew.

use app::ports::{Cursor, PageRequest};
use axum::extract::FromRequestParts;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::request::Parts;
use sha2::{Digest as _, Sha256};

use super::params::Params;
use crate::problem::Problem;

/// Items on a page unless the caller asks for another number.
const LIMIT_DEFAULT: u32 = 50;
/// The most items on a page.
pub const LIMIT_MAX: u32 = 200;
const TAG_BYTES: usize = 8;
const CURSOR_BYTES_MAX: usize = 2048;

/// Reads and writes the cursors of one list.
#[derive(Debug)]
pub struct Cursors {
    tag: [u8; TAG_BYTES],
}

impl Cursors {
    fn of(path: &str, params: &Params) -> Self {
        let mut hash = Sha256::new();
        hash.update(path.as_bytes());
        for (name, value) in params
            .pairs()
            .filter(|(n, _)| !matches!(*n, "cursor" | "limit"))
        {
            for part in [name, value] {
                hash.update((part.len() as u64).to_be_bytes());
                hash.update(part.as_bytes());
            }
        }
        let mut tag = [0; TAG_BYTES];
        tag.iter_mut()
            .zip(hash.finalize())
            .for_each(|(to, from)| *to = from);
        Self { tag }
    }

    /// As the caller sees it.
    pub fn write(&self, cursor: &Cursor) -> String {
        let mut bytes = self.tag.to_vec();
        bytes.extend_from_slice(cursor.0.as_bytes());
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// Reads what [`Self::write`] wrote.
    ///
    /// # Errors
    /// 400 for a cursor of another list, another filter, or nobody's.
    pub fn read(&self, text: &str) -> Result<Cursor, Problem> {
        let refuse = || {
            let detail = "this cursor belongs to another list or filter; start again without it";
            Problem::bad_request(detail)
        };
        let short = (text.len() <= CURSOR_BYTES_MAX)
            .then_some(text)
            .ok_or_else(refuse)?;
        let bytes = URL_SAFE_NO_PAD.decode(short).map_err(|_| refuse())?;
        let (tag, rest) = bytes.split_at_checked(TAG_BYTES).ok_or_else(refuse)?;
        if tag != self.tag {
            return Err(refuse());
        }
        String::from_utf8(rest.to_vec())
            .map(Cursor)
            .map_err(|_| refuse())
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Cursors {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        let params = Params::read(parts.uri.query().unwrap_or(""));
        Ok(Self::of(parts.uri.path(), &params))
    }
}

/// Which page the caller asks for.
///
/// # Errors
/// 422 for a limit outside 1 to 200, 400 for a cursor that is not of this list.
pub fn page_of(params: &Params, cursors: &Cursors) -> Result<PageRequest, Problem> {
    let limit = params
        .number("limit", 1, LIMIT_MAX)?
        .unwrap_or(LIMIT_DEFAULT);
    let after = params
        .text("cursor")
        .map(|text| cursors.read(text))
        .transpose()?;
    Ok(PageRequest { limit, after })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// B38: forged, foreign and cut cursors.
    #[test]
    fn a_cursor_works_for_its_own_list_only() {
        let list = Cursors::of("/v1/tokens", &Params::read("scope=a&limit=3"));
        let next = Cursors::of("/v1/tokens", &Params::read("scope=a&limit=9&cursor=x"));
        let other = Cursors::of("/v1/tokens", &Params::read("scope=b"));
        let cursor = Cursor("2027|abc".to_owned());
        let text = list.write(&cursor);
        assert_eq!(next.read(&text).unwrap(), cursor);
        assert!(other.read(&text).is_err());
        for bad in ["", "x", "////", &text[1..], &"A".repeat(100_000)] {
            assert!(list.read(bad).is_err(), "{bad:.20}");
        }
    }
}
