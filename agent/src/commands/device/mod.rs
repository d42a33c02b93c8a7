//! This machine as the chain knows it.

mod renew;

use super::{
	context::KnownDevice,
	signed::{self, Sent},
	Code, Context, Failure,
};
use crate::{
	cli::{DeviceCommand, EndpointsCommand, LinkCommand, Signing},
	keys::{address, parse_address},
	ledger::{used_up, Ledger, Wait},
	terminal::{columns, duration, Terminal, Tone},
};
use device_primitives::{DeviceId, Endpoint, Endpoints, Host, HostName, Transport};
use proof_lottery_primitives::{DeviceProofs, WhyNot};
use serde::Serialize;
use smart_agent_chain::{AccountId, Call, Candidate, Device};
use std::{
	net::{IpAddr, Ipv4Addr, Ipv6Addr},
	time::Duration,
};

/// Digits of a device's id.
const ID_DIGITS: usize = 64;

/// For `--json`.
#[derive(Debug, Serialize)]
struct Shown {
	id: String,
	name: String,
	did: String,
	registered: bool,
	/// Why its key never registers again, and what to do; none if it may, or is registered.
	gone: Option<String>,
	owner: Option<String>,
	/// Its place in status lists.
	number: Option<u64>,
	active: bool,
	suspended_by_owner: bool,
	suspended_by_vendor: bool,
	attested_model: Option<u32>,
	endpoints: Vec<String>,
	/// In planck.
	deposit: Option<String>,
	candidate: Option<String>,
	/// Whether it counts for the candidate: `none` if there is none, `offered`, `nextEra`, `counts`.
	link: &'static str,
	why_not: Vec<String>,
}

/// How far a device's link is.
fn link_state(proofs: &DeviceProofs<AccountId>) -> &'static str {
	let is = |why| proofs.why_not.contains(&why);
	match &proofs.candidate {
		None => "none",
		Some(_) if is(WhyNot::NotLinked) => "offered",
		Some(_) if is(WhyNot::LinkedFromNextEra) => "nextEra",
		Some(_) => "counts",
	}
}

/// Carries out a command.
pub async fn run(context: &Context, command: &DeviceCommand) -> Result<(), Failure> {
	let known = context.device()?;
	if matches!(command, DeviceCommand::Did) {
		let did = known.did(&context.genesis()?);
		context
			.terminal
			.facts(&serde_json::json!({ "did": did }), |_| did.clone());
		return Ok(());
	}
	let chain = context.connect().await?;
	let ledger: &dyn Ledger = &chain;
	let device = DeviceId(known.id);
	match command {
		DeviceCommand::Show => show(context, ledger, &known).await,
		DeviceCommand::Did => Ok(()),
		DeviceCommand::Suspend(signing) => {
			let what = format!("Suspending the device `{}`", known.name);
			act(context, ledger, signing, Call::Suspend { device }, &what).await
		}
		DeviceCommand::Resume(signing) => {
			let what = format!("Resuming the device `{}`", known.name);
			act(context, ledger, signing, Call::Resume { device }, &what).await
		}
		DeviceCommand::Retire(signing) => {
			context.terminal.warn(
				"A device that is retired never comes back: its key is used up, and what it has won is lost. Its \
				 deposits come back.",
			);
			let what = format!("Retiring the device `{}` for good", known.name);
			act(context, ledger, signing, Call::Retire { device }, &what).await?;
			context.terminal.say(
				"Its deposits are in the account again, as `smart-agent wallet balance` shows. Next: end the agent, \
				 for it wins nothing more; `smart-agent plot delete --all` frees the disk. To begin anew here: \
				 `smart-agent device renew NAME`, then `smart-agent init`.",
			);
			Ok(())
		}
		DeviceCommand::Renew { name, signing } => {
			let renewed = renew::renew(context, ledger, &known, name, signing).await?;
			renew::tell(context, &renewed);
			Ok(())
		}
		DeviceCommand::Link(command) => link(context, ledger, &known, command).await,
		DeviceCommand::Endpoints(EndpointsCommand::Set { endpoints, signing }) => {
			let named = if endpoints.is_empty() {
				&context.config.device.endpoints
			} else {
				endpoints
			};
			set_endpoints(context, ledger, device, named, signing).await
		}
		DeviceCommand::Endpoints(EndpointsCommand::Clear(signing)) => {
			set_endpoints(context, ledger, device, &[], signing).await
		}
	}
}

async fn act(context: &Context, ledger: &dyn Ledger, signing: &Signing, call: Call, what: &str) -> Result<(), Failure> {
	let included = signed::carry_out(context, ledger, signing, &call, what, Wait::Block).await?;
	context
		.terminal
		.facts(&Sent::from(&included), |_| String::from("Done."));
	Ok(())
}

