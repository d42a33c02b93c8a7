//! What calls cost.

use crate::{
	pallet::{AftermathOf, CaseOf, ChannelOf},
	*,
};
use alloc::{vec, vec::Vec};
use channel_primitives::{
	Accept, Balance, ChainWitness, ChannelId, ChannelKey, ChannelSignature, Claim, CloseTogether, Condition, Context,
	Dispute, Half, Hash, LeafWitness, Lock, Locks, Node, Payload, Pending, PerSide, PredicateId, Receipt, Rekey,
	Resync, Resyncs, Reveal, Side, Signed, Stake, Statement, Steps, Submit, Terms, Tick, Withdraw, Witness, DAY,
	MAX_LOCKS, NO_CHANNEL, STCI,
};
use frame_benchmarking::v2::*;
use frame_support::{
	assert_ok,
	traits::{
		fungible::{Inspect, Unbalanced},
		tokens::Precision,
		Get,
	},
	weights::Weight,
	BoundedVec,
};
use frame_system::RawOrigin;
use sp_core::{crypto::KeyTypeId, ed25519};
use sp_runtime::{traits::IdentifyAccount, AccountId32, MultiSignature, MultiSigner};

/// What a runtime does for these benchmarks.
pub trait BenchmarkHelper<AccountId, Signature> {
	/// An account, and how it signs what `payload` says for it. See [`wallet`].
	fn wallet(payload: &dyn Fn(&AccountId) -> Vec<u8>) -> (AccountId, Signature);

	/// Turns the markets' clock to this tick.
	fn set_tick(tick: Tick);

	/// A predicate that takes as long as any to look at, with arguments of 32 bytes; for each number others.
	fn predicate(number: u32) -> (PredicateId, Vec<u8>);
}

/// Where keys are kept that sign here.
const KEYSTORE: KeyTypeId = KeyTypeId(*b"chnb");

/// The tick of all benchmarks.
const NOW: Tick = 200 * DAY;

/// What each side puts in, in existential deposits.
const PARTS: u32 = 1_000;

/// An account of the kind that takes the longest to verify.
pub fn wallet(payload: &dyn Fn(&AccountId32) -> Vec<u8>) -> (AccountId32, MultiSignature) {
	let public = sp_io::crypto::ecdsa_generate(KEYSTORE, None);
	let who = MultiSigner::Ecdsa(public).into_account();
	let signature = sp_io::crypto::ecdsa_sign(KEYSTORE, &public, &payload(&who)).expect("the keystore has the key");
	(who, MultiSignature::Ecdsa(signature))
}

fn key() -> ChannelKey {
	ChannelKey(sp_io::crypto::ed25519_generate(KEYSTORE, None).0)
}

fn sign<B: Payload>(key: &ChannelKey, context: &Context, body: B) -> Signed<B> {
	let public = ed25519::Public::from_raw(key.0);
	let signature = sp_io::crypto::ed25519_sign(KEYSTORE, &public, &body.payload(context));
	let signature = ChannelSignature(signature.expect("the keystore has the key").0);
	Signed { body, signature }
}

fn unit<T: Config>() -> Balance {
	T::Currency::minimum_balance().max(1)
}

/// An account with so much that it suffices for everything.
fn rich<T: Config>(name: &'static str, index: u32) -> T::AccountId {
	let who = account(name, index, 0);
	fund::<T>(&who);
	who
}

fn fund<T: Config>(who: &T::AccountId) {
	let prices = [
		unit::<T>().saturating_mul(PARTS.into()),
		T::ChannelDeposit::get(),
		T::RevealDeposit::get(),
		T::EndpointDeposit::get(),
		T::MinBond::get(),
	];
	let most = prices.into_iter().fold(1, Balance::max);
	let much = most.saturating_mul(100);
	assert_ok!(T::Currency::increase_balance(who, much, Precision::Exact));
}

/// A channel into which both sides have put the same.
struct Line<T: Config> {
	id: ChannelId,
	channel: ChannelOf<T>,
}

