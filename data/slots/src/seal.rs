//! Encryption: a key a volume, frames of 64 KiB under ChaCha20-Poly1305, the frame's index and a last flag as nonce.
//!
//! Nothing is convergent: equal files under two keys have nothing in common, so that no one learns who stores what.

use crate::Error;
use chacha20poly1305::{AeadInPlace, ChaCha20Poly1305, Key, KeyInit, Nonce, Tag};
use zeroize::Zeroizing;

/// Bytes of a sealed frame. The last one is shorter.
pub const FRAME: usize = 64 << 10;
/// Bytes of a frame's tag, its end.
pub const TAG: usize = 16;
/// Bytes of plaintext in a frame.
pub const PLAIN: usize = FRAME - TAG;

/// What seals one volume, and never another one: drawn at random, wrapped for its owner on chain.
pub struct VolumeKey(Zeroizing<[u8; 32]>);

impl VolumeKey {
	/// Of 32 bytes of a good source of chance. A key that sealed something must never seal other bytes.
	pub fn new(bytes: [u8; 32]) -> Self {
		Self(Zeroizing::new(bytes))
	}

	/// The secret, to be wrapped.
	pub fn secret(&self) -> &[u8; 32] {
		&self.0
	}

	fn derived(&self, context: &str) -> Zeroizing<[u8; 32]> {
		Zeroizing::new(blake3::derive_key(context, &self.0[..]))
	}

	/// What tells keys apart without telling them.
	pub(crate) fn check(&self) -> [u8; 32] {
		*self.derived("SmartChain volume key check v1")
	}

	/// What hashes checkpoints, so that a journal says nothing about plaintext.
	pub(crate) fn checkpoints(&self) -> Zeroizing<[u8; 32]> {
		self.derived("SmartChain volume checkpoints v1")
	}
}

impl std::fmt::Debug for VolumeKey {
	fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
		f.write_str("VolumeKey")
	}
}

/// Seals and opens the frames of one volume, in place.
pub struct Frames(ChaCha20Poly1305);

impl Frames {
	/// Under a volume's key.
	pub fn new(key: &VolumeKey) -> Self {
		let derived = key.derived("SmartChain volume frames v1");
		Self(ChaCha20Poly1305::new(&Key::from(*derived)))
	}

	/// Seals a frame: plaintext, and [`TAG`] bytes of room behind it.
	pub fn seal(&self, index: u64, last: bool, frame: &mut [u8]) -> Result<(), Error> {
		let plain = frame.len().checked_sub(TAG).ok_or(Error::Unsealed { frame: index })?;
		let (text, room) = frame.split_at_mut(plain);
		let tag = self
			.0
			.encrypt_in_place_detached(&nonce(index, last), &[], text)
			.map_err(|_| Error::Unsealed { frame: index })?;
		room.copy_from_slice(&tag);
		Ok(())
	}

	/// Opens a sealed frame, and says how many bytes of it are plaintext now. If it does not open, its bytes stay
	/// sealed.
	pub fn open(&self, index: u64, last: bool, frame: &mut [u8]) -> Result<usize, Error> {
		let wrong = Error::Unsealed { frame: index };
		let Some((text, tag)) = frame.split_last_chunk_mut::<TAG>() else {
			return Err(wrong);
		};
		let opened = self
			.0
			.decrypt_in_place_detached(&nonce(index, last), &[], text, &Tag::from(*tag));
		opened.map_err(|_| wrong)?;
		Ok(text.len())
	}
}

fn nonce(index: u64, last: bool) -> Nonce {
	let mut bytes = [0; 12];
	bytes[..8].copy_from_slice(&index.to_le_bytes());
	bytes[11] = u8::from(last);
	bytes.into()
}

/// Bytes of a sealed volume for so many of plaintext, of which there is at least one.
pub const fn sealed_len(plain: u64) -> u64 {
	plain.saturating_add(plain.div_ceil(PLAIN as u64).saturating_mul(TAG as u64))
}

/// Bytes of plaintext in a sealed volume of so many; none if no volume is so long.
pub const fn plain_len(sealed: u64) -> Option<u64> {
	let frames = sealed.div_ceil(FRAME as u64);
	let rest = sealed % FRAME as u64;
	if sealed == 0 || (rest != 0 && rest <= TAG as u64) {
		return None;
	}
	Some(sealed - frames * TAG as u64)
}

#[cfg(test)]
mod tests {
	use super::*;

	fn sealed(index: u64, last: bool, text: &[u8]) -> Vec<u8> {
		let mut frame = [text, &[0; TAG]].concat();
		Frames::new(&VolumeKey::new([7; 32]))
			.seal(index, last, &mut frame)
			.unwrap();
		frame
	}

	#[test]
	fn what_was_sealed_opens_where_it_belongs_alone() {
		let frames = Frames::new(&VolumeKey::new([7; 32]));
		let frame = sealed(3, false, b"a text");
		let open = |index, last, frame: &[u8]| {
			let mut frame = frame.to_vec();
			frames
				.open(index, last, &mut frame)
				.ok()
				.map(|plain| frame[..plain].to_vec())
		};
		assert_eq!(open(3, false, &frame).as_deref(), Some(&b"a text"[..]));
		assert!(open(4, false, &frame).is_none(), "another place");
		assert!(open(3, true, &frame).is_none(), "not the last one");
		assert!(open(3, false, &frame[1..]).is_none());
		assert!(open(3, false, &frame[..TAG - 1]).is_none());
		for i in 0..frame.len() {
			let mut flipped = frame.clone();
			flipped[i] ^= 1;
			assert!(open(3, false, &flipped).is_none(), "byte {i}");
		}
	}

	#[test]
	fn equal_texts_have_nothing_in_common() {
		let one = sealed(0, false, &[0; 64]);
		assert_ne!(one, sealed(1, false, &[0; 64]));
		let mut other = [0; 64 + TAG];
		Frames::new(&VolumeKey::new([8; 32]))
			.seal(0, false, &mut other)
			.unwrap();
		assert_ne!(one, other);
	}

	#[test]
	fn lengths_go_there_and_back() {
		let edge = PLAIN as u64;
		for plain in [
			1,
			2,
			edge - 1,
			edge,
			edge + 1,
			2 * edge - 1,
			2 * edge,
			2 * edge + 1,
			1 << 40,
		] {
			assert_eq!(plain_len(sealed_len(plain)), Some(plain), "{plain}");
		}
		for none in [0, 1, TAG as u64, FRAME as u64 + 1, FRAME as u64 + TAG as u64] {
			assert_eq!(plain_len(none), None, "{none}");
		}
	}

	#[test]
	fn a_key_does_not_show() {
		assert_eq!(format!("{:?}", VolumeKey::new([9; 32])), "VolumeKey");
	}
}
