//! Issues in a GitLab project.
//!
//! Source: docs.gitlab.com/api/issues and /api/notes, as of 2026-11-22.

use app::ports::{ChannelMemory, DeliveryError};
use async_trait::async_trait;
use domain::kernel::{ChannelId, Instant, Secret};
use egress::Egress;
use http::{HeaderName, Method};
use serde_json::{Value, json};

use super::TicketChannel;
use super::draft::{Draft, Markup};
use super::tracker::{LABEL, Standing, TicketError, Tracker};
use crate::answer;
use crate::post::{Api, json as body};

/// A table `[channels.…]` of kind `gitlab`.
#[derive(Clone, Debug)]
pub struct GitlabSettings {
    /// The table's key.
    pub id: ChannelId,
    /// The server: `https://gitlab.com` or one's own.
    pub url: String,
    /// The project's path, `group/name`, or its number.
    pub project: String,
    /// A token with the scope `api`.
    pub token: Secret<String>,
}

impl TicketChannel {
    /// Tickets as issues of a GitLab project.
    ///
    /// # Errors
    /// A refused URL, a project that is no path, a token that is none.
    pub fn gitlab(
        settings: GitlabSettings,
        egress: &Egress,
        memory: std::sync::Arc<dyn ChannelMemory>,
    ) -> Result<Self, TicketError> {
        let fits = |c: char| c.is_ascii_alphanumeric() || "-_./".contains(c);
        if settings.project.is_empty() || !settings.project.chars().all(fits) {
            return Err(TicketError::Place(
                "project",
                "neither `group/name` nor a number",
            ));
        }
        let token = HeaderName::from_static("private-token");
        let api = Api::new(egress, &settings.url)
            .map_err(TicketError::Url)?
            .with(token, settings.token.expose().trim())
            .ok_or(TicketError::Token)?;
        let project = settings.project.replace('/', "%2F");
        let issues = format!("/api/v4/projects/{project}/issues");
        Ok(Self::new(
            settings.id,
            Box::new(Gitlab { api, issues }),
            memory,
        ))
    }
}

struct Gitlab {
    api: Api,
    issues: String,
}

impl Gitlab {
    async fn ask(
        &self,
        method: Method,
        rest: &str,
        said: Option<&Value>,
        now: Instant,
    ) -> Result<Value, DeliveryError> {
        let path = format!("{}{rest}", self.issues);
        let response = self.api.ask(method, &path, said).await?;
        answer::judge(&response, now)?;
        Ok(body(&response))
    }
}

#[async_trait]
impl Tracker for Gitlab {
    fn kind(&self) -> &'static str {
        "gitlab"
    }

    fn markup(&self) -> Markup {
        Markup::Markdown
    }

    async fn find(&self, marker: &str, now: Instant) -> Result<Option<String>, DeliveryError> {
        let search = format!("?labels={LABEL}&state=opened&in=description&search={marker}");
        let found = self.ask(Method::GET, &search, None, now).await?;
        let issues = found.as_array().into_iter().flatten();
        let ours = |i: &&Value| {
            i["description"]
                .as_str()
                .is_some_and(|d| d.contains(marker))
        };
        Ok(issues.filter(ours).find_map(|issue| number(&issue["iid"])))
    }

    async fn create(&self, draft: &Draft, now: Instant) -> Result<String, DeliveryError> {
        let issue = json!({
            "title": draft.title,
            "description": draft.body,
            "labels": LABEL,
            "due_date": draft.due,
        });
        let made = self.ask(Method::POST, "", Some(&issue), now).await?;
        number(&made["iid"]).ok_or_else(super::tracker::nameless)
    }

    async fn standing(&self, ticket: &str, now: Instant) -> Result<Standing, DeliveryError> {
        let path = format!("{}/{ticket}", self.issues);
        let response = self.api.ask(Method::GET, &path, None).await?;
        if response.status == 404 {
            return Ok(Standing::Gone);
        }
        answer::judge(&response, now)?;
        Ok(match body(&response)["state"].as_str() {
            Some("closed") => Standing::Closed,
            _ => Standing::Open,
        })
    }

    async fn edit(&self, ticket: &str, draft: &Draft, now: Instant) -> Result<(), DeliveryError> {
        let said = json!({
            "title": draft.title,
            "description": draft.body,
            "due_date": draft.due,
        });
        let path = format!("/{ticket}");
        self.ask(Method::PUT, &path, Some(&said), now)
            .await
            .map(drop)
    }

    async fn comment(&self, ticket: &str, text: &str, now: Instant) -> Result<(), DeliveryError> {
        let path = format!("/{ticket}/notes");
        let said = json!({ "body": text });
        self.ask(Method::POST, &path, Some(&said), now)
            .await
            .map(drop)
    }

    async fn close(&self, ticket: &str, now: Instant) -> Result<(), DeliveryError> {
        let said = json!({ "state_event": "close" });
        let path = format!("/{ticket}");
        self.ask(Method::PUT, &path, Some(&said), now)
            .await
            .map(drop)
    }

    async fn reopen(&self, ticket: &str, now: Instant) -> Result<(), DeliveryError> {
        let said = json!({ "state_event": "reopen" });
        let path = format!("/{ticket}");
        self.ask(Method::PUT, &path, Some(&said), now)
            .await
            .map(drop)
    }
}

fn number(value: &Value) -> Option<String> {
    value.as_u64().map(|n| n.to_string())
}
