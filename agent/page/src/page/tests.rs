//! The page over real connections.

use super::{routes::ASSETS, *};
use crate::status::{Connection, Problem, Severity, Status};
use std::time::Instant;
use tokio::{
	io::{AsyncReadExt, AsyncWriteExt},
	sync::oneshot,
	task::JoinHandle,
	time::{sleep, timeout},
};

const LIMIT: Duration = Duration::from_secs(20);
/// A request on a connection of its own.
const ONE_PAGE: &str = "GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
const GOLDEN: &str = include_str!("../status/golden/status-v1.json");

struct Served {
	address: SocketAddr,
	handle: StatusHandle,
	stop: oneshot::Sender<()>,
	server: JoinHandle<()>,
}

async fn serve() -> Served {
	let status: Status = serde_json::from_str(GOLDEN).expect("the golden file is read");
	let handle = StatusHandle::in_memory(status);
	let server = PageServer::bind(([127, 0, 0, 1], 0).into(), handle.clone())
		.await
		.expect("a free port");
	let address = server.address();
	let (stop, stopped) = oneshot::channel();
	let server = tokio::spawn(server.serve(async {
		let _ = stopped.await;
	}));
	Served {
		address,
		handle,
		stop,
		server,
	}
}

impl Served {
	/// All that is answered to these bytes until the connection is closed.
	async fn raw(&self, request: &str) -> String {
		let talk = async {
			let mut stream = TcpStream::connect(self.address).await.expect("it connects");
			// The other side may close before it has read all.
			let _ = stream.write_all(request.as_bytes()).await;
			let mut answer = Vec::new();
			let _ = stream.read_to_end(&mut answer).await;
			String::from_utf8(answer).expect("text")
		};
		timeout(LIMIT, talk).await.expect("an answer in time")
	}

	async fn ask(&self, method: &str, path: &str, headers: &str) -> Answer {
		let host = if headers.contains("Host:") {
			""
		} else {
			"Host: localhost\r\n"
		};
		let answer = self
			.raw(&format!(
				"{method} {path} HTTP/1.1\r\n{host}{headers}Connection: close\r\n\r\n"
			))
			.await;
		let (head, body) = answer.split_once("\r\n\r\n").expect("a head and a body");
		Answer {
			status: head.split(' ').nth(1).expect("a status").parse().expect("a number"),
			head: head.to_lowercase(),
			body: body.into(),
		}
	}

	async fn get(&self, path: &str) -> Answer {
		self.ask("GET", path, "").await
	}

	/// A connection on which events come.
	async fn events(&self) -> TcpStream {
		let mut stream = TcpStream::connect(self.address).await.expect("it connects");
		let request = "GET /events HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n\r\n";
		stream.write_all(request.as_bytes()).await.expect("it is sent");
		stream
	}
}

#[derive(Debug)]
struct Answer {
	status: u16,
	head: String,
	body: String,
}

/// Reads until the text is there; how much was read.
async fn read_until(stream: &mut TcpStream, what: &str) -> String {
	let mut seen = String::new();
	let read = async {
		let mut part = [0; 4096];
		while !seen.contains(what) {
			let read = stream.read(&mut part).await.expect("it reads");
			assert_ne!(read, 0, "closed before {what}: {seen}");
			seen.push_str(&String::from_utf8_lossy(&part[..read]));
		}
	};
	timeout(LIMIT, read)
		.await
		.unwrap_or_else(|_| panic!("no {what} in time"));
	seen
}

