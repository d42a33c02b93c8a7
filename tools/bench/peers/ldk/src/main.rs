//! LDK, as what the machines of payment channels stand beside: two nodes of the crate `lightning` in one process, on
//! one core and without a disk, pay each other in turns.
//!
//! The first argument says for how many seconds each figure is measured. Each line that is printed is one: payments on
//! their way at once, millisatoshi of each, payments a second.
//!
//! All that LDK leaves to whoever links it does nothing here: no log, no chain, no disk, and a router that knows the
//! one way without looking for it.

use bitcoin::{
	absolute::LockTime,
	block::{Header, Version as BlockVersion},
	hashes::{sha256, Hash},
	secp256k1::{self, PublicKey, Secp256k1},
	transaction::Version,
	Amount, Block, CompactTarget, Network, Script, ScriptBuf, Transaction, TxMerkleNode, TxOut, Txid,
};
use lightning::{
	blinded_path::payment::{BlindedPaymentPath, ReceiveTlvs},
	chain::{
		chaininterface::{BroadcasterInterface, ConfirmationTarget, FeeEstimator},
		chainmonitor::{ChainMonitor, Persist},
		channelmonitor::{ChannelMonitor, ChannelMonitorUpdate},
		BestBlock, ChannelMonitorUpdateStatus, Filter, Listen, WatchedOutput,
	},
	events::{Event, EventsProvider, ReplayEvent},
	ln::{
		channel_state::ChannelDetails,
		channelmanager::{ChainParameters, ChannelManager, PaymentId, RecipientOnionFields, Retry},
		msgs::{BaseMessageHandler, ChannelMessageHandler, Init, MessageSendEvent},
		types::ChannelId,
	},
	onion_message::messenger::NullMessageRouter,
	routing::router::{InFlightHtlcs, Path, PaymentParameters, Route, RouteHop, RouteParameters, Router},
	sign::{InMemorySigner, KeysManager, NodeSigner},
	types::{
		features::{ChannelFeatures, NodeFeatures},
		payment::{PaymentHash, PaymentPreimage},
	},
	util::{
		config::{MaxDustHTLCExposure, UserConfig},
		logger::{Logger, Record},
		persist::MonitorName,
	},
};
use std::{
	cell::RefCell,
	collections::HashMap,
	time::{Duration, Instant},
};

/// What is in the channel, in satoshi; each side has half of it.
const CAPACITY: u64 = 8_000_000;
/// In how many blocks the last hop has to claim.
const FINAL_CLTV: u32 = 70;
/// Satoshi for each 1,000 units of weight: the least there is.
const FEE: u32 = 253;
/// What is paid: what LDK's own benchmark pays, for which commitments have no output; and enough for one.
const AMOUNTS: [u64; 2] = [10_000, 1_000_000];
/// How many payments are on their way at once.
const AT_ONCE: [usize; 2] = [1, 40];

/// All that LDK leaves to whoever links it.
struct Nothing;

impl Logger for Nothing {
	fn log(&self, _: Record) {}
}

impl BroadcasterInterface for Nothing {
	fn broadcast_transactions(&self, _: &[&Transaction]) {}
}

impl FeeEstimator for Nothing {
	fn get_est_sat_per_1000_weight(&self, _: ConfirmationTarget) -> u32 {
		FEE
	}
}

impl Filter for Nothing {
	fn register_tx(&self, _: &Txid, _: &Script) {}

	fn register_output(&self, _: WatchedOutput) {}
}

impl Persist<InMemorySigner> for Nothing {
	fn persist_new_channel(&self, _: MonitorName, _: &ChannelMonitor<InMemorySigner>) -> ChannelMonitorUpdateStatus {
		ChannelMonitorUpdateStatus::Completed
	}

	fn update_persisted_channel(
		&self,
		_: MonitorName,
		_: Option<&ChannelMonitorUpdate>,
		_: &ChannelMonitor<InMemorySigner>,
	) -> ChannelMonitorUpdateStatus {
		ChannelMonitorUpdateStatus::Completed
	}

	fn archive_persisted_channel(&self, _: MonitorName) {}
}

impl Router for Nothing {
	fn find_route(
		&self,
		_: &PublicKey,
		wanted: &RouteParameters,
		first_hops: Option<&[&ChannelDetails]>,
		_: InFlightHtlcs,
	) -> Result<Route, &'static str> {
		let channel = first_hops.and_then(|hops| hops.first()).ok_or("no channel")?;
		let hop = RouteHop {
			pubkey: channel.counterparty.node_id,
			node_features: NodeFeatures::empty(),
			short_channel_id: channel.get_outbound_payment_scid().ok_or("no number")?,
			channel_features: ChannelFeatures::empty(),
			fee_msat: wanted.final_value_msat,
			cltv_expiry_delta: FINAL_CLTV,
			maybe_announced_channel: false,
		};
		let path = Path {
			hops: vec![hop],
			blinded_tail: None,
		};
		Ok(Route {
			paths: vec![path],
			route_params: Some(wanted.clone()),
		})
	}

	fn create_blinded_payment_paths<T: secp256k1::Signing + secp256k1::Verification>(
		&self,
		_: PublicKey,
		_: Vec<ChannelDetails>,
		_: ReceiveTlvs,
		_: Option<u64>,
		_: &Secp256k1<T>,
	) -> Result<Vec<BlindedPaymentPath>, ()> {
		Err(())
	}
}

