//! Writes a container, from front to back and in little memory. It is durable when this returns, under the name that it
//! was given; to rename it, and to make that durable, is the store's.

use super::{
	header::{Header, HEADER, UNIT},
	page::Builder,
};
use crate::{
	error::{At, Damage, StoreError},
	source::Sets,
};
use sp_crypto_hashing::twox_64;
use std::{
	fs::File,
	io::{BufWriter, Write},
	os::unix::fs::FileExt,
	path::Path,
};

/// Bytes that are collected before they are written.
const BUFFER: usize = 1 << 18;

/// Interleaves the sources, which have the plots of `header` in its order. `each` page is told, and may end it.
pub fn write(
	path: &Path,
	mut header: Header,
	sources: &mut [Box<dyn Sets + '_>],
	mut each: impl FnMut(u64) -> Result<(), StoreError>,
) -> Result<Header, StoreError> {
	let plots: u32 = sources.iter().map(|source| u32::from(source.plots())).sum();
	if plots != u32::from(header.plots) {
		return Err(Damage::Content.of(path));
	}
	let file = File::create(path).at("make", path)?;
	let mut out = BufWriter::with_capacity(BUFFER, file);
	out.write_all(&[0; HEADER]).at("write", path)?;
	let mut index = Vec::with_capacity(2 * header.pages() as usize);
	let (mut builder, mut page, mut fragments) = (Builder::default(), Vec::new(), Vec::new());
	let mut at = HEADER as u64;
	for number in 0..header.pages() {
		for _ in 0..header.page_sets() {
			for source in sources.iter_mut() {
				for _ in 0..source.plots() {
					source.next_block(&mut fragments)?;
					header.fragments += fragments.len() as u64;
					if !builder.block(header.k, &fragments) {
						return Err(Damage::Page(number).of(path));
					}
				}
			}
		}
		builder.end(&mut page);
		let length = u16::try_from(page.len() / UNIT).map_err(|_| Damage::Page(number).of(path))?;
		index.extend(length.to_le_bytes());
		out.write_all(&page).at("write", path)?;
		at += page.len() as u64;
		each(number)?;
	}
	out.write_all(&index).at("write", path)?;
	header.index_at = at;
	header.index_sum = twox_64(&index);
	let file = out.into_inner().map_err(|error| error.into_error()).at("write", path)?;
	file.write_all_at(&header.encode(), 0).at("write", path)?;
	file.sync_all().at("write", path)?;
	Ok(header)
}
