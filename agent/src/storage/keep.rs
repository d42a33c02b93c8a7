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
use smart_agent_storage::{check_runtime, run_until, Hand, Setup, PROBE_EVERY};
use sp_core::sr25519;
use std::{future::Future, path::PathBuf, pin::Pin, sync::Arc, time::Duration};
use tokio::{sync::watch, task::JoinHandle};

/// The market's part while it runs.
pub(crate) struct Selling {
	end: watch::Sender<bool>,
	task: JoinHandle<()>,
}

impl Selling {
	/// Has what is being written written, and waits for that.
	pub async fn end(self) {
		// It may have ended by itself.
		let _ = self.end.send(true);
		let _ = self.task.await;
	}
}

/// After so long selling begins again, if it has ended by itself: whoever holds slots and answers for none loses them.
const AGAIN: Duration = Duration::from_secs(30);

/// Starts to sell storage, if that is configured. That it cannot is a problem of its own: wins are not concerned.
pub(crate) fn start(context: &Context, chain: &Chain, key: &sr25519::Pair, handle: &StatusHandle) -> Option<Selling> {
	if !context.config.storage.enabled {
		return None;
	}
	let (end, ended) = watch::channel(false);
	let (context, chain, key, handle) = (context.clone(), chain.clone(), key.clone(), handle.clone());
	let task = tokio::spawn(sell(ended, handle.clone(), AGAIN, move |stop| {
		let (told, hand) = (handle.clone(), hand(&context, &chain));
		let setup = Setup {
			node: Arc::new(chain.clone()),
			folder: context.config.storage.folder.clone(),
			state: context.folder.market(),
			device: DeviceId(key_id(&key)),
			key: key.clone(),
			listen: context.config.storage.listen,
			hand,
			scrub_hour: context.config.storage.scrub_hour,
			probe_every: PROBE_EVERY,
			status: told,
		};
		let fault = check_runtime(&chain).into_iter().next();
		tokio::spawn(async move {
			match fault {
				Some(error) => Err(format!("{error}; update whichever of node and smart-agent is older")),
				None => run_until(setup, stop).await.map_err(|error| error.to_string()),
			}
		})
	}));
	Some(Selling { end, task })
}

/// Is there once nothing is to be sold any more.
type Stop = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Sells until the end is wanted. What ends by itself, even by a fault of this program, is told and begun again.
async fn sell(
	ended: watch::Receiver<bool>,
	told: StatusHandle,
	again: Duration,
	begin: impl Fn(Stop) -> JoinHandle<std::result::Result<(), String>> + Send,
) {
	let stop = || -> Stop {
		let mut ended = ended.clone();
		// Dropped is ended, too.
		Box::pin(async move { drop(ended.wait_for(|ended| *ended).await) })
	};
	loop {
		let task = begin(stop());
		let why = match task.await {
			Ok(Ok(())) => return,
			Ok(Err(why)) => why,
			Err(error) => format!("a fault of this program: {error}"),
		};
		tracing::error!("No storage is sold: {why}. It is tried again in {} s", again.as_secs());
		let remedy = "slots are lost with their collateral if nobody answers for them: see to it. It is tried again";
		told.problem(Problem::new(Severity::Error, "storage", why, remedy));
		if tokio::time::timeout(again, stop()).await.is_ok() {
			return;
		}
		told.solved("storage");
	}
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

#[cfg(test)]
mod tests {
	use super::*;
	use crate::status::{unix_now, Status};
	use std::sync::atomic::{AtomicU32, Ordering};

	/// A port that is taken, a disk that fails, a fault of this program: none of them is the end while slots are held.
	#[tokio::test]
	async fn whoever_ends_by_itself_begins_again_until_it_is_told_to_end() {
		let (end, ended) = watch::channel(false);
		let told = StatusHandle::in_memory(Status::new(unix_now()));
		let (begun, seen) = (Arc::new(AtomicU32::new(0)), told.clone());
		let count = begun.clone();
		let begin = move |stop: Stop| {
			let (number, seen) = (count.fetch_add(1, Ordering::SeqCst), seen.clone());
			tokio::spawn(async move {
				match number {
					0 => return Err("the port is taken".to_owned()),
					1 => panic!("a fault that this test wants"),
					_ => (),
				}
				assert!(seen.get().problems.is_empty(), "it is solved");
				stop.await;
				Ok(())
			})
		};
		let selling = Selling {
			end,
			task: tokio::spawn(sell(ended, told.clone(), Duration::ZERO, begin)),
		};
		while begun.load(Ordering::SeqCst) < 3 {
			tokio::task::yield_now().await;
		}
		selling.end().await;
		assert_eq!(begun.load(Ordering::SeqCst), 3);
		assert!(told.get().problems.is_empty());
		// One that cannot begin ends as well.
		let (end, ended) = watch::channel(false);
		let fails = |_: Stop| tokio::spawn(async { Err("never".to_owned()) });
		let task = tokio::spawn(sell(ended, told.clone(), Duration::from_secs(600), fails));
		Selling { end, task }.end().await;
		assert_eq!(told.get().problems.len(), 1);
	}
}
