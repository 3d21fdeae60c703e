//! Claims about the merge: any order, any repetition, the same facts.

use proptest::prelude::*;

use super::*;
use crate::kernel::Span;

type Told = Facts<String>;

fn at(second: i64) -> Instant {
    Instant::EPOCH + Span::seconds(second)
}

fn party(id: &str, name: Option<&str>) -> Party<String> {
    Party {
        id: id.to_owned(),
        name: name.map(str::to_owned),
    }
}

fn ending(rank: Rank, end: Option<i64>) -> Told {
    let creation = Creation {
        expires_at: end.map(at),
        ..Creation::default()
    };
    Told::of_creation(rank, creation)
}

fn joined(parts: impl IntoIterator<Item = Told>) -> Told {
    parts.into_iter().fold(Told::default(), |mut all, part| {
        all.merge(part);
        all
    })
}

#[test]
fn of_two_creations_that_disagree_the_later_end_counts() {
    let facts = joined([
        ending(Rank::Fallback, Some(9)),
        ending(Rank::Fallback, Some(5)),
    ]);
    assert_eq!(facts.expires_at(), Some(at(9)));
}

#[test]
fn the_preferred_layer_is_believed_even_when_its_end_is_earlier() {
    let facts = joined([
        ending(Rank::Fallback, Some(9)),
        ending(Rank::Preferred, Some(5)),
    ]);
    assert_eq!(facts.expires_at(), Some(at(5)));
}

#[test]
fn where_the_preferred_layer_says_nothing_usable_the_fallback_speaks() {
    let facts = joined([
        ending(Rank::Fallback, Some(9)),
        ending(Rank::Preferred, None),
    ]);
    assert_eq!(facts.expires_at(), Some(at(9)));
}

#[test]
fn a_named_owner_beats_the_one_who_acted() {
    let acted = Creation {
        actor: Some(party("zoe", None)),
        ..Creation::default()
    };
    let named = Creation {
        owner: Some(party("amy", Some("Amy"))),
        actor: Some(party("zoe", None)),
        ..Creation::default()
    };
    let facts = joined([
        Told::of_creation(Rank::Preferred, acted),
        Told::of_creation(Rank::Preferred, named),
    ]);
    assert_eq!(facts.owner(), Some(&party("amy", Some("Amy"))));
}

/// B64: revoke before create, create after revoke.
#[test]
fn a_revocation_is_a_tombstone_whenever_it_arrives() {
    let create = ending(Rank::Fallback, Some(9));
    for parts in [
        [create.clone(), Told::of_revocation(None)],
        [Told::of_revocation(None), create],
    ] {
        let facts = joined(parts);
        assert!(facts.is_created() && facts.is_revoked());
    }
    assert!(!Told::of_revocation(None).is_created());
}

#[test]
fn a_layer_costs_no_more_than_the_promised_memory_allows() {
    assert!(size_of::<Facts<std::num::NonZeroU32>>() <= 96);
}

#[test]
fn the_ends_of_time_survive_the_packing() {
    for instant in [Instant::MIN, Instant::EPOCH, Instant::MAX] {
        assert_eq!(Moment::new(instant).get(), instant);
    }
}

fn any_text() -> impl Strategy<Value = Option<String>> {
    prop_oneof![
        Just(None),
        Just(Some("a".to_owned())),
        Just(Some("b".to_owned()))
    ]
}

fn any_party() -> impl Strategy<Value = Option<Party<String>>> {
    (any_text(), any_text()).prop_map(|(id, name)| id.map(|id| Party { id, name }))
}

fn any_telling() -> impl Strategy<Value = Told> {
    let instant = || proptest::option::of((0_i64..4).prop_map(at));
    let rank = prop_oneof![Just(Rank::Fallback), Just(Rank::Preferred)];
    let creation = (
        rank,
        any_text(),
        any_party(),
        any_party(),
        instant(),
        instant(),
    )
        .prop_map(|(rank, kind, owner, actor, created_at, expires_at)| {
            let told = Creation {
                kind,
                owner,
                actor,
                created_at,
                expires_at,
            };
            Told::of_creation(rank, told)
        });
    prop_oneof![4 => creation, 1 => instant().prop_map(Told::of_revocation)]
}

proptest! {
    /// B64: any permutation, repetition and partition of the same events gives the
    /// same facts.
    #[test]
    fn the_order_the_number_and_the_grouping_of_tellings_do_not_matter(
        (told, shuffled) in proptest::collection::vec(any_telling(), 0..8)
            .prop_flat_map(|told| (Just(told.clone()), Just(told).prop_shuffle())),
        repeats in proptest::collection::vec(any::<prop::sample::Index>(), 0..8),
        cut in any::<prop::sample::Index>(),
    ) {
        let want = joined(told);
        let mut again = shuffled.clone();
        if !shuffled.is_empty() {
            again.extend(repeats.iter().map(|i| i.get(&shuffled).clone()));
        }
        let (left, right) = again.split_at(cut.index(again.len() + 1));
        let got = joined([joined(right.to_vec()), joined(left.to_vec())]);
        prop_assert_eq!(got, want);
    }

    #[test]
    fn facts_survive_being_stored(told in proptest::collection::vec(any_telling(), 0..4)) {
        let facts = joined(told);
        let text = serde_json::to_string(&facts).unwrap();
        prop_assert_eq!(serde_json::from_str::<Told>(&text).unwrap(), facts);
    }
}
