#![doc = include_str!("../README.md")]

use chia_pos2::{create_v2_single_plot_group, solve_proof, Prover, QualityChain};
use proof_of_space_primitives::{pos2, Hash, Plot};
use rustix::{
	process::{getppid, nice, set_parent_process_death_signal, setrlimit, Resource, Rlimit, Signal},
	thread::{sched_getaffinity, sched_setaffinity, CpuSet},
};
use smart_agent_store::{
	container::{write, Buffers, Cache, Container, Header, CACHE},
	plotter::{Job, Limits, Task, MOST_BYTES},
	search::Search,
	source::ChiaFile,
	At, Damage, StoreError,
};
use std::{
	collections::BTreeSet,
	ffi::OsString,
	fs,
	io::{self, Read, Write},
	panic::resume_unwind,
	path::Path,
	process::ExitCode,
	thread,
};

/// Challenges by which a container is compared with the plotter's file before that is deleted.
const COMPARED: u8 = 4;
/// What the plotter's files carry beside the plot: nothing, but they want a byte.
const MEMO: &[u8] = &[0];
/// Threads that turn the plotter's file into a container, at most.
const MOST_THREADS: usize = 16;
/// Cores that a machine has at most, as the kernel counts them here.
const MOST_CORES: usize = 1024;
/// How the first line of a job begins, of whatever version.
const ANY_JOB: &str = "smart-agent-store job ";
/// How it ends, if the agent is of this version.
const THIS_VERSION: &str = concat!(" of ", env!("CARGO_PKG_VERSION"));
/// What the program is, for those who start it by hand.
const HELP: &str = concat!(
	"smart-agent-plotter ",
	env!("CARGO_PKG_VERSION"),
	"\nMakes plots and proofs of space for smart-agent, which starts it for each. It lies in the folder\n\
	 of smart-agent, and is of the same build. By hand nothing is done with it: `smart-agent plot create`\n\
	 makes plots.\n\n\
	 Options:\n  -h, --help     this text\n  -V, --version  the version"
);

/// What the program answers if people start it by hand, with the `arguments` after its name: `Ok` is what they asked
/// for, `Err` says that it does not work so. None if it was started as the agent does it, without arguments and with a
/// job on the standard input, which then is no `terminal`.
pub fn by_hand(arguments: &[OsString], terminal: bool) -> Option<Result<&'static str, &'static str>> {
	let arguments: Vec<_> = arguments.iter().map(|argument| argument.to_str()).collect();
	match arguments[..] {
		[] if !terminal => None,
		[Some("-h" | "--help")] => Some(Ok(HELP)),
		[Some("-V" | "--version")] => Some(Ok(concat!("smart-agent-plotter ", env!("CARGO_PKG_VERSION")))),
		_ => Some(Err(
			"smart-agent starts this program by itself, and gives it no arguments; see smart-agent-plotter --help",
		)),
	}
}

/// What the program does: it reads its job from the standard input, plots or solves, and returns when it is done, or
/// has failed and said why.
pub fn child_main() -> ExitCode {
	match run() {
		Ok(()) => ExitCode::SUCCESS,
		Err(said) => {
			let _ = writeln!(io::stderr(), "{said}");
			ExitCode::FAILURE
		}
	}
}

fn run() -> Result<(), String> {
	let mut text = String::new();
	let read = io::stdin().take(MOST_BYTES).read_to_string(&mut text);
	read.map_err(|error| format!("cannot read the job: {error}"))?;
	let job = Job::decode(&text).ok_or_else(|| refusal(&text))?;
	// It ends with its parent. If that is gone already, nobody will tell.
	set_parent_process_death_signal(Some(Signal::KILL))
		.map_err(|error| format!("cannot follow the parent: {error}"))?;
	if getppid().map(|parent| parent.as_raw_pid()) != Some(job.parent) {
		return Err("the process that wanted it is gone".into());
	}
	confine(&job.limits).map_err(|error| format!("cannot set limits: {error}"))?;
	match &job.task {
		Task::Plot { number, raw, made } => plot(&job.plot, *number, raw, made).map_err(|error| error.to_string()),
		Task::Solve { fragments, proof } => {
			let chain = QualityChain {
				chain_links: *fragments,
			};
			let Plot { k, strength, .. } = job.plot;
			let solved = solve_proof(&chain, &pos2::plot_id(&job.plot), k, strength);
			if solved.is_empty() {
				return Err("the chain has no proof".into());
			}
			fs::write(proof, solved)
				.at("write", proof)
				.map_err(|error| error.to_string())
		}
	}
}

/// Why the text is not taken.
fn refusal(text: &str) -> &'static str {
	let first = text.lines().next().unwrap_or_default();
	if first.starts_with(ANY_JOB) && !first.ends_with(THIS_VERSION) {
		"this job is of another version: install smart-agent and smart-agent-plotter of one build in one folder, and \
		 start the agent again"
	} else {
		"this is no job of this version; the agent starts this program by itself"
	}
}

