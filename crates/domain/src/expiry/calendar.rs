//! On which days a policy's people work, so that steps are pulled forward to them.

use std::collections::BTreeSet;

use jiff::civil::{Date, Weekday};
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use crate::kernel::Instant;

/// The working days of a policy. A step that falls on any other day is entered on the
/// last working day before it, at the same time of day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WorkingCalendar {
    /// IANA name; an unknown one counts as UTC.
    pub time_zone: String,
    /// Working days as ISO 8601 counts them, 1 for Monday to 7 for Sunday.
    pub days: BTreeSet<i8>,
    /// Days on which nobody works, `2027-01-01`.
    #[serde(default)]
    pub holidays: BTreeSet<Date>,
}

/// How far a step is pulled forward at most, in days. A calendar without a working day
/// in so many pulls nothing.
const FARTHEST: usize = 14;

impl WorkingCalendar {
    /// Whether people work on this date.
    pub fn works_on(&self, date: Date) -> bool {
        self.days.contains(&weekday(date.weekday())) && !self.holidays.contains(&date)
    }

    /// `at` itself on a working day, else the same time of day on the last one before.
    pub fn pulled_forward(&self, at: Instant) -> Instant {
        let zone = zone(Some(&self.time_zone));
        let mut civil = at.to_jiff().to_zoned(zone.clone()).datetime();
        for _ in 0..=FARTHEST {
            if self.works_on(civil.date()) {
                let pulled = civil.to_zoned(zone);
                return pulled.map_or(at, |z| Instant::from_jiff(z.timestamp()).min(at));
            }
            let Ok(before) = civil.yesterday_same_time() else {
                return at;
            };
            civil = before;
        }
        at
    }
}

/// The same time on the day before.
trait Yesterday: Sized {
    fn yesterday_same_time(self) -> Result<Self, jiff::Error>;
}

impl Yesterday for jiff::civil::DateTime {
    fn yesterday_same_time(self) -> Result<Self, jiff::Error> {
        Ok(self.date().yesterday()?.to_datetime(self.time()))
    }
}

/// Monday is 1.
pub(crate) fn weekday(day: Weekday) -> i8 {
    day.to_monday_one_offset()
}

/// The zone of this IANA name; UTC for none and for unknown ones.
pub(crate) fn zone(name: Option<&str>) -> TimeZone {
    name.and_then(|name| TimeZone::get(name).ok())
        .unwrap_or(TimeZone::UTC)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn week() -> WorkingCalendar {
        WorkingCalendar {
            time_zone: "Europe/Berlin".to_owned(),
            days: [1, 2, 3, 4, 5].into(),
            holidays: BTreeSet::new(),
        }
    }

    fn at(text: &str) -> Instant {
        Instant::parse(text).unwrap()
    }

    #[test]
    fn a_step_on_a_sunday_is_entered_on_friday() {
        let sunday = at("2026-11-22T09:00:00Z");
        assert_eq!(week().pulled_forward(sunday), at("2026-11-20T09:00:00Z"));
        let friday = at("2026-11-20T09:00:00Z");
        assert_eq!(week().pulled_forward(friday), friday);
    }

    /// S11, F22: the night the clocks change moves no step past its own instant.
    #[test]
    fn the_time_of_day_survives_the_night_the_clocks_change() {
        let sunday = at("2027-03-28T07:00:00Z"); // 09:00 in summer time
        assert_eq!(week().pulled_forward(sunday), at("2027-03-26T08:00:00Z"));
    }

    #[test]
    fn a_calendar_without_working_days_pulls_nothing() {
        let mut never = week();
        never.days.clear();
        let sunday = at("2026-11-22T09:00:00Z");
        assert_eq!(never.pulled_forward(sunday), sunday);
    }
}
