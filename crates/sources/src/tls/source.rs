//! Asks the endpoints of one source what they show.

use std::sync::Arc;
use std::time::Duration;

use app::ports::{Batch, Clock, Connector, ConnectorError, LineCounts, ReadSummary};
use async_trait::async_trait;
use domain::inventory::{Listed, Observation};
use domain::kernel::SourceId;
use egress::{Egress, Trust};
use tokio::sync::{Semaphore, mpsc};
use tokio::task::JoinSet;

use super::endpoint::Endpoint;
use super::{observe, starttls};
use crate::keys::{KeyError, Keys};
use crate::system::{Key, KeyKind, Preset, System, Tools, Ways};

/// Endpoints that are asked at once.
const AT_ONCE: usize = 8;
/// The longest that one endpoint may take, from the look-up to its certificates.
const LIMIT: Duration = Duration::from_secs(20);
/// Observations sent in one batch.
const BATCH: usize = 500;
/// Remarks of one read.
const REMARKS_MAX: usize = 20;

/// TLS endpoints.
pub(crate) struct Tls;

impl System for Tls {
    fn describe(&self) -> Preset {
        Preset {
            id: "tls".to_owned(),
            system: "TLS endpoints".to_owned(),
            kinds: vec!["tls-certificate".to_owned(), "tls-chain".to_owned()],
            auth: "none: shakes hands and hangs up".to_owned(),
            needs: "a way to the endpoints".to_owned(),
            tried: None,
            pages: Vec::new(),
            keys: vec![
                Key::required("endpoints", KeyKind::List, "`host:443`, `host:587/smtp`, …"),
                Key::optional(
                    "sni",
                    KeyKind::Text,
                    "the name to ask for, in place of the host",
                ),
                Key::optional(
                    "ca_file",
                    KeyKind::Text,
                    "PEM file of authorities that are believed for these endpoints",
                ),
            ],
        }
    }

    fn open(&self, id: SourceId, keys: &mut Keys, tools: &Tools) -> Result<Ways, KeyError> {
        let endpoints = endpoints(keys)?;
        let name = keys.text("sni")?;
        let egress = match keys.path("ca_file")? {
            None => tools.egress.clone(),
            Some(path) => {
                let mut settings = tools.egress_settings.clone();
                settings.ca_file = Some(path);
                let cannot = |error: egress::SetupError| keys.wrong("ca_file", error.to_string());
                Egress::new(settings).map_err(cannot)?
            }
        };
        let source = TlsSource {
            id,
            endpoints,
            name,
            egress,
            clock: Arc::clone(&tools.clock),
            limit: LIMIT,
        };
        Ok(Ways {
            connector: Some(Arc::new(source)),
            system: "tls".to_owned(),
            ..Ways::default()
        })
    }
}

fn endpoints(keys: &mut Keys) -> Result<Vec<Endpoint>, KeyError> {
    let mut endpoints: Vec<Endpoint> = Vec::new();
    for text in keys.texts("endpoints")? {
        let endpoint = Endpoint::parse(&text).map_err(|why| keys.wrong("endpoints", why))?;
        if endpoints
            .iter()
            .any(|known| known.to_string() == endpoint.to_string())
        {
            return Err(keys.wrong("endpoints", format!("names {endpoint} twice")));
        }
        endpoints.push(endpoint);
    }
    match endpoints.is_empty() {
        true => Err(keys.wrong(
            "endpoints",
            "is missing; it names hosts such as [\"example.org:443\"]",
        )),
        false => Ok(endpoints),
    }
}

/// The endpoints of one table of the configuration.
#[derive(Clone)]
pub(super) struct TlsSource {
    pub(super) id: SourceId,
    pub(super) endpoints: Vec<Endpoint>,
    /// The name that all of them are asked for, in place of their host.
    pub(super) name: Option<String>,
    pub(super) egress: Egress,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) limit: Duration,
}

#[async_trait]
impl Connector for TlsSource {
    fn source(&self) -> &SourceId {
        &self.id
    }

    fn system(&self) -> &str {
        "tls"
    }

