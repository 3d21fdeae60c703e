//! Which credential of the inventory is what lies in a file?

use std::collections::BTreeMap;

use domain::inventory::Listed;

use super::found::Found;

/// The longest part of an id that a name may be, in characters.
const NAME_MAX: usize = 200;

/// Puts together what is the very same certificate, and gives each its id.
pub(super) fn listed(found: Vec<Found>) -> Vec<Listed> {
    let mut by_id: BTreeMap<(&'static str, String), Vec<Found>> = BTreeMap::new();
    for one in together(found) {
        by_id.entry((one.kind, id(&one))).or_default().push(one);
    }
    let mut listed = Vec::new();
    for ((_, id), mut same) in by_id {
        // The newest has the plain id; what it replaced stands behind it.
        same.sort_by_key(|one| std::cmp::Reverse((one.created_at, one.end_micros())));
        for (place, one) in (1..).zip(same) {
            let id = match place {
                1 => id.clone(),
                older => format!("{id}#{older}"),
            };
            listed.push(one.listed(id));
        }
    }
    listed
}

/// One for each fingerprint and kind, with all its paths.
fn together(found: Vec<Found>) -> Vec<Found> {
    let mut places: BTreeMap<(&'static str, String), usize> = BTreeMap::new();
    let mut kept: Vec<Found> = Vec::new();
    for one in found {
        let Some(fingerprint) = one.fingerprint.clone() else {
            kept.push(one);
            continue;
        };
        let place = *places.entry((one.kind, fingerprint)).or_insert(kept.len());
        match kept.get_mut(place) {
            Some(known) => known.paths.extend(one.paths),
            None => kept.push(one),
        }
    }
    kept
}

fn id(found: &Found) -> String {
    let name: String = found.name.chars().take(NAME_MAX).collect();
    format!("{}#{}", found.path(), visible(&name))
}

/// A text on one line: control characters become U+FFFD.
pub(super) fn visible(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_control() { '\u{FFFD}' } else { c })
        .collect()
}

impl Found {
    /// The end for sorting; none is the latest.
    fn end_micros(&self) -> i64 {
        match self.end {
            domain::inventory::End::Known(at) => at.as_micros(),
            _ => i64::MAX,
        }
    }
}
