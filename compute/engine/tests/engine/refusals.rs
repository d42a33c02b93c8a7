//! What is refused before it runs.

use crate::kit::{at, engine, unit, BlockType, Fun, Parts, I, T, WASI};
use smartchain_engine::{limits, Kind, Program, Refusal, Trap};
use wasm_encoder::{
	CodeSection, ConstExpr, EntityType, ExportKind, ExportSection, Function, FunctionSection, GlobalType,
	ImportSection, MemArg, MemorySection, MemoryType, Module, RawSection, RefType, TableSection, TableType, TagSection,
	TagType, TypeSection,
};

fn refusal(module: &[u8]) -> Refusal {
	Program::check(module).expect_err("it is refused")
}

fn invalid(module: &[u8]) -> String {
	match refusal(module) {
		Refusal::Invalid(why) => why,
		other => panic!("refused, but because {other}"),
	}
}

fn body(instructions: Vec<I<'static>>) -> Vec<u8> {
	Parts::of(vec![T::I32, T::V128], instructions).module()
}

#[test]
fn nonsense_is_refused() {
	assert!(!invalid(b"").is_empty());
	assert!(!invalid(b"\0asm").is_empty());
	assert!(invalid(b"#!/bin/sh\n").contains("magic"));
	// A component, which is no module.
	assert!(!invalid(b"\0asm\x0d\0\x01\0").is_empty());
	let whole = body(vec![]);
	// Without its last three bytes, which are a section without data, it is whole.
	for length in 0..whole.len() - 3 {
		refusal(&whole[..length]);
	}
}

#[test]
fn a_program_of_more_than_8_mib_is_refused() {
	let mut module = body(vec![]);
	let rest = limits::MAX_PROGRAM_BYTES - module.len();
	// A custom section: its number, its length in four bytes, a name of no letters, and zeros.
	let payload = rest - 5;
	module.push(0);
	module.extend((0..4).map(|byte| (payload >> (7 * byte)) as u8 & 0x7f | if byte < 3 { 0x80 } else { 0 }));
	module.resize(limits::MAX_PROGRAM_BYTES, 0);
	assert_eq!(
		Program::check(&module).map(|program| program.rewritten().len() < 1_000),
		Ok(true)
	);
	module.push(0);
	assert_eq!(refusal(&module), Refusal::TooLarge(limits::MAX_PROGRAM_BYTES + 1));
}

fn importing(module: &str, name: &str, what: EntityType) -> Vec<u8> {
	let mut types = TypeSection::new();
	types.ty().function([T::I32; 4], [T::I32]);
	types.ty().function([], []);
	let mut imports = ImportSection::new();
	imports.import(module, name, what);
	let mut exports = ExportSection::new();
	exports.export(
		"_start",
		ExportKind::Func,
		u32::from(matches!(what, EntityType::Function(_))),
	);
	let (mut functions, mut code, mut function) = (FunctionSection::new(), CodeSection::new(), Function::new([]));
	functions.function(1);
	function.instruction(&I::End);
	code.function(&function);
	let mut module = Module::new();
	module.section(&types).section(&imports).section(&functions);
	if !matches!(what, EntityType::Memory(_)) {
		let mut memory = MemorySection::new();
		memory.memory(plain_memory());
		module.section(&memory);
	}
	exports.export("memory", ExportKind::Memory, 0);
	module.section(&exports).section(&code);
	module.finish()
}

fn plain_memory() -> MemoryType {
	MemoryType {
		minimum: 1,
		maximum: None,
		memory64: false,
		shared: false,
		page_size_log2: None,
	}
}

#[test]
fn only_the_hosts_functions_are_imported() {
	assert!(Program::check(&importing(WASI, "fd_write", EntityType::Function(0))).is_ok());
	let unknown = |module: &str, name: &str| Refusal::Import {
		module: module.into(),
		name: name.into(),
	};
	for (module, name) in [
		("env", "fd_write"),
		("wasi_unstable", "fd_write"),
		(WASI, "fd_open"),
		("wasi", "thread-spawn"),
	] {
		assert_eq!(
			refusal(&importing(module, name, EntityType::Function(0))),
			unknown(module, name)
		);
	}
	assert_eq!(
		refusal(&importing(WASI, "fd_close", EntityType::Function(0))),
		Refusal::ImportType("fd_close".into())
	);
	let global = EntityType::Global(GlobalType {
		val_type: T::I32,
		mutable: false,
		shared: false,
	});
	let table = EntityType::Table(plain_table(1));
	for what in [EntityType::Memory(plain_memory()), global, table] {
		assert_eq!(refusal(&importing(WASI, "fd_write", what)), unknown(WASI, "fd_write"));
	}
}

