//! Processes: where their programs lie, what the kernel says of them, how they are ended.

use crate::{Error, Result};
use std::{
	fs,
	path::PathBuf,
	process::{Child, Command},
	time::Duration,
};

/// The kernel counts a process's time in these, on all machines that it shows to programs.
const TICKS_A_SECOND: f64 = 100.0;

fn said(pid: u32, what: &str) -> Result<String> {
	fs::read_to_string(format!("/proc/{pid}/{what}"))
		.map_err(|error| Error::new(format!("process {pid} is not there: {error}")))
}

/// The bytes of memory that it uses.
///
/// # Errors
/// If it does not run.
pub fn memory(pid: u32) -> Result<u64> {
	bytes_of(pid, "VmRSS:")
}

/// The most bytes of memory that it has used at once, since its start or since [`forget_peak`].
///
/// # Errors
/// If it does not run.
pub fn peak_memory(pid: u32) -> Result<u64> {
	bytes_of(pid, "VmHWM:")
}

/// Has the kernel count the most that a process uses from now on anew.
///
/// # Errors
/// If it does not run, or is another user's.
pub fn forget_peak(pid: u32) -> Result<()> {
	fs::write(format!("/proc/{pid}/clear_refs"), "5")
		.map_err(|error| Error::new(format!("the peak of process {pid} cannot be forgotten: {error}")))
}

fn bytes_of(pid: u32, name: &str) -> Result<u64> {
	let status = said(pid, "status")?;
	let line = status.lines().find_map(|line| line.strip_prefix(name));
	let kilobytes = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
	let kilobytes = kilobytes.ok_or_else(|| Error::new(format!("no {name} in {status}")))?;
	Ok(kilobytes * 1024)
}

/// The seconds that it has had a processor, of its own and of the kernel's.
///
/// # Errors
/// If it does not run.
pub fn cpu_seconds(pid: u32) -> Result<f64> {
	let stat = said(pid, "stat")?;
	let ticks = ticks_of(&stat).ok_or_else(|| Error::new(format!("no times in {stat}")))?;
	Ok(ticks as f64 / TICKS_A_SECOND)
}

/// The name, in brackets, may have blanks: the 14th and 15th words count from behind it.
fn ticks_of(stat: &str) -> Option<u64> {
	let mut words = stat.rsplit_once(") ")?.1.split(' ').skip(11);
	Some(words.next()?.parse::<u64>().ok()? + words.next()?.parse::<u64>().ok()?)
}

/// A program of this workspace: one that was built where the running one was.
///
/// # Errors
/// When it has not been built.
pub fn built(program: &str) -> Result<PathBuf> {
	// Test binaries lie in `deps`, one folder below the programs.
	let own = std::env::current_exe()?;
	own.ancestors()
		.skip(1)
		.take(2)
		.map(|dir| dir.join(program))
		.find(|path| path.is_file())
		.ok_or_else(|| {
			Error::new(format!(
				"no `{program}` near {}: run `cargo build --release --workspace` first",
				own.display()
			))
		})
}

/// Sends a process a signal, by its name without `SIG`.
///
/// # Errors
/// When there is no such process.
pub fn signal(pid: u32, name: &str) -> Result<()> {
	let sent = Command::new("kill")
		.args([&format!("-{name}"), &pid.to_string()])
		.status()?;
	crate::ensure!(sent.success(), "process {pid} takes no SIG{name}: {sent}");
	Ok(())
}

/// SIGTERM, and waits for the process of this name to end in order.
///
/// # Errors
/// When it does not within `limit`, after which it is killed; or not with success.
pub async fn end_in_order(mut child: Child, name: &str, limit: Duration) -> Result<()> {
	// It may have ended by itself, which its status tells.
	let _ = signal(child.id(), "TERM");
	let status = tokio::time::timeout(limit, async {
		loop {
			if let Some(status) = child.try_wait()? {
				return Ok::<_, Error>(status);
			}
			tokio::time::sleep(Duration::from_millis(50)).await;
		}
	})
	.await;
	let Ok(status) = status else {
		let _ = child.kill();
		let _ = child.wait();
		return Err(Error::new(format!("{name} did not end within {limit:?} of SIGTERM")));
	};
	let status = status?;
	crate::ensure!(status.success(), "{name} ended with {status} when asked to");
	Ok(())
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn times_are_found_behind_any_name() {
		let stat = "7 (a ) b) S 1 7 7 0 -1 4194560 1 2 3 4 120 34 0 0 20 0 9 0 100 1000 200";
		assert_eq!(ticks_of(stat), Some(154));
		assert_eq!(ticks_of("7"), None);
	}

	#[test]
	fn this_process_has_time_and_memory() {
		let pid = std::process::id();
		assert!(cpu_seconds(pid).is_ok() && memory(pid).is_ok_and(|bytes| bytes > 0));
		assert!(peak_memory(pid).is_ok_and(|bytes| bytes > 0));
	}
}
