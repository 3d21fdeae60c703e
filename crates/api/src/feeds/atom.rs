//! What ends as an Atom feed (RFC 4287): an entry as soon as a credential is within thirty
//! days of its end.

use app::subscriptions::{Followable, Following};
use atom_syndication::{Entry, Feed, FixedDateTime, Link, Text};
use domain::kernel::{Instant, Span};

use super::words::{details, host, link, quiet, title, whole_second};

/// So long before its end a credential enters the feed.
const AHEAD: Span = Span::days(30);

/// The feed; `None` if it could not be written, which would be a defect.
pub(super) fn write(following: &Following) -> Option<String> {
    let near = |item: &&Followable| item.end <= following.now + AHEAD;
    let entries: Vec<Entry> = following
        .items
        .iter()
        .filter(near)
        .map(|item| entry(item, following))
        .collect::<Option<_>>()?;
    let newest = entries.iter().map(|e| e.updated).max();
    let id = following.subscription.id.as_str();
    let feed = Feed {
        id: format!("urn:forewarn:feed:{id}"),
        title: Text::plain(format!("Forewarn: {}", quiet(&following.title))),
        updated: match newest {
            Some(newest) => newest,
            None => moment(following.subscription.created_at)?,
        },
        authors: vec![atom_syndication::Person {
            name: "Forewarn".to_owned(),
            ..Default::default()
        }],
        links: vec![alternate(format!("{}/credentials", following.public_url))],
        entries,
        ..Feed::default()
    };
    let written = feed.write_to(Vec::new()).ok()?;
    String::from_utf8(written).ok()
}

/// A moved end is a new entry: readers hide what they have shown.
fn entry(item: &Followable, following: &Following) -> Option<Entry> {
    let credential = &item.credential;
    let entered = (item.end - AHEAD).max(credential.first_seen_at);
    let id = format!(
        "tag:{},2026:credential:{}:{}",
        host(following),
        credential.id,
        item.end.as_seconds()
    );
    Some(Entry {
        id,
        title: Text::plain(format!(
            "{} {}",
            title(item, following),
            whole_second(item.end)
        )),
        updated: moment(entered.min(following.now))?,
        links: vec![alternate(link(item, following))],
        summary: Some(Text::plain(details(item, following).join("\n"))),
        ..Entry::default()
    })
}

fn alternate(href: String) -> Link {
    Link {
        href,
        rel: "alternate".to_owned(),
        ..Link::default()
    }
}

fn moment(at: Instant) -> Option<FixedDateTime> {
    whole_second(at).parse().ok()
}
