/** Licences that end soon or have ended, and how the recorded uses stand to them. */

import { call } from "../shared/api.js";
import { element } from "../shared/elements.js";
import { gauge, mark } from "../shared/figures.js";
import { counted, date, number, percent } from "../shared/format.js";
import { fill } from "../shared/states.js";

const at = (id) => /** @type {HTMLElement} */ (document.getElementById(id));
const button = /** @type {HTMLButtonElement} */ (at("check-licences"));
let checked = "";

button.addEventListener("click", check);

/** @returns {() => void} ends it */
export function startLicences() {
  at("licences").replaceChildren();
  load();
  return () => {};
}

const load = () => fill(at("licences"), () => call("/api/music-licensing/analytics/compliance"), show, 4);

async function check() {
  button.disabled = true;
  try {
    const found = await call("/api/admin/music-licensing/licenses/check", { method: "POST" });
    checked = `Checked ${number(found.checked)}: ${number(found.expiring)} end soon, ${number(found.expired)} have ended, ${number(found.warned)} new warnings`;
  } catch (error) {
    checked = error.message;
  }
  button.disabled = false;
  await load();
}

function show({ expired, expiringSoon, totalUses, validUses, complianceRate }) {
  const ending = [...expired, ...expiringSoon];
  const none = element("p.soft", {}, "None ends within 30 days.");
  const list = ending.length > 0 ? element("ul.licences", {}, ...ending.map(row)) : none;
  const text = totalUses === 0 ? "no uses yet" : `${number(validUses)} of ${number(totalUses)} (${percent(complianceRate)})`;
  const uses = gauge({ label: "Uses that are licensed now", text, filled: complianceRate ?? 0 });
  return [list, element("div.foot", {}, uses), checked ? element("p.small.soft", {}, checked) : ""].filter(Boolean);
}

function row(one) {
  const left = one.daysLeft < 0 || one.warning === 0 ? mark("ended", "bad") : mark(`${counted(one.daysLeft, "day")} left`, one.daysLeft <= 7 ? "bad" : "warn");
  const whose = one.tenantId ? ` · tenant ${one.tenantId}` : "";
  const text = element("span.feed-text", {}, element("b.named", {}, one.provider.replaceAll("_", " ")), element("span.small.soft", {}, `${one.type}, until ${date(one.expiresAt)} · ${counted(one.uses, "use")}${whose}`));
  return element("li", {}, text, left);
}
