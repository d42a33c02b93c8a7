//! Programs by chance, from a seed: floats above all, NaNs above all of these, vectors that are looked at in several
//! shapes, branches, loops, calls, tables, memory that grows and moves, and now and then a trap.

use crate::kit::{at, put, BlockType, Fun, Ieee32, Ieee64, Parts, I, T, WRITE};
use smartchain_rng::Rng;
use wasm_encoder::ConstExpr;

/// The types that values have.
const TYPES: [T; 5] = [T::I32, T::I64, T::F32, T::F64, T::V128];

/// How many locals of each type a function has for values, besides those of loops.
const EACH: u32 = 3;

/// Where a program keeps what it stores, in bytes: a part of memory that is written at the end.
const SHELF: i32 = 1_024;

/// Numbers of the imports.
const RANDOM: u32 = 1;
const CLOCK: u32 = 2;
const IMPORTS: u32 = 3;

const SPECIAL_32: [u32; 10] = [
	0,
	0x8000_0000,
	0x3f80_0000,
	0x7f80_0000,
	0xff80_0000,
	0x7fc0_0000,
	0xffc1_2345,
	0x7fa0_0001,
	0x7f7f_ffff,
	1,
];
const SPECIAL_64: [u64; 10] = [
	0,
	1 << 63,
	0x3ff0_0000_0000_0000,
	0x7ff0_0000_0000_0000,
	0xfff0_0000_0000_0000,
	0x7ff8_0000_0000_0000,
	0xfff8_dead_beef_cafe,
	0x7ff4_0000_0000_0001,
	0x7fef_ffff_ffff_ffff,
	1,
];

/// Instructions of vectors: arithmetic in fours and twos, rounding, conversions.
const FOURS: [I<'static>; 7] = [
	I::F32x4Add,
	I::F32x4Sub,
	I::F32x4Mul,
	I::F32x4Div,
	I::F32x4Min,
	I::F32x4Max,
	I::F32x4PMin,
];
const TWOS: [I<'static>; 7] = [
	I::F64x2Add,
	I::F64x2Sub,
	I::F64x2Mul,
	I::F64x2Div,
	I::F64x2Min,
	I::F64x2Max,
	I::F64x2PMax,
];
const ROUNDED: [I<'static>; 6] = [
	I::F32x4Sqrt,
	I::F32x4Nearest,
	I::F64x2Sqrt,
	I::F64x2Ceil,
	I::F64x2Floor,
	I::F32x4Trunc,
];
const CONVERTED: [I<'static>; 6] = [
	I::F32x4DemoteF64x2Zero,
	I::F64x2PromoteLowF32x4,
	I::F32x4ConvertI32x4S,
	I::F64x2ConvertLowI32x4U,
	I::I32x4TruncSatF32x4S,
	I::I32x4TruncSatF64x2UZero,
];

/// A program by its seed. It needs some 100,000 units of fuel at most, but for a few, and up to 3 pages of memory.
pub fn program(seed: u64) -> Parts {
	let mut rng = Rng::new(seed);
	let mut functions: Vec<Fun> = Vec::new();
	for _ in 0..rng.range(1, 3) {
		let params = (0..rng.below(4))
			.map(|_| *rng.pick(&TYPES).unwrap_or(&T::F64))
			.collect();
		let result = *rng.pick(&TYPES).unwrap_or(&T::F64);
		let fun = Maker::new(&mut rng, &functions, params).function(Some(result));
		functions.push(fun);
	}
	let mut main = Maker::new(&mut rng, &functions, vec![]).function(None);
	main.body.extend(put(SHELF, 4_096));
	functions.push(main);
	Parts {
		imports: vec![WRITE, ("random_get", "ii"), ("clock_time_get", "ili")],
		functions,
		globals: vec![
			(T::I32, ConstExpr::i32_const(1)),
			(T::I64, ConstExpr::i64_const(2)),
			(T::F32, ConstExpr::f32_const(Ieee32::new(SPECIAL_32[6]))),
			(T::F64, ConstExpr::f64_const(Ieee64::new(SPECIAL_64[6]))),
			(T::V128, ConstExpr::v128_const(3)),
		],
		data: vec![(SHELF, rng.bytes(64))],
		memory: (1, Some(3)),
		table: true,
	}
}

