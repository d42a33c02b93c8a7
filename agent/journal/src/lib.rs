#![doc = include_str!("../README.md")]

use codec::{DecodeAll, Encode};
use rustix::fs::{flock, FlockOperation};
use smartchain_provider::{Memory, Record};
use sp_crypto_hashing::blake2_256;
use std::{
	fs::{self, File, OpenOptions},
	io::{self, Read, Seek, SeekFrom, Write},
	path::{Path, PathBuf},
};

/// The journal's name within the folder of the state.
pub const FILE: &str = "answers";
/// Beside it, while it is written anew.
const NEW: &str = "answers.new";
/// Held locked by the agent that runs.
const LOCK: &str = "lock";
/// The last byte is the format's version.
const MAGIC: &[u8; 8] = b"SCANSWR\x01";
/// Bytes of a checksum.
const SUM: usize = 8;
/// Bytes of the header.
const HEADER: usize = 72 + SUM;
/// Bytes of a record's length.
const LENGTH: usize = 4;
/// Bytes of the longest record, and more: a proof has 448.
const MAX_RECORD: usize = 1_024;
/// A journal of so many bytes is written anew: what is remembered has less than a half of it.
pub const MAX_BYTES: u64 = 1 << 20;
/// No journal is longer than that, and one record.
const MAX_FILE: u64 = 2 * MAX_BYTES;

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
	#[error(
		"{path} is damaged at byte {at}, so that it is not known what was answered; wait two minutes, so that all \
		 rounds are over that were open, then move it away and start again"
	)]
	Damaged {
		/// Which file.
		path: PathBuf,
		/// Where.
		at: u64,
	},
}

fn at<T>(result: io::Result<T>, what: &'static str, path: &Path) -> Result<T, JournalError> {
	result.map_err(|source| JournalError::Io {
		what,
		path: path.to_owned(),
		source,
	})
}

/// An open journal. One process has it at a time.
#[derive(Debug)]
pub struct Journal {
	folder: PathBuf,
	header: [u8; HEADER],
	file: File,
	/// Bytes that are sound.
	length: u64,
	/// Whether what follows them is known: after an error it is not, and the journal has to be written anew.
	sound: bool,
	/// Locked as long as it lives.
	_lock: File,
}

fn sum(bytes: &[u8]) -> [u8; SUM] {
	let hash = blake2_256(bytes);
	core::array::from_fn(|i| hash[i])
}

fn header(genesis: &[u8; 32], device: &[u8; 32]) -> [u8; HEADER] {
	let mut bytes = [0; HEADER];
	let (front, end) = bytes.split_at_mut(HEADER - SUM);
	front.copy_from_slice(&[&MAGIC[..], genesis, device].concat());
	end.copy_from_slice(&sum(front));
	bytes
}

/// A record as it is written.
fn bytes_of(record: &Record) -> Vec<u8> {
	let encoded = record.encode();
	let length = u32::try_from(encoded.len()).unwrap_or(u32::MAX);
	let mut bytes = [&length.to_le_bytes()[..], &encoded].concat();
	bytes.extend(sum(&bytes));
	bytes
}

/// The record at the beginning of these bytes, and how many of them it has; none if it is cut short or damaged.
fn record_of(bytes: &[u8]) -> Option<(Record, usize)> {
	let (length, _) = bytes.split_first_chunk::<LENGTH>()?;
	let length = usize::try_from(u32::from_le_bytes(*length)).ok()?;
	if length > MAX_RECORD {
		return None;
	}
	let end = LENGTH.checked_add(length)?;
	let (body, found) = (bytes.get(..end)?, bytes.get(end..end.checked_add(SUM)?)?);
	if sum(body) != *found {
		return None;
	}
	let record = Record::decode_all(&mut body.get(LENGTH..)?).ok()?;
	Some((record, end.checked_add(SUM)?))
}

impl Journal {
	/// Opens the journal of a device, and makes it if it is not there. It blocks.
	///
	/// # Errors
	/// [`JournalError`]: another agent has it, it cannot be trusted, or the operating system refuses.
	pub fn open(folder: &Path, genesis: [u8; 32], device: [u8; 32]) -> Result<(Self, Memory), JournalError> {
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
		let path = folder.join(FILE);
		let header = header(&genesis, &device);
		let file = at(options().open(&path), "open", &path)?;
		let mut journal = Self {
			folder: folder.to_owned(),
			header,
			file,
			length: 0,
			sound: true,
			_lock: lock,
		};
		let memory = journal.read(&path)?;
		Ok((journal, memory))
	}

