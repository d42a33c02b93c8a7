//! A file of records, each of which is durable when it is said to be: whatever a program must not forget.

use codec::{DecodeAll, Encode};
use rustix::fs::{flock, FlockOperation};
use sp_crypto_hashing::blake2_256;
use std::{
	fs::{self, File, OpenOptions},
	io::{self, Read, Seek, SeekFrom, Write},
	marker::PhantomData,
	path::{Path, PathBuf},
};

/// Held locked by the agent that runs.
const LOCK: &str = "lock";
/// Bytes of a checksum.
const SUM: usize = 8;
/// Bytes of the header.
pub(crate) const HEADER: usize = 72 + SUM;
/// Bytes of a record's length.
const LENGTH: usize = 4;

/// What tells a log from others, and its bounds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LogKind {
	/// Its name within its folder.
	pub file: &'static str,
	/// How it begins. The last byte is the format's version.
	pub magic: &'static [u8; 8],
	/// Bytes of the longest record, and more.
	pub record: usize,
	/// A log of so many bytes is written anew: what is remembered has less than a half of it. None is longer than twice
	/// that, and a record.
	pub bytes: u64,
	/// What to do about one that is damaged, as a part of a sentence.
	pub remedy: &'static str,
}

impl LogKind {
	/// The file's name while it is written anew.
	fn beside(&self) -> String {
		format!("{}.new", self.file)
	}
}

/// Why there is no journal that can be trusted.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
	/// The operating system refused.
	#[error("cannot {what} {path}: {source}; see to the disk, and to who may read and write there")]
	Io {
		/// What was tried.
		what: &'static str,
		/// With which file.
		path: PathBuf,
		/// What it said.
		source: io::Error,
	},
	/// Another agent runs.
	#[error("another smart-agent uses {0}: a device has one agent; end that one, or name another folder with --data")]
	InUse(
		/// The folder of the state.
		PathBuf,
	),
	/// It is of another chain or device.
	#[error("{0} is of another chain or device; name the folder that belongs to this one, or move that file away")]
	Other(
		/// Which file.
		PathBuf,
	),
	/// A newer program wrote it.
	#[error("{path} has version {version}, which this program does not know; use a newer one")]
	Version {
		/// Which file.
		path: PathBuf,
		/// Its version.
		version: u8,
	},
	/// What was answered is not known.
	#[error("{path} is damaged at byte {at}, so that it is not known what was answered; {remedy}")]
	Damaged {
		/// Which file.
		path: PathBuf,
		/// Where.
		at: u64,
		/// What to do.
		remedy: &'static str,
	},
}

fn at<T>(result: io::Result<T>, what: &'static str, path: &Path) -> Result<T, JournalError> {
	result.map_err(|source| JournalError::Io {
		what,
		path: path.to_owned(),
		source,
	})
}

fn sum(bytes: &[u8]) -> [u8; SUM] {
	let hash = blake2_256(bytes);
	core::array::from_fn(|i| hash[i])
}

fn header(magic: &[u8; 8], genesis: &[u8; 32], device: &[u8; 32]) -> [u8; HEADER] {
	let mut bytes = [0; HEADER];
	let (front, end) = bytes.split_at_mut(HEADER - SUM);
	front.copy_from_slice(&[&magic[..], genesis, device].concat());
	end.copy_from_slice(&sum(front));
	bytes
}

/// A record as it is written.
pub(crate) fn bytes_of(record: &impl Encode) -> Vec<u8> {
	let encoded = record.encode();
	let length = u32::try_from(encoded.len()).unwrap_or(u32::MAX);
	let mut bytes = [&length.to_le_bytes()[..], &encoded].concat();
	bytes.extend(sum(&bytes));
	bytes
}

