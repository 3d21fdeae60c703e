//! A credential as a row of a table.

use std::fmt;

use app::credentials::Standing;
use app::people::Names;
use askama::filters::HtmlSafe;
use domain::expiry::{Alert, AlertState, How, Step};
use domain::inventory::{Credential, End, State};
use domain::kernel::{Instant, Span};

use crate::pages::alerts::tag as alert_tag;
use crate::pages::credential::step_words;
use crate::show::{Left, NAME_CHARS, Reader, When, count, origin_words, path_part, plain};

/// A credential as a row of a table.
pub(crate) struct Row {
    pub(crate) raw_id: String,
    pub(crate) id: String,
    pub(crate) name: String,
    /// Where it is from and of what kind.
    pub(crate) origin: String,
    pub(crate) ends: Ends,
    pub(crate) when: Option<When>,
    pub(crate) owner: Option<String>,
    pub(crate) orphaned: bool,
    pub(crate) team: Option<String>,
    pub(crate) used_by: String,
    pub(crate) used: String,
    pub(crate) steps: Steps,
    pub(crate) tag: Option<Tag>,
    pub(crate) can_acknowledge: bool,
    /// Whether it is a token of ours that works.
    pub(crate) is_token: bool,
}

/// A word in a frame.
pub(crate) struct Tag {
    pub(crate) class: &'static str,
    pub(crate) words: &'static str,
}

/// How the end stands, in our own words.
pub(crate) struct Ends(String);

impl HtmlSafe for Ends {}

