// The chain's own RPC methods, as polkadot.js wants to be told of them: `ApiPromise.create({ provider, rpc })`.

const json = (description, params = []) => ({ description, params, type: 'Json' });

export const rpc = {
	poca: {
		finalityStatus: json('Best, certified and final block, and whether this node votes'),
		schedule: json('Who may author which slot, and how each director does'),
		// By its number; a hash goes through `provider.send`, for polkadot.js has no type that is either.
		proveFinality: json('Proof that a block is final', [{ name: 'block', type: 'u32' }]),
		voterState: json('This node as a voter'),
		subscribeCertificates: {
			...json('Every certificate from now on'),
			pubsub: ['certificate', 'subscribeCertificates', 'unsubscribeCertificates'],
		},
	},
};
