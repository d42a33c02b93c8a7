//! Whether a type of this program is encoded as the runtime's.
//!
//! Two types are encoded alike if they come to the same once structs and tuples are written out: what a type is called
//! does not matter. The names of fields and variants do, if both sides have them: two numbers of one width that changed
//! places would make a wrong transaction, and no error.

use scale_info::{
	form::PortableForm, Field, MetaType, PortableRegistry, Registry, TypeDef, TypeDefPrimitive, TypeInfo, Variant,
};
use std::collections::{HashMap, HashSet};

/// How deep types may be nested: nobody's are, and a node could hand out ones without an end.
const MOST_DEEP: u32 = 64;
/// How many types are written out for one at most.
const MOST_FIELDS: usize = 4_096;
/// How many pairs of types one comparison looks at.
const MOST_PAIRS: usize = 4_096;

/// Who encodes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
	/// This program: the runtime has to know all that it may say.
	Sent,
	/// The runtime. It may have variants that this program does not know; they show when one comes.
	Read,
}

/// A type of this program.
pub(crate) struct Shape {
	types: PortableRegistry,
	id: u32,
}

impl Shape {
	/// The shape of this type.
	pub fn of<T: TypeInfo + 'static>() -> Self {
		let mut registry = Registry::new();
		let id = registry.register_type(&MetaType::new::<T>()).id;
		Self {
			types: registry.into(),
			id,
		}
	}

	/// Whether a type of the runtime is encoded alike.
	///
	/// # Errors
	/// In what they differ.
	pub fn compare(&self, theirs: &PortableRegistry, id: u32, way: Way) -> Result<(), String> {
		let mut comparison = Comparison {
			ours: &self.types,
			theirs,
			way,
			seen: HashSet::new(),
		};
		comparison.types(self.id, id, 0)
	}
}

/// Whether no value of a type is nested deeper than decoding it by its metadata can bear.
pub(crate) fn is_shallow(types: &PortableRegistry, id: u32) -> bool {
	height(types, id, MOST_DEEP, &mut HashMap::new()).is_some()
}

/// How many types are nested in one; none if they are more than `left`.
fn height(types: &PortableRegistry, id: u32, left: u32, known: &mut HashMap<u32, u32>) -> Option<u32> {
	if let Some(known) = known.get(&id) {
		return (*known <= left).then_some(*known);
	}
	let below = left.checked_sub(1)?;
	let mut inner = Vec::new();
	match &types.resolve(id)?.type_def {
		TypeDef::Composite(composite) => inner.extend(composite.fields.iter().map(|field| field.ty.id)),
		TypeDef::Variant(variants) => {
			let fields = variants.variants.iter().flat_map(|variant| &variant.fields);
			inner.extend(fields.map(|field| field.ty.id));
		}
		TypeDef::Sequence(sequence) => inner.push(sequence.type_param.id),
		TypeDef::Array(array) => inner.push(array.type_param.id),
		TypeDef::Tuple(tuple) => inner.extend(tuple.fields.iter().map(|field| field.id)),
		TypeDef::Compact(compact) => inner.push(compact.type_param.id),
		TypeDef::Primitive(_) | TypeDef::BitSequence(_) => (),
	}
	let mut highest = 0u32;
	for id in inner {
		highest = highest.max(height(types, id, below, known)?);
	}
	let own = highest.saturating_add(1);
	known.insert(id, own);
	Some(own)
}

/// What is left of a type when structs and tuples are written out.
struct Leaf<'a> {
	name: Option<&'a str>,
	kind: Kind<'a>,
}

enum Kind<'a> {
	Primitive(&'a TypeDefPrimitive),
	Compact(u32),
	Sequence(u32),
	Array(u32, u32),
	Variant(&'a [Variant<PortableForm>]),
	Bits,
}

impl Kind<'_> {
	fn word(&self) -> &'static str {
		match self {
			Self::Primitive(_) => "a number, text or yes and no",
			Self::Compact(_) => "a compact number",
			Self::Sequence(_) => "a list",
			Self::Array(..) => "an array",
			Self::Variant(_) => "one of several",
			Self::Bits => "bits",
		}
	}
}

/// Types that are written out.
#[derive(Default)]
struct Written<'a> {
	leaves: Vec<Leaf<'a>>,
	/// How many types it took: empty ones leave nothing, and may be many.
	steps: usize,
}

