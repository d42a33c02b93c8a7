//! `relayer call`: a call of this account's that a relayer sends.

use crate::{
	cli::{RelayedArguments, RelayedCall},
	commands::{
		asks::{confirmed, plain},
		context::currency,
		Code, Context, Failure,
	},
};
use codec::Decode;
use relay_primitives::{call_hash, Balance, RelayAuth, RelayNonce, Spend, STCI};
use serde::{de::DeserializeOwned, Serialize};
use smart_agent_chain::{AccountId, Call, Chain, PairSigner, Signer};
use smart_pay_api::{Plan, Planck};
use smart_pay_relayer::{bytes_of, signed_for, standing, AskQuote, Posted, Quoted, Sent, Standing};
use sp_runtime::DispatchError;
use std::time::Duration;
use tokio::{
	io::{AsyncReadExt, AsyncWriteExt},
	net::TcpStream,
	time::{sleep, timeout},
};

/// Bytes of an answer at most.
const MOST_ANSWER: u64 = 64 << 10;
/// How long a relayer may take to answer.
const PATIENCE: Duration = Duration::from_secs(60);
/// Blocks that an authorization is signed for at most: ten minutes, as a rule.
const MOST_BLOCKS: u32 = 1_200;
/// How often, and how often in all, is looked for what became of it.
const LOOKS: (Duration, u32) = (Duration::from_secs(1), 60);

/// A call with what it is in words, and what it spends if that is known, in planck.
struct Wanted {
	what: String,
	bytes: Vec<u8>,
	spends: Option<Balance>,
	known: bool,
}

/// What came of it, for `--json`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Outcome {
	transaction: String,
	tried: String,
	/// The block in which it was sent; none if it was in none yet.
	block: Option<u32>,
	/// Why the call did nothing; none if it did what it should, or nobody knows yet.
	failed: Option<String>,
}

/// Has a call sent: asks for the price, tells it, signs and posts.
///
/// # Errors
/// If chain or relayer are not reached, if it costs too much, or if it was refused.
pub(super) async fn run(context: &Context, arguments: &RelayedArguments) -> Result<(), Failure> {
	let keystore = context.keystore()?;
	let account = AccountId::new(keystore.account());
	let chain = context.connect().await?;
	let wanted = wanted(context, &arguments.call, &account, &chain)?;
	let spend = match (&arguments.spend, wanted.spends) {
		(Some(text), _) => context.amount(text)?,
		(None, Some(spends)) => spends,
		(None, None) => return Err(usage("say by --spend how much the account may become less by the call")),
	};
	let most = arguments
		.most_fee
		.as_ref()
		.map(|text| context.amount(text))
		.transpose()?;
	if context.common.yes && most.is_none() {
		return Err(usage("with --yes say by --most-fee what the relayer may take at most"));
	}
	let ask = AskQuote {
		signer: smart_agent_keys::address(&keystore.account()),
		call: sp_core::bytes::to_hex(&wanted.bytes, false),
	};
	let body = serde_json::to_vec(&ask).map_err(|error| Failure::other(error.to_string()))?;
	let quoted = read_quote(post(&arguments.at, "/v1/quote", "application/json", &body).await?)?;
	let standing = standing(&chain, &account).await?;
	check(&quoted, &standing, most)?;
	if !confirmed(context, &plan(&arguments.at, &wanted, &quoted, &standing, spend))? {
		return Ok(());
	}
	let owner = context.owner(&keystore)?;
	let signer = PairSigner(owner.pair().clone());
	let auth = authorization(account, &quoted, spend)?;
	let payload = auth.payload(&signed_for(&chain), &call_hash(&wanted.bytes));
	let nonce = auth.nonce;
	let posted = Posted {
		auth,
		signature: signer.sign(&payload)?,
		call: wanted.bytes,
	};
	let sent: Sent = post(
		&arguments.at,
		"/v1/relay",
		"application/octet-stream",
		&bytes_of(&posted),
	)
	.await?;
	context
		.terminal
		.say(&format!("The relayer has sent it: {}", said(&sent.tried)));
	let outcome = look(&chain, &posted.auth.signer, nonce, standing.block, sent).await;
	context.terminal.facts(&outcome, |_| match outcome.block {
		Some(block) => format!("{}: in block {block}", outcome.transaction),
		None => format!(
			"{}: in no block yet; the authorization counts until block {}",
			outcome.transaction, posted.auth.valid_until
		),
	});
	match outcome.failed {
		None => Ok(()),
		Some(why) => Err(Failure::other(format!(
			"the call did nothing ({why}), and the relayer is paid all the same: see what the call needs before it is \
			 signed anew"
		))),
	}
}

