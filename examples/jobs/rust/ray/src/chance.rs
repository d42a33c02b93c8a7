//! Chance for rays: by pixel and ray, so that a picture does not depend on how many units it has.

/// A source.
pub struct Chance(u64);

impl Chance {
	/// For one ray.
	pub fn new(x: u32, y: u32, ray: u32) -> Self {
		Self(u64::from(x) << 40 ^ u64::from(y) << 16 ^ u64::from(ray))
	}

	/// From 0 up to, and without, 1.
	pub fn next(&mut self) -> f64 {
		// SplitMix64.
		self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
		let mut z = self.0;
		z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
		z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
		((z ^ (z >> 31)) >> 11) as f64 / (1u64 << 53) as f64
	}

	/// From -1 to 1.
	pub fn around(&mut self) -> f64 {
		2.0 * self.next() - 1.0
	}
}
