//! What the pass writes into functions.

use super::{
	state::{Open, Shape},
	step::Bulk,
};
use wasm_encoder::{BlockType, Encode, Ieee32, Ieee64, Instruction, ValType};

const NAN_32: u32 = 0x7fc0_0000;
const NAN_64: u64 = 0x7ff8_0000_0000_0000;

/// The locals that the pass needs besides a function's own, each given a number when it is first asked for.
pub(super) struct Scratch {
	next: u32,
	types: Vec<(ValType, u32)>,
}

impl Scratch {
	/// Of a function with so many locals.
	pub fn new(locals: u32) -> Self {
		Self {
			next: locals,
			types: Vec::new(),
		}
	}

	fn of(&mut self, wanted: ValType) -> u32 {
		if let Some((_, number)) = self.types.iter().find(|(ty, _)| *ty == wanted) {
			return *number;
		}
		let number = self.next;
		self.next = self.next.saturating_add(1);
		self.types.push((wanted, number));
		number
	}

	/// Their types, in the order of their numbers.
	pub fn types(&self) -> impl ExactSizeIterator<Item = ValType> + '_ {
		self.types.iter().map(|(ty, _)| *ty)
	}
}

fn write(into: &mut Vec<u8>, instructions: &[Instruction<'_>]) {
	instructions.iter().for_each(|instruction| instruction.encode(into));
}

/// Makes what is on top of the stack canonical: what is not equal to itself is a NaN.
pub(super) fn canonical(into: &mut Vec<u8>, open: Open, scratch: &mut Scratch) {
	let sign_32 = u32::from(open.negative) << 31;
	let sign_64 = u64::from(open.negative) << 63;
	let lanes_32 = u128::from(NAN_32 | sign_32) * 0x0000_0001_0000_0001_0000_0001_0000_0001;
	let lanes_64 = u128::from(NAN_64 | sign_64) * 0x0000_0000_0000_0001_0000_0000_0000_0001;
	let (ty, nan, same, choose) = match open.shape {
		Shape::F32 => (
			ValType::F32,
			Instruction::F32Const(Ieee32::new(NAN_32 | sign_32)),
			Instruction::F32Eq,
			Instruction::Select,
		),
		Shape::F64 => (
			ValType::F64,
			Instruction::F64Const(Ieee64::new(NAN_64 | sign_64)),
			Instruction::F64Eq,
			Instruction::Select,
		),
		Shape::F32x4 => (
			ValType::V128,
			Instruction::V128Const(lanes_32 as i128),
			Instruction::F32x4Eq,
			Instruction::V128Bitselect,
		),
		Shape::F64x2 => (
			ValType::V128,
			Instruction::V128Const(lanes_64 as i128),
			Instruction::F64x2Eq,
			Instruction::V128Bitselect,
		),
	};
	let held = scratch.of(ty);
	write(
		into,
		&[
			Instruction::LocalTee(held),
			nan,
			Instruction::LocalGet(held),
			Instruction::LocalGet(held),
			same,
			choose,
		],
	);
}

/// What wasmtime's own code costs in fuel, whatever it is called for.
const OUTSIDE_FUEL: u32 = 25;

/// What a turn of the loop that burns costs by itself.
const TURN_FUEL: u32 = 8;

/// Burns so much: a number, and what is done to it. The meter counts it, and no compiler keeps any of it.
fn idle(into: &mut Vec<u8>, fuel: u32) {
	if fuel > 0 {
		write(into, &[Instruction::I32Const(0)]);
		(1..fuel).for_each(|_| Instruction::I32Clz.encode(into));
		write(into, &[Instruction::Drop]);
	}
}

/// Burns what it costs that wasmtime's own code is called.
pub(super) fn call(into: &mut Vec<u8>) {
	idle(into, OUTSIDE_FUEL);
}

/// Burns fuel by the count on top of the stack, which stays there: in a loop.
pub(super) fn burn(into: &mut Vec<u8>, bulk: Bulk, scratch: &mut Scratch) {
	let left = scratch.of(ValType::I32);
	write(into, &[Instruction::LocalTee(left), Instruction::LocalGet(left)]);
	if let Some(mask) = bulk.mask {
		write(into, &[Instruction::I32Const(mask), Instruction::I32And]);
	}
	write(
		into,
		&[
			Instruction::I32Const(bulk.shift),
			Instruction::I32ShrU,
			Instruction::LocalSet(left),
			Instruction::Block(BlockType::Empty),
			Instruction::Loop(BlockType::Empty),
			Instruction::LocalGet(left),
			Instruction::I32Eqz,
			Instruction::BrIf(1),
			Instruction::LocalGet(left),
			Instruction::I32Const(1),
			Instruction::I32Sub,
			Instruction::LocalSet(left),
		],
	);
	idle(into, bulk.fuel.saturating_sub(TURN_FUEL));
	write(into, &[Instruction::Br(0), Instruction::End, Instruction::End]);
}
