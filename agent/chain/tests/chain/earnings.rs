//! What an account has earned, as a node says it.

use crate::node::Node;
use codec::Encode;
use issuance_primitives::{EraLedger, PerPot};
use smart_agent_chain::{AccountId, Chain, ChainError};
use sp_runtime::Perbill;

const OWNER: AccountId = AccountId::new([7; 32]);

fn pots(plots: u128) -> PerPot<u128> {
	PerPot {
		signing: 1,
		plots,
		storage: 3,
		compute: 4,
		bandwidth: 5,
		discovery: 6,
		treasury: 0,
	}
}

/// A node in its era 9, whose best block is not final.
async fn ready(claimable: Vec<(u32, PerPot<u128>)>) -> (Node, Chain) {
	let node = Node::start(1).await;
	node.author();
	node.finalize();
	node.author();
	let open = (9u32, 1_000u128, Perbill::from_percent(12));
	node.answer("StciIssuanceApi_open_era", open.encode());
	node.answer("StciIssuanceApi_claimable", claimable.encode());
	node.answer("StciIssuanceApi_expiry_eras", 144u32.encode());
	let chain = node.connect().await;
	(node, chain)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_can_be_claimed_is_told_as_of_a_final_block() {
	let (node, chain) = ready(vec![(3, pots(20)), (8, pots(0))]).await;
	let told = chain.claimable(&OWNER).await.expect("it is told");
	assert_eq!((told.at.number, told.era, told.expiry), (1, 9, Some(144)));
	assert_eq!(told.at.hash, node.state().chain[1].hash());
	assert_eq!(told.eras, [(3, [1, 20, 3, 4, 5, 6, 0]), (8, [1, 0, 3, 4, 5, 6, 0])]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_names_more_eras_than_there_can_be_is_not_believed() {
	let (_node, chain) = ready(vec![(3, pots(1)); 1_025]).await;
	let told = chain.claimable(&OWNER).await;
	assert!(matches!(told, Err(ChainError::Undecodable { .. })), "{told:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn how_an_era_was_closed_is_told() {
	let (node, chain) = ready(Vec::new()).await;
	let at = node.state().chain[1].hash();
	node.answer("StciIssuanceApi_ledger", None::<EraLedger>.encode());
	assert_eq!(chain.closed_era(3, at).await, Ok(None));
	let mut ledger = EraLedger::default();
	ledger.closing.ceiling = 1_000;
	ledger.closing.usage = Perbill::from_percent(12);
	ledger.closing.rate = 7;
	ledger.closing.gross = 21;
	ledger.closing.pots = pots(2);
	ledger.totals.plots = 5 << 32;
	node.answer("StciIssuanceApi_ledger", Some(ledger).encode());
	let told = chain
		.closed_era(3, at)
		.await
		.expect("it is told")
		.expect("it was closed");
	assert_eq!(
		(told.ceiling, told.usage, told.rate, told.gross),
		(1_000, 120_000_000, 7, 21)
	);
	assert_eq!((told.pots[1], told.units), (2, 5 << 32));
}
