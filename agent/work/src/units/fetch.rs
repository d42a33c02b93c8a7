//! Programs and inputs: from whoever ordered the job, or from other workers of it. It blocks.

use crate::{chain::node::JobView, units::stock::Stock};
use compute_market_primitives::{Input, Source, MAX_PROGRAM_BYTES};
use smart_agent_tasks::{Done, Failure, Hash, TaskKey};
use smartchain_bundle::{Among, Reader};
use smartchain_share::{fetch, FetchError, Halt, Peer};
use smartchain_transfer::client::address;
use std::io;

/// A bundle of so many bytes is fetched as a whole, and given to others: re-checks have it when its owner is away.
pub(crate) const SMALL_BUNDLE: u64 = 16 << 20;
/// Other workers that are asked.
const MOST_PEERS: usize = 8;

/// Why a task has no input.
pub(crate) struct Missing {
	/// For the machine.
	pub failure: Failure,
	/// For people.
	pub words: String,
}

impl From<io::Error> for Missing {
	fn from(error: io::Error) -> Self {
		Self {
			failure: Failure::Disk,
			words: error.to_string(),
		}
	}
}

impl From<FetchError> for Missing {
	fn from(error: FetchError) -> Self {
		Self {
			failure: match error {
				FetchError::Stopped => Failure::Cancelled,
				FetchError::Nobody(_) | FetchError::TooLong => Failure::NoInput,
			},
			words: error.to_string(),
		}
	}
}

fn nobody(words: impl ToString) -> Missing {
	Missing {
		failure: Failure::NoInput,
		words: words.to_string(),
	}
}

/// Who may have what a job needs: its owner first.
pub(crate) fn peers(job: &JobView) -> Vec<Peer> {
	let mut peers = Vec::new();
	if let Source::Client(endpoints) = &job.spec.source {
		peers.push(Peer::new(endpoints.iter().filter_map(address)));
	}
	let workers = job.pool.iter().take(MOST_PEERS);
	peers.extend(workers.map(|reach| Peer::new(reach.endpoints.iter().filter_map(address))));
	peers
}

/// What of a job is shared with other workers until it is closed.
pub(crate) fn needed(job: &JobView) -> impl Iterator<Item = Hash> {
	let bundle = match job.spec.input {
		Input::Bundle { root, length } if length <= SMALL_BUNDLE => Some(root),
		_ => None,
	};
	[Some(job.spec.program.root), bundle].into_iter().flatten()
}

/// Fetches what a task needs and is not there, and keeps it.
pub(crate) fn fetch_for(stock: &Stock, job: &JobView, key: &TaskKey, halt: &Halt) -> Result<Done, Missing> {
	let (program, peers) = (job.spec.program, peers(job));
	let most = u64::from(program.length).min(MAX_PROGRAM_BYTES.into());
	whole(stock, &program.root, most, &peers, halt)?;
	let input = match job.spec.input {
		Input::Number => Vec::new(),
		Input::Bundle { root, length } if length <= SMALL_BUNDLE => {
			let bytes = whole(stock, &root, length, &peers, halt)?;
			of_unit(&bytes, job.spec.units, key.unit)?
		}
		Input::Bundle { root, length } => range(&peers, &root, length, (job.spec.units, key.unit), halt)?,
	};
	stock.keep_input(key, &input)?;
	Ok(Done::Fetched)
}

/// All of something: from the disk, if it is there.
fn whole(stock: &Stock, root: &Hash, most: u64, peers: &[Peer], halt: &Halt) -> Result<Vec<u8>, Missing> {
	if let Some(there) = stock.shared(root, most)? {
		return Ok(there);
	}
	let bytes = fetch(peers, root, most, halt)?;
	stock.share(&bytes)?;
	Ok(bytes)
}

/// A unit's range of a bundle that is there.
fn of_unit(bundle: &[u8], units: u32, unit: u32) -> Result<Vec<u8>, Missing> {
	let index = smartchain_bundle::Index::decode(bundle, bundle.len() as u64).map_err(nobody)?;
	let range = index.ranges().get(unit as usize).copied();
	let range = range.filter(|_| index.head().units == units);
	let range = range.ok_or_else(|| nobody("the job's bundle is of another number of units"))?;
	let from = index.head().begin().saturating_add(range.offset);
	let end = from.saturating_add(range.length.into());
	let place = usize::try_from(from).ok().zip(usize::try_from(end).ok());
	let found = place.and_then(|(from, end)| bundle.get(from..end));
	Ok(found
		.ok_or_else(|| nobody("the job's bundle is shorter than it says"))?
		.to_vec())
}

/// A unit's range of a bundle that stays where it is.
fn range(peers: &[Peer], root: &Hash, length: u64, (units, unit): (u32, u32), halt: &Halt) -> Result<Vec<u8>, Missing> {
	let mut sources = Vec::new();
	let mut last = nobody("nobody is known who has the job's bundle");
	for peer in peers {
		match peer.source(root, length, halt) {
			Ok(source) => sources.push(source),
			Err(FetchError::Stopped) => return Err(FetchError::Stopped.into()),
			Err(error) => last = error.into(),
		}
	}
	// Whoever says another length than the job does is left out.
	sources.retain(|source| smartchain_bundle::Source::contents(source).bytes == length);
	let Some(source) = Among::new(sources) else {
		return Err(last);
	};
	let mut reader = Reader::open(source, units).map_err(nobody)?;
	reader.input(unit).map_err(nobody)
}

#[cfg(test)]
mod tests {
	use super::*;
	use smartchain_bundle::{Index, Writer};

	#[test]
	fn a_unit_has_its_range_of_a_bundle() {
		let index = Index::parts(&[3, 0, 4]).unwrap();
		let mut writer = Writer::new(&index, Vec::new(), Vec::new()).unwrap();
		writer.write(b"abcdefg").unwrap();
		let (_, bundle, _) = writer.finish().unwrap();
		let of = |unit| of_unit(&bundle, 3, unit).map_err(|missing| missing.words);
		assert_eq!(of(0).unwrap(), b"abc");
		assert_eq!(of(1).unwrap(), b"");
		assert_eq!(of(2).unwrap(), b"defg");
		assert!(of(3).is_err());
		assert!(of_unit(&bundle, 4, 0).is_err(), "of another job");
		assert!(of_unit(b"none", 3, 0).is_err());
	}
}
