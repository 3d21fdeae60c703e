//! Owners and teams that a field can be filled with; any other is typed.

use app::Principal;
use app::people::{list_people, list_service_accounts, list_teams};
use domain::people::Team;

use crate::guard::SignedIn;
use crate::problem::Problem;
use crate::state::Web;

/// So many of each are offered.
const OFFERED_MAX: usize = 200;

/// What can be chosen, as it is typed. Nothing for those who may not see people.
#[derive(Default)]
pub(crate) struct Offers {
    /// Service accounts by name, then people by address.
    pub(crate) owners: Vec<String>,
    pub(crate) teams: Vec<String>,
}

impl Offers {
    pub(crate) async fn load(web: &Web, who: &SignedIn) -> Result<Self, Problem> {
        let principal = who.principal();
        if !principal.holds("people:read") {
            return Ok(Self::default());
        }
        let accounts = list_service_accounts(&web.ctx, principal).await?;
        let accounts = accounts.iter().filter(|a| a.active);
        let people = list_people(&web.ctx, principal).await?;
        let addresses = people.iter().filter_map(|p| p.email.as_ref());
        let owners = accounts.map(|a| a.name.to_string());
        let owners = owners.chain(addresses.map(ToString::to_string));
        Ok(Self {
            owners: owners.take(OFFERED_MAX).collect(),
            teams: teams(web, principal).await?,
        })
    }
}

/// The names of all teams, for those who may see them.
pub(crate) async fn teams(web: &Web, principal: &Principal) -> Result<Vec<String>, Problem> {
    match principal.holds("people:read") {
        true => Ok(names(&list_teams(&web.ctx, principal).await?)),
        false => Ok(Vec::new()),
    }
}

/// What these teams are called.
pub(crate) fn names(teams: &[Team]) -> Vec<String> {
    let names = teams.iter().map(|team| team.name.to_string());
    names.take(OFFERED_MAX).collect()
}
