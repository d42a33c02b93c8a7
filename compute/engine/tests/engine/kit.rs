//! Programs put together by hand, and units to run them with.

use smartchain_engine::{Backend, Engine, Outcome, Program, Unit};
use std::sync::OnceLock;
use wasm_encoder::{
	CodeSection, ConstExpr, DataSection, ElementSection, Elements, EntityType, ExportKind, ExportSection, Function,
	FunctionSection, GlobalSection, GlobalType, ImportSection, Instruction, MemArg, MemorySection, MemoryType, Module,
	RefType, TableSection, TableType, TypeSection, ValType,
};

pub use wasm_encoder::{BlockType, Ieee32, Ieee64, Instruction as I, ValType as T};

pub const WASI: &str = "wasi_snapshot_preview1";

/// The imports that most programs need, as `Parts::imports` has them. Their numbers are those of their places.
pub const WRITE: (&str, &str) = ("fd_write", "iiii");

/// A function of a program.
#[derive(Clone)]
pub struct Fun {
	pub params: Vec<ValType>,
	pub results: Vec<ValType>,
	pub locals: Vec<ValType>,
	pub body: Vec<Instruction<'static>>,
}

impl Fun {
	/// One without parameters and results.
	pub fn plain(locals: Vec<ValType>, body: Vec<Instruction<'static>>) -> Self {
		Self {
			params: vec![],
			results: vec![],
			locals,
			body,
		}
	}
}

/// What a program is put together from. The last function is `_start`.
#[derive(Clone)]
pub struct Parts {
	/// Names, and a letter for each parameter: `i` or `l`.
	pub imports: Vec<(&'static str, &'static str)>,
	pub functions: Vec<Fun>,
	pub globals: Vec<(ValType, ConstExpr)>,
	pub data: Vec<(i32, Vec<u8>)>,
	/// Pages at the start and at most.
	pub memory: (u64, Option<u64>),
	/// Whether all functions are in a table.
	pub table: bool,
}

impl Parts {
	/// A program of one function that can write.
	pub fn of(locals: Vec<ValType>, body: Vec<Instruction<'static>>) -> Self {
		Self {
			imports: vec![WRITE],
			functions: vec![Fun::plain(locals, body)],
			globals: vec![],
			data: vec![],
			memory: (1, None),
			table: false,
		}
	}

	/// The same with other imports.
	pub fn with(imports: Vec<(&'static str, &'static str)>, body: Vec<Instruction<'static>>) -> Self {
		Self {
			imports,
			..Self::of(vec![T::I32, T::I32], body)
		}
	}

	fn memories(&self) -> MemorySection {
		let mut memory = MemorySection::new();
		memory.memory(MemoryType {
			minimum: self.memory.0,
			maximum: self.memory.1,
			memory64: false,
			shared: false,
			page_size_log2: None,
		});
		memory
	}

	fn all_globals(&self) -> GlobalSection {
		let mut globals = GlobalSection::new();
		for (ty, value) in &self.globals {
			let ty = GlobalType {
				val_type: *ty,
				mutable: true,
				shared: false,
			};
			globals.global(ty, value);
		}
		globals
	}