#[tokio::test]
async fn each_path_answers_as_it_should() {
	let served = serve().await;
	for (path, kind) in [
		("/", "text/html"),
		("/?from=bookmark", "text/html"),
		("/page.css", "text/css"),
		("/page.js", "text/javascript"),
		("/chart.js", "text/javascript"),
		("/words.js", "text/javascript"),
		("/icon.svg", "image/svg+xml"),
		("/status.json", "application/json"),
		("/metrics", "text/plain"),
	] {
		let answer = served.get(path).await;
		assert_eq!(answer.status, 200, "{path}");
		assert!(
			answer.head.contains(&format!("content-type: {kind}")),
			"{path}: {}",
			answer.head
		);
		assert!(
			answer.head.contains(&format!("content-length: {}", answer.body.len())),
			"{path}: {}",
			answer.head
		);
		let head = served.ask("HEAD", path, "").await;
		assert_eq!((head.status, head.body.as_str()), (200, ""), "{path}");
		let length = |head: &str| {
			head.lines()
				.find(|line| line.starts_with("content-length"))
				.map(str::to_owned)
		};
		assert_eq!(length(&head.head), length(&answer.head), "{path}");
	}
	for path in [
		"/nothing",
		"/index.html",
		"/../Cargo.toml",
		"//",
		"/status.json/",
		"/page",
	] {
		assert_eq!(served.get(path).await.status, 404, "{path}");
	}
	let status: Status = serde_json::from_str(&served.get("/status.json").await.body).expect("it is read");
	assert_eq!(&status, &*served.handle.get());
}

#[tokio::test]
async fn every_answer_is_hardened() {
	let served = serve().await;
	let answers = [
		served.get("/").await,
		served.get("/status.json").await,
		served.get("/nothing").await,
		served.ask("POST", "/", "").await,
		served.ask("GET", "/", "Host: evil.example\r\n").await,
	];
	for answer in answers {
		for line in [
			"content-security-policy: default-src 'none'",
			"nosniff",
			"frame-ancestors 'none'",
			"no-store",
		] {
			assert!(answer.head.contains(line), "{line} is missing: {}", answer.head);
		}
		assert!(!answer.head.contains("access-control"), "{}", answer.head);
		assert!(!answer.head.contains("unsafe-inline"), "{}", answer.head);
	}
}

#[tokio::test]
async fn strangers_are_refused_over_the_wire_too() {
	let served = serve().await;
	assert_eq!(
		served.ask("GET", "/status.json", "Host: evil.example\r\n").await.status,
		403
	);
	assert_eq!(served.ask("GET", "/events", "Host: evil.example\r\n").await.status, 403);
	assert_eq!(
		served
			.ask("GET", "/status.json", "Origin: http://evil.example\r\n")
			.await
			.status,
		403
	);
	let post = served.ask("POST", "/status.json", "Content-Length: 3\r\n").await;
	assert_eq!(post.status, 405);
	assert!(post.head.contains("allow: get, head"), "{}", post.head);
	assert!(
		served.raw("garbage\r\n\r\n").await.starts_with("HTTP/1.1 400"),
		"no panic, no silence"
	);
	assert!(
		served.raw("GET / HTTP/1.0\r\n\r\n").await.starts_with("HTTP/1.0 403"),
		"no host"
	);
}

#[tokio::test]
async fn heads_are_bounded() {
	let served = serve().await;
	let long = format!("X-Long: {}\r\n", "x".repeat(2 * MAX_HEAD));
	assert_eq!(served.ask("GET", "/", &long).await.status, 431);
	let many: String = (0..2 * MAX_HEADERS).map(|n| format!("X-{n}: x\r\n")).collect();
	assert_eq!(served.ask("GET", "/", &many).await.status, 431);
	assert_eq!(served.get("/").await.status, 200, "others are answered still");
}

#[tokio::test]
async fn who_is_slow_is_not_waited_for() {
	let served = serve().await;
	let begin = Instant::now();
	let answer = served.raw("GET / HTTP/1.1\r\nHost: local").await;
	assert!(!answer.starts_with("HTTP/1.1 200"), "{answer}");
	assert!(begin.elapsed() < HEAD_TIME + Duration::from_secs(5));
}

