//! Publishes dead letters.

use async_nats::HeaderMap;
use conversions_delivery::{DeadLetter, LogError, letter_codec};
use futures_util::{StreamExt as _, TryStreamExt as _, stream};

use crate::publish::{Outgoing, Refused, publish};
use crate::shared::Shared;

/// Letters on their way at once.
const AT_ONCE: usize = 64;

/// Publishes letters, each under an id by which the broker drops a repetition.
///
/// # Errors
///
/// [`LogError::DeadLettersFull`] or [`LogError::Unavailable`]; some letters may be kept then.
pub(crate) async fn publish_letters(
    shared: &Shared,
    letters: &[DeadLetter],
) -> Result<(), LogError> {
    let publishing: Vec<_> = letters
        .iter()
        .map(|one| publish_letter(shared, one))
        .collect();
    stream::iter(publishing)
        .buffer_unordered(AT_ONCE)
        .try_collect()
        .await
}

async fn publish_letter(shared: &Shared, letter: &DeadLetter) -> Result<(), LogError> {
    let names = shared.names_of(&letter.destination);
    let outgoing = Outgoing {
        subject: format!("{}.{}", names.dead_letters, letter.reason.name()),
        id: format!("{}-{}", names.dead_letters, letter.id.0),
        headers: HeaderMap::new(),
        payload: letter_codec::write(letter).into(),
    };
    match publish(&shared.context, &outgoing).await {
        Ok(_) => Ok(()),
        Err(Refused::Full) => Err(LogError::DeadLettersFull {
            limit: crate::streams::MAX_DEAD_LETTERS,
        }),
        Err(refused) => Err(refused.into()),
    }
}
