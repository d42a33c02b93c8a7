//! What can be seen without a node.

use super::Check;
use crate::{
	commands::{
		context::{existing, launcher},
		plot, Context,
	},
	keys::{exposed, KeyError, Keystore},
	page::AskError,
	run::kinds,
	status::{Problem, Severity, Status},
	terminal::{bytes, counted},
};
use smart_agent_store::{
	capacity::{plotting_memory, Measure, ThisMachine, RESERVE},
	State, Store,
};
use std::{
	fs,
	net::{SocketAddr, TcpListener},
	path::Path,
};

/// Sizes of lasting chains, and the one that every machine makes.
const SIZES: [u8; 3] = [28, 26, 18];
/// Bytes of memory below which even the daemon has little room.
const LITTLE_MEMORY: u64 = 256 << 20;

/// The program itself.
pub(super) fn program() -> Check {
	let system = rustix::system::uname();
	Check::ok(
		"program",
		format!(
			"smart-agent {} on {} {}",
			env!("CARGO_PKG_VERSION"),
			system.sysname().to_string_lossy(),
			system.release().to_string_lossy()
		),
	)
}

/// The program that plots and solves.
pub(super) fn plotter() -> Check {
	match launcher() {
		Ok(launcher) => Check::ok("plotter", launcher.program.display().to_string()),
		Err(failure) => Check::failed("plotter", &failure),
	}
}

/// The configuration, which was read.
pub(super) fn configuration(context: &Context) -> Check {
	let path = context.config_file.display();
	if context.config_file.exists() {
		Check::ok("configuration", format!("{path}"))
	} else {
		let seen = format!("{path} is not there, so that all has its default");
		Check::warn("configuration", seen, "run `smart-agent init`")
	}
}

/// Keystore and device key: there, sound, and their owner's alone.
pub(super) fn keys(context: &Context) -> Vec<Check> {
	let mut checks = Vec::new();
	checks.push(match Keystore::open(&context.folder.keystore()) {
		Ok(keystore) => Check::ok("keystore", format!("of {}", keystore.address())),
		// The daemon wins without it.
		Err(error @ KeyError::Missing { .. }) => {
			Check::warn("keystore", error.to_string(), "or run `init` on another machine")
		}
		Err(error) => Check::failed("keystore", &error.into()),
	});
	checks.push(match context.device_secret() {
		Ok(secret) => Check::ok("device key", format!("of the device `{}`", secret.name())),
		Err(failure) => Check::failed("device key", &failure),
	});
	if let Some(exposed) = exposed(context.folder.path()) {
		let path = exposed.path.display();
		let seen = format!("others may look into {path} (mode {:o})", exposed.mode);
		checks.push(Check::warn("data folder", seen, format!("run `chmod 700 {path}`")));
	}
	checks
}

/// What can be plotted with the memory that is free.
pub(super) fn memory() -> Check {
	let free = match ThisMachine.measure(Path::new("/")) {
		Ok(capacity) => capacity.memory,
		Err(error) => return Check::warn("memory", error.to_string(), "see whether /proc is mounted"),
	};
	let largest = SIZES.into_iter().find(|k| plotting_memory(*k) <= free);
	match largest {
		Some(k) => Check::ok(
			"memory",
			format!("{} are free: enough to make plots of size {k}", bytes(free)),
		),
		None if free < LITTLE_MEMORY => Check::fail(
			"memory",
			format!("only {} are free", bytes(free)),
			"end other programs, or add memory",
		),
		None => Check::warn(
			"memory",
			format!("{} are free: too little to plot", bytes(free)),
			"end other programs",
		),
	}
}

/// Whether the disk can be written to, and what is free there.
pub(super) fn disk(context: &Context) -> Check {
	let folder = existing(&context.config.plots.folder);
	let probe = existing(context.folder.path()).join(format!(".smart-agent-{}", std::process::id()));
	if let Err(error) = fs::write(&probe, b"probe").and_then(|()| fs::remove_file(&probe)) {
		let folder = context.folder.path().display();
		let seen = format!("cannot write to {folder}: {error}");
		return Check::fail(
			"disk",
			seen,
			"see who may write there, and whether the disk is full or broken",
		);
	}
	match ThisMachine.measure(folder) {
		Ok(capacity) if capacity.disk == 0 => {
			let seen = format!("less than {} are free at {}", bytes(RESERVE), folder.display());
			Check::warn(
				"disk",
				seen,
				"free some: a full disk also stops what the agent must write down",
			)
		}
		Ok(capacity) => {
			let seen = format!("{} may be used at {}", bytes(capacity.disk), folder.display());
			Check::ok("disk", seen)
		}
		Err(error) => Check::failed("disk", &error.into()),
	}
}

