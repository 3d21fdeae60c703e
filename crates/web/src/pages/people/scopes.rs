//! What each scope of Forewarn itself allows, in words.

/// What a scope allows. Words of the organisation mean what the organisation says.
pub(super) fn scope_words(scope: &str) -> &'static str {
    match scope {
        "*" => "everything, the organisation's own scopes included",
        "tokens:read" => "see every token",
        "tokens:issue" => "issue tokens, and rotate one's own",
        "tokens:issue-for-others" => "issue and rotate tokens of others",
        "tokens:revoke" => "revoke any token",
        "roles:read" => "see roles",
        "roles:write" => "make, change and remove roles",
        "people:read" => "see people, teams and service accounts",
        "people:write" => "add and change people, teams and service accounts",
        "credentials:read" => "see every credential and every review",
        "credentials:write" => {
            "say who answers for a credential and who else hears, and decide in reviews"
        }
        "alerts:read" => "see every alert, every monitor, and the policies",
        "alerts:write" => "acknowledge, snooze, let lapse, silence; change any monitor",
        "sources:read" => "see how sources are doing",
        "sources:write" => "try sources, have them read, accept what they lack, forget them",
        "observations:write" => "push what a system says of its credentials",
        "introspect" => "ask whether a token is genuine",
        "audit:read" => "read the audit log",
        "channels:read" => "see how channels are doing",
        "channels:write" => "try channels",
        "metrics:read" => "read metrics",
        _ => "a word of your organisation's own",
    }
}
