//! Where may a link lead?

/// A link longer than this is none.
const URL_BYTES_MAX: usize = 2048;

/// A link that another system gave: only the web, and nothing that could leave an
/// attribute or a line. `None` for everything else.
pub(crate) fn web_url(url: &str) -> Option<String> {
    let web = url.starts_with("https://") || url.starts_with("http://");
    let clean = url
        .chars()
        .all(|c| c.is_ascii_graphic() && !"\"'<>`\\".contains(c));
    (web && clean && url.len() <= URL_BYTES_MAX).then(|| url.to_owned())
}

/// An id as one part of a path.
pub(crate) fn path_part(id: &str) -> String {
    let mut out = String::new();
    for byte in id.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
                out.push(char::from(byte));
            }
            other => out.push_str(&format!("%{other:02X}")),
        }
    }
    out
}

/// Where to go after signing in: a path of ours, and nothing that a browser could take for
/// another host.
pub(crate) fn own_path(text: &str) -> &str {
    let own = text.starts_with('/')
        && !text.starts_with("//")
        && text.len() <= URL_BYTES_MAX
        && text.bytes().all(|b| b.is_ascii_graphic() && b != b'\\');
    if own { text } else { "/" }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// B16: a link that is not of the web is no link.
    #[test]
    fn only_clean_web_links_are_links() {
        assert!(web_url("https://example.org/a?b=c#d").is_some());
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
    fn nobody_is_sent_elsewhere_after_signing_in() {
        assert_eq!(own_path("/credentials/a?x=1"), "/credentials/a?x=1");
        for bad in ["", "https://x", "//x", "/\\x", "\\\\x", "/a\nb", "/a b"] {
            assert_eq!(own_path(bad), "/", "{bad:?}");
        }
    }

    #[test]
    fn ids_cannot_leave_their_place_in_a_path() {
        assert_eq!(path_part("a/../b?c"), "a%2F..%2Fb%3Fc");
    }
}
