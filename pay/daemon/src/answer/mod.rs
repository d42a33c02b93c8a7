//! What commands ask, and what is answered.

mod by_file;
mod change;
pub(super) mod words;

use super::{arrive::unix_now, Daemon};
use channel_primitives::{Balance, ChannelId, Side};
use rand_core::{OsRng, RngCore};
use smart_agent_keys::address;
use smart_pay_api::{
	metrics::{metrics, Gauges},
	Answer, Ask, Asked, ChannelView, Flow, Plan, Planck, StatusView,
};
use smart_pay_chain::{Endpoint, Ledger, Order};
use smart_pay_config::digits;
use smart_pay_frames::{
	invoice::{Invoice, MAX_TEXT},
	wire::InvoiceTerms,
};
use smart_pay_store::{Backup, Reach};
use smartchain_channel::{Event, Phase, Sheet};
use std::path::Path;
use tokio::sync::oneshot;
use words::{lasting, stci};

/// How old the last final block may be before that is said to be wrong, in seconds.
const MOST_AGE: u64 = 30;

impl<L: Ledger> Daemon<L> {
	pub(super) async fn on_asked(&mut self, asked: Asked) {
		match asked {
			Asked::Metrics(reply) => drop(reply.send(metrics(&self.counts, &self.gauges()))),
			Asked::Health(reply) => drop(reply.send(self.ailments())),
			// Whoever asked has gone, and was told that there is no answer: nothing is begun that nobody waits for.
			Asked::Ask(_, reply) if reply.is_closed() => (),
			Asked::Ask(ask, reply) => self.on_ask(ask, reply).await,
		}
	}

	async fn on_ask(&mut self, ask: Ask, reply: oneshot::Sender<Answer>) {
		let answer = match ask {
			Ask::Close { .. } | Ask::Withdraw { .. } | Ask::Rekey { .. } | Ask::CloseRecovery { .. } => {
				self.ask_change(ask).await
			}
			Ask::Open {
				node,
				url,
				deposit,
				window,
				dry_run,
			} => {
				return self
					.ask_open((node.as_str(), url.as_str()), deposit.0, window, dry_run, reply)
					.await
			}
			Ask::Deposit {
				channel,
				amount,
				dry_run,
			} => {
				let what = format!("puts more into channel {channel}");
				let worst = vec!["what is in the channel comes back when it is closed".into()];
				let order = Order::Deposit {
					channel,
					amount: amount.0,
				};
				return self.order(order, what, worst, dry_run, reply).await;
			}
			Ask::RegisterTower { bond, dry_run } => {
				let (order, worst) = self.bond(bond.0);
				let what = "makes this account a tower".into();
				return self.order(order, what, worst, dry_run, reply).await;
			}
			Ask::Announce { url, dry_run } => {
				let order = self.endpoint(url);
				let what = "says on chain where this node is reached".into();
				return self.order(order, what, Vec::new(), dry_run, reply).await;
			}
			Ask::Status => Answer::Status(self.status()),
			Ask::Channels => Answer::Channels(self.party.channels().filter_map(|id| self.view(id)).collect()),
			Ask::Invoice { amount, seconds, text } => self.invoice(amount.0, seconds, text),
			Ask::Pay {
				invoice,
				times,
				dry_run,
			} => self.ask_pay(&invoice, times, dry_run).await,
			Ask::Routes { invoice } => self.routes(&invoice).await,
			Ask::Paid { payment } => match self.pays.view(payment) {
				Some(view) => Answer::Pay(view),
				None => Answer::Failed(format!(
					"there is no payment {payment}: the daemon has begun anew since, or it is long past"
				)),
			},
			Ask::Give {
				channel,
				amount,
				dry_run,
			} => self.give(channel, amount.0, dry_run).await,
			Ask::Export { channel } => self.export(channel),
			Ask::Import { envelope, late } => self.import(&envelope, late).await,
			Ask::Reach { channel, node, url } => self.reach(channel, &node, url),
			Ask::Backup { path } => self.backup(&path),
			Ask::Orders(ask) => self.ask_orders(ask).await,
			Ask::Streams(ask) => self.ask_streams(ask),
		};
		let _ = reply.send(answer);
	}

	/// What makes this account a tower, and what it risks by that.
	fn bond(&self, bond: Balance) -> (Order, Vec<String>) {
		let key = self.keys.channel(&self.receipt_key()).key();
		let worst =
			"if this program does not answer for a channel that it has given a receipt for, the bond pays up to \
		             what the receipt covers";
		(Order::RegisterTower { key, bond }, vec![worst.into()])
	}

	/// What says on chain where this node is reached; nowhere, if the address is empty.
	fn endpoint(&self, url: String) -> Order {
		let node = self.wire.key();
		Order::Announce((!url.is_empty()).then(|| Endpoint {
			node,
			url: url.into_bytes(),
		}))
	}

