//! `run`: what the daemon needs before its work, and how it is told to end.

use super::{context::launcher, plot, Code, Context, Failure};
use crate::{
	ledger::{self, Ledger},
	page::PageServer,
	run::{run_until, PlotStore, Setup, StorePlots},
	status::{self, Funds, Problem, Severity, StatusHandle},
	storage::{unsold_problem, UNSOLD},
};
use device_primitives::{DeviceId, Did};
use smart_agent_chain::{Chain, ChainError};
use smart_agent_store::{
	capacity::{Measure, ThisMachine},
	Store,
};
use std::{
	env,
	future::Future,
	os::{
		linux::net::SocketAddrExt,
		unix::{ffi::OsStrExt, net::SocketAddr, net::UnixDatagram},
	},
	path::PathBuf,
	pin::Pin,
	sync::Arc,
	time::Duration,
};
use tokio::{
	signal::unix::{signal, SignalKind},
	task::JoinHandle,
};
use tracing_subscriber::EnvFilter;

/// Pauses before a node is tried again that never answered: the first, and the longest.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);
/// What is said of a data folder that was moved or copied, once,
const COPIED: &str = "another machine used this data folder before";
/// and what to do about it.
const ONE_AGENT: &str = "see that no agent runs there any more: two with one key spoil each other's wins; if it ended \
                         there, all is well, and this is not said again";
/// How often money and disk are looked at, for the status.
const LOOK: Duration = Duration::from_secs(30);

/// Runs the daemon until it is told to end.
///
/// # Errors
/// If this folder is not set up, another agent runs, or the chain is another one. That no node answers is none: it is
/// waited for.
pub(super) async fn run(context: &Context) -> Result<(), Failure> {
	logs(context)?;
	let (secret, genesis) = (context.device_secret()?, context.genesis()?);
	let plots = plots(context)?;
	let opened = StatusHandle::open(context.folder.path());
	if let Some(fault) = &opened.fault {
		tracing::warn!("{fault}");
	}
	let handle = opened.handle;
	if let Some(what) = plot::lost(context) {
		tracing::warn!("{what}; {}", plot::REMEDY);
		handle.problem(Problem::new(Severity::Warning, "plots-folder", what, plot::REMEDY));
	}
	introduce(context, &handle, DeviceId(secret.id()), &genesis)?;
	let page = PageServer::bind(context.config.status.listen, handle.clone()).await;
	let page = page.map_err(|error| Failure::other(error.to_string()))?;
	tracing::info!(
		"smart-agent {}, device `{}`, page http://{}",
		env!("CARGO_PKG_VERSION"),
		secret.name(),
		page.address()
	);
	// They end with the process; the page's visitors are told nothing more.
	let side = [
		tokio::spawn(page.serve(std::future::pending())),
		tokio::spawn(status::keep(handle.clone())),
		tokio::spawn(status::follow_making(handle.clone(), context.folder.path().to_owned())),
	];
	let mut end: End = Box::pin(told_to_end()?);
	notify("READY=1");
	let Some(chain) = reach(context, genesis, &handle, &mut end).await? else {
		return Ok(());
	};
	if let Some(error) = chain.check_runtime().into_iter().next() {
		return Err(error.into());
	}
	handle.update(|status| status.chain.name = chain.facts().chain);
	let folder = context.config.plots.folder.clone();
	let looking = tokio::spawn(look_after(folder, chain.clone(), secret.id(), handle.clone()));
	let earning = tokio::spawn(crate::earnings::keep(
		context.clone(),
		chain.clone(),
		secret.id(),
		handle.clone(),
	));
	let selling = crate::storage::start(context, &chain, secret.pair(), &handle);
	let computing = crate::work::start(context, &chain, secret.pair(), &handle);
	let setup = Setup {
		node: Arc::new(chain),
		plots,
		device: DeviceId(secret.id()),
		key: secret.pair().clone(),
		state: context.folder.state(),
		status: handle,
		look_threads: context.config.plots.threads.into(),
		compute_threads: context.config.compute.cores.into(),
		segments: context.config.compute.segments,
		uptime: context.config.uptime.enabled,
	};
	let ended = run_until(setup, end).await;
	for part in [selling, computing].into_iter().flatten() {
		part.end().await;
	}
	looking.abort();
	earning.abort();
	side.iter().for_each(|task| task.abort());
	ended.map_err(|error| Failure::other(error.to_string()))?;
	tracing::info!("Ended as told");
	Ok(())
}

