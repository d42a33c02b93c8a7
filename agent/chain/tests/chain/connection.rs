//! Connecting, losing the connection, and what strangers answer.

use crate::{node::Node, soon};
use serde_json::json;
use smart_agent_chain::{Chain, ChainError, Hash, HeadEvent, LinkState, Node as _};
use std::time::Duration;

/// An address at which nobody listens.
async fn nobody() -> smart_agent_chain::NodeUrl {
	let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
	let address = listener.local_addr().expect("it listens");
	format!("ws://{address}").parse().expect("it is one")
}

#[tokio::test(flavor = "multi_thread")]
async fn it_learns_about_chain_and_node() {
	let node = Node::start(1).await;
	let chain = node.connect().await;
	let facts = chain.facts();
	assert_eq!((facts.genesis, facts.url.clone()), (node.genesis(), node.url()));
	assert_eq!((&facts.chain[..], facts.test_chain), ("Test Chain", true));
	assert_eq!(facts.ss58_prefix, 42);
	assert_eq!((facts.slot_ms, facts.era_slots), (500, 1_200));
	assert_eq!((&facts.spec_name[..], &facts.node_version[..]), ("smartchain", "0.1.0"));
	// All that an agent needs is there.
	assert_eq!(chain.check_runtime(), []);
	let prices = chain.prices().expect("they are constants");
	assert!(prices.existential_deposit > 0 && prices.device_deposit > 0 && prices.key_price > 0);
	assert!(prices.space_deposit > 0 && prices.uptime_deposit > 0 && prices.link_deposit > 0);
	let state = soon("a question", chain.sync_state()).await.expect("it is answered");
	assert_eq!(
		(state.peers, state.syncing, state.best, state.highest),
		(4, false, 0, None)
	);
	assert_eq!(chain.era(node.genesis()).await, Ok(3));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_node_of_the_right_chain_is_taken() {
	let (right, wrong) = (Node::start(1).await, Node::start(2).await);
	let genesis = Some(right.genesis());
	let urls = [nobody().await, wrong.url(), right.url()];
	let chain = soon("to connect", Chain::connect(&urls, genesis))
		.await
		.expect("it connects");
	assert_eq!(chain.facts().url, right.url());
	let error = soon("to connect", Chain::connect(&urls[1..2], genesis))
		.await
		.expect_err("a wrong one");
	assert_eq!(
		error,
		ChainError::WrongGenesis {
			url: wrong.url().to_string(),
			expected: right.genesis(),
			found: wrong.genesis(),
		}
	);
	// The right one may only be down: it is worth to try again.
	let error = soon("to connect", Chain::connect(&urls[..2], genesis))
		.await
		.expect_err("one is down");
	assert!(
		matches!(&error, ChainError::NoNode { tried } if tried.contains("follows the chain")),
		"{error}"
	);
	let error = soon("to connect", Chain::connect(&urls[..1], genesis))
		.await
		.expect_err("none");
	assert!(matches!(error, ChainError::NoNode { .. }), "{error}");
	assert_eq!(Chain::connect(&[], None).await.err(), Some(ChainError::NoUrl));
	let many = vec![right.url(); 9];
	assert!(matches!(
		Chain::connect(&many, None).await.err(),
		Some(ChainError::TooManyUrls { given: 9, .. })
	));
}

#[test]
fn addresses_are_checked() {
	let parse = |text: &str| text.parse::<smart_agent_chain::NodeUrl>().is_ok();
	for good in [
		"ws://127.0.0.1:9944",
		"wss://node.example/rpc",
		"ws://[::1]:9944",
		"ws://localhost",
	] {
		assert!(parse(good), "{good}");
	}
	let bad = [
		"",
		"http://a",
		"ws://",
		"ws://:1",
		"ws://a:0",
		"ws://a:70000",
		"ws://a b",
		"ws://u:p@a",
		"ws:///x",
	];
	for bad in bad {
		assert!(!parse(bad), "{bad}");
	}
}

/// The state of the connection, once it is as asked for.
async fn link(chain: &Chain, connected: bool) -> LinkState {
	let mut link = Chain::link(chain);
	let state = soon(
		"the connection",
		link.wait_for(|state| state.is_connected() == connected),
	);
	let state = state.await.expect("the client is there").clone();
	state
}

async fn best_from(heads: &mut smart_agent_chain::Heads, number: u32) -> HeadEvent {
	loop {
		match soon("a head", heads.next()).await.expect("the client is there") {
			event @ HeadEvent::Best { head, .. } if head.number >= number => return event,
			_ => (),
		}
	}
}

#[tokio::test(flavor = "multi_thread")]
async fn it_comes_back_with_all_that_listens() {
	let mut node = Node::start(1).await;
	let chain = node.connect().await;
	let mut heads = Chain::heads(&chain);
	let first = node.author();
	best_from(&mut heads, 1).await;
	node.stop().await;
	assert!(matches!(link(&chain, false).await, LinkState::Lost { .. }));
	let error = soon("a question", chain.best()).await.expect_err("nobody is there");
	assert!(matches!(error, ChainError::Lost { .. }), "{error}");
	// Blocks are authored meanwhile.
	let second = node.author();
	let third = node.author();
	node.restart().await;
	link(&chain, true).await;
	assert_eq!(
		soon("a question", chain.best()).await.map(|head| head.hash),
		Ok(third.hash())
	);
	// What was missed is told.
	let HeadEvent::Best {
		adopted,
		abandoned,
		gap,
		..
	} = best_from(&mut heads, 3).await
	else {
		panic!("a best head");
	};
	let hashes: Vec<Hash> = adopted.iter().map(|head| head.hash).collect();
	assert_eq!(
		(hashes, abandoned, gap),
		(vec![second.hash(), third.hash()], Vec::new(), false)
	);
	assert_eq!(first.hash(), adopted[0].parent);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_node_takes_over() {
	let mut node = Node::start(1).await;
	let twin = node.twin().await;
	let stranger = Node::start(2).await;
	let urls = [node.url(), stranger.url(), twin.url()];
	let chain = soon("to connect", Chain::connect(&urls, None))
		.await
		.expect("it connects");
	let mut heads = Chain::heads(&chain);
	assert_eq!(chain.facts().url, node.url());
	node.stop().await;
	// Not the stranger, though it comes first. That the connection was lost may be over before anybody looks.
	let mut link = Chain::link(&chain);
	let is_twin = |state: &LinkState| matches!(state, LinkState::Connected { url, .. } if *url == twin.url());
	let taken = soon("another node", link.wait_for(is_twin)).await.is_ok();
	assert!(taken, "the client is there");
	// What is told of blocks begins anew in a moment.
	let telling = async {
		loop {
			node.author();
			tokio::time::sleep(Duration::from_millis(200)).await;
		}
	};
	tokio::select! {
		_ = telling => (),
		event = best_from(&mut heads, 1) => assert!(matches!(event, HeadEvent::Best { .. })),
	}
	assert_eq!(chain.facts().url, twin.url());
}

#[tokio::test(flavor = "multi_thread")]
async fn it_takes_the_runtime_that_is_in_force() {
	let node = Node::start(1).await;
	let chain = node.connect().await;
	let mut heads = Chain::heads(&chain);
	node.author();
	best_from(&mut heads, 1).await;
	node.upgrade(9);
	let upgraded = async {
		while chain.facts().spec_version != 9 {
			tokio::time::sleep(Duration::from_millis(20)).await;
		}
	};
	soon("an upgrade", upgraded).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nonsense_is_an_error() {
	let node = Node::start(1).await;
	let chain = node.connect().await;
	let at = node.genesis();
	let unreadable = |error: Option<ChainError>| matches!(error, Some(ChainError::Undecodable { .. }));
	// SCALE that is none, too short, or too long.
	for bytes in [vec![], vec![255; 9], vec![4], vec![0, 0]] {
		node.answer("ResourceProofsApi_open_rounds", bytes);
		assert!(unreadable(chain.open_rounds(at).await.err()));
	}
	node.answer("ResourceProofsApi_open_rounds", vec![0]);
	assert_eq!(chain.open_rounds(at).await, Ok(Vec::new()));
	// JSON of another kind.
	for value in [json!(7), json!("0xzz"), json!({ "a": [] }), json!([null])] {
		node.state().instead.insert("state_call".into(), value.clone());
		assert!(unreadable(chain.open_rounds(at).await.err()), "{value}");
		node.state().instead.insert("chain_getHeader".into(), value.clone());
		assert!(unreadable(chain.best().await.err()), "{value}");
	}
	node.state().instead.clear();
	// A header of another chain's kind, and one that is not known.
	let mut header = node.author().header;
	header.digest.logs.clear();
	node.state().instead.insert("chain_getHeader".into(), json!(header));
	assert!(unreadable(chain.best().await.err()));
	node.state().instead.clear();
	assert_eq!(
		chain.open_rounds(Hash::repeat_byte(1)).await,
		Err(ChainError::NoState(Hash::repeat_byte(1)))
	);
	// A node that knows nothing of it.
	let error = chain.device_proofs(&device_primitives::DeviceId([1; 32]), at).await;
	assert!(
		matches!(error, Err(ChainError::Refused { code: 4003, .. })),
		"{error:?}"
	);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_without_sense_is_not_connected() {
	let node = Node::start(1).await;
	for (method, value) in [
		("chain_getBlockHash", json!(null)),
		("chain_getBlockHash", json!("0x12")),
		("state_getRuntimeVersion", json!({ "specVersion": -1 })),
		("state_call", json!("0x00")),
		("state_call", json!("0x0104ff")),
		("system_chain", json!([])),
		(
			"system_properties",
			json!({ "tokenSymbol": "STCI", "tokenDecimals": 18 }),
		),
	] {
		node.state().instead.insert(method.into(), value.clone());
		let connected = soon("to connect", Chain::connect(&[node.url()], None)).await;
		assert!(connected.is_err(), "{method} {value}");
		node.state().instead.clear();
	}
}

/// Whatever takes the time from it would wake a thousand times a second.
#[tokio::test(flavor = "multi_thread")]
async fn slots_of_a_millisecond_are_refused() {
	let node = Node::start(1).await;
	let mut schedule = crate::node::schedule(3);
	schedule.slot_duration = poca_primitives::SlotDuration::from_millis(1);
	node.answer("PocaApi_schedule", codec::Encode::encode(&schedule));
	let error = soon("to connect", Chain::connect(&[node.url()], None)).await.err();
	assert!(matches!(error, Some(ChainError::OtherRuntime { .. })), "{error:?}");
}

/// Told to an agent, such a block would make all real rounds seem over.
#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_tells_of_the_future_is_left() {
	// Of one chain, for their first blocks are alike.
	let (liar, honest) = (Node::start(1).await, Node::start(1).await);
	let block = honest.author();
	liar.author_in(1_000_000_000_000);
	let chain = soon("to connect", Chain::connect(&[liar.url(), honest.url()], None))
		.await
		.expect("it connects");
	let mut heads = Chain::heads(&chain);
	let mut link = Chain::link(&chain);
	let is_honest = |state: &LinkState| matches!(state, LinkState::Connected { url, .. } if *url == honest.url());
	assert!(soon("the other node", link.wait_for(is_honest)).await.is_ok());
	let HeadEvent::Best { head, .. } = best_from(&mut heads, 1).await else {
		panic!("a best head");
	};
	assert_eq!(head.hash, block.hash());
}
