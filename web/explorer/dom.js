// Elements of the page. What the chain says is text everywhere, and never read as HTML.

import { fields, short } from './words.js';

/** An element with a class, attributes and children; text is text. */
export function element(name, { className, ...attributes } = {}, ...children) {
	const made = document.createElement(name);
	if (className) made.className = className;
	for (const [key, value] of Object.entries(attributes)) if (value !== undefined) made.setAttribute(key, value);
	made.append(...children.filter((child) => child !== undefined && child !== null));
	return made;
}

export const text = (name, words, className) => element(name, { className }, words);

/** A link within the page: to a block, account, device or deal. */
export function link(kind, id, shown = short(String(id)), title = String(id)) {
	return element('a', { href: `#/${kind}/${encodeURIComponent(id)}`, title }, shown);
}

/** An account, or a dash. */
export const account = (who) => (who ? link('account', who) : '–');

/** A mark of a state: `kind` is good, warn, bad or plain. */
export const pill = (kind, words) => text('span', words, `pill ${kind}`);

/** A part of the page with a heading. */
export function part(id, title, ...children) {
	const heading = element('h2', { id }, title);
	return element('section', { className: 'card', 'aria-labelledby': id }, heading, ...children);
}

/** Names and what they come to, side by side; it is filled by `fill(pairs)`. */
export function facts() {
	const list = element('dl', { className: 'facts' });
	const fill = (pairs) => {
		const shown = pairs.filter(([, value]) => value !== undefined);
		// What did not change stays as it is, and with it what is selected or focused.
		const stamp = JSON.stringify(shown.map(([name, value]) => [name, value.outerHTML ?? value]));
		if (list.dataset.stamp === stamp) return;
		list.dataset.stamp = stamp;
		list.replaceChildren(...shown.map(([name, value]) => element('div', {}, text('dt', name),
			element('dd', {}, value))));
	};
	return { node: list, fill };
}

/**
 * A table that keeps rows as long as they say the same: so what has the focus keeps it. `fill(items)` takes
 * `[key, cells]`; cells are texts or elements. On a phone each cell says its column.
 */
export function table(label, columns, empty) {
	// Roles are said, for on a phone rows are no rows of a table to look at.
	const head = columns.map((name) => element('th', { scope: 'col', role: 'columnheader' }, name));
	const body = element('tbody', { role: 'rowgroup' });
	const none = text('p', empty, 'quiet');
	const node = element('div', { className: 'wide', tabindex: '0', role: 'region', 'aria-label': label },
		element('table', { role: 'table' },
			element('thead', { role: 'rowgroup' }, element('tr', { role: 'row' }, ...head)), body));
	const row = ([key, cells]) => {
		const made = cells.map((cell, index) => element('td', { role: 'cell', 'data-column': columns[index] },
			cell ?? '–'));
		return element('tr', { role: 'row', 'data-key': key }, ...made);
	};
	const fill = (items) => {
		node.hidden = items.length === 0;
		none.hidden = items.length > 0;
		const kept = new Map([...body.children].map((one) => [one.dataset.key, one]));
		const wanted = items.map((item) => {
			const fresh = row(item);
			const old = kept.get(fresh.dataset.key);
			return old && old.innerHTML === fresh.innerHTML ? old : fresh;
		});
		const stay = new Set(wanted);
		for (const one of [...body.children]) if (!stay.has(one)) one.remove();
		wanted.forEach((one, index) => {
			if (body.children[index] !== one) body.insertBefore(one, body.children[index] ?? null);
		});
	};
	fill([]);
	return { nodes: [node, none], fill };
}

/** What an event says, as an element. */
export function happening(pallet, name, value) {
	const words = element('span');
	for (const { label, value: shown, link: kind } of fields(pallet, name, value)) {
		const one = kind ? link(kind, shown) : shown.length > 40 && !shown.includes(' ') ? short(shown) : shown;
		words.append(words.childNodes.length ? ', ' : '', label === '0' ? '' : `${label} `, one);
	}
	return words;
}