impl<T: Config> Line<T> {
	fn open() -> Self {
		T::BenchmarkHelper::set_tick(NOW);
		let (one, other) = (rich::<T>("side", 0), rich::<T>("side", 1));
		let (low, high) = if one < other { (one, other) } else { (other, one) };
		let part = unit::<T>().saturating_mul(PARTS.into());
		assert_ok!(Pallet::<T>::put_in(HoldReason::Stake, &low, part));
		assert_ok!(Pallet::<T>::put_in(HoldReason::Stake, &high, part));
		assert_ok!(Pallet::<T>::put_in(HoldReason::Stake, &low, T::ChannelDeposit::get()));
		let both = PerSide { low: part, high: part };
		let channel = Channel {
			accounts: PerSide { low, high },
			keys: PerSide {
				low: key(),
				high: key(),
			},
			asset: STCI,
			stake: Stake {
				deposited: both,
				withdrawn: PerSide::default(),
			},
			window: T::MinWindow::get(),
			opener: Side::Low,
			deposit: T::ChannelDeposit::get(),
			phase: Phase::Open,
			rekeyed: false,
		};
		LastId::<T>::put(1);
		Channels::<T>::insert(1, channel.clone());
		Self { id: 1, channel }
	}

	/// What is in it.
	fn total(&self) -> Balance {
		self.channel.stake.total()
	}

	/// All but a unit to the low side.
	fn most_to_low(&self) -> PerSide<Balance> {
		PerSide {
			low: self.total() - unit::<T>(),
			high: unit::<T>(),
		}
	}

	fn account(&self, side: Side) -> T::AccountId {
		self.channel.accounts.get(side).clone()
	}

	fn context(&self, side: Side) -> Context {
		self.channel.context(Pallet::<T>::genesis(), self.id, side)
	}

	fn sign<B: Payload>(&self, side: Side, body: B) -> Signed<B> {
		sign(self.channel.keys.get(side), &self.context(side), body)
	}

	fn both<B: Payload + Copy>(&self, body: B) -> Signatures {
		PerSide::from_fn(|side| self.sign(side, body).signature)
	}

	fn half(&self, side: Side, nonce: u64, transferred: Balance, locks: &Locks) -> Signed<Half> {
		self.sign(side, half(nonce, transferred, locks))
	}

	/// The word of the payee for a half or word of its partner.
	fn submit<B: Payload>(&self, payee: Side, what: &Signed<B>) -> Signed<Submit> {
		let tower: T::AccountId = rich::<T>("tower", 0);
		let body = Submit {
			half: what.body.payload(&self.context(payee.partner())),
			tower: Some(tower.into()),
			reward: 1,
		};
		self.sign(payee, body)
	}

	/// The low side closes with this claim, a while ago or just now.
	fn closing(&mut self, claim: Claim, closed: Tick, deadline: Tick) -> CaseOf<T> {
		self.channel.phase = Phase::Closing;
		Channels::<T>::insert(self.id, self.channel.clone());
		let case = Case {
			dispute: Dispute {
				closer: Side::Low,
				closed,
				deadline,
				claim,
				recovery: false,
				corrected: false,
				halves: PerSide::default(),
				resyncs: PerSide::default(),
			},
			rewards: PerSide::default(),
			free_used: PerSide::default(),
			free: MOST_FREE,
			let_in: PerSide::default(),
		};
		Cases::<T>::insert(self.id, case.clone());
		case
	}

	/// It is settled, and all of it is kept for these locks of the low side.
	fn settled(&mut self, locks: Option<&Locks>) {
		self.channel.phase = Phase::Settled;
		let pending = locks.map(|locks| Pending {
			reserved: self.total(),
			locked: locks.total(),
			locks: locks.root(),
			closed: NOW,
			due: NOW,
		});
		if pending.is_none() {
			Pallet::<T>::pay_both(&self.channel, &self.channel.stake.deposited, &PerSide::default(), 0);
		}
		Channels::<T>::insert(self.id, self.channel.clone());
		Aftermaths::<T>::insert(self.id, aftermath::<T>(pending));
	}
}

/// Of a channel that was settled just now, with these locks of the low side.
fn aftermath<T: Config>(pending: Option<Pending>) -> AftermathOf<T> {
	Aftermath {
		at: NOW,
		closer: Side::Low,
		pending: PerSide {
			low: pending,
			high: None,
		},
		transferred: PerSide::default(),
		let_in: PerSide::default(),
		resyncs: PerSide {
			low: resyncs(),
			high: resyncs(),
		},
		paid: BoundedVec::new(),
		free: MOST_FREE,
	}
}

fn half(nonce: u64, transferred: Balance, locks: &Locks) -> Half {
	Half {
		nonce,
		ack: 0,
		transferred,
		locked: locks.total(),
		locks: locks.root(),
		memo: [1; 32],
	}
}

