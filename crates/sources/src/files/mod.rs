//! Which credentials lie in files: certificates, tokens, key sets, kubeconfigs, lists?
//!
//! # Which credential is meant
//! A credential of a file is known by *where it lies and what it is called*: the path, a
//! `#`, and the certificate's common name, the token's subject, the user's name. Never by
//! its fingerprint or number, which change at every renewal: the renewed certificate in
//! the same file is the same credential with a later end, so its alert closes as
//! extended. The fingerprint stands in a label. Of two with one name in one file the
//! newest has the plain id, and older ones `#2`, `#3` behind it.
//!
//! The very same certificate in several files (`cert.pem`, `fullchain.pem`, the same
//! intermediate under thirty names) is listed once, under the first path, with every path
//! as a place of use. A file that was left behind with the old one shows as its own.
//!
//! Rows of CSV and NDJSON bring their own id.
//!
//! # What closes
//! The listing is complete only if every path could be read, and no file that told of
//! credentials before has ceased to: a certificate that is just being overwritten is not
//! gone. Nothing of a file is kept but what is mapped, and no remark repeats a content.

mod form;
mod found;
mod identity;
mod kube;
mod place;
mod read;
mod rows;
mod source;
#[cfg(test)]
mod tests;

pub(crate) use source::Files;