/// Makes one function.
struct Maker<'a> {
	rng: &'a mut Rng,
	/// Those that it may call, so that no call goes round.
	before: &'a [Fun],
	params: Vec<T>,
	locals: Vec<T>,
	code: Vec<I<'static>>,
	/// How many loops lie around what is made.
	loops: u32,
	/// How many more instructions there may be.
	room: i64,
}

impl<'a> Maker<'a> {
	fn new(rng: &'a mut Rng, before: &'a [Fun], params: Vec<T>) -> Self {
		let locals = TYPES.iter().flat_map(|ty| [*ty; EACH as usize]).collect();
		let room = rng.range(60, 500) as i64;
		Self {
			rng,
			before,
			params,
			locals,
			code: Vec::new(),
			loops: 0,
			room,
		}
	}

	fn function(mut self, result: Option<T>) -> Fun {
		while self.room > 0 {
			self.statement(2);
		}
		// All that is held is shown at the end.
		let all: Vec<T> = self.params.iter().chain(&self.locals).copied().collect();
		for (local, ty) in (0..).zip(all) {
			if result.is_none() {
				self.code.push(I::I32Const(2_048 + 16 * local));
				self.code.push(I::LocalGet(local as u32));
				self.code.push(store(ty));
			}
		}
		if let Some(ty) = result {
			self.value(ty, 2);
		}
		Fun {
			params: self.params,
			results: result.into_iter().collect(),
			locals: self.locals,
			body: self.code,
		}
	}

	fn push(&mut self, instruction: I<'static>) {
		self.room -= 1;
		self.code.push(instruction);
	}

