//! A chain and devices in memory. The chain keeps deals by the machine that the real one keeps them by; the devices
//! lose what was not made durable; and at a step that a test chooses, the program is "killed": nothing that it does
//! from then on has an effect.

use crate::holders::{Carries, Holders, Reading, Writer};
use async_trait::async_trait;
use device_primitives::{DeviceId, Endpoint, Host, Transport};
use smart_agent_chain::{Account, AccountId, ChainError, Quote as Costs};
use smart_market::{Act, Answer, DealView, Deposits, Known, Market, Now, OfferView, Sent, Tab};
use smartchain_slots::{
	edge::{SlotSink, SlotSource},
	SlotFault, Stored,
};
use smartchain_transfer::client::Holder;
use std::{
	collections::{BTreeMap, BTreeSet},
	io,
	sync::{Arc, Mutex, MutexGuard, PoisonError},
	time::Duration,
};
use storage_market_primitives::{
	Deal, DealError, DealId, DealState, DealsOf, Kind, Order, Price, Quote, Reach, Stage, Terms, Tick,
};

/// Ticks from the opening of a deal to the draws.
const DRAWS_AFTER: Tick = 3;
/// Blocks after which a transaction of a program that was killed lands.
const LANDS_AFTER: u32 = 5;
/// Ticks that a slow device takes for what it is brought at once.
const SLOW: Tick = 400;
/// What every device asks.
const ASK: Price = Price(100_000);

/// When a step kills the program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kill {
	/// Before it has an effect.
	Before,
	/// After its effect, which the program does not hear of.
	After,
	/// Before it has an effect; what was sent to the chain has one some blocks later.
	Late,
	/// None: the node is lost, what was sent has an effect some blocks later, and the program goes on.
	Node,
}

/// A slot on a device.
#[derive(Clone, Debug, Default)]
struct Disk {
	bytes: Vec<u8>,
	durable: usize,
}

#[derive(Default)]
struct State {
	tick: Tick,
	number: u32,
	newest: DealId,
	deals: BTreeMap<DealId, Deal<AccountId, DeviceId>>,
	opened_at: BTreeMap<DealId, Tick>,
	boxes: BTreeMap<(DealId, [u8; 32]), Vec<u8>>,
	disks: BTreeMap<(DealId, u8, DeviceId), Disk>,
	/// What each slot's device may be paid for what it gives out.
	tabs: BTreeMap<DealId, Vec<Tab>>,
	/// What devices ask for that.
	egress: BTreeMap<DeviceId, Price>,
	/// Where devices listen on this machine that are reached over HTTP.
	ports: BTreeMap<DeviceId, u16>,
	/// What lands at a block.
	pool: Vec<(u32, Act)>,
	/// Devices in the order in which they are drawn.
	devices: u8,
	/// Devices that do not answer.
	gone: BTreeSet<DeviceId>,
	/// Devices that say that they have more than they were brought.
	boasters: BTreeSet<DeviceId>,
	/// Devices that take minutes for whatever they are brought.
	slow: BTreeSet<DeviceId>,
	/// Whether the node knows no key boxes.
	has_no_boxes: bool,
	/// Whether the node says for ever how a deal was before its roots, and that.
	is_stale: bool,
	before: Option<Deal<AccountId, DeviceId>>,
	/// By how many blocks the best one is ahead of what is final.
	ahead: u32,
	/// After how many blocks what was sent late lands, if not after a few.
	lands_after: Option<u32>,
	/// How often each kind of act had an effect.
	counts: BTreeMap<&'static str, u32>,
	/// Bytes that devices took.
	taken: u64,
	/// Steps so far, and the one that kills.
	steps: u32,
	kill: Option<(u32, Kill)>,
	dead: bool,
	/// How many questions more the node does not answer.
	away: u32,
	/// How many questions it does not answer once it is lost.
	away_once_lost: u32,
	/// How many questions more about tabs it answers with what cannot be read.
	hidden_tabs: u32,
	/// For how many blocks more the node is one that is behind, and knows no deal.
	behind: u32,
	/// The node's pool refuses whatever is sent, for its nonce, and after how many it did.
	moves_nonces: bool,
	refusals: u32,
	/// At which transaction the account has too little.
	poor_at: Option<u32>,
	/// Transactions of the account in blocks.
	nonce: u32,
}

/// A chain and devices. Clones are one.
#[derive(Clone)]
pub(crate) struct World {
	state: Arc<Mutex<State>>,
	account: [u8; 32],
	terms: Terms,
}

