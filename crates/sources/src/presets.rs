//! Which systems can be watched, and what each needs.

/// A system that can be watched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Preset {
    /// How the configuration names it (`system = "…"`).
    pub id: &'static str,
    /// What it is called.
    pub system: &'static str,
    /// The kinds of credentials it tells of.
    pub kinds: &'static [&'static str],
    /// How Forewarn proves itself to it.
    pub auth: &'static str,
    /// The least it needs.
    pub needs: &'static str,
}

/// Every system that can be watched.
pub const fn presets() -> &'static [Preset] {
    &[
        Preset {
            id: "foundry",
            system: "Palantir Foundry",
            kinds: &["API_TOKEN"],
            auth: "none: reads files, or events are pushed with a connector token",
            needs: "audit logs (audit.2 or audit.3) as files, or pushed",
        },
        Preset {
            id: "push",
            system: "Anything else",
            kinds: &["any"],
            auth: "a connector token of Forewarn (token create --ingest-source ID)",
            needs: "somebody who pushes the list",
        },
    ]
}
