//! A function's instructions as the pass looks at them: what each takes and gives, and what it can see of a NaN.

use super::state::{Shape, State};
use crate::{
	limits::{MAX_HEIGHT, MAX_TARGETS},
	refusal::Refusal,
};
use wasmparser::{FuncValidator, FunctionBody, Ieee32, Ieee64, Operator, ValidatorResources, V128};

/// What an instruction does with the bits of NaNs.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Kind {
	/// It may see all bits of what it takes, and what it gives is of these alone.
	Sees,
	/// It may see all bits, too, and gives what is never a NaN, whichever way it is looked at.
	Number,
	/// It makes NaNs whose bits differ between machines.
	Arithmetic { takes: Shape, gives: Shape },
	/// It sees whether what it takes is a NaN, and nothing else of it: comparisons, conversions to integers.
	Asks(Shape),
	/// It turns the signs of what it takes.
	Negates(Shape),
	/// It takes the signs away.
	Abs(Shape),
	/// It gives one of the two that it takes, by a comparison, lane by lane.
	Either(Shape),
	/// It gives one of the two below the condition.
	Select,
	/// It takes one value and looks at nothing.
	Drop,
	/// A vector whose lanes are all what it takes.
	Splat(Shape),
	/// A lane of a vector of this shape.
	Extract(Shape),
	/// A vector of this shape with another lane.
	Replace(Shape),
	/// The value of a local.
	Get(u32),
	/// A local gets a value.
	Set(u32),
	/// The same, and the value stays.
	Tee(u32),
}

/// Work that an instruction does by a count on top of the stack, for which the meter charges nothing.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Bulk {
	/// Which bits of the count are charged for. Whatever has others fails without work.
	pub mask: Option<i32>,
	/// How many of it, as a power of two, make one turn of the loop that burns.
	pub shift: i32,
	/// What a turn burns: eight at least.
	pub fuel: u32,
}

/// An instruction.
#[derive(Clone, Debug)]
pub(super) struct Step {
	pub kind: Kind,
	pub bulk: Option<Bulk>,
	/// Whether it leaves machine code for wasmtime's own, which costs more than the one unit that the meter counts.
	pub outside: bool,
	/// How many values it takes, and gives.
	pub takes: u32,
	pub gives: u32,
	/// How many values are on the stack after it.
	pub height: u32,
	/// Whether it can be reached at all.
	pub live: bool,
	/// Where it begins in the module, in bytes.
	pub at: usize,
}

/// A function's instructions, and where they end.
pub(super) struct Steps {
	pub steps: Vec<Step>,
	pub end: usize,
	/// How many ways there are from one part of it to another one: those that the pass adds, too.
	pub edges: u64,
}

/// Reads and validates a function. Its locals are known to the validator by then.
pub(super) fn read(
	validator: &mut FuncValidator<ValidatorResources>,
	body: &FunctionBody<'_>,
) -> Result<Steps, Refusal> {
	let mut reader = body.get_operators_reader()?;
	let (mut steps, mut edges) = (Vec::new(), 0u64);
	while !reader.eof() {
		let at = reader.original_position();
		let operator = reader.read()?;
		// Before the validator takes it: what an `end` takes is a matter of the block that it ends.
		let arity = operator.operator_arity(&validator.visitor(at));
		let live = validator.get_control_frame(0).is_some_and(|frame| !frame.unreachable);
		validator.op(at, &operator)?;
		let height = validator.operand_stack_height();
		Refusal::at_most("values on a function's stack", height, MAX_HEIGHT)?;
		if let Operator::BrTable { targets } = &operator {
			Refusal::at_most("targets of one `br_table`", targets.len(), MAX_TARGETS)?;
		}
		edges = edges.saturating_add(ways(&operator));
		let (takes, gives) =
			arity.ok_or_else(|| Refusal::Invalid(format!("an instruction without an arity (at offset {at:#x})")))?;
		steps.push(Step {
			kind: kind(&operator),
			bulk: bulk(&operator),
			outside: outside(&operator),
			takes,
			gives,
			height,
			live,
			at,
		});
	}
	reader.finish()?;
	Ok(Steps {
		steps,
		end: body.range().end,
		edges,
	})
}

