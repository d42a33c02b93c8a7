//! Outcomes written down once. If one changes, it is another engine: workers with the old one and with the new one
//! would no longer agree.

use crate::{
	generator::program,
	kit::{run, unit},
};
use smartchain_engine::{Kind, Program, Unit};

/// What a program comes to, as a line: its hash, the hash of what the pass makes of it, kind, fuel, root of its output,
/// digest of all three.
fn line(name: &str, module: &[u8], unit: &Unit) -> String {
	let rewritten = Program::check(module).expect("it is one").rewritten().to_vec();
	let outcome = run(module, unit);
	let kind = match outcome.kind {
		Kind::Ok => "ok".into(),
		Kind::Trap(trap) => format!("trap-{}", trap.code()),
		Kind::OutOfFuel => "out-of-fuel".into(),
	};
	let agreed = outcome.agreed();
	assert_eq!(agreed.check(unit.fuel_limit), Ok(()), "the market takes it");
	let hex = |hash: [u8; 32]| blake3::Hash::from_bytes(hash).to_hex();
	format!(
		"{name} {} {} {kind} {} {} {}",
		blake3::hash(module).to_hex(),
		blake3::hash(&rewritten).to_hex(),
		agreed.fuel,
		hex(agreed.root),
		hex(agreed.digest().0)
	)
}

/// Programs by chance.
#[test]
fn outcomes_are_those_of_engine_1() {
	let golden = include_str!("../golden/outcomes-v1.txt");
	let expected: Vec<&str> = golden.lines().filter(|line| !line.starts_with('#')).collect();
	let of = |seed: u64| line(&seed.to_string(), &program(seed).module(), &unit());
	let found: Vec<String> = (1_000_000..1_000_012).map(of).collect();
	assert_eq!(found, expected, "found:\n{}\n", found.join("\n"));
}

/// What a unit of a program that a compiler made writes.
fn written(module: &[u8], number: u32, count: u32) -> Vec<u8> {
	let unit = Unit {
		number,
		count,
		fuel_limit: 10_000_000_000,
		..unit()
	};
	let outcome = run(module, &unit);
	assert_eq!(outcome.kind, Kind::Ok, "unit {number}");
	assert!(outcome.fuel > 1_000_000, "unit {number}");
	outcome.output
}

/// A program that a compiler made: the ray tracer of `examples/jobs`, as it was when this was written down. The rows
/// are those that V8, another engine, drew with it.
#[test]
fn a_ray_tracer_draws_what_it_drew() {
	let row = |number| written(include_bytes!("../golden/ray-v1.wasm"), number, 384);
	let found = [0, 200, 383].map(row).concat();
	assert!(found == include_bytes!("../golden/ray-v1.rgb"), "another picture");
}

/// In C, by clang with wasi-libc, whose `printf` and `strtoull` it has: how many primes there are in a million numbers.
#[test]
fn a_program_in_c_counts_primes() {
	let module = include_bytes!("../golden/primes-v1.wasm");
	for (number, line) in [
		(0, "         0    78498\n"),
		(1, "   1000000    70435\n"),
		(999, " 999000000    47957\n"),
	] {
		assert_eq!(String::from_utf8(written(module, number, 1_000)).as_deref(), Ok(line));
	}
}

/// In AssemblyScript, with its own allocator and a shim for WASI: the picture that V8 drew with it.
#[test]
fn a_program_in_assemblyscript_draws() {
	let module = include_bytes!("../golden/mandelbrot-v1.wasm");
	let picture: Vec<u8> = (0..8).flat_map(|number| written(module, number, 8)).collect();
	let head = b"P5\n512 512\n255\n";
	assert!(picture.starts_with(head), "another head");
	assert_eq!(picture.len(), head.len() + 512 * 512);
	assert_eq!(
		blake3::hash(&picture).to_hex().as_str(),
		"8f7e9aea54ff5f82b31cce5979f6695f2cc1e80d36ff4a2f6bd10838aaacc48d"
	);
}
