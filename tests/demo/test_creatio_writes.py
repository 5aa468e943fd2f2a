"""What may be written, what comes back, and what is refused, each in every way that is known or feared."""

from dataclasses import replace
from typing import Any

import pytest

from gateway.demo.creatio.schema import Column, Edition
from gateway.demo.creatio.simulator import Simulator
from gateway.demo.creatio.switches import Switches
from tests.demo.creatio_client import EMAIL_ORIGIN, ZERO, Caller, an_id, signed_in

CASE = {"Subject": "Late order", "OriginId": EMAIL_ORIGIN}


def turn(simulator: Simulator, **positions: Any) -> None:
    simulator.switches = replace(simulator.switches, **positions)


async def test_a_new_row_comes_back_whole_and_nothing_in_it_is_null(caller: Caller) -> None:
    answer = await caller.ask("POST", "Case", json=CASE)
    row = answer.json()
    assert answer.status_code == 201
    assert answer.headers["odata-version"] == "4.0"
    assert answer.headers["location"].endswith(f"/0/odata/Case({row['Id']})")
    assert row["@odata.context"].endswith("$metadata#Case/$entity")
    assert (row["OwnerId"], row["Notes"], row["ClosureDate"]) == (ZERO, "", "0001-01-01T00:00:00Z")
    assert None not in row.values()


async def test_the_caller_may_choose_the_id(caller: Caller) -> None:
    chosen = an_id("case")
    assert (await caller.make("Case", Id=chosen, **CASE))["Id"] == chosen


@pytest.mark.parametrize("status", [500, 400, 409])
async def test_an_id_cannot_be_used_twice_and_nothing_is_overwritten(
    caller: Caller, simulator: Simulator, status: int
) -> None:
    turn(simulator, duplicate_id=str(status))
    chosen = an_id("case")
    await caller.make("Case", Id=chosen, **CASE)
    again = await caller.ask("POST", "Case", json=CASE | {"Id": chosen, "Subject": "Other"})
    assert again.status_code == status
    assert "23505: duplicate key" in again.json()["error"]["innererror"]["message"]
    assert [row["Subject"] for row in await caller.rows("Case", select="Subject")] == ["Late order"]


async def test_sql_server_has_other_words_for_a_duplicate(caller: Caller, simulator: Simulator) -> None:
    turn(simulator, database="sqlserver")
    await caller.make("Case", Id=an_id("case"), **CASE)
    again = await caller.ask("POST", "Case", json=CASE | {"Id": an_id("case")})
    assert "Violation of PRIMARY KEY constraint" in again.text


async def test_an_unknown_property_is_refused_and_nothing_is_made(caller: Caller) -> None:
    answer = await caller.ask("POST", "Case", json=CASE | {"UsrNope": "x"})
    error = answer.json()["error"]
    assert (answer.status_code, error["message"]) == (400, "The request is invalid.")
    assert "'UsrNope' does not exist on type 'Terrasoft.Configuration.OData.Case'" in error["innererror"]["message"]
    assert await caller.rows("Case", select="Id") == []


async def test_a_navigation_name_in_a_body_is_silently_left_out(caller: Caller) -> None:
    row = await caller.make("Case", Contact={"Id": an_id("nobody")}, **CASE)
    assert row["ContactId"] == ZERO


async def test_an_update_answers_nothing_and_changes_only_what_it_names(caller: Caller) -> None:
    case = await caller.a_case(Notes="kept")
    answer = await caller.ask("PATCH", f"Case({case['Id']})", json={"Subject": "New subject"})
    assert (answer.status_code, answer.content) == (204, b"")
    [row] = await caller.rows("Case", select="Subject,Notes")
    assert row == {"Subject": "New subject", "Notes": "kept"}


async def test_an_unknown_property_in_an_update_is_a_fault_or_silence_that_writes_nothing(
    caller: Caller, simulator: Simulator
) -> None:
    case = await caller.a_case()
    for position, status in (("fault", 400), ("silent", 204)):
        turn(simulator, unknown_patch=position)
        answer = await caller.ask("PATCH", f"Case({case['Id']})", json={"Subject": "Changed", "UsrNope": 1})
        assert answer.status_code == status
        assert [row["Subject"] for row in await caller.rows("Case", select="Subject")] == ["Late order"]


