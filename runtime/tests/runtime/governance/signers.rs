//! Calls that no signature helps are refused before they take room.

use crate::{
	chain::{signed, state_of, Chain},
	frozen::metadata::metadata,
};
use codec::Decode;
use frame_support::{
	dispatch::{DispatchClass, GetDispatchInfo},
	storage::with_transaction,
	traits::UnfilteredDispatchable,
};
use scale_info::TypeDef;
use smartchain_runtime::{
	configs::AsRoot,
	genesis,
	signers::{is_beyond_signers, may_send},
	AccountId, Runtime, RuntimeCall, RuntimeOrigin, UncheckedExtrinsic,
};
use sp_keyring::Sr25519Keyring as Key;
use sp_runtime::{
	transaction_validity::{InvalidTransaction, TransactionSource, TransactionValidityError},
	ApplyExtrinsicResult, DispatchError, DispatchResult, TransactionOutcome,
};
use sp_transaction_pool::runtime_api::runtime_decl_for_tagged_transaction_queue::TaggedTransactionQueueV3;

const REFUSED: TransactionValidityError = TransactionValidityError::Invalid(InvalidTransaction::Call);

fn remark() -> RuntimeCall {
	frame_system::Call::remark { remark: vec![] }.into()
}

fn set_code() -> RuntimeCall {
	frame_system::Call::set_code { code: vec![] }.into()
}

fn batch(calls: Vec<RuntimeCall>) -> RuntimeCall {
	pallet_utility::Call::batch_all { calls }.into()
}

/// Zeros, with ones in two of the first places: of two enums in a row each wants its own where both begin with 1.
fn two_ones() -> impl Iterator<Item = [u8; 1_000]> {
	(0..32).flat_map(|first| {
		(first + 1..32).map(move |second| {
			let mut bytes = [0; 1_000];
			bytes[first] = 1;
			bytes[second] = 1;
			bytes
		})
	})
}

/// Every call there is, with arguments that are all zeros, all ones or zeros with two ones, by its name.
pub(super) fn every_call() -> Vec<(String, RuntimeCall)> {
	let metadata = metadata();
	let mut calls = Vec::new();
	for pallet in &metadata.pallets {
		let Some(of_pallet) = &pallet.calls else { continue };
		let ty = metadata.types.resolve(of_pallet.ty.id).expect("the registry is whole");
		let TypeDef::Variant(variants) = &ty.type_def else {
			panic!("calls are variants")
		};
		for variant in &variants.variants {
			let name = format!("{}.{}", pallet.name, variant.name);
			let read = |arguments: &[u8]| {
				let bytes = [&[pallet.index, variant.index][..], arguments].concat();
				RuntimeCall::decode(&mut &bytes[..])
			};
			// Some enums begin with 1.
			let call = read(&[0; 10_000])
				.or_else(|_| read(&[1; 10_000]))
				.or_else(|error| two_ones().find_map(|bytes| read(&bytes).ok()).ok_or(error));
			calls.push((name.clone(), call.unwrap_or_else(|error| panic!("{name}: {error}"))));
		}
	}
	assert!(calls.len() > 60, "{} calls", calls.len());
	calls
}

/// What becomes of a call, without leaving anything. It goes past the filter, which looks at values and not at who
/// sends them.
fn attempt(call: RuntimeCall, origin: RuntimeOrigin) -> DispatchResult {
	let outcome = with_transaction(|| {
		let result = call
			.dispatch_bypass_filter(origin)
			.map(|_| ())
			.map_err(|failure| failure.error);
		TransactionOutcome::Rollback(Ok::<_, DispatchError>(result))
	});
	outcome.expect("no error of its own")
}

/// Calls that succeed or fail for other reasons with any origin, but do nothing for a signer.
const OPEN_TO_ALL: [&str; 1] = ["System.apply_authorized_upgrade"];

#[test]
fn what_is_refused_is_what_no_signer_can_do() {
	state_of(genesis::LOCAL, serde_json::json!({})).execute_with(|| {
		for (name, call) in every_call() {
			let wrong = if let RuntimeCall::Sudo(_) = call {
				// Nobody has the key, and that is what it says.
				true
			} else {
				attempt(call.clone(), RuntimeOrigin::signed(Key::Alice.to_account_id()))
					== Err(DispatchError::BadOrigin)
			};
			let expected = wrong || OPEN_TO_ALL.contains(&&name[..]);
			assert_eq!(is_beyond_signers(&call), expected, "{name}");
		}
	});
}

#[test]
fn no_signer_gets_into_the_operational_class() {
	state_of(genesis::LOCAL, serde_json::json!({})).execute_with(|| {
		for (name, call) in every_call() {
			let class = call.get_dispatch_info().class;
			if class != DispatchClass::Normal {
				assert!(!may_send(&Key::Alice.to_account_id(), &call, class), "{name}");
			}
		}
	});
}

#[test]
fn directors_do_as_root_what_is_listed_and_nothing_else() {
	use frame_support::traits::Contains;
	let listed = || -> Vec<_> {
		let calls = every_call().into_iter();
		calls
			.filter(|(_, call)| AsRoot::contains(call))
			.map(|(name, _)| name)
			.collect()
	};
	state_of(genesis::LOCAL, serde_json::json!({})).execute_with(|| {
		assert_eq!(listed(), ["System.authorize_upgrade"]);
		smartchain_runtime::Mandates::note_approval();
		assert!(listed().is_empty(), "holders decide");
	});
}

