//! How long a reader who is known waits for a database that does not answer.

use super::error::AccountsError;
use crate::service::store::AccountError;
use std::time::Duration;
use tokio::time::timeout;

const PATIENCE: Duration = Duration::from_millis(500);

/// What comes of work on the database; none where its server does not answer at the moment, or not soon. What runs on a thread of its own
/// goes on by itself.
pub(super) async fn soon<T>(work: impl Future<Output = Result<T, AccountsError>>) -> Result<Option<T>, AccountsError> {
    match timeout(PATIENCE, work).await {
        Err(_) => Ok(None),
        Ok(Err(AccountsError::Account(AccountError::Database(e)))) if e.is_of_server() => Ok(None),
        Ok(done) => done.map(Some),
    }
}
