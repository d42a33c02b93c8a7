//! What a voter writes before it sends: its safety file.
//!
//! A voter that forgets what it signed can be made to sign the opposite. So the last prevote, the lock and the slot of
//! the last authored block are durable before the vote or block that they cover leaves the process. The client's
//! database does not do for that: its commits are queued in memory.
//!
//! # The file
//! Two regions of 4096 bytes, written in turn: record `n` goes to region `n % 2`, so that a write cut short by a crash
//! spoils at most the record being written, whose vote was not sent. Each record ends with a checksum over its whole
//! region, and [`SafetyFile::record`] returns only after `fdatasync`. `<file>.lock` beside it is held locked while the
//! file is open, names the process that holds it, and remembers that something has been recorded here, which tells a
//! lost file from a new one.
//!
//! # What it cannot see
//! - An older copy of the file put back while the node was down: both its records are sound. Only others (peers, the
//!   chain) can tell; a voter that sees its own key's signature under something newer must stop.
//! - The whole folder removed, or another folder used: then it is [`Opened::Fresh`]. Whether the key has voted before,
//!   the voter must learn from the chain and from peers before its first vote.
//! - The same key on another machine.
//! - The newer record rotting on the disk after it was written: that looks like a write cut short, and the older record
//!   is taken. [`Opened::Valid`] says so in `one_damaged`; a voter should then skip the slots that it may have voted
//!   in.

mod authored;
mod error;
mod layout;
mod lock;
mod record;
mod sizes;
#[cfg(test)]
mod tests;

pub use authored::{last_authored, Authored, Far};
pub use error::{Damage, SafetyError};
pub use layout::read_records;
pub use record::{Record, Regression};
pub use sizes::{FILE_LENGTH, REGION_LENGTH};

use bft_finality_primitives::VoterId;
use layout::{region_offset, Stored};
use lock::LockFile;
use sp_core::{ByteArray, H256};
use std::{
	ffi::OsString,
	fs::{self, File, OpenOptions},
	io::{ErrorKind, Read, Seek, SeekFrom, Write},
	path::{Path, PathBuf},
};

/// Between these two parts of a safety file's name stand digits of the key.
const FILE_PREFIX: &str = "voter-";
const FILE_SUFFIX: &str = ".state";

/// What was found where the safety file belongs.
#[derive(Debug)]
pub enum Opened {
	/// No file, and no trace of an earlier one. Nothing is created before the first [`SafetyFile::record`].
	Fresh(SafetyFile),
	/// A sound file.
	Valid {
		/// The file.
		file: SafetyFile,
		/// The newest sound record.
		record: Record,
		/// The other record is damaged: a write was cut short, or (rarely) the disk lost the newer one.
		one_damaged: bool,
	},
	/// A file that proves nothing, or none where there has been one. The voter must abstain until an operator resets
	/// it.
	Damaged(DamagedFile),
}

/// The safety file of one key on one chain, locked against every other process while this value lives.
///
/// It does blocking I/O: call it from a thread that may wait for the disk.
#[derive(Debug)]
pub struct SafetyFile {
	path: PathBuf,
	genesis: H256,
	key: VoterId,
	lock: LockFile,
	/// `None` before the first record of a new file.
	data: Option<File>,
	/// The number and content of the newest durable record.
	last: Option<(u64, Record)>,
}

/// A file that only an operator's explicit reset makes usable again.
#[derive(Debug)]
pub struct DamagedFile {
	file: SafetyFile,
	damage: Damage,
}

impl DamagedFile {
	/// What is wrong with it, in words for an operator.
	pub fn damage(&self) -> &Damage {
		&self.damage
	}

	/// Where it lies.
	pub fn path(&self) -> &Path {
		&self.file.path
	}

	/// As [`SafetyFile::reset`].
	///
	/// # Errors
	/// As [`SafetyFile::reset`].
	pub fn reset(self) -> Result<SafetyFile, SafetyError> {
		self.file.reset()
	}
}

