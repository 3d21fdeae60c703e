//! What is forecast is what happens: the forecast of random organisations against what a
//! clock that jumps from instant to instant then has sent.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod world;

use std::collections::BTreeMap;
use std::sync::Arc;

use app::Principal;
use app::ports::{MessageFilter, PageRequest, Write};
use domain::access::Grant;
use domain::expiry::{Policies, Policy, PolicyDraft, Silence};
use domain::inventory::{End, PlaceOfUse, Refused, Watch, WatcherRule};
use domain::kernel::{Instant, Name, PersonId, SilenceId, Span, TeamId, WatchId};
use domain::notice::MessageState;
use domain::people::{Owner, Person, Recipient, Team};
use testkit::{RecordingChannel, SeededRandom};
use world::World;

/// Somebody who sees everything.
fn everybody() -> Principal {
    Principal {
        token: None,
        kind: None,
        owner: Owner::Person(PersonId::derived(&["auditor"])),
        grant: Arc::new(Grant::ALL),
        expires_at: None,
        ingest_source: None,
    }
}

/// One notice: when, to whom, and what, as the recording channel writes it.
type Told = (Instant, String, String);

async fn forecast(world: &World, days: i64) -> Vec<Told> {
    let told = app::sweep::forecast(&world.ctx, &everybody(), Span::days(days))
        .await
        .unwrap();
    let mut told: Vec<Told> = told
        .notices
        .into_iter()
        .filter(|n| n.channel.is_some())
        .map(|n| {
            let what = format!("{} {}#{}", n.name, n.step, n.occurrence);
            (n.at, n.recipient.to_string(), what)
        })
        .collect();
    told.sort();
    told
}

/// Jumps from instant to instant, and carries what is due at each.
async fn live(world: &World, days: i64) {
    let until = world.now() + Span::days(days);
    loop {
        world.round().await;
        let next = [
            world.ctx.store.next_due().await.unwrap(),
            next_turn(world).await,
        ];
        let now = world.now();
        let next = next.into_iter().flatten().filter(|at| *at > now).min();
        match next.filter(|at| *at <= until) {
            Some(at) => world.clock.set(at),
            None => return,
        }
    }
}

/// When the next message that waits may go out.
async fn next_turn(world: &World) -> Option<Instant> {
    let filter = MessageFilter {
        state: Some(MessageState::Queued),
        ..MessageFilter::default()
    };
    let page = PageRequest {
        limit: 500,
        after: None,
    };
    let waiting = world.ctx.store.list_messages(&filter, &page).await.unwrap();
    waiting.items.iter().map(|m| m.not_before).min()
}

/// What arrived about credentials: about ends, and about what is wrong with them.
/// Resolutions are left out, for they mean that somebody acted or left.
fn sent(channels: &[Arc<RecordingChannel>]) -> Vec<Told> {
    let arrived = channels.iter().flat_map(|c| c.arrived());
    let mut sent: Vec<Told> = arrived
        .flat_map(|heard| {
            let (to, lines) = heard.payload.split_once('\n').unwrap();
            let to = to.strip_prefix("to ").unwrap().to_owned();
            let lines: Vec<String> = lines.lines().map(str::to_owned).collect();
            lines
                .into_iter()
                .map(move |line| (heard.at, to.clone(), line))
        })
        .filter(|(_, _, line)| line.matches(' ').count() == 1)
        .collect();
    sent.sort();
    sent
}

struct Dice(SeededRandom);

impl Dice {
    fn below(&self, n: u64) -> u64 {
        self.0.next() % n
    }
    fn one<'a, T>(&self, of: &'a [T]) -> &'a T {
        let n = self.below(of.len() as u64);
        of.get(usize::try_from(n).unwrap()).unwrap()
    }
    fn whether(&self, one_in: u64) -> bool {
        self.below(one_in) == 0
    }
}

const ZONES: [&str; 4] = ["Europe/Berlin", "America/New_York", "Asia/Kolkata", "UTC"];

