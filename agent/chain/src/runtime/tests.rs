//! Against the metadata of the runtime itself.

use super::*;
use crate::{
	send::{Call, NamedCall, PairSigner, Signer},
	types::{AccountId, Claimed, EnrolmentProof, SpaceScheme},
};
use device_primitives::{DeviceId, DeviceKey, DeviceSignature, Endpoint, Host, P256Key, P256Signature, Transport};
use frame_metadata::{v16::RuntimeMetadataV16, RuntimeMetadata, RuntimeMetadataPrefixed};
use proof_lottery_primitives::Resource;
use scale_info::{form::PortableForm, Type, TypeDef};
use smartchain_rng::Rng;
use smartchain_runtime::{Runtime as Real, RuntimeCall, RuntimeEvent, SignedPayload, UncheckedExtrinsic, VERSION};
use sp_core::{ed25519, sr25519, Pair};
use sp_runtime::{
	generic::Preamble, traits::Verify, transaction_validity::InvalidTransaction, ApplyExtrinsicResult, DispatchError,
	MultiAddress,
};

const GENESIS: Hash = Hash::repeat_byte(7);
const BIRTH: Hash = Hash::repeat_byte(8);
const DEVICE: DeviceId = DeviceId([0xd1; 32]);

fn version() -> Version {
	Version {
		spec_name: VERSION.spec_name.to_string(),
		spec_version: VERSION.spec_version,
		transaction_version: VERSION.transaction_version,
	}
}

fn metadata_of(version: u32) -> Vec<u8> {
	Vec::clone(&Real::metadata_at_version(version).expect("it has this version"))
}

fn runtime() -> Runtime {
	Runtime::read(version(), GENESIS, &metadata_of(16)).expect("it can be read")
}

/// The runtime with some type changed.
fn changed(path: &str, change: impl Fn(&mut Type<PortableForm>)) -> Runtime {
	let mut metadata = decoded();
	let mut found = 0;
	for portable in &mut metadata.types.types {
		if portable.ty.path.segments.join("::") == path {
			change(&mut portable.ty);
			found += 1;
		}
	}
	assert!(found > 0, "there is no type {path}");
	let bytes = RuntimeMetadataPrefixed::from(metadata).encode();
	Runtime::read(version(), GENESIS, &bytes).expect("it can be read")
}

fn decoded() -> RuntimeMetadataV16 {
	let prefixed = RuntimeMetadataPrefixed::decode(&mut &metadata_of(16)[..]).expect("it decodes");
	match prefixed.1 {
		RuntimeMetadata::V16(metadata) => metadata,
		_ => panic!("another version"),
	}
}

/// The variants of an enum.
fn variants(found: &mut Type<PortableForm>) -> &mut Vec<scale_info::Variant<PortableForm>> {
	match &mut found.type_def {
		TypeDef::Variant(variants) => &mut variants.variants,
		other => panic!("{other:?}"),
	}
}

fn space() -> Call {
	Call::Declare {
		device: DEVICE,
		claim: Claimed::Space {
			scheme: SpaceScheme::Pos2,
			k: 18,
			strength: 2,
			groups: 7_000_001,
		},
	}
}

/// The calls whose arguments have the most to them.
fn calls() -> Vec<(Call, &'static str)> {
	let to = AccountId::new([0xaa; 32]);
	let endpoint = Endpoint {
		transport: Transport::Quic,
		host: Host::V4([10, 1, 2, 3]),
		port: 30_333,
	};
	let register = Call::Register {
		key: DeviceKey::P256(P256Key([2; 33])),
		possession: DeviceSignature::P256(P256Signature([5; 64])),
		enrolment: Some(EnrolmentProof {
			lottery: sr25519::Public::from_raw([6; 32]),
			signature: sr25519::Signature::from_raw([9; 64]),
		}),
		attestation: Some(crate::AttestationProof {
			model: 77,
			key: 3,
			signature: DeviceSignature::Ed25519(ed25519::Signature::from_raw([4; 64])),
		}),
		endpoints: vec![endpoint].try_into().expect("one of four"),
	};
	vec![
		(register, "register"),
		(space(), "declare"),
		(
			Call::Withdraw {
				device: DEVICE,
				resource: Resource::Compute,
			},
			"withdraw",
		),
		(
			Call::OfferLink {
				device: DEVICE,
				candidate: to.clone(),
			},
			"offer_link",
		),
		(
			Call::Transfer {
				to: to.clone(),
				amount: 123_456_789_012_345,
			},
			"transfer_keep_alive",
		),
		(
			Call::ClaimEarnings {
				account: to.clone(),
				eras: vec![7_001, 7_002],
			},
			"claim",
		),
		(Call::TransferAll { to, keep_alive: false }, "transfer_all"),
	]
}

