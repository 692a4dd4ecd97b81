// Brings today's column into view, and filters rows by what is typed. Without it the page is whole.
(function () {
  var box = document.querySelector(".scroll");
  var today = document.querySelector("th.today");
  var corner = document.querySelector("th.corner");
  if (box && today && corner) {
    // With the week before it, where there is room for both.
    var room = box.clientWidth > 600 ? today.previousElementSibling.offsetWidth : 12;
    var edge = corner.getBoundingClientRect().right;
    box.scrollLeft += today.getBoundingClientRect().left - edge - room;
  }
  var input = document.getElementById("filter");
  if (!input) return;
  input.hidden = false;
  input.addEventListener("input", function () {
    var wanted = input.value.trim().toLowerCase();
    document.querySelectorAll("[data-group]").forEach(function (group) {
      var shown = 0;
      group.querySelectorAll("[data-item]").forEach(function (item) {
        item.hidden = wanted !== "" && item.textContent.toLowerCase().indexOf(wanted) < 0;
        if (!item.hidden) shown += 1;
      });
      group.hidden = shown === 0;
    });
  });
})();
