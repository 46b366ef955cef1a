"""What every page tells the browser, and which requests are refused before anything is read."""

import re

import pytest
from flask import Flask

from rewards_service.identity.policy import Role
from rewards_service.kit.access import ACCESS_RULES, undeclared_endpoints
from tests.web.browser import Page
from tests.web.conftest import SiteMaker
from tests.web.site import Site

OPEN_PAGES = ("/s/demo/", "/s/demo/catalog", "/s/demo/help", "/s/demo/basket", "/s/demo/sign-in", "/console/sign-in")
INLINE = re.compile(r"<style|\son[a-z]+=|\sstyle=", re.IGNORECASE)


def pages(site: Site) -> list[Page]:
    """Every sort of page that opens without knowing an id, and some that fail."""
    with site.story() as story:
        story.wallet((1_000, 90), member=story.member("amara"))
    member, worker = site.member("amara@example.com"), site.worker(Role.OWNER)
    return [
        *(site.browser().get(path) for path in OPEN_PAGES),
        *(member.get(f"/s/demo/{path}") for path in ("", "wallet", "orders", "catalog?q=nothing")),
        *(worker.get(f"/console/{path}") for path in ("", "search?q=amara", "messages", "jobs")),
        site.browser().get("/s/demo/wallet"),
        site.browser().get("/s/nowhere/"),
        site.browser().get("/nowhere"),
    ]


class TestHeaders:
    def test_are_strict_on_every_page(self, site: Site):
        for page in pages(site):
            headers = page.response.headers
            policy = headers["Content-Security-Policy"]
            assert "default-src 'none'" in policy
            assert "style-src 'self'" in policy
            assert "unsafe" not in policy
            assert re.search(r"script-src 'nonce-[\w-]{20,}' 'strict-dynamic'", policy)
            assert "frame-ancestors 'none'" in policy
            assert (headers["X-Content-Type-Options"], headers["Cache-Control"]) == ("nosniff", "no-store")
            assert headers["Cross-Origin-Opener-Policy"] == "same-origin"

    def test_no_page_holds_an_inline_script_or_style(self, site: Site):
        for page in pages(site):
            assert not INLINE.search(page.html), page.response.request.path
            scripts = [given for tag, given in page.tags if tag == "script"]
            assert [sorted(given) for given in scripts] == [["nonce", "src", "type"]]

    def test_a_nonce_is_used_once(self, site: Site):
        policies = {site.browser().get("/s/demo/").response.headers["Content-Security-Policy"] for _ in range(3)}
        assert len(policies) == 3

    def test_insist_on_tls_where_there_is_tls(self, make_site: SiteMaker):
        site = make_site("https://rewards.example")
        with site.story():
            pass
        response = site.browser(base_url="https://rewards.example").raw("/s/demo/sign-in")
        assert response.headers["Strict-Transport-Security"].startswith("max-age=63072000")
        for cookie in response.headers.getlist("Set-Cookie"):
            assert cookie.startswith("__Host-")
            assert all(part in cookie for part in ("; Secure", "; HttpOnly", "; Path=/", "; SameSite=Lax"))
            assert "Domain" not in cookie

    def test_are_sent_to_nobody_who_calls_us_by_another_name(self, make_site: SiteMaker):
        site = make_site("https://rewards.example")
        with site.story():
            pass
        assert site.browser(base_url="https://rewards.example").raw("/s/demo/").status_code == 200
        assert site.browser(base_url="https://evil.example").raw("/s/demo/").status_code == 400

    def test_files_are_kept_for_a_year_under_the_name_of_their_content(self, site: Site):
        page = site.browser().get("/s/demo/")
        style = next(given["href"] for tag, given in page.tags if given.get("rel") == "stylesheet")
        response = site.browser().raw(style or "", headers={"Accept-Encoding": "gzip"})
        assert "immutable" in response.headers["Cache-Control"]
        assert response.headers["Content-Encoding"] == "gzip"
        assert site.browser().raw("/assets/000000000000/style.css").status_code == 404
        assert site.browser().raw("/art/book/Nordwind.svg").mimetype == "image/svg+xml"


