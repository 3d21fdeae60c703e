//! What every page is given.

use std::sync::Arc;

use app::Context;

use crate::attempts::Attempts;

/// What every page is given.
#[derive(Clone)]
pub struct Web {
    /// The use cases' context.
    pub ctx: Arc<Context>,
    /// Who failed to sign in.
    pub(crate) attempts: Arc<Attempts>,
}

impl Web {
    pub(crate) fn new(ctx: Arc<Context>) -> Self {
        let attempts = Arc::new(Attempts::new(Arc::clone(&ctx.clock)));
        Self { ctx, attempts }
    }

    /// Whether people reach this server over TLS.
    pub(crate) fn is_https(&self) -> bool {
        let settings = self.ctx.settings.load();
        settings.public_url.starts_with("https://")
    }
}
