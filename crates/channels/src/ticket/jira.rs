//! Issues in a Jira project, in the cloud or in a data centre.
//!
//! Which transition closes an issue is the project's own affair: the first one that leads
//! to the wanted category of status is taken.
//!
//! Source: developer.atlassian.com, "Jira Cloud platform REST API v2" and "Jira Data
//! Center REST API", as of 2026-11-22. The cloud's search is `search/jql`.

use app::ports::{Cause, ChannelMemory, DeliveryError, Verdict};
use async_trait::async_trait;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::kernel::{ChannelId, Instant, Secret};
use egress::Egress;
use http::{Method, header};
use serde_json::{Value, json};

use super::TicketChannel;
use super::draft::{Draft, Markup};
use super::tracker::{LABEL, Standing, TicketError, Tracker};
use crate::answer;
use crate::failure::failure;
use crate::post::{Api, json as body};

/// A table `[channels.…]` of kind `jira`.
#[derive(Clone, Debug)]
pub struct JiraSettings {
    /// The table's key.
    pub id: ChannelId,
    /// The site: `https://example.atlassian.net`, or one's own server.
    pub url: String,
    /// The project's key.
    pub project: String,
    /// What kind of issue: `Task`.
    pub issue_type: String,
    /// As whom.
    pub login: JiraLogin,
}

/// As whom Jira is asked.
#[derive(Clone, Debug)]
pub enum JiraLogin {
    /// In the cloud: an address and an API token.
    Cloud {
        /// The account's address.
        username: String,
        /// Its API token.
        token: Secret<String>,
    },
    /// In a data centre: a personal access token.
    DataCenter {
        /// The token.
        token: Secret<String>,
    },
}

impl TicketChannel {
    /// Tickets as issues of a Jira project.
    ///
    /// # Errors
    /// A refused URL, a project that is no key, a token that is none.
    pub fn jira(
        settings: JiraSettings,
        egress: &Egress,
        memory: std::sync::Arc<dyn ChannelMemory>,
    ) -> Result<Self, TicketError> {
        let fits = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_';
        if settings.project.is_empty() || !settings.project.chars().all(fits) {
            return Err(TicketError::Place("project", "no key such as OPS"));
        }
        let (authorization, search) = match &settings.login {
            JiraLogin::Cloud { username, token } => {
                let both = format!("{username}:{}", token.expose().trim());
                (format!("Basic {}", STANDARD.encode(both)), "/search/jql")
            }
            JiraLogin::DataCenter { token } => {
                (format!("Bearer {}", token.expose().trim()), "/search")
            }
        };
        let api = Api::new(egress, &settings.url)
            .map_err(TicketError::Url)?
            .with(header::AUTHORIZATION, &authorization)
            .ok_or(TicketError::Token)?;
        let jira = Jira {
            api,
            search,
            project: settings.project,
            issue_type: settings.issue_type,
        };
        Ok(Self::new(settings.id, Box::new(jira), memory))
    }
}

struct Jira {
    api: Api,
    search: &'static str,
    project: String,
    issue_type: String,
}

impl Jira {
    async fn ask(
        &self,
        method: Method,
        rest: &str,
        said: Option<&Value>,
        now: Instant,
    ) -> Result<Value, DeliveryError> {
        let path = format!("/rest/api/2{rest}");
        let response = self.api.ask(method, &path, said).await?;
        answer::judge(&response, now)?;
        Ok(body(&response))
    }

    fn fields(draft: &Draft) -> Value {
        json!({ "summary": draft.title, "description": draft.body })
    }