/// Puts whose page it is into the status: whoever asks before a node is reached has to see it.
fn introduce(context: &Context, handle: &StatusHandle, id: DeviceId, genesis: &[u8; 32]) -> Result<(), Failure> {
	let folder = context.make_folder_id()?;
	if context.was_elsewhere(super::context::machine().as_deref())? {
		tracing::warn!("{COPIED}; {ONE_AGENT}");
		handle.problem(Problem::new(Severity::Warning, "copied", COPIED, ONE_AGENT));
	}
	handle.update(|status| {
		status.agent.folder = folder;
		status.device = Some(status::Device {
			id: sp_core::bytes::to_hex(&id.0, false),
			did: Did::new(genesis, id).to_string(),
			owner: String::new(),
			state: status::DeviceState::Unknown,
		});
	});
	Ok(())
}

type End = Pin<Box<dyn Future<Output = ()> + Send>>;

/// The plots, if this machine has a store.
fn plots(context: &Context) -> Result<Option<Arc<dyn PlotStore>>, Failure> {
	if !context.has_store() {
		if plot::lost(context).is_some() {
			return Ok(None);
		}
		tracing::info!("There are no plots; `smart-agent plot create` makes some; start this again after it");
		return Ok(None);
	}
	let store = Arc::new(context.store(Store::open)?);
	plot::remember(context)?;
	Ok(Some(Arc::new(StorePlots {
		store,
		launcher: launcher()?,
	})))
}

/// Connects, however long that takes; none if it was told to end meanwhile.
async fn reach(
	context: &Context,
	genesis: [u8; 32],
	handle: &StatusHandle,
	end: &mut End,
) -> Result<Option<Chain>, Failure> {
	let mut pause = FIRST_PAUSE;
	loop {
		let connected = tokio::select! {
			() = &mut *end => return Ok(None),
			connected = ledger::connect(&context.config.chain.nodes, Some(genesis)) => connected,
		};
		match connected {
			Ok(chain) => return Ok(Some(chain)),
			Err(error @ (ChainError::NoNode { .. } | ChainError::Lost { .. } | ChainError::Timeout { .. })) => {
				tracing::warn!("{error}. It is tried again in {} s", pause.as_secs());
				let remedy = "it is tried again all the time; see whether the node runs, and chain.nodes";
				handle.problem(Problem::new(Severity::Error, "node", error.to_string(), remedy));
			}
			Err(error) => return Err(error.into()),
		}
		tokio::select! {
			() = &mut *end => return Ok(None),
			() = tokio::time::sleep(pause) => pause = (pause * 2).min(LONGEST_PAUSE),
		}
	}
}

