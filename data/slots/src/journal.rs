//! What was done, so that it is not done again: records of one length behind a header, each with a checksum.
//!
//! `magic 8 | id 32 | sum 8`, then `tag u8 | number u64 | value 32 | sum 8` again and again. A sum is the start of the
//! BLAKE3 hash of what is before it in its record, and of where the record begins. An end that was torn is cut off;
//! damage before it is an error.

use crate::{edge::Log, Error};

/// Bytes of the header.
const HEADER: usize = 48;
/// Bytes of a record.
const RECORD: usize = 49;
/// Bytes of a sum.
const SUM: usize = 8;
/// The most records: a checkpoint for each 16 MiB of the largest volume, and its roots.
const MAX_RECORDS: usize = 131_072 + 1_024;

/// Of which flow a journal is. The last byte is the version.
pub(crate) const PUT: &[u8; 8] = b"SCSTORE\x01";
/// See [`PUT`].
pub(crate) const GET: &[u8; 8] = b"SCFETCH\x01";

/// What a record says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tag {
	/// Storing: the number of a span, and the hash of its plaintext.
	Span,
	/// Storing: the number of a slot, and its root.
	Root,
	/// Storing: bytes of the sealed volume; all roots came before.
	End,
	/// Restoring: so many entries are durable.
	Entries,
	/// Restoring: of the entry of this number so many bytes are durable.
	Part,
}

impl Tag {
	const ALL: [Self; 5] = [Self::Span, Self::Root, Self::End, Self::Entries, Self::Part];

	fn of(byte: u8) -> Option<Self> {
		Self::ALL.get(usize::from(byte)).copied()
	}
}

/// One thing that was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Record {
	pub(crate) tag: Tag,
	pub(crate) number: u64,
	pub(crate) value: [u8; 32],
}

impl Record {
	/// One whose value is a number.
	pub(crate) fn count(tag: Tag, number: u64, value: u64) -> Self {
		let mut bytes = [0; 32];
		bytes[..8].copy_from_slice(&value.to_le_bytes());
		Self {
			tag,
			number,
			value: bytes,
		}
	}

	/// Its value as a number.
	pub(crate) fn value(&self) -> u64 {
		let mut bytes = [0; 8];
		bytes.copy_from_slice(&self.value[..8]);
		u64::from_le_bytes(bytes)
	}

	fn encode(&self, at: u64) -> Vec<u8> {
		let mut bytes = vec![self.tag as u8];
		bytes.extend(self.number.to_le_bytes());
		bytes.extend(self.value);
		bytes.extend(sum(at, &bytes));
		bytes
	}

	fn decode(bytes: &[u8], at: u64) -> Option<Self> {
		let (body, end) = bytes.split_at_checked(RECORD - SUM)?;
		if end != sum(at, body) {
			return None;
		}
		let (number, value) = body[1..].split_first_chunk::<8>()?;
		Some(Self {
			tag: Tag::of(body[0])?,
			number: u64::from_le_bytes(*number),
			value: value.try_into().ok()?,
		})
	}
}

fn sum(at: u64, bytes: &[u8]) -> [u8; SUM] {
	let mut hasher = blake3::Hasher::new();
	hasher.update(&at.to_le_bytes()).update(bytes);
	let hash = hasher.finalize();
	core::array::from_fn(|i| hash.as_bytes()[i])
}

fn header(magic: &[u8; 8], id: &[u8; 32]) -> Vec<u8> {
	let mut bytes = [&magic[..], id].concat();
	bytes.extend(sum(0, &bytes));
	bytes
}

/// An open journal.
pub(crate) struct Journal<'a> {
	log: &'a mut dyn Log,
	records: Vec<Record>,
	length: u64,
}

impl<'a> Journal<'a> {
	/// Opens the journal that belongs to `id`, or begins it if the log is empty.
	pub(crate) fn open(log: &'a mut dyn Log, magic: &[u8; 8], id: &[u8; 32]) -> Result<Self, Error> {
		let failed = |source| Error::io("read the journal", source);
		let most = HEADER + MAX_RECORDS * RECORD;
		let bytes = log.load(most as u64).map_err(failed)?;
		let start = header(magic, id);
		if bytes.len() < HEADER && start.starts_with(&bytes) {
			log.cut(0).map_err(failed)?;
			log.append(&start)
				.map_err(|source| Error::io("write the journal", source))?;
			return Ok(Self {
				log,
				records: Vec::new(),
				length: HEADER as u64,
			});
		}
		let Some(mut rest) = bytes.strip_prefix(&start[..]) else {
			return Err(Error::JournalOther);
		};
		let (mut records, mut length) = (Vec::new(), HEADER as u64);
		while !rest.is_empty() {
			let record = rest.get(..RECORD).and_then(|bytes| Record::decode(bytes, length));
			match record {
				Some(record) => records.push(record),
				// What was being written when the program ended.
				None if rest.len() <= RECORD => break,
				None => return Err(Error::JournalDamaged { at: length }),
			}
			rest = &rest[RECORD..];
			length += RECORD as u64;
		}
		if !rest.is_empty() {
			log.cut(length).map_err(failed)?;
		}
		Ok(Self { log, records, length })
	}

