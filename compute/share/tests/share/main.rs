//! What is shared, over real connections.

use smartchain_share::{fetch, FetchError, Folder, Halt, Peer, Server, Serving, Stock, MOST_CONNECTIONS};
use std::{
	fs,
	io::{Read, Write},
	net::{SocketAddr, TcpListener, TcpStream},
	thread,
	time::{Duration, Instant},
};

fn bytes(count: usize) -> Vec<u8> {
	(0..count).map(|at| (at * 31 % 251) as u8).collect()
}

fn here() -> SocketAddr {
	"127.0.0.1:0".parse().unwrap()
}

fn served(shelf: impl smartchain_share::Shelf) -> (Serving, Peer) {
	let serving = Server::bind(here(), "{}", shelf).unwrap().serve().unwrap();
	let peer = Peer::new([serving.address().to_string()]);
	(serving, peer)
}

#[test]
fn what_is_put_is_fetched() {
	let place = tempfile::tempdir().unwrap();
	let (folder, stock) = (Folder::open(place.path()).unwrap(), Stock::default());
	let (on_disk, in_memory) = (served(folder.clone()), served(stock.clone()));
	for count in [0, 1, 16_383, 16_384, 16_385, 100_000, (4 << 20) + 77] {
		let wanted = bytes(count);
		let root = folder.put(&wanted).unwrap();
		assert_eq!(stock.put(wanted.clone()).unwrap(), root);
		for (_, peer) in [&on_disk, &in_memory] {
			let came = fetch(&[peer.clone()], &root, 8 << 20, &Halt::default()).unwrap();
			assert!(came == wanted, "{count}");
		}
		assert_eq!(folder.get(&root, 8 << 20).unwrap(), Some(wanted));
	}
	let counts = on_disk.0.counts();
	assert!(
		counts.requests > 12 && counts.refused == 0 && counts.sent > 4 << 20,
		"{counts:?}"
	);
	let nothing = fetch(&[in_memory.1], &[9; 32], 1 << 20, &Halt::default());
	assert!(matches!(nothing, Err(FetchError::Nobody(_))), "{nothing:?}");
}

/// Answers each connection with these bytes.
fn answers(said: Vec<u8>) -> Peer {
	let listener = TcpListener::bind(here()).unwrap();
	let address = listener.local_addr().unwrap();
	thread::spawn(move || {
		for stream in listener.incoming().flatten() {
			let (mut stream, mut asked) = (stream, [0; 2_048]);
			let _ = stream.read(&mut asked);
			let _ = stream.write_all(&said);
		}
	});
	Peer::new([address.to_string()])
}

#[test]
fn the_liar_is_passed_over() {
	let wanted = bytes(40_000);
	let stock = Stock::default();
	let root = stock.put(wanted.clone()).unwrap();
	let (_serving, honest) = served(stock);
	let mut said = b"HTTP/1.1 200 OK\r\nsmartchain-length: 40000\r\ncontent-length: 40128\r\n\r\n".to_vec();
	said.extend(vec![7; 40_128]);
	let liar = answers(said);
	let alone = fetch(&[liar.clone()], &root, 1 << 20, &Halt::default());
	assert!(matches!(alone, Err(FetchError::Nobody(_))), "{alone:?}");
	assert!(fetch(&[liar, honest], &root, 1 << 20, &Halt::default()).unwrap() == wanted);
}

#[test]
fn the_boaster_is_not_believed() {
	let said = format!("HTTP/1.1 200 OK\r\nsmartchain-length: {}\r\n\r\n", u64::MAX);
	let came = fetch(&[answers(said.into())], &[1; 32], 1 << 20, &Halt::default());
	assert!(matches!(came, Err(FetchError::Nobody(_))), "{came:?}");
	// Nor one who says that there is nothing.
	let nothing = answers(b"HTTP/1.1 200 OK\r\nsmartchain-length: 0\r\n\r\n".to_vec());
	let came = fetch(&[nothing], &[1; 32], 1 << 20, &Halt::default());
	assert!(matches!(came, Err(FetchError::Nobody(_))), "{came:?}");
}

#[test]
fn heads_without_an_end_are_refused() {
	let (serving, _) = served(Stock::default());
	let mut stream = TcpStream::connect(serving.address()).unwrap();
	let _ = stream.write_all(&[b'a'; 8 << 10]);
	let mut said = String::new();
	let _ = stream.read_to_string(&mut said);
	assert!(said.starts_with("HTTP/1.1 400") || said.is_empty(), "{said}");
	assert_eq!(serving.counts().requests, 0);
}

#[test]
fn the_dawdler_is_cut_off() {
	let (serving, _) = served(Stock::default());
	let mut stream = TcpStream::connect(serving.address()).unwrap();
	stream.write_all(b"GET /v1").unwrap();
	let (began, mut said) = (Instant::now(), Vec::new());
	stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
	let _ = stream.read_to_end(&mut said);
	assert!(began.elapsed() < Duration::from_secs(20), "{:?}", began.elapsed());
}

#[test]
fn the_crowd_leaves_room() {
	let (serving, _) = served(Stock::default());
	let crowd: Vec<TcpStream> = (0..MOST_CONNECTIONS)
		.map(|_| TcpStream::connect(serving.address()).unwrap())
		.collect();
	// Of one address half of all places: the rest were told that there is no room.
	let refused = crowd.iter().filter(|stream| {
		let mut first = [0; 12];
		let patience = Some(Duration::from_millis(300));
		stream.set_read_timeout(patience).unwrap();
		(&mut &**stream).read_exact(&mut first).is_ok() && &first == b"HTTP/1.1 503"
	});
	assert_eq!(refused.count(), MOST_CONNECTIONS / 2);
}

#[test]
fn what_was_cut_short_is_not_there() {
	let place = tempfile::tempdir().unwrap();
	let folder = Folder::open(place.path()).unwrap();
	let root = folder.put(&bytes(50_000)).unwrap();
	let digits: String = root.iter().map(|byte| format!("{byte:02x}")).collect();
	// The bytes were to come last.
	fs::remove_file(place.path().join(format!("{digits}.data"))).unwrap();
	fs::write(place.path().join(format!("{digits}.data.part")), b"half").unwrap();
	let folder = Folder::open(place.path()).unwrap();
	assert!(!folder.has(&root) && folder.all().unwrap().is_empty());
	assert_eq!(fs::read_dir(place.path()).unwrap().count(), 0);
	assert_eq!(folder.put(&bytes(50_000)).unwrap(), root);
	assert_eq!(folder.all().unwrap(), [root]);
	// What has rotten is no output any more.
	fs::write(place.path().join(format!("{digits}.data")), bytes(49_999)).unwrap();
	assert_eq!(folder.get(&root, 1 << 20).unwrap(), None);
	assert!(!folder.has(&root));
}

#[test]
fn many_put_the_same_there_at_once() {
	let place = tempfile::tempdir().unwrap();
	let folder = Folder::open(place.path()).unwrap();
	let bytes = bytes(200_000);
	thread::scope(|scope| {
		for _ in 0..16 {
			scope.spawn(|| folder.put(&bytes).unwrap());
		}
	});
	assert_eq!(folder.all().unwrap().len(), 1);
	assert_eq!(fs::read_dir(place.path()).unwrap().count(), 2, "no part is left");
}

#[test]
fn who_is_halted_asks_nothing() {
	let halt = Halt::default();
	halt.halt();
	let (_serving, peer) = served(Stock::default());
	assert!(matches!(fetch(&[peer], &[1; 32], 1, &halt), Err(FetchError::Stopped)));
}
