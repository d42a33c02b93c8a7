//! A node in this process: a chain that tests author, behind a real WebSocket server.

use codec::{Decode, Encode};
use jsonrpsee::{
	core::SubscriptionResult,
	server::{ServerBuilder, ServerHandle},
	types::{ErrorObject, ErrorObjectOwned, Params},
	Extensions, PendingSubscriptionSink, RpcModule, SubscriptionMessage,
};
use poca_primitives::{pre_digest_item, FinalizedRef, PreDigest, Schedule};
use serde_json::{json, Value};
use smart_agent_chain::{Chain, Hash, NodeUrl};
use smartchain_runtime::{Header, Runtime, UncheckedExtrinsic, VERSION};
use sp_crypto_hashing::{blake2_128, blake2_256, twox_128};
use sp_runtime::{generic::Preamble, Digest};
use std::{
	collections::{BTreeSet, HashMap},
	net::SocketAddr,
	sync::{
		atomic::{AtomicBool, Ordering},
		Arc, Mutex, MutexGuard,
	},
	time::Duration,
};
use tokio::{
	io::{AsyncReadExt, AsyncWriteExt},
	net::{TcpListener, TcpStream},
	sync::broadcast,
};

/// A block of the test's chain.
#[derive(Clone)]
pub struct Block {
	pub header: Header,
	pub transactions: Vec<Vec<u8>>,
	pub events: Vec<u8>,
}

impl Block {
	pub fn hash(&self) -> Hash {
		self.header.hash()
	}
}

pub struct State {
	/// The best chain, from its first block.
	pub chain: Vec<Block>,
	/// Blocks of other branches.
	pub others: Vec<Block>,
	pub finalized: usize,
	pub pool: Vec<Vec<u8>>,
	/// What `state_call` answers, by method.
	pub apis: HashMap<String, Vec<u8>>,
	/// What the storage has at every block.
	pub storage: HashMap<Vec<u8>, Vec<u8>>,
	/// What the pool says instead of taking a transaction, so many times.
	pub refuse: Vec<ErrorObjectOwned>,
	/// Signed transactions that it said to be invalid: it does not look at them again.
	banned: Vec<Vec<u8>>,
	/// What is answered instead, by the method of RPC.
	pub instead: HashMap<String, Value>,
	pub nonce: u32,
	pub spec_version: u32,
	/// How many times each method was called.
	pub calls: HashMap<String, u32>,
	/// What the next block's events are, if not that all succeeded.
	next_events: Option<Vec<u8>>,
	forks: u64,
}

/// What the methods have.
pub struct Shared {
	pub state: Mutex<State>,
	heads: broadcast::Sender<Value>,
	finals: broadcast::Sender<Value>,
	versions: broadcast::Sender<Value>,
}

/// The node. It can be stopped and started again at the same address, with what it has.
pub struct Node {
	pub shared: Arc<Shared>,
	pub address: SocketAddr,
	handle: Option<ServerHandle>,
}

fn header(number: u32, parent: Hash, slot: u64, salt: u64) -> Header {
	let digest = PreDigest::<Hash> {
		slot: slot.into(),
		author: 0,
		full: false,
		vrf: None,
		finalized: FinalizedRef::default(),
	};
	let logs = if number == 0 {
		Vec::new()
	} else {
		vec![pre_digest_item(&digest)]
	};
	Header {
		parent_hash: parent,
		number,
		state_root: Hash::from_low_u64_be(salt),
		extrinsics_root: Hash::zero(),
		digest: Digest { logs },
	}
}

/// The schedule of a chain of half-second slots.
pub fn schedule(era: u32) -> Schedule {
	Schedule {
		slot_duration: poca_primitives::SlotDuration::from_millis(500),
		turn_length: 12,
		missed_slots: 2,
		standby_line: 3,
		vrf_version: 2,
		era_length: 1_200,
		era,
		directors: Vec::new(),
		standby_signers: Vec::new(),
		randomness: [0; 32],
		turn_holder: None,
	}
}

/// The code by which a pool says that a transaction is invalid.
pub const INVALID: i32 = 1010;