/// As often as data can be lost.
fn words() -> [Resync; 4] {
	[1, 2, 3, 4].map(|number| Resync {
		held: number * 100,
		resume: number * 100 + 1,
	})
}

fn resyncs() -> Resyncs {
	let mut resyncs = Resyncs::default();
	for word in words() {
		assert_ok!(resyncs.add(word));
	}
	resyncs
}

/// So many locks from a number on, each with a condition that was met just now.
fn met_locks<T: Config>(from: u32, count: u32) -> Locks {
	let by: T::AccountId = account("revealer", 0, 0);
	let locks: Vec<Lock> = (from..from + count)
		.map(|number| {
			let mut condition = Hash::default();
			condition[..4].copy_from_slice(&number.to_le_bytes());
			let reveal = Reveal {
				tick: NOW,
				value: 1,
				total: 2,
			};
			let revealed = Revealed {
				reveal,
				by: by.clone(),
				deposit: 0,
			};
			Reveals::<T>::insert(condition, revealed);
			Lock {
				id: number.into(),
				amount: 2,
				expiry: NOW + DAY,
				condition,
			}
		})
		.collect();
	Locks::new(locks).expect("they are in order, and few")
}

/// One of these leaves is enough; all of them are looked at.
fn any_of(leaves: Vec<Node>) -> Condition {
	let of = u8::try_from(leaves.len()).expect("few");
	let parts = [vec![Node::Any { of }], leaves].concat();
	Condition::new(parts).expect("a condition")
}

fn preimage(byte: u8) -> (Node, LeafWitness) {
	let hash = sp_io::hashing::sha2_256(&[byte; 32]);
	(Node::Preimage { hash }, LeafWitness::Preimage([byte; 32]))
}

fn witness(leaves: Vec<LeafWitness>) -> Witness {
	Witness(BoundedVec::truncate_from(leaves))
}

#[benchmarks]
mod benchmarks {
	use super::*;

	#[benchmark]
	fn open() {
		T::BenchmarkHelper::set_tick(NOW);
		let opener = rich::<T>("side", 0);
		let terms = Terms {
			keys: PerSide {
				low: key(),
				high: key(),
			},
			window: T::MinWindow::get(),
		};
		let body = Accept {
			terms,
			opener: opener.clone().into(),
			expiry: NOW,
		};
		let (partner, signature) = T::BenchmarkHelper::wallet(&|partner: &T::AccountId| {
			let context = Context {
				genesis: Pallet::<T>::genesis(),
				channel: NO_CHANNEL,
				asset: STCI,
				side: Side::of(partner, &opener).expect("they are two"),
			};
			[&b"<Bytes>"[..], &body.payload(&context)[..], &b"</Bytes>"[..]].concat()
		});
		let amount = unit::<T>();

		#[extrinsic_call]
		_(RawOrigin::Signed(opener), partner, terms, amount, NOW, signature);

		assert!(Channels::<T>::contains_key(1));
	}

	#[benchmark]
	fn deposit() {
		let line = Line::<T>::open();
		let who = line.account(Side::High);

		#[extrinsic_call]
		_(RawOrigin::Signed(who), line.id, unit::<T>());

		assert!(Channels::<T>::get(1).is_some_and(|channel| channel.stake.total() > line.total()));
	}

	/// All of it.
	#[benchmark]
	fn withdraw() {
		let line = Line::<T>::open();
		let (side, total) = (Side::High, line.total());
		let body = Withdraw {
			side,
			total,
			expiry: NOW,
		};
		let signatures = line.both(body);
		let anyone: T::AccountId = account("anyone", 0, 0);

		#[extrinsic_call]
		_(RawOrigin::Signed(anyone), line.id, side, total, NOW, signatures);

		assert!(Channels::<T>::get(1).is_some_and(|channel| channel.stake.total() == 0));
	}

	#[benchmark]
	fn close_together() {
		let line = Line::<T>::open();
		let parts = line.most_to_low();
		let signatures = line.both(CloseTogether {
			pay: parts,
			expiry: NOW,
		});
		let anyone: T::AccountId = account("anyone", 0, 0);

		#[extrinsic_call]
		_(RawOrigin::Signed(anyone), line.id, parts, NOW, signatures);

		assert!(!Channels::<T>::contains_key(1));
	}

