// The desk's one script. Every page works without it; with it a job's progress is live, unsaved
// words are guarded, and the keyboard saves and submits. It holds no text: what people read is
// written by the server, in their language.

/** Follow a job: each event says that something happened, and the page's own part is fetched anew. */
function follow(progress) {
  if (progress.dataset.ended !== undefined) return;
  const lost = document.getElementById("lost");
  const events = new EventSource(`${progress.dataset.events}?after=${progress.dataset.after}`);
  let asking = false;
  let again = false;

  async function refresh() {
    if (asking) {
      again = true;
      return;
    }
    asking = true;
    try {
      do {
        again = false;
        await redraw();
        await new Promise((resume) => setTimeout(resume, 200));
      } while (again);
    } finally {
      asking = false;
    }
  }

  async function redraw() {
    const answer = await fetch(location.href, { redirect: "error" }).catch(() => null);
    if (!answer?.ok) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = page.getElementById("progress");
    if (!fresh) return;
    swap(progress, fresh);
    if (fresh.dataset.ended !== undefined) {
      events.close();
      lost.hidden = true;
      document.title = page.title;
    }
  }

  const kinds = ["queued", "started", "progress", "waiting", "finished", "failed", "cancelled", "succeeded"];
  for (const kind of [...kinds, "resumed", "retried", "parked"]) {
    events.addEventListener(kind, refresh);
  }
  events.addEventListener("open", () => (lost.hidden = true));
  // The browser connects again by itself and says which event it saw last; a stream that has
  // ended with its job looks the same, so the page is asked as well.
  events.addEventListener("error", () => {
    refresh().then(() => (lost.hidden = events.readyState === EventSource.CLOSED && ended(progress)));
    if (events.readyState === EventSource.CLOSED && !ended(progress)) setTimeout(() => location.reload(), 3000);
  });
}

const ended = (progress) => progress.dataset.ended !== undefined;

/** Put the new state of `fresh` into `old` without moving the focus or repeating what was announced. */
function swap(old, fresh) {
  const said = fresh.querySelector("#status")?.textContent ?? "";
  const status = old.querySelector("#status");
  const hadFocus = old.contains(document.activeElement) ? document.activeElement.textContent : null;
  Object.assign(old.dataset, fresh.dataset);
  for (const part of fresh.children) {
    if (part.id === "status") part.remove();
  }
  for (const part of [...old.children]) {
    if (part !== status) part.remove();
  }
  old.prepend(...fresh.childNodes);
  if (status && status.textContent !== said) status.textContent = said;
  if (hadFocus !== null) {
    const same = [...old.querySelectorAll("a, button")].find((each) => each.textContent === hadFocus);
    (same ?? document.getElementById("content")).focus({ preventScroll: true });
  }
}

/** Count the seconds of what is under way. */
function tick() {
  for (const each of document.querySelectorAll("[data-since]")) {
    const seconds = Math.max(0, Math.round((Date.now() - Date.parse(each.dataset.since)) / 1000));
    each.textContent = each.textContent.replace(/\d+/, String(seconds));
  }
}

/** Ask before leaving a form whose words were changed and not sent. */
function guard(form) {
  let changed = form.dataset.guard === "changed";
  const lines = (text) => text.replaceAll("\r\n", "\n");
  form.addEventListener("input", () => (changed = true));
  form.addEventListener("submit", () => (changed = false));
  form.addEventListener("unsaved", () => (changed = true));
  form.addEventListener("saved", (event) => {
    changed = lines(form.elements.markdown.value) !== lines(event.detail);
  });
  addEventListener("beforeunload", (event) => {
    if (changed) event.preventDefault();
  });
}

/** Save without leaving the text. Whatever is not simply saved is left to the browser, which shows why. */
function saveInPlace(form) {
  const told = document.getElementById("told");
  const signedOut = document.getElementById("signed-out");
  let saving = false;
  form.addEventListener("submit", async (event) => {
    const button = event.submitter;
    if (!button?.matches("[data-save]") || form.dataset.plain !== undefined) return;
    event.preventDefault();
    if (saving) return;
    saving = true;
    const sent = new FormData(form, button);
    const answer = await fetch(form.action, { method: "POST", body: sent }).catch(() => null);
    saving = false;
    const page = answer && new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = answer?.ok && page.querySelector("form[data-editor]");
    signedOut.hidden = !answer?.ok || Boolean(fresh);
    if (fresh) {
      form.elements.revision.value = fresh.elements.revision.value;
      form.elements.slug.value = fresh.elements.slug.value;
      form.elements.note.value = "";
      told.replaceChildren(...page.getElementById("told").childNodes);
      document.querySelector("h1 + .state")?.replaceWith(page.querySelector("h1 + .state"));
      form.dispatchEvent(new CustomEvent("saved", { detail: sent.get("markdown") }));
    } else if (signedOut.hidden) {
      form.dataset.plain = "";
      form.requestSubmit(button);
    } else {
      form.dispatchEvent(new CustomEvent("unsaved"));
    }
  });
  form.addEventListener("input", () => told.replaceChildren());
}

