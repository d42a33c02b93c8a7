//! An order and its price, from a few units at home and what workers ask. Pure but for what it is handed.

use crate::{
	market::{Answer, Jobs, WorkerView},
	trouble::Trouble,
	units::home::Checked,
};
use bounded_collections::BoundedVec;
use compute_market_primitives::{
	Assurance, Candidate, EngineId, Fit, Input, Price, Program, Quote, Source, Spec, Terms, Wants, MAX_FUEL,
	MAX_MEMORY_PAGES,
};
use device_primitives::{Endpoint, Host, HostName, Transport};
use smart_agent_chain::AccountId;
use std::{collections::BTreeSet, net::IpAddr};

/// What a unit may burn by default, as often as the most that was measured.
const TIMES: u64 = 4;
/// Of a hundred tickets so many ask no more than what is offered by default.
const PER_CENT: usize = 90;
/// What is offered by default is never more than so many times what half of them ask.
const AT_MOST: u128 = 2;

/// What is ordered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Order {
	/// The engine.
	pub engine: EngineId,
	/// The program.
	pub program: Program,
	/// What units read.
	pub input: Input,
	/// Where workers fetch both.
	pub endpoints: Vec<Endpoint>,
	/// How many units.
	pub units: u32,
	/// What a unit may burn; by what was measured if none is said.
	pub fuel: Option<u64>,
	/// To how many pages of 64 KiB a unit's memory may grow.
	pub memory_pages: u32,
	/// The most that is paid for a Gfuel; by what workers ask if none is said.
	pub max_price: Option<Price>,
	/// How sure results have to be.
	pub assurance: Assurance,
	/// Who pays: no machine of its own is drawn.
	pub payer: [u8; 32],
}

/// What units come to at home.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Measured {
	/// The most fuel of one of them,
	pub most: u64,
	/// and what they burn on average.
	pub mean: u64,
	/// How long the first one took, in milliseconds.
	pub first_millis: u64,
	/// and what it burned.
	pub first: u64,
}

impl Measured {
	/// Of units that were run at home.
	pub fn of(checked: &Checked) -> Self {
		let fuels = || checked.units.iter().map(|unit| unit.outcome.fuel);
		let count = u64::try_from(checked.units.len()).unwrap_or(1).max(1);
		let first = checked.units.first();
		Self {
			most: fuels().max().unwrap_or(0),
			mean: fuels().fold(0, u64::saturating_add) / count,
			first_millis: first.map_or(0, |unit| u64::try_from(unit.took.as_millis()).unwrap_or(u64::MAX)),
			first: first.map_or(0, |unit| unit.outcome.fuel),
		}
	}

	/// What a unit may burn by default: four times the most, in whole Mfuel.
	pub fn limit(&self) -> u64 {
		let most = self
			.most
			.saturating_mul(TIMES)
			.div_ceil(1_000_000)
			.saturating_mul(1_000_000);
		most.clamp(1_000_000, MAX_FUEL)
	}
}

/// What an order comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
	/// What is submitted.
	pub spec: Spec,
	/// The most that is paid for a Gfuel.
	pub max_price: Price,
	/// How sure results have to be.
	pub assurance: Assurance,
	/// What it costs at most.
	pub quote: Quote,
	/// What it is likely to cost, in planck.
	pub likely: u128,
	/// What is put in for its state, in planck.
	pub deposit: u128,
	/// Owners who can be drawn for it now: who compute at this price, have as much of their stake free and, for an
	/// audit, may work alone.
	pub owners: usize,
	/// What is governed.
	pub terms: Terms,
}

/// What workers ask that could take a job of this engine and memory, by their tickets, rising.
pub fn asks(workers: &[WorkerView], engine: EngineId, memory_pages: u32) -> Vec<Price> {
	let fits = |worker: &&WorkerView| {
		worker.offer.engines.contains(&engine) && worker.offer.memory_pages >= memory_pages && worker.tickets > 0
	};
	let mut asks: Vec<Price> = Vec::new();
	for worker in workers.iter().filter(fits) {
		let tickets = usize::try_from(worker.tickets.min(32)).unwrap_or(1);
		asks.extend(std::iter::repeat_n(worker.offer.ask, tickets));
	}
	asks.sort_unstable();
	asks
}

