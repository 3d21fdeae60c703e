//! An organisation that lives: people who leave, credentials that are renewed, replaced or
//! let lapse, mail that is away, a Forewarn that is down.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use app::Principal;
use app::people::{PatchPerson, patch_person};
use app::ports::{Channel, Write};
use app::sweep::balance;
use domain::access::Grant;
use domain::expiry::{Books, Policies, Policy, PolicyDraft, Subject};
use domain::inventory::{Credential, End};
use domain::kernel::{Email, Instant, Name, PersonId, ServiceAccountId, Span, SweepId, TeamId};
use domain::people::{Owner, Person, ServiceAccount, Team};
use serde_json::json;
use testkit::{RecordingChannel, SeededRandom};

use crate::life::{Life, Presence};
use crate::receiver::{Mail, Receiver};
use crate::world::{World, start};

const HOUR: Span = Span::hours(1);
const ZONES: [Option<&str>; 5] = [
    Some("Europe/Berlin"),
    Some("Europe/Berlin"),
    Some("America/New_York"),
    Some("Asia/Kolkata"),
    None,
];
/// Lives in hours, and how many of a hundred have them.
const LIVES: [(u64, i64); 8] = [
    (55, 365 * 24),
    (18, 90 * 24),
    (10, 180 * 24),
    (8, 30 * 24),
    (4, 14 * 24),
    (2, 6 * 24),
    (2, 60),
    (1, 12),
];

/// How large, and how long it lives.
#[derive(Clone, Copy, Debug)]
pub struct Size {
    pub people: usize,
    pub credentials: usize,
    pub days: i64,
}

/// Something that happens whatever anybody is told.
#[derive(Clone, Copy, Debug)]
enum Event {
    Appears,
    Renewed(usize, Instant),
    Announced(usize, Instant),
    Leaves(usize),
    Adopted(usize),
    MailIsAway(bool),
}

/// A credential as it stands.
struct Key {
    id: domain::kernel::CredentialId,
    owner: Option<Owner>,
    team: Option<usize>,
    length: Span,
    end: Instant,
    life: usize,
    generation: u32,
}

pub struct Town {
    pub world: World,
    pub size: Size,
    pub lives: Vec<Life>,
    pub presence: Presence,
    /// What the weekly comparison of the books found outside outages.
    pub books: Vec<Books>,
    mail: Arc<Receiver>,
    relay: Arc<Receiver>,
    dice: SeededRandom,
    persons: Vec<PersonId>,
    teams: Vec<TeamId>,
    members: Vec<Vec<usize>>,
    accounts: Vec<(ServiceAccountId, usize)>,
    keys: Vec<Key>,
    agenda: BTreeMap<Instant, Vec<Event>>,
    down: Vec<(Instant, Instant)>,
}

fn everybody() -> Principal {
    Principal {
        token: None,
        kind: None,
        owner: Owner::Person(PersonId::derived(&["office"])),
        grant: Arc::new(Grant::ALL),
        expires_at: None,
        ingest_source: None,
    }
}

fn policies() -> Policies {
    let draft: PolicyDraft = serde_json::from_value(json!({
        "time_zone": "Europe/Berlin",
        "working_days": ["mon", "tue", "wed", "thu", "fri"],
        "quiet_hours": { "from": "09:30", "to": "09:00" },
        "digest": { "day": "mon", "at": "09:00" },
    }))
    .unwrap();
    let default = draft.build("default", &Policy::default()).unwrap();
    let draft: PolicyDraft = serde_json::from_value(json!({
        "match": { "label": { "env": "prod" } },
        "steps": ["60d", "30d", "14d", "7d", "3d", "1d"],
    }))
    .unwrap();
    let production = draft.build("production", &default).unwrap();
    Policies::new(default, vec![production])
}

