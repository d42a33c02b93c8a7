// Sends transactions with polkadot.js and waits for what comes of them.

/** The name of a dispatch error, as the metadata has it. */
const nameOf = (api, error) => error.isModule ? api.registry.findMetaError(error.asModule).name : error.toString();

function submitted(api, tx, signer, isThere) {
	return new Promise((resolve, reject) => {
		tx.signAndSend(signer, (result) => {
			if (result.isError) reject(new Error(`the transaction became ${result.status.type}`));
			if (!isThere(result)) return;
			const error = result.dispatchError;
			if (!error) resolve(result);
			else reject(new Error(nameOf(api, error)));
		}).catch(reject);
	});
}

/**
 * Submits a transaction; its result once it is in a block, or the error that it met. Finality can be told before
 * polkadot.js has told of the block.
 */
export const included = (api, tx, signer) => submitted(api, tx, signer, (result) => result.isCompleted);

/** Submits a transaction; its result once it is final, or the error that it met. */
export const finalized = (api, tx, signer) => submitted(api, tx, signer, (result) => result.status.isFinalized);
