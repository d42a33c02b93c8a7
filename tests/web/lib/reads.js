// What a page needs to be read by everybody: contrast, names, headings in order. Each function runs in the page.

/** Runs in the page: texts whose contrast is below 4.5, or 3 where they are large. */
export function weakTexts() {
	const channels = (color) => {
		const [red, green, blue, alpha = 1] = color.match(/[\d.]+/g).map(Number);
		return { rgb: [red, green, blue], alpha };
	};
	const light = ({ rgb }) => rgb.map((part) => {
		const value = part / 255;
		return value <= 0.03928 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
	}).reduce((sum, part, index) => sum + part * [0.2126, 0.7152, 0.0722][index], 0);
	const groundOf = (element) => {
		for (let at = element; at; at = at.parentElement) {
			const ground = channels(getComputedStyle(at).backgroundColor);
			if (ground.alpha === 1) return ground;
		}
		return { rgb: [255, 255, 255] };
	};
	const weak = [];
	for (const element of document.querySelectorAll('body *')) {
		const text = [...element.childNodes].filter((node) => node.nodeType === 3 && node.textContent.trim());
		if (!text.length || !element.checkVisibility() || element.closest('.unseen, .skip, noscript')) continue;
		const style = getComputedStyle(element);
		const color = channels(element instanceof SVGElement ? style.fill : style.color);
		const [one, other] = [light(color), light(groundOf(element))].sort((a, b) => b - a);
		const contrast = (one + 0.05) / (other + 0.05);
		const size = parseFloat(style.fontSize);
		const isLarge = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
		if (contrast < (isLarge ? 3 : 4.5)) weak.push(`${contrast.toFixed(2)}: ${element.textContent.slice(0, 40)}`);
	}
	return weak;
}

/** Runs in the page: what a screen reader would find no name for, and headings that skip a level. */
export function nameless() {
	const found = [];
	const texts = (ids) => ids.split(' ').map((id) => document.getElementById(id)?.textContent.trim() ?? '').join('');
	const named = (element) => element.getAttribute('aria-label')
		|| texts(element.getAttribute('aria-labelledby') ?? '') || element.textContent.trim();
	const wanted = 'section, article, progress, summary, a, [role=img], [role=region], [role=slider]';
	for (const element of document.querySelectorAll(wanted)) {
		if (!named(element)) found.push(element.outerHTML.slice(0, 80));
	}
	for (const image of document.querySelectorAll('img')) if (!image.hasAttribute('alt')) found.push(image.outerHTML);
	for (const head of document.querySelectorAll('th')) if (!head.scope) found.push(head.outerHTML);
	const ids = [...document.querySelectorAll('[id]')].map((element) => element.id);
	if (new Set(ids).size !== ids.length) found.push('an id is there twice');
	for (const element of document.querySelectorAll('[aria-labelledby], [aria-describedby]')) {
		const ids = element.getAttribute('aria-labelledby') ?? element.getAttribute('aria-describedby');
		for (const id of ids.split(' ')) if (!document.getElementById(id)) found.push(`there is no #${id}`);
	}
	let level = 1;
	for (const heading of document.querySelectorAll('h1, h2, h3, h4')) {
		const next = Number(heading.tagName[1]);
		if (next > level + 1) found.push(`${heading.tagName} after H${level}`);
		level = next;
	}
	if (!document.documentElement.lang || !document.title) found.push('no language or no title');
	if (document.querySelectorAll('main').length !== 1) found.push('not one main');
	return found;
}