class TestForms:
    def test_from_another_site_are_refused(self, site: Site):
        browser = site.browser()
        token = dict(browser.get("/s/demo/").form("/codes").fields)["csrf_token"]
        for origin in ("cross-site", "same-site"):
            response = browser.raw(
                "/s/demo/codes", method="POST", data={"csrf_token": token}, headers={"Sec-Fetch-Site": origin}
            )
            assert response.status_code == 403
        same = browser.raw(
            "/s/demo/codes", method="POST", data={"csrf_token": token}, headers={"Sec-Fetch-Site": "same-origin"}
        )
        assert same.status_code == 200

    def test_without_their_token_are_shown_again_with_what_was_typed(self, site: Site):
        browser = site.browser()
        page = Page(browser.raw("/s/demo/codes", method="POST", data={"text": "my code", "csrf_token": "old"}))
        assert page.status == 419
        assert "What you typed is still here" in page.words
        form = page.forms[0]
        assert ("text", "my code") in form.fields
        form.action = "/s/demo/codes"
        assert "There is no code in this text" in browser.send(page, "/s/demo/codes").words

    @pytest.mark.parametrize(
        ("path", "typed"),
        [
            ("/console/sign-in", {"email": "amara@example.com", "password": "hunter2 hunter2"}),
            ("/s/demo/sign-in/sent", {"next": "/s/demo/", "code": "7K3QH2M9"}),
        ],
    )
    def test_without_their_token_repeat_no_secret(self, site: Site, path: str, typed: dict[str, str]):
        page = Page(site.browser().raw(path, method="POST", data={**typed, "csrf_token": "old"}))
        *kept, secret = typed.items()
        assert page.status == 419
        assert "is not repeated" in page.words
        assert set(kept) <= set(page.forms[0].fields)
        assert secret[1] not in page.html

    @pytest.mark.parametrize("path", ["/console/sign-in", "/appearance", "/language", "/", "/s/demo/orders"])
    def test_everywhere_need_a_token(self, site: Site, path: str):
        assert site.browser().raw(path, method="POST", data={}).status_code in {400, 419}

    def test_larger_than_anybody_types_are_refused(self, site: Site):
        response = site.browser().raw("/s/demo/codes", method="POST", data={"text": "x" * 210_000})
        assert response.status_code == 413
        assert "This is too large" in Page(response).words

    @pytest.mark.parametrize(
        "path", ["/s/%00/", "/s/demo/items/%00", "/s/demo/catalog?q=%00", "/s/demo/catalog?%00=1", "/claim/%00"]
    )
    def test_with_a_nul_go_no_further_than_here(self, site: Site, path: str):
        browser = site.browser()
        assert browser.get(path).status in {200, 400, 404}
        home = browser.get("/s/demo/")
        assert browser.send(home, "/codes", text="a\x00b").status == 400


class TestErrors:
    @pytest.mark.parametrize(
        ("path", "method", "status"),
        [("/s/demo/nothing", "GET", 404), ("/s/demo/codes", "GET", 405), ("/s/demo/wallet", "GET", 401)],
    )
    def test_have_a_page_with_one_next_action(self, site: Site, path: str, method: str, status: int):
        page = Page(site.browser().raw(path, method=method))
        assert page.status == status
        actions = [given for tag, given in page.tags if tag == "a" and "btn-go" in (given.get("class") or "")]
        assert len(actions) == 1
        assert f"{status} · request req_" in page.words

    def test_of_our_own_say_nothing_of_how_it_broke(self, site: Site, monkeypatch: pytest.MonkeyPatch):
        monkeypatch.setitem(site.app.view_functions, "shop.help", _breaks)
        page = site.browser().get("/s/demo/help")
        assert page.status == 500
        assert "Something broke on our side" in page.words
        assert "secret detail" not in page.html

    def test_of_the_catalog_are_bad_requests(self, site: Site):
        assert site.browser().get("/s/demo/catalog?cursor=forged").status == 400


class TestChoices:
    def test_of_the_theme_are_remembered(self, site: Site):
        browser = site.browser()
        page = browser.send(browser.get("/s/demo/help"), "/appearance", theme="dark")
        assert page.response.request.path == "/s/demo/help"
        assert ("html", {"lang": "en", "dir": "ltr", "data-bs-theme": "dark"}) in page.tags
        page = browser.send(page, "/appearance", theme="auto")
        assert ("html", {"lang": "en", "dir": "ltr"}) in page.tags

    def test_lead_nowhere_else(self, site: Site):
        browser = site.browser()
        page = browser.send(browser.get("/s/demo/"), "/appearance", follow=False, next="https://evil.example/")
        assert page.response.headers["Location"] == "/"

    def test_of_a_language_that_is_not_there_change_nothing(self, site: Site):
        browser = site.browser()
        token = dict(browser.get("/s/demo/").form("/appearance").fields)["csrf_token"]
        response = browser.raw("/language", method="POST", data={"csrf_token": token, "language": "xx"})
        assert response.status_code == 302
        assert 'lang="en"' in browser.get("/s/demo/").html


class TestRoutes:
    def test_all_say_who_may_call_them(self, site: Site):
        assert undeclared_endpoints(_endpoints(site.app)) == []

    def test_only_declare_what_exists(self, site: Site):
        ours = {name for name in ACCESS_RULES if name.split(".")[0] in {"shop", "console", "assets", "front"}}
        assert ours <= set(_endpoints(site.app))

    def test_that_change_something_are_never_opened_by_get(self, site: Site):
        for rule in site.app.url_map.iter_rules():
            if rule.endpoint.split(".")[0] in {"shop", "console", "assets", "front"}:
                methods = (rule.methods or set()) - {"HEAD", "OPTIONS"}
                assert len(methods) == 1, rule


def _endpoints(app: Flask) -> list[str]:
    return [name for name in app.view_functions if name.split(".")[0] in {"shop", "console", "assets", "front"}]


def _breaks(**_: object) -> None:
    raise RuntimeError("secret detail")