impl SafetyFile {
	/// The name of a key's file: a key that is replaced leaves its file behind, and the new one starts its own.
	pub fn file_name(key: &VoterId) -> String {
		let digits: String = key
			.as_slice()
			.iter()
			.take(8)
			.map(|byte| format!("{byte:02x}"))
			.collect();
		format!("{FILE_PREFIX}{digits}{FILE_SUFFIX}")
	}

	/// Opens the safety file at `path` for `key` on the chain of `genesis`, and locks it. The folder has to exist.
	///
	/// # Errors
	/// [`SafetyError::Locked`] where another process has it open, [`SafetyError::NotAFile`] where something else bears
	/// its name, [`SafetyError::Io`] where it cannot be read. Damage is no error: see [`Opened::Damaged`].
	pub fn open(path: impl Into<PathBuf>, genesis: H256, key: VoterId) -> Result<Opened, SafetyError> {
		let path = path.into();
		let lock = LockFile::acquire(&path)?;
		let there = present(&path)?;
		let mut file = Self {
			path,
			genesis,
			key,
			lock,
			data: None,
			last: None,
		};
		if !there {
			return Ok(match file.lock.has_recorded() {
				true => Opened::Damaged(DamagedFile {
					file,
					damage: Damage::Missing,
				}),
				false => Opened::Fresh(file),
			});
		}
		let mut data = OpenOptions::new()
			.read(true)
			.write(true)
			.open(&file.path)
			.map_err(|e| SafetyError::io("open", &file.path, e))?;
		// One byte more than it may have, so that an endless file costs nothing.
		let mut bytes = Vec::with_capacity(FILE_LENGTH + 1);
		(&mut data)
			.take(FILE_LENGTH as u64 + 1)
			.read_to_end(&mut bytes)
			.map_err(|e| SafetyError::io("read", &file.path, e))?;
		Ok(match read_records(&bytes, &file.genesis, &file.key) {
			Ok(newest) => {
				file.data = Some(data);
				file.last = Some((newest.seq, newest.record));
				Opened::Valid {
					file,
					record: newest.record,
					one_damaged: newest.one_damaged,
				}
			}
			Err(damage) => Opened::Damaged(DamagedFile { file, damage }),
		})
	}

	/// Where it lies.
	pub fn path(&self) -> &Path {
		&self.path
	}

	/// Starts anew, on an operator's explicit order. What is there now is kept beside it under another name.
	///
	/// The danger: what this key signed before is forgotten here. The caller has to see to it that it signs nothing
	/// that contradicts it. A sound file needs this only where its chain itself was started anew with the same genesis.
	///
	/// # Errors
	/// [`SafetyError::Io`] where the old file cannot be moved out of the way.
	pub fn reset(mut self) -> Result<Self, SafetyError> {
		if present(&self.path)? {
			let aside = free_name(&self.path)?;
			fs::rename(&self.path, &aside).map_err(|e| SafetyError::io("move aside", &self.path, e))?;
			sync_directory(&self.path)?;
		}
		self.data = None;
		self.last = None;
		Ok(self)
	}

	/// The newest durable record; `None` before the first.
	pub fn last(&self) -> Option<&Record> {
		self.last.as_ref().map(|(_, record)| record)
	}

	/// Makes `record` durable; only then may what it covers be signed and sent. Blocks for as long as the disk takes,
	/// unless the newest record already says the same.
	///
	/// # Errors
	/// [`SafetyError::Backwards`] where it takes back what was recorded: nothing is written, and the caller is wrong.
	/// [`SafetyError::Replaced`] and [`SafetyError::Io`] where it is not durable: nothing may be sent, and a later call
	/// with this or another record tries again.
	pub fn record(&mut self, record: &Record) -> Result<(), SafetyError> {
		let seq = match &self.last {
			Some((_, last)) if last == record && self.lock.has_recorded() => return Ok(()),
			Some((seq, last)) => {
				last.may_become(record)?;
				// `read_records` refuses the last number, and counting there from below takes longer than any disk
				// lives.
				seq.saturating_add(1)
			}
			None => {
				record.is_coherent()?;
				1
			}
		};
		match &mut self.data {
			Some(data) => {
				let stored = Stored::new(seq, &self.genesis, &self.key, record);
				let mut write = || {
					data.seek(SeekFrom::Start(region_offset(seq)))?;
					data.write_all(&stored.to_region())?;
					// Also after a failed attempt: the pages are dirty again, so that this sync cannot pass by itself.
					data.sync_data()
				};
				write().map_err(|e| SafetyError::io("write", &self.path, e))?;
				// What is durable has to be what the next start will read.
				if !is_at(data, &self.path) {
					return Err(SafetyError::Replaced {
						path: self.path.clone(),
					});
				}
			}
			None => self.data = Some(self.create(record)?),
		}
		self.last = Some((seq, *record));
		self.lock.set_recorded()
	}

