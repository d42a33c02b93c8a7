//! A process that is killed as it is about to write, sync or send something for the nth time: wherever a kill falls
//! that nobody chooses, it falls between two of these calls.

use super::process;
use crate::{wait, Error, Result};
use std::{
	fs,
	process::{Child, Command, Stdio},
	time::Duration,
};

/// Makes what was written durable.
pub const SYNCS: &str = "fdatasync,fsync";
/// The same; writes it before, and sends what follows from it.
pub const WRITES_AND_SENDS: &str = "fdatasync,fsync,pwrite64,sendto,writev";
/// How long the tracer may take to take hold of all threads.
const SOON: Duration = Duration::from_secs(10);

/// A tracer that kills. Dropping it lets go of a process that has not died.
pub struct Trap {
	tracer: Child,
}

impl Trap {
	/// From now on a process is killed as one of its threads enters the nth of these calls: one of the lists above.
	///
	/// # Errors
	/// When `strace` is not there, or may not.
	pub async fn set(pid: u32, calls: &str, nth: u32) -> Result<Self> {
		let mut command = Command::new("setpriv");
		command.args(["--pdeathsig", "TERM", "--", "strace", "-f", "-qq", "-o", "/dev/null"]);
		command.args(["-p", &pid.to_string(), "-e", &format!("trace={calls}")]);
		command.args(["-e", &format!("inject={calls}:signal=KILL:when={nth}")]);
		command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
		let tracer = command
			.spawn()
			.map_err(|error| Error::new(format!("strace is not there: {error}")))?;
		let trap = Self { tracer };
		wait::until("the tracer to hold all threads", SOON, || async {
			Ok(is_held(pid)?.then_some(()))
		})
		.await?;
		Ok(trap)
	}
}

impl Drop for Trap {
	fn drop(&mut self) {
		// By this it lets go of what it holds.
		let _ = process::signal(self.tracer.id(), "TERM");
		let _ = self.tracer.wait();
	}
}

/// Whether all threads of a process are traced, or it has died of the trap already.
fn is_held(pid: u32) -> Result<bool> {
	for thread in fs::read_dir(format!("/proc/{pid}/task"))? {
		// One that has ended meanwhile is held by nobody.
		let status = fs::read_to_string(thread?.path().join("status")).unwrap_or_default();
		let field = |name| status.lines().find_map(|line| line.strip_prefix(name)).map(str::trim);
		// A thread that has ended, and is not buried yet, is traced by nobody any more.
		let has_ended = field("State:").is_some_and(|state| state.starts_with(['Z', 'X']));
		if !has_ended && field("TracerPid:") == Some("0") {
			return Ok(false);
		}
	}
	Ok(true)
}