fn killed() -> ChainError {
	// Of no kind that a program would get over.
	ChainError::Undecodable {
		what: "an answer".into(),
		why: "the program was killed".into(),
	}
}

fn refused(error: DealError) -> ChainError {
	ChainError::Dispatch {
		pallet: "StorageMarket".into(),
		error: format!("{error:?}"),
		words: error.to_string(),
	}
}

fn known<'a, D>(deals: &'a mut BTreeMap<DealId, D>, id: &DealId) -> Result<&'a mut D, ChainError> {
	deals.get_mut(id).ok_or_else(|| refused(DealError::NotActive))
}

impl State {
	/// One step of the program. Whether it has an effect, and whether the program lives to hear of it.
	fn step(&mut self) -> (bool, bool, bool) {
		if self.dead {
			return (false, false, false);
		}
		let at = self.steps;
		self.steps += 1;
		match self.kill {
			Some((step, kill)) if step == at => {
				self.dead = kill != Kill::Node;
				(kill == Kill::After, false, matches!(kill, Kill::Late | Kill::Node))
			}
			_ => (true, true, false),
		}
	}

	fn device(&mut self) -> DeviceId {
		self.devices += 1;
		DeviceId([self.devices; 32])
	}

	fn apply(&mut self, act: &Act, account: &[u8; 32], terms: &Terms) -> Result<Option<DealId>, ChainError> {
		let now = self.tick;
		let name = act.call().call;
		let deals = &mut self.deals;
		let mut opened = None;
		match act {
			Act::Open {
				order, key_box, egress, ..
			} => {
				let owner = AccountId::new(*account);
				let (deal, _) = Deal::open(owner, Kind::Beacon, *order, now, terms).map_err(refused)?;
				self.newest += 1;
				deals.insert(self.newest, deal);
				self.opened_at.insert(self.newest, now);
				self.boxes.insert((self.newest, *account), key_box.to_vec());
				let tab = Tab {
					limit: *egress,
					paid: 0,
				};
				self.tabs.insert(self.newest, vec![tab; order.geometry.slots.into()]);
				opened = Some(self.newest);
			}
			Act::Redraw { deal: id, slot } => known(deals, id)?.redraw(*slot).map_err(refused)?,
			Act::Roots { deal: id, roots } => {
				let deal = known(deals, id)?;
				if self.is_stale && self.before.is_none() {
					self.before = Some(deal.clone());
				}
				deal.commit_roots(roots).map_err(refused)?;
			}
			Act::Extend { deal: id, eras, .. } => {
				known(deals, id)?.extend(*eras, now, terms).map_err(refused)?;
			}
			Act::End { deal: id } => {
				known(deals, id)?.give_up(now, terms).map_err(refused)?;
			}
			Act::Close { deal: id } => {
				known(deals, id)?.close(now, terms).map_err(refused)?;
				deals.remove(id);
			}
			Act::Grant { deal, who, key_box, .. } => {
				self.boxes.insert((*deal, *who), key_box.to_vec());
			}
			Act::Revoke { deal, who } => {
				self.boxes.remove(&(*deal, *who));
			}
			Act::TopUp { deal, slot, amount } => {
				let tabs = known(&mut self.tabs, deal)?;
				let tab = usize::try_from(*slot).ok().and_then(|slot| tabs.get_mut(slot));
				tab.ok_or_else(|| refused(DealError::NoSuchSlot))?.limit += amount;
			}
		}
		*self.counts.entry(name).or_default() += 1;
		Ok(opened)
	}

	/// A block: what waited lands, devices are drawn and confirm, time brings what it brings.
	fn block(&mut self, account: &[u8; 32], terms: &Terms) {
		self.tick += 1;
		self.number += 1;
		self.behind = self.behind.saturating_sub(1);
		let number = self.number;
		let (land, wait): (Vec<_>, Vec<_>) = self.pool.drain(..).partition(|(at, _)| *at <= number);
		self.pool = wait;
		for (_, act) in land {
			self.nonce += 1;
			// Refused, it has no effect.
			let _ = self.apply(&act, account, terms);
		}
		let ids: Vec<DealId> = self.deals.keys().copied().collect();
		for id in ids {
			self.draw(id, terms);
			self.confirm(id, terms);
			let now = self.tick;
			if let Some(deal) = self.deals.get_mut(&id) {
				deal.due(now, terms);
			}
		}
	}

