//! The organisation's own words: templates from the configuration.
//!
//! A template makes plain text, which each way out makes inert by its own rules like any
//! other name; so no template can set markup, and no name in it can either. It is checked
//! when it is read. It runs with little fuel and into little room; where one fails later,
//! the usual words stand.

use std::collections::BTreeMap;
use std::io;

use app::ports::{Item, OwnWords, Wording};
use domain::expiry::{AlertKind, AlertState, Step, Subject};
use domain::kernel::{AlertId, CredentialId, Instant, Span, still_left};
use domain::notice::AudienceRole;
use minijinja::value::{Serde, Value};
use minijinja::{Environment, ErrorKind, UndefinedBehavior};
use serde::Serialize;

use super::dates::moment_utc;
use super::links::alert_url;

/// Steps that a template may take; a long one takes some hundreds.
const FUEL: u64 = 20_000;
/// How deep it may call itself.
const DEPTH: usize = 30;
/// The most bytes of a template.
const SOURCE_MAX: usize = 4_096;
/// The most bytes that it may make.
const OUTPUT_MAX: usize = 2_000;

/// What the configuration says.
#[derive(Clone, Debug, Default)]
pub struct TemplateSettings {
    /// One line that says what is the matter.
    pub headline: Option<String>,
    /// What to do, a sentence a line; stands before the usual advice.
    pub advice: Option<String>,
}

/// Why a template is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("templates.{key}, line {line}: {reason}")]
pub struct TemplateError {
    /// Which key.
    pub key: &'static str,
    /// Which line, from 1.
    pub line: usize,
    /// What is wrong.
    pub reason: String,
}

/// Templates that were checked.
#[derive(Debug)]
pub struct Templates {
    environment: Environment<'static>,
}

const HEADLINE: &str = "headline";
const ADVICE: &str = "advice";

impl Templates {
    /// Reads the templates and tries them on samples; `None` where there are none.
    ///
    /// # Errors
    /// The first that cannot be read, asks for what there is not, does not end, or makes
    /// too much.
    pub fn new(settings: &TemplateSettings) -> Result<Option<Self>, TemplateError> {
        let mut environment = Environment::new();
        environment.set_fuel(Some(FUEL));
        environment.set_recursion_limit(DEPTH);
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        environment.set_auto_escape_callback(|_| minijinja::AutoEscape::None);
        let mut any = false;
        for (key, source) in [(HEADLINE, &settings.headline), (ADVICE, &settings.advice)] {
            let Some(source) = source else {
                continue;
            };
            if source.len() > SOURCE_MAX {
                let reason = format!("it is longer than {SOURCE_MAX} bytes");
                return Err(TemplateError {
                    key,
                    line: 1,
                    reason,
                });
            }
            let added = environment.add_template_owned(key, source.clone());
            added.map_err(|e| refused(key, &e))?;
            any = true;
        }
        let templates = Self { environment };
        templates.check()?;
        Ok(any.then_some(templates))
    }

    fn check(&self) -> Result<(), TemplateError> {
        for key in [HEADLINE, ADVICE] {
            for sample in samples() {
                let made = self.make(key, &sample);
                made.map_err(|e| refused(key, &e))?;
            }
        }
        Ok(())
    }

    /// What the template of this key makes; `None` where there is none.
    fn make(&self, key: &str, facts: &Facts) -> Result<Option<String>, minijinja::Error> {
        let template = match self.environment.get_template(key) {
            Err(error) if error.kind() == ErrorKind::TemplateNotFound => return Ok(None),
            found => found?,
        };
        let mut room = Room(Vec::new());
        template.render_captured_to(Value::from(Serde(facts)), &mut room)?;
        Ok(Some(String::from_utf8_lossy(&room.0).trim().to_owned()))
    }

