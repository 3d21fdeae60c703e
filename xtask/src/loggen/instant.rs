//! What does an instant look like on the wire? Microseconds since 1970, by calendar
//! arithmetic of this chore's own, so that no library is compared with itself.

use anyhow::{Context, Result};

pub const SECOND: i64 = 1_000_000;
pub const HOUR: i64 = 3600 * SECOND;
pub const DAY: i64 = 24 * HOUR;
/// The first instant that has no four digits for its year.
pub const YEAR_10000: i64 = 253_402_300_800 * SECOND;

/// `YYYY-MM-DDTHH:MM:SS` with so many digits of a fraction, then `zone`; up to six
/// digits say microseconds, further ones are `9`, which nobody may round up.
pub fn written(micros: i64, digits: usize, zone: &str) -> String {
    let (days, rest) = (micros.div_euclid(DAY), micros.rem_euclid(DAY));
    let (year, month, day) = civil(days);
    let (seconds, micros) = (rest / SECOND, rest % SECOND);
    let (hour, minute, second) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    let mut fraction = format!("{micros:06}999");
    fraction.truncate(digits);
    let dot = if digits == 0 { "" } else { "." };
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}{dot}{fraction}{zone}")
}

/// The shortest full form in UTC, as answers hold it.
pub fn plain(micros: i64) -> String {
    let digits = if micros.rem_euclid(SECOND) == 0 { 0 } else { 6 };
    written(micros, digits, "Z")
}

/// Microseconds of an instant in UTC as answers hold it, with or without a fraction.
///
/// # Errors
/// When it is anything else.
pub fn read(text: &str) -> Result<i64> {
    parts(text).with_context(|| format!("`{text}` is no instant such as 2026-11-22T00:00:00Z"))
}

fn parts(text: &str) -> Option<i64> {
    let (date, time) = text.strip_suffix('Z')?.split_once('T')?;
    let (time, fraction) = time.split_once('.').unwrap_or((time, ""));
    let numbers = |text: &str, mark| -> Option<[i64; 3]> {
        let numbers: Result<Vec<i64>, _> = text.split(mark).map(str::parse).collect();
        numbers.ok()?.try_into().ok()
    };
    let ([year, month, day], [hour, minute, second]) = (numbers(date, '-')?, numbers(time, ':')?);
    let micros: i64 = format!("{fraction:0<6}").get(..6)?.parse().ok()?;
    let seconds = hour * 3600 + minute * 60 + second;
    Some(days(year, month, day) * DAY + seconds * SECOND + micros)
}

/// Days since 1970 of a date of the Gregorian calendar, whose year starts in March here.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let (era, of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

/// The reverse of [`days`].
fn civil(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let (era, of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let shifted = (5 * of_year + 2) / 153;
    let day = of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 {
        shifted + 3
    } else {
        shifted - 9
    };
    (era * 400 + year + i64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_again() {
        for (micros, text) in [
            (0, "1970-01-01T00:00:00Z"),
            (951_782_400 * SECOND, "2000-02-29T00:00:00Z"),
            (YEAR_10000 - 1, "9999-12-31T23:59:59.999999Z"),
            (-1, "1969-12-31T23:59:59.999999Z"),
        ] {
            assert_eq!(plain(micros), text);
            assert_eq!(read(text).expect("an instant"), micros);
        }
    }
}
