//! A file is sent: its bytes as they are, written while they come, so that its size takes no memory.

use super::error::{ImportsError, LONGEST_NAME, SILENT};
use super::status::ImportStatus;
use super::steps::Imports;
use crate::service::clock;
use crate::service::store::{Arrival, IncomingError, LARGEST_FILE, Receiving};
use crate::service::task::blocking;
use bytes::Bytes;
use futures_core::Stream;
use std::future::poll_fn;
use std::pin::Pin;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::timeout;

/// Pieces that wait to be written.
const WAITING: usize = 8;

impl Imports {
    /// Takes a file, whose sender says its name and perhaps its size. Nothing of the data changes. The service may be
    /// stopped, or the sender be gone, at any moment: half a file is none.
    pub async fn receive<E>(
        &self,
        name: &str,
        size: Option<u64>,
        actor: String,
        pieces: impl Stream<Item = Result<Bytes, E>> + Unpin,
    ) -> Result<ImportStatus, ImportsError> {
        let name = file_name(name).ok_or(ImportsError::Name)?;
        if size.is_some_and(|bytes| bytes > LARGEST_FILE) {
            return Err(IncomingError::TooLarge.into());
        }
        let (id, now) = (clock::new_id(), clock::seconds());
        let begun = self.on_disk(move |inner| Ok(inner.incoming.receive(&id, &name, &actor, now)?)).await?;
        let (send, next) = mpsc::channel(WAITING);
        // whatever the answer is, what was written of half a file is gone by then
        let (written, sent) = tokio::join!(blocking(move || write(begun, next)), feed(pieces, send));
        sent?;
        let arrival = written??.ok_or(ImportsError::BrokenOff)?;
        self.on_disk(move |inner| Ok(inner.status(arrival))).await
    }
}

/// A name without a folder.
pub(in crate::service) fn file_name(name: &str) -> Option<String> {
    let name = name.trim();
    let fits = !name.is_empty()
        && name.chars().count() <= LONGEST_NAME
        && !name.contains(['/', '\\'])
        && !name.chars().any(char::is_control);
    fits.then(|| name.to_owned())
}

/// Writes what comes. Without the mark of the end the sender has gone, and half a file is none.
fn write(mut receiving: Receiving, mut next: mpsc::Receiver<Option<Bytes>>) -> Result<Option<Arrival>, IncomingError> {
    while let Some(piece) = next.blocking_recv() {
        match piece {
            Some(bytes) => receiving.write(&bytes)?,
            None => return receiving.finish().map(Some),
        }
    }
    Ok(None)
}

/// Hands the pieces on to be written, and the mark of the end after the last.
async fn feed<E>(
    mut pieces: impl Stream<Item = Result<Bytes, E>> + Unpin,
    send: mpsc::Sender<Option<Bytes>>,
) -> Result<(), ImportsError> {
    loop {
        let next = timeout(Duration::from_secs(SILENT), poll_fn(|cx| Pin::new(&mut pieces).poll_next(cx))).await;
        let piece = next.map_err(|_| ImportsError::Silent)?.transpose().map_err(|_| ImportsError::BrokenOff)?;
        let last = piece.is_none();
        // a writer that has failed says why itself
        if send.send(piece).await.is_err() || last {
            return Ok(());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_of_files_and_not_of_folders() {
        assert_eq!(file_name(" 企业.csv ").as_deref(), Some("企业.csv"));
        for bad in ["", "  ", "a/b.csv", "a\\b.csv", "a\u{7}.csv", &"名".repeat(LONGEST_NAME + 1)] {
            assert_eq!(file_name(bad), None, "{bad}");
        }
    }
}
