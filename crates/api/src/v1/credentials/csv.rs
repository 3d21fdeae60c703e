//! The inventory as CSV (RFC 4180), safe to open in a spreadsheet.

use super::CredentialBody;

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
pub fn header() -> Vec<u8> {
    record(HEADER.map(str::to_owned))
}

/// One credential as a line.
pub fn line(item: &CredentialBody) -> Vec<u8> {
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    let at =
        |value: Option<domain::kernel::Instant>| value.map(|at| at.to_string()).unwrap_or_default();
    let labels: Vec<String> = item
        .labels
        .iter()
        .map(|(k, v)| format!("{k}={v}"))
        .collect();
    record([
        item.id.clone(),
        item.name.clone(),
        item.kind.clone(),
        item.source.clone(),
        item.external_id.clone(),
        text(&item.owner),
        text(&item.team),
        item.state.to_owned(),
        at(item.created_at),
        at(item.expires_at),
        item.remaining_seconds
            .map(|s| s.to_string())
            .unwrap_or_default(),
        at(item.last_used_at),
        item.roles.join("; "),
        item.scopes.join(" "),
        labels.join("; "),
        item.orphaned.to_string(),
        text(&item.origin_url),
        text(&item.owner_name),
        text(&item.team_name),
    ])
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
