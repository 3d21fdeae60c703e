//! The inventory as CSV (RFC 4180), safe to open in a spreadsheet; the same over the API and
//! from a page.

use domain::inventory::Credential;
use domain::kernel::Instant;

use super::CredentialItem;
use crate::people::Names;

/// The columns, in order; later ones may be added at the end.
const HEADER: [&str; 19] = [
    "id",
    "name",
    "kind",
    "source",
    "external_id",
    "owner",
    "team",
    "state",
    "created_at",
    "expires_at",
    "remaining_seconds",
    "last_used_at",
    "roles",
    "scopes",
    "labels",
    "orphaned",
    "origin_url",
    "owner_name",
    "team_name",
];

/// The first line.
pub fn csv_header() -> Vec<u8> {
    record(HEADER.map(str::to_owned))
}

/// One credential as a line, as it is at `now`.
pub fn csv_line(item: &CredentialItem, names: &Names, now: Instant) -> Vec<u8> {
    let c = &item.credential;
    let at = |value: Option<Instant>| value.map(|at| at.to_string()).unwrap_or_default();
    let left = c.remaining(now).map(|left| left.as_seconds().max(0));
    let labels: Vec<String> = c.labels.iter().map(|(k, v)| format!("{k}={v}")).collect();
    let token = item.token.as_ref();
    record([
        c.id.to_string(),
        c.name.to_string(),
        token.map_or_else(|| c.kind.clone(), |t| t.kind.to_string()),
        c.source.to_string(),
        c.external_id.clone(),
        text(c.owner.as_ref()),
        text(c.team.as_ref()),
        c.state(now).as_str().to_owned(),
        at(c.created_at),
        at(c.expires_at()),
        text(left.as_ref()),
        at(c.last_used_at),
        c.roles.join("; "),
        c.scopes.join(" "),
        labels.join("; "),
        c.orphaned.to_string(),
        text(c.origin_url.as_ref()),
        owner_name(c, names),
        text(c.team.as_ref().and_then(|team| names.team(team)).as_ref()),
    ])
}

fn text<T: ToString>(value: Option<&T>) -> String {
    value.map(T::to_string).unwrap_or_default()
}

/// Our own name of the owner, else the issuer's.
fn owner_name(credential: &Credential, names: &Names) -> String {
    let ours = credential
        .owner
        .as_ref()
        .and_then(|owner| names.owner(owner));
    let issuer = credential.issuer_owner.as_ref();
    ours.or_else(|| issuer.and_then(|owner| owner.name.clone()))
        .unwrap_or_default()
}

fn record(cells: [String; HEADER.len()]) -> Vec<u8> {
    let mut writer = csv::WriterBuilder::new()
        .terminator(csv::Terminator::CRLF)
        .from_writer(Vec::new());
    let cells = cells.map(harmless);
    // Writing to memory cannot fail; an empty line would be seen by its missing cells.
    drop(writer.write_record(&cells));
    writer.into_inner().unwrap_or_default()
}

/// A cell that a spreadsheet would run as a formula is led by an apostrophe (ASVS 5.0
/// 1.2.10).
fn harmless(cell: String) -> String {
    if cell.starts_with([
        '=', '+', '-', '@', '\t', '\r', '\n', '\0', '＝', '＋', '－', '＠',
    ]) {
        format!("'{cell}")
    } else {
        cell
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// B17: formulas in names do not run.
    #[test]
    fn a_formula_is_led_by_an_apostrophe() {
        for formula in [
            "=cmd|' /C calc'!A0",
            "+1",
            "-1",
            "@SUM(A1)",
            "\tx",
            "\0x",
            "＝1",
        ] {
            assert!(harmless(formula.to_owned()).starts_with('\''), "{formula}");
        }
        assert_eq!(
            harmless("2027-01-01T00:00:00Z".to_owned()),
            "2027-01-01T00:00:00Z"
        );
        assert_eq!(harmless("a=b".to_owned()), "a=b");
    }

    #[test]
    fn quotes_and_line_breaks_stay_inside_their_cell() {
        let mut cells = HEADER.map(str::to_owned);
        cells[1] = "a \"b\",\nc".to_owned();
        let line = String::from_utf8(record(cells)).unwrap();
        assert!(line.starts_with("id,\"a \"\"b\"\",\nc\",kind,"), "{line}");
        assert!(line.ends_with("\r\n"));
    }
}
