//! Programs that mean harm, and the meter.

use crate::kit::{at, engine, put, run, unit, BlockType, Fun, Parts, I, T};
use compute_market_primitives as market;
use smartchain_engine::{limits, Fault, Kind, Outcome, Program, Trap, Unit};
use std::time::{Duration, Instant};

fn ends(parts: &Parts, unit: &Unit) -> Outcome {
	run(&parts.module(), unit)
}

fn forever(body: Vec<I<'static>>) -> Parts {
	let mut all = vec![I::Loop(BlockType::Empty)];
	all.extend(body);
	all.extend([I::Br(0), I::End]);
	Parts::of(vec![T::I32], all)
}

#[test]
fn a_loop_without_end_is_out_of_fuel() {
	let outcome = ends(&forever(vec![]), &unit());
	assert_eq!((outcome.kind, outcome.fuel), (Kind::OutOfFuel, unit().fuel_limit));
	assert!(outcome.output.is_empty());
}

/// The meter is not written back where an instruction traps: the whole limit counts, or searching would be for nothing.
#[test]
fn work_before_a_trap_is_not_free() {
	let turns = |count| {
		vec![
			I::I32Const(count),
			I::LocalSet(0),
			I::Loop(BlockType::Empty),
			I::LocalGet(0),
			I::I32Const(1),
			I::I32Sub,
			I::LocalTee(0),
			I::BrIf(0),
			I::End,
		]
	};
	for (trapping, trap) in [
		(vec![I::I32Const(-4), I::I32Load(at(0)), I::Drop], Trap::Memory),
		(
			vec![I::I32Const(1), I::LocalGet(0), I::I32DivU, I::Drop],
			Trap::Division,
		),
	] {
		let mut body = turns(100_000);
		body.extend(trapping);
		let outcome = ends(&Parts::of(vec![T::I32], body), &unit());
		assert_eq!((outcome.kind, outcome.fuel), (Kind::Trap(trap), unit().fuel_limit));
	}
	// Where it is written back, what was burned counts.
	let mut body = turns(1_000);
	body.push(I::Unreachable);
	let outcome = ends(&Parts::of(vec![T::I32], body), &unit());
	assert_eq!(outcome.kind, Kind::Trap(Trap::Unreachable));
	let burned = outcome.fuel - limits::PAGE_FUEL;
	assert!((5_000..7_000).contains(&burned), "{burned}");
}

/// What was written before is discarded, too.
#[test]
fn who_runs_out_of_fuel_has_no_output() {
	let mut body = put(0, 8);
	body.extend(forever(vec![]).functions[0].body.clone());
	assert!(ends(&Parts::of(vec![], body), &unit()).output.is_empty());
}

/// One more than the limit is too much, even where the program ends before anybody looks at the meter.
#[test]
fn the_limit_is_exact() {
	let mut body = vec![I::Nop];
	for _ in 0..25 {
		body.extend([I::I32Const(1), I::Drop]);
	}
	let parts = Parts::of(vec![], body);
	let cost = ends(&parts, &unit()).fuel;
	assert!(cost > 25, "{cost}");
	let with = |fuel_limit| ends(&parts, &Unit { fuel_limit, ..unit() });
	for (limit, kind) in [
		(cost, Kind::Ok),
		(cost - 1, Kind::OutOfFuel),
		(2, Kind::OutOfFuel),
		(0, Kind::OutOfFuel),
	] {
		let outcome = with(limit);
		assert_eq!((outcome.kind, outcome.fuel), (kind, limit));
	}
	assert_eq!((with(cost + 1).kind, with(cost + 1).fuel), (Kind::Ok, cost));
}

/// Memory grows to its bound, then the program is told no, and goes on.
#[test]
fn memory_grows_to_the_jobs_bound() {
	let mut body = vec![I::I32Const(64)];
	body.extend([
		I::I32Const(63),
		I::MemoryGrow(0),
		I::I32Const(1),
		I::MemoryGrow(0),
		I::I32Add,
	]);
	body.extend([I::MemorySize(0), I::I32Add, I::I32Store(at(0))]);
	body.extend(put(64, 4));
	// Of one page by 63, then not by one more, then 64: 1 - 1 + 64.
	assert_eq!(ends(&Parts::of(vec![], body), &unit()).output, 64u32.to_le_bytes());
}

