//! What ends as a calendar (RFC 5545, RFC 7986).
//!
//! An event stands at the instant of the end and lasts no time; it takes no room in
//! anybody's day and rings no bell. Calendars refresh when they like, so this plans and
//! never warns.

use app::subscriptions::{Followable, Following};
use icalendar::{Calendar, Component, Event, Property};

use super::words::{details, host, link, quiet, title, whole_second};

/// How often a calendar is asked to come back.
const REFRESH: &str = "PT6H";

/// The calendar; `None` if it could not be written, which would be a defect.
pub(super) fn write(following: &Following) -> Option<String> {
    let mut calendar = Calendar::empty();
    let name = format!("Forewarn: {}", quiet(&following.title));
    let mut refresh = Property::new("REFRESH-INTERVAL", REFRESH);
    refresh.add_parameter("VALUE", "DURATION");
    calendar
        .append_property(("VERSION", "2.0"))
        .append_property(("PRODID", "-//Forewarn//What ends//EN"))
        .append_property(("METHOD", "PUBLISH"))
        .append_property(("X-PUBLISHED-TTL", REFRESH))
        .append_property(refresh)
        .name(&name);
    for item in &following.items {
        calendar.push(event(item, following));
    }
    let mut text = String::new();
    std::fmt::Write::write_fmt(&mut text, format_args!("{calendar}")).ok()?;
    Some(text)
}

fn event(item: &Followable, following: &Following) -> Event {
    let credential = &item.credential;
    let uid = format!("{}@{}", credential.id, host(following));
    let status = if item.is_over {
        "CANCELLED"
    } else {
        "CONFIRMED"
    };
    let confirmed = stamp(&whole_second(credential.confirmed_at));
    let mut event = Event::new();
    event
        .add_property("UID", uid)
        .add_property("DTSTAMP", &confirmed)
        .add_property("LAST-MODIFIED", &confirmed)
        .add_property(
            "SEQUENCE",
            credential.version.min(i32::MAX as u64).to_string(),
        )
        .add_property("DTSTART", stamp(&whole_second(item.end)))
        .add_property("DURATION", "PT0S")
        .add_property("SUMMARY", title(item, following))
        .add_property("DESCRIPTION", details(item, following).join("\n"))
        .add_property("URL", link(item, following))
        .add_property("STATUS", status)
        .add_property("TRANSP", "TRANSPARENT");
    event.done()
}

/// `20261129T000000Z`.
fn stamp(second: &str) -> String {
    second.chars().filter(|c| !"-:".contains(*c)).collect()
}
