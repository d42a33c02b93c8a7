// What all pages call amounts. No page is needed for it.

/** Planck of 1 STCI. */
export const STCI = 10n ** 12n;

/** An amount in planck as STCI. */
export function stci(planck) {
	const rest = (planck % STCI).toString().padStart(12, '0').replace(/0+$/, '');
	return `${planck / STCI}${rest ? `.${rest}` : ''} STCI`;
}
