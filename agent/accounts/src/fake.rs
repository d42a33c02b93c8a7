//! A chain in memory that takes what commands sign, for their tests.

use super::*;
use proof_lottery_primitives::{LotteryState, Resource, Wins};
use smart_agent_chain::{Claimed, Suspension};
use std::{
	collections::BTreeMap,
	sync::{Mutex, MutexGuard},
};

pub const FEE: u128 = 1_000_000;
const UNIT: u128 = 1_000_000_000_000;

#[derive(Default)]
pub struct State {
	pub free: BTreeMap<[u8; 32], u128>,
	pub held: BTreeMap<[u8; 32], u128>,
	pub devices: BTreeMap<[u8; 32], Device>,
	pub claims: BTreeMap<[u8; 32], Vec<Claimed>>,
	/// Keys of devices that were, by their ids.
	pub uses: BTreeMap<[u8; 32], KeyUse>,
	pub candidates: BTreeMap<[u8; 32], Candidate>,
	/// What was sent, by whom.
	pub sent: Vec<([u8; 32], Call)>,
	/// The number of the next call that fails, and with what.
	pub fail_at: Option<(usize, ChainError)>,
	pub test_chain: bool,
	/// The era that runs, and what can be claimed by whom.
	pub era: u32,
	pub earned: BTreeMap<[u8; 32], BTreeMap<u32, smart_agent_chain::EarnedByPot>>,
	/// For how many eras; none if the runtime does not say it.
	pub expiry: Option<u32>,
	/// The slot of the last win of every device, if they have won.
	pub won: Option<u64>,
	/// The height of the best block, which is final.
	pub height: Option<u32>,
}

impl State {
	/// Pays an account what it earned in some eras.
	fn pay(&mut self, account: [u8; 32], eras: &[u32]) {
		let earned = self.earned.entry(account).or_default();
		let paid = eras.iter().filter_map(|era| earned.remove(era));
		let paid: u128 = paid.map(|pots| pots.iter().sum::<u128>()).sum();
		*self.free.entry(account).or_default() += paid;
	}
}

pub struct FakeLedger(pub Mutex<State>);

fn unix_now() -> u64 {
	let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
	now.map_or(0, |now| now.as_secs())
}

impl FakeLedger {
	pub fn new(test_chain: bool) -> Self {
		Self(Mutex::new(State {
			test_chain,
			..State::default()
		}))
	}

	pub fn state(&self) -> MutexGuard<'_, State> {
		self.0.lock().unwrap()
	}

	pub fn calls(&self) -> Vec<Call> {
		self.state().sent.iter().map(|(_, call)| call.clone()).collect()
	}

	/// A device is registered for an owner.
	pub fn register(&self, id: [u8; 32], key: device_primitives::DeviceKey, owner: [u8; 32]) {
		let mut state = self.state();
		let number = state.devices.len() as u64;
		let device = Device {
			number,
			key,
			enrolled: None,
			lottery_since: 1,
			owner: owner.into(),
			deposit: UNIT,
			registered: 0,
			transfers: 0,
			suspended: Suspension::default(),
			attested: None,
			offered_to: None,
			endpoints: Default::default(),
		};
		state.devices.insert(id, device);
	}

	fn costs(call: &Call, prices: &Prices) -> (u128, u128) {
		match call {
			Call::Register { .. } => (prices.key_price, prices.device_deposit),
			Call::Declare {
				claim: Claimed::Space { .. },
				..
			} => (0, prices.space_deposit),
			Call::Declare {
				claim: Claimed::Compute { .. },
				..
			} => (0, prices.compute_deposit),
			Call::Declare { .. } => (0, prices.uptime_deposit),
			Call::Transfer { amount, .. } => (*amount, 0),
			_ => (0, 0),
		}
	}
}

#[async_trait]
impl Ledger for FakeLedger {
	fn facts(&self) -> Facts {
		Facts {
			url: "ws://127.0.0.1:1".parse().unwrap(),
			genesis: [7; 32].into(),
			chain: "Fake".into(),
			test_chain: self.state().test_chain,
			ss58_prefix: 42,
			node_name: "fake".into(),
			node_version: "0".into(),
			spec_name: "smartchain".into(),
			spec_version: 1,
			transaction_version: 1,
			slot_ms: 500,
			era_slots: 1_200,
		}
	}

	fn prices(&self) -> Result<Prices> {
		Ok(Prices {
			existential_deposit: UNIT / 1_000,
			device_deposit: UNIT,
			key_price: UNIT / 10,
			space_deposit: 2 * UNIT,
			compute_deposit: 3 * UNIT,
			uptime_deposit: UNIT / 2,
			link_deposit: UNIT,
		})
	}

	fn check_runtime(&self) -> Vec<ChainError> {
		Vec::new()
	}

	async fn best(&self) -> Result<Head> {
		Ok(Head {
			number: self.state().height.unwrap_or(10),
			hash: [8; 32].into(),
			parent: [6; 32].into(),
			slot: unix_now() * 2,
		})
	}

	async fn finalized(&self) -> Result<Head> {
		self.best().await
	}

