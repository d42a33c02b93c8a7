//! A folder that what was stored comes back into.

use super::Sink;
use crate::manifest::{Entry, Kind};
use std::{
	ffi::{OsStr, OsString},
	fs::{self, File, OpenOptions, Permissions},
	io::{self, ErrorKind},
	os::unix::{
		ffi::{OsStrExt, OsStringExt},
		fs::{symlink, FileExt, OpenOptionsExt, PermissionsExt},
	},
	path::{Path, PathBuf},
	time::{Duration, SystemTime, UNIX_EPOCH},
};

/// Bits of a mode that are restored: a file of somebody else is never set to run as its owner.
const MODE: u32 = 0o777;
/// What a folder is while something comes into it.
const OPEN: u32 = 0o700;
/// What a file is before it is whole: its owner's alone, whoever may read it then.
const PART: u32 = 0o600;

/// A folder that entries come back into. A file is written as `.smart-part-` and a number that is of the
/// folder, at its top, and is renamed once it is whole; folders get their mode and time when they are left.
pub struct RestoreFolder {
	root: PathBuf,
	/// The name of a file that is not whole.
	part: OsString,
	handle: File,
	/// Folders that are to be left: paths, modes, times.
	folders: Vec<(Vec<u8>, u32, SystemTime)>,
	current: Option<File>,
	target: Vec<u8>,
	/// The last parent that was found to be a folder indeed.
	checked: Option<Vec<u8>>,
}

impl RestoreFolder {
	/// Makes the folder, or opens an empty one. One that has something in it is taken only to go on where a program
	/// ended.
	///
	/// Errors: of the file system; [`ErrorKind::AlreadyExists`] if it has something in it.
	pub fn create(path: &Path, resumes: bool) -> io::Result<Self> {
		fs::create_dir_all(path)?;
		if !resumes && fs::read_dir(path)?.next().is_some() {
			let why = format!("{} is not empty; name an empty folder or a new one", path.display());
			return Err(io::Error::new(ErrorKind::AlreadyExists, why));
		}
		let root = path.canonicalize()?;
		let number = blake3::hash(root.as_os_str().as_bytes()).to_hex();
		Ok(Self {
			part: format!(".smart-part-{}", &number[..8]).into(),
			handle: File::open(&root)?,
			root,
			folders: Vec::new(),
			current: None,
			target: Vec::new(),
			checked: None,
		})
	}

	fn place(&self, path: &[u8]) -> PathBuf {
		self.root.join(OsStr::from_bytes(path))
	}

	/// The file that is not whole. Links that somebody put in its place are not followed.
	fn open_part(&self) -> io::Result<File> {
		let path = self.root.join(&self.part);
		match fs::symlink_metadata(&path) {
			// One that was whole and had no name yet may be read-only.
			Ok(found) if found.is_file() => fs::set_permissions(&path, Permissions::from_mode(PART))?,
			Ok(_) => {
				let why = format!("{} is no file; remove it", path.display());
				return Err(io::Error::new(ErrorKind::InvalidInput, why));
			}
			Err(error) if error.kind() == ErrorKind::NotFound => (),
			Err(error) => return Err(error),
		}
		let mut options = OpenOptions::new();
		options.read(true).write(true).create(true).truncate(false).mode(PART);
		options
			.custom_flags(rustix::fs::OFlags::NOFOLLOW.bits() as i32)
			.open(path)
	}

	/// Refuses to write through a link that somebody else put there.
	fn check_parents(&mut self, path: &[u8]) -> io::Result<()> {
		let Some(end) = path.iter().rposition(|byte| *byte == b'/') else {
			return Ok(());
		};
		let parent = &path[..end];
		if self.checked.as_deref() == Some(parent) {
			return Ok(());
		}
		let ends = (0..=end).filter(|i| path[*i] == b'/');
		for end in ends {
			let place = self.place(&path[..end]);
			if !fs::symlink_metadata(&place)?.is_dir() {
				let why = format!("{} is no folder; restore into an empty one", place.display());
				return Err(io::Error::new(ErrorKind::NotADirectory, why));
			}
		}
		self.checked = Some(parent.to_vec());
		Ok(())
	}