fn drafts(dice: &Dice) -> BTreeMap<String, PolicyDraft> {
    let mut json = serde_json::json!({
        "default": { "backoff": format!("{}h", 24 * (1 + dice.below(3))) },
        "busy": {
            "match": { "label": { "env": "prod" } },
            "steps": ["60d", "21d", "5d", "1d"],
            "time_zone": dice.one(&ZONES),
            "working_days": ["mon", "tue", "wed", "thu", "fri"],
            "quiet_hours": { "from": "19:00", "to": "07:30" },
            "repeat_from": "21d",
        },
        "idle": { "match": { "unused_for": "45d" }, "steps": ["3d"] },
    });
    if dice.whether(2) {
        let day = dice.one(&["mon", "wed", "sun"]);
        json["default"]["digest"] = serde_json::json!({ "day": day, "at": "09:00" });
    }
    if dice.whether(2) {
        let to = dice.one(&["admins", "parent-team", "chief@example.org"]);
        json["busy"]["escalate"] = serde_json::json!({ "after": "36h", "to": [to] });
    }
    if dice.whether(2) {
        json["busy"]["audience"] =
            serde_json::json!({ "60d": ["team"], "5d": ["owner", "admins"] });
    }
    serde_json::from_value(json).unwrap()
}

fn policies(dice: &Dice) -> Policies {
    let drafts = drafts(dice);
    let built_in = Policy::default();
    let default = drafts["default"].build("default", &built_in).unwrap();
    let others = drafts.iter().filter(|(name, _)| *name != "default");
    let others = others.map(|(name, draft)| draft.build(name, &default).unwrap());
    Policies::new(default.clone(), others.collect())
}

async fn people(world: &World, dice: &Dice) -> Vec<PersonId> {
    let mut ids = Vec::new();
    for n in 0..4 {
        let id = world.person(&format!("p{n}")).await;
        let mut person: Person = world.ctx.store.person(&id).await.unwrap().unwrap();
        person.time_zone = Some((*dice.one(&ZONES)).to_owned());
        if dice.whether(4) {
            let days = i64::try_from(dice.below(300)).unwrap();
            person.leaves_at = Some(world.now() + Span::days(30 + days) + Span::hours(7));
        }
        if dice.whether(6) {
            person.email = None;
        }
        world.write(vec![Write::PutPerson(person)]).await;
        ids.push(id);
    }
    ids
}

async fn teams(world: &World, people: &[PersonId]) -> Vec<TeamId> {
    let top = world.team("top", &[&people[0]]).await;
    let team = Team {
        id: TeamId::derived(&["core"]),
        name: Name::parse("core").unwrap(),
        email: None,
        parent: Some(top.clone()),
        members: people.iter().skip(1).take(2).cloned().collect(),
        external_id: None,
        removed: false,
        created_at: world.now(),
        version: 0,
    };
    world.write(vec![Write::PutTeam(team.clone())]).await;
    vec![top, team.id]
}

async fn credentials(world: &World, dice: &Dice, people: &[PersonId], teams: &[TeamId]) {
    for n in 0..5 {
        let owner = (!dice.whether(5)).then(|| dice.one(people));
        let minutes = i64::try_from(dice.below(420 * 1440)).unwrap() - 5 * 1440;
        let mut credential = world.credential(&format!("c{n}"), owner, Span::minutes(minutes));
        let life = i64::try_from(dice.below(400)).unwrap();
        let end = credential.expires_at().unwrap();
        credential.created_at = dice
            .whether(2)
            .then(|| (end - Span::days(life)).min(world.now()));
        credential.first_seen_at = world.now() - Span::days(life / 8);
        credential.from_first_import = dice.whether(3);
        if dice.whether(2) {
            credential.team = Some(dice.one(teams).clone());
        }
        if dice.whether(2) {
            credential
                .labels
                .insert("env".to_owned(), "prod".to_owned());
        }
        if dice.whether(3) {
            credential.last_used_at = Some(world.now() - Span::days(life / 8));
        }
        if dice.whether(4) {
            credential
                .watchers
                .insert(Recipient::Person(dice.one(people).clone()));
        }
        if dice.whether(8) {
            credential.lead_time = Some(Span::days(40));
        }
        if dice.whether(9) {
            credential.end = End::Never;
        }
        if dice.whether(4) {
            credential.refused = Some(Refused {
                since: world.now() - Span::days(1),
                why: "it answered 401".to_owned(),
            });
        }
        if dice.whether(6) {
            credential.last_used_at = Some(world.now() - Span::hours(5));
        }
        if dice.whether(5) {
            credential.used_by.push(PlaceOfUse {
                what: "nightly export".to_owned(),
                url: None,
                team: None,
            });
        }
        world.put(credential).await;
    }
}

