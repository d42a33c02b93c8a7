//! What is learned of chain and node when it is connected.

use super::{
	ask::{call, read},
	Inner, Now,
};
use crate::{
	rpc::Live,
	runtime::{decode, Args, Runtime, Version, METADATA_VERSIONS},
	types::{said, Facts, Hash, DECIMALS, SYMBOL},
	ChainError, Result,
};
use codec::Encode;
use poca_primitives::Schedule;
use serde_json::{Map, Value};
use std::sync::Arc;

/// Milliseconds that a slot may have: what follows the chain wakes as often.
const SLOT_MS: std::ops::RangeInclusive<u64> = 100..=60_000;
/// The prefix of accounts' texts, if it does not say: that of any Substrate chain.
const PREFIX: u64 = 42;
/// The highest prefix that there is.
const MOST_PREFIX: u64 = 16_383;

/// Learns all; keeps a runtime that is known already.
pub(super) async fn learn(live: &Live, genesis: Hash, known: Option<Arc<Runtime>>) -> Result<Now> {
	let ask = |method: &'static str| async move { live.request(method, Vec::new()).await };
	let text =
		|method: &'static str| async move { Ok::<_, ChainError>(said(&read::<String>(method, ask(method).await?)?)) };
	let runtime = runtime_of(live, genesis, known).await?;
	let schedule = schedule(live, &runtime).await?;
	let properties: Option<Map<String, Value>> = read("system_properties", ask("system_properties").await?)?;
	let number = |name: &str, otherwise: u64, most: u64| {
		let property = properties.as_ref().and_then(|properties| properties.get(name));
		property.and_then(Value::as_u64).unwrap_or(otherwise).min(most)
	};
	is_of_the_currency(properties.as_ref())?;
	let slot_ms = schedule.slot_duration.as_millis();
	if !SLOT_MS.contains(&slot_ms) {
		return Err(other("slot_duration", format!("{slot_ms} ms")));
	}
	let facts = Facts {
		url: live.url.clone(),
		genesis,
		chain: text("system_chain").await?,
		test_chain: is_test_chain(&ask("system_chainType").await?),
		ss58_prefix: u16::try_from(number("ss58Format", PREFIX, MOST_PREFIX)).unwrap_or(0),
		node_name: text("system_name").await?,
		node_version: text("system_version").await?,
		spec_name: said(&runtime.version.spec_name),
		spec_version: runtime.version.spec_version,
		transaction_version: runtime.version.transaction_version,
		slot_ms,
		era_slots: schedule.era_length,
	};
	Ok(Now {
		facts: Arc::new(facts),
		runtime,
	})
}

fn other(what: &str, why: String) -> ChainError {
	ChainError::OtherRuntime { what: what.into(), why }
}

/// Whether the specification's currency is this program's, as far as it says anything of it. By the word of another 1.5
/// STCI would become more when they are sent, and nobody would see it.
fn is_of_the_currency(properties: Option<&Map<String, Value>>) -> Result<()> {
	let property = |name: &str| properties.and_then(|properties| properties.get(name));
	for (name, expected) in [
		("tokenSymbol", Value::from(SYMBOL)),
		("tokenDecimals", Value::from(DECIMALS)),
	] {
		if let Some(found) = property(name).filter(|found| **found != expected && !found.is_null()) {
			let why = said(&format!("it says {found} and the chain has {expected}"));
			return Err(other(name, format!("{why}: name a node that you trust")));
		}
	}
	Ok(())
}

/// `"Development"` and `"Local"` are for trials; `"Live"` and `{"Custom": ...}` may be worth something.
fn is_test_chain(chain_type: &Value) -> bool {
	matches!(chain_type.as_str(), Some("Development" | "Local"))
}

async fn schedule(live: &Live, runtime: &Runtime) -> Result<Schedule> {
	let (method, input) = runtime.api::<Schedule>("PocaApi", "schedule", &Args::none())?;
	decode(&method, &call(live, &method, &input, None).await?)
}

/// The best block's runtime: the known one, if it is that still.
async fn runtime_of(live: &Live, genesis: Hash, known: Option<Arc<Runtime>>) -> Result<Arc<Runtime>> {
	let answer = live.request("state_getRuntimeVersion", Vec::new()).await?;
	let version: Version = read("state_getRuntimeVersion", answer)?;
	if let Some(known) = known.filter(|known| known.version == version) {
		return Ok(known);
	}
	for wanted in METADATA_VERSIONS {
		let method = "Metadata_metadata_at_version";
		let answer = call(live, method, &wanted.encode(), None).await?;
		if let Some(metadata) = decode::<Option<Vec<u8>>>(method, &answer)? {
			return Ok(Arc::new(Runtime::read(version, genesis, &metadata)?));
		}
	}
	Err(ChainError::Missing {
		what: format!(
			"metadata of version {} or {}",
			METADATA_VERSIONS[0], METADATA_VERSIONS[1]
		),
	})
}

impl Inner {
	/// The runtime that is in force: learned anew if it has another version.
	pub(super) async fn runtime_in_force(&self, live: &Live) -> Result<Arc<Runtime>> {
		let answer = live.request("state_getRuntimeVersion", Vec::new()).await?;
		let version: Version = read("state_getRuntimeVersion", answer)?;
		if self.runtime().version != version {
			self.refresh(live).await?;
		}
		Ok(self.runtime())
	}

	/// Learns all anew, from the node that is connected.
	pub(super) async fn refresh(&self, live: &Live) -> Result<()> {
		let now = learn(live, self.genesis, Some(self.runtime())).await?;
		let before = self.runtime();
		if now.runtime.version != before.version {
			log::info!(
				target: crate::LOG_TARGET,
				"The runtime is {} {} now, and was {}",
				now.runtime.version.spec_name,
				now.runtime.version.spec_version,
				before.version.spec_version
			);
		}
		self.now.send_replace(now);
		Ok(())
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use serde_json::json;

	#[test]
	fn no_node_says_what_the_currency_is() {
		let of = |properties: Value| is_of_the_currency(properties.as_object());
		assert_eq!(of(json!(null)), Ok(()));
		assert_eq!(of(json!({ "ss58Format": 42 })), Ok(()));
		assert_eq!(of(json!({ "tokenSymbol": "STCI", "tokenDecimals": 12 })), Ok(()));
		for other in [
			json!({ "tokenSymbol": "STCI", "tokenDecimals": 18 }),
			json!({ "tokenDecimals": 0 }),
			json!({ "tokenDecimals": "12" }),
			json!({ "tokenDecimals": [12] }),
			json!({ "tokenSymbol": "\u{1b}[2J", "tokenDecimals": 12 }),
		] {
			let refused = of(other.clone()).unwrap_err();
			let text = refused.to_string();
			assert!(matches!(refused, ChainError::OtherRuntime { .. }), "{other}");
			assert!(text.contains("that you trust") && !text.contains('\u{1b}'), "{text}");
		}
	}

	#[test]
	fn only_what_says_so_is_a_test_chain() {
		assert!(is_test_chain(&json!("Development")) && is_test_chain(&json!("Local")));
		for other in [json!("Live"), json!({ "Custom": "Local" }), json!(null), json!(7)] {
			assert!(!is_test_chain(&other), "{other}");
		}
	}
}
