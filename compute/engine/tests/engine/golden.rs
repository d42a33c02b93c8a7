//! Outcomes written down once. If one changes, it is another engine: workers with the old one and with the new one
//! would no longer agree.

use crate::{
	generator::program,
	kit::{run, unit},
};
use smartchain_engine::{Kind, Program};

fn line(seed: u64) -> String {
	let module = program(seed).module();
	let rewritten = Program::check(&module).expect("it is one").rewritten().to_vec();
	let outcome = run(&module, &unit());
	let kind = match outcome.kind {
		Kind::Ok => "ok".into(),
		Kind::Trap(trap) => format!("trap-{}", trap.code()),
		Kind::OutOfFuel => "out-of-fuel".into(),
	};
	let root = blake3::Hash::from_bytes(outcome.output_root());
	format!(
		"{seed} {} {} {kind} {} {}",
		blake3::hash(&module).to_hex(),
		blake3::hash(&rewritten).to_hex(),
		outcome.fuel,
		root.to_hex()
	)
}

/// Of each program: its seed, hash, the hash of what the pass makes of it, kind, fuel, root of its output.
#[test]
fn outcomes_are_those_of_engine_1() {
	let golden = include_str!("../golden/outcomes-v1.txt");
	let expected: Vec<&str> = golden.lines().filter(|line| !line.starts_with('#')).collect();
	let found: Vec<String> = (1_000_000..1_000_012).map(line).collect();
	assert_eq!(found, expected, "found:\n{}\n", found.join("\n"));
}
