//! What cannot be listed is pushed by whoever knows it.

use domain::kernel::SourceId;

use crate::keys::{KeyError, Keys};
use crate::system::{Key, KeyKind, Preset, System, Tools, Ways};

/// Anything else: a program posts what it knows.
pub(crate) struct Push;

impl System for Push {
    fn describe(&self) -> Preset {
        Preset {
            id: "push".to_owned(),
            system: "Anything else".to_owned(),
            kinds: vec!["any".to_owned()],
            auth: "a connector token of Forewarn (token create --ingest-source ID)".to_owned(),
            needs: "somebody who pushes the list".to_owned(),
            tried: None,
            pages: Vec::new(),
            keys: vec![Key::optional(
                "name",
                KeyKind::Text,
                "what the system is called; `push` if not given",
            )],
        }
    }

    fn open(&self, _: SourceId, keys: &mut Keys, _: &Tools) -> Result<Ways, KeyError> {
        let name = keys.text("name")?;
        Ok(Ways {
            system: name.unwrap_or_else(|| "push".to_owned()),
            ..Ways::default()
        })
    }
}
