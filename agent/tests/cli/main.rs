//! The binary as its users have it: without a node, each command that needs none, and what the others say.

mod help;
mod keys;
mod plots;
mod setup;

use std::{
	fs,
	path::{Path, PathBuf},
	process::{Command, Output, Stdio},
	thread,
	time::{Duration, Instant},
};
use tempfile::TempDir;

/// No command takes as long, even on a busy machine.
const PATIENCE: Duration = Duration::from_secs(240);
/// A port at which nobody listens: it is reserved.
pub(crate) const NOBODY: &str = "ws://127.0.0.1:1";
pub(crate) const WORDS: &str = "legal winner thank year wave sausage worth useful legal winner thank yellow";
pub(crate) const ADDRESS: &str = "5EHgWw2Af1pnoc7f1A8bfmM97W3DAYW8xr82RfhLL9oAabAe";

/// A data folder, with a phrase and a password beside it.
pub(crate) struct Machine {
	folder: TempDir,
}

/// What a command said.
#[derive(Debug)]
pub(crate) struct Said {
	pub code: i32,
	pub out: String,
	pub error: String,
}

impl Machine {
	pub fn new() -> Self {
		let folder = tempfile::tempdir().unwrap();
		fs::write(folder.path().join("phrase"), format!("{WORDS}\n")).unwrap();
		fs::write(folder.path().join("password"), "correct horse\n").unwrap();
		Self { folder }
	}

	/// One with keys.
	pub fn with_keys() -> Self {
		let machine = Self::new();
		let said = machine.init(&[]);
		assert_eq!(said.code, 0, "{said:?}");
		machine
	}

	pub fn data(&self) -> PathBuf {
		self.folder.path().join("data")
	}

	pub fn file(&self, name: &str) -> PathBuf {
		self.folder.path().join(name)
	}

	/// `init` without a node.
	pub fn init(&self, more: &[&str]) -> Said {
		let (phrase, password) = (self.file("phrase"), self.file("password"));
		let mut arguments = vec!["init", "--offline", "--yes", "--device-name", "laptop", "--json"];
		let password = password.to_str().unwrap();
		arguments.extend(["--password-file", password]);
		let phrase = phrase.to_str().unwrap();
		if !more.contains(&"--words") {
			arguments.extend(["--phrase-file", phrase]);
		}
		arguments.extend(more);
		self.run(&arguments)
	}

	pub fn run(&self, arguments: &[&str]) -> Said {
		self.run_with(arguments, &[])
	}

	/// Runs the binary with nothing of this process's environment that it reads.
	pub fn run_with(&self, arguments: &[&str], variables: &[(&str, &str)]) -> Said {
		ended(&mut self.command(arguments, variables))
	}

	/// The same, to be run.
	pub fn command(&self, arguments: &[&str], variables: &[(&str, &str)]) -> Command {
		let mut command = Command::new(env!("CARGO_BIN_EXE_smart-agent"));
		command.args(arguments).env_clear().env("SMART_AGENT_DATA", self.data());
		command.envs(variables.iter().copied());
		command
	}
}

/// Runs a command that has to end by itself.
fn ended(command: &mut Command) -> Said {
	let begin = Instant::now();
	let mut child = command
		.stdin(Stdio::null())
		.stdout(Stdio::piped())
		.stderr(Stdio::piped())
		.spawn()
		.unwrap();
	// The pipes hold what these commands say.
	while child.try_wait().unwrap().is_none() {
		if begin.elapsed() > PATIENCE {
			child.kill().unwrap();
			panic!("{command:?} does not end: {:?}", child.wait_with_output());
		}
		thread::sleep(Duration::from_millis(10));
	}
	let Output { status, stdout, stderr } = child.wait_with_output().unwrap();
	Said {
		code: status.code().unwrap_or(-1),
		out: String::from_utf8(stdout).unwrap(),
		error: String::from_utf8(stderr).unwrap(),
	}
}

impl Said {
	pub fn json(&self) -> serde_json::Value {
		serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error} in {self:?}"))
	}

	/// It failed with this code, and said all of this.
	#[track_caller]
	pub fn failed(&self, code: i32, parts: &[&str]) {
		assert_eq!(self.code, code, "{self:?}");
		for part in parts {
			assert!(self.error.contains(part), "`{part}` is not said in {self:?}");
		}
	}
}

/// The permissions of a file.
pub(crate) fn mode(path: &Path) -> u32 {
	std::os::unix::fs::MetadataExt::mode(&fs::metadata(path).unwrap()) & 0o777
}
