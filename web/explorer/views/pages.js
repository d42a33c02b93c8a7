// A list that comes in pages: one is kept at a time, and the way back.

import { element } from '../dom.js';

/** Pages that one can go back by at most. */
const MOST_BACK = 200;

/** Buttons for older and newer pages; `turned()` is called with the place to begin at, undefined for the first page. */
export function pages(turned) {
	const back = [];
	let [here, next] = [undefined, undefined];
	const button = (words) => element('button', { type: 'button' }, words);
	const [first, more] = [button('Back'), button('More')];
	const node = element('p', { className: 'pages' }, first, ' ', more);
	const show = () => {
		first.disabled = back.length === 0;
		more.disabled = next === undefined;
		node.hidden = first.disabled && more.disabled;
	};
	first.onclick = () => {
		here = back.pop();
		turned(here);
	};
	more.onclick = () => {
		if (back.length >= MOST_BACK) back.shift();
		back.push(here);
		here = next;
		turned(here);
	};
	show();
	return {
		node,
		get here() {
			return here;
		},
		/** The place after this page; undefined if it is the last one. */
		set next(place) {
			next = place;
			show();
		},
	};
}
