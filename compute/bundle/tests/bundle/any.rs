//! Any bytes as the head of a bundle: nothing panics, what is understood is written back as it was, and no range leads
//! out of the bundle. By itself, so that a fuzzer can lead it, too.

use smartchain_bundle::{head, Index, MAX_RANGE, MAX_UNITS};

pub fn drive(bytes: &[u8]) {
	let mut first = [0; 8];
	let claimed = bytes.len().min(8);
	first[..claimed].copy_from_slice(&bytes[..claimed]);
	for total in [bytes.len() as u64, u64::from_le_bytes(first), u64::MAX] {
		of(bytes, total);
	}
	// Of the length that it says itself, which a liar chooses as it likes.
	if let Some(data) = bytes
		.get(12..20)
		.and_then(|part| part.try_into().ok())
		.map(u64::from_le_bytes)
	{
		let units = bytes
			.get(8..12)
			.and_then(|part| part.try_into().ok())
			.map_or(0, u32::from_le_bytes);
		of(bytes, data.saturating_add(20 + 12 * u64::from(units)));
	}
}

fn of(bytes: &[u8], total: u64) {
	let Ok(index) = Index::decode(bytes, total) else {
		return;
	};
	let found = head(bytes, total).expect("an index has a head");
	assert_eq!(found, index.head());
	assert!((1..=MAX_UNITS).contains(&found.units) && found.total() == total);
	assert!(bytes.starts_with(&index.encode()));
	for range in index.ranges() {
		assert!(range.length <= MAX_RANGE);
		assert!(found.begin() + range.offset + u64::from(range.length) <= total);
	}
	assert_eq!(Index::new(index.ranges().to_vec(), found.data), Ok(index));
}
