//! On whose clock times are told: a person chooses for themselves.

use domain::people::{Owner, Person};
use serde_json::json;

use super::claim::own;
use super::create::zone;
use super::read::load;
use crate::ports::{Answering, Write};
use crate::unit::{Unit, until_settled};
use crate::{AppError, Context, Principal};

/// Tells times to the caller in this zone from now on, and keeps their quiet hours by it;
/// `None` leaves it to the policy, and pages to UTC. For people with a session or a token
/// of their own, whatever it may do.
///
/// # Errors
/// [`AppError::Invalid`] for what is no IANA name, [`AppError::Forbidden`] for what is no
/// person.
pub async fn choose_time_zone(
    ctx: &Context,
    principal: &Principal,
    wanted: Option<&str>,
) -> Result<Person, AppError> {
    let wanted = wanted.map(zone).transpose()?;
    until_settled!(choose(ctx, principal, wanted.as_ref()))
}

async fn choose(
    ctx: &Context,
    principal: &Principal,
    wanted: Option<&String>,
) -> Result<Person, AppError> {
    let mut person = load(ctx, own(principal)?.as_str()).await?;
    if person.time_zone.as_ref() == wanted {
        return Ok(person);
    }
    person.time_zone = wanted.cloned();
    let mut unit = Unit::of(principal, ctx.now());
    let details = json!({ "time_zone": person.time_zone });
    unit.write(Write::PutPerson(person.clone()))
        .look_at_all_of(Answering::Owner(Owner::Person(person.id.clone())))
        .audit("person.choose_time_zone", person.id.to_string(), details);
    unit.commit(ctx).await?;
    person.version += 1;
    Ok(person)
}