fn signed(call: &Call, signer: &dyn Signer) -> Vec<u8> {
	let runtime = runtime();
	let terms = Terms {
		nonce: 41,
		birth: (1_000, BIRTH),
		tip: 0,
	};
	let encoded = runtime.encode(call).expect("the runtime has it");
	runtime
		.transaction(encoded, &signer.account(), terms, |payload| signer.sign(payload))
		.expect("it is signed")
}

/// Whether the real runtime would take the signature.
fn is_valid(transaction: &[u8], who: &AccountId, genesis: Hash) -> (bool, RuntimeCall) {
	let decoded = UncheckedExtrinsic::decode_all(&mut &transaction[..]).expect("the runtime decodes it");
	let Preamble::Signed(address, signature, extensions) = decoded.preamble else {
		panic!("it is signed");
	};
	assert_eq!(address, MultiAddress::Id(who.clone()));
	let implicit = (
		(),
		(),
		VERSION.spec_version,
		VERSION.transaction_version,
		genesis,
		BIRTH,
		(),
		(),
		(),
		None,
		(),
	);
	let payload = SignedPayload::from_raw(decoded.function.clone(), extensions, implicit);
	let valid = payload.using_encoded(|payload| signature.verify(payload, who));
	(valid, decoded.function)
}

#[test]
fn the_runtime_has_all_calls() {
	assert_eq!(runtime().calls_that_differ(), []);
	// And with older metadata.
	let older = Runtime::read(version(), GENESIS, &metadata_of(15)).expect("it can be read");
	assert_eq!(older.calls_that_differ(), []);
}

/// Metadata of a node that wants another call signed: same names, same arguments, other numbers.
#[test]
fn no_node_chooses_the_call_that_is_signed() {
	let swapped = changed("pallet_device_registry::pallet::Call", |found| {
		let calls = variants(found);
		let at = |name: &str| calls.iter().position(|call| call.name == name).expect("it is there");
		let (suspend, retire) = (at("suspend"), at("retire"));
		let index = calls[suspend].index;
		calls[suspend].index = calls[retire].index;
		calls[retire].index = index;
	});
	for call in [Call::Suspend { device: DEVICE }, Call::Retire { device: DEVICE }] {
		let error = swapped.encode(&call).err();
		assert!(matches!(error, Some(ChainError::OtherRuntime { .. })), "{error:?}");
	}
	assert_eq!(swapped.calls_that_differ().len(), 2);
	assert!(swapped.encode(&Call::Resume { device: DEVICE }).is_ok());
}

#[test]
fn calls_are_what_the_runtime_takes_them_for() {
	let runtime = runtime();
	for (call, name) in calls() {
		let encoded = runtime.encode(&call).expect("the runtime has it");
		let pallet = runtime.metadata.pallet_by_name(encoded.pallet).expect("it is there");
		let variant = pallet.call_variant_by_name(encoded.call).expect("it is there");
		let bytes = [&[pallet.call_index(), variant.index][..], &encoded.args].concat();
		let decoded = RuntimeCall::decode_all(&mut &bytes[..]).expect("the runtime decodes it");
		let text = format!("{decoded:?}");
		assert!(text.contains(name), "{text}");
		let parts: &[&str] = match call {
			Call::Declare { .. } => &["k: 18", "strength: 2", "groups: 7000001", "Pos2"],
			Call::Withdraw { .. } => &["Compute"],
			Call::ClaimEarnings { .. } => &["7001", "7002"],
			Call::Transfer { .. } => &["value: 123456789012345"],
			Call::TransferAll { .. } => &["keep_alive: false"],
			Call::Register { .. } => &["model: 77", "port: 30333", "Quic", "P256", "key: 3"],
			_ => &[],
		};
		for part in parts {
			assert!(text.contains(part), "{part} in {text}");
		}
	}
}

