//! Puts the tasks of consensus together, and starts them.

use crate::{
	authoring::{
		author::{Author, LastBlock},
		building::BuildBlock,
	},
	blocks::{
		import::{ImportLink, PocaBlockImport},
		push::{BlockPush, PushHandle},
	},
	net::{peers::Peers, protocols::Protocols},
	own::{
		heartbeat::Heartbeats,
		pool::OwnTransactions,
		reports::Reports,
		shown_votes::{OwnCommits, ShownVotes},
	},
	shown::status::ConsensusHandle,
	voter::{
		serve::{CertificateServer, Newest},
		Edge, Error, NetworkPorts, Voter,
	},
};
use poca_primitives::SlotDuration;
use sc_network::service::traits::NetworkService;
use sc_network_sync::SyncingService;
use smartchain_chain::{clock, Block, Chain, Metrics};
use smartchain_signing::{watch_new_keys, KeptBlocks, Past, Signer, SignerParams, NEW_FILE_MARGIN_SLOTS};
use sp_core::traits::SpawnEssentialNamed;
use sp_keystore::KeystorePtr;
use std::{path::PathBuf, sync::Arc};

/// What [`start`] needs.
pub struct StartParams {
	/// The chain.
	pub chain: Arc<dyn Chain>,
	/// From [`crate::block_import`].
	pub block_import: PocaBlockImport,
	/// From [`crate::block_import`].
	pub link: ImportLink,
	/// From [`crate::protocols`].
	pub protocols: Protocols,
	/// The network.
	pub network: Arc<dyn NetworkService>,
	/// The sync.
	pub sync: Arc<SyncingService<Block>>,
	/// The keys `poca` and `pbft`.
	pub keystore: KeystorePtr,
	/// What this node asks and tells the chain by itself.
	pub transactions: Arc<dyn OwnTransactions>,
	/// Builds blocks; `None` in a node that only follows.
	pub builder: Option<Box<dyn BuildBlock>>,
	/// Author without peers, too.
	pub force_authoring: bool,
	/// The most bytes of transactions in a block of this node.
	pub block_bytes: usize,
	/// The folder of the safety file.
	pub voter_state_folder: PathBuf,
	/// What the operator says of what the voting key has signed.
	pub past: Past,
	/// Where status and certificates are shown.
	pub handle: ConsensusHandle,
	/// Measurements.
	pub metrics: Metrics,
}

/// Starts block push, voter and, in a validator, the slot worker. Each runs until the node stops.
///
/// # Errors
/// If the chain cannot be read. A safety file that cannot be used is no error: the node follows, says why it does not
/// vote, and leaves it to its operator.
pub fn start(params: StartParams, spawner: &impl SpawnEssentialNamed) -> Result<(), Error> {
	let StartParams {
		chain,
		block_import,
		link,
		protocols,
		network,
		sync,
		keystore,
		transactions,
		builder,
		force_authoring,
		block_bytes,
		voter_state_folder,
		past,
		handle,
		metrics,
	} = params;
	let Protocols {
		votes,
		blocks,
		requests,
		names,
	} = protocols;
	let info = chain.info();
	let set = chain.voter_set(info.finalized_hash)?;
	let slot_duration = chain.schedule(info.best_hash)?.slot_duration;
	let signer = open_signer(
		SignerParams {
			keystore: keystore.clone(),
			genesis: info.genesis_hash,
			set: &set,
			folder: &voter_state_folder,
			past,
			start: chain.target(info.finalized_hash)?,
			horizon: clock::slot_now(slot_duration).saturating_add(NEW_FILE_MARGIN_SLOTS),
			metrics: metrics.clone(),
		},
		builder.is_some(),
	);
	let open = |service, protocol| Peers::spawn(protocol, service, network.clone(), &*sync, spawner, metrics.clone());
	let block_peers = open(blocks, names.block_protocol());
	let vote_peers = open(votes, names.vote_protocol());
	let block_push = BlockPush {
		peers: block_peers,
		chain: chain.clone(),
		verifier: block_import.verifier(),
		import: block_import.clone(),
		sync: sync.clone(),
		slot_duration,
		metrics: metrics.clone(),
	};
	let push = block_push.spawn(spawner);

	let reports = Reports::new(link.offences, transactions.clone(), info.genesis_hash, metrics.clone());
	spawner.spawn_essential("poca-reports", Some("poca"), Box::pin(reports.run()));

	let commits = OwnCommits::default();
	let newest = Newest::default();
	let server = CertificateServer::new(chain.clone(), newest.clone(), metrics.clone());
	spawner.spawn_essential_blocking("poca-certificates", Some("poca"), Box::pin(server.run(requests)));

	let edge = Edge {
		chain: chain.clone(),
		signer: signer.clone(),
		slot_duration,
		peers: vote_peers,
		ports: Arc::new(NetworkPorts {
			network,
			certificates: names.certificates,
			sync: sync.clone(),
			push: push.clone(),
		}),
		imports: link.events,
		block_import: block_import.clone(),
		kept_blocks: KeptBlocks::new(voter_state_folder.join("recent")),
		newest,
		commits: commits.clone(),
		handle: handle.clone(),
		metrics: metrics.clone(),
	};
	let voter = Voter::new(edge, set)?;
	spawner.spawn_essential_blocking("poca-voter", Some("poca"), Box::pin(voter.run()));

	if let Some(builder) = builder {
		let validator = Validator {
			chain,
			block_import,
			sync,
			keystore,
			signer,
			transactions,
			commits,
			push,
			slot_duration,
			block_bytes,
			handle,
			metrics,
		};
		validator.start(builder, force_authoring, spawner);
	}
	Ok(())
}

