//! Bounds of a value.

/// The least and the most that a value may be.
pub struct Bounds<Value> {
	least: Value,
	most: Value,
}

impl<Value: Copy + Ord> Bounds<Value> {
	/// Bounds, of which the first is not above the second.
	pub const fn new(least: Value, most: Value) -> Self {
		Self { least, most }
	}

	/// Whether this may be set. No value is the one that the runtime comes with.
	pub fn admits(&self, value: &Option<Value>) -> bool {
		value.is_none_or(|value| self.least <= value && value <= self.most)
	}

	/// The value, or the bound that it is beyond.
	pub fn clamp(&self, value: Value) -> Value {
		value.max(self.least).min(self.most)
	}
}
