//! How many end on which day, as a calendar of weeks: days on which many end stand out.

use domain::kernel::{Instant, Span};
use jiff::ToSpan as _;
use jiff::civil::Date;

use crate::show::{Reader, count};

const WEEKS: i64 = 40;
/// From one day to the next, and how large it is.
const STEP: i64 = 15;
/// Fewer are no crowd.
const CROWD_MIN: u64 = 10;
/// So many of the fullest days are named.
const FULLEST: usize = 4;
/// A crowd is so many times as large as a usual day.
const CROWD: u64 = 3;

/// Which days are shown.
pub(super) struct Range {
    first: Date,
    today: Date,
    pub(super) ahead: Span,
}

/// The calendar.
pub(super) struct Heat {
    pub(super) cells: Vec<Cell>,
    pub(super) months: Vec<Month>,
    pub(super) crowd: Option<Crowd>,
    pub(super) title: String,
    /// The days on which something ends.
    pub(super) table: Vec<Day>,
    /// The days on which most end, the fullest first.
    pub(super) fullest: Vec<Day>,
    pub(super) width: i64,
}

pub(super) struct Cell {
    pub(super) x: i64,
    pub(super) y: i64,
    pub(super) level: u8,
    pub(super) past: bool,
    pub(super) words: String,
}

pub(super) struct Month {
    pub(super) x: i64,
    pub(super) words: String,
}

/// The day on which most end.
pub(super) struct Crowd {
    pub(super) x: i64,
    pub(super) y: i64,
    pub(super) text_x: i64,
    pub(super) anchor: &'static str,
    pub(super) words: String,
}

pub(super) struct Day {
    pub(super) words: String,
    pub(super) count: u64,
    pub(super) href: String,
}

impl Range {
    /// Forty weeks from the Monday of this one, on the reader's clock as it goes now.
    pub(super) fn around(reader: &Reader) -> Self {
        let local = reader.local(reader.now);
        let today = local.date();
        let back = i64::from(today.weekday().to_monday_zero_offset());
        Self {
            first: today.saturating_sub(back.days()),
            today,
            ahead: Span::seconds(i64::from(local.offset().seconds())),
        }
    }

    /// The days, counted from 1970-01-01.
    pub(super) fn days(&self) -> std::ops::Range<i64> {
        let first = number(self.first);
        first..first + WEEKS * 7
    }

    /// When a day begins.
    fn start(&self, day: i64) -> Instant {
        Instant::EPOCH + Span::days(day) - self.ahead
    }
}

/// Counted from 1970-01-01.
fn number(date: Date) -> i64 {
    let epoch = jiff::civil::date(1970, 1, 1);
    i64::from(epoch.until(date).map_or(0, |span| span.get_days()))
}

impl Heat {
    /// `days` are those on which something ends.
    pub(super) fn draw(range: &Range, days: &[(i64, u64)]) -> Self {
        let scale = Scale::of(days);
        let first = number(range.first);
        let found = |day: i64| {
            let at = days.binary_search_by_key(&day, |(day, _)| *day).ok();
            at.and_then(|at| days.get(at))
                .map_or(0, |(_, count)| *count)
        };
        let date = |offset: i64| range.first.saturating_add(offset.days());
        let cells = (0..WEEKS * 7).map(|offset| {
            let (date, many) = (date(offset), found(first + offset));
            Cell {
                x: offset / 7 * STEP,
                y: offset % 7 * STEP,
                level: scale.level(many),
                past: date < range.today,
                words: format!("{}: {}", words(date), ends(many)),
            }
        });
        let most = days.iter().max_by_key(|(day, count)| (*count, -*day));
        let crowd = most.filter(|(_, many)| scale.is_crowd(*many));
        let row = |(day, many): &(i64, u64)| Day {
            words: words(date(day - first)),
            count: *many,
            href: href(range, *day),
        };
        let mut fullest: Vec<&(i64, u64)> = days.iter().filter(|(_, many)| *many > 1).collect();
        fullest.sort_by_key(|(day, many)| (std::cmp::Reverse(*many), *day));
        Self {
            cells: cells.collect(),
            months: months(range.first),
            title: match crowd {
                Some((day, many)) => format!(
                    "Ends by day, the next {WEEKS} weeks; {} on {}",
                    ends(*many),
                    words(date(day - first))
                ),
                None => format!("Ends by day, the next {WEEKS} weeks"),
            },
            crowd: crowd.map(|(day, many)| point(day - first, words(date(day - first)), *many)),
            table: days.iter().map(row).collect(),
            fullest: fullest.into_iter().take(FULLEST).map(row).collect(),
            width: WEEKS * STEP,
        }
    }
}

