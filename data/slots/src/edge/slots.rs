//! Slots as files of a folder: `slot-00` and so on, and how much of each is durable.

use super::{SlotSink, SlotSource};
use crate::{geometry::MAX_SLOTS, SlotFault};
use std::{
	fs::{self, File, OpenOptions},
	io::{self, ErrorKind, Write},
	os::unix::fs::FileExt,
	path::{Path, PathBuf},
};

/// How many slots the marks count.
const SLOTS: usize = MAX_SLOTS as usize;
/// The file that says how many bytes of each slot are durable.
const MARKS: &str = "marks";
/// How it begins. The last byte is its version.
const MAGIC: &[u8; 8] = b"SCMARKS\x01";
/// Bytes of its checksum.
const SUM: usize = 8;

/// A folder of slots. A slot counts as durable as far as the marks say, which are written after the slots are synced.
pub struct SlotFolder {
	folder: PathBuf,
	files: Vec<Option<File>>,
	/// Bytes that are durable.
	marks: [u64; SLOTS],
	/// Bytes that were written.
	written: [u64; SLOTS],
}

impl SlotFolder {
	/// Opens or makes the folder.
	///
	/// Errors: of the file system. Marks that are damaged count as none: slots are written again.
	pub fn open(folder: &Path) -> io::Result<Self> {
		fs::create_dir_all(folder)?;
		let marks = match fs::read(folder.join(MARKS)) {
			Ok(bytes) => decode(&bytes).unwrap_or_default(),
			Err(error) if error.kind() == ErrorKind::NotFound => [0; SLOTS],
			Err(error) => return Err(error),
		};
		Ok(Self {
			folder: folder.to_owned(),
			files: (0..SLOTS).map(|_| None).collect(),
			marks,
			written: marks,
		})
	}

	/// The file of a slot.
	pub fn path(&self, slot: u8) -> PathBuf {
		self.folder.join(format!("slot-{slot:02}"))
	}

	fn index(slot: u8) -> io::Result<usize> {
		let index = usize::from(slot);
		if index < SLOTS {
			return Ok(index);
		}
		Err(io::Error::new(ErrorKind::InvalidInput, "no deal has so many slots"))
	}

	fn writable(&mut self, slot: u8) -> io::Result<&File> {
		let path = self.path(slot);
		let place = &mut self.files[Self::index(slot)?];
		if place.is_none() {
			let mut options = OpenOptions::new();
			*place = Some(options.write(true).create(true).truncate(false).open(path)?);
		}
		place.as_ref().ok_or_else(|| io::Error::from(ErrorKind::NotFound))
	}
}

fn encode(marks: &[u64; SLOTS]) -> Vec<u8> {
	let mut bytes = MAGIC.to_vec();
	for mark in marks {
		bytes.extend(mark.to_le_bytes());
	}
	let sum = blake3::hash(&bytes);
	bytes.extend(&sum.as_bytes()[..SUM]);
	bytes
}

fn decode(bytes: &[u8]) -> Option<[u64; SLOTS]> {
	let (body, sum) = bytes.split_at_checked(bytes.len().checked_sub(SUM)?)?;
	if sum != &blake3::hash(body).as_bytes()[..SUM] {
		return None;
	}
	let rest = body.strip_prefix(&MAGIC[..])?;
	let mut marks = [0; SLOTS];
	if rest.len() != 8 * SLOTS {
		return None;
	}
	for (mark, bytes) in marks.iter_mut().zip(rest.chunks_exact(8)) {
		*mark = u64::from_le_bytes(bytes.try_into().ok()?);
	}
	Some(marks)
}

impl SlotSink for SlotFolder {
	fn durable(&mut self, slot: u8) -> io::Result<u64> {
		let mark = self.marks[Self::index(slot)?];
		match fs::metadata(self.path(slot)) {
			Ok(found) => Ok(mark.min(found.len())),
			Err(error) if error.kind() == ErrorKind::NotFound => Ok(0),
			Err(error) => Err(error),
		}
	}

	fn write(&mut self, slot: u8, offset: u64, bytes: &[u8]) -> io::Result<()> {
		self.writable(slot)?.write_all_at(bytes, offset)?;
		self.written[Self::index(slot)?] = offset + bytes.len() as u64;
		Ok(())
	}

	fn sync(&mut self) -> io::Result<()> {
		for file in self.files.iter().flatten() {
			file.sync_all()?;
		}
		let new = self.folder.join("marks.new");
		let mut file = File::create(&new)?;
		file.write_all(&encode(&self.written))?;
		file.sync_all()?;
		fs::rename(new, self.folder.join(MARKS))?;
		File::open(&self.folder)?.sync_all()?;
		self.marks = self.written;
		Ok(())
	}
}

fn fault(error: &io::Error) -> SlotFault {
	match error.kind() {
		ErrorKind::NotFound => SlotFault::Missing,
		_ => SlotFault::Unreadable(error.to_string()),
	}
}

impl SlotSource for SlotFolder {
	fn length(&mut self, slot: u8) -> Result<u64, SlotFault> {
		fs::metadata(self.path(slot))
			.map(|found| found.len())
			.map_err(|error| fault(&error))
	}

	fn read(&mut self, slot: u8, offset: u64, buffer: &mut [u8]) -> Result<(), SlotFault> {
		let file = File::open(self.path(slot)).map_err(|error| fault(&error))?;
		file.read_exact_at(buffer, offset).map_err(|error| {
			if error.kind() != ErrorKind::UnexpectedEof {
				return fault(&error);
			}
			SlotFault::Length {
				found: file.metadata().map_or(0, |found| found.len()),
				wanted: offset + buffer.len() as u64,
			}
		})
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn marks_are_read_as_they_were_written() {
		let mut marks = [0; SLOTS];
		(marks[0], marks[31]) = (7, u64::MAX);
		let bytes = encode(&marks);
		assert_eq!(&bytes[..9], b"SCMARKS\x01\x07");
		assert_eq!(bytes.len(), 8 + 256 + SUM);
		assert_eq!(decode(&bytes), Some(marks));
		for i in 0..bytes.len() {
			let mut wrong = bytes.clone();
			wrong[i] ^= 1;
			assert_eq!(decode(&wrong), None, "byte {i}");
			assert_eq!(decode(&bytes[..i]), None, "{i} bytes");
		}
	}

	#[test]
	fn only_what_is_synced_is_durable() {
		let folder = tempfile::tempdir().unwrap();
		let mut slots = SlotFolder::open(folder.path()).unwrap();
		slots.write(3, 0, b"abc").unwrap();
		assert_eq!(SlotFolder::open(folder.path()).unwrap().durable(3).unwrap(), 0);
		slots.sync().unwrap();
		let mut again = SlotFolder::open(folder.path()).unwrap();
		assert_eq!(again.durable(3).unwrap(), 3);
		assert_eq!(again.length(3), Ok(3));
		assert_eq!(again.length(4), Err(SlotFault::Missing));
		fs::remove_file(again.path(3)).unwrap();
		assert_eq!(again.durable(3).unwrap(), 0, "marks of a file that is gone");
	}
}
