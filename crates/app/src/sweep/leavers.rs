//! When by time alone does it change who hears of a credential, and of which steps?
//!
//! Whoever hears in place of one who leaves should hear at once, so the sweep looks at that
//! instant.

use domain::expiry::Policies;
use domain::inventory::Credential;
use domain::kernel::{Instant, PersonId};
use domain::notice::AudienceSettings;
use domain::people::{Directory, Owner, Recipient, Team};

/// The next instant after `at` at which by time alone another policy may apply, or somebody
/// leaves who hears of the credential. The audience is asked for only where somebody leaves.
pub(crate) fn turns_at<'a>(
    credential: &Credential,
    policies: &Policies,
    directory: &Directory,
    audience: impl FnOnce() -> &'a AudienceSettings,
    at: Instant,
) -> Option<Instant> {
    let turns = policies.turns_at(credential, at);
    let leaves = next(credential, directory, audience, at);
    [turns, leaves].into_iter().flatten().min()
}

/// The next instant after `at` at which one of those leaves who may hear of the
/// credential: its owner, its team and those above, watchers, administrators.
fn next<'a>(
    credential: &Credential,
    directory: &Directory,
    audience: impl FnOnce() -> &'a AudienceSettings,
    at: Instant,
) -> Option<Instant> {
    // Most of the time nobody is known to leave.
    let leaving = directory.persons.values().filter_map(|p| p.leaves_at);
    if !leaving.into_iter().any(|leaves| leaves > at) {
        return None;
    }
    let persons = hearers(credential, directory, audience());
    let leaves = |id: &PersonId| directory.persons.get(id).and_then(|p| p.leaves_at);
    let instants = persons.iter().filter_map(|id| leaves(id));
    instants.filter(|leaves| *leaves > at).min()
}

fn hearers<'a>(
    credential: &'a Credential,
    directory: &'a Directory,
    settings: &'a AudienceSettings,
) -> Vec<&'a PersonId> {
    let mut persons = Vec::new();
    let mut teams: Vec<&Team> = Vec::new();
    let named = credential.watchers.iter().chain(&settings.admins);
    for recipient in named {
        match recipient {
            Recipient::Person(id) => persons.push(id),
            Recipient::Team(id) => teams.extend(directory.teams.get(id)),
            Recipient::Address(_) | Recipient::Channel(_) => {}
        }
    }
    let answers = match &credential.owner {
        Some(Owner::Person(id)) => {
            persons.push(id);
            let own = directory.teams_of(id).map(|team| &team.id);
            teams.extend(own.flat_map(|id| directory.line_of(id)));
            None
        }
        Some(Owner::ServiceAccount(id)) => directory.service_accounts.get(id),
        None => None,
    };
    let answers = answers.and_then(|account| account.team.as_ref());
    let starts = credential.team.iter().chain(answers);
    teams.extend(starts.flat_map(|id| directory.line_of(id)));
    persons.extend(teams.into_iter().flat_map(|team| &team.members));
    if settings.admins.is_empty() {
        let admins = directory.persons.values();
        persons.extend(admins.filter(|p| !p.roles.is_empty()).map(|p| &p.id));
    }
    persons
}
