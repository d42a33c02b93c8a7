//! A request, from its head to its answer.

use super::{
	body::{Range, Reply},
	disk::on_disk,
	heads::{set, set_held, text},
	state::{count, Allowed, Answering, Line, Pledged, Shared},
	write,
};
use crate::{
	desk::{Device, Held, Rights, Shelf, Till},
	stream::Walk,
	wire::{
		cost, receipt_of, receipt_to_header, Caller, Cause, Deed, Expected, Fault, Hello, Signed, SlotId, Voucher,
		AUTHORIZATION, FAULT, OWED, PRICE, PROMISED, RECEIPT, TICK, UNPAID, VOUCHER,
	},
};
use hyper::{
	body::{Bytes, Incoming},
	header::{HeaderValue, CONNECTION, CONTENT_LENGTH, CONTENT_TYPE, RANGE},
	http::request::Parts,
	HeaderMap, Method, Request, Response, StatusCode,
};
use std::sync::{atomic::Ordering, Arc};

/// Answers a request.
pub(super) async fn answer<D: Device, R: Rights, S: Shelf, T: Till>(
	request: Request<Incoming>,
	shared: Arc<Shared<D, R, S, T>>,
	line: Arc<Line>,
) -> Response<Reply> {
	let answering = Answering::on(&line, shared.limits.request);
	let (head, mut body) = request.into_parts();
	let answered = if head.uri.path() == "/v1/session" {
		hello(&head, &shared, &line)
	} else {
		slot(&head, &mut body, &shared, &line, answering).await
	};
	if answered.is_err() && head.method == Method::PUT {
		// So that whoever still sends comes to read why.
		write::drain(&mut body).await;
	}
	let mut response = answered.unwrap_or_else(|fault| {
		shared.counts.refused(&fault);
		refuse(&fault)
	});
	set(response.headers_mut(), TICK, &shared.rights.tick().to_string());
	response
}

fn hello<D: Device, R: Rights, S: Shelf, T: Till>(
	head: &Parts,
	shared: &Shared<D, R, S, T>,
	line: &Line,
) -> Result<Response<Reply>, Fault> {
	if head.method != Method::GET {
		return Err(Fault::request("/v1/session is for GET"));
	}
	let hello = Hello::new(&line.session, &shared.device.id(), shared.rights.tick());
	let text = serde_json::to_vec(&hello).map_err(|error| Fault::request(&error.to_string()))?;
	let mut response = Response::new(Reply::Whole(Some(text.into())));
	response
		.headers_mut()
		.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
	Ok(response)
}

async fn slot<D: Device, R: Rights, S: Shelf, T: Till>(
	head: &Parts,
	body: &mut Incoming,
	shared: &Arc<Shared<D, R, S, T>>,
	line: &Arc<Line>,
	answering: Answering,
) -> Result<Response<Reply>, Fault> {
	let (caller, slot, deed) = claimed(head, shared, line)?;
	count(&shared.counts.requests, 1);
	let admitted = shared.admit(&caller)?;
	let word = tokio::time::timeout(shared.limits.wait, shared.rights.may(&caller, slot, deed));
	let grant = word.await.unwrap_or_else(|_| Err(Fault::unsure()))?;
	let _ = line.key.set(caller.key);
	deed.check(grant.length)?;
	let allowed = Allowed {
		caller,
		slot,
		deed,
		grant,
	};
	match deed {
		Deed::Look => look(&allowed, shared).await,
		Deed::Read { from, length } => {
			let held = (admitted, answering);
			read(&head.headers, &allowed, (from, length), shared, held).await
		}
		Deed::Write { .. } => {
			// Both are held until it is answered.
			let _held = (admitted, answering);
			write::write(body, &allowed, shared).await
		}
	}
}

/// Who asks, and for what, if it is signed and fits the request's head.
fn claimed<D: Device, R: Rights, S: Shelf, T: Till>(
	head: &Parts,
	shared: &Shared<D, R, S, T>,
	line: &Line,
) -> Result<(Caller, SlotId, Deed), Fault> {
	let slot = SlotId::of_path(head.uri.path());
	let slot = slot.ok_or_else(|| Fault::request("there is no such path; ask for /v1/slots/{deal}/{slot}"))?;
	let given = text(&head.headers, AUTHORIZATION);
	let signed = Signed::of_header(given.ok_or_else(|| Fault::claim("there is no claim; sign one of version 1"))?)?;
	let caller = signed.check(&Expected {
		genesis: &shared.genesis,
		device: shared.device.id(),
		session: line.session,
		last: line.last.load(Ordering::Relaxed),
		now: shared.rights.tick(),
	})?;
	line.last.store(signed.claim.count, Ordering::Relaxed);
	let deed = signed.claim.deed;
	if signed.claim.slot != slot || deed.method() != head.method.as_str() {
		return Err(Fault::claim("what is claimed is not what is asked for"));
	}
	let range = text(&head.headers, RANGE.as_str());
	let length = text(&head.headers, CONTENT_LENGTH.as_str());
	let fits = match deed {
		Deed::Look => range.is_none(),
		// For whoever reads along; the claim is what counts.
		Deed::Read { from, length } => range.is_none_or(|range| range == range_of(from, length)),
		Deed::Write { length: claimed, .. } => length.unwrap_or("0") == claimed.to_string(),
	};
	if !fits {
		return Err(Fault::claim(
			"the range or length that is claimed is not that of the request",
		));
	}
	Ok((caller, slot, deed))
}

