/** A picture in the thread opens in place; the viewer is loaded with the first. With a modifier the link does its own. */
document.addEventListener("click", async (event) => {
  const photo = event.target.closest?.("#log a.photo");
  if (!photo || event.metaKey || event.ctrlKey || event.shiftKey) return;
  event.preventDefault();
  const { show } = await import("./viewer.js");
  show(photo);
});