	fn draw(&mut self, id: DealId, terms: &Terms) {
		let now = self.tick;
		let since = self.opened_at.get(&id).copied().unwrap_or(0);
		let Some(deal) = self.deals.get(&id).filter(|_| now >= since + DRAWS_AFTER) else {
			return;
		};
		let slots = u32::from(deal.order.geometry.slots);
		let max_ask = deal.order.max_ask;
		for slot in 0..slots {
			let wants = self.deals.get(&id).is_some_and(|deal| deal.wants_draw(slot));
			if !wants || ASK > max_ask {
				continue;
			}
			let device = self.device();
			if let Some(deal) = self.deals.get_mut(&id) {
				deal.place(slot, device, ASK, true, now, terms).unwrap();
			}
		}
	}

	/// Devices that have all of their slot, with the root on chain, confirm.
	fn confirm(&mut self, id: DealId, terms: &Terms) {
		let now = self.tick;
		let Some(deal) = self.deals.get_mut(&id).filter(|deal| deal.rooted) else {
			return;
		};
		let drawn: Vec<(u8, DeviceId, [u8; 32])> = deal
			.slots
			.iter()
			.zip(0_u8..)
			.filter_map(|(slot, at)| slot.drawn.as_ref().map(|drawn| (at, drawn.device, slot.root)))
			.collect();
		for (at, device, root) in drawn {
			let disk = self.disks.get(&(id, at, device));
			let whole = disk.is_some_and(|disk| {
				let kept = &disk.bytes[..disk.durable];
				kept.len() as u64 == deal.order.geometry.slot_len() && *blake3::hash(kept).as_bytes() == root
			});
			if whole && !self.gone.contains(&device) {
				match deal.confirm(at.into(), &device, now, terms) {
					Ok(_) | Err(DealError::TooLate) => (),
					Err(error) => panic!("{error:?}"),
				}
			}
		}
	}
}

impl World {
	/// One for an account, with times of `terms`.
	pub fn new(account: [u8; 32], terms: Terms) -> Self {
		Self {
			state: Arc::default(),
			account,
			terms,
		}
	}

