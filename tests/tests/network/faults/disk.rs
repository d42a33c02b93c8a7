//! A disk that is full, and what is there afterwards.

use crate::seconds;
use smartchain_tests::{ensure, wait, Error, Network, NodeConfig, Result, Wiring};
use std::{
	fs,
	io::Write,
	path::{Path, PathBuf},
	process::Command,
};

/// A file system of its own, small enough to fill.
struct SmallDisk(PathBuf);

impl SmallDisk {
	fn mount(at: PathBuf, megabytes: u32) -> Result<Self> {
		fs::create_dir_all(&at)?;
		let options = format!("size={megabytes}m");
		let output = Command::new("mount")
			.args(["-t", "tmpfs", "-o", &options, "smartchain-test"])
			.arg(&at)
			.output()?;
		ensure!(
			output.status.success(),
			"mount: {}",
			String::from_utf8_lossy(&output.stderr).trim()
		);
		Ok(Self(at))
	}

	/// Takes all the space that is left, a little at a time.
	fn fill(&self) -> Result<PathBuf> {
		let path = self.0.join("filler");
		let mut file = fs::File::create(&path)?;
		let block = vec![0x5a; 4096];
		while file.write_all(&block).is_ok() {}
		Ok(path)
	}
}

impl Drop for SmallDisk {
	fn drop(&mut self) {
		let _ = Command::new("umount").arg("--lazy").arg(&self.0).status();
	}
}

/// The final block's height and hash, as far as the node knows.
async fn finalized(network: &Network) -> Result<(u32, sp_core::H256)> {
	let header = network.rpc(0)?.finalized().await?;
	Ok((header.number, header.hash()))
}

fn dev_node(base_path: &Path) -> Result<NodeConfig> {
	let mut config = NodeConfig::new("small-disk")?.validator("alice");
	config.chain = "dev".to_string();
	config.base_path = Some(base_path.to_path_buf());
	Ok(config)
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "real processes; `scripts/test network` runs it"]
async fn a_full_disk_leaves_a_node_that_starts_again() {
	wait::bounded("a_full_disk_leaves_a_node_that_starts_again", seconds(240), async {
		let dir = tempfile::tempdir()?;
		// Before the network, so that it is taken down after the node.
		let disk = match SmallDisk::mount(dir.path().join("disk"), 256) {
			Ok(disk) => disk,
			Err(error) => {
				eprintln!("\n!!! SKIPPED: a full disk\n!!! no small file system can be had here: {error}\n");
				return Ok(());
			}
		};
		let mut network = Network::empty(Wiring::Direct, 0)?;
		network.start_node(dev_node(&disk.0)?)?;
		network.ready().await?;
		let watcher = network.watch(0).await?;
		watcher.until_more_final(20, seconds(60)).await?;
		let (number, hash) = finalized(&network).await?;

		let filler = disk.fill()?;
		// Whether it dies of it or only stops is its own choice; it must not go on as if nothing were.
		let stopped = wait::until("the node to notice", seconds(60), || async {
			let before = watcher.heights();
			tokio::time::sleep(seconds(5)).await;
			let now = watcher.heights();
			Ok((now.ended || now == before).then_some(now))
		})
		.await;
		let ended = network.node_mut(0).exit_status()?;
		eprintln!("with a full disk: {stopped:?}, {ended:?}");
		network.node_mut(0).kill();

		// And it must not be the test that helps it by a tidy end: it was killed. With room again, it starts and goes
		// on.
		fs::remove_file(filler)?;
		network.restart(0).await?;
		let watcher = network.watch(0).await?;
		watcher
			.until("the chain to grow on", seconds(60), |now| now.finalized > number + 20)
			.await?;
		let kept = network.rpc(0)?.hash_at(number).await?;
		let kept = kept.ok_or_else(|| Error::new("what was final is lost"))?;
		ensure!(kept == hash, "block {number} was final as {hash:?} and is {kept:?} now");
		network.node_mut(0).finish()?;
		drop(network);
		drop(disk);
		Ok(())
	})
	.await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "real processes; `scripts/test network` runs it"]
async fn a_killed_single_node_starts_again_and_keeps_what_was_final() {
	wait::bounded_beside_another(
		"a_killed_single_node_starts_again_and_keeps_what_was_final",
		seconds(150),
		async {
			let dir = tempfile::tempdir()?;
			let mut network = Network::empty(Wiring::Direct, 0)?;
			network.start_node(dev_node(&dir.path().join("data"))?)?;
			network.ready().await?;
			for _ in 0..4 {
				network.watch(0).await?.until_more_final(10, seconds(60)).await?;
				let (number, hash) = finalized(&network).await?;
				network.node_mut(0).kill();
				network.restart(0).await?;
				let watcher = network.watch(0).await?;
				watcher
					.until("the chain to grow on", seconds(60), |now| now.finalized > number)
					.await?;
				let kept = network.rpc(0)?.hash_at(number).await?;
				ensure!(
					kept == Some(hash),
					"block {number} was final as {hash:?} and is {kept:?} now"
				);
			}
			network.finish().await
		},
	)
	.await;
}
