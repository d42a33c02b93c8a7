//! What the device does, as calls of the pallet; and what of the pallet's storage is read.

use bounded_collections::{BoundedVec, ConstU32};
use codec::{Decode, Encode};
use device_primitives::{DeviceId, NetworkGroup};
use market_primitives::Tab;
use scale_info::TypeInfo;
use smart_agent_chain::{AccountId, Args, Chain, ChainError, Hash, NamedCall, NamedPallet, Result};
use smart_agent_market::{Body, Deed, DeedKey, Shown, SlotKey, Voucher as Kept};
use smartchain_transfer::wire::{Fault, SlotId as WireSlot, Voucher as Paper};
use sp_core::{sr25519, Pair};
use sp_runtime::{traits::Verify, MultiSignature};
use storage_market_primitives::{Acceptance, DealId, Price, ProbeReport, SlotAt, SlotId, Tick, Voucher};
use storage_proof_primitives::{Answer, Confirmation, Opening};

/// The pallet's name.
pub const PALLET: &str = "StorageMarket";
/// Its number, and those of its calls: a part of how transactions are encoded.
const PALLET_NUMBER: u8 = 52;
const NUMBERS: [(&str, u8); 10] = [
	("set_offer", 0),
	("withdraw_offer", 1),
	("confirm", 5),
	("answer", 6),
	("claim", 7),
	("leave_slot", 8),
	("prove_now", 14),
	("redeem", 18),
	("offer_probes", 19),
	("report_probe", 20),
];

/// The most slots of a claim.
pub const MAX_CLAIMS: u32 = 32;
/// Those that probe in an era, at most.
const MAX_PROBERS: u32 = 32;
/// Bytes of what readers pay by.
const MIB: u64 = 1 << 20;

/// Slots whose pay is claimed.
type Claims = BoundedVec<(DealId, SlotAt), ConstU32<MAX_CLAIMS>>;

fn named(call: &'static str, args: Args) -> NamedCall {
	let pallet = NamedPallet {
		name: PALLET,
		number: PALLET_NUMBER,
		calls: &NUMBERS,
	};
	pallet.call(call, args)
}

/// Offers space of a device.
///
/// - `ask`: planck for a GiB and era; `egress`: planck for a GiB that it gives out.
/// - `capacity`: bytes; `max_slot`: bytes of the largest slot that it takes.
pub fn offer_call(device: &DeviceId, ask: Price, egress: Price, capacity: u64, max_slot: u64) -> NamedCall {
	let args = Args::none()
		.and("device", device)
		.and("ask", &ask)
		.and("egress", &egress)
		.and("capacity", &capacity)
		.and("max_slot", &max_slot);
	named("set_offer", args)
}

/// Takes no new slots.
pub fn withdraw_call(device: &DeviceId) -> NamedCall {
	named("withdraw_offer", Args::none().and("device", device))
}

/// Has a device look at others if it is drawn for that, or not.
pub fn probes_call(device: &DeviceId, on: bool) -> NamedCall {
	named("offer_probes", Args::none().and("device", device).and("on", &on))
}

/// Leaves a slot once another device has it.
pub fn leave_call(deal: DealId, slot: u8) -> NamedCall {
	let args = Args::none().and("deal", &deal).and("slot", &SlotAt::from(slot));
	named("leave_slot", args)
}

/// Has the chain ask for a slot, two turns later.
pub fn prove_call(deal: DealId, slot: u8) -> NamedCall {
	let args = Args::none().and("deal", &deal).and("slot", &SlotAt::from(slot));
	named("prove_now", args)
}

/// Claims what slots have earned: [`MAX_CLAIMS`] at most, others are left out.
pub fn claim_call(slots: &[(DealId, u8)]) -> NamedCall {
	let claims = slots.iter().map(|(deal, slot)| (*deal, SlotAt::from(*slot)));
	let claims = Claims::truncate_from(claims.collect());
	named("claim", Args::none().and("claims", &claims))
}

