//! A link in a message by which whoever was told may act on one alert without a sign-in.
//!
//! It stands for one recipient and one cycle of one alert, and proves itself: signed with the
//! key file, so nothing of it is stored. What may be done with it is decided anew each time
//! it is used; the link alone opens nothing else.

use domain::expiry::Alert;
use domain::kernel::{AlertId, Instant, Secret, Span};
use domain::people::Recipient;

use crate::digest::sha256_hex;
use crate::{Context, signed};

/// A link holds for so long after its message was written, or after the end it warns of, if
/// that is later. Alerts that stand for longer are said again, with a new link.
pub const LINK_HOLDS: Span = Span::days(90);
/// Once the alert is over the link shows so for as long, and then nothing.
const OVER_SHOWN: Span = Span::days(7);
const PURPOSE: &str = "act";
/// So much of a recipient's digest stands in the link: enough to find who of those told it is.
const WHO_CHARS: usize = 16;

/// What a link stands for, once it is proven.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Proven {
    /// The alert.
    pub alert: AlertId,
    /// The digest of whom it was sent to.
    who: String,
    /// When the cycle opened that it is about.
    opened: Instant,
    /// When its message was written.
    at: Instant,
}

/// The link for one recipient of a message about this alert.
pub(crate) fn act_link(
    ctx: &Context,
    alert: &Alert,
    recipient: &Recipient,
    now: Instant,
) -> Secret<String> {
    let parts = Parts::of(&alert.id, &digest(recipient), alert.opened_at, now);
    let signature = signed::sign(ctx, PURPOSE, &parts.each());
    let url = &ctx.settings.load().public_url;
    let [id, who, opened, at] = parts.0;
    Secret::new(format!("{url}/act/{id}/{who}.{opened}.{at}.{signature}"))
}

/// What a link stands for; `None` if it was not signed here. Asks nothing of the store.
pub(super) fn read(ctx: &Context, alert: &str, code: &str) -> Option<Proven> {
    let mut parts = code.splitn(4, '.');
    let who = parts.next().filter(|who| who.len() == WHO_CHARS)?;
    let mut instant = || parts.next()?.parse().ok().map(Instant::from_micros);
    let (opened, at) = (instant()?, instant()?);
    let signature = parts.next()?;
    let alert = AlertId::parse(alert).ok()?;
    let signed = Parts::of(&alert, who, opened, at);
    signed::proves(ctx, PURPOSE, &signed.each(), signature).then(|| Proven {
        alert,
        who: who.to_owned(),
        opened,
        at,
    })
}

impl Proven {
    /// Whom it was sent to, of those who were told; `None` when the link is about an earlier
    /// cycle or holds no longer.
    pub(super) fn recipient<'a>(&self, alert: &'a Alert, now: Instant) -> Option<&'a Recipient> {
        let stands = alert.opened_at == self.opened && self.holds(alert, now);
        let mut told = alert.told.iter().filter(|_| stands);
        told.find(|recipient| digest(recipient) == self.who)
    }

    fn holds(&self, alert: &Alert, now: Instant) -> bool {
        let from = alert.end.map_or(self.at, |end| end.max(self.at));
        let over = alert.resolved.map(|resolved| resolved.at + OVER_SHOWN);
        now <= from + LINK_HOLDS && over.is_none_or(|until| now <= until)
    }
}

fn digest(recipient: &Recipient) -> String {
    let mut digest = sha256_hex(&[PURPOSE, &recipient.to_string()]);
    digest.truncate(WHO_CHARS);
    digest
}

/// What is signed.
struct Parts([String; 4]);

impl Parts {
    fn of(alert: &AlertId, who: &str, opened: Instant, at: Instant) -> Self {
        let micros = |at: Instant| at.as_micros().to_string();
        Self([
            alert.to_string(),
            who.to_owned(),
            micros(opened),
            micros(at),
        ])
    }

    fn each(&self) -> [&str; 4] {
        self.0.each_ref().map(String::as_str)
    }
}

#[cfg(test)]
mod tests {
    use domain::expiry::{AlertKind, Resolution, Resolved, Subject};
    use domain::kernel::TeamId;

    use super::*;

    const MICRO: Span = Span::from_micros(1);

    fn link(end: Option<Instant>, resolved: Option<Instant>) -> (Proven, Alert) {
        let at = Instant::EPOCH + Span::days(20_000);
        let subject = Subject::System("sample".to_owned());
        let mut alert = Alert::open(subject, AlertKind::Stalled, end, at);
        alert.told = [Recipient::Team(TeamId::derived(&["ci"]))].into();
        alert.resolved = resolved.map(|at| Resolved {
            at,
            how: Resolution::Recovered,
        });
        let who = digest(alert.told.first().unwrap());
        let (id, opened) = (alert.id.clone(), alert.opened_at);
        let proven = Proven {
            alert: id,
            who,
            opened,
            at,
        };
        (proven, alert)
    }

    fn until(link: &(Proven, Alert), last: Instant) {
        for (now, holds) in [(last - MICRO, true), (last, true), (last + MICRO, false)] {
            assert_eq!(link.0.recipient(&link.1, now).is_some(), holds, "{now}");
        }
    }

    #[test]
    fn a_link_holds_ninety_days_past_its_message_or_the_end() {
        let written = link(None, None).0.at;
        until(&link(None, None), written + LINK_HOLDS);
        let past = written - Span::days(3);
        until(&link(Some(past), None), written + LINK_HOLDS);
        let end = written + Span::days(200);
        until(&link(Some(end), None), end + LINK_HOLDS);
    }

    #[test]
    fn once_it_is_over_a_link_holds_a_week() {
        let written = link(None, None).0.at;
        let over = written + Span::days(3);
        let end = written + Span::days(7);
        until(&link(Some(end), Some(over)), over + OVER_SHOWN);
    }

    #[test]
    fn a_link_is_of_one_cycle_and_of_those_who_were_told() {
        let (proven, alert) = link(None, None);
        let now = proven.at;
        assert!(proven.recipient(&alert, now).is_some());
        let mut later = alert.clone();
        later.opened_at = later.opened_at + MICRO;
        assert_eq!(proven.recipient(&later, now), None);
        let mut untold = alert;
        untold.told.clear();
        assert_eq!(proven.recipient(&untold, now), None);
    }
}
