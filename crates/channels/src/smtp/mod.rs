//! How is one message handed to a mail server, and what did the server say?
//!
//! The connection is the guarded one of `egress`; TLS is made by `egress` as well, so
//! that one set of trust roots and one policy hold everywhere. `lettre` speaks the
//! protocol. Nothing here ever falls back to plain text.

mod idle;
mod letter;
mod reply;
mod session;
mod starttls;
mod step;
mod wire;

use std::time::Duration;

use domain::kernel::Secret;

pub use idle::Connections;
pub use letter::Envelope;

/// How the connection to the mail server is made secure.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TlsMode {
    /// Plain first, then `STARTTLS`, which the server must offer (RFC 3207); port 587.
    #[default]
    StartTls,
    /// TLS from the first byte (RFC 8314); port 465.
    Implicit,
    /// No TLS at all. Only ever by explicit wish.
    None,
}

impl TlsMode {
    /// Reads the word of the configuration.
    pub fn parse(word: &str) -> Option<Self> {
        match word {
            "starttls" => Some(Self::StartTls),
            "implicit" => Some(Self::Implicit),
            "none" => Some(Self::None),
            _ => None,
        }
    }

    /// The port that goes with the mode.
    pub const fn default_port(self) -> u16 {
        match self {
            Self::StartTls => 587,
            Self::Implicit => 465,
            Self::None => 25,
        }
    }
}

/// How long each part may take.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Each command and its reply.
    pub command: Duration,
    /// The whole message, from the connect to the last reply.
    pub message: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            command: Duration::from_secs(30),
            message: Duration::from_secs(120),
        }
    }
}

/// A mail server and how to talk to it.
#[derive(Clone, Debug)]
pub struct Server {
    /// Its name, which its certificate must carry.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How the connection is made secure.
    pub tls: TlsMode,
    /// Name and password, where it wants them.
    pub login: Option<Login>,
    /// Who we say we are in `EHLO`: a domain name or an address literal.
    pub hello: String,
    /// Time limits.
    pub limits: Limits,
}

/// Name and password for the mail server.
#[derive(Clone, Debug)]
pub struct Login {
    /// The name.
    pub username: String,
    /// The password.
    pub password: Secret<String>,
}