#[test]
fn a_memory_bomb_burns_its_fuel() {
	let bomb = forever(vec![I::I32Const(1), I::MemoryGrow(0), I::Drop]);
	assert_eq!(ends(&bomb, &unit()).kind, Kind::OutOfFuel);
	// Four bytes of code that would fill 4 MiB again and again, for five units of fuel each.
	let fill = forever(vec![
		I::I32Const(0),
		I::I32Const(1),
		I::I32Const(0x3f_0000),
		I::MemoryFill(0),
	]);
	let mut parts = fill;
	parts.memory = (64, None);
	let begun = Instant::now();
	assert_eq!(ends(&parts, &unit()).kind, Kind::OutOfFuel);
	// 19 fillings; two million without what is charged for them, which would take minutes.
	assert!(begun.elapsed() < Duration::from_secs(20), "{:?}", begun.elapsed());
}

/// Pages are paid for once, from the start or grown, and nobody is given more of them than it can pay.
#[test]
fn memory_costs_fuel_by_the_page() {
	let growing = |start: u64, pages: i32, fuel_limit: u64| {
		let mut parts = Parts::of(vec![], vec![I::I32Const(pages), I::MemoryGrow(0), I::Drop]);
		parts.memory = (start, None);
		let outcome = ends(&parts, &Unit { fuel_limit, ..unit() });
		(outcome.kind, outcome.fuel)
	};
	let most = unit().fuel_limit;
	let (_, one) = growing(1, 0, most);
	assert!((limits::PAGE_FUEL..limits::PAGE_FUEL + 100).contains(&one), "{one}");
	assert_eq!(growing(3, 0, most), (Kind::Ok, one + 2 * limits::PAGE_FUEL));
	// Eight more a page for the asking.
	assert_eq!(growing(1, 2, most), (Kind::Ok, one + 2 * (limits::PAGE_FUEL + 8)));
	// A no costs the asking alone.
	assert_eq!(growing(1, 64, most), (Kind::Ok, one + 64 * 8));
	let short = 3 * limits::PAGE_FUEL - 1;
	for (start, pages) in [(3, 0), (2, 1), (1, 2)] {
		assert_eq!(growing(start, pages, short), (Kind::OutOfFuel, short));
	}
	// It is ended where it grows beyond that, and touches none of it: what it would say then is not said.
	let mut body = vec![I::I32Const(9), I::MemoryGrow(0), I::Drop];
	body.extend(put(0, 4));
	body[9] = I::I32Const(2);
	let parts = Parts::of(vec![], body);
	let said = |fuel_limit| ends(&parts, &Unit { fuel_limit, ..unit() }).remarks.len();
	assert_eq!((said(11 * limits::PAGE_FUEL), said(9 * limits::PAGE_FUEL)), (4, 0));
}