/// Writes out a type.
fn write_out<'a>(
	types: &'a PortableRegistry,
	id: u32,
	name: Option<&'a str>,
	depth: u32,
	out: &mut Written<'a>,
) -> Result<(), String> {
	out.steps = out.steps.saturating_add(1);
	if depth > MOST_DEEP || out.steps > MOST_FIELDS {
		return Err("it is nested without an end".into());
	}
	let below = depth.saturating_add(1);
	let found = types.resolve(id).ok_or("a type is missing in the metadata")?;
	let kind = match &found.type_def {
		TypeDef::Composite(composite) => {
			for field in &composite.fields {
				write_out(types, field.ty.id, field.name.as_deref().or(name), below, out)?;
			}
			return Ok(());
		}
		TypeDef::Tuple(tuple) => {
			for field in &tuple.fields {
				write_out(types, field.id, name, below, out)?;
			}
			return Ok(());
		}
		TypeDef::Primitive(primitive) => Kind::Primitive(primitive),
		TypeDef::Compact(compact) => Kind::Compact(compact.type_param.id),
		TypeDef::Sequence(sequence) => Kind::Sequence(sequence.type_param.id),
		TypeDef::Array(array) => Kind::Array(array.len, array.type_param.id),
		TypeDef::Variant(variants) => Kind::Variant(&variants.variants),
		TypeDef::BitSequence(_) => Kind::Bits,
	};
	out.leaves.push(Leaf { name, kind });
	Ok(())
}

struct Comparison<'a> {
	ours: &'a PortableRegistry,
	theirs: &'a PortableRegistry,
	way: Way,
	seen: HashSet<(u32, u32)>,
}

impl<'a> Comparison<'a> {
	fn types(&mut self, ours: u32, theirs: u32, depth: u32) -> Result<(), String> {
		if !self.seen.insert((ours, theirs)) {
			return Ok(());
		}
		if depth > MOST_DEEP || self.seen.len() > MOST_PAIRS {
			return Err("it is nested without an end".into());
		}
		let (mut left, mut right) = (Written::default(), Written::default());
		write_out(self.ours, ours, None, 0, &mut left)?;
		write_out(self.theirs, theirs, None, 0, &mut right)?;
		self.lists(&left.leaves, &right.leaves, depth.saturating_add(1))
	}

	fn lists(&mut self, left: &[Leaf<'a>], right: &[Leaf<'a>], depth: u32) -> Result<(), String> {
		if left.len() != right.len() {
			return Err(format!("it has {} fields and not {}", right.len(), left.len()));
		}
		for (ours, theirs) in left.iter().zip(right) {
			if let (Some(ours), Some(theirs)) = (ours.name, theirs.name) {
				if ours != theirs {
					return Err(format!("it has the field `{theirs}` where `{ours}` is expected"));
				}
			}
			self.kinds(&ours.kind, &theirs.kind, depth)
				.map_err(|why| match ours.name {
					Some(name) => format!("`{name}`: {why}"),
					None => why,
				})?;
		}
		Ok(())
	}

	fn kinds(&mut self, ours: &Kind<'a>, theirs: &Kind<'a>, depth: u32) -> Result<(), String> {
		match (ours, theirs) {
			(Kind::Primitive(ours), Kind::Primitive(theirs)) if ours == theirs => Ok(()),
			(Kind::Primitive(ours), Kind::Primitive(theirs)) => {
				Err(format!("it is {theirs:?} where {ours:?} is expected"))
			}
			(Kind::Bits, Kind::Bits) => Ok(()),
			(Kind::Compact(ours), Kind::Compact(theirs)) | (Kind::Sequence(ours), Kind::Sequence(theirs)) => {
				self.types(*ours, *theirs, depth)
			}
			(Kind::Array(length, ours), Kind::Array(other, theirs)) if length == other => {
				self.types(*ours, *theirs, depth)
			}
			(Kind::Array(length, _), Kind::Array(other, _)) => Err(format!("it has {other} items and not {length}")),
			(Kind::Variant(ours), Kind::Variant(theirs)) => self.variants(*ours, *theirs, depth),
			_ => Err(format!("it is {} where {} is expected", theirs.word(), ours.word())),
		}
	}

	fn variants(
		&mut self,
		ours: &'a [Variant<PortableForm>],
		theirs: &'a [Variant<PortableForm>],
		depth: u32,
	) -> Result<(), String> {
		for variant in ours {
			let Some(other) = theirs.iter().find(|other| other.index == variant.index) else {
				if self.way == Way::Read {
					continue;
				}
				return Err(format!("it knows no `{}`", variant.name));
			};
			if other.name != variant.name {
				return Err(format!("it has `{}` where `{}` is expected", other.name, variant.name));
			}
			self.fields(&variant.fields, &other.fields, depth)
				.map_err(|why| format!("`{}`: {why}", variant.name))?;
		}
		Ok(())
	}

	fn fields(
		&mut self,
		ours: &'a [Field<PortableForm>],
		theirs: &'a [Field<PortableForm>],
		depth: u32,
	) -> Result<(), String> {
		let (mut left, mut right) = (Written::default(), Written::default());
		for field in ours {
			write_out(self.ours, field.ty.id, field.name.as_deref(), 0, &mut left)?;
		}
		for field in theirs {
			write_out(self.theirs, field.ty.id, field.name.as_deref(), 0, &mut right)?;
		}
		self.lists(&left.leaves, &right.leaves, depth)
	}
}

#[cfg(test)]
mod tests;
