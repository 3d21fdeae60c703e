//! Nobody grants more than they hold.

use super::Grant;

/// What was asked for and may not be granted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exceeds {
    /// The words that the ceiling lacks, `*` first, then in order; never empty.
    pub missing: Vec<String>,
}

/// Whose ceiling was exceeded, for the sentence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whose {
    /// Of whoever asks.
    Caller,
    /// Of the one who shall own it.
    Owner,
    /// Of the editor of a role, who must hold all that it grants.
    Editor,
    /// Of whoever changes a person or an account, who must hold all that it holds.
    Changed,
}

/// How many words a sentence names before it only counts them.
const NAMED_MAX: usize = 10;

/// Whether `requested` stays within `ceiling`. `*` stays within nothing but `*`.
///
/// # Errors
/// The words that exceed it.
pub fn check_grant(requested: &Grant, ceiling: &Grant) -> Result<(), Exceeds> {
    let missing = requested.missing_from(ceiling);
    if missing.is_empty() {
        Ok(())
    } else {
        Err(Exceeds { missing })
    }
}

impl Exceeds {
    /// Names what is missing, and the remedy.
    pub fn sentence(&self, whose: Whose) -> String {
        let words = self.words();
        match whose {
            Whose::Caller => format!(
                "you do not hold {words} and so cannot grant it; ask for less, or ask somebody who holds it"
            ),
            Whose::Owner => format!(
                "the owner does not hold {words}; ask for less, or give the owner a role that holds it first"
            ),
            Whose::Editor => format!(
                "this role grants {words}, which you do not hold; only somebody who holds all that a role grants may give or change it"
            ),
            Whose::Changed => format!(
                "the one to be changed holds {words}, which you do not hold; only somebody who holds it may do that"
            ),
        }
    }

    /// What is missing, as part of a sentence: `a`, `b` and 3 more.
    pub fn words(&self) -> String {
        let named: Vec<String> = self
            .missing
            .iter()
            .take(NAMED_MAX)
            .map(|word| match word.as_str() {
                "*" => "`*` (every scope)".to_owned(),
                word => format!("`{word}`"),
            })
            .collect();
        match self.missing.len().saturating_sub(NAMED_MAX) {
            0 => named.join(", "),
            more => format!("{} and {more} more", named.join(", ")),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn grant(words: &[&str]) -> Grant {
        Grant::parse(words).unwrap()
    }

    pub(super) fn any_grant() -> impl Strategy<Value = Grant> {
        let word = prop::sample::select(vec!["*", "a", "b", "c:read", "c:write", "tokens:read"]);
        prop::collection::vec(word, 0..4).prop_map(|words| Grant::parse(&words).unwrap())
    }

    /// B12: the sentence names the missing scope and what to do.
    #[test]
    fn the_sentence_names_the_missing_scope_and_the_remedy() {
        let exceeds = check_grant(&grant(&["a", "billing:read"]), &grant(&["a"])).unwrap_err();
        assert_eq!(exceeds.missing, ["billing:read"]);
        for whose in [Whose::Caller, Whose::Owner, Whose::Editor, Whose::Changed] {
            let sentence = exceeds.sentence(whose);
            assert!(sentence.contains("`billing:read`") && !sentence.contains("`a`"));
        }
    }

    #[test]
    fn the_sentence_stays_short_however_much_is_missing() {
        let words: Vec<String> = (0..100).map(|n| format!("s{n:03}")).collect();
        let exceeds = check_grant(&Grant::parse(&words).unwrap(), &Grant::NONE).unwrap_err();
        assert!(exceeds.sentence(Whose::Caller).contains("and 90 more"));
    }

    /// B29: a wildcard is only granted by who holds it; a scope that looks like a
    /// pattern is a word like any other.
    #[test]
    fn a_wildcard_needs_a_wildcard() {
        assert!(check_grant(&Grant::ALL, &grant(&["a", "b"])).is_err());
        assert!(check_grant(&Grant::ALL, &Grant::ALL).is_ok());
        assert!(check_grant(&grant(&["read:x"]), &grant(&["read:*:.."])).is_err());
    }

    proptest! {
        /// B28: what passes the ceiling holds no word that the ceiling lacks.
        #[test]
        fn what_passes_holds_nothing_the_ceiling_lacks(asked in any_grant(), ceiling in any_grant()) {
            let passes = check_grant(&asked, &ceiling).is_ok();
            let within = asked.words().iter().all(|word| match word.as_str() {
                "*" => ceiling.is_all(),
                word => ceiling.holds(word),
            });
            prop_assert_eq!(passes, within);
            prop_assert_eq!(passes, asked.intersection(&ceiling) == asked);
        }

        #[test]
        fn an_intersection_always_passes_both(a in any_grant(), b in any_grant()) {
            let both = a.intersection(&b);
            prop_assert!(check_grant(&both, &a).is_ok() && check_grant(&both, &b).is_ok());
        }
    }
}