	fn state(&self) -> MutexGuard<'_, State> {
		self.state.lock().unwrap_or_else(PoisonError::into_inner)
	}

	/// Kills the program at a step from now on.
	pub fn kill_at(&self, step: u32, kill: Kill) {
		let mut state = self.state();
		state.kill = Some((state.steps + step, kill));
	}

	/// The program is started again. Whether it was killed.
	pub fn revive(&self) -> bool {
		let mut state = self.state();
		state.kill = None;
		std::mem::take(&mut state.dead)
	}

	/// How many steps there were.
	pub fn steps(&self) -> u32 {
		self.state().steps
	}

	/// How often a call had an effect.
	pub fn count(&self, call: &str) -> u32 {
		self.state().counts.get(call).copied().unwrap_or(0)
	}

	/// Bytes that devices took.
	pub fn taken(&self) -> u64 {
		self.state().taken
	}

	/// The device that is drawn after so many others answers nothing.
	pub fn is_gone(&self, number: u8) {
		self.state().gone.insert(DeviceId([number; 32]));
	}

	/// The device that is drawn after so many others says that it has all of its slot.
	pub fn boasts(&self, number: u8) {
		self.state().boasters.insert(DeviceId([number; 32]));
	}

	/// It takes minutes for whatever it is brought.
	pub fn is_slow(&self, number: u8) {
		self.state().slow.insert(DeviceId([number; 32]));
	}

	/// Finality lags by so many blocks; what was sent when the program was killed lands after so many.
	pub fn lags(&self, ahead: u32, lands_after: u32) {
		let mut state = self.state();
		(state.ahead, state.lands_after) = (ahead, Some(lands_after));
	}

	/// The node knows no key boxes, or knows them again.
	pub fn has_no_boxes(&self, none: bool) {
		self.state().has_no_boxes = none;
	}

	/// The node never says that roots are committed.
	pub fn is_stale(&self) {
		self.state().is_stale = true;
	}

	/// It answers again.
	pub fn is_back(&self, number: u8) {
		self.state().gone.remove(&DeviceId([number; 32]));
	}

	/// What is kept of a deal.
	pub fn kept(&self, id: DealId) -> Option<Deal<AccountId, DeviceId>> {
		self.state().deals.get(&id).cloned()
	}

	/// The device that was drawn after so many others asks this for a GiB that it gives out.
	pub fn asks_for_egress(&self, number: u8, egress: Price) {
		self.state().egress.insert(DeviceId([number; 32]), egress);
	}

	/// It listens at a port of this machine.
	pub fn listens(&self, number: u8, port: u16) {
		self.state().ports.insert(DeviceId([number; 32]), port);
	}

	/// A voucher for a slot is redeemed.
	pub fn redeem(&self, id: DealId, slot: u8, total: u128) {
		let mut state = self.state();
		let tab = state.tabs.get_mut(&id).and_then(|tabs| tabs.get_mut(usize::from(slot)));
		let tab = tab.expect("there is such a slot");
		assert!(tab.paid <= total && total <= tab.limit);
		tab.paid = total;
	}

	/// What the holder of a slot has of it.
	pub fn slot(&self, id: DealId, slot: u8) -> (DeviceId, Vec<u8>) {
		let state = self.state();
		let held = state.deals[&id].slots[usize::from(slot)].holding.as_ref();
		let device = held.expect("it is held").device;
		(device, state.disks[&(id, slot, device)].bytes.clone())
	}

	/// The node does not answer the next questions.
	pub fn is_away_for(&self, questions: u32) {
		self.state().away = questions;
	}

	/// Once it is lost it does not answer the next questions.
	pub fn stays_away_for(&self, questions: u32) {
		self.state().away_once_lost = questions;
	}

	/// For the next blocks the node is another one, far behind, that knows no deal yet.
	pub fn falls_behind(&self, blocks: u32) {
		self.state().behind = blocks;
	}

	/// The node's pool refuses all that is sent for its nonce, or does so no more; how often it did.
	pub fn moves_nonces(&self, moves: bool) -> u32 {
		let mut state = self.state();
		state.moves_nonces = moves;
		state.refusals
	}

	/// The transaction after so many is in a block, and refused there: the account has too little.
	pub fn is_poor_at(&self, transaction: u32) {
		let mut state = self.state();
		state.poor_at = Some(state.nonce + transaction);
	}

	/// Another device has a slot, with this tab.
	pub fn changes_hands(&self, id: DealId, slot: u8, tab: Tab) {
		let mut state = self.state();
		let device = state.device();
		let deal = state.deals.get_mut(&id).expect("there is such a deal");
		let held = deal.slots[usize::from(slot)].holding.as_mut();
		held.expect("it is held").device = device;
		state.tabs.get_mut(&id).expect("it has tabs")[usize::from(slot)] = tab;
	}

	/// More is put in for a slot, by nobody's transaction: what a device that left had not redeemed.
	pub fn adds(&self, id: DealId, slot: u8, planck: u128) {
		self.state().tabs.get_mut(&id).expect("it has tabs")[usize::from(slot)].limit += planck;
	}

	/// The next questions about tabs it answers with what cannot be read.
	pub fn hides_tabs(&self, questions: u32) {
		self.state().hidden_tabs = questions;
	}

	fn asked<T>(&self, answer: impl FnOnce(&State) -> T) -> Answer<T> {
		let mut state = self.state();
		if state.dead {
			return Err(killed());
		}
		if let Some(left) = state.away.checked_sub(1) {
			state.away = left;
			return Err(ChainError::Lost {
				why: "it restarts".into(),
			});
		}
		Ok(answer(&state))
	}
}

#[async_trait]
impl Market for World {
	fn known(&self) -> Known {
		Known {
			genesis: [1; 32],
			chain: "memory".into(),
			test_chain: true,
			slot_ms: 500,
			era: self.terms.era,
			existential_deposit: 1,
			deposits: Deposits::default(),
		}
	}

	async fn now(&self) -> Answer<Now> {
		self.asked(|state| match state.behind {
			0 => Now {
				number: state.number,
				best: state.number + state.ahead,
				tick: state.tick,
			},
			_ => Now {
				number: 1,
				best: 1,
				tick: 1,
			},
		})
	}

	async fn account(&self, _: &[u8; 32]) -> Answer<Account> {
		self.asked(|state| Account {
			free: u128::MAX,
			nonce: if state.behind > 0 { 0 } else { state.nonce },
			..Account::default()
		})
	}

