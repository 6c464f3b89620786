"""Answers that come late: requests of a page that wait until the test lets them go."""

from __future__ import annotations

from playwright.sync_api import Page, Route

from tests.product import eventually

TURN = 50  # ms in which Chromium's events reach the test
SETTLED = 300  # ms after which what an answer leads to, wanted or not, is on the screen


class Held:
    """From now on, the page's requests to `url`."""

    def __init__(self, page: Page, url: str) -> None:
        self._page, self._url = page, url
        self._routes: list[Route] = []
        page.route(url, self._keep)

    def _keep(self, route: Route) -> None:
        self._routes.append(route)

    def wait(self) -> None:
        """Until one is there."""
        eventually(lambda: self._page.wait_for_timeout(TURN) or self._routes)

    def let_go(self) -> None:
        """The first one goes on to the server, later ones aren't held any more; its answer is on the screen then."""
        self.wait()
        with self._page.expect_response(self._url) as answer:
            self._routes[0].continue_()
        answer.value.finished()
        self._page.unroute(self._url)
        self._page.wait_for_timeout(SETTLED)