async fn link(
	context: &Context,
	ledger: &dyn Ledger,
	known: &KnownDevice,
	command: &LinkCommand,
) -> Result<(), Failure> {
	match command {
		LinkCommand::Offer { candidate, signing } => {
			let candidate = parse_address(candidate).map_err(|why| Failure::new(Code::Usage, why))?;
			is_meant(context, ledger, &candidate, signing).await?;
			let call = Call::OfferLink {
				device: DeviceId(known.id),
				candidate: AccountId::new(candidate),
			};
			let what = format!("Offering the device `{}` to {}", known.name, address(&candidate));
			act(context, ledger, signing, call, &what).await?;
			let facts = ledger.facts();
			context.terminal.say(&format!(
				"It counts for the candidate from the era (here {}) after that one accepts it, by\n  \
				 smart-agent device link accept {}\nor, by any wallet of the candidate, by \
				 resourceProofs.acceptLink with this id.",
				duration(Duration::from_millis(
					facts.slot_ms.saturating_mul(facts.era_slots.into())
				)),
				known.id_text()
			));
			Ok(())
		}
		LinkCommand::Accept { device, signing } => {
			let id = parse_id(device)?;
			let call = Call::AcceptLink { device: DeviceId(id) };
			act(
				context,
				ledger,
				signing,
				call,
				&format!("Accepting the device {device}"),
			)
			.await
		}
		LinkCommand::End { device, signing } => {
			let (id, what) = match device {
				Some(device) => (parse_id(device)?, format!("Ending the link of the device {device}")),
				None => (known.id, format!("Ending the link of the device `{}`", known.name)),
			};
			let call = Call::Unlink { device: DeviceId(id) };
			act(context, ledger, signing, call, &what).await
		}
	}
}

/// What speaks against an offer to an account: a link counts for somebody only if a candidate stands there.
fn no_candidate(found: Option<&Candidate>, address: &str) -> Option<String> {
	let what = match found {
		None => "is no candidate",
		Some(candidate) if candidate.withdrawable.is_some() => "has left the election",
		Some(_) => return None,
	};
	Some(format!(
		"{address} {what}: the link would count for nobody, and its deposit is held as long as it is offered. Look \
		 whether the address is right"
	))
}

/// Whoever offers the device to an account that is no candidate is asked before anything is paid.
async fn is_meant(
	context: &Context,
	ledger: &dyn Ledger,
	candidate: &[u8; 32],
	signing: &Signing,
) -> Result<(), Failure> {
	let found = ledger.candidate(candidate).await?;
	let Some(warning) = no_candidate(found.as_ref(), &address(candidate)) else {
		return Ok(());
	};
	context.terminal.warn(&warning);
	if signing.yes {
		context.terminal.say("It is offered all the same, for --yes was given.");
		return Ok(());
	}
	let agreed = context.terminal.confirm("Offer it all the same?");
	match agreed.map_err(|why| Failure::other(why).with("give --yes"))? {
		true => Ok(()),
		false => Err(Failure::other("nothing was sent, as you said")),
	}
}

fn parse_id(text: &str) -> Result<[u8; 32], Failure> {
	let wrong = || {
		Failure::new(
			Code::Usage,
			format!("`{text}` is no device: its id has 0x and {ID_DIGITS} digits"),
		)
	};
	let bytes = sp_core::bytes::from_hex(text).map_err(|_| wrong())?;
	bytes.try_into().map_err(|_| wrong())
}

async fn set_endpoints(
	context: &Context,
	ledger: &dyn Ledger,
	device: DeviceId,
	named: &[String],
	signing: &Signing,
) -> Result<(), Failure> {
	let list = endpoints(named)?;
	if let Some(text) = named.iter().find(|text| is_loopback(text)) {
		context.terminal.warn(&format!(
			"{text} leads everybody to their own machine: it is of use where all machines of the chain are this one"
		));
	}
	let what = match named {
		[] => "Telling the chain that this device is not reached from outside".into(),
		named => format!("Telling the chain that this device is reached at {}", named.join(", ")),
	};
	let endpoints = Endpoints::try_from(list)
		.map_err(|_| Failure::new(Code::Usage, "a device has at most 4 endpoints; name fewer"))?;
	act(
		context,
		ledger,
		signing,
		Call::SetEndpoints { device, endpoints },
		&what,
	)
	.await
}

