//! A program that a test has started: how it is ended, and what must hold of it in the end.

use super::{log::Log, process};
use crate::{Error, Result};
use std::{
	path::PathBuf,
	process::{Child, ExitStatus},
	time::Duration,
};

/// A program with a log. Dropping it kills the process; unless [`Program::finish`] came first, that means a failed
/// test, and the end of its log is printed.
pub(crate) struct Program {
	/// What it is called in what is printed.
	pub(crate) name: String,
	pub(crate) log: Log,
	/// It, if it runs.
	pub(crate) child: Option<Child>,
	stop_limit: Duration,
	finished: bool,
}

impl Program {
	/// One that does not run yet. Its log goes into `dir`; it has so long to end when it is asked to.
	pub(crate) fn new(name: &str, dir: PathBuf, stop_limit: Duration) -> Self {
		Self {
			name: name.into(),
			log: Log::new(dir.join(format!("{name}.log"))),
			child: None,
			stop_limit,
			finished: false,
		}
	}

	/// SIGKILL: no chance to tidy up.
	pub(crate) fn kill(&mut self) {
		if let Some(mut child) = self.child.take() {
			let _ = child.kill();
			let _ = child.wait();
		}
	}

	/// SIGTERM, and waits for it to end in order.
	///
	/// # Errors
	/// When it does not, or not with success.
	pub(crate) async fn stop(&mut self) -> Result<()> {
		match self.child.take() {
			Some(child) => process::end_in_order(child, &self.name, self.stop_limit).await,
			None => Ok(()),
		}
	}

	/// What must hold at the end of a test: it still runs unless the test killed it, it ends in order, and it never
	/// panicked.
	///
	/// # Errors
	/// When that does not hold.
	pub(crate) async fn finish(&mut self) -> Result<()> {
		if let Some(status) = self.exit_status()? {
			return Err(Error::new(format!("{} ended by itself: {status}", self.name)));
		}
		self.stop().await?;
		// Whoever never ran has no log.
		let panic = self.log.path().exists().then(|| self.log.panic()).transpose()?;
		if let Some(panic) = panic.flatten() {
			return Err(Error::new(format!("{} panicked: {panic}", self.name)));
		}
		self.finished = true;
		Ok(())
	}

	fn exit_status(&mut self) -> Result<Option<ExitStatus>> {
		Ok(match &mut self.child {
			Some(child) => child.try_wait()?,
			None => None,
		})
	}
}

impl Drop for Program {
	fn drop(&mut self) {
		let ended = self.exit_status().ok().flatten();
		self.kill();
		if !self.finished {
			self.log.show(&self.name, ended);
		}
	}
}
