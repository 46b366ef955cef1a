"""How each endpoint is called with a thing of one tenant by another: a new route without an entry fails the build."""

from tests.isolation.building import (
    REASON,
    Case,
    award,
    body,
    by_id,
    checkout,
    code_id,
    code_text,
    console,
    form,
    line,
    mixed,
    new_id,
    new_order_id,
    new_unit,
    nobody,
    order,
    order_id,
    plain,
    quote,
    same_organization,
    same_program,
    shop,
    shop_bearer,
    shop_order,
    shop_token,
)
from tests.isolation.callers import Sent

API: dict[str, tuple[Case, ...]] = {
    "api.create_program": (
        Case(
            lambda _own, _target: Sent(
                {},
                body={
                    "name": "x",
                    "external_id": new_id(),
                    "unit": new_unit(),
                    "currency": "EUR",
                    "time_zone": "UTC",
                    "locale": "en",
                },
            ),
            has_target=False,
        ),
    ),
    "api.list_programs": (plain(),),
    "api.read_program": (
        by_id("program_id", lambda t: t.program_name),
        by_id("program_id", lambda t: t.program.public_id),
    ),
    "api.create_member": (body(lambda _own, target: {"program_id": target.program_name, "name": "x"}),),
    "api.list_members": (
        plain(),
        Case(lambda _own, target: Sent({}, query={"program_id": target.program_name})),
        Case(lambda _own, target: Sent({}, query={"email": target.email}), has_target=False),
    ),
    "api.read_member": (by_id("member_id", lambda t: t.member.public_id),),
    "api.create_award": (body(lambda _own, target: award(target, target)), mixed(award)),
    "api.read_wallet": (by_id("wallet_id", lambda t: t.wallet.public_id),),
    "api.list_wallet_entries": (by_id("wallet_id", lambda t: t.wallet.public_id),),
    "api.issue_code": (body(lambda _own, target: {"program_id": target.program_name, "value_units": 1}),),
    "api.check_code": (body(lambda _own, target: {"code": code_text(target)}),),
    "api.claim_code": (
        body(lambda _own, target: {"code": code_text(target), "wallet_id": target.wallet.public_id}),
        mixed(lambda own, target: {"code": code_text(target), "wallet_id": own.wallet.public_id}),
        mixed(lambda own, target: {"code": code_text(own), "wallet_id": target.wallet.public_id}),
    ),
    "api.split_code": (body(lambda _own, target: {"code": code_text(target), "parts_units": [40, 60]}),),
    "api.merge_codes": (
        body(lambda _own, target: {"codes": [code_text(target), code_text(target)]}),
        mixed(lambda own, target: {"codes": [code_text(own), code_text(target)]}),
    ),
    "api.read_code": (by_id("code_id", code_id),),
    "api.block_code": (by_id("code_id", code_id, dict(REASON)),),
    "api.unblock_code": (by_id("code_id", code_id, dict(REASON)),),
    "api.extend_code": (by_id("code_id", code_id, REASON | {"expires_at": "2030-01-01T00:00:00Z"}),),
    "api.reissue_code": (by_id("code_id", code_id, dict(REASON)),),
    "api.create_code_batch": (
        body(
            lambda _own, target: {
                "program_id": target.program_name,
                "external_id": new_id(),
                "count": 1,
                "value_units": 1,
            }
        ),
    ),
    "api.read_code_batch": (by_id("batch_id", lambda t: t.batch),),
    "api.search_catalog": (
        plain(),
        Case(lambda _own, target: Sent({}, query={"program_id": target.program_name})),
    ),
    "api.read_item": (
        Case(lambda _own, target: Sent({"item_id": target.item}, query={"program_id": target.program_name})),
    ),
    "api.quote_order": (
        body(lambda _own, target: quote(target, item=target, wallet_id=target.wallet.public_id)),
        mixed(lambda own, target: quote(own, item=own, wallet_id=target.wallet.public_id), refused=422),
        mixed(lambda own, target: quote(own, item=own, code=code_text(target))),
    ),
    "api.place_order": (
        body(lambda _own, target: order(target, item=target, wallet_id=target.wallet.public_id)),
        mixed(lambda own, target: order(own, item=own, wallet_id=target.wallet.public_id), refused=422),
        mixed(lambda own, target: order(own, item=own, code=code_text(target))),
    ),
    "api.read_order": (by_id("order_id", order_id),),
    "api.cancel_order": (by_id("order_id", new_order_id, {}),),
    "api.refund_line": (line(lambda t: t.new_order(fulfil=True).public_id),),
    "api.reveal_credentials": (line(order_id),),
    "api.read_message": (by_id("message_id", lambda t: t.message),),
    "api.resend_message": (by_id("message_id", lambda t: t.message, {}),),
    "api.list_entries": (plain(),),
    "api.list_events": (plain(),),
}