	async fn sync_state(&self) -> Result<SyncState> {
		Ok(SyncState {
			peers: 1,
			syncing: false,
			best: 10,
			highest: Some(10),
		})
	}

	async fn account(&self, who: &[u8; 32]) -> Result<Account> {
		let state = self.state();
		Ok(Account {
			free: state.free.get(who).copied().unwrap_or(0),
			reserved: state.held.get(who).copied().unwrap_or(0),
			..Account::default()
		})
	}

	async fn device(&self, device: &[u8; 32]) -> Result<Option<Device>> {
		Ok(self.state().devices.get(device).cloned())
	}

	async fn key_use(&self, device: &[u8; 32]) -> Result<Option<KeyUse>> {
		Ok(self.state().uses.get(device).copied())
	}

	async fn candidate(&self, who: &[u8; 32]) -> Result<Option<Candidate>> {
		Ok(self.state().candidates.get(who).cloned())
	}

	async fn proofs(&self, device: &[u8; 32]) -> Result<Option<DeviceProofs<AccountId>>> {
		let state = self.state();
		if !state.devices.contains_key(device) {
			return Ok(None);
		}
		let lottery = |claim: &Claimed| LotteryState {
			resource: claim.resource(),
			units: 0,
			claimed: claim.units(),
			claimed_from: 0,
			estimate: Default::default(),
			corrected: Default::default(),
			assured: Default::default(),
			wins: state.won.map_or(Wins::default(), |_| Wins::of(1)),
			expected: Wins::default(),
			last_win: state.won.unwrap_or(0),
			pending: 0,
		};
		Ok(Some(DeviceProofs {
			lotteries: state.claims.get(device).into_iter().flatten().map(lottery).collect(),
			candidate: None,
			competence: 0,
			why_not: Vec::new(),
		}))
	}

	async fn open_rounds(&self) -> Result<Vec<OpenRound>> {
		Ok(Vec::new())
	}

	async fn claimable(&self, who: &[u8; 32]) -> Result<Claimable> {
		let at = self.best().await?;
		let state = self.state();
		Ok(Claimable {
			at,
			era: state.era,
			expiry: state.expiry,
			eras: state
				.earned
				.get(who)
				.into_iter()
				.flatten()
				.map(|(era, pots)| (*era, *pots))
				.collect(),
		})
	}

	async fn closed_era(&self, era: u32, _: &Head) -> Result<Option<ClosedEra>> {
		Ok((era < self.state().era).then(ClosedEra::default))
	}

	async fn quote(&self, call: &Call, from: &[u8; 32]) -> Result<Quote> {
		let prices = self.prices()?;
		let (paid, held) = Self::costs(call, &prices);
		let spendable = self.account(from).await?.spendable(prices.existential_deposit);
		Ok(Quote {
			fee: FEE,
			paid,
			held,
			spendable,
			missing: (FEE + paid + held).saturating_sub(spendable),
		})
	}

	async fn send(&self, call: &Call, signer: &dyn Signer, _: Wait) -> Result<Included> {
		let from: [u8; 32] = signer.account().into();
		signer.sign(b"payload")?;
		let quote = self.quote(call, &from).await?;
		let mut state = self.state();
		let sent = state.sent.len();
		if let Some((_, error)) = state.fail_at.take_if(|(at, _)| *at == sent) {
			return Err(error);
		}
		if quote.missing > 0 {
			return Err(ChainError::Poor { missing: quote.missing });
		}
		*state.free.entry(from).or_default() -= quote.total();
		*state.held.entry(from).or_default() += quote.held;
		match call {
			Call::Transfer { to, amount } => *state.free.entry(to.clone().into()).or_default() += amount,
			Call::ClaimEarnings { account, eras } => state.pay(account.clone().into(), eras),
			Call::Register { key, endpoints, .. } => {
				let number = state.devices.len() as u64;
				state.devices.insert(
					key.device_id().0,
					Device {
						number,
						key: *key,
						enrolled: None,
						lottery_since: 1,
						owner: from.into(),
						deposit: quote.held,
						registered: 0,
						transfers: 0,
						suspended: Suspension::default(),
						attested: None,
						offered_to: None,
						endpoints: endpoints.clone(),
					},
				);
			}
			Call::Retire { device } => {
				state.devices.remove(&device.0);
				state.claims.remove(&device.0);
				state.uses.insert(device.0, KeyUse::Retired);
			}
			Call::Declare { device, claim } => {
				let claims = state.claims.entry(device.0).or_default();
				claims.retain(|old| old.resource() != claim.resource());
				claims.push(*claim);
			}
			Call::Withdraw { device, resource } => {
				let resource: Resource = *resource;
				state
					.claims
					.entry(device.0)
					.or_default()
					.retain(|old| old.resource() != resource);
			}
			_ => (),
		}
		state.sent.push((from, call.clone()));
		Ok(Included {
			transaction: [1; 32].into(),
			number: 11,
			block: [2; 32].into(),
			index: 2,
			fee: Some(quote.fee),
			events: Vec::new(),
		})
	}
}
