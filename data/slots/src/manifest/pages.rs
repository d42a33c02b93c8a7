//! Pages of entries, the index of them, and the footer that ends a volume.

use super::entry::take;
use crate::{Error, ManifestError};

/// Bytes of the longest page.
pub const PAGE: usize = 256 << 10;
/// The most pages of a volume: four million entries with the longest paths, ten times as many with usual ones.
pub const MAX_PAGES: u32 = 65_536;
/// Bytes of a page in the index.
pub const PAGE_ITEM: u64 = 16;
/// Bytes of the footer.
pub const FOOTER: u64 = 36;
/// How a footer begins. The last byte is the version of all of the manifest.
const MAGIC: &[u8; 8] = b"SCVOLUM\x01";

/// Where a page lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Page {
	/// Where it begins in the volume.
	pub offset: u64,
	/// Its bytes.
	pub length: u32,
	/// Its entries.
	pub entries: u32,
}

/// The pages of a volume, in order: `(offset u64 | length u32 | entries u32) ...`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Index(
	/// The pages.
	pub Vec<Page>,
);

impl Index {
	/// Its bytes.
	pub fn encode(&self) -> Vec<u8> {
		let mut bytes = Vec::with_capacity(self.0.len() * PAGE_ITEM as usize);
		for page in &self.0 {
			bytes.extend(page.offset.to_le_bytes());
			bytes.extend(page.length.to_le_bytes());
			bytes.extend(page.entries.to_le_bytes());
		}
		bytes
	}

	/// From its bytes. Pages lie one behind the other, before the index that begins at `end`.
	pub fn decode(mut bytes: &[u8], end: u64) -> Result<Self, ManifestError> {
		let mut pages = Vec::with_capacity(bytes.len() / PAGE_ITEM as usize);
		let mut free = 0;
		while !bytes.is_empty() {
			let page = Page {
				offset: u64::from_le_bytes(take(&mut bytes)?),
				length: u32::from_le_bytes(take(&mut bytes)?),
				entries: u32::from_le_bytes(take(&mut bytes)?),
			};
			let sizes = page.length as usize <= PAGE && page.entries > 0 && page.entries <= page.length;
			let after = page.offset.checked_add(u64::from(page.length));
			match after.filter(|after| sizes && page.offset >= free && *after <= end) {
				Some(after) => free = after,
				None => return Err(ManifestError::Numbers),
			}
			pages.push(page);
		}
		Ok(Self(pages))
	}
}

/// The end of a volume: `magic | index u64 | pages u32 | entries u64 | data u64`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Footer {
	/// Where the index begins.
	pub index: u64,
	/// How many pages there are.
	pub pages: u32,
	/// How many entries.
	pub entries: u64,
	/// Bytes of all files.
	pub data: u64,
}

impl Footer {
	/// Its bytes.
	pub fn encode(&self) -> Vec<u8> {
		let mut bytes = MAGIC.to_vec();
		bytes.extend(self.index.to_le_bytes());
		bytes.extend(self.pages.to_le_bytes());
		bytes.extend(self.entries.to_le_bytes());
		bytes.extend(self.data.to_le_bytes());
		bytes
	}

	/// From the last bytes of a volume that has `plain` of them.
	pub fn decode(mut bytes: &[u8], plain: u64) -> Result<Self, ManifestError> {
		if &take::<8>(&mut bytes)? != MAGIC {
			return Err(ManifestError::Magic);
		}
		let footer = Self {
			index: u64::from_le_bytes(take(&mut bytes)?),
			pages: u32::from_le_bytes(take(&mut bytes)?),
			entries: u64::from_le_bytes(take(&mut bytes)?),
			data: u64::from_le_bytes(take(&mut bytes)?),
		};
		let after = u64::from(footer.pages) * PAGE_ITEM + FOOTER;
		let fits = footer.index.checked_add(after) == Some(plain) && footer.data <= footer.index;
		if !fits || footer.pages > MAX_PAGES || !bytes.is_empty() {
			return Err(ManifestError::Numbers);
		}
		Ok(footer)
	}
}

/// When a page is full: the one rule for those who plan a volume and those who write it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Pager {
	used: usize,
	pages: u32,
}

impl Pager {
	/// Whether the page has to end before an entry of so many bytes.
	pub(crate) fn is_full(&self, length: usize) -> bool {
		self.used + length > PAGE
	}

	/// Takes an entry into the page.
	pub(crate) fn add(&mut self, length: usize) {
		self.used += length;
	}

	/// Ends the page, if it has an entry.
	pub(crate) fn end(&mut self) -> Result<bool, Error> {
		if self.used == 0 {
			return Ok(false);
		}
		if self.pages == MAX_PAGES {
			return Err(Error::TooMany {
				what: "pages of entries",
				most: u64::from(MAX_PAGES),
			});
		}
		self.used = 0;
		self.pages += 1;
		Ok(true)
	}

	/// How many pages ended.
	pub(crate) fn pages(&self) -> u32 {
		self.pages
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn the_bytes_of_version_1_stay() {
		let index = Index(vec![Page {
			offset: 3,
			length: 70,
			entries: 1,
		}]);
		let golden = [3_u8, 0, 0, 0, 0, 0, 0, 0, 70, 0, 0, 0, 1, 0, 0, 0];
		assert_eq!(index.encode(), golden);
		assert_eq!(Index::decode(&golden, 73), Ok(index));
		let footer = Footer {
			index: 73,
			pages: 1,
			entries: 1,
			data: 3,
		};
		let mut golden = b"SCVOLUM\x01".to_vec();
		golden.extend([
			73_u8, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0,
		]);
		assert_eq!(footer.encode(), golden);
		assert_eq!(golden.len() as u64, FOOTER);
		assert_eq!(Footer::decode(&golden, 125), Ok(footer));
	}

	#[test]
	fn what_does_not_fit_is_refused() {
		let page = |offset, length, entries| Page {
			offset,
			length,
			entries,
		};
		for pages in [
			vec![page(0, PAGE as u32 + 1, 1)],
			vec![page(0, 70, 0)],
			vec![page(0, 70, 71)],
			vec![page(u64::MAX, 70, 1)],
			vec![page(0, 70, 1), page(69, 70, 1)],
			vec![page(31, 70, 1)],
		] {
			let bytes = Index(pages.clone()).encode();
			let decoded = Index::decode(&bytes, 100);
			let alone = pages == [page(0, PAGE as u32 + 1, 1)];
			let end = if alone { Index::decode(&bytes, 1 << 30) } else { decoded };
			assert_eq!(end, Err(ManifestError::Numbers), "{pages:?}");
		}
		let sound = Footer {
			index: 0,
			pages: 0,
			entries: 0,
			data: 0,
		}
		.encode();
		assert!(Footer::decode(&sound, FOOTER).is_ok());
		assert_eq!(Footer::decode(&sound, FOOTER + 1), Err(ManifestError::Numbers));
		assert_eq!(Footer::decode(&sound[..20], FOOTER), Err(ManifestError::Short));
		let mut newer = sound;
		newer[7] = 2;
		assert_eq!(Footer::decode(&newer, FOOTER), Err(ManifestError::Magic));
	}

	#[test]
	fn pages_end_where_the_next_entry_has_no_room() {
		let mut pager = Pager::default();
		assert!(!pager.end().unwrap(), "no page without an entry");
		pager.add(PAGE - 70);
		assert!(!pager.is_full(70) && pager.is_full(71));
		assert!(pager.end().unwrap());
		assert_eq!(pager.pages(), 1);
		assert!(!pager.is_full(PAGE));
	}
}
