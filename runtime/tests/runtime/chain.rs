//! A chain of one node: authors blocks as the node does, through the runtime's own interface.

use codec::Encode;
use poca_primitives::{pre_digest_item, FinalizedRef, PreDigest};
use smartchain_runtime::{
	genesis, AccountId, Block, Header, Runtime, RuntimeCall, SignedPayload, System, TxExtension, UncheckedExtrinsic,
};
use smartchain_runtime_apis::runtime_decl_for_batch_api::BatchApiV1;
use sp_api::runtime_decl_for_core::CoreV5;
use sp_block_builder::runtime_decl_for_block_builder::BlockBuilderV6;
use sp_core::{crypto::VrfSecret, sr25519, traits::ReadRuntimeVersionExt, Pair, H256};
use sp_genesis_builder::runtime_decl_for_genesis_builder::GenesisBuilderV1;
use sp_inherents::InherentData;
use sp_io::TestExternalities;
use sp_keyring::Sr25519Keyring as Key;
use sp_runtime::{generic::Era, traits::Header as _, ApplyExtrinsicResult, Digest, MultiSignature};

/// What the tests take for the hash of genesis.
pub const GENESIS_HASH: H256 = H256::repeat_byte(1);
/// Milliseconds of a slot in every preset.
pub const SLOT_MS: u64 = smartchain_runtime::constants::time::SLOT_DURATION;

/// Merges a patch into a JSON value, as chain specs are made (RFC 7386 for objects).
pub fn merge(into: &mut serde_json::Value, patch: serde_json::Value) {
	match (into, patch) {
		(serde_json::Value::Object(into), serde_json::Value::Object(patch)) => {
			for (key, value) in patch {
				merge(into.entry(key).or_insert(serde_json::Value::Null), value);
			}
		}
		(into, patch) => *into = patch,
	}
}

/// The genesis of a preset with `change` applied to it, as the runtime reads it.
pub fn config(preset: &str, change: serde_json::Value) -> Vec<u8> {
	let json = |id: Option<String>| -> serde_json::Value {
		let bytes = Runtime::get_preset(&id).expect("the preset exists");
		serde_json::from_slice(&bytes).expect("the preset is JSON")
	};
	let mut config = json(None);
	merge(&mut config, json(Some(preset.into())));
	merge(&mut config, change);
	config.to_string().into_bytes()
}

/// The state that a preset builds, with `change` applied to the preset before.
pub fn state_of(preset: &str, change: serde_json::Value) -> TestExternalities {
	let config = config(preset, change);
	let mut state = TestExternalities::new_empty();
	state
		.execute_with(|| Runtime::build_state(config))
		.expect("genesis builds");
	state
}

/// A chain that grows by authored blocks and checks each by executing it once more, as other nodes do.
pub struct Chain {
	author: TestExternalities,
	importer: TestExternalities,
	parent: Header,
	/// The slot of the next block.
	pub slot: u64,
	/// Milliseconds into its slot at which the next block is authored.
	pub offset: u64,
	/// Whether the author of the next block says that it is full.
	pub full: bool,
}

impl Chain {
	/// A chain of the `dev` preset.
	pub fn dev() -> Self {
		Self::of(genesis::DEV)
	}

	/// A chain of a preset whose directors are well-known accounts.
	pub fn of(preset: &str) -> Self {
		Self::with_change(preset, serde_json::json!({}))
	}

	/// As [`Chain::of`], with a change of the preset.
	pub fn with_change(preset: &str, change: serde_json::Value) -> Self {
		Self::on(|| state_of(preset, change.clone()))
	}

	/// A chain that goes on from a state.
	pub fn on(state: impl Fn() -> TestExternalities) -> Self {
		let parent = Header::new(
			0,
			Default::default(),
			Default::default(),
			Default::default(),
			Digest::default(),
		);
		Self {
			author: state(),
			importer: state(),
			parent,
			slot: 4_000_000_000,
			offset: 0,
			full: false,
		}
	}

	/// Has both who authors and who imports read the versions of runtimes in this way.
	pub fn read_versions(&mut self, make: impl Fn() -> ReadRuntimeVersionExt) {
		self.author.register_extension(make());
		self.importer.register_extension(make());
	}

	fn parent_hash(&self) -> H256 {
		if self.parent.number == 0 {
			GENESIS_HASH
		} else {
			self.parent.hash()
		}
	}

	/// Changes the state after the last block, for both who authors and who imports.
	pub fn prepare(&mut self, change: impl Fn()) {
		self.author.execute_with(&change);
		self.importer.execute_with(&change);
	}

	/// Looks into the state after the last block.
	pub fn query<R>(&mut self, look: impl FnOnce() -> R) -> R {
		self.author.execute_with(look)
	}

	/// Authors the block of the next slot with the extrinsics that `make` makes in its state. Gives back what became of
	/// each of them.
	pub fn author(&mut self, make: impl FnOnce() -> Vec<UncheckedExtrinsic>) -> (Block, Vec<ApplyExtrinsicResult>) {
		// The node's way.
		self.author_with(make, |extrinsics| Runtime::apply_extrinsics(extrinsics))
	}

