//! The RPC server.
//!
//! The SDK's gives whatever page a browser on this machine shows the rights of this machine: nobody looks at the
//! `Origin` of a WebSocket, and its server has no place for one who does. This one [does](crate::origin). Its flags,
//! limits and measurements are the SDK's.

use crate::{origin::Origins, proxy};
use futures::FutureExt;
use jsonrpsee::{
	core::{id_providers::RandomStringIdProvider, BoxError},
	server::{
		middleware::http::HostFilterLayer, serve_with_graceful_shutdown, stop_channel, ws, HttpRequest, PingConfig,
		RpcServiceBuilder, ServerHandle, StopHandle, TowerServiceBuilder,
	},
	Methods, RpcModule,
};
use sc_rpc_api::DenyUnsafe;
use sc_rpc_server::{utils::deny_unsafe, Metrics, MiddlewareLayer, NodeHealthProxyLayer, RpcEndpoint, RpcMetrics};
use sc_service::{config::RpcConfiguration, Error};
use std::{
	net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
	sync::Arc,
	time::{Duration, Instant},
};
use tokio::{
	net::{TcpListener, TcpStream},
	runtime::{Handle, Runtime},
};
use tower::Service;
use tower_http::cors::{AllowOrigin, CorsLayer};

const MEGABYTE: u32 = 1024 * 1024;
/// The length of a subscription's name.
const SUBSCRIPTION_ID_LENGTH: usize = 16;
/// How often a WebSocket is asked whether it is there, and how long it may be silent.
const PING_EVERY: Duration = Duration::from_secs(30);
const PING_LIMIT: Duration = Duration::from_secs(60);
const PING_FAILURES: usize = 3;
/// How long nothing is accepted after that has failed: it fails where file handles are short, again and again.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// A server that runs until this is dropped.
pub(crate) struct Server {
	handle: ServerHandle,
	runtime: Option<Runtime>,
}

impl Drop for Server {
	fn drop(&mut self) {
		// It may have stopped by itself.
		let _ = self.handle.stop();
		if let Some(runtime) = self.runtime.take() {
			// An ordinary drop waits, which a thread of a runtime must not.
			runtime.shutdown_background();
		}
	}
}

/// What all connections of an address share.
#[derive(Clone)]
struct Shared {
	endpoint: Arc<RpcEndpoint>,
	origins: Origins,
	deny_unsafe: DenyUnsafe,
	host_filter: Option<HostFilterLayer>,
	builder: Builder,
	methods: Methods,
	metrics: Option<RpcMetrics>,
	logged: u32,
	stop: StopHandle,
}

type Builder = TowerServiceBuilder<tower::layer::util::Identity, tower::layer::util::Identity>;

/// Starts to serve these methods.
///
/// # Errors
/// Where an address that is not optional cannot be listened on.
pub(crate) fn start(
	config: &RpcConfiguration,
	registry: Option<&prometheus_endpoint::Registry>,
	runtime: Runtime,
	module: RpcModule<()>,
) -> Result<Server, Error> {
	let (stop, handle) = stop_channel();
	let tasks = runtime.handle().clone();
	// From here on, whatever fails ends the runtime in the one way that does not wait.
	let server = Server {
		handle,
		runtime: Some(runtime),
	};
	let methods: Methods = with_names(module).map_err(|error| Error::Application(Box::new(error)))?;
	let metrics = RpcMetrics::new(registry)?.map(|metrics| metrics.with_known_methods(methods.method_names()));
	let mut addresses = Vec::new();
	for endpoint in endpoints(config) {
		let (listener, address) = match listen(&endpoint) {
			Ok(bound) => bound,
			Err(_) if endpoint.is_optional => continue,
			Err(error) => {
				return Err(Error::Other(format!(
					"the RPC server cannot listen on {}: {error}; choose another --rpc-port",
					endpoint.listen_addr
				)))
			}
		};
		addresses.push(address.to_string());
		let origins = Origins::new(endpoint.cors.clone());
		let shared = Shared {
			deny_unsafe: deny_unsafe(&address, &endpoint.rpc_methods),
			host_filter: host_filter(&origins, address)?,
			builder: builder(&endpoint, &tasks),
			origins,
			endpoint: Arc::new(endpoint),
			methods: methods.clone(),
			metrics: metrics.clone(),
			logged: config.request_logger_limit,
			stop: stop.clone(),
		};
		tasks.spawn(accept(listener, shared, tasks.clone()));
	}
	if addresses.is_empty() {
		return Err(Error::Other(
			"the RPC server can listen on none of its addresses".into(),
		));
	}
	log::info!("Running JSON-RPC server: addr={}", addresses.join(","));
	Ok(server)
}

