//! What does a JSON Web Token say of itself?
//!
//! RFC 7519, in its compact form. Its signature is not looked at: whoever uses the token
//! learns soon enough whether it is genuine, and what is asked here is when it ends.

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use domain::inventory::End;
use domain::kernel::Instant;
use serde_json::{Map, Value};

use super::DecodeError;

/// The URL alphabet; padding as it comes.
const URL_SAFE: GeneralPurpose = GeneralPurpose::new(
    &alphabet::URL_SAFE,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);
/// The longest token that is read.
const TOKEN_MAX: usize = 256 * 1024;
const NOT_A_JWT: DecodeError = DecodeError::NotThis("JSON Web Token");

/// What a token says of itself. Nothing of it was checked.
#[derive(Clone, Debug, PartialEq)]
pub struct Claims {
    /// Who issued it.
    pub issuer: Option<String>,
    /// Whom it speaks for.
    pub subject: Option<String>,
    /// Whom it is meant for.
    pub audience: Vec<String>,
    /// Its id.
    pub id: Option<String>,
    /// `scope` (a text with blanks, RFC 8693) or `scp` (a text or a list).
    pub scopes: Vec<String>,
    /// `roles`.
    pub roles: Vec<String>,
    /// When it was issued.
    pub issued_at: Option<Instant>,
    /// From when on it holds.
    pub not_before: Option<Instant>,
    /// [`End::Never`] without `exp`, [`End::Unknown`] with one that is no date in the
    /// years 1 to 9999.
    pub end: End,
}

/// The claims of a token in compact form.
///
/// # Errors
/// It is no token, it is an encrypted one (RFC 7516), or its claims are no JSON object.
pub fn jwt(text: &str) -> Result<Claims, DecodeError> {
    Ok(Claims::of(&claims(text)?))
}

/// As [`jwt`] for the steps of a preset: the claims as they stand in the token.
pub fn jwt_value(text: &str) -> Option<Value> {
    claims(text).ok().map(Value::Object)
}

fn claims(text: &str) -> Result<Map<String, Value>, DecodeError> {
    let text = text.trim();
    if text.len() > TOKEN_MAX {
        return Err(NOT_A_JWT);
    }
    let parts: Vec<&str> = text.split('.').take(6).collect();
    let header = parts.first().and_then(|part| object(part));
    let header = header.filter(|header| header.contains_key("alg"));
    match (parts.as_slice(), header) {
        ([_, payload, _], Some(_)) => object(payload)
            .ok_or_else(|| DecodeError::damaged("JSON Web Token", "its claims are no JSON object")),
        ([_, _, _, _, _], Some(header)) if header.contains_key("enc") => Err(DecodeError::Skipped(
            "encrypted JSON Web Token",
            "only whom it is for can read its end",
        )),
        _ => Err(NOT_A_JWT),
    }
}

fn object(part: &str) -> Option<Map<String, Value>> {
    let bytes = URL_SAFE.decode(part).ok()?;
    serde_json::from_slice(&bytes).ok()
}

impl Claims {
    fn of(claims: &Map<String, Value>) -> Self {
        let text = |key: &str| claims.get(key).and_then(Value::as_str).map(str::to_owned);
        let date = |key: &str| claims.get(key).and_then(numeric_date);
        let scopes = claims.get("scope").or_else(|| claims.get("scp"));
        Self {
            issuer: text("iss"),
            subject: text("sub"),
            audience: texts(claims.get("aud"), false),
            id: text("jti"),
            scopes: texts(scopes, true),
            roles: texts(claims.get("roles"), false),
            issued_at: date("iat"),
            not_before: date("nbf"),
            end: match claims.get("exp") {
                None | Some(Value::Null) => End::Never,
                Some(exp) => numeric_date(exp).map_or(End::Unknown, End::Known),
            },
        }
    }
}

/// One text or a list of them; `blanks` splits a text.
fn texts(value: Option<&Value>, blanks: bool) -> Vec<String> {
    match value {
        Some(Value::String(text)) if blanks => text.split_whitespace().map(str::to_owned).collect(),
        Some(Value::String(text)) => vec![text.clone()],
        Some(Value::Array(items)) => {
            let items = items.iter().filter_map(Value::as_str);
            items.map(str::to_owned).collect()
        }
        _ => Vec::new(),
    }
}

/// Seconds since 1970 with or without a fraction (RFC 7519, 2); some write them as a
/// text. `None` if it is no number, or lies outside the years 1 to 9999.
fn numeric_date(value: &Value) -> Option<Instant> {
    let number = match value {
        Value::Number(number) => number.clone(),
        Value::String(text) => text.trim().parse().ok()?,
        _ => return None,
    };
    let micros = match number.as_i64() {
        Some(seconds) => seconds.checked_mul(1_000_000)?,
        None => micros(number.as_f64()?)?,
    };
    let at = Instant::from_micros(micros);
    (at.as_micros() == micros).then_some(at)
}

fn micros(seconds: f64) -> Option<i64> {
    let micros = (seconds * 1e6).round();
    // Beyond this a float has no exact neighbour in 64 bits; no date lies there.
    if !(-9e18..=9e18).contains(&micros) {
        return None;
    }
    #[expect(
        clippy::cast_possible_truncation,
        reason = "the range was checked just above"
    )]
    let whole = micros as i64;
    Some(whole)
}