	/// As [`Chain::author`], with another way of applying the extrinsics.
	pub fn author_with(
		&mut self,
		make: impl FnOnce() -> Vec<UncheckedExtrinsic>,
		apply: impl FnOnce(Vec<UncheckedExtrinsic>) -> Vec<ApplyExtrinsicResult>,
	) -> (Block, Vec<ApplyExtrinsicResult>) {
		let slot = self.slot;
		let now = slot * SLOT_MS + self.offset;
		// What was authored before is final, and the markets' clock goes.
		let parent = FinalizedRef {
			number: self.parent.number,
			hash: self.parent_hash(),
		};
		let full = self.full;
		let (block, results) = self.author.execute_with(|| {
			let header = header(&parent, slot, full);
			Runtime::initialize_block(&header);
			let mut data = InherentData::new();
			data.put_data(sp_timestamp::INHERENT_IDENTIFIER, &now).expect("encodes");
			let mut extrinsics = Runtime::inherent_extrinsics(data);
			for inherent in extrinsics.clone() {
				Runtime::apply_extrinsic(inherent)
					.expect("an inherent is valid")
					.expect("an inherent succeeds");
			}
			let made = make();
			let results = apply(made.clone());
			assert_eq!(made.len(), results.len(), "one result for each");
			// What is invalid is not included.
			extrinsics.extend(
				made.into_iter()
					.zip(&results)
					.filter(|(_, result)| result.is_ok())
					.map(|(made, _)| made),
			);
			(
				Block {
					header: Runtime::finalize_block(),
					extrinsics,
				},
				results,
			)
		});
		self.parent = block.header.clone();
		self.slot += 1;
		(block, results)
	}

	/// Authors a block and executes it once more from its encoding, as other nodes do.
	pub fn grow(&mut self, make: impl FnOnce() -> Vec<UncheckedExtrinsic>) -> Vec<ApplyExtrinsicResult> {
		let (block, results) = self.author(make);
		self.importer.execute_with(|| Runtime::execute_block(block.into()));
		results
	}

	/// As [`Chain::grow`], where every extrinsic has to be valid and to succeed.
	pub fn grow_well(&mut self, make: impl FnOnce() -> Vec<UncheckedExtrinsic>) {
		for result in self.grow(make) {
			result.expect("valid").expect("succeeds");
		}
	}
}

fn header(parent: &FinalizedRef<H256>, slot: u64, full: bool) -> Header {
	let schedule = smartchain_runtime::Poca::schedule();
	let author = schedule.director(slot.into()).expect("there are directors");
	let parent_slot = pallet_poca::CurrentSlot::<Runtime>::get();
	let key = schedule.key(author).expect("the author is a director").as_ref();
	let pair = Key::well_known().find(|k| k.public().0 == *<sr25519::Public as AsRef<[u8; 32]>>::as_ref(key));
	let vrf = schedule.starts_turn(parent_slot, slot.into()).then(|| {
		let input = schedule.vrf_input(slot.into()).expect("of this version");
		// Who verifies headers checks whose it is; the runtime does not.
		pair.unwrap_or(Key::Alice).pair().vrf_sign(&input)
	});
	let digest = Digest {
		logs: vec![pre_digest_item(&PreDigest {
			slot: slot.into(),
			author,
			full,
			vrf,
			finalized: *parent,
		})],
	};
	let number = parent.number + 1;
	Header::new(number, Default::default(), Default::default(), parent.hash, digest)
}

/// The extensions of a transaction that never expires.
pub fn extensions(nonce: u32, tip: u128) -> TxExtension {
	(
		frame_system::AuthorizeCall::new(),
		frame_system::CheckNonZeroSender::new(),
		frame_system::CheckSpecVersion::new(),
		frame_system::CheckTxVersion::new(),
		frame_system::CheckGenesis::new(),
		frame_system::CheckMortality::from(Era::Immortal),
		frame_system::CheckNonce::from(nonce),
		frame_system::CheckWeight::new(),
		pallet_transaction_payment::ChargeTransactionPayment::from(tip),
		frame_metadata_hash_extension::CheckMetadataHash::new(false),
		frame_system::WeightReclaim::new(),
	)
}

/// A signed transaction of a well-known account. To be made within a block, whose state knows the hash of genesis.
pub fn signed(who: Key, nonce: u32, tip: u128, call: impl Into<RuntimeCall>) -> UncheckedExtrinsic {
	signed_by(&who.pair(), nonce, tip, call)
}

/// A signed transaction. To be made within a block, whose state knows the hash of genesis.
pub fn signed_by(who: &sr25519::Pair, nonce: u32, tip: u128, call: impl Into<RuntimeCall>) -> UncheckedExtrinsic {
	assert_eq!(
		System::block_hash(0),
		GENESIS_HASH,
		"transactions are made within a block"
	);
	let payload = SignedPayload::new(call.into(), extensions(nonce, tip)).expect("extensions have their implicit data");
	let signature = payload.using_encoded(|bytes| who.sign(bytes));
	let (call, extensions, _) = payload.deconstruct();
	let account = AccountId::from(who.public().0);
	UncheckedExtrinsic::new_signed(call, account.into(), MultiSignature::Sr25519(signature), extensions)
}
