//! What a child process is to do, as text on its standard input, so that the command line is free for people.

use proof_of_space_primitives::{pos2::LINKS, Hash, Plot};
use std::{
	collections::BTreeMap,
	ffi::OsString,
	fmt::Write as _,
	os::unix::ffi::{OsStrExt, OsStringExt},
	path::{Path, PathBuf},
};

/// The first line; it has the version, so that a plotter of another build refuses the job.
const BEGIN: &str = concat!("smart-agent-store job 1 of ", env!("CARGO_PKG_VERSION"));
/// Bytes of a job, at most.
pub const MOST_BYTES: u64 = 64 << 10;

/// What a child may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
	/// Bytes of memory beyond which it fails.
	pub memory: u64,
	/// Cores that it runs on.
	pub cores: u16,
	/// How much it stands back for others, 0 to 19.
	pub nice: i32,
}

/// What a child does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Task {
	/// Plots, and keeps the plot as a container.
	Plot {
		/// The number of the group.
		number: u32,
		/// Where the plotter's own file is for a while.
		raw: PathBuf,
		/// The container.
		made: PathBuf,
	},
	/// Solves a chain: the proof goes to a file.
	Solve {
		/// What was found.
		fragments: [u64; LINKS],
		/// The file.
		proof: PathBuf,
	},
}

/// A task, of which plot, and within which limits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Job {
	/// The process that wants it: without it the child has nobody to work for.
	pub parent: i32,
	/// Which plot.
	pub plot: Plot,
	/// What it may take.
	pub limits: Limits,
	/// What is to be done.
	pub task: Task,
}

impl Job {
	/// As text.
	pub fn encode(&self) -> String {
		let Plot {
			group,
			index,
			meta,
			k,
			strength,
		} = self.plot;
		let Limits { memory, cores, nice } = self.limits;
		let mut text = format!(
			"{BEGIN}\nparent {}\ngroup {}\nindex {index}\nmeta {meta}\nk {k}\nstrength {strength}\nmemory {memory}\n\
			 cores {cores}\nnice {nice}\n",
			self.parent,
			hex(&group),
		);
		let of_path = |path: &Path| hex(path.as_os_str().as_bytes());
		let written = match &self.task {
			Task::Plot { number, raw, made } => {
				write!(text, "number {number}\nraw {}\nmade {}\n", of_path(raw), of_path(made))
			}
			Task::Solve { fragments, proof } => {
				let bytes: Vec<u8> = fragments.iter().flat_map(|fragment| fragment.to_le_bytes()).collect();
				write!(text, "fragments {}\nproof {}\n", hex(&bytes), of_path(proof))
			}
		};
		debug_assert!(written.is_ok(), "text takes what is written");
		text
	}

	/// From text; none if it is none of this version.
	pub fn decode(text: &str) -> Option<Self> {
		let mut lines = text.lines();
		(lines.next()? == BEGIN).then_some(())?;
		let said: BTreeMap<&str, &str> = lines.map(|line| line.split_once(' ')).collect::<Option<_>>()?;
		let number = |key| said.get(key)?.parse::<i64>().ok();
		let path = |key| Some(PathBuf::from(OsString::from_vec(unhex(said.get(key)?)?)));
		let group: Hash = unhex(said.get("group")?)?.try_into().ok()?;
		let task = match said.get("fragments") {
			None => Task::Plot {
				number: number("number")?.try_into().ok()?,
				raw: path("raw")?,
				made: path("made")?,
			},
			Some(fragments) => {
				let bytes = unhex(fragments)?;
				let words = bytes
					.chunks_exact(8)
					.map(|word| u64::from_le_bytes(word.try_into().unwrap_or_default()));
				Task::Solve {
					fragments: words.collect::<Vec<_>>().try_into().ok()?,
					proof: path("proof")?,
				}
			}
		};
		Some(Self {
			parent: number("parent")?.try_into().ok()?,
			plot: Plot {
				group,
				index: number("index")?.try_into().ok()?,
				meta: number("meta")?.try_into().ok()?,
				k: number("k")?.try_into().ok()?,
				strength: number("strength")?.try_into().ok()?,
			},
			limits: Limits {
				memory: number("memory")?.try_into().ok()?,
				cores: number("cores")?.try_into().ok()?,
				nice: number("nice")?.try_into().ok()?,
			},
			task,
		})
	}
}

fn hex(bytes: &[u8]) -> String {
	bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn unhex(text: &str) -> Option<Vec<u8>> {
	let digits: Vec<u8> = text
		.chars()
		.map(|c| c.to_digit(16).map(|digit| digit as u8))
		.collect::<Option<_>>()?;
	let (pairs, rest) = digits.as_chunks::<2>();
	rest.is_empty()
		.then(|| pairs.iter().map(|[high, low]| high << 4 | low).collect())
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn jobs_come_back() {
		let job = |task| Job {
			parent: 77,
			plot: Plot {
				group: std::array::from_fn(|i| 255 - i as u8),
				index: 3,
				meta: 0,
				k: 20,
				strength: 2,
			},
			limits: Limits {
				memory: 1 << 40,
				cores: 2,
				nice: 19,
			},
			task,
		};
		let of_plot = job(Task::Plot {
			number: u32::MAX,
			raw: "a b/\n".into(),
			made: OsString::from_vec(vec![b'/', 0xff, b'c']).into(),
		});
		let of_solve = job(Task::Solve {
			fragments: std::array::from_fn(|i| u64::MAX - i as u64),
			proof: "p".into(),
		});
		for job in [of_plot, of_solve] {
			let text = job.encode();
			assert_eq!(Job::decode(&text), Some(job));
			for line in 0..text.lines().count() {
				let without: Vec<&str> = text
					.lines()
					.enumerate()
					.filter(|(n, _)| *n != line)
					.map(|(_, l)| l)
					.collect();
				assert_eq!(Job::decode(&without.join("\n")), None, "without line {line}");
			}
		}
		assert_eq!(Job::decode(""), None);
	}
}
