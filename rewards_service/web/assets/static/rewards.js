// What pages can do better with a script; every one of them works without. No words here: they stand in data attributes.

const SYMBOLS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const CODE_LENGTH = 16;
const DEBOUNCE_MS = 200;

/** The check symbol of a code's first fifteen symbols: a polynomial over GF(32), as the server computes it. */
function checkSymbol(data) {
  let sum = 0;
  for (const symbol of data) {
    const mixed = sum ^ SYMBOLS.indexOf(symbol);
    sum = ((mixed << 1) ^ (mixed & 16 ? 0b100101 : 0)) & 31;
  }
  return SYMBOLS[sum];
}

const TIGHT = /(?<![0-9A-Z])[0-9A-Z]{4}(?:-?[0-9A-Z]{4}){3}(?![0-9A-Z])/g;
const OF_ANY_LENGTH = /(?<![0-9A-Z])(?<![0-9A-Z]-)[0-9A-Z]{1,4}(?:-?[0-9A-Z]{4}){2,6}(?!-?[0-9A-Z])/g;
const LOOSE = /(?<![0-9A-Z])(?=([0-9A-Z]{4}(?: [0-9A-Z]{4}){3})(?![0-9A-Z]))/g;
const DIGITS_MIN = 3;

const folded = (run) => run.replace(/[ -]/g, "").replaceAll("O", "0").replace(/[IL]/g, "1");
const isRight = (code) => checkSymbol(code.slice(0, -1)) === code.at(-1);
const isCode = (text) => [...text].every((symbol) => SYMBOLS.includes(symbol));
const hasDigit = (text) => /[0-9]/.test(text);

/** Runs of a text that look like codes, in their own alphabet: capitals, no dashes, O as 0, I and L as 1. */
function codesIn(text) {
  const others = [];
  const plain = text.normalize("NFKC").toUpperCase().replace(/\s*\p{Pd}\s*/gu, "-").trim().replace(OF_ANY_LENGTH, (run) => {
    const code = folded(run);
    if (code.length === CODE_LENGTH || !hasDigit(run) || !isCode(code) || !isRight(code)) return run;
    others.push(code);
    return "\n";
  });
  const tight = (plain.match(TIGHT) ?? []).filter((run) => hasDigit(run) || run === plain);
  const likely = [...plain.replace(TIGHT, "-").matchAll(LOOSE)].map((found) => ({ at: found.index, run: found[1] })).filter(
    ({ run }) => run === plain || (hasDigit(run) && isRight(folded(run))) || run.split(" ").filter(hasDigit).length >= DIGITS_MIN,
  );
  const loose = [];
  for (const { at, run } of likely.sort((a, b) => isRight(folded(b.run)) - isRight(folded(a.run)) || a.at - b.at)) {
    if (loose.every((other) => Math.abs(other.at - at) >= run.length)) loose.push({ at, run });
  }
  const codes = [...tight, ...loose.map(({ run }) => run)].map(folded);
  return [...others, ...codes.filter((code) => code.length === CODE_LENGTH && isCode(code))];
}

function after(milliseconds, action) {
  let timer;
  return (...given) => {
    clearTimeout(timer);
    timer = setTimeout(() => action(...given), milliseconds);
  };
}

/** While somebody types: say how many codes are complete, and which has a slip. Nothing is sent. */
function watchCodes(box) {
  const answer = document.getElementById(box.dataset.codes);
  const say = () => {
    const codes = codesIn(box.value);
    const slip = codes.find((code) => !isRight(code));
    const words = answer.dataset;
    if (slip) answer.textContent = words.slip.replace("{code}", slip.match(/.{4}/g).join("-"));
    else if (codes.length === 1) answer.textContent = words.one;
    else if (codes.length > 1) answer.textContent = words.several.replace("{count}", codes.length);
    else answer.textContent = words.hint;
  };
  box.addEventListener("input", after(DEBOUNCE_MS, say));
  if (box.value) say();
}

