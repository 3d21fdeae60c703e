//! The CSV that the dataset exports (RFC 4180): one record as fields.

use std::borrow::Cow;

use serde_json::{Map, Value};

use crate::object::FIELDS;

/// The fields of one record without its line end; `None` when a quoted field does not
/// end, or does not end at a comma.
pub(crate) fn fields(mut rest: &str) -> Option<Vec<Cow<'_, str>>> {
    let mut found = Vec::new();
    loop {
        let (field, after) = match rest.strip_prefix('"') {
            Some(quoted) => quoted_field(quoted)?,
            None => {
                let (field, after) = rest.split_at(rest.find(',').unwrap_or(rest.len()));
                (Cow::Borrowed(field), after)
            }
        };
        found.push(field);
        match after.strip_prefix(',') {
            Some(next) => rest = next,
            None => return after.is_empty().then_some(found),
        }
    }
}

/// A field whose opening quote is gone already, and what follows its closing quote.
fn quoted_field(text: &str) -> Option<(Cow<'_, str>, &str)> {
    let mut field = Cow::Borrowed("");
    let mut rest = text;
    loop {
        let (piece, after) = rest.split_once('"')?;
        field += piece;
        match after.strip_prefix('"') {
            Some(doubled) => {
                field += "\"";
                rest = doubled;
            }
            None => return Some((field, after)),
        }
    }
}

/// The columns, if this first line is the header of an exported audit log: it names the
/// event, and one more field that is known.
pub(crate) fn header(line: &str) -> Option<Vec<String>> {
    let cells = fields(line)?.into_iter();
    let columns: Vec<String> = cells.map(|cell| cell.trim().to_owned()).collect();
    let known = columns
        .iter()
        .filter(|c| FIELDS.contains(&c.as_str()))
        .count();
    (known >= 2 && columns.iter().any(|c| c == "name")).then_some(columns)
}

/// The record as fields that can matter; `None` when it is not as wide as the header.
/// An empty cell is an absent field: the export cannot tell them apart.
pub(crate) fn record(columns: &[String], line: &str) -> Option<Map<String, Value>> {
    let cells = fields(line).filter(|cells| cells.len() == columns.len())?;
    let pairs = columns
        .iter()
        .zip(cells)
        .filter(|(column, cell)| !cell.is_empty() && FIELDS.contains(&column.as_str()));
    Some(
        pairs
            .map(|(column, cell)| (column.clone(), Value::String(cell.into_owned())))
            .collect(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn doubled_quotes_and_commas_stay_inside_their_field() {
        assert_eq!(
            fields(r#"a,"b,""c""",,"""#.trim_end_matches('"'))
                .unwrap_or_default()
                .len(),
            4
        );
        assert_eq!(fields(r#""b,""c""","#).unwrap(), ["b,\"c\"", ""]);
        assert_eq!((fields(r#""open"#), fields(r#""a"b"#)), (None, None));
    }

    #[test]
    fn a_header_names_the_event_and_one_more_field() {
        assert!(header("time,name,result").is_some());
        assert!(header("name,address").is_none());
        assert!(header(r#"{"name":1,"time":2}"#).is_none());
    }
}
