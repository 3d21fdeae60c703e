//! Instants and spans in every form that issuers are known to write.
//!
//! Pure. What cannot be read is `None`: it makes an end unknown, never a credential
//! vanish.

use domain::kernel::{Instant, Span};
use serde::Deserialize;
use serde_json::Value;

use super::pointer::scalar;

/// How an instant is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Form {
    /// RFC 3339 and what comes close; a bare date is the start of that day, UTC.
    #[default]
    Rfc3339,
    /// The end of that day, UTC.
    DateEnd,
    EpochS,
    EpochMs,
    EpochUs,
    EpochNs,
}

/// How a span is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum SpanForm {
    Seconds,
    Days,
    /// `8760h`, `P30D`, `1y` is refused.
    #[default]
    Span,
}

/// What an instant turned out to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Told {
    At(Instant),
    /// Past the year 9998: nobody means that literally (RFC 5280, 4.1.2.5).
    Never,
}

/// The first instant that means "never".
const NEVER_FROM: &str = "9999-01-01T00:00:00Z";

impl Form {
    /// Reads a value. `None`: it is no instant in this form.
    pub fn read(self, value: &Value) -> Option<Told> {
        let micros = match self {
            Self::Rfc3339 => return lenient(value.as_str()?),
            Self::DateEnd => return lenient(value.as_str()?).map(end_of_day),
            Self::EpochS => epoch(value, 1_000_000.0)?,
            Self::EpochMs => epoch(value, 1_000.0)?,
            Self::EpochUs => epoch(value, 1.0)?,
            Self::EpochNs => epoch(value, 0.001)?,
        };
        Some(bounded(micros))
    }
}

impl SpanForm {
    /// Reads a value. `None`: it is no span in this form, or not positive.
    pub fn read(self, value: &Value) -> Option<Span> {
        let seconds = |unit: f64| {
            let micros = number(value)? * unit * 1_000_000.0;
            (micros.abs() < 1e18).then(|| Span::from_micros(micros as i64))
        };
        let span = match self {
            Self::Seconds => seconds(1.0)?,
            Self::Days => seconds(86_400.0)?,
            Self::Span => Span::parse(value.as_str()?).ok()?,
        };
        span.is_positive().then_some(span)
    }
}

fn number(value: &Value) -> Option<f64> {
    let text = scalar(value)?;
    let text = text.trim();
    let looks = text
        .bytes()
        .all(|b| b.is_ascii_digit() || b"+-.eE".contains(&b));
    looks.then(|| text.parse().ok()).flatten()
}

fn epoch(value: &Value, micros_each: f64) -> Option<f64> {
    let number = number(value)?;
    // Zero and less is how issuers write "none".
    (number > 0.0).then_some(number * micros_each)
}

/// Beyond the year 9998 is never.
fn bounded(micros: f64) -> Told {
    // Seconds near the present have more digits than a float's fraction is worth.
    let never = Instant::parse(NEVER_FROM).map_or(f64::MAX, |at| at.as_micros() as f64);
    if micros >= never {
        return Told::Never;
    }
    Told::At(Instant::from_micros(micros.round() as i64))
}

/// RFC 3339, and: a blank for the `T`, `UTC` or nothing for the offset, an offset without
/// its colon, no seconds, a bare date.
pub(crate) fn lenient(text: &str) -> Option<Told> {
    let text = text.trim();
    let never = text.strip_prefix('+').unwrap_or(text);
    // `+10000-…` and longer years, which some libraries write for their largest date.
    let year_digits = never.bytes().take_while(u8::is_ascii_digit).count();
    if year_digits > 4 && never.as_bytes().get(year_digits) == Some(&b'-') {
        return Some(Told::Never);
    }
    let at = Instant::parse(&normal(text)?).ok()?;
    match Instant::parse(NEVER_FROM) {
        Ok(never) if at >= never => Some(Told::Never),
        _ => Some(Told::At(at)),
    }
}

/// The same in RFC 3339's own spelling.
fn normal(text: &str) -> Option<String> {
    let (date, rest) = (text.get(..10)?, text.get(10..)?);
    let rest = rest.trim_start_matches(['T', 't', ' ']);
    if rest.is_empty() {
        return Some(format!("{date}T00:00:00Z"));
    }
    let rest = rest
        .trim_end_matches("UTC")
        .trim_end_matches("GMT")
        .trim_end();
    let zone_at = rest.find(['Z', 'z', '+', '-']).unwrap_or(rest.len());
    let (time, zone) = rest.split_at(zone_at);
    let time = time.trim_end().replace(',', ".");
    let time = if time.matches(':').count() == 1 {
        format!("{time}:00")
    } else {
        time
    };
    Some(format!("{date}T{time}{}", offset(zone.trim())?))
}

fn offset(zone: &str) -> Option<String> {
    let sign = zone.get(..1).unwrap_or_default();
    let digits: String = zone.chars().filter(char::is_ascii_digit).collect();
    match (sign, digits.len()) {
        ("" | "Z" | "z", 0) => Some("Z".to_owned()),
        ("+" | "-", 2) => Some(format!("{sign}{digits}:00")),
        ("+" | "-", 4) => {
            let (hours, minutes) = digits.split_at(2);
            Some(format!("{sign}{hours}:{minutes}"))
        }
        _ => None,
    }
}

