//! Over HTTP, for anybody.
//!
//! | path | what |
//! |---|---|
//! | `GET /v1/terms` | who relays, for which chain, and for what |
//! | `POST /v1/quote` | [`AskQuote`] in JSON; answered by [`Quoted`](crate::Quoted) |
//! | `POST /v1/relay` | [`Posted`] in SCALE; answered by [`Sent`](crate::Sent) once the node has it |
//! | `GET /metrics` | figures in Prometheus' text format; for this machine alone |
//!
//! Whatever is posted is signed, or moves nothing. So there is neither token nor TLS; whoever wants the latter puts a
//! proxy before it.

use crate::rules::{AskQuote, Desk, Posted, Refused, Relayer, MOST_CALL};
use codec::DecodeAll;
use hyper::{body::Incoming, server::conn::http1, service::service_fn, Method, Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use serde::Serialize;
use smart_agent_chain::AccountId;
use smart_agent_page::page::guard;
use smart_pay_api::{
	metrics::{relayer_metrics, RelayerCounts},
	read_all, text, Planck, Whole,
};
use std::{
	collections::BTreeMap,
	convert::Infallible,
	future::Future,
	net::IpAddr,
	sync::{Arc, Mutex, MutexGuard, PoisonError},
	time::{Duration, Instant},
};
use tokio::{net::TcpListener, task::JoinSet};

/// The most connections at a time.
const MOST_CONNECTIONS: usize = 64;
/// How long a connection may stay, and how long its head may take.
const CONNECTION_TIME: Duration = Duration::from_secs(60);
const HEAD_TIME: Duration = Duration::from_secs(10);
/// After a failure to accept.
const PAUSE: Duration = Duration::from_millis(200);
/// Bytes that are posted at most: a call in hexadecimal digits, and room for the rest.
const MOST_BYTES: usize = 2 * MOST_CALL + 2_048;
/// What an address may ask at once, and one more each so often.
const BURST: u32 = 20;
const ONE_EACH: Duration = Duration::from_secs(1);
/// Addresses that are remembered; beyond that all begin anew.
const MOST_ADDRESSES: usize = 4_096;

/// Who relays, and for what.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct TermsView {
	relayer: String,
	genesis: String,
	transaction_version: u32,
	margin: Planck,
	longest_call: usize,
}

/// What each address may still ask.
#[derive(Default)]
struct Allowance(Mutex<BTreeMap<IpAddr, (u32, Instant)>>);

impl Allowance {
	/// Whether it may ask once more.
	fn take(&self, who: IpAddr, now: Instant) -> bool {
		let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
		if all.len() >= MOST_ADDRESSES && !all.contains_key(&who) {
			all.clear();
		}
		let (left, since) = all.entry(who).or_insert((BURST, now));
		let more = now.saturating_duration_since(*since).as_millis() / ONE_EACH.as_millis();
		let more = u32::try_from(more).unwrap_or(u32::MAX);
		if more > 0 {
			*left = left.saturating_add(more).min(BURST);
			*since = now;
		}
		match left.checked_sub(1) {
			Some(less) => {
				*left = less;
				true
			}
			None => false,
		}
	}
}

/// What all connections share.
struct Front<D> {
	relayer: Arc<Relayer<D>>,
	allowance: Allowance,
	counts: Mutex<RelayerCounts>,
}

impl<D: Desk> Front<D> {
	fn counts(&self) -> MutexGuard<'_, RelayerCounts> {
		self.counts.lock().unwrap_or_else(PoisonError::into_inner)
	}

	fn figures(&self) -> String {
		let (lost, going) = (self.relayer.desk.lost(), self.relayer.on_their_way());
		relayer_metrics(&self.counts(), lost, going)
	}
}

/// Answers until `end`.
pub async fn serve<D: Desk>(listener: TcpListener, relayer: Arc<Relayer<D>>, end: impl Future<Output = ()>) {
	let front = Arc::new(Front {
		relayer,
		allowance: Allowance::default(),
		counts: Mutex::default(),
	});
	let mut connections = JoinSet::new();
	tokio::pin!(end);
	loop {
		tokio::select! {
			() = &mut end => return,
			Some(_) = connections.join_next() => {},
			accepted = listener.accept() => match accepted {
				Ok((stream, from)) if connections.len() < MOST_CONNECTIONS => {
					let front = front.clone();
					connections.spawn(async move {
						let service = service_fn(move |request| {
							let front = front.clone();
							async move { Ok::<_, Infallible>(answer(request, from.ip(), &front).await) }
						});
						let connection = http1::Builder::new()
							.timer(TokioTimer::new())
							.header_read_timeout(HEAD_TIME)
							.serve_connection(TokioIo::new(stream), service);
						// A connection that breaks is nobody's fault here.
						let _ = tokio::time::timeout(CONNECTION_TIME, connection).await;
					});
				}
				Ok(_) => (),
				Err(_) => tokio::time::sleep(PAUSE).await,
			},
		}
	}
}

