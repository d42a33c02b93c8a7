//! What is owed and was promised to each device for what it gave out of a deal: a file a deal, in cells of fixed length
//! that are written in place, so that it does not grow with what is read.
//!
//! A row has two cells, and the older one is written: whatever a cut of the power leaves of it, the other one counts. A
//! promise is durable before it is given away. That a read has begun or ended is written before it is, so that it
//! outlives this program, but not synced: what a cut of the power takes of it makes this program more suspicious, and
//! nobody is promised more for it.
//!
//! ```text
//! file   "SCPAID" 0 1 | zeros to 128 | rows, each of two cells
//! cell   count u64 | slot u8 | device 32 | owed u128 | open u128 | promised u128 | lost u128 | zeros to 112 | sum 16
//! ```
//! Numbers are little-endian. The sum is the beginning of the BLAKE3 hash of the row's number, a u64, and of what is
//! before it. A row whose cells are zeros was never written.

use crate::VoucherError;
use device_primitives::DeviceId;
use rustix::{fs::FlockOperation, io::Errno};
use smart_agent_keys::{self as keys, KeyError};
use std::{
	collections::BTreeMap,
	fs::{self, File, OpenOptions},
	io,
	os::unix::fs::FileExt,
	path::{Path, PathBuf},
};

/// What a file begins with.
const MAGIC: [u8; 8] = *b"SCPAID\0\x01";
/// Bytes before the rows.
const HEAD: u64 = 128;
/// Bytes of a cell, and those of it before its sum.
const CELL: usize = 128;
const SUMMED: usize = 112;
/// Bytes of a row.
const ROW: u64 = 2 * CELL as u64;
/// Devices of a deal's slots that are remembered: 32 slots, of which each changes hands 127 times.
const MOST_ROWS: u64 = 4_096;

/// A slot at a device.
pub type Place = (u8, DeviceId);

/// How it stands with a device, in planck.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Bill {
	/// For all that came.
	pub owed: u128,
	/// For reads that have begun and not ended.
	pub open: u128,
	/// By the highest voucher.
	pub promised: u128,
	/// For what this side broke off: the device may have sent it. What of that it is believed, who pays says.
	pub lost: u128,
}

/// A row in memory.
#[derive(Clone, Copy, Debug)]
struct Row {
	number: u64,
	count: u64,
	bill: Bill,
}

/// The file of a deal, which one program at a time has.
#[derive(Debug)]
pub struct Paid {
	file: File,
	path: PathBuf,
	rows: BTreeMap<Place, Row>,
}

impl Paid {
	/// The one at a path; an empty one if there is none. What a program before this one read when it ended is lost.
	///
	/// # Errors
	/// If it is damaged, or another program has it; of the file system.
	pub fn open(path: &Path) -> Result<Self, VoucherError> {
		if let Some(folder) = path.parent() {
			keys::create_folder(folder)?;
		}
		match keys::create_private(path, &head()) {
			Ok(()) | Err(KeyError::Exists { .. }) => {}
			Err(error) => return Err(error.into()),
		}
		let failed = |error: io::Error| failed(path, &error);
		let file = OpenOptions::new().read(true).write(true).open(path).map_err(failed)?;
		lock(&file, path, VoucherError::Taken)?;
		let mut rows = read(&file, path)?;
		for row in rows.values_mut() {
			row.bill.lost = row.bill.lost.saturating_add(row.bill.open);
			row.bill.open = 0;
		}
		Ok(Self {
			file,
			path: path.into(),
			rows,
		})
	}

	/// What the one at a path says, whoever has it; nothing if there is none.
	///
	/// # Errors
	/// If it is damaged; of the file system.
	pub fn peek(path: &Path) -> Result<BTreeMap<Place, Bill>, VoucherError> {
		let file = match File::open(path) {
			Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(BTreeMap::new()),
			opened => opened.map_err(|error| failed(path, &error))?,
		};
		let rows = read(&file, path)?;
		Ok(rows.into_iter().map(|(place, row)| (place, row.bill)).collect())
	}

	/// How it stands with a device.
	pub fn of(&self, place: &Place) -> Bill {
		self.rows.get(place).map(|row| row.bill).unwrap_or_default()
	}

	/// Writes into another file from now on.
	#[cfg(test)]
	pub(crate) fn replace(&mut self, file: File) {
		self.file = file;
	}

	/// Notes how it stands with a device. It outlives this program, and if it is to be durable, a cut of the power.
	///
	/// # Errors
	/// Of the file system, or if there are too many devices; nothing is noted then.
	pub fn note(&mut self, place: Place, bill: Bill, durable: bool) -> Result<(), VoucherError> {
		let next = self.rows.values().map(|row| row.number + 1).max().unwrap_or(0);
		let known = self.rows.get(&place).copied();
		let row = Row {
			number: known.map_or(next, |row| row.number),
			count: known.map_or(1, |row| row.count.saturating_add(1)),
			bill,
		};
		if row.number >= MOST_ROWS {
			return Err(VoucherError::Full {
				path: self.path.clone(),
			});
		}
		let at = HEAD + row.number * ROW + (row.count % 2) * CELL as u64;
		let written = self.file.write_all_at(&cell(&place, &row), at);
		let written = written.and_then(|()| if durable { self.file.sync_data() } else { Ok(()) });
		written.map_err(|error| failed(&self.path, &error))?;
		self.rows.insert(place, row);
		Ok(())
	}
}

