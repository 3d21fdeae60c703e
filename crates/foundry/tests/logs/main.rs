//! Claims about reading audit logs: what a line tells, and what a bad input costs.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod events;
mod inputs;
mod lines;

use domain::inventory::{Creation, Rank};
use foundry::{Compression, Counts, Tail, Telling, decompress, scan};

/// What one line tells.
#[derive(Debug, Default, PartialEq)]
struct Told {
    made: Vec<Made>,
    ended: Vec<String>,
}

#[derive(Debug, PartialEq)]
struct Made {
    id: String,
    rank: Rank,
    creation: Creation<String>,
}

impl Told {
    fn of(tellings: &[Telling]) -> Self {
        let mut told = Self::default();
        for telling in tellings {
            match telling.clone() {
                Telling::Made { id, rank, creation } => told.made.push(Made { id, rank, creation }),
                Telling::Ended { id, .. } => told.ended.push(id),
            }
        }
        told
    }
}

/// What came of an input.
struct Reading {
    counts: Counts,
    compression: Compression,
    broken: Option<std::io::Error>,
}

/// Reads a whole input; what its lines tell and what came of it.
fn reading(input: impl std::io::Read) -> (Vec<Told>, Reading) {
    let mut events = Vec::new();
    let (inside, compression) = decompress(input).unwrap();
    let (counts, broken) = match scan(inside, Tail::Read, |told| events.push(Told::of(told))) {
        Ok(outcome) => (outcome.counts, outcome.broken),
        Err(error) => (Counts::default(), Some(error)),
    };
    (
        events,
        Reading {
            counts,
            compression,
            broken,
        },
    )
}

/// What the one line tells.
fn event(line: &str) -> Told {
    let (mut events, reading) = reading(line.as_bytes());
    assert_eq!(
        (reading.counts.token_events, events.len()),
        (1, 1),
        "{line}"
    );
    events.remove(0)
}

/// The line changes nothing, and was readable.
fn is_skipped(line: &str) -> bool {
    let (events, reading) = reading(line.as_bytes());
    events.is_empty() && reading.counts.skipped == 1 && reading.counts.lines == 1
}

/// An `audit.2` creation of a token.
fn create(id: &str, ttl: &str) -> String {
    format!(
        r#"{{"type":"audit.2","time":"2026-11-01T00:00:00Z","uid":"u1","name":"CREATE_TOKEN","result":"SUCCESS","request_params":{{"_category":{{"type":"tokenGeneration","tokenGeneration":{{"tokenId":"{id}","tokenTtl":{ttl},"tokenType":"API_TOKEN"}}}}}}}}"#
    )
}

/// The end of the token that a creation with this ttl makes.
fn end(ttl: &str) -> Option<String> {
    event(&create("t", ttl)).made[0]
        .creation
        .expires_at
        .map(|at| at.to_string())
}