/// The key of what an account has.
pub fn account_key(account: &[u8]) -> Vec<u8> {
	let prefix = [twox_128(b"System"), twox_128(b"Account")].concat();
	[&prefix[..], &blake2_128(account), account].concat()
}

/// The key of a block's events.
fn events_key() -> Vec<u8> {
	[twox_128(b"System"), twox_128(b"Events")].concat()
}

/// What a block's events say if each of its transactions succeeded.
pub fn all_succeeded(transactions: usize) -> Vec<u8> {
	let count = u32::try_from(transactions).expect("few");
	let mut events = codec::Compact(count).encode();
	for index in 0..count {
		events.extend((0u8, index).encode());
		events.extend([0, 0, 4, 4, 0, 0, 0]);
	}
	events
}

impl Node {
	/// A chain of its first block alone; chains of different salts are different.
	pub async fn start(salt: u64) -> Self {
		let state = State {
			chain: vec![Block {
				header: header(0, Hash::zero(), 0, salt),
				transactions: Vec::new(),
				events: all_succeeded(0),
			}],
			others: Vec::new(),
			finalized: 0,
			pool: Vec::new(),
			apis: HashMap::from([("PocaApi_schedule".into(), schedule(3).encode())]),
			storage: HashMap::new(),
			refuse: Vec::new(),
			banned: Vec::new(),
			instead: HashMap::new(),
			nonce: 0,
			spec_version: VERSION.spec_version,
			calls: HashMap::new(),
			next_events: None,
			forks: 0,
		};
		let shared = Arc::new(Shared {
			state: Mutex::new(state),
			heads: broadcast::Sender::new(1_024),
			finals: broadcast::Sender::new(1_024),
			versions: broadcast::Sender::new(1_024),
		});
		let mut node = Self {
			shared,
			address: ([127, 0, 0, 1], 0).into(),
			handle: None,
		};
		node.restart().await;
		node
	}

	/// A second node of the same chain, at another address.
	pub async fn twin(&self) -> Self {
		let mut twin = Self {
			shared: self.shared.clone(),
			address: ([127, 0, 0, 1], 0).into(),
			handle: None,
		};
		twin.restart().await;
		twin
	}

	/// Starts it where it was, or at a free port.
	pub async fn restart(&mut self) {
		// The port may take a moment to be free again.
		for _ in 0..200 {
			if let Ok(server) = ServerBuilder::default().build(self.address).await {
				self.address = server.local_addr().expect("it listens");
				self.handle = Some(server.start(module(self.shared.clone())));
				return;
			}
			tokio::time::sleep(Duration::from_millis(50)).await;
		}
		panic!("{} is not free", self.address);
	}

	/// Ends all connections, and takes no others.
	pub async fn stop(&mut self) {
		if let Some(handle) = self.handle.take() {
			let _ = handle.stop();
			handle.stopped().await;
		}
	}

	/// The address of a proxy that loses what the node answers once something waits in its pool, with the connection;
	/// and does so no second time.
	pub async fn cutting(&self) -> NodeUrl {
		let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
		let address = listener.local_addr().expect("it listens");
		let (node, shared, cut) = (self.address, self.shared.clone(), Arc::new(AtomicBool::new(false)));
		tokio::spawn(async move {
			while let Ok((client, _)) = listener.accept().await {
				let Ok(server) = TcpStream::connect(node).await else {
					continue;
				};
				tokio::spawn(forward(client, server, shared.clone(), cut.clone()));
			}
		});
		format!("ws://{address}").parse().expect("it is one")
	}

	pub fn url(&self) -> NodeUrl {
		format!("ws://{}", self.address).parse().expect("it is one")
	}

	pub async fn connect(&self) -> Chain {
		super::soon("to connect", Chain::connect(&[self.url()], None))
			.await
			.expect("it connects")
	}

