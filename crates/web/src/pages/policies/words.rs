//! Policies and what they match, in words; and what people type, as a matcher.

use app::people::Names;
use app::{AppError, Context};
use domain::expiry::{AudienceRule, Policy, PolicyDraft, Step, Whom};
use domain::inventory::Matcher;
use domain::kernel::{Pattern, Span};

use crate::entries::Entries;
use crate::pages::credential::step_words;
use crate::show::{length, plain};

const TEXT_CHARS: usize = 300;

/// `source prod-*, team Platform`; everything where there is no condition.
pub(crate) fn matcher_words(matcher: &Matcher) -> String {
    let lists = [
        ("source", &matcher.source),
        ("kind", &matcher.kind),
        ("name", &matcher.name),
        ("owner", &matcher.owner),
        ("team", &matcher.team),
        ("scope", &matcher.scope),
        ("role", &matcher.role),
    ];
    let mut parts: Vec<String> = Vec::new();
    for (word, patterns) in lists.into_iter().filter(|(_, p)| !p.is_empty()) {
        let each: Vec<&str> = patterns.iter().map(Pattern::as_str).collect();
        parts.push(format!("{word} {}", each.join(" or ")));
    }
    for (label, pattern) in &matcher.label {
        parts.push(format!("label {label}={pattern}"));
    }
    parts.extend(
        matcher
            .used_within
            .map(|s| format!("used within {}", length(s))),
    );
    parts.extend(
        matcher
            .unused_for
            .map(|s| format!("unused for {}", length(s))),
    );
    if parts.is_empty() {
        return "everything".to_owned();
    }
    plain(&parts.join(", "), TEXT_CHARS)
}

/// `30 days, 14 days, 1 day before the end; …`: the steps after it are the same everywhere.
pub(super) fn steps_words(policy: &Policy) -> String {
    let steps: Vec<String> = policy.steps.iter().map(|step| length(*step)).collect();
    format!(
        "{} before the end; at the end; 1 day after it, and 7 days after it if it is still used",
        steps.join(", ")
    )
}

/// Who hears from which step on.
pub(super) fn hearers(policy: &Policy, admins: &str) -> Vec<String> {
    let rule = |rule: &AudienceRule| {
        let whom: Vec<String> = rule.whom.iter().map(|w| whom_words(w, admins)).collect();
        let from = match rule.from {
            Step::End => "the end".to_owned(),
            other => step_words(other),
        };
        plain(&format!("from {from} on: {}", whom.join(", ")), TEXT_CHARS)
    };
    policy.audience.iter().map(rule).collect()
}

fn whom_words(whom: &Whom, admins: &str) -> String {
    match whom {
        Whom::Admins => admins.to_owned(),
        Whom::ParentTeam => "the team above".to_owned(),
        other => other.to_string(),
    }
}

/// `admins`, and whom the configuration means by that: `admins (Security)`.
pub(crate) fn admins(ctx: &Context, names: &Names) -> String {
    let named = names.named_admins(ctx);
    match named.is_empty() {
        true => "admins".to_owned(),
        false => plain(&format!("admins ({})", named.join(", ")), TEXT_CHARS),
    }
}

/// The fields of a matcher.
pub(super) const MATCHER: [&str; 5] = ["source", "name", "owner", "team", "scope"];

/// What was typed, as a matcher: each field holds patterns with commas between.
pub(super) fn matcher(entries: &Entries) -> Result<Matcher, AppError> {
    let patterns = |field: &'static str| -> Result<Vec<Pattern>, AppError> {
        let parts = entries.get(field).split(',').map(str::trim);
        let parts = parts.filter(|part| !part.is_empty());
        parts
            .map(|part| Pattern::parse(part).map_err(|e| AppError::invalid(field, e)))
            .collect()
    };
    Ok(Matcher {
        source: patterns("source")?,
        name: patterns("name")?,
        owner: patterns("owner")?,
        team: patterns("team")?,
        scope: patterns("scope")?,
        ..Matcher::default()
    })
}

/// What was typed, as a policy to try.
pub(super) fn candidate(entries: &Entries) -> Result<PolicyDraft, AppError> {
    let matcher = matcher(entries)?;
    let steps = entries.get("steps").split([' ', ',']);
    let steps = steps.filter(|word| !word.is_empty());
    let steps: Result<Vec<Span>, _> = steps.map(Span::parse).collect();
    let steps = steps.map_err(|e| AppError::invalid("steps", e))?;
    if steps.is_empty() {
        let problem = "say when, such as 45d 14d 3d 1d";
        return Err(AppError::invalid("steps", problem));
    }
    Ok(PolicyDraft {
        matches: (matcher.conditions() > 0).then_some(matcher),
        steps: Some(steps),
        ..PolicyDraft::default()
    })
}
