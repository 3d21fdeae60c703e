//! Who hears.

use std::collections::{BTreeMap, BTreeSet};

use domain::expiry::{Reason, Saying, Step, Whom};
use domain::inventory::{Credential, End, WatcherRule, watchers_by_rule};
use domain::kernel::{
    ChannelId, CredentialId, Email, Instant, Name, PersonId, RoleName, ServiceAccountId, SourceId,
    Span, TeamId,
};
use domain::notice::{
    Audience, AudienceRole, AudienceSettings, Concerned, SharedChannel, audience, operators,
};
use domain::people::{Directory, Owner, Person, Recipient, ServiceAccount, Team};

use crate::world::*;

pub fn credential(end: End) -> Credential {
    Credential {
        id: CredentialId::parse("EXAMPLE00000").unwrap(),
        source: SourceId::parse("forewarn").unwrap(),
        parent: None,
        external_id: "EXAMPLE00000".to_owned(),
        kind: "personal".to_owned(),
        name: Name::parse("ci").unwrap(),
        name_is_given: true,
        owner: Some(Owner::Person(person_id("ada"))),
        issuer_owner: None,
        team: Some(team_id("core")),
        watchers: BTreeSet::new(),
        scopes: vec!["b".to_owned(), "a".to_owned()],
        roles: Vec::new(),
        created_at: Some(before(200)),
        end,
        last_used_at: None,
        use_is_known: false,
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
        first_seen_at: before(200),
        from_first_import: false,
        refused: None,
        confirmed_at: before(200),
        version: 0,
    }
}

pub fn service_account() -> Owner {
    Owner::ServiceAccount(ServiceAccountId::parse("sva_bot").unwrap())
}

fn person_id(name: &str) -> PersonId {
    PersonId::parse(format!("per_{name}")).unwrap()
}

fn team_id(name: &str) -> TeamId {
    TeamId::parse(format!("team_{name}")).unwrap()
}

fn person(name: &str) -> Person {
    Person {
        id: person_id(name),
        name: Name::parse(name).unwrap(),
        email: Some(Email::parse(format!("{name}@example.org")).unwrap()),
        time_zone: None,
        roles: BTreeSet::new(),
        active: true,
        leaves_at: None,
        bounced_at: None,
        claimed: None,
        locale: None,
        provisioned: Default::default(),
        created_at: Instant::EPOCH,
        version: 1,
    }
}

fn team(name: &str, members: &[&str], parent: Option<&str>) -> Team {
    Team {
        id: team_id(name),
        name: Name::parse(name).unwrap(),
        email: None,
        parent: parent.map(team_id),
        members: members.iter().map(|m| person_id(m)).collect(),
        external_id: None,
        removed: false,
        created_at: Instant::EPOCH,
        version: 1,
    }
}

/// Ada owns; core (ada, bob) answers; platform (cyd) is above it; dan is admin.
struct Office {
    directory: Directory,
    settings: AudienceSettings,
    about: Concerned,
}

impl Office {
    fn new() -> Self {
        let persons = ["ada", "bob", "cyd", "dan"].map(|n| (person_id(n), person(n)));
        let teams = [
            team("core", &["ada", "bob"], Some("platform")),
            team("platform", &["cyd"], None),
        ];
        let bot = ServiceAccount {
            id: ServiceAccountId::parse("sva_bot").unwrap(),
            name: Name::parse("bot").unwrap(),
            team: Some(team_id("platform")),
            roles: BTreeSet::new(),
            active: true,
            created_at: Instant::EPOCH,
            version: 1,
        };
        Self {
            directory: Directory {
                persons: persons.into(),
                teams: teams.map(|t| (t.id.clone(), t)).into(),
                service_accounts: [(bot.id.clone(), bot)].into(),
            },
            settings: AudienceSettings {
                admins: vec![Recipient::Person(person_id("dan"))],
                catch_all: vec![Email::parse("ops@example.org").unwrap()],
            },
            about: Concerned::from(&credential(End::Known(END))),
        }
    }

    fn silence(&mut self, names: &[&str]) {
        for name in names {
            let person = self.directory.persons.get_mut(&person_id(name)).unwrap();
            person.active = false;
        }
    }