async def test_a_zero_guid_in_an_update_changes_nothing_and_null_clears(caller: Caller) -> None:
    contact = await caller.make("Contact", Name="Ada")
    case = await caller.a_case(ContactId=contact["Id"])
    path = f"Case({case['Id']})"
    await caller.ask("PATCH", path, json={"ContactId": ZERO})
    assert [row["ContactId"] for row in await caller.rows("Case", select="ContactId")] == [contact["Id"]]
    await caller.ask("PATCH", path, json={"ContactId": None})
    assert [row["ContactId"] for row in await caller.rows("Case", select="ContactId")] == [ZERO]


async def test_a_zero_guid_in_a_new_row_is_a_missing_row_or_nothing(caller: Caller, simulator: Simulator) -> None:
    refused = await caller.ask("POST", "Case", json=CASE | {"ContactId": ZERO})
    assert (refused.status_code, "23503" in refused.text) == (500, True)
    turn(simulator, zero_guid_post="empty")
    assert (await caller.a_case(ContactId=ZERO))["ContactId"] == ZERO


async def test_a_lookup_must_point_to_a_row(caller: Caller, simulator: Simulator) -> None:
    case = await caller.a_case()
    for method, path in (("POST", "Case"), ("PATCH", f"Case({case['Id']})")):
        turn(simulator, database="postgresql")
        refused = await caller.ask(method, path, json=CASE | {"OwnerId": an_id("nobody")})
        assert refused.status_code == 500
        assert refused.json()["error"]["innererror"]["type"] == "Npgsql.PostgresException"
        assert 'violates foreign key constraint "FKCaseOwnerId"' in refused.json()["error"]["innererror"]["message"]
        turn(simulator, database="sqlserver")
        refused = await caller.ask(method, path, json=CASE | {"OwnerId": an_id("nobody")})
        assert "conflicted with the FOREIGN KEY constraint" in refused.text
    assert len(await caller.rows("Case", select="Id")) == 1


@pytest.mark.parametrize("status", [500, 400])
async def test_text_longer_than_its_column_is_refused_not_cut(
    caller: Caller, simulator: Simulator, status: int
) -> None:
    turn(simulator, too_long=str(status))
    assert (await caller.a_case(Subject="x" * 500))["Subject"] == "x" * 500
    refused = await caller.ask("POST", "Case", json=CASE | {"Subject": "x" * 501})
    assert refused.status_code == status
    assert "22001: value too long for type character varying(500)" in refused.text
    assert (await caller.a_case(UsrOrderNumber="1" * 50))["UsrOrderNumber"] == "1" * 50
    assert (await caller.ask("POST", "Case", json=CASE | {"UsrOrderNumber": "1" * 51})).status_code == status


@pytest.mark.parametrize("status", [500, 400])
async def test_required_columns_are_required(caller: Caller, simulator: Simulator, status: int) -> None:
    turn(simulator, missing_required=str(status))
    for entity, name in (("Case", "Subject"), ("Contact", "Name"), ("Activity", "Title"), ("ActivityFile", "Name")):
        refused = await caller.ask("POST", entity, json={})
        assert refused.status_code == status
        assert f"{name} field must be filled in" in refused.text


async def test_a_tenant_can_make_its_own_column_mandatory() -> None:
    edition = Edition(added={"Case": (Column("UsrRegion", "ShortText"),)}, required={"Case": ("UsrRegion",)})
    async with signed_in(Simulator(edition=edition)) as caller:
        assert (await caller.ask("POST", "Case", json=CASE)).status_code == 500
        assert (await caller.make("Case", UsrRegion="North", **CASE))["UsrRegion"] == "North"


async def test_a_small_edition_lacks_the_service_columns() -> None:
    async with signed_in(Simulator(switches=Switches(edition="small"))) as caller:
        assert "SupportLevelId" not in await caller.a_case()
        assert (await caller.ask("POST", "Case", json=CASE | {"SupportLevelId": ZERO})).status_code == 400
        assert "SupportLevelId" not in (await caller.ask("GET", "Case/$metadata")).text


async def test_a_time_without_its_zone_is_refused_or_lost(caller: Caller, simulator: Simulator) -> None:
    case = await caller.a_case()
    refused = await caller.ask("PATCH", f"Case({case['Id']})", json={"RespondedOn": "2026-05-04T10:00:00.000"})
    assert (refused.status_code, refused.json()["error"]["message"]) == (400, "The request is invalid.")
    turn(simulator, zoneless_date="min_value")
    assert (await caller.a_case(RespondedOn="2026-05-04T10:00:00"))["RespondedOn"] == "0001-01-01T00:00:00Z"
    assert (await caller.a_case(RespondedOn="2026-05-04T12:00:00.5+02:00"))["RespondedOn"] == "2026-05-04T10:00:00.5Z"


