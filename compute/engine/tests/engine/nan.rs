//! NaNs by hand: what each way of looking at one shows, and which ones are left alone.

use crate::kit::{all_canonical, at, engine, output, put, unit, BlockType, Fun, Ieee32, Ieee64, Parts, I, T};
use smartchain_engine::Program;

const NAN_32: u32 = 0x7fc0_0000;
const NAN_64: u64 = 0x7ff8_0000_0000_0000;
/// NaNs of a program's own, which it may keep things in.
const OWN_32: u32 = 0xffc1_2345;
const OWN_64: u64 = 0xfff8_dead_beef_cafe;

fn f32(bits: u32) -> I<'static> {
	I::F32Const(Ieee32::new(bits))
}

fn f64(bits: u64) -> I<'static> {
	I::F64Const(Ieee64::new(bits))
}

/// Zero by zero.
fn made_64() -> Vec<I<'static>> {
	vec![I::F64Const(0.0.into()), I::F64Const(0.0.into()), I::F64Div]
}

fn made_32() -> Vec<I<'static>> {
	vec![I::F32Const(0.0.into()), I::F32Const(0.0.into()), I::F32Div]
}

fn made_f32x4() -> Vec<I<'static>> {
	vec![I::V128Const(0), I::V128Const(0), I::F32x4Div]
}

fn made_f64x2() -> Vec<I<'static>> {
	vec![I::V128Const(0), I::V128Const(0), I::F64x2Div]
}

/// Stores what `body` leaves on the stack, and writes it. What the same module gives where wasmtime makes all NaNs
/// canonical has to be the same.
fn seen(store: I<'static>, bytes: i32, body: Vec<I<'static>>) -> Vec<u8> {
	let mut all = vec![I::I32Const(64)];
	all.extend(body);
	all.push(store);
	all.extend(put(64, bytes));
	let parts = Parts::of(vec![T::F32, T::F64, T::V128, T::F64], all);
	both(&parts)
}

fn both(parts: &Parts) -> Vec<u8> {
	let (found, module) = (output(parts), parts.module());
	let program = Program::check(&module).expect("it is one");
	let peer = all_canonical()
		.load_raw(&program, &module)
		.expect("it compiles")
		.run(&unit())
		.expect("it runs");
	assert_eq!(peer.output, found);
	found
}

fn seen_64(body: Vec<I<'static>>) -> u64 {
	u64::from_le_bytes(seen(I::F64Store(at(0)), 8, body).try_into().expect("eight bytes"))
}

fn seen_32(body: Vec<I<'static>>) -> u32 {
	u32::from_le_bytes(seen(I::F32Store(at(0)), 4, body).try_into().expect("four bytes"))
}

fn seen_128(body: Vec<I<'static>>) -> u128 {
	u128::from_le_bytes(seen(I::V128Store(at(0)), 16, body).try_into().expect("sixteen bytes"))
}

