//! What all handlers use.

use std::sync::Arc;

use tokio::sync::Semaphore;

use crate::data::ConsoleData;
use crate::token::FormToken;
use crate::viewers::Viewers;

/// What all handlers use.
#[derive(Clone)]
pub(crate) struct AppState {
    pub(crate) data: Arc<dyn ConsoleData>,
    pub(crate) token: FormToken,
    pub(crate) viewers: Viewers,
    pub(crate) rendering: Arc<Semaphore>,
}
