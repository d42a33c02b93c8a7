//! All connections of a program: who calls whom again, who may come, and what is said to whom.

use crate::{
	answer, dial,
	limits::{random_number, Porch},
	Backoff, Bye, Desk, Doors, Frame, Limits, Listener, Me, Network, Newcomer, NodeKey, NotSent, Session, Verdict,
	WireError,
};
use std::{
	collections::HashMap,
	sync::{
		atomic::{AtomicU64, Ordering},
		Arc, Mutex, MutexGuard, PoisonError,
	},
	time::{Duration, Instant},
};
use tokio::{
	sync::{mpsc, Semaphore},
	task::JoinHandle,
	time::{sleep, timeout},
};

/// What is told and not yet taken, at most. Whoever takes nothing stops its partners.
pub const MAX_TOLD: usize = 4_096;
/// Orders that wait, at most.
const MAX_ORDERS: usize = 256;
/// After a failure to accept, which is mostly that no more files can be opened.
const ACCEPT_PAUSE: Duration = Duration::from_millis(200);
/// So often is looked whether a partner that is kept is still connected.
const LOOK: Duration = Duration::from_millis(250);
/// A connection that held so long was good.
const GOOD: Duration = Duration::from_secs(3);

/// What a program is told.
#[derive(Debug)]
pub enum Told {
	/// A partner is connected.
	Up {
		/// Who.
		key: NodeKey,
		/// A number that nobody could foresee, and not 0: for `Event::Connected` of each channel with it.
		number: u64,
	},
	/// It is not any more.
	Down {
		/// Who.
		key: NodeKey,
		/// Why.
		why: WireError,
	},
	/// It says something: no ping, and no goodbye. It may still be of a connection that was replaced.
	Frame {
		/// Who.
		key: NodeKey,
		/// What.
		frame: Frame,
	},
}

enum Order {
	Keep(NodeKey, String),
	Expect(NodeKey),
	Forget(NodeKey),
	Came(Box<Session>),
	Decide {
		session: Box<Session>,
		newcomer: Newcomer,
		asked: u64,
		heard: u64,
	},
	Ended {
		key: NodeKey,
		id: u64,
		why: WireError,
	},
}

/// Where frames for a partner go.
struct Route {
	id: u64,
	out: mpsc::Sender<Frame>,
	heard: Arc<AtomicU64>,
}

type Routes = Arc<Mutex<HashMap<NodeKey, Route>>>;

fn lock(routes: &Routes) -> MutexGuard<'_, HashMap<NodeKey, Route>> {
	routes.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What was dropped since the start: for metrics.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Dropped {
	/// Calls that were not answered: too many at once, or from one address.
	pub calls: u64,
	/// Handshakes that failed, of callers alone.
	pub handshakes: u64,
	/// Frames that a partner did not take.
	pub frames: u64,
}

#[derive(Debug, Default)]
struct Counters {
	calls: AtomicU64,
	handshakes: AtomicU64,
	frames: AtomicU64,
}

fn count(counter: &AtomicU64) {
	counter.fetch_add(1, Ordering::Relaxed);
}

/// All connections of a program. Copies are the same ones; when the last is dropped, all end.
#[derive(Clone)]
pub struct Wire {
	orders: mpsc::Sender<Order>,
	routes: Routes,
	counters: Arc<Counters>,
}

impl Wire {
	/// Begins: answers who calls, if there is a listener. To be called within a runtime.
	pub fn start<N: Network>(
		me: Me,
		limits: Limits,
		network: N,
		listener: Option<Listener>,
	) -> (Self, mpsc::Receiver<Told>) {
		let (orders, incoming) = mpsc::channel(MAX_ORDERS);
		let (told, telling) = mpsc::channel(MAX_TOLD);
		let routes = Routes::default();
		let counters = Arc::new(Counters::default());
		let shared = Arc::new(Shared {
			me,
			limits,
			network,
			routes: Arc::clone(&routes),
			counters: Arc::clone(&counters),
			orders: orders.downgrade(),
		});
		let accepting = listener.map(|listener| tokio::spawn(accept(Arc::clone(&shared), listener)));
		let hub = Hub {
			desk: Desk::new(shared.me.identity.key(), shared.limits.sessions),
			shared,
			told,
			callers: HashMap::new(),
			next: 0,
			accepting,
		};
		tokio::spawn(hub.run(incoming));
		let wire = Self {
			orders,
			routes,
			counters,
		};
		(wire, telling)
	}

	/// Calls a partner at `host:port`, again and again as long as it is not connected. Whoever waits for this takes
	/// meanwhile what is told, else both wait for each other once both queues are full.
	pub async fn keep(&self, key: NodeKey, host: &str) {
		// The hub lives as long as this does.
		let _ = self.orders.send(Order::Keep(key, host.to_owned())).await;
	}