	fn read(&mut self, path: &Path) -> Result<Memory, JournalError> {
		let mut bytes = Vec::new();
		at((&self.file).take(MAX_FILE + 1).read_to_end(&mut bytes), "read", path)?;
		// A journal that is new, or whose very beginning was cut short, has no record yet: the header is synced first.
		if bytes.len() < HEADER && self.header.starts_with(&bytes) {
			self.rewrite(&[]).map_err(|source| JournalError::Io {
				what: "write",
				path: path.to_owned(),
				source,
			})?;
			return Ok(Memory::default());
		}
		let damaged = |at: usize| JournalError::Damaged {
			path: path.to_owned(),
			at: at as u64,
		};
		let (found, rest) = bytes.split_at_checked(HEADER).ok_or_else(|| damaged(0))?;
		if found != self.header {
			let (front, end) = found.split_at(HEADER - SUM);
			return Err(match (front.starts_with(&MAGIC[..7]), front[7]) {
				(true, version) if version > MAGIC[7] => JournalError::Version {
					path: path.to_owned(),
					version,
				},
				(true, _) if sum(front) == *end => JournalError::Other(path.to_owned()),
				_ => damaged(0),
			});
		}
		if bytes.len() as u64 > MAX_FILE {
			return Err(damaged(bytes.len()));
		}
		let (mut records, mut begin) = (Vec::new(), 0usize);
		while let Some((record, length)) = rest.get(begin..).filter(|left| !left.is_empty()).and_then(record_of) {
			records.push(record);
			begin += length;
		}
		let left = rest.get(begin..).unwrap_or_default();
		// A record that was being written has no more bytes than a record can have, and no sound one after it.
		let sound_later = || (1..left.len()).any(|at| left.get(at..).and_then(record_of).is_some());
		let torn = left.len() <= LENGTH + MAX_RECORD + SUM && !sound_later();
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
		Ok(Memory::replay(records))
	}

