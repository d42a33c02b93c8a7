//! What is answered to whom.

use super::{body::PageBody, guard, metrics::metrics, MAX_STREAMS};
use crate::status::{unix_now, StatusHandle};
use hyper::{
	header::{self, HeaderValue},
	Method, Request, Response, StatusCode,
};
use std::sync::Arc;
use tokio::sync::Semaphore;

/// A file of the page: its path, its type, its text.
type Asset = (&'static str, &'static str, &'static str);

const JAVASCRIPT: &str = "text/javascript; charset=utf-8";
const PLAIN: &str = "text/plain; charset=utf-8";

/// All that a browser loads.
pub const ASSETS: [Asset; 6] = [
	("/", "text/html; charset=utf-8", include_str!("../../static/index.html")),
	(
		"/page.css",
		"text/css; charset=utf-8",
		include_str!("../../static/page.css"),
	),
	("/page.js", JAVASCRIPT, include_str!("../../static/page.js")),
	("/chart.js", JAVASCRIPT, include_str!("../../static/chart.js")),
	("/words.js", JAVASCRIPT, include_str!("../../static/words.js")),
	("/icon.svg", "image/svg+xml", include_str!("../../static/icon.svg")),
];

/// What answers requests. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Site {
	status: StatusHandle,
	streams: Arc<Semaphore>,
}

impl Site {
	/// A site of this status.
	pub fn new(status: StatusHandle) -> Self {
		Self {
			status,
			streams: Arc::new(Semaphore::new(MAX_STREAMS)),
		}
	}

	/// The answer. To be called within a runtime. That to HEAD has its body, too: the connection sends the head alone.
	pub fn answer<B>(&self, request: &Request<B>) -> Response<PageBody> {
		let mut response = match guard::check(request) {
			Ok(()) => self.route(request),
			Err((status, why)) => text(status, PLAIN, why),
		};
		if response.status() == StatusCode::METHOD_NOT_ALLOWED {
			response
				.headers_mut()
				.insert(header::ALLOW, HeaderValue::from_static("GET, HEAD"));
		}
		guard::harden(response.headers_mut());
		response
	}

	fn route<B>(&self, request: &Request<B>) -> Response<PageBody> {
		let path = request.uri().path();
		if let Some((_, kind, content)) = ASSETS.iter().find(|(asset, ..)| *asset == path) {
			return text(StatusCode::OK, kind, *content);
		}
		match path {
			"/status.json" => self.status_json(),
			"/events" => self.events(request.method() == Method::HEAD),
			"/metrics" => {
				let kind = "text/plain; version=0.0.4; charset=utf-8";
				text(StatusCode::OK, kind, metrics(&self.status.get()))
			}
			"/health" => self.health(),
			_ => text(
				StatusCode::NOT_FOUND,
				PLAIN,
				"there is no such page: / is for people, /status.json, /events, /metrics and /health for programs\n",
			),
		}
	}

	fn status_json(&self) -> Response<PageBody> {
		match serde_json::to_vec(&*self.status.get()) {
			Ok(json) => text(StatusCode::OK, "application/json", json),
			Err(error) => text(
				StatusCode::INTERNAL_SERVER_ERROR,
				PLAIN,
				format!("the status cannot be written: {error}\n"),
			),
		}
	}

	fn events(&self, head_only: bool) -> Response<PageBody> {
		let kind = "text/event-stream";
		if head_only {
			return text(StatusCode::OK, kind, "");
		}
		match self.streams.clone().try_acquire_owned() {
			Ok(leave) => with(StatusCode::OK, kind, PageBody::events(self.status.subscribe(), leave)),
			Err(_) => {
				let why = "too many look at the same time: close a tab, or read /status.json now and then\n";
				let mut response = text(StatusCode::SERVICE_UNAVAILABLE, PLAIN, why);
				response
					.headers_mut()
					.insert(header::RETRY_AFTER, HeaderValue::from_static("10"));
				response
			}
		}
	}

	fn health(&self) -> Response<PageBody> {
		let ailments = self.status.get().ailments(unix_now());
		if ailments.is_empty() {
			return text(StatusCode::OK, PLAIN, "ok\n");
		}
		let lines: String = ailments.iter().map(|why| format!("{why}\n")).collect();
		text(StatusCode::SERVICE_UNAVAILABLE, PLAIN, lines)
	}
}

fn text(status: StatusCode, kind: &'static str, content: impl Into<hyper::body::Bytes>) -> Response<PageBody> {
	with(status, kind, PageBody::whole(content))
}

fn with(status: StatusCode, kind: &'static str, body: PageBody) -> Response<PageBody> {
	let mut response = Response::new(body);
	*response.status_mut() = status;
	response
		.headers_mut()
		.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
	response
}
