"""One page of a price list, from an address or a file: bounded, and never from another host than the first page."""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.request
from http.client import HTTPException
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote, urljoin, urlsplit

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from http.client import HTTPMessage
    from typing import IO

PAGE_BYTES: Final = 700 * 2**20
MOST_PAGES: Final = 5000
_TRIES: Final = 5
_WAIT_S: Final = 60.0
_TIMEOUT_S: Final = 120.0
_PORTS: Final = {"https": 443, "http": 80}
_HERE: Final = ("127.0.0.1", "localhost", "::1")


class RefusedPriceList(ValueError):
    """The price list cannot be used; the message is one sentence for the maintainer."""


class _SameHost(urllib.request.HTTPRedirectHandler):
    def redirect_request(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage, newurl: str
    ) -> urllib.request.Request | None:
        check_link(req.full_url, newurl)
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def is_address(place: str) -> bool:
    """Whether a place is an address and not a file."""
    return place.startswith(("http://", "https://"))


def read(place: str, limit: int = PAGE_BYTES, sleep: Callable[[float], None] = time.sleep) -> bytes:
    """The bytes of a page; a busy server is asked again a few times.

    Raises:
        RefusedPriceList: it cannot be read, or is over the limit.
    """
    if not is_address(place):
        try:
            if Path(place).stat().st_size > limit:
                raise RefusedPriceList(f"{place} is larger than {limit >> 20} MB.")
            return Path(place).read_bytes()
        except OSError as error:
            raise RefusedPriceList(f"{place} cannot be read: {error.strerror}.") from None
    check_link(place, place)
    direct = [urllib.request.ProxyHandler({})] if _host(place)[1] in _HERE else []
    opener = urllib.request.build_opener(_SameHost, *direct)
    # Lists name their next page with spaces and quotes in it.
    address = quote(place, safe="%/:=&?~#+!$,;'@()*[]")
    request = urllib.request.Request(address, headers={"Accept": "application/json, text/csv", "User-Agent": "edgewise-catalog-build"})
    for left in range(_TRIES - 1, -1, -1):
        try:
            with opener.open(request, timeout=_TIMEOUT_S) as answer:
                content: bytes = answer.read(limit + 1)
        except urllib.error.HTTPError as error:
            with error:
                if error.code not in (429, 500, 502, 503, 504) or not left:
                    raise RefusedPriceList(f"{place} answered {error.code}.") from None
                sleep(_wait(error.headers.get("Retry-After"), _TRIES - left))
            continue
        except (OSError, HTTPException) as error:
            if not left:
                raise RefusedPriceList(f"{place} does not answer: {error}.") from None
            sleep(_wait(None, _TRIES - left))
            continue
        if len(content) > limit:
            raise RefusedPriceList(f"{place} is larger than {limit >> 20} MB.")
        return content
    raise AssertionError("the last try answers or raises")


def _wait(told: str | None, tried: int) -> float:
    try:
        return min(max(float(told or ""), 0.0), _WAIT_S)
    except ValueError:
        return float(2**tried)


def read_json(place: str, limit: int = PAGE_BYTES, sleep: Callable[[float], None] = time.sleep) -> dict[str, Any]:
    """A page as JSON; numbers with a point stay text, so that no digit of a price is lost.

    Raises:
        RefusedPriceList: it cannot be read or is no JSON object.
    """
    try:
        found = json.loads(read(place, limit, sleep), parse_float=str)
    except RefusedPriceList:
        raise
    except (ValueError, RecursionError):
        raise RefusedPriceList(f"{place} is not JSON.") from None
    if not isinstance(found, dict):
        raise RefusedPriceList(f"{place} is not a price list.")
    return found


def check_link(first: str, link: str) -> None:
    """Nothing, if a link leads to the same host as the first page, by https (on this computer also by http).

    Raises:
        RefusedPriceList: it leads elsewhere.
    """
    try:
        one, other = _host(first), _host(link)
    except ValueError:
        raise RefusedPriceList(f"{link!r} is no address.") from None
    if one != other or (other[0] != "https" and other[1] not in _HERE):
        raise RefusedPriceList(f"The price list leads from {one[1]} to {link[:200]!r}, which we do not follow.")


def _host(address: str) -> tuple[str, str, int]:
    parts = urlsplit(address)
    return parts.scheme, (parts.hostname or "").lower(), parts.port or _PORTS.get(parts.scheme, 0)


def linked(first: str, link: str) -> str:
    """The place a page's link leads to: an address of the same host, or a file beside the first one.

    Raises:
        RefusedPriceList: it leads elsewhere.
    """
    if is_address(first):
        place = urljoin(first, link)
        check_link(first, place)
        return place
    name = link.lstrip("/")
    place = str(Path(first).parent / name)
    if is_address(link) or not Path(place).resolve().is_relative_to(Path(first).parent.resolve()):
        raise RefusedPriceList(f"{first} goes on at {link[:200]!r}. Give the address itself, or a folder with all pages.")
    return place


def all_pages(place: str, next_link: Callable[[dict[str, Any]], str | None], sleep: Callable[[float], None]) -> Iterator[dict[str, Any]]:
    """Every page from the first one on; of a folder every JSON file in it.

    Raises:
        RefusedPriceList: a page cannot be read, pages go in circles, or there is no end.
    """
    if not is_address(place) and Path(place).is_dir():
        for path in sorted(Path(place).glob("*.json")):
            yield read_json(str(path))
        return
    seen: set[str] = set()
    here: str | None = place
    while here is not None:
        if here in seen or len(seen) >= MOST_PAGES:
            raise RefusedPriceList(f"The pages go in circles, or there are more than {MOST_PAGES}.")
        seen.add(here)
        page = read_json(here, sleep=sleep)
        yield page
        link = next_link(page)
        here = linked(place, link) if link else None
