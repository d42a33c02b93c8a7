//! Three devices of a deal are killed: reading goes on, and the chain has their slots built anew.

use super::{
	carry::{get, put, Plan, ASKED_OF_MEMORY},
	folder::Source,
	market::{DealOf, Market, SELLERS, SOON},
	peers::curl::Nginx,
};
use crate::{
	progress::Progress,
	report::{Row, FAILED},
};
use device_primitives::DeviceId;
use smartchain_tests::{ensure, Error, Result};
use std::{
	collections::BTreeSet,
	time::{Duration, Instant},
};
use storage_market_primitives::{DealId, Stage};

/// Devices that are killed.
const KILLED: usize = 3;
/// Slots of the deal.
const SLOTS: usize = 8;
/// How long the chain may take to have all slots built anew. With test values too patience grows with each slot that is
/// there again.
const REPAIRED: Duration = Duration::from_secs(2_400);
/// How often the chain is looked at.
const OFTEN: Duration = Duration::from_millis(100);

/// How a repair went, seconds all.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Repaired {
	/// From the kill to the end.
	all: f64,
	/// Of that, while a device that was drawn built a slot.
	building: f64,
	/// The longest that one device took for one slot.
	longest: f64,
}

/// What is seen of a repair, look by look.
struct Seen {
	dead: BTreeSet<DeviceId>,
	began: Instant,
	last: Instant,
	building: Duration,
	/// Slots for which a device is drawn, which one, and since when.
	drawn: Vec<Option<(DeviceId, Instant)>>,
	longest: Duration,
}

impl Seen {
	fn new(dead: BTreeSet<DeviceId>, now: Instant) -> Self {
		Self {
			dead,
			began: now,
			last: now,
			building: Duration::ZERO,
			drawn: vec![None; SLOTS],
			longest: Duration::ZERO,
		}
	}

	/// One look at the deal. How it went, once all slots are held by devices that live.
	fn look(&mut self, deal: &DealOf, now: Instant) -> Result<Option<Repaired>> {
		ensure!(
			matches!(deal.stage, Stage::Active),
			"the deal is over: {:?}",
			deal.stage
		);
		if self.drawn.iter().any(Option::is_some) {
			self.building += now.saturating_duration_since(self.last);
		}
		self.last = now;
		for (seen, slot) in self.drawn.iter_mut().zip(deal.slots.iter()) {
			let drawn = slot.drawn.as_ref().map(|drawn| drawn.device);
			match (*seen, drawn) {
				(Some((before, since)), now_drawn) if now_drawn != Some(before) => {
					self.longest = self.longest.max(now.saturating_duration_since(since));
					*seen = now_drawn.map(|device| (device, now));
				}
				(None, Some(device)) => *seen = Some((device, now)),
				_ => {}
			}
		}
		let holdings = deal.slots.iter().filter_map(|slot| slot.holding.as_ref());
		let alive = holdings.filter(|holding| holding.usable() && !self.dead.contains(&holding.device));
		let whole = alive.count() == SLOTS;
		Ok(whole.then(|| Repaired {
			all: now.saturating_duration_since(self.began).as_secs_f64(),
			building: self.building.as_secs_f64(),
			longest: self.longest.as_secs_f64(),
		}))
	}
}

/// Kills three devices that hold slots; before, they stop to sell, for a dead one that is drawn is waited for.
async fn kill(market: &mut Market, deal: DealId) -> Result<BTreeSet<DeviceId>> {
	let there = market.deal(deal).await?;
	let there = there.ok_or_else(|| Error::new(format!("there is no deal {deal}")))?;
	let holders: Vec<DeviceId> = there.devices().copied().collect();
	let of_deal = |device: &DeviceId| holders.contains(device);
	let chosen: Vec<_> = market
		.sellers
		.iter_mut()
		.filter(|seller| of_deal(&seller.device) && seller.agent.pid().is_some())
		.take(KILLED)
		.collect();
	ensure!(
		chosen.len() == KILLED,
		"fewer than {KILLED} agents hold slots of deal {deal}"
	);
	for seller in &chosen {
		seller.agent.withdraw_storage().await?;
	}
	let mut dead = BTreeSet::new();
	for seller in chosen {
		seller.agent.kill();
		dead.insert(seller.device);
	}
	Ok(dead)
}

async fn repaired(market: &Market, deal: DealId, mut seen: Seen) -> Result<Repaired> {
	let mut progress = Progress::new("the repair of three slots", REPAIRED);
	loop {
		let there = market.deal(deal).await?;
		let there = there.ok_or_else(|| Error::new(format!("deal {deal} is gone")))?;
		if let Some(repaired) = seen.look(&there, Instant::now())? {
			progress.done(&format!("{:.0} s after the kill", repaired.all));
			return Ok(repaired);
		}
		ensure!(
			seen.began.elapsed() < REPAIRED,
			"deal {deal} is not whole after {REPAIRED:?}: {} of {SLOTS} slots are usable",
			there.usable()
		);
		progress.show(&format!("{} of {SLOTS} slots are usable", there.usable()));
		tokio::time::sleep(OFTEN).await;
	}
}

