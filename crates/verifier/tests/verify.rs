//! Claims about what the verifier lets through.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test may stop where it stands"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::sync::Arc;

use domain::access::{Grant, Role, Roles};
use domain::inventory::{Credential, End};
use domain::kernel::{CredentialId, Entropy, Instant, Name, PersonId, RoleName, SourceId, Span};
use domain::people::{Directory, Owner, Person};
use domain::token::{Token, TokenKind, TokenValue, generate};
use verifier::{Keys, Outcome, Verifier};

struct Mix(u64);
impl Entropy for Mix {
    fn fill(&mut self, bytes: &mut [u8]) {
        for b in bytes {
            self.0 = self
                .0
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            *b = (self.0 >> 56) as u8;
        }
    }
}

const NOW: Instant = Instant::EPOCH;

fn after(span: Span) -> Instant {
    NOW.checked_add(span).unwrap()
}

fn ada() -> Person {
    Person {
        id: PersonId::parse("per_ada").unwrap(),
        name: Name::parse("Ada").unwrap(),
        email: None,
        time_zone: None,
        roles: BTreeSet::from([RoleName::parse("Reader").unwrap()]),
        active: true,
        leaves_at: None,
        bounced_at: None,
        claimed: None,
        locale: None,
        provisioned: Default::default(),
        created_at: NOW,
        version: 1,
    }
}

fn directory(person: Person) -> Directory {
    let mut directory = Directory::default();
    directory.persons.insert(person.id.clone(), person);
    directory
}

fn roles(words: &[&str]) -> Roles {
    let name = RoleName::parse("Reader").unwrap();
    let role = Role {
        name: name.clone(),
        description: String::new(),
        grant: Grant::parse(words).unwrap(),
        fixed: false,
        may_rotate_itself: true,
        version: 1,
    };
    BTreeMap::from([(name, role)])
}

struct Made {
    credential: Credential,
    token: Token,
    value: TokenValue,
}

fn make(verifier: &Verifier, seed: u64) -> Made {
    let (id, value) = generate(TokenKind::Personal, Instant::from_micros(0), &mut Mix(seed));
    let mac = verifier.mac(&value);
    let owner = Owner::Person(ada().id);
    let credential = Credential {
        id: id.clone(),
        source: SourceId::parse("forewarn").unwrap(),
        parent: None,
        external_id: id.to_string(),
        kind: "personal".into(),
        name: Name::parse("t").unwrap(),
        name_is_given: true,
        owner: Some(owner),
        issuer_owner: None,
        team: None,
        watchers: BTreeSet::new(),
        scopes: vec![],
        roles: vec![],
        created_at: Some(NOW),
        end: End::Known(after(Span::hours(1))),
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
        used_by: vec![],
        origin_url: None,
        advice: vec![],
        lead_time: None,
        facts: None,
        first_seen_at: NOW,
        from_first_import: false,
        refused: None,
        confirmed_at: NOW,
        version: 1,
    };
    let token = Token {
        id,
        kind: TokenKind::Personal,
        mac: mac.bytes,
        key_version: mac.key_version,
        roles: vec![RoleName::parse("Reader").unwrap()],
        scopes: Grant::parse(&["billing:read"]).unwrap(),
        created_by: "system".into(),
        rotated_from: None,
        rotated_to: None,
        overlap_ends_at: None,
        ends_on_first_use: None,
        ingest_source: None,
        version: 1,
    };
    verifier.put(&credential, &token);
    Made {
        credential,
        token,
        value,
    }
}

fn fresh() -> Verifier {
    let verifier = Verifier::new(Keys::generate(&mut Mix(99)));
    verifier.refresh(roles(&["a", "billing:read"]), directory(ada()));
    verifier
}

