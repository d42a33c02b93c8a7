// Two programs pay each other, over a chain that is in memory: `node clients/ts/example.js`, after clients/ts/run.

import { wasm } from './test/setup.js';
import { closeAll, until, World } from './test/world.js';

const world = await World.start(wasm());
const { one, other, channel } = await world.pair();
const [alice, bob] = [one.channels, other.channels];
console.log(`Channel ${channel} is open: Alice has put in 1000 planck.`);

await alice.pay(channel, 250n);
await until('the payment', () => bob.view(channel).theirs.paid === 250n);
console.log(`Bob was paid ${bob.view(channel).theirs.paid} planck, and can spend ${bob.view(channel).room}.`);

await bob.pay(channel, 50n);
await until('the payment back', () => alice.view(channel).theirs.paid === 50n);
await until('its receipt', () => bob.view(channel).confirmed === bob.view(channel).ours.nonce);
await alice.closeTogether(channel);
await until('the close', async () => {
	await world.next();
	return !world.channels.has(channel);
});
console.log(`Closed together: ${world.paid.low} and ${world.paid.high} planck.`);
await closeAll();