	pub fn state(&self) -> MutexGuard<'_, State> {
		self.shared.state.lock().expect("no test panics with it")
	}

	pub fn genesis(&self) -> Hash {
		self.state().chain[0].hash()
	}

	/// Authors a block on the best one, with what waits, and tells.
	pub fn author(&self) -> Block {
		self.author_after(0, true)
	}

	/// Goes back so many blocks, and authors one there.
	pub fn author_after(&self, depth: usize, include: bool) -> Block {
		let mut state = self.state();
		let keep = state.chain.len() - depth;
		let gone = state.chain.split_off(keep);
		state.others.extend(gone);
		state.forks += 1;
		let parent = state.chain.last().expect("the first one stays").header.clone();
		let transactions = if include {
			std::mem::take(&mut state.pool)
		} else {
			Vec::new()
		};
		// Slots are ten times the height, so that they are told apart.
		let number = parent.number + 1;
		let block = Block {
			header: header(number, parent.hash(), u64::from(number) * 10, state.forks),
			events: state
				.next_events
				.take()
				.unwrap_or_else(|| all_succeeded(transactions.len())),
			transactions,
		};
		state.chain.push(block.clone());
		drop(state);
		let _ = self.shared.heads.send(json!(block.header));
		block
	}

	/// Authors a block without transactions in this slot.
	pub fn author_in(&self, slot: u64) -> Block {
		let mut state = self.state();
		state.forks += 1;
		let parent = state.chain.last().expect("the first one stays").header.clone();
		let block = Block {
			header: header(parent.number + 1, parent.hash(), slot, state.forks),
			events: all_succeeded(0),
			transactions: Vec::new(),
		};
		state.chain.push(block.clone());
		drop(state);
		let _ = self.shared.heads.send(json!(block.header));
		block
	}

	/// The best block is final.
	pub fn finalize(&self) -> Block {
		let mut state = self.state();
		state.finalized = state.chain.len() - 1;
		let block = state.chain.last().expect("the first one stays").clone();
		drop(state);
		let _ = self.shared.finals.send(json!(block.header));
		block
	}

	/// The runtime has another version.
	pub fn upgrade(&self, spec_version: u32) {
		self.state().spec_version = spec_version;
		let _ = self.shared.versions.send(version(spec_version));
	}

	/// Authors a block, whose only transaction fails so.
	pub fn author_failing(&self, error: &[u8]) -> Block {
		let mut events = vec![4];
		events.extend((0u8, 0u32).encode());
		events.extend([0, 1]);
		events.extend(error);
		events.extend([4, 4, 0, 0, 0]);
		self.state().next_events = Some(events);
		self.author()
	}

	pub fn answer(&self, method: &str, bytes: Vec<u8>) {
		self.state().apis.insert(method.into(), bytes);
	}

	pub fn calls(&self, method: &str) -> u32 {
		self.state().calls.get(method).copied().unwrap_or_default()
	}
}

/// Passes on all bytes, up to the cut.
async fn forward(client: TcpStream, server: TcpStream, shared: Arc<Shared>, cut: Arc<AtomicBool>) {
	let (mut from_client, mut to_client) = client.into_split();
	let (mut from_server, mut to_server) = server.into_split();
	let asked = async { tokio::io::copy(&mut from_client, &mut to_server).await };
	let answered = async {
		let mut bytes = vec![0; 1 << 16];
		while let Ok(length @ 1..) = from_server.read(&mut bytes).await {
			let waits = !shared.state.lock().expect("no test panics with it").pool.is_empty();
			if waits && !cut.swap(true, Ordering::SeqCst) {
				return;
			}
			if to_client.write_all(&bytes[..length]).await.is_err() {
				return;
			}
		}
	};
	tokio::select! {
		_ = asked => (),
		() = answered => (),
	}
}

fn version(spec_version: u32) -> Value {
	json!({
		"specName": "smartchain", "implName": "smartchain", "authoringVersion": 1, "specVersion": spec_version,
		"implVersion": 1, "apis": [], "transactionVersion": 1, "stateVersion": 1,
	})
}

impl State {
	fn block(&self, hash: Hash) -> Option<&Block> {
		self.chain.iter().chain(&self.others).find(|block| block.hash() == hash)
	}

