//! What lies in a store's folder, and under which names.
//!
//! ```text
//! store         says that it is one, and of which version
//! lock          held locked by the process that looks into it
//! making.lock   held locked by the process that makes, verifies or deletes
//! rates         how long plots took
//! plots/        containers: k28-s2-g0000000007-i00000-00001.plots has one plot of group 7, from index 0 on
//! tmp/          what is being made; emptied by who holds making.lock
//! proofs/       what is being solved; emptied by who holds lock
//! ```

use super::Owner;
use crate::{
	container::{Header, MAX_PLOTS},
	error::{At, StoreError},
};
use proof_of_space_primitives::pos2;
use rustix::{
	fs::{renameat_with, RenameFlags, CWD},
	io::Errno,
};
use std::{
	fs::{self, File, TryLockError},
	io::{self, Write},
	path::{Path, PathBuf},
	thread,
	time::Duration,
};

/// The file that says that a folder is a store,
const MARK_FILE: &str = "store";
/// and what it says.
const MARK: &str = "SmartChain plots, version 1\n";
/// How a container's name ends.
pub const ENDING: &str = ".plots";

/// What is put behind the name of one that is damaged.
const DAMAGED: &str = ".damaged";

/// Under which name that is made.
const NEW_MARK: &str = "store.new";
/// How often a lock is tried that somebody may only look at,
const TRIES: u32 = 5;
/// and how long after another.
const BETWEEN: Duration = Duration::from_millis(20);

/// The places of a store.
#[derive(Debug)]
pub struct Layout {
	/// The folder itself.
	pub folder: PathBuf,
	/// That of containers.
	pub plots: PathBuf,
	/// That of what is being made.
	pub temporary: PathBuf,
	/// The file of rates.
	pub rates: PathBuf,
	/// That of proofs that are being solved.
	pub proofs: PathBuf,
	/// Locked as long as this is there, by the one that looks.
	_looks: Option<File>,
}

impl Layout {
	/// Makes or takes a folder for the one process that looks into it, and removes what it left when it was killed.
	pub fn open(folder: &Path) -> Result<Self, StoreError> {
		let layout = Self::make(folder)?;
		let lock = lock(&layout.folder.join("lock"))?;
		let looks = lock.ok_or_else(|| StoreError::InUse(layout.folder.clone()))?;
		empty(&layout.proofs)?;
		Ok(Self {
			_looks: Some(looks),
			..layout
		})
	}

	/// Makes or takes a folder, and locks nothing.
	pub fn make(folder: &Path) -> Result<Self, StoreError> {
		// Its parent is not made: where that is missing, most often a disk is.
		match fs::create_dir(folder) {
			Err(error) if error.kind() == io::ErrorKind::AlreadyExists => (),
			Err(error) if error.kind() == io::ErrorKind::NotFound => {
				return Err(StoreError::NoParent(folder.to_owned()));
			}
			made => made.at("make", folder)?,
		}
		// Where it is, whatever the process does with its own folder.
		let layout = Self::at(fs::canonicalize(folder).at("find", folder)?);
		let is_store = layout.is_store();
		if !is_store && holds_others(&layout.folder)? {
			return Err(StoreError::NoStore(layout.folder));
		}
		for folder in [&layout.plots, &layout.temporary, &layout.proofs] {
			fs::create_dir_all(folder).at("make", folder)?;
		}
		if !is_store {
			let (made, mark) = (layout.folder.join(NEW_MARK), layout.folder.join(MARK_FILE));
			let mut file = File::create(&made).at("make", &made)?;
			file.write_all(MARK.as_bytes()).at("write", &made)?;
			file.sync_all().at("write", &made)?;
			match fs::rename(&made, &mark) {
				// Another process was faster.
				Err(_) if layout.is_store() => (),
				renamed => renamed.at("make", &mark)?,
			}
			sync(&layout.folder)?;
		}
		Ok(layout)
	}

	/// Takes a folder as it is, and makes and locks nothing.
	pub fn read(folder: &Path) -> Result<Self, StoreError> {
		let nowhere = || StoreError::Nowhere(folder.to_owned());
		let layout = Self::at(fs::canonicalize(folder).map_err(|_| nowhere())?);
		layout.is_store().then_some(layout).ok_or_else(nowhere)
	}

	fn at(folder: PathBuf) -> Self {
		Self {
			plots: folder.join("plots"),
			temporary: folder.join("tmp"),
			proofs: folder.join("proofs"),
			rates: folder.join("rates"),
			folder,
			_looks: None,
		}
	}

	fn is_store(&self) -> bool {
		fs::read_to_string(self.folder.join(MARK_FILE)).is_ok_and(|text| text == MARK)
	}

	/// The right to make, verify and delete, as long as it is held. What the one before left half made is removed.
	pub fn making(&self) -> Result<File, StoreError> {
		let path = self.folder.join("making.lock");
		for _ in 0..TRIES {
			if let Some(lock) = lock(&path)? {
				empty(&self.temporary)?;
				return Ok(lock);
			}
			// Somebody may only have asked whether it is held.
			thread::sleep(BETWEEN);
		}
		Err(StoreError::Making(self.folder.clone()))
	}

