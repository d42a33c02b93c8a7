//! Folders stored and brought back by `smart`, over eight of eleven agents, beside Tahoe-LAFS, curl and restic.

use super::{
	folder::Source,
	market::{number_of, Market},
	peers::{curl::Nginx, restic, tahoe::Grid, Carried, CARRIED},
	usage::{run, Used},
};
use crate::report::{Row, FAILED};
use smartchain_tests::{Error, Result};
use std::{
	path::Path,
	time::{Duration, Instant},
};
use storage_market_primitives::{DealId, Stage};

/// How often the chain is looked at while something is stored.
const OFTEN: Duration = Duration::from_millis(50);
/// For how long it is stored: longer than all of this takes, on a chain whose eras are short.
pub const LASTS: &str = "2d";
/// What is asked of the memory of a client or an agent.
pub const ASKED_OF_MEMORY: &str = "<= 128 MiB";

/// How much is stored.
#[derive(Clone, Copy)]
pub struct Plan {
	/// Bytes of all files.
	pub bytes: u64,
	/// How many files, where there are many.
	pub files: u64,
}

/// What storing took.
pub struct Put {
	/// The number of the deal.
	pub deal: DealId,
	/// All of it.
	pub used: Used,
	/// From when all devices are drawn until the roots are in a block: seconds.
	pub carrying: f64,
}

/// When the deal came how far, by the best block.
#[derive(Default)]
struct Stages {
	drawn: Option<Instant>,
	rooted: Option<Instant>,
}

impl Stages {
	/// Looks at the newest deal, if it is newer than this.
	async fn look(&mut self, market: &Market, before: DealId) -> Result<()> {
		if self.rooted.is_some() {
			return Ok(());
		}
		let newest = market.newest().await?;
		if newest <= before {
			return Ok(());
		}
		let Some(deal) = market.deal(newest).await? else {
			return Ok(());
		};
		let now = Instant::now();
		if !matches!(deal.stage, Stage::Placing { .. }) {
			self.drawn.get_or_insert(now);
		}
		if deal.rooted {
			self.rooted = Some(now);
		}
		Ok(())
	}

	fn carrying(&self) -> Result<f64> {
		match (self.drawn, self.rooted) {
			(Some(drawn), Some(rooted)) => Ok(rooted.duration_since(drawn).as_secs_f64()),
			_ => Err(Error::new("the chain was not seen to take the roots")),
		}
	}
}

/// Stores a folder.
///
/// # Errors
/// If that fails, or not all slots are held then.
pub async fn put(market: &Market, source: &Source) -> Result<Put> {
	let before = market.newest().await?;
	let folder = source.folder.display().to_string();
	let command = market.buyer.command(&["put", &folder, "--for", LASTS])?;
	let mut stages = Stages::default();
	let putting = run(&command, CARRIED);
	tokio::pin!(putting);
	let (used, said) = loop {
		tokio::select! {
			ended = &mut putting => break ended?,
			() = tokio::time::sleep(OFTEN) => stages.look(market, before).await?,
		}
	};
	// What came between the last look and the end is seen now.
	stages.look(market, before).await?;
	Ok(Put {
		deal: number_of(&said)?,
		used,
		carrying: stages.carrying()?,
	})
}

/// Brings a deal back, compares it, and removes it.
///
/// # Errors
/// If that fails, or something differs.
pub async fn get(market: &Market, deal: DealId, source: &Source, place: &Path) -> Result<Used> {
	let back = place.join("back");
	let (number, folder) = (deal.to_string(), back.display().to_string());
	let command = market.buyer.command(&["get", &number, &folder])?;
	let (used, _) = run(&command, CARRIED).await?;
	source.compare(&back)?;
	std::fs::remove_dir_all(&back)?;
	Ok(used)
}

/// What `smart` and the agents took.
struct Ours {
	put: Put,
	get: Used,
	/// The most memory of an agent.
	agents: u64,
}

async fn ours(market: &Market, source: &Source, place: &Path) -> Result<Ours> {
	market.forget_peaks()?;
	let put = put(market, source).await?;
	let get = get(market, put.deal, source, place).await?;
	Ok(Ours {
		put,
		get,
		agents: market.peak()?,
	})
}

/// Seconds and rate of so many bytes of what is stored, as multiples of what peers had.
fn beside(bytes: u64, seconds: f64, peers: &[(&str, Option<f64>)]) -> String {
	let rate = bytes as f64 / 1e6 / seconds.max(f64::MIN_POSITIVE);
	let mut said = format!("{seconds:.2} s, {rate:.0} MB/s");
	for (name, peer) in peers.iter().filter_map(|(name, peer)| Some((name, (*peer)?))) {
		said += &format!("; {:.2} x {name}", peer / seconds.max(f64::MIN_POSITIVE));
	}
	said
}

/// What peers had with the same folder.
struct Peers<'a> {
	tahoe: &'a Result<Carried>,
	curl: &'a Result<Carried>,
	restic: &'a Result<Carried>,
}

