//! One credential that is asked about itself, with itself.
//!
//! Its identity is the probe, not the id that the issuer answers: when somebody rotates
//! what stands behind the probe, the same credential goes on with a later end, and a
//! credential that never worked has a name all the same. The issuer's id is a label.

use domain::inventory::{Listed, Observation};
use serde_json::Value;

use super::document::List;
use super::expression::{Kept, View};
use super::map::bare;
use super::pointer::Scope;
use super::walk::{Names, Walk};

/// Under which label the issuer's own id is kept.
const ISSUER_ID: &str = "issuer id";

/// Gives what a probe answered the probe's own identity.
pub(super) fn identify(listed: &mut Listed, probe: &str) {
    let told = std::mem::replace(&mut listed.external_id, probe.to_owned());
    listed.parent = None;
    if told != probe {
        listed.labels.insert(ISSUER_ID.to_owned(), told);
    }
}

/// The credential is refused: what the configuration knows of it, and why.
pub(super) fn refused(walk: &Walk<'_>, list: &List, probe: &str, why: String) -> Observation {
    let (nothing, none, kept) = (Value::Null, Names::new(), Kept::new());
    let scope = Scope::whole(&nothing, &none);
    let view = View {
        env: walk.env(&none, &none, Some(scope)),
        kept: &kept,
    };
    let mut told = bare(walk.document, list, &view, walk.now);
    told.external_id = probe.to_owned();
    let told = Box::new(told);
    Observation::Refused { told, why }
}
