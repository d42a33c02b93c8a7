//! What the device and its owner do, as calls of the pallet.

use bounded_collections::{BoundedVec, ConstU32};
use compute_market_primitives::{
	Assignment, Commit, Commitment, Decline, JobId, OutputReport, Price, Reveal, Said as Sealed, UnitCommitment,
	UnitReveal, WorkOffer, MAX_CLAIMS,
};
use device_primitives::DeviceId;
use smart_agent_chain::{Args, Chain, ChainError, NamedCall, NamedPallet, Result};
use smart_agent_tasks::{Answer, Batch, Deed, Said, TaskKey};
use sp_core::{sr25519, Pair};

/// The pallet's name.
pub const PALLET: &str = "ComputeMarket";
/// Its number, and those of its calls: a part of how transactions are encoded.
const PALLET_NUMBER: u8 = 53;
const NUMBERS: [(&str, u8); 8] = [
	("set_worker", 0),
	("add_stake", 1),
	("withdraw_stake", 2),
	("commit", 6),
	("reveal", 7),
	("decline", 8),
	("claim", 9),
	("report_output", 11),
];

/// The most jobs of a claim.
pub const CLAIMS: usize = MAX_CLAIMS as usize;

/// Jobs whose pay is claimed.
type Claims = BoundedVec<JobId, ConstU32<MAX_CLAIMS>>;

fn named(call: &'static str, args: Args) -> NamedCall {
	let pallet = NamedPallet {
		name: PALLET,
		number: PALLET_NUMBER,
		calls: &NUMBERS,
	};
	pallet.call(call, args)
}

/// What a device offers by this program: all engines that it has.
pub fn offered(ask: Price, slots: u16, memory_pages: u32) -> WorkOffer {
	WorkOffer {
		ask,
		engines: BoundedVec::truncate_from(smartchain_unit::ENGINES.to_vec()),
		slots,
		memory_pages,
	}
}

/// Offers what a device computes.
pub fn offer_call(device: &DeviceId, offer: &WorkOffer) -> NamedCall {
	let args = Args::none().and("device", device).and("offer", &Some(offer.clone()));
	named("set_worker", args)
}

/// Takes no units any more.
pub fn stop_call(device: &DeviceId) -> NamedCall {
	let args = Args::none().and("device", device).and("offer", &None::<WorkOffer>);
	named("set_worker", args)
}

/// Puts in more stake, in planck.
pub fn add_stake_call(device: &DeviceId, amount: u128) -> NamedCall {
	NamedCall {
		held: amount,
		..named("add_stake", Args::none().and("device", device).and("amount", &amount))
	}
}

/// Has so much stake leave, in planck, and pays what has left by now.
pub fn withdraw_call(device: &DeviceId, amount: u128) -> NamedCall {
	named(
		"withdraw_stake",
		Args::none().and("device", device).and("amount", &amount),
	)
}

/// Claims what was earned in jobs: [`MAX_CLAIMS`] at most, others are left out.
pub fn claim_call(jobs: &[JobId]) -> NamedCall {
	let claims = Claims::truncate_from(jobs.to_vec());
	named("claim", Args::none().and("claims", &claims))
}

fn at(key: &TaskKey) -> Assignment {
	Assignment {
		unit: key.unit,
		since: key.since,
	}
}

/// What is sealed of an answer; none if it has nothing to be sealed.
fn sealed(answer: &Answer, device: &DeviceId) -> Option<Sealed> {
	match &answer.said {
		Said::Outcome { outcome, salt, .. } => Some(Sealed::Committed(Commitment::of(&outcome.digest(), salt, device))),
		Said::Fault => Some(Sealed::Fault),
		Said::Served { .. } => None,
	}
}

/// What the machine says, signed by the lottery key; none if there is nothing to be said, which does not happen.
pub(crate) fn free_call(
	genesis: &[u8; 32],
	device: &DeviceId,
	pair: &sr25519::Pair,
	batch: &Batch,
) -> Option<NamedCall> {
	let answers = || {
		batch
			.tasks
			.iter()
			.filter_map(|(key, answer)| answer.as_ref().map(|answer| (key, answer)))
	};
	let (device, job) = (*device, batch.job);
	match batch.deed {
		Deed::Commit => {
			let units = answers().filter_map(|(key, answer)| {
				let said = sealed(answer, &device)?;
				Some(UnitCommitment { at: at(key), said })
			});
			let units = BoundedVec::truncate_from(units.collect());
			let commit = Commit { device, job, units };
			let signature = pair.sign(&commit.payload(genesis));
			(!commit.units.is_empty()).then(|| {
				let args = Args::none().and("commit", &commit).and("signature", &signature);
				named("commit", args)
			})
		}
		Deed::Reveal => {
			let units = answers().filter_map(|(key, answer)| match answer.said {
				Said::Outcome { outcome, salt, .. } => Some(UnitReveal {
					at: at(key),
					outcome,
					salt,
				}),
				_ => None,
			});
			let units = BoundedVec::truncate_from(units.collect());
			let place = batch.place;
			let reveal = Reveal { job, place, units };
			// What it shows opens what was sealed, and nothing else: nobody signs it.
			(!reveal.units.is_empty()).then(|| named("reveal", Args::none().and("reveal", &reveal)))
		}
		Deed::Decline => {
			let units = batch.tasks.iter().map(|(key, _)| at(key));
			let units = BoundedVec::truncate_from(units.collect());
			let decline = Decline { device, job, units };
			let signature = pair.sign(&decline.payload(genesis));
			let args = Args::none().and("decline", &decline).and("signature", &signature);
			Some(named("decline", args))
		}
		Deed::Report => {
			let (key, answer) = answers().next()?;
			let Said::Served { disputed, by } = answer.said else {
				return None;
			};
			let report = OutputReport {
				prober: device,
				job,
				unit: key.unit,
				disputed,
				served: by.map(DeviceId),
			};
			let signature = pair.sign(&report.payload(genesis));
			let args = Args::none().and("report", &report).and("signature", &signature);
			Some(named("report_output", args))
		}
	}
}

