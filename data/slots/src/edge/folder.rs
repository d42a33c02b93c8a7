//! A folder, a file, or a stream as what is to be stored.

use super::Source;
use crate::{
	manifest::{Kind, Meta},
	Error,
};
use rustix::fs::{access, Access, OFlags};
use std::{
	ffi::{OsStr, OsString},
	fs::{self, File, OpenOptions},
	io::{self, Read},
	os::unix::{
		ffi::{OsStrExt, OsStringExt},
		fs::{MetadataExt, OpenOptionsExt},
	},
	path::{Path, PathBuf},
	vec::IntoIter,
};

/// Bytes that names of files take at once: those of a folder are sorted in memory, and of each folder above it.
pub const MAX_NAMES: usize = 32 << 20;
/// Bytes of a name in memory beside its own.
const NAME: usize = 48;

/// A folder with all that is in it, or one file. What is neither file, folder nor link is passed over and counted;
/// links are stored as such and never followed.
pub struct Folder {
	root: PathBuf,
	levels: Vec<Level>,
	/// Bytes of names that are held.
	held: usize,
	current: Current,
	skipped: u64,
}

/// A folder on the way to where the walk is.
struct Level {
	path: Vec<u8>,
	names: IntoIter<OsString>,
	bytes: usize,
}

/// What `read` reads.
enum Current {
	Nothing,
	/// It is opened with the first read, so that looking at a folder opens nothing.
	Unopened(PathBuf),
	File(File),
	Link(io::Cursor<Vec<u8>>),
}

impl Folder {
	/// Begins at a folder or file.
	///
	/// Errors: it is not there, or cannot be read.
	pub fn open(path: &Path) -> Result<Self, Error> {
		let failed = |source| Error::io(format!("read {}", path.display()), source);
		let full = path.canonicalize().map_err(failed)?;
		let mut folder = Self {
			root: full.clone(),
			levels: Vec::new(),
			held: 0,
			current: Current::Nothing,
			skipped: 0,
		};
		if full.is_dir() {
			folder.enter(Vec::new())?;
		} else if let (Some(parent), Some(name)) = (full.parent(), full.file_name()) {
			folder.root = parent.to_owned();
			folder.push(Vec::new(), vec![name.to_owned()])?;
		}
		Ok(folder)
	}

	/// How many entries were passed over, for they are neither file, folder nor link.
	pub fn skipped(&self) -> u64 {
		self.skipped
	}

	fn place(&self, path: &[u8]) -> PathBuf {
		self.root.join(OsStr::from_bytes(path))
	}

	fn push(&mut self, path: Vec<u8>, mut names: Vec<OsString>) -> Result<(), Error> {
		let bytes = names.iter().map(|name| name.len() + NAME).sum();
		self.held += bytes;
		self.check_names()?;
		names.sort_unstable();
		self.levels.push(Level {
			path,
			names: names.into_iter(),
			bytes,
		});
		Ok(())
	}

	fn check_names(&self) -> Result<(), Error> {
		if self.held > MAX_NAMES {
			return Err(Error::TooMany {
				what: "bytes of names in a folder and those above it",
				most: MAX_NAMES as u64,
			});
		}
		Ok(())
	}

	fn enter(&mut self, path: Vec<u8>) -> Result<(), Error> {
		let place = self.place(&path);
		let failed = |source| Error::io(format!("read the folder {}", place.display()), source);
		let (mut names, mut bytes) = (Vec::new(), 0);
		for entry in fs::read_dir(&place).map_err(failed)? {
			let name = entry.map_err(failed)?.file_name();
			bytes += name.len() + NAME;
			if self.held + bytes > MAX_NAMES {
				self.held += bytes;
				break;
			}
			names.push(name);
		}
		self.check_names()?;
		self.push(path, names)
	}

	/// What is known of a name; none if it is passed over.
	fn look(&mut self, path: Vec<u8>) -> Result<Option<Meta>, Error> {
		let place = self.place(&path);
		let failed = |source| Error::io(format!("read {}", place.display()), source);
		let found = fs::symlink_metadata(&place).map_err(failed)?;
		let (kind, size) = if found.is_dir() {
			self.enter(path.clone())?;
			(Kind::Folder, 0)
		} else if found.is_symlink() {
			let target = fs::read_link(&place).map_err(failed)?.into_os_string().into_vec();
			let size = target.len() as u64;
			self.current = Current::Link(io::Cursor::new(target));
			(Kind::Link, size)
		} else if found.is_file() {
			// Better now than when the rest of it is paid for.
			access(&place, Access::READ_OK).map_err(|error| failed(error.into()))?;
			self.current = Current::Unopened(place);
			(Kind::File, found.len())
		} else {
			self.skipped += 1;
			return Ok(None);
		};
		Ok(Some(Meta {
			path,
			kind,
			mode: found.mode() & 0o7777,
			seconds: found.mtime(),
			nanos: u32::try_from(found.mtime_nsec()).unwrap_or(0),
			size: Some(size),
		}))
	}
}

/// Opens what was a file a moment ago. What somebody has put in its place since, a link or a pipe, is neither followed
/// nor waited for.
fn open_file(path: &Path) -> io::Result<File> {
	let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK;
	let mut options = OpenOptions::new();
	let file = options.read(true).custom_flags(flags.bits() as i32).open(path)?;
	if !file.metadata()?.is_file() {
		return Err(io::Error::other("it is a file no more"));
	}
	Ok(file)
}

impl Source for Folder {
	fn entry(&mut self) -> Result<Option<Meta>, Error> {
		self.current = Current::Nothing;
		while let Some(level) = self.levels.last_mut() {
			let Some(name) = level.names.next() else {
				self.held = self.held.saturating_sub(level.bytes);
				self.levels.pop();
				continue;
			};
			let mut path = level.path.clone();
			if !path.is_empty() {
				path.push(b'/');
			}
			path.extend_from_slice(name.as_bytes());
			if let Some(meta) = self.look(path)? {
				return Ok(Some(meta));
			}
		}
		Ok(None)
	}

	fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
		if let Current::Unopened(path) = &self.current {
			self.current = Current::File(open_file(path)?);
		}
		match &mut self.current {
			Current::File(file) => file.read(buffer),
			Current::Link(target) => target.read(buffer),
			Current::Nothing | Current::Unopened(_) => Ok(0),
		}
	}
}

/// One file whose end is not known, such as what another program writes.
pub struct Stream<R> {
	reader: R,
	name: Option<Vec<u8>>,
	seconds: i64,
}

impl<R: Read> Stream<R> {
	/// What `reader` gives, under a name, as of a time in seconds since 1970.
	pub fn new(reader: R, name: &str, seconds: i64) -> Self {
		Self {
			reader,
			name: Some(name.as_bytes().to_vec()),
			seconds,
		}
	}
}

impl<R: Read> Source for Stream<R> {
	fn entry(&mut self) -> Result<Option<Meta>, Error> {
		Ok(self.name.take().map(|path| Meta {
			path,
			kind: Kind::File,
			mode: 0o644,
			seconds: self.seconds,
			nanos: 0,
			size: None,
		}))
	}

	fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
		self.reader.read(buffer)
	}
}
