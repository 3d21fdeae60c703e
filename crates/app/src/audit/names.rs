//! What are the things called that rows of the audit log name by an id?

use std::collections::{BTreeMap, BTreeSet};

use domain::expiry::Subject;
use domain::kernel::{AlertId, CredentialId, MessageId, MonitorId, SessionId};
use domain::people::Owner;
use serde_json::Value;

use crate::people::Names;
use crate::ports::AuditRow;
use crate::{AppError, Context, Principal};

/// Ids in details begin so where they have a name.
const NAMED: [&str; 3] = ["crd_", "mon_", "msg_"];

/// What credentials, alerts, monitors, sessions and messages are called that rows are
/// about, by the rows' targets; and those that their details name, by id. What is gone is
/// not among them. Needs `audit:read`.
///
/// # Errors
/// [`AppError::Forbidden`], the store's.
pub async fn name_targets(
    ctx: &Context,
    principal: &Principal,
    rows: &[AuditRow],
) -> Result<BTreeMap<String, String>, AppError> {
    principal.need("audit:read", "to read the audit log")?;
    let targets = rows.iter().map(|row| row.entry.target.as_str());
    let told = rows.iter().flat_map(|row| ids_within(&row.entry.details));
    let ids: BTreeSet<&str> = targets.chain(told).collect();
    let names = Names::load(ctx).await?;
    let mut wanted = Wanted::default();
    for id in ids {
        wanted.add(ctx, &names, id).await?;
    }
    wanted.names(ctx).await
}

/// Ids of what has a name, however deep in the details.
fn ids_within(details: &Value) -> Vec<&str> {
    match details {
        Value::String(text) if NAMED.iter().any(|own| text.starts_with(own)) => vec![text],
        Value::Array(all) => all.iter().flat_map(ids_within).collect(),
        Value::Object(fields) => fields.values().flat_map(ids_within).collect(),
        _ => Vec::new(),
    }
}

/// What is looked up together, and what is known already; each with how the row writes it.
#[derive(Default)]
struct Wanted {
    credentials: Vec<(String, CredentialId)>,
    monitors: Vec<(String, MonitorId)>,
    known: BTreeMap<String, String>,
}

impl Wanted {
    async fn add(&mut self, ctx: &Context, names: &Names, written: &str) -> Result<(), AppError> {
        let (word, id) = written.split_once(':').unwrap_or(("", written));
        let name = match word {
            "credential" | "token" => {
                self.credential(written, CredentialId::parse(id).ok());
                None
            }
            "alert" => self.of_alert(ctx, written, id).await?,
            "session" => of_session(ctx, names, id).await?,
            _ if id.starts_with("msg_") => of_message(ctx, names, id).await?,
            _ => {
                self.credential(written, CredentialId::parse(id).ok());
                self.monitor(written, MonitorId::parse(id).ok());
                None
            }
        };
        self.known
            .extend(name.map(|name| (written.to_owned(), name)));
        Ok(())
    }

    fn credential(&mut self, written: &str, id: Option<CredentialId>) {
        self.credentials
            .extend(id.map(|id| (written.to_owned(), id)));
    }

    fn monitor(&mut self, written: &str, id: Option<MonitorId>) {
        self.monitors.extend(id.map(|id| (written.to_owned(), id)));
    }

    /// An alert is called as what it is about.
    async fn of_alert(
        &mut self,
        ctx: &Context,
        written: &str,
        id: &str,
    ) -> Result<Option<String>, AppError> {
        let Ok(id) = AlertId::parse(id) else {
            return Ok(None);
        };
        let Some(alert) = ctx.store.alert(&id).await? else {
            return Ok(None);
        };
        match alert.subject {
            Subject::Credential(id) => self.credential(written, Some(id)),
            Subject::Monitor(id) => self.monitor(written, Some(id)),
            Subject::System(_) => return Ok(Some("Forewarn itself".to_owned())),
            subject => return Ok(Some(subject.to_string().replacen(':', " ", 1))),
        }
        Ok(None)
    }

    async fn names(self, ctx: &Context) -> Result<BTreeMap<String, String>, AppError> {
        let mut names = self.known;
        let ids: Vec<CredentialId> = self.credentials.iter().map(|(_, id)| id.clone()).collect();
        for found in ctx.store.credentials_of(&ids).await? {
            let own = self.credentials.iter().filter(|(_, id)| *id == found.id);
            names.extend(own.map(|(written, _)| (written.clone(), found.name.to_string())));
        }
        let ids: Vec<MonitorId> = self.monitors.iter().map(|(_, id)| id.clone()).collect();
        for found in ctx.store.monitors_of(&ids).await? {
            let own = self.monitors.iter().filter(|(_, id)| *id == found.id);
            names.extend(own.map(|(written, _)| (written.clone(), found.name.to_string())));
        }
        Ok(names)
    }
}

/// `a session of Ada`, as long as it stands.
async fn of_session(ctx: &Context, names: &Names, id: &str) -> Result<Option<String>, AppError> {
    let Ok(id) = SessionId::parse(id) else {
        return Ok(None);
    };
    let session = ctx.store.session(&id).await?;
    let person = session.map(|session| Owner::Person(session.person));
    let name = person.and_then(|person| names.owner(&person));
    Ok(name.map(|name| format!("a session of {name}")))
}

/// `a message to Ada over mail`, as long as it is kept.
async fn of_message(ctx: &Context, names: &Names, id: &str) -> Result<Option<String>, AppError> {
    let Ok(id) = MessageId::parse(id) else {
        return Ok(None);
    };
    let message = ctx.store.message(&id).await?;
    Ok(message.map(|message| {
        let whom = names.recipient(&message.recipient);
        format!("a message to {whom} over {}", message.channel)
    }))
}
