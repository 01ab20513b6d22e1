//! The queue of jobs: first come, first served, one worker.

use std::collections::VecDeque;

/// Jobs that may wait.
pub(super) const MOST_WAITING: usize = 16;

/// The queue is full, or the service stops.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Full;

/// Jobs by id that wait for their turn.
#[derive(Debug)]
pub(super) struct Queue<W> {
    waiting: VecDeque<(String, W)>,
    /// Whether a worker takes jobs.
    working: bool,
    closed: bool,
}

impl<W> Default for Queue<W> {
    fn default() -> Self {
        Self { waiting: VecDeque::new(), working: false, closed: false }
    }
}

impl<W> Queue<W> {
    /// Whether another job may be added.
    pub(super) fn has_capacity(&self) -> Result<(), Full> {
        if self.waiting.len() >= MOST_WAITING || self.closed { Err(Full) } else { Ok(()) }
    }

    /// Jobs that may still be added.
    pub(super) fn free(&self) -> usize {
        if self.closed { 0 } else { MOST_WAITING.saturating_sub(self.waiting.len()) }
    }

    /// Adds a job at the end. `true`: no worker takes jobs, so one has to be started.
    pub(super) fn push(&mut self, id: String, work: W) -> bool {
        self.waiting.push_back((id, work));
        !std::mem::replace(&mut self.working, true)
    }

    /// Whether a job waits.
    pub(super) fn has(&self, id: &str) -> bool {
        self.waiting.iter().any(|(waiting, _)| waiting == id)
    }

    /// Whether a job waits, or a worker is at one.
    pub(super) fn is_busy(&self) -> bool {
        self.working || !self.waiting.is_empty()
    }

    /// Takes out a job that nobody wants any more.
    pub(super) fn remove(&mut self, id: &str) {
        self.waiting.retain(|(waiting, _)| waiting != id);
    }

    /// The next job for the worker; without one the worker ends.
    pub(super) fn next(&mut self) -> Option<(String, W)> {
        let next = if self.closed { None } else { self.waiting.pop_front() };
        self.working = next.is_some();
        next
    }

    /// No other job begins.
    pub(super) fn close(&mut self) {
        self.closed = true;
    }

    pub(super) fn is_closed(&self) -> bool {
        self.closed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(queue: &mut Queue<()>) -> Vec<String> {
        std::iter::from_fn(|| queue.next()).map(|(id, ())| id).collect()
    }

    #[test]
    fn jobs_come_out_in_the_order_in_which_they_came_without_those_that_were_cancelled() {
        let mut queue = Queue::default();
        for id in ["a", "b", "c"] {
            queue.push(id.to_owned(), ());
        }
        queue.remove("b");
        queue.remove("unknown");
        assert_eq!(ids(&mut queue), ["a", "c"]);
    }

    #[test]
    fn one_worker_is_started_and_another_once_it_has_ended() {
        let mut queue = Queue::default();
        assert!(queue.push("a".to_owned(), ()));
        assert!(!queue.push("b".to_owned(), ()), "a worker is there");
        assert_eq!(queue.next().map(|(id, ())| id).as_deref(), Some("a"));
        assert!(!queue.push("c".to_owned(), ()), "it is still at work");
        assert_eq!(ids(&mut queue), ["b", "c"]);
        assert!(queue.push("d".to_owned(), ()), "it has ended");
    }

    #[test]
    fn a_full_or_closed_queue_takes_no_job_and_a_closed_one_gives_none() {
        let mut queue = Queue::default();
        for i in 0..MOST_WAITING {
            assert_eq!(queue.has_capacity(), Ok(()));
            queue.push(i.to_string(), ());
        }
        assert_eq!(queue.has_capacity(), Err(Full));
        queue.next();
        assert_eq!(queue.has_capacity(), Ok(()));
        queue.close();
        assert_eq!(queue.has_capacity(), Err(Full));
        assert_eq!(queue.next(), None);
    }
}