	#[benchmark]
	fn close_disputed_together() {
		let mut line = Line::<T>::open();
		let mut case = line.closing(Claim::new(0, &Locks::default()), NOW, NOW + 1);
		case.dispute.resyncs.low = resyncs();
		Cases::<T>::insert(1, case);
		let parts = line.most_to_low();
		let signatures = line.both(CloseTogether {
			pay: parts,
			expiry: NOW,
		});
		let anyone: T::AccountId = account("anyone", 0, 0);

		#[extrinsic_call]
		close_together(RawOrigin::Signed(anyone), line.id, parts, NOW, signatures);

		assert!(!Channels::<T>::contains_key(1));
	}

	#[benchmark]
	fn close(l: Linear<0, 64>, r: Linear<0, 4>) {
		let line = Line::<T>::open();
		let locks = met_locks::<T>(0, l);
		let claim = line.sign(Side::Low, Claim::new(1, &locks));
		let brought = Some(line.half(Side::High, 9, 1, &Locks::default()));
		let signed = words().into_iter().take(r as usize);
		let words = BoundedVec::truncate_from(signed.map(|word| line.sign(Side::High, word)).collect());
		let closer = line.account(Side::Low);

		#[extrinsic_call]
		_(RawOrigin::Signed(closer), line.id, claim, locks, brought, words);

		assert!(Cases::<T>::contains_key(1));
	}

	#[benchmark]
	fn update() {
		let mut line = Line::<T>::open();
		let mut case = line.closing(Claim::new(1, &Locks::default()), NOW, NOW + 1);
		case.dispute.resyncs.low = resyncs();
		Cases::<T>::insert(1, case);
		let half = line.half(Side::Low, 9, 1, &Locks::default());
		let submit = line.submit(Side::High, &half);

		#[extrinsic_call]
		_(RawOrigin::Authorized, line.id, Side::Low, half, submit);

		assert!(Cases::<T>::get(1).is_some_and(|case| case.dispute.halves.low.is_some()));
	}

	#[benchmark]
	fn resync() {
		let mut line = Line::<T>::open();
		let mut case = line.closing(Claim::new(1, &Locks::default()), NOW, NOW + 1);
		case.dispute.halves.low = Some(half(9, 1, &Locks::default()));
		for word in words().into_iter().skip(1) {
			assert_ok!(case.dispute.resyncs.low.add(word));
		}
		Cases::<T>::insert(1, case);
		let word = line.sign(Side::High, Resync { held: 4, resume: 20 });
		let submit = Some(line.submit(Side::Low, &word));

		#[extrinsic_call]
		_(RawOrigin::Authorized, line.id, Side::Low, word, submit);

		assert!(Cases::<T>::get(1).is_some_and(|case| case.dispute.halves.low.is_none()));
	}

	/// The lists of the half and of the claim are as long as may be, one after the other.
	#[benchmark]
	fn prove_fraud(l: Linear<0, 128>) {
		let mut line = Line::<T>::open();
		let of_half = met_locks::<T>(0, l.min(MAX_LOCKS));
		let of_claim = met_locks::<T>(MAX_LOCKS, l.saturating_sub(MAX_LOCKS));
		let mut case = line.closing(Claim::new(0, &of_claim), NOW, NOW + 1);
		case.dispute.resyncs.low = resyncs();
		Cases::<T>::insert(1, case);
		let half = line.half(Side::Low, 9, line.total(), &of_half);
		let submit = line.submit(Side::High, &half);

		#[extrinsic_call]
		_(
			RawOrigin::Authorized,
			line.id,
			half,
			Some(of_half),
			Some(of_claim),
			Some(submit),
		);

		assert!(!Channels::<T>::contains_key(1));
	}

	#[benchmark]
	fn settle() {
		let mut line = Line::<T>::open();
		let locks = met_locks::<T>(0, 1);
		let mut case = line.closing(Claim::new(1, &locks), NOW - 2, NOW - 1);
		let towers = PerSide {
			low: rich::<T>("tower", 0),
			high: rich::<T>("tower", 1),
		};
		case.dispute.corrected = true;
		case.dispute.halves = PerSide {
			low: Some(half(9, 2, &locks)),
			high: Some(half(9, 1, &locks)),
		};
		case.rewards = PerSide::from_fn(|side| {
			Some(Reward {
				to: towers.get(side).clone(),
				amount: 1,
			})
		});
		Cases::<T>::insert(1, case);

		#[extrinsic_call]
		_(RawOrigin::Authorized, line.id);

		assert!(Aftermaths::<T>::contains_key(1));
	}