/// How many edges of a function's graph an instruction makes.
fn ways(operator: &Operator<'_>) -> u64 {
	match operator {
		Operator::Block { .. } | Operator::Loop { .. } | Operator::Br { .. } | Operator::Return => 1,
		Operator::If { .. } | Operator::BrIf { .. } => 2,
		// The last target is not counted by `len`.
		Operator::BrTable { targets } => u64::from(targets.len()) + 1,
		// A loop that burns is put before it.
		_ if bulk(operator).is_some() => 5,
		_ => 0,
	}
}

/// All of bulk work, and three that have no count.
fn outside(operator: &Operator<'_>) -> bool {
	let alone = matches!(
		operator,
		Operator::RefFunc { .. } | Operator::ElemDrop { .. } | Operator::DataDrop { .. }
	);
	alone || bulk(operator).is_some()
}

fn bulk(operator: &Operator<'_>) -> Option<Bulk> {
	match operator {
		// Bytes, 256 a turn.
		Operator::MemoryFill { .. } | Operator::MemoryCopy { .. } | Operator::MemoryInit { .. } => Some(Bulk {
			mask: None,
			shift: 8,
			fuel: 32,
		}),
		// Elements, 8 a turn.
		Operator::TableFill { .. } | Operator::TableCopy { .. } => Some(Bulk {
			mask: None,
			shift: 3,
			fuel: 8,
		}),
		// Each of these is looked up first.
		Operator::TableInit { .. } => Some(Bulk {
			mask: None,
			shift: 0,
			fuel: 8,
		}),
		Operator::TableGrow { .. } => Some(Bulk {
			mask: Some(0x7_ffff),
			shift: 3,
			fuel: 8,
		}),
		// Pages, one a turn.
		Operator::MemoryGrow { .. } => Some(Bulk {
			mask: Some(0x1_ffff),
			shift: 0,
			fuel: 8,
		}),
		_ => None,
	}
}

fn number32(value: Ieee32) -> bool {
	!f32::from_bits(value.bits()).is_nan()
}

fn number64(value: Ieee64) -> bool {
	!f64::from_bits(value.bits()).is_nan()
}

/// Whether no lane is a NaN, in vectors of four and of two.
fn number128(value: V128) -> bool {
	let bits = u128::from(value);
	(0..4).all(|lane| !f32::from_bits((bits >> (32 * lane)) as u32).is_nan())
		&& (0..2).all(|lane| !f64::from_bits((bits >> (64 * lane)) as u64).is_nan())
}

fn constant(number: bool) -> Kind {
	match number {
		true => Kind::Number,
		false => Kind::Sees,
	}
}

/// What is not named here sees all, and is thereby never wrong, except for what makes NaNs: all of that is in
/// `arithmetic`.
fn kind(operator: &Operator<'_>) -> Kind {
	use Operator as O;
	use Shape::{F32x4, F64x2, F32, F64};
	if let Some((takes, gives)) = arithmetic(operator) {
		return Kind::Arithmetic { takes, gives };
	}
	if let Some(shape) = asks(operator) {
		return Kind::Asks(shape);
	}
	match operator {
		O::F32Const { value } => constant(number32(*value)),
		O::F64Const { value } => constant(number64(*value)),
		O::V128Const { value } => constant(number128(*value)),
		O::F32ConvertI32S | O::F32ConvertI32U | O::F32ConvertI64S | O::F32ConvertI64U => Kind::Number,
		O::F64ConvertI32S | O::F64ConvertI32U | O::F64ConvertI64S | O::F64ConvertI64U => Kind::Number,
		// Two numbers of 32 bits are never a NaN of 64. The other way round they may be: the other conversion sees.
		O::F32x4ConvertI32x4S | O::F32x4ConvertI32x4U => Kind::Number,
		O::F32Neg => Kind::Negates(F32),
		O::F64Neg => Kind::Negates(F64),
		O::F32x4Neg => Kind::Negates(F32x4),
		O::F64x2Neg => Kind::Negates(F64x2),
		O::F32Abs => Kind::Abs(F32),
		O::F64Abs => Kind::Abs(F64),
		O::F32x4Abs => Kind::Abs(F32x4),
		O::F64x2Abs => Kind::Abs(F64x2),
		O::F32x4PMin | O::F32x4PMax => Kind::Either(F32x4),
		O::F64x2PMin | O::F64x2PMax => Kind::Either(F64x2),
		O::F32x4Splat => Kind::Splat(F32x4),
		O::F64x2Splat => Kind::Splat(F64x2),
		O::F32x4ExtractLane { .. } => Kind::Extract(F32x4),
		O::F64x2ExtractLane { .. } => Kind::Extract(F64x2),
		O::F32x4ReplaceLane { .. } => Kind::Replace(F32x4),
		O::F64x2ReplaceLane { .. } => Kind::Replace(F64x2),
		O::Select | O::TypedSelect { .. } => Kind::Select,
		O::Drop => Kind::Drop,
		O::LocalGet { local_index } => Kind::Get(*local_index),
		O::LocalSet { local_index } => Kind::Set(*local_index),
		O::LocalTee { local_index } => Kind::Tee(*local_index),
		_ => Kind::Sees,
	}
}

