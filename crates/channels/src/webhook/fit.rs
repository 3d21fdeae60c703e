//! How much fits into a body?

use app::ports::{CredentialFacts, Item, MessageContent, MonitorFacts};

/// The largest body of at most `bytes_max` bytes: `write` is given how many items to
/// show and is asked again with fewer until it fits. `None` if not even one fits, or
/// none where there are none.
pub(super) fn fit(
    items: usize,
    bytes_max: usize,
    write: impl Fn(usize) -> String,
) -> Option<String> {
    let whole = write(items);
    if whole.len() <= bytes_max {
        return Some(whole);
    }
    // Bodies grow with their items, so the border can be halved in on.
    let (mut fits, mut too_many) = (0, items);
    let mut best = None;
    while too_many - fits > 1 {
        let middle = fits + (too_many - fits) / 2;
        let body = write(middle);
        if body.len() <= bytes_max {
            (fits, best) = (middle, Some(body));
        } else {
            too_many = middle;
        }
    }
    best
}

/// The same content with every list left out and every text cut: what is said of one
/// credential must fit, however much its system tells of it.
pub(super) fn thin(content: &MessageContent) -> MessageContent {
    let items = content.items.iter().map(thin_item).collect();
    MessageContent {
        items,
        ..content.clone()
    }
}

fn thin_item(item: &Item) -> Item {
    Item {
        reason: cut(&item.reason),
        others: Vec::new(),
        detail: item.detail.as_deref().map(cut),
        own: app::ports::OwnWords::default(),
        credential: item.credential.as_ref().map(thin_facts),
        monitor: item.monitor.as_ref().map(thin_monitor),
        ..item.clone()
    }
}

fn thin_monitor(facts: &MonitorFacts) -> MonitorFacts {
    MonitorFacts {
        name: cut(&facts.name),
        depends_on: Vec::new(),
        ..facts.clone()
    }
}

fn thin_facts(facts: &CredentialFacts) -> CredentialFacts {
    let who = |who: &(String, String)| (cut(&who.0), cut(&who.1));
    CredentialFacts {
        external_id: cut(&facts.external_id),
        name: cut(&facts.name),
        kind: cut(&facts.kind),
        source: cut(&facts.source),
        system: cut(&facts.system),
        owner: facts.owner.as_ref().map(who),
        team: facts.team.as_ref().map(who),
        scopes: Vec::new(),
        labels: Vec::new(),
        used_by: Vec::new(),
        renew_url: facts.renew_url.clone().filter(|url| url.len() <= 300),
        advice: Vec::new(),
        newer: facts.newer.as_deref().map(cut),
        ..facts.clone()
    }
}

fn cut(text: &str) -> String {
    text.chars().take(200).collect()
}

#[cfg(test)]
mod tests {
    use super::fit;

    /// T18: as many items as fit are shown.
    #[test]
    fn as_many_items_as_fit_are_shown() {
        let write = |n: usize| "x".repeat(10 * n);
        assert_eq!(fit(3, 30, write).map(|b| b.len()), Some(30));
        assert_eq!(fit(4, 30, write).map(|b| b.len()), Some(30));
        assert_eq!(fit(1000, 39, write).map(|b| b.len()), Some(30));
        assert_eq!(fit(2, 9, write), None);
        assert_eq!(fit(0, 0, write).as_deref(), Some(""));
    }
}
