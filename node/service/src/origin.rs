//! Which web pages a browser may let talk to the RPC server.

use hyper::StatusCode;
use jsonrpsee::server::{ws, HttpBody, HttpRequest, HttpResponse};
use sc_rpc_api::DenyUnsafe;
use std::sync::Arc;

/// The header by which a browser says which page it is that asks. Other programs send none.
const ORIGIN: &str = "origin";
/// The entry of the list that means every page.
const ANY: &str = "*";
/// Ends an entry of the list that means every port.
const ANY_PORT: &str = ":*";
/// What a page that is not let in is told.
const REFUSED: &str = "This page may not use this node: --rpc-cors does not name its origin.\n";

/// The pages that `--rpc-cors` lets in.
#[derive(Clone, Debug)]
pub struct Origins(Option<Arc<[String]>>);

impl Origins {
	/// `None` are all pages, and so is a list that has `*`.
	#[must_use]
	pub fn new(list: Option<Vec<String>>) -> Self {
		Self(
			list.filter(|list| list.iter().all(|origin| origin != ANY))
				.map(Into::into),
		)
	}

	/// Whether not every page is let in.
	#[must_use]
	pub fn is_list(&self) -> bool {
		self.0.is_some()
	}

	/// Whether this page is let in.
	#[must_use]
	pub fn allow(&self, origin: &[u8]) -> bool {
		let Some(list) = &self.0 else { return true };
		let Ok(origin) = std::str::from_utf8(origin) else {
			return false;
		};
		list.iter().any(|allowed| match allowed.strip_suffix(ANY_PORT) {
			Some(host) => origin.strip_prefix(host).is_some_and(is_port),
			None => allowed == origin,
		})
	}

	/// What a request may call: methods that change the node or show its secrets are refused to pages that are not let
	/// in.
	pub fn deny_unsafe<B>(&self, request: &HttpRequest<B>, otherwise: DenyUnsafe) -> DenyUnsafe {
		if self.allow_all_of(request) {
			otherwise
		} else {
			DenyUnsafe::Yes
		}
	}

	/// The answer to a page that asks for a WebSocket and is not let in.
	///
	/// A browser lets every page open one to this machine, and leaves it to the server to look at where the page comes
	/// from. An answer over HTTP it keeps from the page by itself; a WebSocket the page could read, and hold, and so
	/// take the places of all others.
	pub fn refuse<B>(&self, request: &HttpRequest<B>) -> Option<HttpResponse> {
		if !ws::is_upgrade_request(request) || self.allow_all_of(request) {
			return None;
		}
		let mut answer = HttpResponse::new(HttpBody::from(REFUSED));
		*answer.status_mut() = StatusCode::FORBIDDEN;
		Some(answer)
	}

	fn allow_all_of<B>(&self, request: &HttpRequest<B>) -> bool {
		let mut origins = request.headers().get_all(ORIGIN).iter();
		origins.all(|origin| self.allow(origin.as_bytes()))
	}
}

/// Whether this is what follows the host of an origin: nothing, or a port.
fn is_port(rest: &str) -> bool {
	rest.is_empty()
		|| rest
			.strip_prefix(':')
			.is_some_and(|port| !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit()))
}
