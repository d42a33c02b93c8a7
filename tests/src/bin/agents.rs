//! What `scripts/run --agents` asks of the chain: has directors accept devices, and shows how agents do.
//!
//! The directors of a `quick-N-M` chain have public keys, so that anybody can sign for them. The same keys direct
//! `local-N-M` and `testnet`, which are for tests, too. Directors of another seed cannot be named here.

use device_primitives::DeviceId;
use proof_lottery_primitives::{Resource, WINS_BITS};
use smartchain_runtime::AccountId;
use smartchain_tests::{devices, state, tx::Account, Error, Result, Rpc};
use std::{
	fmt::Write,
	net::{Ipv4Addr, SocketAddr},
};

const USAGE: &str = "\
smartchain-agents accept PORT SEED DEVICE   has the director with this development seed, such as //Director//1, accept
                                            a device that is offered to it
smartchain-agents show PORT DEVICE...       one line: the score of each device, and the cluster of its candidate
PORT is that of a node's RPC on this machine; DEVICE is an id, 0x and 64 digits.";

/// Bits of competence that are all of it.
const COMPETENCE_BITS: u32 = proof_lottery_primitives::COMPETENCE_BITS;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
	let arguments: Vec<String> = std::env::args().skip(1).collect();
	let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
	match arguments[..] {
		["accept", port, seed, device] => accept(&connect(port).await?, seed, id(device)?).await,
		["show", port, ref devices @ ..] => {
			let devices = devices.iter().map(|device| id(device)).collect::<Result<Vec<_>>>()?;
			println!("{}", show(&connect(port).await?, &devices).await?);
			Ok(())
		}
		_ => Err(Error::new(USAGE)),
	}
}

async fn connect(port: &str) -> Result<Rpc> {
	let port = port
		.parse()
		.map_err(|_| Error::new(format!("{port} is no port; {USAGE}")))?;
	Rpc::connect(SocketAddr::from((Ipv4Addr::LOCALHOST, port))).await
}

fn id(text: &str) -> Result<DeviceId> {
	let bytes = sp_core::bytes::from_hex(text)
		.ok()
		.and_then(|bytes| bytes.try_into().ok());
	let bytes = bytes.ok_or_else(|| Error::new(format!("{text} is no id of a device: 0x and 64 digits are one")))?;
	Ok(DeviceId(bytes))
}

/// Has a director accept a device that is offered to it, unless an earlier run on the same chain did.
async fn accept(rpc: &Rpc, seed: &str, device: DeviceId) -> Result<()> {
	if !seed.starts_with("//Director//") {
		return Err(Error::new(format!("{seed} is no director's development seed; {USAGE}")));
	}
	devices::accept(rpc, &Account::dev(seed), device).await
}

/// In which cluster an account is.
async fn cluster(rpc: &Rpc, candidate: &AccountId) -> Result<&'static str> {
	if state::directors(rpc).await?.contains(candidate) {
		return Ok("director");
	}
	let standbys = state::standby_signers(rpc).await?;
	Ok(if standbys.iter().flatten().any(|standby| standby == candidate) {
		"standby signer"
	} else {
		"ordinary"
	})
}

/// One line: `1: 12.3 % S20 C2 U31 director   2: 0.0 % U1 not linked`; wins of space, compute and uptime, each if the
/// device is in that lottery.
async fn show(rpc: &Rpc, shown: &[DeviceId]) -> Result<String> {
	let mut line = String::new();
	for (number, device) in (1..).zip(shown) {
		let Some(proofs) = devices::proofs(rpc, *device).await? else {
			write!(line, "{number}: not registered   ")?;
			continue;
		};
		let share = proofs.competence as f64 * 100.0 / (1u64 << COMPETENCE_BITS) as f64;
		write!(line, "{number}: {share:.1} %")?;
		for lottery in &proofs.lotteries {
			let letter = match lottery.resource {
				Resource::Space => 'S',
				Resource::Compute => 'C',
				Resource::Uptime => 'U',
			};
			write!(
				line,
				" {letter}{:.0}",
				f64::from(lottery.wins.0) / f64::from(1u32 << WINS_BITS)
			)?;
		}
		match &proofs.candidate {
			Some(candidate) => write!(line, " {}   ", cluster(rpc, candidate).await?)?,
			None => write!(line, " not linked   ")?,
		}
	}
	Ok(line.trim_end().to_owned())
}