impl Town {
    /// Founds it: people, teams, and the first import of everything that exists.
    pub async fn found(size: Size, seed: u64) -> Self {
        let (mail, relay) = (
            Arc::new(Receiver::new("mail")),
            Arc::new(Receiver::new("relay")),
        );
        let channels: Vec<Arc<dyn Channel>> = vec![mail.clone(), relay.clone()];
        let world = World::with(channels, Arc::new(RecordingChannel::mail("unused")));
        world.configure(|s| {
            s.policies = policies();
            s.audience.admins = vec!["team:team0".to_owned()];
        });
        let mut town = Self {
            world,
            size,
            lives: Vec::new(),
            presence: Presence::default(),
            books: Vec::new(),
            mail,
            relay,
            dice: SeededRandom::new(seed),
            persons: Vec::new(),
            teams: Vec::new(),
            members: Vec::new(),
            accounts: Vec::new(),
            keys: Vec::new(),
            agenda: BTreeMap::new(),
            down: Vec::new(),
        };
        town.settle().await;
        town.import().await;
        town.foresee();
        town
    }

    fn below(&self, n: u64) -> u64 {
        self.dice.next() % n
    }
    fn index(&self, n: usize) -> usize {
        usize::try_from(self.below(n as u64)).unwrap()
    }
    fn whether(&self, of_a_hundred: u64) -> bool {
        self.below(100) < of_a_hundred
    }
    fn within(&self, from: Instant, until: Instant) -> Instant {
        let span = u64::try_from(from.until(until).as_micros().max(1)).unwrap();
        from + Span::from_micros(i64::try_from(self.below(span)).unwrap())
    }
    fn on(&mut self, at: Instant, event: Event) {
        self.agenda.entry(at).or_default().push(event);
    }
    fn until(&self) -> Instant {
        start() + Span::days(self.size.days)
    }

    /// Everything that arrived, over either way.
    pub fn transcript(&self) -> Vec<Mail> {
        let mut all = self.mail.transcript();
        all.extend(self.relay.transcript());
        all.sort_by_key(|mail| mail.at);
        all
    }

    async fn settle(&mut self) {
        let teams = (self.size.people / 8).max(2);
        self.members = vec![Vec::new(); teams];
        let mut writes = Vec::new();
        for n in 0..self.size.people {
            let id = PersonId::derived(&[&format!("p{n}")]);
            self.members[n % teams].push(n);
            self.presence.left.insert(format!("person:{id}"), None);
            writes.push(Write::PutPerson(Person {
                id: id.clone(),
                name: Name::parse(format!("p{n}")).unwrap(),
                email: Email::parse(format!("p{n}@example.org")).ok(),
                time_zone: ZONES[self.index(ZONES.len())].map(str::to_owned),
                roles: BTreeSet::new(),
                active: true,
                leaves_at: None,
                bounced_at: None,
                claimed: None,
                locale: None,
                provisioned: Default::default(),
                created_at: start(),
                version: 0,
            }));
            self.persons.push(id);
        }
        for n in 0..teams {
            writes.push(Write::PutTeam(self.team(n)));
            if n % 4 == 1 {
                writes.push(Write::PutServiceAccount(self.account(n)));
            }
        }
        self.world.write(writes).await;
    }

    fn team(&mut self, n: usize) -> Team {
        let id = TeamId::derived(&[&format!("team{n}")]);
        let person = |m: &usize| self.persons[*m].clone();
        let members: BTreeSet<PersonId> = self.members[n].iter().map(person).collect();
        let readers = members.iter().map(|p| format!("person:{p}")).collect();
        self.presence
            .mailboxes
            .insert(format!("team:{id}"), readers);
        self.teams.push(id.clone());
        Team {
            id,
            name: Name::parse(format!("team{n}")).unwrap(),
            email: (n % 2 == 1).then(|| Email::parse(format!("team{n}@example.org")).unwrap()),
            parent: (n >= 10).then(|| self.teams[n / 10].clone()),
            members,
            external_id: None,
            removed: false,
            created_at: start(),
            version: 0,
        }
    }

    fn account(&mut self, n: usize) -> ServiceAccount {
        let id = ServiceAccountId::derived(&[&format!("robot{n}")]);
        self.accounts.push((id.clone(), n));
        ServiceAccount {
            id,
            name: Name::parse(format!("robot{n}")).unwrap(),
            team: Some(self.teams[n].clone()),
            roles: BTreeSet::new(),
            active: true,
            created_at: start(),
            version: 0,
        }
    }

