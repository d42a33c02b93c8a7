# Shared by the scripts beside it: how they speak, and the set-up of the toolchain. Sourced, never run.
# shellcheck shell=bash

set -euo pipefail

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
CACHE=${SMARTCHAIN_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/smartchain}

say() { printf '\033[1m==>\033[0m %s\n' "$*" >&2; }
die() {
	printf '\033[31merror:\033[0m %s\n' "$1" >&2
	shift
	for line in "$@"; do printf '       %s\n' "$line" >&2; done
	exit 1
}

# step NAME COMMAND...: runs the command, says how long it took, and keeps the figure for `steps_table`.
STEPS=()
step() {
	local name=$1 start=$SECONDS code=0
	shift
	say "$name"
	"$@" || code=$?
	local took=$((SECONDS - start))
	STEPS+=("$(printf '%5d s  %s%s' "$took" "$name" "$([ $code = 0 ] || echo ' (failed)')")")
	[ $code = 0 ] || { steps_table; die "$name failed after $took s"; }
}
steps_table() {
	say "How long each step took"
	printf '    %s\n' "${STEPS[@]}" "$(printf '%5d s  in all' "$SECONDS")" >&2
}

# progress FILE COMMAND...: runs a command that talks much, its output in FILE, one live line of it on a terminal
# (a line every half minute elsewhere).
progress() {
	local file=$1 pid last=$SECONDS start=$SECONDS every=30 code=0
	shift
	mkdir -p "$(dirname "$file")"
	"$@" >"$file" 2>&1 &
	pid=$!
	[ -t 2 ] && every=1
	while kill -0 "$pid" 2>/dev/null; do
		sleep 0.5
		if [ $((SECONDS - last)) -ge $every ]; then
			last=$SECONDS
			local line
			line=$(tail -c 4000 "$file" | tr '\r' '\n' | sed 's/\x1b\[[0-9;?]*[a-zA-Z]//g' \
				| grep -av '^ *$' | tail -n 1 | cut -c1-100) || true
			if [ -t 2 ]; then
				printf '\r\033[K    %4d s  %s' $((SECONDS - start)) "$line" >&2
			else
				printf '    %4d s  %s\n' $((SECONDS - start)) "$line" >&2
			fi
		fi
	done
	[ -t 2 ] && printf '\r\033[K' >&2
	wait "$pid" || code=$?
	[ $code = 0 ] || { tail -n 60 "$file" >&2; say "all of its output: $file"; }
	return $code
}

