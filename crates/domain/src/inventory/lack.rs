//! What does it mean when a complete listing lacks credentials that are known?
//!
//! Usually that somebody deleted them. When most are missing at once it is likelier that
//! the listing is wrong: a right was taken away, a filter came in, a tenant was mixed up.
//! Never closes anything by itself.

/// Fewer than so many missing at once are never asked about.
const MANY: u64 = 5;

/// Whether somebody must confirm what a complete listing lacks before anything is closed:
/// at least five are missing and these are more than half of `live`, or the listing is
/// empty although something is known.
///
/// `seen` is how many the listing showed, `live` how many that work are known of what is
/// listed, `missing` how many of these it lacks.
pub const fn asks(seen: u64, missing: u64, live: u64) -> bool {
    let empty = seen == 0 && live > 0;
    empty || is_mass(missing, live)
}

/// Whether so many are missing at once that somebody is asked without delay.
pub const fn is_mass(missing: u64, live: u64) -> bool {
    missing >= MANY && missing > live / 2
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// F29: more than half, and at least five.
    #[test]
    fn more_than_half_and_at_least_five_are_asked_about() {
        for (missing, live, asked) in [
            (4, 4, false),
            (5, 5, true),
            (5, 9, true),
            (5, 10, false),
            (6, 10, true),
            (6, 11, true),
            (5, 11, false),
            (50, 100, false),
            (51, 100, true),
            (50, 101, false),
            (0, 0, false),
        ] {
            assert_eq!(asks(1, missing, live), asked, "{missing} of {live}");
        }
    }

    /// P8: an empty listing is asked about however little is known.
    #[test]
    fn an_empty_listing_is_believed_only_where_nothing_is_known() {
        assert!(asks(0, 1, 1));
        assert!(!asks(1, 1, 1));
        assert!(!asks(0, 0, 0));
        assert!(!is_mass(1, 1), "but nobody is called at once");
    }

    proptest! {
        #[test]
        fn what_is_asked_about_stays_so_when_more_is_missing(
            live in 0_u64..10_000,
            missing in 0_u64..10_000,
        ) {
            prop_assume!(missing < live);
            if is_mass(missing, live) {
                prop_assert!(is_mass(missing + 1, live));
                prop_assert!(missing * 2 > live);
            }
        }
    }
}
