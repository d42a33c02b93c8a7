//! A relayer over a chain in memory, and over HTTP.

use super::{
	desk::bytes_of,
	rules::{Desk, Posted, Relayer, Sent, Standing, Terms, Tried},
	serve::serve,
};
use relay_primitives::{call_hash, wrapped, Balance, Chain, Hash, RelayAuth, Spend, STCI};
use smart_agent_chain::AccountId;
use sp_core::{sr25519, Pair};
use sp_runtime::MultiSignature;
use std::{
	sync::{Arc, Mutex},
	time::{Duration, Instant},
};
use tokio::{
	io::{AsyncReadExt, AsyncWriteExt},
	net::{TcpListener, TcpStream},
	sync::Notify,
};

const CHAIN: Chain = Chain {
	genesis: [7; 32],
	transaction_version: 1,
};
/// What a transaction costs, an entry, and what the relayer earns.
const FEE: Balance = 1_000;
const ENTRY: Balance = 500;
const MARGIN: Balance = 20;

/// A chain in memory.
struct Book {
	standing: Mutex<Standing>,
	tried: Mutex<Tried>,
	lost: Mutex<Balance>,
	sent: Mutex<Vec<Posted>>,
	/// Until when a dry run takes; none if it takes no time.
	slow: Mutex<Option<Arc<Notify>>>,
	/// Whether the node does not say whether it has what it was sent.
	mute: Mutex<bool>,
}

impl Desk for Book {
	fn chain(&self) -> Chain {
		CHAIN
	}

	fn relayer(&self) -> AccountId {
		AccountId::new([9; 32])
	}

	fn entry_price(&self) -> Result<Balance, String> {
		Ok(ENTRY)
	}

	fn lost(&self) -> Balance {
		*self.lost.lock().expect("it is there")
	}

	async fn standing(&self, _: &AccountId) -> Result<Standing, String> {
		Ok(*self.standing.lock().expect("it is there"))
	}

	async fn fee(&self, _: &Posted) -> Result<Balance, String> {
		Ok(FEE)
	}

	async fn try_out(&self, _: &Posted) -> Tried {
		let slow = self.slow.lock().expect("it is there").clone();
		if let Some(slow) = slow {
			slow.notified().await;
		}
		self.tried.lock().expect("it is there").clone()
	}

	async fn send(&self, posted: &Posted) -> Result<Hash, String> {
		self.sent.lock().expect("it is there").push(posted.clone());
		if *self.mute.lock().expect("it is there") {
			return Err("the connection was lost".into());
		}
		Ok([5; 32])
	}
}

fn relayer(blind: bool) -> Relayer<Book> {
	let book = Book {
		standing: Mutex::new(Standing {
			nonce: None,
			spendable: 10_000,
			block: 100,
		}),
		tried: Mutex::new(Tried::Passed),
		lost: Mutex::new(0),
		sent: Mutex::new(Vec::new()),
		slow: Mutex::new(None),
		mute: Mutex::new(false),
	};
	let terms = Terms {
		margin: MARGIN,
		blind,
		most_lost: 100,
	};
	Relayer::new(book, terms)
}

fn pair() -> sr25519::Pair {
	sr25519::Pair::from_seed(&[1; 32])
}

fn auth() -> RelayAuth<AccountId> {
	auth_of(pair().public().0)
}

fn auth_of(signer: [u8; 32]) -> RelayAuth<AccountId> {
	RelayAuth {
		signer: AccountId::new(signer),
		relayer: AccountId::new([9; 32]),
		fee_asset: STCI,
		fee: FEE + ENTRY + MARGIN,
		spend: vec![Spend { asset: STCI, most: 7 }].try_into().expect("one of eight"),
		nonce: 0,
		valid_until: 300,
	}
}

fn signed(auth: RelayAuth<AccountId>) -> Posted {
	let call = vec![1, 2, 3];
	let payload = auth.payload(&CHAIN, &call_hash(&call));
	Posted {
		auth,
		signature: MultiSignature::Sr25519(pair().sign(&payload)),
		call,
	}
}