/// What makes NaNs: the shapes of what it takes and gives.
fn arithmetic(operator: &Operator<'_>) -> Option<(Shape, Shape)> {
	use Operator as O;
	use Shape::{F32x4, F64x2, F32, F64};
	match operator {
		O::F32Add | O::F32Sub | O::F32Mul | O::F32Div | O::F32Min | O::F32Max => Some((F32, F32)),
		O::F32Ceil | O::F32Floor | O::F32Trunc | O::F32Nearest | O::F32Sqrt => Some((F32, F32)),
		O::F64Add | O::F64Sub | O::F64Mul | O::F64Div | O::F64Min | O::F64Max => Some((F64, F64)),
		O::F64Ceil | O::F64Floor | O::F64Trunc | O::F64Nearest | O::F64Sqrt => Some((F64, F64)),
		O::F32DemoteF64 => Some((F64, F32)),
		O::F64PromoteF32 => Some((F32, F64)),
		O::F32x4Add | O::F32x4Sub | O::F32x4Mul | O::F32x4Div | O::F32x4Min | O::F32x4Max => Some((F32x4, F32x4)),
		O::F32x4Ceil | O::F32x4Floor | O::F32x4Trunc | O::F32x4Nearest | O::F32x4Sqrt => Some((F32x4, F32x4)),
		O::F64x2Add | O::F64x2Sub | O::F64x2Mul | O::F64x2Div | O::F64x2Min | O::F64x2Max => Some((F64x2, F64x2)),
		O::F64x2Ceil | O::F64x2Floor | O::F64x2Trunc | O::F64x2Nearest | O::F64x2Sqrt => Some((F64x2, F64x2)),
		O::F32x4DemoteF64x2Zero => Some((F64x2, F32x4)),
		O::F64x2PromoteLowF32x4 => Some((F32x4, F64x2)),
		_ => None,
	}
}

/// What sees of what it takes no more than whether it is a NaN: its shape.
fn asks(operator: &Operator<'_>) -> Option<Shape> {
	use Operator as O;
	match operator {
		O::F32Eq | O::F32Ne | O::F32Lt | O::F32Gt | O::F32Le | O::F32Ge => Some(Shape::F32),
		O::F64Eq | O::F64Ne | O::F64Lt | O::F64Gt | O::F64Le | O::F64Ge => Some(Shape::F64),
		O::I32TruncF32S | O::I32TruncF32U | O::I64TruncF32S | O::I64TruncF32U => Some(Shape::F32),
		O::I32TruncF64S | O::I32TruncF64U | O::I64TruncF64S | O::I64TruncF64U => Some(Shape::F64),
		O::I32TruncSatF32S | O::I32TruncSatF32U | O::I64TruncSatF32S | O::I64TruncSatF32U => Some(Shape::F32),
		O::I32TruncSatF64S | O::I32TruncSatF64U | O::I64TruncSatF64S | O::I64TruncSatF64U => Some(Shape::F64),
		O::F32x4Eq | O::F32x4Ne | O::F32x4Lt | O::F32x4Gt | O::F32x4Le | O::F32x4Ge => Some(Shape::F32x4),
		O::F64x2Eq | O::F64x2Ne | O::F64x2Lt | O::F64x2Gt | O::F64x2Le | O::F64x2Ge => Some(Shape::F64x2),
		O::I32x4TruncSatF32x4S | O::I32x4TruncSatF32x4U => Some(Shape::F32x4),
		O::I32x4TruncSatF64x2SZero | O::I32x4TruncSatF64x2UZero => Some(Shape::F64x2),
		_ => None,
	}
}

/// What a local holds before anything is written to it.
pub(super) fn initial(parameter: bool) -> State {
	match parameter {
		true => State::Exact,
		false => State::Number,
	}
}