fn usage(why: &str) -> Failure {
	Failure::new(Code::Usage, why)
}

/// The call that is named on the command line.
fn wanted(context: &Context, call: &RelayedCall, account: &AccountId, chain: &Chain) -> Result<Wanted, Failure> {
	let known = |what: String, call: Call, spends: Balance| -> Result<Wanted, Failure> {
		Ok(Wanted {
			what,
			bytes: chain.call_bytes(&call)?,
			spends: Some(spends),
			known: true,
		})
	};
	match call {
		RelayedCall::Transfer { to, amount } => {
			let planck = context.amount(amount)?;
			let receiver = smart_agent_keys::parse_address(to).map_err(|why| usage(&why))?;
			let what = format!("sends {} to {to}", context.currency().exact(planck));
			let to = AccountId::new(receiver);
			known(what, Call::Transfer { to, amount: planck }, planck)
		}
		RelayedCall::Claim { eras } => {
			let what = format!("claims what this account has earned in {} era(s)", eras.len());
			let call = Call::ClaimEarnings {
				account: account.clone(),
				eras: eras.clone(),
			};
			known(what, call, 0)
		}
		RelayedCall::Hex { call } => Ok(Wanted {
			what: "carries out a call that this program does not know".into(),
			bytes: sp_core::bytes::from_hex(call)
				.map_err(|error| usage(&format!("the call is no hexadecimal digits: {error}")))?,
			spends: None,
			known: false,
		}),
	}
}

/// What a relayer says, as it may be shown, and not more of it than a screen has.
fn said(text: &str) -> String {
	plain(text.trim()).chars().take(300).collect()
}

/// A price, with the relayer's account as it is written here: it is shown before it is signed for.
fn read_quote(quoted: Quoted) -> Result<Quoted, Failure> {
	let account = smart_agent_keys::parse_address(&quoted.relayer)
		.map_err(|why| Failure::other(format!("the relayer's answer names no account: {}", said(&why))))?;
	Ok(Quoted {
		relayer: smart_agent_keys::address(&account),
		..quoted
	})
}

/// Whether what the relayer asks for is what this program's own node bears out, and not too much.
fn check(quoted: &Quoted, standing: &Standing, most: Option<Balance>) -> Result<(), Failure> {
	let next = standing.nonce.unwrap_or(0);
	if quoted.nonce != next {
		return Err(Failure::other(format!(
			"the relayer asks for nonce {}, and the chain says {next}: one of the two nodes is behind, or something of \
			 this account is on its way; try again",
			quoted.nonce
		)));
	}
	let last = standing.block.saturating_add(MOST_BLOCKS);
	if quoted.valid_until <= standing.block || quoted.valid_until > last {
		return Err(Failure::other(format!(
			"the relayer asks for block {} as the last one, and {} is the best: at most {MOST_BLOCKS} more are signed \
			 for",
			quoted.valid_until, standing.block
		)));
	}
	match most {
		Some(most) if quoted.fee.0 > most => Err(Failure::other(format!(
			"the relayer asks for {}, more than --most-fee: try another relayer, or allow more",
			currency().exact(quoted.fee.0)
		))),
		_ => Ok(()),
	}
}