	/// Has a seat for a partner that calls, however many others are connected. A partner that is [kept](Self::keep) has
	/// one, too.
	pub async fn expect(&self, key: NodeKey) {
		let _ = self.orders.send(Order::Expect(key)).await;
	}

	/// Calls it no more, and says goodbye if it is connected.
	pub async fn forget(&self, key: NodeKey) {
		let _ = self.orders.send(Order::Forget(key)).await;
	}

	/// Sends a frame, at once or not at all. It may be lost.
	///
	/// # Errors
	/// [`NotSent`]: it is not connected, or takes less than is sent.
	pub fn send(&self, key: &NodeKey, frame: Frame) -> Result<(), NotSent> {
		let routes = lock(&self.routes);
		let route = routes.get(key).ok_or(NotSent::NotConnected)?;
		route.out.try_send(frame).map_err(|error| match error {
			mpsc::error::TrySendError::Full(_) => {
				count(&self.counters.frames);
				NotSent::Full
			}
			mpsc::error::TrySendError::Closed(_) => NotSent::NotConnected,
		})
	}

	/// What was dropped since the start.
	pub fn dropped(&self) -> Dropped {
		let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
		Dropped {
			calls: read(&self.counters.calls),
			handshakes: read(&self.counters.handshakes),
			frames: read(&self.counters.frames),
		}
	}

	/// Who is connected.
	pub fn connected(&self) -> Vec<NodeKey> {
		lock(&self.routes).keys().copied().collect()
	}
}

/// What all tasks know.
struct Shared<N> {
	me: Me,
	limits: Limits,
	network: N,
	routes: Routes,
	counters: Arc<Counters>,
	/// The hub ends when no [`Wire`] is left; tasks do not keep it.
	orders: mpsc::WeakSender<Order>,
}

impl<N: Network> Shared<N> {
	async fn order(&self, order: Order) {
		if let Some(orders) = self.orders.upgrade() {
			let _ = orders.send(order).await;
		}
	}
}

struct Hub<N> {
	desk: Desk,
	shared: Arc<Shared<N>>,
	told: mpsc::Sender<Told>,
	callers: HashMap<NodeKey, JoinHandle<()>>,
	next: u64,
	accepting: Option<JoinHandle<()>>,
}

impl<N: Network> Hub<N> {
	async fn run(mut self, mut orders: mpsc::Receiver<Order>) {
		while let Some(order) = orders.recv().await {
			match order {
				Order::Expect(key) => self.desk.expect(key),
				Order::Keep(key, host) => {
					self.desk.expect(key);
					let caller = tokio::spawn(call_again(Arc::clone(&self.shared), key, host));
					if let Some(old) = self.callers.insert(key, caller) {
						old.abort();
					}
				}
				Order::Forget(key) => {
					self.desk.expect_no_more(&key);
					if let Some(caller) = self.callers.remove(&key) {
						caller.abort();
					}
					// Its writer says goodbye, and its task tells that it ended.
					lock(&self.shared.routes).remove(&key);
				}
				Order::Came(session) => self.come(session).await,
				Order::Decide {
					session,
					newcomer,
					asked,
					heard,
				} => {
					let key = newcomer.peer.key;
					let answered = lock(&self.shared.routes)
						.get(&key)
						.is_some_and(|route| route.id == asked && route.heard.load(Ordering::Relaxed) != heard);
					let verdict = self.desk.decide(newcomer, asked, answered);
					self.follow(verdict, newcomer, session).await;
				}
				Order::Ended { key, id, why } => {
					if self.desk.leave(&key, id) {
						lock(&self.shared.routes).remove(&key);
						let _ = self.told.send(Told::Down { key, why }).await;
					}
				}
			}
		}
		for caller in self.callers.into_values().chain(self.accepting) {
			caller.abort();
		}
		lock(&self.shared.routes).clear();
	}

	async fn come(&mut self, session: Box<Session>) {
		self.next = self.next.wrapping_add(1);
		let newcomer = Newcomer {
			id: self.next,
			peer: session.peer(),
			called: session.called(),
		};
		let verdict = self.desk.come(newcomer);
		self.follow(verdict, newcomer, session).await;
	}

