//! Every final block is told, and how all stands after a start or a jump.

use channel_primitives::{
	Account, ChannelId, ChannelKey, ChannelSignature, Claim, Hash, Locks, PerSide, Side, Signed, Terms,
};
use smart_pay_chain::{
	testing::FakeLedger, Follower, Interest, Ledger, Mark, Opening, Order, Submission, Tale, Told, Trouble, DOUBT,
};
use smartchain_channel::{Call, Fact};
use sp_runtime::MultiSignature;
use std::{sync::Arc, time::Duration};
use tokio::{sync::mpsc, time::timeout};

const ALICE: Account = [1; 32];
const BOB: Account = [2; 32];
/// How long anything may take.
const LIMIT: Duration = Duration::from_secs(30);

fn yes(_: &ChannelKey, _: &Hash, _: &ChannelSignature) -> bool {
	true
}

fn chain() -> FakeLedger {
	FakeLedger::new(ALICE, yes)
}

async fn open(chain: &FakeLedger, partner: Account) -> ChannelId {
	let opening = Opening {
		partner,
		terms: Terms {
			keys: PerSide {
				low: ChannelKey([1; 32]),
				high: ChannelKey([2; 32]),
			},
			window: 20,
		},
		amount: 100,
		expiry: u32::MAX,
		signature: MultiSignature::Ed25519(Default::default()),
	};
	chain.carry(&Order::Open(Box::new(opening))).await.expect("it is taken");
	let at = chain.next(1);
	chain.last_id(at.hash).await.expect("it is there")
}

fn close(channel: ChannelId, side: Side) -> Order {
	let claim = Signed {
		body: Claim::new(0, &Locks::default()),
		signature: ChannelSignature([0; 64]),
	};
	Order::Core(Box::new(Submission {
		channel,
		side,
		call: Call::Close {
			claim,
			locks: Locks::default(),
			brought: None,
			words: Vec::new(),
		},
	}))
}

fn follow(chain: &FakeLedger, interest: &Interest, mark: Option<Mark>) -> mpsc::Receiver<Tale> {
	let (tales, receiver) = mpsc::channel(4);
	let told = mark.map_or(0, |mark| mark.number);
	let follower = Follower::new(Arc::new(chain.clone()), ALICE, interest.clone(), mark, told);
	tokio::spawn(follower.run(tales));
	receiver
}

async fn next(tales: &mut mpsc::Receiver<Tale>) -> Tale {
	let tale = timeout(LIMIT, tales.recv()).await.expect("a tale in time");
	tale.expect("the follower runs")
}

async fn told(tales: &mut mpsc::Receiver<Tale>) -> Told {
	match next(tales).await {
		Tale::Final(told) => told,
		other => panic!("{other:?}"),
	}
}

#[tokio::test]
async fn every_final_block_is_told_in_order() {
	let chain = chain();
	let mut tales = follow(&chain, &Interest::default(), None);
	assert_eq!(told(&mut tales).await.mark.number, 0);
	for _ in 0..5 {
		chain.author(2);
	}
	chain.finalize();
	for number in 1..=5 {
		let told = told(&mut tales).await;
		assert_eq!((told.mark.number, told.block.tick), (number, 1_000 + 2 * number));
		assert!(!told.jumped && told.block.facts.is_empty());
		assert_eq!(told.left, 5 - number, "how far it is behind");
	}
	let channel = open(&chain, BOB).await;
	let told = told(&mut tales).await;
	assert!(matches!(&told.block.facts[0], Fact::Opened(ours) if ours.context.channel == channel));
}

#[tokio::test]
async fn channels_of_others_are_not_told() {
	let chain = chain();
	let interest = Interest::default();
	let mut tales = follow(&chain, &interest, None);
	told(&mut tales).await;
	let other = open(&chain.seen_by([3; 32]), BOB).await;
	let told = told(&mut tales).await;
	assert!(told.block.facts.is_empty() && !interest.has(other));
	assert_eq!(told.mark.last_id, other);
}

#[tokio::test]
async fn the_first_tale_says_how_all_stands_and_what_was_opened_meanwhile() {
	let chain = chain();
	let old = open(&chain, BOB).await;
	let at = chain.next(1);
	let mark = Mark {
		number: at.number,
		hash: at.hash,
		tick: chain.now(),
		last_id: old,
	};
	// While nobody looked: another channel, and a close of the first.
	let new = open(&chain.seen_by(BOB), ALICE).await;
	chain.carry(&close(old, Side::High)).await.expect("it is taken");
	chain.next(1);
	chain.prune();
	let mut tales = follow(&chain, &Interest::new([old]), Some(mark));
	let told = told(&mut tales).await;
	assert!(told.jumped);
	let opened = told
		.block
		.facts
		.iter()
		.any(|fact| matches!(fact, Fact::Opened(ours) if ours.context.channel == new));
	let closing = told
		.block
		.facts
		.iter()
		.any(|fact| matches!(fact, Fact::Closing { channel, .. } if *channel == old));
	assert!(opened && closing, "{:?}", told.block.facts);
}

/// Amnesiac's node knows nothing of a channel for a moment: whoever believed that at once would forget what was signed
/// in it.
#[tokio::test]
async fn amnesiac_is_asked_again_before_a_channel_is_forgotten() {
	for lasts in [false, true] {
		let chain = chain();
		let channel = open(&chain, BOB).await;
		let interest = Interest::new([channel]);
		chain.hide(Some(channel));
		let mut tales = follow(&chain, &interest, None);
		let gone = Fact::Gone { channel };
		assert!(!told(&mut tales).await.block.facts.contains(&gone));
		assert_eq!(chain.doubted(), 1, "another node is asked, if there is one");
		chain.hide(lasts.then_some(channel));
		for number in 1..=DOUBT {
			chain.next(1);
			let facts = told(&mut tales).await.block.facts;
			assert_eq!(facts.contains(&gone), lasts && number == DOUBT, "{number}: {facts:?}");
		}
		assert_eq!(interest.has(channel), !lasts);
	}
}

#[tokio::test]
async fn a_close_in_a_best_block_is_told_at_once_and_taken_back() {
	let chain = chain();
	let interest = Interest::default();
	let mut tales = follow(&chain, &interest, None);
	told(&mut tales).await;
	let channel = open(&chain, BOB).await;
	told(&mut tales).await;
	chain.carry(&close(channel, Side::High)).await.expect("it is taken");
	chain.author(1);
	let Tale::Best {
		channel: seen,
		claim_locks,
		..
	} = next(&mut tales).await
	else {
		panic!("the close is told");
	};
	assert_eq!((seen, claim_locks), (channel, Some(Locks::default())));
	// Another branch, without it, is final.
	chain.abandon();
	chain.next(1);
	let told = told(&mut tales).await;
	assert!(
		told.block.facts.contains(&Fact::Open { channel }),
		"{:?}",
		told.block.facts
	);
}

#[tokio::test]
async fn a_node_of_another_chain_or_behind_is_noticed() {
	let chain = chain();
	let at = chain.next(1);
	let other = Mark {
		number: at.number,
		hash: [9; 32],
		tick: 1_001,
		last_id: 0,
	};
	let mut tales = follow(&chain, &Interest::default(), Some(other));
	assert_eq!(next(&mut tales).await, Tale::Trouble(Trouble::OtherChain(at.number)));
	let ahead = Mark {
		number: at.number + 5,
		..other
	};
	let mut tales = follow(&chain, &Interest::default(), Some(ahead));
	let Tale::Trouble(Trouble::Behind { node, known }) = next(&mut tales).await else {
		panic!("it is behind");
	};
	assert_eq!((node, known), (1, 6));
}
