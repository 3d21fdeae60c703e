//! What the sample organisation holds.

use domain::inventory::{Credential, End, IssuerOwner, PlaceOfUse};
use domain::kernel::{Instant, Name, SourceId, Span};
use domain::people::Owner;

use super::people::Everybody;

/// One credential of the sample.
struct Row {
    source: &'static str,
    kind: &'static str,
    name: &'static str,
    /// A person's local part, a service account, or nobody.
    owner: &'static str,
    team: &'static str,
    scopes: &'static [&'static str],
    /// Hours from now to the end; `None`: never ends.
    ends_in: Option<i64>,
    /// Days it lives in all.
    life: i64,
    /// Hours since its last use; `None`: not known.
    used: Option<i64>,
    /// What breaks.
    used_by: &'static str,
}

#[expect(
    clippy::too_many_arguments,
    reason = "a row of a table reads best on one line"
)]
const fn row(
    source: &'static str,
    kind: &'static str,
    name: &'static str,
    owner: &'static str,
    team: &'static str,
    scopes: &'static [&'static str],
    times: (Option<i64>, i64, Option<i64>),
    used_by: &'static str,
) -> Row {
    Row {
        source,
        kind,
        name,
        owner,
        team,
        scopes,
        ends_in: times.0,
        life: times.1,
        used: times.2,
        used_by,
    }
}

