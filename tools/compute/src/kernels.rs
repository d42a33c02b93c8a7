//! Five kernels: by engine 1 in its sandbox, by wasmtime without its rules, natively.

use crate::{
	peers::{clang, interpreter, script},
	units::unit,
};
use compute_market_primitives::Kind;
use smartchain_report::Row;
use smartchain_tests::{ensure, Error, Result};
use smartchain_unit::{Output, Runner, Stop, Want};
use std::{
	fs,
	path::{Path, PathBuf},
	process::{Command, Stdio},
	time::{Duration, Instant},
};

/// The name of the first one.
const INTEGERS: &str = "integers";
/// Their names, and rounds that take a second or so.
const KERNELS: [(&str, u64); 5] = [
	(INTEGERS, 300),
	("product of matrices", 120),
	("saxpy", 1_500),
	("float loop", 250),
	("sort", 150),
];
/// How long a unit may take.
const WALL: Duration = Duration::from_secs(300);

/// What a run took, and what it wrote.
struct Run {
	took: Duration,
	wrote: Vec<u8>,
}

/// The fastest of some runs.
fn fastest(times: u32, mut run: impl FnMut() -> Result<Run>) -> Result<Run> {
	let mut best: Option<Run> = None;
	for _ in 0..times.max(1) {
		let this = run()?;
		if best.as_ref().is_none_or(|best| this.took < best.took) {
			best = Some(this);
		}
	}
	best.ok_or_else(|| Error::new("nothing was run"))
}

fn ours(runner: &Runner, program: &[u8], rounds: u64) -> Result<Run> {
	let unit = unit(program, rounds.to_string().as_bytes(), 0, 1);
	let start = Instant::now();
	let ran = runner.run(&unit, Want::Bytes, WALL, &Stop::default());
	let ran = ran.map_err(|ended| Error::new(format!("a kernel has no outcome: {ended}")))?;
	let took = start.elapsed();
	ensure!(
		ran.outcome.kind == Kind::Ok,
		"a kernel does not run through: {:?}",
		ran.outcome.kind
	);
	match ran.output {
		Output::Bytes(wrote) => Ok(Run { took, wrote }),
		Output::Root { .. } => Err(Error::new("the bytes were wanted, and the root came")),
	}
}

/// How long so many rounds take by engine 1, without start and compilation.
pub fn seconds_of(runner: &Runner, program: &[u8], rounds: u64) -> Result<f64> {
	let (all, none) = (ours(runner, program, rounds)?, ours(runner, program, 0)?);
	Ok(all.took.saturating_sub(none.took).as_secs_f64())
}

fn native(program: &Path, given: &Path) -> Result<Run> {
	let start = Instant::now();
	let output = Command::new(program).stdin(fs::File::open(given)?).output()?;
	let took = start.elapsed();
	ensure!(output.status.success(), "{}: {}", program.display(), output.status);
	Ok(Run {
		took,
		wrote: output.stdout,
	})
}

fn wasmtime(program: &Path, given: &Path, place: &Path) -> Result<Run> {
	let written = place.join("written");
	let mut command = Command::new(interpreter()?);
	command.arg(script("kernel.py")).args([program, given, &written]);
	let output = command.stdin(Stdio::null()).stderr(Stdio::inherit()).output()?;
	ensure!(output.status.success(), "wasmtime: {}", output.status);
	let seconds: f64 = String::from_utf8_lossy(&output.stdout).trim().parse()?;
	Ok(Run {
		took: Duration::from_secs_f64(seconds),
		wrote: fs::read(written)?,
	})
}

/// A kernel for this machine, and as Wasm.
pub fn built(kernel: usize, place: &Path) -> Result<(PathBuf, PathBuf)> {
	let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("kernels/kernels.c");
	let (here, wasm) = (place.join(format!("{kernel}")), place.join(format!("{kernel}.wasm")));
	let which = format!("-DKERNEL={kernel}");
	clang(&source, &here, &[&which, "-ffp-contract=off"])?;
	clang(&source, &wasm, &[&which, "--target=wasm32-wasi", "-Wl,--strip-all"])?;
	Ok((here, wasm))
}

