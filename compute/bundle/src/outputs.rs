//! Outputs of a job: each compared with the root that was agreed on, kept in a folder, joined in the order of units.

use crate::source::{Source, SourceError};
use std::{
	fs::{self, File},
	io::{self, ErrorKind, Read, Write},
	path::{Path, PathBuf},
};
use storage_proof_primitives::Hash;

/// The most bytes of a unit's output.
pub const MAX_OUTPUT: u64 = compute_market_primitives::MAX_OUTPUT_BYTES as u64;

/// Why an output is not kept or joined.
#[derive(Debug, thiserror::Error)]
pub enum OutputError {
	/// The job has no such unit, or no result of it.
	#[error("the job has no result of unit {0}")]
	NoResult(u32),
	/// The output is another one.
	#[error("the output of unit {0} is not the one that was agreed on; fetch it from another worker")]
	Another(u32),
	/// It is longer than an output may be.
	#[error("the output of unit {0} is longer than {MAX_OUTPUT} bytes; fetch it from another worker")]
	TooLong(u32),
	/// It is not there yet, or was damaged.
	#[error("the output of unit {0} is missing; fetch it first")]
	Missing(u32),
	/// It does not come.
	#[error(transparent)]
	Source(#[from] SourceError),
	/// The disk fails.
	#[error("{path}: {error}")]
	Disk {
		/// Where.
		path: String,
		/// How.
		error: io::Error,
	},
}

/// What was joined.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Joined {
	/// Bytes of all outputs together.
	pub bytes: u64,
	/// The BLAKE3 hash of these.
	pub root: Hash,
}

/// Reads all of a source, and compares all of it with its root: also if there is nothing.
///
/// # Errors
/// [`OutputError`], for the unit of this number.
pub fn whole(unit: u32, source: &mut impl Source) -> Result<Vec<u8>, OutputError> {
	let contents = source.contents();
	if contents.bytes > MAX_OUTPUT {
		return Err(OutputError::TooLong(unit));
	}
	let mut bytes = vec![0; contents.bytes as usize];
	source.read(0, &mut bytes)?;
	match blake3::hash(&bytes) == contents.root {
		true => Ok(bytes),
		false => Err(OutputError::Another(unit)),
	}
}

/// The folder of a job's outputs. One program at a time uses it.
pub struct Outputs {
	folder: PathBuf,
	roots: Vec<Option<Hash>>,
}

impl Outputs {
	/// In this folder, which is made if it is missing. `roots`: what was agreed on, by unit; `None` where nothing was.
	///
	/// # Errors
	/// [`OutputError::Disk`].
	pub fn open(folder: &Path, roots: Vec<Option<Hash>>) -> Result<Self, OutputError> {
		fs::create_dir_all(folder).map_err(|error| disk(folder, error))?;
		Ok(Self {
			folder: folder.to_owned(),
			roots,
		})
	}

	fn root(&self, unit: u32) -> Result<Hash, OutputError> {
		let root = self.roots.get(unit as usize).copied().flatten();
		root.ok_or(OutputError::NoResult(unit))
	}

	/// Where the output of a unit lies.
	pub fn path(&self, unit: u32) -> PathBuf {
		self.folder.join(format!("{unit:04}.out"))
	}

	/// Keeps an output. It is durable afterwards, and there as a whole or not at all.
	///
	/// # Errors
	/// [`OutputError`].
	pub fn put(&self, unit: u32, bytes: &[u8]) -> Result<(), OutputError> {
		let root = self.root(unit)?;
		if bytes.len() as u64 > MAX_OUTPUT {
			return Err(OutputError::TooLong(unit));
		}
		if blake3::hash(bytes) != root {
			return Err(OutputError::Another(unit));
		}
		let (path, part) = (self.path(unit), self.folder.join(format!("{unit:04}.part")));
		let written = File::create(&part).and_then(|mut file| {
			file.write_all(bytes)?;
			file.sync_all()
		});
		written.map_err(|error| disk(&part, error))?;
		fs::rename(&part, &path).map_err(|error| disk(&path, error))?;
		// A name that is not durable is a file that is fetched once more: the folder is synced all the same.
		let folder = File::open(&self.folder).and_then(|folder| folder.sync_all());
		folder.map_err(|error| disk(&self.folder, error))
	}

	/// The output of a unit, if it is there and the one that was agreed on.
	///
	/// # Errors
	/// [`OutputError`].
	pub fn get(&self, unit: u32) -> Result<Option<Vec<u8>>, OutputError> {
		let (root, path) = (self.root(unit)?, self.path(unit));
		let file = match File::open(&path) {
			Ok(file) => file,
			Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
			Err(error) => return Err(disk(&path, error)),
		};
		let mut bytes = Vec::new();
		let read = file.take(MAX_OUTPUT + 1).read_to_end(&mut bytes);
		read.map_err(|error| disk(&path, error))?;
		let right = bytes.len() as u64 <= MAX_OUTPUT && blake3::hash(&bytes) == root;
		Ok(right.then_some(bytes))
	}

	/// The units whose outputs were agreed on and are not there: what is still to be fetched. All that is there is read
	/// and compared.
	///
	/// # Errors
	/// [`OutputError::Disk`].
	pub fn missing(&self) -> Result<Vec<u32>, OutputError> {
		let mut missing = Vec::new();
		for (unit, root) in (0..).zip(&self.roots) {
			if root.is_some() && self.get(unit)?.is_none() {
				missing.push(unit);
			}
		}
		Ok(missing)
	}

	/// Writes all outputs one behind the other, in the order of their units. One is held at a time.
	///
	/// # Errors
	/// [`OutputError`], also for the first unit without a result. What was written before is right, and not all.
	pub fn join(&self, out: &mut impl Write) -> Result<Joined, OutputError> {
		let (mut hasher, mut bytes) = (blake3::Hasher::new(), 0);
		for unit in (0..).take(self.roots.len()) {
			let output = self.get(unit)?.ok_or(OutputError::Missing(unit))?;
			out.write_all(&output).map_err(|error| disk(&self.folder, error))?;
			hasher.update(&output);
			bytes += output.len() as u64;
		}
		out.flush().map_err(|error| disk(&self.folder, error))?;
		Ok(Joined {
			bytes,
			root: hasher.finalize().into(),
		})
	}
}

fn disk(path: &Path, error: io::Error) -> OutputError {
	OutputError::Disk {
		path: path.display().to_string(),
		error,
	}
}