#[tokio::test]
async fn connections_are_bounded_and_free_again() {
	let served = serve().await;
	let mut held = Vec::new();
	for _ in 0..MAX_CONNECTIONS {
		let mut stream = TcpStream::connect(served.address).await.expect("it connects");
		stream
			.write_all(b"HEAD / HTTP/1.1\r\nHost: localhost\r\n\r\n")
			.await
			.expect("it is sent");
		read_until(&mut stream, "\r\n\r\n").await;
		held.push(stream);
	}
	let begin = Instant::now();
	let refused = served.raw(ONE_PAGE).await;
	assert!(refused.is_empty() || refused.starts_with("HTTP/1.1 503"), "{refused}");
	assert!(begin.elapsed() < HEAD_TIME / 2, "at once");
	drop(held);
	let free = async {
		while !served.raw(ONE_PAGE).await.starts_with("HTTP/1.1 200") {
			sleep(Duration::from_millis(20)).await;
		}
	};
	timeout(LIMIT, free).await.expect("free again");
}

#[tokio::test]
async fn events_tell_of_changes_and_not_too_often() {
	let served = serve().await;
	let mut stream = served.events().await;
	let first = read_until(&mut stream, "\n\n\r\n").await;
	assert!(first.contains("text/event-stream"), "{first}");
	if !first.contains("event: status\ndata: {") {
		read_until(&mut stream, "event: status\ndata: {").await;
	}
	let begin = Instant::now();
	for best in 500_000..500_100 {
		served.handle.update(|status| status.chain.best = Some(best));
	}
	let seen = read_until(&mut stream, "\"best\":500099").await;
	assert!(begin.elapsed() > EVENT_PAUSE / 2, "at most once a second");
	assert!(
		seen.matches("event: status").count() <= 2,
		"a hundred changes are one event"
	);
	let points = served.handle.get().history.points.len();
	assert!(points > 100 && seen.matches("\"low\"").count() <= 2 * seen.matches("event: status").count() + 2);
}

#[tokio::test]
async fn streams_are_bounded_and_free_again() {
	let served = serve().await;
	let mut streams = Vec::new();
	for _ in 0..MAX_STREAMS {
		let mut stream = served.events().await;
		read_until(&mut stream, "retry:").await;
		streams.push(stream);
	}
	assert_eq!(served.get("/events").await.status, 503);
	assert_eq!(served.get("/status.json").await.status, 200);
	drop(streams);
	let free = async {
		loop {
			let mut stream = served.events().await;
			let mut part = [0; 12];
			stream.read_exact(&mut part).await.expect("an answer");
			if part.ends_with(b"200") {
				return;
			}
			sleep(Duration::from_millis(50)).await;
		}
	};
	// Soon, and not only when something is to be sent to them.
	timeout(STILL_HERE / 2, free)
		.await
		.expect("free again, once the readers have gone");
	assert_eq!(
		served.ask("HEAD", "/events", "").await.status,
		200,
		"which takes no stream"
	);
}

#[tokio::test]
async fn health_says_why_not() {
	let served = serve().await;
	// The golden status is of another day.
	served.handle.update(|_| {});
	assert_eq!(served.get("/health").await.status, 200);
	served.handle.update(|status| {
		status.chain.connection = Connection::Lost {
			since: status.at.saturating_sub(7),
			why: "connection refused".into(),
		}
	});
	served
		.handle
		.problem(Problem::new(Severity::Error, "disk", "the disk is gone", "plug it in"));
	let answer = served.get("/health").await;
	assert_eq!(answer.status, 503);
	assert!(answer.body.contains("connection refused") && answer.body.contains("the disk is gone; plug it in"));
}

#[tokio::test]
async fn only_loopback_and_only_one() {
	let served = serve().await;
	let error = PageServer::bind(served.address, served.handle.clone())
		.await
		.expect_err("it is taken")
		.to_string();
	assert!(
		error.contains("in use") && error.contains("one agent") && error.contains("another port"),
		"{error}"
	);
	for address in ["0.0.0.0:0", "[::]:0", "192.0.2.1:0"] {
		let address = address.parse().expect("an address");
		let error = PageServer::bind(address, served.handle.clone())
			.await
			.expect_err("not loopback")
			.to_string();
		assert!(error.contains("loopback") && error.contains("ssh -L"), "{error}");
	}
}

