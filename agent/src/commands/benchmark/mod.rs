//! What this machine can do, and so can sell.

use super::{
	context::{existing, launcher, waiting},
	Context, Failure,
};
use crate::{
	cli::BenchmarkArguments,
	run::measure,
	terminal::{bytes, columns, counted, duration, Tone},
};
use serde::Serialize;
use smart_agent_store::{
	capacity::{Capacity, Measure, ThisMachine},
	plotter::{Cancel, Rates},
	Order, Owner, Store, StoreError,
};
use std::{
	fs,
	path::{Path, PathBuf},
	sync::Arc,
	time::{Duration, Instant},
};

/// How long segments are run.
const SEGMENTS: Duration = Duration::from_secs(3);
/// Looks that are measured at most, and for how long.
const LOOKS: u32 = 200;
const LOOK_TIME: Duration = Duration::from_secs(10);
/// Challenges after which a plot without a find would be a wonder: a look has one on average.
const MOST_CHALLENGES: u32 = 1_000;
/// Sizes whose plots are foretold.
const SIZES: [u8; 2] = [28, 26];
/// A window on lasting chains.
const WINDOW: Duration = Duration::from_secs(30);
/// Bytes that a plot of size 28 proves: what scores are counted in.
const GIB: u64 = 1 << 30;

/// For `--json`.
#[derive(Debug, Serialize)]
struct Measured {
	cores: u16,
	segments_a_second: u64,
	segments_a_window: u64,
	claimable_segments: u32,
	plot_size: u8,
	plot_core_milliseconds: u64,
	look_microseconds: u64,
	solve_milliseconds: u64,
	free_disk: u64,
	free_memory: u64,
	sizes: Vec<Size>,
}

#[derive(Debug, Serialize)]
struct Size {
	size: u8,
	/// Whether the memory is enough.
	can_be_made: bool,
	fit: u64,
	/// Of one plot on all cores, foretold.
	seconds_each: u64,
}

/// What was measured of plots.
struct Plotted {
	core_time: Duration,
	look: Duration,
	solve: Duration,
	rates: Rates,
}

/// A folder that is gone when this is.
struct Temporary(PathBuf);

impl Drop for Temporary {
	fn drop(&mut self) {
		// What is left lies in a folder of its own, and says so by its name.
		let _ = fs::remove_dir_all(&self.0);
	}
}

/// Carries out the command.
pub async fn run(context: &Context, arguments: &BenchmarkArguments) -> Result<(), Failure> {
	let cores = arguments
		.cores
		.unwrap_or(context.config.plots.cores.max(context.config.compute.cores));
	let named = arguments
		.folder
		.clone()
		.unwrap_or_else(|| context.config.plots.folder.clone());
	let disk = existing(&named).to_owned();
	let capacity = ThisMachine.measure(&disk)?;
	let terminal = &context.terminal;
	let segments = tokio::task::spawn_blocking(move || measure::segments_a_second(cores, SEGMENTS));
	let segments = waiting(terminal, "Running segments", segments)
		.await
		.map_err(broke_off)?;
	let k = arguments.size;
	let plotted = plots(disk.clone(), k, cores);
	let plotted = waiting(terminal, &format!("Plotting, looking and solving at size {k}"), plotted).await?;
	// Windows of test chains are shorter. That no node answers is no reason to measure nothing.
	let chain = context.connect().await.ok();
	let window = chain.as_ref().map_or(WINDOW, |chain| measure::window(&chain.facts()));
	let known = if chain.is_some() { "" } else { ", as on lasting chains" };
	let result = result((cores, window), k, segments, &plotted, &capacity);
	terminal.facts(&result, |terminal| {
		let strong = |text: String| terminal.toned(Tone::Strong, &text);
		let plot = format!("{} of a core for one of size {k}", duration(plotted.core_time));
		let mut lines = vec![
			(
				"Segments",
				format!(
					"{} a second on {}",
					strong(segments.to_string()),
					counted(cores.into(), "core")
				),
			),
			("Plotting", plot),
			("Looks", format!("{} µs each at size {k}", result.look_microseconds)),
			(
				"Proofs",
				format!("{} each at size {k}, all cores", duration(plotted.solve)),
			),
			(
				"Disk",
				format!("{} may be used at {}", bytes(capacity.disk), disk.display()),
			),
			("Memory", format!("{} are free", bytes(capacity.memory))),
			("", String::new()),
			(
				"Can sell",
				strong(format!(
					"{} segments a window, half of what it does in {}{known}",
					result.claimable_segments,
					duration(window)
				)),
			),
		];
		for size in &result.sizes {
			lines.push(("", of_size(size)));
		}
		columns(&lines)
	});
	Ok(())
}

fn of_size(size: &Size) -> String {
	if !size.can_be_made {
		return format!("no plots of size {}: the memory is too small to make them", size.size);
	}
	let each = Duration::from_secs(size.seconds_each);
	let all = each.saturating_mul(u32::try_from(size.fit).unwrap_or(u32::MAX));
	format!(
		"{} of size {}, {} of space; some {} each, {} for all",
		counted(size.fit, "plot"),
		size.size,
		bytes(size.fit.saturating_mul(space(size.size))),
		duration(each),
		duration(all),
	)
}