	/// Whether somebody makes, verifies or deletes.
	pub fn is_making(&self) -> bool {
		let held = |file: File| matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock));
		File::open(self.folder.join("making.lock")).is_ok_and(held)
	}

	/// Files of containers, by name.
	pub fn containers(&self) -> Result<Vec<PathBuf>, StoreError> {
		let mut found = Vec::new();
		for entry in fs::read_dir(&self.plots).at("read", &self.plots)? {
			let path = entry.at("read", &self.plots)?.path();
			let is_named = path
				.file_name()
				.is_some_and(|name| name.to_string_lossy().ends_with(ENDING));
			// Through links: plots may lie on several disks. To open a pipe would wait for who writes into it.
			let is_other = || fs::metadata(&path).is_ok_and(|found| !found.is_file());
			if is_named && !is_other() {
				found.push(path);
			}
		}
		found.sort_unstable();
		Ok(found)
	}

	/// Where a container lies.
	pub fn place(&self, header: &Header) -> PathBuf {
		self.plots.join(name(header))
	}

	/// Gives what was made its name, for good. What has that name already stays, and this fails.
	pub fn adopt(&self, made: &Path, path: &Path) -> Result<(), StoreError> {
		rename_new(made, path).at("make", path)?;
		sync(&self.plots)
	}

	/// Takes a damaged container out of use: it stays beside, under a name that nobody reads.
	pub fn set_aside(&self, path: &Path) -> Result<(), StoreError> {
		let mut aside = path.as_os_str().to_owned();
		aside.push(DAMAGED);
		fs::rename(path, &aside).at("set aside", path)?;
		sync(&self.plots)
	}

	/// Removes a container, for good.
	pub fn remove(&self, path: &Path) -> Result<(), StoreError> {
		fs::remove_file(path).at("remove", path)?;
		sync(&self.plots)
	}
}

/// Whether a folder has the mark of a store, of whichever version.
pub fn is_marked(folder: &Path) -> bool {
	folder.join(MARK_FILE).exists()
}

/// The name of a container.
pub fn name(header: &Header) -> String {
	let Header {
		k,
		strength,
		number,
		first,
		plots,
		..
	} = header;
	format!("k{k}-s{strength}-g{number:010}-i{first:05}-{plots:05}{ENDING}")
}

/// What a container is by its name, if it has one that a store gives: kind, number, and which plots.
pub fn named(path: &Path, owner: &Owner) -> Option<Header> {
	let name = path.file_name()?.to_str()?.strip_suffix(ENDING)?;
	let mut parts = name.split('-');
	let mut part = |letter: &str| parts.next()?.strip_prefix(letter)?.parse::<u32>().ok();
	let (k, strength) = (part("k")?.try_into().ok()?, part("s")?.try_into().ok()?);
	let (number, first) = (part("g")?, part("i")?.try_into().ok()?);
	let plots = part("")?.try_into().ok()?;
	let plot = owner.plot(k, strength, number, first);
	let possible = pos2::check(&plot).is_ok() && (1..=MAX_PLOTS).contains(&plots) && parts.next().is_none();
	possible.then(|| Header::new(&plot, number, plots))
}

/// Locks a file, which is made if it is not there; none if another holds it.
fn lock(path: &Path) -> Result<Option<File>, StoreError> {
	let mut options = File::options();
	options.create(true).truncate(false).write(true);
	let file = options.open(path).at("open", path)?;
	match file.try_lock() {
		Ok(()) => Ok(Some(file)),
		Err(TryLockError::WouldBlock) => Ok(None),
		Err(TryLockError::Error(error)) => Err(error).at("lock", path),
	}
}

/// Empties a folder of what its only user left.
fn empty(folder: &Path) -> Result<(), StoreError> {
	for entry in fs::read_dir(folder).at("read", folder)? {
		let path = entry.at("read", folder)?.path();
		fs::remove_file(&path).at("remove", &path)?;
	}
	Ok(())
}

/// Renames a file to a name that nothing has.
fn rename_new(from: &Path, to: &Path) -> io::Result<()> {
	// Of file systems that do not know how.
	const UNKNOWN: [Errno; 3] = [Errno::INVAL, Errno::NOSYS, Errno::NOTSUP];
	match renameat_with(CWD, from, CWD, to, RenameFlags::NOREPLACE) {
		Err(error) if UNKNOWN.contains(&error) => match fs::symlink_metadata(to) {
			Ok(_) => Err(io::ErrorKind::AlreadyExists.into()),
			Err(_) => fs::rename(from, to),
		},
		done => done.map_err(Into::into),
	}
}

/// Whether a folder has files that a store's first opening does not make.
fn holds_others(folder: &Path) -> Result<bool, StoreError> {
	let ours = [
		MARK_FILE,
		NEW_MARK,
		"lock",
		"making.lock",
		"plots",
		"tmp",
		"proofs",
		"lost+found",
	];
	for entry in fs::read_dir(folder).at("read", folder)? {
		let name = entry.at("read", folder)?.file_name();
		if !ours.iter().any(|ours| name == *ours) {
			return Ok(true);
		}
	}
	Ok(false)
}

/// Makes names durable.
fn sync(folder: &Path) -> Result<(), StoreError> {
	File::open(folder)
		.and_then(|folder| folder.sync_all())
		.at("write", folder)
}
