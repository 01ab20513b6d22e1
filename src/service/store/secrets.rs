//! Secrets of the installation.

use super::database::params;
use super::hex::hex;
use super::{Database, DatabaseError, random};
use crate::core::snapshot::NoiseKey;

impl Database {
    /// What tells this installation from others where their files lie in one place.
    pub(super) fn installation(&self) -> Result<String, DatabaseError> {
        let mut fresh = [0; 16];
        random::fill(&mut fresh);
        let found: Vec<u8> = self.write(|t| {
            let new = "INSERT INTO secrets (name, value) VALUES ('installation', ?1) ON CONFLICT DO NOTHING";
            t.execute(new, params![&fresh[..]])?;
            t.one("SELECT value FROM secrets WHERE name = 'installation'", &[], |row| row.get(0))
        })?;
        Ok(hex(&found))
    }

    /// The secret from which the noise in protected figures follows, made once for the installation: were it another after a
    /// restart, the mean of both noises would be nearer to the figure.
    pub fn noise_key(&self) -> Result<NoiseKey, DatabaseError> {
        let mut fresh = NoiseKey::default();
        random::fill(&mut fresh);
        self.write(|t| {
            let new = "INSERT INTO secrets (name, value) VALUES ('noise', ?1) ON CONFLICT DO NOTHING";
            t.execute(new, params![&fresh[..]])?;
            t.one("SELECT value FROM secrets WHERE name = 'noise'", &[], |row| row.get(0))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_made_once_for_an_installation() {
        let folders = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
        let key = |i: usize| Database::open(folders[i].path()).unwrap().noise_key().unwrap();
        let first = key(0);
        assert_eq!(key(0), first, "the same after a restart");
        assert_ne!(key(1), first, "another elsewhere");
    }
}