/// The most that is offered by default: what 90 of 100 tickets ask at most, and at most twice what half of them ask.
pub fn max_price(asks: &[Price]) -> Option<Price> {
	let within = |per_cent: usize| asks.get(asks.len().saturating_mul(per_cent).div_ceil(100).checked_sub(1)?);
	let twice = within(50)?.0.saturating_mul(AT_MOST);
	Some((*within(PER_CENT)?).min(Price(twice)))
}

/// What a worker of a job asks on average that pays so much at most.
fn expected(asks: &[Price], most: Price) -> Price {
	let fitting: Vec<u128> = asks.iter().take_while(|ask| **ask <= most).map(|ask| ask.0).collect();
	let count = u128::try_from(fitting.len()).unwrap_or(0);
	let sum = fitting.iter().fold(0_u128, |sum, ask| sum.saturating_add(*ask));
	Price(sum.checked_div(count).unwrap_or(most.0))
}

/// Owners of whom a device can be drawn now, as the chain judges them: one of each is in a pool, and none of who pays.
fn owners(workers: &[WorkerView], wants: &Wants, payer: &AccountId) -> usize {
	let barred: [(&AccountId, Option<()>); 1] = [(payer, None)];
	let fits = |worker: &&WorkerView| {
		let candidate = Candidate {
			owner: &worker.owner,
			group: None,
			offer: &worker.offer,
			stake: worker.free_stake(),
			reliability: &worker.reliability,
		};
		worker.tickets > 0 && wants.judge(&candidate, &barred) == Fit::Fits
	};
	let owners: BTreeSet<&AccountId> = workers.iter().filter(fits).map(|worker| &worker.owner).collect();
	owners.len()
}

/// What an order comes to now.
///
/// # Errors
/// If nobody computes at all, there can be no such job, or the node does not answer.
pub async fn plan(market: &dyn Jobs, order: &Order, measured: &Measured) -> Result<Plan, Trouble> {
	let engines = market.engines().await?;
	if !engines.contains(&order.engine) {
		return Err(Trouble::Usage(format!(
			"the chain has no engine {}, which this program runs units by; update whichever of both is older",
			order.engine
		)));
	}
	let (terms, workers) = (market.terms().await?, market.workers().await?);
	let memory_pages = order.memory_pages.clamp(1, MAX_MEMORY_PAGES);
	let asks = asks(&workers, order.engine, memory_pages);
	let Some(max_price) = order.max_price.or_else(|| max_price(&asks)) else {
		return Err(Trouble::Lacking(
			"nobody computes units of so much memory now; ask for less with --memory, or try later".into(),
		));
	};
	let spec = Spec {
		engine: order.engine,
		program: order.program,
		input: order.input,
		source: Source::Client(BoundedVec::truncate_from(order.endpoints.clone())),
		units: order.units,
		fuel_limit: order.fuel.unwrap_or_else(|| measured.limit()),
		memory_pages,
	};
	let quote = quote(market, &spec, max_price, order.assurance).await?;
	let fuel = u64::from(spec.units).saturating_mul(measured.mean.min(spec.fuel_limit));
	let wants = Wants::of(&spec, max_price, order.assurance, quote.stake);
	let once = expected(&asks, max_price).of_fuel(fuel).unwrap_or(u128::MAX);
	Ok(Plan {
		likely: once.saturating_mul(order.assurance.replicas().into()).min(quote.escrow),
		deposit: market.known().deposits.of_job(spec.units),
		owners: owners(&workers, &wants, &AccountId::new(order.payer)),
		max_price,
		assurance: order.assurance,
		quote,
		spec,
		terms,
	})
}

async fn quote(market: &dyn Jobs, spec: &Spec, max_price: Price, assurance: Assurance) -> Result<Quote, Trouble> {
	let quoted: Answer<Result<Quote, String>> = market.quote(spec, max_price, assurance).await;
	quoted?.map_err(Trouble::Usage)
}

