//! What is asked of the chain's state.

use super::Inner;
use crate::{
	runtime::Args,
	types::{Account, AccountId, Balance, Candidate, Device, Hash, Held, KeyUse, Nonce, Prices},
	ChainError, Result,
};
use codec::{Decode, Encode};
use device_primitives::DeviceId;
use poca_primitives::Schedule;
use proof_lottery_primitives::{DeviceProofs, LotterySignature, OpenRound, Pulse, SegmentWin};
use scale_info::TypeInfo;
use serde_json::json;
use sp_core::crypto::Ss58Codec;

/// `System.Account`.
#[derive(Default, Encode, Decode, TypeInfo)]
struct AccountInfo {
	nonce: Nonce,
	consumers: u32,
	providers: u32,
	sufficients: u32,
	data: AccountData,
}

/// What `Balances` keeps there.
#[derive(Default, Encode, Decode, TypeInfo)]
struct AccountData {
	free: Balance,
	reserved: Balance,
	frozen: Balance,
	flags: u128,
}

/// How large a device's transactions of each kind are for the sake of comparing types: none is sent.
const NO_DEVICE: DeviceId = DeviceId([0; 32]);

impl Inner {
	pub(super) async fn open_rounds(&self, at: Hash) -> Result<Vec<OpenRound>> {
		self.api("ResourceProofsApi", "open_rounds", &Args::none(), at).await
	}

	pub(super) async fn device_proofs(&self, device: &DeviceId, at: Hash) -> Result<Option<DeviceProofs<AccountId>>> {
		let args = Args::none().and("device", device);
		self.api("ResourceProofsApi", "device_proofs", &args, at).await
	}

	pub(super) async fn device(&self, device: &DeviceId, at: Hash) -> Result<Option<Device>> {
		let keys = Args::none().and("device", device);
		self.value("DeviceRegistry", "Devices", &keys, at).await
	}

	pub(super) async fn key_use(&self, device: &DeviceId, at: Hash) -> Result<Option<KeyUse>> {
		let keys = Args::none().and("key", &device.key_hash());
		self.value("DeviceRegistry", "UsedKeys", &keys, at).await
	}

	pub(super) async fn candidate(&self, who: &AccountId, at: Hash) -> Result<Option<Candidate>> {
		let keys = Args::none().and("who", who);
		self.value("Candidates", "Candidates", &keys, at).await
	}

	pub(super) async fn era(&self, at: Hash) -> Result<u32> {
		let schedule: Schedule = self.api("PocaApi", "schedule", &Args::none(), at).await?;
		Ok(schedule.era)
	}

	pub(super) async fn account(&self, who: &AccountId, at: Hash) -> Result<Account> {
		let keys = Args::none().and("who", who);
		let info: Option<AccountInfo> = self.value("System", "Account", &keys, at).await?;
		let Some(info) = info else {
			return Ok(Account::default());
		};
		Ok(Account {
			nonce: info.nonce,
			free: info.data.free,
			reserved: info.data.reserved,
			frozen: info.data.frozen,
			holds: self.amounts("Holds", who, at).await?,
		})
	}

	async fn amounts(&self, entry: &str, who: &AccountId, at: Hash) -> Result<Vec<Held>> {
		let runtime = self.runtime();
		let key = runtime.amounts_key(entry, who)?;
		match self.storage(&key, at).await? {
			Some(bytes) => runtime.amounts(entry, &bytes),
			None => Ok(Vec::new()),
		}
	}

	pub(super) async fn next_nonce(&self, who: &AccountId) -> Result<Nonce> {
		let method = "system_accountNextIndex";
		let answer = self.rpc.request(method, vec![json!(who.to_ss58check())]).await?;
		super::ask::read(method, answer)
	}

	pub(super) fn prices(&self) -> Result<Prices> {
		let runtime = self.runtime();
		let price = |pallet, name| runtime.constant::<Balance>(pallet, name);
		Ok(Prices {
			existential_deposit: price("Balances", "ExistentialDeposit")?,
			device_deposit: price("DeviceRegistry", "DeviceDeposit")?,
			key_price: price("DeviceRegistry", "KeyPrice")?,
			space_deposit: price("ResourceProofs", "SpaceDeposit")?,
			compute_deposit: price("ResourceProofs", "ComputeDeposit")?,
			uptime_deposit: price("ResourceProofs", "UptimeDeposit")?,
			link_deposit: price("ResourceProofs", "LinkDeposit")?,
		})
	}

	/// Compares all that this program uses.
	pub(super) fn check_runtime(&self) -> Vec<ChainError> {
		let runtime = self.runtime();
		let mut errors: Vec<ChainError> = runtime.calls_that_differ();
		let mut see = |compared: Result<()>| errors.extend(compared.err());
		let nothing = Args::none;
		let device = || Args::none().and("device", &NO_DEVICE);
		let account = || Args::none().and("who", &AccountId::new([0; 32]));
		let proofs = "ResourceProofsApi";
		see(self.prices().map(drop));
		see(runtime
			.api::<Vec<OpenRound>>(proofs, "open_rounds", &nothing())
			.map(drop));
		see(runtime
			.api::<Option<DeviceProofs<AccountId>>>(proofs, "device_proofs", &device())
			.map(drop));
		let space = device()
			.and("round", &0u64)
			.and("group", &0u32)
			.and("proof", &Vec::<u8>::new());
		see(runtime.api::<Option<Vec<u8>>>(proofs, "win_space", &space).map(drop));
		see(runtime.api::<Vec<u8>>(proofs, "win_compute", &compute_args()).map(drop));
		see(runtime.api::<Vec<u8>>(proofs, "pulse", &pulse_args()).map(drop));
		see(runtime.api::<Schedule>("PocaApi", "schedule", &nothing()).map(drop));
		see(runtime
			.storage::<Device>("DeviceRegistry", "Devices", &device())
			.map(drop));
		let key = Args::none().and("key", &NO_DEVICE.key_hash());
		see(runtime.storage::<KeyUse>("DeviceRegistry", "UsedKeys", &key).map(drop));
		see(runtime
			.storage::<Candidate>("Candidates", "Candidates", &account())
			.map(drop));
		see(runtime
			.storage::<AccountInfo>("System", "Account", &account())
			.map(drop));
		see(runtime.amounts_key("Holds", &AccountId::new([0; 32])).map(drop));
		errors.extend(super::earnings::differences(&runtime));
		errors
	}
}

fn compute_args() -> Args {
	let win = SegmentWin {
		device: NO_DEVICE.0,
		window: 0,
		segment: 0,
	};
	let signature = LotterySignature::from(sp_core::sr25519::Signature::from_raw([0; 64]));
	Args::none().and("win", &win).and("signature", &signature)
}

fn pulse_args() -> Args {
	let pulse = Pulse {
		device: NO_DEVICE.0,
		round: 0,
		pre_output: [0; 32],
		proof: [0; 64],
	};
	Args::none().and("pulse", &pulse)
}
