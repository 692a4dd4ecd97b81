// Brings today's column into view, counts what has gone by, and filters rows. Without it the page is whole.
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
          item.hidden = !wanted.every(function (word) { return words.indexOf(word) >= 0; });
          if (!item.hidden) shown += 1;
        });
        group.hidden = shown === 0;
        found += shown;
      });
      all("[data-none]", section).forEach(function (text) { text.hidden = found > 0; });
      total += found;
    });
    document.getElementById("found").textContent =
      wanted.length && !total ? "Nothing on this page matches." : "";
  }

  showToday();
  count();
  setInterval(count, 30000);
  var input = document.getElementById("filter");
  input.hidden = false;
  input.addEventListener("input", function () { filter(input.value); });
  // Browsers keep what was typed when a page is loaded again.
  if (input.value) filter(input.value);
})();