fn sent(relayer: &Relayer<Book>) -> usize {
	relayer.desk.sent.lock().expect("it is there").len()
}

#[tokio::test]
async fn what_is_signed_and_paid_for_is_sent_once() {
	let relayer = relayer(false);
	let who = auth().signer;
	let quoted = relayer.quote(&who, vec![1, 2, 3]).await.expect("it has a price");
	assert_eq!(quoted.fee.0, FEE + FEE / 10 + ENTRY + MARGIN);
	assert_eq!((quoted.entry.0, quoted.nonce, quoted.valid_until), (ENTRY, 0, 340));
	let first = relayer.relay(&signed(auth())).await.expect("it is sent");
	assert!(first.transaction.contains("0505") && first.tried.contains("tried out"));
	let again = relayer.relay(&signed(auth())).await.expect_err("it is on its way");
	assert_eq!((again.status, sent(&relayer)), (409, 1));
}

#[tokio::test]
async fn what_a_wallet_wraps_is_signed_too() {
	let relayer = relayer(false);
	let mut posted = signed(auth());
	let payload = posted.auth.payload(&CHAIN, &call_hash(&posted.call));
	posted.signature = MultiSignature::Sr25519(pair().sign(&wrapped(&payload)));
	assert!(relayer.relay(&posted).await.is_ok());
}

#[tokio::test]
async fn whatever_is_wrong_is_refused_before_anything_is_paid() {
	let other = |change: fn(&mut RelayAuth<AccountId>)| {
		let mut auth = auth();
		change(&mut auth);
		signed(auth)
	};
	let mut edited = signed(auth());
	edited.call.push(4);
	let mut stolen = signed(auth());
	stolen.auth.fee = FEE * 2;
	let mut long = signed(auth());
	long.call = vec![0; 16_385];
	for (what, posted, word) in [
		("edited", edited, "signature"),
		("stolen", stolen, "signature"),
		("long", long, "bytes"),
		(
			"another relayer",
			other(|auth| auth.relayer = AccountId::new([8; 32])),
			"another relayer",
		),
		("another asset", other(|auth| auth.fee_asset = 1), "asset 0"),
		("an old nonce", other(|auth| auth.nonce = 1), "next nonce"),
		("over", other(|auth| auth.valid_until = 101), "is over"),
		(
			"too cheap",
			other(|auth| auth.fee = FEE + ENTRY + MARGIN - 1),
			"asked for",
		),
		("too poor", other(|auth| auth.fee = 10_001), "has not as much"),
	] {
		let relayer = relayer(false);
		let refused = relayer.relay(&posted).await.expect_err(what);
		assert!(refused.why.contains(word), "{what}: {}", refused.why);
		assert_eq!(sent(&relayer), 0, "{what}");
		// It does not stand in the way of what is right.
		assert!(relayer.relay(&signed(auth())).await.is_ok(), "{what}");
	}
}

/// Who has an entry pays for none.
#[tokio::test]
async fn an_entry_is_paid_for_once() {
	let relayer = relayer(false);
	relayer.desk.standing.lock().expect("it is there").nonce = Some(4);
	let mut auth = auth();
	(auth.nonce, auth.fee) = (4, FEE + MARGIN);
	assert!(relayer.relay(&signed(auth)).await.is_ok());
}

#[tokio::test]
async fn what_would_be_refused_or_cannot_be_tried_is_not_sent() {
	let relayer_of = |tried: Tried, blind| {
		let relayer = relayer(blind);
		*relayer.desk.tried.lock().expect("it is there") = tried;
		relayer
	};
	let drained = relayer_of(Tried::Refused("Relay.CannotPayFee".into()), false);
	let refused = drained.relay(&signed(auth())).await.expect_err("it is refused");
	assert!(refused.why.contains("CannotPayFee"));
	let elsewhere = relayer_of(Tried::NotHere("unsafe".into()), false);
	let refused = elsewhere.relay(&signed(auth())).await.expect_err("it is refused");
	assert_eq!((refused.status, sent(&elsewhere)), (503, 0));
	// Unless its operator wants that; and then it says so.
	let blind = relayer_of(Tried::NotHere("unsafe".into()), true);
	let said = blind.relay(&signed(auth())).await.expect("it is sent");
	assert!(said.tried.contains("not tried out"));
}