fn plan(at: &str, wanted: &Wanted, quoted: &Quoted, standing: &Standing, spend: Balance) -> Plan {
	let mut worst = vec![
		"the fee is the relayer's whatever becomes of the call".into(),
		format!(
			"by the call the account becomes less by {} at most, holds and deposits counted; else it is undone",
			currency().exact(spend)
		),
		format!(
			"the relayer may send it at any time until block {} (now {})",
			quoted.valid_until, standing.block
		),
	];
	if !wanted.known {
		worst.push(
			"what is no money is not bounded: rights, devices, votes; sign only a call of which you know what it does"
				.into(),
		);
	}
	let all = quoted.fee.0.saturating_add(spend);
	Plan {
		what: format!("{}; sent by {} at {at}", wanted.what, quoted.relayer),
		fee: quoted.fee,
		paid: Planck(spend),
		missing: Planck(all.saturating_sub(standing.spendable)),
		worst,
		..Plan::default()
	}
}

/// What is signed.
fn authorization(signer: AccountId, quoted: &Quoted, spend: Balance) -> Result<RelayAuth<AccountId>, Failure> {
	let relayer = smart_agent_keys::parse_address(&quoted.relayer)
		.map_err(|why| Failure::other(format!("the relayer's answer names no account: {why}")))?;
	let listed = (spend > 0).then_some(Spend {
		asset: STCI,
		most: spend,
	});
	Ok(RelayAuth {
		signer,
		relayer: AccountId::new(relayer),
		fee_asset: STCI,
		fee: quoted.fee.0,
		spend: listed.into_iter().collect::<Vec<_>>().try_into().unwrap_or_default(),
		nonce: quoted.nonce,
		valid_until: quoted.valid_until,
	})
}

/// Looks for what became of it, for a minute at most.
async fn look(chain: &Chain, signer: &AccountId, nonce: RelayNonce, after: u32, sent: Sent) -> Outcome {
	let mut outcome = Outcome {
		transaction: said(&sent.transaction),
		tried: said(&sent.tried),
		block: None,
		failed: None,
	};
	let (pause, times) = LOOKS;
	let mut next = after.saturating_add(1);
	for _ in 0..times {
		sleep(pause).await;
		let Ok(best) = chain.best().await else {
			continue;
		};
		while next <= best.number {
			match relayed_in(chain, next, signer, nonce).await {
				Some(Some(result)) => {
					outcome.block = Some(next);
					outcome.failed = result.err().map(|error| format!("{error:?}"));
					return outcome;
				}
				Some(None) => next = next.saturating_add(1),
				// It is asked for again.
				None => break,
			}
		}
	}
	outcome
}

/// What the call came to in a block: none if the block is not known, and none within if it was not there.
async fn relayed_in(
	chain: &Chain,
	number: u32,
	signer: &AccountId,
	nonce: RelayNonce,
) -> Option<Option<Result<(), DispatchError>>> {
	type Fields = (AccountId, AccountId, RelayNonce, Balance, Result<(), DispatchError>);
	let block = chain.block(number).await.ok()??;
	let events = chain.events_of("Relay", block.hash).await.ok()?;
	let relayed = events.iter().filter(|event| event.name == "Relayed");
	let mut results = relayed.filter_map(|event| {
		let (who, _, counted, _, result) = Fields::decode(&mut &event.bytes[..]).ok()?;
		(who == *signer && counted == nonce).then_some(result)
	});
	Some(results.next())
}

