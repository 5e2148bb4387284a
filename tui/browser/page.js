// Read before textual.js, which connects when the page is loaded. The socket's address follows the page's own, so that
// a forwarded port works; behind it stands the place that the page's address names.
"use strict";

class Socket extends WebSocket {
  constructor(url) {
    super(url);
    this.addEventListener("message", (event) => {
      if (typeof event.data !== "string") return;
      const [type, data] = JSON.parse(event.data);
      if (type === "place") history.replaceState(null, "", "#" + data);
      if (type === "download") {
        const link = document.createElement("a");
        link.href = "/download/" + encodeURIComponent(data);
        link.download = "";
        link.click();
      }
    });
  }
}
window.WebSocket = Socket;

document.addEventListener("DOMContentLoaded", () => {
  const scheme = location.protocol === "https:" ? "wss:" : "ws:";
  const place = location.hash ? "/" + encodeURIComponent(location.hash.slice(1)) : "";
  document.getElementById("terminal").dataset.sessionWebsocketUrl = `${scheme}//${location.host}/ws${place}`;
  document.getElementById("again").addEventListener("click", () => location.reload());
});