	async fn follow(&mut self, verdict: Verdict, newcomer: Newcomer, session: Box<Session>) {
		let key = newcomer.peer.key;
		match verdict {
			Verdict::Admit => self.seat(newcomer, session).await,
			Verdict::Replace(_) => {
				let why = WireError::Bye(Bye::Doubled);
				let _ = self.told.send(Told::Down { key, why }).await;
				self.seat(newcomer, session).await;
			}
			Verdict::Ask(asked) => {
				let heard = {
					let routes = lock(&self.shared.routes);
					routes.get(&key).map_or(0, |route| {
						let heard = route.heard.load(Ordering::Relaxed);
						// If its queue is full, it is being written to, and a frame of it tells that it is there.
						let _ = route.out.try_send(Frame::Ping(0));
						heard
					})
				};
				let shared = Arc::clone(&self.shared);
				tokio::spawn(async move {
					sleep(shared.limits.ask).await;
					let order = Order::Decide {
						session,
						newcomer,
						asked,
						heard,
					};
					shared.order(order).await;
				});
			}
			Verdict::Refuse(why) => {
				let shared = Arc::clone(&self.shared);
				let told = self.told.clone();
				let (out, goodbye) = mpsc::channel(1);
				let _ = out.try_send(Frame::Bye(why));
				tokio::spawn(async move {
					let ended = session.run(&shared.limits, goodbye, told, move |frame| Told::Frame { key, frame });
					let _ = timeout(shared.limits.write, ended).await;
				});
			}
		}
	}

	async fn seat(&mut self, newcomer: Newcomer, session: Box<Session>) {
		let key = newcomer.peer.key;
		let (out, frames) = mpsc::channel(self.shared.limits.queue.max(1));
		let route = Route {
			id: newcomer.id,
			out,
			heard: session.heard(),
		};
		// The sender of the one before goes with it: it says goodbye, and ends.
		lock(&self.shared.routes).insert(key, route);
		let number = session.number();
		let _ = self.told.send(Told::Up { key, number }).await;
		let shared = Arc::clone(&self.shared);
		let told = self.told.clone();
		tokio::spawn(async move {
			let wrap = move |frame| Told::Frame { key, frame };
			let why = session.run(&shared.limits, frames, told, wrap).await;
			let id = newcomer.id;
			shared.order(Order::Ended { key, id, why }).await;
		});
	}
}

/// Answers calls, so many at a time and from one address as the limits say.
async fn accept<N: Network>(shared: Arc<Shared<N>>, mut listener: Listener) {
	let places = Arc::new(Semaphore::new(shared.limits.handshakes));
	let mut doors = Doors::new(shared.limits.per_address);
	let porch = Porch::default();
	let of_one = (shared.limits.handshakes / 8).max(1);
	loop {
		let (pipe, from) = match listener.accept().await {
			Ok(Some(call)) => call,
			Ok(None) => return,
			Err(_) => {
				sleep(ACCEPT_PAUSE).await;
				continue;
			}
		};
		if from.is_some_and(|from| !doors.may_come(from, Instant::now())) {
			count(&shared.counters.calls);
			continue;
		}
		let Ok(place) = Arc::clone(&places).try_acquire_owned() else {
			count(&shared.counters.calls);
			continue;
		};
		let under_way = from.map(|from| porch.enter(from, of_one));
		if matches!(under_way, Some(None)) {
			count(&shared.counters.calls);
			continue;
		}
		let shared = Arc::clone(&shared);
		tokio::spawn(async move {
			let session = answer(pipe, &shared.me, &shared.limits).await;
			drop((place, under_way));
			match session {
				Ok(session) => shared.order(Order::Came(Box::new(session))).await,
				// Whoever does not get through is nobody's partner.
				Err(_) => count(&shared.counters.handshakes),
			}
		});
	}
}

/// Calls a partner as long as it is not connected, and waits longer each time.
async fn call_again<N: Network>(shared: Arc<Shared<N>>, key: NodeKey, host: String) {
	let mut backoff = Backoff::new(shared.limits.retry_first, shared.limits.retry_most);
	let mut since: Option<Instant> = None;
	loop {
		if lock(&shared.routes).contains_key(&key) {
			since.get_or_insert_with(Instant::now);
			sleep(LOOK).await;
			continue;
		}
		if since.take().is_some_and(|since| since.elapsed() >= GOOD) {
			backoff.reset();
		}
		if let Ok(session) = call(&shared, &key, &host).await {
			shared.order(Order::Came(Box::new(session))).await;
		}
		// Also after a call that went through: whoever is let in and thrown out at once does not come back at once.
		sleep(backoff.wait(random_number().unwrap_or(1))).await;
	}
}

async fn call<N: Network>(shared: &Shared<N>, key: &NodeKey, host: &str) -> Result<Session, WireError> {
	let limits = &shared.limits;
	let connected = timeout(limits.handshake, shared.network.connect(host.to_owned())).await;
	let pipe = connected.map_err(|_| WireError::Silent(limits.handshake))??;
	dial(pipe, host, &shared.me, key, limits).await
}
