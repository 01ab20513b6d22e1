//! Cancellation of work that nobody waits for any more. Long loops call [`check`]; where the work was cancelled, it unwinds
//! from there, so that no half-made result is returned, kept or taken for a whole one.

use std::cell::RefCell;
use std::cmp::Ordering as Order;
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use thiserror::Error;

/// Threads that one piece of work is divided among at most.
const MOST_THREADS: usize = 8;
/// Steps of a [`Pace`] between two looks: less than a millisecond.
const PACE: usize = 1 << 13;

/// The work was cancelled before it had a result.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[error("the work was cancelled")]
pub struct Cancelled;

/// Cancels a piece of work from another thread. Clones are of the same work.
#[derive(Clone, Debug, Default)]
pub struct Cancel(Arc<State>);

#[derive(Debug)]
struct State {
    cancelled: AtomicBool,
    checks: AtomicU64,
    /// The check at which the work cancels itself.
    at: u64,
    /// Threads that it is divided among; by the cores where left out.
    threads: Option<usize>,
    /// The most steps that a thread took between two checks.
    #[cfg(test)]
    most: AtomicU64,
}

impl Default for State {
    fn default() -> Self {
        Self {
            cancelled: AtomicBool::new(false),
            checks: AtomicU64::new(0),
            at: u64::MAX,
            threads: None,
            #[cfg(test)]
            most: AtomicU64::new(0),
        }
    }
}

/// Counts steps of work, of which a computer does a hundred thousand in a millisecond or so. Unit tests hold them against the looks
/// between them (`Cancel::most_steps`); the program does not count.
#[inline]
pub fn steps(number: usize) {
    #[cfg(test)]
    STEPS.set(STEPS.get() + number as u64);
    #[cfg(not(test))]
    let _ = number;
}

#[cfg(test)]
thread_local! {
    /// Steps of this thread since it looked last.
    static STEPS: std::cell::Cell<u64> = const { std::cell::Cell::new(0) };
}

thread_local! {
    /// What this thread works for; none: the work can't be cancelled.
    static CURRENT: RefCell<Option<Cancel>> = const { RefCell::new(None) };
}

impl Cancel {
    /// Work that ends at its `check`-th check, counted from 1: tests see where it stops without a clock.
    pub fn at(check: u64) -> Self {
        Self(Arc::new(State { at: check, ..State::default() }))
    }

    /// Work that is divided among so many threads, whichever cores there are: tests see that its result does not hang on them.
    pub fn on_threads(threads: usize) -> Self {
        Self(Arc::new(State { threads: Some(threads), ..State::default() }))
    }

    /// The work ends at its next check, or does not begin.
    pub fn cancel(&self) {
        self.0.cancelled.store(true, Ordering::Relaxed);
    }

    /// Whether it was cancelled.
    pub fn is_cancelled(&self) -> bool {
        self.0.cancelled.load(Ordering::Relaxed)
    }

    /// How often the work has looked whether it was cancelled.
    pub fn checks(&self) -> u64 {
        self.0.checks.load(Ordering::Relaxed)
    }

    /// Does the work on this thread unless it is cancelled first.
    pub fn run<T>(&self, work: impl FnOnce() -> T) -> Result<T, Cancelled> {
        if self.is_cancelled() {
            return Err(Cancelled);
        }
        let _scope = Scope(CURRENT.replace(Some(self.clone())));
        // steps of other work on this thread are not its own
        #[cfg(test)]
        STEPS.set(0);
        // what the work leaves behind is dropped by the unwinding; what it shares with others is set once or not at all
        catch_unwind(AssertUnwindSafe(work)).map_err(|panic| match panic.downcast::<Cancelled>() {
            Ok(cancelled) => *cancelled,
            Err(panic) => resume_unwind(panic),
        })
    }

    /// The most steps that any of its threads has taken between two looks.
    #[cfg(test)]
    pub(crate) fn most_steps(&self) -> u64 {
        self.0.most.load(Ordering::Relaxed)
    }