const ROWS: [Row; 30] = [
    row(
        "foundry-prod",
        "API_TOKEN",
        "erp-delta-export",
        "samuel.kettering",
        "Data Engineering",
        &["api:datasets-read"],
        (Some(17), 180, Some(1)),
        "Nightly ERP export",
    ),
    row(
        "foundry-prod",
        "API_TOKEN",
        "track-geometry-sync",
        "callum.strathie",
        "Field Systems",
        &["api:datasets-write"],
        (Some(62), 180, Some(3)),
        "Track geometry import",
    ),
    row(
        "foundry-prod",
        "API_TOKEN",
        "ontology-webhook",
        "jonas.achterberg",
        "Data Engineering",
        &["api:ontologies-write"],
        (Some(141), 180, Some(2)),
        "Work-order webhook",
    ),
    row(
        "foundry-prod",
        "API_TOKEN",
        "pricing-notebook",
        "priya.raghunathan",
        "Data Engineering",
        &["api:datasets-read"],
        (Some(9 * 24 + 5), 180, Some(70)),
        "",
    ),
    row(
        "foundry-prod",
        "API_TOKEN",
        "crew-roster-read",
        "noor.elsayed",
        "Field Systems",
        &["api:datasets-read"],
        (Some(26 * 24), 180, Some(4)),
        "Crew roster app",
    ),
    row(
        "foundry-prod",
        "API_TOKEN",
        "signal-archive",
        "beatriz.nakamura",
        "Field Systems",
        &["api:datasets-read"],
        (Some(-30), 180, Some(31)),
        "Signal archive",
    ),
    row(
        "foundry-prod",
        "API_TOKEN",
        "demand-forecast",
        "priya.raghunathan",
        "Data Engineering",
        &["api:datasets-read"],
        (Some(88 * 24), 180, Some(20)),
        "",
    ),
    row(
        "foundry-prod",
        "API_TOKEN",
        "audit-extract",
        "lena.hofstadler",
        "Security",
        &["api:audit-read"],
        (Some(140 * 24), 180, Some(1)),
        "Audit extract",
    ),
    row(
        "acs-central",
        "API_TOKEN",
        "image-scan-pipeline",
        "deploy-bot",
        "Platform",
        &["Continuous Integration"],
        (Some(100), 365, Some(1)),
        "Image scan in every pipeline",
    ),
    row(
        "acs-central",
        "API_TOKEN",
        "policy-as-code",
        "tomasz.wren",
        "Platform",
        &["Admin"],
        (Some(31 * 24), 365, Some(9)),
        "Policy repository",
    ),
    row(
        "acs-central",
        "API_TOKEN",
        "compliance-report",
        "oscar.villalba",
        "Security",
        &["Analyst"],
        (Some(163 * 24), 365, Some(160)),
        "",
    ),
    row(
        "acs-central",
        "INIT_BUNDLE",
        "cluster-lisbon-1",
        "",
        "Platform",
        &[],
        (Some(13 * 24 + 7), 365, None),
        "Secured cluster lisbon-1",
    ),
    row(
        "acs-central",
        "INIT_BUNDLE",
        "cluster-oslo-2",
        "",
        "Platform",
        &[],
        (Some(210 * 24), 365, None),
        "Secured cluster oslo-2",
    ),
    row(
        "atlassian",
        "API_TOKEN",
        "release-notes-bot",
        "ines.okafor",
        "Platform",
        &["read:jira-work", "write:jira-work"],
        (Some(49), 365, Some(5)),
        "Release notes",
    ),
    row(
        "atlassian",
        "API_TOKEN",
        "incident-timeline",
        "ruth.mwangi",
        "Payments",
        &["read:jira-work"],
        (Some(6 * 24 + 20), 365, Some(26)),
        "Incident timeline",
    ),
    row(
        "atlassian",
        "API_TOKEN",
        "confluence-export",
        "dario.pellegrini",
        "Payments",
        &["read:content"],
        (Some(40 * 24), 365, Some(2300)),
        "",
    ),
    row(
        "atlassian",
        "API_KEY",
        "org-directory",
        "lena.hofstadler",
        "Security",
        &["read:directory"],
        (Some(19 * 24), 365, Some(12)),
        "Joiner and leaver sync",
    ),
    row(
        "atlassian",
        "API_TOKEN",
        "old-migration",
        "samuel.kettering",
        "Data Engineering",
        &["read:jira-work"],
        (Some(120 * 24), 365, Some(4100)),
        "",
    ),
    row(
        "gitlab",
        "project_access_token",
        "mirror-push",
        "deploy-bot",
        "Platform",
        &["write_repository"],
        (Some(80), 365, Some(2)),
        "Mirror to the plant network",
    ),
    row(
        "gitlab",
        "group_access_token",
        "package-publish",
        "deploy-bot",
        "Platform",
        &["api"],
        (Some(29 * 24), 365, Some(3)),
        "Package registry",
    ),
    row(
        "gitlab",
        "personal_access_token",
        "laptop",
        "meiling.duarte",
        "Platform",
        &["read_repository"],
        (Some(70 * 24), 365, Some(8)),
        "",
    ),
    row(
        "gitlab",
        "personal_access_token",
        "laptop",
        "aiko.brandvold",
        "Payments",
        &["read_repository"],
        (Some(12 * 24 + 2), 90, Some(16)),
        "",
    ),
    row(
        "gitlab",
        "deploy_token",
        "settlement-images",
        "settlement-runner",
        "Payments",
        &["read_registry"],
        (None, 400, Some(1)),
        "Settlement runner",
    ),
    row(
        "gitlab",
        "personal_access_token",
        "renovate",
        "tomasz.wren",
        "Platform",
        &["api"],
        (Some(118), 365, Some(1)),
        "Dependency updates",
    ),
    row(
        "grafana",
        "service_account_token",
        "board-display",
        "track-sensors",
        "Field Systems",
        &["Viewer"],
        (Some(55 * 24), 365, Some(1)),
        "Control room screens",
    ),
    row(
        "grafana",
        "service_account_token",
        "alert-relay",
        "deploy-bot",
        "Platform",
        &["Editor"],
        (Some(3 * 24 + 1), 180, Some(1)),
        "Alert relay",
    ),
    row(
        "grafana",
        "service_account_token",
        "usage-report",
        "nightly-export",
        "Data Engineering",
        &["Viewer"],
        (Some(240 * 24), 365, Some(24)),
        "Monthly usage report",
    ),
    row(
        "grafana",
        "service_account_token",
        "trial-plugin",
        "",
        "",
        &["Editor"],
        (Some(8 * 24), 90, None),
        "",
    ),
    row(
        "gitlab",
        "personal_access_token",
        "hotfix-day",
        "ruth.mwangi",
        "Payments",
        &["api"],
        (Some(5), 1, Some(2)),
        "",
    ),
    row(
        "foundry-prod",
        "API_TOKEN",
        "quarter-close",
        "settlement-runner",
        "Payments",
        &["api:datasets-read"],
        (Some(300 * 24), 365, Some(6)),
        "Quarter close",
    ),
];