    async fn read(
        &self,
        _: Option<serde_json::Value>,
        batches: mpsc::Sender<Batch>,
    ) -> Result<ReadSummary, ConnectorError> {
        let mut summary = ReadSummary {
            complete: true,
            is_listing: true,
            ..ReadSummary::default()
        };
        let mut listed = Vec::new();
        for outcome in self.ask_all().await {
            match outcome {
                Ok(told) => {
                    summary.read += 1;
                    listed.extend(told);
                }
                Err(sentence) => {
                    summary.complete = false;
                    summary.unreadable += 1;
                    summary.remarks.push(sentence);
                }
            }
        }
        if summary.read == 0 {
            let first = summary.remarks.into_iter().next().unwrap_or_default();
            return Err(ConnectorError::Unavailable(first));
        }
        summary.remarks.truncate(REMARKS_MAX);
        send(listed, &batches).await?;
        Ok(summary)
    }
}

impl TlsSource {
    /// What each endpoint told, in their order.
    async fn ask_all(&self) -> Vec<Result<Vec<Listed>, String>> {
        let gate = Arc::new(Semaphore::new(AT_ONCE));
        let mut asking = JoinSet::new();
        for (place, endpoint) in self.endpoints.iter().cloned().enumerate() {
            let (source, gate) = (self.clone(), Arc::clone(&gate));
            asking.spawn(async move {
                // The gate is never closed.
                let _turn = gate.acquire_owned().await;
                (place, source.ask(&endpoint).await)
            });
        }
        let mut told: Vec<_> = self
            .endpoints
            .iter()
            .map(|endpoint| Err(format!("{endpoint}: its reader failed; see the log")))
            .collect();
        while let Some(outcome) = asking.join_next().await {
            if let Ok((place, outcome)) = outcome
                && let Some(slot) = told.get_mut(place)
            {
                *slot = outcome;
            }
        }
        told
    }

    /// What one endpoint tells; an error is a sentence that names it.
    async fn ask(&self, endpoint: &Endpoint) -> Result<Vec<Listed>, String> {
        let asked = tokio::time::timeout(self.limit, self.shake(endpoint)).await;
        let late = || {
            Err(format!(
                "it did not show a certificate within {} s",
                self.limit.as_secs()
            ))
        };
        let shown = asked.unwrap_or_else(|_| late());
        let shown = shown.map_err(|why| format!("{endpoint}: {why}"))?;
        observe::listed(endpoint, self.name_of(endpoint), &shown, self.clock.now())
            .map_err(|why| format!("{endpoint}: {why}"))
    }

    /// Whom an endpoint's certificate has to be for.
    fn name_of<'a>(&'a self, endpoint: &'a Endpoint) -> &'a str {
        self.name.as_deref().unwrap_or(&endpoint.host)
    }

    async fn shake(&self, endpoint: &Endpoint) -> Result<egress::UnverifiedChain, String> {
        // The operator wrote the endpoint down; it may well be inside.
        let dialled = self
            .egress
            .dial(&endpoint.host, endpoint.port, Trust::Trusted)
            .await;
        let mut stream = dialled.map_err(|error| error.to_string())?;
        starttls::prepare(&mut stream, endpoint.before)
            .await
            .map_err(|error| error.to_string())?;
        let name = self.name_of(endpoint);
        let shown = self.egress.read_unverified_chain(stream, name).await;
        shown.map_err(|error| error.to_string())
    }
}

async fn send(listed: Vec<Listed>, batches: &mpsc::Sender<Batch>) -> Result<(), ConnectorError> {
    let mut rest = listed
        .into_iter()
        .map(|one| Observation::Listed(Box::new(one)))
        .peekable();
    while rest.peek().is_some() {
        let batch = Batch {
            observations: rest.by_ref().take(BATCH).collect(),
            checkpoint: serde_json::Value::Null,
            counts: LineCounts::default(),
        };
        batches
            .send(batch)
            .await
            .map_err(|_| ConnectorError::Stopped)?;
    }
    Ok(())
}