/// A node that only follows has no business with keys, whatever its keystore holds.
fn open_signer(params: SignerParams<'_>, is_validator: bool) -> Arc<Signer> {
	let keystore = if is_validator {
		params.keystore.clone()
	} else {
		Arc::new(sp_keystore::testing::MemoryKeystore::new())
	};
	Signer::open(SignerParams { keystore, ..params })
}

/// What a node with keys runs besides.
struct Validator {
	chain: Arc<dyn Chain>,
	block_import: PocaBlockImport,
	sync: Arc<SyncingService<Block>>,
	keystore: KeystorePtr,
	signer: Arc<Signer>,
	transactions: Arc<dyn OwnTransactions>,
	commits: OwnCommits,
	push: PushHandle,
	slot_duration: SlotDuration,
	block_bytes: usize,
	handle: ConsensusHandle,
	metrics: Metrics,
}

impl Validator {
	fn start(self, builder: Box<dyn BuildBlock>, force_authoring: bool, spawner: &impl SpawnEssentialNamed) {
		// Up to the recorded slot this node's earlier runs have authored; above it, whoever seals with its keys is
		// another.
		let since = self.signer.record().last_authored_slot.into();
		for key in self.keystore.sr25519_public_keys(poca_primitives::KEY_TYPE) {
			self.block_import.watch_own_key(key.into(), since);
		}

		let new_keys = watch_new_keys(
			self.signer.clone(),
			self.chain.clone(),
			self.block_import.clock(),
			self.slot_duration,
		);
		spawner.spawn_essential_blocking("poca-new-keys", Some("poca"), Box::pin(new_keys));

		let shown_votes = ShownVotes {
			chain: self.chain.clone(),
			commits: self.commits,
			transactions: self.transactions.clone(),
		};
		spawner.spawn_essential("poca-shown-votes", Some("poca"), Box::pin(shown_votes.run()));

		let heartbeats = Heartbeats {
			chain: self.chain.clone(),
			keystore: self.keystore.clone(),
			transactions: self.transactions,
			slot_duration: self.slot_duration,
			metrics: self.metrics,
		};
		spawner.spawn_essential("poca-heartbeats", Some("poca"), Box::pin(heartbeats.run()));

		let author = Author {
			chain: self.chain,
			keystore: self.keystore,
			signer: self.signer,
			builder,
			clock: self.block_import.clock(),
			import: self.block_import,
			network: self.sync,
			push: self.push,
			handle: self.handle,
			block_bytes: self.block_bytes,
			last: LastBlock::default(),
			force_authoring,
		};
		spawner.spawn_essential_blocking("poca-author", Some("poca"), Box::pin(author.run()));
	}
}