fn joined(parts: &[&[I<'static>]]) -> Vec<I<'static>> {
	parts.concat()
}

/// Without the pass a division by zero shows what this machine makes of it, and with it what all do.
#[test]
#[cfg(target_arch = "x86_64")]
fn without_the_pass_a_machine_shows_its_own() {
	let mut body = vec![
		I::F64Const(0.0.into()),
		I::LocalTee(0),
		I::LocalGet(0),
		I::F64Div,
		I::LocalSet(1),
	];
	body.extend([I::I32Const(64), I::LocalGet(1), I::F64Store(at(0))]);
	body.extend(put(64, 8));
	let module = Parts::of(vec![T::F64, T::F64], body).module();
	let program = Program::check(&module).expect("it is one");
	let raw = engine()
		.load_raw(&program, &module)
		.expect("it compiles")
		.run(&unit())
		.expect("it runs");
	let own = engine()
		.load(&program)
		.expect("it compiles")
		.run(&unit())
		.expect("it runs");
	assert_eq!(raw.output, (NAN_64 | 1 << 63).to_le_bytes());
	assert_eq!(own.output, NAN_64.to_le_bytes());
}

#[test]
fn a_store_shows_the_canonical_one() {
	assert_eq!(seen_64(made_64()), NAN_64);
	assert_eq!(seen_32(made_32()), NAN_32);
	assert_eq!(
		seen_128(made_f32x4()),
		u128::from(NAN_32) * 0x1_0000_0001_0000_0001_0000_0001
	);
	assert_eq!(seen_128(made_f64x2()), u128::from(NAN_64) * 0x1_0000_0000_0000_0001);
}

#[test]
fn so_does_a_look_at_its_bits() {
	let body = joined(&[&made_64(), &[I::I64ReinterpretF64, I::F64ReinterpretI64]]);
	assert_eq!(seen_64(body), NAN_64);
	let body = joined(&[&made_32(), &[I::I32ReinterpretF32, I::F32ReinterpretI32]]);
	assert_eq!(seen_32(body), NAN_32);
}

/// The sign of a number can be that of a NaN: it has to be the canonical one's.
#[test]
fn a_copied_sign_is_the_canonical_ones() {
	assert_eq!(
		seen_64(joined(&[&[I::F64Const(1.0.into())], &made_64(), &[I::F64Copysign]])),
		1f64.to_bits()
	);
	assert_eq!(
		seen_32(joined(&[&[I::F32Const(1.0.into())], &made_32(), &[I::F32Copysign]])),
		1f32.to_bits()
	);
}

#[test]
fn a_turned_sign_is_a_turned_one() {
	assert_eq!(seen_64(joined(&[&made_64(), &[I::F64Neg]])), NAN_64 | 1 << 63);
	assert_eq!(seen_64(joined(&[&made_64(), &[I::F64Neg, I::F64Neg]])), NAN_64);
	assert_eq!(seen_64(joined(&[&made_64(), &[I::F64Neg, I::F64Abs]])), NAN_64);
	assert_eq!(seen_32(joined(&[&made_32(), &[I::F32Neg]])), NAN_32 | 1 << 31);
	assert_eq!(
		seen_128(joined(&[&made_f64x2(), &[I::F64x2Neg]])) as u64,
		NAN_64 | 1 << 63
	);
	assert_eq!(
		seen_128(joined(&[&made_f32x4(), &[I::F32x4Neg]])) as u32,
		NAN_32 | 1 << 31
	);
}

/// What a program loads, moves about and stores is what it was: it may keep pointers in NaNs.
#[test]
fn a_programs_own_are_left_alone() {
	assert_eq!(seen_64(vec![f64(OWN_64)]), OWN_64);
	assert_eq!(seen_64(vec![f64(OWN_64), I::LocalSet(1), I::LocalGet(1)]), OWN_64);
	assert_eq!(seen_64(vec![f64(OWN_64), I::F64Neg]), OWN_64 ^ 1 << 63);
	assert_eq!(seen_32(vec![f32(OWN_32), I::LocalTee(0)]), OWN_32);
	let through = vec![
		I::I32Const(80),
		f64(OWN_64),
		I::F64Store(at(0)),
		I::I32Const(80),
		I::F64Load(at(0)),
	];
	assert_eq!(seen_64(through), OWN_64);
	let lanes = u128::from(OWN_32) * 0x1_0000_0001_0000_0001_0000_0001;
	assert_eq!(
		seen_128(vec![I::V128Const(lanes as i128), I::F32x4Abs]),
		lanes & !(0x8000_0000_8000_0000_8000_0000_8000_0000)
	);
}

/// A local that now holds a NaN of the program's own and now one that was made keeps the one and shows the other.
#[test]
fn a_local_may_hold_either() {
	let own_first = joined(&[
		&[f64(OWN_64), I::LocalSet(1), I::LocalGet(1)],
		&[I::Drop],
		&made_64(),
		&[I::LocalSet(1), I::LocalGet(1)],
	]);
	assert_eq!(seen_64(own_first), NAN_64);
	let made_first = joined(&[
		&made_64(),
		&[I::LocalSet(1), f64(OWN_64), I::LocalSet(1), I::LocalGet(1)],
	]);
	assert_eq!(seen_64(made_first), OWN_64);
}

/// The local is only known to hold a made one once the whole loop was read.
#[test]
fn a_local_is_open_around_a_loop() {
	let body = joined(&[
		&[I::Block(BlockType::Empty), I::Loop(BlockType::Empty)],
		&[I::LocalGet(1), I::LocalGet(3), I::F64Add, I::LocalSet(1)],
		&[I::LocalGet(1), I::LocalGet(1), I::F64Ne, I::BrIf(1)],
		&made_64(),
		&[I::LocalSet(3), I::Br(0), I::End, I::End, I::LocalGet(1)],
	]);
	assert_eq!(seen_64(body), NAN_64);
}

#[test]
fn choices_are_told_apart() {
	for (condition, expected) in [(1, OWN_64), (0, NAN_64)] {
		let body = joined(&[&[f64(OWN_64)], &made_64(), &[I::I32Const(condition), I::Select]]);
		assert_eq!(seen_64(body), expected);
		let body = joined(&[
			&[f64(OWN_64)],
			&made_64(),
			&[I::F64Neg, I::I32Const(condition), I::TypedSelect(T::F64)],
		]);
		assert_eq!(seen_64(body), expected | 1 << 63);
	}
	// `pmin` gives its first, unless the second is below it.
	let first = joined(&[&made_f64x2(), &[I::V128Const(0), I::F64x2PMin]]);
	assert_eq!(seen_128(first) as u64, NAN_64);
	let own = u128::from(OWN_64);
	let second = joined(&[&[I::V128Const(own as i128)], &made_f64x2(), &[I::F64x2PMax]]);
	assert_eq!(seen_128(second), own);
}

/// A vector has no shape: what was made as two is seen as four.
#[test]
fn a_vector_of_another_shape_is_seen() {
	let body = joined(&[&made_f64x2(), &[I::V128Const(0), I::F32x4PMax]]);
	assert_eq!(seen_128(body) as u64 >> 32, NAN_64 >> 32);
	let body = joined(&[&made_f32x4(), &[I::V128Const(0), I::V128Or]]);
	assert_eq!(seen_128(body) as u32, NAN_32);
	let body = joined(&[&made_f32x4(), &[I::F32x4ExtractLane(2), I::F32Neg]]);
	assert_eq!(seen_32(body), NAN_32 | 1 << 31);
	let body = joined(&[&[I::V128Const(0)], &made_32(), &[I::F32x4ReplaceLane(1)]]);
	assert_eq!(seen_128(body), u128::from(NAN_32) << 32);
	// As integers: the bits of a NaN are a number of some two billions.
	let body = joined(&[&made_f32x4(), &[I::F32x4ConvertI32x4S]]);
	assert_eq!(seen_128(body) as u32, (NAN_32 as f32).to_bits());
	let body = joined(&[&made_64(), &[I::F64x2Splat]]);
	assert_eq!(seen_128(body) >> 64, u128::from(NAN_64));
}

#[test]
fn conversions_between_floats_make_them_too() {
	assert_eq!(seen_32(vec![f64(OWN_64), I::F32DemoteF64]), NAN_32);
	assert_eq!(seen_64(vec![f32(OWN_32), I::F64PromoteF32]), NAN_64);
	let own = u128::from(OWN_32) * 0x1_0000_0001_0000_0001_0000_0001;
	assert_eq!(
		seen_128(vec![I::V128Const(own as i128), I::F64x2PromoteLowF32x4]) as u64,
		NAN_64
	);
	assert_eq!(
		seen_128(vec![I::V128Const(i128::from(OWN_64)), I::F32x4DemoteF64x2Zero]) as u32,
		NAN_32
	);
}

/// Every instruction that makes NaNs, from one of the program's own.
#[test]
fn all_that_makes_nans_is_known() {
	let unary_64 = [I::F64Ceil, I::F64Floor, I::F64Trunc, I::F64Nearest, I::F64Sqrt];
	let unary_32 = [I::F32Ceil, I::F32Floor, I::F32Trunc, I::F32Nearest, I::F32Sqrt];
	let binary_64 = [I::F64Add, I::F64Sub, I::F64Mul, I::F64Div, I::F64Min, I::F64Max];
	let binary_32 = [I::F32Add, I::F32Sub, I::F32Mul, I::F32Div, I::F32Min, I::F32Max];
	for op in unary_64 {
		assert_eq!(seen_64(vec![f64(OWN_64), op]), NAN_64);
	}
	for op in unary_32 {
		assert_eq!(seen_32(vec![f32(OWN_32), op]), NAN_32);
	}
	for op in binary_64 {
		assert_eq!(seen_64(vec![f64(OWN_64), I::F64Const(1.0.into()), op.clone()]), NAN_64);
		assert_eq!(seen_64(vec![I::F64Const(1.0.into()), f64(OWN_64), op]), NAN_64);
	}
	for op in binary_32 {
		assert_eq!(seen_32(vec![f32(OWN_32), I::F32Const(1.0.into()), op.clone()]), NAN_32);
		assert_eq!(seen_32(vec![I::F32Const(1.0.into()), f32(OWN_32), op]), NAN_32);
	}
}

#[test]
fn all_that_makes_nans_of_vectors_is_known() {
	let own_32 = (u128::from(OWN_32) * 0x1_0000_0001_0000_0001_0000_0001) as i128;
	let own_64 = (u128::from(OWN_64) * 0x1_0000_0000_0000_0001) as i128;
	for op in [
		I::F32x4Ceil,
		I::F32x4Floor,
		I::F32x4Trunc,
		I::F32x4Nearest,
		I::F32x4Sqrt,
	] {
		assert_eq!(seen_128(vec![I::V128Const(own_32), op]) as u32, NAN_32);
	}
	for op in [
		I::F64x2Ceil,
		I::F64x2Floor,
		I::F64x2Trunc,
		I::F64x2Nearest,
		I::F64x2Sqrt,
	] {
		assert_eq!(seen_128(vec![I::V128Const(own_64), op]) as u64, NAN_64);
	}
	for op in [
		I::F32x4Add,
		I::F32x4Sub,
		I::F32x4Mul,
		I::F32x4Div,
		I::F32x4Min,
		I::F32x4Max,
	] {
		assert_eq!(seen_128(vec![I::V128Const(own_32), I::V128Const(0), op]) as u32, NAN_32);
	}
	for op in [
		I::F64x2Add,
		I::F64x2Sub,
		I::F64x2Mul,
		I::F64x2Div,
		I::F64x2Min,
		I::F64x2Max,
	] {
		assert_eq!(seen_128(vec![I::V128Const(own_64), I::V128Const(0), op]) as u64, NAN_64);
	}
}

/// What leaves a function is exact: through parameters, results, globals, and what branches give.
#[test]
fn calls_and_branches_show_the_canonical_one() {
	let same = Fun {
		params: vec![T::F64],
		results: vec![T::F64],
		locals: vec![],
		body: vec![I::LocalGet(0)],
	};
	let mut body = vec![I::I32Const(64)];
	body.extend(made_64());
	body.extend([I::Call(1), I::F64Store(at(0)), I::I32Const(72)]);
	body.extend(made_64());
	body.extend([I::GlobalSet(0), I::GlobalGet(0), I::F64Store(at(0)), I::I32Const(80)]);
	body.push(I::Block(BlockType::Result(T::F64)));
	body.extend(made_64());
	body.extend([I::Br(0), I::End, I::F64Store(at(0))]);
	body.extend(put(64, 24));
	let mut parts = Parts::of(vec![], body);
	parts.functions.insert(0, same);
	parts
		.globals
		.push((T::F64, wasm_encoder::ConstExpr::f64_const(0.0.into())));
	assert_eq!(both(&parts), [NAN_64.to_le_bytes(); 3].concat());
}

/// What a NaN takes through functions, blocks and branches of this type, f64 to f64, is the canonical one.
fn through(helper: Vec<I<'static>>, body: Vec<I<'static>>) -> u64 {
	let mut all = vec![I::I32Const(64)];
	all.extend(body);
	all.push(I::F64Store(at(0)));
	all.extend(put(64, 8));
	let mut parts = Parts::of(vec![], all);
	parts.functions.insert(
		0,
		Fun {
			params: vec![T::F64],
			results: vec![T::F64],
			locals: vec![],
			body: helper,
		},
	);
	u64::from_le_bytes(both(&parts).try_into().expect("eight bytes"))
}

#[test]
fn branches_carry_the_canonical_one() {
	let plain = || vec![I::LocalGet(0)];
	let table = [I::I32Const(0), I::BrTable(vec![0, 0].into(), 0), I::End];
	let block = I::Block(BlockType::Result(T::F64));
	assert_eq!(
		through(plain(), joined(&[&[block.clone()], &made_64(), &table])),
		NAN_64
	);
	// Parameters of blocks and loops: type 1 is that of the helper.
	for kind in [
		I::Block(BlockType::FunctionType(1)),
		I::Loop(BlockType::FunctionType(1)),
	] {
		assert_eq!(through(plain(), joined(&[&made_64(), &[kind, I::End]])), NAN_64);
	}
	// What comes back to the head of a loop, as its parameter, and leaves it at the second turn.
	let around = [
		I::F64Const(1.0.into()),
		I::Loop(BlockType::FunctionType(1)),
		I::F64Const(0.0.into()),
		I::F64Mul,
		I::F64Const(0.0.into()),
		I::F64Div,
		I::I32Const(0),
		I::I32Load(at(128)),
		I::I32Const(0),
		I::I32Const(1),
		I::I32Store(at(128)),
		I::I32Eqz,
		I::BrIf(0),
		I::End,
	];
	assert_eq!(through(plain(), around.to_vec()), NAN_64);
	// Code that is never reached takes what is not there.
	let dead = [I::Br(0), I::F64Sqrt, I::F64Add, I::End];
	assert_eq!(through(plain(), joined(&[&[block], &made_64(), &dead])), NAN_64);
}

#[test]
fn functions_return_the_canonical_one() {
	let call = [I::F64Const(1.0.into()), I::Call(1)];
	let early = joined(&[&made_64(), &[I::Return, I::F64Neg]]);
	assert_eq!(through(early, call.to_vec()), NAN_64);
	assert_eq!(through(made_64(), call.to_vec()), NAN_64);
	// Two results, of which the lower one is looked at.
	let mut all = vec![I::I32Const(64), I::Call(1), I::Drop, I::F64Store(at(0))];
	all.extend(put(64, 8));
	let mut parts = Parts::of(vec![], all);
	let mut two = Fun::plain(vec![], joined(&[&made_64(), &[I::F64Const(1.0.into())]]));
	two.results = vec![T::F64; 2];
	parts.functions.insert(0, two);
	assert_eq!(both(&parts), NAN_64.to_le_bytes());
}

/// A NaN that goes from local to local, each turn of a loop one further: more of them than the pass goes rounds. Then
/// all are exact.
#[test]
fn a_long_chain_of_locals_is_exact() {
	const LAST: u32 = 20;
	let mut all = vec![I::Loop(BlockType::Empty)];
	for local in (0..LAST).rev() {
		all.extend([I::LocalGet(local), I::LocalSet(local + 1)]);
	}
	all.extend(made_64());
	all.extend([
		I::LocalSet(0),
		I::LocalGet(LAST + 1),
		I::I32Const(1),
		I::I32Add,
		I::LocalTee(LAST + 1),
		I::I32Const(LAST as i32 + 5),
		I::I32LtU,
		I::BrIf(0),
		I::End,
		I::I32Const(64),
		I::LocalGet(LAST),
		I::F64Store(at(0)),
	]);
	all.extend(put(64, 8));
	let mut locals = vec![T::F64; LAST as usize + 1];
	locals.push(T::I32);
	assert_eq!(both(&Parts::of(locals, all)), NAN_64.to_le_bytes());
}
