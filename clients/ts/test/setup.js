// What browsers have and Node.js 18 has not by itself.
import { webcrypto } from 'node:crypto';

globalThis.crypto ??= webcrypto;