have_packages() { [ "$(dpkg-query -W -f '${db:Status-Abbrev}\n' "$@" 2>/dev/null | grep -c '^ii')" = $# ]; }

# apt_install PACKAGE...: only what is missing, and only as root on a Debian system.
apt_install() {
	have_packages "$@" && return 0
	command -v apt-get >/dev/null \
		|| die "missing packages: $*" "Install them (these are Debian's names) and run this again."
	[ "$(id -u)" = 0 ] \
		|| die "missing packages: $*" "As root: apt-get update && apt-get install --no-install-recommends $*"
	say "Installing from Debian's packages: $*"
	local install="DEBIAN_FRONTEND=noninteractive apt-get install -qy --no-install-recommends"
	progress "$CACHE/logs/apt.log" bash -c "apt-get update -q && $install $*" \
		|| die "apt-get could not install: $*" "Its output is above; these packages come from Debian 12 and its security updates."
}

# The Rust toolchain with the wasm32v1-none target. rustup's, where it can have that target; otherwise Debian's
# rustc-web, for whose sysroot the target's core and alloc are built here from Debian's own sources.
WASM_TARGET=wasm32v1-none
toolchain() {
	apt_install gcc g++ make libc6-dev protobuf-compiler ca-certificates
	if command -v rustup >/dev/null && rustup target list --installed 2>/dev/null | grep -qx $WASM_TARGET; then
		TOOLCHAIN_BIN=
	elif [ -x /usr/bin/rustc ] && [ -f "$(debian_wasm_lib)/.complete" ] && have_packages rustc-web; then
		TOOLCHAIN_BIN=/usr/bin
	elif command -v rustup >/dev/null && [ -z "${SMARTCHAIN_DEBIAN_RUST:-}" ] \
		&& timeout 60 rustup target add $WASM_TARGET >/dev/null 2>&1; then
		TOOLCHAIN_BIN=
	elif grep -qsx ID=debian /etc/os-release; then
		debian_toolchain
		TOOLCHAIN_BIN=/usr/bin
	else
		die "no Rust toolchain that can build the Wasm runtime" \
			"With rustup and a network: rustup toolchain install stable" \
			"  && rustup target add $WASM_TARGET && rustup component add rust-src" \
			"Or use Debian 12 as root, where this script sets one up from Debian's packages."
	fi
	[ -z "$TOOLCHAIN_BIN" ] || export PATH="$TOOLCHAIN_BIN:$PATH"
	unset RUSTUP_TOOLCHAIN RUSTFLAGS
	# The build output lives outside the checkout, so that every clone shares it; one folder for each compiler.
	CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$CACHE/target-$(rustc --version | awk '{print $2}')}
	export CARGO_TARGET_DIR WASM_BUILD_WORKSPACE_HINT="$ROOT" CARGO_TERM_COLOR=never
}
debian_wasm_lib() { printf '%s/lib/rustlib/%s/lib' "$(/usr/bin/rustc --print sysroot)" $WASM_TARGET; }
debian_toolchain() {
	apt_install rustc-web cargo-web rust-web-src lld-22
	local sysroot lib host
	sysroot=$(/usr/bin/rustc --print sysroot)
	lib=$(debian_wasm_lib)
	host=$(/usr/bin/rustc -vV | sed -n 's/^host: //p')
	say "Building core and alloc for $WASM_TARGET with Debian's $(/usr/bin/rustc --version)"
	mkdir -p "$sysroot/lib/rustlib/$host/bin" "$lib"
	ln -sf "$(command -v lld-22)" "$sysroot/lib/rustlib/$host/bin/rust-lld"
	local work
	work=$(mktemp -d)
	mkdir "$work/src"
	printf '#![no_std]\nextern crate alloc;\n' >"$work/src/lib.rs"
	printf '%s\n' '[package]' 'name = "seed"' 'version = "0.0.0"' 'edition = "2021"' '[profile.release]' 'lto = true' \
		>"$work/Cargo.toml"
	(
		cd "$work"
		progress "$CACHE/logs/wasm-sysroot.log" env -u RUSTUP_TOOLCHAIN PATH="/usr/bin:$PATH" RUSTC_BOOTSTRAP=1 \
			RUSTFLAGS=-Cembed-bitcode=yes CARGO_TARGET_DIR="$work/target" \
			cargo build --release -Zbuild-std=core,alloc --target $WASM_TARGET
	) || die "could not build core and alloc for $WASM_TARGET" "See $CACHE/logs/wasm-sysroot.log"
	rm -f "$lib"/*.rlib
	cp "$work/target/$WASM_TARGET/release/deps"/lib{core,alloc,compiler_builtins}-*.rlib "$lib/"
	# The runtime's own build must start anew with these.
	rm -rf "$work" "$CACHE"/target-*/release/wbuild
	touch "$lib/.complete"
}

# One set of features for everything: cargo chooses those of the selected packages, and with tests selected those that
# their dependencies ask for. A build of a single package would compile hundreds of crates again with others.
cargo_build() { cargo build --release --locked --workspace --all-targets; }
# The same features, but only what it takes to run nodes and agents and to measure nodes; naming a test is what selects
# the features of tests. The agent starts the plotter, which lies beside it.
cargo_build_binaries() {
	cargo build --release --locked --workspace --bin smartchain --bin smartchain-bench --bin smartchain-bench-compute \
		--bin smart-agent --bin smart-agent-plotter --bin smart-unit --bin smart-pay --bin smart \
		--bin smartchain-agents --bin smartchain-liar --test network
}
# The simulation of the BFT core, which needs little; naming a binary of the workspace selects the same features.
cargo_build_world() { cargo build --release --locked --workspace --bin smartchain-world; }
# What measures proofs: naming the store's tests selects the features of tests.
cargo_build_proofs() { cargo build --release --locked --workspace --bin smartchain-bench --test store; }

# port_taken PORT: whether something listens on it on this machine.
port_taken() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

# finality_status RPC_PORT: the answer of poca_finalityStatus on one line.
finality_status() {
	curl -sf -m 5 -H 'Content-Type: application/json' \
		-d '{"jsonrpc":"2.0","id":1,"method":"poca_finalityStatus","params":[]}' "http://127.0.0.1:$1"
}
# height_of best|finalized: the height of that block in such an answer; a dash where it has none.
height_of() {
	local status
	read -r status || true
	if [[ $status =~ \"$1\":\{[^}]*\"number\":([0-9]+) ]]; then printf '%s' "${BASH_REMATCH[1]}"; else printf -- '-'; fi
}
