#![doc = include_str!("../README.md")]

mod log;

pub use log::{JournalError, Log, LogKind};

use smartchain_provider::{Memory, Record};
use std::{io, path::Path};

/// The journal's name within the folder of the state.
pub const FILE: &str = "answers";
/// A journal of so many bytes is written anew: what is remembered has less than a half of it.
pub const MAX_BYTES: u64 = 1 << 20;

/// The journal of what was answered in rounds. A proof has 448 bytes.
const ANSWERS: LogKind = LogKind {
	file: FILE,
	magic: b"SCANSWR\x01",
	record: 1_024,
	bytes: MAX_BYTES,
	remedy: "wait two minutes, so that all rounds are over that were open, then move it away and start again",
};

/// An open journal. One process has it at a time.
#[derive(Debug)]
pub struct Journal(Log<Record>);

impl Journal {
	/// Opens the journal of a device, and makes it if it is not there. It blocks.
	///
	/// # Errors
	/// [`JournalError`]: another agent has it, it cannot be trusted, or the operating system refuses.
	pub fn open(folder: &Path, genesis: [u8; 32], device: [u8; 32]) -> Result<(Self, Memory), JournalError> {
		let (log, records) = Log::open(ANSWERS, folder, genesis, device)?;
		Ok((Self(log), Memory::replay(records)))
	}

	/// Writes a record; durable when it returns. It blocks.
	///
	/// # Errors
	/// If that cannot be said. Then the journal has to be written anew before the next record.
	pub fn append(&mut self, record: &Record) -> io::Result<()> {
		self.0.append(record)
	}

	/// Writes it anew with these records; durable when it returns. It blocks.
	///
	/// # Errors
	/// If that cannot be said.
	pub fn rewrite(&mut self, records: &[Record]) -> io::Result<()> {
		self.0.rewrite(records)
	}

	/// Whether it should be written anew.
	pub fn is_due(&self) -> bool {
		self.0.is_due()
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::log::{bytes_of, HEADER};
	use proof_lottery_primitives::Resource;
	use smartchain_provider::{Answer, Body, Key, Unit};
	use std::fs;

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
		journal.0.length = MAX_BYTES + 1;
		assert!(journal.is_due());
		journal.rewrite(&[kept(1)]).unwrap();
		assert!(!journal.is_due());
	}
}
