//! In `run`: starts the market's part, and has the owner's account sign if that is configured.

use crate::{
	commands::{Context, Failure},
	config::ClaimWhen,
	keys::{self, Keystore, Owner},
	run::{Part, Words},
	status::StatusHandle,
};
use async_trait::async_trait;
use device_primitives::DeviceId;
use smart_agent_chain::{Call, Chain, ChainError, NamedCall, PairSigner, Result};
use smart_agent_storage::{check_runtime, run_until, Hand, Setup, PROBE_EVERY};
use sp_core::sr25519;
use std::{path::PathBuf, sync::Arc, time::Duration};

/// After so long selling begins again, if it has ended by itself: whoever holds slots and answers for none loses them.
const AGAIN: Duration = Duration::from_secs(30);

/// What is said if it has.
const WORDS: Words = Words {
	code: "storage",
	what: "No storage is sold",
	remedy: "slots are lost with their collateral if nobody answers for them: see to it. It is tried again",
};

/// Starts to sell storage, if that is configured. That it cannot is a problem of its own: wins are not concerned.
pub(crate) fn start(context: &Context, chain: &Chain, key: &sr25519::Pair, handle: &StatusHandle) -> Option<Part> {
	if !context.config.storage.enabled {
		return None;
	}
	let (context, chain, key, handle) = (context.clone(), chain.clone(), key.clone(), handle.clone());
	Some(Part::start(WORDS, handle.clone(), AGAIN, move |stop| {
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
	}))
}

pub(crate) fn key_id(key: &sr25519::Pair) -> [u8; 32] {
	use sp_core::Pair;
	device_primitives::DeviceKey::Sr25519(key.public()).device_id().0
}

/// Who signs for the owner: the agent itself, if it claims by itself and has its password.
pub(crate) fn hand(context: &Context, chain: &Chain) -> Option<Arc<dyn Hand>> {
	if context.config.earnings.claim != ClaimWhen::Daily {
		return None;
	}
	let configured = &context.config.earnings.password_file;
	let named = (!configured.as_os_str().is_empty()).then(|| configured.clone());
	let password = named.or_else(|| keys::credential(keys::OWNER_CREDENTIAL))?;
	let keystore = match context.keystore() {
		Ok(keystore) => keystore,
		Err(failure) => {
			tracing::warn!("Nothing is signed by the owner: {}", failure.message);
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