@pytest.mark.parametrize("wrong", [{"ContactId": "not-a-guid"}, {"Subject": 7}, {"ResponseOverdue": "yes"}])
async def test_a_value_of_the_wrong_type_is_refused(caller: Caller, wrong: dict[str, Any]) -> None:
    assert (await caller.ask("POST", "Case", json=CASE | wrong)).status_code == 400


async def test_a_body_that_is_no_json_object_is_refused(caller: Caller) -> None:
    for body in (b"", b"[]", b"{"):
        assert (await caller.ask("POST", "Case", content=body)).status_code == 400


async def test_a_missing_row_is_not_there_to_read_and_perhaps_silent_to_write(
    caller: Caller, simulator: Simulator
) -> None:
    path = f"Case({an_id('nowhere')})"
    for position in ("json", "empty", "html"):
        turn(simulator, missing_get=position)
        assert (await caller.ask("GET", f"{path}?$select=Id")).status_code == 404
    for position in ("204", "404"):
        turn(simulator, missing_patch=position)
        for method in ("PATCH", "DELETE"):
            assert (await caller.ask(method, path, json={"Subject": "x"})).status_code == int(position)
    assert await caller.rows("Case", select="Id") == []


async def test_a_deleted_row_is_gone(caller: Caller) -> None:
    case = await caller.a_case()
    assert (await caller.ask("DELETE", f"Case({case['Id']})")).status_code == 204
    assert (await caller.ask("GET", f"Case({case['Id']})?$select=Id")).status_code == 404


async def test_system_tables_cannot_be_written(caller: Caller) -> None:
    assert (await caller.ask("POST", "SysSettings", json={"Name": "x", "Code": "x"})).status_code == 403


async def test_error_bodies_can_come_with_status_200(caller: Caller, simulator: Simulator) -> None:
    turn(simulator, error_status="200")
    answer = await caller.ask("POST", "Case", json=CASE | {"UsrNope": "x"})
    assert (answer.status_code, "error" in answer.json()) == (200, True)


async def test_the_satisfaction_of_a_customer_is_not_the_technical_users_to_set(caller: Caller) -> None:
    case = await caller.a_case()
    [level, *_] = await caller.rows("SatisfactionLevel", select="Id")
    refused = await caller.ask("PATCH", f"Case({case['Id']})", json={"SatisfactionLevelId": level["Id"]})
    assert (refused.status_code, "CanChangeCaseSatisfactionLevel" in refused.text) == (500, True)
    assert [row["SatisfactionLevelId"] for row in await caller.rows("Case", select="SatisfactionLevelId")] == [ZERO]


async def test_a_batch_stops_at_the_first_failure_unless_told_otherwise(caller: Caller) -> None:
    requests = [
        {"id": "1", "method": "POST", "url": "Contact", "body": {"Name": "Ada"}, "atomicityGroup": "a"},
        {"id": "2", "method": "POST", "url": "Contact", "body": {}},
        {"id": "2", "method": "GET", "url": "Contact?$select=Name&$filter=Name eq 'Ada'"},
    ]
    stopped = (await caller.ask("POST", "$batch", json={"requests": requests})).json()["responses"]
    assert [(each["id"], each["status"]) for each in stopped] == [("1", 201), ("2", 500)]
    assert stopped[0]["atomicityGroup"] != "a"
    through = await caller.ask("POST", "$batch", json={"requests": requests}, headers={"Prefer": "continue-on-error"})
    last = through.json()["responses"][-1]
    assert (last["status"], last["body"]["value"]) == (200, [{"Name": "Ada"}, {"Name": "Ada"}])


async def test_a_batch_has_at_most_a_hundred_requests(caller: Caller) -> None:
    requests = [{"id": str(n), "method": "GET", "url": "CaseStatus?$top=1"} for n in range(101)]
    assert (await caller.ask("POST", "$batch", json={"requests": requests[:100]})).status_code == 200
    assert (await caller.ask("POST", "$batch", json={"requests": requests})).status_code == 400
