//! One file, folder or link: what is known of it, and its bytes in a page.

use crate::ManifestError;

/// Bytes of the longest path.
pub const MAX_PATH: usize = 4_096;
/// Bytes of the longest target of a link.
pub const MAX_LINK: u64 = 4_096;
/// Bytes of an entry beside its path.
const FIXED: usize = 67;

/// What an entry is. A link's bytes are its target.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
	/// A file with its bytes.
	File,
	/// A folder; it has no bytes.
	Folder,
	/// A symbolic link.
	Link,
}

/// What is known of an entry before its bytes are read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Meta {
	/// From the folder that is stored, names between slashes; bytes, for not every name is text.
	pub path: Vec<u8>,
	/// What it is.
	pub kind: Kind,
	/// The lower twelve bits of Unix's mode.
	pub mode: u32,
	/// When it was written: seconds since 1970.
	pub seconds: i64,
	/// And nanoseconds, below 10^9.
	pub nanos: u32,
	/// Its bytes; `None` for a stream whose end is not known.
	pub size: Option<u64>,
}

/// An entry of the manifest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
	/// See [`Meta::path`].
	pub path: Vec<u8>,
	/// What it is.
	pub kind: Kind,
	/// See [`Meta::mode`].
	pub mode: u32,
	/// See [`Meta::seconds`].
	pub seconds: i64,
	/// See [`Meta::nanos`].
	pub nanos: u32,
	/// How many bytes it has.
	pub size: u64,
	/// Where they begin in the volume.
	pub offset: u64,
	/// Their BLAKE3 hash.
	pub hash: [u8; 32],
}

/// Whether a path stays within the folder.
pub(super) fn is_path(path: &[u8]) -> bool {
	let sound = |name: &[u8]| !matches!(name, b"" | b"." | b"..") && !name.contains(&0);
	path.len() <= MAX_PATH && path.split(|byte| *byte == b'/').all(sound)
}

/// A path for people: what is no text, moves the cursor, or turns around or hides what stands beside it is shown as
/// `�`.
pub fn shown(path: &[u8]) -> String {
	let hides = |character: char| {
		let unseen = matches!(character, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}');
		character.is_control() || unseen || character == '\u{feff}'
	};
	let text = String::from_utf8_lossy(path);
	let seen = text.chars().map(|character| match hides(character) {
		true => char::REPLACEMENT_CHARACTER,
		false => character,
	});
	seen.collect()
}

impl Meta {
	/// Bytes that its entry takes in a page.
	///
	/// Errors: a path or number that no entry has.
	pub fn entry_len(&self) -> Result<usize, ManifestError> {
		if !is_path(&self.path) {
			return Err(ManifestError::Path);
		}
		let link = self.kind == Kind::Link && self.size.is_none_or(|size| size > MAX_LINK);
		let folder = self.kind == Kind::Folder && self.size != Some(0);
		if link || folder || self.mode > 0o7777 || self.nanos >= 1_000_000_000 {
			return Err(ManifestError::Numbers);
		}
		Ok(FIXED + self.path.len())
	}

	/// Its entry, once its bytes are read.
	pub fn entry(self, size: u64, offset: u64, hash: [u8; 32]) -> Entry {
		Entry {
			path: self.path,
			kind: self.kind,
			mode: self.mode,
			seconds: self.seconds,
			nanos: self.nanos,
			size,
			offset,
			hash,
		}
	}
}

impl Entry {
	/// Its path for people: see [`shown()`].
	pub fn shown(&self) -> String {
		shown(&self.path)
	}

	/// Appends it to a page: `kind u8 | mode u32 | seconds i64 | nanos u32 | size u64 | offset u64 | hash | length u16
	/// | path`, numbers little-endian.
	pub fn encode_to(&self, page: &mut Vec<u8>) {
		page.push(match self.kind {
			Kind::File => 0,
			Kind::Folder => 1,
			Kind::Link => 2,
		});
		page.extend(self.mode.to_le_bytes());
		page.extend(self.seconds.to_le_bytes());
		page.extend(self.nanos.to_le_bytes());
		page.extend(self.size.to_le_bytes());
		page.extend(self.offset.to_le_bytes());
		page.extend(self.hash);
		page.extend((self.path.len() as u16).to_le_bytes());
		page.extend(&self.path);
	}