/// Posts something to a relayer, and reads its answer.
async fn post<T: DeserializeOwned>(at: &str, path: &str, kind: &str, body: &[u8]) -> Result<T, Failure> {
	let unreached =
		|why: String| Failure::new(Code::Unreachable, format!("the relayer at {at} does not answer: {why}"));
	let host = at.strip_prefix("http://").map(|rest| rest.trim_end_matches('/'));
	let host = host
		.filter(|host| !host.is_empty() && !host.contains(['/', '@', ' ']))
		.ok_or_else(|| usage("name the relayer as http://HOST:PORT"))?;
	let place = if host.contains(':') {
		host.to_owned()
	} else {
		format!("{host}:80")
	};
	let asked = async {
		let mut stream = TcpStream::connect(&place).await?;
		// Of HTTP 1.0, so that the answer comes in one piece.
		let head = format!(
			"POST {path} HTTP/1.0\r\nHost: {host}\r\nContent-Type: {kind}\r\nContent-Length: {}\r\n\r\n",
			body.len()
		);
		stream.write_all(head.as_bytes()).await?;
		stream.write_all(body).await?;
		let mut answer = Vec::new();
		stream.take(MOST_ANSWER).read_to_end(&mut answer).await?;
		Ok::<_, std::io::Error>(answer)
	};
	let answer = timeout(PATIENCE, asked)
		.await
		.map_err(|_| unreached("it takes too long".into()))?
		.map_err(|error| unreached(error.to_string()))?;
	let end = answer.windows(4).position(|four| four == b"\r\n\r\n");
	let Some((head, body)) = end.map(|end| answer.split_at(end.saturating_add(4))) else {
		return Err(unreached("it answers no HTTP".into()));
	};
	let head = String::from_utf8_lossy(head);
	if head.split(' ').nth(1) != Some("200") {
		let text = String::from_utf8_lossy(body);
		return Err(Failure::other(format!("the relayer says: {}", said(&text))));
	}
	let unread =
		|error: serde_json::Error| unreached(format!("its answer cannot be read ({})", said(&error.to_string())));
	serde_json::from_slice(body).map_err(unread)
}

#[cfg(test)]
mod tests {
	use super::*;

	fn quoted(nonce: RelayNonce, valid_until: u32) -> Quoted {
		Quoted {
			relayer: smart_agent_keys::address(&[9; 32]),
			fee: Planck(100),
			entry: Planck(0),
			nonce,
			valid_until,
		}
	}

	#[test]
	fn a_relayer_that_asks_for_too_much_gets_nothing_signed() {
		let standing = Standing {
			nonce: Some(3),
			spendable: 1_000,
			block: 50,
		};
		assert!(check(&quoted(3, 100), &standing, Some(100)).is_ok());
		for (quoted, most) in [
			(quoted(2, 100), None),
			(quoted(4, 100), None),
			(quoted(3, 50), None),
			(quoted(3, 51 + MOST_BLOCKS), None),
			(quoted(3, 100), Some(99)),
		] {
			assert!(check(&quoted, &standing, most).is_err(), "{quoted:?}");
		}
	}

	/// Painter answers with an account that wipes the fee from the screen, and writes a smaller one.
	#[test]
	fn a_relayer_paints_nothing_over_what_is_asked() {
		let painted = Quoted {
			relayer: format!("{}\u{1b}[2A\rfee 1", smart_agent_keys::address(&[9; 32])),
			..quoted(3, 100)
		};
		assert!(read_quote(painted).is_err());
		let right = read_quote(quoted(3, 100)).expect("it is an account");
		assert_eq!(right, quoted(3, 100));
		assert_eq!(said(" sent\u{1b}[2K\u{202e}\r\n "), "sent[2K");
		assert_eq!(said(&"x".repeat(1_000)).len(), 300);
	}

	#[test]
	fn what_is_not_spent_is_not_listed() {
		let auth = authorization(AccountId::new([1; 32]), &quoted(3, 100), 0).expect("it is made");
		assert!(auth.spend.is_empty() && auth.spend_of(STCI) == 0);
		let auth = authorization(AccountId::new([1; 32]), &quoted(3, 100), 7).expect("it is made");
		assert_eq!((auth.spend_of(STCI), auth.fee, auth.nonce), (7, 100, 3));
		assert_eq!(auth.relayer, AccountId::new([9; 32]));
	}
}