    /// Takes the first transition that leads to a status of one of these categories.
    async fn move_to(
        &self,
        ticket: &str,
        categories: &[&str],
        now: Instant,
    ) -> Result<(), DeliveryError> {
        let path = format!("/issue/{ticket}/transitions");
        let open = self.ask(Method::GET, &path, None, now).await?;
        let leads = |t: &&Value| {
            let category = t["to"]["statusCategory"]["key"].as_str();
            category.is_some_and(|c| categories.contains(&c))
        };
        let all = open["transitions"].as_array().into_iter().flatten();
        let Some(id) = all.filter(leads).find_map(|t| t["id"].as_str()) else {
            let said = "no transition of the Jira issue leads where it should stand; let the token's account make it";
            return Err(failure(Verdict::RetryTwice, Cause::Rejected, said));
        };
        let said = json!({ "transition": { "id": id } });
        self.ask(Method::POST, &path, Some(&said), now)
            .await
            .map(drop)
    }
}

/// Jira's labels know no blanks and cost nothing, so each alert has one.
fn label(marker: &str) -> String {
    format!("{LABEL}-{marker}")
}

#[async_trait]
impl Tracker for Jira {
    fn kind(&self) -> &'static str {
        "jira"
    }

    fn markup(&self) -> Markup {
        Markup::Wiki
    }

    async fn find(&self, marker: &str, now: Instant) -> Result<Option<String>, DeliveryError> {
        let jql = format!(
            "project = \"{}\" AND labels = \"{}\" AND statusCategory != Done ORDER BY created DESC",
            self.project,
            label(marker)
        );
        let said = json!({ "jql": jql, "maxResults": 1, "fields": ["status"] });
        let found = self
            .ask(Method::POST, self.search, Some(&said), now)
            .await?;
        Ok(found["issues"][0]["key"].as_str().and_then(key))
    }

    async fn create(&self, draft: &Draft, now: Instant) -> Result<String, DeliveryError> {
        let mut fields = Self::fields(draft);
        if let Some(fields) = fields.as_object_mut() {
            fields.insert("project".to_owned(), json!({ "key": self.project }));
            fields.insert("issuetype".to_owned(), json!({ "name": self.issue_type }));
            let labels = json!([LABEL, label(draft.marker())]);
            fields.insert("labels".to_owned(), labels);
        }
        let said = json!({ "fields": fields });
        let made = self.ask(Method::POST, "/issue", Some(&said), now).await?;
        let made = made["key"].as_str().and_then(key);
        made.ok_or_else(super::tracker::nameless)
    }

    async fn standing(&self, ticket: &str, now: Instant) -> Result<Standing, DeliveryError> {
        let path = format!("/rest/api/2/issue/{ticket}?fields=status");
        let response = self.api.ask(Method::GET, &path, None).await?;
        if response.status == 404 {
            return Ok(Standing::Gone);
        }
        answer::judge(&response, now)?;
        let issue = body(&response);
        let category = &issue["fields"]["status"]["statusCategory"]["key"];
        Ok(match category.as_str() {
            Some("done") => Standing::Closed,
            _ => Standing::Open,
        })
    }

    async fn edit(&self, ticket: &str, draft: &Draft, now: Instant) -> Result<(), DeliveryError> {
        let said = json!({ "fields": Self::fields(draft) });
        let path = format!("/issue/{ticket}");
        self.ask(Method::PUT, &path, Some(&said), now)
            .await
            .map(drop)
    }

    async fn comment(&self, ticket: &str, text: &str, now: Instant) -> Result<(), DeliveryError> {
        let path = format!("/issue/{ticket}/comment");
        let said = json!({ "body": text });
        self.ask(Method::POST, &path, Some(&said), now)
            .await
            .map(drop)
    }

    async fn close(&self, ticket: &str, now: Instant) -> Result<(), DeliveryError> {
        self.move_to(ticket, &["done"], now).await
    }

    async fn reopen(&self, ticket: &str, now: Instant) -> Result<(), DeliveryError> {
        self.move_to(ticket, &["new", "indeterminate"], now).await
    }
}

/// A key is put into paths, so it must be one.
fn key(text: &str) -> Option<String> {
    let fits = |c: char| c.is_ascii_alphanumeric() || "-_".contains(c);
    (!text.is_empty() && text.chars().all(fits)).then(|| text.to_owned())
}