    fn hears(&self, saying: &Saying) -> Audience {
        let shared = [
            SharedChannel {
                id: ChannelId::parse("pager").unwrap(),
                pager: true,
            },
            SharedChannel {
                id: ChannelId::parse("chat").unwrap(),
                pager: false,
            },
        ];
        audience(
            &self.about,
            saying,
            &self.directory,
            &self.settings,
            &shared,
            before(20),
        )
    }

    fn names(&self, saying: &Saying) -> String {
        let audience = self.hears(saying);
        let short = |r: &Recipient| {
            let text = r.to_string();
            let text = text.rsplit(':').next().unwrap_or_default().to_owned();
            text.trim_start_matches("per_").to_owned()
        };
        let names: Vec<_> = audience
            .listeners
            .iter()
            .map(|l| short(&l.recipient))
            .collect();
        names.join(" ")
    }
}

fn saying(step: Step) -> Saying {
    Saying {
        step,
        occurrence: 1,
        reason: Reason::Entered,
        scaled: false,
        acknowledged: false,
        let_lapse: false,
        still_used: false,
        newer_exists: false,
        broken: false,
        newcomers_only: false,
        gathers: false,
        whom: None,
        escalated_to: Default::default(),
    }
}

/// A microsecond wider than so many days.
fn wider(days: i64) -> Step {
    Step::Lead(Span::from_micros(Span::days(days).as_micros() + 1))
}

#[test]
fn the_nearer_the_end_the_more_hear() {
    let office = Office::new();
    for (step, want) in [
        (lead(30), "ada bob chat"),
        (lead(14), "ada bob chat"),
        (lead(7), "ada bob chat"),
        (wider(3), "ada bob chat"),
        (lead(3), "ada bob dan chat"),
        (wider(1), "ada bob dan chat"),
        (lead(1), "ada bob dan chat pager"),
        (Step::End, "ada bob dan chat"),
        (after(1), "ada bob chat"),
    ] {
        assert_eq!(office.names(&saying(step)), want, "{step}");
    }
}

#[test]
fn what_is_acknowledged_does_not_climb_at_three_days() {
    let office = Office::new();
    let acknowledged = Saying {
        acknowledged: true,
        ..saying(lead(3))
    };
    assert_eq!(office.names(&acknowledged), "ada bob chat");
    let last_day = Saying {
        acknowledged: true,
        ..saying(lead(1))
    };
    assert_eq!(office.names(&last_day), "ada bob dan chat pager");
}

#[test]
fn the_pager_hears_the_end_of_what_was_still_used() {
    let used = Saying {
        still_used: true,
        ..saying(Step::End)
    };
    assert_eq!(Office::new().names(&used), "ada bob dan chat pager");
}

#[test]
fn what_is_scaled_or_may_lapse_never_climbs() {
    let office = Office::new();
    for step in [lead(3), lead(1)] {
        let scaled = Saying {
            scaled: true,
            ..saying(step)
        };
        let lapse = Saying {
            let_lapse: true,
            ..saying(step)
        };
        assert_eq!(office.names(&scaled), "ada bob chat");
        assert_eq!(office.names(&lapse), "ada bob chat");
    }
}

#[test]
fn watchers_hear_every_step_and_nobody_hears_twice() {
    let mut office = Office::new();
    office.about.watchers = [
        Recipient::Person(person_id("bob")),
        Recipient::Person(person_id("cyd")),
        Recipient::Address(Email::parse("ADA@example.org").unwrap()),
        Recipient::Channel(ChannelId::parse("chat").unwrap()),
    ]
    .into();
    assert_eq!(office.names(&saying(lead(30))), "ada bob cyd chat");
}

#[test]
fn a_team_with_a_mailbox_hears_through_it() {
    let mut office = Office::new();
    let core = office.directory.teams.get_mut(&team_id("core")).unwrap();
    core.email = Some(Email::parse("core@example.org").unwrap());
    assert_eq!(office.names(&saying(lead(7))), "ada team_core chat");
}

#[test]
fn a_service_accounts_team_hears_for_it() {
    let mut office = Office::new();
    office.about.owner = Some(service_account());
    office.about.team = None;
    assert_eq!(office.names(&saying(lead(7))), "cyd chat");
}

