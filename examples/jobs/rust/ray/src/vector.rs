//! Vectors of three: places, directions, colours.

use core::ops::{Add, Mul, Sub};

/// A vector.
#[derive(Clone, Copy)]
pub struct Vector {
	pub x: f64,
	pub y: f64,
	pub z: f64,
}

/// The vector of these three.
pub const fn vector(x: f64, y: f64, z: f64) -> Vector {
	Vector { x, y, z }
}

impl Add for Vector {
	type Output = Self;
	fn add(self, other: Self) -> Self {
		vector(self.x + other.x, self.y + other.y, self.z + other.z)
	}
}

impl Sub for Vector {
	type Output = Self;
	fn sub(self, other: Self) -> Self {
		vector(self.x - other.x, self.y - other.y, self.z - other.z)
	}
}

impl Mul<f64> for Vector {
	type Output = Self;
	fn mul(self, factor: f64) -> Self {
		vector(self.x * factor, self.y * factor, self.z * factor)
	}
}

impl Vector {
	/// Each by each: light of one colour on a thing of another.
	pub fn each(self, other: Self) -> Self {
		vector(self.x * other.x, self.y * other.y, self.z * other.z)
	}

	/// The product of lengths and of the cosine between them.
	pub fn dot(self, other: Self) -> f64 {
		self.x * other.x + self.y * other.y + self.z * other.z
	}

	/// The same direction, of length 1.
	pub fn unit(self) -> Self {
		self * (1.0 / root(self.dot(self)))
	}
}

/// A square root. Wasm has an instruction for it, and `core` no function: Newton's steps from a guess by the exponent,
/// which come to the same on every machine.
pub fn root(of: f64) -> f64 {
	if of <= 0.0 {
		return 0.0;
	}
	let mut guess = f64::from_bits((of.to_bits() >> 1) + 0x1ff7_a3be_a91d_9b1b);
	for _ in 0..4 {
		guess = 0.5 * (guess + of / guess);
	}
	guess
}

/// The whole number below.
pub fn floor(of: f64) -> f64 {
	let whole = of as i64 as f64;
	match whole > of {
		true => whole - 1.0,
		false => whole,
	}
}
