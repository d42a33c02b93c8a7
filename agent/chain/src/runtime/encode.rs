//! Calls, by their names in the metadata.

use super::{Args, Runtime};
use crate::{
	send::Call,
	types::{AccountId, Claimed},
	ChainError, Result,
};
use codec::Compact;
use device_primitives::{DeviceId, DeviceKey, DeviceSignature, Endpoints};
use proof_lottery_primitives::Resource;
use sp_core::sr25519;
use sp_runtime::MultiAddress;

/// How transactions name accounts.
type Address = MultiAddress<AccountId, ()>;

/// A call whose arguments are encoded, and are what the runtime expects.
pub(crate) struct Encoded {
	/// The pallet.
	pub pallet: &'static str,
	/// The call.
	pub call: &'static str,
	/// Its arguments.
	pub args: Vec<u8>,
}

/// A call by its names.
fn by_name(call: &Call) -> (&'static str, &'static str, Args) {
	match call {
		Call::Declare { device, claim } => (
			"ResourceProofs",
			"declare",
			Args::none().and("device", device).and("claim", claim),
		),
		Call::Withdraw { device, resource } => (
			"ResourceProofs",
			"withdraw",
			Args::none().and("device", device).and("resource", resource),
		),
		Call::OfferLink { device, candidate } => (
			"ResourceProofs",
			"offer_link",
			Args::none().and("device", device).and("candidate", candidate),
		),
		Call::AcceptLink { device } => ("ResourceProofs", "accept_link", Args::none().and("device", device)),
		Call::Unlink { device } => ("ResourceProofs", "unlink", Args::none().and("device", device)),
		Call::ClaimEarnings { account, eras } => (
			"StciIssuance",
			"claim",
			Args::none().and("account", account).and("eras", eras),
		),
		Call::Transfer { to, amount } => (
			"Balances",
			"transfer_keep_alive",
			Args::none()
				.and("dest", &Address::Id(to.clone()))
				.and("value", &Compact(*amount)),
		),
		Call::TransferAll { to, keep_alive } => (
			"Balances",
			"transfer_all",
			Args::none()
				.and("dest", &Address::Id(to.clone()))
				.and("keep_alive", keep_alive),
		),
		Call::Named(named) => (named.pallet, named.call, named.args.clone()),
		of_registry => ("DeviceRegistry", registry_name(of_registry), registry_args(of_registry)),
	}
}

fn registry_name(call: &Call) -> &'static str {
	match call {
		Call::Register { .. } => "register",
		Call::Attest { .. } => "attest",
		Call::SetEndpoints { .. } => "set_endpoints",
		Call::Suspend { .. } => "suspend",
		Call::Resume { .. } => "resume",
		Call::Retire { .. } => "retire",
		Call::OfferTransfer { .. } => "offer_transfer",
		Call::WithdrawOffer { .. } => "withdraw_offer",
		Call::AcceptTransfer { .. } => "accept_transfer",
		// Of other pallets: see `by_name`.
		Call::Declare { .. }
		| Call::Withdraw { .. }
		| Call::OfferLink { .. }
		| Call::AcceptLink { .. }
		| Call::Unlink { .. }
		| Call::ClaimEarnings { .. }
		| Call::Transfer { .. }
		| Call::TransferAll { .. }
		| Call::Named(_) => "",
	}
}

fn registry_args(call: &Call) -> Args {
	match call {
		Call::Register {
			key,
			possession,
			enrolment,
			attestation,
			endpoints,
		} => Args::none()
			.and("key", key)
			.and("possession", possession)
			.and("enrolment", enrolment)
			.and("attestation", attestation)
			.and("endpoints", endpoints),
		Call::Attest { device, attestation } => Args::none().and("device", device).and("attestation", attestation),
		Call::SetEndpoints { device, endpoints } => Args::none().and("device", device).and("endpoints", endpoints),
		Call::Suspend { device }
		| Call::Resume { device }
		| Call::Retire { device }
		| Call::WithdrawOffer { device } => Args::none().and("device", device),
		Call::OfferTransfer { device, to } => Args::none().and("device", device).and("to", to),
		Call::AcceptTransfer {
			device,
			consent,
			enrolment,
		} => Args::none()
			.and("device", device)
			.and("consent", consent)
			.and("enrolment", enrolment),
		_ => Args::none(),
	}
}