#[test]
fn a_program_without_entry_or_memory_is_refused() {
	let mut parts = Parts::of(vec![], vec![]);
	parts.functions[0].params = vec![T::I32];
	assert_eq!(refusal(&parts.module()), Refusal::NoStart);
	let mut parts = Parts::of(vec![], vec![I::I32Const(0)]);
	parts.functions[0].results = vec![T::I32];
	assert_eq!(refusal(&parts.module()), Refusal::NoStart);
	let (mut types, mut functions, mut code) = (TypeSection::new(), FunctionSection::new(), CodeSection::new());
	types.ty().function([], []);
	functions.function(0);
	let mut function = Function::new([]);
	function.instruction(&I::End);
	code.function(&function);
	let mut exports = ExportSection::new();
	exports.export("_start", ExportKind::Func, 0);
	let mut module = Module::new();
	module
		.section(&types)
		.section(&functions)
		.section(&exports)
		.section(&code);
	assert_eq!(refusal(&module.finish()), Refusal::NoMemory);
}

/// Each feature that engine 1 does without, by an instruction of it.
#[test]
fn instructions_that_the_engine_lacks_are_refused() {
	let atomic = vec![
		I::I32Const(0),
		I::I32Const(0),
		I::I32AtomicRmwAdd(MemArg {
			offset: 0,
			align: 2,
			memory_index: 0,
		}),
		I::Drop,
	];
	assert!(invalid(&body(atomic)).contains("threads"));
	let relaxed = vec![I::V128Const(0), I::V128Const(0), I::F32x4RelaxedMin, I::Drop];
	assert!(invalid(&body(relaxed)).contains("relaxed SIMD"));
	assert!(invalid(&body(vec![I::ReturnCall(1)])).contains("tail calls"));
	assert!(invalid(&body(vec![I::RefI31, I::Drop])).contains("gc"));
	let wide = vec![
		I::I64Const(1),
		I::I64Const(1),
		I::I64Const(1),
		I::I64Const(1),
		I::I64Add128,
		I::Drop,
		I::Drop,
	];
	assert!(invalid(&body(wide)).contains("wide arithmetic"));
	let second = I::I32Load(MemArg {
		memory_index: 1,
		..at(0)
	});
	assert!(invalid(&body(vec![I::I32Const(0), second, I::Drop])).contains("memory"));
	assert!(invalid(&body(vec![I::RefNull(wasm_encoder::HeapType::EXTERN), I::Drop])).contains("gc"));
}

/// The same by a type or a section of it.
#[test]
fn types_that_the_engine_lacks_are_refused() {
	let mut two = MemorySection::new();
	two.memory(plain_memory()).memory(plain_memory());
	let mut module = Module::new();
	module.section(&two);
	assert!(invalid(&module.finish()).contains("multiple memories"));
	for (memory, word) in [
		(
			MemoryType {
				memory64: true,
				..plain_memory()
			},
			"memory64",
		),
		(
			MemoryType {
				shared: true,
				maximum: Some(2),
				..plain_memory()
			},
			"threads",
		),
		(
			MemoryType {
				page_size_log2: Some(0),
				..plain_memory()
			},
			"page size",
		),
	] {
		let mut memories = MemorySection::new();
		memories.memory(memory);
		let mut module = Module::new();
		module.section(&memories);
		let why = invalid(&module.finish());
		assert!(why.contains(word), "{why}");
	}
	let mut types = TypeSection::new();
	types.ty().function([], []);
	let mut tags = TagSection::new();
	tags.tag(TagType {
		kind: wasm_encoder::TagKind::Exception,
		func_type_idx: 0,
	});
	let mut module = Module::new();
	module.section(&types).section(&tags);
	assert!(invalid(&module.finish()).contains("exceptions"));
	let mut parts = Parts::of(vec![], vec![]);
	parts
		.globals
		.push((T::I32, ConstExpr::i32_const(1).with_i32_const(1).with_i32_add()));
	assert!(invalid(&parts.module()).contains("constant expression"));
}

fn plain_table(elements: u64) -> TableType {
	TableType {
		element_type: RefType::FUNCREF,
		table64: false,
		minimum: elements,
		maximum: None,
		shared: false,
	}
}

