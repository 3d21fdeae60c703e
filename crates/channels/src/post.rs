//! Asking another system's programme interface: JSON there, an answer back.
//!
//! Knows how requests are put, not what an answer means; that is for each channel.

use std::fmt;

use app::ports::{Cause, DeliveryError, Verdict};
use domain::kernel::Secret;
use egress::{Egress, Request, Response, TargetError, Trust};
use http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use serde_json::Value;

use crate::failure::{failure, unreached};

/// A programme interface under one address.
#[derive(Clone)]
pub(crate) struct Api {
    egress: Egress,
    trust: Trust,
    base: Secret<String>,
    headers: HeaderMap,
}

impl fmt::Debug for Api {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Api").finish_non_exhaustive()
    }
}

impl Api {
    /// An interface under `base`, judged here and again at each request. The operator
    /// wrote the address, so it may lie inside the house.
    ///
    /// # Errors
    /// The rule that the address breaks.
    pub(crate) fn new(egress: &Egress, base: &str) -> Result<Self, TargetError> {
        let trust = Trust::Trusted;
        egress.target(base, trust)?;
        let base = Secret::new(base.trim_end_matches('/').to_owned());
        Ok(Self {
            egress: egress.clone(),
            trust,
            base,
            headers: HeaderMap::new(),
        })
    }

    /// Adds a header to every request, marked as secret; `None` when the value cannot
    /// stand in one.
    pub(crate) fn with(mut self, name: HeaderName, value: &str) -> Option<Self> {
        let mut value = HeaderValue::from_str(value).ok()?;
        value.set_sensitive(true);
        self.headers.insert(name, value);
        Some(self)
    }

    /// Asks. Every status is an answer.
    ///
    /// # Errors
    /// Nothing was answered; the verdict is that of a receiver that drops repeats.
    pub(crate) async fn ask(
        &self,
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> Result<Response, DeliveryError> {
        let url = format!("{}{path}", self.base.expose());
        let refused = |e: TargetError| {
            failure(
                Verdict::ChannelBroken,
                Cause::Forbidden,
                &format!("the address is refused: {e}"),
            )
        };
        let target = self.egress.target(&url, self.trust).map_err(refused)?;
        let json = HeaderValue::from_static("application/json");
        let mut request = Request::new(method, target);
        request.headers = self.headers.clone();
        let accept = request.headers.entry(header::ACCEPT);
        accept.or_insert(json.clone());
        if let Some(body) = body {
            request = request.header(header::CONTENT_TYPE, json);
            request = request.body(body.to_string());
        }
        self.egress
            .send(request, self.trust)
            .await
            .map_err(|error| unreached(&error))
    }
}

/// The body as JSON; `Null` where it is none.
pub(crate) fn json(response: &Response) -> Value {
    serde_json::from_slice(&response.body).unwrap_or_default()
}

/// A frozen payload that cannot be read back: a defect, and no reason to try again.
pub(crate) fn damaged() -> DeliveryError {
    failure(
        Verdict::GiveUp,
        Cause::Rejected,
        "the frozen message cannot be read back",
    )
}
