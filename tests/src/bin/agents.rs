//! What `scripts/run --agents` asks of the chain: has directors accept devices, and shows how agents do.
//!
//! The directors of a `quick-N-M` chain have public keys, so that anybody can sign for them. The same keys direct
//! `local-N-M` and `testnet`, which are for tests, too. Directors of another seed cannot be named here.

use codec::{Decode, Encode};
use device_primitives::DeviceId;
use jsonrpsee::rpc_params;
use proof_lottery_primitives::{DeviceProofs, Resource, WINS_BITS};
use smartchain_runtime::{AccountId, Runtime, RuntimeCall};
use smartchain_tests::{
	state,
	tx::{self, Account},
	wait, Error, Result, Rpc,
};
use sp_core::Bytes;
use std::{
	fmt::Write,
	net::{Ipv4Addr, SocketAddr},
	time::Duration,
};

const USAGE: &str = "\
smartchain-agents accept PORT SEED DEVICE   has the director with this development seed, such as //Director//1, accept
                                            a device that is offered to it
smartchain-agents show PORT DEVICE...       one line: the score of each device, and the cluster of its candidate
PORT is that of a node's RPC on this machine; DEVICE is an id, 0x and 64 digits.";

/// How long a block may take to hold a transaction, and a device to be offered.
const LIMIT: Duration = Duration::from_secs(60);
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

/// What the chain knows of a device's proofs, at a node's best block.
async fn proofs(rpc: &Rpc, device: DeviceId) -> Result<Option<DeviceProofs<AccountId>>> {
	let asked = rpc_params!["ResourceProofsApi_device_proofs", Bytes(device.encode())];
	let answer: Bytes = rpc.call("state_call", asked).await?;
	Ok(Decode::decode(&mut &answer[..])?)
}

/// Whether the device is linked: not only offered, but accepted.
async fn linked(rpc: &Rpc, device: DeviceId) -> Result<bool> {
	let key = pallet_resource_proofs::Entries::<Runtime>::hashed_key_for(device);
	let entry = rpc.storage(&key, None).await?;
	let entry = entry.map(|bytes| pallet_resource_proofs::Entry::<AccountId>::decode(&mut &bytes[..]));
	Ok(entry.transpose()?.and_then(|entry| entry.link?.from).is_some())
}

/// Waits until the device is offered, has the director accept it, and waits until it has. One that was accepted before,
/// by an earlier run on the same chain, is left so: accepting twice fails and costs the director a fee.
async fn accept(rpc: &Rpc, seed: &str, device: DeviceId) -> Result<()> {
	if !seed.starts_with("//Director//") {
		return Err(Error::new(format!("{seed} is no director's development seed; {USAGE}")));
	}
	let director = Account::dev(seed);
	wait::until("the device to be offered to the director", LIMIT, || async {
		let candidate = proofs(rpc, device).await?.and_then(|proofs| proofs.candidate);
		Ok((candidate.as_ref() == Some(director.id())).then_some(()))
	})
	.await?;
	if linked(rpc, device).await? {
		return Ok(());
	}
	let call = RuntimeCall::ResourceProofs(pallet_resource_proofs::Call::<Runtime>::accept_link { device });
	rpc.submit(&tx::signed(rpc, &director, call).await?).await?;
	wait::until("the director's acceptance to be in a block", LIMIT, || async {
		Ok(linked(rpc, device).await?.then_some(()))
	})
	.await
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
async fn show(rpc: &Rpc, devices: &[DeviceId]) -> Result<String> {
	let mut line = String::new();
	for (number, device) in (1..).zip(devices) {
		let Some(proofs) = proofs(rpc, *device).await? else {
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
