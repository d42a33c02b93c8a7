//! A folder of bytes by their roots, each durable as a whole or not there.

use crate::{
	http::{digits, root_of},
	shelf::Shelf,
};
use smartchain_bundle::{Kept, Tree};
use smartchain_transfer::server::Reading;
use std::{
	fs::{self, File},
	io::{self, ErrorKind, Read, Write},
	path::{Path, PathBuf},
	sync::{
		atomic::{AtomicU64, Ordering},
		Arc,
	},
};
use storage_proof_primitives::Hash;

/// How the names of files end that are not whole.
const PART: &str = "part";
/// Of the bytes, and of the hashes that prove ranges of them.
const DATA: &str = "data";
const OUTBOARD: &str = "outboard";

/// Files that were begun: threads that put the same bytes there do not take each other's away.
static BEGUN: AtomicU64 = AtomicU64::new(0);

/// The folder. Clones are the same.
#[derive(Clone, Debug)]
pub struct Folder(Arc<PathBuf>);

impl Folder {
	/// One at this path, which is made if it is not there. What was not written to its end is removed.
	///
	/// # Errors
	/// The disk's.
	pub fn open(path: &Path) -> io::Result<Self> {
		fs::create_dir_all(path)?;
		for place in fs::read_dir(path)? {
			let place = place?.path();
			let is_alone = place.extension().is_some_and(|end| end == OUTBOARD) && !place.with_extension(DATA).exists();
			if is_alone || place.extension().is_some_and(|end| end == PART) {
				fs::remove_file(place)?;
			}
		}
		Ok(Self(Arc::new(path.to_owned())))
	}

	fn place(&self, root: &Hash, end: &str) -> PathBuf {
		self.0.join(format!("{}.{end}", digits(root)))
	}

	/// Puts bytes there; under which root. They are durable afterwards, with what proves ranges of them.
	///
	/// # Errors
	/// The disk's.
	pub fn put(&self, bytes: &[u8]) -> io::Result<Hash> {
		let mut tree = Tree::new(bytes.len() as u64, Vec::new());
		tree.update(bytes)?;
		let (contents, outboard) = tree.finish()?;
		let root = contents.root;
		if self.has(&root) {
			return Ok(root);
		}
		// Bytes last: what has them has all.
		self.write(&root, OUTBOARD, &outboard)?;
		self.write(&root, DATA, bytes)?;
		File::open(&*self.0)?.sync_all()?;
		Ok(root)
	}

	fn write(&self, root: &Hash, end: &str, bytes: &[u8]) -> io::Result<()> {
		let number = BEGUN.fetch_add(1, Ordering::Relaxed);
		let part = self.place(root, &format!("{end}.{number}.{PART}"));
		let written = File::create(&part)
			.and_then(|mut file| file.write_all(bytes).and_then(|()| file.sync_all()))
			.and_then(|()| fs::rename(&part, self.place(root, end)));
		written.map_err(|error| io::Error::new(error.kind(), format!("{}: {error}", part.display())))
	}

	/// Whether something is there.
	pub fn has(&self, root: &Hash) -> bool {
		self.place(root, DATA).is_file()
	}

	/// All bytes of something, up to `most`; none if it is not there, or rotten: then it is removed.
	///
	/// # Errors
	/// The disk's.
	pub fn get(&self, root: &Hash, most: u64) -> io::Result<Option<Vec<u8>>> {
		let file = match File::open(self.place(root, DATA)) {
			Ok(file) => file,
			Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
			Err(error) => return Err(error),
		};
		let mut bytes = Vec::new();
		file.take(most.saturating_add(1)).read_to_end(&mut bytes)?;
		if bytes.len() as u64 <= most && blake3::hash(&bytes) == *root {
			return Ok(Some(bytes));
		}
		self.remove(root)?;
		Ok(None)
	}

	/// All that is there.
	///
	/// # Errors
	/// The disk's.
	pub fn all(&self) -> io::Result<Vec<Hash>> {
		let mut found = Vec::new();
		for place in fs::read_dir(&*self.0)? {
			let place = place?.path();
			let is_data = place.extension().is_some_and(|end| end == DATA);
			let root = place.file_stem().and_then(|stem| root_of(stem.to_str()?));
			found.extend(root.filter(|_| is_data));
		}
		Ok(found)
	}

	/// Removes something; that it is not there is no error.
	///
	/// # Errors
	/// The disk's.
	pub fn remove(&self, root: &Hash) -> io::Result<()> {
		for end in [DATA, OUTBOARD] {
			match fs::remove_file(self.place(root, end)) {
				Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
				_ => (),
			}
		}
		Ok(())
	}
}

impl Shelf for Folder {
	fn find(&self, root: &Hash) -> io::Result<Option<Arc<dyn Reading>>> {
		let open = |end: &str| match File::open(self.place(root, end)) {
			Ok(file) => Ok(Some(file)),
			Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
			Err(error) => Err(error),
		};
		let (Some(data), Some(outboard)) = (open(DATA)?, open(OUTBOARD)?) else {
			return Ok(None);
		};
		Ok(Some(Arc::new(Kept::new(data, outboard)?)))
	}
}