impl Peers<'_> {
	fn seconds(of: &Result<Carried>, which: fn(&Carried) -> Used) -> Option<f64> {
		of.as_ref().ok().map(|carried| which(carried).wall)
	}

	/// Those that speed is compared with.
	fn by(&self, which: fn(&Carried) -> Used) -> [(&'static str, Option<f64>); 2] {
		[
			("Tahoe-LAFS", Self::seconds(self.tahoe, which)),
			("curl", Self::seconds(self.curl, which)),
		]
	}

	/// Seconds of processors, as a multiple of what restic had.
	fn cpu(&self, ours: Used, which: fn(&Carried) -> Used) -> String {
		let ours = ours.cpu;
		match self.restic {
			Ok(restic) => format!(
				"{ours:.1} s, {:.2} x restic",
				ours / which(restic).cpu.max(f64::MIN_POSITIVE)
			),
			Err(_) => format!("{ours:.1} s"),
		}
	}

	/// A row for what each had, or why it had nothing.
	fn rows(&self, source: &Source) -> Vec<Row> {
		let name = source.name();
		let all = [
			("Tahoe-LAFS 1.20.0, 4 of 8", self.tahoe),
			(
				"curl and nginx, equal bytes: all slots put and synced, four got",
				self.curl,
			),
			("restic, `--compression off`, on `rclone serve restic`", self.restic),
		];
		let rows = all.into_iter().map(|(peer, carried)| {
			let said = match carried {
				Ok(Carried { put, get }) => format!(
					"put {}; get {}; {:.1} and {:.1} CPU s; {} MiB",
					beside(source.bytes, put.wall, &[]),
					beside(source.bytes, get.wall, &[]),
					put.cpu,
					get.cpu,
					put.peak.max(get.peak) >> 20
				),
				Err(error) => format!("{FAILED}: {error}"),
			};
			Row::new(format!("{name}, {peer}"), "", said)
		});
		rows.collect()
	}
}

fn report(source: &Source, ours: &Ours, peers: &Peers) -> Vec<Row> {
	let (name, bytes) = (source.name(), source.bytes);
	let (asked_put, asked_get) = match source.files {
		1 => (">= 2 x Tahoe-LAFS, >= 0.4 x curl", ">= 2 x Tahoe-LAFS, >= 0.3 x curl"),
		_ => (">= 5 x Tahoe-LAFS, >= 0.4 x curl", ">= 5 x Tahoe-LAFS, >= 0.3 x curl"),
	};
	let by_put = peers.by(|carried| carried.put);
	let by_get = peers.by(|carried| carried.get);
	let mut rows = vec![
		Row::new(
			format!("{name}: `smart put` over eight agents, from the command to its end"),
			asked_put,
			beside(bytes, ours.put.used.wall, &by_put),
		),
		Row::new(
			format!("{name}: of that, from the devices drawn to the roots in a block"),
			asked_put,
			beside(bytes, ours.put.carrying, &by_put),
		),
		Row::new(
			format!("{name}: `smart get`, from the command to its end"),
			asked_get,
			beside(bytes, ours.get.wall, &by_get),
		),
		Row::new(
			format!("{name}: CPU of the client, put and get"),
			"<= restic",
			format!(
				"{}; {}",
				peers.cpu(ours.put.used, |carried| carried.put),
				peers.cpu(ours.get, |carried| carried.get)
			),
		),
		Row::new(
			format!("{name}: the most memory, of the client in put and get, and of an agent"),
			ASKED_OF_MEMORY,
			format!(
				"{}, {}, {} MiB",
				ours.put.used.peak >> 20,
				ours.get.peak >> 20,
				ours.agents >> 20
			),
		),
	];
	rows.extend(peers.rows(source));
	rows
}

/// The same error again, for each that asks.
fn again<T>(error: &Error) -> Result<T> {
	Err(Error::new(error.to_string()))
}

/// What was measured.
pub async fn rows(market: &Market, plan: &Plan) -> Result<Vec<Row>> {
	let place = tempfile::tempdir()?;
	eprintln!("  curl and nginx ...");
	let curl = match Nginx::start() {
		Ok(nginx) => nginx.carry(plan.bytes).await,
		Err(error) => Err(error),
	};
	eprintln!("  a grid of Tahoe-LAFS ...");
	let grid = Grid::start().await;
	let mut rows = Vec::new();
	for files in [plan.files, 1] {
		let source = Source::make(place.path(), plan.bytes, files)?;
		eprintln!("  {}: smart ...", source.name());
		let ours = ours(market, &source, place.path()).await?;
		eprintln!("  {}: Tahoe-LAFS ...", source.name());
		let tahoe = match &grid {
			Ok(grid) => grid.carry(&source).await,
			Err(error) => again(error),
		};
		eprintln!("  {}: restic ...", source.name());
		let restic = restic::carry(&source).await;
		let peers = Peers {
			tahoe: &tahoe,
			curl: &curl,
			restic: &restic,
		};
		rows.extend(report(&source, &ours, &peers));
		std::fs::remove_dir_all(&source.folder)?;
	}
	Ok(rows)
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn rates_stand_beside_those_of_peers_that_there_are() {
		let peers = [("Tahoe-LAFS", Some(20.0)), ("curl", None)];
		assert_eq!(
			beside(1_000_000_000, 4.0, &peers),
			"4.00 s, 250 MB/s; 5.00 x Tahoe-LAFS"
		);
	}

	#[test]
	fn a_peer_that_is_not_there_is_a_row_that_says_so() {
		let used = Used {
			wall: 2.0,
			cpu: 1.0,
			peak: 1 << 20,
		};
		let there = Ok(Carried { put: used, get: used });
		let missing = Err(Error::new("not installed"));
		let peers = Peers {
			tahoe: &missing,
			curl: &there,
			restic: &missing,
		};
		let source = Source {
			folder: "/nowhere".into(),
			bytes: 1 << 30,
			files: 1,
		};
		let ours = Ours {
			put: Put {
				deal: 1,
				used,
				carrying: 1.0,
			},
			get: used,
			agents: 3 << 20,
		};
		let rows = report(&source, &ours, &peers);
		assert_eq!(rows.len(), 8);
		assert!(rows[5].measured.starts_with(FAILED), "{}", rows[5].measured);
		assert!(rows[0].measured.ends_with("; 1.00 x curl"), "{}", rows[0].measured);
		assert_eq!(rows[4].measured, "1, 1, 3 MiB");
	}
}
