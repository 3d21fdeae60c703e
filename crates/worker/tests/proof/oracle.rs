//! Was every credential that ended heard of by somebody active, in time?
//!
//! Reads the receivers' transcripts and the truth about the town. Knows no policy, no alert
//! and no function of the product.

use std::collections::BTreeMap;

use domain::kernel::{Instant, Span};

use crate::life::{Life, Presence};
use crate::receiver::Mail;

const DAY: Span = Span::days(1);
/// How often the town is swept.
const INTERVAL: Span = Span::hours(1);
/// The widest step of everybody's policy but production's, which is wider.
const WIDEST: Span = Span::days(30);

/// When somebody who could hear was told of a credential.
#[derive(Clone, Copy, Debug)]
pub struct Hearing<'a> {
    pub at: Instant,
    pub who: &'a str,
}

/// What the oracle found.
#[derive(Debug, Default)]
pub struct Verdict {
    /// Lives that came to their end.
    pub ended: usize,
    /// Of these those under a day, which surfaces show.
    pub short: usize,
    /// Heard in time.
    pub in_time: usize,
    /// Heard by somebody who was still there at the end.
    pub by_who_stayed: usize,
    /// Not heard in time, with what was heard.
    pub missed: Vec<String>,
}

/// Every hearing of each credential by name, in order of time.
pub fn hearings(mails: &[Mail]) -> BTreeMap<&str, Vec<Hearing<'_>>> {
    let mut by_name: BTreeMap<&str, Vec<Hearing<'_>>> = BTreeMap::new();
    for mail in mails {
        // That something is wrong now, or over, says nothing of an end to come.
        for line in mail.lines.iter().filter(|l| !l.over && l.step != "now") {
            let Some(name) = &line.name else { continue };
            let hearing = Hearing {
                at: mail.at,
                who: &mail.to,
            };
            by_name.entry(name).or_default().push(hearing);
        }
    }
    by_name
}

/// Judges every life that ended in the time that was watched.
pub fn judge(
    lives: &[Life],
    presence: &Presence,
    heard: &BTreeMap<&str, Vec<Hearing<'_>>>,
    watched: (Instant, Instant),
) -> Verdict {
    let mut verdict = Verdict::default();
    let ended = |l: &&Life| l.lapsed() && watched.0 < l.end && l.end <= watched.1;
    for life in lives.iter().filter(ended) {
        verdict.ended += 1;
        if life.length() < DAY || life.known >= life.end {
            verdict.short += 1;
            continue;
        }
        let all = heard.get(life.name.as_str()).map_or(&[][..], Vec::as_slice);
        let of_this = |h: &&Hearing<'_>| life.known <= h.at && h.at < life.end;
        let active = |h: &&Hearing<'_>| presence.somebody(h.who, h.at);
        let mine: Vec<&Hearing<'_>> = all.iter().filter(of_this).filter(active).collect();
        if mine.iter().any(|h| h.at <= latest(life)) {
            verdict.in_time += 1;
        } else {
            verdict.missed.push(format!("{life:?} heard {mine:?}"));
        }
        let stayed = |h: &&Hearing<'_>| presence.somebody(h.who, life.end - INTERVAL);
        verdict.by_who_stayed += usize::from(mine.iter().copied().any(|h| stayed(&h)));
    }
    verdict
}

/// Until when somebody must have heard: a week before the end of what lived six weeks or
/// more and was known two weeks before it; else within one working day and one interval of
/// its first step, and before its end.
fn latest(life: &Life) -> Instant {
    let known_before = life.known.until(life.end);
    if life.length() >= Span::days(42) && known_before >= Span::days(14) {
        return life.end - Span::days(7);
    }
    let third = Span::from_micros(life.length().as_micros() / 3);
    let first = life.known.max(life.end - WIDEST.min(third));
    let soon = a_working_day_after(first) + INTERVAL;
    soon.min(life.end - Span::from_micros(1))
}

/// A day that does not count Saturdays and Sundays.
fn a_working_day_after(at: Instant) -> Instant {
    let at = to_monday(at);
    to_monday_keeping_the_hour(at + DAY)
}

fn weekday(at: Instant) -> i8 {
    at.to_jiff()
        .to_zoned(jiff::tz::TimeZone::UTC)
        .weekday()
        .to_monday_one_offset()
}

/// On a weekend the day begins on Monday at midnight.
fn to_monday(at: Instant) -> Instant {
    let days = i64::from(8 - weekday(at));
    if days > 2 {
        return at;
    }
    let midnight = at.as_micros() - at.as_micros().rem_euclid(DAY.as_micros());
    Instant::from_micros(midnight) + Span::days(days)
}

fn to_monday_keeping_the_hour(at: Instant) -> Instant {
    match weekday(at) {
        6 | 7 => at + Span::days(2),
        _ => at,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_working_day_skips_the_weekend() {
        for (from, until) in [
            ("2027-03-04T10:00:00Z", "2027-03-05T10:00:00Z"),
            ("2027-03-05T10:00:00Z", "2027-03-08T10:00:00Z"),
            ("2027-03-06T10:00:00Z", "2027-03-09T00:00:00Z"),
            ("2027-03-07T23:00:00Z", "2027-03-09T00:00:00Z"),
        ] {
            let at = |text| Instant::parse(text).unwrap();
            assert_eq!(a_working_day_after(at(from)), at(until), "{from}");
        }
    }
}