	/// Takes the first entry off a page.
	///
	/// Errors: whatever no volume of this version has; `data` is where the bytes of files end.
	pub fn decode_from(page: &mut &[u8], data: u64) -> Result<Self, ManifestError> {
		let kind = match take::<1>(page)? {
			[0] => Kind::File,
			[1] => Kind::Folder,
			[2] => Kind::Link,
			_ => return Err(ManifestError::Numbers),
		};
		let mode = u32::from_le_bytes(take(page)?);
		let seconds = i64::from_le_bytes(take(page)?);
		let nanos = u32::from_le_bytes(take(page)?);
		let size = u64::from_le_bytes(take(page)?);
		let offset = u64::from_le_bytes(take(page)?);
		let hash = take(page)?;
		let length = usize::from(u16::from_le_bytes(take(page)?));
		let (path, rest) = page.split_at_checked(length).ok_or(ManifestError::Short)?;
		*page = rest;
		let meta = Meta {
			path: path.to_vec(),
			kind,
			mode,
			seconds,
			nanos,
			size: Some(size),
		};
		meta.entry_len()?;
		if offset.checked_add(size).is_none_or(|end| end > data) {
			return Err(ManifestError::Numbers);
		}
		Ok(meta.entry(size, offset, hash))
	}
}

/// Takes the first bytes off.
pub(super) fn take<const N: usize>(bytes: &mut &[u8]) -> Result<[u8; N], ManifestError> {
	let (first, rest) = bytes.split_first_chunk::<N>().ok_or(ManifestError::Short)?;
	*bytes = rest;
	Ok(*first)
}

#[cfg(test)]
mod tests {
	use super::*;

	fn entry() -> Entry {
		Entry {
			path: b"a/b".to_vec(),
			kind: Kind::File,
			mode: 0o644,
			seconds: 1_700_000_000,
			nanos: 5,
			size: 3,
			offset: 16,
			hash: [0xab; 32],
		}
	}

	#[test]
	fn the_bytes_of_version_1_stay() {
		let mut page = Vec::new();
		entry().encode_to(&mut page);
		let golden = [
			&[0_u8][..],
			&[0xa4, 0x01, 0, 0],
			&[0x00, 0xf1, 0x53, 0x65, 0, 0, 0, 0],
			&[5, 0, 0, 0],
			&[3, 0, 0, 0, 0, 0, 0, 0],
			&[16, 0, 0, 0, 0, 0, 0, 0],
			&[0xab; 32],
			&[3, 0],
			b"a/b",
		]
		.concat();
		assert_eq!(page, golden);
		assert_eq!(page.len(), FIXED + 3);
		let mut rest = &golden[..];
		assert_eq!(Entry::decode_from(&mut rest, 19).unwrap(), entry());
		assert!(rest.is_empty());
	}

	#[test]
	fn what_no_volume_has_is_refused() {
		let mut page = Vec::new();
		entry().encode_to(&mut page);
		let decode = |bytes: &[u8], data| Entry::decode_from(&mut &bytes[..], data).map(|_| ());
		for length in 0..page.len() {
			assert_eq!(decode(&page[..length], 19), Err(ManifestError::Short), "{length} bytes");
		}
		assert_eq!(decode(&page, 18), Err(ManifestError::Numbers), "bytes beyond the data");
		page[0] = 3;
		assert_eq!(decode(&page, 19), Err(ManifestError::Numbers), "of no kind");
		page[0] = 1;
		assert_eq!(decode(&page, 19), Err(ManifestError::Numbers), "a folder with bytes");
	}

	/// The painter of names: escapes in them show nothing else than there is.
	#[test]
	fn the_painter_of_names_paints_nothing() {
		for (path, expected) in [
			(&b"a\x1b[2K\rdone"[..], "a\u{fffd}[2K\u{fffd}done"),
			("a\u{202e}gpj.exe".as_bytes(), "a\u{fffd}gpj.exe"),
			("ä/ö ü".as_bytes(), "ä/ö ü"),
			(b"\xff", "\u{fffd}"),
		] {
			assert_eq!(shown(path), expected);
		}
	}

	#[test]
	fn paths_stay_within_the_folder() {
		for path in ["a", "a/b", "...", "a/..b", "ä/ö"] {
			assert!(is_path(path.as_bytes()), "{path}");
		}
		let long = "x".repeat(MAX_PATH + 1);
		for path in ["", "/", "/a", "a/", "a//b", ".", "..", "a/../b", "a/.", "a\0b", &long] {
			assert!(!is_path(path.as_bytes()), "{path}");
		}
	}
}
