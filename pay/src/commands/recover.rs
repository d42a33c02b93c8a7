//! `recover`: brings channels back after the data was lost.

use super::{Code, Context, Failure};
use channel_primitives::ChannelState;
use serde::Serialize;
use smart_pay_chain::{opened_of, Ledger, Net};
use smart_pay_store::{Backup, ChannelStore, Contact, HotKeys, Options, Reach};
use smartchain_channel::{Event, Opened};
use std::path::Path;

/// Channels whose numbers are looked through at most, without a backup.
const MOST_LOOKED: u64 = 1_000_000;
/// Keys with one partner that are tried: as many as a daemon gives out.
const MOST_KEYS: u32 = 16_384;

/// What was found, for `--json`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Found {
	channels: Vec<u64>,
	reachable: usize,
}

/// Brings channels back into a store that has none. The daemon must not run.
///
/// # Errors
/// If the store has channels, if no node is reached, or if a file cannot be read.
pub(super) async fn run(context: &Context, backup: Option<&Path>) -> Result<(), Failure> {
	let (keys, genesis, keystore) = (context.keys()?, context.genesis()?, context.keystore()?);
	let account = keystore.account();
	let net = Net::asking(context.connect().await?, Some(account));
	let at = net
		.finalized()
		.await
		.map_err(|error| Failure::other(error.to_string()))?;
	let tick = net
		.tick(at.hash)
		.await
		.map_err(|error| Failure::other(error.to_string()))?;
	let mut ids = Vec::new();
	if backup.is_none() {
		context
			.terminal
			.say("Looking through all channels of the chain for those of this account...");
		let last = net
			.last_id(at.hash)
			.await
			.map_err(|error| Failure::other(error.to_string()))?;
		let first = last.saturating_sub(MOST_LOOKED).saturating_add(1);
		let found = net.channels_of(&account, first, last, at.hash).await;
		ids = found.map_err(|error| Failure::other(error.to_string()))?;
	}
	if context.common.dry_run {
		let said = format!("{} channel(s) are on the chain; nothing was written", ids.len());
		context.terminal.facts(&ids, |_| said.clone());
		return Ok(());
	}
	let folder = context.folder.join("channels");
	let mut store = ChannelStore::open(&folder, &Options::new(genesis, account))?;
	if store.records().channels()? != 0 {
		return Err(Failure::new(
			Code::Usage,
			"the store has channels: what is there is not written over. If it is an old copy, start the daemon: it \
			asks the \
			 partners where to go on",
		));
	}
	let look = Look {
		context,
		net: &net,
		at: at.hash,
		genesis,
		account,
		keys: &keys.hot,
	};
	let (opened, reachable) = match backup {
		Some(path) => look.from_backup(path, &store).await?,
		None => look.from_chain(ids, &store).await?,
	};
	let channels = begin(&mut store, context, tick, opened)?;
	let found = Found { channels, reachable };
	context.terminal.facts(&found, |_| {
		format!(
			"{} channel(s) are to be recovered. Start the daemon: it asks each partner where to go on, and signs \
			nothing before. \
			 If a partner stays silent for good, `smart-pay close ID --recovery` closes with what is known, which \
			 takes longer: it says how long, and what it costs if more is owed",
			found.channels.len()
		)
	});
	Ok(())
}

/// What is looked at.
struct Look<'a> {
	context: &'a Context,
	net: &'a Net,
	at: [u8; 32],
	genesis: [u8; 32],
	account: [u8; 32],
	keys: &'a HotKeys,
}

impl Look<'_> {
	async fn state(&self, id: u64) -> Result<Option<ChannelState>, Failure> {
		let found = self.net.channel(id, self.at).await;
		found.map_err(|error| Failure::other(error.to_string()))
	}

	/// Those of a backup that are still there, and how many of their partners are known to be reached.
	async fn from_backup(&self, path: &Path, store: &ChannelStore) -> Result<(Vec<Opened>, usize), Failure> {
		let backup = Backup::read(path, &self.genesis, self.keys);
		let backup = backup.map_err(|error| Failure::other(error.to_string()))?;
		let mut opened = Vec::new();
		for one in backup.restore(store)? {
			// The stake may have changed since, and a channel that is gone needs nothing.
			let id = one.context.channel;
			let state = self.state(id).await?;
			let ours = state
				.as_ref()
				.and_then(|state| opened_of(self.genesis, id, state, &self.account));
			opened.extend(ours);
		}
		let reachable = opened.len();
		Ok((opened, reachable))
	}

	/// Those that the chain has, if their keys are of this phrase.
	async fn from_chain(&self, ids: Vec<u64>, store: &ChannelStore) -> Result<(Vec<Opened>, usize), Failure> {
		let (mut opened, mut reachable) = (Vec::new(), 0);
		for id in ids {
			let Some(state) = self.state(id).await? else {
				continue;
			};
			let Some(ours) = opened_of(self.genesis, id, &state, &self.account) else {
				continue;
			};
			let side = ours.context.side;
			let partner = *state.accounts.get(side.partner());
			if self.keys.find(ours.terms.keys.get(side), &partner, MOST_KEYS).is_none() {
				let terminal = &self.context.terminal;
				terminal.warn(&format!(
					"Channel {id} has a key that is not of this phrase: it is left alone"
				));
				continue;
			}
			let contact = Contact {
				partner,
				reach: reach_of(self.net, &partner).await,
				tower: None,
			};
			reachable += usize::from(contact.reach.is_some());
			store.records().put_contact(id, &contact)?;
			opened.push(ours);
		}
		Ok((opened, reachable))
	}
}

/// Where a partner has announced its node.
async fn reach_of(net: &Net, partner: &[u8; 32]) -> Option<Reach> {
	let found = net.endpoint(partner).await.ok().flatten()?;
	Some(Reach {
		node: found.endpoint.node,
		url: String::from_utf8(found.endpoint.url).ok()?,
	})
}

/// Makes the machine ask for each of them, durably.
fn begin(store: &mut ChannelStore, context: &Context, tick: u32, opened: Vec<Opened>) -> Result<Vec<u64>, Failure> {
	let mut party = store.restore(context.config.core())?;
	let nothing = smart_pay_daemon::nothing_known();
	let block = smartchain_channel::Block {
		tick,
		facts: Vec::new(),
	};
	let mut channels = Vec::new();
	let events = std::iter::once(Event::Final(block)).chain(opened.into_iter().map(Event::Recover));
	for event in events {
		let id = match &event {
			Event::Recover(opened) => Some(opened.context.channel),
			_ => None,
		};
		let step = party
			.step(event, &nothing)
			.map_err(|refused| Failure::other(refused.to_string()))?;
		step.commit(store)
			.map_err(|not_stored| Failure::from(not_stored.error))?;
		channels.extend(id);
	}
	Ok(channels)
}