fn words(outcome: &Outcome) -> Vec<String> {
    match outcome {
        Outcome::Verified(entry) => entry.grant.words(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_genuine_token_works_until_its_end_and_not_at_it() {
    let verifier = fresh();
    let made = make(&verifier, 1);
    let text = made.value.expose();
    assert_eq!(words(&verifier.verify(text, NOW)), ["a", "billing:read"]);
    for (micros, works) in [(-1, true), (0, false), (1, false)] {
        let at = Instant::from_micros(Span::hours(1).as_micros() + micros);
        let outcome = verifier.verify(text, at);
        assert_eq!(matches!(outcome, Outcome::Verified(_)), works, "{micros}");
        assert_eq!(matches!(outcome, Outcome::Expired(_)), !works, "{micros}");
    }
}

/// B6, B7: another secret under a known id is answered like an unknown id.
#[test]
fn another_secret_is_answered_like_an_unknown_id() {
    let verifier = fresh();
    let made = make(&verifier, 1);
    let (_, stranger) = generate(TokenKind::Personal, Instant::from_micros(0), &mut Mix(2));
    assert_eq!(verifier.verify(stranger.expose(), NOW), Outcome::Unknown);
    let forged = with_other_secret(made.value.expose());
    assert!(domain::token::parse(&forged).is_ok());
    assert_eq!(verifier.verify(&forged, NOW), Outcome::Unknown);
    assert!(verifier.drain_usage().is_empty());
}

/// The same id, another secret, a right checksum.
fn with_other_secret(text: &str) -> String {
    let (_, other) = generate(TokenKind::Personal, Instant::from_micros(0), &mut Mix(3));
    let body = format!("{}{}", &text[..18], &other.expose()[18..50]);
    let mut rest = crc(body.as_bytes());
    let mut digits = [b'0'; 6];
    for digit in digits.iter_mut().rev() {
        *digit = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"[rest % 62];
        rest /= 62;
    }
    body + std::str::from_utf8(&digits).unwrap()
}

fn crc(bytes: &[u8]) -> usize {
    let mut crc = !0_u32;
    for byte in bytes {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            crc = (crc >> 1) ^ (0xEDB8_8320 & (crc & 1).wrapping_neg());
        }
    }
    !crc as usize
}

/// B13: a text of another kind or purpose is no token, whatever it is.
#[test]
fn a_secret_of_another_purpose_is_unknown() {
    let verifier = fresh();
    let made = make(&verifier, 1);
    let as_connector = made.value.expose().replacen("fwnp", "fwnc", 1);
    for text in [
        "",
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        "hunter2",
        &as_connector,
    ] {
        assert_eq!(verifier.verify(text, NOW), Outcome::Unknown, "{text}");
    }
}

/// B10, B11, P5: a revoked token fails from the moment it was put, an older reading does
/// not revive it, and each use of it is told once.
#[test]
fn a_revoked_token_stays_revoked_whatever_arrives_late() {
    let verifier = fresh();
    let mut made = make(&verifier, 1);
    let older = made.credential.clone();
    made.credential.version = 2;
    made.credential.revoked_at = Some(NOW);
    verifier.put(&made.credential, &made.token);
    verifier.put(&older, &made.token);
    let text = made.value.expose();
    assert!(matches!(verifier.verify(text, NOW), Outcome::Revoked(_)));
    assert!(matches!(
        verifier.verify(text, after(Span::days(9))),
        Outcome::Revoked(_)
    ));
    assert_eq!(verifier.drain_refused().len(), 1);
    assert!(verifier.drain_refused().is_empty());
    let unproved = with_other_secret(text);
    assert_eq!(verifier.verify(&unproved, NOW), Outcome::Unknown);
}

/// P6: what the owner loses, every token loses at once, and gets back with it.
#[test]
fn a_token_never_holds_what_its_owner_lost() {
    let verifier = fresh();
    let made = make(&verifier, 1);
    let text = made.value.expose();
    verifier.refresh(roles(&["a"]), directory(ada()));
    assert_eq!(words(&verifier.verify(text, NOW)), ["a"]);
    let mut demoted = ada();
    demoted.roles.clear();
    verifier.refresh(roles(&["a"]), directory(demoted));
    assert_eq!(words(&verifier.verify(text, NOW)), [""; 0]);
    verifier.refresh(roles(&["a", "billing:read"]), directory(ada()));
    assert_eq!(words(&verifier.verify(text, NOW)), ["a", "billing:read"]);
}

/// Who remembers what a grant led to sees by the pointer that nothing changed.
#[test]
fn a_refresh_that_changes_nothing_leaves_every_grant_the_very_same() {
    let verifier = fresh();
    let made = make(&verifier, 1);
    let grant = |verifier: &Verifier| match verifier.verify(made.value.expose(), NOW) {
        Outcome::Verified(entry) => entry.grant,
        other => panic!("{other:?}"),
    };
    verifier.refresh(roles(&["a"]), directory(ada()));
    let before = grant(&verifier);
    verifier.refresh(roles(&["a"]), directory(ada()));
    assert!(Arc::ptr_eq(&before, &grant(&verifier)));
    verifier.refresh(roles(&["a", "billing:read"]), directory(ada()));
    assert!(!Arc::ptr_eq(&before, &grant(&verifier)));
}

#[test]
fn a_disabled_owner_suspends_and_a_leaving_one_ends() {
    let verifier = fresh();
    let made = make(&verifier, 1);
    let text = made.value.expose();
    let mut disabled = ada();
    disabled.active = false;
    verifier.refresh(roles(&["a"]), directory(disabled));
    assert!(matches!(verifier.verify(text, NOW), Outcome::Suspended(_)));
    let mut leaving = ada();
    leaving.leaves_at = Some(after(Span::minutes(5)));
    verifier.refresh(roles(&["a"]), directory(leaving));
    match verifier.verify(text, NOW) {
        Outcome::Verified(entry) => assert_eq!(entry.expires_at, Some(after(Span::minutes(5)))),
        other => panic!("{other:?}"),
    }
    let outcome = verifier.verify(text, after(Span::minutes(5)));
    assert!(matches!(outcome, Outcome::Expired(_)));
    verifier.refresh(Roles::new(), Directory::default());
    assert!(matches!(verifier.verify(text, NOW), Outcome::Suspended(_)));
}

#[test]
fn uses_are_counted_and_put_back_when_a_flush_fails() {
    let verifier = fresh();
    let made = make(&verifier, 1);
    for second in [3, 1, 2] {
        verifier.verify(made.value.expose(), after(Span::seconds(second)));
    }
    let drained = verifier.drain_usage();
    assert_eq!(
        (drained[0].uses, drained[0].last_used_at),
        (3, after(Span::seconds(3)))
    );
    assert!(verifier.drain_usage().is_empty());
    verifier.put_back_usage(drained.clone());
    verifier.verify(made.value.expose(), after(Span::seconds(4)));
    let again = verifier.drain_usage();
    assert_eq!((again.len(), again[0].uses), (1, 4));
    assert_eq!(
        verifier.last_use(&made.token.id),
        Some(after(Span::seconds(4)))
    );
}

/// The address of a use is told once, again when it is another, and not lost by a flush that
/// fails.
#[test]
fn where_uses_come_from_is_told_when_it_changes() {
    let verifier = fresh();
    let mut made = make(&verifier, 1);
    let place = |last| IpAddr::from([192, 0, 2, last]);
    let used_from = |last| {
        verifier.verify(made.value.expose(), NOW);
        verifier.came_from(&made.token.id, place(last));
    };
    used_from(1);
    used_from(1);
    let drained = verifier.drain_usage();
    assert_eq!((drained[0].uses, drained[0].from), (2, Some(place(1))));
    verifier.put_back_usage(drained);
    let told = |verifier: &Verifier| verifier.drain_usage()[0].from;
    assert_eq!(told(&verifier), Some(place(1)));
    used_from(1);
    assert_eq!(told(&verifier), None);
    used_from(2);
    used_from(3);
    assert_eq!(told(&verifier), Some(place(3)));
    // Put again with another label: the same place is no news.
    made.credential.version += 1;
    verifier.put(&made.credential, &made.token);
    used_from(3);
    assert_eq!(told(&verifier), None);
    verifier.came_from(&CredentialId::parse("nobodysToken").unwrap(), place(1));
    assert!(verifier.drain_usage().is_empty());
}

/// A token that is put again (a new label, a rotation) keeps what was counted.
#[test]
fn putting_a_token_again_loses_no_use() {
    let verifier = fresh();
    let mut made = make(&verifier, 1);
    verifier.verify(made.value.expose(), NOW);
    made.credential.version = 2;
    verifier.put(&made.credential, &made.token);
    assert_eq!(verifier.drain_usage().len(), 1);
}

#[test]
fn the_first_use_of_a_new_value_is_told_once() {
    let verifier = fresh();
    let mut made = make(&verifier, 1);
    let old = CredentialId::parse("AbCdEfGhIjKl").unwrap();
    made.token.ends_on_first_use = Some(old.clone());
    verifier.put(&made.credential, &made.token);
    assert!(verifier.drain_first_uses().is_empty());
    verifier.verify(made.value.expose(), NOW);
    verifier.verify(made.value.expose(), NOW);
    let events = verifier.drain_first_uses();
    assert_eq!((events.len(), &events[0].ends), (1, &old));
    verifier.put_back_first_uses(events);
    assert_eq!(verifier.drain_first_uses().len(), 1);
}

#[test]
fn a_node_that_hears_nothing_of_others_is_not_trusted() {
    let verifier = fresh();
    assert!(verifier.is_fresh(Instant::MAX));
    verifier.trust(NOW, NOW);
    assert!(verifier.is_fresh(NOW));
    for off in [-1, 1] {
        assert!(!verifier.is_fresh(after(Span::from_micros(off))));
    }
}