/// An address of the command line as an endpoint: `HOST:PORT`.
///
/// # Errors
/// If it is none.
pub fn endpoint(text: &str) -> Result<Endpoint, Trouble> {
	let wrong = || Trouble::Usage(format!("`{text}` is no address: write HOST:PORT, as 192.0.2.7:9979"));
	let (host, port) = text.rsplit_once(':').ok_or_else(wrong)?;
	let port = port.parse().ok().filter(|port| *port > 0).ok_or_else(wrong)?;
	let bare = host.trim_start_matches('[').trim_end_matches(']');
	let host = match bare.parse::<IpAddr>() {
		Ok(IpAddr::V4(address)) => Host::V4(address.octets()),
		Ok(IpAddr::V6(address)) => Host::V6(address.octets()),
		Err(_) => Host::Name(HostName::try_from(bare.as_bytes().to_vec()).map_err(|_| wrong())?),
	};
	let endpoint = Endpoint {
		transport: Transport::Tcp,
		host,
		port,
	};
	match endpoint.is_sound() {
		true => Ok(endpoint),
		false => Err(wrong()),
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::fake::{spec, worker};

	#[test]
	fn ninety_of_a_hundred_ask_no_more() {
		let workers: Vec<WorkerView> = (0..100).map(|i| worker(i, 100 + u128::from(i))).collect();
		let asks = asks(&workers, 1, 16);
		assert_eq!(max_price(&asks), Some(Price(189)));
		assert_eq!(expected(&asks, Price(189)), Price(144));
		// Whoever asks ever so much does not say what is paid.
		let dear: Vec<Price> = [100, 100, 100, 1_000_000].map(Price).to_vec();
		assert_eq!(max_price(&dear), Some(Price(200)));
		assert_eq!(max_price(&[]), None);
		assert!(super::asks(&workers, 2, 16).is_empty(), "another engine");
		assert!(super::asks(&workers, 1, 65_536).is_empty(), "more memory");
	}

	/// Who cannot be drawn now saves no job: whose stake answers for other jobs, or leaves; who may not work alone, for
	/// an audit; and who pays.
	#[test]
	fn only_who_can_be_drawn_is_counted() {
		let rich = |owner: u8| WorkerView {
			stake: 100,
			..worker(owner, 50)
		};
		let count = |workers: &[WorkerView], assurance| {
			let wants = Wants::of(&spec(), Price(60), assurance, 40);
			owners(workers, &wants, &AccountId::new([9; 32]))
		};
		let all: Vec<WorkerView> = (1..=4).map(rich).collect();
		assert_eq!(count(&all, Assurance::Quorum), 4);
		assert_eq!(
			count(&[all.clone(), vec![rich(1), rich(9)]].concat(), Assurance::Strict),
			4
		);
		let changes: [fn(&mut WorkerView); 5] = [
			|worker| worker.locked = 61,
			|worker| worker.leaving = Some((61, 5)),
			|worker| worker.tickets = 0,
			|worker| worker.offer.ask = Price(61),
			|worker| worker.stake = 39,
		];
		for change in changes {
			let mut some = all.clone();
			change(&mut some[2]);
			assert_eq!(count(&some, Assurance::Quorum), 3, "{:?}", some[2]);
		}
		assert_eq!(count(&all, Assurance::Audit), 0, "nobody has a record");
		let mut some = all.clone();
		(0..200).for_each(|_| some[1].reliability.was_right(true));
		assert_eq!(count(&some, Assurance::Audit), 1);
	}

	#[test]
	fn a_limit_is_four_times_what_was_measured() {
		let measured = Measured {
			most: 1_900_000_000,
			mean: 1_000_000_000,
			first_millis: 800,
			first: 1_900_000_000,
		};
		assert_eq!(measured.limit(), 7_600_000_000);
		assert_eq!(Measured { most: 1, ..measured }.limit(), 1_000_000);
		assert_eq!(
			Measured {
				most: u64::MAX,
				..measured
			}
			.limit(),
			MAX_FUEL
		);
	}

	#[test]
	fn addresses_are_endpoints() {
		assert_eq!(endpoint("192.0.2.7:9979").unwrap().host, Host::V4([192, 0, 2, 7]));
		assert!(matches!(endpoint("[2001:db8::1]:9979").unwrap().host, Host::V6(_)));
		assert!(matches!(endpoint("example.org:9979").unwrap().host, Host::Name(_)));
		for wrong in ["", "host", "host:", ":1", "host:0", "host:99999", "a b:1"] {
			assert!(endpoint(wrong).is_err(), "{wrong}");
		}
	}
}