	async fn deal(&self, id: DealId) -> Answer<Option<DealView>> {
		self.asked(|state| {
			let deal = state.before.clone().or_else(|| state.deals.get(&id).cloned());
			let deal = deal.filter(|_| state.behind == 0)?;
			let reach = |device: &DeviceId| {
				let (host, port) = match state.ports.get(device) {
					Some(port) => ([127, 0, 0, 1], *port),
					None => ([10, 0, 0, device.0[0]], 9_000),
				};
				Reach {
					device: *device,
					endpoints: vec![Endpoint {
						transport: Transport::Tcp,
						host: Host::V4(host),
						port,
					}],
				}
			};
			let devices = deal.devices().map(reach).collect();
			Some(DealState { deal, devices })
		})
	}

	async fn deals_of(&self, owner: &[u8; 32], after: DealId) -> Answer<DealsOf> {
		self.asked(|state| {
			let owner = AccountId::new(*owner);
			let own = state
				.deals
				.iter()
				.filter(|(id, deal)| **id > after && deal.owner == owner);
			DealsOf {
				deals: own.map(|(id, _)| *id).collect(),
				looked_to: state.newest,
				newest: state.newest,
			}
		})
	}

	async fn key_box(&self, deal: DealId, who: &[u8; 32]) -> Answer<Option<Vec<u8>>> {
		self.asked(|state| state.boxes.get(&(deal, *who)).filter(|_| !state.has_no_boxes).cloned())
	}

	async fn boxed(&self, who: &[u8; 32], after: DealId) -> Answer<Vec<DealId>> {
		self.asked(|state| {
			let own = state.boxes.keys().filter(|(deal, of)| *deal > after && of == who);
			own.map(|(deal, _)| *deal).collect()
		})
	}

	async fn offers(&self) -> Answer<Vec<OfferView>> {
		Ok(Vec::new())
	}

	async fn offer(&self, device: &DeviceId) -> Answer<Option<OfferView>> {
		self.asked(|state| {
			let egress = state.egress.get(device).copied()?;
			Some(OfferView {
				reach: Reach {
					device: *device,
					endpoints: Vec::new(),
				},
				owner: AccountId::new(device.0),
				ask: ASK,
				egress,
				capacity: 0,
				used: 0,
				max_slot: 0,
				score: Default::default(),
				tickets: 0,
			})
		})
	}

	async fn tabs(&self, deal: DealId) -> Answer<Vec<Tab>> {
		let hidden = self.state().hidden_tabs.checked_sub(1);
		if let Some(left) = hidden {
			self.state().hidden_tabs = left;
			return Err(ChainError::Undecodable {
				what: "Tills".into(),
				why: "its bytes end too soon".into(),
			});
		}
		self.asked(|state| match state.behind {
			0 => state.tabs.get(&deal).cloned().unwrap_or_default(),
			_ => Vec::new(),
		})
	}

	async fn price(&self, order: &Order) -> Answer<Result<Quote, String>> {
		self.asked(|_| Quote::of(order, &self.terms).map_err(|error| error.to_string()))
	}

	async fn costs(&self, _: &Act, _: &[u8; 32]) -> Answer<Costs> {
		Ok(Costs {
			fee: 1,
			paid: 0,
			held: 0,
			spendable: u128::MAX,
			missing: 0,
		})
	}

	async fn send(&self, act: &Act) -> Answer<Sent> {
		let mut state = self.state();
		if state.moves_nonces {
			state.refusals += 1;
			return Err(ChainError::Unclear {
				why: "its nonce is not the account's next one any more".into(),
			});
		}
		let (effect, lives, late) = state.step();
		if late {
			let at = state.number + state.lands_after.unwrap_or(LANDS_AFTER);
			state.pool.push((at, act.clone()));
		}
		if late && !state.dead {
			state.away = state.away_once_lost;
			return Err(ChainError::Unclear {
				why: "the node is not reached now".into(),
			});
		}
		if !effect {
			return Err(killed());
		}
		let is_poor = state.poor_at == Some(state.nonce);
		state.nonce += 1;
		let opened = match is_poor {
			true => Err(ChainError::Dispatch {
				pallet: "System".into(),
				error: "Token.FundsUnavailable".into(),
				words: "the account has too little".into(),
			}),
			false => state.apply(act, &self.account, &self.terms),
		};
		state.block(&self.account, &self.terms);
		if !lives {
			return Err(killed());
		}
		Ok(Sent {
			block: state.number,
			fee: Some(1),
			opened: opened?,
		})
	}

	async fn pause(&self) {
		self.state().block(&self.account, &self.terms);
	}
}

/// A slot at a device.
struct AtDevice {
	world: World,
	place: (DealId, u8, DeviceId),
}

