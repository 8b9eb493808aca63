//! The trait [`Transport`].

use std::sync::Arc;

use async_trait::async_trait;
use facebook_conversions::reply::EventsReceived;

use crate::{EventsRequest, SendError};

/// Sends one request of server events.
///
/// One call is one request: implementations never retry. Dropping the future abandons the request, which Meta may have
/// processed already.
#[async_trait]
pub trait Transport: Send + Sync {
    /// Sends `request` and reads the answer.
    ///
    /// # Errors
    ///
    /// [`SendError`] says whether the events may have been processed, and what to do with them.
    async fn send(&self, request: &EventsRequest) -> Result<EventsReceived, SendError>;
}

#[async_trait]
impl<T: Transport + ?Sized> Transport for Arc<T> {
    async fn send(&self, request: &EventsRequest) -> Result<EventsReceived, SendError> {
        (**self).send(request).await
    }
}

#[async_trait]
impl<T: Transport + ?Sized> Transport for Box<T> {
    async fn send(&self, request: &EventsRequest) -> Result<EventsReceived, SendError> {
        (**self).send(request).await
    }
}