/// Hands in what the machine says.
///
/// # Errors
/// As [`Chain::submit_free`].
pub(crate) async fn submit(chain: &Chain, device: &DeviceId, key: &sr25519::Pair, batch: &Batch) -> Result<()> {
	let genesis = Chain::genesis(chain).0;
	match free_call(&genesis, device, key, batch) {
		Some(call) => chain.submit_free(&call).await,
		None => Err(ChainError::Signer("there is nothing to be said of these units".into())),
	}
}

/// Whether the runtime has the calls that are used, as they are known here: for `doctor`. Each error names one.
pub fn check_runtime(chain: &Chain) -> Vec<ChainError> {
	let (device, nobody) = (DeviceId([0; 32]), sr25519::Pair::from_seed(&[0; 32]));
	let offer = offered(Price(1), 1, 1);
	let signed = [
		offer_call(&device, &offer),
		add_stake_call(&device, 1),
		withdraw_call(&device, 1),
		claim_call(&[1]),
	];
	let free = examples()
		.into_iter()
		.filter_map(|batch| free_call(&[0; 32], &device, &nobody, &batch));
	free.chain(signed).filter_map(|call| chain.knows(&call).err()).collect()
}

/// One of each that the machine says.
fn examples() -> [Batch; 4] {
	let key = TaskKey {
		job: 1,
		unit: 0,
		since: 0,
		of: [0; 32],
	};
	let batch = |deed, said: Option<Said>| Batch {
		deed,
		job: 1,
		place: 0,
		tasks: vec![(key, said.map(|said| Answer { key, said }))],
	};
	let outcome = Said::Outcome {
		outcome: compute_market_primitives::Outcome {
			kind: compute_market_primitives::Kind::OutOfFuel,
			root: compute_market_primitives::NO_OUTPUT,
			fuel: 1,
		},
		salt: [0; 16],
		bytes: 0,
	};
	let served = Said::Served { disputed: 0, by: None };
	[
		batch(Deed::Commit, Some(outcome)),
		batch(Deed::Reveal, Some(outcome)),
		batch(Deed::Decline, None),
		batch(Deed::Report, Some(served)),
	]
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn each_call_has_its_number() {
		let (device, pair) = (DeviceId([1; 32]), sr25519::Pair::from_seed(&[7; 32]));
		let offer = offered(Price(1), 1, 1);
		for (call, number) in [
			(offer_call(&device, &offer), 0),
			(stop_call(&device), 0),
			(add_stake_call(&device, 5), 1),
			(withdraw_call(&device, 5), 2),
			(claim_call(&[17]), 9),
		] {
			assert_eq!((call.pallet, call.number), (PALLET, [53, number]));
		}
		assert_eq!(add_stake_call(&device, 5).held, 5);
		let numbers = examples().map(|batch| free_call(&[2; 32], &device, &pair, &batch).unwrap().number);
		assert_eq!(numbers, [[53, 6], [53, 7], [53, 8], [53, 11]]);
	}

	/// What is sealed opens with what is revealed, on this chain and for this device alone.
	#[test]
	fn what_is_said_is_signed_by_the_device() {
		let device = DeviceId([1; 32]);
		let [commit, ..] = examples();
		let (key, answer) = commit.tasks[0];
		let answer = answer.unwrap();
		let Said::Outcome { outcome, salt, .. } = answer.said else {
			panic!("{answer:?}");
		};
		let Some(Sealed::Committed(commitment)) = sealed(&answer, &device) else {
			panic!("{answer:?}");
		};
		assert!(commitment.open(&outcome, &salt, &device, 1).is_ok());
		assert!(commitment.open(&outcome, &salt, &DeviceId([2; 32]), 1).is_err());
		assert_eq!(at(&key), Assignment { unit: 0, since: 0 });
		// What has no answer is not said.
		let nothing = Batch {
			tasks: vec![(key, None)],
			..commit
		};
		let pair = sr25519::Pair::from_seed(&[7; 32]);
		assert!(free_call(&[2; 32], &device, &pair, &nothing).is_none());
	}
}
