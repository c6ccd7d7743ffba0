// Elements. All content is text: nothing of an answer is ever read as HTML.

export function element(tag, properties = {}, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
}

/** A list of names and values. Values are text or elements; pairs without a value are left out. */
export function fields(pairs) {
  const rows = pairs.filter(([, value]) => value !== undefined);
  return element("dl", {}, ...rows.flatMap(([name, value]) => [element("dt", {}, name), element("dd", {}, value)]));
}

/** A table that scrolls by itself where the page is narrow. Cells are text or elements. */
export function table(caption, heads, rows) {
  const head = element("tr", {}, ...heads.map((name) => element("th", { scope: "col" }, name)));
  const body = rows.map((cells) => element("tr", {}, ...cells.map((cell) => element("td", {}, cell))));
  const made = element("table", {}, element("caption", {}, caption), element("thead", {}, head));
  made.append(element("tbody", {}, ...body));
  const scroll = element("div", { className: "scroll", tabIndex: 0, role: "region", ariaLabel: caption });
  scroll.append(made);
  return scroll;
}

export function button(text, name, onClick) {
  const made = element("button", { type: "button", ariaLabel: name }, text);
  made.addEventListener("click", onClick);
  return made;
}

export const yesNo = (value) => (value ? "yes" : "no");

/** A time in Unix seconds, as this browser writes times; the number itself where no clock has it. */
export function time(seconds) {
  const date = new Date(seconds * 1000);
  if (typeof seconds !== "number" || Number.isNaN(date.getTime())) {
    return String(seconds);
  }
  const text = date.toLocaleString(undefined, { dateStyle: "medium", timeStyle: "medium" });
  return element("time", { dateTime: date.toISOString() }, text);
}

/** A duration in seconds, in its two largest units. */
export function duration(seconds) {
  const units = [["d", 86400], ["h", 3600], ["min", 60], ["s", 1]];
  const largest = units.findIndex(([, size]) => seconds >= size);
  if (largest < 0) {
    return "0 s";
  }
  let left = Math.floor(seconds);
  const parts = [];
  for (const [unit, size] of units.slice(largest, largest + 2)) {
    parts.push(`${Math.floor(left / size)} ${unit}`);
    left %= size;
  }
  return parts.join(" ");
}

/** A line that counts down each second until it is removed from the page. */
export function countdown(expiresIn, refreshIn) {
  const line = element("p", { className: "countdown", role: "timer" });
  const answeredAt = Date.now();
  const show = () => {
    const passed = (Date.now() - answeredAt) / 1000;
    const [left, fresh] = [expiresIn - passed, refreshIn - passed];
    line.classList.toggle("over", left <= 0);
    if (left <= 0) {
      line.textContent = `Expired ${duration(-left)} ago`;
    } else {
      const renewal = refreshIn === undefined ? "" : fresh > 0 ? `; renew in ${duration(fresh)}` : "; renew now";
      line.textContent = `Expires in ${duration(left)}${renewal}`;
    }
  };
  show();
  const ticking = setInterval(() => (line.isConnected ? show() : clearInterval(ticking)), 1000);
  return line;
}