fn confine(limits: &Limits) -> io::Result<()> {
	nice(limits.nice)?;
	let limit = Some(limits.memory);
	let data = Rlimit {
		current: limit,
		maximum: limit,
	};
	setrlimit(Resource::Data, data)?;
	let allowed = sched_getaffinity(None)?;
	let mut taken = CpuSet::new();
	// The last ones: the first serve most interrupts.
	let cores = (0..MOST_CORES).rev().filter(|core| allowed.is_set(*core));
	cores
		.take(usize::from(limits.cores.max(1)))
		.for_each(|core| taken.set(core));
	sched_setaffinity(None, &taken)?;
	Ok(())
}

/// Plots with Chia's plotter, keeps the plot as a container, and compares the two.
pub fn plot(plot: &Plot, number: u32, raw: &Path, made: &Path) -> Result<(), StoreError> {
	let Plot {
		group,
		index,
		meta,
		k,
		strength,
	} = plot;
	create_v2_single_plot_group(raw, *k, *strength, group, *index, *meta, MEMO).at("plot to", raw)?;
	let mut first = ChiaFile::open(raw, plot)?;
	let threads = thread::available_parallelism().map_or(1, |cores| cores.get().min(MOST_THREADS));
	let others = (1..threads).map(|_| first.again()).collect::<Result<Vec<_>, _>>()?;
	let readers = std::iter::once(first).chain(others);
	let sources = readers.map(|reader| vec![Box::new(reader) as _]).collect();
	let written = write(made, Header::new(plot, number, 1), sources, |_| Ok(()))?;
	// To compare takes the processor, to be durable the disk: neither waits for the other.
	thread::scope(|scope| {
		let durable = scope.spawn(|| written.durable());
		let compared = compare(plot, raw, made);
		let durable = durable.join().unwrap_or_else(|panic| resume_unwind(panic));
		compared.and(durable)
	})?;
	fs::remove_file(raw).at("remove", raw)
}

/// Whether both files give the same chains.
pub fn compare(plot: &Plot, raw: &Path, made: &Path) -> Result<(), StoreError> {
	let container = Container::open(made)?;
	let (cache, mut buffers) = (Cache::new(CACHE), Buffers::default());
	let prover = Prover::new(raw).at("read", raw)?;
	// Chia's own prover takes any plot for the first of its group, which the keys of chains depend on.
	let first = Plot { index: 0, ..*plot };
	let search = Search::new(&first).ok_or_else(|| Damage::Chains.of(made))?;
	for number in 0..COMPARED {
		let challenge: Hash = [number; 32];
		let chains = pos2::chains(&first, &challenge)?;
		let mut ours = BTreeSet::new();
		container.four_sets(chains.sets(), &cache, &mut buffers, |_, four| {
			let found = search.chains(&chains, four);
			ours.extend(found.ok_or_else(|| StoreError::TooLarge(made.to_owned()))?);
			Ok(())
		})?;
		let theirs = prover.get_qualities_for_challenge(&challenge).at("look into", raw)?;
		let theirs: BTreeSet<_> = theirs.iter().map(|found| found.chain.chain_links).collect();
		if ours != theirs {
			return Err(Damage::Chains.of(made));
		}
	}
	Ok(())
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn jobs_of_other_versions_are_told_from_what_is_none() {
		let job = Job {
			parent: 1,
			plot: Plot {
				group: [1; 32],
				index: 0,
				meta: 0,
				k: 18,
				strength: 2,
			},
			limits: Limits {
				memory: 1,
				cores: 1,
				nice: 0,
			},
			task: Task::Solve {
				fragments: Default::default(),
				proof: "p".into(),
			},
		};
		let text = job.encode();
		let (first, rest) = text.split_once('\n').unwrap();
		assert!(first.starts_with(ANY_JOB) && first.ends_with(THIS_VERSION), "{first}");
		for begin in [
			"smart-agent-store job 1",
			"smart-agent-store job 1 of 99.0.0",
			"smart-agent-store job 2 of 0",
		] {
			let other = format!("{begin}\n{rest}");
			assert_eq!(Job::decode(&other), None, "{begin}");
			assert!(refusal(&other).contains("another version"), "{begin}");
		}
		for none in ["", "x", first, "\nsmart-agent-store job 1"] {
			assert_eq!(Job::decode(none), None, "{none}");
			assert!(refusal(none).contains("no job"), "{none}");
		}
	}

	#[test]
	fn the_agent_gets_no_answer_for_people() {
		assert_eq!(by_hand(&[], false), None);
		assert!(by_hand(&[], true).is_some_and(|answer| answer.is_err()));
	}
}