/// From the start of a day to the start of the next, when it stops working.
fn end_of_day(start: Told) -> Told {
    match start {
        Told::At(at) => at.checked_add(Span::days(1)).map_or(Told::Never, Told::At),
        Told::Never => Told::Never,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn at(text: &str) -> Option<Told> {
        Some(Told::At(Instant::parse(text).unwrap()))
    }

    /// L33, B65, B70: ends in every spelling met, and rubbish.
    #[test]
    fn instants_are_read_in_every_spelling_that_issuers_write() {
        for (written, meant) in [
            ("2026-11-22T10:00:00Z", "2026-11-22T10:00:00Z"),
            (
                "2026-11-22T10:00:00.123456789Z",
                "2026-11-22T10:00:00.123456Z",
            ),
            ("2023-11-16T08:47:09.000-07:00", "2023-11-16T15:47:09Z"),
            ("2015-08-02T15:44:27+0200", "2015-08-02T13:44:27Z"),
            ("2026-11-22 10:00:00 UTC", "2026-11-22T10:00:00Z"),
            ("2026-11-22 10:00:00 -0700", "2026-11-22T17:00:00Z"),
            ("2026-11-22 10:00:00 +0000", "2026-11-22T10:00:00Z"),
            ("2018-07-19T00:00:00", "2018-07-19T00:00:00Z"),
            ("2018-07-19T00:00", "2018-07-19T00:00:00Z"),
            (
                "2020-10-29T13:05:39.0466667Z",
                "2020-10-29T13:05:39.046666Z",
            ),
            ("2026-11-22", "2026-11-22T00:00:00Z"),
            ("2026-11-22T10:00:00+02", "2026-11-22T08:00:00Z"),
        ] {
            assert_eq!(Form::Rfc3339.read(&json!(written)), at(meant), "{written}");
        }
        for rubbish in [
            "",
            "soon",
            "2026",
            "2026-13-01",
            "2026-11-22T25:00:00Z",
            "22.11.2026",
            "0000-00-00",
            "2026-11-22T10:00:00 Europe/Berlin",
            "ééééééééééé",
        ] {
            assert_eq!(Form::Rfc3339.read(&json!(rubbish)), None, "{rubbish}");
        }
        assert_eq!(Form::Rfc3339.read(&json!(12)), None);
    }

    /// L16: a date is the earliest instant that it can mean.
    #[test]
    fn a_date_is_the_start_of_its_day_unless_its_end_is_asked_for() {
        let date = json!("2026-11-22");
        assert_eq!(Form::Rfc3339.read(&date), at("2026-11-22T00:00:00Z"));
        assert_eq!(Form::DateEnd.read(&date), at("2026-11-23T00:00:00Z"));
    }

    #[test]
    fn epochs_are_read_in_their_unit_from_numbers_and_digits() {
        let meant = at("2027-01-15T08:00:00Z");
        assert_eq!(Form::EpochS.read(&json!(1_800_000_000)), meant);
        assert_eq!(Form::EpochS.read(&json!("1800000000")), meant);
        assert_eq!(
            Form::EpochS.read(&json!(1_800_000_000.5)),
            at("2027-01-15T08:00:00.5Z")
        );
        assert_eq!(Form::EpochMs.read(&json!(1_800_000_000_000_i64)), meant);
        assert_eq!(Form::EpochUs.read(&json!(1_800_000_000_000_000_i64)), meant);
        assert_eq!(
            Form::EpochNs.read(&json!(1_800_000_000_000_000_000_i64)),
            meant
        );
        for none in [
            json!(0),
            json!(-1),
            json!("-1"),
            json!("x"),
            json!(null),
            json!("1e"),
        ] {
            assert_eq!(Form::EpochS.read(&none), None, "{none}");
        }
        // Milliseconds read as seconds land past the year 9998.
        assert_eq!(
            Form::EpochS.read(&json!(1_800_000_000_000_i64)),
            Some(Told::Never)
        );
    }

    #[test]
    fn the_year_9999_means_never_and_the_one_before_does_not() {
        for never in [
            "9999-01-01T00:00:00Z",
            "9999-12-31T23:59:59Z",
            "+292278994-08-17T07:12:55Z",
        ] {
            assert_eq!(
                Form::Rfc3339.read(&json!(never)),
                Some(Told::Never),
                "{never}"
            );
        }
        let last = "9998-12-31T23:59:59Z";
        assert_eq!(Form::Rfc3339.read(&json!(last)), at(last));
    }

    #[test]
    fn spans_are_read_in_seconds_days_and_words() {
        assert_eq!(SpanForm::Seconds.read(&json!(60)), Some(Span::minutes(1)));
        assert_eq!(SpanForm::Days.read(&json!("90")), Some(Span::days(90)));
        assert_eq!(
            SpanForm::Span.read(&json!("8760h")),
            Some(Span::hours(8760))
        );
        assert_eq!(SpanForm::Span.read(&json!("P30D")), Some(Span::days(30)));
        for none in [json!(0), json!(-3), json!("forever"), json!(1e30)] {
            assert_eq!(SpanForm::Days.read(&none), None, "{none}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_text_makes_the_reader_stumble(text in ".{0,40}") {
            let value = json!(text);
            for form in [Form::Rfc3339, Form::DateEnd, Form::EpochS, Form::EpochNs] {
                let _ = form.read(&value);
            }
            let _ = SpanForm::Span.read(&value);
        }
    }
}
