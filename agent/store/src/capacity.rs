//! What a machine can hold: how much disk and memory plots take, and what would fit.

use crate::{
	container::{Header, HEADER},
	error::{At, Fits, StoreError},
	source::SET_BITS,
};
use std::{fs, path::Path};

/// Bytes of disk that are left free: a full disk stops more than plots.
pub const RESERVE: u64 = 2 << 30;
/// Sizes of plots, the largest first.
const SIZES: [u8; 6] = [28, 26, 24, 22, 20, 18];
/// Estimates of files are so many hundredths too high: plots differ.
const MARGIN: u64 = 2;
/// Bytes that a plotting process takes beside its tables.
const PROCESS: u64 = 16 << 20;

/// Bytes of a container with so many plots, and hardly ever more.
pub fn container_bytes(k: u8, plots: u16) -> u64 {
	let plot = proof_of_space_primitives::Plot {
		group: [0; 32],
		index: 0,
		meta: 0,
		k,
		strength: 2,
	};
	let header = Header::new(&plot, 0, plots);
	// In hundredths of bits: a fragment, and for each set its length and half a byte that is not full.
	let (fragments, sets) = (1u64 << k, 1u64 << (k - SET_BITS));
	let bits = fragments * (100 * u64::from(k) + 154) + sets * 2_000;
	let pages = header.pages() * 20;
	HEADER as u64 + u64::from(plots) * with_margin(bits / 800) + pages
}

/// Bytes of the plotter's own file, which is there until the container is.
pub fn raw_bytes(k: u8) -> u64 {
	with_margin((1u64 << k) * (100 * u64::from(k) + 190) / 800) + 1024
}

/// Bytes of memory that the plotter takes: 32 blocks of a quarter of a section's pairs of 16 bytes, and two copies of
/// all fragments. Measured, it is within a tenth of that.
pub fn plotting_memory(k: u8) -> u64 {
	let section = (1u64 << (k - 2)) + (1 << (k - (8 - (28 - k) / 2)));
	let tables = section * 16 * 8 + (1 << k) * 16;
	tables + tables / 32 + PROCESS
}

fn with_margin(bytes: u64) -> u64 {
	bytes + bytes * MARGIN / 100
}

/// What a machine has to give.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Capacity {
	/// Bytes of disk, less the reserve.
	pub disk: u64,
	/// Bytes of memory.
	pub memory: u64,
}

impl Capacity {
	/// How many plots of a size would fit beside the plotter's own file, one plot a group.
	pub fn plots(&self, k: u8) -> u64 {
		if self.memory < plotting_memory(k) {
			return 0;
		}
		self.disk.saturating_sub(raw_bytes(k)) / container_bytes(k, 1)
	}

	/// What would fit, if this size was asked for.
	pub fn fits(&self, k: u8) -> Fits {
		let sizes = SIZES.iter().map(|k| (*k, self.plots(*k)));
		Fits {
			k,
			plots: self.plots(k),
			largest: sizes.into_iter().find(|(_, plots)| *plots > 0),
		}
	}

	/// Whether an order fits that takes so many bytes of disk.
	pub fn check(&self, k: u8, needed: u64) -> Result<(), StoreError> {
		let (memory, fits) = (plotting_memory(k), self.fits(k));
		if self.memory < memory {
			let free = self.memory;
			return Err(StoreError::Memory {
				needed: memory,
				free,
				fits,
			});
		}
		if self.disk < needed {
			let free = self.disk;
			return Err(StoreError::Disk { needed, free, fits });
		}
		Ok(())
	}
}

/// Says what there is. Tests say something else.
pub trait Measure: Sync {
	/// At this moment, for a store in this folder.
	fn measure(&self, folder: &Path) -> Result<Capacity, StoreError>;
}

/// This machine.
#[derive(Clone, Copy, Debug, Default)]
pub struct ThisMachine;

impl Measure for ThisMachine {
	fn measure(&self, folder: &Path) -> Result<Capacity, StoreError> {
		let disk = rustix::fs::statvfs(folder).map_err(Into::into).at("measure", folder)?;
		let free = disk.f_bavail.saturating_mul(disk.f_frsize);
		let path = Path::new("/proc/meminfo");
		let text = fs::read_to_string(path).at("read", path)?;
		let memory = available(&text).unwrap_or(0);
		Ok(Capacity {
			disk: free.saturating_sub(RESERVE),
			memory: memory.min(in_group().unwrap_or(u64::MAX)),
		})
	}
}

/// What the kernel says that programs may take without swapping.
fn available(meminfo: &str) -> Option<u64> {
	let line = meminfo.lines().find_map(|line| line.strip_prefix("MemAvailable:"))?;
	line.split_whitespace().next()?.parse::<u64>().ok()?.checked_mul(1024)
}

/// What the control group still allows, in a container.
fn in_group() -> Option<u64> {
	let number = |name: &str| {
		let text = fs::read_to_string(Path::new("/sys/fs/cgroup").join(name)).ok()?;
		text.trim().parse::<u64>().ok()
	};
	Some(number("memory.max")?.saturating_sub(number("memory.current")?))
}

#[cfg(test)]
mod tests {
	use super::*;

	const GIB: u64 = 1 << 30;

	/// Measured on files and processes: bytes of a container, of the plotter's file, of memory.
	#[test]
	fn estimates_are_near_what_was_measured() {
		let near = |estimate: u64, measured: u64| {
			assert!(
				estimate >= measured && estimate < measured + measured / 8,
				"{estimate} {measured}"
			)
		};
		near(raw_bytes(22), 12_558_747);
		near(raw_bytes(20), 2_860_246);
		near(plotting_memory(24), 824_940 << 10);
		near(plotting_memory(22), 218_476 << 10);
		near(plotting_memory(28), 124 * GIB / 10);
	}

	#[test]
	fn what_would_fit_is_said() {
		let small = Capacity {
			disk: 3 * GIB,
			memory: 4 * GIB,
		};
		assert_eq!(small.fits(26).plots, 12);
		assert_eq!(small.fits(28).largest, Some((26, 12)));
		let error = small.check(28, 1).unwrap_err().to_string();
		assert!(
			error.contains("memory") && error.ends_with("12 plots of size 26 would fit: order these"),
			"{error}"
		);
		let error = small.check(26, 4 * GIB).unwrap_err().to_string();
		assert!(
			error.contains("disk") && error.ends_with("12 plots of size 26 would fit: order these"),
			"{error}"
		);
		assert!(small.check(26, 3 * GIB).is_ok());
		let none = Capacity { disk: 0, memory: GIB };
		let error = none.check(18, 1).unwrap_err().to_string();
		assert!(error.ends_with("no plot of any size would fit: free some"), "{error}");
	}

	#[test]
	fn this_machine_is_measured() {
		let found = ThisMachine.measure(Path::new(".")).unwrap();
		assert!(found.memory > 0);
		assert_eq!(available("MemTotal: 5 kB\nMemAvailable:   12 kB\n"), Some(12 << 10));
		assert_eq!(available("MemAvailable: many kB"), None);
	}
}
