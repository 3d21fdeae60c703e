//! Who works in the sample organisation.

use std::collections::BTreeMap;

use app::ports::Write;
use domain::kernel::{Email, Instant, Name, PersonId, RoleName, ServiceAccountId, Span, TeamId};
use domain::people::{Person, ServiceAccount, Team};

/// Name, local part of the address, team, time zone, still there?
const PEOPLE: [(&str, &str, &str, &str, bool); 14] = [
    (
        "Ines Okafor",
        "ines.okafor",
        "Platform",
        "Europe/Lisbon",
        true,
    ),
    (
        "Tomasz Wren",
        "tomasz.wren",
        "Platform",
        "Europe/Warsaw",
        true,
    ),
    (
        "Mei-Ling Duarte",
        "meiling.duarte",
        "Platform",
        "Asia/Singapore",
        true,
    ),
    (
        "Jonas Achterberg",
        "jonas.achterberg",
        "Data Engineering",
        "Europe/Amsterdam",
        true,
    ),
    (
        "Priya Raghunathan",
        "priya.raghunathan",
        "Data Engineering",
        "Asia/Kolkata",
        true,
    ),
    (
        "Samuel Kettering",
        "samuel.kettering",
        "Data Engineering",
        "America/Chicago",
        false,
    ),
    (
        "Aiko Brandvold",
        "aiko.brandvold",
        "Payments",
        "Europe/Oslo",
        true,
    ),
    (
        "Dario Pellegrini",
        "dario.pellegrini",
        "Payments",
        "Europe/Rome",
        true,
    ),
    (
        "Ruth Mwangi",
        "ruth.mwangi",
        "Payments",
        "Africa/Nairobi",
        true,
    ),
    (
        "Lena Hofstadler",
        "lena.hofstadler",
        "Security",
        "Europe/Vienna",
        true,
    ),
    (
        "Óscar Villalba",
        "oscar.villalba",
        "Security",
        "America/Mexico_City",
        true,
    ),
    (
        "Noor El-Sayed",
        "noor.elsayed",
        "Field Systems",
        "Africa/Cairo",
        true,
    ),
    (
        "Callum Strathie",
        "callum.strathie",
        "Field Systems",
        "Europe/London",
        true,
    ),
    (
        "Beatriz Nakamura",
        "beatriz.nakamura",
        "Field Systems",
        "America/Sao_Paulo",
        false,
    ),
];

const TEAMS: [(&str, Option<&str>, Option<&str>); 6] = [
    ("Engineering", None, None),
    (
        "Platform",
        Some("platform@meridian.example"),
        Some("Engineering"),
    ),
    ("Data Engineering", None, Some("Engineering")),
    (
        "Payments",
        Some("payments@meridian.example"),
        Some("Engineering"),
    ),
    ("Security", Some("security@meridian.example"), None),
    ("Field Systems", None, Some("Engineering")),
];

const SERVICE_ACCOUNTS: [(&str, &str); 4] = [
    ("deploy-bot", "Platform"),
    ("nightly-export", "Data Engineering"),
    ("settlement-runner", "Payments"),
    ("track-sensors", "Field Systems"),
];

/// Everybody, by the names used in the sample.
pub(super) struct Everybody {
    pub(super) persons: BTreeMap<&'static str, Person>,
    pub(super) teams: BTreeMap<&'static str, Team>,
    pub(super) service_accounts: BTreeMap<&'static str, ServiceAccount>,
}

impl Everybody {
    pub(super) fn new(now: Instant) -> Self {
        let since = now - Span::days(700);
        let persons: BTreeMap<_, _> = PEOPLE
            .iter()
            .filter_map(|row| Some((row.1, person(row, since)?)))
            .collect();
        let teams = TEAMS
            .iter()
            .filter_map(|row| Some((row.0, team(row, &persons, since)?)))
            .collect();
        let service_accounts = SERVICE_ACCOUNTS
            .iter()
            .filter_map(|row| Some((row.0, service_account(row, since)?)))
            .collect();
        Self {
            persons,
            teams,
            service_accounts,
        }
    }

    pub(super) fn writes(&self) -> Vec<Write> {
        let persons = self.persons.values().cloned().map(Write::PutPerson);
        let teams = self.teams.values().cloned().map(Write::PutTeam);
        let accounts = self
            .service_accounts
            .values()
            .cloned()
            .map(Write::PutServiceAccount);
        persons.chain(teams).chain(accounts).collect()
    }
}

fn person(row: &(&str, &str, &str, &str, bool), since: Instant) -> Option<Person> {
    let (name, local, _, zone, active) = *row;
    Some(Person {
        id: PersonId::derived(&["demo", local]),
        name: Name::parse(name).ok()?,
        email: Email::parse(format!("{local}@meridian.example")).ok(),
        time_zone: Some(zone.to_owned()),
        roles: Default::default(),
        active,
        leaves_at: None,
        bounced_at: None,
        claimed: None,
        locale: None,
        provisioned: Default::default(),
        created_at: since,
        version: 0,
    })
}

fn team(
    row: &(&'static str, Option<&str>, Option<&str>),
    persons: &BTreeMap<&'static str, Person>,
    since: Instant,
) -> Option<Team> {
    let (name, email, parent) = *row;
    let members = PEOPLE
        .iter()
        .filter(|p| p.2 == name)
        .filter_map(|p| persons.get(p.1))
        .map(|p| p.id.clone());
    Some(Team {
        id: TeamId::derived(&["demo", name]),
        name: Name::parse(name).ok()?,
        email: email.and_then(|e| Email::parse(e).ok()),
        parent: parent.map(|p| TeamId::derived(&["demo", p])),
        members: members.collect(),
        external_id: None,
        removed: false,
        created_at: since,
        version: 0,
    })
}

fn service_account(row: &(&str, &str), since: Instant) -> Option<ServiceAccount> {
    Some(ServiceAccount {
        id: ServiceAccountId::derived(&["demo", row.0]),
        name: Name::parse(row.0).ok()?,
        team: Some(TeamId::derived(&["demo", row.1])),
        roles: RoleName::parse("Continuous Integration")
            .into_iter()
            .collect(),
        active: true,
        created_at: since,
        version: 0,
    })
}
