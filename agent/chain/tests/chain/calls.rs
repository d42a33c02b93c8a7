//! Calls that accounts sign.

use crate::{
	node::{account_key, is_signed, nonce_of, Node, INVALID},
	soon,
};
use codec::Encode;
use device_primitives::DeviceId;
use jsonrpsee::types::{ErrorObject, ErrorObjectOwned};
use smart_agent_chain::{
	AccountId, Call, Chain, ChainError, Claimed, PairSigner, Progress, Refusal, Result, Signer, Step, MORTAL_BLOCKS,
};
use sp_core::{sr25519, Pair};
use std::{future::Future, time::Duration};
use tokio::time::sleep;

const DEVICE: DeviceId = DeviceId([0xd1; 32]);

fn alice() -> PairSigner<sr25519::Pair> {
	PairSigner(sr25519::Pair::from_seed(&[1; 32]))
}

fn declare() -> Call {
	Call::Declare {
		device: DEVICE,
		claim: Claimed::Uptime,
	}
}

async fn ready() -> (Node, Chain) {
	let node = Node::start(1).await;
	for _ in 0..3 {
		node.author();
	}
	node.finalize();
	let chain = node.connect().await;
	(node, chain)
}

async fn send(chain: &Chain, call: &Call) -> Result<Progress> {
	soon("to send", chain.send(call, &alice())).await
}

async fn next(progress: &mut Progress) -> Result<Step> {
	soon("a step", progress.next()).await.expect("there is one more")
}

