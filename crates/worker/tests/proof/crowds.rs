//! Many ends at once: of one owner, and of ten thousand.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use app::ports::{Channel, PageRequest, Write};
use domain::expiry::{Alert, AlertKind, How, Step, Subject};
use domain::inventory::Credential;
use domain::kernel::{CredentialId, Email, Name, PersonId, Span};
use domain::people::Person;
use testkit::RecordingChannel;
use testkit::outside::keep;

use crate::receiver::{Mail, Receiver};
use crate::world::World;

fn town(receiver: &Arc<Receiver>) -> World {
    let channels: Vec<Arc<dyn Channel>> = vec![receiver.clone()];
    World::with(channels, Arc::new(RecordingChannel::mail("unused")))
}

async fn put_all(world: &World, credentials: Vec<Credential>) {
    for chunk in credentials.chunks(5_000) {
        let mut writes = Vec::with_capacity(chunk.len() * 2);
        for credential in chunk {
            let subject = Subject::Credential(credential.id.clone());
            writes.push(Write::PutCredential(Box::new(credential.clone())));
            writes.push(Write::SetDue(subject, Some(world.now())));
        }
        world.write(writes).await;
    }
}

/// Sweeps and delivers until nothing is left to do now.
async fn round(world: &World) {
    world.sweep().await;
    loop {
        world.deliver().await;
        let soon = world.now() + Span::seconds(2);
        if world
            .ctx
            .store
            .oldest_waiting(soon)
            .await
            .unwrap()
            .is_none()
        {
            return;
        }
        world.clock.advance(Span::seconds(1));
    }
}

/// In the order of time, each at its own instant.
const STEPS: [(i64, &str); 7] = [
    (30, "30d"),
    (14, "14d"),
    (7, "7d"),
    (3, "3d"),
    (1, "1d"),
    (0, "end"),
    (-1, "end+1d"),
];

/// How many messages with this step each recipient got.
fn by_step(receiver: &Receiver) -> BTreeMap<(String, String), usize> {
    let mut counts = BTreeMap::new();
    for mail in receiver.transcript() {
        let mut steps: Vec<String> = mail.lines.iter().map(|l| l.step.clone()).collect();
        steps.dedup();
        for step in steps {
            *counts.entry((mail.to.clone(), step)).or_default() += 1;
        }
    }
    counts
}

/// How many credentials the last message with this step names.
fn names_in(receiver: &Receiver, step: &str) -> usize {
    let of_step = |mail: &Mail| mail.lines.iter().any(|l| l.step == step);
    let mails = receiver.transcript();
    let last = mails.iter().rev().find(|mail| of_step(mail)).unwrap();
    let lines = last.lines.iter().filter(|l| l.step == step);
    lines
        .filter_map(|l| l.name.as_ref())
        .collect::<BTreeSet<_>>()
        .len()
}

/// Every alert about an end: how many, and how many have this step as said and heard.
async fn settled(world: &World, ids: &[CredentialId], step: Step) -> usize {
    let mut count = 0;
    for chunk in ids.chunks(500) {
        let subjects: Vec<Subject> = chunk.iter().cloned().map(Subject::Credential).collect();
        let alerts = world.ctx.store.alerts_of(&subjects).await.unwrap();
        let said = |a: &&Alert| {
            let this = |s: &domain::expiry::Settlement| s.step == step && s.how == How::Said;
            a.kind == AlertKind::Expiry && a.heard_at.is_some() && a.settled.iter().any(this)
        };
        count += alerts.iter().filter(said).count();
    }
    count
}

