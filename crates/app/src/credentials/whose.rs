//! Whose credentials a filter asks for, by whatever people call an owner or a team.

use domain::kernel::TeamId;

use crate::{AppError, Context, whois};

/// Owner and team of a filter as ids. An owner may be written as an id, an address or a
/// service account's name; what is none of these may be an issuer's own id and stays as
/// it is. A team may be written as its id or name.
///
/// # Errors
/// [`AppError::Invalid`] for a team that cannot be one.
pub async fn whose(
    ctx: &Context,
    owner: Option<&str>,
    team: Option<&str>,
) -> Result<(Option<String>, Option<TeamId>), AppError> {
    if owner.is_none() && team.is_none() {
        return Ok((None, None));
    }
    let directory = ctx.store.directory().await?;
    let owner = owner.map(|text| match whois::owner(&directory, text, "owner") {
        Ok(known) => known.to_string(),
        Err(_) => text.to_owned(),
    });
    // An id that is not there finds nothing, as everywhere.
    let known = |text: &str| directory.team_named(text).map(|team| team.id.clone());
    let team = team.map(|text| match known(text) {
        Some(id) => Ok(id),
        None => TeamId::parse(text)
            .map_err(|_| AppError::invalid("team", "there is no team of this id or name")),
    });
    Ok((owner, team.transpose()?))
}
