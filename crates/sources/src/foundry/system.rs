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
use crate::system::{Key, KeyKind, Preset, System, Tools, Ways};

/// Reads log files; palantir/foundry-platform-python `docs/v2/Audit/LogFile.md`.
const AUDIT: &str = "api:audit-read";
/// Reads users; palantir.com/docs/foundry/api/admin-v2-resources/users/get-user.
const ADMIN: &str = "api:admin-read";
/// The token endpoint; `foundry_sdk/_core/oauth_utils.py`.
const TOKEN_PATH: &str = "/multipass/api/oauth2/token";
/// palantir.com/docs/foundry/platform-security-third-party/user-generated-tokens and
/// palantir.com/docs/foundry/platform-security-management/manage-users, read 2026-11-26.
const ADVICE: &str = "A token of a person stops when that person has not signed in for a while. Let an integration use an application with client credentials (Developer Console) instead.";

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
            keys: told(),
        }
    }

    fn open(&self, id: SourceId, keys: &mut Keys, tools: &Tools) -> Result<Ways, KeyError> {
        let types = keys.texts("token_types")?;
        let types = (!types.is_empty()).then_some(types);
        let events = FoundryEvents::configured(types.as_deref());
        let paths = keys.texts("paths")?;
        let host = keys.text("host")?;
        let host = host.map(|host| base(keys, &host)).transpose()?;
        let api = api(id.clone(), keys, tools, host.clone(), &events)?;
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
            renew_url: host.map(renewed_at),
            advice: vec![ADVICE.to_owned()],
        })
    }
}

/// Its keys; which of them go together, [`api`] says.
fn told() -> Vec<Key> {
    use KeyKind::{Flag, List, Secret, Text};
    [
        ("paths", List, "files, folders or patterns of audit logs to follow; none when events are pushed or the API is read"),
        ("token_types", List, "which types to watch; `API_TOKEN` if not given"),
        ("host", Text, "where Foundry is reached, and where people go to renew"),
        ("organization", Text, "the RID of the organization whose log files are read over the API"),
        ("client_id", Text, "the application that reads them"),
        ("client_secret", Secret, "its secret"),
        ("token", Secret, "instead of the two: a bearer token"),
        ("start_date", Text, "the first day to read over the API, YYYY-MM-DD; a year ago if not given"),
        ("names", Flag, "false: names and addresses of owners are not looked up over the API"),
    ]
    .map(|(name, kind, says)| Key::optional(name, kind, says))
    .to_vec()
}

/// The log-file API, if an organization is named.
fn api(
    source: SourceId,
    keys: &mut Keys,
    tools: &Tools,
    base: Option<Url>,
    events: &FoundryEvents,
) -> Result<Option<FoundryApi>, KeyError> {
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

/// Where people make and revoke their own tokens (Account, Settings, Tokens).
fn renewed_at(mut host: Url) -> String {
    host.set_path("/workspace/settings/tokens");
    host.into()
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

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use domain::kernel::{Instant, Secret};
    use testkit::FakeClock;

    use super::*;
    use crate::keys::OpenSecret;

    fn open(text: &str) -> Result<Ways, String> {
        let secret: OpenSecret =
            Arc::new(|_| Ok(SecretHandle::new(|| Ok(Secret::new("s3cret".to_owned())))));
        let mut keys = Keys::new("prod", text.parse().unwrap(), secret);
        let tools = Tools {
            egress: egress::Egress::new(egress::Settings::default()).unwrap(),
            egress_settings: egress::Settings::default(),
            clock: Arc::new(FakeClock::at(Instant::EPOCH)),
        };
        let id = SourceId::parse("prod").unwrap();
        let ways = Foundry.open(id, &mut keys, &tools);
        let ways = ways.and_then(|ways| keys.finish().map(|()| ways));
        ways.map_err(|error| error.to_string())
    }

    const CLIENT: &str = "client_id = 'c'\nclient_secret = { env = 'S' }\n";

    #[test]
    fn each_way_in_opens_with_its_keys() {
        assert!(open("").unwrap().connector.is_none(), "lines are pushed");
        let files = open("paths = ['/x']\nhost = 'f.example.org'").unwrap();
        assert!(files.connector.is_some());
        let url = files.renew_url.unwrap();
        assert_eq!(url, "https://f.example.org/workspace/settings/tokens");
        for host in [
            "f.example.org",
            "https://f.example.org/",
            "f.example.org:8443",
        ] {
            for day in [
                "",
                "start_date = 2026-01-31\n",
                "start_date = '2026-01-31'\n",
            ] {
                let text = format!("host = '{host}'\norganization = 'ri.x'\n{day}{CLIENT}");
                assert!(open(&text).unwrap().connector.is_some(), "{text}");
            }
        }
        let token = "host = 'f'\norganization = 'ri.x'\ntoken = { env = 'T' }\nnames = false";
        assert!(open(token).unwrap().connector.is_some());
    }

    #[test]
    fn what_does_not_go_together_is_refused_by_name() {
        let api = "host = 'f'\norganization = 'ri.x'\n";
        for (text, key) in [
            (format!("organization = 'ri.x'\n{CLIENT}"), "host"),
            (api.to_owned(), "client_id"),
            (format!("{api}client_id = 'c'"), "client_secret"),
            (format!("{api}client_secret = {{ env = 'S' }}"), "client_id"),
            (format!("{api}{CLIENT}token = {{ env = 'T' }}"), "token"),
            (format!("{api}{CLIENT}paths = ['/x']"), "paths"),
            (
                format!("{api}{CLIENT}start_date = '2026-1-1'"),
                "start_date",
            ),
            (
                format!("{api}{CLIENT}start_date = '2026-02-30'"),
                "start_date",
            ),
            (format!("{api}{CLIENT}start_date = 7"), "start_date"),
            ("start_date = '2026-01-01'".to_owned(), "start_date"),
            ("token = { env = 'T' }".to_owned(), "token"),
            ("names = false".to_owned(), "names"),
            ("host = 'f/path'".to_owned(), "host"),
            ("host = 'ftp://f'".to_owned(), "host"),
            ("host = 'https://u:p@f'".to_owned(), "host"),
            ("orgnization = 'ri.x'".to_owned(), "orgnization"),
        ] {
            let sentence = open(&text).map(drop).unwrap_err();
            assert!(
                sentence.starts_with(&format!("`sources.prod.{key}`")),
                "{text}: {sentence}"
            );
            assert!(!sentence.contains("u:p"), "{sentence}");
        }
    }
}
