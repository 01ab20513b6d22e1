//! A store for tests: it is in memory, can be away, and says what it was asked.

use super::{Backend, Failure, Object};
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{Read, Seek};
use std::sync::{Arc, Mutex, MutexGuard};

/// A store; clones are the same one.
#[derive(Clone, Debug, Default)]
pub(in super::super) struct Memory(Arc<Mutex<State>>);

#[derive(Debug, Default)]
pub(in super::super) struct State {
    pub objects: BTreeMap<String, (Vec<u8>, i64)>,
    /// Whether it answers nothing.
    pub away: bool,
    /// What the clock of the store shows.
    pub now: i64,
    /// What was done, by name.
    pub done: Vec<String>,
}

impl Memory {
    pub(in super::super) fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap()
    }

    pub(in super::super) fn names(&self) -> Vec<String> {
        self.state().objects.keys().cloned().collect()
    }

    fn asked(&self, what: &str, name: &str) -> Result<MutexGuard<'_, State>, Failure> {
        let mut state = self.state();
        if state.away {
            return Err(Failure::Away("connection refused".to_owned()));
        }
        state.done.push(format!("{what} {name}"));
        Ok(state)
    }
}

impl Backend for Memory {
    fn put(&self, name: &str, file: &mut File, bytes: u64) -> Result<bool, Failure> {
        let mut state = self.asked("put", name)?;
        if state.objects.contains_key(name) {
            return Ok(false);
        }
        let mut content = Vec::new();
        file.rewind().and_then(|()| file.read_to_end(&mut content)).unwrap();
        assert_eq!(content.len() as u64, bytes);
        let now = state.now;
        state.objects.insert(name.to_owned(), (content, now));
        Ok(true)
    }

    fn piece(&self, name: &str, from: u64, length: u64) -> Result<Vec<u8>, Failure> {
        let state = self.asked("get", name)?;
        let (content, _) = state.objects.get(name).ok_or(Failure::Absent)?;
        Ok(content.iter().skip(from as usize).take(length as usize).copied().collect())
    }

    fn list(&self, folder: &str) -> Result<Vec<Object>, Failure> {
        let state = self.asked("list", folder)?;
        let of = state.objects.iter().filter(|(name, _)| name.starts_with(folder));
        Ok(of
            .map(|(name, (content, came))| Object { name: name.clone(), bytes: content.len() as u64, came: *came })
            .collect())
    }

    fn remove(&self, name: &str) -> Result<(), Failure> {
        let mut state = self.asked("remove", name)?;
        state.objects.remove(name);
        Ok(())
    }
}
