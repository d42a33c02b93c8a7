//! What an agent costs that has nothing to do.

use super::World;
use std::{fs, time::Duration};
use tokio::time::{interval, sleep};

/// Processor time of this process in clock ticks of 10 ms, and its memory in KiB.
fn used() -> (u64, u64) {
	let stat = fs::read_to_string("/proc/self/stat").unwrap();
	// The name may have blanks; what follows it has none.
	let fields: Vec<&str> = stat.rsplit_once(')').unwrap().1.split_whitespace().collect();
	let number = |at: usize| fields[at].parse::<u64>().unwrap();
	let status = fs::read_to_string("/proc/self/status").unwrap();
	let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
	let memory = line.split_whitespace().next().unwrap().parse().unwrap();
	(number(11) + number(12), memory)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "takes half a minute and prints figures"]
async fn idle() {
	let mut world = World::new(1_000);
	world.start();
	world.ready().await;
	sleep(Duration::from_secs(2)).await;
	let (before, _) = used();
	let mut slots = interval(Duration::from_millis(500));
	for _ in 0..60 {
		slots.tick().await;
		world.block();
	}
	let (after, memory) = used();
	// 30 s are 3,000 ticks.
	let thousandths = (after - before) / 3;
	println!("with 1,000 plots listed: {thousandths} thousandths of a core, {memory} KiB");
	assert!(thousandths < 10 && memory < 60 << 10);
}
