// Certificates of finality, checked as a light client would: from their bytes, with nothing but the chain's genesis and
// its voters.

import { TypeRegistry } from '@polkadot/types';
import { stringToU8a, u8aConcat } from '@polkadot/util';
import { ed25519Verify } from '@polkadot/util-crypto';

const DOMAIN = stringToU8a('SmartChain BFT vote v1');

const registry = new TypeRegistry();
registry.register({
	BftPhase: { _enum: ['Prevote', 'Commit'] },
	// `hash` is what polkadot.js calls the hash of any value, so the block's needs another name.
	BftTarget: { slot: 'u64', number: 'u32', blockHash: 'H256' },
	BftVote: { setId: 'u64', phase: 'BftPhase', relaxed: 'bool', target: 'BftTarget', end: 'Option<BftTarget>' },
	BftCertificate: { vote: 'BftVote', signers: 'Bytes', signatures: 'Vec<[u8; 64]>' },
	BftVoterSet: { setId: 'u64', voters: 'Vec<[u8; 32]>', relaxedQuorum: 'u16' },
});

/** How many of `voters` make a block final. */
export const quorum = (voters) => voters - Math.floor(voters / 3);

/** The answer of the runtime's `BftFinalityApi_voter_set`. */
export const decodeVoterSet = (bytes) => registry.createType('BftVoterSet', bytes);

/** What `certificate` of `poca_proveFinality` and of `poca_subscribeCertificates` holds. */
export const decodeCertificate = (bytes) => registry.createType('BftCertificate', bytes);

/**
 * Whether a quorum of `set` has signed this certificate, which is for the chain that starts with the block `genesis`.
 * One of relaxed votes proves a change of voters alone, to those that have seen the header that makes it; it is refused
 * here.
 */
export function verifyCertificate(certificate, genesis, set) {
	const { vote, signers, signatures } = certificate;
	const bitmap = signers.toU8a(true);
	if (vote.relaxed.isTrue || !vote.setId.eq(set.setId)) return false;
	if (bitmap.length !== Math.ceil(set.voters.length / 8)) return false;
	const indices = [...Array(bitmap.length * 8).keys()].filter((i) => bitmap[i >> 3] & (1 << (i & 7)));
	if (indices.length !== signatures.length || indices.length < quorum(set.voters.length)) return false;
	const payload = u8aConcat(DOMAIN, genesis, vote.toU8a());
	return indices.every((voter, i) => {
		const key = set.voters[voter];
		return key !== undefined && ed25519Verify(payload, signatures[i].toU8a(), key.toU8a());
	});
}