	/// Brings an order to the chain, or says what it would cost.
	async fn order(
		&mut self,
		order: Order,
		what: String,
		worst: Vec<String>,
		dry_run: bool,
		reply: oneshot::Sender<Answer>,
	) {
		if dry_run {
			let answer = self.plan(&order, &what, worst).await;
			let _ = reply.send(answer);
			return;
		}
		self.carry(order, what, reply);
	}

	pub(super) fn status(&self) -> StatusView {
		let reached = self.chain.as_ref().is_some_and(|chain| chain.ledger.is_reached());
		let count = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
		StatusView {
			version: env!("CARGO_PKG_VERSION").into(),
			address: address(&self.account),
			node: sp_core::bytes::to_hex(&self.wire.key(), false)
				.trim_start_matches("0x")
				.into(),
			url: self.config.node.url.clone(),
			chain: reached,
			block: self.told,
			tick: self.now(),
			block_age: self.told_at.map_or(0, |at| at.elapsed().as_secs()),
			trouble: self.trouble.clone(),
			channels: count(self.party.channels().count()),
			peers: count(self.peers.len()),
			watched: count(self.tower.len()),
			relays: self.config.relay.enabled,
		}
	}

	/// What is wrong, each with what to do.
	fn ailments(&self) -> Vec<String> {
		let status = self.status();
		let mut wrong: Vec<String> = status.trouble.into_iter().collect();
		if !status.chain {
			wrong.push("no node of the chain is reached: closes by partners are not seen; see chain.nodes".into());
		} else if status.block_age > MOST_AGE {
			wrong.push(format!(
				"the last final block came {} s ago: the chain stands or the node is stuck; deadlines stand with it",
				status.block_age
			));
		}
		if self.signer.is_none() {
			wrong.push("the account's key is not here: nothing that has to be signed is brought to the chain".into());
		}
		wrong.extend(self.lost_channels());
		wrong
	}

	fn gauges(&self) -> Gauges {
		let mut gauges = Gauges {
			status: self.status(),
			calls_in_flight: self.chain.as_ref().map_or(0, |chain| {
				u64::try_from(chain.submitter.in_flight()).unwrap_or(u64::MAX)
			}),
			running: self.streams.running(),
			..Gauges::default()
		};
		for id in self.party.channels() {
			let Some(sheet) = self.party.sheet(id) else {
				continue;
			};
			let locks = sheet.given.len().saturating_add(sheet.taken.len());
			gauges.locks = gauges.locks.saturating_add(u64::try_from(locks).unwrap_or(u64::MAX));
			let left = sheet
				.taken
				.values()
				.map(|taken| taken.lock.expiry.saturating_sub(self.now()))
				.min();
			gauges.least_ticks = match (gauges.least_ticks, left) {
				(Some(one), Some(other)) => Some(one.min(other)),
				(one, other) => one.or(other),
			};
			if sheet.is_open() {
				gauges.spendable = gauges.spendable.saturating_add(self.room(id));
				gauges.receivable = gauges.receivable.saturating_add(receivable(sheet));
			} else {
				gauges.closing = gauges.closing.saturating_add(1);
			}
			if self.config.tower().is_some() {
				gauges.tower_lag = gauges
					.tower_lag
					.saturating_add(sheet.held().saturating_sub(sheet.receipt));
			}
		}
		gauges
	}

	fn view(&self, id: ChannelId) -> Option<ChannelView> {
		let sheet = self.party.sheet(id)?;
		let partner = self.contacts.get(&id).map(|contact| address(&contact.partner));
		let locks = sheet.given.len().saturating_add(sheet.taken.len());
		Some(ChannelView {
			channel: id,
			partner: partner.unwrap_or_else(|| "not known".into()),
			state: self.state(id, sheet),
			connected: self.greeted.contains(&id),
			total: Planck(sheet.opened.stake.total()),
			spendable: Planck(self.room(id)),
			receivable: Planck(receivable(sheet)),
			sent: Planck(sheet.obligations.transferred()),
			received: Planck(sheet.theirs.as_ref().map_or(0, |theirs| theirs.half.body.transferred)),
			locks: u32::try_from(locks).unwrap_or(u32::MAX),
			window: sheet.opened.terms.window,
			deadline: sheet.seen.as_ref().map(|seen| seen.dispute.deadline),
			lost: matches!(sheet.phase, Phase::Lost { .. }),
		})
	}

