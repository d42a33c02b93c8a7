//! Jobs, workers and outcomes to test with.

use bounded_collections::BoundedVec;
use compute_market_primitives::{
	Assurance, Input, Kind, Outcome, Price, Program, Quote, Source, Spec, Terms, WorkOffer, NO_OUTPUT,
};
use device_primitives::{Endpoint, Host, Transport};

pub type Device = [u8; 32];

/// What a Gfuel costs in most tests: 0.02 STCI.
pub const PRICE: Price = Price(20_000_000_000);

/// The fuel limit of most tests' units.
pub const LIMIT: u64 = 2_000_000_000;

pub fn endpoint() -> Endpoint {
	Endpoint {
		transport: Transport::Https,
		host: Host::V4([10, 0, 0, 1]),
		port: 4_430,
	}
}

pub fn spec() -> Spec {
	Spec {
		engine: 1,
		program: Program {
			root: [7; 32],
			length: 123_456,
		},
		input: Input::Bundle {
			root: [8; 32],
			length: 1 << 30,
		},
		source: Source::Client(BoundedVec::truncate_from(vec![endpoint()])),
		units: 64,
		fuel_limit: LIMIT,
		memory_pages: 1_024,
	}
}

pub fn offer() -> WorkOffer {
	WorkOffer {
		ask: PRICE,
		engines: BoundedVec::truncate_from(vec![1]),
		slots: 2,
		memory_pages: 1_024,
	}
}

pub fn quote(assurance: Assurance) -> Quote {
	Quote::of(&spec(), PRICE, assurance, &Terms::real()).expect("a sound job")
}

pub fn ran(root: u8, fuel: u64) -> Outcome {
	Outcome {
		kind: Kind::Ok,
		root: [root; 32],
		fuel,
	}
}

pub fn trapped(code: u16, fuel: u64) -> Outcome {
	Outcome {
		kind: Kind::Trap(code),
		root: NO_OUTPUT,
		fuel,
	}
}

pub fn out_of_fuel() -> Outcome {
	Outcome {
		kind: Kind::OutOfFuel,
		root: NO_OUTPUT,
		fuel: LIMIT,
	}
}