/// Some want to hear nothing of some for a while, at once or later.
async fn silences(world: &World, dice: &Dice) {
    for n in 0..dice.below(3) {
        let matches = match dice.below(2) {
            0 => serde_json::json!({ "label": { "env": "prod" } }),
            _ => serde_json::json!({ "name": ["c0", "c3"] }),
        };
        let days = |n: u64| Span::days(i64::try_from(dice.below(n)).unwrap());
        let starts_at = world.now() + days(90);
        let silence = Silence {
            id: SilenceId::derived(&[&n.to_string()]),
            matches: serde_json::from_value(matches).unwrap(),
            starts_at,
            ends_at: starts_at + days(60) + Span::hours(3),
            by: "somebody".to_owned(),
            reason: "a change is under way".to_owned(),
            created_at: world.now(),
            version: 0,
        };
        world
            .write(vec![Write::PutSilence(Box::new(silence))])
            .await;
    }
}

/// Some want to hear of all with a label, by the configuration or by a rule made here.
async fn watches(world: &World, dice: &Dice, people: &[PersonId]) {
    let rule = |who: String| WatcherRule {
        matches: serde_json::from_value(serde_json::json!({ "label": { "env": "prod" } })).unwrap(),
        notify: vec![who],
    };
    if dice.whether(3) {
        let watch = Watch {
            id: WatchId::derived(&["rule"]),
            rule: rule(dice.one(people).to_string()),
            by: "somebody".to_owned(),
            created_at: world.now(),
            version: 0,
        };
        world.write(vec![Write::PutWatch(Box::new(watch))]).await;
    }
    if dice.whether(3) {
        let rule = rule("audit@example.org".to_owned());
        world.configure(|settings| settings.watchers.push(rule));
    }
}

/// An organisation like no other, its forecast, and what then happened.
async fn foreseen_and_sent(seed: u64, days: i64) -> (Vec<Told>, Vec<Told>) {
    let dice = Dice(SeededRandom::new(seed));
    let mail = Arc::new(RecordingChannel::mail("mail"));
    let room = Arc::new(RecordingChannel::room("room"));
    let world = World::with(vec![mail.clone(), room.clone()], mail.clone());
    let mut settings = world::settings();
    settings.policies = policies(&dice);
    if dice.whether(2) {
        settings.audience.admins = vec!["team:top".to_owned()];
    }
    world.ctx.settings.store(Arc::new(settings));
    let people = people(&world, &dice).await;
    let teams = teams(&world, &people).await;
    credentials(&world, &dice, &people, &teams).await;
    silences(&world, &dice).await;
    watches(&world, &dice, &people).await;
    let told = forecast(&world, days).await;
    live(&world, days).await;
    (told, sent(&[mail, room]))
}

/// Whatever the policies, silences, zones, hours, people who leave, refusals and findings:
/// the forecast of 400 days is, notice for
/// notice, what is then sent.
#[tokio::test]
async fn what_is_forecast_is_what_is_sent() {
    let organisations = if testkit::outside::long() {
        200_u64
    } else {
        12
    };
    let mut notices = 0;
    for seed in 1..=organisations {
        let (told, sent) = foreseen_and_sent(seed, 400).await;
        let missing: Vec<&Told> = told.iter().filter(|t| !sent.contains(t)).collect();
        let extra: Vec<&Told> = sent.iter().filter(|s| !told.contains(s)).collect();
        assert!(
            missing.is_empty() && extra.is_empty(),
            "organisation {seed}\nonly forecast: {missing:#?}\nonly sent: {extra:#?}"
        );
        assert_eq!(told, sent, "organisation {seed}");
        notices += told.len();
    }
    assert!(
        notices > organisations as usize * 50,
        "{notices} notices prove nothing"
    );
    let said = format!(
        "{organisations} organisations with policies, silences, zones, quiet hours, leavers and \
         refusals by the dice; of each a forecast of 400 days, then 400 days of a clock that jumps \
         from instant to instant: {notices} notices forecast, and the same {notices} sent."
    );
    println!("{said}");
    testkit::outside::keep("forecast", &said);
}
