//! What selling storage needs: an offer, an address that is reached, room, collateral.

use super::Check;
use crate::{
	commands::{existing, Context},
	ledger::Ledger,
	terminal::{bytes, counted},
};
use device_primitives::{DeviceId, Endpoint};
use smart_agent_chain::Chain;
use smart_agent_storage::{address, check_runtime, offer, slots, OfferView};
use smart_agent_store::capacity::{Measure, ThisMachine};
use std::{
	io::{Read, Write},
	net::{TcpStream, ToSocketAddrs},
	time::Duration,
};
use storage_market_primitives::Standing;

/// How long an address may take to answer.
const PATIENCE: Duration = Duration::from_secs(5);
/// Bytes of an answer that are looked at.
const MOST_ANSWER: u64 = 4_096;

/// All of them; none if no storage is sold.
pub(super) async fn checks(context: &Context, chain: &Chain) -> Vec<Check> {
	let Ok(device) = context.device().map(|device| DeviceId(device.id)) else {
		return Vec::new();
	};
	let enabled = context.config.storage.enabled;
	let at = match chain.best().await {
		Ok(best) => best.hash,
		Err(error) => return vec![Check::failed("storage", &error.into())],
	};
	let offered = match offer(chain, &device, at).await {
		Ok(offered) => offered,
		// A chain without a market is none that somebody sells on.
		Err(error) if enabled => return vec![Check::failed("storage", &error.into())],
		Err(_) => return Vec::new(),
	};
	let mut checks = match (&offered, enabled) {
		(None, false) => return unsold(chain, &device).await,
		(None, true) => vec![Check::warn(
			"storage",
			"nothing is offered, so that plots earn nothing",
			"`smart-agent offer set --space 500GiB --ask 0.9/TiB-month`, or set storage.enabled to false",
		)],
		(Some(_), false) => vec![Check::fail(
			"storage",
			"the chain may draw this device for slots, and storage.enabled is false: what it holds is lost",
			"set storage.enabled to true and restart the agent, or `smart-agent offer withdraw`",
		)],
		(Some(offered), true) => {
			let mut checks = vec![of_offer(offered)];
			checks.extend(reached(&offered.reach.endpoints, &device).await);
			checks
		}
	};
	checks.extend(
		check_runtime(chain)
			.into_iter()
			.map(|error| Check::failed("storage", &error.into())),
	);
	checks.push(room(context, offered.as_ref()));
	match slots(chain, &device, at).await {
		Ok(found) => {
			let suspects = found
				.iter()
				.filter(|slot| matches!(slot.standing, Standing::Held { suspect: Some(_), .. }));
			checks.push(of_slots(found.len(), suspects.count()));
		}
		Err(error) => checks.push(Check::failed("slots", &error.into())),
	}
	if let Some(offered) = &offered {
		checks.extend(collateral(chain, offered).await);
		if offered.capacity == 0 {
			checks.extend(unsold(chain, &device).await);
		}
	}
	checks
}

/// A line for a device whose plots earn nothing.
async fn unsold(chain: &Chain, device: &DeviceId) -> Vec<Check> {
	match crate::storage::unsold(chain, device).await {
		Ok(Some([seen, remedy])) => vec![Check::warn("storage", seen, remedy)],
		Ok(None) => Vec::new(),
		Err(error) => vec![Check::failed("storage", &error.into())],
	}
}

fn of_offer(offered: &OfferView) -> Check {
	if offered.capacity == 0 && offered.tickets > 0 {
		// The chain has taken it back; whoever withdraws has no tickets.
		return Check::warn(
			"offer",
			format!(
				"it has lost a slot by silence and gets no new ones; {} of slots are held still",
				bytes(offered.used)
			),
			"once the machine answers as it should, offer its space again: `smart-agent offer set`",
		);
	}
	if offered.capacity == 0 {
		let seen = format!("withdrawn; {} of slots are held still", bytes(offered.used));
		return Check::ok("offer", seen);
	}
	let seen = format!(
		"{} of {} taken, {}",
		bytes(offered.used),
		bytes(offered.capacity),
		counted(offered.tickets.into(), "ticket")
	);
	match offered.tickets {
		0 => Check::warn(
			"offer",
			format!("{seen}: the device gets no new slots"),
			"make and claim plots, for space counts as far as they prove it; if it is full, offer more",
		),
		_ => Check::ok("offer", seen),
	}
}

fn of_slots(all: usize, suspects: usize) -> Check {
	match suspects {
		0 => Check::ok("slots", format!("{all}, none of which has missed a challenge")),
		_ => Check::fail(
			"slots",
			format!("{suspects} of {all} have missed a challenge: they are lost with their collateral soon"),
			"see that the agent runs and its slots are sound (`smart-agent slots`); `smart-agent slots prove` is \
			 quicker",
		),
	}
}