/// Endpoints of their texts.
///
/// # Errors
/// Which is none, and how one is written.
pub(super) fn endpoints(texts: &[String]) -> Result<Vec<Endpoint>, Failure> {
	let read = |text: &String| {
		parse_endpoint(text).ok_or_else(|| {
			if is_loopback(text) {
				return Failure::new(
					Code::Usage,
					format!(
						"`{text}` is loopback, which leads everybody to their own machine: write an address that \
						 others reach; where all machines of the chain are this one, localhost"
					),
				);
			}
			Failure::new(
				Code::Usage,
				format!(
					"`{text}` is no endpoint: write tcp, quic, wss or https, :// , an address that others reach or a \
					 name in small letters, and a port, such as tcp://192.0.2.7:9977"
				),
			)
		})
	};
	texts.iter().map(read).collect()
}

/// Whether an endpoint names the machine that reads it.
fn is_loopback(text: &str) -> bool {
	let rest = text.split_once("://").map_or(text, |(_, rest)| rest);
	let host = rest.rsplit_once(':').map_or(rest, |(host, _)| host);
	let host = host.trim_start_matches('[').trim_end_matches(']');
	host == "localhost" || host.ends_with(".localhost") || host.parse().is_ok_and(|ip: IpAddr| ip.is_loopback())
}

fn parse_endpoint(text: &str) -> Option<Endpoint> {
	let (scheme, rest) = text.split_once("://")?;
	let transport = match scheme {
		"tcp" => Transport::Tcp,
		"quic" => Transport::Quic,
		"wss" => Transport::WebSocket,
		"https" => Transport::Https,
		_ => return None,
	};
	let (host, port) = rest.rsplit_once(':')?;
	let v6 = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
	let host = match (v6, host.parse::<Ipv4Addr>()) {
		(Some(address), _) => Host::V6(address.parse::<Ipv6Addr>().ok()?.octets()),
		(None, Ok(address)) => Host::V4(address.octets()),
		(None, Err(_)) => Host::Name(HostName::try_from(host.as_bytes().to_vec()).ok()?),
	};
	let endpoint = Endpoint {
		transport,
		host,
		port: port.parse().ok()?,
	};
	endpoint.is_sound().then_some(endpoint)
}

async fn show(context: &Context, ledger: &dyn Ledger, known: &KnownDevice) -> Result<(), Failure> {
	let device: Option<Device> = ledger.device(&known.id).await?;
	let proofs = ledger.proofs(&known.id).await?;
	let gone = match device {
		Some(_) => None,
		None => used_up(ledger.key_use(&known.id).await?).map(|told| told.join("; ")),
	};
	let currency = ledger.currency();
	let text_of = |account: &AccountId| address(account.as_ref());
	let shown = Shown {
		id: known.id_text(),
		name: known.name.to_string(),
		did: known.did(&ledger.facts().genesis.into()),
		registered: device.is_some(),
		gone,
		owner: device.as_ref().map(|device| text_of(&device.owner)),
		number: device.as_ref().map(|device| device.number),
		active: device.as_ref().is_some_and(Device::is_active),
		suspended_by_owner: device.as_ref().is_some_and(|device| device.suspended.owner),
		suspended_by_vendor: device.as_ref().is_some_and(|device| device.suspended.vendor),
		attested_model: device
			.as_ref()
			.and_then(|device| device.attested)
			.map(|attested| attested.model),
		endpoints: device
			.iter()
			.flat_map(|device| device.endpoints.iter().map(ToString::to_string))
			.collect(),
		deposit: device.as_ref().map(|device| device.deposit.to_string()),
		candidate: proofs
			.as_ref()
			.and_then(|proofs| proofs.candidate.as_ref())
			.map(text_of),
		why_not: proofs
			.iter()
			.flat_map(crate::run::reasons)
			.map(|(_, told)| told.join("; "))
			.collect(),
		link: proofs.as_ref().map_or("none", link_state),
	};
	let deposit = device.as_ref().map(|device| currency.exact(device.deposit));
	context
		.terminal
		.facts(&shown, |terminal| shown.text(terminal, deposit.clone()));
	Ok(())
}