#[test]
fn there_are_limits_to_everything() {
	let too_many = |module: &[u8], wanted: &str, count: u32| match refusal(module) {
		Refusal::TooMany { what, found, most } => {
			assert_eq!((what, found), (wanted, count));
			assert!(found > most);
		}
		other => panic!("refused, but because {other}"),
	};
	let mut tables = TableSection::new();
	tables.table(plain_table(u64::from(limits::MAX_TABLE_ELEMENTS) + 1));
	let mut module = Module::new();
	module.section(&tables);
	too_many(&module.finish(), "elements in a table", limits::MAX_TABLE_ELEMENTS + 1);

	let mut tables = TableSection::new();
	for _ in 0..=limits::MAX_TABLES {
		tables.table(plain_table(1));
	}
	let mut module = Module::new();
	module.section(&tables);
	too_many(&module.finish(), "tables", limits::MAX_TABLES + 1);

	let locals = Parts::of(vec![T::I32; limits::MAX_LOCALS as usize + 1], vec![]);
	too_many(&locals.module(), "locals in one function", limits::MAX_LOCALS + 1);
	let locals = Parts::of(vec![T::I32; limits::MAX_LOCALS as usize], vec![]);
	assert!(Program::check(&locals.module()).is_ok());

	let mut imports = Parts::of(vec![], vec![]);
	imports.imports = vec![("sched_yield", ""); limits::MAX_IMPORTS as usize + 1];
	too_many(&imports.module(), "imports", limits::MAX_IMPORTS + 1);

	let long = Parts::of(vec![], vec![I::Nop; limits::MAX_BODY_BYTES]);
	match refusal(&long.module()) {
		Refusal::FunctionTooLarge { function, bytes, most } => {
			assert_eq!((function, most), (1, limits::MAX_BODY_BYTES));
			assert!(bytes > limits::MAX_BODY_BYTES);
		}
		other => panic!("refused, but because {other}"),
	}
	let most = Parts::of(vec![], vec![I::Nop; limits::MAX_BODY_BYTES - 2]);
	assert!(Program::check(&most.module()).is_ok());
}

/// Locals take no room in a program: a few bytes for each function would take minutes to check.
#[test]
fn locals_of_all_functions_have_a_bound() {
	let with = |functions: u32, more: u32| {
		let mut parts = Parts::of(vec![T::I64; more as usize], vec![]);
		let one = Fun::plain(vec![T::I32; limits::MAX_LOCALS as usize], vec![]);
		parts.functions.splice(0..0, vec![one; functions as usize]);
		parts.module()
	};
	let (most, full) = (limits::MAX_ALL_LOCALS, limits::MAX_ALL_LOCALS / limits::MAX_LOCALS);
	let rest = most - full * limits::MAX_LOCALS;
	assert!(Program::check(&with(full, rest)).is_ok());
	assert_eq!(
		too_many(&with(full, rest + 1)),
		("locals in all functions", most + 1, most)
	);
}

/// Of what there are too many, how many, and how many there may be.
fn too_many(module: &[u8]) -> (&'static str, u32, u32) {
	match refusal(module) {
		Refusal::TooMany { what, found, most } => (what, found, most),
		other => panic!("refused, but because {other}"),
	}
}

/// Two bytes of code that put a thousand values on the stack would take gigabytes to check.
#[test]
fn a_check_bomb_is_refused() {
	let with = |params: u32, results: u32| {
		let mut parts = Parts::of(vec![], vec![]);
		let mut fun = Fun::plain(vec![], vec![I::Unreachable]);
		fun.params = vec![T::I32; params as usize];
		fun.results = vec![T::I32; results as usize];
		parts.functions.insert(0, fun);
		parts.module()
	};
	let (params, results) = (limits::MAX_PARAMETERS, limits::MAX_RESULTS);
	assert!(Program::check(&with(params, results)).is_ok());
	assert_eq!(
		too_many(&with(params + 1, 0)),
		("parameters of a type", params + 1, params)
	);
	assert_eq!(
		too_many(&with(0, results + 1)),
		("results of a type", results + 1, results)
	);
	let high = |values: u32| {
		let mut body = vec![I::Call(1); (values / results) as usize];
		body.extend(vec![I::I32Const(0); (values % results) as usize]);
		body.push(I::Unreachable);
		let mut parts = Parts::of(vec![], body);
		let mut fun = Fun::plain(vec![], vec![I::Unreachable]);
		fun.results = vec![T::I32; results as usize];
		parts.functions.insert(0, fun);
		parts.module()
	};
	let most = limits::MAX_HEIGHT;
	assert!(Program::check(&high(most)).is_ok());
	assert_eq!(
		too_many(&high(most + 1)),
		("values on a function's stack", most + 1, most)
	);
}