	/// Writes a record; durable when it returns. It blocks.
	///
	/// # Errors
	/// If that cannot be said. Then the journal has to be written anew before the next record.
	pub fn append(&mut self, record: &Record) -> io::Result<()> {
		if !self.sound {
			return Err(io::Error::other("the journal has to be written anew first"));
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
	pub fn rewrite(&mut self, records: &[Record]) -> io::Result<()> {
		self.sound = false;
		let (path, beside) = (self.folder.join(FILE), self.folder.join(NEW));
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
		!self.sound || self.length > MAX_BYTES
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use proof_lottery_primitives::Resource;
	use smartchain_provider::{Answer, Body, Key, Unit};

	const GENESIS: [u8; 32] = [1; 32];
	const DEVICE: [u8; 32] = [2; 32];
	/// Written down once, from the format's description.
	const GOLDEN: &str = include_str!("golden/answers-v1.hex");

	fn kept(round: u64) -> Record {
		Record::Kept(Answer {
			key: Key {
				resource: Resource::Space,
				round,
				challenge: [3; 32],
				unit: Unit::Find {
					group: 5,
					find: [6; 16],
				},
			},
			until: 7,
			body: Body::Space { proof: vec![8; 4] },
		})
	}

	fn open(folder: &Path) -> Result<(Journal, Memory), JournalError> {
		Journal::open(folder, GENESIS, DEVICE)
	}

	fn kept_rounds(memory: &Memory) -> Vec<u64> {
		let rounds = memory.records().into_iter().filter_map(|record| match record {
			Record::Kept(answer) => Some(answer.key.round),
			_ => None,
		});
		rounds.collect()
	}

	#[test]
	fn what_was_appended_is_there_after_a_kill() {
		let folder = tempfile::tempdir().unwrap();
		let (mut journal, memory) = open(folder.path()).unwrap();
		assert!(memory.is_empty());
		for round in 0..5 {
			journal.append(&kept(round)).unwrap();
		}
		// Nothing is flushed when it goes: all was durable before.
		drop(journal);
		let (mut journal, memory) = open(folder.path()).unwrap();
		assert_eq!(kept_rounds(&memory), [0, 1, 2, 3, 4]);
		journal.rewrite(&memory.records()).unwrap();
		journal.append(&kept(9)).unwrap();
		drop(journal);
		assert_eq!(kept_rounds(&open(folder.path()).unwrap().1), [0, 1, 2, 3, 4, 9]);
	}

	#[test]
	fn a_second_agent_does_not_begin() {
		let folder = tempfile::tempdir().unwrap();
		let (_first, _) = open(folder.path()).unwrap();
		let error = open(folder.path()).unwrap_err();
		assert!(
			matches!(error, JournalError::InUse(_)) && error.to_string().contains("one agent"),
			"{error}"
		);
	}

	#[test]
	fn the_bytes_stay() {
		let folder = tempfile::tempdir().unwrap();
		let (mut journal, _) = open(folder.path()).unwrap();
		journal.append(&kept(4)).unwrap();
		journal.append(&Record::Horizon(Resource::Uptime, 9)).unwrap();
		let bytes = fs::read(folder.path().join(FILE)).unwrap();
		let text: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
		assert_eq!(text, GOLDEN.split_whitespace().collect::<String>());
	}

	/// A file of records 0 to 3.
	fn written(folder: &Path) -> Vec<u8> {
		let (mut journal, _) = open(folder).unwrap();
		for round in 0..4 {
			journal.append(&kept(round)).unwrap();
		}
		drop(journal);
		fs::read(folder.join(FILE)).unwrap()
	}

	#[test]
	fn a_record_that_was_cut_short_is_cut_off_and_no_other_is_lost() {
		let folder = tempfile::tempdir().unwrap();
		let bytes = written(folder.path());
		let record = bytes_of(&kept(0)).len();
		for length in HEADER..=bytes.len() {
			fs::write(folder.path().join(FILE), &bytes[..length]).unwrap();
			let (mut journal, memory) = open(folder.path()).unwrap();
			assert_eq!(memory.len(), (length - HEADER) / record, "{length}");
			journal.append(&kept(77)).unwrap();
			drop(journal);
			assert!(kept_rounds(&open(folder.path()).unwrap().1).contains(&77));
		}
	}

	#[test]
	fn damage_is_never_taken_for_a_short_memory() {
		let folder = tempfile::tempdir().unwrap();
		let bytes = written(folder.path());
		let record = bytes_of(&kept(0)).len();
		for at in 0..bytes.len() {
			let mut damaged = bytes.clone();
			damaged[at] ^= 0x10;
			fs::write(folder.path().join(FILE), &damaged).unwrap();
			match open(folder.path()) {
				// Of the last record nobody can tell damage from a cut.
				Ok((_, memory)) => assert!(at >= bytes.len() - record && memory.len() == 3, "{at}"),
				Err(JournalError::Damaged { .. } | JournalError::Version { .. }) => (),
				Err(other) => panic!("{at}: {other}"),
			}
		}
	}

	#[test]
	fn it_is_of_one_chain_and_device() {
		let folder = tempfile::tempdir().unwrap();
		written(folder.path());
		for (genesis, device) in [([9; 32], DEVICE), (GENESIS, [9; 32])] {
			let error = Journal::open(folder.path(), genesis, device).unwrap_err();
			assert!(matches!(error, JournalError::Other(_)), "{error}");
		}
	}

	#[test]
	fn what_a_newer_program_wrote_is_left_alone() {
		let folder = tempfile::tempdir().unwrap();
		let mut bytes = written(folder.path());
		bytes[7] = 2;
		fs::write(folder.path().join(FILE), &bytes).unwrap();
		assert!(matches!(
			open(folder.path()),
			Err(JournalError::Version { version: 2, .. })
		));
		assert_eq!(fs::read(folder.path().join(FILE)).unwrap(), bytes);
	}

	#[test]
	fn a_long_journal_is_due_to_be_written_anew() {
		let folder = tempfile::tempdir().unwrap();
		let (mut journal, _) = open(folder.path()).unwrap();
		assert!(!journal.is_due());
		journal.length = MAX_BYTES + 1;
		assert!(journal.is_due());
		journal.rewrite(&[kept(1)]).unwrap();
		assert!(!journal.is_due());
	}
}