	/// How far a channel is, in words.
	fn state(&self, id: ChannelId, sheet: &Sheet) -> String {
		if let Some(seen) = &sheet.seen {
			let by = if seen.dispute.closer == sheet.side() {
				"this side"
			} else {
				"the partner"
			};
			return format!(
				"closed alone by {by}; answers count until tick {}",
				seen.dispute.deadline
			);
		}
		match &sheet.phase {
			Phase::Open => self.state_of_open(id, sheet),
			Phase::Lost { since } => format!(
				"its data is lost; the partner is asked where to go on since tick {since}; if it stays silent: \
				 `smart-pay close {id} --recovery`"
			),
			Phase::Parting { close, .. } => format!("closing together, until tick {}", close.expiry),
			Phase::Closing { .. } => "closing alone; the claim is on its way to the chain".into(),
			Phase::Recovering { .. } => "closing alone without its data; the claim is on its way to the chain".into(),
			Phase::Settled { .. } => "settled; locks are left".into(),
		}
	}

	fn invoice(&self, amount: Balance, seconds: u64, text: String) -> Answer {
		if amount == 0 || text.len() > MAX_TEXT {
			return Answer::Failed(format!(
				"an invoice asks for more than nothing, and has at most {MAX_TEXT} bytes of text"
			));
		}
		let mut nonce = [0; 16];
		OsRng.fill_bytes(&mut nonce);
		let terms = InvoiceTerms {
			amount,
			expires: unix_now().saturating_add(seconds),
			nonce,
		};
		let mut chain = [0; 4];
		chain.copy_from_slice(&self.genesis[..4]);
		let invoice = Invoice {
			chain,
			payee: self.account,
			node: self.wire.key(),
			url: self.config.node.url.clone(),
			first: self.invoices.hash(&terms, 0),
			terms,
			text,
		};
		Answer::Invoice(invoice.write())
	}

	fn close(&mut self, channel: ChannelId, alone: bool, sure: bool, dry_run: bool) -> Answer {
		let Some(sheet) = self.party.sheet(channel) else {
			return Answer::Failed(format!(
				"there is no channel {channel} here: `smart-pay channels` shows those that are"
			));
		};
		let window = sheet.opened.terms.window;
		if dry_run {
			let ours = self.parts(sheet);
			let worst = if alone {
				vec![
					format!(
						"your part comes after {}, and locks after they have expired",
						lasting(window)
					),
					"if this store is an old copy, all that is in the channel is the partner's".into(),
				]
			} else {
				vec![
					"if the partner does not agree within two minutes, nothing is closed: close alone then".into(),
					"nothing is paid in the channel meanwhile".into(),
				]
			};
			return Answer::Plan(Plan {
				what: format!(
					"closes channel {channel} {}; about {} come back to this account",
					if alone { "alone" } else { "together" },
					stci(ours)
				),
				worst,
				..Plan::default()
			});
		}
		let event = if alone {
			Event::Close { channel, sure }
		} else {
			Event::Together(channel)
		};
		match self.step(event, None) {
			Ok(()) => Answer::Done(Flow {
				said: format!("channel {channel} is being closed; `smart-pay channels` shows how far it is"),
				envelope: None,
				number: Some(channel),
			}),
			Err(refused) => Answer::Failed(refused.to_string()),
		}
	}

	/// What we would get if no lock were left, in planck.
	fn parts(&self, sheet: &Sheet) -> Balance {
		let side = sheet.side();
		let owed = channel_primitives::PerSide::from_fn(|of: Side| channel_primitives::Owed {
			transferred: if of == side {
				sheet.obligations.transferred()
			} else {
				sheet.theirs.as_ref().map_or(0, |theirs| theirs.half.body.transferred)
			},
			locked: 0,
			void: false,
		});
		*channel_primitives::settle(&sheet.opened.stake, &owed).paid.get(side)
	}

	/// Says whose node the partner of a channel has, and calls it.
	fn reach(&mut self, channel: ChannelId, node: &str, url: String) -> Answer {
		let Some(node) = digits(node) else {
			return Answer::Failed("the node's key has 64 hexadecimal digits: its `smart-pay status` shows it".into());
		};
		if let Err(why) = self.set_reach(channel, Reach { node, url: url.clone() }) {
			return Answer::Failed(why);
		}
		self.want(node, &url);
		self.greet_new();
		Answer::Done(Flow {
			said: "the partner is called there from now on".into(),
			envelope: None,
			number: Some(channel),
		})
	}

	fn backup(&self, path: &str) -> Answer {
		let made = Backup::of(&self.records, self.genesis, self.account);
		let written = made.and_then(|backup| backup.write(Path::new(path), &self.keys));
		match written {
			Ok(()) => Answer::Done(Flow {
				said: format!("{path} is written: with the phrase it brings all channels back, and is safe at any age"),
				envelope: None,
				number: None,
			}),
			Err(error) => Answer::Failed(error.to_string()),
		}
	}
}

/// What the partner can pay, in planck.
fn receivable(sheet: &Sheet) -> Balance {
	let partner = sheet.side().partner();
	let (transferred, locked) = sheet
		.theirs
		.as_ref()
		.map_or((0, 0), |theirs| (theirs.half.body.transferred, theirs.half.body.locked));
	sheet
		.opened
		.stake
		.room(partner, transferred, locked, sheet.obligations.transferred())
}