fn words(date: Date) -> String {
    date.strftime("%a %-d %b %Y").to_string()
}

fn ends(many: u64) -> String {
    match many {
        0 => "nothing".to_owned(),
        1 => "1 ends".to_owned(),
        n => format!("{} end", crate::show::thousands(n)),
    }
}

fn href(range: &Range, day: i64) -> String {
    let after = range.start(day) - Span::from_micros(1);
    let before = range.start(day + 1);
    format!("/credentials?expires_after={after}&expires_before={before}")
}

fn point(offset: i64, day: String, many: u64) -> Crowd {
    let x = offset / 7 * STEP + 6;
    let late = offset / 7 > WEEKS * 3 / 5;
    Crowd {
        x,
        y: offset % 7 * STEP + 13,
        text_x: if late { x - 14 } else { x + 14 },
        anchor: if late { "end" } else { "start" },
        words: format!("{} on {day}", count(many, "end")),
    }
}

fn months(first: Date) -> Vec<Month> {
    let mut months = Vec::new();
    let mut before = None;
    for week in 0..WEEKS {
        let date = first.saturating_add((week * 7 + 6).days());
        if before.is_some_and(|month| month != date.month()) {
            let form = if date.month() == 1 { "%b %Y" } else { "%b" };
            months.push(Month {
                x: week * STEP,
                words: date.strftime(form).to_string(),
            });
        }
        before = Some(date.month());
    }
    months
}

/// What is usual here.
struct Scale {
    median: u64,
    most: u64,
}

impl Scale {
    fn of(days: &[(i64, u64)]) -> Self {
        let mut counts: Vec<u64> = days.iter().map(|(_, count)| *count).collect();
        counts.sort_unstable();
        let at = |share: usize| counts.get(counts.len() * share / 10).copied().unwrap_or(1);
        Self {
            median: at(5),
            most: at(9),
        }
    }

    fn is_crowd(&self, many: u64) -> bool {
        many >= CROWD_MIN && many > self.median.saturating_mul(CROWD)
    }

    fn level(&self, many: u64) -> u8 {
        match many {
            0 => 0,
            n if self.is_crowd(n) => 4,
            n if n * 3 > self.most * 2 => 3,
            n if n * 3 > self.most => 2,
            _ => 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reader(zone: &str) -> Reader {
        let now = Instant::parse("2026-11-26T23:30:00Z").unwrap();
        Reader::of(Some(zone), now)
    }

    #[test]
    fn weeks_begin_on_the_readers_monday() {
        let range = Range::around(&reader("Europe/Berlin"));
        // In Berlin it is Friday already.
        assert_eq!(range.today.to_string(), "2026-11-27");
        assert_eq!(range.first.to_string(), "2026-11-23");
        let days = range.days();
        assert_eq!(range.start(days.start).to_string(), "2026-11-22T23:00:00Z");
        assert_eq!(range.start(days.end).to_string(), "2027-08-29T23:00:00Z");
    }

    #[test]
    fn a_day_on_which_many_end_stands_out() {
        let range = Range::around(&reader("UTC"));
        let first = number(range.first);
        let mut days: Vec<(i64, u64)> = (0..30).map(|n| (first + n * 3, 2)).collect();
        days[5].1 = 61;
        let heat = Heat::draw(&range, &days);
        assert_eq!(heat.cells.len(), 280);
        let crowds = heat.cells.iter().filter(|c| c.level == 4).count();
        assert_eq!(crowds, 1);
        assert_eq!(heat.crowd.unwrap().words, "61 ends on Tue 8 Dec 2026");
        assert_eq!(heat.table.len(), 30);
    }

    #[test]
    fn an_empty_calendar_has_no_crowd() {
        let heat = Heat::draw(&Range::around(&reader("UTC")), &[]);
        assert!(heat.crowd.is_none() && heat.cells.iter().all(|c| c.level == 0));
    }
}
