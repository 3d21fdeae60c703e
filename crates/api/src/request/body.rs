//! Reads a body of another's making, up to a limit.

use axum::body::Body;
use bytes::{Bytes, BytesMut};
use futures_util::{Stream, StreamExt as _};
use http::HeaderMap;
use http::header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE};

use crate::problem::{Kind, Problem};

/// Reads a whole body of at most `limit` bytes into memory.
///
/// # Errors
/// As [`limited`].
pub async fn read_limited(headers: &HeaderMap, body: Body, limit: usize) -> Result<Bytes, Problem> {
    let mut read = BytesMut::new();
    let mut pieces = limited(headers, body, limit)?;
    while let Some(piece) = pieces.next().await {
        read.extend_from_slice(&piece?);
    }
    Ok(read.freeze())
}

/// The pieces of a body as they come. A `Content-Length` beyond `limit` bytes is refused
/// before a byte is read.
///
/// # Errors
/// 413 beyond the limit; instead of a piece also 400 when the connection breaks.
pub fn limited(
    headers: &HeaderMap,
    body: Body,
    limit: usize,
) -> Result<impl Stream<Item = Result<Bytes, Problem>> + Unpin + use<>, Problem> {
    let said = headers
        .get(CONTENT_LENGTH)
        .and_then(|v| v.to_str().ok()?.parse::<usize>().ok());
    if said.is_some_and(|length| length > limit) {
        return Err(too_large(limit));
    }
    let mut left = limit;
    Ok(body.into_data_stream().map(move |piece| {
        let piece =
            piece.map_err(|_| Problem::bad_request("the body ended early; send it again"))?;
        left = left
            .checked_sub(piece.len())
            .ok_or_else(|| too_large(limit))?;
        Ok(piece)
    }))
}

fn too_large(limit: usize) -> Problem {
    Problem::new(
        Kind::TooLarge,
        format!("the body may have {limit} bytes at most"),
    )
}

/// Refuses bodies of another type, in another charset than UTF-8, or compressed.
///
/// # Errors
/// 415, naming what is wanted.
pub fn require_type(headers: &HeaderMap, wanted: &[&str]) -> Result<(), Problem> {
    let refuse = |what: String| Err(Problem::new(Kind::UnsupportedMediaType, what));
    if headers
        .get(CONTENT_ENCODING)
        .is_some_and(|v| v != "identity")
    {
        return refuse("send the body without compression".to_owned());
    }
    let value = headers
        .get(CONTENT_TYPE)
        .and_then(|v| v.to_str().ok())
        .unwrap_or("");
    let mut parts = value.split(';').map(str::trim);
    let media_type = parts.next().unwrap_or("").to_ascii_lowercase();
    if !wanted.contains(&media_type.as_str()) {
        let wanted = wanted.first().copied().unwrap_or("application/json");
        return refuse(format!("send the body with `Content-Type: {wanted}`"));
    }
    for parameter in parts {
        let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
        let value = value.trim_matches('"');
        if name.eq_ignore_ascii_case("charset") && !value.eq_ignore_ascii_case("utf-8") {
            return refuse("send the body in UTF-8".to_owned());
        }
    }
    Ok(())
}
