//! Things to keep, each complete, to be changed where a claim cares.

use std::collections::{BTreeMap, BTreeSet};

use domain::access::{Grant, Role};
use domain::expiry::{Alert, AlertKind, Silence, Step, Subject};
use domain::inventory::{Credential, End, Watch};
use domain::kernel::{
    AlertId, ChannelId, CredentialId, Email, Instant, MessageId, Name, NoticeKey, PersonId,
    RoleName, ServiceAccountId, SilenceId, SourceId, Span, SweepId, TeamId, WatchId,
};
use domain::notice::{AudienceRole, Message, MessageKind, MessageState, Notice, NoticeState};
use domain::people::{Owner, Person, Recipient, ServiceAccount, Team};
use domain::token::{Token, TokenKind};

/// 2027-01-15T08:00:00Z.
pub const NOW: Instant = Instant::from_micros(1_800_000_000_000_000);

/// So many days after [`NOW`].
pub fn in_days(days: i64) -> Instant {
    NOW.checked_add(Span::days(days)).unwrap()
}

/// So many microseconds after [`NOW`].
pub fn in_micros(micros: i64) -> Instant {
    NOW.checked_add(Span::from_micros(micros)).unwrap()
}

pub fn credential(id: &str) -> Credential {
    Credential {
        id: CredentialId::parse(id).unwrap(),
        source: SourceId::parse("prod").unwrap(),
        parent: None,
        external_id: format!("x-{id}"),
        kind: "API_TOKEN".to_owned(),
        name: Name::parse(format!("Name {id}")).unwrap(),
        name_is_given: true,
        owner: None,
        issuer_owner: None,
        team: None,
        watchers: BTreeSet::new(),
        scopes: Vec::new(),
        roles: Vec::new(),
        created_at: Some(in_days(-10)),
        end: End::Known(in_days(10)),
        last_used_at: None,
        use_is_known: true,
        revoked_at: None,
        gone_at: None,
        suspended: false,
        orphaned: false,
        in_overlap: false,
        cut: None,
        successor: None,
        labels: BTreeMap::new(),
        used_by: Vec::new(),
        origin_url: None,
        advice: Vec::new(),
        lead_time: None,
        facts: None,
        first_seen_at: in_days(-5),
        from_first_import: false,
        refused: None,
        confirmed_at: NOW,
        version: 0,
    }
}

/// A credential that Forewarn issued itself.
pub fn issued(id: &str) -> Credential {
    Credential {
        source: SourceId::parse("forewarn").unwrap(),
        external_id: id.to_owned(),
        ..credential(id)
    }
}

pub fn token(id: &str) -> Token {
    Token {
        id: CredentialId::parse(id).unwrap(),
        kind: TokenKind::Personal,
        mac: [7; 32],
        key_version: 1,
        roles: vec![RoleName::parse("None").unwrap()],
        scopes: Grant::parse(&["billing:read"]).unwrap(),
        created_by: "system".to_owned(),
        rotated_from: None,
        rotated_to: None,
        overlap_ends_at: None,
        ends_on_first_use: None,
        ingest_source: None,
        version: 0,
    }
}

pub fn person(id: &str) -> Person {
    Person {
        id: PersonId::parse(id).unwrap(),
        name: Name::parse("Ada").unwrap(),
        email: Some(Email::parse("ada@example.org").unwrap()),
        time_zone: None,
        roles: BTreeSet::new(),
        active: true,
        leaves_at: None,
        bounced_at: None,
        claimed: None,
        locale: None,
        provisioned: Default::default(),
        created_at: NOW,
        version: 0,
    }
}

pub fn team(id: &str) -> Team {
    Team {
        id: TeamId::parse(id).unwrap(),
        name: Name::parse("Platform").unwrap(),
        email: None,
        parent: None,
        members: BTreeSet::from([PersonId::parse("per_1").unwrap()]),
        external_id: None,
        removed: false,
        created_at: NOW,
        version: 0,
    }
}

pub fn service_account(id: &str) -> ServiceAccount {
    ServiceAccount {
        id: ServiceAccountId::parse(id).unwrap(),
        name: Name::parse("Nightly").unwrap(),
        team: None,
        roles: BTreeSet::new(),
        active: true,
        created_at: NOW,
        version: 0,
    }
}

pub fn role(name: &str) -> Role {
    Role {
        name: RoleName::parse(name).unwrap(),
        description: "A role.".to_owned(),
        grant: Grant::parse(&["credentials:read"]).unwrap(),
        fixed: false,
        may_rotate_itself: true,
        version: 0,
    }
}

pub fn owner(id: &str) -> Owner {
    Owner::parse(id).unwrap()
}

pub fn subject(id: &str) -> Subject {
    Subject::Credential(CredentialId::parse(id).unwrap())
}

pub fn alert(about: &str) -> Alert {
    Alert::open(subject(about), AlertKind::Expiry, Some(in_days(10)), NOW)
}

pub fn notice(key: &str, alert: &AlertId) -> Notice {
    Notice {
        key: NoticeKey::parse(key).unwrap(),
        alert: alert.clone(),
        subject: subject("c1"),
        kind: AlertKind::Expiry,
        end: Some(in_days(10)),
        step: Step::parse("14d").unwrap(),
        occurrence: 1,
        resolution: None,
        recipient: Recipient::Person(PersonId::parse("per_1").unwrap()),
        role: AudienceRole::Owner,
        reason: "14d".to_owned(),
        created_at: NOW,
        state: NoticeState::Pending,
    }
}

pub fn message(id: &str, notices: &[&str]) -> Message {
    Message {
        id: MessageId::parse(id).unwrap(),
        kind: MessageKind::Notices,
        recipient: Recipient::Person(PersonId::parse("per_1").unwrap()),
        channel: ChannelId::parse("mail").unwrap(),
        sweep: SweepId::parse("swp_1").unwrap(),
        notices: notices
            .iter()
            .map(|k| NoticeKey::parse(*k).unwrap())
            .collect(),
        state: MessageState::Queued,
        not_before: NOW,
        rides: false,
        deadline: in_days(1),
        attempts: 0,
        leased_until: None,
        fence: 0,
        payload: None,
        receipt: None,
        last_error: None,
        created_at: NOW,
        closed_at: None,
    }
}

/// Lets the auditors watch what has this label.
pub fn watch(id: &str, env: &str) -> Watch {
    let rule = serde_json::json!({ "match": { "label": { "env": env } }, "notify": ["address:a@example.org"] });
    Watch {
        id: WatchId::parse(id).unwrap(),
        rule: serde_json::from_value(rule).unwrap(),
        by: "per_1".to_owned(),
        created_at: NOW,
        version: 0,
    }
}

/// Silences one source for so many days.
pub fn silence(id: &str, days: i64) -> Silence {
    Silence {
        id: SilenceId::parse(id).unwrap(),
        matches: serde_json::from_value(serde_json::json!({ "source": "prod" })).unwrap(),
        starts_at: NOW,
        ends_at: in_days(days),
        by: "per_1".to_owned(),
        reason: "moving house".to_owned(),
        created_at: NOW,
        version: 0,
    }
}
