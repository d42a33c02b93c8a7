//! What the kernel says of a process that runs.

use crate::{Error, Result};
use std::fs;

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
	let status = said(pid, "status")?;
	let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
	let kilobytes = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
	let kilobytes = kilobytes.ok_or_else(|| Error::new(format!("no VmRSS in {status}")))?;
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
	}
}
