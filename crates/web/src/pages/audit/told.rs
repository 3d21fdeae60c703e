//! How is a row of the audit log told to people: names in the place of ids, times on their
//! clock?

use std::collections::BTreeMap;

use app::people::Names;
use app::ports::{AuditEntry, AuditRow};
use domain::inventory::Matcher;
use domain::kernel::{Instant, Span, TeamId, length};
use domain::people::Owner;
use serde_json::Value;

use super::address;
use crate::entries::Entries;
use crate::pages::policies::matcher_words;
use crate::show::{NAME_CHARS, Reader, When, plain};

/// Details are cut at so many characters.
const TEXT_CHARS: usize = 300;
/// Fields that hold a length of time, as programs write them.
const SPANS: [&str; 3] = ["grace", "lead_time", "period"];
/// Fields that hold one of a few words of ours, as programs write them.
const CHOICES: [&str; 4] = ["changed", "decision", "kind", "way"];

pub(super) struct Row {
    pub(super) number: i64,
    pub(super) at: When,
    pub(super) actor: String,
    pub(super) action: String,
    pub(super) target: String,
    /// Its id, where the target is a name.
    pub(super) id: Option<String>,
    pub(super) details: String,
    pub(super) chained: bool,
    /// What else was done to the same, and by the same.
    pub(super) same_target: String,
}

/// What rows are told with: names in the place of ids, times on the reader's clock.
pub(super) struct Told<'a> {
    pub(super) names: &'a Names,
    pub(super) called: &'a BTreeMap<String, String>,
    pub(super) reader: &'a Reader,
}

impl Told<'_> {
    pub(super) fn row(&self, row: &AuditRow) -> Row {
        let entry = &row.entry;
        let (target, id) = self.target(entry);
        Row {
            number: row.number,
            at: self.reader.when(entry.at),
            actor: plain(&self.who(&entry.actor), NAME_CHARS),
            action: plain(&entry.action, NAME_CHARS),
            target,
            id,
            details: plain(&self.words(&entry.details), TEXT_CHARS),
            chained: row.hash.is_some(),
            same_target: address(
                "/audit",
                &Entries::of(&[("target", &entry.target)]).to_query(&[]),
            ),
        }
    }

    /// What the row is about, and its id where that says something else.
    fn target(&self, entry: &AuditEntry) -> (String, Option<String>) {
        let written = plain(&entry.target, NAME_CHARS);
        if let Some(words) = named_by_itself(&entry.target) {
            return (plain(&words, NAME_CHARS), None);
        }
        match self.name(&entry.target).or_else(|| self.was(entry)) {
            Some(name) => (plain(&name, NAME_CHARS), Some(written)),
            None => (written, None),
        }
    }

    fn who(&self, actor: &str) -> String {
        match actor {
            "system" => "Forewarn itself".to_owned(),
            "setup" | "sva_setup" => "the set-up".to_owned(),
            "sva_sign-in" => "a sign-in through the provider".to_owned(),
            other => self.names.actor(other),
        }
    }

    /// What is gone is called as it was when this was done to it.
    fn was(&self, entry: &AuditEntry) -> Option<String> {
        let told = &entry.details;
        match entry.target.split(':').next()? {
            "session" => Some(format!("a session of {}", self.who(&entry.actor))),
            "silence" => Some(format!("a silence: {}", matched(told)?)),
            "watch" => Some(format!("a watch: {}", matched(told)?)),
            "feed" => Some(format!("a calendar of {}", self.followed(told))),
            "setup_code" => Some("the set-up link".to_owned()),
            "bootstrap_token" => Some("the first token".to_owned()),
            _ => told.get("name")?.as_str().map(str::to_owned),
        }
    }

    /// Whose credentials a calendar shows.
    fn followed(&self, told: &Value) -> String {
        match told.pointer("/of/id") {
            Some(id) => self.words(id),
            None => "everything".to_owned(),
        }
    }

    /// What something is called; `None` for what has no other name.
    fn name(&self, id: &str) -> Option<String> {
        if let Some(name) = self.called.get(id) {
            return Some(name.clone());
        }
        // A review is of a rule and of a team.
        let last = id.rsplit(':').next().unwrap_or(id);
        let team = TeamId::parse(last).ok().and_then(|id| self.names.team(&id));
        if let (Some(rest), Some(team)) = (id.strip_prefix("review:"), &team) {
            let rule = rest.split(':').next().unwrap_or(rest);
            return Some(format!("Review {rule}, {team}"));
        }
        let owner = Owner::parse(last).ok();
        team.or_else(|| owner.and_then(|owner| self.names.owner(&owner)))
    }

    /// Details as people read them: `name: ci-deploy · roles: Admin`. What is empty says
    /// nothing.
    fn words(&self, value: &Value) -> String {
        match value {
            Value::Null => String::new(),
            Value::Bool(on) => if *on { "yes" } else { "no" }.to_owned(),
            Value::String(text) => self.word(text),
            Value::Array(all) => {
                // What holds commas by itself is set apart by more.
                let joint = if all.iter().any(Value::is_object) {
                    "; "
                } else {
                    ", "
                };
                let all: Vec<String> = all.iter().map(|value| self.words(value)).collect();
                all.join(joint)
            }
            // Of somebody's way in, only what it was is worth a word.
            Value::Object(fields) if fields.len() == 1 && fields.contains_key("by") => {
                fields.values().map(|value| self.words(value)).collect()
            }
            Value::Object(fields) => {
                let said = fields.iter().map(|(name, value)| {
                    let text = self.words(value);
                    let text = match name.as_str() {
                        of if CHOICES.contains(&of) => text.replace('_', " "),
                        of if SPANS.contains(&of) => Span::parse(&text).map_or(text, length),
                        _ => text,
                    };
                    (name, text)
                });
                let said = said.filter(|(_, text)| !text.is_empty());
                let said: Vec<String> = said
                    .map(|(name, text)| format!("{}: {text}", field_words(name)))
                    .collect();
                said.join(" ·\u{a0}")
            }
            other => other.to_string(),
        }
    }

    fn word(&self, text: &str) -> String {
        match Instant::parse(text) {
            Ok(at) => self.reader.when(at).words().to_owned(),
            Err(_) => self.name(text).unwrap_or_else(|| {
                let address = text.strip_prefix("address:");
                address.unwrap_or(text).to_owned()
            }),
        }
    }
}

/// What has no id but its name: `role:Admin` is the role Admin.
fn named_by_itself(target: &str) -> Option<String> {
    let (kind, name) = target.split_once(':')?;
    let kind = match kind {
        "role" => "Role",
        "source" => "Source",
        "channel" => "Channel",
        "system" => return Some(format!("Forewarn ({name})")),
        _ => return None,
    };
    Some(format!("{kind} {name}"))
}

/// A field of the details, as pages call it.
fn field_words(name: &str) -> String {
    match name {
        "lead_time" => "first warning".to_owned(),
        "watchers" => "also hear".to_owned(),
        "expires_at" => "ends".to_owned(),
        "starts_at" => "from".to_owned(),
        "ends_at" => "until".to_owned(),
        "leaves_at" => "last day".to_owned(),
        "depends_on" => "needs".to_owned(),
        "rotated_from" => "takes the place of".to_owned(),
        "bytes" => "length in bytes".to_owned(),
        other => other.replace('_', " "),
    }
}

/// Which credentials the details are about.
fn matched(told: &Value) -> Option<String> {
    let matcher: Matcher = serde_json::from_value(told.get("match")?.clone()).ok()?;
    Some(matcher_words(&matcher))
}
