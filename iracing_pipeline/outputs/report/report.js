// Brings today's column into view, counts what has gone by, tells the reader's own time, and filters rows: by
// words, by what is owned, by a day. Without it the page is whole.
(function () {
  var all = function (selector, within) {
    return Array.from((within || document).querySelectorAll(selector));
  };

  function showToday() {
    var box = document.querySelector(".scroll");
    var today = document.querySelector("th.today");
    var corner = document.querySelector("th.corner");
    if (!box || !today || !corner) return;
    // With the week before it, where there is room for both.
    var room = box.clientWidth > 600 ? today.previousElementSibling.offsetWidth : 12;
    var edge = corner.getBoundingClientRect().right;
    box.scrollLeft += today.getBoundingClientRect().left - edge - room;
  }

  // "40 s", "12 min", "3 h", "5 d": the largest unit of which there are two.
  function span(seconds) {
    var units = [[86400, "d"], [3600, "h"], [60, "min"]];
    for (var i = 0; i < units.length; i += 1) {
      if (seconds >= units[i][0] * 2) return Math.floor(seconds / units[i][0]) + " " + units[i][1];
    }
    return Math.max(0, Math.floor(seconds)) + " s";
  }

  function count() {
    var now = Date.now();
    all("[data-since]").forEach(function (item) {
      item.textContent = " (" + span((now - Date.parse(item.dataset.since)) / 1000) + " ago)";
    });
    var overdue = all("[data-due]").filter(function (item) {
      return now > Date.parse(item.dataset.due);
    });
    overdue.forEach(function (item) {
      item.className = "state stale";
      item.textContent = "overdue";
    });
    var verdict = document.getElementById("verdict");
    if (overdue.length && verdict.className === "good") {
      verdict.className = "bad";
      verdict.firstChild.innerHTML = "<b>" + overdue.length + "</b> overdue since";
    }
    var old = document.getElementById("old");
    old.hidden = now - Date.parse(old.dataset.made) < 86400000;
  }

  // The reader's own time beside that of the page, where it is another one.
  var zone = Intl.DateTimeFormat().resolvedOptions().timeZone || "";
  function momentIn(at, timeZone) {
    return at.toLocaleString("en-GB", {
      weekday: "short", day: "numeric", month: "short", hour: "2-digit", minute: "2-digit", timeZone: timeZone
    }).replace(/,/g, "");
  }

  // Its day only where that is another one there.
  function localText(at) {
    var here = momentIn(at), there = momentIn(at, "UTC");
    return here.slice(0, -6) === there.slice(0, -6) ? here.slice(-5) : here;
  }

  function tellLocal(within) {
    all("time.local", within).forEach(function (time) {
      var at = new Date(time.getAttribute("datetime"));
      if (!at.getTimezoneOffset()) return;
      var here = document.createElement("span");
      here.className = "here";
      here.textContent = " (" + localText(at) + " here)";
      time.after(here);
    });
  }

  // What is owned: packages, kept in this browser. Where it keeps nothing, they are forgotten with the page.
  var KEY = "iracing-pipeline-owned";
  var owned = {};
  function remember() {
    try { localStorage.setItem(KEY, JSON.stringify({only: only.checked, packages: Object.keys(owned)})); }
    catch (error) { return; }
  }

  function recall() {
    var kept = {};
    try { kept = JSON.parse(localStorage.getItem(KEY)) || {}; } catch (error) { kept = {}; }
    (Array.isArray(kept.packages) ? kept.packages : []).forEach(function (one) { owned[one] = true; });
    only.checked = kept.only === true;
    all("[data-package]").forEach(function (box) { box.checked = owned[box.dataset.package] === true; });
  }

  var cars = {};
  all("[data-car]").forEach(function (item) { cars[item.dataset.car] = item; });

  function carsOf(entry) {
    var holder = entry.closest("[data-cars]");
    return holder.dataset.cars.split(" ").filter(Boolean);
  }

  // As playable_weeks() judges: its track, and one of its cars.
  function canRace(entry) {
    if (entry.dataset.track && !owned[entry.dataset.track]) return false;
    return carsOf(entry).some(function (id) {
      var car = cars[id];
      return car && ("free" in car.dataset || owned[car.dataset.needs] === true);
    });
  }

  // Whether anything of an item is left, with weeks hidden that cannot be raced.
  function isLeft(item) {
    if (!only.checked) {
      all("p[data-from]", item).forEach(function (entry) { entry.hidden = false; });
      return true;
    }
    if (item.tagName === "LI") return canRace(item);
    if (item.tagName !== "TR") return true;
    return all("td p", item).filter(function (entry) {
      entry.hidden = !canRace(entry);
      return !entry.hidden;
    }).length > 0;
  }

  // Small letters without accents; "D licence" and "licence D" are "class d", which is one word.
  var plain = {"\u00df": "ss", "\u00e6": "ae", "\u00f8": "o", "\u0111": "d", "\u0131": "i", "\u0142": "l", "\u0153": "oe"};
  function folded(text) {
    return text
      .toLowerCase()
      .normalize("NFD")
      .replace(/[\u0300-\u036f]/g, "")
      .replace(/[^\x00-\x7f]/g, function (letter) { return plain[letter] || letter; })
      .replace(/\b([abcd]) (?:class|licen[cs]e)\b/g, "class-$1")
      .replace(/\b(?:class|licen[cs]e) ([abcd])\b/g, "class-$1");
  }

  function filter(text) {
    var wanted = folded(text).split(/\s+/).filter(Boolean);
    var total = 0;
    all("section").forEach(function (section) {
      var found = 0;
      all("[data-group]", section).forEach(function (group) {
        var shown = 0;
        all("[data-item]", group).forEach(function (item) {
          var words = folded([item.textContent, item.dataset.words, group.dataset.words].join(" | "));
          item.hidden = !isLeft(item) || !wanted.every(function (word) { return words.indexOf(word) >= 0; });
          if (!item.hidden) shown += 1;
        });
        group.hidden = shown === 0;
        found += shown;
      });
      all("[data-none]", section).forEach(function (text) { text.hidden = found > 0; });
      total += found;
    });
    document.getElementById("found").textContent =
      (wanted.length || only.checked) && !total ? "Nothing on this page matches." : "";
  }

  function made(tag, text, name) {
    var element = document.createElement(tag);
    if (text) element.textContent = text;
    if (name) element.className = name;
    return element;
  }

  // As the page lists them itself.
  function carList(names) {
    var text = names.join(", ");
    if (names.length <= 3) return made("small", text, "cars");
    var list = made("details", "", "cars");
    list.append(made("summary", names.length + " cars"), text);
    return list;
  }

  // A week of the grid as an item of the list. Names go in as text.
  function itemOf(row, entry) {
    var item = made("li");
    item.setAttribute("data-item", "");
    item.dataset.words = row.dataset.words;
    item.dataset.cars = carsOf(entry).join(" ");
    if (entry.dataset.track) item.dataset.track = entry.dataset.track;
    var about = made("div");
    about.append(made("b", row.querySelector("th div span:last-child").textContent));
    var track = made("span");
    Array.from(entry.childNodes).forEach(function (node) {
      if (node.nodeName !== "I") track.append(node.cloneNode(true));
    });
    var when = made("small");
    [["from ", "from"], [" \u00b7 until ", "to"]].forEach(function (part) {
      var at = new Date(entry.dataset[part[1]] * 1000);
      var time = made("time", momentIn(at, "UTC"), "local");
      time.setAttribute("datetime", at.toISOString());
      when.append(part[0], time);
    });
    var names = carsOf(entry).map(function (id) { return cars[id] ? cars[id].textContent : "car " + id; });
    about.append(track, when, carList(names.sort()));
    item.append(row.querySelector(".badge").cloneNode(true), about);
    return item;
  }

  // What races on a day of the reader's, from its first moment to its last.
  function showDay(text) {
    var day = document.getElementById("day");
    var begins = new Date(text + "T00:00"), ends = new Date(text + "T00:00");
    ends.setDate(ends.getDate() + 1);
    day.hidden = !text;
    document.getElementById("this-week").hidden = !day.hidden;
    document.querySelector("#week h2").textContent = text
      ? "On " + begins.toLocaleDateString("en-GB", {weekday: "long", day: "numeric", month: "long", year: "numeric"})
        .replace(/,/g, "")
      : "This week";
    day.replaceChildren();
    all("tbody[data-group]").forEach(function (group) {
      var list = made("ul");
      all("tr[data-item]", group).forEach(function (row) {
        var seen = {};
        all("p[data-from]", row).forEach(function (entry) {
          var isThen = entry.dataset.from * 1000 < ends && entry.dataset.to * 1000 >= begins;
          if (isThen && !seen[entry.dataset.from]) list.append(itemOf(row, entry));
          seen[entry.dataset.from] = true;
        });
      });
      if (!list.children.length) return;
      var box = made("details");
      box.open = true;
      box.setAttribute("data-group", "");
      box.dataset.words = group.dataset.words;
      var head = made("summary", group.dataset.words + " ");
      head.append(made("span", String(list.children.length), "quiet"));
      box.append(head, list);
      day.append(box);
    });
    if (!day.hidden && !day.children.length) day.append(made("p", "No week on this page is raced on that day.", "quiet"));
    tellLocal(day);
    filter(input.value);
  }

  var input = document.getElementById("filter");
  var only = document.getElementById("owned-only");
  var date = document.getElementById("date");
  showToday();
  count();
  setInterval(count, 30000);
  tellLocal();
  if (new Date().getTimezoneOffset()) {
    document.getElementById("zone").textContent = ", and beside them those of " + (zone || "this computer") + " (here)";
  }
  ["filter", "only", "own", "when"].forEach(function (name) {
    var element = document.getElementById(name);
    if (element) element.hidden = false;
  });
  recall();
  input.addEventListener("input", function () { filter(input.value); });
  document.getElementById("own").addEventListener("change", function (event) {
    var name = event.target.dataset.package;
    if (event.target.checked) owned[name] = true;
    else delete owned[name];
    // Tracks and cars share the numbers: what comes together is ticked together.
    all("[data-package]").forEach(function (box) { box.checked = owned[box.dataset.package] === true; });
    remember();
    filter(input.value);
  });
  only.addEventListener("change", function () {
    remember();
    filter(input.value);
  });
  if (date) {
    date.addEventListener("input", function () { showDay(date.value); });
    document.getElementById("now").addEventListener("click", function () {
      date.value = "";
      showDay("");
    });
  }
  // Browsers keep what was typed when a page is loaded again.
  if (date && date.value) showDay(date.value);
  else if (input.value || only.checked) filter(input.value);
})();
