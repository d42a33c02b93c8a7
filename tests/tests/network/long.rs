//! What takes longer than a change can wait for: the random tests, for many more rounds. `scripts/test long` runs it.

use crate::{
	channels::{mixed_work_outlives_kills, payments_outlive_kills},
	seats::elections::elections,
	seconds,
	voters::votes::kills,
};

#[tokio::test(flavor = "multi_thread")]
#[ignore = "ten minutes of real processes; `scripts/test long` runs it"]
async fn two_hundred_kills_never_yield_two_votes() {
	kills("two_hundred_kills_never_yield_two_votes", 200, seconds(1_200)).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "ten minutes of real processes; `scripts/test long` runs it"]
async fn forty_elections_under_kills_restarts_and_partitions() {
	let name = "forty_elections_under_kills_restarts_and_partitions";
	elections(name, 40, seconds(1_200)).await;
}

/// One of the kills lasts for half a minute.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "ten minutes of real processes; `scripts/test long` runs it"]
async fn a_hundred_thousand_payments_outlive_ten_kills() {
	let name = "a_hundred_thousand_payments_outlive_ten_kills";
	payments_outlive_kills(name, 100_000, 10, true, seconds(1_800)).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "ten minutes of real processes; `scripts/test long` runs it"]
async fn mixed_work_outlives_two_hundred_kills() {
	let name = "mixed_work_outlives_two_hundred_kills";
	mixed_work_outlives_kills(name, 200, seconds(1_800)).await;
}