	fn answer(&mut self, method: &str, params: &[Value]) -> Result<Value, ErrorObjectOwned> {
		*self.calls.entry(method.into()).or_default() += 1;
		if let Some(instead) = self.instead.get(method) {
			return Ok(instead.clone());
		}
		let first = params.first().cloned().unwrap_or(Value::Null);
		let hash = |value: &Value| serde_json::from_value::<Hash>(value.clone()).ok();
		Ok(match method {
			"chain_getBlockHash" => {
				let number = first.as_u64().and_then(|number| usize::try_from(number).ok());
				json!(number.and_then(|number| self.chain.get(number)).map(Block::hash))
			}
			"chain_getHeader" => match hash(&first) {
				Some(hash) => json!(self.block(hash).map(|block| &block.header)),
				None => json!(self.chain.last().map(|block| &block.header)),
			},
			"chain_getFinalizedHead" => json!(self.chain[self.finalized].hash()),
			"chain_getBlock" => match hash(&first).and_then(|hash| self.block(hash)) {
				Some(block) => {
					let hex = |bytes: &Vec<u8>| sp_core::bytes::to_hex(bytes, false);
					let transactions: Vec<_> = block.transactions.iter().map(hex).collect();
					json!({
						"block": { "header": block.header, "extrinsics": transactions },
						"justifications": null,
					})
				}
				None => Value::Null,
			},
			"state_getRuntimeVersion" => version(self.spec_version),
			"state_call" => self.state_call(params)?,
			"state_getStorage" => self.storage(params)?,
			"system_chain" => json!("Test Chain"),
			"system_chainType" => json!("Local"),
			"system_name" => json!("test node"),
			"system_version" => json!("0.1.0"),
			"system_properties" => json!({ "tokenSymbol": "STCI", "tokenDecimals": 12, "ss58Format": 42 }),
			"system_health" => json!({ "peers": 4, "isSyncing": false, "shouldHavePeers": true }),
			"system_syncState" => {
				json!({ "startingBlock": 0, "currentBlock": self.chain.len() - 1, "highestBlock": null })
			}
			"system_accountNextIndex" => {
				// What takes the place of another one has its nonce.
				let waiting: BTreeSet<u32> = self.pool.iter().filter_map(|bytes| nonce_of(bytes)).collect();
				json!(self.nonce + u32::try_from(waiting.len()).expect("few"))
			}
			"author_submitExtrinsic" => self.submit(&first)?,
			other => panic!("nobody answers {other}"),
		})
	}

	fn state_call(&self, params: &[Value]) -> Result<Value, ErrorObjectOwned> {
		let method = params[0].as_str().expect("a name");
		if let Some(at) = params.get(2) {
			self.known(at)?;
		}
		let input = sp_core::bytes::from_hex(params[1].as_str().expect("digits")).expect("digits");
		let answer = match method {
			"Metadata_metadata_at_version" => {
				let version = u32::decode(&mut &input[..]).expect("a number");
				let metadata = Runtime::metadata_at_version(version);
				metadata.map(|metadata| Vec::clone(&metadata)).encode()
			}
			other => match self.apis.get(other) {
				Some(answer) => answer.clone(),
				None => return Err(ErrorObject::owned(4003, format!("no {other}"), None::<()>)),
			},
		};
		Ok(json!(sp_core::bytes::to_hex(&answer, false)))
	}

	fn known(&self, at: &Value) -> Result<&Block, ErrorObjectOwned> {
		let hash: Option<Hash> = serde_json::from_value(at.clone()).ok();
		let found = hash.and_then(|hash| self.block(hash));
		// As nodes say it.
		found.ok_or_else(|| {
			let text = "Client error: UnknownBlock: State already discarded for it";
			ErrorObject::owned(4003, text, None::<()>)
		})
	}

	fn storage(&self, params: &[Value]) -> Result<Value, ErrorObjectOwned> {
		let key = sp_core::bytes::from_hex(params[0].as_str().expect("digits")).expect("digits");
		let block = self.known(&params[1])?;
		let value = if key == events_key() {
			Some(&block.events)
		} else {
			self.storage.get(&key)
		};
		Ok(json!(value.map(|value| sp_core::bytes::to_hex(value, false))))
	}