	/// All that was done.
	pub(crate) fn records(&self) -> &[Record] {
		&self.records
	}

	/// The last record with this tag.
	pub(crate) fn last(&self, tag: Tag) -> Option<Record> {
		self.records.iter().rev().find(|record| record.tag == tag).copied()
	}

	/// Adds what was done. It is durable afterwards.
	pub(crate) fn add(&mut self, record: Record) -> Result<(), Error> {
		if self.records.len() >= MAX_RECORDS {
			return Err(Error::TooMany {
				what: "records of the journal",
				most: MAX_RECORDS as u64,
			});
		}
		let bytes = record.encode(self.length);
		let written = self.log.append(&bytes);
		written.map_err(|source| Error::io("write the journal", source))?;
		self.length += RECORD as u64;
		self.records.push(record);
		Ok(())
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::edge::MemoryLog;

	fn filled() -> MemoryLog {
		let mut log = MemoryLog::default();
		let mut journal = Journal::open(&mut log, PUT, &[1; 32]).unwrap();
		journal.add(Record::count(Tag::Span, 0, 7)).unwrap();
		journal.add(Record::count(Tag::End, 9, 0)).unwrap();
		log
	}

	fn records(log: &mut MemoryLog) -> Result<Vec<Record>, Error> {
		Journal::open(log, PUT, &[1; 32]).map(|journal| journal.records().to_vec())
	}

	#[test]
	fn what_was_added_is_there_again() {
		let expected = [Record::count(Tag::Span, 0, 7), Record::count(Tag::End, 9, 0)];
		assert_eq!(records(&mut filled()).unwrap(), expected);
		assert_eq!(expected[0].value(), 7);
		assert_eq!(filled().0.len(), HEADER + 2 * RECORD);
	}

	#[test]
	fn the_layout_of_version_1_stays() {
		let bytes = filled().0;
		assert_eq!(&bytes[..8], b"SCSTORE\x01");
		assert_eq!(bytes[8..40], [1; 32]);
		assert_eq!(bytes[HEADER..][..10], [0, 0, 0, 0, 0, 0, 0, 0, 0, 7]);
		assert_eq!(bytes[HEADER + RECORD..][..10], [2, 9, 0, 0, 0, 0, 0, 0, 0, 0]);
		assert_eq!(Tag::ALL.map(|tag| tag as u8), [0, 1, 2, 3, 4]);
	}

	#[test]
	fn a_torn_end_is_cut_off_wherever_it_tore() {
		let whole = filled().0;
		for length in 0..=whole.len() {
			let mut log = MemoryLog(whole[..length].to_vec());
			let kept = records(&mut log).unwrap().len();
			assert_eq!(kept, length.saturating_sub(HEADER) / RECORD, "{length} bytes");
			assert_eq!(log.0.len(), HEADER + kept * RECORD, "{length} bytes");
			assert_eq!(log.0, whole[..log.0.len()]);
		}
	}

	#[test]
	fn damage_before_the_end_is_an_error() {
		let whole = filled().0;
		for i in 0..HEADER + RECORD {
			let mut log = MemoryLog(whole.clone());
			log.0[i] ^= 1;
			let wrong = records(&mut log);
			if i < HEADER {
				assert!(matches!(wrong, Err(Error::JournalOther)), "byte {i}");
			} else {
				assert!(matches!(wrong, Err(Error::JournalDamaged { at: 48 })), "byte {i}");
			}
		}
	}

	#[test]
	fn records_that_changed_places_are_damage() {
		let mut log = filled();
		log.0[HEADER..].rotate_left(RECORD);
		assert!(matches!(records(&mut log), Err(Error::JournalDamaged { at: 48 })));
	}

	#[test]
	fn another_volume_has_another_journal() {
		let mut log = filled();
		assert!(matches!(
			Journal::open(&mut log, PUT, &[2; 32]),
			Err(Error::JournalOther)
		));
		assert!(matches!(
			Journal::open(&mut log, GET, &[1; 32]),
			Err(Error::JournalOther)
		));
	}
}