#[test]
fn signatures_hold_on_the_chain_that_they_are_for() {
	let sr25519 = PairSigner(sr25519::Pair::from_seed(&[1; 32]));
	let ed25519 = PairSigner(ed25519::Pair::from_seed(&[2; 32]));
	let signers: [&dyn Signer; 2] = [&sr25519, &ed25519];
	for signer in signers {
		for (call, _) in calls() {
			let bytes = signed(&call, signer);
			let (valid, decoded) = is_valid(&bytes, &signer.account(), GENESIS);
			assert!(valid, "{decoded:?}");
			assert!(!is_valid(&bytes, &signer.account(), Hash::repeat_byte(9)).0);
		}
	}
	// Nonce, era and tip are what they should be.
	let bytes = signed(&space(), &sr25519);
	let decoded = UncheckedExtrinsic::decode_all(&mut &bytes[..]).expect("it decodes");
	let Preamble::Signed(_, _, extensions) = decoded.preamble else {
		panic!("it is signed");
	};
	let text = format!("{extensions:?}");
	assert!(text.contains("Mortal(64, 40)"), "{text}");
	assert!(extensions.6.encode() == codec::Compact(41u32).encode(), "{text}");
	assert!(extensions.8.encode() == codec::Compact(0u128).encode(), "{text}");
}

/// What authorizes itself, by the names and numbers of another program.
fn settle(number: [u8; 2], argument: &'static str) -> Call {
	Call::Named(crate::NamedCall {
		pallet: "PaymentChannels",
		call: "settle",
		number,
		args: Args::none().and(argument, &7u64),
		held: 0,
		paid: 0,
	})
}

#[test]
fn a_call_that_authorizes_itself_is_a_general_transaction() {
	let runtime = runtime();
	let encoded = runtime.encode(&settle([50, 9], "channel")).expect("the runtime has it");
	let bytes = runtime.general(encoded).expect("it is made");
	let decoded = UncheckedExtrinsic::decode_all(&mut &bytes[..]).expect("it decodes");
	assert!(matches!(decoded.preamble, Preamble::General(_)), "{decoded:?}");
	assert_eq!(decoded.function.encode(), (50u8, 9u8, 7u64).encode());
}

#[test]
fn calls_of_other_programs_are_compared_too() {
	for call in [settle([50, 8], "channel"), settle([50, 9], "other")] {
		let error = runtime().encode(&call).err();
		assert!(matches!(error, Some(ChainError::OtherRuntime { .. })), "{error:?}");
	}
}

#[test]
fn a_key_that_does_not_sign_signs_nothing() {
	let runtime = runtime();
	let who = AccountId::new([1; 32]);
	let encoded = runtime.encode(&space()).expect("the runtime has it");
	let terms = Terms {
		nonce: 0,
		birth: (0, GENESIS),
		tip: 0,
	};
	let refused = ChainError::Signer("it is locked".into());
	let error = runtime.transaction(encoded, &who, terms, |_| Err(refused.clone()));
	assert_eq!(error, Err(refused));
}

