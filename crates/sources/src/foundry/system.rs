//! Opens a Foundry source from its keys.

use std::sync::Arc;

use app::ports::Connector;
use domain::kernel::SourceId;

use super::{FoundryEvents, FoundryFiles};
use crate::keys::{KeyError, Keys};
use crate::system::{Preset, System, Tools, Ways};

/// Palantir Foundry.
pub(crate) struct Foundry;

impl System for Foundry {
    fn describe(&self) -> Preset {
        Preset {
            id: "foundry".to_owned(),
            system: "Palantir Foundry".to_owned(),
            kinds: vec!["API_TOKEN".to_owned()],
            auth: "none: reads files, or events are pushed with a connector token".to_owned(),
            needs: "audit logs (audit.2 or audit.3) as files, or pushed".to_owned(),
            tried: None,
            pages: Vec::new(),
        }
    }

    fn open(&self, id: SourceId, keys: &mut Keys, _: &Tools) -> Result<Ways, KeyError> {
        let paths = keys.texts("paths")?;
        let types = keys.texts("token_types")?;
        // For links to the page where tokens are renewed.
        keys.text("host")?;
        let types = (!types.is_empty()).then_some(types);
        let events = FoundryEvents::configured(types.as_deref());
        let files = || -> Arc<dyn Connector> {
            Arc::new(FoundryFiles::new(id, paths.clone(), events.clone()))
        };
        Ok(Ways {
            connector: (!paths.is_empty()).then(files),
            decoder: Some(Arc::new(events)),
            system: "foundry".to_owned(),
        })
    }
}