#[tokio::test]
async fn a_relayer_that_has_lost_too_much_stops() {
	let relayer = relayer(false);
	*relayer.desk.lost.lock().expect("it is there") = 101;
	let refused = relayer.relay(&signed(auth())).await.expect_err("it stops");
	assert_eq!((refused.status, sent(&relayer)), (503, 0));
}

/// Doubler signs two calls with one nonce: between them it posts what is refused, so that the first is forgotten. The
/// second fails on chain, and the relayer pays for it.
#[tokio::test]
async fn what_is_refused_makes_no_room_for_a_second_of_the_same_nonce() {
	let relayer = relayer(false);
	assert!(relayer.relay(&signed(auth())).await.is_ok());
	let later = RelayAuth { nonce: 5, ..auth() };
	let refused = relayer.relay(&signed(later)).await.expect_err("it is not the next");
	assert!(refused.why.contains("next nonce"), "{}", refused.why);
	let second = RelayAuth {
		fee: auth().fee + 1,
		..auth()
	};
	let refused = relayer
		.relay(&signed(second))
		.await
		.expect_err("the first is on its way");
	assert_eq!((refused.status, sent(&relayer)), (409, 1));
	// In a block the next one is its turn.
	relayer.desk.standing.lock().expect("it is there").nonce = Some(1);
	let next = RelayAuth { nonce: 1, ..auth() };
	assert!(relayer.relay(&signed(next)).await.is_ok());
}

/// A node that is lost may have what it was sent.
#[tokio::test]
async fn what_may_be_in_the_pool_is_on_its_way() {
	let relayer = relayer(false);
	*relayer.desk.mute.lock().expect("it is there") = true;
	let lost = relayer.relay(&signed(auth())).await.expect_err("nobody says");
	assert_eq!(lost.status, 503);
	let again = relayer.relay(&signed(auth())).await.expect_err("it may be there");
	assert_eq!((again.status, sent(&relayer)), (409, 1));
}

/// Ringer posts and hangs up, again and again: each would keep a place for a minute, and what it costs be counted
/// nowhere.
#[tokio::test(flavor = "multi_thread")]
async fn whoever_hangs_up_ends_nothing_that_was_begun() {
	let listener = TcpListener::bind("127.0.0.1:0").await.expect("it listens");
	let place = listener.local_addr().expect("an address");
	let relayer = Arc::new(relayer(false));
	let slow = Arc::new(Notify::new());
	*relayer.desk.slow.lock().expect("it is there") = Some(slow.clone());
	tokio::spawn(serve(listener, relayer.clone(), std::future::pending()));
	let body = bytes_of(&signed(auth()));
	let mut stream = TcpStream::connect(place).await.expect("it listens");
	let head = format!(
		"POST /v1/relay HTTP/1.1\r\nHost: {place}\r\nContent-Length: {}\r\n\r\n",
		body.len()
	);
	stream.write_all(head.as_bytes()).await.expect("it is written");
	stream.write_all(&body).await.expect("it is written");
	let within = async |limit: Duration, holds: &dyn Fn() -> bool| {
		let began = Instant::now();
		while !holds() && began.elapsed() < limit {
			tokio::task::yield_now().await;
		}
		holds()
	};
	// One is ours, one is the book's, one the dry run's.
	let tries = || Arc::strong_count(&slow) == 3;
	assert!(within(Duration::from_secs(10), &tries).await, "it is tried out");
	drop(stream);
	let ended = within(Duration::from_millis(500), &|| !tries()).await;
	assert!(!ended, "it goes on");
	slow.notify_one();
	assert!(
		within(Duration::from_secs(10), &|| sent(&relayer) == 1).await,
		"it is sent"
	);
}