    /// Four of five exist on the first day; the rest is made over the time.
    async fn import(&mut self) {
        let now = self.world.now();
        let old = self.size.credentials * 4 / 5;
        let mass = self.midnight(start() + Span::days(self.size.days * 5 / 9));
        let mut writes = Vec::new();
        for n in 0..old {
            let length = self.length();
            let is_mass = n % 10 == 0 && length >= Span::days(180);
            let end = if is_mass {
                mass
            } else {
                let any = self.within(now, now + length);
                self.rounded(any, now)
            };
            writes.extend(self.born(end - length, end, now, length, true));
        }
        self.world.write(writes).await;
        for _ in old..self.size.credentials {
            let at = self.within(now, self.until());
            self.on(at, Event::Appears);
        }
    }

    /// What will happen beside credentials.
    fn foresee(&mut self) {
        let (now, days) = (start(), self.size.days);
        for person in 0..self.size.people {
            // Two teams stay: the admins, and the one above them.
            if person % self.teams.len() > 1 && self.whether(12) {
                let at = self.within(now + Span::days(5), self.until());
                if self.whether(50) {
                    let told = (at - Span::days(35)).max(now + Span::days(1));
                    self.on(told, Event::Announced(person, at));
                }
                self.on(at, Event::Leaves(person));
            }
        }
        let away = [
            (days * 10 / 36, 72),
            (days / 9, 5),
            (days / 2, 6),
            (days * 4 / 5, 9),
        ];
        for (day, hours) in away {
            let at = now + Span::days(day) + Span::hours(3);
            self.on(at, Event::MailIsAway(true));
            self.on(at + Span::hours(hours), Event::MailIsAway(false));
        }
        for (day, hours) in [(days * 5 / 12, 8), (days / 5, 3), (days * 7 / 9, 7)] {
            let at = now + Span::days(day) + Span::hours(10);
            self.down.push((at, at + Span::hours(hours)));
        }
    }

    fn length(&self) -> Span {
        let mut roll = self.below(100);
        for (share, hours) in LIVES {
            if roll < share {
                return Span::hours(hours);
            }
            roll -= share;
        }
        Span::days(365)
    }

    fn midnight(&self, at: Instant) -> Instant {
        let day = Span::days(1).as_micros();
        Instant::from_micros(at.as_micros() - at.as_micros().rem_euclid(day))
    }

    /// Two of three issuers know days only, and mean their beginning.
    fn rounded(&self, at: Instant, now: Instant) -> Instant {
        let day = self.midnight(at);
        if self.whether(66) && day > now + HOUR {
            day
        } else {
            at
        }
    }

    /// A new credential, with somebody who answers for it.
    fn born(
        &mut self,
        created: Instant,
        end: Instant,
        known: Instant,
        length: Span,
        first: bool,
    ) -> Vec<Write> {
        let n = self.keys.len();
        let (owner, team) = self.somebody();
        let mut credential = self.world.credential(&format!("k{n}"), None, Span::days(1));
        credential.end = End::Known(end);
        credential.created_at = (!self.whether(3)).then_some(created);
        credential.first_seen_at = known;
        credential.from_first_import = first;
        credential.orphaned = owner.is_none();
        credential.team = team.map(|t| self.teams[t].clone());
        if self.whether(15) {
            let label = ("env".to_owned(), "prod".to_owned());
            credential.labels.extend([label]);
        }
        if self.whether(40) {
            credential.last_used_at = Some(known);
        }
        credential.owner = owner.clone();
        self.keys.push(Key {
            id: credential.id.clone(),
            owner,
            team,
            length,
            end,
            life: 0,
            generation: 0,
        });
        self.begin_life(
            n,
            credential.created_at.unwrap_or(known.min(created)),
            known,
            end,
        );
        put(credential, self.world.now())
    }

    fn somebody(&self) -> (Option<Owner>, Option<usize>) {
        let person = self.index(self.persons.len());
        let team = person % self.teams.len();
        let owner = Owner::Person(self.persons[person].clone());
        match self.below(100) {
            0..=79 => (Some(owner), Some(team)),
            80..=87 => (Some(owner), None),
            88..=94 => {
                let (account, team) = &self.accounts[self.index(self.accounts.len())];
                (Some(Owner::ServiceAccount(account.clone())), Some(*team))
            }
            95..=97 => (None, Some(team)),
            _ => (None, None),
        }
    }