	/// As a module.
	pub fn module(&self) -> Vec<u8> {
		let (mut types, mut imports, mut functions) =
			(TypeSection::new(), ImportSection::new(), FunctionSection::new());
		for (number, (name, letters)) in (0..).zip(&self.imports) {
			let params = letters
				.bytes()
				.map(|letter| if letter == b'l' { T::I64 } else { T::I32 });
			let results = if *name == "proc_exit" { vec![] } else { vec![T::I32] };
			types.ty().function(params, results);
			imports.import(WASI, name, EntityType::Function(number));
		}
		let first = self.imports.len() as u32;
		let mut code = CodeSection::new();
		for (number, fun) in (first..).zip(&self.functions) {
			types
				.ty()
				.function(fun.params.iter().copied(), fun.results.iter().copied());
			functions.function(number);
			let mut function = Function::new_with_locals_types(fun.locals.iter().copied());
			for instruction in &fun.body {
				function.instruction(instruction);
			}
			function.instruction(&I::End);
			code.function(&function);
		}
		let count = self.functions.len() as u32;
		let mut exports = ExportSection::new();
		exports
			.export("memory", ExportKind::Memory, 0)
			.export("_start", ExportKind::Func, first + count - 1);
		let mut module = Module::new();
		module.section(&types).section(&imports).section(&functions);
		let all: Vec<u32> = (first..first + count).collect();
		if self.table {
			let mut tables = TableSection::new();
			tables.table(TableType {
				element_type: RefType::FUNCREF,
				table64: false,
				minimum: u64::from(count) + 1,
				maximum: None,
				shared: false,
			});
			module.section(&tables);
		}
		module
			.section(&self.memories())
			.section(&self.all_globals())
			.section(&exports);
		if self.table {
			let mut elements = ElementSection::new();
			elements.active(None, &ConstExpr::i32_const(0), Elements::Functions(all.into()));
			module.section(&elements);
		}
		module.section(&code);
		let mut data = DataSection::new();
		for (at, bytes) in &self.data {
			data.active(0, &ConstExpr::i32_const(*at), bytes.iter().copied());
		}
		module.section(&data);
		module.finish()
	}
}

/// A place in memory.
pub fn at(offset: u64) -> MemArg {
	MemArg {
		offset,
		align: 0,
		memory_index: 0,
	}
}

/// Writes a part of memory with function 0, by a buffer described at 0.
pub fn put(from: i32, length: i32) -> Vec<Instruction<'static>> {
	vec![
		I::I32Const(0),
		I::I32Const(from),
		I::I32Store(at(0)),
		I::I32Const(4),
		I::I32Const(length),
		I::I32Store(at(0)),
		I::I32Const(1),
		I::I32Const(0),
		I::I32Const(1),
		I::I32Const(8),
		I::Call(0),
		I::Drop,
	]
}

/// A unit of a small job.
pub fn unit() -> Unit {
	Unit {
		number: 3,
		count: 64,
		input: (*b"0123456789").into(),
		time: 1_700_000_000_123,
		seed: [7; 32],
		fuel_limit: 10_000_000,
		memory_pages: 64,
	}
}

/// The engine that workers use.
pub fn engine() -> &'static Engine {
	static ENGINE: OnceLock<Engine> = OnceLock::new();
	ENGINE.get_or_init(|| Engine::new(Backend::Cranelift).expect("Cranelift is there"))
}

/// The same, with NaNs made canonical by wasmtime.
pub fn all_canonical() -> &'static Engine {
	static ENGINE: OnceLock<Engine> = OnceLock::new();
	ENGINE.get_or_init(|| Engine::with_all_canonical(Backend::Cranelift).expect("Cranelift is there"))
}

/// The interpreter.
pub fn pulley() -> &'static Engine {
	static ENGINE: OnceLock<Engine> = OnceLock::new();
	ENGINE.get_or_init(|| Engine::new(Backend::Pulley).expect("Pulley is there"))
}

/// Runs a program on all back ends, which have to agree.
pub fn run(wasm: &[u8], unit: &Unit) -> Outcome {
	let program = Program::check(wasm).expect("the program is one");
	let outcome = engine()
		.load(&program)
		.expect("it compiles")
		.run(unit)
		.expect("it runs");
	assert_eq!(
		pulley().load(&program).expect("it compiles").run(unit).as_ref(),
		Ok(&outcome)
	);
	outcome
}

/// What a function writes that ends with `put`.
pub fn output(parts: &Parts) -> Vec<u8> {
	let outcome = run(&parts.module(), &unit());
	assert_eq!(outcome.kind, smartchain_engine::Kind::Ok);
	outcome.output
}