/** Copy what a secret says, and say so aloud. */
function copyOnTap(button) {
  button.hidden = false;
  button.addEventListener("click", async () => {
    const secret = document.getElementById(button.dataset.copy);
    const said = document.getElementById(button.dataset.says);
    try {
      await navigator.clipboard.writeText(secret.textContent.trim());
      said.hidden = false;
      said.lastElementChild.textContent = button.dataset.done;
    } catch {
      getSelection().selectAllChildren(secret);
    }
  });
}

/** One press, one order: the second press finds a button that is busy. Coming back by the Back button wakes it. */
function submitOnce(form) {
  const buttons = () => form.querySelectorAll("button:not([type=button])");
  form.addEventListener("submit", (event) => {
    if (form.dataset.sent) return event.preventDefault();
    form.dataset.sent = "yes";
    for (const button of buttons()) button.setAttribute("aria-busy", "true");
  });
  addEventListener("pageshow", () => {
    delete form.dataset.sent;
    for (const button of buttons()) button.removeAttribute("aria-busy");
  });
}

/** A button that has to wait counts down and wakes by itself. */
function wakeAfter(button) {
  let left = Number(button.dataset.wait);
  const words = button.dataset.waiting;
  const ready = button.textContent;
  button.disabled = true;
  const tick = () => {
    button.textContent = left > 0 ? words.replace("{seconds}", left) : ready;
    button.disabled = left > 0;
    if (left-- > 0) setTimeout(tick, 1000);
  };
  tick();
}

/** Search while typing: the same address, the same answer, only the results are exchanged. */
function searchAsTyped(form) {
  let running;
  const refresh = after(DEBOUNCE_MS, async () => {
    running?.abort();
    running = new AbortController();
    const address = `${form.action.split("?")[0]}?${new URLSearchParams(new FormData(form))}`;
    try {
      const answer = await fetch(address, { signal: running.signal });
      if (!answer.ok) return;
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      document.getElementById("results").replaceWith(page.getElementById("results"));
      history.replaceState(null, "", address);
    } catch (problem) {
      if (problem.name !== "AbortError") throw problem;
    }
  });
  form.querySelector("input[type=search]").addEventListener("input", refresh);
}

/** Wait for what is being prepared: look again now and then, and only while somebody looks. */
function lookAgain(part) {
  setTimeout(() => {
    if (document.visibilityState === "visible") location.reload();
    else document.addEventListener("visibilitychange", () => location.reload(), { once: true });
  }, Number(part.dataset.again) * 1000);
}

/** Codes are being guessed: do the sum that the server asks of strangers, then send the form by itself. */
async function doTheSum(task) {
  if (!crypto.subtle) return;
  const { form, value, dataset } = task;
  const text = new TextEncoder();
  const bits = Number(dataset.proof);
  form.querySelectorAll("button").forEach((button) => button.setAttribute("aria-busy", "true"));
  for (let answer = 0; ; answer++) {
    const hash = new DataView(await crypto.subtle.digest("SHA-256", text.encode(`${value}.${answer}`)));
    if (hash.getUint32(0) >>> (32 - bits) !== 0) continue;
    form.elements.proof_answer.value = answer;
    return form.requestSubmit();
  }
}

const BEHAVIOURS = [
  ["textarea[data-codes]", watchCodes],
  ["button[data-copy]", copyOnTap],
  ["form[data-once]", submitOnce],
  ["button[data-wait]", wakeAfter],
  ["input[data-proof]", doTheSum],
  ["form[data-live]", searchAsTyped],
  ["[data-again]", lookAgain],
  ["button[data-print]", (button) => { button.hidden = false; button.addEventListener("click", () => print()); }],
  ["select[data-submits]", (select) => select.addEventListener("change", () => select.form.requestSubmit())],
];
for (const [selector, behave] of BEHAVIOURS) document.querySelectorAll(selector).forEach(behave);
