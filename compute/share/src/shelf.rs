//! What is there, by root.

use smartchain_bundle::Memory;
use smartchain_transfer::server::Reading;
use std::{
	collections::BTreeMap,
	io,
	sync::{Arc, PoisonError, RwLock},
};
use storage_proof_primitives::Hash;

/// Whatever has bytes by their roots.
pub trait Shelf: Send + Sync + 'static {
	/// What a root is of; none if it is not there.
	///
	/// # Errors
	/// The disk's.
	fn find(&self, root: &Hash) -> io::Result<Option<Arc<dyn Reading>>>;
}

/// What somebody has at hand: in memory, or in files that are open. Clones are the same.
#[derive(Clone, Default)]
pub struct Stock(Arc<RwLock<BTreeMap<Hash, Arc<dyn Reading>>>>);

impl Stock {
	/// Puts bytes there; under which root.
	///
	/// # Errors
	/// None that memory has.
	pub fn put(&self, bytes: Vec<u8>) -> io::Result<Hash> {
		let memory = Memory::new(bytes)?;
		let root = memory.contents().root;
		self.insert(root, Arc::new(memory));
		Ok(root)
	}

	/// Puts something there of which the root is known.
	pub fn insert(&self, root: Hash, what: Arc<dyn Reading>) {
		self.0
			.write()
			.unwrap_or_else(PoisonError::into_inner)
			.insert(root, what);
	}
}

impl Shelf for Stock {
	fn find(&self, root: &Hash) -> io::Result<Option<Arc<dyn Reading>>> {
		Ok(self.0.read().unwrap_or_else(PoisonError::into_inner).get(root).cloned())
	}
}