#[tokio::test]
async fn it_ends_when_it_is_told_to() {
	let served = serve().await;
	let mut stream = served.events().await;
	read_until(&mut stream, "retry:").await;
	served.stop.send(()).expect("it runs");
	timeout(LIMIT, served.server)
		.await
		.expect("it ends")
		.expect("without a panic");
	let rest = async {
		let mut rest = Vec::new();
		let _ = stream.read_to_end(&mut rest).await;
	};
	timeout(LIMIT, rest).await.expect("connections are closed");
	assert!(
		TcpStream::connect(served.address).await.is_err(),
		"nobody listens any more"
	);
}

#[tokio::test]
async fn the_command_asks_as_browsers_do() {
	let served = serve().await;
	let address = served.address;
	let answer = tokio::task::spawn_blocking(move || ask(address))
		.await
		.expect("no panic")
		.expect("an answer");
	assert_eq!(&answer, &*served.handle.get());
	served.handle.update(|status| status.version = 9);
	let error = tokio::task::spawn_blocking(move || ask(address))
		.await
		.expect("no panic")
		.expect_err("another version");
	assert!(matches!(error, AskError::OtherVersion(9)), "{error}");
	served.stop.send(()).expect("it runs");
	served.server.await.expect("it ends");
	let error = tokio::task::spawn_blocking(move || ask(address))
		.await
		.expect("no panic")
		.expect_err("nobody is there");
	assert!(
		matches!(error, AskError::NotRunning(_)) && error.to_string().contains("smart-agent run"),
		"{error}"
	);
}

#[tokio::test]
async fn the_command_bounds_what_it_is_told() {
	/// Says this to whoever connects, once.
	async fn says(what: Vec<u8>) -> SocketAddr {
		let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
		let address = listener.local_addr().expect("it has one");
		tokio::spawn(async move {
			let (mut stream, _) = listener.accept().await.expect("it is asked");
			let mut request = [0; 1024];
			let _ = stream.read(&mut request).await;
			let _ = stream.write_all(&what).await;
		});
		address
	}
	let ask_it = |address| async move {
		tokio::task::spawn_blocking(move || ask(address))
			.await
			.expect("no panic")
	};
	let many = [b"HTTP/1.1 200 OK\r\n\r\n".to_vec(), vec![b'x'; 2 * MAX_ANSWER as usize]].concat();
	let error = ask_it(says(many).await).await.expect_err("too much");
	assert!(matches!(error, AskError::Silent { .. }), "{error}");
	for other in [
		"",
		"SSH-2.0-OpenSSH_9.2\r\n",
		"HTTP/1.1 404 Not Found\r\n\r\n",
		"HTTP/1.1 200 OK\r\n\r\n<html>",
	] {
		let error = ask_it(says(other.into()).await).await.expect_err(other);
		assert!(matches!(error, AskError::NotOurs { .. }), "{other}: {error}");
	}
}

#[test]
fn all_of_the_page_is_small_and_needs_nothing_from_elsewhere() {
	let bytes: usize = ASSETS.iter().map(|(.., content)| content.len()).sum();
	assert!(bytes + GOLDEN.len() < 100_000, "{bytes} bytes, and the status");
	for (path, _, content) in ASSETS {
		for elsewhere in [
			"https://",
			"//cdn",
			"@import",
			"url(",
			"innerHTML",
			"outerHTML",
			"insertAdjacentHTML",
			"eval(",
		] {
			assert!(!content.contains(elsewhere), "{path} has {elsewhere}");
		}
		let namespace = content.replace("http://www.w3.org/2000/svg", "");
		assert!(!namespace.contains("http://"), "{path} leads elsewhere");
	}
	let html = ASSETS[0].2;
	assert!(
		!html.contains("style=") && !html.contains("onclick") && !html.contains("<script>"),
		"CSP forbids it"
	);
	for (path, ..) in &ASSETS[1..4] {
		assert!(html.contains(path.trim_start_matches('/')), "the page loads {path}");
	}
}
