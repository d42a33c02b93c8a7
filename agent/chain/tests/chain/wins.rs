//! Wins, from the runtime's transaction to their block.

use crate::{node::Node, soon};
use codec::Encode;
use jsonrpsee::types::ErrorObject;
use proof_lottery_primitives::{OpenRound, Pulse, Resource, Wins};
use smart_agent_chain::{Chain, ChainError, Node as _, Outcome, Receipt, Refusal, Submitted, Win};
use std::time::Duration;

/// What the runtime makes of a pulse: here any bytes.
const TRANSACTION: [u8; 5] = [0x45, 1, 2, 3, 4];

fn pulse() -> Win {
	Win::Uptime(Pulse {
		device: [1; 32],
		round: 8,
		pre_output: [2; 32],
		proof: [3; 64],
	})
}

async fn ready() -> (Node, Chain) {
	let node = Node::start(1).await;
	node.answer("ResourceProofsApi_pulse", TRANSACTION.to_vec().encode());
	let chain = node.connect().await;
	(node, chain)
}

async fn accepted(chain: &Chain) -> Receipt {
	match soon("a win", chain.submit(&pulse())).await {
		Ok(Submitted::Accepted(receipt)) => receipt,
		other => panic!("{other:?}"),
	}
}

#[tokio::test(flavor = "multi_thread")]
async fn open_rounds_are_what_the_runtime_says() {
	let (node, chain) = ready().await;
	let round = OpenRound {
		resource: Resource::Space,
		round: 12,
		challenge: [7; 32],
		opened: 100,
		until: 124,
		wins: Wins::of(16),
		rounds: 336,
		filter: 4,
		devices: 9,
	};
	node.answer("ResourceProofsApi_open_rounds", vec![round.clone()].encode());
	assert_eq!(chain.open_rounds(node.genesis()).await, Ok(vec![round]));
	node.answer("ResourceProofsApi_device_proofs", vec![0]);
	let device = device_primitives::DeviceId([1; 32]);
	assert_eq!(chain.device_proofs(&device, node.genesis()).await, Ok(None));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_win_is_found_in_its_block() {
	let (node, chain) = ready().await;
	node.author();
	let receipt = accepted(&chain).await;
	assert_eq!(receipt.sent_at, 1);
	assert_eq!(node.state().pool, [TRANSACTION.to_vec().encode()]);
	// Sent again it is there already, in the pool and in a block.
	assert_eq!(chain.submit(&pulse()).await, Ok(Submitted::Already(receipt.clone())));
	let waiting = tokio::spawn({
		let (chain, receipt) = (chain.clone(), receipt.clone());
		async move { chain.outcome(&receipt, 1_000).await }
	});
	let block = node.author();
	let found = Ok(Outcome::InBlock {
		number: 2,
		hash: block.hash(),
		slot: 20,
	});
	assert_eq!(soon("an outcome", waiting).await.expect("no panic"), found);
	node.author();
	assert_eq!(
		chain
			.submit(&pulse())
			.await
			.map(|submitted| matches!(submitted, Submitted::Already(_))),
		Ok(true)
	);
	// And whoever asks later finds it.
	assert_eq!(soon("an outcome", chain.outcome(&receipt, 1)).await, found);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_win_that_comes_into_no_block_is_given_up() {
	let (node, chain) = ready().await;
	let receipt = accepted(&chain).await;
	let waiting = tokio::spawn({
		let chain = chain.clone();
		async move { chain.outcome(&receipt, 30).await }
	});
	for _ in 0..3 {
		tokio::time::sleep(Duration::from_millis(50)).await;
		assert!(!waiting.is_finished());
		node.author_after(0, false);
	}
	let outcome = soon("an outcome", waiting).await.expect("no panic");
	assert_eq!(outcome, Ok(Outcome::NotUntil { slot: 30 }));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_win_that_the_block_refuses_is_told() {
	let (node, chain) = ready().await;
	let receipt = accepted(&chain).await;
	// `DispatchError::BadOrigin`.
	node.author_failing(&[2]);
	let outcome = soon("an outcome", chain.outcome(&receipt, 100)).await;
	assert!(
		matches!(&outcome, Ok(Outcome::Failed { number: 1, why }) if why.contains("BadOrigin")),
		"{outcome:?}"
	);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_win_is_found_though_the_node_was_away() {
	let (mut node, chain) = ready().await;
	let receipt = accepted(&chain).await;
	let waiting = tokio::spawn({
		let chain = chain.clone();
		async move { chain.outcome(&receipt, 1_000).await }
	});
	node.stop().await;
	let block = node.author();
	node.author();
	node.restart().await;
	let outcome = soon("an outcome", waiting).await.expect("no panic");
	assert!(
		matches!(outcome, Ok(Outcome::InBlock { number: 1, hash, .. }) if hash == block.hash()),
		"{outcome:?}"
	);
}

#[tokio::test(flavor = "multi_thread")]
async fn refusals_are_told_apart() {
	let (node, chain) = ready().await;
	let refuse = |code, text: &str, data: &str| {
		node.state().refuse.push(ErrorObject::owned(code, text, Some(data)));
	};
	refuse(1010, "Invalid Transaction", "Transaction is outdated");
	refuse(
		1010,
		"Invalid Transaction",
		"Transaction would exhaust the block limits",
	);
	refuse(1010, "Invalid Transaction", "Transaction has a bad signature");
	refuse(1010, "Invalid Transaction", "Custom error: 9");
	refuse(1011, "Unknown Transaction Validity", "Custom(1)");
	let expected = [
		Refusal::Stale,
		Refusal::Exhausted,
		Refusal::BadProof,
		Refusal::Custom(9),
		Refusal::Ahead,
	];
	for refusal in expected {
		assert_eq!(chain.submit(&pulse()).await, Ok(Submitted::Refused(refusal)));
	}
	// What is not about the transaction is an error.
	refuse(-32_603, "Internal error", "");
	assert!(matches!(
		chain.submit(&pulse()).await,
		Err(ChainError::Refused { code: -32_603, .. })
	));
	// A proof of which the runtime makes nothing.
	node.answer("ResourceProofsApi_win_space", vec![0]);
	let win = Win::Space {
		device: device_primitives::DeviceId([1; 32]),
		round: 1,
		group: 2,
		proof: vec![0; 999],
	};
	assert_eq!(chain.submit(&win).await, Ok(Submitted::Refused(Refusal::NotMade)));
}

/// A pool bans what it has refused, and what was in a block: it is won only if a block has it.
#[tokio::test(flavor = "multi_thread")]
async fn a_win_that_is_banned_is_looked_for() {
	let (node, chain) = ready().await;
	let ban = || {
		let banned = ErrorObject::owned(1012, "Transaction is temporarily banned", None::<()>);
		node.state().refuse.push(banned);
	};
	let banned = async || match soon("a win", chain.submit(&pulse())).await {
		Ok(Submitted::Already(receipt)) => receipt,
		other => panic!("{other:?}"),
	};
	// It was refused before: no block has it.
	ban();
	let receipt = banned().await;
	for _ in 0..3 {
		node.author();
	}
	let outcome = soon("an outcome", chain.outcome(&receipt, 30)).await;
	assert_eq!(outcome, Ok(Outcome::NotUntil { slot: 30 }));
	// It was in a block before.
	accepted(&chain).await;
	let block = node.author();
	node.author();
	ban();
	let receipt = banned().await;
	let outcome = soon("an outcome", chain.outcome(&receipt, 1_000)).await;
	assert!(
		matches!(outcome, Ok(Outcome::InBlock { number: 4, hash, .. }) if hash == block.hash()),
		"{outcome:?}"
	);
}
