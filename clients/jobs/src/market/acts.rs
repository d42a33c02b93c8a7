//! What the chain is to do, by the names and numbers that it has for that.

use compute_market_primitives::{Assurance, JobId, Price, Spec, UnitAt};
use smart_agent_chain::{Args, NamedCall, NamedPallet};

/// The pallet.
pub const PALLET: &str = "ComputeMarket";
/// Its number, and those of its calls by their names: they are a part of what is signed.
const PALLET_NUMBER: u8 = 53;
const NUMBERS: [(&str, u8); 7] = [
	("submit_job", 3),
	("top_up", 4),
	("cancel_job", 5),
	("dispute_output", 10),
	("appeal", 12),
	("accept_job", 13),
	("close_job", 14),
];

/// What the chain is to do for this account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Act {
	/// Submits a job.
	Submit {
		/// What is computed.
		spec: Spec,
		/// The most that is paid for a Gfuel.
		max_price: Price,
		/// How sure results have to be.
		assurance: Assurance,
		/// What is put in for workers, in planck,
		escrow: u128,
		/// and for its state, which comes back.
		deposit: u128,
	},
	/// Puts in more.
	TopUp {
		/// The job.
		job: JobId,
		/// How much, in planck.
		amount: u128,
	},
	/// Gives a job up.
	Cancel {
		/// The job.
		job: JobId,
	},
	/// Says that nobody serves an output.
	Dispute {
		/// The job.
		job: JobId,
		/// The unit.
		unit: UnitAt,
		/// What is left for those who look, in planck.
		fee: u128,
	},
	/// Has a unit run again by a jury.
	Appeal {
		/// The job.
		job: JobId,
		/// The unit.
		unit: UnitAt,
		/// What is left for that, in planck.
		deposit: u128,
	},
	/// Says that all outputs are here.
	Accept {
		/// The job.
		job: JobId,
	},
	/// Closes a job whose outputs nobody has to keep any more.
	Close {
		/// The job.
		job: JobId,
	},
}

impl Act {
	/// What it is, for people.
	pub fn words(&self) -> String {
		match self {
			Self::Submit { .. } => "Ordering the job".into(),
			Self::TopUp { job, .. } => format!("Putting in more for job {job}"),
			Self::Cancel { job } => format!("Giving up job {job}"),
			Self::Dispute { job, unit, .. } => {
				format!("Saying that nobody serves the output of unit {unit} of job {job}")
			}
			Self::Appeal { job, unit, .. } => format!("Having unit {unit} of job {job} run again by a jury"),
			Self::Accept { job } => format!("Saying that the outputs of job {job} are here"),
			Self::Close { job } => format!("Closing job {job}"),
		}
	}

	/// The call, as the chain names it and its arguments.
	pub fn call(&self) -> NamedCall {
		let job = |job: &JobId| Args::none().and("job", job);
		match self {
			Self::Submit {
				spec,
				max_price,
				assurance,
				escrow,
				deposit,
			} => {
				let args = Args::none().and("spec", spec).and("max_price", max_price);
				NamedCall {
					paid: *escrow,
					held: *deposit,
					..named("submit_job", args.and("assurance", assurance))
				}
			}
			Self::TopUp { job: id, amount } => NamedCall {
				paid: *amount,
				..named("top_up", job(id).and("amount", amount))
			},
			Self::Cancel { job: id } => named("cancel_job", job(id)),
			Self::Dispute { job: id, unit, fee } => NamedCall {
				paid: *fee,
				..named("dispute_output", job(id).and("unit", unit))
			},
			Self::Appeal { job: id, unit, deposit } => NamedCall {
				paid: *deposit,
				..named("appeal", job(id).and("unit", unit))
			},
			Self::Accept { job: id } => named("accept_job", job(id)),
			Self::Close { job: id } => named("close_job", job(id)),
		}
	}
}

fn named(call: &'static str, args: Args) -> NamedCall {
	let pallet = NamedPallet {
		name: PALLET,
		number: PALLET_NUMBER,
		calls: &NUMBERS,
	};
	pallet.call(call, args)
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::fake::spec;

	#[test]
	fn each_act_has_its_call() {
		let (job, unit) = (17, 3);
		let acts = [
			Act::Submit {
				spec: spec(),
				max_price: Price(5),
				assurance: Assurance::Quorum,
				escrow: 9,
				deposit: 4,
			},
			Act::TopUp { job, amount: 6 },
			Act::Cancel { job },
			Act::Dispute { job, unit, fee: 8 },
			Act::Appeal { job, unit, deposit: 7 },
			Act::Accept { job },
			Act::Close { job },
		];
		let calls: Vec<NamedCall> = acts.iter().map(Act::call).collect();
		for (call, (name, number)) in calls.iter().zip(NUMBERS) {
			assert_eq!((call.call, call.number), (name, [PALLET_NUMBER, number]));
		}
		assert_eq!((calls[0].paid, calls[0].held), (9, 4));
		assert_eq!((calls[1].paid, calls[3].paid, calls[4].paid), (6, 8, 7));
	}
}