/// Every credential of the sample.
pub(super) fn all(everybody: &Everybody, now: Instant) -> Vec<Credential> {
    ROWS.iter()
        .enumerate()
        .filter_map(|(number, row)| credential(number, row, everybody, now))
        .collect()
}

fn credential(number: usize, row: &Row, everybody: &Everybody, now: Instant) -> Option<Credential> {
    let source = SourceId::parse(row.source).ok()?;
    let external_id = format!("{}-{:04}", row.name, 4100 + number * 37);
    let end = row
        .ends_in
        .map_or(End::Never, |hours| End::Known(now + Span::hours(hours)));
    let created_at = now + Span::hours(row.ends_in.unwrap_or(0)) - Span::days(row.life);
    let owner = owner(row.owner, everybody);
    let orphaned = match &owner {
        Some(Owner::Person(id)) => !everybody.persons.values().any(|p| p.id == *id && p.active),
        Some(Owner::ServiceAccount(_)) => false,
        None => true,
    };
    Some(Credential {
        id: Credential::derive_id(&source, None, row.kind, &external_id),
        source,
        parent: None,
        external_id,
        kind: row.kind.to_owned(),
        name: Name::parse(row.name).ok()?,
        name_is_given: true,
        issuer_owner: issuer_owner(row.owner, everybody),
        owner,
        team: everybody.teams.get(row.team).map(|t| t.id.clone()),
        watchers: Default::default(),
        scopes: row.scopes.iter().map(|s| (*s).to_owned()).collect(),
        roles: Vec::new(),
        created_at: Some(created_at),
        end,
        last_used_at: row.used.map(|hours| now - Span::hours(hours)),
        use_is_known: row.used.is_some(),
        revoked_at: None,
        gone_at: None,
        suspended: false,
        orphaned,
        in_overlap: false,
        cut: None,
        successor: None,
        labels: Default::default(),
        used_by: places(row),
        origin_url: None,
        advice: Vec::new(),
        lead_time: None,
        facts: None,
        first_seen_at: created_at,
        from_first_import: false,
        refused: None,
        confirmed_at: now - Span::minutes(12),
        version: 0,
    })
}

fn owner(name: &str, everybody: &Everybody) -> Option<Owner> {
    let person = everybody
        .persons
        .get(name)
        .map(|p| Owner::Person(p.id.clone()));
    person.or_else(|| {
        everybody
            .service_accounts
            .get(name)
            .map(|s| Owner::ServiceAccount(s.id.clone()))
    })
}

fn issuer_owner(name: &str, everybody: &Everybody) -> Option<IssuerOwner> {
    let person = everybody.persons.get(name)?;
    Some(IssuerOwner {
        id: name.to_owned(),
        name: Some(person.name.to_string()),
        email: person.email.as_ref().map(ToString::to_string),
    })
}

fn places(row: &Row) -> Vec<PlaceOfUse> {
    if row.used_by.is_empty() {
        return Vec::new();
    }
    vec![PlaceOfUse {
        what: row.used_by.to_owned(),
        url: None,
        team: Some(row.team.to_owned()).filter(|t| !t.is_empty()),
    }]
}
