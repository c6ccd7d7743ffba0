// Forms: what each sends, how its answer is shown, and its request as text to copy.

import { button, element } from "./elements.js";
import { Refusal, send } from "./requests.js";
import { asCommand, asCurl, asJavaScript } from "./snippets.js";

/**
 * Wires a form. `requestOf(values)` makes the request of its fields, or throws a Refusal. `show(answer)` shows
 * the answer in `result`. It returns a sentence about it, or a Warning. Returns what sends other requests of the
 * same kind.
 */
export function wire(form, result, requestOf, show, { isCopied = true } = {}) {
  const message = element("p", { className: "message", role: "status" });
  form.append(message);
  let isBusy = false;

  const run = async (makeRequest, showAnswer = show) => {
    if (isBusy) {
      return false;
    }
    isBusy = true;
    say(message, "");
    mark(form, message, undefined);
    try {
      const request = await makeRequest();
      copy?.note(request);
      const sentence = await showAnswer(await send(request));
      result.hidden = false;
      say(message, String(sentence), sentence instanceof Warning ? "bad" : "good");
      return true;
    } catch (error) {
      if (!(error instanceof Refusal)) {
        throw error;
      }
      result.hidden = true;
      result.replaceChildren();
      say(message, error.message, "bad");
      mark(form, message, error.field);
      return false;
    } finally {
      isBusy = false;
    }
  };
  const ofForm = () => requestOf(valuesOf(form));
  const copy = isCopied ? copies(form, ofForm) : undefined;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    run(ofForm);
  });
  return { run, submit: () => run(ofForm) };
}

const valuesOf = (form) => Object.fromEntries(new FormData(form));

/** What is said of an answer that has bad news. */
export class Warning {
  constructor(text) {
    this.text = text;
  }

  toString() {
    return this.text;
  }
}

/** Buttons that copy the last request, or that of the form after it was changed. */
function copies(form, requestOf) {
  const text = element("pre", { hidden: true });
  const said = element("span", { role: "status", className: "quiet" });
  let last;
  const copy = async (name, convert) => {
    let snippet;
    try {
      snippet = convert(last ?? (await requestOf()));
    } catch (error) {
      if (!(error instanceof Refusal)) {
        throw error;
      }
      snippet = null;
    }
    text.textContent = snippet ?? "";
    text.hidden = snippet === null;
    if (snippet === null) {
      said.textContent = `This request cannot be copied as ${name}.`;
      return;
    }
    said.textContent = (await isInClipboard(snippet)) ? `Copied as ${name}.` : "Select the text below and copy it.";
  };
  const kinds = [["curl", asCurl], ["JavaScript", asJavaScript]];
  if (form.dataset.command !== undefined) {
    kinds.push(["command line", asCommand]);
  }
  const buttons = kinds.map(([name, convert]) => button(name, `Copy as ${name}`, () => copy(name, convert)));
  const group = element("div", { className: "copy", role: "group", ariaLabel: "Copy the request" }, "Copy as");
  group.append(...buttons, said, text);
  form.append(group);
  form.addEventListener("input", () => {
    last = undefined;
  });
  return { note: (request) => (last = request) };
}

/** Whether the clipboard took it: browsers give it to pages of this machine and of https alone. */
export async function isInClipboard(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}

function say(message, text, kind = "") {
  message.className = `message ${kind}`;
  message.textContent = text;
}

/** Lets the input be described by its hint, and by more. */
function describe(input, more) {
  input.dataset.hint ??= input.getAttribute("aria-describedby") ?? "";
  const ids = [input.dataset.hint, ...more].join(" ").trim();
  if (ids) {
    input.setAttribute("aria-describedby", ids);
  } else {
    input.removeAttribute("aria-describedby");
  }
}

/** Marks the input of a field that was refused and moves there; unmarks all others. */
function mark(form, message, field) {
  message.id ||= `${form.closest("[id]").id}-message`;
  for (const input of form.elements) {
    if (input.name) {
      input.ariaInvalid = null;
      describe(input, []);
    }
  }
  const wrong = field === undefined ? null : form.elements.namedItem(field);
  if (wrong) {
    wrong.ariaInvalid = "true";
    describe(wrong, [message.id]);
    wrong.focus();
  }
}
