//! What is known of the bits of a value, where it may be a NaN.

/// How a value's bits are looked at.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Shape {
	F32,
	F64,
	F32x4,
	F64x2,
}

impl Shape {
	/// Of a vector's shape, that of its lanes.
	pub fn lane(self) -> Self {
		match self {
			Self::F32 | Self::F32x4 => Self::F32,
			Self::F64 | Self::F64x2 => Self::F64,
		}
	}
}

/// NaNs whose bits differ between machines.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Open {
	/// Which lanes may be such NaNs: those that are any in this shape.
	pub shape: Shape,
	/// The sign that they get once they are made canonical. Arithmetic gives plus, and a negation after it minus.
	pub negative: bool,
}

/// What is known of a value.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum State {
	/// It is no NaN, in any shape. What integers are does not matter.
	Number,
	/// Its bits are the same everywhere, whether it is a NaN or not.
	Exact,
	/// Where it is a NaN, its bits differ between machines, and nobody has seen them.
	Open(Open),
}

impl State {
	/// What is known of what may be either. Where one of the two has to be made exact for that, it is exact.
	pub fn join(self, other: Self) -> Self {
		match (self, other) {
			(Self::Number, any) | (any, Self::Number) => any,
			(one, another) if one == another => one,
			_ => Self::Exact,
		}
	}
}
