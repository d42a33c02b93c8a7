//! Wasmtime around a program: how it is set up, and what its endings mean.

use crate::{
	abi::{Call, MODULE},
	host::{call, Host, Stop},
	limits::{HOST_STACK_BYTES, STACK_BYTES},
	outcome::{Fault, Kind, Outcome, Trap, Unit},
	program::{Program, START},
};
use std::thread;
use wasmtime::{Config, FuncType, Linker, Module, Store, Val, ValType};

/// What makes a program run.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Backend {
	/// Cranelift's machine code: what workers use.
	Cranelift,
	/// Pulley, an interpreter, which has to come to the same outcomes.
	Pulley,
}

/// Wasmtime, set up for programs.
#[derive(Clone)]
pub struct Engine {
	inner: wasmtime::Engine,
}

impl Engine {
	/// With one back end.
	pub fn new(backend: Backend) -> Result<Self, Fault> {
		Self::with(&mut config(backend)?)
	}

	/// As `Engine::new`, but wasmtime itself makes all NaNs canonical, wherever they arise. It is what the pass is
	/// compared with: slower, and with the same outputs.
	pub fn with_all_canonical(backend: Backend) -> Result<Self, Fault> {
		Self::with(config(backend)?.cranelift_nan_canonicalization(true))
	}

	fn with(config: &mut Config) -> Result<Self, Fault> {
		let inner = wasmtime::Engine::new(config).map_err(compile)?;
		Ok(Self { inner })
	}

	/// Compiles a program.
	pub fn load(&self, program: &Program) -> Result<Loaded, Fault> {
		self.load_module(program, program.rewritten())
	}

	/// Compiles a program as it was submitted, past the pass. What comes of it may differ between machines: it is for
	/// tests and measurements.
	pub fn load_raw(&self, program: &Program, submitted: &[u8]) -> Result<Loaded, Fault> {
		self.load_module(program, submitted)
	}

	fn load_module(&self, program: &Program, wasm: &[u8]) -> Result<Loaded, Fault> {
		let module = Module::from_binary(&self.inner, wasm).map_err(compile)?;
		let mut linker = Linker::new(&self.inner);
		linker.allow_shadowing(true);
		for entry in program.imports() {
			let params = entry.wide().map(|wide| if wide { ValType::I64 } else { ValType::I32 });
			let results = vec![ValType::I32; entry.results()];
			let ty = FuncType::new(&self.inner, params, results);
			let wanted: Call = entry.call;
			linker
				.func_new(MODULE, entry.name, ty, move |mut caller, arguments, results| {
					let told = call(wanted, &mut caller, arguments)?;
					if let Some(result) = results.first_mut() {
						*result = Val::I32(told);
					}
					Ok(())
				})
				.map_err(compile)?;
		}
		Ok(Loaded {
			engine: self.inner.clone(),
			module,
			linker,
			memory_pages: program.memory_pages(),
		})
	}
}

fn compile(error: wasmtime::Error) -> Fault {
	Fault::Compile(format!("{error:#}"))
}

/// The settings that belong to engine 1. With any other one it would be another engine.
fn config(backend: Backend) -> Result<Config, Fault> {
	let mut config = Config::new();
	match backend {
		Backend::Cranelift => (),
		Backend::Pulley => {
			config.target("pulley64").map_err(compile)?;
		}
	}
	// Threads, garbage collection and exceptions have no switch in every build of wasmtime: what uses them was refused.
	config
		.consume_fuel(true)
		.max_wasm_stack(STACK_BYTES)
		.wasm_backtrace(false)
		.memory_init_cow(false)
		.compiler_inlining(false)
		.parallel_compilation(false)
		.wasm_simd(true)
		.wasm_bulk_memory(true)
		.wasm_multi_value(true)
		.wasm_relaxed_simd(false)
		.wasm_tail_call(false)
		.wasm_multi_memory(false)
		.wasm_memory64(false)
		.wasm_extended_const(false)
		.wasm_custom_page_sizes(false)
		.wasm_wide_arithmetic(false);
	Ok(config)
}

/// A compiled program. It runs any number of units, each in a memory of its own.
pub struct Loaded {
	engine: wasmtime::Engine,
	module: Module,
	linker: Linker<Host>,
	memory_pages: u64,
}

