//! What takes longer than a change can wait for: the random tests, for many more rounds, and what ordinary runs see the
//! most of elsewhere. `scripts/test long` runs it.

use crate::{
	channels::{all_outlives_a_kill_at_each_write, mixed_work_outlives_kills, payments_outlive_kills},
	compute,
	seats::{
		elections::elections,
		many_die::{half_of_four, more_than_a_third},
	},
	seconds,
	storage::{bad_neighbours, kills_at_each_step, main_flow, only_full_blocks, over_an_upgrade},
	sync::warp::warps,
	upgrade::{load::under_load, slot_rule::another_slot_rule},
	voters::{changes::changes_under_kills, votes::kills},
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

/// That three of seven which die cost so much time and no more, ordinary runs see; here they also come back.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "two minutes of real processes; `scripts/test long` runs it"]
async fn more_than_a_third_that_die_at_once_are_replaced_and_come_back() {
	let name = "more_than_a_third_that_die_at_once_are_replaced_and_come_back";
	more_than_a_third(name, seconds(420)).await;
}

/// The simulation of the core has this rule in each run, with many more seeds.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "two minutes of real processes; `scripts/test long` runs it"]
async fn without_the_51_percent_rule_finality_waits_for_the_dead() {
	half_of_four("without_the_51_percent_rule_finality_waits_for_the_dead").await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "five minutes of real processes; `scripts/test long` runs it"]
async fn twenty_four_changes_of_voters_under_kills() {
	changes_under_kills("twenty_four_changes_of_voters_under_kills", 24, seconds(900)).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "ten minutes of real processes; `scripts/test long` runs it"]
async fn a_node_warps_over_forty_changes_of_voters() {
	warps("a_node_warps_over_forty_changes_of_voters", 40).await;
}

/// That a network goes over to a runtime with other turns, ordinary runs see of one under load, and of one node with
/// deals; here each header is compared with the rule that its slot was given by.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "two minutes of real processes; `scripts/test long` runs it"]
async fn four_validators_go_over_to_another_slot_rule_while_they_run() {
	let name = "four_validators_go_over_to_another_slot_rule_while_they_run";
	another_slot_rule(name, seconds(420)).await;
}

/// 500 transfers a second.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "three minutes of real processes; `scripts/test long` runs it"]
async fn four_validators_under_full_load_lose_neither_slot_nor_transfer() {
	under_load("four_validators_under_full_load_lose_neither_slot_nor_transfer", 50).await;
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

/// Ordinary runs see the first commits.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "twenty minutes of real processes; `scripts/test long` runs it"]
async fn payments_and_orders_outlive_a_kill_at_each_write_and_message() {
	all_outlives_a_kill_at_each_write().await;
}

/// The last of three slots is borne for twelve minutes.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "half an hour of real processes; `scripts/test long` runs it"]
async fn three_of_eight_devices_die_and_the_chain_repairs_all() {
	let name = "three_of_eight_devices_die_and_the_chain_repairs_all";
	main_flow(name, true, seconds(3_600)).await;
}

/// Ordinary runs have the main flow, with kills, and the market's own tests these neighbours one by one.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "five minutes of real processes; `scripts/test long` runs it"]
async fn a_deal_outlives_bad_neighbours_full_blocks_and_an_upgrade() {
	let name = "a_deal_outlives_bad_neighbours_full_blocks_and_an_upgrade";
	bad_neighbours(name, false, seconds(600)).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "ten minutes of real processes; `scripts/test long` runs it"]
async fn a_slot_is_built_anew_beside_liars() {
	bad_neighbours("a_slot_is_built_anew_beside_liars", true, seconds(1_200)).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "half an hour of real processes; `scripts/test long` runs it"]
async fn twenty_minutes_of_full_blocks_miss_no_challenge() {
	let name = "twenty_minutes_of_full_blocks_miss_no_challenge";
	only_full_blocks(name, seconds(1_200), seconds(2_400)).await;
}

/// Ordinary runs kill a put at each step, and a get and a repair at one.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "ten minutes of real processes; `scripts/test long` runs it"]
async fn a_get_a_restore_and_repairs_are_killed_at_each_step() {
	let name = "a_get_a_restore_and_repairs_are_killed_at_each_step";
	kills_at_each_step(name, seconds(1_800)).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "five minutes of real processes; `scripts/test long` runs it"]
async fn a_put_and_a_repair_go_over_an_upgrade() {
	over_an_upgrade("a_put_and_a_repair_go_over_an_upgrade", seconds(900)).await;
}

/// Ordinary runs have the main flow, where liars are found out by those who are asked with them.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "five minutes of real processes; `scripts/test long` runs it"]
async fn a_job_about_which_all_lie_is_refuted_and_paid_back() {
	let name = "a_job_about_which_all_lie_is_refuted_and_paid_back";
	compute::all_lie(name, seconds(1_200)).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "five minutes of real processes; `scripts/test long` runs it"]
async fn an_output_that_nobody_gives_out_is_computed_again() {
	let name = "an_output_that_nobody_gives_out_is_computed_again";
	compute::an_output_is_gone(name, seconds(1_200)).await;
}

/// Ordinary runs have the main flow and kills.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "five minutes of real processes; `scripts/test long` runs it"]
async fn a_job_goes_over_an_upgrade() {
	compute::over_an_upgrade("a_job_goes_over_an_upgrade", seconds(900)).await;
}
