//! When does a token end, as the wire says it and as it is true?

use super::dice::Dice;
use super::instant::{self, DAY, HOUR, SECOND, YEAR_10000};

/// JSON texts of lifetimes that say nothing usable.
const NO_TTL: [&str; 18] = [
    "0",
    "-1",
    "-86400",
    "null",
    "true",
    "[]",
    "{}",
    "\"\"",
    "\"soon\"",
    "\"3600s\"",
    "\"-60\"",
    "\"0\"",
    "1000000000000000000",
    "9223372036854775807",
    "123456789012345678901234567890",
    "\"99999999999999999999\"",
    // A date in milliseconds.
    "1800000000000",
    "253402300800",
];
/// JSON texts of ends that say nothing usable.
const NO_END: [&str; 10] = [
    "null",
    "\"\"",
    "\"never\"",
    "\"2027-01-01\"",
    "\"2027-01-01T00:00:00\"",
    "\"2027-13-01T00:00:00Z\"",
    "\"2027-02-29T00:00:00Z\"",
    "\"+10000-01-01T00:00:00Z\"",
    "1795000000000",
    "{}",
];
const NO_TIME: [&str; 7] = [
    "null",
    "\"\"",
    "\"yesterday\"",
    "\"2026-10-01T08:00:00\"",
    "\"2026-10-32T08:00:00Z\"",
    "1795000000000",
    "\"2026-10-01\"",
];
const DAYS_LONG: [i64; 7] = [1, 7, 30, 60, 90, 180, 365];

/// When something happened.
#[derive(Clone)]
pub struct Moment {
    /// JSON text; `None` when the line has no time at all.
    pub json: Option<String>,
    /// `None` when the text cannot be read.
    pub micros: Option<i64>,
}

/// Some moment of the day that starts at `midnight`.
pub fn moment(midnight: i64, dice: &mut Dice) -> Moment {
    let micros = midnight + dice.upto(DAY);
    let (text, micros) = spelled(micros, dice);
    Moment {
        json: Some(text),
        micros: Some(micros),
    }
}

/// A time that cannot be read.
pub fn no_moment(dice: &mut Dice) -> Moment {
    let json = Some(dice.one(&NO_TIME).to_owned()).filter(|_| dice.in_100(80));
    Moment { json, micros: None }
}

/// An RFC 3339 string in one of its spellings, and what is left of the instant in it.
fn spelled(micros: i64, dice: &mut Dice) -> (String, i64) {
    let (digits, unit) = [(0, SECOND), (3, 1000), (6, 1), (9, 1)]
        .get(dice.below(4))
        .copied()
        .unwrap_or((0, SECOND));
    let kept = micros - micros.rem_euclid(unit);
    let (zone, shift) = match dice.below(20) {
        0 => ("+02:00", 2 * HOUR),
        1 => ("-05:30", -(5 * HOUR + HOUR / 2)),
        2 => ("+00:00", 0),
        _ => ("Z", 0),
    };
    (
        format!("\"{}\"", instant::written(kept + shift, digits, zone)),
        kept,
    )
}

/// A `tokenTtl` as JSON text and the end that it gives; `at` is when somebody will ask.
pub fn ttl(start: Option<i64>, at: i64, dice: &mut Dice) -> (Option<String>, Option<i64>) {
    let choice = dice.below(100);
    if choice < 2 {
        return (None, None);
    }
    if choice < 12 {
        return (Some(dice.one(&NO_TTL).to_owned()), None);
    }
    let base = start.unwrap_or(at);
    let seconds = match choice {
        12..22 => (at - base) / SECOND + near(dice) / SECOND,
        22..26 => (YEAR_10000 - base) / SECOND - 3 * 86_400,
        _ => lifetime(dice) / SECOND,
    };
    let end = start
        .map(|start| start + seconds * SECOND)
        .filter(|_| seconds > 0);
    let text = match dice.below(20) {
        0 => format!("\"{seconds}\""),
        1 if seconds >= 0 => format!("\"000{seconds}\""),
        _ => seconds.to_string(),
    };
    (Some(text), end)
}

/// An `expirationTime` as JSON text and the end that it gives.
pub fn expiration(start: i64, at: i64, dice: &mut Dice) -> (Option<String>, Option<i64>) {
    match dice.below(100) {
        0..4 => (None, None),
        4..14 => (Some(dice.one(&NO_END).to_owned()), None),
        14..24 => {
            let end = at + near(dice);
            (
                Some(format!("\"{}\"", instant::written(end, 6, "Z"))),
                Some(end),
            )
        }
        24..27 => {
            let end = YEAR_10000 - SECOND;
            (Some("\"9999-12-31T23:59:59Z\"".to_owned()), Some(end))
        }
        _ => {
            let (text, end) = spelled(start + lifetime(dice), dice);
            (Some(text), Some(end))
        }
    }
}

/// Distances from the instant of asking where a state begins or ends.
fn near(dice: &mut Dice) -> i64 {
    let edges = [0, 24 * HOUR, 168 * HOUR];
    let steps = [-SECOND, -1, 0, 1, SECOND];
    let edge = edges.get(dice.below(edges.len())).copied().unwrap_or(0);
    edge + steps.get(dice.below(steps.len())).copied().unwrap_or(0)
}

fn lifetime(dice: &mut Dice) -> i64 {
    let days = DAYS_LONG
        .get(dice.below(DAYS_LONG.len()))
        .copied()
        .unwrap_or(1);
    days * DAY + dice.upto(DAY / SECOND) * SECOND
}