    /// Writes down what is true of it from now on, and decides what becomes of it.
    fn begin_life(&mut self, n: usize, created: Instant, known: Instant, end: Instant) {
        let key = &self.keys[n];
        let person = |m: &usize| format!("person:{}", self.persons[*m]);
        let team = key
            .team
            .map(|t| self.members[t].iter().map(person).collect());
        self.lives.push(Life {
            name: format!("k{n}"),
            created,
            known: self.up_from(known),
            end,
            over: None,
            owner: key.owner.as_ref().map(|o| match o {
                Owner::Person(id) => format!("person:{id}"),
                Owner::ServiceAccount(id) => format!("account:{id}"),
            }),
            team: team.unwrap_or_default(),
        });
        let life = self.lives.len() - 1;
        self.keys[n].life = life;
        self.keys[n].end = end;
        let third = Span::from_micros(key_length(&self.keys[n]) / 3);
        let from = (end - Span::days(28).min(third)).max(known);
        let until = end - Span::from_micros(from.until(end).as_micros() / 12);
        if self.whether(80) && from < until {
            let at = self.within(from, until);
            self.on(at, Event::Renewed(n, end));
        }
    }

    /// Lives until the end of its time.
    pub async fn live(&mut self) {
        let mut week = start();
        // A write that makes something due wakes the sweep: the first import is such.
        self.world.sweep().await;
        self.carry().await;
        loop {
            let next = self.next().await;
            if next > self.until() {
                return;
            }
            self.world.clock.set(next);
            let is_sweep = is_full_hour(next);
            if is_sweep {
                self.happen(next).await;
            }
            if self.is_down(next) {
                continue;
            }
            if is_sweep {
                self.world.sweep().await;
            }
            self.carry().await;
            if next >= week + Span::days(7) {
                week = next;
                println!("{next}");
                self.compare(next).await;
            }
        }
    }

    /// The town goes on while Forewarn is down; what happens then it learns afterwards.
    fn up_from(&self, at: Instant) -> Instant {
        let meanwhile = |(from, to): &&(Instant, Instant)| *from <= at && at < *to;
        self.down.iter().find(meanwhile).map_or(at, |(_, to)| *to)
    }

    fn is_down(&self, at: Instant) -> bool {
        self.up_from(at) != at
    }

    /// The next full hour at which anything can be due or happens, or the instant at which a
    /// message may go: nobody sweeps for that, and the outbox wakes by itself.
    async fn next(&self) -> Instant {
        let store = &self.world.ctx.store;
        let now = self.world.now();
        let soonest = now + Span::from_micros(1);
        let due = store.next_due().await.unwrap();
        let happens = self.agenda.keys().next().copied();
        let matters = [due, happens].into_iter().flatten().min();
        let sweep = hour_from(matters.unwrap_or(Instant::MAX).max(soonest));
        let waits = store.oldest_waiting(Instant::MAX).await.unwrap();
        match waits {
            Some(at) if self.is_down(now) => sweep.min(hour_from(at.max(soonest))),
            Some(at) => sweep.min(at.max(now + Span::seconds(1))),
            None => sweep,
        }
    }

    /// Delivers until nothing is left to do now, and never past the next sweep: a real one
    /// does not wait until everything was delivered.
    async fn carry(&self) {
        let sweep = hour_from(self.world.now() + Span::from_micros(1));
        while self.world.now() + Span::seconds(1) < sweep {
            self.world.deliver().await;
            let now = self.world.now();
            let soon = now + Span::seconds(2);
            let store = &self.world.ctx.store;
            if store.oldest_waiting(soon).await.unwrap().is_none() {
                return;
            }
            self.world.clock.advance(Span::seconds(1));
        }
    }

    /// Weeks in which mail or Forewarn was away differ by right.
    async fn compare(&mut self, now: Instant) {
        let id = SweepId::derived(&["balance", &now.to_string()]);
        let books = balance(&self.world.ctx, &id, start()).await.unwrap();
        self.carry().await;
        self.books.push(books);
    }