	/// Ends the folders that `path` does not lie in.
	fn leave(&mut self, path: Option<&[u8]>) -> io::Result<()> {
		while let Some((folder, mode, time)) = self.folders.last() {
			let inside = |path: &[u8]| path.starts_with(folder) && path.get(folder.len()) == Some(&b'/');
			if path.is_some_and(inside) {
				break;
			}
			let place = self.place(folder);
			File::open(&place)?.set_modified(*time)?;
			fs::set_permissions(&place, Permissions::from_mode(*mode))?;
			self.folders.pop();
		}
		Ok(())
	}
}

fn time(entry: &Entry) -> SystemTime {
	let whole = Duration::from_secs(entry.seconds.unsigned_abs());
	let second = if entry.seconds < 0 {
		UNIX_EPOCH.checked_sub(whole)
	} else {
		UNIX_EPOCH.checked_add(whole)
	};
	second
		.and_then(|second| second.checked_add(Duration::from_nanos(entry.nanos.into())))
		.unwrap_or(UNIX_EPOCH)
}

fn none() -> io::Error {
	io::Error::new(ErrorKind::InvalidInput, "no file was begun")
}

impl Sink for RestoreFolder {
	fn begin(&mut self, entry: &Entry, have: u64) -> io::Result<u64> {
		if entry.path == self.part.as_bytes() {
			let why = "a file of this name is what restoring writes itself; restore into another folder";
			return Err(io::Error::new(ErrorKind::InvalidInput, why));
		}
		self.leave(Some(&entry.path))?;
		self.check_parents(&entry.path)?;
		let place = self.place(&entry.path);
		match entry.kind {
			Kind::Folder => {
				match fs::create_dir(&place) {
					Err(error) if error.kind() == ErrorKind::AlreadyExists => {
						if !fs::symlink_metadata(&place)?.is_dir() {
							return Err(error);
						}
					}
					made => made?,
				}
				fs::set_permissions(&place, Permissions::from_mode(OPEN))?;
				self.folders.push((entry.path.clone(), entry.mode & MODE, time(entry)));
				Ok(0)
			}
			Kind::Link => {
				self.target.clear();
				Ok(0)
			}
			Kind::File => {
				let file = self.open_part()?;
				let kept = have.min(file.metadata()?.len());
				file.set_len(kept)?;
				self.current = Some(file);
				Ok(kept)
			}
		}
	}

	fn read_back(&mut self, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
		self.current.as_ref().ok_or_else(none)?.read_exact_at(buffer, offset)
	}

	fn write(&mut self, offset: u64, bytes: &[u8]) -> io::Result<()> {
		match &self.current {
			Some(file) => file.write_all_at(bytes, offset),
			None => {
				self.target.extend_from_slice(bytes);
				Ok(())
			}
		}
	}

	fn finish(&mut self, entry: &Entry) -> io::Result<()> {
		let place = self.place(&entry.path);
		match entry.kind {
			Kind::Folder => Ok(()),
			Kind::Link => {
				if fs::symlink_metadata(&place).is_ok_and(|found| found.is_symlink()) {
					fs::remove_file(&place)?;
				}
				symlink(OsString::from_vec(std::mem::take(&mut self.target)), place)
			}
			Kind::File => {
				let file = self.current.take().ok_or_else(none)?;
				file.set_modified(time(entry))?;
				file.set_permissions(Permissions::from_mode(entry.mode & MODE))?;
				fs::rename(self.root.join(&self.part), place)
			}
		}
	}

	fn sync(&mut self) -> io::Result<()> {
		// One call for thousands of small files.
		Ok(rustix::fs::syncfs(&self.handle)?)
	}

	fn end(&mut self) -> io::Result<()> {
		self.leave(None)
	}
}