#[test]
fn another_call_is_not_made() {
	let claimed = "proof_lottery_primitives::answers::Claimed";
	let differs = |runtime: Runtime, word: &str| {
		let error = runtime.encode(&space()).err().expect("it is another call");
		let text = error.to_string();
		assert!(matches!(error, ChainError::OtherRuntime { .. }), "{text}");
		assert!(
			text.starts_with("this node's runtime has another `ResourceProofs.declare`") && text.contains(word),
			"{text}"
		);
		assert!(text.ends_with("update smart-agent"), "{text}");
		// What does not concern it goes on.
		let device = DEVICE;
		assert!(runtime.encode(&Call::Unlink { device }).is_ok());
	};
	// A number of another width.
	let wider = changed(claimed, |found| {
		let space = &mut variants(found)[0];
		space.fields[3].ty = space.fields[1].ty;
	});
	differs(wider, "groups");
	// Two of one width that changed places.
	let swapped = changed(claimed, |found| variants(found)[0].fields.swap(1, 2));
	differs(swapped, "strength");
	// Another variant in the place of one.
	let renumbered = changed(claimed, |found| {
		for (variant, index) in variants(found).iter_mut().zip([2, 1, 3]) {
			variant.index = index;
		}
	});
	differs(renumbered, "Compute");
	// An argument more, and one of another name.
	let calls = "pallet_resource_proofs::pallet::Call";
	let longer = changed(calls, |found| {
		let declare = variants(found)
			.iter_mut()
			.find(|call| call.name == "declare")
			.expect("it is there");
		let more = declare.fields[0].clone();
		declare.fields.push(more);
	});
	differs(longer, "3 arguments");
	let renamed = changed(calls, |found| {
		let declare = variants(found)
			.iter_mut()
			.find(|call| call.name == "declare")
			.expect("it is there");
		declare.fields[1].name = Some("claims".into());
	});
	differs(renamed, "claims");
}

#[test]
fn a_call_that_is_gone_is_missed_and_one_more_does_no_harm() {
	let calls = "pallet_resource_proofs::pallet::Call";
	let gone = changed(calls, |found| variants(found).retain(|call| call.name != "declare"));
	assert_eq!(
		gone.encode(&space()).err(),
		Some(ChainError::Missing {
			what: "ResourceProofs.declare".into()
		})
	);
	let longer = changed(calls, |found| {
		let calls = variants(found);
		let mut more = calls[0].clone();
		(more.name, more.index) = ("declare_all".into(), 99);
		calls.push(more);
	});
	assert_eq!(longer.calls_that_differ(), []);
	// What is signed has numbers, not names: those that moved are others.
	let moved = changed(calls, |found| {
		for call in variants(found) {
			call.index += 20;
		}
	});
	assert_eq!(moved.calls_that_differ().len(), 5);
}

fn record(index: u32, event: &[u8]) -> Vec<u8> {
	// That the runtime itself reads it shows that this test speaks of its events.
	let whole = RuntimeEvent::decode_all(&mut &event[..]);
	assert!(whole.is_ok(), "{event:?}: {whole:?}");
	[&(0u8, index).encode()[..], event, &[0]].concat()
}

/// An event by the names of pallet and variant.
fn event(pallet: &str, name: &str, fields: &[u8]) -> Vec<u8> {
	let runtime = runtime();
	let pallet = runtime.metadata.pallet_by_name(pallet).expect("it is there");
	let all = pallet.event_variants().expect("it has events");
	let variant = all.iter().find(|variant| variant.name == name).expect("it is there");
	[&[pallet.event_index(), variant.index][..], fields].concat()
}

fn events(records: &[Vec<u8>]) -> Vec<u8> {
	let count = codec::Compact(u32::try_from(records.len()).expect("few")).encode();
	[count, records.concat()].concat()
}

/// Weight, class, and whether it pays.
const INFO: [u8; 4] = [4, 4, 0, 0];

