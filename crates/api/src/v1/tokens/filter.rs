//! Which credentials does a query ask for? The same words for tokens and inventory.

use app::Context;
use app::credentials::whose;
use app::ports::{CredentialFilter, CredentialSort};
use domain::inventory::State;

use crate::problem::Problem;
use crate::request::{Param, ParamKind as Kind, Params};

const STATES: &[&str] = &[
    "active",
    "suspended",
    "expired",
    "revoked",
    "gone",
    "unknown_end",
];
const SORTS: &[&str] = &["newest", "expires_at", "name"];

/// The filters of `/v1/tokens`, which `/v1/credentials` knows too.
pub const SHARED: &[Param] = &[
    Param::new(
        "scope",
        Kind::Texts,
        "Holds all of these effective scopes; `*` holds any.",
    ),
    Param::new("role", Kind::Text, "Carries this role."),
    Param::new(
        "owner",
        Kind::Text,
        "Belongs to this owner: an id of ours or the issuer's, an address, or a service account's name.",
    ),
    Param::new("team", Kind::Text, "Of this team, by id or name."),
    Param::new(
        "state",
        Kind::Words(STATES),
        "In one of these states; all if not given.",
    ),
    Param::new(
        "name",
        Kind::Text,
        "The name contains this text, taken literally, without regard to case.",
    ),
    Param::new("expires_before", Kind::Instant, "Ends before."),
    Param::new("expires_after", Kind::Instant, "Ends after."),
    Param::new(
        "expires_within",
        Kind::Span,
        "Active, and ends within this span from now.",
    ),
    Param::new(
        "last_used_before",
        Kind::Instant,
        "Last used before, or never.",
    ),
    Param::new("created_after", Kind::Instant, "Issued after."),
    Param::new(
        "sort",
        Kind::Word(SORTS),
        "In which order; `newest` if not given.",
    ),
];

/// Reads the shared filters.
///
/// # Errors
/// 422, naming the parameter.
pub async fn read_filter(ctx: &Context, params: &Params) -> Result<CredentialFilter, Problem> {
    let (owner, team) = whose(ctx, params.text("owner"), params.text("team")).await?;
    let mut filter = CredentialFilter {
        now: ctx.now(),
        scopes: params.texts("scope").map(str::to_owned).collect(),
        role: params.text("role").map(str::to_owned),
        owner,
        team,
        states: states(params)?,
        name: params
            .text("name")
            .filter(|t| !t.is_empty())
            .map(str::to_owned),
        expires_before: params.instant("expires_before")?,
        expires_after: params.instant("expires_after")?,
        last_used_before: params.instant("last_used_before")?,
        created_after: params.instant("created_after")?,
        sort: sort(params)?,
        ..CredentialFilter::default()
    };
    within(params, &mut filter)?;
    Ok(filter)
}

fn states(params: &Params) -> Result<Vec<State>, Problem> {
    let read = |word: &str| word.parse::<State>();
    let problem = |error| Problem::parameter("state", format!("{error}"));
    params
        .texts("state")
        .map(|word| read(word).map_err(problem))
        .collect()
}

/// B40: only these orders exist, whatever the store calls its columns.
fn sort(params: &Params) -> Result<CredentialSort, Problem> {
    let sort = params.parsed("sort", |word| match word {
        "newest" => Ok(CredentialSort::Newest),
        "expires_at" => Ok(CredentialSort::ExpiresAt),
        "name" => Ok(CredentialSort::Name),
        _ => Err(format!("one of {} is wanted", SORTS.join(", "))),
    })?;
    Ok(sort.unwrap_or_default())
}

/// `0 < remaining <= span`, which in the filter's words is `now < end < now + span + 1 µs`.
fn within(params: &Params, filter: &mut CredentialFilter) -> Result<(), Problem> {
    let Some(span) = params.span("expires_within")? else {
        return Ok(());
    };
    let least = domain::kernel::Span::from_micros(1);
    let until = filter.now + span + least;
    filter.expires_before = Some(filter.expires_before.map_or(until, |at| at.min(until)));
    filter.expires_after = Some(
        filter
            .expires_after
            .map_or(filter.now, |at| at.max(filter.now)),
    );
    filter.states = match filter.states.as_slice() {
        [] => vec![State::Active],
        states if states.contains(&State::Active) => vec![State::Active],
        _ => {
            let detail = "only active ones end within a span; leave `state` out";
            return Err(Problem::parameter("expires_within", detail));
        }
    };
    Ok(())
}
