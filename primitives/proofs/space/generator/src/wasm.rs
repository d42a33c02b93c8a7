//! The same functions natively and as a module for Wasm, compared and measured.

use proof_of_space_vectors as native;
use std::{path::Path, time::Instant};
use wasmtime::{Config, Engine, Instance, Module, OptLevel, Store, TypedFunc, WasmParams};

/// Times that each measurement runs. It is short, and the fastest counts: whatever else runs makes it slower only.
const ROUNDS: usize = 400;
const TIMES: u32 = 20;

struct Wasm {
	store: Store<()>,
	instance: Instance,
}

impl Wasm {
	/// With the settings that sc-executor-wasmtime has, as far as they concern speed.
	fn load(module: &Path) -> Self {
		let mut config = Config::new();
		config.cranelift_opt_level(OptLevel::SpeedAndSize);
		let engine = Engine::new(&config).expect("settings that fit together");
		let module = Module::from_file(&engine, module).expect("a module; build it as README.md says");
		assert_eq!(module.imports().len(), 0, "the module imports nothing");
		let mut store = Store::new(&engine, ());
		let instance = Instance::new(&mut store, &module, &[]).expect("starts");
		Self { store, instance }
	}

	fn call<P: WasmParams, R: wasmtime::WasmResults>(&mut self, name: &str, parameters: P) -> R {
		let function: TypedFunc<P, R> = self
			.instance
			.get_typed_func(&mut self.store, name)
			.expect("is exported");
		function.call(&mut self.store, parameters).expect("does not trap")
	}
}

/// Microseconds of each of so many times.
fn fastest(mut run: impl FnMut() -> u32) -> f64 {
	let runs = (0..ROUNDS).map(|_| {
		let start = Instant::now();
		assert_eq!(run(), TIMES);
		start.elapsed().as_secs_f64() * 1e6 / f64::from(TIMES)
	});
	runs.fold(f64::INFINITY, f64::min)
}

pub fn measure(module: &Path) {
	let mut wasm = Wasm::load(module);
	for file in 0..3u32 {
		let (length, valid) = (native::length(file), native::judged_valid(file));
		assert_eq!(length, wasm.call("length", file));
		assert_eq!(valid, wasm.call("judged_valid", file));
		assert_eq!(
			native::digest(file),
			wasm.call("digest", file),
			"all fragments and verdicts are alike"
		);
		assert_eq!(valid, if file == 2 { 0 } else { length });
		println!("file {file}: {length} lines, {valid} valid, natively and in Wasm");
	}
	println!("microseconds, the fastest of {ROUNDS} times {TIMES}:   native     Wasm");
	let row = |name: &str, native: f64, in_wasm: f64| println!("{name:44} {native:8.1} {in_wasm:8.1}");
	row(
		"sr25519, one check",
		fastest(|| native::sr25519(TIMES)),
		fastest(|| wasm.call("sr25519", TIMES)),
	);
	for (line, name) in [
		(0u32, "k 18, strength 2, validation"),
		(1, "k 22, strength 2, validation"),
		(2, "k 22, strength 6, validation"),
		(4, "k 28, strength 2, validation"),
	] {
		row(
			name,
			fastest(|| native::validate(0, line, TIMES)),
			fastest(|| wasm.call("validate", (0u32, line, TIMES))),
		);
	}
	row(
		"k 28, strength 2, up to the quality",
		fastest(|| native::read(0, 4, TIMES)),
		fastest(|| wasm.call("read", (0u32, 4u32, TIMES))),
	);
}
