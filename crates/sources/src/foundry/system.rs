//! Opens a Foundry source from its keys.

use std::sync::Arc;
use std::time::Duration;

use app::ports::Connector;
use domain::kernel::{Instant, SourceId};
use url::Url;

use super::api::{Client, FoundryApi};
use super::{FoundryEvents, FoundryFiles};
use crate::auth::{Bearer, ClientCredentials, Grant};
use crate::keys::{KeyError, Keys, SecretHandle};
use crate::system::{Preset, System, Tools, Ways};

/// Reads log files; palantir/foundry-platform-python `docs/v2/Audit/LogFile.md`.
const AUDIT: &str = "api:audit-read";
/// Reads users; palantir.com/docs/foundry/api/admin-v2-resources/users/get-user.
const ADMIN: &str = "api:admin-read";
/// The token endpoint; `foundry_sdk/_core/oauth_utils.py`.
const TOKEN_PATH: &str = "/multipass/api/oauth2/token";
/// Palantir Foundry.
pub(crate) struct Foundry;

impl System for Foundry {
    fn describe(&self) -> Preset {
        Preset {
            id: "foundry".to_owned(),
            system: "Palantir Foundry".to_owned(),
            kinds: vec!["API_TOKEN".to_owned()],
            auth: "OAuth 2.0 client credentials or a bearer token; none for files and pushed lines"
                .to_owned(),
            needs: "`api:audit-read` and a role that may read the organization's audit logs, `api:admin-read` for names; or exported logs (audit.2, audit.3) as files; or pushed lines"
                .to_owned(),
            tried: Some("documented payloads"),
            pages: ["docs/v2/Audit/LogFile.md", "docs/v2/Admin/User.md"]
                .map(|page| format!("https://github.com/palantir/foundry-platform-python/blob/develop/{page} (2026-11-26)"))
                .to_vec(),
        }
    }

    fn open(&self, id: SourceId, keys: &mut Keys, tools: &Tools) -> Result<Ways, KeyError> {
        let types = keys.texts("token_types")?;
        let types = (!types.is_empty()).then_some(types);
        let events = FoundryEvents::configured(types.as_deref());
        let paths = keys.texts("paths")?;
        let api = api(id.clone(), keys, tools, &events)?;
        let files = || -> Arc<dyn Connector> {
            Arc::new(FoundryFiles::new(id, paths.clone(), events.clone()))
        };
        let connector = match api {
            Some(_) if !paths.is_empty() => {
                let reason = "cannot stand beside `organization`: files and the API tell the same; make two sources of them, or leave one out";
                return Err(keys.wrong("paths", reason));
            }
            Some(api) => Some(Arc::new(api) as Arc<dyn Connector>),
            None => (!paths.is_empty()).then(files),
        };
        Ok(Ways {
            connector,
            decoder: Some(Arc::new(events)),
            system: "foundry".to_owned(),
        })
    }
}

/// The log-file API, if an organization is named.
fn api(
    source: SourceId,
    keys: &mut Keys,
    tools: &Tools,
    events: &FoundryEvents,
) -> Result<Option<FoundryApi>, KeyError> {
    let host = keys.text("host")?;
    let base = host.map(|host| base(keys, &host)).transpose()?;
    let organization = keys.text("organization")?;
    let since = since(keys)?;
    let names = keys.flag("names")?;
    let signing_in = signing_in(keys)?;
    let Some(organization) = organization else {
        let api_only = [
            ("start_date", since.is_some()),
            ("names", names.is_some()),
            ("token", signing_in.is_some()),
        ];
        return match api_only.into_iter().find(|(_, given)| *given) {
            Some((key, _)) => Err(keys.wrong(
                key,
                "is for the log-file API, which needs `organization` too",
            )),
            None => Ok(None),
        };
    };
    let base = base.ok_or_else(|| {
        keys.wrong(
            "host",
            "is missing; it says where Foundry is reached, such as example.palantirfoundry.com",
        )
    })?;
    let signing_in = signing_in.ok_or_else(|| {
        keys.wrong(
            "client_id",
            "is missing; name `client_id` and `client_secret` of an application, or a `token`",
        )
    })?;
    let bearer = |scope: &str| signing_in.bearer(&base, scope, tools);
    Ok(Some(FoundryApi {
        source,
        organization,
        since,
        audit: bearer(AUDIT),
        admin: names.unwrap_or(true).then(|| bearer(ADMIN)),
        client: Client {
            base,
            egress: tools.egress.clone(),
            clock: Arc::clone(&tools.clock),
            patience: Duration::from_secs(1),
        },
        events: events.clone(),
    }))
}

