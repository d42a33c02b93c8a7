//! The book as bytes.

use crate::{Book, BookError};
use codec::{DecodeAll, Encode};
use sp_crypto_hashing::blake2_256;

/// What a file begins with; the version is the byte after it.
const MAGIC: &[u8; 7] = b"SCEARND";
/// The version that this program writes.
const VERSION: u8 = 1;
/// Bytes of the checksum.
const SUM: usize = 8;
/// Bytes of a file at most: all eras have less than a half of it.
pub(crate) const MAX_BYTES: usize = 1 << 20;

fn checksum(bytes: &[u8]) -> [u8; SUM] {
	let mut first = [0; SUM];
	first.copy_from_slice(&blake2_256(bytes)[..SUM]);
	first
}

impl Book {
	/// The bytes of its file.
	pub fn encode(&self) -> Vec<u8> {
		let mut bytes = MAGIC.to_vec();
		bytes.push(VERSION);
		self.kept.encode_to(&mut bytes);
		let sum = checksum(&bytes);
		bytes.extend(sum);
		bytes
	}

	/// The book of these bytes.
	///
	/// # Errors
	/// [`BookError`]; also if it is not of this chain and account.
	pub fn decode(bytes: &[u8], genesis: [u8; 32], account: [u8; 32]) -> Result<Self, BookError> {
		if bytes.len() > MAX_BYTES {
			return Err(BookError::Damaged("it is longer than a book can be"));
		}
		let Some(([magic @ .., version], rest)) = bytes.split_first_chunk::<8>() else {
			return Err(BookError::Damaged("it is cut short"));
		};
		if magic != MAGIC {
			return Err(BookError::Damaged("it begins otherwise"));
		}
		if *version != VERSION {
			return Err(BookError::Version(*version));
		}
		let Some((mut kept, sum)) = rest.split_last_chunk::<SUM>() else {
			return Err(BookError::Damaged("it is cut short"));
		};
		let summed = bytes.len().saturating_sub(SUM);
		if checksum(bytes.get(..summed).unwrap_or_default()) != *sum {
			return Err(BookError::Damaged("its checksum is another one"));
		}
		let kept = crate::book::Kept::decode_all(&mut kept);
		let mut book = Self {
			kept: kept.map_err(|_| BookError::Damaged("it cannot be read"))?,
		};
		if (book.kept.genesis, book.kept.account) != (genesis, account) {
			return Err(BookError::Other);
		}
		book.bound();
		Ok(book)
	}
}
