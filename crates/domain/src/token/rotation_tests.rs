//! Claims about [`super::rotate`].

use proptest::prelude::*;

use super::*;

fn now() -> Instant {
    Instant::parse("2026-11-22T09:00:00Z").unwrap()
}

fn aged(age: Span, left: Span) -> OldToken {
    let back = Span::from_micros(-age.as_micros());
    OldToken {
        issued_at: now().checked_add(back).unwrap(),
        ends_at: Some(now().checked_add(left).unwrap()),
        meant_to_end_at: Some(now().checked_add(left).unwrap()),
        revoked: false,
        suspended: false,
        rotated_to: None,
    }
}

fn year() -> OldToken {
    aged(Span::days(355), Span::days(10))
}

fn asked(overlap: Option<Span>, lifetime: Option<Span>) -> RotateRequest {
    RotateRequest {
        overlap,
        lifetime,
        ..RotateRequest::default()
    }
}

#[test]
fn by_default_both_work_for_a_day_and_the_new_one_lives_as_long_as_the_old() {
    let old = year();
    let rotation = rotate(&old, &RotateRequest::default(), now()).unwrap();
    assert_eq!(now().until(rotation.old_ends_at), DEFAULT_OVERLAP);
    assert_eq!(now().until(rotation.new_ends_at), Span::days(365));
    assert!(!rotation.first_use);
}

/// A token whose replacement was revoked is rotated again for as long as it was meant to
/// live, not for what the first rotation left of it.
#[test]
fn a_successor_may_live_as_long_as_the_old_one_was_meant_to() {
    let cut = OldToken {
        ends_at: now().checked_add(Span::hours(2)),
        ..year()
    };
    let lives = |lifetime| rotate(&cut, &asked(None, lifetime), now()).map(|r| r.new_ends_at);
    assert_eq!(lives(None), Ok(now() + Span::days(365)));
    let longer = Span::from_micros(Span::days(365).as_micros() + 1);
    assert_eq!(
        lives(Some(longer)),
        Err(RotateError::LifetimeTooLong(Span::days(365)))
    );
}

/// B42: an overlap beyond the remaining life is clamped to it.
#[test]
fn the_overlap_never_outlives_the_old_end() {
    let old = aged(Span::days(1), Span::hours(3));
    let rotation = rotate(&old, &asked(Some(Span::hours(4)), None), now()).unwrap();
    assert_eq!(Some(rotation.old_ends_at), old.ends_at);
}

#[test]
fn an_overlap_of_zero_ends_the_old_value_at_once_and_a_negative_one_is_refused() {
    let old = year();
    let rotation = rotate(&old, &asked(Some(Span::ZERO), None), now()).unwrap();
    assert_eq!(rotation.old_ends_at, now());
    let negative = asked(Some(Span::from_micros(-1)), None);
    assert_eq!(
        rotate(&old, &negative, now()),
        Err(RotateError::NegativeOverlap)
    );
}

#[test]
fn the_new_lifetime_is_never_longer_than_the_old_one() {
    let old = year();
    let most = Span::days(365);
    for (extra, allowed) in [(-1, true), (0, true), (1, false)] {
        let wanted = Span::from_micros(most.as_micros() + extra);
        let got = rotate(&old, &asked(None, Some(wanted)), now());
        assert_eq!(got.is_ok(), allowed, "{extra}");
    }
    let short = asked(None, Some(Span::seconds(59)));
    assert_eq!(
        rotate(&old, &short, now()),
        Err(RotateError::LifetimeTooShort)
    );
}

/// Else nobody would be warned of either: of the old value not while both work, of the new
/// one not where it lives for less than a day.
#[test]
fn the_new_value_never_ends_before_the_old_one_does() {
    let old = aged(Span::days(265), Span::days(100));
    let overlap = Span::hours(24);
    for (extra, allowed) in [(-1, false), (0, true), (1, true)] {
        let lifetime = Span::from_micros(overlap.as_micros() + extra);
        let got = rotate(&old, &asked(Some(overlap), Some(lifetime)), now());
        let refused = got
            == Err(RotateError::NewEndsFirst {
                new: lifetime,
                old: overlap,
            });
        assert_eq!((got.is_ok(), refused), (allowed, !allowed), "{extra}");
        let unasked = rotate(&old, &asked(None, Some(lifetime)), now()).unwrap();
        let fits = overlap.min(lifetime);
        assert_eq!(unasked.old_ends_at, now() + fits, "{extra}");
    }
    let at_once = asked(Some(Span::ZERO), Some(Span::hours(1)));
    assert!(rotate(&old, &at_once, now()).is_ok());
    let whole = asked(Some(Span::days(80)), Some(Span::hours(1)));
    let sentence = rotate(&old, &whole, now()).unwrap_err().to_string();
    assert!(
        sentence.contains("for 1h") && sentence.contains("for 80d"),
        "{sentence}"
    );
}

/// B42: what is revoked, expired, suspended or rotated already is not rotated.
#[test]
fn what_is_over_is_not_rotated() {
    let request = RotateRequest::default();
    let mut old = year();
    old.revoked = true;
    assert_eq!(rotate(&old, &request, now()), Err(RotateError::Revoked));
    let mut old = year();
    old.suspended = true;
    assert_eq!(rotate(&old, &request, now()), Err(RotateError::Suspended));
    let mut old = year();
    old.rotated_to = Some(CredentialId::parse("ZZZZZZZZZZZZ").unwrap());
    let error = rotate(&old, &request, now()).unwrap_err();
    assert!(matches!(error, RotateError::AlreadyRotated(_)));
    for (left, dead) in [(-1, true), (0, true), (1, false)] {
        let old = aged(Span::days(1), Span::from_micros(left));
        let got = rotate(&old, &request, now());
        assert_eq!(got == Err(RotateError::Expired), dead, "{left}");
    }
}

#[test]
fn a_role_may_forbid_tokens_to_rotate_themselves() {
    let old = year();
    let role = RoleName::parse("Locked").unwrap();
    let request = RotateRequest {
        forbidden_by: Some(role.clone()),
        ..Default::default()
    };
    assert_eq!(
        rotate(&old, &request, now()),
        Err(RotateError::RoleForbids(role))
    );
}

proptest! {
    /// B23: whatever spans are asked for, nothing overflows, the old value never gains
    /// time, and the new one never lives longer than the old one.
    #[test]
    fn no_rotation_gains_time(overlap: Option<i64>, lifetime: Option<i64>, left in 1_i64..=i64::MAX / 64) {
        let old = aged(Span::days(1), Span::from_micros(left % Span::days(400).as_micros()));
        let request = asked(overlap.map(Span::from_micros), lifetime.map(Span::from_micros));
        if let Ok(rotation) = rotate(&old, &request, now()) {
            let end = old.ends_at.unwrap();
            prop_assert!(rotation.old_ends_at <= end && rotation.old_ends_at >= now());
            prop_assert!(now().until(rotation.new_ends_at) <= old.issued_at.until(end));
        }
    }
}
