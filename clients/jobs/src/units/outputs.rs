//! Outputs of accepted units, from whoever serves them, each compared with its root. It blocks.

use crate::{
	market::{JobView, UnitView},
	trouble::Trouble,
};
use compute_market_primitives::{Kind, UnitAt, MAX_OUTPUT_BYTES};
use smartchain_bundle::Outputs;
use smartchain_share::{fetch, Halt, Peer};
use smartchain_transfer::client::address;
use std::{
	path::Path,
	sync::{
		atomic::{AtomicUsize, Ordering},
		Mutex, PoisonError,
	},
	thread,
};

/// Outputs that are fetched at a time.
const AT_ONCE: usize = 8;

/// What was fetched.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fetched {
	/// Units whose outputs are here.
	pub here: usize,
	/// Accepted units whose outputs nobody gave, with what was said last.
	pub missing: Vec<(UnitAt, String)>,
}

/// Roots by unit: of what was accepted.
pub(crate) fn roots(units: &[UnitView], count: u32) -> Vec<Option<[u8; 32]>> {
	let mut roots = vec![None; count as usize];
	for unit in units {
		if let Some(root) = roots.get_mut(unit.unit as usize) {
			*root = unit.accepted.map(|accepted| accepted.outcome.root);
		}
	}
	roots
}

/// Whether a result has an output that nobody serves: others have found it out, and those keep none.
pub(crate) fn is_unserved(unit: &UnitView) -> bool {
	let ran = unit.accepted.is_some_and(|accepted| accepted.outcome.kind == Kind::Ok);
	ran && unit.by.is_empty()
}

/// Fetches what is not in the folder yet, in a thread for each of some units.
///
/// # Errors
/// If the folder cannot be written.
pub fn fetch_all(folder: &Path, job: &JobView, units: &[UnitView], halt: &Halt) -> Result<Fetched, Trouble> {
	let outputs = Outputs::open(folder, roots(units, job.spec.units))?;
	let wanted = outputs.missing()?;
	let here = units.iter().filter(|unit| unit.accepted.is_some()).count();
	let (next, missing) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
	let failed = Mutex::new(None);
	thread::scope(|scope| {
		for _ in 0..AT_ONCE.min(wanted.len()) {
			scope.spawn(|| loop {
				let Some(number) = wanted.get(next.fetch_add(1, Ordering::Relaxed)) else {
					return;
				};
				let Some(unit) = units.iter().find(|unit| unit.unit == *number) else {
					continue;
				};
				match one(&outputs, job, unit, halt) {
					Ok(None) => (),
					Ok(Some(why)) => missing
						.lock()
						.unwrap_or_else(PoisonError::into_inner)
						.push((*number, why)),
					Err(why) => {
						failed.lock().unwrap_or_else(PoisonError::into_inner).replace(why);
					}
				}
			});
		}
	});
	if let Some(why) = failed.into_inner().unwrap_or_else(PoisonError::into_inner) {
		return Err(why);
	}
	let mut missing = missing.into_inner().unwrap_or_else(PoisonError::into_inner);
	missing.sort();
	Ok(Fetched {
		here: here.saturating_sub(missing.len()),
		missing,
	})
}

/// Fetches one; why nobody gives it, if so.
fn one(outputs: &Outputs, job: &JobView, unit: &UnitView, halt: &Halt) -> Result<Option<String>, Trouble> {
	let Some(accepted) = unit.accepted else {
		return Ok(None);
	};
	if accepted.outcome.kind != Kind::Ok {
		// It has none.
		outputs.put(unit.unit, &[])?;
		return Ok(None);
	}
	if is_unserved(unit) {
		let why = "others came to another result than its workers, and keep no output: it can be computed again";
		return Ok(Some(why.into()));
	}
	let reached = unit.by.iter().filter_map(|device| {
		let reach = job.pool.iter().find(|reach| reach.device == *device)?;
		Some(Peer::new(reach.endpoints.iter().filter_map(address)))
	});
	let peers: Vec<Peer> = reached.collect();
	match fetch(&peers, &accepted.outcome.root, MAX_OUTPUT_BYTES.into(), halt) {
		Ok(bytes) => {
			outputs.put(unit.unit, &bytes)?;
			Ok(None)
		}
		Err(error) => Ok(Some(error.to_string())),
	}
}
