//! What may go wrong with a store.

use proof_of_space_primitives::SpaceProofError;
use std::{fmt, io, path::PathBuf};

/// Why a file of plots is not sound.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Damage {
	/// It has another length than its header says, or none at all.
	#[error("it has {found} bytes and not {expected}; a copy was cut short, or the disk lost a part")]
	Length {
		/// Bytes that it has.
		found: u64,
		/// Bytes that it should have.
		expected: u64,
	},
	/// It begins with something else.
	#[error("it does not begin as a file of plots does")]
	Magic,
	/// A newer program made it.
	#[error("its format has version {0}, which this program does not know; use a newer one")]
	Version(u8),
	/// The header's checksum is wrong, or what it says is impossible.
	#[error("its header is damaged")]
	Header,
	/// The index's checksum is wrong, or it does not fit the file.
	#[error("its index is damaged")]
	Index,
	/// A page's checksum is wrong, or what it holds is impossible.
	#[error("page {0} is damaged")]
	Page(u64),
	/// It has more or fewer fragments than its header says.
	#[error("it has other fragments than its header says")]
	Content,
	/// A file of Chia's format is not as that format says.
	#[error("the plotter's file is not as its format says, at set {0}")]
	Source(u64),
	/// The operating system cannot read it.
	#[error("it cannot be read; see to the disk and to who may read there")]
	Unreadable,
	/// What was kept gives other chains than what was plotted.
	#[error("it gives other chains than the plotter's file")]
	Chains,
}

/// Why a store did not do what it was asked for.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
	/// The operating system refused.
	#[error("cannot {what} {path}: {source}; see to the disk and to who may write there")]
	Io {
		/// What was tried.
		what: &'static str,
		/// With which file.
		path: PathBuf,
		/// What it said.
		source: io::Error,
	},
	/// Another process has the store open.
	#[error("another process uses the store {0}, most often an agent: a device has one agent, so end that one first")]
	InUse(PathBuf),
	/// Another process changes the store.
	#[error("another process makes, verifies or deletes plots in {0}; wait until it has ended")]
	Making(PathBuf),
	/// There is no store.
	#[error("{0} has no store of plots: see whether its disk is mounted, or make plots there by `plot create`")]
	Nowhere(PathBuf),
	/// Neither the folder nor its parent is there.
	#[error(
		"{0} is not there, nor is the folder that it would be made in: is its disk mounted? If so, give `smart-agent \
		 plot create` the option --make-folder besides"
	)]
	NoParent(PathBuf),
	/// The folder holds something else.
	#[error("{0} is no store of plots, and not empty; name an empty folder")]
	NoStore(PathBuf),
	/// Files have the names that plots would get.
	#[error(
		"{count} files in {folder} have the names of these plots, and are of another device or chain, of a newer \
		 program, or cannot be read: name another folder, or delete them if nobody needs them"
	)]
	InTheWay {
		/// How many.
		count: usize,
		/// Where.
		folder: PathBuf,
	},
	/// A file is not sound.
	#[error("{path} cannot be used: {damage}; delete it and plot anew")]
	Damaged {
		/// Which.
		path: PathBuf,
		/// Why.
		damage: Damage,
	},
	/// No plot is like that.
	#[error(transparent)]
	Parameters(#[from] SpaceProofError),
	/// An order without plots, or with too many.
	#[error("an order has 1 to {most} plots a group and at least one group; change it")]
	Order {
		/// The most that a group may have.
		most: u16,
	},
	/// The disk is too small.
	#[error("{} of disk are needed and {} are free beside the reserve; {fits}", short(.needed), short(.free))]
	Disk {
		/// Bytes that the order takes.
		needed: u64,
		/// Bytes that may be used.
		free: u64,
		/// What would fit.
		fits: Fits,
	},
	/// The memory is too small.
	#[error("{} of memory are needed to plot and {} are free; {fits}", short(.needed), short(.free))]
	Memory {
		/// Bytes that a plotter of this size takes.
		needed: u64,
		/// Bytes that may be used.
		free: u64,
		/// What would fit.
		fits: Fits,
	},
	/// One plot at a time.
	#[error("the store plots already; wait for it, or cancel it")]
	Busy,
	/// The one who asked did not want it any more.
	#[error("cancelled; what was done before stays")]
	Cancelled,
	/// The child process failed.
	#[error("the {task} process ended with {status}: {said}; most often memory or disk ran out, so see to both")]
	Child {
		/// What it was to do.
		task: &'static str,
		/// How it ended.
		status: String,
		/// The end of what it said.
		said: String,
	},
	/// Nothing has that name.
	#[error("the store has no file {0}; `plot list` names them")]
	Unknown(String),
	/// A set of fragments is so large that looking into it would not end.
	#[error("{0} has sets too large to look into; verify it")]
	TooLarge(PathBuf),
	/// Its disk did not answer in time.
	#[error(
		"{0} was not read in time: its disk is slow or hangs, or too much is looked into at once; see to the disk"
	)]
	Slow(PathBuf),
	/// The solver's proof does not hold.
	#[error("the proof that was solved is not valid: {0}; verify the plot")]
	Unproven(SpaceProofError),
	/// The solver's proof is of another chain.
	#[error("the proof that was solved is of another chain; verify the plot")]
	OtherChain,
}

