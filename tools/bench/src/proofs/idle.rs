//! What an agent takes that has nothing to do but to follow the chain and look into its plots.

use crate::report::Row;
use smartchain_tests::{ensure, node::process, Error, Result};
use std::{
	fs,
	path::{Path, PathBuf},
	thread,
	time::{Duration, Instant},
};

/// How the kernel calls an agent's process: the first 15 bytes of the program's name.
const NAME: &str = "smart-agent";

/// Processor time and memory of an agent that runs here, over so long.
pub fn rows(wanted: Option<u32>, lasts: Duration) -> Result<Vec<Row>> {
	let pid = agent(wanted)?;
	let before = process::cpu_seconds(pid)?;
	let start = Instant::now();
	let mut most = 0;
	while start.elapsed() < lasts {
		thread::sleep(Duration::from_secs(1).min(lasts));
		most = most.max(process::memory(pid)?);
	}
	let seconds = start.elapsed().as_secs_f64();
	let share = (process::cpu_seconds(pid)? - before) / seconds;
	let what = match plots(pid) {
		Some(plots) => format!("an agent with {plots} files of plots, over {seconds:.0} s"),
		None => format!("an agent whose store cannot be seen, over {seconds:.0} s"),
	};
	Ok(vec![
		Row::new(
			format!("{what}: of a core"),
			"< 1 % with 1,000 plots of size 18",
			format!("{:.2} %", 100.0 * share),
		),
		Row::new(
			format!("{what}: memory, at most"),
			"< 60 MiB",
			format!("{:.1} MiB", most as f64 / f64::from(1 << 20)),
		),
	])
}

/// The one that is named, or the only one that there is.
fn agent(wanted: Option<u32>) -> Result<u32> {
	let named = |pid: u32| fs::read_to_string(format!("/proc/{pid}/comm")).is_ok_and(|name| name.trim_end() == NAME);
	if let Some(pid) = wanted {
		ensure!(named(pid), "process {pid} is no {NAME}: name one that is");
		return Ok(pid);
	}
	let processes = fs::read_dir("/proc").map_err(|error| Error::new(format!("cannot read /proc: {error}")))?;
	let mut agents: Vec<u32> = processes
		.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
		.filter(|pid| named(*pid))
		.collect();
	match (agents.pop(), agents.len()) {
		(Some(agent), 0) => Ok(agent),
		(Some(_), others) => Err(Error::new(format!(
			"{} agents run here: say which by --agent PROCESS",
			others + 1
		))),
		(None, _) => Err(Error::new(format!(
			"no {NAME} runs on this machine: start a chain (scripts/run dev), give an agent 1,000 plots of size 18 \
			 (`{NAME} plot create`), start it (`{NAME} run`), wait until it has settled, and run this again"
		))),
	}
}

/// How many files of plots the store has that the agent has open: by its lock.
fn plots(pid: u32) -> Option<usize> {
	let open = fs::read_dir(format!("/proc/{pid}/fd")).ok()?;
	let folders = open
		.filter_map(|entry| fs::read_link(entry.ok()?.path()).ok())
		.filter(|path| path.file_name().is_some_and(|name| name == "lock"))
		.filter_map(|path| path.parent().map(Path::to_path_buf));
	folders.into_iter().find_map(plots_in)
}

fn plots_in(folder: PathBuf) -> Option<usize> {
	let files = fs::read_dir(folder.join("plots")).ok()?;
	Some(
		files
			.filter_map(|entry| entry.ok())
			.filter(|entry| entry.path().extension().is_some_and(|ending| ending == "plots"))
			.count(),
	)
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn this_process_is_no_agent() {
		assert!(agent(Some(std::process::id())).is_err());
	}
}