/// A program that says a word, as small as one is.
pub fn smallest(place: &Path) -> Result<PathBuf> {
	let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("kernels/tiny.c");
	let wasm = place.join("tiny.wasm");
	let alone = ["--target=wasm32-wasi", "-nostdlib", "-Wl,--strip-all", "-Wl,--no-entry"];
	clang(&source, &wasm, &alone)?;
	Ok(wasm)
}

/// Ours, wasmtime's and the machine's own seconds for a kernel.
struct Times {
	ours: f64,
	wasmtime: Option<f64>,
	native: f64,
}

impl Times {
	/// Ours by wasmtime's, if that was there.
	fn ratio(&self) -> Option<f64> {
		self.wasmtime.map(|wasmtime| self.ours / wasmtime.max(f64::EPSILON))
	}
}

fn times(runner: &Runner, kernel: usize, rounds: u64, runs: u32, place: &Path) -> Result<Times> {
	let (here, wasm) = built(kernel, place)?;
	let program = fs::read(&wasm)?;
	let (given, nothing) = (place.join("given"), place.join("nothing"));
	fs::write(&given, rounds.to_string())?;
	fs::write(&nothing, "0")?;
	let less = |all: &Run, none: &Run| all.took.saturating_sub(none.took).as_secs_f64();
	let by_us = fastest(runs, || ours(runner, &program, rounds))?;
	let idle = fastest(runs, || ours(runner, &program, 0))?;
	let by_machine = fastest(runs, || native(&here, &given))?;
	let still = fastest(runs, || native(&here, &nothing))?;
	ensure!(by_us.wrote == by_machine.wrote, "natively it comes to something else");
	// The peer may not be there.
	let peer = interpreter().and_then(|_| fastest(runs, || wasmtime(&wasm, &given, place)));
	let by_wasmtime = match peer {
		Ok(peer) => {
			ensure!(peer.wrote == by_us.wrote, "by wasmtime it comes to something else");
			let none = fastest(runs, || wasmtime(&wasm, &nothing, place))?;
			Some(less(&peer, &none))
		}
		Err(why) => {
			eprintln!("  wasmtime is left out: {why}");
			None
		}
	};
	Ok(Times {
		ours: less(&by_us, &idle),
		wasmtime: by_wasmtime,
		native: less(&by_machine, &still),
	})
}

/// How long a kernel took.
fn row(name: &str, times: &Times) -> Row {
	let by_native = times.ours / times.native.max(f64::EPSILON);
	let seconds = format!("{:.3} s", times.ours);
	// Of integers more is asked than of the others.
	let (asked, natively) = match name == INTEGERS {
		true => ("<= 2.2 x wasmtime, <= 1.5 x native", by_native <= 1.5),
		false => ("<= 2.2 x wasmtime", true),
	};
	let measure = format!("{name}: engine 1 / wasmtime / native");
	match times.ratio() {
		Some(ratio) => Row::judged(
			measure,
			asked,
			format!(
				"{seconds} / {:.3} s / {:.3} s: {ratio:.2} x wasmtime, {by_native:.2} x native",
				times.wasmtime.unwrap_or_default(),
				times.native
			),
			ratio <= 2.2 && natively,
		),
		None => Row::new(
			measure,
			asked,
			format!(
				"{seconds} / - / {:.3} s: {by_native:.2} x native, not compared with wasmtime",
				times.native
			),
		),
	}
}

/// A row a kernel, and their mean.
pub fn rows(runs: u32) -> Result<Vec<Row>> {
	let (runner, place) = (Runner::beside_this_program()?, tempfile::tempdir()?);
	let (mut rows, mut ratios) = (Vec::new(), Vec::new());
	for (kernel, (name, rounds)) in KERNELS.iter().enumerate() {
		eprintln!("  {name} ...");
		let times = times(&runner, kernel, *rounds, runs, place.path())?;
		ratios.extend(times.ratio());
		rows.push(row(name, &times));
	}
	let (measure, asked) = ("all five kernels, geometric mean", "<= 1.5 x wasmtime");
	if ratios.len() == KERNELS.len() {
		let mean = (ratios.iter().map(|ratio| ratio.ln()).sum::<f64>() / ratios.len() as f64).exp();
		rows.push(Row::judged(
			measure,
			asked,
			format!("{mean:.2} x wasmtime"),
			mean <= 1.5,
		));
	} else {
		rows.push(Row::new(measure, asked, "not compared with wasmtime"));
	}
	Ok(rows)
}
