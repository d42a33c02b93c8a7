//! Who serves an output that is said to be missing. It blocks.

use crate::chain::node::JobView;
use compute_market_primitives::{UnitState, MAX_OUTPUT_BYTES};
use device_primitives::DeviceId;
use smart_agent_tasks::{Done, Failure};
use smartchain_share::{fetch, FetchError, Halt, Peer};
use smartchain_transfer::client::address;
use std::{thread, time::Duration};

/// How often all are asked before nobody is said to serve it,
const ROUNDS: u32 = 3;
/// and how long is waited in between.
const PAUSE: Duration = Duration::from_secs(5);

/// Asks those who answer for a result for its output; who gave all of it, compared with its root.
pub(crate) fn probe(job: &JobView, unit: &UnitState<DeviceId>, own: &DeviceId, halt: &Halt) -> Done {
	let Some(accepted) = unit.accepted else {
		return Done::Failed(Failure::Cancelled);
	};
	let asked: Vec<(DeviceId, Peer)> = unit
		.by
		.iter()
		.filter(|device| *device != own)
		.filter_map(|device| {
			let reach = job.pool.iter().find(|reach| reach.device == *device)?;
			Some((*device, Peer::new(reach.endpoints.iter().filter_map(address))))
		})
		.collect();
	for round in 0..ROUNDS {
		if round > 0 {
			thread::sleep(PAUSE);
		}
		for (device, peer) in &asked {
			let root = accepted.outcome.root;
			match fetch(std::slice::from_ref(peer), &root, MAX_OUTPUT_BYTES.into(), halt) {
				Ok(_) => return Done::Probed(Some(device.0)),
				Err(FetchError::Stopped) => return Done::Failed(Failure::Cancelled),
				Err(error) => {
					tracing::debug!(target: crate::LOG_TARGET, "A device gives no output: {error}");
				}
			}
		}
	}
	Done::Probed(None)
}