/// Where to listen: what the command line says, or this machine alone.
fn endpoints(config: &RpcConfiguration) -> Vec<RpcEndpoint> {
	if let Some(endpoints) = &config.addr {
		return endpoints.clone();
	}
	let local = |ip: IpAddr, is_optional| RpcEndpoint {
		listen_addr: SocketAddr::new(ip, config.port),
		batch_config: config.batch_config,
		max_connections: config.max_connections,
		max_payload_in_mb: config.max_request_size,
		max_payload_out_mb: config.max_response_size,
		max_subscriptions_per_connection: config.max_subs_per_conn,
		max_buffer_capacity_per_connection: config.message_buffer_capacity,
		rate_limit: config.rate_limit,
		rate_limit_trust_proxy_headers: config.rate_limit_trust_proxy_headers,
		rate_limit_whitelisted_ips: config.rate_limit_whitelisted_ips.clone(),
		cors: config.cors.clone(),
		rpc_methods: config.methods.into(),
		retry_random_port: true,
		is_optional,
	};
	vec![
		local(Ipv4Addr::LOCALHOST.into(), false),
		local(Ipv6Addr::LOCALHOST.into(), true),
	]
}

/// Listens where an endpoint says, or, if that is taken and it allows it, on another port.
fn listen(endpoint: &RpcEndpoint) -> std::io::Result<(std::net::TcpListener, SocketAddr)> {
	let bound = std::net::TcpListener::bind(endpoint.listen_addr);
	let listener = match bound {
		Err(error) if endpoint.retry_random_port => {
			let other = std::net::TcpListener::bind(SocketAddr::new(endpoint.listen_addr.ip(), 0))?;
			log::warn!(
				"The RPC server cannot listen on {}: {error}. It listens on {} instead",
				endpoint.listen_addr,
				other.local_addr()?
			);
			other
		}
		bound => bound?,
	};
	listener.set_nonblocking(true)?;
	let address = listener.local_addr()?;
	Ok((listener, address))
}

/// Against pages whose host name an attacker lets point to this machine.
fn host_filter(origins: &Origins, address: SocketAddr) -> Result<Option<HostFilterLayer>, Error> {
	if !origins.is_list() {
		return Ok(None);
	}
	let hosts = ["localhost", "127.0.0.1", "[::1]"].map(|host| format!("{host}:{}", address.port()));
	let filter = HostFilterLayer::new(hosts).map_err(|error| Error::Application(Box::new(error)))?;
	Ok(Some(filter))
}

fn builder(endpoint: &RpcEndpoint, tasks: &Handle) -> Builder {
	let ping = PingConfig::new()
		.ping_interval(PING_EVERY)
		.inactive_limit(PING_LIMIT)
		.max_failures(PING_FAILURES);
	jsonrpsee::server::Server::builder()
		.max_request_body_size(endpoint.max_payload_in_mb.saturating_mul(MEGABYTE))
		.max_response_body_size(endpoint.max_payload_out_mb.saturating_mul(MEGABYTE))
		.max_connections(endpoint.max_connections)
		.max_subscriptions_per_connection(endpoint.max_subscriptions_per_connection)
		.set_message_buffer_capacity(endpoint.max_buffer_capacity_per_connection)
		.set_batch_request_config(endpoint.batch_config)
		.set_id_provider(RandomStringIdProvider::new(SUBSCRIPTION_ID_LENGTH))
		.enable_ws_ping(ping)
		.custom_tokio_runtime(tasks.clone())
		.to_service_builder()
}

/// The methods, and the one that names them.
fn with_names(mut module: RpcModule<()>) -> Result<Methods, jsonrpsee::core::RegisterMethodError> {
	const NAMES: &str = "rpc_methods";
	let mut names: Vec<&'static str> = module.method_names().chain([NAMES]).collect();
	names.sort_unstable();
	let names = serde_json::json!({ "methods": names });
	module.register_method(NAMES, move |_, _, _| names.clone())?;
	Ok(module.into())
}

