//! Where do links lead?

use app::ports::Item;
use domain::expiry::Subject;
use domain::kernel::AlertId;

/// The page of an alert, where somebody can act.
pub(crate) fn alert_url(public_url: &str, alert: &AlertId) -> String {
    format!("{public_url}/alerts/{}", path_part(alert.as_str()))
}

/// The page of what an item is about.
pub(crate) fn subject_url(public_url: &str, item: &Item) -> String {
    match (&item.subject, &item.credential) {
        (_, Some(facts)) => format!("{public_url}/credentials/{}", path_part(facts.id.as_str())),
        (Subject::Credential(id), None) => {
            format!("{public_url}/credentials/{}", path_part(id.as_str()))
        }
        (Subject::Monitor(id), None) => {
            format!("{public_url}/monitors/{}", path_part(id.as_str()))
        }
        (Subject::Review(id), None) => format!("{public_url}/reviews/{}", path_part(id)),
        _ => alert_url(public_url, &item.alert),
    }
}

/// Where somebody acts: on an alert on its page, in a review where it is decided.
pub(crate) fn act_url(public_url: &str, item: &Item) -> String {
    match &item.subject {
        Subject::Review(_) => subject_url(public_url, item),
        _ => alert_url(public_url, &item.alert),
    }
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
