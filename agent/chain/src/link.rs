//! Whether the chain is reached.

use crate::types::NodeUrl;
use std::time::SystemTime;

/// Whether a node is reached. Whoever watches sees the latest state: one that lasted a moment may go unseen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LinkState {
	/// One is.
	Connected {
		/// Which.
		url: NodeUrl,
		/// Since when.
		since: SystemTime,
	},
	/// None is. All are tried again, one after the other.
	Lost {
		/// Since when.
		since: SystemTime,
		/// Why.
		why: String,
	},
}

impl LinkState {
	/// Whether a node is reached.
	pub fn is_connected(&self) -> bool {
		matches!(self, Self::Connected { .. })
	}
}