    fn check(&self) -> bool {
        #[cfg(test)]
        self.0.most.fetch_max(STEPS.take(), Ordering::Relaxed);
        let checks = self.0.checks.fetch_add(1, Ordering::Relaxed) + 1;
        if checks >= self.0.at {
            self.cancel();
        }
        self.is_cancelled()
    }
}

/// Sets back what the thread worked for before.
struct Scope(Option<Cancel>);

impl Drop for Scope {
    fn drop(&mut self) {
        CURRENT.set(self.0.take());
    }
}

/// Ends the work of this thread where it was cancelled. Called by loops whose length follows from data or a question, often
/// enough that a millisecond or so lies between two calls. No panic: the hook for panics is not called.
#[inline]
pub fn check() {
    if is_cancelled() {
        resume_unwind(Box::new(Cancelled));
    }
}

/// An order for a long sort, which looks now and then whether the work was cancelled: to sort a million rows takes a tenth of a second.
/// A sort that ends there leaves its elements in some order, none twice and none lost.
pub fn ordered<T>(mut order: impl FnMut(&T, &T) -> Order) -> impl FnMut(&T, &T) -> Order {
    let mut pace = Pace::default();
    move |a, b| {
        pace.step(1);
        order(a, b)
    }
}

/// Looks whether the work was cancelled once in so many steps of a loop whose single steps are too short for a look each.
#[derive(Debug, Default)]
pub struct Pace(usize);

impl Pace {
    /// So many steps more.
    #[inline]
    pub fn step(&mut self, number: usize) {
        steps(number);
        self.0 += number;
        if self.0 >= PACE {
            self.0 = 0;
            check();
        }
    }
}

/// Does two parts of this thread's work at once, the second on a thread of its own; both end where the work is cancelled.
pub fn both<A, B: Send>(first: impl FnOnce() -> A, second: impl FnOnce() -> B + Send) -> (A, B) {
    let current = CURRENT.with_borrow(Clone::clone);
    std::thread::scope(|scope| {
        let second = scope.spawn(|| {
            let _scope = Scope(CURRENT.replace(current));
            second()
        });
        let first = first();
        (first, second.join().unwrap_or_else(|panic| resume_unwind(panic)))
    })
}

/// Does equal pieces of this thread's work on all cores: `work` gets the numbers of a piece, at most `piece` of `length`, and the results
/// come in the order of the pieces, whichever thread made them. All end where the work is cancelled.
pub fn pieces<T: Send>(length: usize, piece: usize, work: impl Fn(Range<usize>) -> T + Sync) -> Vec<T> {
    let current = CURRENT.with_borrow(Clone::clone);
    let number = length.div_ceil(piece);
    let next = AtomicUsize::new(0);
    let take = || {
        let mut done = Vec::new();
        loop {
            let place = next.fetch_add(1, Ordering::Relaxed);
            if place >= number {
                return done;
            }
            check();
            done.push((place, work(place * piece..((place + 1) * piece).min(length))));
        }
    };
    let cores = || std::thread::available_parallelism().map_or(1, usize::from).min(MOST_THREADS);
    let threads = current.as_ref().and_then(|current| current.0.threads).unwrap_or_else(cores);
    let helpers = threads.min(number).saturating_sub(1);
    let mut done = std::thread::scope(|scope| {
        let begin = |_| {
            let current = current.clone();
            scope.spawn(|| {
                let _scope = Scope(CURRENT.replace(current));
                take()
            })
        };
        let helpers: Vec<_> = (0..helpers).map(begin).collect();
        let mut done = take();
        for helper in helpers {
            done.extend(helper.join().unwrap_or_else(|panic| resume_unwind(panic)));
        }
        done
    });
    done.sort_unstable_by_key(|(place, _)| *place);
    done.into_iter().map(|(_, result)| result).collect()
}