CONSOLE: dict[str, tuple[Case, ...]] = {
    "console.sign_in": (plain(),),
    "console.enter": (form(email="nobody@example.com", password="wrong wrong wrong"),),
    "console.sign_out": (form(),),
    "console.home": (plain(),),
    "console.search": (
        plain(),
        Case(lambda _own, target: Sent({}, query={"q": target.email}), has_target=False, echoes=True),
        Case(lambda _own, target: Sent({}, query={"q": target.kept_code[0].last4}), has_target=False),
    ),
    "console.member": (console("member_id", lambda t: t.member.public_id),),
    "console.merge_member": (
        Case(
            lambda _own, target: Sent(
                {"member_id": target.member.public_id}, form={"other": target.member.public_id, **REASON}
            )
        ),
    ),
    "console.code": (console("code_id", lambda t: t.kept_code[0].public_id),),
    "console.resend_code": (console("code_id", code_id, x="1"),),
    "console.reissue_code": (console("code_id", code_id, to="bob@example.com", **REASON),),
    "console.block_code": (console("code_id", code_id, **REASON),),
    "console.unblock_code": (console("code_id", code_id, **REASON),),
    "console.order": (console("order_id", order_id),),
    "console.cancel_order": (console("order_id", new_order_id, **REASON),),
    "console.messages": (plain(),),
    "console.message": (console("message_id", lambda t: t.message),),
    "console.message_html": (console("message_id", lambda t: t.message),),
    "console.resend_message": (console("message_id", lambda t: t.message, x="1"),),
    "console.open_message": (console("message_id", lambda t: t.message, x="1"),),
    "console.jobs": (plain(),),
    "console.job": (console("job_id", lambda t: t.job),),
    "console.retry_job": (console("job_id", lambda t: t.job, x="1"),),
    "console.cancel_job": (console("job_id", lambda t: t.job, x="1"),),
}

SHOP: dict[str, tuple[Case, ...]] = {
    "shop.home": (shop(),),
    "shop.check_codes": (
        shop(text="nothing"),
        shop_bearer(lambda t: {"text": code_text(t)}, accepted=302, refused=200, reaches=same_program),
    ),
    "shop.catalog": (shop(),),
    "shop.item": (
        Case(
            lambda own, target: Sent({"program": own.program_name, "item_id": target.item}),
            reaches=same_organization,
            accepted=frozenset({200}),
        ),
    ),
    "shop.help": (shop(),),
    "shop.sign_in": (shop(),),
    "shop.send_login": (shop(address="nobody@example.com"), shop(address="+49 151 12345678")),
    "shop.sign_in_sent": (shop(),),
    "shop.enter_login_code": (shop(code="ABCDEFGH"),),
    "shop.login_link": (shop_token(lambda t: t.login_token, "link_token"),),
    "shop.use_login_link": (shop_token(lambda t: t.login_token, "link_token", is_form=True, reaches=nobody),),
    "shop.claim": (shop_token(lambda t: t.claim_token, "token"),),
    "shop.enter_claim": (shop_token(lambda t: t.claim_token, "token", is_form=True),),
    "shop.basket": (shop(),),
    "shop.add_line": (
        shop_bearer(
            lambda t: {"item_id": t.item, "face_value_minor": "2500", "quantity": "1"},
            accepted=302,
            refused=404,
            reaches=same_organization,
        ),
    ),
    "shop.remove_line": (shop(index="0"),),
    "shop.place_order": (
        shop(form_key="0123456789abcdef"),
        Case(checkout, refused=frozenset({409, 422}), accepted=frozenset({302})),
    ),
    "shop.orders": (shop(),),
    "shop.order": (shop_order(order_id),),
    "shop.cancel_order": (shop_order(new_order_id, form={}),),
    "shop.reveal": (shop_order(order_id, line_number=1, form={}),),
    "shop.wallet": (shop(),),
    "shop.order_link": (shop_token(lambda t: t.order_token, "token"),),
    "shop.enter_order_link": (shop_token(lambda t: t.order_token, "token", is_form=True, reaches=nobody),),
    "shop.claim_code": (
        shop(code_id="nothing"),
        Case(
            lambda own, target: Sent({"program": own.program_name}, form={"code_id": code_id(target)}),
            refused=frozenset({401, 404}),
            reaches=nobody,
        ),
    ),
    "shop.add_address": (shop(address="+49 151 23456789"),),
    "shop.address_sent": (shop(),),
    "shop.enter_address_code": (shop(code="ABCDEFGH"),),
    "shop.leave": (shop(x="1"),),
}

OPEN: dict[str, tuple[Case, ...]] = {
    "api_documentation.document": (plain(),),
    "api_documentation.page": (plain(),),
    "api_documentation.style": (plain(version="1"),),
    "health.alive": (plain(),),
    "health.ready": (plain(),),
    "health.metrics": (plain(),),
    "assets.file": (plain(version="1", name="style.css"),),
    "assets.art": (plain(subject="card", seed="x"),),
    "assets.choose_theme": (form(theme="dark"),),
    "assets.choose_language": (form(language="en"),),
    "front.door": (plain(),),
    "front.find_place": (form(text="nothing"),),
    "front.claim": (plain(token="x" * 43),),
}

CASES = {**API, **CONSOLE, **SHOP, **OPEN}