impl Shown {
	fn text(&self, terminal: &Terminal, deposit: Option<String>) -> String {
		let state = match (self.registered, self.active) {
			(false, _) if self.gone.is_some() => terminal.toned(Tone::Bad, self.gone.as_deref().unwrap_or_default()),
			(false, _) => terminal.toned(Tone::Bad, "not registered; run `smart-agent init`"),
			(true, true) => terminal.toned(Tone::Good, "active"),
			(true, false) if self.suspended_by_vendor => {
				terminal.toned(Tone::Warning, "suspended by its vendor; ask that")
			}
			(true, false) => terminal.toned(Tone::Warning, "suspended; `smart-agent device resume` lifts that"),
		};
		let or_none = |text: &Option<String>| text.clone().unwrap_or_else(|| "none".into());
		let counts_for = match (self.link, or_none(&self.candidate)) {
			("offered", candidate) => format!("nobody yet: offered to {candidate}, not accepted yet"),
			("nextEra", candidate) => format!("{candidate}, from the next era on"),
			(_, candidate) => candidate,
		};
		let endpoints = (!self.endpoints.is_empty()).then(|| self.endpoints.join("\n"));
		let mut lines = vec![
			(
				"Device",
				format!("{}  {}", terminal.toned(Tone::Strong, &self.name), self.id),
			),
			("DID", self.did.clone()),
			("State", state),
			("Owner", or_none(&self.owner)),
			("Counts for", counts_for),
			("Endpoints", or_none(&endpoints)),
		];
		lines.extend(deposit.map(|deposit| ("Deposit", deposit)));
		if !self.why_not.is_empty() {
			lines.push(("Why not", self.why_not.join("\n")));
		}
		columns(&lines)
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn an_offer_to_nobody_is_warned_of_before_it_is_paid() {
		let mut candidate = Candidate {
			bond: 1,
			admitted: false,
			terms: 0,
			withdrawable: None,
		};
		assert_eq!(no_candidate(Some(&candidate), "5Grw"), None, "admitted or not");
		let said = no_candidate(None, "5Grw").unwrap();
		assert!(
			said.starts_with("5Grw is no candidate") && said.contains("deposit"),
			"{said}"
		);
		candidate.withdrawable = Some(7);
		let said = no_candidate(Some(&candidate), "5Grw").unwrap();
		assert!(said.starts_with("5Grw has left"), "{said}");
	}

	#[tokio::test]
	async fn with_yes_an_offer_to_nobody_goes_on() {
		let folder = tempfile::tempdir().unwrap();
		let data = crate::config::Folder::new(folder.path());
		let context = Context {
			config: crate::config::Config::load(&data.config(), data.path(), std::iter::empty(), &[]).unwrap(),
			config_file: data.config(),
			folder: data,
			variables: Vec::new(),
			terminal: Terminal::new(false, crate::terminal::Colors::Never),
		};
		let ledger = crate::ledger::fake::FakeLedger::new(true);
		let mut signing = Signing {
			yes: true,
			..Signing::default()
		};
		assert!(is_meant(&context, &ledger, &[1; 32], &signing).await.is_ok());
		signing.yes = false;
		// Where somebody sits at a terminal, this test would wait for an answer.
		if !context.terminal.asks() {
			let said = is_meant(&context, &ledger, &[1; 32], &signing).await.unwrap_err();
			assert!(said.message.contains("--yes"), "{}", said.message);
		}
		ledger.state().candidates.insert(
			[1; 32],
			Candidate {
				bond: 1,
				admitted: true,
				terms: 0,
				withdrawable: None,
			},
		);
		assert!(is_meant(&context, &ledger, &[1; 32], &signing).await.is_ok());
	}

	#[test]
	fn endpoints_are_read_as_they_are_written() {
		for text in [
			"quic://192.0.2.7:4433",
			"tcp://[2001:db8::7]:1",
			"wss://agent.example:443",
			"https://a:65535",
		] {
			assert_eq!(parse_endpoint(text).unwrap().to_string(), text);
		}
		for text in [
			"",
			"a:1",
			"ftp://a:1",
			"tcp://a",
			"tcp://a:0",
			"tcp://127.0.0.1:1",
			"tcp://A:1",
			"tcp://2001:db8::7:1",
		] {
			assert!(endpoints(&[text.into()]).is_err(), "{text}");
		}
	}

	#[test]
	fn loopback_is_called_by_its_name() {
		for text in ["tcp://127.0.0.1:1", "tcp://127.9.9.9:1", "quic://[::1]:1"] {
			let said = endpoints(&[text.into()]).unwrap_err().message;
			assert!(said.contains("is loopback"), "{said}");
		}
		assert!(is_loopback("tcp://localhost:9977") && endpoints(&["tcp://localhost:9977".into()]).is_ok());
		assert!(!is_loopback("tcp://192.0.2.7:9977") && !is_loopback("tcp://localhost.example:1"));
	}

	#[test]
	fn ids_have_64_digits() {
		assert_eq!(parse_id(&format!("0x{}", "01".repeat(32))).unwrap(), [1; 32]);
		for text in ["", "0x", "0x01", "laptop"] {
			assert_eq!(parse_id(text).unwrap_err().code, Code::Usage, "{text}");
		}
	}
}
