//! One line a second: what is best, voted and final, what this node authors, and why it does not vote.

use crate::shown::status::{ConsensusHandle, Status};
use sc_network_sync::{SyncState, SyncingService};
use smartchain_chain::Block;
use std::{sync::Arc, time::Duration};

/// Log filters that keep others quiet: the stock informant tells less, and only every five seconds. `-l substrate=info`
/// brings it back.
pub const SILENCE_STOCK: &str = "substrate=warn";

const TARGET: &str = "smartchain";
const INTERVAL: Duration = Duration::from_secs(1);

/// Writes the line every second, for as long as the node runs.
pub async fn run(handle: ConsensusHandle, sync: Arc<SyncingService<Block>>) {
	let mut authored_before = handle.status().authored;
	loop {
		futures_timer::Delay::new(INTERVAL).await;
		let status = handle.status();
		let target = match sync.status().await.map(|status| status.state) {
			Ok(SyncState::Downloading { target } | SyncState::Importing { target }) => Some(target),
			_ => None,
		};
		let authored = status.authored.saturating_sub(authored_before);
		authored_before = status.authored;
		log::info!(target: TARGET, "{}", line(&status, authored, sync.num_connected_peers(), target));
	}
}

/// The line. `authored` counts the blocks of the last second, `syncing` is the height that is being fetched.
fn line(status: &Status, authored: u64, peers: usize, syncing: Option<u32>) -> String {
	let height = |target: Option<u32>| target.map_or("-".into(), |number| format!("#{number}"));
	let mut parts = vec![format!("best {}", height(status.best.map(|t| t.number)))];
	if let Some(voter) = &status.voter {
		parts.push(format!("prevoted {}", height(Some(voter.last_prevote.number))));
	}
	parts.push(format!(
		"certified {}",
		height(status.certified.or(status.finalized).map(|t| t.number))
	));
	parts.push(format!("final {}", height(status.finalized.map(|t| t.number))));
	let mut line = parts.join(", ");
	// Standby signers author as well.
	if status.voter.is_some() || status.authored > 0 {
		line += &format!(" | authored {authored} ({} in all)", status.authored);
	}
	line += &format!(" | {peers} peer{}", if peers == 1 { "" } else { "s" });
	if let Some(target) = syncing {
		line += &format!(" | fetching up to #{target}");
	}
	match (&status.not_voting, &status.voter) {
		(Some(why), _) => line += &format!(" | does not vote: {why}"),
		(None, Some(voter)) => {
			line += &format!(
				" | votes as {} of {} in set {}",
				voter.index.saturating_add(1),
				status.voters,
				status.set_id
			);
		}
		(None, None) => {}
	}
	line
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::shown::status::VoterStatus;
	use bft_finality_primitives::{BlockRef, VoterId};
	use sp_core::{ByteArray, H256};

	fn at(number: u32) -> BlockRef {
		BlockRef {
			slot: 0,
			number,
			hash: H256::zero(),
		}
	}

	fn status() -> Status {
		Status {
			best: Some(at(12)),
			certified: Some(at(11)),
			finalized: Some(at(10)),
			voters: 4,
			quorum: 3,
			..Default::default()
		}
	}

	#[test]
	fn an_ordinary_node_tells_what_it_follows() {
		assert_eq!(
			line(&status(), 0, 1, None),
			"best #12, certified #11, final #10 | 1 peer"
		);
		assert_eq!(
			line(&Status::default(), 0, 0, None),
			"best -, certified -, final - | 0 peers"
		);
		let syncing = line(&status(), 0, 3, Some(500));
		assert!(syncing.ends_with("3 peers | fetching up to #500"), "{syncing}");
	}

	#[test]
	fn a_standby_signer_tells_what_it_authors() {
		let status = Status {
			authored: 7,
			..status()
		};
		assert!(line(&status, 1, 1, None).contains("| authored 1 (7 in all) | 1 peer"));
	}

	#[test]
	fn a_voter_tells_what_it_does_or_why_not() {
		let voter = VoterStatus {
			index: 1,
			key: VoterId::from_slice(&[0; 32]).expect("32 bytes"),
			last_prevote: at(12),
			other_branch_slot: 0,
			lock: at(10),
		};
		let mut status = Status {
			voter: Some(voter),
			authored: 7,
			..status()
		};
		assert_eq!(
			line(&status, 2, 3, None),
			"best #12, prevoted #12, certified #11, final #10 | authored 2 (7 in all) | 3 peers | votes as 2 of 4 \
				 in set 0"
		);
		status.not_voting = Some("the disk is full".into());
		assert!(line(&status, 0, 3, None).ends_with("| does not vote: the disk is full"));
	}
}
