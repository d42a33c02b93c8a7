//! Heads, and what is asked of the state.

use crate::{node::Node, soon};
use codec::Encode;
use device_primitives::{DeviceId, DeviceKey, Endpoints};
use smart_agent_chain::{Account, AccountId, Chain, Device, Hash, HeadEvent, Heads, Node as _, Suspension};
use sp_core::sr25519;
use sp_crypto_hashing::{blake2_128, twox_128};

async fn best(heads: &mut Heads) -> (Vec<Hash>, Vec<Hash>) {
	loop {
		let event = soon("a head", heads.next()).await.expect("the client is there");
		if let HeadEvent::Best {
			adopted,
			abandoned,
			gap,
			..
		} = event
		{
			assert!(!gap);
			let hashes = |heads: &[smart_agent_chain::Head]| heads.iter().map(|head| head.hash).collect();
			return (hashes(&adopted), hashes(&abandoned));
		}
	}
}

#[tokio::test(flavor = "multi_thread")]
async fn heads_come_with_slots_and_reorganizations() {
	let node = Node::start(1).await;
	let chain = node.connect().await;
	let mut heads = Chain::heads(&chain);
	let one = node.author();
	// The block that there was at first may be told before.
	while best(&mut heads).await != (vec![one.hash()], vec![]) {}
	let two = node.author();
	assert_eq!(best(&mut heads).await, (vec![two.hash()], vec![]));
	let head = chain.best().await.expect("it is answered");
	assert_eq!((head.number, head.slot, head.parent), (2, 20, one.hash()));
	let fork = node.author_after(2, false);
	assert_eq!(
		best(&mut heads).await,
		(vec![fork.hash()], vec![two.hash(), one.hash()])
	);
	let last = node.finalize();
	let event = loop {
		match soon("a final head", heads.next()).await {
			Some(HeadEvent::Final(head)) if head.number > 0 => break head,
			Some(_) => (),
			None => panic!("the client is there"),
		}
	};
	assert_eq!(event.hash, last.hash());
	assert_eq!(chain.finalized().await.map(|head| head.hash), Ok(last.hash()));
	assert_eq!(
		chain.block(1).await.map(|head| head.map(|head| head.hash)),
		Ok(Some(fork.hash()))
	);
	assert_eq!(chain.block(2).await, Ok(None));
}

fn key(pallet: &str, entry: &str, rest: &[u8]) -> Vec<u8> {
	[&twox_128(pallet.as_bytes())[..], &twox_128(entry.as_bytes()), rest].concat()
}

fn hashed(who: &AccountId) -> Vec<u8> {
	let bytes = who.encode();
	[&blake2_128(&bytes)[..], &bytes].concat()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_state_is_read_where_the_runtime_keeps_it() {
	let node = Node::start(1).await;
	let chain = node.connect().await;
	let at = node.genesis();
	let who = AccountId::new([5; 32]);
	assert_eq!(chain.account(&who, at).await, Ok(Account::default()));
	let info = (7u32, 1u32, 1u32, 0u32, 5_000u128, 900u128, 1_200u128, 0u128).encode();
	// One hold, of the pallet with index 40, for its first reason.
	let holds = [vec![4, 40, 0], 900u128.encode()].concat();
	let device = Device {
		number: 3,
		key: DeviceKey::Sr25519(sr25519::Public::from_raw([1; 32])),
		enrolled: None,
		lottery_since: 77,
		owner: who.clone(),
		deposit: 900,
		registered: 2,
		transfers: 1,
		suspended: Suspension::default(),
		attested: None,
		offered_to: None,
		endpoints: Endpoints::default(),
	};
	let id = DeviceId([9; 32]);
	{
		let mut state = node.state();
		state.storage.insert(key("System", "Account", &hashed(&who)), info);
		state.storage.insert(key("Balances", "Holds", &hashed(&who)), holds);
		state
			.storage
			.insert(key("DeviceRegistry", "Devices", &id.0), device.encode());
	}
	let account = chain.account(&who, at).await.expect("it is there");
	assert_eq!(
		(account.nonce, account.free, account.reserved, account.frozen),
		(7, 5_000, 900, 1_200)
	);
	// 300 of what is frozen have to be free; that is more than the existential deposit of this test.
	assert_eq!((account.spendable(10), account.spendable(400)), (4_700, 4_600));
	let [held] = &account.holds[..] else {
		panic!("{:?}", account.holds);
	};
	assert_eq!(
		(&held.pallet[..], &held.reason[..], held.amount),
		("DeviceRegistry", "Device", 900)
	);
	assert_eq!(chain.device(&id, at).await, Ok(Some(device)));
	assert_eq!(chain.device(&DeviceId([8; 32]), at).await, Ok(None));
}