/// Runs a library that panics on damaged bytes; none where it does. A cancellation goes on to whoever runs the work.
pub fn guarded<T>(work: impl FnOnce() -> T) -> Option<T> {
    match catch_unwind(AssertUnwindSafe(work)) {
        Ok(done) => Some(done),
        Err(panic) if panic.is::<Cancelled>() => resume_unwind(panic),
        Err(_) => None,
    }
}

/// Whether the work of this thread was cancelled: for loops that have to put something in order before they end.
pub fn is_cancelled() -> bool {
    CURRENT.with_borrow(|current| current.as_ref().is_some_and(Cancel::check))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_ends_at_the_check_after_it_was_cancelled() {
        let cancel = Cancel::default();
        let mut steps = 0;
        let done = cancel.run(|| {
            for step in 0..100 {
                check();
                steps = step;
                if step == 7 {
                    cancel.cancel();
                }
            }
        });
        assert_eq!((done, steps, cancel.checks()), (Err(Cancelled), 7, 9));
        assert_eq!(cancel.run(|| 1), Err(Cancelled), "what was cancelled does not begin");
        let at = Cancel::at(3);
        assert_eq!((at.run(|| (0..9).for_each(|_| check())), at.checks()), (Err(Cancelled), 3));
    }

    #[test]
    fn work_without_a_scope_runs_on_and_scopes_are_nested() {
        check();
        let (outer, inner) = (Cancel::default(), Cancel::default());
        let done = outer.run(|| {
            inner.cancel();
            assert_eq!(inner.run(check), Err(Cancelled));
            check();
            assert_eq!(Cancel::default().run(|| inner.run(check)), Ok(Err(Cancelled)));
            outer.checks()
        });
        assert_eq!(done, Ok(1), "the work outside goes on");
        check();
    }

    #[test]
    fn pieces_come_in_order_and_end_where_the_work_is_cancelled() {
        let sums = pieces(1000, 7, |numbers| (numbers.start, numbers.sum::<usize>()));
        assert_eq!((sums.len(), sums.iter().map(|(_, sum)| sum).sum::<usize>()), (143, 499_500));
        assert!(sums.is_sorted_by_key(|(start, _)| *start));
        assert_eq!(pieces(0, 7, |numbers| numbers.len()), Vec::<usize>::new());
        for at in [1, 5, 90] {
            let cancel = Cancel::at(at);
            assert_eq!(cancel.run(|| pieces(1000, 7, |numbers| numbers.for_each(|_| check()))), Err(Cancelled));
            // those at the same time see it at their next look
            assert!(cancel.checks() < at + 9, "{at}: {}", cancel.checks());
        }
    }

    #[test]
    fn a_sort_ends_where_it_is_cancelled() {
        let mixed: Vec<u32> = (0..100_000).map(|i: u32| i.wrapping_mul(2_654_435_761)).collect();
        let whole = Cancel::default();
        let mut sorted = mixed.clone();
        whole.run(|| sorted.sort_unstable_by(ordered(u32::cmp))).unwrap();
        assert!(sorted.is_sorted() && whole.checks() > 50, "{}", whole.checks());
        assert!(whole.most_steps() <= PACE as u64, "{}", whole.most_steps());
        let cancel = Cancel::at(3);
        let mut left = mixed.clone();
        assert_eq!(cancel.run(|| left.sort_by(ordered(u32::cmp))), Err(Cancelled));
        left.sort_unstable();
        assert_eq!((left, cancel.checks()), (sorted, 3));
    }

    #[test]
    fn a_guard_takes_panics_and_lets_cancellations_through() {
        assert_eq!((guarded(|| 1), guarded(|| -> u8 { panic!("damaged") })), (Some(1), None));
        let after = Cancel::at(1).run(|| (guarded(check), "not reached"));
        assert_eq!(after, Err(Cancelled));
    }

    #[test]
    #[should_panic(expected = "a fault")]
    fn a_panic_is_no_cancellation() {
        let _ = Cancel::default().run(|| panic!("a fault"));
    }
}