fn table(targets: u32) -> [I<'static>; 4] {
	[
		I::Block(BlockType::Empty),
		I::I32Const(0),
		I::BrTable(vec![0; targets as usize].into(), 0),
		I::End,
	]
}

/// Branches that go to many places make compilers slow, more so the more locals there are.
#[test]
fn a_branch_bomb_is_refused() {
	let most = limits::MAX_TARGETS;
	let whole = Program::check(&Parts::of(vec![], table(most).to_vec()).module()).expect("it is one");
	assert!(engine().load(&whole).is_ok());
	assert_eq!(
		too_many(&Parts::of(vec![], table(most + 1).to_vec()).module()),
		("targets of one `br_table`", most + 1, most)
	);
	const LOCALS: u32 = 1 << 14;
	let (edges, ways) = (limits::MAX_EDGES, (limits::MAX_EDGES / LOCALS) as usize);
	let branches = |times: usize, one: &[I<'static>]| vec![one; times].concat();
	let two = vec![I::Block(BlockType::Empty), I::Br(0), I::End];
	let either = vec![I::I32Const(0), I::If(BlockType::Empty), I::End];
	let turn = vec![I::Loop(BlockType::Empty), I::I32Const(0), I::BrIf(0), I::End];
	// What the pass puts before it has five.
	let bulk = vec![I::I32Const(0), I::MemoryGrow(0), I::Drop];
	for (times, full, one) in [
		// A table of so many has a block around it, and a last target.
		(1, table(ways as u32 - 2).to_vec(), vec![I::Return]),
		(ways / 2, two, vec![I::Return]),
		(ways / 2, either, vec![I::Return]),
		(ways / 3, turn, vec![I::Return, I::Return]),
		(ways / 5, bulk, vec![I::Return; 5]),
	] {
		let with = |end: &[I<'static>]| {
			let body = [branches(times, &full), end.to_vec()].concat();
			Parts::of(vec![T::I32; LOCALS as usize], body).module()
		};
		assert!(Program::check(&with(&[])).is_ok(), "{full:?}");
		assert_eq!(
			too_many(&with(&one)),
			("edges times locals in one function", edges + LOCALS, edges),
			"{full:?}"
		);
	}
}

/// Two bytes that become 65.
#[test]
fn a_function_that_grows_too_much_is_refused() {
	let growing = |count: usize| {
		let mut body = vec![I::I32Const(0)];
		body.extend(vec![I::MemoryGrow(0); count]);
		body.push(I::Drop);
		Parts::of(vec![], body).module()
	};
	assert!(Program::check(&growing(60_000)).is_ok());
	match refusal(&growing(70_000)) {
		Refusal::FunctionTooLarge { function, bytes, most } => {
			assert_eq!((function, most), (1, limits::MAX_REWRITTEN_BODY_BYTES));
			assert!(bytes > most);
		}
		other => panic!("refused, but because {other}"),
	}
}

/// A program in which every second byte becomes visible.
#[test]
fn a_program_that_grows_too_much_is_refused() {
	let mut visible = vec![I::F64Const(1.0.into())];
	for _ in 0..100_000 {
		visible.extend([I::F64Sqrt, I::I64ReinterpretF64, I::F64ReinterpretI64]);
	}
	visible.push(I::Drop);
	let mut parts = Parts::of(vec![], visible.clone());
	assert!(Program::check(&parts.module()).is_ok());
	for _ in 0..18 {
		parts.functions.insert(0, Fun::plain(vec![], visible.clone()));
	}
	assert_eq!(refusal(&parts.module()), Refusal::GrowsTooMuch);
}

/// Names for debuggers and the like change nothing but the program's hash.
#[test]
fn custom_sections_are_dropped() {
	let plain = body(vec![]);
	let mut named = plain.clone();
	let mut module = Module::new();
	module.section(&RawSection {
		id: 0,
		data: b"\x04name\0\0",
	});
	named.extend(&module.finish()[8..]);
	let (plain, named) = (
		Program::check(&plain).expect("one"),
		Program::check(&named).expect("one"),
	);
	assert_eq!(plain.rewritten(), named.rewritten());
	assert_ne!(plain.hash(), named.hash());
}

#[test]
fn a_job_with_too_little_memory_ends_at_once() {
	let mut parts = Parts::of(vec![], vec![]);
	parts.memory = (65, None);
	let program = Program::check(&parts.module()).expect("it is one");
	assert_eq!(program.memory_pages(), 65);
	let outcome = engine()
		.load(&program)
		.expect("it compiles")
		.run(&unit())
		.expect("it has an outcome");
	assert_eq!((outcome.kind, outcome.fuel), (Kind::Trap(Trap::Start), 0));
}