/// Redeems a voucher that was kept. None if it cannot be read, which does not happen.
pub fn redeem_call(bytes: &[u8]) -> Option<NamedCall> {
	let (voucher, signature) = <(Voucher<DeviceId>, MultiSignature)>::decode(&mut &bytes[..]).ok()?;
	let args = Args::none().and("voucher", &voucher).and("signature", &signature);
	Some(named("redeem", args))
}

/// What is done by the owner's account for a deed; none for one that needs no signature.
pub(crate) fn signed_call(deed: &Deed) -> Option<NamedCall> {
	match (&deed.key, &deed.body) {
		(DeedKey::ProveNow { key, .. }, _) => Some(prove_call(key.deal, key.slot)),
		(DeedKey::Claim { .. }, Body::Slots(slots)) => {
			let slots: Vec<(DealId, u8)> = slots.iter().map(|key| (key.deal, key.slot)).collect();
			Some(claim_call(&slots))
		}
		(DeedKey::Redeem { .. }, Body::Voucher(voucher)) => redeem_call(&voucher.bytes),
		_ => None,
	}
}

fn opening(shown: &Shown) -> Result<Opening> {
	Opening::of(shown.chunk.clone(), shown.path.clone()).map_err(|why| ChainError::Undecodable {
		what: "an opening".into(),
		why: why.to_string(),
	})
}

/// Hands in what speaks for itself: an answer, a confirmation.
///
/// # Errors
/// As [`Chain::submit_free`].
pub(crate) async fn submit(chain: &Chain, device: &DeviceId, key: &sr25519::Pair, deed: &Deed) -> Result<()> {
	let genesis = Chain::genesis(chain).0;
	match free_call(&genesis, device, key, deed)? {
		Some(call) => chain.submit_free(&call).await,
		// It is not handed in at all.
		None => Err(ChainError::Signer("the owner's account has to sign this".into())),
	}
}

/// Hands in what was seen of another device.
///
/// # Errors
/// As [`Chain::submit_free`].
pub(crate) async fn report(chain: &Chain, report: &ProbeReport<DeviceId>) -> Result<()> {
	chain.submit_free(&report_call(report)).await
}

fn report_call(report: &ProbeReport<DeviceId>) -> NamedCall {
	named("report_probe", Args::none().and("report", report))
}

fn free_call(genesis: &[u8; 32], device: &DeviceId, pair: &sr25519::Pair, deed: &Deed) -> Result<Option<NamedCall>> {
	let Body::Shown(root, shown) = &deed.body else {
		return Ok(None);
	};
	let [first, second] = [opening(&shown[0])?, opening(&shown[1])?];
	Ok(match deed.key {
		DeedKey::Answer { until, index, .. } => {
			let answer: Answer = [first, second];
			let args = Args::none()
				.and("until", &until)
				.and("index", &index)
				.and("answer", &answer);
			Some(named("answer", args))
		}
		DeedKey::Confirm { key, attempt, .. } => {
			let slot = SlotAt::from(key.slot);
			let acceptance = Acceptance {
				device: *device,
				at: SlotId::new(key.deal, slot),
				attempt,
				root: *root,
			};
			let confirmation = Confirmation {
				last: first,
				random: second,
			};
			let signature = pair.sign(&acceptance.payload(genesis));
			let args = Args::none()
				.and("deal", &key.deal)
				.and("slot", &slot)
				.and("confirmation", &confirmation)
				.and("signature", &signature);
			Some(named("confirm", args))
		}
		_ => None,
	})
}

/// What the pallet keeps for a deal besides.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub(crate) struct Till {
	deposit: u128,
	boxes: u32,
	of_boxes: u128,
	tabs: BoundedVec<Tab, ConstU32<32>>,
}

/// A key box.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
struct KeyBox {
	key_box: BoundedVec<u8, ConstU32<128>>,
	deposit: u128,
}

