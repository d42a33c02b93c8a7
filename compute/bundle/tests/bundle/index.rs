//! The index: there and back, and what is none.

use crate::{any::drive, kit::indices};
use proptest::{collection::vec, prelude::*};
use smartchain_bundle::{Index, IndexError, Range, MAX_RANGE, MAX_UNITS};

fn range(offset: u64, length: u32) -> Range {
	Range { offset, length }
}

proptest! {
	#![proptest_config(ProptestConfig::with_cases(64))]

	#[test]
	fn an_index_comes_back(index in indices(), at in any::<prop::sample::Index>(), byte in any::<u8>()) {
		let mut bytes = index.encode();
		prop_assert_eq!(bytes.len() as u64, index.head().begin());
		let total = index.head().total();
		prop_assert_eq!(&Index::decode(&bytes, total).unwrap(), &index);
		let at = at.index(bytes.len());
		prop_assert!(Index::decode(&bytes[..at], total).is_err(), "cut off");
		for wrong in [total - 1, total + 1, 0] {
			prop_assert_eq!(Index::decode(&bytes, wrong), Err(IndexError::Length));
		}
		bytes[at] = byte;
		drive(&bytes);
	}

	#[test]
	fn any_bytes_are_refused_or_understood(
		bytes in vec(any::<u8>(), 0..300), good in any::<bool>(), units in 0..12_u32,
	) {
		let mut bytes = bytes;
		if good {
			let mut begun = b"SCBUNDL\x01".to_vec();
			begun.extend(units.to_le_bytes());
			begun.append(&mut bytes);
			bytes = begun;
		}
		drive(&bytes);
	}

	#[test]
	fn small_ranges_are_refused_or_understood(
		ranges in vec((0..40_u64, 0..40_u32), 0..8), data in 0..60_u64,
	) {
		let within = |(offset, length): &(u64, u32)| {
			offset + u64::from(*length) <= data && (*length > 0 || *offset == 0)
		};
		let expected = !ranges.is_empty() && ranges.iter().all(within);
		let ranges = ranges.iter().map(|(offset, length)| range(*offset, *length)).collect();
		prop_assert_eq!(Index::new(ranges, data).is_ok(), expected);
	}
}

#[test]
fn what_is_no_index_says_why() {
	let new = |ranges: &[Range], data| Index::new(ranges.to_vec(), data).unwrap_err();
	assert_eq!(new(&[], 0), IndexError::Units(0));
	assert_eq!(new(&vec![Range::default(); 4_097], 0), IndexError::Units(4_097));
	assert_eq!(new(&[range(0, 5), range(1, 5)], 5), IndexError::Range(1));
	assert_eq!(new(&[range(u64::MAX, 1)], 5), IndexError::Range(0));
	assert_eq!(new(&[range(3, 0)], 5), IndexError::Range(0), "nothing has one form");
	assert_eq!(new(&[range(0, MAX_RANGE + 1)], 1 << 30), IndexError::Range(0));
	assert_eq!(new(&[range(0, 1)], 64 << 30), IndexError::Length);
	assert!(Index::new(vec![range(0, MAX_RANGE)], MAX_RANGE.into()).is_ok());
	let good = Index::parts(&[2, 3]).unwrap().encode();
	let total = good.len() as u64 + 5;
	let with = |at: usize, byte: u8| {
		let mut bytes = good.clone();
		bytes[at] = byte;
		Index::decode(&bytes, total).unwrap_err()
	};
	assert_eq!(with(0, b'X'), IndexError::Magic);
	assert_eq!(with(7, 2), IndexError::Magic);
	assert_eq!(with(8, 0), IndexError::Units(0));
	assert_eq!(with(9, 0x20), IndexError::Units(0x2002));
	assert_eq!(with(8, 3), IndexError::Length);
	assert_eq!(with(12, 6), IndexError::Length);
	assert_eq!(with(28, 6), IndexError::Range(0));
}

#[test]
fn parts_lie_one_behind_the_other_and_what_is_shared_lies_once() {
	let parts = Index::parts(&[4, 0, 6]).unwrap();
	assert_eq!(parts.ranges(), [range(0, 4), Range::default(), range(4, 6)]);
	assert_eq!(parts.head().data, 10);
	let shared = Index::shared(3, 9).unwrap();
	assert_eq!((shared.ranges(), shared.head().data), (&[range(0, 9); 3][..], 9));
	assert_eq!(Index::shared(0, 9), Err(IndexError::Units(0)));
	assert_eq!(Index::shared(u32::MAX, 9), Err(IndexError::Units(u32::MAX)));
	assert!(Index::shared(MAX_UNITS, 0).is_ok());
}