/// `https://` in front of what is a host only.
fn base(keys: &Keys, host: &str) -> Result<Url, KeyError> {
    let text = match host.contains("://") {
        true => host.to_owned(),
        false => format!("https://{host}"),
    };
    let url = Url::parse(&text).ok().filter(|url| {
        let bare = matches!(url.path(), "" | "/") && url.query().is_none();
        let web = matches!(url.scheme(), "https" | "http") && url.has_host();
        web && bare && url.username().is_empty() && url.password().is_none()
    });
    url.ok_or_else(|| {
        let reason = "cannot be read; write the host alone, such as example.palantirfoundry.com";
        keys.wrong("host", reason)
    })
}

/// A day, `YYYY-MM-DD`.
fn since(keys: &mut Keys) -> Result<Option<String>, KeyError> {
    let given = match keys.value("start_date") {
        Some(toml::Value::Datetime(day)) => Some(day.to_string()),
        Some(toml::Value::String(day)) => Some(day),
        Some(_) => Some(String::new()),
        None => None,
    };
    let is_day =
        |day: &String| day.len() == 10 && Instant::parse(&format!("{day}T00:00:00Z")).is_ok();
    match given {
        Some(day) if !is_day(&day) => {
            Err(keys.wrong("start_date", "must be a day such as 2026-01-31"))
        }
        given => Ok(given),
    }
}

/// How Forewarn proves itself.
enum SigningIn {
    Token(SecretHandle),
    Client(SecretHandle, SecretHandle),
}

fn signing_in(keys: &mut Keys) -> Result<Option<SigningIn>, KeyError> {
    let token = keys.secret("token")?;
    let client = (keys.text("client_id")?, keys.secret("client_secret")?);
    match (token, client) {
        (None, (None, None)) => Ok(None),
        (Some(token), (None, None)) => Ok(Some(SigningIn::Token(token))),
        (None, (Some(id), Some(secret))) => {
            Ok(Some(SigningIn::Client(SecretHandle::fixed(id), secret)))
        }
        (None, (Some(_), None)) => {
            Err(keys.wrong("client_secret", "is missing; it belongs to `client_id`"))
        }
        (None, (None, Some(_))) => {
            Err(keys.wrong("client_id", "is missing; it belongs to `client_secret`"))
        }
        (Some(_), _) => Err(keys.wrong(
            "token",
            "cannot stand beside `client_id`; the client fetches tokens itself",
        )),
    }
}

impl SigningIn {
    /// Each scope has a token of its own: one that may not read users still reads logs.
    fn bearer(&self, base: &Url, scope: &str, tools: &Tools) -> Bearer {
        let (id, secret) = match self {
            Self::Token(token) => return Bearer::Given(token.clone()),
            Self::Client(id, secret) => (id.clone(), secret.clone()),
        };
        let mut token_url = base.clone();
        token_url.set_path(TOKEN_PATH);
        let grant = Grant {
            token_url: token_url.into(),
            client_id: id,
            client_secret: secret,
            scope: Some(scope.to_owned()),
            audience: None,
            in_body: true,
        };
        let credentials =
            ClientCredentials::new(grant, tools.egress.clone(), Arc::clone(&tools.clock));
        Bearer::Fetched(Box::new(credentials))
    }
}
