//! Dates as their reader writes them.
//!
//! The reader's place decides the order and the clock; the words are those of the letter.

use app::ports::Addressee;
use domain::kernel::Instant;
use jiff::tz::TimeZone;

/// How one reader reads dates.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Dates {
    zone: TimeZone,
    order: Order,
    /// Twelve hours and AM or PM.
    half_days: bool,
}

/// Which part of a date comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Order {
    Day,
    Month,
    Year,
}

/// Places that write the month first, and English of nowhere in particular does not.
const MONTH_FIRST: [&str; 3] = ["US", "PH", "FM"];
/// Languages that write the year first.
const YEAR_FIRST: [&str; 6] = ["zh", "ja", "ko", "hu", "lt", "sv"];
/// Places where English is written with a clock of twelve hours.
const HALF_DAYS: [&str; 6] = ["US", "PH", "CA", "AU", "NZ", "IN"];

impl Dates {
    /// In the zone and by the tag of whoever is written to; UTC, the day first and 24 hours
    /// where they are not given or not known.
    pub fn of(to: &Addressee) -> Self {
        let zone = to.time_zone.as_deref();
        let zone = zone.and_then(|name| TimeZone::get(name).ok());
        let (language, place) = parts(to.locale.as_deref().unwrap_or_default());
        let order = match () {
            () if MONTH_FIRST.contains(&place.as_str()) => Order::Month,
            () if YEAR_FIRST.contains(&language.as_str()) => Order::Year,
            () => Order::Day,
        };
        Self {
            zone: zone.unwrap_or(TimeZone::UTC),
            order,
            half_days: language == "en" && HALF_DAYS.contains(&place.as_str()),
        }
    }

    /// In UTC, the day first: for readers who live in many zones.
    pub fn utc() -> Self {
        Self {
            zone: TimeZone::UTC,
            order: Order::Day,
            half_days: false,
        }
    }

    /// `Tuesday, 1 December 2026, 01:00 (Europe/Berlin)`.
    pub fn moment(&self, at: Instant) -> String {
        let (date, time) = match (self.order, self.half_days) {
            (Order::Day, false) => ("%A, %-d %B %Y", "%H:%M"),
            (Order::Day, true) => ("%A, %-d %B %Y", "%-I:%M %p"),
            (Order::Month, false) => ("%A, %B %-d, %Y", "%H:%M"),
            (Order::Month, true) => ("%A, %B %-d, %Y", "%-I:%M %p"),
            (Order::Year, false) => ("%A, %Y-%m-%d", "%H:%M"),
            (Order::Year, true) => ("%A, %Y-%m-%d", "%-I:%M %p"),
        };
        let name = self.zone.iana_name().unwrap_or("UTC");
        format!("{} ({name})", self.write(at, &format!("{date}, {time}")))
    }

    /// `21 November 2026`.
    pub fn day(&self, at: Instant) -> String {
        self.write(
            at,
            match self.order {
                Order::Day => "%-d %B %Y",
                Order::Month => "%B %-d, %Y",
                Order::Year => "%Y-%m-%d",
            },
        )
    }

    /// `2026-12-01`, whoever reads: it stands in subject lines, which threads hang on.
    pub fn iso_day(&self, at: Instant) -> String {
        self.write(at, "%Y-%m-%d")
    }

    fn write(&self, at: Instant, format: &str) -> String {
        let local = at.to_jiff().to_zoned(self.zone.clone());
        local.strftime(format).to_string()
    }
}

/// Language and place of a tag such as `de-AT` or `zh-Hant-TW`; empty where not given.
fn parts(tag: &str) -> (String, String) {
    let mut parts = tag.split('-');
    let language = parts.next().unwrap_or_default().to_ascii_lowercase();
    let is_place = |part: &&str| part.len() == 2;
    let place = parts.find(is_place).unwrap_or_default();
    (language, place.to_ascii_uppercase())
}

/// `Tuesday, 1 December 2026, 00:00 (UTC)`, for rooms whose readers live in many zones.
pub(crate) fn moment_utc(at: Instant) -> String {
    Dates::utc().moment(at)
}

#[cfg(test)]
mod tests {
    use domain::kernel::ChannelId;
    use domain::people::Recipient;

    use super::*;

    fn reader(zone: &str, locale: Option<&str>) -> Dates {
        Dates::of(&Addressee {
            recipient: Recipient::Channel(ChannelId::parse("mail").unwrap()),
            name: String::new(),
            email: None,
            time_zone: Some(zone.to_owned()),
            locale: locale.map(str::to_owned),
        })
    }

    /// L16: dates carry weekday and zone.
    #[test]
    fn dates_carry_weekday_and_zone() {
        let at = Instant::parse("2026-12-01T00:00:00Z").unwrap();
        assert_eq!(
            reader("Europe/Berlin", None).moment(at),
            "Tuesday, 1 December 2026, 01:00 (Europe/Berlin)"
        );
        assert_eq!(
            reader("Nowhere/Land", None).moment(at),
            "Tuesday, 1 December 2026, 00:00 (UTC)"
        );
        let york = reader("America/New_York", Some("en-US"));
        assert_eq!(york.iso_day(at), "2026-11-30");
    }

    #[test]
    fn the_readers_place_decides_order_and_clock() {
        let at = Instant::parse("2026-12-01T14:05:00Z").unwrap();
        for (tag, moment, day) in [
            (
                "en-US",
                "Tuesday, December 1, 2026, 2:05 PM (UTC)",
                "December 1, 2026",
            ),
            (
                "en-GB",
                "Tuesday, 1 December 2026, 14:05 (UTC)",
                "1 December 2026",
            ),
            (
                "en-AU",
                "Tuesday, 1 December 2026, 2:05 PM (UTC)",
                "1 December 2026",
            ),
            (
                "es-US",
                "Tuesday, December 1, 2026, 14:05 (UTC)",
                "December 1, 2026",
            ),
            (
                "de-AT",
                "Tuesday, 1 December 2026, 14:05 (UTC)",
                "1 December 2026",
            ),
            (
                "zh-Hant-TW",
                "Tuesday, 2026-12-01, 14:05 (UTC)",
                "2026-12-01",
            ),
            ("JA", "Tuesday, 2026-12-01, 14:05 (UTC)", "2026-12-01"),
            (
                "en",
                "Tuesday, 1 December 2026, 14:05 (UTC)",
                "1 December 2026",
            ),
            (
                "",
                "Tuesday, 1 December 2026, 14:05 (UTC)",
                "1 December 2026",
            ),
        ] {
            let dates = reader("UTC", Some(tag));
            assert_eq!(
                (dates.moment(at), dates.day(at)),
                (moment.to_owned(), day.to_owned()),
                "{tag}"
            );
        }
    }
}