    async fn happen(&mut self, now: Instant) {
        let later = self.agenda.split_off(&(now + Span::from_micros(1)));
        let due = std::mem::replace(&mut self.agenda, later);
        for event in due.into_values().flatten() {
            let writes = match event {
                Event::Appears => {
                    let length = self.length();
                    let end = self.rounded(now + length, now);
                    self.born(now, end, now, length, false)
                }
                Event::Renewed(n, end) => self.renew(n, end, now).await,
                Event::Announced(person, at) => {
                    let leaves_at = Some(Some(at));
                    let patch = PatchPerson {
                        leaves_at,
                        ..PatchPerson::default()
                    };
                    self.patch(person, patch).await;
                    Vec::new()
                }
                Event::Leaves(person) => {
                    self.leave(person, now).await;
                    Vec::new()
                }
                Event::Adopted(n) => self.adopt(n, now).await,
                Event::MailIsAway(away) => {
                    self.mail.is_away(away);
                    Vec::new()
                }
            };
            if !writes.is_empty() {
                self.world.write(writes).await;
            }
        }
    }

    /// Three of four get a later end, one is replaced by another.
    async fn renew(&mut self, n: usize, end: Instant, now: Instant) -> Vec<Write> {
        if self.keys[n].end != end || now >= end {
            return Vec::new();
        }
        let length = self.keys[n].length;
        let stays = self.whether(75);
        let later = self.rounded(now + length, now);
        // Ends are dates: what lives for hours can be given the very end that it has.
        if stays && later <= end {
            return Vec::new();
        }
        let life = self.keys[n].life;
        self.lives[life].over = Some(now);
        let mut credential = self.load(n).await;
        if stays {
            credential.end = End::Known(later);
            let created = self.lives[life].created;
            self.keys[n].generation += 1;
            self.begin_life(n, created, now, later);
            return put(credential, now);
        }
        credential.revoked_at = Some(now);
        let mut writes = put(credential, now);
        writes.extend(self.born(now, later, now, length, false));
        writes
    }

    async fn load(&self, n: usize) -> Credential {
        let store = &self.world.ctx.store;
        store.credential(&self.keys[n].id).await.unwrap().unwrap()
    }

    async fn patch(&self, person: usize, patch: PatchPerson) {
        let id = self.persons[person].to_string();
        patch_person(&self.world.ctx, &everybody(), &id, patch, None)
            .await
            .unwrap();
    }

    /// Whoever leaves, leaves behind what others adopt in the weeks after, or do not.
    async fn leave(&mut self, person: usize, now: Instant) {
        let id = self.persons[person].clone();
        self.presence.left.insert(format!("person:{id}"), Some(now));
        let active = Some(false);
        self.patch(
            person,
            PatchPerson {
                active,
                ..PatchPerson::default()
            },
        )
        .await;
        let owned = Some(Owner::Person(id));
        let mine = (0..self.keys.len()).filter(|n| self.keys[*n].owner == owned);
        let mine: Vec<usize> = mine.collect();
        for n in mine {
            if self.whether(60) {
                let days = 3 + i64::try_from(self.below(18)).unwrap();
                self.on(now + Span::days(days), Event::Adopted(n));
            }
        }
    }

    async fn adopt(&mut self, n: usize, now: Instant) -> Vec<Write> {
        let Some(team) = self.keys[n].team else {
            return Vec::new();
        };
        let there = |m: &&usize| {
            let id = format!("person:{}", self.persons[**m]);
            self.presence.somebody(&id, now)
        };
        let Some(heir) = self.members[team].iter().find(there) else {
            return Vec::new();
        };
        let owner = Some(Owner::Person(self.persons[*heir].clone()));
        let mut credential = self.load(n).await;
        credential.owner = owner.clone();
        credential.orphaned = false;
        self.keys[n].owner = owner;
        put(credential, now)
    }
}

/// The first full hour from an instant on.
fn hour_from(at: Instant) -> Instant {
    let hours = (start().until(at).as_micros() - 1).div_euclid(HOUR.as_micros()) + 1;
    start() + Span::from_micros(hours.saturating_mul(HOUR.as_micros()))
}

fn is_full_hour(at: Instant) -> bool {
    start().until(at).as_micros().rem_euclid(HOUR.as_micros()) == 0
}

fn key_length(key: &Key) -> i64 {
    key.length.as_micros()
}

fn put(credential: Credential, now: Instant) -> Vec<Write> {
    let due = Write::SetDue(Subject::Credential(credential.id.clone()), Some(now));
    vec![Write::PutCredential(Box::new(credential)), due]
}