/** Say what the analysis thinks of the text while it is written; a place it names is gone to and underlined. */
function check(form) {
  const findings = document.getElementById("findings");
  const told = document.getElementById("checked");
  const button = form.querySelector("[data-check]");
  const text = form.elements.markdown;
  if (!findings || !button) return;
  const mirror = mirrorOf(text);
  let waiting = 0;
  let asking = null;
  let announced = "";

  async function ask() {
    clearTimeout(waiting);
    asking?.abort();
    const mine = (asking = new AbortController());
    const options = { method: "POST", body: new FormData(form), signal: mine.signal, redirect: "error" };
    const answer = await fetch(`${button.formAction}?part=findings`, options).catch(() => null);
    const html = answer?.ok ? await answer.text().catch(() => null) : null;
    if (html === null || mine.signal.aborted) return;
    const open = [...findings.querySelectorAll("details")].map((each) => each.open);
    const place = findings.contains(document.activeElement) ? document.activeElement.textContent : null;
    findings.replaceChildren(...new DOMParser().parseFromString(html, "text/html").body.childNodes);
    findings.querySelectorAll("details").forEach((each, n) => (each.open = open[n] ?? false));
    if (place !== null) {
      [...findings.querySelectorAll("button, summary")].find((each) => each.textContent === place)?.focus();
    }
    const said = findings.querySelector("[data-said]")?.dataset.said ?? "";
    if (said !== announced) told.textContent = announced = said;
  }

  form.addEventListener("input", () => {
    mirror.replaceChildren();
    clearTimeout(waiting);
    waiting = setTimeout(ask, 700);
  });
  button.addEventListener("click", (event) => {
    event.preventDefault();
    ask();
  });
  findings.addEventListener("click", (event) => {
    const place = event.target.closest("[data-start]");
    if (place) show(text, mirror, Number(place.dataset.start), Number(place.dataset.end));
  });
  ask();
}

/** A copy of the text behind its field, that takes the underlines which a field cannot have. */
function mirrorOf(text) {
  const around = document.createElement("div");
  const mirror = document.createElement("div");
  around.className = "under";
  mirror.className = "mirror";
  mirror.setAttribute("aria-hidden", "true");
  text.replaceWith(around);
  around.append(mirror, text);
  text.addEventListener("scroll", () => (mirror.scrollTop = text.scrollTop));
  return mirror;
}

/** Underline code points `start` to `end`, put the cursor on them and bring them into view. */
function show(text, mirror, start, end) {
  const signs = [...text.value];
  const [before, inside, behind] = [signs.slice(0, start), signs.slice(start, end), signs.slice(end)].map((each) =>
    each.join(""),
  );
  const mark = document.createElement("mark");
  mark.textContent = inside;
  const look = getComputedStyle(text);
  for (const name of ["font", "letterSpacing", "padding", "tabSize", "wordBreak", "lineHeight"]) {
    mirror.style[name] = look[name];
  }
  mirror.style.width = `${text.clientWidth + 2}px`;
  mirror.replaceChildren(before, mark, `${behind}\n`);
  text.focus({ preventScroll: true });
  text.setSelectionRange(before.length, before.length + inside.length);
  text.scrollTop = Math.max(0, mark.offsetTop - text.clientHeight / 3);
  mirror.scrollTop = text.scrollTop;
  text.scrollIntoView({ block: "nearest" });
}

/** Send a form once, however often its button is pressed; coming back to the page frees it. */
function once(form) {
  let sent = false;
  form.addEventListener("submit", (event) => {
    if (sent) event.preventDefault();
    sent = true;
  });
  addEventListener("pageshow", () => (sent = false));
}

/** Say beside a field how long its text is. */
function count(counter) {
  const field = document.getElementById(counter.dataset.count);
  const show = () => (counter.textContent = String([...field.value].length));
  field.addEventListener("input", show);
  show();
}

/** Show how search results would show what is being written, a moment after it was written. */
function previewing(box) {
  const form = box.closest("form");
  let waiting;
  let asked = 0;
  const ask = async () => {
    const turn = ++asked;
    const fields = new URLSearchParams();
    for (const name of ["title", "meta_description", "slug"]) fields.set(name, form.elements[name].value);
    try {
      const answer = await fetch(box.dataset.preview, { method: "POST", body: fields });
      if (answer.ok && !answer.redirected && turn === asked) box.innerHTML = await answer.text();
    } catch {
      // Away for the moment: what was shown stays, and the next letter asks again.
    }
  };
  form.addEventListener("input", (event) => {
    if (!["title", "meta_description", "slug"].includes(event.target.name)) return;
    clearTimeout(waiting);
    waiting = setTimeout(ask, 250);
  });
}

