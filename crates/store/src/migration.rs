//! How a database gets its tables: files that are only ever added to.
//!
//! Each is applied in one transaction together with its row in `schema_migrations`, so
//! that a crash leaves it whole or undone. Which are missing is decided here; the
//! databases only run them.

use sha2::{Digest, Sha256};

use crate::error::OpenError;
use crate::sql::{Dialect, render};

/// One migration: its version, its name, its text in our dialect.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Migration {
    pub(crate) version: i64,
    pub(crate) name: &'static str,
    text: &'static str,
}

/// All migrations, oldest first. Never change one that was released; add another.
pub(crate) const ALL: &[Migration] = &[
    Migration {
        version: 1,
        name: "start",
        text: include_str!("../migrations/0001_start.sql"),
    },
    Migration {
        version: 2,
        name: "channel_memory",
        text: include_str!("../migrations/0002_channel_memory.sql"),
    },
    Migration {
        version: 3,
        name: "silences",
        text: include_str!("../migrations/0003_silences.sql"),
    },
    Migration {
        version: 4,
        name: "monitors",
        text: include_str!("../migrations/0004_monitors.sql"),
    },
    Migration {
        version: 5,
        name: "subscriptions",
        text: include_str!("../migrations/0005_subscriptions.sql"),
    },
    Migration {
        version: 6,
        name: "sessions",
        text: include_str!("../migrations/0006_sessions.sql"),
    },
    Migration {
        version: 7,
        name: "recipients",
        text: include_str!("../migrations/0007_recipients.sql"),
    },
    Migration {
        version: 8,
        name: "ends",
        text: include_str!("../migrations/0008_ends.sql"),
    },
    Migration {
        version: 9,
        name: "asked",
        text: include_str!("../migrations/0009_asked.sql"),
    },
    Migration {
        version: 10,
        name: "standing",
        text: include_str!("../migrations/0010_standing.sql"),
    },
    Migration {
        version: 11,
        name: "first_use",
        text: include_str!("../migrations/0011_first_use.sql"),
    },
    Migration {
        version: 12,
        name: "hearing",
        text: include_str!("../migrations/0012_hearing.sql"),
    },
    Migration {
        version: 13,
        name: "turn",
        text: include_str!("../migrations/0013_turn.sql"),
    },
    Migration {
        version: 14,
        name: "lists",
        text: include_str!("../migrations/0014_lists.sql"),
    },
    Migration {
        version: 15,
        name: "watches",
        text: include_str!("../migrations/0015_watches.sql"),
    },
    Migration {
        version: 16,
        name: "people_changed",
        text: include_str!("../migrations/0016_people_changed.sql"),
    },
    Migration {
        version: 17,
        name: "used_from",
        text: include_str!("../migrations/0017_used_from.sql"),
    },
    Migration {
        version: 18,
        name: "rare_states",
        text: include_str!("../migrations/0018_rare_states.sql"),
    },
];

/// Where it is written down which migrations were applied.
pub(crate) const TABLE: &str = "CREATE TABLE IF NOT EXISTS schema_migrations (\
     version {i64} PRIMARY KEY, name {text} NOT NULL, sha256 {text} NOT NULL) {strict}";

/// What was applied, oldest first: version and hash.
pub(crate) const APPLIED: &str = "SELECT version, sha256 FROM schema_migrations ORDER BY version";

/// Writes one down: version, name, hash.
pub(crate) const REMEMBER: &str =
    "INSERT INTO schema_migrations (version, name, sha256) VALUES ($1, $2, $3)";

impl Migration {
    /// The statements in the words of one database.
    pub(crate) fn sql(&self, dialect: Dialect) -> String {
        render(self.text, dialect)
    }

    /// The hash of the text before it was put into any database's words, in hex.
    pub(crate) fn sha256(&self) -> String {
        let hash = Sha256::digest(self.text.as_bytes());
        hash.iter().map(|b| format!("{b:02x}")).collect()
    }
}

/// The migrations that are missing after those applied.
///
/// # Errors
/// The database is newer than this program, or was made by another one.
pub(crate) fn missing(applied: &[(i64, String)]) -> Result<&'static [Migration], OpenError> {
    let known = ALL.last().map_or(0, |m| m.version);
    if let Some((found, _)) = applied.iter().find(|(version, _)| *version > known) {
        return Err(OpenError::Newer {
            found: *found,
            known,
        });
    }
    for ((version, sha256), ours) in applied.iter().zip(ALL) {
        if *version != ours.version || *sha256 != ours.sha256() {
            return Err(OpenError::Foreign(*version));
        }
    }
    Ok(ALL.get(applied.len()..).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn applied() -> Vec<(i64, String)> {
        ALL.iter().map(|m| (m.version, m.sha256())).collect()
    }

    #[test]
    fn versions_rise_without_gaps() {
        let versions: Vec<i64> = ALL.iter().map(|m| m.version).collect();
        assert_eq!(versions, (1..=ALL.len() as i64).collect::<Vec<_>>());
    }

    #[test]
    fn nothing_is_missing_once_all_are_applied() {
        assert!(missing(&applied()).unwrap().is_empty());
        assert_eq!(missing(&[]).unwrap().len(), ALL.len());
    }

    /// F5: an older binary refuses a newer schema.
    #[test]
    fn a_newer_schema_and_a_changed_migration_are_refused() {
        let mut newer = applied();
        newer.push((ALL.len() as i64 + 1, "x".to_owned()));
        assert!(matches!(missing(&newer), Err(OpenError::Newer { .. })));
        let mut changed = applied();
        changed[0].1 = "0".repeat(64);
        assert!(matches!(missing(&changed), Err(OpenError::Foreign(1))));
    }
}
