//! Issues in a GitHub repository.
//!
//! Source: docs.github.com/rest/issues, API version 2022-11-28, as of 2026-11-22. A
//! search there lags behind, so the newest open issues of our label are read instead.

use app::ports::{Cause, ChannelMemory, DeliveryError, Verdict};
use async_trait::async_trait;
use domain::kernel::{ChannelId, Instant, Secret};
use egress::{Egress, Response};
use http::{HeaderName, Method, header};
use serde_json::{Value, json};

use super::TicketChannel;
use super::draft::{Draft, Markup};
use super::tracker::{LABEL, Standing, TicketError, Tracker};
use crate::answer;
use crate::failure::failure;
use crate::post::{Api, json as body};

/// A table `[channels.…]` of kind `github`.
#[derive(Clone, Debug)]
pub struct GithubSettings {
    /// The table's key.
    pub id: ChannelId,
    /// The programme interface: `https://api.github.com`, or `https://HOST/api/v3`.
    pub url: String,
    /// `owner/name`.
    pub repository: String,
    /// A token that may write issues.
    pub token: Secret<String>,
}

impl TicketChannel {
    /// Tickets as issues of a GitHub repository.
    ///
    /// # Errors
    /// A refused URL, a repository that is not `owner/name`, a token that is none.
    pub fn github(
        settings: GithubSettings,
        egress: &Egress,
        memory: std::sync::Arc<dyn ChannelMemory>,
    ) -> Result<Self, TicketError> {
        let name = &settings.repository;
        let fits = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
        let parts: Vec<&str> = name.split('/').collect();
        let named = parts
            .iter()
            .all(|p| !p.is_empty() && *p != "." && *p != ".." && p.chars().all(fits));
        if parts.len() != 2 || !named {
            return Err(TicketError::Place("repository", "not `owner/name`"));
        }
        let bearer = format!("Bearer {}", settings.token.expose().trim());
        let version = HeaderName::from_static("x-github-api-version");
        let api = Api::new(egress, &settings.url)
            .map_err(TicketError::Url)?
            .with(header::AUTHORIZATION, &bearer)
            .and_then(|api| api.with(header::ACCEPT, "application/vnd.github+json"))
            .and_then(|api| api.with(version, "2022-11-28"))
            .ok_or(TicketError::Token)?;
        let issues = format!("/repos/{name}/issues");
        Ok(Self::new(
            settings.id,
            Box::new(Github { api, issues }),
            memory,
        ))
    }
}

struct Github {
    api: Api,
    issues: String,
}

impl Github {
    async fn ask(
        &self,
        method: Method,
        rest: &str,
        said: Option<&Value>,
        now: Instant,
    ) -> Result<Value, DeliveryError> {
        let path = format!("{}{rest}", self.issues);
        let response = self.api.ask(method, &path, said).await?;
        if is_throttled(&response) {
            let verdict = Verdict::Retry { after: None };
            let said = "GitHub asks for fewer requests";
            return Err(failure(verdict, Cause::RateLimited, said));
        }
        answer::judge(&response, now)?;
        Ok(body(&response))
    }
}

/// GitHub says "too many" as 403 as well, and then has nothing left or names a wait.
fn is_throttled(response: &Response) -> bool {
    let used_up = response.header("x-ratelimit-remaining") == Some("0");
    response.status == 403 && (used_up || response.header("retry-after").is_some())
}

#[async_trait]
impl Tracker for Github {
    fn kind(&self) -> &'static str {
        "github"
    }

    fn markup(&self) -> Markup {
        Markup::Markdown
    }

    async fn find(&self, marker: &str, now: Instant) -> Result<Option<String>, DeliveryError> {
        let newest = format!("?labels={LABEL}&state=open&per_page=100&sort=created&direction=desc");
        let found = self.ask(Method::GET, &newest, None, now).await?;
        let issues = found.as_array().into_iter().flatten();
        let ours = |issue: &&Value| issue["body"].as_str().is_some_and(|b| b.contains(marker));
        Ok(issues
            .filter(ours)
            .find_map(|issue| number(&issue["number"])))
    }

    async fn create(&self, draft: &Draft, now: Instant) -> Result<String, DeliveryError> {
        let issue = json!({ "title": draft.title, "body": draft.body, "labels": [LABEL] });
        let made = self.ask(Method::POST, "", Some(&issue), now).await?;
        number(&made["number"]).ok_or_else(super::tracker::nameless)
    }

    async fn standing(&self, ticket: &str, now: Instant) -> Result<Standing, DeliveryError> {
        let path = format!("{}/{ticket}", self.issues);
        let response = self.api.ask(Method::GET, &path, None).await?;
        if matches!(response.status, 301 | 404 | 410) {
            return Ok(Standing::Gone);
        }
        answer::judge(&response, now)?;
        Ok(match body(&response)["state"].as_str() {
            Some("closed") => Standing::Closed,
            _ => Standing::Open,
        })
    }

    async fn edit(&self, ticket: &str, draft: &Draft, now: Instant) -> Result<(), DeliveryError> {
        let said = json!({ "title": draft.title, "body": draft.body });
        let path = format!("/{ticket}");
        self.ask(Method::PATCH, &path, Some(&said), now)
            .await
            .map(drop)
    }

    async fn comment(&self, ticket: &str, text: &str, now: Instant) -> Result<(), DeliveryError> {
        let path = format!("/{ticket}/comments");
        let said = json!({ "body": text });
        self.ask(Method::POST, &path, Some(&said), now)
            .await
            .map(drop)
    }

    async fn close(&self, ticket: &str, now: Instant) -> Result<(), DeliveryError> {
        let said = json!({ "state": "closed", "state_reason": "completed" });
        let path = format!("/{ticket}");
        self.ask(Method::PATCH, &path, Some(&said), now)
            .await
            .map(drop)
    }

    async fn reopen(&self, ticket: &str, now: Instant) -> Result<(), DeliveryError> {
        let said = json!({ "state": "open" });
        let path = format!("/{ticket}");
        self.ask(Method::PATCH, &path, Some(&said), now)
            .await
            .map(drop)
    }
}

fn number(value: &Value) -> Option<String> {
    value.as_u64().map(|n| n.to_string())
}
