//! The token in every form of somebody who is signed in: another site that makes a
//! browser send a form cannot know it.

use domain::kernel::{Entropy, Secret, base62};

use crate::digest::sha256_hex;

const NONCE_CHARS: usize = 16;

/// A token for one page. It is another one each time, so that the length of a compressed
/// page tells nothing of it.
pub fn form_token(entropy: &mut dyn Entropy, cookie: &Secret<String>) -> String {
    let nonce = base62(entropy, NONCE_CHARS);
    let proof = proof(&nonce, cookie);
    format!("{nonce}{proof}")
}

/// Whether a token was made for this session. Hashes are compared, so the time it takes
/// tells nothing.
pub fn form_token_proves(token: &str, cookie: &Secret<String>) -> bool {
    match token.split_at_checked(NONCE_CHARS) {
        Some((nonce, given)) => given == proof(nonce, cookie),
        None => false,
    }
}

fn proof(nonce: &str, cookie: &Secret<String>) -> String {
    sha256_hex(&["form", nonce, cookie.expose()])
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Same;
    impl Entropy for Same {
        fn fill(&mut self, bytes: &mut [u8]) {
            bytes.fill(7);
        }
    }

    /// B49: a form of one session is not believed in another.
    #[test]
    fn a_token_counts_for_its_own_session_only() {
        let [one, other] = ["a", "b"].map(|c| Secret::new(c.repeat(44)));
        let token = form_token(&mut Same, &one);
        assert!(form_token_proves(&token, &one));
        assert!(!form_token_proves(&token, &other));
        for bad in ["", "a", &token[1..], &format!("{token}0"), "éééééééé"] {
            assert!(!form_token_proves(bad, &one), "{bad}");
        }
    }
}