	/// The first record: a whole file under another name, then renamed, so that there is never half a file.
	fn create(&self, record: &Record) -> Result<File, SafetyError> {
		if present(&self.path)? {
			return Err(SafetyError::Replaced {
				path: self.path.clone(),
			});
		}
		let new = with_suffix(&self.path, ".new");
		let mut options = OpenOptions::new();
		options.read(true).write(true).create(true).truncate(true);
		owner_only(&mut options);
		let write = || {
			let mut file = options.open(&new)?;
			for seq in [0, 1] {
				file.write_all(&Stored::new(seq, &self.genesis, &self.key, record).to_region())?;
			}
			file.sync_all()?;
			fs::rename(&new, &self.path)?;
			Ok(file)
		};
		// The rename is durable once `LockFile::set_recorded` has synced the folder.
		write().map_err(|e| SafetyError::io("create", &self.path, e))
	}
}

/// Whether a file is there. A link, folder or device is refused: neither its lock nor its durability would be ours.
fn present(path: &Path) -> Result<bool, SafetyError> {
	match fs::symlink_metadata(path) {
		Ok(found) if found.is_file() => Ok(true),
		Ok(_) => Err(SafetyError::NotAFile { path: path.into() }),
		Err(e) if e.kind() == ErrorKind::NotFound => Ok(false),
		Err(e) => Err(SafetyError::io("look for", path, e)),
	}
}

/// The first free name to keep an old file under.
fn free_name(path: &Path) -> Result<PathBuf, SafetyError> {
	for n in 1..1000 {
		let name = with_suffix(path, &format!(".old-{n}"));
		if fs::symlink_metadata(&name).is_err_and(|e| e.kind() == ErrorKind::NotFound) {
			return Ok(name);
		}
	}
	Err(SafetyError::io(
		"find a name to keep",
		path,
		ErrorKind::AlreadyExists.into(),
	))
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
	let mut name = OsString::from(path);
	name.push(suffix);
	name.into()
}

/// A new name in a folder survives a power cut only once the folder itself is synced.
fn sync_directory(path: &Path) -> Result<(), SafetyError> {
	#[cfg(unix)]
	{
		let folder = match path.parent() {
			Some(parent) if !parent.as_os_str().is_empty() => parent,
			_ => Path::new("."),
		};
		File::open(folder)
			.and_then(|f| f.sync_all())
			.map_err(|e| SafetyError::io("sync the folder of", path, e))?;
	}
	#[cfg(not(unix))]
	let _ = path;
	Ok(())
}

/// Whether `file` is still what lies at `path`.
fn is_at(file: &File, path: &Path) -> bool {
	#[cfg(unix)]
	{
		use std::os::unix::fs::MetadataExt;
		match (file.metadata(), fs::symlink_metadata(path)) {
			(Ok(ours), Ok(there)) => ours.dev() == there.dev() && ours.ino() == there.ino(),
			_ => false,
		}
	}
	#[cfg(not(unix))]
	{
		let _ = file;
		path.exists()
	}
}

/// Others need not read what a voter is about to sign, nor lock it out.
fn owner_only(options: &mut OpenOptions) {
	#[cfg(unix)]
	{
		use std::os::unix::fs::OpenOptionsExt;
		options.mode(0o600);
	}
	#[cfg(not(unix))]
	let _ = options;
}
