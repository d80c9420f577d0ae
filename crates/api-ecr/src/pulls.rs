//! How often images are pulled, counted until whoever measures it takes the counts.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Region and name of a repository.
pub type OfRepository = (String, String);

/// Clones count together.
#[derive(Clone, Debug, Default)]
pub struct Pulls(Arc<Mutex<HashMap<OfRepository, u64>>>);

impl Pulls {
    /// Counts one pull of an image of the repository.
    pub fn note(&self, region: &str, repository: &str) {
        *self.counts().entry((region.to_owned(), repository.to_owned())).or_default() += 1;
    }

    /// The pulls since the last time.
    pub fn take(&self) -> HashMap<OfRepository, u64> {
        std::mem::take(&mut *self.counts())
    }

    fn counts(&self) -> MutexGuard<'_, HashMap<OfRepository, u64>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
