//! What lies in a store's folder, and under which names.
//!
//! ```text
//! store         says that it is one, and of which version
//! lock          held locked by the process that has it open
//! rates         how long plots took
//! plots/        containers: k28-s2-g0000000007-i00000-00001.plots has one plot of group 7, from index 0 on
//! tmp/          what is being made; emptied when the store is opened
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
};

const MARK: &str = "SmartChain plots, version 1\n";
/// How a container's name ends.
pub const ENDING: &str = ".plots";

/// What is put behind the name of one that is damaged.
const DAMAGED: &str = ".damaged";

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
	/// Locked as long as this is there.
	_lock: File,
}

impl Layout {
	/// Makes or takes a folder, locks it, and removes what a killed process left.
	pub fn open(folder: &Path) -> Result<Self, StoreError> {
		fs::create_dir_all(folder).at("make", folder)?;
		// Where it is, whatever the process does with its own folder.
		let folder = fs::canonicalize(folder).at("find", folder)?;
		let mark = folder.join("store");
		let is_store = fs::read_to_string(&mark).is_ok_and(|text| text == MARK);
		if !is_store && holds_others(&folder)? {
			return Err(StoreError::NoStore(folder));
		}
		let path = folder.join("lock");
		let lock = File::options()
			.create(true)
			.truncate(false)
			.write(true)
			.open(&path)
			.at("open", &path)?;
		match lock.try_lock() {
			Ok(()) => (),
			Err(TryLockError::WouldBlock) => return Err(StoreError::InUse(folder)),
			Err(TryLockError::Error(error)) => return Err(error).at("lock", &path),
		}
		let layout = Self {
			plots: folder.join("plots"),
			temporary: folder.join("tmp"),
			rates: folder.join("rates"),
			folder,
			_lock: lock,
		};
		for folder in [&layout.plots, &layout.temporary] {
			fs::create_dir_all(folder).at("make", folder)?;
		}
		layout.clean()?;
		if !is_store {
			let made = layout.temporary.join("store");
			let mut file = File::create(&made).at("make", &made)?;
			file.write_all(MARK.as_bytes()).at("write", &made)?;
			file.sync_all().at("write", &made)?;
			fs::rename(&made, &mark).at("make", &mark)?;
			sync(&layout.folder)?;
		}
		Ok(layout)
	}

	/// Empties the folder of what is being made: nobody else has the store, and nothing is.
	pub fn clean(&self) -> Result<(), StoreError> {
		for entry in fs::read_dir(&self.temporary).at("read", &self.temporary)? {
			let path = entry.at("read", &self.temporary)?.path();
			fs::remove_file(&path).at("remove", &path)?;
		}
		Ok(())
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
	let ours = ["store", "lock", "plots", "tmp", "lost+found"];
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