async fn answer<D: Desk>(request: Request<Incoming>, from: IpAddr, front: &Front<D>) -> Response<Whole> {
	let path = match (request.method(), request.uri().path()) {
		(&Method::GET, "/v1/terms") => "terms",
		(&Method::POST, "/v1/quote") => "quote",
		(&Method::POST, "/v1/relay") => "relay",
		(&Method::GET, "/metrics") => return figures(&request, from, front),
		_ => "other",
	};
	let result = if front.allowance.take(from, Instant::now()) {
		answer_at(path, request, front).await
	} else {
		Err(Refused {
			status: 429,
			why: "too many questions: one a second".into(),
		})
	};
	let response = match result {
		Ok(bytes) => text(StatusCode::OK, bytes),
		Err(refused) => {
			let status = StatusCode::from_u16(refused.status).unwrap_or(StatusCode::BAD_REQUEST);
			text(status, refused.why + "\n")
		}
	};
	let status = response.status().as_u16();
	*front.counts().answers.entry((path, status)).or_default() += 1;
	response
}

async fn answer_at<D: Desk>(path: &str, request: Request<Incoming>, front: &Front<D>) -> Result<Vec<u8>, Refused> {
	match path {
		"terms" => json(&terms(&front.relayer)),
		"quote" => quote(request, &front.relayer).await,
		"relay" => relay(request, front).await,
		_ => Err(Refused {
			status: 404,
			why: "there is no such path: GET /v1/terms, POST /v1/quote and POST /v1/relay are".into(),
		}),
	}
}

/// How much is relayed, and lost, is for whoever runs it.
fn figures<D: Desk>(request: &Request<Incoming>, from: IpAddr, front: &Front<D>) -> Response<Whole> {
	if !from.is_loopback() {
		return text(StatusCode::FORBIDDEN, "figures are for the machine that this runs on\n");
	}
	match guard::check(request) {
		Ok(()) => text(StatusCode::OK, front.figures()),
		Err((status, why)) => text(status, why),
	}
}

fn terms<D: Desk>(relayer: &Relayer<D>) -> TermsView {
	let chain = relayer.desk.chain();
	TermsView {
		relayer: smart_agent_keys::address(relayer.desk.relayer().as_ref()),
		genesis: sp_core::bytes::to_hex(&chain.genesis, false),
		transaction_version: chain.transaction_version,
		margin: Planck(relayer.terms.margin),
		longest_call: MOST_CALL,
	}
}

async fn quote<D: Desk>(request: Request<Incoming>, relayer: &Relayer<D>) -> Result<Vec<u8>, Refused> {
	let bytes = posted(request).await?;
	let ask: AskQuote = serde_json::from_slice(&bytes).map_err(|error| bad(&error.to_string()))?;
	let signer = smart_agent_keys::parse_address(&ask.signer).map_err(|why| bad(&why))?;
	let call = sp_core::bytes::from_hex(&ask.call).map_err(|error| bad(&error.to_string()))?;
	json(&relayer.quote(&AccountId::new(signer), call).await?)
}

async fn relay<D: Desk>(request: Request<Incoming>, front: &Front<D>) -> Result<Vec<u8>, Refused> {
	let bytes = posted(request).await?;
	let posted = Posted::decode_all(&mut &bytes[..]).map_err(|error| bad(&error.to_string()))?;
	let (fee, relayer) = (posted.auth.fee, front.relayer.clone());
	// On its own: whoever posts and hangs up ends the answer, and neither what is counted of a loss nor what makes room
	// for others.
	let relayed = tokio::spawn(async move { relayer.relay(&posted).await });
	let sent = relayed.await.map_err(|error| Refused::later(error.to_string()))??;
	let mut counts = front.counts();
	counts.fees_planck = counts.fees_planck.saturating_add(fee);
	drop(counts);
	json(&sent)
}

async fn posted(request: Request<Incoming>) -> Result<Vec<u8>, Refused> {
	read_all(request.into_body(), MOST_BYTES).await.ok_or(Refused {
		status: 413,
		why: format!("at most {MOST_BYTES} bytes are taken"),
	})
}

fn bad(why: &str) -> Refused {
	Refused {
		status: 400,
		why: format!("this cannot be read: {why}"),
	}
}

fn json(what: &impl Serialize) -> Result<Vec<u8>, Refused> {
	serde_json::to_vec(what).map_err(|error| Refused::later(error.to_string()))
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn an_address_asks_a_burst_and_then_one_a_second() {
		let (allowance, now) = (Allowance::default(), Instant::now());
		let one = IpAddr::from([192, 0, 2, 1]);
		assert!((0..BURST).all(|_| allowance.take(one, now)));
		assert!(!allowance.take(one, now));
		assert!(allowance.take(IpAddr::from([192, 0, 2, 2]), now));
		let later = now + ONE_EACH;
		assert!(allowance.take(one, later) && !allowance.take(one, later));
	}
}
