//! What the form of a new token offers, and how what was typed is read.

use app::people::Names;
use app::roles::grantable_roles;
use app::tokens::IssueToken;
use domain::access::Role;
use domain::kernel::Span;

use crate::entries::Entries;
use crate::guard::SignedIn;
use crate::pages::offers::Offers;
use crate::pages::watchers;
use crate::problem::Problem;
use crate::show::{Form, NAME_CHARS, Reader, count, length, plain};
use crate::state::Web;

/// So many scopes of a role are named.
const SCOPES_SHOWN: usize = 8;

/// The role that allows nothing.
const NONE: &str = "None";
/// What is said where it stands beside others.
pub(crate) const NONE_ALONE: &str = "None allows nothing; choose it alone, or untick it";

/// Whether the role that allows nothing is among others.
pub(crate) fn is_none_among(roles: &[String]) -> bool {
    roles.len() > 1 && roles.iter().any(|role| role == NONE)
}

/// What can be chosen.
pub(super) struct Offered {
    pub(super) roles: Vec<RoleChoice>,
    /// Whether tokens of others may be issued.
    pub(super) for_others: bool,
    pub(super) offers: Offers,
}

/// A role, with what it allows.
pub(crate) struct RoleChoice {
    pub(crate) name: String,
    pub(crate) what: String,
    pub(crate) allows: String,
    pub(crate) opens: bool,
}

impl Offered {
    pub(super) async fn load(web: &Web, who: &SignedIn) -> Result<Self, Problem> {
        let principal = who.principal();
        let roles = grantable_roles(&web.ctx, principal).await?;
        Ok(Self {
            roles: roles.iter().map(RoleChoice::of).collect(),
            for_others: principal.holds("tokens:issue-for-others"),
            offers: Offers::load(web, who).await?,
        })
    }
}

impl RoleChoice {
    /// A role that is held, and that the reader may neither give nor take.
    pub(crate) fn held(name: &domain::kernel::RoleName) -> Self {
        Self {
            name: name.to_string(),
            what: "Held, and not yours to take.".to_owned(),
            allows: "more than you hold".to_owned(),
            opens: false,
        }
    }

    pub(crate) fn of(role: &Role) -> Self {
        let words = role.grant.words();
        // One more is no longer than the words for it.
        let shown = match words.len() {
            n if n <= SCOPES_SHOWN + 1 => n,
            _ => SCOPES_SHOWN,
        };
        let named: Vec<&str> = words.iter().map(String::as_str).take(shown).collect();
        let more = words.len() - named.len();
        let allows = match (role.grant.is_all(), words.is_empty(), more) {
            (true, ..) => "everything, also what is added later".to_owned(),
            (_, true, _) => "no scope".to_owned(),
            (.., 0) => named.join(", "),
            (.., more) => format!("{} and {more} more", named.join(", ")),
        };
        let own = |word: &String| domain::access::OWN_SCOPES.contains(&word.as_str());
        Self {
            name: role.name.to_string(),
            what: plain(&role.description, 200),
            allows,
            opens: role.grant.is_all() || words.iter().any(own),
        }
    }
}

/// What was typed, as a request; with what cannot be read beside its field.
pub(super) struct Wish {
    pub(super) request: IssueToken,
    pub(super) form: Form,
    pub(super) is_sound: bool,
}

impl Wish {
    pub(super) fn read(entries: Entries, reader: &Reader) -> Self {
        let mut errors: Vec<(&'static str, &str)> = Vec::new();
        let roles = entries.all("role");
        let scopes: Vec<String> = entries
            .get("scopes")
            .split_whitespace()
            .map(str::to_owned)
            .collect();
        if entries.some("name").is_none() {
            errors.push((
                "name",
                "a name is needed, so that others know what it is for",
            ));
        }
        if roles.is_empty() && scopes.is_empty() {
            errors.push((
                "role",
                "choose what it may do; None is for a token that may only ask about itself",
            ));
        }
        if is_none_among(&roles) {
            errors.push(("role", NONE_ALONE));
        }
        let day = entries.some("expires");
        let expires_at = day.as_deref().map(|day| reader.end_of_day(day));
        if expires_at == Some(None) {
            errors.push(("expires", "a day such as 2027-03-01 is wanted"));
        }
        let span = entries
            .some("lead_time")
            .map(|text| Span::parse(&text).ok());
        if span == Some(None) {
            errors.push(("lead_time", "a span such as 45d is wanted"));
        }
        let request = IssueToken {
            name: entries.get("name").trim().to_owned(),
            roles,
            scopes,
            expires_at: expires_at.flatten(),
            owner: entries.some("owner"),
            team: entries.some("team"),
            watchers: watchers::read_new(entries.get("watchers")),
            lead_time: span.flatten(),
            ..IssueToken::default()
        };
        let is_sound = errors.is_empty();
        let form = errors
            .into_iter()
            .fold(Form::again(entries), |form, (field, words)| {
                form.with(field, words)
            });
        Self {
            request,
            form,
            is_sound,
        }
    }
}

/// Who and what a token is, in a few lines.
pub(super) fn facts(item: &app::tokens::TokenItem, names: &Names) -> Vec<(&'static str, String)> {
    let (credential, token) = (&item.credential, &item.token);
    let short = |text: &str| plain(text, NAME_CHARS);
    let list = |words: &[String]| match words.len() {
        0 => "nothing".to_owned(),
        n if n > SCOPES_SHOWN => {
            let first = words.iter().take(SCOPES_SHOWN).cloned().collect::<Vec<_>>();
            let more = (n - SCOPES_SHOWN) as u64;
            format!("{} and {} more", first.join(", "), count(more, "scope"))
        }
        _ if words.iter().any(|w| w == "*") => "everything".to_owned(),
        _ => words.join(", "),
    };
    let owner = credential.owner.as_ref().and_then(|o| names.owner(o));
    let team = credential.team.as_ref().and_then(|t| names.team(t));
    let kind = match token.kind {
        domain::token::TokenKind::Personal => "personal",
        domain::token::TokenKind::ServiceAccount => "of a service account",
        domain::token::TokenKind::Connector => "of a connector",
        domain::token::TokenKind::Bootstrap => "of the first start",
    };
    let mut facts = vec![
        ("Id", token.id.to_string()),
        ("Kind", kind.to_owned()),
        (
            "Owner",
            owner.map_or_else(|| "nobody".to_owned(), |o| short(&o)),
        ),
    ];
    facts.extend(team.map(|team| ("Team", short(&team))));
    if !credential.roles.is_empty() {
        facts.push(("Roles", credential.roles.join(", ")));
    }
    facts.push(("May do", list(&credential.scopes)));
    let watchers: Vec<String> = credential
        .watchers
        .iter()
        .map(|w| names.recipient(w))
        .collect();
    if !watchers.is_empty() {
        facts.push(("Also hear", short(&watchers.join(", "))));
    }
    facts.extend(
        credential
            .lead_time
            .map(|span| ("First warning", format!("{} before", length(span)))),
    );
    let labels = credential.labels.iter();
    let labels: Vec<String> = labels
        .map(|(key, value)| format!("{key}={value}"))
        .collect();
    if !labels.is_empty() {
        facts.push(("Labels", plain(&labels.join(", "), 300)));
    }
    facts
}