	#[benchmark]
	fn unlock(l: Linear<0, 64>) {
		let mut line = Line::<T>::open();
		let locks = met_locks::<T>(0, l);
		line.settled(Some(&locks));

		#[extrinsic_call]
		_(RawOrigin::Authorized, line.id, Side::Low, Some(locks));

		assert!(Aftermaths::<T>::get(1).is_some_and(|aftermath| aftermath.pending.low.is_none()));
	}

	#[benchmark]
	fn clear() {
		let mut line = Line::<T>::open();
		line.settled(None);
		T::BenchmarkHelper::set_tick(NOW + T::TowerTicks::get() + 1);
		let anyone: T::AccountId = account("anyone", 0, 0);

		#[extrinsic_call]
		_(RawOrigin::Signed(anyone), line.id);

		assert!(!Channels::<T>::contains_key(1));
	}

	#[benchmark]
	fn rekey() {
		let line = Line::<T>::open();
		let (side, key) = (Side::Low, key());
		let signatures = line.both(Rekey { side, key });
		let anyone: T::AccountId = account("anyone", 0, 0);

		#[extrinsic_call]
		_(RawOrigin::Signed(anyone), line.id, side, key, signatures);

		assert!(Channels::<T>::get(1).is_some_and(|channel| channel.keys.low == key));
	}

	#[benchmark]
	fn resolve_chain(h: Linear<9, 4_096>) {
		T::BenchmarkHelper::set_tick(NOW);
		let (who, payee) = (rich::<T>("who", 0), key());
		let steps = u16::try_from(h).expect("as many as may be");
		let chain = Steps::new([7; 32], steps).expect("as many as may be");
		let root = chain.root();
		let condition = Condition::new(vec![Node::Chain { root, steps, payee }]).expect("a condition");
		let (_, value) = chain.resumed(steps - 1).give().expect("the last step");
		let word = ChainWitness {
			condition: condition.hash(),
			steps,
		};
		let signature = sign(&payee, &Context::of_chain(Pallet::<T>::genesis()), word).signature;
		let shown = witness(vec![LeafWitness::Chain {
			steps,
			value,
			signature,
		}]);

		#[extrinsic_call]
		resolve(RawOrigin::Signed(who), condition.clone(), shown);

		assert!(Reveals::<T>::contains_key(condition.hash()));
	}

	/// Three signatures are as many as fit into a condition.
	#[benchmark]
	fn resolve_signed(s: Linear<0, 3>) {
		T::BenchmarkHelper::set_tick(NOW);
		let who = rich::<T>("who", 0);
		let context = Context::of_chain(Pallet::<T>::genesis());
		let signed = (0..s).map(|_| {
			let (key, digest) = (key(), [3; 32]);
			let signature = sign(&key, &context, Statement { digest }).signature;
			(Node::SignedBy { key, digest }, LeafWitness::Signature(signature))
		});
		// So many preimages as fit beside them.
		let others = 7_u32.saturating_sub(s.saturating_mul(2));
		let (nodes, shown): (Vec<_>, Vec<_>) = signed.chain((0..others).map(|byte| preimage(byte as u8))).unzip();
		let condition = any_of(nodes);

		#[extrinsic_call]
		resolve(RawOrigin::Signed(who), condition.clone(), witness(shown));

		assert!(Reveals::<T>::contains_key(condition.hash()));
	}

	/// Six with arguments of 32 bytes are as many as fit into a condition, if another leaf is to be met.
	#[benchmark]
	fn resolve_asked(p: Linear<0, 6>) {
		T::BenchmarkHelper::set_tick(NOW);
		let who = rich::<T>("who", 0);
		let asked = (0..p).map(|number| {
			let (id, args) = T::BenchmarkHelper::predicate(number);
			let args = BoundedVec::truncate_from(args);
			(Node::Predicate { id, args }, LeafWitness::Nothing)
		});
		let others = 7_u32.saturating_sub(p);
		let (nodes, shown): (Vec<_>, Vec<_>) = asked.chain((0..others).map(|byte| preimage(byte as u8))).unzip();
		let condition = any_of(nodes);

		#[extrinsic_call]
		resolve(RawOrigin::Signed(who), condition.clone(), witness(shown));

		assert!(Reveals::<T>::contains_key(condition.hash()));
	}