/// S14: where the owner cannot hear the first that can does.
#[test]
fn where_the_owner_cannot_hear_the_first_that_can_does() {
    let mut office = Office::new();
    let week = saying(lead(7));
    office.silence(&["ada"]);
    assert_eq!(office.names(&week), "bob chat");
    office.silence(&["bob"]);
    assert_eq!(office.names(&week), "cyd chat");
    office.silence(&["cyd"]);
    assert_eq!(office.names(&week), "dan chat");
    office.silence(&["dan"]);
    assert_eq!(office.names(&week), "ops@example.org chat");
    assert!(!office.hears(&week).nobody);
    office.settings.catch_all.clear();
    assert_eq!(office.names(&week), "chat");
    assert!(office.hears(&week).nobody, "a shared channel is nobody");
}

/// S14, T10: a watcher does not stand in for the owner.
#[test]
fn a_watcher_does_not_stand_in_for_the_owner() {
    let mut office = Office::new();
    office.silence(&["ada", "bob"]);
    office.about.watchers = [Recipient::Person(person_id("dan"))].into();
    assert_eq!(office.names(&saying(lead(30))), "dan cyd chat");
}

/// F27: without it a source is not read or a channel does not deliver.
#[test]
fn the_admins_hear_every_step_of_what_forewarn_works_with() {
    let mut office = Office::new();
    assert!(!office.names(&saying(lead(30))).contains("dan"));
    let mut own = credential(End::Known(END));
    let label = domain::inventory::SOURCE_LABEL;
    own.labels.insert(label.to_owned(), "prod".to_owned());
    office.about = Concerned::from(&own);
    for days in [30, 14, 7] {
        let names = office.names(&saying(lead(days)));
        assert!(names.contains("dan"), "{days}d: {names}");
    }
    let mut scaled = saying(lead(2));
    scaled.scaled = true;
    assert!(
        office.names(&scaled).contains("dan"),
        "also in a short life"
    );
    let mut lapses = saying(lead(7));
    lapses.let_lapse = true;
    assert!(
        !office.names(&lapses).contains("dan"),
        "unless it may lapse"
    );
}

#[test]
fn an_orphan_without_a_team_is_heard_by_the_admins() {
    let mut office = Office::new();
    office.about = Concerned {
        orphaned: true,
        ..Concerned::default()
    };
    let heard = office.hears(&saying(lead(30)));
    assert_eq!(office.names(&saying(lead(30))), "dan chat");
    assert_eq!(heard.listeners[0].reason, "nobody who can act owns it");
}

/// L13: a leaver or bouncer or somebody without address cannot hear.
#[test]
fn a_leaver_or_bouncer_or_somebody_without_address_cannot_hear() {
    type Change = fn(&mut Person);
    let changes: [Change; 3] = [
        |p| p.leaves_at = Some(before(20)),
        |p| p.bounced_at = Some(before(50)),
        |p| p.email = None,
    ];
    for change in changes {
        let mut office = Office::new();
        change(office.directory.persons.get_mut(&person_id("ada")).unwrap());
        assert_eq!(office.names(&saying(lead(30))), "bob chat");
    }
}

#[test]
fn without_configured_admins_everybody_with_the_role_is_one() {
    let mut office = Office::new();
    office.settings.admins.clear();
    let cyd = office.directory.persons.get_mut(&person_id("cyd")).unwrap();
    cyd.roles.insert(RoleName::parse("Admin").unwrap());
    assert_eq!(office.names(&saying(lead(3))), "ada bob cyd chat");
}

#[test]
fn newcomers_are_those_not_told_yet_and_never_a_shared_channel() {
    let office = Office::new();
    let standing = Saying {
        newcomers_only: true,
        ..saying(lead(1))
    };
    let told = [Recipient::Person(person_id("ada"))].into();
    let new = office.hears(&standing).newcomers(&told);
    let roles: Vec<_> = new
        .listeners
        .iter()
        .map(|l| (l.recipient.clone(), l.role))
        .collect();
    assert_eq!(
        roles,
        [(Recipient::Person(person_id("bob")), AudienceRole::Team)]
    );
}

#[test]
fn what_is_wrong_with_forewarn_is_heard_by_admins_or_else_the_catch_all() {
    let mut office = Office::new();
    let hears = |o: &Office| operators(&o.directory, &o.settings, &[], before(20));
    assert_eq!(hears(&office).listeners[0].role, AudienceRole::Admin);
    office.silence(&["dan"]);
    assert_eq!(hears(&office).listeners[0].role, AudienceRole::CatchAll);
    office.settings.catch_all.clear();
    assert!(hears(&office).nobody);
}

