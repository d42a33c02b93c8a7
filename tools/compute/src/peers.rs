//! What measurements stand beside, where `scripts/bench compute` has installed it.

use crate::{units::unit, UNIT};
use compute_market_primitives::Kind;
use smartchain_report::Row;
use smartchain_tests::{ensure, Error, Result};
use smartchain_unit::{Runner, Stop, Want};
use std::{
	fs,
	path::{Path, PathBuf},
	process::{Command, Stdio},
	time::{Duration, Instant},
};

/// Names the interpreter of the environment that peers in Python are installed in.
const PYTHON: &str = "SMARTCHAIN_BENCH_PYTHON";

/// The interpreter.
pub fn interpreter() -> Result<PathBuf> {
	std::env::var_os(PYTHON).map(PathBuf::from).ok_or_else(|| {
		Error::new(
			"its Python packages are not installed: scripts/bench compute installs them, and says why if it cannot",
		)
	})
}

/// A script for it.
pub fn script(name: &str) -> PathBuf {
	Path::new(env!("CARGO_MANIFEST_DIR"))
		.join("../bench/peers/compute")
		.join(name)
}

/// Compiles a source.
pub fn clang(source: &Path, to: &Path, more: &[&str]) -> Result<()> {
	let mut command = Command::new("clang");
	command.args(["-O2", "-o"]).arg(to).args(more).arg(source);
	let status = command
		.status()
		.map_err(|error| Error::new(format!("clang: {error}; scripts/bench compute installs it")))?;
	ensure!(status.success(), "clang of {}: {status}", source.display());
	Ok(())
}

/// What hooks cost, as the benchmark of blocks beside this program says it.
pub fn hooks(quick: bool) -> Result<Vec<Row>> {
	let program = std::env::current_exe()?.with_file_name("smartchain-bench");
	let mut command = Command::new(&program);
	command.arg("units");
	if quick {
		command.arg("--quick");
	}
	let output = command.stdin(Stdio::null()).stderr(Stdio::inherit()).output()?;
	let said = String::from_utf8_lossy(&output.stdout);
	let rows = said.lines().filter_map(|line| {
		let mut parts = line.split('\t');
		let (measure, _, measured) = (parts.next()?, parts.next()?, parts.next()?);
		Some(Row::new(measure, "<= 3 ms", measured))
	});
	let rows: Vec<Row> = rows.collect();
	ensure!(
		!rows.is_empty(),
		"{} measures nothing: {}",
		program.display(),
		output.status
	);
	Ok(rows)
}

/// One unit of a program by engine 1 in its sandbox, as GNU parallel runs it.
pub fn one_unit(program: &str, input: &str, number: &str) -> Result<()> {
	let (program, input, number) = (fs::read(program)?, fs::read(input)?, number.parse::<u32>()?);
	let unit = unit(&program, &input, number, number.saturating_add(1));
	let wall = Duration::from_secs(600);
	let ran = Runner::beside_this_program()?.run(&unit, Want::Root, wall, &Stop::default());
	let ran = ran.map_err(|ended| Error::new(format!("there is no outcome: {ended}")))?;
	// What it takes to trap is no peer's time.
	let kind = ran.outcome.kind;
	ensure!(kind == Kind::Ok, "it does not run through: {kind:?}");
	Ok(())
}

/// So many units by GNU parallel, as many at a time as there are cores: how long it takes.
pub fn parallel(program: &Path, input: &Path, units: u32) -> Result<Duration> {
	let own = std::env::current_exe()?;
	let mut command = Command::new("parallel");
	command.args(["--will-cite", "--halt", "now,fail=1"]).arg(own);
	command.arg(UNIT).args([program, input]).arg("{}").arg(":::");
	command.args((0..units).map(|unit| unit.to_string()));
	let start = Instant::now();
	let status = command
		.stdin(Stdio::null())
		.status()
		.map_err(|error| Error::new(format!("GNU parallel: {error}; scripts/bench compute installs it")))?;
	ensure!(status.success(), "GNU parallel: {status}");
	Ok(start.elapsed())
}

/// So many tiny tasks by Dask with so many workers, each run by three and compared: how many are settled a second.
pub fn dask(workers: usize, tasks: u32) -> Result<f64> {
	let mut command = Command::new(interpreter()?);
	command
		.arg(script("tiny.py"))
		.args([workers.to_string(), tasks.to_string()]);
	let output = command.stdin(Stdio::null()).output()?;
	let said = String::from_utf8_lossy(&output.stderr);
	ensure!(output.status.success(), "Dask: {}: {said}", output.status);
	let seconds: f64 = String::from_utf8_lossy(&output.stdout).trim().parse()?;
	Ok(f64::from(tasks) / seconds.max(f64::EPSILON))
}