impl Loaded {
	/// Runs a unit, on a thread with as much stack as programs have.
	pub fn run(&self, unit: &Unit) -> Result<Outcome, Fault> {
		unit.check()?;
		if self.memory_pages > u64::from(unit.memory_pages) {
			return Ok(Outcome {
				kind: Kind::Trap(Trap::Start),
				fuel: 0,
				output: Vec::new(),
				remarks: Vec::new(),
			});
		}
		let host = |error: String| Fault::Host(error);
		thread::scope(|scope| {
			thread::Builder::new()
				.name("unit".into())
				.stack_size(STACK_BYTES + HOST_STACK_BYTES)
				.spawn_scoped(scope, || self.run_here(unit))
				.map_err(|error| host(error.to_string()))?
				.join()
				.unwrap_or_else(|_| Err(host("the host panicked".into())))
		})
	}

	fn run_here(&self, unit: &Unit) -> Result<Outcome, Fault> {
		let mut store = Store::new(&self.engine, Host::new(unit));
		store.limiter(Host::limits);
		// With one more than the limit, all that is left tells whether more was burned than that.
		let budget = unit.fuel_limit.saturating_add(1);
		store.set_fuel(budget).map_err(compile)?;
		let ended = self.start(&mut store);
		let left = store.get_fuel().map_err(compile)?;
		let burned = budget.saturating_sub(left).saturating_add(store.data().memory_fuel());
		let kind = kind(ended, burned > unit.fuel_limit)?;
		let (output, remarks) = store.into_data().into_written();
		Ok(Outcome {
			kind,
			fuel: match kind {
				// Where an instruction traps, wasmtime does not write its meter back: what was burned is not known.
				Kind::Trap(trap) if !trap.is_metered() => unit.fuel_limit,
				_ => burned.min(unit.fuel_limit),
			},
			output: match kind {
				Kind::Ok => output,
				_ => Vec::new(),
			},
			remarks,
		})
	}

	fn start(&self, store: &mut Store<Host>) -> wasmtime::Result<()> {
		let instance = self.linker.instantiate(&mut *store, &self.module)?;
		instance.get_typed_func::<(), ()>(&mut *store, START)?.call(store, ())
	}
}

/// What an ending means. Whoever burned too much is out of fuel, however else it ended; but a fault is none.
fn kind(ended: wasmtime::Result<()>, burned: bool) -> Result<Kind, Fault> {
	let kind = match ended {
		Ok(()) => Kind::Ok,
		Err(error) => match (error.downcast_ref::<Stop>(), error.downcast_ref::<wasmtime::Trap>()) {
			(Some(Stop::Exit(0)), _) => Kind::Ok,
			(Some(Stop::Exit(code)), _) => exit(*code),
			(Some(Stop::Output), _) => Kind::Trap(Trap::Output),
			(Some(stop @ Stop::Memory(_)), _) => return Err(Fault::Host(stop.to_string())),
			(_, Some(trap)) => trapped(*trap)?,
			_ => return Err(Fault::Host(format!("{error:#}"))),
		},
	};
	Ok(match burned {
		true => Kind::OutOfFuel,
		false => kind,
	})
}

/// Of a code other than 0, its lowest byte counts. If that is 0, it is still no success.
fn exit(code: u32) -> Kind {
	let lowest = code.to_le_bytes()[0];
	Kind::Trap(Trap::Exit(lowest.max(1)))
}

fn trapped(trap: wasmtime::Trap) -> Result<Kind, Fault> {
	use wasmtime::Trap as T;
	Ok(Kind::Trap(match trap {
		T::OutOfFuel => return Ok(Kind::OutOfFuel),
		T::StackOverflow => return Err(Fault::Stack),
		T::MemoryOutOfBounds => Trap::Memory,
		T::TableOutOfBounds => Trap::Table,
		T::IndirectCallToNull => Trap::Null,
		T::BadSignature => Trap::Signature,
		T::IntegerOverflow => Trap::Overflow,
		T::IntegerDivisionByZero => Trap::Division,
		T::BadConversionToInteger => Trap::Conversion,
		T::UnreachableCodeReached => Trap::Unreachable,
		other => return Err(Fault::Host(other.to_string())),
	}))
}