#[test]
fn what_nobody_who_can_act_owns_is_not_left_to_its_owner() {
    let mut office = Office::new();
    office.about.team = None;
    office.about.orphaned = true;
    office.directory.teams.clear();
    assert_eq!(office.names(&saying(lead(30))), "ada dan chat");
}

#[test]
fn escalation_never_precedes_the_first_reminder() {
    let office = Office::new();
    for created in 1..40 {
        let mut world = World::new();
        world.view.created_at = Some(before(created));
        world.run(before(created), END + Span::days(8));
        for (_, saying) in &world.said {
            let heard = office.hears(saying);
            let owner = Recipient::Person(person_id("ada"));
            let first = heard.listeners.first().map(|l| &l.recipient);
            assert_eq!(first, Some(&owner), "{}", saying.step);
        }
        let climbs = |s: &Saying| {
            let heard = office.hears(s);
            heard
                .listeners
                .iter()
                .any(|l| l.role == AudienceRole::Admin)
        };
        if created > 21 {
            assert!(!climbs(&world.said[0].1), "{created}");
        }
    }
}

fn to_whom(step: Step, whom: &[&str]) -> Saying {
    Saying {
        whom: Some(whom.iter().map(|w| Whom::parse(w).unwrap()).collect()),
        ..saying(step)
    }
}

#[test]
fn a_policy_says_who_hears_a_step() {
    let office = Office::new();
    for (step, whom, want) in [
        (lead(30), &["owner"][..], "ada"),
        (lead(30), &["parent-team", "channels"], "cyd chat"),
        (lead(30), &["owner", "admins"], "ada dan"),
        (lead(1), &["owner", "pager"], "ada pager"),
        (lead(7), &["ops@example.org"], "ops@example.org"),
        (lead(7), &["owner", "bob@example.org"], "ada bob"),
        (
            lead(7),
            &["channels", "nobody-at-all@example.org"],
            "nobody-at-all@example.org chat",
        ),
    ] {
        assert_eq!(office.names(&to_whom(step, whom)), want, "{whom:?}");
    }
}

#[test]
fn whom_a_policy_names_climbs_no_more_once_somebody_acknowledged() {
    let office = Office::new();
    let acknowledged = |step| Saying {
        acknowledged: true,
        ..to_whom(step, &["owner", "admins"])
    };
    assert_eq!(office.names(&acknowledged(lead(7))), "ada");
    assert_eq!(office.names(&acknowledged(lead(1))), "ada dan");
}

#[test]
fn where_a_policy_names_nobody_who_can_hear_the_owner_does() {
    let office = Office::new();
    let nobody = to_whom(lead(7), &["team:nobody", "channels"]);
    assert_eq!(office.names(&nobody), "ada bob chat");
}

#[test]
fn escalation_adds_to_those_who_hear_anyway() {
    let escalated = Saying {
        escalated_to: [Whom::Admins].into(),
        ..saying(lead(7))
    };
    assert_eq!(Office::new().names(&escalated), "ada bob dan chat");
}

/// All rules that match count, wherever they stand; words that mean nobody add nobody.
#[test]
fn watchers_by_label_are_those_of_every_rule_that_matches() {
    let mut office = Office::new();
    let mut credential = credential(End::Known(END));
    credential.labels = [("env".to_owned(), "prod-eu".to_owned())].into();
    let rule = |env: &str, notify: &[&str]| WatcherRule {
        matches: serde_json::from_value(serde_json::json!({ "label": { "env": env } })).unwrap(),
        notify: notify.iter().map(ToString::to_string).collect(),
    };
    let rules = [
        rule("prod*", &["person:per_cyd", "audit@example.org"]),
        rule("prod-eu", &["team:nobody", "audit@example.org", "per_gone"]),
        rule("test", &["person:per_dan"]),
    ];
    let now = before(20);
    let who = |rules: &[WatcherRule], office: &Office, credential: &Credential| {
        let found = watchers_by_rule(credential, rules, &office.directory, now);
        found.iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    let cyd = person_id("cyd");
    let both = [
        format!("person:{cyd}"),
        "address:audit@example.org".to_owned(),
    ];
    assert_eq!(who(&rules, &office, &credential), both);
    credential.labels.clear();
    assert_eq!(who(&rules, &office, &credential), [""; 0]);
    // They hear beside owner and team, and stand in for nobody.
    office.about.watchers = [Recipient::Person(cyd)].into();
    assert_eq!(office.names(&saying(lead(30))), "ada bob cyd chat");
}
