//! A credential as it is shown.

use std::collections::BTreeMap;

use app::credentials::CredentialItem;
use app::people::Names;
use app::ports::Condition;
use domain::inventory::{Credential, IssuerOwner, PlaceOfUse};
use domain::kernel::Instant;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A credential as it is shown: everything a token shows, and where it comes from.
#[derive(Serialize, ToSchema)]
#[schema(as = Credential)]
pub struct CredentialBody {
    /// Our id.
    pub id: String,
    /// As the issuer names it.
    pub name: String,
    /// The issuer's word for what it is; for tokens issued here their kind.
    pub kind: String,
    /// The roles it carries, in the issuer's words.
    pub roles: Vec<String>,
    /// What it allows, in the issuer's words.
    pub scopes: Vec<String>,
    /// The accountable one, `per_…` or `sva_…`; `null` when nobody could be resolved.
    pub owner: Option<String>,
    /// What the owner is called, by us or by the issuer.
    pub owner_name: Option<String>,
    /// The answering team: `tea_…`.
    pub team: Option<String>,
    /// What the team is called.
    pub team_name: Option<String>,
    /// `active`, `suspended`, `expired`, `revoked`, `gone` or `unknown_end`.
    pub state: &'static str,
    /// When it was issued.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub created_at: Option<Instant>,
    /// At this instant it no longer works.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub expires_at: Option<Instant>,
    /// Seconds left, rounded down; 0 once over.
    pub remaining_seconds: Option<i64>,
    /// The latest use known.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub last_used_at: Option<Instant>,
    /// The token it replaces; only for tokens issued here.
    pub rotated_from: Option<String>,
    /// Free labels.
    pub labels: BTreeMap<String, String>,
    /// Where it is watched; `forewarn` for tokens issued here.
    pub source: String,
    /// The issuer's id; for tokens issued here equal to `id`.
    pub external_id: String,
    /// The owner as the issuer names it.
    pub issuer_owner: Option<IssuerOwnerBody>,
    /// Where it is renewed in the issuing system.
    pub origin_url: Option<String>,
    /// What breaks when it lapses.
    pub used_by: Vec<PlaceOfUseBody>,
    /// What to do, in sentences.
    pub advice: Vec<String>,
    /// Whether nobody who can act owns it.
    pub orphaned: bool,
    /// The credential that takes its place.
    pub successor: Option<String>,
    /// Others who hear: `person:ID`, `team:ID`, `address:EMAIL`.
    pub watchers: Vec<String>,
    /// The first lead time, where one was chosen by hand.
    pub lead_time: Option<String>,
    /// When its source last confirmed it.
    #[schema(value_type = String, format = DateTime)]
    pub confirmed_at: Instant,
    /// How its source does: `new`, `ok`, `partial`, `held` or `failing`; `null` for tokens
    /// issued here.
    pub source_state: Option<&'static str>,
    /// While its source is `partial`, `held` or `failing`: when it was last confirmed, in a
    /// sentence.
    pub doubt: Option<String>,
}

/// The owner as the issuing system names it.
#[derive(Serialize, ToSchema)]
#[schema(as = IssuerOwner)]
pub struct IssuerOwnerBody {
    /// The issuer's id.
    pub id: String,
    /// The issuer's name.
    pub name: Option<String>,
    /// The address.
    pub email: Option<String>,
}

/// A place that breaks when the credential lapses.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[schema(as = PlaceOfUse)]
#[serde(deny_unknown_fields)]
pub struct PlaceOfUseBody {
    /// What it is: "nightly export".
    pub what: String,
    /// Where it is looked at or mended.
    pub url: Option<String>,
    /// Who runs it.
    pub team: Option<String>,
}

impl CredentialBody {
    /// As it is at `now`.
    pub fn of(item: CredentialItem, names: &Names, now: Instant) -> Self {
        let CredentialItem { credential, token } = item;
        let condition = names.condition(&credential.source);
        let token = token.as_ref();
        Self {
            owner_name: owner_name(&credential, names),
            team_name: credential.team.as_ref().and_then(|team| names.team(team)),
            state: credential.state(now).as_str(),
            remaining_seconds: credential
                .remaining(now)
                .map(|left| left.as_seconds().max(0)),
            expires_at: credential.expires_at(),
            kind: token.map_or(credential.kind, |t| t.kind.to_string()),
            rotated_from: token
                .and_then(|t| t.rotated_from.as_ref())
                .map(ToString::to_string),
            id: credential.id.into(),
            name: credential.name.into(),
            roles: credential.roles,
            scopes: credential.scopes,
            owner: credential.owner.map(String::from),
            team: credential.team.map(String::from),
            created_at: credential.created_at,
            last_used_at: credential.last_used_at,
            labels: credential.labels,
            source: credential.source.into(),
            external_id: credential.external_id,
            issuer_owner: credential.issuer_owner.map(IssuerOwnerBody::from),
            origin_url: credential.origin_url,
            used_by: credential
                .used_by
                .into_iter()
                .map(PlaceOfUseBody::from)
                .collect(),
            advice: credential.advice,
            orphaned: credential.orphaned,
            successor: credential.successor.map(String::from),
            watchers: credential.watchers.into_iter().map(String::from).collect(),
            lead_time: credential.lead_time.map(|span| span.to_string()),
            confirmed_at: credential.confirmed_at,
            source_state: condition.map(Condition::as_str),
            doubt: condition.and_then(|c| doubt(c, credential.confirmed_at)),
        }
    }
}

/// The end and everything else are as the source last told them.
fn doubt(condition: Condition, confirmed_at: Instant) -> Option<String> {
    let why = match condition {
        Condition::Failing => "its source cannot be read",
        Condition::Held => "its source lacks most of what it had",
        Condition::Partial => "its source is read only in part",
        Condition::New | Condition::Ok => return None,
    };
    Some(format!("last confirmed at {confirmed_at}: {why}"))
}

/// Our own name of the owner, else the issuer's.
fn owner_name(credential: &Credential, names: &Names) -> Option<String> {
    let ours = credential
        .owner
        .as_ref()
        .and_then(|owner| names.owner(owner));
    let issuer = credential.issuer_owner.as_ref();
    ours.or_else(|| issuer.and_then(|owner| owner.name.clone()))
}

impl From<IssuerOwner> for IssuerOwnerBody {
    fn from(owner: IssuerOwner) -> Self {
        let IssuerOwner { id, name, email } = owner;
        Self { id, name, email }
    }
}

impl From<PlaceOfUse> for PlaceOfUseBody {
    fn from(place: PlaceOfUse) -> Self {
        let PlaceOfUse { what, url, team } = place;
        Self { what, url, team }
    }
}

impl From<PlaceOfUseBody> for PlaceOfUse {
    fn from(place: PlaceOfUseBody) -> Self {
        let PlaceOfUseBody { what, url, team } = place;
        Self { what, url, team }
    }
}
