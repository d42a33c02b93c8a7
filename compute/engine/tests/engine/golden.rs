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

/// A program that a compiler made: the ray tracer of `examples/jobs`, as it was when this was written down. The rows
/// are those that V8, another engine, drew with it.
#[test]
fn a_ray_tracer_draws_what_it_drew() {
	let row = |number: u32| {
		let unit = Unit {
			number,
			count: 384,
			fuel_limit: 10_000_000_000,
			..unit()
		};
		run(include_bytes!("../golden/ray-v1.wasm"), &unit)
	};
	let rows = [0, 200, 383].map(row);
	assert!(rows.iter().all(|row| row.kind == Kind::Ok && row.fuel > 1_000_000));
	let found: Vec<u8> = rows.into_iter().flat_map(|row| row.output).collect();
	assert!(found == include_bytes!("../golden/ray-v1.rgb"), "another picture");
}