type Monitor = ChainMonitor<
	InMemorySigner,
	&'static Nothing,
	&'static Nothing,
	&'static Nothing,
	&'static Nothing,
	&'static Nothing,
	&'static KeysManager,
>;

type Manager = ChannelManager<
	&'static Monitor,
	&'static Nothing,
	&'static KeysManager,
	&'static KeysManager,
	&'static KeysManager,
	&'static Nothing,
	&'static Nothing,
	&'static NullMessageRouter,
	&'static Nothing,
>;

/// A value that lives as long as the program.
fn lasting<T: 'static>(value: T) -> &'static T {
	Box::leak(Box::new(value))
}

fn manager(seed: u8) -> Manager {
	let nothing = lasting(Nothing);
	let keys = lasting(KeysManager::new(&[seed; 32], 42, 42, true));
	let monitor: &'static Monitor = lasting(ChainMonitor::new(
		None,
		nothing,
		nothing,
		nothing,
		nothing,
		keys,
		keys.get_peer_storage_key(),
	));
	let mut config = UserConfig::default();
	config.channel_config.max_dust_htlc_exposure = MaxDustHTLCExposure::FixedLimitMsat(1_000_000_000);
	config.channel_handshake_config.minimum_depth = 1;
	let parameters = ChainParameters {
		network: Network::Testnet,
		best_block: BestBlock::from_network(Network::Testnet),
	};
	let time = bitcoin::constants::genesis_block(Network::Testnet).header.time;
	let routes = lasting(NullMessageRouter {});
	ChannelManager::new(
		nothing, monitor, nothing, nothing, routes, nothing, keys, keys, keys, config, parameters, time,
	)
}

/// Two nodes with a channel.
struct Pair {
	nodes: [Manager; 2],
	preimages: HashMap<PaymentHash, PaymentPreimage>,
	funding: Option<(ChannelId, u64, ScriptBuf)>,
	made: u64,
	sent: u64,
	failed: Option<String>,
}

impl Pair {
	fn new() -> Self {
		let mut pair = Self {
			nodes: [manager(1), manager(2)],
			preimages: HashMap::new(),
			funding: None,
			made: 0,
			sent: 0,
			failed: None,
		};
		pair.connect();
		pair.open();
		pair
	}

	fn id(&self, who: usize) -> PublicKey {
		self.nodes[who].get_our_node_id()
	}

	fn connect(&self) {
		for who in 0..2 {
			let init = Init {
				features: self.nodes[1 - who].init_features(),
				networks: None,
				remote_network_address: None,
			};
			self.nodes[who]
				.peer_connected(self.id(1 - who), &init, who == 0)
				.expect("they connect");
		}
	}

	fn open(&mut self) {
		let partner = self.id(1);
		self.nodes[0]
			.create_channel(partner, CAPACITY, CAPACITY / 2 * 1_000, 42, None, None)
			.expect("a channel");
		self.pump();
		let (channel, value, script_pubkey) = self.funding.take().expect("a channel to be funded");
		let funding = Transaction {
			version: Version::TWO,
			lock_time: LockTime::ZERO,
			input: Vec::new(),
			output: vec![TxOut {
				value: Amount::from_sat(value),
				script_pubkey,
			}],
		};
		self.nodes[0]
			.funding_transaction_generated(channel, partner, funding.clone())
			.expect("it is funded");
		self.pump();
		let block = Block {
			header: Header {
				version: BlockVersion::NO_SOFT_FORK_SIGNALLING,
				prev_blockhash: BestBlock::from_network(Network::Testnet).block_hash,
				merkle_root: TxMerkleNode::all_zeros(),
				time: 42,
				bits: CompactTarget::from_consensus(42),
				nonce: 42,
			},
			txdata: vec![funding],
		};
		for node in &self.nodes {
			node.block_connected(&block, 1);
		}
		self.pump();
		let usable = self.nodes.iter().all(|node| node.list_usable_channels().len() == 1);
		assert!(usable, "the channel cannot be used: {:?}", self.failed);
	}

	/// All that is to be done is, until nothing is left.
	fn pump(&mut self) {
		loop {
			let mut busy = false;
			for who in 0..2 {
				if self.nodes[who].needs_pending_htlc_processing() {
					self.nodes[who].process_pending_htlc_forwards();
					busy = true;
				}
				busy |= self.events(who);
				busy |= self.deliver(who);
			}
			if !busy {
				return;
			}
		}
	}