/// What the agent that runs says is wrong: nobody else sees its journal, its looks, its node.
fn of_agent(listen: SocketAddr, status: &Status) -> Vec<Check> {
	let runs = format!("runs, {}, and serves http://{listen}", status.agent.version);
	let line = |problem: &Problem| {
		let (seen, remedy) = (problem.what.clone(), problem.remedy.clone());
		match problem.severity {
			Severity::Error => Some(Check::fail("agent", seen, remedy)),
			Severity::Warning => Some(Check::warn("agent", seen, remedy)),
			Severity::Info => None,
		}
	};
	let problems = status.problems.iter().filter_map(line);
	std::iter::once(Check::ok("agent", runs)).chain(problems).collect()
}

/// The port of the status page: free, or ours.
pub(super) async fn port(context: &Context) -> Vec<Check> {
	let (listen, asking) = (context.config.status.listen, context.clone());
	let asked = tokio::task::spawn_blocking(move || asking.ask_agent()).await;
	vec![match asked {
		Ok(Ok(status)) => return of_agent(listen, &status),
		Ok(Err(AskError::NotRunning(_))) => match TcpListener::bind(listen) {
			Ok(_) => Check::warn(
				"agent",
				format!("does not run; {listen} is free for its page"),
				"`smart-agent run` starts it",
			),
			Err(error) => Check::fail(
				"agent",
				format!("cannot listen on {listen}: {error}"),
				"set status.listen to another port",
			),
		},
		Ok(Err(error)) => Check::failed("agent", &crate::commands::Failure::other(error.to_string())),
		Err(error) => Check::warn("agent", error.to_string(), "try again"),
	}]
}

/// The store of plots.
pub(super) fn plots(context: &Context) -> Check {
	let remedy =
		"see whether their disk is mounted, if there were any; `smart-agent plot create --fill` makes some, on a \
	              test chain --size 18 --count 20";
	let none = || Check::warn("plots", "there are none", remedy);
	if let Some(what) = plot::lost(context) {
		return Check::fail("plots", what, plot::REMEDY);
	}
	if !context.has_store() {
		return none();
	}
	let store = match context.store(Store::read) {
		Ok(store) => store,
		Err(failure) => return Check::failed("plots", &failure),
	};
	let listed = store.list();
	let damaged: Vec<&str> = listed
		.iter()
		.filter(|file| matches!(file.state, State::Damaged(_)))
		.map(|file| file.name.as_str())
		.collect();
	let foreign = listed.iter().filter(|file| file.state == State::Foreign).count();
	match (damaged.as_slice(), foreign) {
		([], 0) if listed.is_empty() => none(),
		([], 0) => {
			let kinds = kinds(&listed);
			let kinds: Vec<String> = kinds
				.iter()
				.map(|kind| format!("{} of size {}", kind.count, kind.k))
				.collect();
			Check::ok("plots", format!("{}, as far as their headers tell", kinds.join(", ")))
		}
		([], foreign) => Check::warn(
			"plots",
			format!(
				"{} of another chain or device, and of no use here",
				counted(foreign as u64, "file")
			),
			"`smart-agent plot list` names them, `plot delete` removes them",
		),
		(damaged, _) => Check::warn(
			"plots",
			format!(
				"{} damaged, such as {}",
				counted(damaged.len() as u64, "file"),
				damaged.first().copied().unwrap_or_default()
			),
			"look at the disk; run `smart-agent plot verify`, then `smart-agent plot create` as before, which makes \
			 them anew",
		),
	}
}

#[cfg(test)]
mod tests {
	use super::{super::Verdict, *};

	#[test]
	fn what_the_agent_says_is_wrong_is_a_line() {
		let listen: SocketAddr = "127.0.0.1:9955".parse().unwrap();
		let mut status = Status::new(1);
		assert_eq!(of_agent(listen, &status).len(), 1);
		for (severity, what) in [
			(Severity::Error, "the journal cannot be written"),
			(Severity::Warning, "plots are damaged"),
			(Severity::Info, "wait"),
		] {
			status.problems.push(Problem::new(severity, what, what, "do this"));
		}
		let lines = of_agent(listen, &status);
		let verdicts: Vec<Verdict> = lines.iter().map(|line| line.verdict).collect();
		assert_eq!(verdicts, [Verdict::Ok, Verdict::Fail, Verdict::Warn]);
		assert_eq!(
			(lines[1].seen.as_str(), lines[1].remedy.as_str()),
			("the journal cannot be written", "do this")
		);
	}
}