/// What would fit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fits {
	/// The size that was asked for.
	pub k: u8,
	/// How many plots of it the disk holds, if the memory is enough to make them.
	pub plots: u64,
	/// The largest size of which at least one plot fits disk and memory, and how many do.
	pub largest: Option<(u8, u64)>,
}

impl fmt::Display for Fits {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		match (self.plots, self.largest) {
			(1, _) | (0, Some((_, 1))) => {
				let k = self.largest.filter(|_| self.plots == 0).map_or(self.k, |(k, _)| k);
				write!(f, "one plot of size {k} would fit: order that")
			}
			(2.., _) => write!(f, "{} plots of size {} would fit: order these", self.plots, self.k),
			(0, Some((k, plots))) => write!(f, "{plots} plots of size {k} would fit: order these"),
			(0, None) => write!(f, "no plot of any size would fit: free some"),
		}
	}
}

/// Bytes in the units that people have disks in.
fn short(bytes: &u64) -> String {
	const UNITS: [(&str, u32); 4] = [("TiB", 40), ("GiB", 30), ("MiB", 20), ("KiB", 10)];
	match UNITS.iter().find(|(_, bits)| bytes >> bits > 0) {
		Some((name, bits)) => {
			let tenths = (u128::from(*bytes) * 10) >> bits;
			format!("{}.{} {name}", tenths / 10, tenths % 10)
		}
		None => format!("{bytes} bytes"),
	}
}

/// Says with what the operating system refused.
pub trait At<T> {
	/// `what` was tried with `path`.
	fn at(self, what: &'static str, path: &std::path::Path) -> Result<T, StoreError>;
}

impl<T> At<T> for io::Result<T> {
	fn at(self, what: &'static str, path: &std::path::Path) -> Result<T, StoreError> {
		self.map_err(|source| StoreError::Io {
			what,
			path: path.to_owned(),
			source,
		})
	}
}

impl Damage {
	/// That of this file.
	pub fn of(self, path: &std::path::Path) -> StoreError {
		StoreError::Damaged {
			path: path.to_owned(),
			damage: self,
		}
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn what_is_short_is_told_as_people_count_disks() {
		let fits = Fits {
			k: 28,
			plots: 0,
			largest: Some((18, 1)),
		};
		let error = StoreError::Disk {
			needed: 103 << 30,
			free: (1 << 30) + (1 << 29),
			fits,
		};
		let said = error.to_string();
		assert!(
			said.starts_with("103.0 GiB of disk are needed and 1.5 GiB are free"),
			"{said}"
		);
		assert!(said.ends_with("one plot of size 18 would fit: order that"), "{said}");
		let one = Fits {
			plots: 1,
			largest: Some((28, 1)),
			..fits
		};
		assert_eq!(one.to_string(), "one plot of size 28 would fit: order that");
		for (bytes, text) in [
			(0, "0 bytes"),
			(1_023, "1023 bytes"),
			(1_024, "1.0 KiB"),
			(700 << 10, "700.0 KiB"),
			(u64::MAX, "16777215.9 TiB"),
		] {
			assert_eq!(short(&bytes), text);
		}
	}

	/// Who is sent to another folder would start a second agent.
	#[test]
	fn a_store_in_use_invites_no_second_agent() {
		let said = StoreError::InUse("/plots".into()).to_string();
		assert!(
			said.contains("a device has one agent") && !said.contains("another folder"),
			"{said}"
		);
		let said = StoreError::NoParent("/plots".into()).to_string();
		assert!(said.contains("--make-folder") && !said.contains("--fill"), "{said}");
	}
}