#[test]
fn what_a_transaction_did_is_told() {
	let runtime = runtime();
	let owner = AccountId::new([3; 32]);
	let paid = (owner.clone(), 5_000u128, 0u128).encode();
	let offered = (DEVICE, owner.clone()).encode();
	let all = events(&[
		record(0, &event("System", "ExtrinsicSuccess", &INFO)),
		record(2, &event("ResourceProofs", "LinkOffered", &offered)),
		record(1, &event("ResourceProofs", "LinkOffered", &offered)),
		record(2, &event("TransactionPayment", "TransactionFeePaid", &paid)),
		record(2, &event("System", "ExtrinsicSuccess", &INFO)),
	]);
	let applied = runtime.applied(all.clone(), 2).expect("it can be read");
	assert_eq!(applied.fee, Some(5_000));
	let told = applied.outcome.expect("it did something");
	assert_eq!(told.len(), 1);
	assert!(told[0].is("ResourceProofs", "LinkOffered"));
	let device = format!("0x{}", "d1".repeat(32));
	let candidate = format!("0x{}", "03".repeat(32));
	assert_eq!(
		told[0].fields,
		[("device".to_string(), device), ("candidate".to_string(), candidate)]
	);
	// Nothing is said of this one, and what is cut short is an error.
	assert!(runtime.applied(all.clone(), 3).is_err());
	for length in 1..all.len() {
		assert!(runtime.applied(all[..length].to_vec(), 2).is_err(), "{length}");
	}
}

#[test]
fn a_refusal_is_named_with_what_the_runtime_says_of_it() {
	let runtime = runtime();
	let pallet = runtime.metadata.pallet_by_name("ResourceProofs").expect("it is there");
	let errors = pallet.error_variants().expect("it has errors");
	let error = errors
		.iter()
		.find(|error| error.name == "OtherPlots")
		.expect("it is there");
	let module = [3, pallet.error_index(), error.index, 0, 0, 0];
	let failed = |error: &[u8]| {
		let fields = [error, &INFO].concat();
		let all = events(&[record(1, &event("System", "ExtrinsicFailed", &fields))]);
		runtime
			.applied(all, 1)
			.expect("it can be read")
			.outcome
			.expect_err("it failed")
	};
	let ChainError::Dispatch { pallet, error, words } = failed(&module) else {
		panic!("a pallet refused it");
	};
	assert_eq!((&pallet[..], &error[..]), ("ResourceProofs", "OtherPlots"));
	assert!(
		words.starts_with("The device claims plots of another kind: withdraw that claim first; ")
			&& words.contains("plot delete --all"),
		"{words}"
	);
	// Not enough money.
	let text = failed(&[7, 0]).to_string();
	assert!(
		text.contains("FundsUnavailable") && text.contains("send STCI"),
		"{text}"
	);
}

/// The runtime says what is wrong; what to do, with the command that does it, is this program's to say.
#[test]
fn every_error_of_the_pallets_that_are_called_has_a_remedy() {
	let runtime = runtime();
	for pallet in ["DeviceRegistry", "ResourceProofs", "Balances"] {
		let found = runtime.metadata.pallet_by_name(pallet).expect("it is there");
		let errors = found.error_variants().expect("it has errors");
		assert!(errors.len() > 10, "{pallet}");
		for error in errors.iter() {
			assert!(remedy::remedy(pallet, &error.name).is_some(), "{pallet}.{}", error.name);
			assert!(
				!text::sentence(&error.docs).is_empty(),
				"{pallet}.{} has no cause",
				error.name
			);
		}
	}
	let issuance = runtime.metadata.pallet_by_name("StciIssuance").expect("it is there");
	for error in issuance.error_variants().expect("it has errors") {
		assert!(remedy::remedy("StciIssuance", &error.name).is_some(), "{}", error.name);
	}
	let storage = runtime.metadata.pallet_by_name("StorageMarket").expect("it is there");
	let known = storage.error_variants().expect("it has errors");
	for error in [
		"NoOffer",
		"NotYours",
		"StillHolds",
		"NotHeld",
		"AlreadyAsked",
		"NothingNew",
		"QueueFull",
	] {
		assert!(
			known.iter().any(|known| known.name == error),
			"{error} is no error any more"
		);
		assert!(remedy::remedy("StorageMarket", error).is_some(), "{error}");
	}
	assert_eq!(remedy::remedy("DeviceRegistry", "NoSuchError"), None);
	let used = remedy::remedy("DeviceRegistry", "KeyUsed").expect("it is known");
	assert!(used.contains("smart-agent device renew NAME"), "{used}");
	let linked = remedy::remedy("ResourceProofs", "AlreadyLinked").expect("it is known");
	assert!(linked.contains("smart-agent device link end"), "{linked}");
}