/// Bytes that are moved, elements and pages cost fuel, each by its number.
#[test]
fn bulk_work_is_charged_for() {
	let cost = |body: Vec<I<'static>>| {
		let mut parts = Parts::of(vec![], body);
		parts.memory = (16, None);
		parts.table = true;
		let outcome = ends(&parts, &unit());
		assert_eq!(outcome.kind, Kind::Ok);
		outcome.fuel
	};
	let fill = |bytes| {
		cost(vec![
			I::I32Const(0),
			I::I32Const(7),
			I::I32Const(bytes),
			I::MemoryFill(0),
		])
	};
	let copy = |bytes| {
		cost(vec![
			I::I32Const(0),
			I::I32Const(1),
			I::I32Const(bytes),
			I::MemoryCopy { src_mem: 0, dst_mem: 0 },
		])
	};
	let grow = |pages| cost(vec![I::I32Const(pages), I::MemoryGrow(0), I::Drop]);
	let both: [&dyn Fn(i32) -> u64; 2] = [&fill, &copy];
	for moved in both {
		assert_eq!(moved(255), moved(0));
		assert_eq!(moved(256) - moved(255), 32);
		assert_eq!(moved(256_000) - moved(0), 32_000);
	}
	// Besides what the pages cost themselves.
	assert_eq!(grow(40) - grow(0), 320 + 40 * limits::PAGE_FUEL);
	let elements = |count| {
		let null = I::RefNull(wasm_encoder::HeapType::FUNC);
		cost(vec![
			null.clone(),
			I::I32Const(1_000),
			I::TableGrow(0),
			I::Drop,
			I::I32Const(0),
			null,
			I::I32Const(count),
			I::TableFill(0),
		])
	};
	assert_eq!(elements(800) - elements(0), 800);
	// What wasmtime is asked for costs 25 more, whatever it has to do: then a turn of the loop, and three numbers.
	assert_eq!(fill(0) - cost(vec![]), 25 + 8 + 1 + 3);
	assert_eq!(cost(vec![I::RefFunc(1), I::Drop]) - cost(vec![]), 26);
	assert_eq!(cost(vec![I::ElemDrop(0)]) - cost(vec![]), 26);
}

/// Output is bounded. The file that the host keeps never grows beyond.
#[test]
fn an_output_bomb_is_trapped() {
	let mut body = vec![I::Loop(BlockType::Empty)];
	body.extend(put(0, 0x40_0000));
	body.extend([I::Br(0), I::End]);
	let mut parts = Parts::of(vec![], body);
	parts.memory = (65, None);
	let unit = Unit {
		fuel_limit: 1_000_000_000,
		memory_pages: 65,
		..unit()
	};
	let outcome = ends(&parts, &unit);
	assert_eq!((outcome.kind, outcome.output.len()), (Kind::Trap(Trap::Output), 0));
}

/// As much as may be written can be.
#[test]
fn the_longest_output_is_whole() {
	let mut body = Vec::new();
	for _ in 0..16 {
		body.extend(put(0, 0x40_0000));
	}
	let mut parts = Parts::of(vec![], body);
	parts.memory = (65, None);
	let unit = Unit {
		memory_pages: 65,
		fuel_limit: 1_000_000_000,
		..unit()
	};
	let outcome = ends(&parts, &unit);
	assert_eq!(
		(outcome.kind, outcome.output.len()),
		(Kind::Ok, limits::MAX_OUTPUT_BYTES)
	);
	// Bytes that are written are paid for.
	assert!(outcome.fuel > limits::MAX_OUTPUT_BYTES as u64 / 8);
}

/// Calls without end reach the end of the stack somewhere, and where differs between machines.
#[test]
fn a_stack_bomb_is_a_fault() {
	let mut parts = Parts::of(vec![], vec![I::Call(1)]);
	parts
		.functions
		.insert(0, Fun::plain(vec![], vec![I::Call(1), I::Call(1)]));
	let program = Program::check(&parts.module()).expect("it is one");
	let loaded = engine().load(&program).expect("it compiles");
	let unit = Unit {
		fuel_limit: limits::MAX_FUEL,
		..unit()
	};
	assert_eq!(loaded.run(&unit), Err(Fault::Stack));
	// A fault harms nobody else.
	assert_eq!(loaded.run(&unit), Err(Fault::Stack));
	assert_eq!(ends(&Parts::of(vec![], put(0, 4)), &self::unit()).output.len(), 4);
}

