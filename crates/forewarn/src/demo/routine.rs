//! What the sample organisation does every so often: integrations that report in, and a
//! round of a review that is half done.

use app::ports::{Pinged, Write};
use domain::expiry::{Decided, Decision, Round, Subject};
use domain::inventory::{Credential, Monitor, PingKey};
use domain::kernel::{Entropy, Instant, MonitorId, Name, Span};

use super::people::Everybody;

/// The review whose round is under way, as the configuration of the sample calls it.
pub(crate) const REVIEW: &str = "quarterly";
/// The teams that look through what they answer for.
pub(crate) const REVIEWERS: [&str; 2] = ["Platform", "Payments"];

/// Name, team, what it needs, hours between its runs, hours since it was last heard.
const MONITORS: [(&str, &str, &str, i64, i64); 4] = [
    (
        "Nightly ERP export",
        "Data Engineering",
        "erp-delta-export",
        24,
        9,
    ),
    (
        "Track geometry import",
        "Field Systems",
        "track-geometry-sync",
        1,
        0,
    ),
    (
        "Work-order webhook",
        "Data Engineering",
        "ontology-webhook",
        6,
        2,
    ),
    ("Signal archive", "Field Systems", "signal-archive", 24, 31),
];

/// The monitors, each due to be looked at.
pub(super) fn monitors(
    everybody: &Everybody,
    known: &[Credential],
    entropy: &mut dyn Entropy,
    now: Instant,
) -> (Vec<Write>, Vec<Pinged>) {
    let (mut writes, mut heard) = (Vec::new(), Vec::new());
    for row in &MONITORS {
        let Some(monitor) = monitor(row, everybody, known, entropy, now) else {
            continue;
        };
        heard.push(Pinged {
            id: monitor.id.clone(),
            last_ping_at: Some(now - Span::hours(row.4) - Span::minutes(7)),
            failed_at: None,
            pings: 214,
        });
        let subject = Subject::Monitor(monitor.id.clone());
        writes.push(Write::DueAtLatest(subject, now));
        writes.push(Write::PutMonitor(Box::new(monitor)));
    }
    (writes, heard)
}

fn monitor(
    row: &(&str, &str, &str, i64, i64),
    everybody: &Everybody,
    known: &[Credential],
    entropy: &mut dyn Entropy,
    now: Instant,
) -> Option<Monitor> {
    let needed = known.iter().find(|c| c.name.as_str() == row.2)?;
    let since = now - Span::days(214);
    let period = Span::hours(row.3);
    Some(Monitor {
        id: MonitorId::random(entropy),
        key: PingKey::random(entropy),
        name: Name::parse(row.0).ok()?,
        period,
        grace: Monitor::usual_grace(period),
        owner: needed.owner.clone(),
        team: everybody.teams.get(row.1).map(|t| t.id.clone()),
        depends_on: std::iter::once(needed.id.clone()).collect(),
        created_at: since,
        counts_from: since,
        paused_at: None,
        last_ping_at: None,
        failed_at: None,
        pings: 0,
        version: 0,
    })
}

/// The rounds of the review; in each something was decided already.
pub(super) fn rounds(everybody: &Everybody, known: &[Credential], now: Instant) -> Vec<Write> {
    let began = now - Span::days(2);
    let teams = REVIEWERS
        .iter()
        .filter_map(|name| everybody.teams.get(name));
    let round = |team: &domain::people::Team| {
        let mut round = Round {
            known_at: now - Span::days(100),
            began_at: Some(began),
            decided: Default::default(),
        };
        let of_team = |c: &&Credential| c.team.as_ref() == Some(&team.id);
        let first = known.iter().find(of_team).map(|c| c.id.clone());
        let decided = Decided {
            decision: Decision::Keep,
            by: "system".to_owned(),
            at: began + Span::hours(3),
            note: Some("in daily use".to_owned()),
        };
        round.decided.extend(first.map(|id| (id, decided)));
        Write::SwapMeta {
            name: format!("review:{REVIEW}:{}", team.id),
            from: None,
            to: serde_json::to_string(&round).ok(),
        }
    };
    teams.map(round).collect()
}
