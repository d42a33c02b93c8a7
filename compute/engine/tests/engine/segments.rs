//! Segments of data and of elements, and what runs before the start: by a module of its own.

use crate::kit::{at, engine, put, run, unit, I, T, WASI};
use smartchain_engine::{limits, Kind, Program, Refusal, Trap};
use wasm_encoder::{
	CodeSection, ConstExpr, DataCountSection, DataSection, ElementSection, Elements, EntityType, ExportKind,
	ExportSection, Function, FunctionSection, ImportSection, MemorySection, MemoryType, Module, RefType, StartSection,
	TableSection, TableType, TypeSection,
};

/// A program whose segments wait until they are asked for.
struct Waiting {
	/// How many elements each segment has.
	elements: Vec<u32>,
	/// What runs first, by a start section.
	first: Option<Vec<I<'static>>>,
	/// Where a segment of one byte goes at the start, if anywhere.
	early: Option<i32>,
	body: Vec<I<'static>>,
}

impl Waiting {
	fn of(elements: Vec<u32>, body: Vec<I<'static>>) -> Self {
		Self {
			elements,
			first: None,
			early: None,
			body,
		}
	}

	/// Function 0 writes, 1 runs first, 2 is `_start`. Data of segment 0 is "waiting".
	fn module(&self) -> Vec<u8> {
		let (mut types, mut imports, mut functions) =
			(TypeSection::new(), ImportSection::new(), FunctionSection::new());
		types.ty().function([T::I32; 4], [T::I32]);
		types.ty().function([], []);
		imports.import(WASI, "fd_write", EntityType::Function(0));
		functions.function(1).function(1);
		let (mut tables, mut memories) = (TableSection::new(), MemorySection::new());
		tables.table(TableType {
			element_type: RefType::FUNCREF,
			table64: false,
			minimum: 1_000,
			maximum: None,
			shared: false,
		});
		memories.memory(MemoryType {
			minimum: 1,
			maximum: None,
			memory64: false,
			shared: false,
			page_size_log2: None,
		});
		let mut exports = ExportSection::new();
		exports
			.export("memory", ExportKind::Memory, 0)
			.export("_start", ExportKind::Func, 2);
		let mut elements = ElementSection::new();
		for count in &self.elements {
			elements.passive(Elements::Functions(vec![1; *count as usize].into()));
		}
		let mut code = CodeSection::new();
		for body in [self.first.as_ref(), Some(&self.body)] {
			let mut function = Function::new([]);
			for instruction in body.into_iter().flatten() {
				function.instruction(instruction);
			}
			function.instruction(&I::End);
			code.function(&function);
		}
		let mut data = DataSection::new();
		data.passive(*b"waiting");
		if let Some(place) = self.early {
			data.active(0, &ConstExpr::i32_const(place), [9]);
		}
		let mut module = Module::new();
		module
			.section(&types)
			.section(&imports)
			.section(&functions)
			.section(&tables)
			.section(&memories)
			.section(&exports);
		if self.first.is_some() {
			module.section(&StartSection { function_index: 1 });
		}
		module.section(&elements);
		module.section(&DataCountSection { count: data.len() });
		module.section(&code).section(&data);
		module.finish()
	}
}

fn fuel(elements: u32, body: Vec<I<'static>>) -> u64 {
	let outcome = run(&Waiting::of(vec![elements], body).module(), &unit());
	assert_eq!(outcome.kind, Kind::Ok);
	outcome.fuel
}

/// Each element that a segment gives is looked up, and burns eight units.
#[test]
fn elements_are_paid_for_one_by_one() {
	let filling = |count: i32| {
		let fill = I::TableInit {
			elem_index: 0,
			table: 0,
		};
		fuel(1_000, vec![I::I32Const(0), I::I32Const(0), I::I32Const(count), fill])
	};
	assert_eq!(filling(1_000) - filling(0), 8_000);
	assert_eq!(filling(1) - filling(0), 8);
	assert_eq!(fuel(1, vec![I::DataDrop(0)]) - fuel(1, vec![]), 26);
}

#[test]
fn all_segments_together_have_a_bound() {
	let most = limits::MAX_ELEMENTS;
	let with = |more: u32| Waiting::of(vec![most / 2, most / 2, more], vec![]).module();
	assert!(Program::check(&with(0)).is_ok());
	assert_eq!(
		Program::check(&with(1)).expect_err("it is refused"),
		Refusal::TooMany {
			what: "elements in segments",
			found: most + 1,
			most
		}
	);
}

#[test]
fn data_that_waits_is_copied() {
	let copy = I::MemoryInit { mem: 0, data_index: 0 };
	let mut body = vec![I::I32Const(64), I::I32Const(1), I::I32Const(6), copy.clone()];
	body.extend(put(64, 6));
	assert_eq!(run(&Waiting::of(vec![], body).module(), &unit()).output, b"aiting");
	// Beyond its end, and once it was dropped.
	let beyond = vec![I::I32Const(64), I::I32Const(1), I::I32Const(7), copy.clone()];
	let gone = vec![I::DataDrop(0), I::I32Const(64), I::I32Const(0), I::I32Const(1), copy];
	for body in [beyond, gone] {
		let outcome = run(&Waiting::of(vec![], body).module(), &unit());
		assert_eq!(
			(outcome.kind, outcome.fuel),
			(Kind::Trap(Trap::Memory), unit().fuel_limit)
		);
	}
}

/// A start section runs before `_start`, and its fuel counts.
#[test]
fn what_runs_first_is_metered() {
	let mut waiting = Waiting::of(vec![], put(64, 1));
	let without = run(&waiting.module(), &unit());
	waiting.first = Some(vec![I::I32Const(64), I::I32Const(7), I::I32Store8(at(0))]);
	let with = run(&waiting.module(), &unit());
	assert_eq!((without.output, with.output), (vec![0], vec![7]));
	// Three instructions, and the call.
	assert!(with.fuel >= without.fuel + 3);
	waiting.first = Some(vec![I::Unreachable]);
	assert_eq!(run(&waiting.module(), &unit()).kind, Kind::Trap(Trap::Unreachable));
}

/// Data that does not fit ends a program before it begins: everywhere alike, and not for free.
#[test]
fn data_beyond_memory_is_a_trap_at_the_start() {
	let mut waiting = Waiting::of(vec![], put(65_535, 1));
	waiting.early = Some(65_535);
	assert_eq!(run(&waiting.module(), &unit()).output, [9]);
	waiting.early = Some(65_536);
	let program = Program::check(&waiting.module()).expect("it is one");
	let outcome = engine().load(&program).expect("it compiles").run(&unit());
	let outcome = outcome.expect("it has an outcome");
	assert_eq!(
		(outcome.kind, outcome.fuel),
		(Kind::Trap(Trap::Memory), unit().fuel_limit)
	);
}
