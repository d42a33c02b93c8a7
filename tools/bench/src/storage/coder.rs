//! The code of Reed and Solomon, 4 + 4, beside zfec, each on one core and over units that are in memory.

use super::python;
use crate::report::{Row, FAILED};
use smartchain_rng::Rng;
use smartchain_slots::{meter::Meter, Encoder, Geometry, Rebuilder, UNIT};
use smartchain_tests::{ensure, Error, Result};
use std::{
	hint::black_box,
	process::{Command, Stdio},
	time::{Duration, Instant},
};

/// Units of a stripe that are the volume's, and all of them.
const ENOUGH: u8 = 4;
const SLOTS: u8 = 8;
/// Lengths of blocks that zfec is measured with, of which the best counts; bytes.
const BLOCKS: [u32; 3] = [16 << 10, 64 << 10, 256 << 10];
/// Prints, for each length, the bytes a second that zfec makes parity of.
const ZFEC: &str = "\
import os, sys, time, zfec
lasts = float(sys.argv[1])
code = zfec.Encoder(4, 8)
for block in map(int, sys.argv[2:]):
    units = [os.urandom(block) for _ in range(4)]
    count, began = 0, time.perf_counter()
    while time.perf_counter() - began < lasts:
        code.encode(units)
        count += 1
    print(block, 4 * block * count / (time.perf_counter() - began))
";

/// Bytes of a volume a second.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Rate {
	block: u32,
	rate: f64,
}

impl std::fmt::Display for Rate {
	fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
		write!(f, "{:.0} MB/s in units of {} KiB", self.rate / 1e6, self.block >> 10)
	}
}

/// Makes parity of the same stripe for so long.
fn encoding(block: u32, lasts: Duration) -> Result<Rate> {
	let geometry = Geometry::new(ENOUGH, SLOTS, block)?;
	let mut encoder = Encoder::new(geometry, &Meter::default())?;
	let mut rng = Rng::new(1);
	let units: Vec<Vec<u8>> = (0..ENOUGH).map(|_| rng.bytes(geometry.unit())).collect();
	let (mut stripes, began) = (0_u64, Instant::now());
	while began.elapsed() < lasts {
		for unit in &units {
			encoder.add(unit)?;
		}
		encoder.parity(|_, unit| {
			black_box(unit);
			Ok(())
		})?;
		stripes += 1;
	}
	let bytes = stripes as f64 * geometry.stripe() as f64;
	Ok(Rate {
		block,
		rate: bytes / began.elapsed().as_secs_f64(),
	})
}

/// Brings back a stripe from its parity alone for so long.
fn rebuilding(block: u32, lasts: Duration) -> Result<Rate> {
	let (geometry, meter) = (Geometry::new(ENOUGH, SLOTS, block)?, Meter::default());
	let mut rng = Rng::new(2);
	// Whatever the bytes of parity are, they are those of some volume.
	let units: Vec<Vec<u8>> = (0..ENOUGH).map(|_| rng.bytes(geometry.unit())).collect();
	let mut rebuilder = Rebuilder::new(geometry, geometry.unit(), false, &meter)?;
	let (mut stripes, began) = (0_u64, Instant::now());
	while began.elapsed() < lasts {
		rebuilder.begin(geometry.unit())?;
		for (slot, unit) in (ENOUGH..).zip(&units) {
			rebuilder.give(slot, unit)?;
		}
		rebuilder.rebuild()?;
		stripes += 1;
	}
	let bytes = stripes as f64 * geometry.stripe() as f64;
	Ok(Rate {
		block,
		rate: bytes / began.elapsed().as_secs_f64(),
	})
}

/// What the program has printed.
fn of_lines(said: &str) -> Option<Vec<Rate>> {
	let line = |line: &str| {
		let mut words = line.split_whitespace();
		Some(Rate {
			block: words.next()?.parse().ok()?,
			rate: words.next()?.parse().ok()?,
		})
	};
	said.lines().map(line).collect()
}

/// zfec with its best length of blocks.
fn zfec(lasts: Duration) -> Result<Rate> {
	let mut command = Command::new(python::interpreter()?);
	command.args(["-c", ZFEC]).arg(lasts.as_secs_f64().to_string());
	command.args(BLOCKS.map(|block| block.to_string()));
	let output = command.stderr(Stdio::inherit()).output()?;
	ensure!(output.status.success(), "zfec ended with {}", output.status);
	let said = String::from_utf8_lossy(&output.stdout);
	let rates = of_lines(&said).ok_or_else(|| Error::new(format!("zfec's figures cannot be read: {said}")))?;
	let best = rates.into_iter().max_by(|one, other| one.rate.total_cmp(&other.rate));
	best.ok_or_else(|| Error::new("zfec printed no figures"))
}

/// What was measured.
pub fn rows(lasts: Duration) -> Result<Vec<Row>> {
	let ours = encoding(UNIT, lasts)?;
	let back = rebuilding(UNIT, lasts)?;
	let peer = zfec(lasts);
	let times = match &peer {
		Ok(peer) => format!("; {:.1} x zfec", ours.rate / peer.rate.max(f64::MIN_POSITIVE)),
		Err(_) => String::new(),
	};
	let said = match peer {
		Ok(peer) => peer.to_string(),
		Err(error) => format!("{FAILED}: {error}"),
	};
	Ok(vec![
		Row::new(
			"Reed-Solomon 4 + 4: parity made, one core",
			">= 10 x zfec",
			format!("{ours}{times}"),
		),
		Row::new(
			"a stripe brought back from its parity alone, one core",
			"",
			back.to_string(),
		),
		Row::new(
			"zfec 1.6.0.0, 4 of 8: parity made, one core, its best length of blocks",
			"",
			said,
		),
	])
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn figures_of_zfec_are_read() {
		let rates = of_lines("16384 735000000.5\n65536 747000000\n").unwrap();
		assert_eq!(
			rates[1],
			Rate {
				block: 65_536,
				rate: 747e6
			}
		);
		assert_eq!(of_lines("16384\n"), None);
		assert_eq!(of_lines("ModuleNotFoundError: No module named 'zfec'"), None);
	}

	#[test]
	fn stripes_are_coded_and_brought_back() {
		let moment = Duration::from_millis(20);
		assert!(encoding(16 << 10, moment).unwrap().rate > 0.0);
		assert!(rebuilding(16 << 10, moment).unwrap().rate > 0.0);
	}
}