/// What a plot counts for: its pieces of 32 KiB.
fn space(k: u8) -> u64 {
	u64::from(proof_of_space_primitives::pos2::pieces(k)).saturating_mul(GIB >> 15)
}

fn result((cores, window): (u16, Duration), k: u8, segments: u64, plotted: &Plotted, capacity: &Capacity) -> Measured {
	let micros = |time: Duration| u64::try_from(time.as_micros()).unwrap_or(u64::MAX);
	let of_size = |size: u8| Size {
		size,
		can_be_made: capacity.memory >= smart_agent_store::capacity::plotting_memory(size),
		fit: capacity.plots(size),
		seconds_each: plotted.rates.expect(size, 2).as_secs() / u64::from(cores.max(1)),
	};
	Measured {
		cores,
		segments_a_second: segments,
		segments_a_window: segments.saturating_mul(window.as_secs()),
		claimable_segments: measure::claim(segments, window),
		plot_size: k,
		plot_core_milliseconds: micros(plotted.core_time) / 1_000,
		look_microseconds: micros(plotted.look),
		solve_milliseconds: micros(plotted.solve) / 1_000,
		free_disk: capacity.disk,
		free_memory: capacity.memory,
		sizes: SIZES.into_iter().map(of_size).collect(),
	}
}

fn broke_off(error: tokio::task::JoinError) -> Failure {
	Failure::other(format!("measuring broke off: {error}; try again"))
}

/// One plot in a folder that goes again.
async fn plots(disk: PathBuf, k: u8, cores: u16) -> Result<Plotted, Failure> {
	let launcher = launcher()?;
	let cancel = Arc::new(Cancel::default());
	let stop = cancel.clone();
	let work = tokio::task::spawn_blocking(move || {
		let folder = Temporary(disk.join(format!("smart-agent-benchmark-{}", std::process::id())));
		let owner = Owner {
			genesis: [1; 32],
			device: [2; 32],
		};
		let store = Store::open(&folder.0, owner)?;
		let order = Order {
			k,
			strength: 2,
			numbers: 0..1,
			plots: 1,
			cores,
			nice: 0,
		};
		store.create(&order, &launcher, &ThisMachine, &stop, &mut |_| ())?;
		let rates = Rates::load(&rates_of(&folder.0));
		let core_time = rates.expect(k, 2);
		let (look, find) = looks(&store);
		let (challenge, find) = find.ok_or(StoreError::OtherChain)?;
		let begin = Instant::now();
		store.solve(&find, &challenge, &launcher, &stop)?;
		Ok::<_, StoreError>(Plotted {
			core_time,
			look,
			solve: begin.elapsed(),
			rates,
		})
	});
	tokio::pin!(work);
	tokio::select! {
		done = &mut work => Ok(done.map_err(broke_off)??),
		_ = tokio::signal::ctrl_c() => {
			cancel.cancel();
			Ok(work.await.map_err(broke_off)??)
		}
	}
}

/// Where a store keeps how long plots took.
fn rates_of(folder: &Path) -> PathBuf {
	folder.join("rates")
}

/// How long a look takes on average, and a find to solve.
fn looks(store: &Store) -> (Duration, Option<([u8; 32], smart_agent_store::Find)>) {
	let (begin, mut count, mut find) = (Instant::now(), 0, None);
	let mut measured = None;
	for number in 0..MOST_CHALLENGES {
		let mut challenge = [0; 32];
		challenge[..4].copy_from_slice(&number.to_le_bytes());
		let looked = store.look(&challenge, 0, 1);
		count += 1;
		find = find.or_else(|| looked.finds.into_iter().next().map(|find| (challenge, find)));
		if measured.is_none() && (count >= LOOKS || begin.elapsed() >= LOOK_TIME) {
			measured = Some(begin.elapsed() / count);
		}
		if measured.is_some() && find.is_some() {
			break;
		}
	}
	(measured.unwrap_or_else(|| begin.elapsed() / count.max(1)), find)
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn a_temporary_folder_goes() {
		let folder = tempfile::tempdir().unwrap();
		let path = folder.path().join("x");
		fs::create_dir(&path).unwrap();
		drop(Temporary(path.clone()));
		assert!(!path.exists());
	}

	/// Windows of test chains have 6 s: who claims by those of others claims five times too much.
	#[test]
	fn a_window_is_the_chains() {
		let second = Duration::from_secs(1);
		let plotted = Plotted {
			core_time: second,
			look: second,
			solve: second,
			rates: Rates::default(),
		};
		let capacity = Capacity { disk: 0, memory: 0 };
		let told = result((2, Duration::from_secs(6)), 18, 100, &plotted, &capacity);
		assert_eq!((told.segments_a_window, told.claimable_segments), (600, 300));
	}

	#[test]
	fn what_can_be_sold_is_said() {
		let size = Size {
			size: 28,
			can_be_made: true,
			fit: 100,
			seconds_each: 60,
		};
		let said = of_size(&size);
		assert!(
			said.starts_with("100 plots of size 28") && said.contains("1 h 40 min for all"),
			"{said}"
		);
		assert!(of_size(&Size {
			can_be_made: false,
			..size
		})
		.contains("memory"));
		assert!(
			space(28) > 900 << 20 && space(28) < 1 << 30,
			"a plot of size 28 has 0.93 GiB"
		);
	}
}
