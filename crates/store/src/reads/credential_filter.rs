//! Which credentials a filter means, in SQL.

use app::ports::{CredentialFilter, CredentialSort};
use domain::inventory::State;
use domain::kernel::TeamId;

use crate::columns::ISSUED_HERE;
use crate::sql::{Query, list};

/// Adds a condition for each field that narrows, for counting.
pub(crate) fn conditions(query: &mut Query, filter: &CredentialFilter) {
    narrow(query, filter, &COUNTING);
}

/// The same for a page in the filter's order, of which nothing may lead away: what works
/// is found soon in any order; in the order of ends first, all of it would be sorted for
/// each page.
pub(crate) fn conditions_in_order(query: &mut Query, filter: &CredentialFilter) {
    let ends = match filter.sort {
        CredentialSort::ExpiresAt => &BY_END,
        CredentialSort::Newest | CredentialSort::Name => &NOT_BY_END,
    };
    narrow(query, filter, ends);
    if let (CredentialSort::Newest, Some(after)) = (filter.sort, filter.created_after) {
        query.with(SEEN_SINCE, after);
    }
}

/// How conditions name the end, which decides by what index they are read.
struct Ends {
    order: &'static str,
    before: &'static str,
    after: &'static str,
}

const COUNTING: Ends = Ends {
    order: END,
    before: "c.expires_at < $#",
    after: "c.expires_at > $#",
};
/// A range of the index that gives the order. An unknown end is ordered last.
const BY_END: Ends = Ends {
    order: END,
    before: "c.end_order < $#",
    after: "c.end_order > $# AND c.expires_at IS NOT NULL",
};
/// So that no index of it is chosen.
const NOT_BY_END: Ends = Ends {
    order: "+c.end_order",
    before: "+c.expires_at < $#",
    after: "+c.expires_at > $#",
};
const END: &str = "c.end_order";

/// What was made after an instant was seen after it too, but for what a clock that ran
/// ahead made: an end for the walk through what was seen.
const SEEN_SINCE: &str = "c.first_seen_at >= {least}(CAST($# AS BIGINT), COALESCE((SELECT \
     MIN(a.first_seen_at) FROM credentials a WHERE a.created_at > a.first_seen_at), $#))";

fn narrow(query: &mut Query, filter: &CredentialFilter, ends: &Ends) {
    match filter.issued_here {
        Some(true) => query.with("c.source = $#", ISSUED_HERE),
        Some(false) => query.with("c.source <> $#", ISSUED_HERE),
        None => {}
    }
    query.when("c.source = $#", filter.source.as_ref().map(|s| s.as_str()));
    for scope in &filter.scopes {
        let holds = "EXISTS (SELECT 1 FROM credential_scopes s WHERE s.credential = c.id \
                     AND s.scope IN ($#, '*'))";
        query.with(holds, scope.as_str());
    }
    let carries = "EXISTS (SELECT 1 FROM credential_roles r WHERE r.credential = c.id \
                   AND r.role = $#)";
    query.when(carries, filter.role.as_deref());
    query.when(
        "c.owner = $# OR c.issuer_owner = $#",
        filter.owner.as_deref(),
    );
    query.when("c.team = $#", filter.team.as_ref().map(TeamId::as_str));
    let name = filter.name.as_deref().map(str::to_ascii_lowercase);
    query.when("{position}(c.name_folded, $#) > 0", name);
    times(query, filter, ends);
    // Written out, so that an index of orphans is seen to hold them all.
    match filter.orphaned {
        Some(true) => query.also("c.orphaned"),
        Some(false) => query.also("NOT c.orphaned"),
        None => {}
    }
    if let Some((owner, teams)) = &filter.visible_to {
        let owner = query.bind(owner.as_str());
        let teams = query.bind(list(teams.iter().map(TeamId::as_str)));
        query.also(format!(
            "c.owner = ${owner} OR c.team IN (SELECT l.item FROM {{list:{teams}}} AS l)"
        ));
    }
    states(query, filter, ends.order);
}

fn times(query: &mut Query, filter: &CredentialFilter, ends: &Ends) {
    query.when(ends.before, filter.expires_before);
    query.when(ends.after, filter.expires_after);
    let unused = "c.last_used_at IS NULL OR c.last_used_at < $#";
    query.when(unused, filter.last_used_before);
    query.when("c.created_at > $#", filter.created_after);
}

fn states(query: &mut Query, filter: &CredentialFilter, end: &str) {
    if filter.states.is_empty() {
        return;
    }
    let now = query.bind(filter.now);
    // A place that no condition names would have a value without a type.
    query.also(format!("${now} = ${now}"));
    let number = now.to_string();
    if works(&filter.states) {
        // One range of an index instead of two conditions.
        for part in WORKS {
            query.also(part.replace(END, end).replace('#', &number));
        }
        return;
    }
    let any: Vec<String> = filter
        .states
        .iter()
        .map(|state| condition(*state).replace(END, end).replace('#', &number))
        .map(|condition| format!("({condition})"))
        .collect();
    query.also(any.join(" OR "));
}

/// Whether exactly what works is meant, whether or not anybody knows until when.
fn works(states: &[State]) -> bool {
    let both = [State::Active, State::UnknownEnd];
    both.iter().all(|state| states.contains(state)) && states.iter().all(|s| both.contains(s))
}

/// Active or of unknown end: an unknown end is ordered last.
const WORKS: [&str; 4] = [
    "c.revoked_at IS NULL",
    "c.gone_at IS NULL",
    "NOT c.suspended",
    "c.end_order > $#",
];

/// When it is, or would be at another time: all that are in the state, in the words of the
/// index that holds no others.
pub(super) fn condition_of_index(state: State) -> String {
    condition(state).replace(" AND c.end_order > $#", "")
}

/// When a credential is in a state at `$#`: the order of `Credential::state`, each
/// state with what must not be true before it.
const fn condition(state: State) -> &'static str {
    match state {
        State::Revoked => "c.revoked_at IS NOT NULL",
        State::Gone => "c.revoked_at IS NULL AND c.gone_at IS NOT NULL",
        State::Expired => "c.revoked_at IS NULL AND c.gone_at IS NULL AND c.expires_at <= $#",
        State::Suspended => {
            "c.revoked_at IS NULL AND c.gone_at IS NULL AND c.end_order > $# AND c.suspended"
        }
        State::UnknownEnd => {
            "c.revoked_at IS NULL AND c.gone_at IS NULL AND NOT c.suspended \
             AND c.end_kind = 'unknown'"
        }
        State::Active => {
            "c.revoked_at IS NULL AND c.gone_at IS NULL AND NOT c.suspended \
             AND c.end_order > $# AND c.end_kind <> 'unknown'"
        }
    }
}