/// The value of `Range` for so many bytes.
fn range_of(from: u64, length: u32) -> String {
	let last = from.saturating_add(length.into()).saturating_sub(1);
	format!("bytes={from}-{last}")
}

async fn look<D: Device, R: Rights, S: Shelf, T: Till>(
	allowed: &Allowed,
	shared: &Arc<Shared<D, R, S, T>>,
) -> Result<Response<Reply>, Fault> {
	let (shelf, slot) = (shared.shelf.clone(), allowed.slot);
	let held = on_disk(move || shelf.held(slot)).await?;
	// Of a slot that the chain lets the caller write, nothing may be there yet.
	let held = held.unwrap_or(Held {
		length: allowed.grant.length,
		..Held::default()
	});
	let owed = shared.till.owed(&allowed.caller, slot);
	let mut response = Response::new(Reply::Whole(None));
	let headers = response.headers_mut();
	set_held(headers, &held);
	set(headers, PRICE, &allowed.grant.price.to_string());
	set(headers, OWED, &owed.total.to_string());
	set(headers, PROMISED, &owed.promised.to_string());
	Ok(response)
}

async fn read<D: Device, R: Rights, S: Shelf, T: Till>(
	headers: &HeaderMap,
	allowed: &Allowed,
	(from, length): (u64, u32),
	shared: &Arc<Shared<D, R, S, T>>,
	held: impl Send + 'static,
) -> Result<Response<Reply>, Fault> {
	let (slot, caller, price) = (allowed.slot, allowed.caller, allowed.grant.price);
	let mut pledged = match price {
		0 => None,
		_ => Some(pay(headers, allowed, length, shared).await?),
	};
	let permit = shared.transfer(&caller).await?;
	let shelf = shared.shelf.clone();
	let opened = on_disk(move || match shelf.open(slot)? {
		Some(opened) => Ok(Ok(opened)),
		None => Ok(Err(shelf.held(slot)?.is_some())),
	});
	let opened = match opened.await? {
		Ok(opened) if opened.length() == allowed.grant.length => opened,
		Ok(_) | Err(true) => {
			let why = "the slot is not whole here yet; read it from another device";
			return Err(Fault::new(Cause::Incomplete, why));
		}
		Err(false) => return Err(Fault::no_such_slot()),
	};
	let walk = Walk::new(allowed.grant.length, from, length.into());
	let walk = walk.ok_or_else(|| Fault::range(from, length.into(), allowed.grant.length))?;
	let receipt = receipt(headers, allowed, length, shared);
	let (till, counts) = (shared.till.clone(), shared.counts.clone());
	let mut before = 0_u64;
	let sent = Box::new(move |bytes: u64| {
		count(&counts.sent, bytes);
		if let Some(pledged) = &mut pledged {
			// Rounded up once for all of it, as the reader counts.
			let after = before + bytes;
			let planck = cost(price, after) - cost(price, before);
			till.charge(&caller, slot, planck);
			pledged.less(planck);
			before = after;
		}
	});
	let held = Box::new((held, permit));
	let range = Range::new(opened, shared.pool.clone(), walk, sent, held);
	let mut response = Response::new(Reply::Range(Box::new(range)));
	let headers = response.headers_mut();
	headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/vnd.bao"));
	if let Some(receipt) = receipt {
		set(headers, RECEIPT, &receipt);
	}
	Ok(response)
}

/// Takes the voucher, if there is one, and refuses a read after which too much would be unpaid. What is pledged by it.
async fn pay<D: Device, R: Rights, S: Shelf, T: Till>(
	headers: &HeaderMap,
	allowed: &Allowed,
	length: u32,
	shared: &Shared<D, R, S, T>,
) -> Result<Pledged, Fault> {
	let (caller, slot, price) = (&allowed.caller, allowed.slot, allowed.grant.price);
	if let Some(text) = text(headers, VOUCHER) {
		let voucher = Voucher::of_header(text).ok_or_else(|| Fault::bad_voucher("the voucher cannot be read"))?;
		let shown = shared.till.show(caller, slot, &voucher);
		tokio::time::timeout(shared.limits.wait, shown)
			.await
			.unwrap_or_else(|_| Err(Fault::unsure()))?;
	}
	shared.pledge(caller, slot, cost(price, length.into()), cost(price, UNPAID))
}

/// A signed receipt for a range, if one is wanted and may be had.
fn receipt<D: Device, R: Rights, S: Shelf, T: Till>(
	headers: &HeaderMap,
	allowed: &Allowed,
	length: u32,
	shared: &Shared<D, R, S, T>,
) -> Option<String> {
	let era = allowed.grant.probes.filter(|_| text(headers, RECEIPT) == Some("1"))?;
	let receipt = receipt_of(shared.device.id(), &allowed.caller, allowed.slot, era, length);
	let signature = shared.device.sign(&receipt.payload(&shared.genesis))?;
	Some(receipt_to_header(&receipt, &signature))
}

/// An answer that says why there is none.
fn refuse(fault: &Fault) -> Response<Reply> {
	let text = serde_json::to_vec(fault).unwrap_or_default();
	let shown = String::from_utf8_lossy(&text).into_owned();
	let mut response = Response::new(Reply::Whole(Some(Bytes::from(text))));
	// An answer to HEAD has no body.
	set(response.headers_mut(), FAULT, &shown);
	let status = StatusCode::from_u16(fault.cause.status());
	*response.status_mut() = status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
	let headers = response.headers_mut();
	headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
	if fault.cause.ends() {
		headers.insert(CONNECTION, HeaderValue::from_static("close"));
	}
	response
}