	fn one(&mut self, of: &[I<'static>]) {
		let picked = self.rng.pick(of).cloned().unwrap_or(I::Nop);
		self.push(picked);
	}

	fn any(&mut self) -> T {
		*self.rng.pick(&TYPES).unwrap_or(&T::F64)
	}

	/// A float or a vector, mostly.
	fn float(&mut self) -> T {
		*self
			.rng
			.pick(&[T::F32, T::F64, T::V128, T::F64, T::F32, T::I64])
			.unwrap_or(&T::F64)
	}

	/// A local of that type, parameters included.
	fn local(&mut self, ty: T) -> u32 {
		let first = self.params.len() as u32;
		let params: Vec<u32> = (0..first).filter(|param| self.params[*param as usize] == ty).collect();
		if self.rng.percent(30) {
			if let Some(param) = self.rng.pick(&params) {
				return *param;
			}
		}
		let place = TYPES.iter().position(|known| *known == ty).unwrap_or(0) as u32;
		first + place * EACH + self.rng.below(u64::from(EACH)) as u32
	}

	fn global(ty: T) -> u32 {
		TYPES.iter().position(|known| *known == ty).unwrap_or(0) as u32
	}

	fn statement(&mut self, depth: u32) {
		match self.rng.below(20) {
			0..=6 => {
				let ty = self.float();
				self.value(ty, 3);
				let local = self.local(ty);
				self.push(I::LocalSet(local));
			}
			7..=9 => {
				let ty = self.float();
				self.place();
				self.value(ty, 3);
				self.push(store(ty));
			}
			10 => {
				let ty = self.any();
				self.value(ty, 2);
				self.push(I::GlobalSet(Self::global(ty)));
			}
			11 | 12 if depth > 0 => {
				self.value(T::I32, 2);
				self.push(I::If(BlockType::Empty));
				self.statement(depth - 1);
				self.push(I::Else);
				self.statement(depth - 1);
				self.push(I::End);
			}
			13 | 14 if depth > 0 && self.loops < 2 => self.repeated(depth - 1),
			15 if depth > 0 => {
				self.push(I::Block(BlockType::Empty));
				self.statement(depth - 1);
				match self.rng.below(3) {
					0 => self.push(I::Br(0)),
					_ => {
						self.value(T::I32, 1);
						self.push(I::BrIf(0));
					}
				}
				// Which may never be reached.
				self.statement(depth - 1);
				self.push(I::End);
			}
			16 => self.bulk(),
			17 => {
				let ty = self.any();
				self.value(ty, 2);
				self.push(I::Drop);
			}
			18 => self.host(),
			_ => {
				let ty = self.float();
				self.value(ty, 1);
				let local = self.local(ty);
				self.push(I::LocalSet(local));
			}
		}
	}

	/// A loop of a few turns, counted in a local that nothing else is kept in.
	fn repeated(&mut self, depth: u32) {
		let counter = (self.params.len() + self.locals.len()) as u32;
		self.locals.push(T::I32);
		self.loops += 1;
		let turns = self.rng.range(2, 6) as i32;
		self.push(I::I32Const(turns));
		self.push(I::LocalSet(counter));
		self.push(I::Loop(BlockType::Empty));
		for _ in 0..self.rng.range(1, 4) {
			self.statement(depth);
		}
		for instruction in [
			I::LocalGet(counter),
			I::I32Const(1),
			I::I32Sub,
			I::LocalTee(counter),
			I::BrIf(0),
			I::End,
		] {
			self.push(instruction);
		}
		self.loops -= 1;
	}

	fn bulk(&mut self) {
		let mut number = |most: u64| I::I32Const(SHELF + self.rng.below(most) as i32);
		let (first, second) = (number(1_000), number(1_000));
		let length = I::I32Const(self.rng.below(900) as i32);
		match self.rng.below(4) {
			0 => [first, second, length].into_iter().for_each(|one| self.push(one)),
			1 => {
				[I::I32Const(1), I::MemoryGrow(0), I::Drop]
					.into_iter()
					.for_each(|one| self.push(one));
				return;
			}
			_ => {
				[first, second, length, I::MemoryCopy { src_mem: 0, dst_mem: 0 }]
					.into_iter()
					.for_each(|one| self.push(one));
				return;
			}
		}
		self.push(I::MemoryFill(0));
	}

	fn host(&mut self) {
		self.push(I::I32Const(SHELF + 16));
		match self.rng.percent(50) {
			true => {
				self.push(I::I32Const(24));
				self.push(I::Call(RANDOM));
			}
			false => {
				self.push(I::Drop);
				[I::I32Const(0), I::I64Const(0), I::I32Const(SHELF + 40), I::Call(CLOCK)]
					.into_iter()
					.for_each(|one| self.push(one));
			}
		}
		self.push(I::Drop);
	}

	/// A place on the shelf; one beyond memory, now and then.
	fn place(&mut self) {
		self.value(T::I32, 1);
		if !self.rng.percent(1) {
			self.push(I::I32Const(0x3ff));
			self.push(I::I32And);
		}
	}

	/// A value of that type, on top of the stack.
	fn value(&mut self, ty: T, depth: u32) {
		if depth == 0 || self.room <= 0 {
			return self.leaf(ty);
		}
		match self.rng.below(20) {
			0 | 1 => self.leaf(ty),
			2 => {
				self.value(ty, depth - 1);
				let local = self.local(ty);
				self.push(I::LocalTee(local));
			}
			3 => {
				self.value(ty, depth - 1);
				self.value(ty, depth - 1);
				self.value(T::I32, depth - 1);
				let typed = ty == T::V128 || self.rng.percent(50);
				self.push(if typed { I::TypedSelect(ty) } else { I::Select });
			}
			4 => {
				self.value(T::I32, depth - 1);
				self.push(I::If(BlockType::Result(ty)));
				self.value(ty, depth - 1);
				self.push(I::Else);
				self.value(ty, depth - 1);
				self.push(I::End);
			}
			5 => {
				self.push(I::Block(BlockType::Result(ty)));
				self.value(ty, depth - 1);
				self.value(T::I32, depth - 1);
				self.push(I::BrIf(0));
				self.push(I::Drop);
				self.value(ty, depth - 1);
				self.push(I::End);
			}
			6 => {
				self.place();
				self.push(load(ty));
			}
			7 => self.call(ty, depth),
			_ => match ty {
				T::I32 => self.i32(depth - 1),
				T::I64 => self.i64(depth - 1),
				T::F32 => self.f32(depth - 1),
				T::F64 => self.f64(depth - 1),
				_ => self.v128(depth - 1),
			},
		}
	}

	fn leaf(&mut self, ty: T) {
		if self.rng.percent(55) {
			let local = self.local(ty);
			return self.push(I::LocalGet(local));
		}
		if self.rng.percent(10) {
			return self.push(I::GlobalGet(Self::global(ty)));
		}
		let bits = self.rng.next_u64();
		let special = self.rng.percent(70);
		let instruction = match ty {
			T::I32 if special => I::I32Const(bits as i32 & 7),
			T::I32 => I::I32Const(bits as i32),
			T::I64 => I::I64Const(bits as i64),
			T::F32 if special => I::F32Const(Ieee32::new(*self.rng.pick(&SPECIAL_32).unwrap_or(&0))),
			T::F32 => I::F32Const(Ieee32::new(bits as u32)),
			T::F64 if special => I::F64Const(Ieee64::new(*self.rng.pick(&SPECIAL_64).unwrap_or(&0))),
			T::F64 => I::F64Const(Ieee64::new(bits)),
			_ if special => {
				let half = u128::from(*self.rng.pick(&SPECIAL_64).unwrap_or(&0));
				let quarter = u128::from(*self.rng.pick(&SPECIAL_32).unwrap_or(&0));
				I::V128Const((half << 64 | quarter << 32 | quarter) as i128)
			}
			_ => I::V128Const((u128::from(bits) << 64 | u128::from(!bits)) as i128),
		};
		self.push(instruction);
	}

	/// The result of an earlier function, or what is left if there is none.
	fn call(&mut self, ty: T, depth: u32) {
		let fits = |(number, fun): (usize, &Fun)| (fun.results == [ty]).then(|| (number as u32, fun.params.clone()));
		let found: Vec<(u32, Vec<T>)> = self.before.iter().enumerate().filter_map(fits).collect();
		let Some((number, params)) = self.rng.pick(&found).cloned() else {
			return self.leaf(ty);
		};
		for param in params {
			self.value(param, depth - 1);
		}
		match self.rng.percent(70) {
			true => self.push(I::Call(IMPORTS + number)),
			false => {
				// Through the table; another function now and then, mostly of another type.
				let element = if self.rng.percent(3) {
					self.rng.below(6) as i32
				} else {
					number as i32
				};
				self.push(I::I32Const(element));
				self.push(I::CallIndirect {
					type_index: IMPORTS + number,
					table_index: 0,
				});
			}
		}
	}

	fn two(&mut self, ty: T, depth: u32) {
		self.value(ty, depth);
		self.value(ty, depth);
	}

	fn i32(&mut self, depth: u32) {
		match self.rng.below(10) {
			0..=2 => {
				self.two(T::I32, depth);
				self.one(&[
					I::I32Add,
					I::I32Sub,
					I::I32Mul,
					I::I32Xor,
					I::I32And,
					I::I32Shl,
					I::I32Rotl,
					I::I32LtU,
				]);
			}
			3 => {
				self.two(T::F64, depth);
				self.one(&[I::F64Eq, I::F64Ne, I::F64Lt, I::F64Ge]);
			}
			4 => {
				self.two(T::F32, depth);
				self.one(&[I::F32Eq, I::F32Ne, I::F32Gt, I::F32Le]);
			}
			5 => {
				self.value(T::F32, depth);
				self.one(&[
					I::I32ReinterpretF32,
					I::I32ReinterpretF32,
					I::I32TruncSatF32S,
					I::I32TruncSatF32U,
				]);
			}
			6 => {
				self.value(T::F64, depth);
				let rare = self.rng.percent(4);
				self.push(if rare { I::I32TruncF64S } else { I::I32TruncSatF64S });
			}
			7 => {
				self.value(T::V128, depth);
				self.one(&[
					I::I8x16Bitmask,
					I::I32x4ExtractLane(2),
					I::V128AnyTrue,
					I::I32x4AllTrue,
					I::I16x8ExtractLaneS(5),
				]);
			}
			8 => {
				self.value(T::I64, depth);
				self.one(&[I::I32WrapI64, I::I64Eqz]);
			}
			_ => {
				self.two(T::I32, depth);
				let rare = self.rng.percent(6);
				self.push(if rare { I::I32DivS } else { I::I32Or });
			}
		}
	}

	fn i64(&mut self, depth: u32) {
		match self.rng.below(6) {
			0 | 1 => {
				self.two(T::I64, depth);
				self.one(&[I::I64Add, I::I64Sub, I::I64Mul, I::I64Xor, I::I64ShrS, I::I64Rotr]);
			}
			2 | 3 => {
				self.value(T::F64, depth);
				self.one(&[I::I64ReinterpretF64, I::I64ReinterpretF64, I::I64TruncSatF64S]);
			}
			4 => {
				self.value(T::I32, depth);
				self.one(&[I::I64ExtendI32S, I::I64ExtendI32U]);
			}
			_ => {
				self.value(T::V128, depth);
				self.push(I::I64x2ExtractLane(1));
			}
		}
	}

	fn f32(&mut self, depth: u32) {
		match self.rng.below(12) {
			0..=4 => {
				self.two(T::F32, depth);
				self.one(&[I::F32Add, I::F32Sub, I::F32Mul, I::F32Div, I::F32Min, I::F32Max]);
			}
			5 => {
				self.value(T::F32, depth);
				self.one(&[I::F32Sqrt, I::F32Ceil, I::F32Floor, I::F32Trunc, I::F32Nearest]);
			}
			6 | 7 => {
				self.value(T::F32, depth);
				self.one(&[I::F32Neg, I::F32Abs]);
			}
			8 => {
				self.two(T::F32, depth);
				self.push(I::F32Copysign);
			}
			9 => {
				self.value(T::F64, depth);
				self.push(I::F32DemoteF64);
			}
			10 => {
				self.value(T::V128, depth);
				self.one(&[I::F32x4ExtractLane(0), I::F32x4ExtractLane(3)]);
			}
			_ => {
				self.value(T::I32, depth);
				self.one(&[I::F32ReinterpretI32, I::F32ConvertI32S, I::F32ConvertI32U]);
			}
		}
	}

	fn f64(&mut self, depth: u32) {
		match self.rng.below(12) {
			0..=4 => {
				self.two(T::F64, depth);
				self.one(&[I::F64Add, I::F64Sub, I::F64Mul, I::F64Div, I::F64Min, I::F64Max]);
			}
			5 => {
				self.value(T::F64, depth);
				self.one(&[I::F64Sqrt, I::F64Ceil, I::F64Floor, I::F64Trunc, I::F64Nearest]);
			}
			6 | 7 => {
				self.value(T::F64, depth);
				self.one(&[I::F64Neg, I::F64Abs]);
			}
			8 => {
				self.two(T::F64, depth);
				self.push(I::F64Copysign);
			}
			9 => {
				self.value(T::F32, depth);
				self.push(I::F64PromoteF32);
			}
			10 => {
				self.value(T::V128, depth);
				self.one(&[I::F64x2ExtractLane(0), I::F64x2ExtractLane(1)]);
			}
			_ => {
				self.value(T::I64, depth);
				self.one(&[I::F64ReinterpretI64, I::F64ConvertI64S, I::F64ConvertI64U]);
			}
		}
	}

	fn v128(&mut self, depth: u32) {
		match self.rng.below(13) {
			0..=2 => {
				self.two(T::V128, depth);
				self.one(&FOURS);
			}
			3..=5 => {
				self.two(T::V128, depth);
				self.one(&TWOS);
			}
			6 => {
				self.value(T::V128, depth);
				self.one(&ROUNDED);
			}
			7 => {
				self.value(T::V128, depth);
				self.one(&[I::F32x4Neg, I::F32x4Abs, I::F64x2Neg, I::F64x2Abs]);
			}
			8 => {
				self.value(T::V128, depth);
				self.one(&CONVERTED);
			}
			9 => {
				let narrow = self.rng.percent(50);
				self.value(T::V128, depth);
				self.value(if narrow { T::F32 } else { T::F64 }, depth);
				self.push(if narrow {
					I::F32x4ReplaceLane(2)
				} else {
					I::F64x2ReplaceLane(0)
				});
			}
			10 => {
				let narrow = self.rng.percent(50);
				self.value(if narrow { T::F32 } else { T::F64 }, depth);
				self.push(if narrow { I::F32x4Splat } else { I::F64x2Splat });
			}
			11 => {
				self.two(T::V128, depth);
				self.one(&[
					I::V128And,
					I::V128Xor,
					I::I32x4Add,
					I::I8x16Shuffle([0, 17, 2, 19, 20, 5, 6, 7, 8, 25, 26, 27, 12, 13, 14, 15]),
					I::F32x4Lt,
					I::F64x2Ne,
					I::I8x16Swizzle,
				]);
			}
			_ => {
				self.two(T::V128, depth);
				self.value(T::V128, depth);
				self.push(I::V128Bitselect);
			}
		}
	}
}

fn store(ty: T) -> I<'static> {
	let place = at(SHELF as u64);
	match ty {
		T::I32 => I::I32Store(place),
		T::I64 => I::I64Store(place),
		T::F32 => I::F32Store(place),
		T::F64 => I::F64Store(place),
		_ => I::V128Store(place),
	}
}

fn load(ty: T) -> I<'static> {
	let place = at(SHELF as u64);
	match ty {
		T::I32 => I::I32Load(place),
		T::I64 => I::I64Load(place),
		T::F32 => I::F32Load(place),
		T::F64 => I::F64Load(place),
		_ => I::V128Load(place),
	}
}
