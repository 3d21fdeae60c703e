//! What a channel keeps of an alert on the other side, so that a later step edits what
//! an earlier one made.
//!
//! Remembered at once, not with the outcome of a delivery: what stands on the other side
//! stands there, whatever becomes of the rest of the message. It is a help and no proof;
//! a channel that remembers nothing looks on the other side before it makes anything.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use domain::kernel::{AlertId, ChannelId};

use crate::ports::{Changes, ChannelMemory, Store, StoreError, Write};

/// Memory in the store.
#[derive(Clone)]
pub struct StoredMemory(Arc<dyn Store>);

impl StoredMemory {
    /// Memory in this store.
    pub fn new(store: Arc<dyn Store>) -> Self {
        Self(store)
    }
}

#[async_trait]
impl ChannelMemory for StoredMemory {
    async fn recall(
        &self,
        channel: &ChannelId,
        alert: &AlertId,
    ) -> Result<Option<String>, StoreError> {
        self.0.channel_memory(channel, alert).await
    }

    async fn remember(
        &self,
        channel: &ChannelId,
        alert: &AlertId,
        value: Option<String>,
    ) -> Result<(), StoreError> {
        let write = Write::SetMemory {
            channel: channel.clone(),
            alert: alert.clone(),
            value,
        };
        let changes = Changes {
            writes: vec![write],
            audit: Vec::new(),
        };
        self.0.commit(changes).await
    }
}

/// Memory that ends with the process, for work without a store.
#[derive(Debug, Default)]
pub struct PassingMemory(Mutex<BTreeMap<(ChannelId, AlertId), String>>);

#[async_trait]
impl ChannelMemory for PassingMemory {
    async fn recall(
        &self,
        channel: &ChannelId,
        alert: &AlertId,
    ) -> Result<Option<String>, StoreError> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(kept.get(&(channel.clone(), alert.clone())).cloned())
    }

    async fn remember(
        &self,
        channel: &ChannelId,
        alert: &AlertId,
        value: Option<String>,
    ) -> Result<(), StoreError> {
        let key = (channel.clone(), alert.clone());
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match value {
            Some(value) => kept.insert(key, value),
            None => kept.remove(&key),
        };
        Ok(())
    }
}
