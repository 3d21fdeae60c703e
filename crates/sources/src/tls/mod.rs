//! Which certificates do TLS endpoints show, and until when do they hold?
//!
//! Each endpoint is one credential, known by its host and port: a renewed certificate is
//! the same credential with a later end. Certificates are read in a handshake that trusts
//! nothing, since one that has expired or is for another name has to be read all the
//! same; whether a real connection would have been made is told beside it.
//!
//! If a certificate of the chain ends before the endpoint's own, clients will refuse the
//! chain on that day, so it is a credential of its own.
//!
//! No data of ours goes over such a connection, except for the few lines that ask a mail,
//! directory or database server to begin with TLS.

mod endpoint;
mod observe;
mod source;
mod starttls;
#[cfg(test)]
mod tests;

pub(crate) use source::Tls;