/// The nonces of what waits.
fn nonces(node: &Node) -> Vec<u32> {
	let pool = node.state().pool.clone();
	pool.iter()
		.map(|bytes| nonce_of(bytes).expect("it is signed"))
		.collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_goes_its_way_to_the_end() {
	let (node, chain) = ready().await;
	let mut progress = send(&chain, &declare()).await.expect("it is taken");
	assert!(matches!(next(&mut progress).await, Ok(Step::InPool { nonce: 0, .. })));
	assert!(node.state().pool.iter().all(|transaction| is_signed(transaction)));
	let block = node.author();
	let Ok(Step::InBlock(included)) = next(&mut progress).await else {
		panic!("it is in a block");
	};
	assert_eq!((included.number, included.block, included.index), (4, block.hash(), 0));
	// A reorganization takes it out, and another block takes it in.
	let transaction = block.transactions[0].clone();
	node.author_after(1, false);
	assert_eq!(next(&mut progress).await, Ok(Step::Retracted { block: block.hash() }));
	node.state().pool.push(transaction);
	let again = node.author();
	let Ok(Step::InBlock(included)) = next(&mut progress).await else {
		panic!("it is in a block");
	};
	assert_eq!((included.number, included.block), (5, again.hash()));
	node.finalize();
	let Ok(Step::Finalized(included)) = next(&mut progress).await else {
		panic!("it is final");
	};
	assert_eq!(included.block, again.hash());
	assert!(soon("the end", progress.next()).await.is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn several_calls_have_one_nonce_after_the_other() {
	let (node, chain) = ready().await;
	node.state().nonce = 7;
	// At the same time, too.
	let (calls, signer) = (vec![declare(); 3], alice());
	let sent = calls.iter().map(|call| chain.send(call, &signer));
	for sent in soon("to send", futures::future::join_all(sent)).await {
		sent.expect("it is taken");
	}
	assert_eq!(nonces(&node), [7, 8, 9]);
	// A node that does not know of them yet, as another may not.
	node.state().pool.clear();
	send(&chain, &declare()).await.expect("it is taken");
	assert_eq!(nonces(&node), [10]);
	// But if they are lost, what the node says counts for the call after the one that shows it.
	node.state().pool.clear();
	let future = ErrorObject::owned(1010, "Invalid Transaction", Some("Transaction is outdated"));
	node.state().refuse.push(future);
	let said = send(&chain, &declare()).await.err();
	assert!(matches!(said, Some(ChainError::Unclear { .. })), "{said:?}");
	send(&chain, &declare()).await.expect("it is taken");
	assert_eq!(nonces(&node), [7]);
}

/// What a pool says if it knows of no money for the fee.
fn poor() -> ErrorObjectOwned {
	ErrorObject::owned(
		INVALID,
		"Invalid Transaction",
		Some("Inability to pay some fees (e.g. account balance too low)"),
	)
}

const FEE: u128 = 12_345;

/// Has the best block say that the signer has so much beyond what keeps the account alive, and what the fee is.
fn give(node: &Node, chain: &Chain, beyond: u128) {
	let existential = chain.prices().expect("they are constants").existential_deposit;
	// Nonce and references; free, reserved, frozen, flags.
	let account = [
		(0u32, 0u32, 1u32, 0u32).encode(),
		(existential + beyond, 0u128, 0u128, 0u128).encode(),
	];
	let who = alice().account();
	let key = account_key(who.as_ref());
	node.state().storage.insert(key, account.concat());
	// Weight, class, fee.
	node.answer(
		"TransactionPaymentApi_query_info",
		[vec![4, 4, 0], FEE.encode()].concat(),
	);
}

/// Authors blocks that take in nothing, for ever.
async fn author(node: &Node) {
	loop {
		sleep(Duration::from_millis(20)).await;
		node.author_after(0, false);
	}
}

/// Awaits something meanwhile.
async fn with_blocks<T>(node: &Node, wanted: impl Future<Output = T>) -> T {
	tokio::select! {
		done = wanted => done,
		() = author(node) => panic!("it never ends"),
	}
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_pool_refuses_is_said() {
	let (node, chain) = ready().await;
	// It has nothing; it has too little; nobody says what it takes.
	for beyond in [None, Some(FEE - 1), Some(FEE)] {
		if let Some(beyond) = beyond {
			give(&node, &chain, beyond);
		}
		if beyond == Some(FEE) {
			node.state().apis.remove("TransactionPaymentApi_query_info");
		}
		let before = node.calls("author_submitExtrinsic");
		node.state().refuse.push(poor());
		let said = with_blocks(&node, send(&chain, &declare())).await;
		assert_eq!(said.err(), Some(ChainError::Rejected(Refusal::Payment)), "{beyond:?}");
		assert_eq!(node.calls("author_submitExtrinsic"), before + 1, "{beyond:?}");
	}
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pool_that_is_behind_is_asked_again_with_new_blocks() {
	let (node, chain) = ready().await;
	give(&node, &chain, FEE);
	node.state().refuse.extend([poor(), poor()]);
	with_blocks(&node, send(&chain, &declare()))
		.await
		.expect("it is taken the third time");
	assert_eq!(node.calls("author_submitExtrinsic"), 3);
	assert_eq!(nonces(&node), [0]);
}

/// Others of the same process may send meanwhile.
#[tokio::test(flavor = "multi_thread")]
async fn who_waits_for_a_pool_keeps_nobody_from_sending() {
	let (node, chain) = ready().await;
	give(&node, &chain, FEE);
	node.state().refuse.push(poor());
	let (call, signer) = (declare(), alice());
	let second = async {
		while node.calls("author_submitExtrinsic") == 0 {
			sleep(Duration::from_millis(5)).await;
		}
		send(&chain, &call).await.expect("it is taken");
		assert_eq!(node.calls("author_submitExtrinsic"), 2, "the first one waits still");
		author(&node).await;
	};
	let first = tokio::select! {
		first = soon("to send", chain.send(&call, &signer)) => first,
		() = second => panic!("it never ends"),
	};
	// That the other one took its nonce, and not it, is the node's word alone.
	assert!(matches!(first, Err(ChainError::Unclear { .. })), "{:?}", first.err());
	assert_eq!(nonces(&node), [0]);
}

/// A node that takes what it says it refuses would have it paid once more with each nonce.
#[tokio::test(flavor = "multi_thread")]
async fn what_was_refused_is_signed_with_no_other_nonce() {
	let (node, chain) = ready().await;
	give(&node, &chain, FEE);
	node.state().refuse.push(poor());
	let (call, signer) = (declare(), alice());
	let taken = async {
		while node.calls("author_submitExtrinsic") == 0 {
			sleep(Duration::from_millis(5)).await;
		}
		node.state().nonce += 1;
		author(&node).await;
	};
	let said = tokio::select! {
		said = soon("to send", chain.send(&call, &signer)) => said.err(),
		() = taken => panic!("it never ends"),
	};
	assert!(
		matches!(&said, Some(told @ ChainError::Unclear { .. }) if told.to_string().contains("may be on its way")),
		"{said:?}"
	);
	assert_eq!(node.calls("author_submitExtrinsic"), 1);
	// Or it says so when it is asked again.
	node.state().nonce = 0;
	let stale = ErrorObject::owned(INVALID, "Invalid Transaction", Some("Transaction is outdated"));
	node.state().refuse.extend([poor(), stale]);
	let said = with_blocks(&node, send(&chain, &declare())).await.err();
	assert!(matches!(said, Some(ChainError::Unclear { .. })), "{said:?}");
	assert_eq!(node.calls("author_submitExtrinsic"), 3);
	assert!(nonces(&node).is_empty());
}

/// A node that takes a call and says that its nonce is used has it done twice if it is signed with another one: money
/// is sent twice, a deposit is held twice, a fee is paid twice.
#[tokio::test(flavor = "multi_thread")]
async fn no_call_is_signed_for_with_two_nonces() {
	let (node, chain) = ready().await;
	let transfer = Call::Transfer {
		to: AccountId::new([2; 32]),
		amount: 1_000,
	};
	let mut sent = 0;
	for call in [transfer, declare(), Call::Retire { device: DEVICE }] {
		for words in ["Transaction is outdated", "Transaction will be valid in the future"] {
			let refused = ErrorObject::owned(INVALID, "Invalid Transaction", Some(words));
			node.state().refuse.push(refused);
			let said = send(&chain, &call).await.err();
			sent += 1;
			assert!(
				matches!(said, Some(ChainError::Unclear { .. })),
				"{call:?}, {words}: {said:?}"
			);
			assert_eq!(node.calls("author_submitExtrinsic"), sent, "{call:?}, {words}");
		}
	}
	send(&chain, &declare()).await.expect("it is taken");
	assert_eq!(nonces(&node), [0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pool_that_stays_behind_is_asked_a_few_times_alone() {
	let (node, chain) = ready().await;
	give(&node, &chain, FEE);
	node.state().refuse.extend(vec![poor(); 50]);
	let said = with_blocks(&node, send(&chain, &declare())).await.err();
	assert!(
		matches!(&said, Some(ChainError::Dropped(why)) if why.contains("in sync")),
		"{said:?}"
	);
	assert_eq!(node.calls("author_submitExtrinsic"), 5);
	assert!(nonces(&node).is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_chain_that_stands_still_is_not_waited_for() {
	let node = Node::start(1).await;
	let mut schedule = crate::node::schedule(3);
	schedule.slot_duration = poca_primitives::SlotDuration::from_millis(100);
	node.answer("PocaApi_schedule", schedule.encode());
	node.author();
	node.finalize();
	let chain = node.connect().await;
	give(&node, &chain, FEE);
	node.state().refuse.extend(vec![poor(); 50]);
	let said = send(&chain, &declare()).await.err();
	assert!(matches!(said, Some(ChainError::Dropped(_))), "{said:?}");
	assert_eq!(node.calls("author_submitExtrinsic"), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_pallet_refuses_is_named() {
	let (node, chain) = ready().await;
	let mut progress = send(&chain, &declare()).await.expect("it is taken");
	next(&mut progress).await.expect("it waits");
	// The registry's first error.
	node.author_failing(&[3, 40, 0, 0, 0, 0]);
	let error = next(&mut progress).await;
	match error {
		Err(ChainError::Dispatch { pallet, error, words }) => {
			assert_eq!((&pallet[..], &error[..]), ("DeviceRegistry", "AlreadyVendor"));
			assert!(words.starts_with("The account is a vendor already; "), "{words}");
		}
		other => panic!("{other:?}"),
	}
}

/// What a pallet refused in one block another one may carry out: the refusal is final with its block.
#[tokio::test(flavor = "multi_thread")]
async fn what_the_pallet_refuses_is_watched_until_it_is_final() {
	let (node, chain) = ready().await;
	let mut progress = send(&chain, &declare()).await.expect("it is taken");
	next(&mut progress).await.expect("it waits");
	let block = node.author_failing(&[3, 40, 0, 0, 0, 0]);
	assert!(matches!(next(&mut progress).await, Err(ChainError::Dispatch { .. })));
	let transaction = block.transactions[0].clone();
	node.author_after(1, false);
	assert_eq!(next(&mut progress).await, Ok(Step::Retracted { block: block.hash() }));
	node.state().pool.push(transaction);
	node.author();
	assert!(matches!(next(&mut progress).await, Ok(Step::InBlock(_))));
	node.finalize();
	assert!(matches!(next(&mut progress).await, Ok(Step::Finalized(_))));
	// And one that stays.
	let mut progress = send(&chain, &declare()).await.expect("it is taken");
	next(&mut progress).await.expect("it waits");
	node.author_failing(&[3, 40, 0, 0, 0, 0]);
	assert!(matches!(next(&mut progress).await, Err(ChainError::Dispatch { .. })));
	node.finalize();
	assert!(matches!(next(&mut progress).await, Err(ChainError::Dispatch { .. })));
	assert!(soon("the end", progress.next()).await.is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_comes_into_no_block_expires() {
	let (node, chain) = ready().await;
	let mut progress = send(&chain, &declare()).await.expect("it is taken");
	next(&mut progress).await.expect("it waits");
	let blocks = tokio::spawn(async move {
		for _ in 0..MORTAL_BLOCKS + 4 {
			node.author_after(0, false);
			tokio::time::sleep(std::time::Duration::from_millis(5)).await;
		}
		node
	});
	assert_eq!(
		next(&mut progress).await,
		Err(ChainError::Expired { blocks: MORTAL_BLOCKS })
	);
	let node = soon("blocks", blocks).await.expect("no panic");
	// Its nonce is free again.
	node.state().pool.clear();
	send(&chain, &declare()).await.expect("it is taken");
	assert_eq!(nonces(&node), [0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_takes_the_place_of_a_call_has_its_nonce() {
	let (node, chain) = ready().await;
	node.state().nonce = 3;
	let mut progress = send(&chain, &declare()).await.expect("it is taken");
	let Ok(Step::InPool { nonce, .. }) = next(&mut progress).await else {
		panic!("it waits");
	};
	let signer = alice();
	let declared = declare();
	let again = soon("to send", chain.replace(&declared, &signer, nonce, 5)).await;
	let mut again = again.expect("it is taken");
	assert!(matches!(next(&mut again).await, Ok(Step::InPool { nonce: 3, .. })));
	assert_eq!(nonces(&node), [3, 3]);
	// The next call has the next nonce all the same.
	send(&chain, &declare()).await.expect("it is taken");
	assert_eq!(nonces(&node), [3, 3, 4]);
	// A pool that wants more says so, and what was sent before stays.
	let low = ErrorObject::owned(1014, "Priority is too low", None::<()>);
	node.state().refuse.push(low);
	let refused = soon("to send", chain.replace(&declared, &signer, nonce, 6)).await.err();
	assert_eq!(refused, Some(ChainError::Rejected(Refusal::LowPriority)));
	assert_eq!(nonces(&node), [3, 3, 4]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_is_followed_over_a_lost_connection() {
	let (mut node, chain) = ready().await;
	let mut progress = send(&chain, &declare()).await.expect("it is taken");
	next(&mut progress).await.expect("it waits");
	node.stop().await;
	let block = node.author();
	node.restart().await;
	let included = soon("a block", progress.in_block()).await.expect("it is in one");
	assert_eq!(included.block, block.hash());
	node.finalize();
	assert!(soon("the end", progress.finalized()).await.is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_quote_says_what_is_paid_and_held() {
	let (node, chain) = ready().await;
	let fee = 12_345u128;
	// Weight, class, fee.
	let info = [vec![4, 4, 0], fee.encode()].concat();
	node.answer("TransactionPaymentApi_query_info", info);
	node.answer("ResourceProofsApi_device_proofs", vec![0]);
	let who = alice().account();
	let prices = chain.prices().expect("they are constants");
	let quote = soon("a quote", chain.quote(&declare(), &who))
		.await
		.expect("it is answered");
	assert_eq!((quote.fee, quote.paid, quote.held), (fee, 0, prices.uptime_deposit));
	// The account has nothing.
	assert_eq!((quote.spendable, quote.missing), (0, fee + prices.uptime_deposit));
	let transfer = Call::Transfer {
		to: AccountId::new([2; 32]),
		amount: 1_000,
	};
	let quote = soon("a quote", chain.quote(&transfer, &who))
		.await
		.expect("it is answered");
	assert_eq!((quote.fee, quote.paid, quote.held), (fee, 1_000, 0));
	// Nothing is sent.
	assert_eq!(node.calls("author_submitExtrinsic"), 0);
}

/// Taken for one that was not sent, it would be signed anew with the next nonce, and both would come into blocks.
#[tokio::test(flavor = "multi_thread")]
async fn a_call_whose_answer_is_lost_is_followed_and_not_sent_again() {
	let node = Node::start(1).await;
	for _ in 0..3 {
		node.author();
	}
	node.finalize();
	let url = node.cutting().await;
	let chain = soon("to connect", Chain::connect(&[url], None))
		.await
		.expect("it connects");
	let mut progress = send(&chain, &declare()).await.expect("it may be on its way");
	assert!(matches!(next(&mut progress).await, Ok(Step::InPool { nonce: 0, .. })));
	assert_eq!(nonces(&node), [0]);
	assert_eq!(node.calls("author_submitExtrinsic"), 1);
	let block = node.author();
	let included = soon("a block", progress.in_block()).await.expect("it is in one");
	assert_eq!(included.block, block.hash());
}

/// What the watcher cannot read does not say that the transaction is in no block.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_known_is_not_said_to_be_lost() {
	let (node, chain) = ready().await;
	let mut progress = send(&chain, &declare()).await.expect("it is taken");
	next(&mut progress).await.expect("it waits");
	node.state()
		.instead
		.insert("chain_getBlock".into(), serde_json::json!(7));
	node.author();
	let error = next(&mut progress).await;
	assert!(
		matches!(&error, Err(told @ ChainError::Unclear { .. }) if told.to_string().contains("may be on its way")),
		"{error:?}"
	);
}
