//! The line on every page while something of one's own, or of one's team, ends soon.
//!
//! It is a surface: it never counts as having told anybody.

use app::credentials::Pressing;
use app::people::Names;
use domain::expiry::Acknowledged;
use domain::kernel::SourceId;
use domain::people::Owner;

use crate::problem::Problem;
use crate::show::{NAME_CHARS, Reader, Urgency, When, path_part, plain, source_words, web_url};
use crate::state::Web;

/// What presses most, and how much more there is.
pub(crate) struct Banner {
    pub(crate) class: &'static str,
    pub(crate) name: String,
    pub(crate) system: String,
    pub(crate) verb: &'static str,
    pub(crate) when: When,
    pub(crate) left: String,
    /// Who has taken it on already.
    pub(crate) taken: Option<String>,
    pub(crate) advice: &'static str,
    pub(crate) href: String,
    pub(crate) renew: Option<String>,
    pub(crate) more: usize,
    pub(crate) all: &'static str,
}

impl Banner {
    /// `None` when nothing presses. `pressing` comes most urgent first, for `own`.
    pub(crate) async fn load(
        web: &Web,
        pressing: &[Pressing],
        own: &Owner,
        reader: &Reader,
    ) -> Result<Option<Self>, Problem> {
        let taken = pressing.first().and_then(|p| p.acknowledged.as_ref());
        // Names are asked for only where one is said.
        let taken = match taken {
            Some(taken) if is_by(&taken.by, own) => Some(taken_words("You", taken, reader)),
            Some(taken) => {
                let who = Names::load(&web.ctx).await?.actor(&taken.by);
                Some(taken_words(&plain(&who, NAME_CHARS), taken, reader))
            }
            None => None,
        };
        Ok(Self::of(pressing, taken, reader))
    }

    fn of(pressing: &[Pressing], taken: Option<String>, reader: &Reader) -> Option<Self> {
        let first = &pressing.first()?.credential;
        let end = first.expires_at()?;
        let urgency = Urgency::of(end, reader.now);
        Some(Self {
            class: match urgency {
                Urgency::Past | Urgency::Day => "crit",
                Urgency::Week | Urgency::Later => "warn",
            },
            name: plain(first.name.as_str(), NAME_CHARS),
            system: source_words(first.source.as_str()),
            verb: if urgency == Urgency::Past {
                "ended"
            } else {
                "ends"
            },
            when: reader.when(end),
            left: reader.left_words(end),
            taken,
            advice: advice(&first.source, urgency),
            href: format!("/credentials/{}", path_part(first.id.as_str())),
            renew: first.origin_url.as_deref().and_then(web_url),
            more: pressing.len() - 1,
            all: "/mine",
        })
    }
}

/// Whether an actor is this owner: with a session, a token of theirs, or a link sent to them.
fn is_by(actor: &str, own: &Owner) -> bool {
    actor.rsplit([' ', ':']).next() == Some(own.to_string().as_str())
}

/// `Bob acknowledged it 2 hours ago.`
fn taken_words(who: &str, taken: &Acknowledged, reader: &Reader) -> String {
    format!("{who} acknowledged it {}.", reader.left_words(taken.at))
}

fn advice(source: &SourceId, urgency: Urgency) -> &'static str {
    match (source.as_str() == "forewarn", urgency == Urgency::Past) {
        (_, true) => {
            "If something stopped working, issue a new one and put it where the old one was."
        }
        (true, false) => {
            "Rotate it and put the new value where the old one is used, or let it lapse."
        }
        (false, false) => {
            "Renew it and put the new value where the old one is used, or let it lapse."
        }
    }
}
