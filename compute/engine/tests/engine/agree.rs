//! Programs by chance: all ways to run one come to the same.
//!
//! Each is run by the engine of workers, and by the same with wasmtime's own making of canonical NaNs instead of the
//! pass: both give what WebAssembly's deterministic profile says. And it is interpreted: that gives equal outcomes,
//! fuel included.

use crate::{
	generator::program,
	kit::{all_canonical, engine, unit},
};
use smartchain_engine::{Kind, Outcome, Program, Unit};
use smartchain_rng::{runs, seeds};

#[derive(Default)]
struct Seen {
	ok: u32,
	trapped: u32,
	/// Programs that show something else without the pass, on this machine.
	differ: u32,
}

fn unit_of(seed: u64) -> Unit {
	Unit {
		number: (seed % 64) as u32,
		..unit()
	}
}

fn compare(seed: u64, seen: &mut Seen) -> Outcome {
	let (module, unit) = (program(seed).module(), unit_of(seed));
	let checked = Program::check(&module).unwrap_or_else(|why| panic!("seed {seed}: {why}"));
	let own = engine().load(&checked).expect("it compiles");
	let outcome = own.run(&unit).unwrap_or_else(|why| panic!("seed {seed}: {why}"));
	assert_eq!(own.run(&unit).as_ref(), Ok(&outcome), "seed {seed}: run twice");
	let run_raw = |engine: &smartchain_engine::Engine| {
		engine
			.load_raw(&checked, &module)
			.expect("it compiles")
			.run(&unit)
			.expect("it runs")
	};
	let peer = run_raw(all_canonical());
	// What the pass adds burns fuel, too: where it is too much, the peer may come to any end.
	if outcome.kind != Kind::OutOfFuel {
		assert_eq!(outcome.kind, peer.kind, "seed {seed}");
		let pairs = outcome.output.chunks(16).zip(peer.output.chunks(16));
		for (place, (own, other)) in (0..).step_by(16).zip(pairs) {
			assert_eq!(own, other, "seed {seed}: from {place} on");
		}
		assert_eq!(outcome.output.len(), peer.output.len(), "seed {seed}");
	}
	seen.differ += u32::from(run_raw(engine()).output != outcome.output);
	match outcome.kind {
		Kind::Ok => seen.ok += 1,
		_ => seen.trapped += 1,
	}
	// Where the fuel ends in the midst of it.
	let short = Unit {
		fuel_limit: outcome.fuel.saturating_mul(seed % 7) / 7,
		..unit.clone()
	};
	let cut = own.run(&short).expect("it runs");
	if outcome.kind == Kind::Ok {
		assert_eq!((cut.kind, cut.fuel), (Kind::OutOfFuel, short.fuel_limit), "seed {seed}");
	}
	interpreted(seed, &checked, [(&unit, &outcome), (&short, &cut)]);
	outcome
}

fn interpreted(seed: u64, program: &Program, expected: [(&Unit, &Outcome); 2]) {
	let loaded = crate::kit::pulley().load(program).expect("it compiles");
	for (unit, outcome) in expected {
		assert_eq!(loaded.run(unit).as_ref(), Ok(outcome), "seed {seed}: interpreted");
	}
}

fn campaign(count: u64) {
	let mut seen = Seen::default();
	let seeds = seeds(count);
	let all = seeds.end - seeds.start;
	for seed in seeds {
		compare(seed, &mut seen);
	}
	println!(
		"{all} programs: {} ran through, {} did not, {} need the pass",
		seen.ok, seen.trapped, seen.differ
	);
	if all >= 100 {
		// The campaign would find nothing otherwise.
		assert!(u64::from(seen.ok) > all / 2, "too few run through");
		assert!(seen.trapped > 0, "none is trapped");
		#[cfg(target_arch = "x86_64")]
		assert!(u64::from(seen.differ) > all / 10, "too few make NaNs");
	}
}

#[test]
fn programs_by_chance_come_to_the_same() {
	campaign(300);
}

mod long {
	/// A hundred thousand. `SMARTCHAIN_RUNS` makes it more.
	#[test]
	#[ignore = "long: each is compiled four times"]
	fn a_hundred_thousand_programs_come_to_the_same() {
		super::campaign(100_000 * super::runs());
	}
}
