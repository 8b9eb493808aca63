//! The status of all nodes, as operators read it.

use std::collections::BTreeMap;

use async_nats::jetstream::Context;
use conversions_delivery::{LogError, Status, StatusReader};
use futures_util::StreamExt as _;

use super::merge::merged;
use crate::blocking::Blocking;
use crate::connection;
use crate::error::OpenError;
use crate::names::Namespace;
use crate::options::NatsLogOptions;

/// Reads what the nodes of a namespace show. What a node has not renewed for half a minute is gone. Its methods block,
/// and must not be called where a runtime polls tasks.
#[derive(Debug)]
pub struct NatsStatus {
    context: Context,
    namespace: Namespace,
    blocking: Blocking,
}

impl NatsStatus {
    /// Connects, with a thread of its own for the connection.
    ///
    /// # Errors
    ///
    /// [`OpenError`] when the cluster cannot be reached.
    pub fn open(options: &NatsLogOptions) -> Result<Self, OpenError> {
        let (context, blocking) = connection::connect_blocking(options)?;
        Ok(Self {
            context,
            namespace: options.namespace.clone(),
            blocking,
        })
    }

    /// The status of each node, by its name.
    ///
    /// # Errors
    ///
    /// [`LogError::Unavailable`] when the cluster does not answer.
    pub fn nodes(&self) -> Result<BTreeMap<String, Status>, LogError> {
        self.blocking.wait(self.read())
    }

    async fn read(&self) -> Result<BTreeMap<String, Status>, LogError> {
        let bucket = self
            .context
            .get_key_value(self.namespace.status_bucket())
            .await;
        let bucket = bucket.map_err(|error| unreadable(&error))?;
        let mut keys = bucket.keys().await.map_err(|error| unreadable(&error))?;
        let mut nodes = BTreeMap::new();
        while let Some(key) = keys.next().await {
            let key = key.map_err(|error| unreadable(&error))?;
            let text = bucket.get(&key).await.map_err(|error| unreadable(&error))?;
            // A newer node may show what this program does not know.
            let status = text.and_then(|text| serde_json::from_slice(&text).ok());
            if let Some(status) = status {
                nodes.insert(key, status);
            }
        }
        Ok(nodes)
    }
}

/// All nodes together.
impl StatusReader for NatsStatus {
    type Error = LogError;

    fn read_status(&self) -> Result<Option<Status>, LogError> {
        Ok(merged(self.nodes()?.into_values()))
    }
}

fn unreadable(error: &impl std::fmt::Display) -> LogError {
    LogError::Unavailable {
        reason: format!("the status of the nodes cannot be read: {error}"),
    }
}
