//! In `run`: starts the market's part, and has the owner's account sign if that is configured.

use crate::{
	commands::{Context, Failure},
	config::ClaimWhen,
	keys::{self, Keystore, Owner},
	status::{Problem, Severity, StatusHandle},
};
use async_trait::async_trait;
use device_primitives::DeviceId;
use smart_agent_chain::{Call, Chain, ChainError, NamedCall, PairSigner, Result};
use smart_agent_storage::{check_runtime, run_until, Hand, Setup};
use sp_core::sr25519;
use std::{path::PathBuf, sync::Arc};
use tokio::{sync::oneshot, task::JoinHandle};

/// The market's part while it runs.
pub(crate) struct Selling {
	end: oneshot::Sender<()>,
	task: JoinHandle<()>,
}

impl Selling {
	/// Has what is being written written, and waits for that.
	pub async fn end(self) {
		// It may have ended by itself.
		let _ = self.end.send(());
		let _ = self.task.await;
	}
}

/// Starts to sell storage, if that is configured. That it cannot is a problem of its own: wins are not concerned.
pub(crate) fn start(context: &Context, chain: &Chain, key: &sr25519::Pair, handle: &StatusHandle) -> Option<Selling> {
	if !context.config.storage.enabled {
		return None;
	}
	if let Some(error) = check_runtime(chain).into_iter().next() {
		let remedy = "update whichever of node and smart-agent is older; wins are not concerned";
		tracing::error!("No storage is sold: {error}");
		handle.problem(Problem::new(Severity::Error, "storage", error.to_string(), remedy));
		return None;
	}
	let setup = Setup {
		node: Arc::new(chain.clone()),
		folder: context.config.storage.folder.clone(),
		state: context.folder.market(),
		device: DeviceId(key_id(key)),
		key: key.clone(),
		listen: context.config.storage.listen,
		hand: hand(context, chain),
		scrub_hour: context.config.storage.scrub_hour,
		status: handle.clone(),
	};
	let (end, ended) = oneshot::channel::<()>();
	let told = handle.clone();
	let task = tokio::spawn(async move {
		let stop = async move {
			// Dropped is ended, too.
			let _ = ended.await;
		};
		if let Err(error) = run_until(setup, stop).await {
			tracing::error!("No storage is sold any more: {error}");
			let remedy =
				"slots are lost with their collateral if nobody answers for them: see to it, and restart the agent";
			told.problem(Problem::new(Severity::Error, "storage", error.to_string(), remedy));
		}
	});
	Some(Selling { end, task })
}

fn key_id(key: &sr25519::Pair) -> [u8; 32] {
	use sp_core::Pair;
	device_primitives::DeviceKey::Sr25519(key.public()).device_id().0
}

/// Who signs for the owner: the agent itself, if it claims by itself and has its password.
fn hand(context: &Context, chain: &Chain) -> Option<Arc<dyn Hand>> {
	if context.config.earnings.claim != ClaimWhen::Daily {
		return None;
	}
	let configured = &context.config.earnings.password_file;
	let named = (!configured.as_os_str().is_empty()).then(|| configured.clone());
	let password = named.or_else(|| keys::credential(keys::OWNER_CREDENTIAL))?;
	let keystore = match context.keystore() {
		Ok(keystore) => keystore,
		Err(failure) => {
			tracing::warn!("Nothing is signed for slots: {}", failure.message);
			return None;
		}
	};
	Some(Arc::new(OwnerHand {
		chain: chain.clone(),
		keystore: Arc::new(keystore),
		password,
	}))
}

/// The owner's account.
struct OwnerHand {
	chain: Chain,
	keystore: Arc<Keystore>,
	password: PathBuf,
}

#[async_trait]
impl Hand for OwnerHand {
	/// The key is in memory for as long as the call is signed, and nowhere otherwise.
	async fn send(&self, call: &NamedCall) -> Result<()> {
		let (keystore, password) = (self.keystore.clone(), self.password.clone());
		let unlocking = tokio::task::spawn_blocking(move || -> std::result::Result<Owner, Failure> {
			let phrase = keystore.unlock(&*keys::from_file(&password)?)?;
			Ok(Owner::new(&phrase)?)
		});
		let unlocked = unlocking.await.map_err(|error| ChainError::Signer(error.to_string()))?;
		let owner = unlocked.map_err(|failure| ChainError::Signer(failure.message))?;
		let signer = PairSigner(owner.pair().clone());
		let mut progress = self.chain.send(&Call::Named(call.clone()), &signer).await?;
		progress.in_block().await.map(drop)
	}
}
