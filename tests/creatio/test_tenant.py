"""What the adapter knows of a tenant: statuses by flags, AI fields, limits; and when it reads them again."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from gateway.config.settings import Field
from gateway.demo.creatio.faults import Fault
from gateway.demo.creatio.schema import Column, Edition, load_schema
from gateway.demo.creatio.simulator import Simulator
from gateway.demo.creatio.switches import Switches
from gateway.desk.case import CaseState, find_option
from gateway.errors import TryLater
from tests.creatio.tenancy import CASE, Tenancy, a_case, a_tenancy

OTHER = "33333333-1111-2222-3333-444444444444"
ORIGIN_EMAIL = "7f9e1f1e-f46b-1410-3492-0050ba5d6c38"
REOPENED = "f063ebbe-fdc6-4982-8431-d8cfa52fedcf"
HIGH = "8b700f24-f46b-1410-ee8c-0050ba5d6c38"


@pytest.mark.parametrize("lookups", ["shipped", "german", "changed"])
async def test_statuses_are_known_by_their_flags_whatever_their_names(lookups: Any) -> None:
    async with a_tenancy(Simulator(switches=Switches(lookups=lookups))) as there:
        tenant = await there.crm.tenant()
        for row in there.simulator.tenant.rows("CaseStatus"):
            state = tenant.state_of(str(row["Id"]))
            assert (state is CaseState.FINAL) == bool(row["IsFinal"])
            assert (state is CaseState.RESOLVED) == bool(row["IsResolved"] and not row["IsFinal"])
        assert tenant.reopened == REOPENED


async def test_a_tenant_without_the_shipped_status_reopens_into_its_own() -> None:
    async with a_tenancy(Simulator(switches=Switches(lookups="changed"))) as there:
        table = there.simulator.tenant.tables["CaseStatus"]
        for key in [key for key in table if str(key) == REOPENED]:
            del table[key]
        own = there.simulator.tenant.add_raw("CaseStatus", Name="Re-opened", IsFinal=False, IsResolved=False)
        assert (await there.crm.tenant()).reopened == str(own["Id"])


@pytest.mark.parametrize(("lookups", "answer"), [("shipped", "high "), ("german", "Hoch"), ("german", "High")])
async def test_an_option_is_found_by_its_own_and_by_its_shipped_name(lookups: Any, answer: str) -> None:
    async with a_tenancy(Simulator(switches=Switches(lookups=lookups))) as there:
        priority = (await there.crm.tenant()).fields[0]
        assert (priority.column, priority.type, find_option(answer, priority.options)) == (
            "PriorityId",
            "dropdown",
            HIGH,
        )


async def test_a_text_field_knows_its_length_and_columns_are_found_in_any_spelling() -> None:
    wanted = (Field("usrordernumber", "Order"), Field("UsrProductId", "Product", "dropdown"))
    async with a_tenancy(fields=wanted) as there:
        order, product = (await there.crm.tenant()).fields
        assert (order.column, order.length) == ("UsrOrderNumber", 50)
        assert (product.column, len(product.options)) == ("UsrProductId", 4)


async def test_a_field_that_cannot_be_filled_blocks_nothing() -> None:
    async with a_tenancy(fields=(Field("UsrNope", "Nope"), Field("RegisteredOn", "Time"))) as there:
        assert (await there.crm.tenant()).fields == ()
        await there.tell(a_case())


async def test_limits_of_files_are_the_tenants() -> None:
    async with a_tenancy() as there:
        there.simulator.tenant.set_setting("MaxFileSize", 3)
        there.simulator.tenant.set_setting("FileExtensionsDenyList", "exe, SVG")
        tenant = await there.crm.tenant()
        assert (tenant.max_file, tenant.refused_files) == (3 * 1024 * 1024, frozenset({"exe", "svg"}))


async def test_settings_that_may_not_be_read_have_the_vendors_defaults() -> None:
    async with a_tenancy() as there:
        there.simulator.deny("SysSettingsValue", "read")
        assert (await there.crm.tenant()).max_file == 10 * 1024 * 1024


async def test_what_is_known_is_kept_and_read_again_after_an_hour() -> None:
    async with a_tenancy() as there:
        await there.crm.tenant()
        await there.crm.tenant()
        assert reads(there) == 1
        there.clock.turn(timedelta(seconds=3601))
        await there.crm.tenant()
        assert reads(there) == 2


async def test_after_an_outage_the_model_is_read_first() -> None:
    async with a_tenancy() as there:
        await there.crm.tenant()
        there.simulator.faults.next(Fault.ERROR_503)
        with pytest.raises(TryLater):
            await there.crm.read_case(CASE)
        begin = len(there.simulator.traffic.calls)
        await there.crm.read_case(CASE)
        assert there.simulator.traffic.calls[begin].path.endswith("/Case/$metadata")


async def test_a_refused_row_has_the_tenant_read_again() -> None:
    async with a_tenancy() as there:
        await there.crm.tenant()
        await there.refused(a_case(owner="11111111-1111-1111-1111-111111111111"))
        await there.crm.tenant()
        assert reads(there) == 2


async def test_columns_that_an_edition_lacks_are_left_out() -> None:
    edition = Edition(left_out={"Activity": ("ServiceProcessed",), "Case": ("ParentCaseId",)})
    async with a_tenancy(Simulator(edition=edition), fields=()) as there:
        parent = "22222222-2222-2222-2222-222222222222"
        done = await there.tell(a_case(parent=parent))
        assert done.facts["lacking"] == ["ParentCaseId"]


async def test_a_mandatory_column_that_nobody_fills_is_named() -> None:
    edition = Edition(added={"Case": (Column("UsrRegion", "ShortText"),)}, required={"Case": ("UsrRegion",)})
    async with a_tenancy(Simulator(edition=edition), fields=()) as there:
        refused = await there.refused(a_case())
        assert refused.sure
        assert "UsrRegion" in refused.why.partition("mandatory")[2]


async def test_a_column_made_mandatory_while_we_work_is_named_by_the_first_refusal() -> None:
    added: dict[str, tuple[Column, ...]] = {"Case": (Column("UsrRegion", "ShortText"),)}
    async with a_tenancy(Simulator(edition=Edition(added=added)), fields=()) as there:
        await there.tell(a_case())
        tenant = there.simulator.tenant
        before, tenant.schema = tenant.schema, load_schema(Edition(added=added, required={"Case": ("UsrRegion",)}))
        refused = await there.refused(a_case(id=OTHER))
        assert "UsrRegion" in refused.why.partition("mandatory")[2]
        tenant.schema = before
        await there.tell(a_case(id=OTHER))


async def test_a_shipped_row_that_a_tenant_deleted_is_not_pointed_to() -> None:
    async with a_tenancy() as there:
        del there.simulator.tenant.tables["CaseOrigin"][UUID(ORIGIN_EMAIL)]
        await there.tell(a_case())
        assert there.row("Case", CASE)["Subject"] == "Late order"


async def test_an_older_version_without_the_flag_for_paused_is_understood() -> None:
    edition = Edition(left_out={"CaseStatus": ("IsPaused",)})
    async with a_tenancy(Simulator(edition=edition)) as there:
        assert {one.state for one in (await there.crm.tenant()).statuses} >= {CaseState.FINAL, CaseState.RESOLVED}


async def test_while_odata_is_rebuilt_everything_waits() -> None:
    async with a_tenancy() as there:
        there.simulator.faults.next(
            Fault.NO_CONTROLLER_404, when=lambda call: call.path.startswith("/0/odata"), times=2
        )
        for _ in range(2):
            with pytest.raises(TryLater) as caught:
                await there.crm.tenant()
            assert caught.value.partner_down
        await there.known()


def reads(there: Tenancy) -> int:
    return there.simulator.traffic.count(having=lambda call: call.path.endswith("/Case/$metadata"))
