//! Claims about the fold: one row a token, whatever the order of the lines.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::collections::BTreeSet;

use domain::inventory::{Creation, Party, Rank};
use domain::kernel::{Instant, Span};
use foundry::{Fold, FoldedToken, Telling};
use proptest::prelude::*;

fn made(id: &str, rank: Rank, kind: Option<&str>, end: i64) -> Telling {
    let creation = Creation {
        kind: kind.map(str::to_owned),
        actor: Some(Party {
            id: format!("owner of {id}"),
            name: None,
        }),
        expires_at: Some(Instant::EPOCH + Span::seconds(end)),
        ..Creation::default()
    };
    Telling::Made {
        id: id.to_owned(),
        rank,
        creation,
    }
}

fn ended(id: &str) -> Telling {
    Telling::Ended {
        id: id.to_owned(),
        at: None,
    }
}

fn folded(lines: &[Vec<Telling>]) -> (Vec<FoldedToken>, u64) {
    let mut fold = Fold::of_types(Some(BTreeSet::from(["API_TOKEN".to_owned()])));
    lines.iter().for_each(|line| fold.line(line));
    let mut tokens: Vec<FoldedToken> = fold.tokens().collect();
    tokens.sort_by(|a, b| a.id.cmp(&b.id));
    (tokens, fold.duplicates())
}

/// B64: a revoke without a create leaves no row, one before its create revokes it.
#[test]
fn a_revoke_before_its_create_revokes_and_one_without_leaves_no_row() {
    let (tokens, _) = folded(&[
        vec![ended("a")],
        vec![made("a", Rank::Fallback, None, 5)],
        vec![ended("b")],
    ]);
    assert_eq!(tokens.len(), 1);
    assert!(tokens[0].revoked);
}

#[test]
fn only_creations_of_the_chosen_types_make_a_row() {
    let (tokens, _) = folded(&[
        vec![made("a", Rank::Fallback, Some("API_TOKEN"), 5)],
        vec![made("b", Rank::Fallback, Some("SESSION"), 5)],
        vec![made("c", Rank::Fallback, None, 5)],
    ]);
    let ids: Vec<&str> = tokens.iter().map(|t| t.id.as_str()).collect();
    assert_eq!(ids, ["a", "c"]);
}

#[test]
fn a_line_is_a_duplicate_when_all_it_tells_was_told() {
    let (a, b) = (
        made("a", Rank::Fallback, None, 5),
        made("b", Rank::Fallback, Some("SESSION"), 5),
    );
    let newer = made("a", Rank::Preferred, None, 5);
    let longer = made("a", Rank::Fallback, None, 6);
    let lines = [
        vec![a.clone()],
        vec![b.clone()],
        vec![newer.clone()],
        vec![longer.clone()],
        vec![ended("a")],
        vec![a.clone(), ended("c")],
    ];
    assert_eq!(folded(&lines).1, 0);
    let mut again = lines.to_vec();
    again.extend(lines.iter().cloned());
    assert_eq!(folded(&again).1, lines.len() as u64);
}

proptest! {
    /// B64: the order of lines changes neither rows nor the number of duplicates.
    #[test]
    fn the_order_of_lines_does_not_matter(
        (lines, shuffled) in proptest::collection::vec((0_u8..3, 0_u8..4, 0_i64..3), 0..20)
            .prop_flat_map(|told| {
                let lines: Vec<Vec<Telling>> = told.into_iter().map(|(id, what, end)| {
                    let id = format!("b9b8aadb-7292-441f-ae02-ca833384979{id}");
                    vec![match what {
                        0 => ended(&id),
                        1 => made(&id, Rank::Preferred, Some("API_TOKEN"), end),
                        2 => made(&id, Rank::Fallback, Some("SESSION"), end),
                        _ => made(&id, Rank::Fallback, None, end),
                    }]
                }).collect();
                (Just(lines.clone()), Just(lines).prop_shuffle())
            })
    ) {
        prop_assert_eq!(folded(&lines), folded(&shuffled));
    }
}
