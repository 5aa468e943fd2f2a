"""`gateway check creatio`: every fault told with the Creatio setting to change, and nothing written to find it."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from gateway.config.settings import Creatio, Field, Mailbox, MailboxCase, Replies, Secret, Settings
from gateway.creatio import checks
from gateway.creatio.columns import TYPE_TASK
from gateway.demo.creatio.schema import Column, Edition
from gateway.demo.creatio.simulator import Simulator, serve
from gateway.demo.creatio.switches import Switches
from gateway.demo.creatio.tenant import ANNA, FIRST_LINE, Rights
from gateway.health import Finding
from tests.creatio.tenancy import settings_for

SUPPORT = Mailbox("support@example.com")
RESOLVED = "ae7f411e-f46b-1410-009b-0050ba5d6c38"
NEW = "ae5f2f10-f46b-1410-fd9a-0050ba5d6c38"
INCIDENT = "1b0bc159-150a-e111-a31b-00155d04c01d"
USUAL: dict[str, Any] = {"resolved_status": RESOLVED, "owner": str(ANNA), "group": str(FIRST_LINE)}


async def look(simulator: Simulator, *mailboxes: Mailbox, **settings: Any) -> Sequence[Finding]:
    async with serve(simulator) as url:
        return await checks.check(house(settings_for(url, **{**USUAL, **settings}), *mailboxes))


def house(creatio: Creatio, *mailboxes: Mailbox) -> Settings:
    return Settings(Path("config.toml"), "", Path("data"), mailboxes or (SUPPORT,), creatio=creatio)


async def the_one_fault(simulator: Simulator, *mailboxes: Mailbox, **settings: Any) -> Finding:
    faults = [one for one in await look(simulator, *mailboxes, **settings) if not one.well]
    assert len(faults) == 1, faults
    assert faults[0].fix
    return faults[0]


async def test_a_tenant_that_is_ready_has_no_fault_and_nothing_is_written() -> None:
    simulator = Simulator()
    simulator.register_mailbox("other@example.com")
    before = {name: len(rows) for name, rows in simulator.tenant.tables.items()}
    found = await look(simulator)
    assert [one.text for one in found if not one.well] == []
    assert {name: len(rows) for name, rows in simulator.tenant.tables.items()} == before
    assert {one.area for one in found} == {"creatio"}


@pytest.mark.parametrize("switches", [Switches(runtime="net"), Switches(edition="small"), Switches(lookups="changed")])
async def test_other_editions_and_versions_are_ready_too(switches: Switches) -> None:
    simulator = Simulator(switches=switches)
    simulator.register_mailbox("other@example.com")
    assert [one.text for one in await look(simulator) if not one.well] == []


async def test_no_creatio_is_no_fault() -> None:
    [only] = await checks.check(house(Creatio()))
    assert only.well


@pytest.mark.parametrize(
    ("wrong", "fix"),
    [
        ({"client_secret": Secret("wrong")}, "OAuth 2.0 integrated applications"),
        ({"client_id": "", "user": "gateway", "password": Secret("wrong")}, "System users"),
        ({"identity_url": "http://127.0.0.1:1"}, "[creatio] url"),
    ],
)
async def test_a_sign_in_that_fails_names_where_to_mend_it(wrong: dict[str, Any], fix: str) -> None:
    fault = await the_one_fault(Simulator(), **wrong)
    assert fix in fault.fix
    assert "wrong" not in fault.text + fault.fix


async def test_a_token_address_that_is_a_page_is_told() -> None:
    simulator = Simulator(switches=Switches(token_error="html_200"))
    fault = await the_one_fault(simulator, client_secret=Secret("wrong"))
    assert "identity_url" in fault.fix


async def test_a_user_without_access_to_odata_is_told() -> None:
    simulator = Simulator()
    simulator.tenant.rights = Rights(may_use_odata=False)
    assert "CanUseODataService" in (await the_one_fault(simulator)).fix


@pytest.mark.parametrize("act", ["read", "write"])
@pytest.mark.parametrize("right", ["403", "500", "401"])
@pytest.mark.parametrize("entity", ["Activity", "Contact", "ActivityFile"])
async def test_a_right_that_is_missing_is_named(entity: str, act: str, right: Any) -> None:
    simulator = Simulator(switches=Switches(missing_right=right))
    simulator.register_mailbox("other@example.com")
    simulator.deny(entity, act)
    faults = [one.text for one in await look(simulator) if not one.well]
    assert f"the technical user may not {act} {entity}" in faults


async def test_a_mandatory_column_of_the_tenants_own_is_named() -> None:
    edition = Edition(
        added={"Case": (Column("UsrRegion", "ShortText"), Column("UsrOrderNumber", "ShortText"))},
        required={"Case": ("UsrRegion",)},
    )
    simulator = Simulator(edition=edition)
    simulator.register_mailbox("other@example.com")
    fault = await the_one_fault(simulator)
    assert ("Case.UsrRegion" in fault.text, fault.warning, "default value" in fault.fix) == (True, True, True)


@pytest.mark.parametrize(
    ("settings", "text"),
    [
        ({"owner": str(FIRST_LINE)}, f"owner {FIRST_LINE} is not in Creatio"),
        ({"group": str(ANNA)}, f"group {ANNA} is no role"),
        ({"resolved_status": NEW}, "is no status with the flag"),
        ({"resolved_status": ""}, "resolved_status is not set"),
        ({"fields": (Field("UsrNope", "Nope"),)}, "no column UsrNope"),
        ({"fields": (Field("Subject", "Subject", "dropdown"),)}, "a dropdown field cannot fill it"),
    ],
)
async def test_a_setting_that_fits_nothing_in_creatio_is_named(settings: dict[str, Any], text: str) -> None:
    simulator = Simulator()
    simulator.register_mailbox("other@example.com")
    assert text in (await the_one_fault(simulator, **settings)).text


async def test_a_user_is_no_group() -> None:
    simulator = Simulator()
    simulator.register_mailbox("other@example.com")
    user = simulator.tenant.find("SysAdminUnit", ContactId=ANNA)
    assert user is not None
    assert "not a role" in (await the_one_fault(simulator, group=str(user["Id"]))).text


async def test_a_mailbox_that_creatio_registers_cases_from_too_is_a_fault() -> None:
    simulator = Simulator()
    simulator.register_mailbox("Support@example.com")
    fault = await the_one_fault(simulator)
    assert (fault.warning, "Mailboxes for case registration" in fault.fix) == (False, True)


async def test_a_mailbox_that_creatio_only_loads_is_a_fault_too() -> None:
    simulator = Simulator()
    simulator.register_mailbox("support@example.com")
    simulator.tenant.tables["MailboxForIncidentRegistration"].clear()
    assert "Automatically load" in (await the_one_fault(simulator)).fix


async def test_rules_that_would_mail_the_customer_again_are_named() -> None:
    simulator = Simulator()
    simulator.register_mailbox("other@example.com")
    fault = await the_one_fault(simulator, replace(SUPPORT, creatio=MailboxCase(category=INCIDENT)))
    assert (fault.warning, "Case notification rules" in fault.fix, "Resolved" in fault.text) == (True, True, True)
    quiet = Simulator(switches=Switches(notification_rules="none"))
    quiet.register_mailbox("other@example.com")
    found = await look(quiet, replace(SUPPORT, creatio=MailboxCase(category=INCIDENT)))
    assert [one.text for one in found if not one.well] == []


async def test_a_creatio_that_cannot_send_is_told_unless_the_gateway_does() -> None:
    assert "fails" in (await the_one_fault(Simulator())).text
    found = await look(Simulator(), replies=Replies(deliver="gateway"))
    assert [one.text for one in found if not one.well] == []


@pytest.mark.parametrize("by_name", [True, False], ids=["signs in by name", "has left a note"])
async def test_a_user_that_is_a_rep_as_well_is_told(by_name: bool) -> None:
    simulator = Simulator()
    simulator.register_mailbox("other@example.com")
    way: dict[str, Any] = {}
    if by_name:
        way = {"client_id": "", "user": "gateway", "password": Secret("a-password")}
        unit = simulator.tenant.find("SysAdminUnit", Name="Anna Berg")
        assert unit is not None
        unit["Name"] = "gateway"
    else:
        note: dict[str, Any] = {"Title": "Reply sent", "TypeId": UUID(TYPE_TASK), "CreatedById": ANNA}
        simulator.tenant.add_raw("Activity", **note)
    fault = await the_one_fault(simulator, **way)
    assert ("Anna Berg" in fault.text, "never mailed" in fault.text, "System users" in fault.fix) == (True, True, True)


async def test_local_time_labelled_as_utc_is_noticed() -> None:
    simulator = Simulator(switches=Switches(times="local_as_z"))
    simulator.register_mailbox("other@example.com")
    fault = await the_one_fault(simulator)
    assert ("ahead" in fault.text, "Time zone" in fault.fix) == (True, True)


async def test_the_zone_of_a_user_who_signs_in_by_name_is_looked_up() -> None:
    simulator = Simulator(switches=Switches(times="local_as_z"))
    simulator.register_mailbox("other@example.com")
    unit = simulator.tenant.find("SysAdminUnit", Name="Mail gateway")
    assert unit is not None
    unit["Name"] = "gateway"
    fault = await the_one_fault(simulator, client_id="", user="gateway", password=Secret("a-password"))
    assert "Turkey Standard Time" in fault.text
