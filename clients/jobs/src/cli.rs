//! What `smart job` takes.

use clap::{Args, Subcommand, ValueEnum};
use compute_market_primitives::Assurance;
use std::path::PathBuf;

/// Of `job`.
#[derive(Clone, Debug, Subcommand)]
pub enum JobCommand {
	/// Look whether workers can run a program: units are run here, the first, the middle and the last one
	Check(CheckArguments),
	/// Have workers run a program, and fetch what comes of it: the price first, then a question, then a bar a unit
	Run(RunArguments),
	/// The jobs of this account
	#[command(after_help = "Examples:\n  smart job ls\n  smart job ls --json")]
	Ls,
	/// How a job does: its units, who works for it, money
	#[command(after_help = "Examples:\n  smart job status 17\n  smart job status 17 --json")]
	Status(OfJob),
	/// Fetch the outputs of a job, as far as units are agreed on
	Get(GetArguments),
	/// Give a job up, or close one that is over: what is left comes back
	#[command(after_help = "\
Example:
  smart job cancel 17

Units that workers have are brought to their end and paid. Of what nobody was promised a part burns, and the rest \
	 comes back when the job is closed: run the same again once outputs need not be kept any more.")]
	Cancel(OfJob),
	/// Have a unit run again by thirteen others, for a deposit that comes back if they come to something else
	#[command(after_help = "Examples:\n  smart job appeal 17 3    unit 3 of job 17")]
	Appeal(OfUnit),
	/// Say that nobody serves the output of a unit: three others look, for a fee
	#[command(after_help = "Examples:\n  smart job dispute 17 3    unit 3 of job 17")]
	Dispute(OfUnit),
	/// Put in more for a job whose money does not suffice
	TopUp(TopUpArguments),
	/// Run all units here, without any market: the same digests
	Local(LocalArguments),
}

/// A job.
#[derive(Clone, Debug, Args)]
pub struct OfJob {
	/// The number of the job
	pub job: u64,
}

/// A unit of a job.
#[derive(Clone, Debug, Args)]
pub struct OfUnit {
	/// The number of the job
	pub job: u64,
	/// The number of the unit, from 0 on
	pub unit: u32,
}

/// Of `job top-up`.
#[derive(Clone, Debug, Args)]
#[command(after_help = "Example:\n  smart job top-up 17 2.5")]
pub struct TopUpArguments {
	/// The number of the job
	pub job: u64,
	/// How much, such as 2.5
	pub amount: String,
}

/// A program and what its units read.
#[derive(Clone, Debug, Args)]
pub struct ProgramArguments {
	/// The program: a module of Wasm for WASI preview 1
	pub program: PathBuf,
	/// How many units there are: 1 to 4096; as many as inputs if none is said
	#[arg(long, value_name = "COUNT", value_parser = clap::value_parser!(u32).range(1..=4096))]
	pub units: Option<u32>,
	/// A file that each unit reads
	#[arg(long, value_name = "FILE", conflicts_with = "inputs")]
	pub input: Option<PathBuf>,
	/// A folder with a file for each unit, in the order of their names
	#[arg(long, value_name = "FOLDER")]
	pub inputs: Option<PathBuf>,
	/// What a unit may burn, such as 2.5Gfuel [default: four times what was measured here]
	#[arg(long, value_name = "FUEL", value_parser = crate::words::fuel)]
	pub fuel: Option<u64>,
	/// The memory of a unit in MiB, up to 4096
	#[arg(long, value_name = "MIB", default_value_t = 64, value_parser = clap::value_parser!(u32).range(1..=4096))]
	pub memory: u32,
}

/// Of `job check`.
#[derive(Clone, Debug, Args)]
#[command(after_help = "\
Examples:
  smart job check ray.wasm --units 64
  smart job check fold.wasm --inputs ./in    each unit reads a file of its own")]
pub struct CheckArguments {
	/// What is run.
	#[command(flatten)]
	pub program: ProgramArguments,
}

/// How sure results have to be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Sure {
	/// Three workers agree, or more after a dissent; a part is run again later
	#[default]
	Quorum,
	/// Five workers agree, or more after a dissent
	Strict,
	/// One reliable worker; a part is run again by two others
	Audit,
}

impl Sure {
	/// As the chain has it.
	pub fn assurance(self) -> Assurance {
		match self {
			Self::Quorum => Assurance::Quorum,
			Self::Strict => Assurance::Strict,
			Self::Audit => Assurance::Audit,
		}
	}
}

/// Of `job run`.
#[derive(Clone, Debug, Args)]
#[command(after_help = "\
Examples:
  smart job run ray.wasm --units 64 --out ./picture
  smart job run fold.wasm --inputs ./in --assurance strict --max-price 0.03/Gfuel
  smart job run ray.wasm --units 64 --store 90d  what comes of it is stored as `smart put` does, for 90 days
  smart job run ray.wasm --units 64 --dry-run    what it would cost, and nothing else

Workers fetch program and inputs here, at --serve, which others have to reach: behind a router say at --public \
	 what it is reached by from outside, and let its port lead here. Interrupted anywhere, run the same again: it goes \
	 on where it was.")]
pub struct RunArguments {
	/// What is run.
	#[command(flatten)]
	pub program: ProgramArguments,
	/// Where outputs go: each in units/, and all of them in the order of units as one file
	#[arg(long, value_name = "FOLDER", default_value = "out")]
	pub out: PathBuf,
	/// How sure results have to be
	#[arg(long, value_name = "HOW", default_value = "quorum")]
	pub assurance: Sure,
	/// The most that is paid for a Gfuel, such as 0.03/Gfuel [default: what nine of ten workers ask at most]
	#[arg(long, value_name = "PRICE")]
	pub max_price: Option<String>,
	/// Run so many of the units here as well, and appeal what comes to something else
	#[arg(long, value_name = "SHARE", default_value = "0%", value_parser = crate::words::share)]
	pub spot_check: u32,
	/// Where program and inputs are served
	#[arg(long, value_name = "ADDRESS", default_value = "0.0.0.0:9979")]
	pub serve: std::net::SocketAddr,
	/// By what that is reached by others, as HOST:PORT; two at most
	#[arg(long, value_name = "ADDRESS")]
	pub public: Vec<String>,
	/// Store all outputs for so long once they are here: 90d, 2w, 3m, 1y; what that costs is said then, and asked
	#[arg(long, value_name = "TIME")]
	pub store: Option<String>,
	/// Say what it would cost, and do nothing
	#[arg(long)]
	pub dry_run: bool,
}

/// Of `job get`.
#[derive(Clone, Debug, Args)]
#[command(after_help = "Example:\n  smart job get 17 ./picture")]
pub struct GetArguments {
	/// The number of the job
	pub job: u64,
	/// Where to
	pub folder: PathBuf,
}

/// Of `job local`.
#[derive(Clone, Debug, Args)]
#[command(after_help = "\
Examples:
  smart job local ray.wasm --units 64 --out ./picture
  smart job local ray.wasm --units 64 --job 17    compared with what workers agreed on in job 17")]
pub struct LocalArguments {
	/// What is run.
	#[command(flatten)]
	pub program: ProgramArguments,
	/// Where outputs go
	#[arg(long, value_name = "FOLDER", default_value = "out")]
	pub out: PathBuf,
	/// With time, chance and limits of this job, and compared with its results
	#[arg(long, value_name = "JOB")]
	pub job: Option<u64>,
}
