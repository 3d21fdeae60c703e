//! A source that tells what the test puts into it.

use std::sync::Mutex;

use app::Principal;
use app::ports::{Batch, Connector, ConnectorError, PageRequest, ReadSummary};
use async_trait::async_trait;
use domain::access::Grant;
use domain::inventory::{
    Creation, Credential, End, Facts, IssuerOwner, Listed, Observation, Party, Rank,
};
use domain::kernel::{Instant, Name, SourceId, Span};
use domain::people::Owner;
use tokio::sync::mpsc;

use super::World;

/// What one read tells, and whether that is everything.
pub type Read = Result<(Vec<Observation>, bool), ConnectorError>;

/// A source that tells what the test puts into it.
pub struct Told {
    pub source: SourceId,
    reads: Mutex<Vec<Read>>,
    listing: bool,
}

impl Told {
    pub fn new(listing: bool) -> Self {
        Self {
            source: SourceId::parse("far").unwrap(),
            reads: Mutex::new(Vec::new()),
            listing,
        }
    }

    pub fn next(&self, read: Read) {
        self.reads.lock().unwrap().push(read);
    }

    /// Everything that exists.
    pub fn all(&self, told: Vec<Observation>) {
        self.next(Ok((told, true)));
    }

    /// Reads what was put in next.
    pub async fn read_by(&self, world: &World) -> Result<ReadSummary, ConnectorError> {
        app::reconcile::observe(&world.ctx, self).await.unwrap()
    }
}

#[async_trait]
impl Connector for Told {
    fn source(&self) -> &SourceId {
        &self.source
    }
    fn system(&self) -> &str {
        "far"
    }
    async fn read(
        &self,
        _: Option<serde_json::Value>,
        batches: mpsc::Sender<Batch>,
    ) -> Result<ReadSummary, ConnectorError> {
        let read = self.reads.lock().unwrap().remove(0);
        let (observations, complete) = read?;
        let read = observations.len() as u64;
        let checkpoint = serde_json::json!(read);
        let batch = Batch {
            observations,
            checkpoint,
            counts: Default::default(),
        };
        batches
            .send(batch)
            .await
            .map_err(|_| ConnectorError::Stopped)?;
        Ok(ReadSummary {
            complete,
            partial: (!complete && self.listing).then(|| "page 2 was refused".to_owned()),
            is_listing: self.listing,
            read,
            ..ReadSummary::default()
        })
    }
}

pub fn key(id: &str, end: End) -> Listed {
    Listed {
        name: Name::lossy(id),
        end,
        ..Listed::new(id, "key")
    }
}

pub fn listed(id: &str, end: End) -> Observation {
    Observation::Listed(Box::new(key(id, end)))
}

/// A listed key with an owner as its issuer spells it.
pub fn owned(id: &str, end: End, owner: &str) -> Observation {
    let owner = IssuerOwner {
        id: owner.to_owned(),
        ..IssuerOwner::default()
    };
    Observation::Listed(Box::new(Listed {
        owner: Some(owner),
        ..key(id, end)
    }))
}

pub fn event(id: &str, facts: &Facts<String>) -> Observation {
    Observation::Event {
        external_id: id.to_owned(),
        kind: "far_token".to_owned(),
        facts: serde_json::to_value(facts).unwrap(),
    }
}

pub fn creation(created: Instant, life: Span, owner: &str) -> Facts<String> {
    let party = Party {
        id: owner.to_owned(),
        name: None,
    };
    Facts::of_creation(
        Rank::Fallback,
        Creation {
            kind: Some("API_TOKEN".to_owned()),
            owner: None,
            actor: Some(party),
            created_at: Some(created),
            expires_at: Some(created + life),
        },
    )
}

/// Everything in the inventory, by the issuer's id.
pub async fn all(world: &World) -> Vec<Credential> {
    let page = PageRequest {
        limit: 2000,
        after: None,
    };
    let listed = world
        .ctx
        .store
        .list_credentials(&Default::default(), &page)
        .await
        .unwrap();
    let mut all: Vec<Credential> = listed.items.into_iter().map(|(c, _)| c).collect();
    all.sort_by(|a, b| a.external_id.cmp(&b.external_id));
    all
}

pub fn principal(words: &[&str], ingest: Option<&SourceId>) -> Principal {
    Principal {
        token: None,
        kind: None,
        owner: Owner::Person(domain::kernel::PersonId::derived(&["pusher"])),
        grant: Grant::parse(words).unwrap().into(),
        expires_at: None,
        ingest_source: ingest.cloned(),
    }
}