/// Whether what the chain tells others is this device. Seen from here alone: a firewall may let this machine in.
pub(super) async fn reached(endpoints: &[Endpoint], device: &DeviceId) -> Vec<Check> {
	let addresses: Vec<String> = endpoints.iter().filter_map(address).collect();
	if addresses.is_empty() {
		return vec![Check::fail(
			"reachable",
			"the chain knows no address of this device over TCP: nobody can bring slots, or fetch what it has",
			"`smart-agent device endpoints set tcp://HOST:PORT`, with the port of storage.listen or work.listen",
		)];
	}
	let digits = sp_core::bytes::to_hex(&device.0, false);
	let digits = digits.trim_start_matches("0x").to_owned();
	let mut checks = Vec::new();
	for address in addresses {
		let (asked, wanted) = (address.clone(), digits.clone());
		let asking = tokio::task::spawn_blocking(move || ask(&asked).map(|answer| answer.contains(&wanted)));
		checks.push(match asking.await {
			Ok(Ok(true)) => Check::ok("reachable", format!("{address}, as seen from this machine")),
			Ok(Ok(false)) => Check::fail(
				"reachable",
				format!("{address} is not this device's agent"),
				"see which program listens there; `smart-agent device endpoints set` tells the chain another address",
			),
			Ok(Err(error)) => Check::fail(
				"reachable",
				format!("{address} does not answer: {error}"),
				"see that the agent runs, that the port is open and leads here; some routers answer only others",
			),
			Err(error) => Check::warn("reachable", error.to_string(), "try again"),
		});
	}
	checks
}

/// What an agent says of itself. It blocks.
fn ask(address: &str) -> std::io::Result<String> {
	let mut found = address.to_socket_addrs()?;
	let place = found.next().ok_or(std::io::ErrorKind::NotFound)?;
	let mut stream = TcpStream::connect_timeout(&place, PATIENCE)?;
	stream.set_read_timeout(Some(PATIENCE))?;
	stream.set_write_timeout(Some(PATIENCE))?;
	write!(
		stream,
		"GET /v1/session HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n"
	)?;
	let mut answer = Vec::new();
	stream.take(MOST_ANSWER).read_to_end(&mut answer)?;
	Ok(String::from_utf8_lossy(&answer).into_owned())
}

/// Whether what is offered and not taken has room.
fn room(context: &Context, offered: Option<&OfferView>) -> Check {
	let folder = existing(&context.config.storage.folder);
	let left = offered.map_or(0, |offered| offered.capacity.saturating_sub(offered.used));
	match ThisMachine.measure(folder) {
		Ok(capacity) if capacity.disk < left => Check::fail(
			"room",
			format!(
				"{} are free at {}, and {} are offered still",
				bytes(capacity.disk),
				folder.display(),
				bytes(left)
			),
			"free some, or offer less: a slot that finds no room is not confirmed",
		),
		Ok(capacity) => Check::ok(
			"room",
			format!("{} are free at {}", bytes(capacity.disk), folder.display()),
		),
		Err(error) => Check::failed("room", &error.into()),
	}
}

/// Whether the owner has something for collateral.
async fn collateral(chain: &Chain, offered: &OfferView) -> Option<Check> {
	let ledger: &dyn Ledger = chain;
	let account = ledger.account(offered.owner.as_ref()).await.ok()?;
	let prices = ledger.prices().ok()?;
	let currency = ledger.currency();
	let free = account.spendable(prices.existential_deposit);
	// A slot of 64 GiB of which four suffice: carried four times, and a quarter more.
	let largest = offered
		.egress
		.of_bytes(offered.max_slot.saturating_mul(5))
		.unwrap_or(u128::MAX);
	Some(if free < largest {
		let seen = format!(
			"{} can be spent; a slot may take {} and more",
			currency.show(free),
			currency.show(largest)
		);
		Check::warn(
			"collateral",
			seen,
			"send STCI to the owner's account: a slot without collateral is not confirmed",
		)
	} else {
		Check::ok("collateral", format!("{} can be spent", currency.show(free)))
	})
}

#[cfg(test)]
mod tests {
	use super::{super::Verdict, *};
	use std::{
		io::{BufRead, BufReader},
		net::TcpListener,
	};

	#[test]
	fn an_address_that_answers_is_heard_and_one_that_does_not_is_told() {
		let listener = TcpListener::bind("127.0.0.1:0").unwrap();
		let address = listener.local_addr().unwrap().to_string();
		let serving = std::thread::spawn(move || {
			let (stream, _) = listener.accept().unwrap();
			let (mut asked, mut head) = (BufReader::new(stream), String::new());
			// All of it: what is left unread when a connection ends breaks it for the other side.
			while !head.ends_with("\r\n\r\n") {
				assert!(asked.read_line(&mut head).unwrap() > 0, "{head}");
			}
			assert!(head.starts_with("GET /v1/session"), "{head}");
			let mut stream = asked.into_inner();
			stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n{\"device\":\"ab\"}").unwrap();
		});
		assert!(ask(&address).unwrap().contains("ab"));
		serving.join().unwrap();
		assert!(ask(&address).is_err(), "nobody listens any more");
	}

	#[test]
	fn a_suspect_is_grave() {
		assert_eq!(of_slots(3, 0).verdict, Verdict::Ok);
		assert_eq!(of_slots(3, 1).verdict, Verdict::Fail);
	}
}
