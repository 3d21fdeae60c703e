//! Why did a connection or a request fail, and is it worth another try?
//!
//! Never holds a URL, a header, a body: hosts, ports and classes only.

use std::error::Error as StdError;
use std::time::Duration;

use crate::address::Refusal;
use crate::target::TargetError;

/// Is another try worth it?
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RetryVerdict {
    /// The cause may pass by itself.
    Retry,
    /// Somebody has to change the configuration first.
    GiveUp,
}

/// What went wrong on the way out; each class calls for another remedy.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EgressError {
    /// The address policy forbids every address that the host has.
    #[error("`{host}` is refused: {refusal}")]
    Refused {
        /// The host as it was asked for.
        host: String,
        /// The rule that forbids it.
        #[source]
        refusal: Refusal,
    },
    /// The URL itself is not acceptable.
    #[error("the URL is refused: {0}")]
    Url(#[source] TargetError),
    /// The name has no address, or the resolver failed.
    #[error("`{host}` has no address: {reason}; check its spelling and the resolver")]
    Resolve {
        /// The name.
        host: String,
        /// The resolver's words.
        reason: String,
    },
    /// No connection came about.
    #[error("no connection to `{host}`: {reason}")]
    Connect {
        /// Host.
        host: String,
        /// The system's words.
        reason: String,
    },
    /// The secure channel could not be set up: certificate expired, wrong name, unknown issuer.
    #[error("TLS with `{host}` failed: {reason}; a private authority goes into `egress.ca_file`")]
    Tls {
        /// Host.
        host: String,
        /// The verifier's words.
        reason: String,
    },
    /// Time was up; whether the request was acted on is unknown.
    #[error("`{host}` did not answer within {} s", after.as_secs())]
    Timeout {
        /// Host.
        host: String,
        /// The limit that was hit.
        after: Duration,
    },
    /// The connection broke before the answer was complete, or it was not HTTP.
    #[error("`{host}` gave no usable answer: {reason}")]
    BadResponse {
        /// Host.
        host: String,
        /// The parser's words.
        reason: String,
    },
}

impl EgressError {
    /// Refusals stay refused until somebody edits something; everything else may pass.
    pub fn verdict(&self) -> RetryVerdict {
        match self {
            Self::Refused { .. } | Self::Url(_) => RetryVerdict::GiveUp,
            _ => RetryVerdict::Retry,
        }
    }

    /// A short fixed word for metrics and stored attempts.
    pub fn class(&self) -> &'static str {
        match self {
            Self::Refused { .. } => "refused",
            Self::Url(_) => "url",
            Self::Resolve { .. } => "resolve",
            Self::Connect { .. } => "connect",
            Self::Tls { .. } => "tls",
            Self::Timeout { .. } => "timeout",
            Self::BadResponse { .. } => "bad_response",
        }
    }

    /// Sorts an I/O error of a connect or a handshake into its class.
    pub(crate) fn from_io(host: &str, error: &std::io::Error) -> Self {
        match find::<rustls::Error>(error) {
            Some(tls) => Self::Tls {
                host: host.to_owned(),
                reason: tls.to_string(),
            },
            None => Self::Connect {
                host: host.to_owned(),
                reason: error.to_string(),
            },
        }
    }
}

impl EgressError {
    /// Sorts an I/O error of a handshake: whatever broke, it was TLS that failed.
    pub(crate) fn from_handshake(host: &str, error: &std::io::Error) -> Self {
        match Self::from_io(host, error) {
            Self::Connect { host, reason } => Self::Tls { host, reason },
            other => other,
        }
    }
}

/// The first error of type `T` in a chain, looking inside I/O errors too, whose
/// `source` leaves out the very error they wrap.
pub(crate) fn find<'a, T: StdError + 'static>(
    error: &'a (dyn StdError + 'static),
) -> Option<&'a T> {
    if let Some(found) = error.downcast_ref::<T>() {
        return Some(found);
    }
    let wrapped = error
        .downcast_ref::<std::io::Error>()
        .and_then(std::io::Error::get_ref);
    let inner = wrapped.map(|inner| inner as &(dyn StdError + 'static));
    inner
        .and_then(find::<T>)
        .or_else(|| error.source().and_then(find::<T>))
}

/// The innermost cause's words: outer layers only repeat "error sending request".
pub(crate) fn root_cause(error: &(dyn StdError + 'static)) -> String {
    let mut current = error;
    while let Some(source) = current.source() {
        current = source;
    }
    current.to_string().chars().take(200).collect()
}
