//! Units through the child, as workers run them.

use compute_market_primitives::{Kind, NO_OUTPUT};
use smartchain_engine::{Backend, Engine, Program};
use smartchain_unit::{Ended, Output, Runner, Stop, Unit, Want, INTERPRETED};
use std::{fs, path::Path, process::Command, sync::Arc, time::Duration};

const WALL: Duration = Duration::from_secs(60);

fn runner() -> Runner {
	Runner::of(Path::new(env!("CARGO_BIN_EXE_smart-unit"))).unwrap()
}

/// The ray tracer, as the engine's tests have it.
fn ray() -> Arc<[u8]> {
	let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../engine/tests/golden/ray-v1.wasm");
	fs::read(path).unwrap().into()
}

fn unit(program: Arc<[u8]>) -> Unit {
	Unit {
		number: 200,
		count: 384,
		time: 1_700_000_000_000,
		seed: [7; 32],
		fuel_limit: 10_000_000_000,
		memory_pages: 64,
		program,
		input: Vec::new(),
	}
}

#[test]
fn a_unit_comes_through_the_child_as_the_engine_has_it() {
	let unit = unit(ray());
	let there = runner().run(&unit, Want::Bytes, WALL, &Stop::default()).unwrap();
	let program = Program::check(&unit.program).unwrap();
	let loaded = Engine::new(Backend::Cranelift).unwrap().load(&program).unwrap();
	let here = loaded.run(&smartchain_engine::Unit {
		number: unit.number,
		count: unit.count,
		input: unit.input.clone().into(),
		time: unit.time,
		seed: unit.seed,
		fuel_limit: unit.fuel_limit,
		memory_pages: unit.memory_pages,
	});
	let here = here.unwrap();
	assert_eq!(there.outcome, here.agreed());
	assert_eq!(there.outcome.digest(), here.agreed().digest());
	assert_eq!(there.output, Output::Bytes(here.output));
	// Whoever checks others alone wants no bytes, and has the same root.
	let short = runner().run(&unit, Want::Root, WALL, &Stop::default()).unwrap();
	assert_eq!(short.outcome, there.outcome);
}

#[test]
fn a_unit_out_of_fuel_is_so_everywhere() {
	let unit = Unit {
		fuel_limit: 1_000,
		..unit(ray())
	};
	let ran = runner().run(&unit, Want::Bytes, WALL, &Stop::default()).unwrap();
	assert_eq!(
		(ran.outcome.kind, ran.outcome.root, ran.outcome.fuel),
		(Kind::OutOfFuel, NO_OUTPUT, 1_000)
	);
	assert_eq!(ran.outcome.check(1_000), Ok(()));
}

#[test]
fn what_is_no_program_is_a_fault_of_the_program() {
	let unit = unit(b"\0asm\x01\0\0\0".to_vec().into());
	match runner().run(&unit, Want::Bytes, WALL, &Stop::default()) {
		Err(Ended::Fault(fault)) => assert!(fault.words.contains("_start"), "{fault}"),
		other => panic!("{other:?}"),
	}
}

#[test]
fn the_wall_ends_a_unit() {
	let wall = Duration::from_millis(1);
	let ended = runner().run(&unit(ray()), Want::Bytes, wall, &Stop::default());
	assert!(matches!(ended, Err(Ended::Late)), "{ended:?}");
	let stop = Stop::default();
	stop.stop();
	let ended = runner().run(&unit(ray()), Want::Bytes, WALL, &stop);
	assert!(matches!(ended, Err(Ended::Stopped)), "{ended:?}");
}

#[test]
fn a_machine_that_runs_units_is_told_from_one_that_does_not() {
	runner().check().unwrap();
	let other = Runner::of(Path::new("/bin/true")).unwrap();
	assert!(other.check().is_err());
}

/// It stands back, and comes to the same.
#[test]
fn who_stands_back_comes_to_the_same() {
	let (unit, stop) = (unit(ray()), Stop::default());
	let nice = runner().nice(10).run(&unit, Want::Root, WALL, &stop).unwrap();
	assert_eq!(nice, runner().nice(0).run(&unit, Want::Root, WALL, &stop).unwrap());
}

/// The second back end runs in the same sandbox, and comes to the same: also if it stands back, and whoever asks twice.
#[test]
fn the_interpreter_comes_to_the_same() {
	let stop = Stop::default();
	let (whole, short) = (
		unit(ray()),
		Unit {
			fuel_limit: 1_000,
			..unit(ray())
		},
	);
	for unit in [whole, short] {
		let known = runner().run(&unit, Want::Bytes, WALL, &stop).unwrap();
		for other in [runner().interpreted(), runner().interpreted().nice(10).interpreted()] {
			assert_eq!(other.run(&unit, Want::Bytes, WALL, &stop).unwrap(), known);
		}
	}
}

/// An argument that says nothing is told, and no unit is run.
#[test]
fn an_argument_that_is_none_is_refused() {
	let child = Command::new(env!("CARGO_BIN_EXE_smart-unit"))
		.arg("other")
		.output()
		.unwrap();
	assert!(!child.status.success());
	let said = String::from_utf8(child.stderr).unwrap();
	assert!(said.contains(INTERPRETED), "{said}");
}

/// A root that is wanted alone comes without bytes.
#[test]
fn a_root_comes_without_bytes() {
	let ran = runner().run(&unit(ray()), Want::Root, WALL, &Stop::default()).unwrap();
	assert!(matches!(ran.output, Output::Root { root, .. } if root == ran.outcome.root));
	assert_ne!(ran.outcome.root, <[u8; 32]>::from(blake3::hash(b"")));
}