/// What three repairs fetch, by curl; first it is brought there.
async fn by_curl(bytes: u64) -> Result<f64> {
	let nginx = Nginx::start()?;
	nginx.carry(bytes).await?;
	nginx.fetch_three().await
}

/// What was measured.
pub async fn rows(market: &mut Market, plan: &Plan) -> Result<Vec<Row>> {
	let alive = market
		.sellers
		.iter()
		.filter(|seller| seller.agent.pid().is_some())
		.count();
	ensure!(alive == SELLERS, "{alive} of {SELLERS} agents run");
	let place = tempfile::tempdir()?;
	let source = Source::make(place.path(), plan.bytes, 1)?;
	let name = source.name();
	eprintln!("  curl and nginx ...");
	let curl = by_curl(plan.bytes).await;
	eprintln!("  {name}: stored, and read ...");
	let put = put(market, &source).await?;
	let healthy = get(market, put.deal, &source, place.path()).await?;
	let dead = kill(market, put.deal).await?;
	let seen = Seen::new(dead, Instant::now());
	market.forget_peaks()?;
	eprintln!("  {name}: three devices are killed, and it is read ...");
	let without = get(market, put.deal, &source, place.path()).await?;
	let repaired = repaired(market, put.deal, seen).await?;
	let agents = market.peak()?;
	let number = put.deal.to_string();
	market
		.buyer
		.carry_out(&["verify", &number], SOON.saturating_mul(10))
		.await?;
	let building = match &curl {
		Ok(curl) => format!(
			"{:.2} s, the longest slot {:.2} s; curl {curl:.2} s: {:.2} x",
			repaired.building,
			repaired.longest,
			repaired.building / curl.max(f64::MIN_POSITIVE)
		),
		Err(error) => format!("{FAILED}: {error}; {:.2} s", repaired.building),
	};
	Ok(vec![
		Row::new(
			format!("{name}: `smart get` with three of eight devices dead, as a part of the speed with all"),
			">= 0.7 x",
			format!(
				"{:.2} x: {:.2} s, with all {:.2} s",
				healthy.wall / without.wall.max(f64::MIN_POSITIVE),
				without.wall,
				healthy.wall
			),
		),
		Row::new(
			format!("{name}: from 5 of 8 to 8 of 8, while drawn devices build slots, confirmed in a block at the end"),
			"<= 1.5 x curl of four slots, three at once",
			building,
		),
		Row::new(
			format!("{name}: the same from the kill on, with audits, patience and draws of a chain with test values"),
			"",
			format!("{:.0} s", repaired.all),
		),
		Row::new(
			format!("{name}: the most memory of an agent in that time, those that build slots among them"),
			ASKED_OF_MEMORY,
			format!("{} MiB", agents >> 20),
		),
	])
}

#[cfg(test)]
mod tests {
	use super::*;
	use smartchain_runtime::AccountId;
	use storage_market_primitives::{Deal, Geometry, Kind, Order, Price, Profile, Terms};

	fn deal(terms: &Terms) -> DealOf {
		let order = Order {
			geometry: Geometry::of(Profile::Standard, 1 << 20),
			max_ask: Price(1_000),
			eras: 10_000,
			factor: 1,
		};
		let opened = Deal::open(AccountId::new([1; 32]), Kind::Beacon, order, 0, terms);
		let mut deal: DealOf = opened.unwrap().0;
		for at in 0..8 {
			deal.place(at, DeviceId([at as u8; 32]), Price(1_000), true, 0, terms)
				.unwrap();
		}
		let roots: Vec<[u8; 32]> = (1..=8).map(|root| [root; 32]).collect();
		deal.commit_roots(&roots).unwrap();
		for at in 0..8 {
			deal.confirm(at, &DeviceId([at as u8; 32]), 0, terms).unwrap();
		}
		deal
	}

	/// Time counts while a device builds, and not while the chain waits.
	#[test]
	fn building_is_told_from_waiting() {
		let terms = Terms::real();
		let (mut deal, began) = (deal(&terms), Instant::now());
		let (gone, next) = (DeviceId([0; 32]), DeviceId([9; 32]));
		let mut seen = Seen::new(BTreeSet::from([gone]), began);
		let at = |seconds| began + Duration::from_secs(seconds);
		assert_eq!(seen.look(&deal, at(1)).unwrap(), None);
		deal.miss(0, &gone, 1, 1).unwrap();
		deal.lose(0, 1_000_000, &terms.times).unwrap();
		assert_eq!(seen.look(&deal, at(100)).unwrap(), None);
		deal.place(0, next, Price(1_000), true, 1_000_000, &terms).unwrap();
		assert_eq!(seen.look(&deal, at(101)).unwrap(), None);
		assert_eq!(seen.look(&deal, at(103)).unwrap(), None);
		deal.confirm(0, &next, 1_000_000, &terms).unwrap();
		let repaired = seen.look(&deal, at(104)).unwrap().unwrap();
		assert_eq!(
			repaired,
			Repaired {
				all: 104.0,
				building: 3.0,
				longest: 3.0
			}
		);
	}
}
