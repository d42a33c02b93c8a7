//! Real plots, solved in real child processes.

use super::{open, World, DEVICE, GENESIS};
use crate::StorePlots;
use proof_lottery_primitives::Resource;
use proof_of_space_primitives::{pos2::Pos2Proof, SpaceProof};
use smart_agent_chain::Win;
use smart_agent_store::{
	capacity::ThisMachine,
	plotter::{Cancel, Launcher},
	Order, Owner, Store,
};
use std::sync::Arc;

#[tokio::test(flavor = "multi_thread")]
async fn a_real_plot_wins_with_a_proof_that_is_valid() {
	let folder = tempfile::tempdir().unwrap();
	let owner = Owner {
		genesis: GENESIS,
		device: DEVICE,
	};
	let launcher = Launcher::beside_this_program().unwrap();
	let path = folder.path().join("plots");
	let plotter = launcher.clone();
	let store = tokio::task::spawn_blocking(move || {
		let store = Store::open(&path, owner).unwrap();
		let order = Order {
			k: 18,
			strength: 2,
			numbers: 0..2,
			plots: 1,
			cores: 2,
			nice: 0,
		};
		store
			.create(&order, &plotter, &ThisMachine, &Cancel::default(), &mut |_| ())
			.unwrap();
		store
	});
	let store = Arc::new(store.await.unwrap());
	// A challenge that finds something: seven of eight do, with two plots.
	let found = |challenge: &u8| !store.look(&[*challenge; 32], 0, 1).finds.is_empty();
	let challenge = (1..100u8).find(found).unwrap();
	let finds = store.look(&[challenge; 32], 0, 1).finds.len();
	let plots = StorePlots {
		store: store.clone(),
		launcher,
	};
	let mut world = World::with(Arc::new(plots), 2);
	world.start();
	world.ready().await;
	world
		.node
		.set_rounds(vec![open(Resource::Space, 5, challenge, world.slot + 1, 100)]);
	world.block();
	let node = world.node.clone();
	world.until("all finds are sent", || node.wins().len() == finds).await;
	for (win, times) in node.wins() {
		let Win::Space { group, proof, .. } = win else {
			panic!("{win:?}")
		};
		let plot = owner.plot(18, 2, group, 0);
		let judged = Pos2Proof::judge(&plot, &[challenge; 32], &proof, &[0xff; 32]);
		assert!(judged.is_ok() && times == 1, "{judged:?}");
	}
	world.stop().await.unwrap();
}