/// The record at the beginning of these bytes, and how many of them it has; none if it is cut short or damaged.
fn record_of<R: DecodeAll>(bytes: &[u8], most: usize) -> Option<(R, usize)> {
	let (length, _) = bytes.split_first_chunk::<LENGTH>()?;
	let length = usize::try_from(u32::from_le_bytes(*length)).ok()?;
	if length > most {
		return None;
	}
	let end = LENGTH.checked_add(length)?;
	let (body, found) = (bytes.get(..end)?, bytes.get(end..end.checked_add(SUM)?)?);
	if sum(body) != *found {
		return None;
	}
	let record = R::decode_all(&mut body.get(LENGTH..)?).ok()?;
	Some((record, end.checked_add(SUM)?))
}

/// An open log of records. One process has it at a time.
#[derive(Debug)]
pub struct Log<R> {
	kind: LogKind,
	folder: PathBuf,
	header: [u8; HEADER],
	file: File,
	/// Bytes that are sound.
	pub(crate) length: u64,
	/// Whether what follows them is known: after an error it is not, and the log has to be written anew.
	sound: bool,
	/// Locked as long as it lives.
	_lock: File,
	records: PhantomData<R>,
}

impl<R: Encode + DecodeAll> Log<R> {
	/// Opens the log of a device, and makes it if it is not there; with all of its records. It blocks.
	///
	/// # Errors
	/// [`JournalError`]: another agent has it, it cannot be trusted, or the operating system refuses.
	pub fn open(
		kind: LogKind,
		folder: &Path,
		genesis: [u8; 32],
		device: [u8; 32],
	) -> Result<(Self, Vec<R>), JournalError> {
		at(fs::create_dir_all(folder), "make", folder)?;
		let lock_path = folder.join(LOCK);
		let options = || {
			let mut options = OpenOptions::new();
			options.read(true).write(true).create(true).truncate(false);
			options
		};
		let lock = at(options().open(&lock_path), "open", &lock_path)?;
		if let Err(error) = flock(&lock, FlockOperation::NonBlockingLockExclusive) {
			return Err(match error {
				rustix::io::Errno::WOULDBLOCK => JournalError::InUse(folder.to_owned()),
				other => JournalError::Io {
					what: "lock",
					path: lock_path,
					source: other.into(),
				},
			});
		}
		let path = folder.join(kind.file);
		let header = header(kind.magic, &genesis, &device);
		let file = at(options().open(&path), "open", &path)?;
		let mut log = Self {
			kind,
			folder: folder.to_owned(),
			header,
			file,
			length: 0,
			sound: true,
			_lock: lock,
			records: PhantomData,
		};
		let records = log.read(&path)?;
		Ok((log, records))
	}

	/// All records of a log that another process may have open: none if there is no log. What is being written just now
	/// may be among them or not. It blocks.
	///
	/// # Errors
	/// [`JournalError`]: it cannot be trusted, or the operating system refuses.
	pub fn peek(kind: LogKind, folder: &Path, genesis: [u8; 32], device: [u8; 32]) -> Result<Vec<R>, JournalError> {
		let path = folder.join(kind.file);
		let mut bytes = Vec::new();
		match File::open(&path) {
			Ok(file) => {
				let most = kind.bytes.saturating_mul(2).saturating_add(1);
				at(file.take(most).read_to_end(&mut bytes), "read", &path)?;
			}
			Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
			Err(error) => return at(Err(error), "open", &path),
		}
		let header = header(kind.magic, &genesis, &device);
		if bytes.len() < HEADER && header.starts_with(&bytes) {
			return Ok(Vec::new());
		}
		let Some(rest) = bytes.strip_prefix(&header[..]) else {
			return Err(JournalError::Other(path));
		};
		let (mut records, mut rest) = (Vec::new(), rest);
		while let Some((record, length)) = record_of(rest, kind.record) {
			records.push(record);
			rest = rest.get(length..).unwrap_or_default();
		}
		Ok(records)
	}

