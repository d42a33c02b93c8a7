//! The table of layers.

/// A floor: the crates that may import the same. Each list is words with blanks between them.
pub(super) struct Layer {
	pub name: &'static str,
	/// The folders of its crates; `*` stands for one name.
	pub folders: &'static str,
	/// The layers that its crates import. All others are above or beside it.
	pub uses: &'static str,
	/// Those that its tests import besides.
	pub tests_use: &'static str,
	/// How the names of crates from elsewhere begin that it never links, but in tests.
	pub never: &'static str,
}

/// The whole house, from the ground up. Of two layers whose folders fit a crate, the first counts.
pub(super) const LAYERS: &[Layer] = &[
	// Tools that need no layer of their own: the guard itself, and what feeds decoders with nonsense.
	Layer {
		name: "tidy",
		folders: "tools/tidy",
		uses: "",
		tests_use: "",
		never: "",
	},
	Layer {
		name: "fuzz",
		folders: "primitives/fuzz core/fuzz core/*/fuzz core/*/tests/fuzz data/*/fuzz compute/*/fuzz pallets/fuzz \
			pallets/*/*/fuzz",
		uses: "primitives runtime-apis core data compute traits pallets testkit",
		tests_use: "",
		never: "sc-",
	},
	// Vectors made with the code of others.
	Layer {
		name: "generators",
		folders: "primitives/proofs/*/generator",
		uses: "primitives",
		tests_use: "",
		never: "sc- frame- pallet- substrate- tokio jsonrpsee",
	},
	// The ground: browsers and phones link it, so that it has no runtime API but in one crate.
	Layer {
		name: "runtime-apis",
		folders: "primitives/runtime-apis",
		uses: "primitives",
		tests_use: "",
		never: "sc- frame- pallet- substrate- tokio jsonrpsee",
	},
	Layer {
		name: "primitives",
		folders: "primitives/* primitives/proofs/*",
		uses: "primitives",
		tests_use: "testkit",
		never: "sc- frame- pallet- substrate- sp-api tokio jsonrpsee",
	},
	// Pure machines: they know no SDK, and nothing that waits.
	Layer {
		name: "core",
		folders: "core/*",
		uses: "primitives",
		tests_use: "testkit",
		never: "sc- sp- frame- pallet- substrate- tokio jsonrpsee futures async-",
	},
	// Those of a machine whose tests are as large as it is.
	Layer {
		name: "core/tests",
		folders: "core/*/tests",
		uses: "primitives core testkit",
		tests_use: "",
		never: "sc- frame- pallet- substrate- tokio jsonrpsee futures async-",
	},
	Layer {
		name: "data",
		folders: "data/*",
		uses: "primitives data",
		tests_use: "testkit",
		never: "sc- sp- frame- pallet- substrate- jsonrpsee",
	},
	// Units of jobs: run, fed and joined, without a chain.
	Layer {
		name: "compute",
		folders: "compute/*",
		uses: "primitives data compute",
		tests_use: "testkit",
		never: "sc- sp- frame- pallet- substrate- tokio jsonrpsee",
	},
	Layer {
		name: "examples",
		folders: "examples/jobs/rust/*",
		uses: "examples",
		tests_use: "",
		never: "sc- sp- frame- pallet- substrate- tokio jsonrpsee futures async-",
	},
	// What the chain remembers. Pallets reach each other, and those of the SDK, through traits.
	Layer {
		name: "traits",
		folders: "pallets/traits",
		uses: "primitives",
		tests_use: "",
		never: "sc- pallet- tokio",
	},
	Layer {
		name: "pallets/testkit",
		folders: "pallets/testkit",
		uses: "primitives runtime-apis traits",
		tests_use: "testkit",
		never: "sc- tokio",
	},
	Layer {
		name: "pallets",
		folders: "pallets/consensus/* pallets/governance/* pallets/resources/* pallets/money/* pallets/markets/* \
			pallets/compute-market pallets/payment-channels pallets/relay pallets/storage-market",
		uses: "primitives runtime-apis traits",
		tests_use: "pallets pallets/testkit testkit",
		never: "sc- pallet- tokio",
	},
	Layer {
		name: "runtime",
		folders: "runtime",
		uses: "primitives runtime-apis traits pallets",
		tests_use: "",
		never: "sc- tokio",
	},
	Layer {
		name: "runtime/tests",
		folders: "runtime/tests",
		uses: "primitives runtime-apis traits pallets runtime testkit",
		tests_use: "",
		never: "tokio",
	},
	// The edge of a node. Only what puts it together knows the runtime.
	Layer {
		name: "node/chain",
		folders: "node/chain",
		uses: "primitives runtime-apis",
		tests_use: "testkit",
		never: "frame- pallet-",
	},
	Layer {
		name: "node/testkit",
		folders: "node/testkit",
		uses: "primitives node/chain testkit",
		tests_use: "",
		never: "frame- pallet-",
	},
	Layer {
		name: "node/signing",
		folders: "node/signing",
		uses: "primitives node/chain",
		tests_use: "testkit node/testkit",
		never: "sc- frame- pallet-",
	},
	Layer {
		name: "node/proofs",
		folders: "node/proofs",
		uses: "primitives node/chain",
		tests_use: "testkit node/testkit",
		never: "frame- pallet-",
	},
	Layer {
		name: "node/consensus",
		folders: "node/consensus",
		uses: "primitives runtime-apis core node/chain node/signing node/proofs",
		tests_use: "testkit node/testkit",
		never: "frame- pallet-",
	},
	Layer {
		name: "node/rpc",
		folders: "node/rpc",
		uses: "primitives node/chain node/proofs node/consensus",
		tests_use: "testkit node/testkit",
		never: "sc- frame- pallet-",
	},
	Layer {
		name: "node/service",
		folders: "node/service",
		uses: "primitives runtime-apis core runtime \
			node/chain node/signing node/proofs node/consensus node/rpc",
		tests_use: "testkit node/testkit",
		never: "",
	},
	Layer {
		name: "node",
		folders: "node",
		uses: "primitives runtime-apis core runtime \
			node/chain node/signing node/proofs node/consensus node/rpc node/service",
		tests_use: "testkit node/testkit",
		never: "",
	},
	// For providers and users: they know the chain from its metadata alone, compiled once.
	Layer {
		name: "chain-api",
		folders: "clients/chain-api",
		uses: "primitives",
		tests_use: "",
		never: "sc- frame- pallet-",
	},
	Layer {
		name: "clients",
		folders: "clients/pay clients/wasm",
		uses: "primitives core data chain-api",
		tests_use: "testkit",
		never: "sc- frame- pallet-",
	},
	// Who stores: keys, terminal and chain are those of a provider's program.
	Layer {
		name: "clients/cli",
		folders: "clients/cli",
		uses: "primitives data agent/parts agent/setup clients/jobs clients/market clients/vouchers",
		tests_use: "testkit",
		never: "sc- frame- pallet-",
	},
	// What feeds its decoders with nonsense.
	Layer {
		name: "clients/fuzz",
		folders: "clients/*/fuzz",
		uses: "primitives clients/cli",
		tests_use: "",
		never: "sc- frame- pallet-",
	},
	// What is asked of the chain, and what it is to do.
	Layer {
		name: "clients/market",
		folders: "clients/market",
		uses: "primitives data agent/parts",
		tests_use: "",
		never: "sc- frame- pallet-",
	},
	// Who has others compute: beside a chain, what runs a unit and what gives it out.
	Layer {
		name: "clients/jobs",
		folders: "clients/jobs",
		uses: "primitives data compute agent/parts",
		tests_use: "",
		never: "sc- frame- pallet-",
	},
	// Who pays for what is read: it knows no chain.
	Layer {
		name: "clients/vouchers",
		folders: "clients/vouchers",
		uses: "primitives data agent/parts",
		tests_use: "",
		never: "sc- frame- pallet- tokio",
	},
	// A process of its own, which the store's tests start.
	Layer {
		name: "agent/plotter",
		folders: "agent/plotter",
		uses: "primitives agent/parts",
		tests_use: "",
		never: "sc- frame- pallet-",
	},
	Layer {
		name: "agent/config",
		folders: "agent/config",
		uses: "primitives agent/parts",
		tests_use: "",
		never: "sc- frame- pallet-",
	},
	// What can be typed, without what it does.
	Layer {
		name: "agent/cli",
		folders: "agent/cli",
		uses: "agent/parts agent/config",
		tests_use: "",
		never: "sc- frame- pallet- tokio",
	},
	// What sells storage, as a machine: it knows no other crate, so that all of it can be replayed.
	Layer {
		name: "agent/market",
		folders: "agent/market",
		uses: "primitives",
		tests_use: "testkit",
		never: "sc- sp- frame- pallet- substrate- tokio jsonrpsee futures async-",
	},
	// What computes, likewise.
	Layer {
		name: "agent/tasks",
		folders: "agent/tasks",
		uses: "primitives",
		tests_use: "testkit",
		never: "sc- sp- frame- pallet- substrate- tokio jsonrpsee futures async-",
	},
	Layer {
		name: "agent/work",
		folders: "agent/work",
		uses: "primitives data compute agent/parts agent/tasks",
		tests_use: "testkit",
		never: "sc- frame- pallet-",
	},
	// What accounts and devices have, by the chain's word.
	Layer {
		name: "agent/accounts",
		folders: "agent/accounts",
		uses: "primitives agent/parts",
		tests_use: "",
		never: "sc- frame- pallet- tokio",
	},
	Layer {
		name: "agent/storage",
		folders: "agent/storage",
		uses: "primitives data agent/parts agent/market",
		tests_use: "testkit",
		never: "sc- frame- pallet-",
	},
	Layer {
		name: "agent/run",
		folders: "agent/run",
		uses: "primitives core agent/parts",
		tests_use: "testkit",
		never: "sc- frame- pallet-",
	},
	// What programs with an account do alike with whoever sits there.
	Layer {
		name: "agent/setup",
		folders: "agent/setup",
		uses: "primitives agent/parts",
		tests_use: "testkit",
		never: "sc- frame- pallet-",
	},
	Layer {
		name: "agent/parts",
		folders: "agent/*",
		uses: "primitives core data",
		tests_use: "testkit runtime agent/plotter",
		never: "sc- frame- pallet-",
	},
	Layer {
		name: "agent",
		folders: "agent",
		uses: "primitives core data chain-api agent/parts agent/accounts agent/cli agent/config agent/run agent/setup \
			agent/storage agent/work",
		tests_use: "testkit",
		never: "sc- frame- pallet-",
	},
	// Which way a payment goes, and the letters of that: pure, and apart from what waits or keeps.
	Layer {
		name: "pay/routes",
		folders: "pay/routes",
		uses: "primitives",
		tests_use: "testkit",
		never: "sc- frame- pallet- tokio",
	},
	// What payment programs say: bytes alone.
	Layer {
		name: "pay/frames",
		folders: "pay/frames",
		uses: "primitives core pay/routes",
		tests_use: "testkit",
		never: "sc- frame- pallet- tokio",
	},
	// Of a payment program: its store, its wire, and what it is asked. Its keys lie as those of an agent do.
	Layer {
		name: "pay/parts",
		folders: "pay/api pay/store pay/wire",
		uses: "primitives core agent/parts",
		tests_use: "testkit",
		never: "sc- frame- pallet-",
	},
	// What such a program is told by the chain, as the agents are.
	Layer {
		name: "pay/chain",
		folders: "pay/chain",
		uses: "primitives core agent/parts",
		tests_use: "testkit",
		never: "sc- frame- pallet-",
	},
	// What a person chooses for it.
	Layer {
		name: "pay/config",
		folders: "pay/config",
		uses: "primitives core agent/parts pay/chain",
		tests_use: "",
		never: "sc- frame- pallet- tokio",
	},
	// What owns the channels, and what sends calls of others. They know neither each other nor a command line.
	Layer {
		name: "pay/daemon",
		folders: "pay/daemon",
		uses: "primitives core agent/parts pay/routes pay/frames pay/parts pay/chain pay/config",
		tests_use: "testkit",
		never: "sc- frame- pallet-",
	},
	// Its tests, which are as large as it is.
	Layer {
		name: "pay/daemon/tests",
		folders: "pay/daemon/tests",
		uses: "primitives core agent/parts pay/routes pay/frames pay/parts pay/chain pay/config pay/daemon testkit",
		tests_use: "",
		never: "sc- frame- pallet-",
	},
	Layer {
		name: "pay/relayer",
		folders: "pay/relayer",
		uses: "primitives agent/parts pay/parts",
		tests_use: "testkit",
		never: "sc- frame- pallet-",
	},
	Layer {
		name: "pay",
		folders: "pay",
		uses: "primitives core agent/parts pay/frames pay/parts pay/chain pay/config pay/daemon pay/relayer",
		tests_use: "testkit",
		never: "sc- frame- pallet-",
	},
	// What tests and measures the whole. Only these and binaries import an edge.
	Layer {
		name: "testkit",
		folders: "testkit testkit/*",
		uses: "primitives runtime-apis core testkit",
		tests_use: "",
		never: "sc- frame- pallet-",
	},
	// A runtime for the test of an upgrade: the present one with another feature.
	Layer {
		name: "tests/next-runtime",
		folders: "tests/next-runtime",
		uses: "runtime",
		tests_use: "",
		never: "sc- tokio",
	},
	Layer {
		name: "tests",
		folders: "tests",
		uses: "primitives runtime-apis core data compute traits pallets runtime testkit chain-api \
			node/chain node/signing node/proofs node/consensus node/rpc node/testkit tests/next-runtime",
		tests_use: "",
		never: "",
	},
	Layer {
		name: "tests/tests",
		folders: "tests/tests",
		uses: "primitives runtime-apis core data compute traits pallets runtime testkit chain-api \
			node/chain node/signing node/proofs node/consensus node/rpc node/testkit tests/next-runtime tests",
		tests_use: "",
		never: "",
	},
	// What measurements stand beside, in workspaces of their own: nothing of it is among what is released.
	Layer {
		name: "peers",
		folders: "tools/bench/peers/*",
		uses: "primitives",
		tests_use: "",
		never: "sc- frame- pallet- substrate-",
	},
	// The table of figures that measurements print.
	Layer {
		name: "tools/report",
		folders: "tools/report",
		uses: "tests",
		tests_use: "",
		never: "",
	},
	Layer {
		name: "tools",
		folders: "tools/*",
		uses: "primitives runtime-apis core data compute traits pallets runtime testkit chain-api \
			node/chain node/signing node/proofs node/consensus node/rpc node/testkit tests \
			agent/parts pay/parts tools/report",
		tests_use: "",
		never: "",
	},
];