#[test]
fn holds_are_told_in_words() {
	let runtime = runtime();
	let held = |pallet: &str, reason: u8, amount: u128| {
		let pallet = runtime.metadata.pallet_by_name(pallet).expect("it is there");
		(pallet.call_index(), reason, amount).encode()
	};
	let bytes = [
		vec![12],
		held("DeviceRegistry", 0, 1_000),
		held("ResourceProofs", 0, 2_000),
		held("StorageMarket", 1, 3_000),
	]
	.concat();
	let held = runtime.amounts("Holds", &bytes).expect("they can be read");
	let short: Vec<_> = held
		.iter()
		.map(|held| (&held.pallet[..], &held.reason[..], held.amount))
		.collect();
	assert_eq!(
		short,
		[
			("DeviceRegistry", "Device", 1_000),
			("ResourceProofs", "Lottery", 2_000),
			("StorageMarket", "Deposit", 3_000)
		]
	);
	assert!(held.iter().all(|held| held.words.contains("comes back")));
	assert_eq!(runtime.amounts("Holds", &[0]), Ok(Vec::new()));
	assert!(runtime.amounts("Holds", &bytes[..20]).is_err());
	let who = AccountId::new([1; 32]);
	assert!(runtime.amounts_key("Holds", &who).is_ok() && runtime.amounts_key("Freezes", &who).is_ok());
}

/// A node may hand out anything as metadata.
#[test]
fn metadata_of_a_stranger_never_panics() {
	let sound = metadata_of(16);
	let mut rng = Rng::new(11);
	for _ in 0..60 {
		let mut bytes = sound.clone();
		for _ in 0..4 {
			let at = rng.next_u64() as usize % bytes.len();
			bytes[at] ^= 1 << (rng.next_u64() % 8);
		}
		if let Ok(runtime) = Runtime::read(version(), GENESIS, &bytes) {
			runtime.calls_that_differ();
		}
	}
	for length in [0, 1, 4, 5, 100, sound.len() / 2, sound.len() - 1] {
		assert!(Runtime::read(version(), GENESIS, &sound[..length]).is_err(), "{length}");
	}
}

/// A call with another one in it, which comes as bytes.
fn sudo(name: &'static str, number: [u8; 2], arg: &'static str, call: &[u8]) -> Call {
	Call::Named(NamedCall {
		pallet: "Sudo",
		call: name,
		number,
		args: Args::none().and_call(arg, call),
		held: 0,
		paid: 0,
	})
}

#[test]
fn a_call_that_comes_as_bytes_is_taken_where_a_call_belongs() {
	let runtime = runtime();
	let encoded = runtime.encode(&space()).expect("it is known");
	let inner = runtime.call_data(encoded).expect("it is encoded");
	let outer = runtime
		.encode(&sudo("sudo", [99, 0], "call", &inner))
		.expect("it is known");
	let bytes = runtime.call_data(outer).expect("it is encoded");
	let RuntimeCall::Sudo(pallet_call) = RuntimeCall::decode(&mut &bytes[..]).expect("a call") else {
		panic!("another pallet");
	};
	assert_eq!(pallet_call.encode()[1..], inner);
	// Where an account belongs it is none.
	assert!(runtime.encode(&sudo("set_key", [99, 2], "new", &inner)).is_err());
}

#[test]
fn a_dry_run_says_what_the_runtime_would() {
	let runtime = runtime();
	assert!(matches!(runtime.tried(&[0, 0]), Ok(Ok(()))));
	let failed = [&[0, 1][..], &DispatchError::BadOrigin.encode()].concat();
	assert!(matches!(runtime.tried(&failed), Ok(Err(ChainError::Dispatch { .. }))));
	let invalid: ApplyExtrinsicResult = Err(InvalidTransaction::Payment.into());
	assert!(matches!(
		runtime.tried(&invalid.encode()),
		Ok(Err(ChainError::Dropped(_)))
	));
	for bytes in [&[][..], &[0], &[2, 0], &[0, 0, 0]] {
		assert!(runtime.tried(bytes).is_err(), "{bytes:?}");
	}
}