async fn http(place: std::net::SocketAddr, head: &str, body: &[u8]) -> String {
	let mut stream = TcpStream::connect(place).await.expect("it listens");
	let head = format!(
		"{head} HTTP/1.0\r\nHost: {place}\r\nContent-Length: {}\r\n\r\n",
		body.len()
	);
	stream.write_all(head.as_bytes()).await.expect("it is written");
	stream.write_all(body).await.expect("it is written");
	let mut answer = String::new();
	stream.read_to_string(&mut answer).await.expect("it answers");
	answer
}

#[tokio::test(flavor = "multi_thread")]
async fn it_answers_over_http() {
	let listener = TcpListener::bind("127.0.0.1:0").await.expect("it listens");
	let place = listener.local_addr().expect("an address");
	let relayer = Arc::new(relayer(false));
	tokio::spawn(serve(listener, relayer.clone(), std::future::pending()));
	let terms = http(place, "GET /v1/terms", b"").await;
	assert!(
		terms.contains("200 OK") && terms.contains("transactionVersion"),
		"{terms}"
	);
	let address = smart_agent_keys::address(&pair().public().0);
	let ask = format!("{{\"signer\":\"{address}\",\"call\":\"0x010203\"}}");
	let quoted = http(place, "POST /v1/quote", ask.as_bytes()).await;
	assert!(quoted.contains("\"fee\":\"1620\""), "{quoted}");
	let answer = http(place, "POST /v1/relay", &bytes_of(&signed(auth()))).await;
	let body = answer.split("\r\n\r\n").nth(1).expect("a body");
	let said: Sent = serde_json::from_str(body).expect("it is sent");
	assert!(said.transaction.starts_with("0x05"), "{said:?}");
	for (head, body, status) in [
		("POST /v1/relay", &b"nonsense"[..], "400"),
		("POST /v1/quote", b"{}", "400"),
		("GET /v1/relay", b"", "404"),
	] {
		let answer = http(place, head, body).await;
		assert_eq!(answer.split(' ').nth(1), Some(status), "{head}: {answer}");
	}
	assert_eq!(sent(&relayer), 1);
	// Its figures are for this machine: under a name of it, and not for a page of elsewhere.
	let figures = http(place, "GET /metrics", b"").await;
	for row in [
		"smart_pay_relayer_answers_total{asked=\"relay\",status=\"200\"} 1",
		"smart_pay_relayer_answers_total{asked=\"quote\",status=\"400\"} 1",
		"smart_pay_relayer_fees_planck_total 1520",
		"smart_pay_relayer_on_their_way 1",
	] {
		assert!(figures.contains(row), "{row}: {figures}");
	}
}

/// Programs in other languages make them, too.
#[test]
fn the_bytes_of_what_is_posted_stay() {
	let posted = Posted {
		auth: RelayAuth {
			nonce: 3,
			..auth_of([1; 32])
		},
		signature: MultiSignature::Sr25519(sr25519::Signature::from_raw([5; 64])),
		call: vec![1, 2, 3],
	};
	let expected = [
		"01".repeat(32).as_str(),
		"09".repeat(32).as_str(),
		// The asset of the fee, and the fee.
		"00000000",
		"f0050000000000000000000000000000",
		// What may be spent: how many, of which asset, and how much.
		"0400000000",
		"07000000000000000000000000000000",
		// The nonce, and the last block.
		"0300000000000000",
		"2c010000",
		// Of sr25519.
		"01",
		"05".repeat(64).as_str(),
		"0c010203",
	]
	.concat();
	assert_eq!(
		sp_core::bytes::to_hex(&bytes_of(&posted), false),
		format!("0x{expected}")
	);
}