/// Takes connections until the server stops.
async fn accept(listener: std::net::TcpListener, shared: Shared, tasks: Handle) {
	let listener = match TcpListener::from_std(listener) {
		Ok(listener) => listener,
		Err(error) => {
			log::error!("The RPC server cannot listen: {error}; start the node again");
			return;
		}
	};
	loop {
		let accepted = tokio::select! {
			accepted = listener.accept() => accepted,
			() = shared.stop.clone().shutdown() => return,
		};
		match accepted {
			Ok((socket, remote)) => {
				serve(socket, remote.ip(), shared.clone(), &tasks);
			}
			Err(error) => {
				log::debug!(target: "rpc", "a connection is not accepted: {error}");
				tokio::time::sleep(ACCEPT_PAUSE).await;
			}
		}
	}
}

/// Serves one connection. If it breaks, it is its caller who notices.
fn serve(socket: TcpStream, remote: IpAddr, shared: Shared, tasks: &Handle) {
	// Without it, answers wait for one another. A socket that cannot do it still answers.
	let _ = socket.set_nodelay(true);
	let stopped = shared.stop.clone().shutdown();
	let service = tower::service_fn(move |request| answer(request, remote, shared.clone()).boxed());
	tasks.spawn(serve_with_graceful_shutdown(socket, service, stopped));
}

/// Answers one HTTP request, which may be that for a WebSocket.
async fn answer(
	mut request: HttpRequest<hyper::body::Incoming>,
	remote: IpAddr,
	shared: Shared,
) -> Result<jsonrpsee::server::HttpResponse, BoxError> {
	if let Some(refused) = shared.origins.refuse(&request) {
		return Ok(refused);
	}
	let denied = shared.origins.deny_unsafe(&request, shared.deny_unsafe);
	request.extensions_mut().insert(denied);
	let is_websocket = ws::is_upgrade_request(&request);
	let watched = middleware(&request, remote, is_websocket, &shared);
	let http = tower::ServiceBuilder::new()
		.option_layer(shared.host_filter)
		.layer(NodeHealthProxyLayer)
		.layer(cors(shared.origins));
	let rpc = RpcServiceBuilder::new()
		.rpc_logger(shared.logged)
		.option_layer(watched.clone());
	let builder = shared.builder.set_http_middleware(http).set_rpc_middleware(rpc);
	let mut service = builder.build(shared.methods, shared.stop);
	if let Some(watched) = watched.filter(|_| is_websocket) {
		let closed = service.on_session_closed();
		tokio::spawn(async move {
			let since = Instant::now();
			watched.ws_connect();
			closed.await;
			watched.ws_disconnect(since);
		});
	}
	service.call(request).await
}

/// Measures the calls of a connection, and limits their rate.
fn middleware<B>(
	request: &HttpRequest<B>,
	remote: IpAddr,
	is_websocket: bool,
	shared: &Shared,
) -> Option<MiddlewareLayer> {
	let endpoint = &shared.endpoint;
	let behind = endpoint.rate_limit_trust_proxy_headers.then(|| proxy::behind(request));
	let caller = behind.flatten().unwrap_or(remote);
	let is_trusted = endpoint
		.rate_limit_whitelisted_ips
		.iter()
		.any(|ips| ips.contains(caller));
	let rate = endpoint.rate_limit.filter(|_| !is_trusted);
	if shared.metrics.is_none() && rate.is_none() {
		return None;
	}
	let mut layer = MiddlewareLayer::new();
	if let Some(metrics) = &shared.metrics {
		layer = layer.with_metrics(Metrics::new(metrics.clone(), if is_websocket { "ws" } else { "http" }));
	}
	if let Some(rate) = rate {
		layer = layer.with_rate_limit_per_minute(rate);
	}
	Some(layer)
}

/// Tells browsers which pages may read the answers.
fn cors(origins: Origins) -> CorsLayer {
	if !origins.is_list() {
		return CorsLayer::permissive();
	}
	CorsLayer::new()
		.allow_origin(AllowOrigin::predicate(move |origin, _| {
			origins.allow(origin.as_bytes())
		}))
		.allow_methods(tower_http::cors::AllowMethods::mirror_request())
		.allow_headers(tower_http::cors::AllowHeaders::mirror_request())
}
