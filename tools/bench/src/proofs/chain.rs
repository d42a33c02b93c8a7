//! The runtime's state, as measurements want it: a genesis, a time, and devices that nobody had to register.

use device_primitives::{DeviceId, DeviceKey};
use poca_primitives::Slot;
use proof_lottery_primitives::{Claim, Lottery, Resource, Terms, Wins};
use serde_json::Value;
use smartchain_runtime::{constants::time::TURN_LENGTH, genesis, AccountId, Runtime, System};
use smartchain_tests::{Error, Result};
use sp_core::sr25519;
use sp_genesis_builder::runtime_decl_for_genesis_builder::GenesisBuilderV1;
use sp_io::TestExternalities;

/// The state that the preset `dev` builds.
pub fn genesis() -> Result<TestExternalities> {
	let json = |id: Option<&str>| -> Result<Value> {
		let preset = Runtime::get_preset(&id.map(Into::into));
		let bytes = preset.ok_or_else(|| Error::new("the runtime has no such preset"))?;
		Ok(serde_json::from_slice(&bytes)?)
	};
	let mut config = json(None)?;
	merge(&mut config, json(Some(genesis::DEV))?);
	let mut state = TestExternalities::new_empty();
	state
		.execute_with(|| Runtime::build_state(config.to_string().into_bytes()))
		.map_err(|error| Error::new(format!("genesis does not build: {error}")))?;
	Ok(state)
}

/// Merges objects, as chain specifications are made.
fn merge(into: &mut Value, patch: Value) {
	match (into, patch) {
		(Value::Object(into), Value::Object(patch)) => {
			for (key, value) in patch {
				merge(into.entry(key).or_insert(Value::Null), value);
			}
		}
		(into, patch) => *into = patch,
	}
}

/// The block of this height and slot is the current one, on a parent of that slot.
pub fn set_time(height: u32, parent: u64, slot: u64) {
	System::set_block_number(height);
	let memory: u32 = <Runtime as pallet_poca::Config>::SlotMemory::get();
	for (height, slot) in [(height.saturating_sub(1), parent), (height, slot)] {
		let place = height.checked_rem(memory).unwrap_or(0);
		pallet_poca::RecentSlots::<Runtime>::insert(place, (height, Slot::from(slot)));
	}
	pallet_poca::CurrentSlot::<Runtime>::put(Slot::from(slot));
}

/// The registry has a device, with this lottery key.
pub fn register(device: DeviceId, owner: &AccountId, lottery: sr25519::Public) {
	let registered = pallet_device_registry::Device {
		number: 0,
		key: DeviceKey::Ed25519(sp_core::ed25519::Public::from_raw(device.0)),
		enrolled: Some(lottery),
		lottery_since: 0,
		owner: owner.clone(),
		deposit: 0,
		registered: 0,
		transfers: 0,
		suspended: Default::default(),
		attested: None,
		offered_to: None,
		endpoints: Default::default(),
	};
	pallet_device_registry::Devices::<Runtime>::insert(device, registered);
}

/// A claim that has counted since the first slot.
pub fn old_claim(units: u32) -> Claim {
	Claim { units, from: 0 }
}

/// A lottery by the parameters in force.
pub fn lottery(resource: Resource) -> Lottery {
	pallet_resource_proofs::Parameters::<Runtime>::get().lottery(resource, TURN_LENGTH)
}

/// Terms by which every try of a claim of up to 16 units wins.
pub fn all_win(resource: Resource) -> Terms {
	Terms {
		lottery: Lottery {
			rounds: 1,
			filter: 1,
			..lottery(resource)
		},
		wins: Wins::of(16),
	}
}
