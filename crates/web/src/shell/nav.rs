//! Where can one go?

use app::Principal;

use crate::route::Needs;

/// Which page of the navigation a page belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// The first page.
    Overview,
    /// The inventory.
    Credentials,
    /// Watched systems.
    Sources,
    /// The ways out.
    Channels,
    /// Who did what.
    Audit,
    /// What needs somebody.
    Alerts,
    /// What teams look through.
    Reviews,
    /// Integrations that report in.
    Monitors,
    /// One's own credentials.
    Mine,
    /// What one will hear.
    Notifications,
    /// What is issued here.
    Integrations,
    /// Who answers, who hears, what each may do.
    People,
    /// Which steps for what.
    Policies,
    /// None of them: one's own account.
    Account,
}

/// A link of the navigation.
pub(crate) struct NavItem {
    pub(crate) href: &'static str,
    pub(crate) label: &'static str,
    pub(crate) current: bool,
}

/// Every link, in order, with what one needs for it.
const ALL: &[(Place, &str, &str, Needs)] = &[
    (
        Place::Overview,
        "/",
        "Overview",
        Needs::Scope("credentials:read"),
    ),
    (Place::Mine, "/mine", "Yours", Needs::Session),
    (
        Place::Credentials,
        "/credentials",
        "Credentials",
        Needs::Scope("credentials:read"),
    ),
    (Place::Alerts, "/alerts", "Alerts", Needs::Session),
    (Place::Reviews, "/reviews", "Reviews", Needs::Session),
    (Place::Monitors, "/monitors", "Monitors", Needs::Session),
    (
        Place::Integrations,
        "/integrations",
        "Integrations",
        Needs::Session,
    ),
    (
        Place::Sources,
        "/sources",
        "Sources",
        Needs::Scope("sources:read"),
    ),
    (
        Place::Channels,
        "/channels",
        "Channels",
        Needs::Scope("channels:read"),
    ),
    (
        Place::People,
        "/people",
        "People",
        Needs::Scope("people:read"),
    ),
    (
        Place::Policies,
        "/policies",
        "Policies",
        Needs::Scope("alerts:read"),
    ),
    (Place::Audit, "/audit", "Audit", Needs::Scope("audit:read")),
    (
        Place::Notifications,
        "/mine/notifications",
        "Your notices",
        Needs::Session,
    ),
];

/// The links that lead somewhere for this caller.
pub(crate) fn items(here: Place, principal: &Principal) -> Vec<NavItem> {
    let may = |needs: &Needs| match needs {
        Needs::Scope(scope) => principal.holds(scope),
        _ => true,
    };
    let found = ALL.iter().filter(|(_, _, _, needs)| may(needs));
    // Whoever has no inventory to look through reads it as what is theirs.
    let here = match here {
        Place::Credentials if !principal.holds("credentials:read") => Place::Mine,
        here => here,
    };
    let item = |(place, href, label, _): &(Place, &'static str, &'static str, Needs)| NavItem {
        href,
        label,
        current: *place == here,
    };
    found.map(item).collect()
}
