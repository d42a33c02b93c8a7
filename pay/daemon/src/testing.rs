//! For tests: a daemon that ends at a commit.

use std::sync::{
	atomic::{AtomicU64, Ordering},
	Arc,
};

/// After how many more commits a daemon ends, before anything is done of the last one. What it has begun otherwise is
/// as if its process were killed there.
#[derive(Clone, Debug, Default)]
pub struct Dies(Arc<AtomicU64>);

impl Dies {
	/// Chooses; 0 is never.
	pub fn after(&self, commits: u64) {
		self.0.store(commits, Ordering::SeqCst);
	}

	/// A commit is there: whether it was the last one.
	pub(crate) fn now(&self) -> bool {
		let left = |left: u64| left.checked_sub(1);
		self.0.fetch_update(Ordering::SeqCst, Ordering::SeqCst, left) == Ok(1)
	}
}