impl fmt::Display for Ends {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The steps before the end as small bars: said, current, to come.
pub(crate) struct Steps {
    bars: Vec<&'static str>,
    words: String,
}

// Numbers and words of ours.
impl HtmlSafe for Steps {}

impl fmt::Display for Steps {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words = &self.words;
        if self.bars.is_empty() {
            let dash = r#"<span class="soft none" aria-hidden="true">—</span>"#;
            return write!(f, r#"{dash}<span class="vh">{words}</span>"#);
        }
        write!(
            f,
            r#"<span class="steps" role="img" aria-label="{words}" title="{words}">"#
        )?;
        for bar in &self.bars {
            write!(f, r#"<i class="{bar}"></i>"#)?;
        }
        f.write_str("</span>")
    }
}

impl Row {
    pub(crate) fn of(standing: &Standing, names: &Names, reader: &Reader) -> Self {
        let credential = &standing.item.credential;
        let short = |text: &str| plain(text, NAME_CHARS);
        let (used_by, used) = use_of(credential, reader);
        let state = credential.state(reader.now);
        let alert = standing.alert.as_ref().map(|a| a.state(reader.now));
        Self {
            raw_id: credential.id.to_string(),
            id: path_part(credential.id.as_str()),
            name: short(credential.name.as_str()),
            origin: origin_words(credential.source.as_str(), &credential.kind),
            ends: Ends(ends(credential, state, reader)),
            when: credential.expires_at().map(|end| reader.when(end)),
            owner: owner_of(credential, names),
            orphaned: credential.orphaned,
            team: credential
                .team
                .as_ref()
                .and_then(|t| names.team(t))
                .map(|t| short(&t)),
            used_by,
            used,
            steps: Steps::of(standing),
            tag: tag(state, alert).or_else(|| rotated(credential)),
            can_acknowledge: alert == Some(AlertState::Open),
            is_token: standing.item.token.is_some() && is_living(state),
        }
    }
}

/// Whether it works, or would if its owner did.
pub(crate) const fn is_living(state: State) -> bool {
    matches!(state, State::Active | State::Suspended | State::UnknownEnd)
}

/// Our own name of the owner, else the issuer's.
pub(crate) fn owner_of(credential: &Credential, names: &Names) -> Option<String> {
    let ours = credential
        .owner
        .as_ref()
        .and_then(|owner| names.owner(owner));
    let issuer = credential.issuer_owner.as_ref();
    let issuer = || issuer.map(|owner| owner.name.clone().unwrap_or_else(|| owner.id.clone()));
    ours.or_else(issuer).map(|text| plain(&text, NAME_CHARS))
}

fn ends(credential: &Credential, state: State, reader: &Reader) -> String {
    match (state, credential.end) {
        (State::Revoked, _) => "revoked".to_owned(),
        (State::Gone, _) => "gone from its system".to_owned(),
        (_, End::Known(end)) => left_of(credential, end, reader).to_string(),
        (_, End::Never) => "has no end".to_owned(),
        (_, End::Unknown) => "nobody knows when".to_owned(),
    }
}

/// How much is left of it.
pub(crate) fn left_of(credential: &Credential, end: Instant, reader: &Reader) -> Left {
    let left = reader.left(end);
    match presses(credential, end, reader.now) {
        true => left,
        false => left.calm(),
    }
}

/// Whether a near end presses anybody: not that of an old value, whose place another takes,
/// nor, until the last eight hours, that of what was issued for a day at most.
pub(crate) fn presses(credential: &Credential, end: Instant, now: Instant) -> bool {
    let life = credential.created_at.map(|at| at.until(end));
    let young = life.is_some_and(|life| life <= Span::days(1) && now.until(end) > Span::hours(8));
    !credential.in_overlap && !young
}

/// Where it is used, and when it last was.
pub(crate) fn use_of(credential: &Credential, reader: &Reader) -> (String, String) {
    let places = &credential.used_by;
    let by = match places.as_slice() {
        [] => "—".to_owned(),
        [one] => plain(&one.what, NAME_CHARS),
        [first, rest @ ..] => {
            let first = plain(&first.what, NAME_CHARS);
            format!("{first} and {} more", rest.len())
        }
    };
    let used = match credential.last_used_at {
        Some(at) if at.until(reader.now) >= Span::days(2) => {
            format!("unused for {}", days(at, reader.now))
        }
        Some(at) => format!("used {}", reader.left_words(at)),
        None if credential.use_is_known => "never used".to_owned(),
        None => "use is not known".to_owned(),
    };
    (by, used)
}

fn days(since: Instant, now: Instant) -> String {
    let days = since.until(now).as_micros() / Span::days(1).as_micros();
    count(u64::try_from(days).unwrap_or(0), "day")
}

/// The old value of a rotation needs nobody: it ends by itself.
fn rotated(credential: &Credential) -> Option<Tag> {
    credential.in_overlap.then_some(Tag {
        class: "ok",
        words: "rotated",
    })
}

fn tag(state: State, alert: Option<AlertState>) -> Option<Tag> {
    let (class, words) = match (state, alert) {
        (State::Suspended, _) => ("soft", "suspended"),
        (State::Revoked | State::Gone, _) => return None,
        // What is open has its button there.
        (_, None | Some(AlertState::Open | AlertState::Resolved)) => return None,
        (_, Some(handled)) => alert_tag(handled),
    };
    Some(Tag { class, words })
}

impl Steps {
    pub(crate) fn of(standing: &Standing) -> Self {
        let alert = standing.alert.as_ref().filter(|a| a.resolved.is_none());
        let deepest = alert.and_then(Alert::step);
        let said = |step: &Step| {
            let settled = alert.map(|a| a.settled.as_slice()).unwrap_or_default();
            settled
                .iter()
                .any(|s| s.step == *step && s.how == How::Said)
        };
        let bars = standing.steps.iter().map(|step| {
            if deepest == Some(*step) {
                "due"
            } else if said(step) {
                "done"
            } else {
                ""
            }
        });
        let bars: Vec<&'static str> = bars.collect();
        let next = standing.steps.iter().find(|step| Some(**step) > deepest);
        let words = match (alert.map(|a| a.settled.last().map(|s| s.step)), next) {
            (Some(Some(last)), Some(next)) => {
                format!(
                    "said last: {}; next: {}",
                    step_words(last),
                    step_words(*next)
                )
            }
            (Some(Some(last)), None) => format!("said last: {}", step_words(last)),
            (_, Some(next)) => format!("nothing said yet; first: {}", step_words(*next)),
            (_, None) => "no steps".to_owned(),
        };
        Self { bars, words }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_no_end_has_a_dash_in_the_place_of_bars() {
        let steps = Steps {
            bars: Vec::new(),
            words: "no steps".to_owned(),
        };
        let html = steps.to_string();
        assert!(html.contains(">—<") && html.contains(r#"<span class="vh">no steps<"#));
    }
}