	fn submit(&mut self, first: &Value) -> Result<Value, ErrorObjectOwned> {
		let bytes = sp_core::bytes::from_hex(first.as_str().expect("digits")).expect("digits");
		if self.banned.contains(&bytes) {
			return Err(ErrorObject::owned(
				1012,
				"Transaction is temporarily banned",
				None::<()>,
			));
		}
		if !self.refuse.is_empty() {
			let refused = self.refuse.remove(0);
			if refused.code() == INVALID && is_signed(&bytes) {
				self.banned.push(bytes);
			}
			return Err(refused);
		}
		let in_block = self.chain.iter().any(|block| block.transactions.contains(&bytes));
		if in_block || self.pool.contains(&bytes) {
			return Err(ErrorObject::owned(1013, "Transaction Already Imported", Some("0x00")));
		}
		let hash = Hash::from(blake2_256(&bytes));
		self.pool.push(bytes);
		Ok(json!(hash))
	}
}

/// Whether a transaction is an account's.
pub fn is_signed(transaction: &[u8]) -> bool {
	let decoded = UncheckedExtrinsic::decode(&mut &transaction[..]);
	decoded.is_ok_and(|decoded| matches!(decoded.preamble, Preamble::Signed(..)))
}

/// The nonce of a transaction; none if nobody has signed it.
pub fn nonce_of(transaction: &[u8]) -> Option<u32> {
	let decoded = UncheckedExtrinsic::decode(&mut &transaction[..]).ok()?;
	let Preamble::Signed(_, _, extensions) = decoded.preamble else {
		return None;
	};
	let nonce = codec::Compact::<u32>::decode(&mut &extensions.6.encode()[..]);
	nonce.ok().map(|nonce| nonce.0)
}

/// The methods that are answered.
const METHODS: [&str; 14] = [
	"author_submitExtrinsic",
	"chain_getBlock",
	"chain_getBlockHash",
	"chain_getFinalizedHead",
	"chain_getHeader",
	"state_call",
	"state_getRuntimeVersion",
	"state_getStorage",
	"system_accountNextIndex",
	"system_chain",
	"system_chainType",
	"system_health",
	"system_properties",
	"system_syncState",
];

fn module(shared: Arc<Shared>) -> RpcModule<Arc<Shared>> {
	let mut module = RpcModule::new(shared);
	for method in METHODS.into_iter().chain(["system_name", "system_version"]) {
		let answer = move |params: Params<'_>, shared: &Arc<Shared>, _: &Extensions| {
			let params: Vec<Value> = params.parse().unwrap_or_default();
			shared
				.state
				.lock()
				.expect("no test panics with it")
				.answer(method, &params)
		};
		module.register_method(method, answer).expect("each once");
	}
	subscription(
		&mut module,
		"chain_subscribeNewHeads",
		"chain_newHead",
		"chain_unsubscribeNewHeads",
	);
	subscription(
		&mut module,
		"chain_subscribeFinalizedHeads",
		"chain_finalizedHead",
		"chain_unsubscribeFinalizedHeads",
	);
	subscription(
		&mut module,
		"state_subscribeRuntimeVersion",
		"state_runtimeVersion",
		"state_unsubscribeRuntimeVersion",
	);
	module
}

fn subscription(module: &mut RpcModule<Arc<Shared>>, start: &'static str, item: &'static str, end: &'static str) {
	let subscribed = move |_: Params<'static>,
	                       pending: PendingSubscriptionSink,
	                       shared: Arc<Arc<Shared>>,
	                       _: Extensions| { tell(start, pending, shared) };
	module
		.register_subscription(start, item, end, subscribed)
		.expect("each once");
}

async fn tell(start: &str, pending: PendingSubscriptionSink, shared: Arc<Arc<Shared>>) -> SubscriptionResult {
	let (mut items, first) = {
		let state = shared.state.lock().expect("no test panics with it");
		let best = state.chain.last().map(|block| &block.header);
		match start {
			"chain_subscribeNewHeads" => (shared.heads.subscribe(), json!(best)),
			"chain_subscribeFinalizedHeads" => (shared.finals.subscribe(), json!(state.chain[state.finalized].header)),
			_ => (shared.versions.subscribe(), version(state.spec_version)),
		}
	};
	let sink = pending.accept().await?;
	let mut next = Some(first);
	while let Some(item) = next {
		if sink.send(SubscriptionMessage::from_json(&item)?).await.is_err() {
			break;
		}
		next = tokio::select! {
			() = sink.closed() => None,
			item = items.recv() => item.ok(),
		};
	}
	Ok(())
}