	#[benchmark]
	fn purge_reveal() {
		let by = rich::<T>("who", 0);
		assert_ok!(Pallet::<T>::hold_deposit(&by, T::RevealDeposit::get()));
		let condition = [1; 32];
		let revealed = Revealed {
			reveal: Reveal {
				tick: NOW,
				value: 1,
				total: 1,
			},
			by,
			deposit: T::RevealDeposit::get(),
		};
		Reveals::<T>::insert(condition, revealed);
		T::BenchmarkHelper::set_tick(NOW + T::RevealTicks::get() + 1);
		let anyone: T::AccountId = account("anyone", 0, 0);

		#[extrinsic_call]
		_(RawOrigin::Signed(anyone), condition);

		assert!(!Reveals::<T>::contains_key(condition));
	}

	/// To an account that does not exist.
	#[benchmark]
	fn pay() {
		let (who, payee): (T::AccountId, T::AccountId) = (rich::<T>("who", 0), account("new", 0, 0));
		let amount = unit::<T>();
		assert_ok!(Pallet::<T>::put_in(HoldReason::Stake, &who, amount));
		Unpaid::<T>::insert(&payee, amount);
		let anyone: T::AccountId = account("anyone", 0, 0);

		#[extrinsic_call]
		_(RawOrigin::Signed(anyone), payee.clone());

		assert_eq!(T::Currency::balance(&payee), amount);
	}

	#[benchmark]
	fn register_tower() {
		let who = rich::<T>("tower", 0);

		#[extrinsic_call]
		_(RawOrigin::Signed(who.clone()), key(), T::MinBond::get());

		assert!(Towers::<T>::contains_key(&who));
	}

	#[benchmark]
	fn leave_tower() {
		T::BenchmarkHelper::set_tick(NOW);
		let who = rich::<T>("tower", 0);
		let bond = T::MinBond::get();
		assert_ok!(Pallet::<T>::put_in(HoldReason::Bond, &who, bond));
		let tower = Tower {
			key: key(),
			bond,
			leaves: Some(NOW - 1),
		};
		Towers::<T>::insert(&who, tower);

		#[extrinsic_call]
		_(RawOrigin::Signed(who.clone()));

		assert!(!Towers::<T>::contains_key(&who));
	}

	#[benchmark]
	fn claim_tower_failure() {
		let mut line = Line::<T>::open();
		line.settled(Some(&Locks::default()));
		let (who, bond, key) = (rich::<T>("tower", 0), T::MinBond::get(), key());
		assert_ok!(Pallet::<T>::do_register_tower(who.clone(), key, bond));
		let half = line.half(Side::Low, 9, line.total(), &Locks::default());
		let receipt = Receipt {
			side: Side::High,
			nonce: 9,
			until: NOW,
			cover: bond,
		};
		let receipt = sign(&key, &line.context(Side::High), receipt);
		let anyone: T::AccountId = account("anyone", 0, 0);

		#[extrinsic_call]
		_(RawOrigin::Signed(anyone), line.id, who.clone(), receipt, half);

		assert!(Towers::<T>::get(&who).is_some_and(|tower| tower.bond < bond));
	}

	#[benchmark]
	fn announce() {
		let who = rich::<T>("who", 0);
		let endpoint = Endpoint {
			node: [1; 32],
			url: BoundedVec::truncate_from(vec![b'x'; MAX_URL as usize]),
		};
		assert_ok!(Pallet::<T>::do_announce(who.clone(), Some(endpoint.clone())));

		#[extrinsic_call]
		_(RawOrigin::Signed(who.clone()), Some(endpoint));

		assert!(Endpoints::<T>::contains_key(&who));
	}

	/// Nothing is over yet. Where there are eight of a kind, that is where the next block goes on.
	#[benchmark]
	fn look(c: Linear<0, 8>, r: Linear<0, 8>) {
		T::BenchmarkHelper::set_tick(NOW);
		for id in 1..=ChannelId::from(c) {
			Aftermaths::<T>::insert(id, aftermath::<T>(None));
		}
		met_locks::<T>(0, r);

		#[block]
		{
			Pallet::<T>::clear_within(Weight::MAX);
		}

		assert_eq!(Aftermaths::<T>::iter_keys().count(), c as usize);
		assert_eq!(LookedAt::<T>::get().reveal.is_some(), r == MAX_LOOKED_AT);
	}

	impl_benchmark_test_suite!(Pallet, crate::mock::genesis(), crate::mock::Test);
}
