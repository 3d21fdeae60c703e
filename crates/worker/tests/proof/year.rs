//! A year of an organisation, and what the oracle says of it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use domain::kernel::{Instant, Span};

use crate::life::{Life, Presence};
use crate::oracle::{Hearing, Verdict, hearings, judge};
use crate::receiver::Mail;
use crate::rules::{RULES, Rule};
use crate::town::{Size, Town};
use crate::world::start;

const QUARTER: Size = Size {
    people: 100,
    credentials: 1_000,
    days: 90,
};
const MONTHS: Size = Size {
    people: 40,
    credentials: 300,
    days: 60,
};

/// Two months, a quarter, or what `FOREWARN_PROOF_SIZE=PEOPLE,CREDENTIALS,DAYS` says.
fn size() -> Size {
    let asked = std::env::var_os("FOREWARN_PROOF_SIZE").unwrap_or_default();
    let asked = asked.to_string_lossy();
    let asked: Vec<i64> = asked.split(',').filter_map(|n| n.parse().ok()).collect();
    match asked[..] {
        [people, credentials, days] => Size {
            people: usize::try_from(people).unwrap(),
            credentials: usize::try_from(credentials).unwrap(),
            days,
        },
        _ if testkit::outside::long() => QUARTER,
        _ => MONTHS,
    }
}

/// Hearings by credential.
type Heard<'a> = BTreeMap<&'a str, Vec<Hearing<'a>>>;

/// L9, P1: every credential that ended was heard of in time by somebody active, and nobody
/// was flooded. Two months of 40 people and 300 credentials; a quarter of 100 and 1,000 with
/// `FOREWARN_TEST_LONG`; a year of 2,000 and 20,000 with `cargo xtask simulate`.
#[tokio::test]
async fn every_credential_that_ended_was_heard_of_in_time_by_somebody_active() {
    let size = size();
    let began = std::time::Instant::now();
    let mut town = Town::found(size, 6).await;
    town.live().await;
    let mails = town.transcript();
    let watched = (start(), start() + Span::days(size.days));
    let verdict = judge(&town.lives, &town.presence, &hearings(&mails), watched);
    let noise = noise(&mails);
    let table = table(&town, &mails, &verdict, noise, watched);
    println!("{table}\n{} s", began.elapsed().as_secs());
    println!("{:#?}", kinds(&mails));
    testkit::outside::keep("year", &table);
    assert!(
        verdict.missed.is_empty(),
        "{} missed: {:#?}",
        verdict.missed.len(),
        verdict.missed.iter().take(5).collect::<Vec<_>>()
    );
    assert!(verdict.ended > size.credentials / 10, "{}", verdict.ended);
    // The bound is that of a whole organisation; in a small town there is less to gather.
    let of_a_hundred = if size.people < 1_000 { 75 } else { 50 };
    assert!(noise.0 * 100 <= noise.1 * of_a_hundred, "{noise:?}");
    let lines: usize = mails.iter().map(|mail| mail.lines.len().max(1)).sum();
    assert!(noise.0 * 100 <= lines * 55, "{noise:?} of {lines}");
    let unsaid: u64 = town.books.iter().map(|books| books.unsaid).sum();
    assert_eq!(unsaid, 0, "{:#?}", town.books);
}

/// Steps that are not scaled to a life, and what else is said.
const WHOLE: [&str; 11] = [
    "60d", "30d", "14d", "7d", "3d", "1d", "end", "end+1d", "end+7d", "now", "baseline",
];

/// Of how many mails the most pressing matter is which, and how much else they say.
fn kinds(mails: &[Mail]) -> BTreeMap<String, (usize, usize)> {
    let mut kinds: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    for mail in mails {
        let to = mail.to.split(':').next().unwrap_or_default();
        let on = mail.lines.iter().find(|l| !l.over);
        let what = match (on, mail.lines.first()) {
            (Some(line), _) if line.name.is_none() => "the house",
            (Some(line), _) if !WHOLE.contains(&line.step.as_str()) => "a scaled step",
            (Some(line), _) => line.step.as_str(),
            (None, Some(_)) => "over",
            (None, None) => "proof",
        };
        let kind = kinds.entry(format!("{to} {what}")).or_default();
        *kind = (kind.0 + 1, kind.1 + mail.lines.len());
    }
    kinds
}

/// How many mails there were, of any kind, and how many there would have been with one mail
/// for each credential and step, to the same people: without repeats, without what is over,
/// and without whatever else is said.
fn noise(mails: &[Mail]) -> (usize, usize) {
    let mut alone = BTreeSet::new();
    for mail in mails {
        for line in mail.lines.iter().filter(|l| !l.over && l.step != "now") {
            alone.insert((&mail.to, &line.name, &line.end, &line.step));
        }
    }
    (mails.len(), alone.len())
}

fn table(
    town: &Town,
    mails: &[Mail],
    verdict: &Verdict,
    noise: (usize, usize),
    watched: (Instant, Instant),
) -> String {
    let size = town.size;
    let weeks = size.days as f64 / 7.0;
    let rate = |messages: usize| messages as f64 / size.people as f64 / weeks;
    let mut text = format!(
        "{} people, {} credentials at first and {} lives in {} days; {} came to their end, {} of \
         these lived less than a day and are shown on surfaces only, or ended while Forewarn was down.\n\n\
         | rule | ended credentials heard of in time | messages a person and week |\n\
         |---|---|---|\n",
        size.people,
        size.credentials * 4 / 5,
        town.lives.len(),
        size.days,
        verdict.ended,
        verdict.short
    );
    let judged = verdict.ended - verdict.short;
    let share = |n: usize| format!("{n} of {judged} ({:.1} %)", percent(n, judged));
    let ours = share(verdict.in_time);
    writeln!(text, "| Forewarn | {ours} | {:.2} |", rate(mails.len())).unwrap();
    for rule in &RULES {
        let (messages, in_time) = modelled(rule, &town.lives, &town.presence, watched);
        let told = share(in_time);
        writeln!(text, "| {} | {told} | {:.2} |", rule.name, rate(messages)).unwrap();
    }
    writeln!(
        text,
        "\nHeard by somebody who was still there at the end: {}.\n\
         {} mails; with one for each credential and step, to the same people, there would have been {} ({:.2} of it).",
        share(verdict.by_who_stayed),
        noise.0,
        noise.1,
        noise.0 as f64 / noise.1.max(1) as f64
    )
    .unwrap();
    text
}

fn percent(part: usize, whole: usize) -> f64 {
    part as f64 * 100.0 / whole.max(1) as f64
}

/// How many messages a rule sends in the time, and how many ends were heard of in time.
fn modelled(
    rule: &Rule,
    lives: &[Life],
    presence: &Presence,
    watched: (Instant, Instant),
) -> (usize, usize) {
    let mut messages = 0;
    let mut told: Vec<(usize, Instant, String)> = Vec::new();
    for (index, life) in lives.iter().enumerate() {
        for (at, who) in rule.told(life) {
            if watched.0 <= at && at < watched.1 && Rule::arrives(presence, at, &who) {
                messages += 1;
                told.push((index, at, who));
            }
        }
    }
    let mut heard: Heard<'_> = BTreeMap::new();
    for (index, at, who) in &told {
        let Some(life) = lives.get(*index).filter(|l| l.lapsed()) else {
            continue;
        };
        let hearing = Hearing { at: *at, who };
        heard.entry(life.name.as_str()).or_default().push(hearing);
    }
    let verdict = judge(lives, presence, &heard, watched);
    (messages, verdict.in_time)
}
