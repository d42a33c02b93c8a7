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
	fs,
	io::{self, Read, Write},
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
	let job = Job::decode(&text).ok_or("this is no job of this version; the agent starts this program by itself")?;
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
	write(made, Header::new(plot, number, 1), sources, |_| Ok(()))?;
	compare(plot, raw, made)?;
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
