//! Which credentials a filter means, in SQL.

use app::ports::CredentialFilter;
use domain::inventory::State;
use domain::kernel::TeamId;

use crate::columns::ISSUED_HERE;
use crate::sql::{Query, list};

/// Credentials with their tokens.
pub(crate) const SELECT: &str = "SELECT c.id, c.doc, c.last_used_at, t.doc FROM credentials c \
     LEFT JOIN tokens t ON t.id = c.id";

/// Adds a condition for each field that narrows.
pub(crate) fn conditions(query: &mut Query, filter: &CredentialFilter) {
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
    times(query, filter);
    query.when("c.orphaned = $#", filter.orphaned);
    if let Some((owner, teams)) = &filter.visible_to {
        let owner = query.bind(owner.as_str());
        let teams = query.bind(list(teams.iter().map(TeamId::as_str)));
        query.also(format!(
            "c.owner = ${owner} OR c.team IN (SELECT l.item FROM {{list:{teams}}} AS l)"
        ));
    }
    states(query, filter);
}

fn times(query: &mut Query, filter: &CredentialFilter) {
    query.when("c.expires_at < $#", filter.expires_before);
    query.when("c.expires_at > $#", filter.expires_after);
    let unused = "c.last_used_at IS NULL OR c.last_used_at < $#";
    query.when(unused, filter.last_used_before);
    query.when("c.created_at > $#", filter.created_after);
}

fn states(query: &mut Query, filter: &CredentialFilter) {
    if filter.states.is_empty() {
        return;
    }
    let now = query.bind(filter.now);
    let any: Vec<String> = filter
        .states
        .iter()
        .map(|state| format!("({})", condition(*state).replace('#', &now.to_string())))
        .collect();
    // A place that no condition names would have a value without a type.
    query.also(format!("${now} = ${now} AND ({})", any.join(" OR ")));
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