    fn say(&self, key: &'static str, item: &Item, url: &str, now: Instant) -> Option<String> {
        match self.make(key, &Facts::of(item, url, now)) {
            Ok(made) => made.filter(|text| !text.is_empty()),
            Err(error) => {
                let error = refused(key, &error);
                tracing::warn!(%error, alert = %item.alert, "a template failed; the usual words stand");
                None
            }
        }
    }
}

impl Wording for Templates {
    fn words(&self, item: &Item, public_url: &str, now: Instant) -> OwnWords {
        let url = alert_url(public_url, &item.alert);
        let headline = self.say(HEADLINE, item, &url, now);
        let one_line = |said: String| said.split_whitespace().collect::<Vec<_>>().join(" ");
        let advice = self.say(ADVICE, item, &url, now).unwrap_or_default();
        let lines = advice.lines().map(str::trim).filter(|l| !l.is_empty());
        OwnWords {
            headline: headline.map(one_line),
            advice: lines.take(10).map(str::to_owned).collect(),
        }
    }
}

/// The library's words, without the template's text or any value.
fn refused(key: &'static str, error: &minijinja::Error) -> TemplateError {
    let reason = match (error.kind(), error.detail()) {
        (ErrorKind::OutOfFuel, _) => "it does not end soon enough".to_owned(),
        (ErrorKind::WriteFailure, _) => format!("it makes more than {OUTPUT_MAX} bytes"),
        (ErrorKind::UndefinedError, _) => {
            "it asks for something that is not there; `| default(\"\")` is for what may be missing"
                .to_owned()
        }
        (kind, Some(detail)) => format!("{kind}: {detail}"),
        (kind, None) => kind.to_string(),
    };
    TemplateError {
        key,
        line: error.line().unwrap_or(1),
        reason: reason.chars().take(200).collect(),
    }
}

/// Room for so many bytes and no more.
struct Room(Vec<u8>);

