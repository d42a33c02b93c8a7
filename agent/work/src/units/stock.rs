//! What is on the disk: programs and small bundles, inputs, outputs.

use smart_agent_tasks::{Hash, TaskKey};
use smartchain_share::{Folder, Shelf};
use smartchain_transfer::server::Reading;
use std::{
	fs::{self, File},
	io::{self, ErrorKind, Write},
	path::{Path, PathBuf},
	sync::Arc,
};

/// The folders within that of the configuration.
const OUTPUTS: &str = "outputs";
const SHARED: &str = "shared";
const INPUTS: &str = "inputs";

/// The stock. Clones are the same.
#[derive(Clone, Debug)]
pub(crate) struct Stock {
	/// Outputs, as long as their jobs matter.
	outputs: Folder,
	/// Programs, and bundles that are small enough to be there as a whole.
	shared: Folder,
	/// Inputs of units that are to be run.
	inputs: PathBuf,
}

impl Stock {
	/// At this path. Inputs of a program before this one are gone: nobody knows whether they are whole.
	pub fn open(path: &Path) -> io::Result<Self> {
		let inputs = path.join(INPUTS);
		if inputs.exists() {
			fs::remove_dir_all(&inputs)?;
		}
		fs::create_dir_all(&inputs)?;
		Ok(Self {
			outputs: Folder::open(&path.join(OUTPUTS))?,
			shared: Folder::open(&path.join(SHARED))?,
			inputs,
		})
	}

	/// The roots of all outputs.
	pub fn outputs(&self) -> io::Result<Vec<Hash>> {
		self.outputs.all()
	}

	/// Keeps an output: durable afterwards.
	pub fn keep(&self, output: &[u8]) -> io::Result<Hash> {
		self.outputs.put(output)
	}

	pub fn remove(&self, root: &Hash) -> io::Result<()> {
		self.outputs.remove(root)
	}

	/// A program, or a whole bundle.
	pub fn shared(&self, root: &Hash, most: u64) -> io::Result<Option<Vec<u8>>> {
		self.shared.get(root, most)
	}

	pub fn share(&self, bytes: &[u8]) -> io::Result<Hash> {
		self.shared.put(bytes)
	}

	/// Keeps those alone of what is shared that some job still needs.
	pub fn retain(&self, needed: &[Hash]) -> io::Result<()> {
		for root in self.shared.all()? {
			if !needed.contains(&root) {
				self.shared.remove(&root)?;
			}
		}
		Ok(())
	}

	fn input_path(&self, key: &TaskKey) -> PathBuf {
		let of: String = key.of.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
		self.inputs.join(format!("{}-{}-{}-{of}", key.job, key.unit, key.since))
	}

	/// Keeps an input as long as this program runs.
	pub fn keep_input(&self, key: &TaskKey, bytes: &[u8]) -> io::Result<()> {
		File::create(self.input_path(key))?.write_all(bytes)
	}

	/// The input of a task.
	pub fn input(&self, key: &TaskKey) -> io::Result<Vec<u8>> {
		fs::read(self.input_path(key))
	}

	pub fn release(&self, key: &TaskKey) {
		match fs::remove_file(self.input_path(key)) {
			Err(error) if error.kind() != ErrorKind::NotFound => {
				tracing::warn!(target: crate::LOG_TARGET, "The input of unit {key} cannot be removed: {error}");
			}
			_ => (),
		}
	}
}

impl Shelf for Stock {
	fn find(&self, root: &Hash) -> io::Result<Option<Arc<dyn Reading>>> {
		match self.outputs.find(root)? {
			Some(found) => Ok(Some(found)),
			None => self.shared.find(root),
		}
	}
}