/// Who probes in an era.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
struct Prober {
	device: DeviceId,
	owner: AccountId,
	group: Option<NetworkGroup>,
	reported: u8,
}

type Probers = BoundedVec<Prober, ConstU32<MAX_PROBERS>>;

/// Probes of an era.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
struct Probing {
	era: u32,
	ends: Tick,
	challenge: [u8; 32],
	devices: u32,
	probers: Probers,
	next: Probers,
}

/// What each slot of a deal may cost in all for what is given out of it, and what of it was paid, in planck.
pub(crate) async fn tabs(chain: &Chain, deal: DealId, at: Hash) -> Result<Vec<(u128, u128)>> {
	let till: Option<Till> = chain
		.stored(PALLET, "Tills", &Args::none().and("deal", &deal), at)
		.await?;
	let tabs = till.map(|till| till.tabs.into_inner()).unwrap_or_default();
	let both = |tab: &Tab| (tab.paid().saturating_add(tab.left()), tab.paid());
	Ok(tabs.iter().map(both).collect())
}

/// Whether an account was granted a deal.
pub(crate) async fn is_granted(chain: &Chain, deal: DealId, who: &AccountId, at: Hash) -> Result<bool> {
	let keys = Args::none().and("deal", &deal).and("who", who);
	let key_box: Option<KeyBox> = chain.stored(PALLET, "KeyBoxes", &keys, at).await?;
	Ok(key_box.is_some())
}

/// Probes of an era.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProbesView {
	/// Which era of the probes.
	pub era: u32,
	/// What VRFs are evaluated over.
	pub challenge: [u8; 32],
	/// How many devices there were to be probed.
	pub devices: u32,
	/// Who probes: a device, its owner, and a bit for each errand that it has reported.
	pub probers: Vec<(DeviceId, AccountId, u8)>,
}

/// The probes of this era.
pub(crate) async fn probes(chain: &Chain, at: Hash) -> Result<ProbesView> {
	let probing: Option<Probing> = chain.stored(PALLET, "Probes", &Args::none(), at).await?;
	let view = probing.map(|probing| ProbesView {
		era: probing.era,
		challenge: probing.challenge,
		devices: probing.devices,
		probers: probing
			.probers
			.into_iter()
			.map(|prober| (prober.device, prober.owner, prober.reported))
			.collect(),
	});
	Ok(view.unwrap_or_default())
}

/// The device with a number among those that can be probed.
pub(crate) async fn listed(chain: &Chain, number: u32, at: Hash) -> Result<Option<DeviceId>> {
	chain
		.stored(PALLET, "Listed", &Args::none().and("number", &number), at)
		.await
}

/// What a reader pays for a MiB, in planck.
pub(crate) fn price_of(egress: Price) -> u128 {
	// A price that is more than a balance holds is one that nobody pays.
	egress.of_bytes(MIB).unwrap_or(u128::MAX)
}

/// A voucher as it is kept, if the deal's owner has signed it and the slot's tab is good for it. What a reader shows as
/// proof is that signature.
///
/// # Errors
/// A fault that says why it is none.
pub(crate) fn check_voucher(
	genesis: &[u8; 32],
	device: &DeviceId,
	owner: &AccountId,
	slot: WireSlot,
	limit: u128,
	voucher: &Paper,
) -> core::result::Result<Kept, Fault> {
	let signature = MultiSignature::decode(&mut &voucher.proof[..]);
	let signature = signature.map_err(|_| Fault::bad_voucher("the voucher's proof is no signature of an account"))?;
	let said = Voucher {
		at: SlotId::new(slot.deal, slot.slot.into()),
		device: *device,
		total: voucher.total,
	};
	if !signature.verify(&said.payload(genesis)[..], owner) {
		return Err(Fault::bad_voucher("the voucher is not signed by the owner of the deal"));
	}
	if voucher.total > limit {
		return Err(Fault::bad_voucher(
			"the voucher is over more than was put in for this slot; top it up, and show it again",
		));
	}
	Ok(Kept {
		key: SlotKey {
			deal: slot.deal,
			slot: slot.slot,
		},
		total: voucher.total,
		bytes: (said, signature).encode(),
	})
}

