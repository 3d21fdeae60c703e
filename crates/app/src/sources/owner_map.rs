//! Whom does the operator say that an issuer's owner is?
//!
//! Pure: the file is read elsewhere. A row that cannot be used is named and left out; it
//! takes nothing from the others.

use std::collections::BTreeMap;

use csv::{Reader, StringRecord};
use domain::inventory::IssuerOwner;
use domain::kernel::Email;

/// Owners as issuers spell them, and whom they are: by id, e-mail address or name, without
/// regard to case.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OwnerMap(BTreeMap<String, MappedOwner>);

/// Who an issuer's owner is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MappedOwner {
    /// The person's address.
    pub email: Option<Email>,
    /// Id or name of the team that answers.
    pub team: Option<String>,
}

/// A row that cannot be used. Says what is wrong, never what stands in it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {problem}")]
pub struct RowError {
    /// Its line in the file, from 1.
    pub line: u64,
    /// What is wrong with it.
    pub problem: String,
}

/// Where the columns stand.
struct Columns {
    owner: usize,
    email: Option<usize>,
    team: Option<usize>,
}

impl OwnerMap {
    /// Reads CSV whose first line names the columns: `owner`, and `email` or `team` or
    /// both. Answers what could be read, and each row that could not, in order.
    pub fn parse(csv: &[u8]) -> (Self, Vec<RowError>) {
        let mut reader = csv::ReaderBuilder::new()
            .trim(csv::Trim::All)
            .from_reader(csv);
        let mut map = Self::default();
        let columns = match Columns::of(&mut reader) {
            Ok(columns) => columns,
            Err(wrong) => return (map, vec![wrong]),
        };
        let mut lines = BTreeMap::new();
        let rows = reader.records();
        let errors = rows.filter_map(|row| {
            let row = row.map_err(|error| unreadable(&error));
            row.and_then(|row| map.take(&row, &columns, &mut lines))
                .err()
        });
        let errors = errors.collect();
        (map, errors)
    }

    /// How many owners are mapped.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether none is.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Who the issuer's owner is: found by its id, else its address, else its name.
    pub fn find(&self, owner: &IssuerOwner) -> Option<&MappedOwner> {
        let spelled = [Some(&owner.id), owner.email.as_ref(), owner.name.as_ref()];
        spelled
            .into_iter()
            .flatten()
            .find_map(|text| self.0.get(&key(text)))
    }

    fn take(
        &mut self,
        row: &StringRecord,
        columns: &Columns,
        lines: &mut BTreeMap<String, u64>,
    ) -> Result<(), RowError> {
        let line = row.position().map_or(0, csv::Position::line);
        let wrong = |problem: String| RowError { line, problem };
        let cell = |at: Option<usize>| at.and_then(|at| row.get(at)).filter(|c| !c.is_empty());
        let owner = cell(Some(columns.owner)).ok_or_else(|| wrong("names no owner".to_owned()))?;
        let email = cell(columns.email).map(Email::parse).transpose();
        let email = email.map_err(|_| wrong("`email` is no e-mail address".to_owned()))?;
        let team = cell(columns.team).map(str::to_owned);
        if email.is_none() && team.is_none() {
            return Err(wrong("names neither an `email` nor a `team`".to_owned()));
        }
        let (owner, mapped) = (key(owner), MappedOwner { email, team });
        if let Some(first) = lines.get(&owner) {
            let same = self.0.get(&owner) == Some(&mapped);
            let twice = || wrong(format!("says something else of the owner of line {first}"));
            return if same { Ok(()) } else { Err(twice()) };
        }
        lines.insert(owner.clone(), line);
        self.0.insert(owner, mapped);
        Ok(())
    }
}

impl Columns {
    fn of(reader: &mut Reader<&[u8]>) -> Result<Self, RowError> {
        let wrong = |problem: &str| RowError {
            line: 1,
            problem: format!("{problem}; the columns are owner, email and team"),
        };
        let header = reader.headers().map_err(|error| unreadable(&error))?;
        let at = |name: &str| header.iter().position(|h| h.eq_ignore_ascii_case(name));
        let known = |h: &str| {
            ["owner", "email", "team"]
                .iter()
                .any(|k| h.eq_ignore_ascii_case(k))
        };
        if !header.iter().all(known) {
            return Err(wrong("a column has another name"));
        }
        let owner = at("owner").ok_or_else(|| wrong("there is no column `owner`"))?;
        let (email, team) = (at("email"), at("team"));
        if email.is_none() && team.is_none() {
            return Err(wrong("there is neither `email` nor `team`"));
        }
        Ok(Self { owner, email, team })
    }
}