#[test]
fn each_trap_has_its_kind() {
	let ends_by = |body: Vec<I<'static>>, trap: Trap| {
		let mut parts = Parts::of(vec![], body);
		parts.table = true;
		let outcome = ends(&parts, &unit());
		assert_eq!(outcome.kind, Kind::Trap(trap));
		let lost = [
			Trap::Memory,
			Trap::Table,
			Trap::Overflow,
			Trap::Division,
			Trap::Conversion,
		];
		assert_eq!(outcome.fuel == unit().fuel_limit, lost.contains(&trap), "{trap:?}");
	};
	ends_by(vec![I::I32Const(-4), I::I32Load(at(0)), I::Drop], Trap::Memory);
	ends_by(
		vec![I::I32Const(0), I::I32Const(0), I::I32Const(65_537), I::MemoryFill(0)],
		Trap::Memory,
	);
	ends_by(
		vec![
			I::I32Const(99),
			I::CallIndirect {
				type_index: 1,
				table_index: 0,
			},
		],
		Trap::Table,
	);
	ends_by(
		vec![
			I::I32Const(1),
			I::CallIndirect {
				type_index: 1,
				table_index: 0,
			},
		],
		Trap::Null,
	);
	let mut other = vec![I::I32Const(0); 5];
	other.extend([
		I::CallIndirect {
			type_index: 0,
			table_index: 0,
		},
		I::Drop,
	]);
	ends_by(other, Trap::Signature);
	ends_by(
		vec![I::I32Const(i32::MIN), I::I32Const(-1), I::I32DivS, I::Drop],
		Trap::Overflow,
	);
	ends_by(
		vec![I::I64Const(1), I::I64Const(0), I::I64RemU, I::Drop],
		Trap::Division,
	);
	ends_by(
		vec![I::F64Const(f64::NAN.into()), I::I32TruncF64S, I::Drop],
		Trap::Conversion,
	);
	ends_by(
		vec![I::F64Const(1e300.into()), I::I32TruncF64S, I::Drop],
		Trap::Overflow,
	);
	ends_by(vec![I::Unreachable], Trap::Unreachable);
}

/// The numbers of traps are part of what is agreed on.
#[test]
fn traps_have_their_numbers() {
	let all = [
		Trap::Memory,
		Trap::Table,
		Trap::Null,
		Trap::Signature,
		Trap::Overflow,
		Trap::Division,
		Trap::Conversion,
		Trap::Unreachable,
		Trap::Output,
		Trap::Start,
	];
	assert_eq!(all.map(Trap::code), [256, 257, 258, 259, 260, 261, 262, 263, 264, 265]);
	assert_eq!((Trap::Exit(1).code(), Trap::Exit(255).code()), (1, 255));
}

#[test]
fn units_that_no_job_has_are_faults() {
	let program = Program::check(&Parts::of(vec![], vec![]).module()).expect("it is one");
	let loaded = engine().load(&program).expect("it compiles");
	let wrong = [
		Unit { number: 64, ..unit() },
		Unit { count: 0, ..unit() },
		Unit {
			fuel_limit: limits::MAX_FUEL + 1,
			..unit()
		},
		Unit {
			memory_pages: limits::MAX_MEMORY_PAGES + 1,
			..unit()
		},
		Unit {
			input: vec![0; limits::MAX_INPUT_BYTES + 1].into(),
			..unit()
		},
	];
	for unit in wrong {
		assert!(matches!(loaded.run(&unit), Err(Fault::Terms(_))));
	}
	let most = Unit {
		fuel_limit: limits::MAX_FUEL,
		memory_pages: limits::MAX_MEMORY_PAGES,
		..unit()
	};
	assert_eq!(loaded.run(&most).map(|outcome| outcome.kind), Ok(Kind::Ok));
}

/// However a unit ends, the market takes what its worker says of it.
#[test]
fn every_end_is_one_that_the_market_knows() {
	let endings = [
		(put(0, 8), market::Kind::Ok),
		(vec![I::Unreachable], market::Kind::Trap(Trap::Unreachable.code())),
		(forever(vec![]).functions[0].body.clone(), market::Kind::OutOfFuel),
	];
	for (body, kind) in endings {
		let outcome = ends(&Parts::of(vec![T::I32], body), &unit());
		let agreed = outcome.agreed();
		assert_eq!((agreed.kind, agreed.fuel), (kind, outcome.fuel));
		assert_eq!(agreed.root, outcome.output_root());
		assert_eq!(agreed.check(unit().fuel_limit), Ok(()));
	}
}