	fn read(&mut self, path: &Path) -> Result<Vec<R>, JournalError> {
		let LogKind {
			magic,
			record: most,
			bytes: max_bytes,
			remedy,
			..
		} = self.kind;
		let longest = max_bytes.saturating_mul(2);
		let mut bytes = Vec::new();
		at(
			(&self.file).take(longest.saturating_add(1)).read_to_end(&mut bytes),
			"read",
			path,
		)?;
		// A log that is new, or whose very beginning was cut short, has no record yet: the header is synced first.
		if bytes.len() < HEADER && self.header.starts_with(&bytes) {
			self.rewrite(&[]).map_err(|source| JournalError::Io {
				what: "write",
				path: path.to_owned(),
				source,
			})?;
			return Ok(Vec::new());
		}
		let damaged = |at: usize| JournalError::Damaged {
			path: path.to_owned(),
			at: at as u64,
			remedy,
		};
		let (found, rest) = bytes.split_at_checked(HEADER).ok_or_else(|| damaged(0))?;
		if found != self.header {
			let (front, end) = found.split_at(HEADER - SUM);
			return Err(match (front.starts_with(&magic[..7]), front[7]) {
				(true, version) if version > magic[7] => JournalError::Version {
					path: path.to_owned(),
					version,
				},
				(true, _) if sum(front) == *end => JournalError::Other(path.to_owned()),
				_ => damaged(0),
			});
		}
		if bytes.len() as u64 > longest {
			return Err(damaged(bytes.len()));
		}
		let (mut records, mut begin) = (Vec::new(), 0usize);
		while let Some((record, length)) = rest
			.get(begin..)
			.filter(|left| !left.is_empty())
			.and_then(|left| record_of(left, most))
		{
			records.push(record);
			begin += length;
		}
		let left = rest.get(begin..).unwrap_or_default();
		// A record that was being written has no more bytes than a record can have, and no sound one after it.
		let sound_later =
			|| (1..left.len()).any(|at| left.get(at..).is_some_and(|left| record_of::<R>(left, most).is_some()));
		let torn = left.len() <= LENGTH + most + SUM && !sound_later();
		if !torn {
			return Err(damaged(HEADER + begin));
		}
		self.length = (HEADER + begin) as u64;
		if !left.is_empty() {
			at(
				self.file.set_len(self.length).and_then(|()| self.file.sync_all()),
				"cut",
				path,
			)?;
		}
		Ok(records)
	}

	/// Writes a record; durable when it returns. It blocks.
	///
	/// # Errors
	/// If that cannot be said. Then the log has to be written anew before the next record.
	pub fn append(&mut self, record: &R) -> io::Result<()> {
		if !self.sound {
			return Err(io::Error::other("the log has to be written anew first"));
		}
		// Until all is well nothing is known of what lies beyond.
		self.sound = false;
		let bytes = bytes_of(record);
		self.file.seek(SeekFrom::Start(self.length))?;
		self.file.write_all(&bytes)?;
		self.file.sync_data()?;
		self.length = self.length.saturating_add(bytes.len() as u64);
		self.sound = true;
		Ok(())
	}

	/// Writes it anew with these records; durable when it returns. It blocks.
	///
	/// # Errors
	/// If that cannot be said.
	pub fn rewrite(&mut self, records: &[R]) -> io::Result<()> {
		self.sound = false;
		let (path, beside) = (self.folder.join(self.kind.file), self.folder.join(self.kind.beside()));
		let mut bytes = self.header.to_vec();
		bytes.extend(records.iter().flat_map(bytes_of));
		let mut options = OpenOptions::new();
		options.read(true).write(true).create(true).truncate(true);
		let mut file = options.open(&beside)?;
		file.write_all(&bytes)?;
		file.sync_all()?;
		fs::rename(&beside, &path)?;
		File::open(&self.folder)?.sync_all()?;
		(self.file, self.length, self.sound) = (file, bytes.len() as u64, true);
		Ok(())
	}

	/// Whether it should be written anew.
	pub fn is_due(&self) -> bool {
		!self.sound || self.length > self.kind.bytes
	}
}