/// Has a file for this program alone, or says that another one has it.
pub(crate) fn lock(file: &File, path: &Path, taken: VoucherError) -> Result<(), VoucherError> {
	let locked = rustix::fs::flock(file, FlockOperation::NonBlockingLockExclusive);
	locked.map_err(|error| refused(path, error, taken))
}

/// Why a lock is not to be had: somebody has it, or the file system does not lock.
fn refused(path: &Path, error: Errno, taken: VoucherError) -> VoucherError {
	match error {
		Errno::WOULDBLOCK => taken,
		other => failed(path, &other.into()),
	}
}

pub(crate) fn failed(path: &Path, error: &io::Error) -> VoucherError {
	VoucherError::File {
		path: path.into(),
		why: error.to_string(),
	}
}

fn head() -> [u8; HEAD as usize] {
	let mut head = [0; HEAD as usize];
	if let Some(magic) = head.first_chunk_mut() {
		*magic = MAGIC;
	}
	head
}

fn cell((slot, device): &Place, row: &Row) -> Vec<u8> {
	let Row { number, count, bill } = row;
	let mut bytes = Vec::with_capacity(CELL);
	bytes.extend(count.to_le_bytes());
	bytes.push(*slot);
	bytes.extend(device.0);
	for planck in [bill.owed, bill.open, bill.promised, bill.lost] {
		bytes.extend(planck.to_le_bytes());
	}
	bytes.resize(SUMMED, 0);
	let sum = sum(*number, &bytes);
	bytes.extend(sum);
	bytes
}

fn sum(number: u64, bytes: &[u8]) -> [u8; CELL - SUMMED] {
	let mut hasher = blake3::Hasher::new();
	hasher.update(&number.to_le_bytes()).update(bytes);
	let hash = *hasher.finalize().as_bytes();
	hash.first_chunk().copied().unwrap_or_default()
}

/// What a cell says; none if it is damaged.
fn said(number: u64, bytes: &[u8]) -> Option<(Place, Row)> {
	let (summed, found) = bytes.split_at_checked(SUMMED)?;
	if found != sum(number, summed) {
		return None;
	}
	let (count, rest) = summed.split_first_chunk()?;
	let (slot, rest) = rest.split_first()?;
	let (device, rest) = rest.split_first_chunk()?;
	let (owed, rest) = rest.split_first_chunk()?;
	let (open, rest) = rest.split_first_chunk()?;
	let (promised, rest) = rest.split_first_chunk()?;
	let (lost, _) = rest.split_first_chunk()?;
	let bill = Bill {
		owed: u128::from_le_bytes(*owed),
		open: u128::from_le_bytes(*open),
		promised: u128::from_le_bytes(*promised),
		lost: u128::from_le_bytes(*lost),
	};
	let row = Row {
		number,
		count: u64::from_le_bytes(*count),
		bill,
	};
	Some(((*slot, DeviceId(*device)), row))
}

fn read(file: &File, path: &Path) -> Result<BTreeMap<Place, Row>, VoucherError> {
	let damaged = || VoucherError::Damaged { path: path.into() };
	let length = file.metadata().map_err(|error| failed(path, &error))?.len();
	if length > HEAD + MOST_ROWS * ROW {
		return Err(damaged());
	}
	let bytes = fs::read(path).map_err(|error| failed(path, &error))?;
	let (head, rest) = bytes.split_at_checked(HEAD as usize).ok_or_else(damaged)?;
	if head.first_chunk() != Some(&MAGIC) {
		return Err(damaged());
	}
	let mut rows = BTreeMap::new();
	for (number, row) in (0..).zip(rest.chunks(ROW as usize)) {
		if row.iter().all(|byte| *byte == 0) {
			continue;
		}
		let cells = row.chunks(CELL).filter_map(|cell| said(number, cell));
		let (place, row) = cells.max_by_key(|(_, row)| row.count).ok_or_else(damaged)?;
		rows.insert(place, row);
	}
	Ok(rows)
}

#[cfg(test)]
mod tests {
	use super::*;
	use std::os::unix::fs::MetadataExt;

	fn place(slot: u8) -> Place {
		(slot, DeviceId([slot + 1; 32]))
	}

	fn bill(owed: u128, open: u128, promised: u128) -> Bill {
		Bill {
			owed,
			open,
			promised,
			lost: 0,
		}
	}

	fn losing(bill: Bill, lost: u128) -> Bill {
		Bill { lost, ..bill }
	}

