//! `relayer`: calls of others are sent for a fee, or one's own by others. (What carries payments on is `relay`.)

mod call;

use super::{start, Context, Failure};
use crate::cli::RelayerCommand;
use smart_agent_chain::{PairSigner, Signer};
use smart_pay_relayer::{NetDesk, Relayer, Terms};
use std::sync::Arc;
use tokio::{
	net::TcpListener,
	signal::unix::{signal, SignalKind},
};

/// Carries a command out.
///
/// # Errors
/// If this folder is not set up, or neither chain nor relayer are reached; what was refused.
pub(super) async fn run(context: &Context, command: &RelayerCommand) -> Result<(), Failure> {
	match command {
		RelayerCommand::Serve => serve(context).await,
		RelayerCommand::Call(arguments) => call::run(context, arguments).await,
	}
}

async fn serve(context: &Context) -> Result<(), Failure> {
	let config = &context.config.relayer;
	if context.common.dry_run {
		context.terminal.say(&format!(
			"It would answer at http://{}, and send what others sign and pay for from this account, which pays the \
			 fees on chain; {} are earned by each, and after {} were lost in an hour nothing more is taken.",
			config.listen,
			context.currency().exact(config.margin.into()),
			context.currency().exact(config.most_lost.into())
		));
		return Ok(());
	}
	start::logs();
	let keystore = context.keystore()?;
	let owner = context.owner(&keystore)?;
	let signer: Arc<dyn Signer> = Arc::new(PairSigner(owner.pair().clone()));
	let chain = context.connect().await?;
	let listener = TcpListener::bind(config.listen).await.map_err(|error| {
		Failure::other(format!(
			"cannot listen on {}: {error}; choose another address by relayer.listen",
			config.listen
		))
	})?;
	if !config.listen.ip().is_loopback() {
		tracing::warn!("Anybody who reaches {} can ask this relayer", config.listen);
	}
	tracing::info!("{} relays calls at http://{}", keystore.address(), config.listen);
	let terms = Terms {
		margin: config.margin.into(),
		blind: config.blind,
		most_lost: config.most_lost.into(),
	};
	let relayer = Arc::new(Relayer::new(NetDesk::new(chain, signer), terms));
	let mut terminate = signal(SignalKind::terminate()).map_err(|error| Failure::other(error.to_string()))?;
	let end = async move {
		tokio::select! {
			_ = terminate.recv() => (),
			_ = tokio::signal::ctrl_c() => (),
		}
	};
	smart_pay_relayer::serve(listener, relayer, end).await;
	tracing::info!("Ended as told");
	Ok(())
}
