// The console: see index.html for what is on the page.

import { setUp } from "./caller.js";
import { setUpRevocations } from "./revocations.js";
import { setUpRooms } from "./rooms.js";
import { setUpDiagnosis, setUpTokens } from "./tokens.js";

const section = (id) => document.getElementById(id);

setUpTokens(section("tokens"), setUpDiagnosis(section("diagnosis")));
setUpRooms(section("rooms"));
setUpRevocations(section("revocations"));
setUp(section("caller"), section("about")).catch((error) => {
  section("about").textContent = error.message;
});
