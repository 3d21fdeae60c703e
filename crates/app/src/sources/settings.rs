//! What the configuration says of one source, beside how it is read.

use std::collections::BTreeMap;

use domain::kernel::Span;

use super::OwnerMap;

/// What the configuration says of one source, beside how it is read. All of it is
/// optional: the default changes nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SourceSettings {
    /// How often it is read; `None`: as often as the sweep runs. Patience follows it.
    pub interval: Option<Span>,
    /// Id or name of the team that answers for credentials that have none. A name that is
    /// not known sets nothing.
    pub team: Option<String>,
    /// Whom the issuer's owners are.
    pub owners: OwnerMap,
    /// Labels put on each credential; they win over the issuer's.
    pub labels: BTreeMap<String, String>,
    /// The issuer's id of the credential that the source is read with.
    pub own_id: Option<String>,
    /// Sentences of advice added to each credential's.
    pub advice: Vec<String>,
    /// Where credentials are renewed of which the source itself does not say so.
    pub renew_url: Option<String>,
}
