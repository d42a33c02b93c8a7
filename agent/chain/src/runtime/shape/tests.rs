//! Types that are alike, and types that are not. They are compared, and never made.
#![allow(dead_code)]

use super::*;
use codec::Compact;

/// Whether the second is as the first expects it.
fn compare<Ours: TypeInfo + 'static, Theirs: TypeInfo + 'static>(way: Way) -> Result<(), String> {
	let theirs = Shape::of::<Theirs>();
	Shape::of::<Ours>().compare(&theirs.types, theirs.id, way)
}

/// For what may stand on either side.
fn alike<Ours: TypeInfo + 'static, Theirs: TypeInfo + 'static>() -> bool {
	let sent = compare::<Ours, Theirs>(Way::Sent).is_ok();
	assert_eq!(sent, compare::<Ours, Theirs>(Way::Read).is_ok());
	sent
}

mod now {
	use super::TypeInfo;

	#[derive(TypeInfo)]
	pub struct Wrapped(pub [u8; 32]);
	#[derive(TypeInfo)]
	pub struct Sizes {
		pub k: u8,
		pub strength: u8,
	}
	#[derive(TypeInfo)]
	pub enum Choice {
		One(u32),
		Two { k: u8 },
	}
	#[derive(TypeInfo)]
	pub struct Endless(pub Vec<Endless>);
}

mod other {
	use super::TypeInfo;

	#[derive(TypeInfo)]
	pub struct Swapped {
		pub strength: u8,
		pub k: u8,
	}
	#[derive(TypeInfo)]
	pub struct Longer {
		pub k: u8,
		pub strength: u8,
		pub more: u8,
	}
	#[derive(TypeInfo)]
	pub enum Renamed {
		One(u32),
		Second { k: u8 },
	}
	#[derive(TypeInfo)]
	pub enum Grown {
		One(u32),
		Two { k: u8 },
		Three,
	}
	#[derive(TypeInfo)]
	pub enum Wider {
		One(u64),
		Two { k: u8 },
	}
	#[derive(TypeInfo)]
	pub struct Endless(pub Vec<Endless>);
}

#[test]
fn names_of_types_do_not_matter() {
	assert!(alike::<[u8; 32], now::Wrapped>());
	assert!(alike::<(u8, u8), now::Sizes>());
	assert!(alike::<Vec<[u8; 32]>, Vec<now::Wrapped>>());
	assert!(alike::<Option<(u32,)>, Option<u32>>());
	assert!(alike::<now::Endless, other::Endless>());
}

#[test]
fn other_encodings_are_seen() {
	assert!(!alike::<[u8; 32], [u8; 33]>());
	assert!(!alike::<[u8; 32], Vec<u8>>());
	assert!(!alike::<u32, u64>());
	assert!(!alike::<u128, Compact<u128>>());
	assert!(!alike::<Compact<u32>, Compact<u128>>());
	assert!(!alike::<(u8, u8), (u8, u8, u8)>());
	assert!(!alike::<now::Sizes, other::Longer>());
	assert!(!alike::<now::Choice, other::Wider>());
	assert!(!alike::<Option<u8>, u8>());
	assert!(!alike::<Vec<Option<u32>>, Vec<Option<u64>>>());
}

#[test]
fn what_changed_places_is_seen_by_its_name() {
	let why = compare::<now::Sizes, other::Swapped>(Way::Sent).expect_err("k and strength are of one width");
	assert!(why.contains("`strength`") && why.contains("`k`"), "{why}");
	assert!(!alike::<now::Choice, other::Renamed>());
}

#[test]
fn the_runtime_may_know_more() {
	assert!(alike::<now::Choice, other::Grown>());
	// But what this program may say the runtime has to know.
	assert!(compare::<other::Grown, now::Choice>(Way::Sent).is_err());
	assert!(compare::<other::Grown, now::Choice>(Way::Read).is_ok());
}

#[test]
fn endless_types_have_an_end() {
	let types = Shape::of::<now::Endless>();
	assert!(!is_shallow(&types.types, types.id));
	let types = Shape::of::<Vec<Option<(u8, now::Sizes)>>>();
	assert!(is_shallow(&types.types, types.id));
	assert!(!is_shallow(&types.types, 10_000));

	/// A struct that contains itself, as no program's does.
	struct Itself;
	impl TypeInfo for Itself {
		type Identity = Self;
		fn type_info() -> scale_info::Type {
			scale_info::Type::builder()
				.path(scale_info::Path::new("Itself", "tests"))
				.composite(scale_info::build::Fields::unnamed().field(|field| field.ty::<Self>()))
		}
	}
	let itself = Shape::of::<Itself>();
	assert!(!is_shallow(&itself.types, itself.id));
	assert!(itself.compare(&itself.types, itself.id, Way::Sent).is_err());
	// Nothing but twice nothing, twelve times.
	struct Doubled<const LEFT: usize>;
	macro_rules! doubled {
		($($left:literal $next:literal),*) => { $(
			impl TypeInfo for Doubled<$left> {
				type Identity = Self;
				fn type_info() -> scale_info::Type {
					scale_info::Type::builder().path(scale_info::Path::new("Doubled", "tests")).composite(
						scale_info::build::Fields::unnamed()
							.field(|field| field.ty::<Doubled<$next>>())
							.field(|field| field.ty::<Doubled<$next>>()),
					)
				}
			}
		)* };
	}
	doubled!(12 11, 11 10, 10 9, 9 8, 8 7, 7 6, 6 5, 5 4, 4 3, 3 2, 2 1, 1 0);
	impl TypeInfo for Doubled<0> {
		type Identity = Self;
		fn type_info() -> scale_info::Type {
			scale_info::Type::builder()
				.path(scale_info::Path::new("Doubled", "tests"))
				.composite(scale_info::build::Fields::unit())
		}
	}
	let wide = Shape::of::<Doubled<12>>();
	assert!(wide.compare(&wide.types, wide.id, Way::Sent).is_err());
}