	/// What a node tells its program: whether there was anything.
	fn events(&mut self, who: usize) -> bool {
		let told = RefCell::new(Vec::new());
		let handler = |event: Event| -> Result<(), ReplayEvent> {
			told.borrow_mut().push(event);
			Ok(())
		};
		self.nodes[who].process_pending_events(&handler);
		let told = told.into_inner();
		let any = !told.is_empty();
		for event in told {
			match event {
				Event::FundingGenerationReady {
					temporary_channel_id,
					channel_value_satoshis,
					output_script,
					..
				} => self.funding = Some((temporary_channel_id, channel_value_satoshis, output_script)),
				Event::PaymentClaimable { payment_hash, .. } => match self.preimages.remove(&payment_hash) {
					Some(preimage) => self.nodes[who].claim_funds(preimage),
					None => self.failed = Some("an unknown payment came".into()),
				},
				Event::PaymentSent { .. } => self.sent += 1,
				Event::PaymentFailed { reason, .. } => self.failed = Some(format!("a payment failed: {reason:?}")),
				Event::ChannelClosed { reason, .. } => self.failed = Some(format!("the channel is closed: {reason}")),
				_ => (),
			}
		}
		any
	}

	/// What a node says to the other: whether there was anything.
	fn deliver(&mut self, who: usize) -> bool {
		let (from, to) = (self.id(who), &self.nodes[1 - who]);
		let messages = self.nodes[who].get_and_clear_pending_msg_events();
		let any = !messages.is_empty();
		for message in messages {
			match message {
				MessageSendEvent::SendOpenChannel { msg, .. } => to.handle_open_channel(from, &msg),
				MessageSendEvent::SendAcceptChannel { msg, .. } => to.handle_accept_channel(from, &msg),
				MessageSendEvent::SendFundingCreated { msg, .. } => to.handle_funding_created(from, &msg),
				MessageSendEvent::SendFundingSigned { msg, .. } => to.handle_funding_signed(from, &msg),
				MessageSendEvent::SendChannelReady { msg, .. } => to.handle_channel_ready(from, &msg),
				MessageSendEvent::SendRevokeAndACK { msg, .. } => to.handle_revoke_and_ack(from, &msg),
				MessageSendEvent::UpdateHTLCs { updates, .. } => {
					for add in &updates.update_add_htlcs {
						to.handle_update_add_htlc(from, add);
					}
					for fulfill in updates.update_fulfill_htlcs {
						to.handle_update_fulfill_htlc(from, fulfill);
					}
					for fail in &updates.update_fail_htlcs {
						to.handle_update_fail_htlc(from, fail);
					}
					for signed in &updates.commitment_signed {
						to.handle_commitment_signed(from, signed);
					}
				}
				MessageSendEvent::HandleError { .. } => self.failed = Some("a node refuses what the other says".into()),
				_ => (),
			}
		}
		any
	}

	/// One node pays the other so many times, all of them on their way at once.
	fn pay(&mut self, payer: usize, count: usize, amount: u64) {
		let before = self.sent;
		for _ in 0..count {
			self.made += 1;
			let mut preimage = PaymentPreimage([5; 32]);
			preimage.0[..8].copy_from_slice(&self.made.to_le_bytes());
			let hash = PaymentHash(sha256::Hash::hash(&preimage.0).to_byte_array());
			let payee = &self.nodes[1 - payer];
			let secret = payee
				.create_inbound_payment_for_hash(hash, None, 7_200, None)
				.expect("a payment that is waited for");
			let parameters = PaymentParameters::from_node_id(payee.get_our_node_id(), FINAL_CLTV);
			self.preimages.insert(hash, preimage);
			self.nodes[payer]
				.send_payment(
					hash,
					RecipientOnionFields::secret_only(secret),
					PaymentId(hash.0),
					RouteParameters::from_payment_params_and_value(parameters, amount),
					Retry::Attempts(0),
				)
				.expect("a payment is sent");
		}
		self.pump();
		assert!(
			self.sent == before + count as u64 && self.failed.is_none(),
			"{} of {count} payments were made: {:?}",
			self.sent - before,
			self.failed
		);
	}

	/// Both pay in turns: payments a second.
	fn rate(&mut self, at_once: usize, amount: u64, lasts: Duration) -> f64 {
		self.pay(0, at_once, amount);
		self.pay(1, at_once, amount);
		let (began, mut count) = (Instant::now(), 0);
		while began.elapsed() < lasts {
			self.pay(0, at_once, amount);
			self.pay(1, at_once, amount);
			count += 2 * at_once;
		}
		count as f64 / began.elapsed().as_secs_f64()
	}
}

fn main() {
	let seconds = std::env::args().nth(1).and_then(|word| word.parse().ok());
	let lasts = Duration::from_secs(seconds.unwrap_or(10));
	for amount in AMOUNTS {
		for at_once in AT_ONCE {
			// A node of its own for each figure: LDK forgets a payment that was made only after some time.
			let rate = Pair::new().rate(at_once, amount, lasts);
			println!("{at_once} {amount} {rate:.1}");
		}
	}
}
