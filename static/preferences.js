// Only a click of the person may ask the browser to show notices on the desktop.
(() => {
  const box = document.querySelector(".ask-notices");
  if (!box || !("Notification" in window)) return;
  const button = box.querySelector("button");
  const status = box.querySelector("p");
  const tell = () => {
    button.hidden = Notification.permission !== "default";
    status.textContent = box.dataset[Notification.permission] ?? "";
  };
  button.addEventListener("click", () => Notification.requestPermission().then(tell));
  box.hidden = false;
  tell();
})();