/// S4, L5: credentials of one owner that end on one day are one message for each step, and
/// the ledger shows all of them as settled. 5,000 with `FOREWARN_TEST_LONG`, else 300.
#[tokio::test]
async fn what_ends_on_one_day_is_one_message_a_step() {
    let many = if testkit::outside::long() { 5_000 } else { 300 };
    let receiver = Arc::new(Receiver::new("mail"));
    let world = town(&receiver);
    let ada = world.person("ada").await;
    let one = |n: usize| world.credential(&format!("k{n}"), Some(&ada), Span::days(31));
    let credentials: Vec<Credential> = (0..many).map(one).collect();
    let ids: Vec<CredentialId> = credentials.iter().map(|c| c.id.clone()).collect();
    let end = credentials[0].expires_at().unwrap();
    put_all(&world, credentials).await;
    let began = std::time::Instant::now();
    round(&world).await;
    let mut text =
        String::from("| step | messages to the owner | settled and heard |\n|---|---|---|\n");
    for (days, step) in STEPS {
        world.clock.set(end - Span::days(days));
        round(&world).await;
        let told = by_step(&receiver);
        let mine = told.get(&(format!("person:{ada}"), step.to_owned()));
        let settled = settled(&world, &ids, Step::parse(step).unwrap()).await;
        text.push_str(&format!(
            "| {step} | {} | {settled} |\n",
            mine.unwrap_or(&0)
        ));
        assert_eq!((mine, settled), (Some(&1), many), "{step}");
        assert_eq!(names_in(&receiver, step), many, "{step}");
    }
    let said = format!(
        "{many} credentials of one owner that end at one instant, in {:.1} s:\n\n{text}",
        began.elapsed().as_secs_f64()
    );
    println!("{said}");
    keep("one-owner", &said);
}

fn person(n: usize) -> Person {
    Person {
        id: PersonId::derived(&[&format!("p{n}")]),
        name: Name::parse(format!("p{n}")).unwrap(),
        email: Email::parse(format!("p{n}@example.org")).ok(),
        time_zone: None,
        roles: Default::default(),
        active: true,
        leaves_at: None,
        bounced_at: None,
        claimed: None,
        locale: None,
        provisioned: Default::default(),
        created_at: crate::world::start(),
        version: 0,
    }
}

/// S4, L3, L20: 100,000 credentials of 10,000 owners that end in one minute are all settled,
/// with one message for each owner and step; 2,000 of 200 without `FOREWARN_TEST_LONG`.
#[tokio::test]
async fn a_hundred_thousand_ends_in_one_minute_are_all_settled() {
    let owners = if testkit::outside::long() {
        10_000
    } else {
        200
    };
    let receiver = Arc::new(Receiver::new("mail"));
    let world = town(&receiver);
    let people: Vec<Person> = (0..owners).map(person).collect();
    let ids: Vec<PersonId> = people.iter().map(|p| p.id.clone()).collect();
    for chunk in people.chunks(1_000) {
        let writes = chunk.iter().cloned().map(Write::PutPerson);
        world.write(writes.collect()).await;
    }
    let credentials: Vec<Credential> = (0..owners * 10)
        .map(|n| {
            let left = Span::from_micros(Span::days(7).as_micros() + (n as i64 * 599) % 60_000_000);
            world.credential(&format!("k{n}"), Some(&ids[n % owners]), left)
        })
        .collect();
    let all: Vec<CredentialId> = credentials.iter().map(|c| c.id.clone()).collect();
    put_all(&world, credentials).await;
    let before = resident();
    let began = std::time::Instant::now();
    world.clock.advance(Span::minutes(1));
    round(&world).await;
    let (took, grown) = (began.elapsed(), resident());
    let week = Step::Lead(Span::days(7));
    assert_eq!(settled(&world, &all, week).await, all.len());
    let told = by_step(&receiver);
    assert_eq!(told.len(), owners, "each owner hears");
    assert!(told.values().all(|n| *n == 1), "once");
    let page = PageRequest {
        limit: 10,
        after: None,
    };
    let due = world
        .ctx
        .store
        .due(world.now(), None, page.limit)
        .await
        .unwrap();
    assert!(due.is_empty());
    let said = format!(
        "{} credentials of {owners} owners that end in one minute: {} messages, all settled and \
         heard in {:.1} s; memory {before} MiB before and {grown} MiB after.",
        all.len(),
        receiver.count(),
        took.as_secs_f64()
    );
    println!("{said}");
    keep("one-minute", &said);
    assert!(grown < 1024, "{grown} MiB");
}

/// Resident memory of this process in MiB, as Linux tells; 0 elsewhere.
fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|l| l.strip_prefix("VmHWM:"));
    let kib = line.and_then(|l| l.trim().split(' ').next()?.parse::<u64>().ok());
    kib.unwrap_or(0) / 1024
}