	#[test]
	fn what_is_noted_comes_back_and_what_was_open_is_lost() {
		let folder = tempfile::tempdir().unwrap();
		let path = folder.path().join("paid/one");
		assert!(Paid::peek(&path).unwrap().is_empty());
		let mut paid = Paid::open(&path).unwrap();
		assert_eq!(paid.of(&place(0)), Bill::default());
		for step in 1..=9 {
			paid.note(place(0), bill(step, 1, step), step % 3 == 0).unwrap();
			paid.note(place(7), bill(2 * step, 0, step), false).unwrap();
		}
		assert_eq!(fs::metadata(&path).unwrap().mode() & 0o777, 0o600);
		assert_eq!(fs::metadata(&path).unwrap().len(), HEAD + 2 * ROW, "it does not grow");
		assert!(matches!(Paid::open(&path).unwrap_err(), VoucherError::Taken));
		assert_eq!(Paid::peek(&path).unwrap()[&place(0)], bill(9, 1, 9));
		drop(paid);
		let again = Paid::open(&path).unwrap();
		assert_eq!(again.of(&place(0)), losing(bill(9, 0, 9), 1), "it may have been sent");
		assert_eq!(again.of(&place(7)), bill(18, 0, 9));
	}

	#[test]
	fn a_torn_cell_leaves_the_one_before() {
		let folder = tempfile::tempdir().unwrap();
		let path = folder.path().join("one");
		let mut paid = Paid::open(&path).unwrap();
		paid.note(place(0), bill(1, 0, 1), true).unwrap();
		paid.note(place(0), bill(2, 0, 2), true).unwrap();
		drop(paid);
		let whole = fs::read(&path).unwrap();
		// The second note lies in the first cell of the row.
		for torn in [0, 9, 50, 127] {
			let mut bytes = whole.clone();
			bytes[HEAD as usize + torn] ^= 1;
			fs::write(&path, bytes).unwrap();
			assert_eq!(Paid::open(&path).unwrap().of(&place(0)), bill(1, 0, 1));
		}
		let mut bytes = whole.clone();
		bytes[HEAD as usize] ^= 1;
		bytes[HEAD as usize + CELL] ^= 1;
		for wrong in [bytes, whole[..100].to_vec(), [&b"X"[..], &whole[1..]].concat()] {
			fs::write(&path, wrong).unwrap();
			assert!(matches!(Paid::open(&path).unwrap_err(), VoucherError::Damaged { .. }));
		}
	}

	/// Whatever bytes there are: of chance, and such whose sums are right, so that what they say is looked at.
	#[test]
	fn no_bytes_panic() {
		let folder = tempfile::tempdir().unwrap();
		let path = folder.path().join("one");
		let mut rows = 0;
		for length in (0..700).step_by(7) {
			let mut bytes = vec![0; length];
			blake3::Hasher::new()
				.update(&length.to_le_bytes())
				.finalize_xof()
				.fill(&mut bytes);
			for (at, byte) in MAGIC.iter().enumerate().take(length) {
				bytes[at] = *byte;
			}
			fs::write(&path, &bytes).unwrap();
			let _ = Paid::peek(&path);
			let rest = bytes.get_mut(HEAD as usize..).unwrap_or_default();
			for (number, row) in (0..).zip(rest.chunks_mut(ROW as usize)) {
				for cell in row.chunks_exact_mut(CELL) {
					let (summed, found) = cell.split_at_mut(SUMMED);
					found.copy_from_slice(&sum(number, summed));
				}
			}
			fs::write(&path, &bytes).unwrap();
			if let Ok(found) = Paid::peek(&path) {
				rows += found.len();
				let mut paid = Paid::open(&path).unwrap();
				for (place, bill) in found {
					paid.note(place, bill, false).unwrap();
				}
			}
		}
		assert!(rows > 40, "{rows} rows were looked at");
	}

	/// Somebody who cannot lock is not told to wait for a program that there is not.
	#[test]
	fn a_lock_that_fails_is_told_as_what_it_is() {
		let path = Path::new("/there");
		assert!(matches!(
			refused(path, Errno::WOULDBLOCK, VoucherError::Taken),
			VoucherError::Taken
		));
		for error in [Errno::NOTSUP, Errno::NOLCK, Errno::IO] {
			let told = refused(path, error, VoucherError::Busy);
			assert!(matches!(told, VoucherError::File { .. }), "{told}");
		}
	}

	#[test]
	fn the_bytes_of_version_1_stay() {
		let row = Row {
			number: 3,
			count: 5,
			bill: losing(bill(1, 2, 0x0102), 7),
		};
		let bytes = cell(&place(8), &row);
		let mut expected = vec![0_u8; SUMMED];
		expected[0] = 5;
		expected[8] = 8;
		expected[9..41].fill(9);
		expected[41] = 1;
		expected[57] = 2;
		expected[73..75].copy_from_slice(&[2, 1]);
		expected[89] = 7;
		assert_eq!(bytes[..SUMMED], expected);
		assert_eq!(bytes.len(), CELL);
		assert_eq!(
			said(3, &bytes).map(|(place, row)| (place, row.bill)),
			Some((place(8), row.bill))
		);
		assert!(said(4, &bytes).is_none(), "another row's");
		assert_eq!(head()[..8], *b"SCPAID\0\x01");
	}
}
