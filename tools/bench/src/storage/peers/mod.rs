//! What `smart` stands beside.

pub mod curl;
pub mod restic;
pub mod tahoe;

use super::usage::Used;
use smartchain_tests::{node::process, Error, Result};
use std::{
	fs,
	path::Path,
	process::{Child, Command, Stdio},
	time::{Duration, Instant},
};

/// How long a peer may take to serve.
const START_LIMIT: Duration = Duration::from_secs(120);
/// How long it may take to end.
const STOP_LIMIT: Duration = Duration::from_secs(10);
/// How often it is looked at.
const OFTEN: Duration = Duration::from_millis(50);
/// How long a put or get of a peer may take.
pub const CARRIED: Duration = Duration::from_secs(1_800);

/// What it takes to store something, and to bring it back.
#[derive(Clone, Copy, Debug)]
pub struct Carried {
	/// To store it.
	pub put: Used,
	/// To bring it back.
	pub get: Used,
}

/// A server. Dropped, it is asked to end, and killed if it does not.
struct Server(Child);

impl Server {
	/// Starts it. Its words go into a file; its standard input stays open as long as it runs.
	fn start(command: &mut Command, log: &Path) -> Result<Self> {
		let log = fs::File::create(log)?;
		command.stdin(Stdio::piped()).stdout(log.try_clone()?).stderr(log);
		let started = command.spawn();
		let name = command.get_program().to_string_lossy();
		Ok(Self(started.map_err(|error| {
			Error::new(format!("cannot start {name}: {error}"))
		})?))
	}

	/// Waits until somebody listens on a port of this machine.
	fn listens(&mut self, name: &str, port: u16) -> Result<()> {
		let began = Instant::now();
		while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
			if let Some(status) = self.0.try_wait()? {
				return Err(Error::new(format!("{name} ended by itself: {status}")));
			}
			if began.elapsed() > START_LIMIT {
				return Err(Error::new(format!("{name} does not listen on port {port}")));
			}
			std::thread::sleep(OFTEN);
		}
		Ok(())
	}
}

impl Drop for Server {
	fn drop(&mut self) {
		// It may have ended by itself.
		let _ = process::signal(self.0.id(), "TERM");
		let began = Instant::now();
		while began.elapsed() < STOP_LIMIT {
			if !matches!(self.0.try_wait(), Ok(None)) {
				return;
			}
			std::thread::sleep(OFTEN);
		}
		let _ = self.0.kill();
		let _ = self.0.wait();
	}
}

/// A program that is asked to end when whoever started it dies: one that has processes of its own ends them then.
fn server(name: impl AsRef<std::ffi::OsStr>) -> Command {
	let mut command = Command::new("setpriv");
	command.args(["--pdeathsig", "TERM", "--"]).arg(name);
	command
}

/// Demands that a program can be found.
fn ensure_there(name: &str, package: &str) -> Result<()> {
	let found = std::env::var_os("PATH").is_some_and(|path| {
		let mut places = std::env::split_paths(&path);
		places.any(|place| place.join(name).is_file())
	});
	match found {
		true => Ok(()),
		false => Err(Error::new(format!(
			"there is no program {name}: as root, apt-get install {package}"
		))),
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn what_is_not_installed_is_said() {
		ensure_there("sh", "dash").unwrap();
		let error = ensure_there("no-such-program", "nothing").unwrap_err();
		assert!(error.to_string().contains("apt-get install nothing"), "{error}");
	}

	#[test]
	fn a_server_keeps_its_input_and_ends_when_it_is_dropped() {
		let folder = tempfile::tempdir().unwrap();
		let mut server = Server::start(&mut server("cat"), &folder.path().join("log")).unwrap();
		std::thread::sleep(OFTEN);
		assert!(server.0.try_wait().unwrap().is_none(), "its input is open");
		let pid = server.0.id();
		drop(server);
		assert!(process::memory(pid).is_err(), "it has ended");
	}
}