fn key(text: &str) -> String {
    text.trim().to_lowercase()
}

fn unreadable(error: &csv::Error) -> RowError {
    let line = error.position().map_or(0, csv::Position::line);
    let problem = match error.kind() {
        csv::ErrorKind::UnequalLengths {
            expected_len, len, ..
        } => {
            format!("has {len} fields, and the first line {expected_len}")
        }
        csv::ErrorKind::Utf8 { .. } => "is not UTF-8".to_owned(),
        _ => "is not CSV".to_owned(),
    };
    RowError { line, problem }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn owner(id: &str, name: Option<&str>, email: Option<&str>) -> IssuerOwner {
        IssuerOwner {
            id: id.to_owned(),
            name: name.map(str::to_owned),
            email: email.map(str::to_owned),
        }
    }

    fn email(mapped: Option<&MappedOwner>) -> Option<&str> {
        mapped?.email.as_ref().map(Email::as_str)
    }

    #[test]
    fn an_owner_is_found_by_id_address_or_name_whatever_the_case() {
        let csv = b"\xEF\xBB\xBFowner,email,team\r\nu-1, ada@example.org ,\r\n\"Doe, Sam\",sam@example.org,core\r\nold@example.org,new@example.org,\r\nbot-7,,platform\r\n";
        let (map, errors) = OwnerMap::parse(csv);
        assert_eq!((map.len(), errors), (4, Vec::new()));
        assert_eq!(
            email(map.find(&owner("U-1", None, None))),
            Some("ada@example.org")
        );
        let sam = map.find(&owner("17", Some("doe, sam"), None));
        assert_eq!(email(sam), Some("sam@example.org"));
        assert_eq!(sam.unwrap().team.as_deref(), Some("core"));
        let moved = map.find(&owner("18", None, Some("OLD@example.org")));
        assert_eq!(email(moved), Some("new@example.org"));
        let bot = map.find(&owner("bot-7", None, None)).unwrap();
        assert_eq!(
            (bot.email.as_ref(), bot.team.as_deref()),
            (None, Some("platform"))
        );
        assert_eq!(map.find(&owner("u-2", None, None)), None);
    }

    /// B75: each bad row is named by its line and takes nothing from the others.
    #[test]
    fn a_row_that_cannot_be_used_is_named_and_left_out() {
        let csv = b"owner,email\nu-1,ada@example.org\n,bob@example.org\nu-2,nowhere\nu-3\nu-4,\nu-1,eve@example.org\nu-1,ada@example.org\n\xFF,x@example.org\nu-5,eli@example.org\n";
        let (map, errors) = OwnerMap::parse(csv);
        assert_eq!(map.len(), 2);
        let named: Vec<String> = errors.iter().map(ToString::to_string).collect();
        assert_eq!(
            named,
            [
                "line 3: names no owner",
                "line 4: `email` is no e-mail address",
                "line 5: has 1 fields, and the first line 2",
                "line 6: names neither an `email` nor a `team`",
                "line 7: says something else of the owner of line 2",
                "line 9: is not UTF-8",
            ]
        );
    }

    #[test]
    fn a_file_without_the_columns_maps_nobody() {
        for (csv, problem) in [
            (&b""[..], "there is no column `owner`"),
            (
                b"user,email\nu-1,ada@example.org\n",
                "a column has another name",
            ),
            (b"email\nada@example.org\n", "there is no column `owner`"),
            (b"owner\nu-1\n", "there is neither `email` nor `team`"),
        ] {
            let (map, errors) = OwnerMap::parse(csv);
            assert!(map.is_empty());
            assert_eq!(errors.len(), 1);
            assert!(errors[0].problem.starts_with(problem), "{errors:?}");
        }
    }

    #[test]
    fn a_hundred_thousand_bad_rows_are_all_named() {
        let mut csv = b"owner,email\n".to_vec();
        (0..100_000).for_each(|_| csv.extend_from_slice(b"u-1,nowhere\n"));
        let (map, errors) = OwnerMap::parse(&csv);
        assert!(map.is_empty());
        assert_eq!(errors.len(), 100_000);
        assert_eq!(errors.last().map(|e| e.line), Some(100_001));
    }
}