impl io::Write for Room {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.0.len() + bytes.len() > OUTPUT_MAX {
            return Err(io::Error::other("full"));
        }
        self.0.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// What a template may speak of. Everything is there, if empty; only labels may be
/// missing.
#[derive(Serialize)]
struct Facts {
    name: String,
    kind: String,
    system: String,
    source: String,
    external_id: String,
    owner: String,
    team: String,
    ends: String,
    ends_at: String,
    remaining: String,
    days_left: i64,
    step: String,
    alert: &'static str,
    scopes: Vec<String>,
    used_by: Vec<String>,
    labels: BTreeMap<String, String>,
    detail: String,
    url: String,
}

impl Facts {
    fn of(item: &Item, url: &str, now: Instant) -> Self {
        let facts = item.credential.as_ref();
        let end = facts.and_then(|f| f.expires_at);
        let left = end
            .map(|end| now.until(end))
            .filter(|left| left.is_positive());
        let text = |of: fn(&app::ports::CredentialFacts) -> &String| {
            facts.map(|f| of(f).clone()).unwrap_or_default()
        };
        let who = |who: Option<&(String, String)>| who.map(|(_, n)| n.clone()).unwrap_or_default();
        Self {
            name: super::sentences::name(item),
            kind: text(|f| &f.kind),
            system: text(|f| &f.system),
            source: text(|f| &f.source),
            external_id: text(|f| &f.external_id),
            owner: who(facts.and_then(|f| f.owner.as_ref())),
            team: who(facts.and_then(|f| f.team.as_ref())),
            ends: end.map(moment_utc).unwrap_or_default(),
            ends_at: end.map(|end| end.to_string()).unwrap_or_default(),
            remaining: left.map(still_left).unwrap_or_default(),
            days_left: left.map_or(0, |left| left.whole(Span::days(1))),
            step: item.step.to_string(),
            alert: item.kind.as_str(),
            scopes: facts.map(|f| f.scopes.clone()).unwrap_or_default(),
            used_by: facts
                .map(|f| f.used_by.iter().map(|p| p.what.clone()).collect())
                .unwrap_or_default(),
            labels: facts
                .map(|f| f.labels.iter().cloned().collect())
                .unwrap_or_default(),
            detail: item.detail.clone().unwrap_or_default(),
            url: url.to_owned(),
        }
    }
}

/// Something about a credential, and something about a channel.
fn samples() -> Vec<Facts> {
    let now = Instant::EPOCH;
    let about = |subject: Subject, kind: AlertKind| Item {
        alert: AlertId::derived(&["sample"]),
        subject,
        kind,
        step: Step::Lead(Span::days(7)),
        occurrence: 1,
        resolution: None,
        state: AlertState::Open,
        role: AudienceRole::Owner,
        reason: String::new(),
        others: Vec::new(),
        monitor: None,
        review: None,
        credential: None,
        detail: None,
        own: OwnWords::default(),
        act_link: None,
    };
    let credential = Subject::Credential(CredentialId::derived(&["sample"]));
    let mut full = Facts::of(
        &about(credential, AlertKind::Expiry),
        "https://example.org",
        now,
    );
    for text in [
        &mut full.name,
        &mut full.owner,
        &mut full.team,
        &mut full.system,
    ] {
        *text = "sample".to_owned();
    }
    full.scopes = vec!["read".to_owned(); 20];
    full.used_by = vec!["a job".to_owned(); 10];
    let bare = Subject::System("sample".to_owned());
    let bare = Facts::of(&about(bare, AlertKind::Stalled), "https://example.org", now);
    vec![full, bare]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headline(source: &str) -> Result<Option<Templates>, TemplateError> {
        Templates::new(&TemplateSettings {
            headline: Some(source.to_owned()),
            advice: None,
        })
    }

    fn refusal(source: &str) -> TemplateError {
        headline(source).unwrap_err()
    }

    #[test]
    fn what_a_message_knows_can_be_said() {
        let templates =
            headline("{{ name }} in {{ system }}: {{ days_left }} {{ labels.env | default('?') }}");
        let made = templates.unwrap().unwrap().make(HEADLINE, &samples()[0]);
        assert_eq!(made.unwrap().unwrap(), "sample in sample: 0 ?");
        assert!(
            Templates::new(&TemplateSettings::default())
                .unwrap()
                .is_none()
        );
    }

    /// B61: unknown parts are refused when the configuration is read, with their line.
    #[test]
    fn unknown_parts_are_refused_with_their_line() {
        for (source, line) in [
            ("{{ nobody }}", 1),
            ("{{ name }}\n{{ name | nothing }}", 2),
            ("{% if name %}", 1),
            ("{{ name", 1),
            ("a\n\n{% include 'x' %}", 3),
        ] {
            assert_eq!(refusal(source).line, line, "{source}");
        }
        let said = refusal("{{ secret_name }}").to_string();
        assert!(said.starts_with("templates.headline, line 1: "), "{said}");
    }

    /// B61: endless and recursive ones end, and long ones are cut short.
    #[test]
    fn endless_recursive_and_long_templates_are_refused() {
        for source in [
            "{% for a in range(9999) %}{% for b in range(9999) %}{% endfor %}{% endfor %}",
            "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
            "{% for a in range(2001) %}x{% endfor %}",
            "{{ name * 9999999 }}",
        ] {
            refusal(source);
        }
        let long = "x".repeat(SOURCE_MAX + 1);
        assert!(refusal(&long).reason.contains("longer than"));
        let at_limit = "x".repeat(OUTPUT_MAX);
        assert!(headline(&at_limit).is_ok());
        assert!(headline(&format!("{at_limit}x")).is_err());
    }

    /// T17, B20: a name in the syntax of templates is not run.
    #[test]
    fn a_name_that_is_a_template_stays_a_name() {
        let templates = headline("{{ name }}").unwrap().unwrap();
        let mut facts = samples().remove(0);
        facts.name = "{{ 7 * 7 }}{% for x in range(9) %}".to_owned();
        let made = templates.make(HEADLINE, &facts).unwrap().unwrap();
        assert_eq!(made, "{{ 7 * 7 }}{% for x in range(9) %}");
    }
}