impl AtDevice {
	fn reached(&self) -> io::Result<MutexGuard<'_, State>> {
		let state = self.world.state();
		if state.dead || state.gone.contains(&self.place.2) {
			return Err(io::Error::other("the device cannot be reached"));
		}
		Ok(state)
	}
}

impl SlotSink for AtDevice {
	fn durable(&mut self, _: u8) -> io::Result<u64> {
		let state = self.reached()?;
		if state.boasters.contains(&self.place.2) {
			let deal = state.deals.get(&self.place.0);
			return Ok(deal.map_or(0, |deal| deal.order.geometry.slot_len()));
		}
		Ok(state.disks.get(&self.place).map_or(0, |disk| disk.durable as u64))
	}

	fn write(&mut self, _: u8, offset: u64, bytes: &[u8]) -> io::Result<()> {
		let mut state = self.reached()?;
		let (effect, lives, _) = state.step();
		if effect {
			let disk = state.disks.entry(self.place).or_default();
			let offset = offset as usize;
			if offset > disk.bytes.len() {
				return Err(io::Error::other("this would leave a gap"));
			}
			disk.bytes.truncate(offset);
			disk.bytes.extend_from_slice(bytes);
			state.taken += bytes.len() as u64;
			if state.slow.contains(&self.place.2) {
				state.tick += SLOW;
			}
		}
		if lives {
			Ok(())
		} else {
			Err(io::Error::other("the program was killed"))
		}
	}

	fn sync(&mut self) -> io::Result<()> {
		let mut state = self.reached()?;
		let (effect, lives, _) = state.step();
		if effect {
			let disk = state.disks.entry(self.place).or_default();
			disk.durable = disk.bytes.len();
		}
		if lives {
			Ok(())
		} else {
			Err(io::Error::other("the program was killed"))
		}
	}
}

impl Carries for AtDevice {
	fn took(&self) -> Duration {
		let is_slow = self.world.state().slow.contains(&self.place.2);
		Duration::from_secs(if is_slow { 60 } else { 1 })
	}
}

/// Slots of a deal, each at its device.
struct Fetched {
	world: World,
	holders: Vec<Holder>,
}

impl Fetched {
	fn disk(&self, slot: u8) -> Result<Vec<u8>, SlotFault> {
		let holder = self.holders.iter().find(|holder| holder.slot.slot == slot);
		let holder = holder.ok_or(SlotFault::Missing)?;
		let mut state = self.world.state();
		let (_, lives, _) = state.step();
		if !lives || state.gone.contains(&holder.device) {
			return Err(SlotFault::Unreadable("gone".into()));
		}
		let place = (holder.slot.deal, slot, holder.device);
		let disk = state.disks.get(&place).ok_or(SlotFault::Missing)?;
		Ok(disk.bytes[..disk.durable].to_vec())
	}
}

impl SlotSource for Fetched {
	fn length(&mut self, slot: u8) -> Result<u64, SlotFault> {
		Ok(self.disk(slot)?.len() as u64)
	}

	fn read(&mut self, slot: u8, offset: u64, buffer: &mut [u8]) -> Result<(), SlotFault> {
		let disk = self.disk(slot)?;
		let offset = offset as usize;
		let bytes = disk.get(offset..offset + buffer.len()).ok_or(SlotFault::Length {
			found: disk.len() as u64,
			wanted: (offset + buffer.len()) as u64,
		})?;
		buffer.copy_from_slice(bytes);
		Ok(())
	}
}

impl Holders for World {
	fn writer(&self, holder: &Holder, _: usize) -> Writer {
		let place = (holder.slot.deal, holder.slot.slot, holder.device);
		// What a program before this one did not make durable is lost.
		if let Some(disk) = self.state().disks.get_mut(&place) {
			disk.bytes.truncate(disk.durable);
		}
		Box::new(AtDevice {
			world: self.clone(),
			place,
		})
	}

	fn reader(&self, holder: &Holder, _: usize) -> Reading {
		Box::new(Fetched {
			world: self.clone(),
			holders: vec![holder.clone()],
		})
	}

	fn best(&self, _: &Stored, holders: Vec<Holder>) -> Reading {
		Box::new(Fetched {
			world: self.clone(),
			holders,
		})
	}

	fn keep(&self) {}
}

/// Whether a deal has begun.
pub(crate) fn is_active(deal: &Deal<AccountId, DeviceId>) -> bool {
	matches!(deal.stage, Stage::Active)
}
