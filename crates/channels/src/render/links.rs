//! Where do links lead?

use app::ports::Item;
use domain::expiry::{AlertState, Subject};
use domain::kernel::{AlertId, CredentialId, Instant, Span};

/// Nothing is snoozed on its last day.
const LAST_DAY: Span = Span::days(1);

/// The page of an alert, where somebody can act.
pub(crate) fn alert_url(public_url: &str, alert: &AlertId) -> String {
    format!("{public_url}/alerts/{}", path_part(alert.as_str()))
}

/// The page of a credential.
pub(crate) fn credential_url(public_url: &str, id: &CredentialId) -> String {
    format!("{public_url}/credentials/{}", path_part(id.as_str()))
}

/// The page of what an item is about.
pub(crate) fn subject_url(public_url: &str, item: &Item) -> String {
    match (&item.subject, &item.credential) {
        (_, Some(facts)) => credential_url(public_url, &facts.id),
        (Subject::Credential(id), None) => credential_url(public_url, id),
        (Subject::Monitor(id), None) => {
            format!("{public_url}/monitors/{}", path_part(id.as_str()))
        }
        (Subject::Review(id), None) => format!("{public_url}/reviews/{}", path_part(id)),
        _ => alert_url(public_url, &item.alert),
    }
}

/// Where somebody acts: on an alert by their own link or on its page, in a review where it
/// is decided.
pub(crate) fn act_url(public_url: &str, item: &Item) -> String {
    match (&item.subject, &item.act_link) {
        (Subject::Review(_), _) => subject_url(public_url, item),
        (_, Some(link)) => link.expose().clone(),
        (_, None) => alert_url(public_url, &item.alert),
    }
}

/// What this recipient can do at once without a sign-in, each with its link; empty where they
/// may not, and where it was decided. A room does not let lapse.
pub(crate) fn acts(item: &Item, now: Instant, is_room: bool) -> Vec<(&'static str, String)> {
    let decided = item.state == AlertState::LetLapse || matches!(item.subject, Subject::Review(_));
    let Some(link) = item.act_link.as_ref().filter(|_| !decided) else {
        return Vec::new();
    };
    let end = item.credential.as_ref().and_then(|facts| facts.expires_at);
    let lapses = !is_room && end.is_some_and(|end| now < end);
    let all = [
        ("Acknowledge", "acknowledge", true),
        (
            "Snooze",
            "snooze",
            end.is_none_or(|end| now < end - LAST_DAY),
        ),
        ("Let it lapse", "let-lapse", lapses),
    ];
    let offered = all.into_iter().filter(|(_, _, offered)| *offered);
    let to = |verb| format!("{}?do={verb}", link.expose());
    offered.map(|(words, verb, _)| (words, to(verb))).collect()
}

/// A link that another system gave: only the web, and nothing that could leave an
/// attribute or a line. `None` for everything else.
pub(crate) fn web_url(url: &str) -> Option<&str> {
    let web = url.starts_with("https://") || url.starts_with("http://");
    let clean = url
        .chars()
        .all(|c| c.is_ascii_graphic() && !"\"'<>`\\".contains(c));
    (web && clean && url.len() <= 2048).then_some(url)
}

fn path_part(id: &str) -> String {
    let mut out = String::new();
    for byte in id.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
                out.push(char::from(byte))
            }
            other => out.push_str(&format!("%{other:02X}")),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    /// B16: a link that is not of the web is no link.
    #[test]
    fn only_clean_web_links_are_links() {
        assert_eq!(
            web_url("https://example.org/a?b=c#d"),
            Some("https://example.org/a?b=c#d")
        );
        for bad in [
            "javascript:alert(1)",
            "data:text/html,x",
            "https://x/\"onclick=",
            "https://x/ y",
            "//x",
            "HTTPS\n://x",
        ] {
            assert_eq!(web_url(bad), None, "{bad}");
        }
    }

    #[test]
    fn ids_cannot_leave_their_place_in_a_path() {
        assert_eq!(path_part("a/../b?c"), "a%2F..%2Fb%3Fc");
    }
}