#[test]
fn what_directors_may_do_in_their_own_name_is_known() {
	state_of(genesis::LOCAL, serde_json::json!({})).execute_with(|| {
		let may: Vec<_> = every_call()
			.into_iter()
			.filter(|(_, call)| {
				let origin = RuntimeOrigin::from(pallet_motions::Origin::Directors);
				attempt(call.clone(), origin) != Err(DispatchError::BadOrigin)
			})
			.map(|(name, _)| name)
			.collect();
		assert_eq!(
			may,
			[
				"System.remark",
				"System.apply_authorized_upgrade",
				"Candidates.admit",
				"Candidates.eliminate",
				"Candidates.set_parameters",
				"Utility.batch",
				"Utility.batch_all",
				"Utility.force_batch",
				"Utility.if_else",
				"Mandates.sponsor",
				"Parameters.set_parameter",
				"DeviceRegistry.revoke_vendor",
				"DeviceRegistry.resume",
				"DeviceRegistry.revoke",
				"ResourceProofs.set_parameters",
			]
		);
	});
}

/// Everything that a call can lie in and be dispatched from for a signer.
fn wrapped(call: RuntimeCall) -> Vec<RuntimeCall> {
	let boxed = || Box::new(call.clone());
	let bob: AccountId = Key::Bob.to_account_id();
	let mut wrapped = vec![
		batch(vec![call.clone()]),
		batch(vec![remark(), call.clone()]),
		pallet_utility::Call::batch {
			calls: vec![call.clone()],
		}
		.into(),
		pallet_utility::Call::force_batch {
			calls: vec![call.clone()],
		}
		.into(),
		pallet_utility::Call::as_derivative {
			index: 1,
			call: boxed(),
		}
		.into(),
		pallet_utility::Call::if_else {
			main: Box::new(remark()),
			fallback: boxed(),
		}
		.into(),
		pallet_utility::Call::if_else {
			main: boxed(),
			fallback: Box::new(remark()),
		}
		.into(),
		pallet_multisig::Call::as_multi_threshold_1 {
			other_signatories: vec![bob.clone()],
			call: boxed(),
		}
		.into(),
		pallet_multisig::Call::as_multi {
			threshold: 2,
			other_signatories: vec![bob.clone()],
			maybe_timepoint: None,
			call: boxed(),
			max_weight: Default::default(),
		}
		.into(),
		pallet_proxy::Call::proxy {
			real: bob.clone().into(),
			force_proxy_type: None,
			call: boxed(),
		}
		.into(),
		pallet_proxy::Call::proxy_announced {
			delegate: bob.clone().into(),
			real: bob.into(),
			force_proxy_type: None,
			call: boxed(),
		}
		.into(),
	];
	let within: Vec<_> = wrapped.iter().map(|call| batch(vec![call.clone()])).collect();
	wrapped.extend(within);
	wrapped
}

#[test]
fn what_lies_in_other_calls_is_looked_at() {
	state_of(genesis::LOCAL, serde_json::json!({})).execute_with(|| {
		for call in wrapped(set_code()) {
			assert!(is_beyond_signers(&call), "{call:?}");
		}
		for call in wrapped(remark()) {
			assert!(!is_beyond_signers(&call), "{call:?}");
		}
		// A motion is no matter of its proposer.
		let call = Box::new(set_code());
		assert!(!is_beyond_signers(&pallet_motions::Call::propose { call }.into()));
	});
}

#[test]
fn the_pool_and_blocks_refuse_them() {
	let mut chain = Chain::of(genesis::LOCAL);
	chain.grow_well(Vec::new);
	let calls = || [vec![set_code()], wrapped(set_code())].concat();
	let results: Vec<ApplyExtrinsicResult> =
		chain.grow(|| calls().into_iter().map(|call| signed(Key::Bob, 0, 0, call)).collect());
	assert_eq!(results, vec![Err(REFUSED); calls().len()]);
	// As a peer would send it.
	let mut sent: Option<UncheckedExtrinsic> = None;
	chain.grow_well(|| {
		sent = Some(signed(Key::Bob, 0, 0, set_code()));
		vec![]
	});
	chain.query(|| {
		let validity = Runtime::validate_transaction(
			TransactionSource::External,
			sent.expect("it was made"),
			smartchain_runtime::System::block_hash(0),
		);
		assert_eq!(validity, Err(REFUSED));
	});
}

#[test]
fn a_signed_upgrade_that_nobody_authorized_takes_no_room() {
	let mut chain = Chain::of(genesis::LOCAL);
	let call = frame_system::Call::apply_authorized_upgrade { code: vec![1] };
	assert_eq!(chain.grow(|| vec![signed(Key::Bob, 0, 0, call)]), [Err(REFUSED)]);
}

#[test]
fn whoever_has_the_sudo_key_may_send_anything_and_nobody_else_does() {
	let mut chain = Chain::dev();
	let sudo = || pallet_sudo::Call::sudo {
		call: Box::new(frame_system::Call::set_heap_pages { pages: 64 }.into()),
	};
	let results = chain.grow(|| vec![signed(Key::Bob, 0, 0, sudo()), signed(Key::Alice, 0, 0, sudo())]);
	assert_eq!(results, [Err(REFUSED), Ok(Ok(()))]);
}