/** Offer links to own articles for the text as it stands; a button writes one into it, and the browser can undo that. */
function linking(panel) {
  const form = document.querySelector("form[data-editor]");
  const box = panel.querySelector("[role=status]");
  const text = form?.elements.markdown;
  if (!text) return;
  let waiting = 0;
  let asked = 0;

  async function ask() {
    const turn = ++asked;
    clearTimeout(waiting);
    const fields = new URLSearchParams();
    for (const name of ["title", "keyphrase", "markdown"]) fields.set(name, form.elements[name].value);
    try {
      const answer = await fetch(panel.dataset.links, { method: "POST", body: fields, redirect: "error" });
      const html = answer.ok ? await answer.text() : null;
      if (html === null || turn !== asked) return;
      const hadFocus = box.contains(document.activeElement);
      box.innerHTML = html;
      // Places are the server's code points of the text that it was sent: by them it is seen whether it still stands.
      const signs = [...fields.get("markdown")];
      for (const button of box.querySelectorAll("[data-link-start]")) {
        const { linkStart, linkEnd } = button.dataset;
        button.linked = signs.slice(Number(linkStart), Number(linkEnd)).join("");
      }
      if (hadFocus) (box.querySelector("button") ?? panel.querySelector("summary")).focus();
    } catch {
      // Away for the moment: what was shown stays, and the next letter asks again.
    }
  }

  box.addEventListener("click", (event) => {
    const button = event.target.closest("[data-link-start]");
    if (!button) return;
    const signs = [...text.value];
    const start = signs.slice(0, Number(button.dataset.linkStart)).join("").length;
    const end = start + button.linked.length;
    if (text.value.slice(start, end) === button.linked) {
      text.focus({ preventScroll: true });
      text.setSelectionRange(start, end);
      const link = `[${button.linked}](${button.dataset.linkTo})`;
      // The one way of writing into a field that its undo knows; where there is none, the field is set.
      if (!document.execCommand("insertText", false, link)) {
        text.setRangeText(link);
        text.dispatchEvent(new Event("input", { bubbles: true }));
      }
      button.focus({ preventScroll: true });
    }
    ask();
  });
  panel.addEventListener("toggle", () => panel.open && ask());
  form.addEventListener("input", () => {
    clearTimeout(waiting);
    if (panel.open) waiting = setTimeout(ask, 900);
  });
}

/** Say what the blog has already on a keyword, a moment after it was typed. */
function existing(box) {
  const form = box.closest("form");
  let waiting;
  let asked = 0;
  const ask = async () => {
    const turn = ++asked;
    const fields = new URLSearchParams();
    for (const name of ["keyword", "language"]) fields.set(name, form.elements[name].value);
    fields.set("chosen", form.elements.chosen?.value ?? "");
    try {
      const answer = await fetch(box.dataset.existing, { method: "POST", body: fields });
      if (!answer.ok || answer.redirected || turn !== asked) return;
      const html = await answer.text();
      if (turn === asked && box.innerHTML.trim() !== html.trim()) box.innerHTML = html;
    } catch {
      // Away for the moment: the next letter asks again, and sending the form asks in any case.
    }
  };
  form.addEventListener("input", (event) => {
    if (!["keyword", "language", "chosen"].includes(event.target.name)) return;
    clearTimeout(waiting);
    waiting = setTimeout(ask, 400);
  });
  if (form.elements.keyword.value && !document.getElementById("ask")) ask();
}

/** Ctrl+S (or ⌘S) saves, Ctrl+Enter goes on. */
function keys(event) {
  if (!(event.ctrlKey || event.metaKey) || event.altKey || event.isComposing) return;
  const wanted = { s: "[data-save]", S: "[data-save]", Enter: "[data-submit]" }[event.key];
  const button = wanted && document.querySelector(wanted);
  if (!button || event.repeat) return;
  event.preventDefault();
  button.click();
}

// A table that is being written: looked at again while somebody looks at it.
if (document.querySelector("[data-again]")) {
  setInterval(() => document.hidden || location.reload(), 5000);
}
const progress = document.getElementById("progress");
if (progress) {
  follow(progress);
  setInterval(tick, 1000);
}
document.querySelectorAll("form[data-guard]").forEach(guard);
document.querySelectorAll("form[data-editor]").forEach(saveInPlace);
document.querySelectorAll("form[data-editor]").forEach(check);
document.querySelectorAll("form[data-once]").forEach(once);
document.querySelectorAll("[data-preview]").forEach(previewing);
document.querySelectorAll("[data-links]").forEach(linking);
document.querySelectorAll("[data-existing]").forEach(existing);
document.querySelectorAll("[data-count]").forEach(count);
document.querySelectorAll("[data-keys]").forEach((each) => (each.hidden = false));
document.querySelector("[data-focus]")?.focus();
addEventListener("keydown", keys);
