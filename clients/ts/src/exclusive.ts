/** One program a store: two that sign in one channel forfeit what is in it. */

/** What is held. */
export interface Hold {
	/** Lets go. */
	release(): void;
	/** Fulfilled once it is held no more, whoever let go. */
	readonly ended: Promise<void>;
}

/** Takes hold of a name, at once or not at all. */
export type Exclusive = (name: string) => Promise<Hold | undefined>;

/** Another tab, or another part of this program, uses the store. */
export class InUseError extends Error {
	override name = 'InUseError';

	constructor(name: string) {
		super(`the channels in ${name} are open in another tab: use that one, or close it and try again`);
	}
}

/** By the browser's Web Locks: over all tabs and workers of one origin, and let go when a tab ends in whatever way. */
export const webLocks: Exclusive = (name) =>
	new Promise((resolve, reject) => {
		const held = navigator.locks.request(`smartchain-channels:${name}`, { ifAvailable: true }, (lock) => {
			if (!lock) return resolve(undefined);
			return new Promise<void>((release) => resolve({ release, ended }));
		});
		// It is rejected if another one steals the lock.
		const ended: Promise<void> = Promise.resolve(held).then(() => undefined, () => undefined);
		held.catch(reject);
	});

const inProcess = new Set<string>();

/** Within this program alone: for Node.js, where the caller sees to it that no other process uses the store. */
export const withinProcess: Exclusive = async (name) => {
	if (inProcess.has(name)) return undefined;
	inProcess.add(name);
	let release = () => {};
	const ended = new Promise<void>((resolve) => {
		release = () => {
			inProcess.delete(name);
			resolve();
		};
	});
	return { release, ended };
};
