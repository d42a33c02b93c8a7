//! What lies in a store's folder, and under which names.
//!
//! ```text
//! store         says that it is one, and of which version
//! lock          held locked by the process that has it open
//! rates         how long plots took
//! plots/        containers: k28-s2-g0000000007-i00000-00001.plots has one plot of group 7, from index 0 on
//! tmp/          what is being made; emptied when the store is opened
//! ```

use crate::{
	container::Header,
	error::{At, StoreError},
};
use std::{
	fs::{self, File, TryLockError},
	io::Write,
	path::{Path, PathBuf},
};

const MARK: &str = "SmartChain plots, version 1\n";
/// How a container's name ends.
pub const ENDING: &str = ".plots";

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

	/// Gives what was made its name, for good.
	pub fn adopt(&self, made: &Path, header: &Header) -> Result<PathBuf, StoreError> {
		let path = self.plots.join(name(header));
		fs::rename(made, &path).at("make", &path)?;
		sync(&self.plots)?;
		Ok(path)
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