/// Keeps in the status what the owner's account has, and what is free on the disk. What is not known stays as it was.
async fn look_after(folder: PathBuf, chain: Chain, device: [u8; 32], handle: StatusHandle) {
	let ledger: &dyn Ledger = &chain;
	let mut measuring: Option<JoinHandle<()>> = None;
	loop {
		// A disk may hang for good: then one thread waits for it, and no worker of the rest.
		if measuring.as_ref().is_none_or(JoinHandle::is_finished) {
			let (folder, handle) = (folder.clone(), handle.clone());
			measuring = Some(tokio::task::spawn_blocking(move || {
				let free = ThisMachine.measure(super::context::existing(&folder)).ok();
				handle.beside(|status| status.plots.free_bytes = free.map(|capacity| capacity.disk));
			}));
		}
		if let Ok(told) = crate::storage::unsold(&chain, &DeviceId(device)).await {
			handle.beside(|status| {
				status.problems.retain(|problem| problem.code != UNSOLD);
				status.problems.extend(unsold_problem(told));
			});
		}
		if let Ok(Some(registered)) = ledger.device(&device).await {
			if let (Ok(account), Ok(prices)) = (ledger.account(registered.owner.as_ref()).await, ledger.prices()) {
				let funds = Funds {
					free: account.spendable(prices.existential_deposit),
					held: account.reserved,
				};
				handle.beside(|status| status.funds = Some(funds));
			}
		}
		tokio::time::sleep(LOOK).await;
	}
}

/// Logs go to the standard error: a service's journal takes them from there.
///
/// # Errors
/// If the configured level is none.
fn logs(context: &Context) -> Result<(), Failure> {
	let level = &context.config.log.level;
	let wrong = |why: String| {
		Failure::new(
			Code::Usage,
			format!("log.level is `{level}`: {why}; write error, warn, info, debug or trace, or info,chain=debug"),
		)
	};
	let filter = EnvFilter::try_new(level).map_err(|error| wrong(error.to_string()))?;
	// systemd's journal has times of its own.
	let journal = env::var_os("JOURNAL_STREAM").is_some();
	let builder = tracing_subscriber::fmt()
		.with_env_filter(filter)
		.with_writer(std::io::stderr)
		.with_ansi(context.terminal.draws());
	let set = match journal {
		true => builder.without_time().try_init(),
		false => builder.try_init(),
	};
	set.map_err(|error| Failure::other(format!("cannot log: {error}")))
}

/// Tells systemd how far the service is, if it was started by that: `READY=1`, `STOPPING=1`.
fn notify(state: &str) {
	let Some(name) = env::var_os("NOTIFY_SOCKET") else {
		return;
	};
	let address = match name.as_bytes() {
		[b'@', rest @ ..] => SocketAddr::from_abstract_name(rest),
		path => SocketAddr::from_pathname(std::path::Path::new(std::ffi::OsStr::from_bytes(path))),
	};
	let sent = address.and_then(|address| UnixDatagram::unbound()?.send_to_addr(state.as_bytes(), &address));
	if let Err(error) = sent {
		tracing::warn!("systemd could not be told {state}: {error}; see NotifyAccess of the unit");
	}
}

/// Is there as soon as somebody wants an end: Ctrl-C, or a service's stop. Signals are listened for from now on.
///
/// # Errors
/// If signals cannot be had.
fn told_to_end() -> Result<impl Future<Output = ()> + Send, Failure> {
	let of = |kind| signal(kind).map_err(|error| Failure::other(format!("cannot listen for signals: {error}")));
	let (mut interrupt, mut terminate) = (of(SignalKind::interrupt())?, of(SignalKind::terminate())?);
	Ok(async move {
		tokio::select! {
			_ = interrupt.recv() => (),
			_ = terminate.recv() => (),
		}
		notify("STOPPING=1");
	})
}

#[cfg(test)]
mod tests {
	use super::*;
	use std::time::Duration;

	/// In a process of its own there would be more to set up; the name is this test's alone.
	#[test]
	fn systemd_is_told() {
		let folder = tempfile::tempdir().unwrap();
		let path = folder.path().join("notify");
		let socket = UnixDatagram::bind(&path).unwrap();
		socket.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
		env::set_var("NOTIFY_SOCKET", &path);
		notify("READY=1");
		env::remove_var("NOTIFY_SOCKET");
		let mut buffer = [0; 64];
		let length = socket.recv(&mut buffer).unwrap();
		assert_eq!(&buffer[..length], b"READY=1");
		// Without a socket there is nobody to tell.
		notify("READY=1");
	}
}
