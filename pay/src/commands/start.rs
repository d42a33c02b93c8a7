//! `run`: the daemon with all that it needs around it.

use super::{Context, Failure};
use rand_core::{OsRng, RngCore};
use smart_agent_chain::{Chain, NodeUrl, PairSigner, Signer};
use smart_agent_terminal::duration;
use smart_pay_api::Api;
use smart_pay_chain::Net;
use smart_pay_daemon::{Daemon, Ended, NoiseWire, Setup};
use smart_pay_store::{ChannelStore, Options};
use smart_pay_wire::Listener;
use std::{env, sync::Arc, time::Duration};
use tokio::{
	net::TcpListener,
	signal::unix::{signal, SignalKind},
	sync::mpsc,
	time::sleep,
};
use tracing_subscriber::EnvFilter;

/// Pauses before a node is tried again that never answered: the first, and the longest.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);
/// Questions that wait.
const MOST_ASKED: usize = 64;

/// Runs the daemon until it is told to end.
///
/// # Errors
/// If this folder is not set up, another daemon has its store, or a port is taken. That no node answers is none: it is
/// waited for, and payments without locks go on meanwhile.
pub(super) async fn run(context: &Context) -> Result<(), Failure> {
	if context.common.dry_run {
		context
			.terminal
			.say("It would open the store, listen, and follow the chain; it signs what partners and commands bring.");
		return Ok(());
	}
	logs();
	let (keys, genesis, keystore) = (context.keys()?, context.genesis()?, context.keystore()?);
	let owner = context.owner(&keystore)?;
	let signer: Arc<dyn Signer> = Arc::new(PairSigner(owner.pair().clone()));
	let account = keystore.account();
	let folder = context.folder.join("channels");
	let store = ChannelStore::open(&folder, &Options::new(genesis, account))?;
	let (wire, events) = wire(context, &keys.hot, genesis).await?;
	let (asking, asked) = mpsc::channel(MOST_ASKED);
	let api = Api::bind(context.config.api.listen, &context.folder, asking).await;
	let api = api.map_err(|error| Failure::other(error.to_string()))?;
	tracing::info!(
		"smart-pay {}, account {}, commands and figures at http://{}",
		env!("CARGO_PKG_VERSION"),
		keystore.address(),
		api.address()
	);
	let (ledgers, receiver) = mpsc::channel(1);
	let (urls, chain_signer) = (context.nodes()?, signer.clone());
	let connecting = tokio::spawn(async move { connect(urls, genesis, chain_signer, ledgers).await });
	let serving = tokio::spawn(api.serve());
	let daemon = Daemon::new(Setup {
		account,
		signer: Some(signer),
		keys: keys.hot,
		invoices: keys.invoices,
		genesis,
		config: context.config.clone(),
		folder: context.folder.clone(),
		store,
		ledgers: receiver,
		wire: Arc::new(wire),
		events,
		asked,
	})?;
	let mut terminate = signal(SignalKind::terminate()).map_err(|error| Failure::other(error.to_string()))?;
	let ended = tokio::select! {
		ended = daemon.run() => ended,
		_ = terminate.recv() => Ended::Told,
		_ = tokio::signal::ctrl_c() => Ended::Told,
	};
	connecting.abort();
	serving.abort();
	match ended {
		Ended::Told => {
			tracing::info!("Ended as told");
			Ok(())
		}
		other => Err(Failure::other(other.to_string())),
	}
}

/// Levels by `SMART_PAY_LOG`, such as `debug`.
pub(super) fn logs() {
	let level = env::var("SMART_PAY_LOG").unwrap_or_else(|_| "info".into());
	let filter = EnvFilter::try_new(&level).unwrap_or_else(|_| EnvFilter::new("info"));
	// It fails if it was set before.
	let _ = tracing_subscriber::fmt()
		.with_env_filter(filter)
		.with_writer(std::io::stderr)
		.try_init();
}

async fn wire(
	context: &Context,
	keys: &smart_pay_store::HotKeys,
	genesis: [u8; 32],
) -> Result<(NoiseWire, mpsc::Receiver<smart_pay_frames::wire::WireEvent>), Failure> {
	let listen = &context.config.node.listen;
	let listener = if listen.is_empty() {
		None
	} else {
		let bound = TcpListener::bind(listen.as_str()).await.map_err(|error| {
			Failure::other(format!(
				"cannot listen on {listen}: {error}; choose another port by node.listen"
			))
		})?;
		tracing::info!("Partners connect at {listen}");
		Some(Listener::Tcp(bound))
	};
	// A number of this start: of two copies of a folder each has its own, so that a second program is told by it.
	let writer = OsRng.next_u64();
	NoiseWire::start(keys.node_secret(), genesis, writer, listener).map_err(|error| Failure::other(error.to_string()))
}

/// Tries the nodes until one answers that is of the chain.
async fn connect(urls: Vec<NodeUrl>, genesis: [u8; 32], signer: Arc<dyn Signer>, ledgers: mpsc::Sender<Arc<Net>>) {
	let mut pause = FIRST_PAUSE;
	loop {
		match Chain::connect(&urls, Some(genesis.into())).await {
			Ok(chain) => {
				tracing::info!("Connected with {}", chain.facts().url);
				let _ = ledgers.send(Arc::new(Net::new(chain, signer))).await;
				return;
			}
			Err(error) => tracing::warn!("{error}; the next try is in {}", duration(pause)),
		}
		sleep(pause).await;
		pause = pause.saturating_mul(2).min(LONGEST_PAUSE);
	}
}
