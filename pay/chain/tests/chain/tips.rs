//! What is signed and finds no place is sent again with a higher tip, as long as that is worth it.

use channel_primitives::{
	Account, Balance, ChannelId, ChannelKey, ChannelSignature, Claim, Condition, Hash, LeafWitness, Locks, Node,
	PerSide, Side, Signed, Stage, Terms, Witness,
};
use smart_pay_chain::{
	testing::FakeLedger, Ledger, Opening, Order, Report, Submission, Submitter, Tips, MOST_IN_FLIGHT, MOST_SHOWN,
};
use smartchain_channel::Call;
use sp_runtime::MultiSignature;
use std::{
	sync::Arc,
	time::{Duration, Instant},
};
use tokio::{sync::mpsc, time::timeout};

const ALICE: Account = [1; 32];
const BOB: Account = [2; 32];
/// How long anything may take.
const LIMIT: Duration = Duration::from_secs(30);
/// How often a block comes, and how long one is waited for before a tip rises.
const BLOCK: Duration = Duration::from_millis(1);
const PATIENCE: Duration = Duration::from_millis(5);

fn yes(_: &ChannelKey, _: &Hash, _: &ChannelSignature) -> bool {
	true
}

struct Scene {
	chain: FakeLedger,
	channel: ChannelId,
	submitter: Submitter<FakeLedger>,
	reports: mpsc::Receiver<Report>,
}

impl Scene {
	async fn new() -> Self {
		let chain = FakeLedger::new(ALICE, yes);
		let opening = Opening {
			partner: BOB,
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
		let channel = chain.last_id(at.hash).await.expect("it is there");
		let (teller, reports) = mpsc::channel(8);
		let tips = Tips {
			first: 100,
			most: 1_000,
			patience: PATIENCE,
		};
		let submitter = Submitter::new(Arc::new(chain.clone()), teller).with_tips(tips);
		Self {
			chain,
			channel,
			submitter,
			reports,
		}
	}

	fn close(&self) -> Submission {
		Submission {
			channel: self.channel,
			side: Side::Low,
			call: Call::Close {
				claim: Signed {
					body: Claim::new(0, &Locks::default()),
					signature: ChannelSignature([0; 64]),
				},
				locks: Locks::default(),
				brought: None,
				words: Vec::new(),
			},
		}
	}

	/// Shows a condition, each number another one.
	fn show(&self, number: usize) -> Submission {
		let mut preimage = [0; 32];
		preimage[..8].copy_from_slice(&(number as u64).to_le_bytes());
		let node = Node::Preimage { hash: preimage };
		Submission {
			channel: self.channel,
			side: Side::Low,
			call: Call::Resolve {
				condition: Condition::new(vec![node]).expect("a condition"),
				witness: Witness(vec![LeafWitness::Preimage(preimage)].try_into().expect("one leaf")),
			},
		}
	}

	/// Blocks come until something is so. What was reported meanwhile.
	async fn until(&mut self, is_so: impl Fn(&Self, &[Report]) -> bool) -> Vec<Report> {
		let (began, mut all) = (Instant::now(), Vec::new());
		while !is_so(self, &all) {
			assert!(began.elapsed() < LIMIT, "{:?}", self.chain.bids());
			match timeout(BLOCK, self.reports.recv()).await {
				Ok(report) => all.extend(report),
				Err(_) => {
					self.chain.next(1);
				}
			}
		}
		all
	}

	fn is_closing(&self) -> bool {
		let state = self.chain.state(self.channel);
		state.is_some_and(|state| matches!(state.stage, Stage::Closing(_)))
	}
}

#[tokio::test]
async fn what_finds_no_place_goes_again_with_more_until_it_is_final() {
	let mut scene = Scene::new().await;
	scene.chain.full_below(350);
	assert!(scene.submitter.submit_for(scene.close(), 1_000_000));
	// The same is not begun beside it.
	assert!(!scene.submitter.submit_for(scene.close(), 1_000_000));
	let reports = scene.until(|_, reports| !reports.is_empty()).await;
	assert!(reports[0].result.is_ok(), "{reports:?}");
	assert!(scene.is_closing());
	assert!(
		scene.chain.bids().starts_with(&[0, 100, 200, 400]),
		"{:?}",
		scene.chain.bids()
	);
	// Those with less were done as little as they were paid for.
	assert!(scene.chain.refused().is_empty());
	assert_eq!(scene.submitter.in_flight(), 0);
}

/// Hoarder pays none of its locks, in many channels: all are shown to the chain, and what closes a channel has a place
/// all the same.
#[tokio::test]
async fn hoarder_of_unpaid_locks_delays_no_close() {
	let scene = Scene::new().await;
	scene.chain.full_below(5_000);
	let begun = (0..MOST_IN_FLIGHT + 10).filter(|number| scene.submitter.submit(scene.show(*number)));
	assert_eq!(begun.count(), MOST_SHOWN);
	assert!(scene.submitter.submit(scene.close()));
	assert_eq!(scene.submitter.in_flight(), MOST_SHOWN + 1);
}

#[tokio::test]
async fn nobody_pays_more_than_it_is_worth() {
	let all: [(Balance, Balance); 3] = [(30_000, 300), (10_000_000, 1_000), (99, 0)];
	for (stake, highest) in all {
		let mut scene = Scene::new().await;
		scene.chain.full_below(5_000);
		assert!(scene.submitter.submit_for(scene.close(), stake));
		scene
			.until(|scene, _| scene.chain.bids().last() == Some(&highest))
			.await;
		let before = scene.chain.now();
		scene.until(|scene, _| scene.chain.now() > before + 30).await;
		assert_eq!(scene.chain.bids().into_iter().max(), Some(highest));
		assert!(!scene.is_closing());
		// It waits with that, and comes when there is room.
		scene.chain.full_below(0);
		let reports = scene.until(|_, reports| !reports.is_empty()).await;
		assert!(reports[0].result.is_ok() && scene.is_closing());
		assert_eq!(scene.chain.bids().into_iter().max(), Some(highest));
	}
}

#[tokio::test]
async fn what_a_block_refuses_is_not_for_want_of_a_tip() {
	let mut scene = Scene::new().await;
	let unknown = Submission {
		channel: 77,
		..scene.close()
	};
	assert!(scene.submitter.submit_for(unknown, 1_000_000));
	let reports = scene.until(|_, reports| !reports.is_empty()).await;
	assert!(reports[0].result.is_err());
	assert_eq!(scene.chain.bids().first(), Some(&0));
	assert_eq!(scene.chain.refused().len(), 1);
}

/// A block with it that is on no branch any more is none.
#[tokio::test]
async fn what_was_in_a_block_that_is_gone_is_waited_for_again() {
	let mut scene = Scene::new().await;
	assert!(scene.submitter.submit_for(scene.close(), 1_000_000));
	let began = Instant::now();
	while scene.chain.bids().is_empty() {
		assert!(began.elapsed() < LIMIT);
		tokio::task::yield_now().await;
	}
	scene.chain.author(1);
	assert!(scene.is_closing());
	scene.chain.abandon();
	assert!(!scene.is_closing());
	assert_eq!(scene.submitter.in_flight(), 1);
	let reports = scene.until(|_, reports| !reports.is_empty()).await;
	assert!(reports[0].result.is_ok() && scene.is_closing());
}
