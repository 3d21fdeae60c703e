//! People, teams and service accounts, as far as owners and recipients need them.

pub(crate) mod ceiling;
mod names;
mod persons;
mod provision;
mod service_accounts;
mod teams;

pub use names::Names;
pub use persons::{
    CLAIM_HOLDS, Claim, CreatePerson, PatchPerson, choose_time_zone, claim_address, claim_of,
    confirm_address, create_person, get_person, is_locale, is_time_zone, list_people, patch_person,
    withdraw_claim,
};
pub(crate) use persons::{asks, claim_link};
pub use provision::{
    admit_person, admit_team, dismiss_person, dismiss_team, keep_person, keep_team, provisioned,
};
pub use service_accounts::{
    CreateServiceAccount, PatchServiceAccount, create_service_account, get_service_account,
    list_service_accounts, patch_service_account,
};
pub use teams::{CreateTeam, PatchTeam, create_team, get_team, list_teams, patch_team};
