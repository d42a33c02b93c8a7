//! What wins by plots are worth to their owners.

use super::plots::{next_found, Found};
use crate::{mock::*, wins::space::ticket, ParameterValues, PlotKind, SpaceScheme};
use proof_lottery_primitives::{Credit, Resource};

const KIND: PlotKind = PlotKind {
	scheme: SpaceScheme::Pos2,
	k: 28,
};

/// What so many plots of one device are expected to earn in an era, in GiB.
fn expectation(units: u32, devices: u32, era: u32) -> f64 {
	let terms = ParameterValues::real()
		.lottery(Resource::Space, TURN as u32)
		.with(devices);
	let tau = terms.lottery.tau;
	let wins = f64::from(terms.expected(units).0) / 65_536.0 * f64::from(era) / f64::from(tau);
	let worth = ticket(KIND.gib_of_sum(terms.credit(units).0.into()), tau, era, Credit::ONE);
	wins * worth as f64 / 2f64.powi(32)
}

#[test]
fn an_eras_tickets_are_expected_to_be_what_is_proven_and_splitting_changes_nothing() {
	for devices in [1, 100, 100_000] {
		let proven = KIND.gib_of_sum(1_000 << 32) as f64 / 2f64.powi(32);
		let (whole, part) = (expectation(1_000, devices, 1_200), expectation(10, devices, 1_200));
		assert!((whole / proven - 1.0).abs() < 0.01, "{whole} of {proven}");
		assert!((100.0 * part / proven - 1.0).abs() < 0.01, "{part} of {proven}");
	}
}

#[test]
fn uptime_is_the_factor() {
	let half = Credit(Credit::ONE.0 / 2);
	assert_eq!(ticket(1_000, 10, 5, Credit::ONE), 2_000);
	assert_eq!(ticket(1_000, 10, 5, half), 1_000);
	assert_eq!(ticket(1_000, 10, 0, half), 0);
}

#[test]
fn whoever_was_never_seen_earns_nothing() {
	run(|| {
		device(1, space(1));
		let found = Found::read();
		let (round, proof) = next_found(&found, 1, 0);
		assert_eq!(apply(space_win(1, round, 0, proof)), Ok(()));
		assert_eq!(earned(1), 0);
	});
}
