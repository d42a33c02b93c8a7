//! Who serves an output that is said to be missing. It blocks.

use crate::chain::node::JobView;
use compute_market_primitives::{UnitState, MAX_OUTPUT_BYTES};
use device_primitives::DeviceId;
use smart_agent_tasks::{Done, Failure, Hash};
use smartchain_share::{fetch, FetchError, Halt, Peer};
use smartchain_transfer::client::address;
use std::{
	sync::mpsc::{sync_channel, Receiver, RecvTimeoutError},
	thread,
	time::{Duration, Instant},
};

/// How often all are asked before nobody is said to serve it,
const ROUNDS: u32 = 3;
/// and how long is waited in between.
const PAUSE: Duration = Duration::from_secs(5);
/// So many are asked at a time: one that does not answer takes ten seconds, and a report has a minute.
const AT_ONCE: usize = 4;
/// Whoever does not give all of it in so long does not serve it: else one that dawdles would keep all probers from
/// saying so in time.
const LEAST: Duration = Duration::from_secs(20);
/// How often it is looked whether the answer is wanted still.
const LOOK: Duration = Duration::from_millis(100);

/// What some of those who are asked came to.
enum Asked {
	/// This one gave all of it.
	Gave(DeviceId),
	/// None of them did.
	Nobody,
	/// There was no time to hear all of them.
	Late,
	/// Nobody wants to know any more.
	Halted,
}

/// Asks those who answer for a result for its output, for `within` at most; who gave all of it, compared with its root.
/// That nobody does is said only if all had the time to give it.
pub(crate) fn probe(job: &JobView, unit: &UnitState<DeviceId>, own: &DeviceId, within: Duration, halt: &Halt) -> Done {
	let Some(accepted) = unit.accepted else {
		return Done::Failed(Failure::Cancelled);
	};
	let end = Instant::now() + within;
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
			if Instant::now() + PAUSE >= end {
				break;
			}
			thread::sleep(PAUSE);
		}
		for some in asked.chunks(AT_ONCE) {
			match ask(some, &accepted.outcome.root, end, halt) {
				Asked::Gave(device) => return Done::Probed(Some(device.0)),
				Asked::Nobody => (),
				Asked::Halted => return Done::Failed(Failure::Cancelled),
				Asked::Late if round > 0 || within >= LEAST => return Done::Probed(None),
				Asked::Late => return Done::Failed(Failure::NoInput),
			}
		}
	}
	Done::Probed(None)
}

/// Asks some at once, up to a moment.
fn ask(some: &[(DeviceId, Peer)], root: &Hash, end: Instant, halt: &Halt) -> Asked {
	let (told, hears) = sync_channel(AT_ONCE);
	let over = Halt::default();
	for (device, peer) in some {
		let (device, peer, root) = (*device, peer.clone(), *root);
		let (told, over) = (told.clone(), over.clone());
		thread::spawn(move || {
			let given = fetch(std::slice::from_ref(&peer), &root, MAX_OUTPUT_BYTES.into(), &over);
			// Nobody listens any more if another one was faster.
			let _ = told.send(given.map(|_| device));
		});
	}
	drop(told);
	let came_to = heard(&hears, end, halt);
	over.halt();
	came_to
}

/// The first who gave it, once one did; or why nobody did.
fn heard(hears: &Receiver<Result<DeviceId, FetchError>>, end: Instant, halt: &Halt) -> Asked {
	loop {
		if halt.is_halted() {
			return Asked::Halted;
		}
		if Instant::now() >= end {
			return Asked::Late;
		}
		match hears.recv_timeout(LOOK) {
			Ok(Ok(device)) => return Asked::Gave(device),
			Ok(Err(error)) => tracing::debug!(target: crate::LOG_TARGET, "A device gives no output: {error}"),
			Err(RecvTimeoutError::Timeout) => (),
			Err(RecvTimeoutError::Disconnected) => return Asked::Nobody,
		}
	}
}