/// By what the runtime's transactions name each call: pallet and call. They are part of a transaction's format, and
/// stay as long as its version does. The names come from the node's metadata: if these numbers did as well, a node
/// could have a device retired where its owner signs that it be suspended, for a signature is over numbers alone.
const INDICES: [(&str, &str, [u8; 2]); 17] = [
	("Balances", "transfer_keep_alive", [10, 3]),
	("Balances", "transfer_all", [10, 4]),
	("StciIssuance", "claim", [12, 0]),
	("DeviceRegistry", "register", [40, 6]),
	("DeviceRegistry", "attest", [40, 7]),
	("DeviceRegistry", "set_endpoints", [40, 8]),
	("DeviceRegistry", "suspend", [40, 9]),
	("DeviceRegistry", "resume", [40, 10]),
	("DeviceRegistry", "retire", [40, 11]),
	("DeviceRegistry", "offer_transfer", [40, 13]),
	("DeviceRegistry", "withdraw_offer", [40, 14]),
	("DeviceRegistry", "accept_transfer", [40, 15]),
	("ResourceProofs", "declare", [41, 0]),
	("ResourceProofs", "withdraw", [41, 1]),
	("ResourceProofs", "offer_link", [41, 6]),
	("ResourceProofs", "accept_link", [41, 7]),
	("ResourceProofs", "unlink", [41, 8]),
];

/// The numbers of a call; none for one that is not in the table, which is not signed.
fn indices(pallet: &str, call: &str) -> Option<[u8; 2]> {
	let mut known = INDICES.iter();
	known
		.find(|(of, name, _)| (*of, *name) == (pallet, call))
		.map(|(_, _, indices)| *indices)
}

/// One of each call, to see whether the runtime has them.
fn one_of_each() -> Vec<Call> {
	let device = DeviceId([0; 32]);
	let account = AccountId::new([0; 32]);
	let signature = DeviceSignature::Sr25519(sr25519::Signature::from_raw([0; 64]));
	let attestation = crate::AttestationProof {
		model: 0,
		key: 0,
		signature: signature.clone(),
	};
	vec![
		Call::Register {
			key: DeviceKey::Sr25519(sr25519::Public::from_raw([0; 32])),
			possession: signature.clone(),
			enrolment: None,
			attestation: None,
			endpoints: Endpoints::default(),
		},
		Call::Attest { device, attestation },
		Call::SetEndpoints {
			device,
			endpoints: Endpoints::default(),
		},
		Call::Suspend { device },
		Call::Resume { device },
		Call::Retire { device },
		Call::OfferTransfer {
			device,
			to: account.clone(),
		},
		Call::WithdrawOffer { device },
		Call::AcceptTransfer {
			device,
			consent: signature,
			enrolment: None,
		},
		Call::Declare {
			device,
			claim: Claimed::Uptime,
		},
		Call::Withdraw {
			device,
			resource: Resource::Uptime,
		},
		Call::OfferLink {
			device,
			candidate: account.clone(),
		},
		Call::AcceptLink { device },
		Call::Unlink { device },
		Call::ClaimEarnings {
			account: account.clone(),
			eras: vec![0],
		},
		Call::Transfer {
			to: account.clone(),
			amount: 0,
		},
		Call::TransferAll {
			to: account,
			keep_alive: true,
		},
	]
}

impl Runtime {
	/// All calls that this program knows and the runtime does not have, or has otherwise.
	pub fn calls_that_differ(&self) -> Vec<ChainError> {
		one_of_each()
			.iter()
			.filter_map(|call| self.encode(call).err())
			.collect()
	}

	/// Encodes a call.
	///
	/// # Errors
	/// If the runtime has no such call, or another one.
	pub fn encode(&self, call: &Call) -> Result<Encoded> {
		let (pallet, name, args) = by_name(call);
		let what = format!("{pallet}.{name}");
		let (theirs, found) = self
			.metadata
			.pallet_by_name(pallet)
			.and_then(|pallet| Some((pallet.call_index(), pallet.call_variant_by_name(name)?)))
			.ok_or_else(|| ChainError::Missing { what: what.clone() })?;
		self.once(&what, || {
			let number = match call {
				Call::Named(named) => Some(named.number),
				_ => indices(pallet, name),
			};
			if number != Some([theirs, found.index]) {
				return Err(format!("its number is {theirs}.{}", found.index));
			}
			if found.fields.len() != args.0.len() {
				return Err(format!(
					"it has {} arguments and not {}",
					found.fields.len(),
					args.0.len()
				));
			}
			for (field, arg) in found.fields.iter().zip(&args.0) {
				if field.name.as_deref() != Some(arg.name) {
					let theirs = field.name.as_deref().unwrap_or("one without a name");
					return Err(format!("its argument is `{theirs}` where `{}` is expected", arg.name));
				}
				self.compare_arg(arg, field.ty.id)
					.map_err(|why| format!("`{}`: {why}", arg.name))?;
			}
			Ok(())
		})?;
		Ok(Encoded {
			pallet,
			call: name,
			args: args.bytes(),
		})
	}
}
