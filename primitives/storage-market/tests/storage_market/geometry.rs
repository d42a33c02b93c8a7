//! How volumes lie on slots.

use proptest::prelude::*;
use storage_market_primitives::{DealError, Geometry, Profile, Times, LARGE_UNIT, MAX_SLOTS, MIB, SMALL_UNIT};
use storage_proof_primitives::{CHUNK_BYTES, MAX_BYTES};

const ALL: [Profile; 4] = [Profile::Standard, Profile::Durable, Profile::Archive, Profile::Single];

#[test]
fn profiles_as_users_know_them() {
	let shapes = ALL.map(|profile| {
		(
			profile.shape(),
			Geometry::of(profile, 1).spare(),
			Geometry::of(profile, 1).to_begin(),
		)
	});
	assert_eq!(
		shapes,
		[((4, 8), 4, 6), ((8, 16), 8, 12), ((4, 12), 8, 8), ((1, 1), 0, 1)]
	);
}

#[test]
fn units_change_at_sixteen_mib_a_slot() {
	let standard = |len| Geometry::of(Profile::Standard, len);
	let below = standard(4 * 16 * MIB - 4);
	assert_eq!((below.unit(), below.slot_len()), (SMALL_UNIT, 16 * MIB));
	let at = standard(4 * 16 * MIB);
	assert_eq!((at.unit(), at.slot_len()), (LARGE_UNIT, 16 * MIB));
	assert_eq!(standard(1).slot_len(), SMALL_UNIT);
	assert_eq!(standard(4 * SMALL_UNIT + 1).slot_len(), 2 * SMALL_UNIT);
}

#[test]
fn what_cannot_be_is_refused() {
	let bad = Err(DealError::BadGeometry);
	let of = |enough, slots, volume_len| {
		Geometry {
			enough,
			slots,
			volume_len,
		}
		.check()
	};
	assert_eq!((of(1, 1, 1), of(32, 32, 1), of(1, 32, 1)), (Ok(()), Ok(()), Ok(())));
	assert_eq!(
		(of(0, 1, 1), of(2, 1, 1), of(1, 33, 1), of(1, 1, 0)),
		(bad, bad, bad, bad)
	);
	assert_eq!((of(4, 8, 4 * MAX_BYTES), of(4, 8, 4 * MAX_BYTES + 1)), (Ok(()), bad));
	assert_eq!(of(32, 32, u64::MAX), bad);
}

#[test]
fn times_grow_with_what_is_moved() {
	let times = Times::real();
	let of = |len| Geometry::of(Profile::Standard, len);
	assert_eq!(times.to_upload(&of(1 << 30)), 1_200 + 2 * 256);
	assert_eq!(times.to_repair(&of(1 << 30)), 1_200 + 2 * 1_024);
	assert_eq!(times.to_repair(&of(4 * MAX_BYTES)), 1_200 + 2 * 4 * 65_536);
	let quick = times.scaled(60);
	assert_eq!(
		(quick.placing, quick.upload, quick.grace, quick.patience),
		(4, 20, 2_880, [20, 120, 480, 1_440])
	);
	assert_eq!((times.scaled(0), times.scaled(u32::MAX).patience), (times, [1; 4]));
}

proptest! {
	#[test]
	fn slots_hold_the_volume_and_little_more(enough in 1..=MAX_SLOTS as u8, more in 0..32_u8, len in 1..1_u64 << 41) {
		let slots = (enough + more).min(MAX_SLOTS as u8);
		let geometry = Geometry { enough, slots, volume_len: len };
		let (unit, slot_len) = (geometry.unit(), geometry.slot_len());
		prop_assert!(slot_len * u64::from(enough) >= len);
		prop_assert!((slot_len - unit) * u64::from(enough) < len, "a stripe too many");
		prop_assert_eq!((slot_len % unit, unit % u64::from(CHUNK_BYTES), unit % 64), (0, 0, 0));
		let fits = slot_len <= MAX_BYTES;
		prop_assert_eq!(geometry.shape().bytes(), if fits { slot_len } else { 0 });
		prop_assert_eq!(geometry.check().is_ok(), fits);
		let begin = geometry.to_begin();
		prop_assert!(u32::from(enough) <= begin && begin <= u32::from(slots));
	}
}
