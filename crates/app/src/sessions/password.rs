//! Which passwords are taken, and what proves them.

use argon2::password_hash::PasswordHasher as _;
use argon2::password_hash::PasswordVerifier as _;
use argon2::{Algorithm, Argon2, Params, PasswordHash, Version};
use domain::kernel::{Email, Secret};
use tokio::sync::Semaphore;

use crate::ports::Phc;
use crate::{AppError, Context};

/// The only proof there is needs so many (NIST SP 800-63B-4).
pub const PASSWORD_CHARS_MIN: usize = 15;
/// More would only be work for us.
pub const PASSWORD_CHARS_MAX: usize = 256;
/// A password of fewer different characters is a pattern.
const DIFFERENT_MIN: usize = 5;

/// One proof takes 46 MiB and one pass (OWASP ASVS 5.0, appendix C).
const MEMORY_KIB: u32 = 47_104;
const PASSES: u32 = 1;
const LANES: u32 = 1;
const SALT_BYTES: usize = 16;
/// So many are worked out at once; others wait, and memory stays.
static SEATS: Semaphore = Semaphore::const_new(2);

/// Refuses what can be guessed.
pub(crate) fn check(wanted: &Secret<String>, address: Option<&Email>) -> Result<(), AppError> {
    let text = wanted.expose();
    let count = text.chars().count();
    let refuse = |problem: String| Err(AppError::invalid("password", problem));
    if !(PASSWORD_CHARS_MIN..=PASSWORD_CHARS_MAX).contains(&count) {
        return refuse(format!(
            "{PASSWORD_CHARS_MIN} to {PASSWORD_CHARS_MAX} characters are needed, not {count}; a few words are easy to keep in mind"
        ));
    }
    let different: std::collections::BTreeSet<char> = text.chars().collect();
    let own = address.is_some_and(|email| text.eq_ignore_ascii_case(email.as_str()));
    if different.len() < DIFFERENT_MIN || own {
        return refuse(
            "this is easy to guess; take a few words that nobody links with you".to_owned(),
        );
    }
    Ok(())
}

/// What is kept of a password.
pub(crate) async fn hash(ctx: &Context, wanted: Secret<String>) -> Result<Phc, AppError> {
    let mut salt = [0_u8; SALT_BYTES];
    ctx.random.fill(&mut salt);
    let hashed = at_a_seat(move || {
        let hashed = argon2()?.hash_password_with_salt(wanted.expose().as_bytes(), &salt);
        hashed.ok().map(|hash| Phc(hash.to_string()))
    });
    hashed.await?.ok_or_else(failed)
}

/// Whether the password is the one that was kept; the same work whether anything was.
pub(super) async fn proves(
    ctx: &Context,
    given: Secret<String>,
    kept: Option<Phc>,
) -> Result<bool, AppError> {
    let Some(kept) = kept else {
        // Nobody learns from the time it takes who has a password.
        hash(ctx, given).await?;
        return Ok(false);
    };
    let proven = at_a_seat(move || {
        let kept = PasswordHash::new(&kept.0).ok()?;
        let given = given.expose().as_bytes();
        Some(argon2()?.verify_password(given, &kept).is_ok())
    });
    proven.await?.ok_or_else(failed)
}

fn argon2() -> Option<Argon2<'static>> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None).ok()?;
    Some(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

/// Works apart from requests, and not on many at once.
async fn at_a_seat<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, AppError> {
    let seat = SEATS.acquire().await.map_err(|_| failed())?;
    let done = tokio::task::spawn_blocking(move || {
        let done = work();
        // Given back only now, also when nobody waits for the answer any more.
        drop(seat);
        done
    });
    done.await.map_err(|_| failed())
}

fn failed() -> AppError {
    AppError::Corrupt("a password could not be worked out".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken(text: &str) -> bool {
        let address = Email::parse("ada.lovelace@example.org").unwrap();
        check(&Secret::new(text.to_owned()), Some(&address)).is_ok()
    }

    #[test]
    fn length_is_what_counts() {
        assert!(!taken("horse staple c"));
        assert!(taken("horse staple co"));
        assert!(taken("ünder pårt zwölf"));
        let long = "abcdefgh".repeat(PASSWORD_CHARS_MAX / 8);
        assert!(taken(&long));
        assert!(!taken(&format!("{long}i")));
    }

    #[test]
    fn patterns_and_the_own_address_are_refused() {
        assert!(!taken(&"abcd".repeat(6)));
        assert!(!taken("Ada.Lovelace@Example.org"));
        assert!(taken("a b c d e f g h"));
    }

    #[test]
    fn a_hash_does_not_print() {
        assert_eq!(format!("{:?}", Phc("secret".to_owned())), "Phc(…)");
    }
}