/// Whether the runtime has the calls that are used, as they are known here: for `doctor`. Each error names one.
pub fn check_runtime(chain: &Chain) -> Vec<ChainError> {
	let (device, nobody) = (DeviceId([0; 32]), sr25519::Pair::from_seed(&[0; 32]));
	let shown = Shown {
		chunk: Vec::new(),
		path: Vec::new(),
	};
	let key = SlotKey { deal: 1, slot: 0 };
	let free = [
		DeedKey::Answer {
			until: 0,
			index: 0,
			key,
			chunks: [0; 2],
		},
		DeedKey::Confirm {
			key,
			attempt: 0,
			until: 0,
			chunks: [0; 2],
		},
	];
	let free = free.into_iter().filter_map(|key| {
		let deed = Deed {
			key,
			until: 0,
			body: Body::Shown([0; 32], [shown.clone(), shown.clone()]),
		};
		free_call(&[0; 32], &device, &nobody, &deed).ok().flatten()
	});
	let signed = [
		offer_call(&device, Price(0), Price(0), 0, 0),
		withdraw_call(&device),
		leave_call(1, 0),
		prove_call(1, 0),
		claim_call(&[]),
		probes_call(&device, true),
		report_call(&ProbeReport {
			era: 0,
			errand: 0,
			prober: device,
			device,
			at: SlotId::new(1, 0),
			served: None,
			pre_output: [0; 32],
			proof: [0; 64],
		}),
	];
	free.chain(signed).filter_map(|call| chain.knows(&call).err()).collect()
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn each_call_has_its_number() {
		let device = DeviceId([1; 32]);
		for (call, number) in [
			(offer_call(&device, Price(1), Price(2), 3, 4), 0),
			(withdraw_call(&device), 1),
			(claim_call(&[(17, 3)]), 7),
			(leave_call(17, 3), 8),
			(prove_call(17, 3), 14),
			(probes_call(&device, true), 19),
		] {
			assert_eq!((call.pallet, call.number), (PALLET, [52, number]));
		}
	}

	#[test]
	fn a_voucher_that_was_kept_is_redeemed_as_it_was_signed() {
		let (pair, _) = sr25519::Pair::generate();
		let voucher = Voucher {
			at: SlotId::new(17, 3),
			device: DeviceId([1; 32]),
			total: 9,
		};
		let signature: MultiSignature = pair.sign(&voucher.payload(&[2_u8; 32])).into();
		let call = redeem_call(&(voucher, signature).encode()).unwrap();
		assert_eq!(call.number, [52, 18]);
		assert!(redeem_call(b"nothing").is_none());
	}

	#[test]
	fn what_is_confirmed_is_signed_by_the_device() {
		let pair = sr25519::Pair::from_seed(&[7; 32]);
		let shown = Shown {
			chunk: vec![1; 1_024],
			path: vec![[2; 32]; 3],
		};
		let key = DeedKey::Confirm {
			key: SlotKey { deal: 17, slot: 3 },
			attempt: 2,
			until: 9,
			chunks: [8, 1],
		};
		let body = Body::Shown([4; 32], [shown.clone(), shown]);
		let deed = Deed { key, until: 9, body };
		let call = free_call(&[5; 32], &DeviceId([6; 32]), &pair, &deed).unwrap().unwrap();
		assert_eq!((call.call, call.number), ("confirm", [52, 5]));
		let wish = Deed {
			key: DeedKey::Claim { at: 1 },
			until: 9,
			body: Body::Slots(Vec::new()),
		};
		assert!(free_call(&[5; 32], &DeviceId([6; 32]), &pair, &wish).unwrap().is_none());
		assert!(signed_call(&wish).is_some() && signed_call(&deed).is_none());
	}
}
