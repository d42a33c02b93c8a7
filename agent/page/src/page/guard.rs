//! Who is answered: this machine, by a name of its own, and pages of this origin.

use hyper::{
	header::{self, HeaderMap, HeaderName, HeaderValue},
	http::uri::Authority,
	Method, Request, StatusCode,
};
use std::net::IpAddr;

/// What every answer says to the browser: load nothing from elsewhere, run nothing but the page's own scripts, let no
/// other page show, read or keep this one.
const SAID: [(HeaderName, &str); 8] = [
	(
		header::CONTENT_SECURITY_POLICY,
		"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; \
		 form-action 'none'; frame-ancestors 'none'",
	),
	(header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
	(header::X_FRAME_OPTIONS, "DENY"),
	(header::REFERRER_POLICY, "no-referrer"),
	(header::CACHE_CONTROL, "no-store"),
	(HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
	(HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
	(HeaderName::from_static("permissions-policy"), "camera=(), geolocation=(), microphone=()"),
];

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
const SEC_FETCH_MODE: HeaderName = HeaderName::from_static("sec-fetch-mode");
const SEC_FETCH_DEST: HeaderName = HeaderName::from_static("sec-fetch-dest");

/// Why somebody is not answered.
pub type Refusal = (StatusCode, &'static str);

/// Adds what every answer says.
pub fn harden(headers: &mut HeaderMap) {
	for (name, value) in SAID {
		headers.insert(name, HeaderValue::from_static(value));
	}
}

/// Whether this request is answered.
///
/// # Errors
/// The status and a sentence, if it is not.
pub fn check<B>(request: &Request<B>) -> Result<(), Refusal> {
	if !matches!(*request.method(), Method::GET | Method::HEAD) {
		return Err((
			StatusCode::METHOD_NOT_ALLOWED,
			"only GET and HEAD are answered: this page changes nothing\n",
		));
	}
	let headers = request.headers();
	let host = only(headers, &header::HOST).filter(|host| is_loopback(host));
	let asked = request
		.uri()
		.authority()
		.is_none_or(|authority| is_loopback(authority.as_str()));
	let Some(host) = host.filter(|_| asked) else {
		return Err((
			StatusCode::FORBIDDEN,
			"this page answers to the names of this machine alone: open it as http://127.0.0.1 or http://localhost, with its port\n",
		));
	};
	if headers.contains_key(header::ORIGIN) {
		let own = only(headers, &header::ORIGIN).and_then(|origin| origin.strip_prefix("http://"));
		if !own.is_some_and(|own| own.eq_ignore_ascii_case(host)) {
			return Err((StatusCode::FORBIDDEN, OTHER_ORIGIN));
		}
	}
	match only(headers, &SEC_FETCH_SITE) {
		None if headers.contains_key(SEC_FETCH_SITE) => Err((StatusCode::FORBIDDEN, OTHER_ORIGIN)),
		None | Some("same-origin" | "none") => Ok(()),
		Some(_) if is_followed_link(request) => Ok(()),
		Some(_) => Err((StatusCode::FORBIDDEN, OTHER_ORIGIN)),
	}
}

const OTHER_ORIGIN: &str = "pages of other origins are not answered: open this page in a tab of its own\n";

/// Somebody followed a link to the page, from a page of documentation for instance: the page opens in the whole tab.
fn is_followed_link<B>(request: &Request<B>) -> bool {
	let says = |name, value| only(request.headers(), &name) == Some(value);
	request.uri().path() == "/" && says(SEC_FETCH_MODE, "navigate") && says(SEC_FETCH_DEST, "document")
}

/// The header's text, if it is there once.
fn only<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
	let mut values = headers.get_all(name).iter();
	let value = values.next()?.to_str().ok()?;
	values.next().is_none().then_some(value)
}

/// Whether a host, with or without its port, is a name of loopback that nobody else can make his own.
fn is_loopback(host: &str) -> bool {
	let Ok(authority) = host.parse::<Authority>() else {
		return false;
	};
	if authority.as_str().contains('@') {
		return false;
	}
	let name = authority.host();
	if name.eq_ignore_ascii_case("localhost") {
		return true;
	}
	let address = name
		.strip_prefix('[')
		.and_then(|rest| rest.strip_suffix(']'))
		.unwrap_or(name);
	address.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
	use super::*;

	fn ask(method: &str, uri: &str, headers: &[(&str, &str)]) -> StatusCode {
		let mut request = Request::builder().method(method).uri(uri);
		for (name, value) in headers {
			request = request.header(*name, *value);
		}
		let request = request.body(()).expect("a request");
		check(&request).err().map_or(StatusCode::OK, |(status, _)| status)
	}

	#[test]
	fn names_of_loopback_are_answered() {
		for host in [
			"localhost",
			"LocalHost:9955",
			"127.0.0.1",
			"127.0.0.1:80",
			"127.1.2.3:9",
			"[::1]",
			"[::1]:9955",
		] {
			assert_eq!(ask("GET", "/", &[("host", host)]), 200, "{host}");
		}
	}

	#[test]
	fn other_names_are_not() {
		let names = [
			"evil.example",
			"evil.example:9955",
			"127.0.0.1.evil.example",
			"localhost.evil.example",
			"evil@localhost",
			"192.168.1.7",
			"0.0.0.0:9955",
			"[::]",
			"10.0.0.1",
			"",
			"localhost, evil",
			"0x7f000001",
			"2130706433",
			"127.1",
		];
		for host in names {
			assert_eq!(ask("GET", "/", &[("host", host)]), 403, "{host}");
		}
		assert_eq!(ask("GET", "/", &[]), 403, "without a name");
		assert_eq!(
			ask("GET", "/", &[("host", "localhost"), ("host", "localhost")]),
			403,
			"two names"
		);
		assert_eq!(
			ask("GET", "http://evil.example/", &[("host", "localhost")]),
			403,
			"another in the first line"
		);
		assert_eq!(ask("GET", "http://localhost:9955/", &[("host", "localhost:9955")]), 200);
	}

	#[test]
	fn other_origins_are_not() {
		let host = ("host", "127.0.0.1:9955");
		assert_eq!(
			ask("GET", "/status.json", &[host, ("origin", "http://127.0.0.1:9955")]),
			200
		);
		let others = [
			"http://evil.example",
			"http://127.0.0.1:3000",
			"http://localhost:9955",
			"https://127.0.0.1:9955",
			"null",
			"",
			"http://127.0.0.1:9955.evil.example",
		];
		for origin in others {
			assert_eq!(ask("GET", "/status.json", &[host, ("origin", origin)]), 403, "{origin}");
		}
		for (site, status) in [
			("same-origin", 200),
			("none", 200),
			("same-site", 403),
			("cross-site", 403),
			("", 403),
		] {
			assert_eq!(
				ask("GET", "/status.json", &[host, ("sec-fetch-site", site)]),
				status,
				"{site}"
			);
		}
	}

	#[test]
	fn a_link_from_elsewhere_opens_the_page_and_nothing_else() {
		let host = ("host", "127.0.0.1:9955");
		let by = |dest| {
			[
				host,
				("sec-fetch-site", "cross-site"),
				("sec-fetch-mode", "navigate"),
				("sec-fetch-dest", dest),
			]
		};
		assert_eq!(ask("GET", "/", &by("document")), 200);
		assert_eq!(ask("GET", "/", &by("iframe")), 403);
		assert_eq!(ask("GET", "/status.json", &by("document")), 403);
	}

	#[test]
	fn nothing_is_changed_here() {
		for method in ["POST", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE", "CONNECT", "get"] {
			assert_eq!(ask(method, "/status.json", &[("host", "localhost")]), 405, "{method}");
		}
		assert_eq!(ask("HEAD", "/", &[("host", "localhost")]), 200);
	}
}
